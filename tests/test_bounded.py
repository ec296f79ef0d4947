"""JSON from outside is counted before it is parsed, and is no deeper than anything of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter import bounded

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSON)
def test_what_is_small_is_read_as_it_is(document: Any) -> None:
    text = json.dumps(document)

    assert bounded.parse(text) == bounded.parse(text.encode()) == document


@given(JSON)
def test_no_document_has_more_values_than_are_counted(document: Any) -> None:
    def values(of: Any) -> int:
        inner = of.values() if isinstance(of, dict) else of if isinstance(of, list) else ()
        return 1 + sum(map(values, inner))

    text = json.dumps(document)

    # Each value but the first follows an opening bracket or a comma; so does a list or an object without any.
    bounded.check(text, most_values=2 * values(document))
    with pytest.raises(ValueError, match="values"):
        bounded.check(json.dumps([document] * 9), most_values=8)


@pytest.mark.parametrize("part", ["[],", "{},", '{"":0},'])
def test_too_many_objects_are_not_parsed(part: str) -> None:
    with pytest.raises(ValueError, match="more than 250,000 objects and lists"):
        bounded.parse("[" + part * 250_001 + "0]")


def test_too_many_numbers_are_not_parsed() -> None:
    with pytest.raises(ValueError, match="more than 1,000,000 values"):
        bounded.parse("[" + "0," * 1_000_001 + "0]")


@pytest.mark.parametrize("text", ["[" * 70_000, '\\" [ , { \\', '","' * 9, "\\\\" * 9 + '","'])
def test_signs_within_texts_are_no_values(text: str) -> None:
    document = {"body": text * 20}

    assert bounded.parse(json.dumps(document), most_objects=1, most_values=2) == document
    assert bounded.parse(json.dumps(document).encode(), most_objects=1, most_values=2) == document


@pytest.mark.parametrize(("depth", "is_read"), [(61, True), (62, False), (900, False), (100_000, False)])
@pytest.mark.parametrize(("before", "after"), [("[", "]"), ('{"a":', "}")])
def test_a_document_is_so_deep_and_no_deeper(depth: int, is_read: bool, before: str, after: str) -> None:
    text = before * depth + ("1" if after == "}" else "") + after * depth

    if is_read:
        assert bounded.parse(text)
    else:
        with pytest.raises(ValueError, match="nested more than 60 deep"):
            bounded.parse(text)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a":-Infinity}', "", "[1", "1 2"])
def test_what_is_no_json_by_the_standard_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"number|Expecting|Extra"):
        bounded.parse(text)
