"""The comment that legs share: made anew from a few figures each, short at any number of legs, nothing trusted."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.commands.account.assessment import Assessed
from reporter.commands.delivery.faces import Faces
from reporter.commands.delivery.section import composer, section_of
from reporter.domain.budget import Outcome
from reporter.domain.footprint import Footprint
from reporter.domain.total import total
from reporter.publish.marker import Run
from reporter.publish.sections import Section, merged, read_sections, section_key
from reporter.report.basis import Basis
from reporter.report.leg import Leg, leg_from, leg_text
from reporter.report.legs import NOT_READABLE, NamedLeg, legs_view
from reporter.report.prose import Line, name
from reporter.report.view import report_view
from tests.report.conftest import CONTEXT, carbon, gpu_job, hosted_job

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "report"
RUN = Run(run_id=19_000_000_000, number=345, attempt=1, head_sha="a" * 40)
ROOM = 59_800


def faces_of(job: Footprint) -> Faces:
    context = CONTEXT._replace(full_report=None)
    return Faces(Assessed((job,), total([job])), context, report_view([job], context), columns=100)


def section(job: Footprint) -> Section:
    return section_of(job.job.name, faces_of(job), RUN)


def comment(sections: Sequence[Section], room: int = ROOM) -> str:
    return composer(faces_of(hosted_job()))(sections, RUN, room)


def rows(text: str) -> list[str]:
    return [line for line in text.partition("<!-- leg ")[0].splitlines() if line.startswith("|")][2:]


def four_legs() -> list[Footprint]:
    return [
        gpu_job("train (a100, 3.12)", it_kwh=0.9, gpus=4, budgets=(carbon(300),)),
        gpu_job("train (h100, 3.12)", it_kwh=1.3, gpus=4, duration_s=1100, budgets=(carbon(300),)),
        gpu_job("train (h100, 3.13)", it_kwh=0.12, gpus=4, duration_s=95, exit_status=1, budgets=(carbon(300),)),
        hosted_job("lint"),
    ]


def test_the_comment_reads_as_agreed() -> None:
    golden = GOLDEN / "four_legs.comment.md"
    sections = [section(job) for job in four_legs()]

    text = comment(sections)

    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8"), "if the change is meant: UPDATE_GOLDEN=1 pytest"
    assert read_sections(text, RUN) == merged(sections)
    assert comment(read_sections(text, RUN)) == text


def test_what_is_over_budget_comes_first_then_what_changed_then_by_name() -> None:
    def leg(name: str, outcome: Outcome, *, changed: bool = False) -> NamedLeg:
        return NamedLeg(name, Leg(outcome, 1e6, 10.0, 8.0, 12.0, 0.5, Basis("measured"), changed=changed))

    legs = [
        leg("c", Outcome.PASS),
        leg("b", Outcome.PASS, changed=True),
        leg("a", Outcome.PASS),
        leg("d", Outcome.FAIL),
    ]
    view = legs_view([*legs, NamedLeg("e", None)], footer=Line())

    assert [row.name for row in view.jobs.rows] == ["d", "e", "b", "a", "c"]
    assert view.jobs.rows[1].basis == NOT_READABLE
    assert str(view.headline).startswith("At least ")
    assert view.jobs.total is not None
    assert view.jobs.total.name == "Total of 4 of 5 jobs"


@pytest.mark.parametrize(
    ("outcomes", "icon", "title"),
    [
        ("pass pass", "✅", "All 2 jobs within budget, 20.0 g CO₂e together"),
        ("pass", "✅", "1 job within budget, 10.0 g CO₂e"),
        ("pass none", "✅", "1 of 2 jobs within budget, 20.0 g CO₂e together"),
        ("none none", "ℹ️", "2 jobs: 556 Wh · 20.0 g CO₂e, no budget set"),
        ("pass warn", "⚠️", "1 of 2 jobs near the limit: leg 1 used 51 % of it"),
        ("fail pass fail", "❌", "2 of 3 jobs over budget: leg 2 used 52 % of it"),
        ("unknown pass", "❔", "1 of 2 jobs not judged: leg 0"),
        ("lost pass", "❔", "1 of 2 jobs not judged: leg 0"),
        ("lost", "❔", "1 job not judged: leg 0"),
    ],
)
def test_the_sentence_says_what_the_legs_say_together(outcomes: str, icon: str, title: str) -> None:
    legs = [
        NamedLeg(
            f"leg {place}",
            None if word == "lost" else Leg(Outcome(word), 1e6, 10.0, 8.0, 12.0, 0.5 + place / 100, Basis("measured")),
        )
        for place, word in enumerate(outcomes.split())
    ]

    view = legs_view(legs, footer=Line())

    assert (view.icon, str(view.title).replace("\u202f", " ")) == (icon, title)


def test_a_leg_s_row_is_the_row_of_its_own_comment() -> None:
    for job in four_legs():
        alone = report_view([job], CONTEXT).jobs.rows[0]
        (leg,) = read_sections(comment([section(job)]), RUN)
        (row,) = legs_view([NamedLeg(leg.name, leg_from(leg.facts))], footer=Line()).jobs.rows

        assert row._replace(icon="") == alone._replace(icon="")


# -- length


@pytest.mark.parametrize(
    "label",
    [
        "train {}",
        "train (a100, 3.12, seed {})",
        "integration (ubuntu-latest, torch 2.5, python 3.12, {})",
        "{:03} " + "@|_[`<" * 20,
    ],
)
@pytest.mark.parametrize(
    "make", [hosted_job, lambda name: gpu_job(name, it_kwh=3, budgets=(carbon(300),), exit_status=137)]
)
def test_three_hundred_legs_keep_every_row(label: str, make: Callable[[str], Footprint]) -> None:
    one = section(make("one"))
    labels = [label.format(index) for index in range(300)]
    sections = [replace(one, key=section_key(text), name=name(text)) for text in labels]

    text = comment(sections)

    assert len(text.encode()) <= ROOM
    assert len([row for row in text.splitlines() if row.startswith("|") and "Wh |" in row]) > 300
    again = read_sections(text, RUN)
    assert {one.key for one in again} == {one.key for one in sections}
    assert all(one.readable and leg_from(one.facts) for one in again)
    assert "not shown here" in text


def test_the_folds_of_what_is_well_and_long_are_left_out_first() -> None:
    jobs = [gpu_job(f"well {index}", budgets=(carbon(900),)) for index in range(40)]
    over = [gpu_job(f"over {index}", it_kwh=4, budgets=(carbon(300),)) for index in range(3)]

    text = comment([section(job) for job in (*jobs, *over, hosted_job("short"))])

    assert len(text.encode()) <= ROOM
    shown = {one.name for one in read_sections(text, RUN) if one.body}
    assert shown > {"over 0", "over 1", "over 2"}
    assert len(shown) < 44
    assert f"{44 - len(shown)} jobs are not shown here" in text.replace("The details of ", "")


def test_a_part_that_was_cut_short_says_so_in_its_fold() -> None:
    text = comment([section(job) for job in four_legs()])
    cut = text[: text.index("within", text.index("train (a100"))] if "within" in text else text[: len(text) // 2]

    again = comment(read_sections(cut, RUN))

    assert "It comes back when the job writes it again." in again


# -- figures read back


FIGURE = st.none() | st.floats(0, 1e15, allow_nan=False)


@given(
    outcome=st.sampled_from(Outcome), facility=FIGURE, grams=FIGURE, used=FIGURE,
    versus=st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), max_size=40),
    basis=st.builds(Basis, st.sampled_from(["measured", "modelled", "estimate", "none"]), st.none(),
                    st.integers(0, 9999), st.booleans(), st.integers(0, 255), st.booleans()),
    marks=st.tuples(st.booleans(), st.booleans(), st.booleans()),
)  # fmt: skip
def test_figures_come_back_to_a_digit_more_than_is_shown(
    outcome: Outcome, facility: float | None, grams: float | None, used: float | None, versus: str, basis: Basis,
    marks: tuple[bool, bool, bool],
) -> None:  # fmt: skip
    shown = name(versus, 40).replace("~", "-") if versus else ""
    leg = Leg(outcome, facility, grams, grams, grams, used, basis, 3, *marks, shown)

    found = leg_from(leg_text(leg))

    assert found is not None
    for field in ("facility_j", "gco2e", "used_ratio"):
        value = getattr(leg, field)
        assert getattr(found, field) == (None if value is None else pytest.approx(value, rel=0.005, abs=1e-99))
    same = ("outcome", "basis", "digits", "about", "partial", "changed", "versus")
    assert [getattr(found, field) for field in same] == [getattr(leg, field) for field in same]


GOOD = leg_text(Leg(Outcome.PASS, 1e6, 10.0, 8.0, 12.0, 0.5, Basis("measured")))


@pytest.mark.parametrize(
    "text",
    [
        "", "pass", GOOD + "\n", GOOD + "~x", GOOD.replace("pass", "good"), GOOD.replace("1e6", "-1e6"),
        GOOD.replace("1e6", "nan"), GOOD.replace("1e6", "inf"), GOOD.replace("1e6", "1e99"),
        GOOD.replace("1e6", "9" * 99), GOOD.replace("~8~12~", "~12~8~"), GOOD.replace("~3~", "~9~"),
        GOOD.replace("~m", "~z"), GOOD + "\x1b[31m", GOOD + "x" * 41, GOOD.replace("0.5", "٣"),
    ],
)  # fmt: skip
def test_anything_else_is_no_figures(text: str) -> None:
    assert leg_from(GOOD) is not None
    assert leg_from(text) is None


def test_nothing_that_is_read_back_is_markup(tmp_path: Any) -> None:
    hostile = "<img src=x onerror=alert(1)> @octocat | `x` <!-- leg -->"
    facts = leg_text(Leg(Outcome.FAIL, 1e6, 10.0, 8.0, 12.0, 0.5, Basis("measured"), versus=hostile[:40]))

    text = comment([Section(key="0" * 10, name=hostile, run=RUN, facts=facts)])

    visible = "\n".join(line for line in text.splitlines() if not line.startswith("<!-- leg "))
    assert "<img" not in text
    assert "@octocat" not in text
    assert "<!--" not in visible
    assert all(row.count("|") == 7 for row in rows(text)[:1])
