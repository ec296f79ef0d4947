"""What cases are made from: real files, odd values, and ways to break them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.case import Pieces, whole
from tests.report.hostile import MARKS, TEXTS

DEEPEST, WIDEST = 14, 400
ROOT = Path(__file__).parents[2]
NUMBERS = (
    0, -1, 1, 2, 256, 2**31, 2**32, 2**53, 2**63, 2**64, 10**18, 10**30, 10**400, 1e308, -1e308, 5e-324, 1e-9, 1e-30,
    1e30, 0.1, -0.0,
)  # fmt: skip
WORDS = (
    "", "x", "1", "\ud800", "\x00", "é₂😀", "<script>", "]]>", "a" * 5000, "0" * 4301, "2026-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "-1", "1e999", "nan", "../../etc/passwd", "C:\\x", "%s%n",
)  # fmt: skip


@cache
def deep(depth: int) -> Any:
    """Lists in lists."""
    found: Any = []
    for _ in range(depth):
        found = [found]
    return found


SHAPES = ([], {}, [[]], [None], {"a": None}, [0] * 12_000, {"": {"": {}}}, deep(60), deep(700))
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from((*NUMBERS, *WORDS, *MARKS)),
    st.sampled_from(SHAPES),
    st.integers(),
    st.floats(),
    TEXTS,
)
BOMBS: tuple[tuple[str, str, str], ...] = (
    ("[", "[],", "[]]"), ("[", "{},", "{}]"), ("[", '{"":0},', "0]"), ("", "[", ""), ("", '{"a":', ""), ("[", "0,",
    "0]"),
    ("[", '"ab",', '""]'), ("{", '"a":0,', '"b":0}'), ("", "9", ""), ("[", "1e5,", "0]"), ("", " ", ""), ("", "\n", ""),
    ('"', "\\u0000", '"'), ("[", "99999999999999999999,", "0]"),
)  # fmt: skip
"""Before, what is repeated, and after."""
TIMES = st.sampled_from((3, 60, 999, 1001, 20_000, 400_000, 3_000_000))
HIGHEST_BYTES = 40 << 20


@st.composite
def bombs(draw: st.DrawFn, before: str = "", after: str = "") -> Pieces:
    """A file that is small to write and large to read."""
    first, part, last = draw(st.sampled_from(BOMBS))
    times = min(draw(TIMES), HIGHEST_BYTES // len(part))
    return [[before + first, 1], [part, times], [last + after, 1]]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of values in a document: all of a real one, some of one that was made to be large."""
    yield path
    if len(path) < DEEPEST:
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, item in islice(items, WIDEST):
            yield from places(item, (*path, key))


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The document with this value at this place; the rest is shared."""
    return _with(document, path, lambda inner, key: inner.__setitem__(key, value)) if path else value


def _with(document: Any, path: tuple[Any, ...], edit: Callable[[Any, Any], None]) -> Any:
    copy = document.copy()
    if len(path) == 1:
        edit(copy, path[0])
    else:
        copy[path[0]] = _with(document[path[0]], path[1:], edit)
    return copy


@st.composite
def mutants(draw: st.DrawFn, document: Any, *, most: int = 4) -> Any:
    """The document with some values that are odd, gone, or another's."""
    for _ in range(draw(st.integers(1, most))):
        every = list(places(document))
        path = draw(st.sampled_from(every))
        how = draw(st.sampled_from(("odd", "odd", "odd", "other", "gone", "more")))
        if how == "gone" and path:
            document = _with(document, path, lambda inner, key: inner.pop(key))
        elif how == "more" and path and isinstance(path[-1], int):
            times = draw(st.sampled_from((2, 200, 12_000)))
            document = _with(document, path, partial(_repeated, times=times))
        else:
            value = _at(document, draw(st.sampled_from(every))) if how == "other" else draw(ODD)
            document = changed(document, path, value)
    return document


def _at(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


def _repeated(items: Any, index: int, times: int) -> None:
    items[index:index] = [items[index]] * (times if len(items) < WIDEST else 1)


@st.composite
def broken(draw: st.DrawFn, data: bytes) -> bytes:
    """Bytes with parts that are gone, doubled, or somebody's."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + draw(st.sampled_from((0, 1, 9, 400, 10**9))))))
        part = draw(st.one_of(st.binary(max_size=12), st.just(b""), st.just(data[start:end] * 2), st.sampled_from(RAW)))
        data = data[:start] + part + data[end:]
    return data


RAW = (
    *(mark.encode("utf-8", "surrogatepass") for mark in MARKS),
    b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r", b'"', b"{", b"[", b"}", b"]", b",", b":", b"NaN",
    b"-Infinity",
    b"1e999", b"9" * 4301, b"9" * 400, b"null", b"true", b"\\ud800", b"\\u0000",
)  # fmt: skip


def dumps(document: Any) -> Pieces:
    """A document as a file; what is no JSON by the standard stays in it."""
    return whole(json.dumps(document))


@cache
def footprints() -> tuple[Any, ...]:
    """Real documents: a job, one in which everything is filled, and several jobs in one."""
    from reporter.export import json as codec
    from tests.report.test_hostile import sample

    real = json.loads((ROOT / "examples/footprints/train.json").read_text())
    full = json.loads(codec.dumps(codec.encode(sample())))
    return real, full, {"schema": 1, "jobs": [real, full], "total": {"verdict": full["verdict"]}}


@cache
def recording() -> tuple[Any, ...]:
    """The lines of a real recording, some of its samples left out."""
    lines = (ROOT / "examples/recordings/gpu.jsonl").read_text().splitlines()
    documents = [json.loads(line) for line in lines]
    samples = [document for document in documents if "s" in document]
    return tuple(document for document in documents if "s" not in document or document in samples[::12])


@cache
def events() -> tuple[tuple[str, Any], ...]:
    """GitHub's own payloads."""
    found = sorted((ROOT / "tests/data/events").glob("*.json"))
    return tuple((path.stem, json.loads(path.read_text())) for path in found)


@cache
def history() -> bytes:
    """A file of history."""
    from reporter.history.shard import additions
    from reporter.history.shard import dumps as lines
    from tests.factories_history import many

    return lines(additions(many(12, jobs=3), ()))


def lines_of(documents: Any) -> Pieces:
    """JSON lines."""
    return whole("".join(json.dumps(document) + "\n" for document in documents))
