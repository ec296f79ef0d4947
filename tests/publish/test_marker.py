"""The hidden first line of a comment."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.publish.marker import Run, digest_of, key_of, mark, parse

SHA = "ec26c3e57ca3a959ca5aad62de7213c562f8c821"
RUN = Run(number=12, attempt=2, head_sha=SHA, run_id=987_654_321)


def test_a_marker_says_who_wrote_what() -> None:
    text = mark("### Report", key=key_of("train (a100)"), run=RUN)

    marker = parse(text)

    assert marker is not None
    assert marker.key == key_of("train (a100)")
    assert marker.run == RUN
    assert marker.digest == digest_of("### Report")
    assert text.endswith("-->\n### Report")


@given(comment_id=st.text(), body=st.text(), number=st.integers(0, 10**15), attempt=st.integers(0, 10**6))
def test_any_id_and_text_come_back(comment_id: str, body: str, number: int, attempt: int) -> None:
    run = Run(number=number, attempt=attempt, run_id=number)

    text = mark(body, key=key_of(comment_id), run=run)

    first_line, _, rest = text.partition("\n")
    assert rest == body
    inner = first_line.removeprefix("<!-- ").removesuffix(" -->")
    assert "--" not in inner
    assert not set(inner) & set("<>\n\r")
    marker = parse(text)
    assert marker is not None
    assert (marker.key, marker.run) == (key_of(comment_id), run)


@given(one=st.text(max_size=300), other=st.text(max_size=300))
def test_different_ids_have_different_keys(one: str, other: str) -> None:
    def as_utf8(text: str) -> bytes:
        return text.encode("utf-8", "replace")

    assert (key_of(one) == key_of(other)) == (as_utf8(one) == as_utf8(other))


def test_a_very_long_id_stays_short() -> None:
    assert len(key_of("x" * 10_000)) <= 200
    assert key_of("x" * 10_000) != key_of("x" * 10_001)


def test_a_head_that_is_no_commit_is_left_out() -> None:
    marker = parse(mark("text", key="k", run=Run(number=1, head_sha="--> <img src=x>")))

    assert marker is not None
    assert marker.run.head_sha is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no marker",
        "text first\n" + mark("body", key="k", run=RUN),
        mark("body", key="k", run=RUN).replace("emissions-reporter", "other-reporter"),
        mark("body", key="k", run=RUN).replace("run=987654321", "run=-1"),
        mark("body", key="k", run=RUN).replace("run=987654321", "run=" + "9" * 5000),
        mark("body", key="k", run=RUN).replace("number=12", "number=१२"),
        mark("body", key="k", run=RUN).replace("id=k", "id=" + "k" * 100_000),
        mark("body", key="k", run=RUN).replace(" body=", " corpus="),
        mark("body", key="k", run=RUN).replace(" -->", " --> <!-- -->"),
        "<!-- emissions-reporter -->",
    ],
)
def test_anything_else_is_no_marker(text: str) -> None:
    assert parse(text) is None


def test_a_web_edit_and_a_later_version_are_still_read() -> None:
    text = mark("body", key="k", run=RUN)

    assert parse(text.replace("\n", "\r\n")) == parse(text)
    later = parse(re.sub(r" v=1 (.*) -->", r" v=2 \1 team=blue -->", text))
    assert later is not None
    assert (later.version, later.key, later.run) == (2, "k", RUN)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (Run(number=1), Run(number=2)),
        (Run(number=2, attempt=1), Run(number=2, attempt=2)),
        (Run(number=9, attempt=3), Run(number=10, attempt=1)),
        (Run(number=5, run_id=100), Run(number=5, run_id=101)),
        (Run(number=900, run_id=100), Run(number=3, run_id=101)),  # another workflow counts for itself
    ],
)
def test_runs_are_ordered_by_time(older: Run, newer: Run) -> None:
    assert older.order < newer.order
