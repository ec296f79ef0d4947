"""Sections of one comment: what is written comes back, what was changed by hand does not pass, the later run stays."""

from __future__ import annotations

import itertools
import re
import zlib
from base64 import b64encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.publish.marker import Run
from reporter.publish.sections import (
    CLOSING,
    LONGEST_BODY,
    Section,
    holds,
    merged,
    newest_run,
    opening,
    packed,
    read_sections,
    section_body,
    section_key,
)

HEAD, OLD = "a" * 40, "b" * 40
RUN = Run(run_id=1001, number=11, attempt=1, head_sha=HEAD)
NAMES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=80) | st.just("\U0001f680" * 80)
FACTS = st.from_regex(r"[a-z0-9.~ +%(),\u202f-]{0,60}", fullmatch=True)


def section(name: str = "train (a100)", *, run: Run = RUN, facts: str = "pass~1", **more: object) -> Section:
    return Section(key=section_key(name), name=name, run=run, facts=facts, **more)  # type: ignore[arg-type]


def written(*sections: Section, newest: Run = RUN) -> str:
    """A comment as the template lays it out, without its first line."""
    return "### title\n\n" + "".join(
        f"<details><summary>x</summary>\n{opening(one, newest)}\n\n{one.body}\n{CLOSING}\n\n</details>\n\n"
        if one.body
        else f"{opening(one, newest)}\n"
        for one in sections
    )


def only(text: str) -> Section:
    (found,) = read_sections(text, RUN)
    return found


@given(name=NAMES, facts=FACTS, body=st.text(max_size=300), revision=st.integers(0, 99), other=st.booleans())
def test_what_is_written_comes_back(name: str, facts: str, body: str, revision: int, *, other: bool) -> None:
    run = replace(RUN, run_id=1000, number=10, attempt=3) if other else RUN
    mine = section(name, run=run, facts=facts, body=section_body(body), revision=revision)

    text = written(mine)

    assert only(text) == mine
    assert only(text.replace("\n", "\r\n")) == mine
    assert [line for line in opening(mine, RUN).splitlines() if line.endswith("-->")] == [opening(mine, RUN)]
    assert opening(mine, RUN).count("<") == opening(mine, RUN).count(">") == 1


def test_the_run_is_told_only_where_it_is_not_that_of_the_first_line() -> None:
    older = replace(RUN, attempt=2)

    assert " r=" not in opening(section(), RUN)
    assert f" r=1001.11.2.{HEAD} " in opening(section(run=older), RUN)


def test_a_shortened_name_is_still_the_same_section() -> None:
    whole = section("train (" + "x" * 70 + ")")

    cut = replace(whole, name="train (x…")

    assert only(written(cut)) == cut
    assert holds(read_sections(written(cut), RUN), [whole])


@pytest.mark.parametrize(
    "planted",
    [
        CLOSING,
        opening(section("other"), RUN),
        f"x\n{CLOSING}\n{opening(section('other'), RUN)}\n\nmine\n{CLOSING}",
        next(packed([opening(section("other"), RUN)])),
        "<!--  leg c=00000000 f= n=x -->",
    ],
)
def test_a_line_like_ours_in_a_job_s_own_text_is_no_section(planted: str) -> None:
    mine = section(body=section_body(f"before\n{planted}\nafter"))

    found = only(written(mine))

    assert found == mine
    assert found.body.startswith("before\n")
    assert found.body.endswith("\nafter")


@pytest.mark.parametrize("name", ["a --> b", "<!-- leg", 'x" n=y', "%2D%2D>", "@octocat #1", "=~=", "é 日本"])
def test_a_name_cannot_end_its_line(name: str) -> None:
    mine = section(name, body="text")

    assert only(written(mine)) == mine


@pytest.mark.parametrize(
    ("was", "by"),
    [
        ("pass~1", "pass~0"),
        (" n=train", " n=trick"),
        (" v=3", " v=4"),
        (" r=1001.11.2", " r=9999.11.2"),
        (" d=", " d=0"),
        ("c=", "c=x"),
        (" f=", " f=<b>"),
    ],
)
def test_a_line_that_was_changed_by_hand_keeps_its_name_alone(was: str, by: str) -> None:
    mine = section(run=replace(RUN, attempt=2), revision=3, body="text")
    text = written(mine).replace(was, by, 1)
    assert text != written(mine)

    found = only(text)

    assert not found.readable
    assert (found.body, found.facts) == ("", "")
    assert found.name in ("train (a100)", "trick (a100)")
    assert only(written(found)) == found  # and stays so, whoever writes the comment next


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("whole text", "other text"),
        lambda text: text.replace(CLOSING, ""),
        lambda text: text[: text.index("whole text") + 5],
        lambda text: text.replace("whole text", "whole text" * LONGEST_BODY),
    ],
)
def test_a_text_that_was_changed_or_cut_is_not_shown_but_the_figures_are(damage: object) -> None:
    mine = section(body="the whole text\nof this job")

    found = only(damage(written(mine)))  # type: ignore[operator]

    assert found == replace(mine, body="", body_lost=True)
    assert holds([found], [mine])
    assert only(written(found)) == found
    assert merged([found, mine]) == (mine,)


def test_what_is_cut_off_costs_what_is_cut_off_alone() -> None:
    three = [section(name, body=f"text of {name}") for name in "abc"]
    text = written(*three)

    found = read_sections(text[: text.index("text of c")], RUN)

    assert {one.name for one in found if one.body} == {"a", "b"}
    assert {one.name for one in found} == {"a", "b", "c"}


@given(lines=st.lists(st.sampled_from(written(section("a", body="x"), section("b")).splitlines()), max_size=12))
def test_no_shuffled_comment_is_more_than_a_comment(lines: list[str]) -> None:
    for found in read_sections("\n".join(lines), RUN):
        assert found.name in ("a", "b")
        assert found.body in ("", "x")


def test_packed_lines_come_back_and_a_broken_pack_says_nothing() -> None:
    many = [section(f"leg {index}", facts=f"pass~{index}") for index in range(120)]
    packs = list(packed([opening(one, RUN) for one in many]))
    bomb = b64encode(zlib.compress(b"<!-- leg " * 10_000_000)).decode()

    assert len(packs) == 3
    assert read_sections("\n".join(packs), RUN) == merged(many)
    assert len(read_sections("\n".join([packs[0], packs[1].replace("A", "B"), packs[2]]), RUN)) < 120
    for broken in ("<!-- legs -->", "<!-- legs AAAA -->", "<!-- legs é -->", f"<!-- legs {bomb} -->"):
        assert read_sections(broken, RUN) == ()


# -- which one stays


def test_the_later_run_and_the_later_text_of_a_run_stay() -> None:
    versions = [
        section(run=replace(RUN, run_id=900, number=9)),
        section(run=RUN),
        section(run=RUN, revision=1),
        section(run=replace(RUN, attempt=2)),
        section(run=replace(RUN, run_id=1002, number=12)),
    ]

    for before, after in itertools.pairwise(versions):
        assert merged([after, before]) == merged([before, after]) == (after,)


def test_anything_readable_stays_before_what_is_not() -> None:
    broken = replace(section(run=replace(RUN, run_id=5000)), readable=False, facts="")

    assert merged([broken, section()]) == (section(),)


def test_sections_of_an_older_commit_are_dropped_with_its_first_newer_one() -> None:
    old = Run(run_id=1000, number=10, attempt=7, head_sha=OLD)

    found = merged([section("a", run=old), section("b", run=old), section("c")])

    assert found == (section("c"),)
    assert newest_run(found) == RUN


def test_sections_of_earlier_runs_of_the_same_commit_stay() -> None:
    earlier = replace(RUN, run_id=990, number=8)

    assert len(merged([section("a", run=earlier), section("b")])) == 2


def test_where_the_commit_is_not_known_a_run_is_what_belongs_together() -> None:
    one, two = Run(run_id=1, number=1), Run(run_id=2, number=2)

    assert merged([section("a", run=one), section("b", run=one)]) != merged([section("b", run=one)])
    assert merged([section("a", run=one), section("b", run=two)]) == (section("b", run=two),)


SECTIONS = st.builds(
    lambda name, run, revision, body, readable: replace(
        section(name, run=run, revision=revision, body=body), readable=readable
    ),
    st.sampled_from("abcd"),
    st.builds(lambda number, attempt: Run(run_id=number, number=number, attempt=attempt, head_sha=HEAD),
              st.integers(1, 3), st.integers(1, 2)),
    st.integers(0, 1),
    st.sampled_from(["", "x", "y"]),
    st.booleans(),
)  # fmt: skip


@given(st.lists(SECTIONS, max_size=8), st.randoms())
def test_sections_of_a_commit_merge_in_any_order_and_grouping(sections: list[Section], random: object) -> None:
    shuffled = sections.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    middle = len(shuffled) // 2

    whole = merged(sections)

    assert merged(shuffled) == whole
    assert merged([*merged(shuffled[:middle]), *merged(shuffled[middle:])]) == whole
    assert merged(whole) == whole
    assert not re.search("<!--", "".join(one.body for one in whole))
