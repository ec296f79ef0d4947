"""Whole reports, one file for each situation and face; `UPDATE_GOLDEN=1` writes them again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from reporter.report.render import Face, render
from reporter.report.view import report_view

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "report"
SITUATIONS = (
    "within_budget",
    "over_budget",
    "too_close_to_call",
    "gpu_not_read",
    "modelled_without_budget",
    "gpus_that_wait",
    "figures_beside",
    "three_jobs_one_failed",
    "worse_than_its_base",
    "better_than_its_base",
    "not_comparable_to_its_base",
    "twelve_jobs_against_their_base",
    "more_than_its_base_allows",
    "budget_of_a_month",
    "budget_of_a_pull_request",
    "quality_and_metering",
    "rules_without_history",
)
FACES = {Face.COMMENT: "comment.md", Face.SUMMARY: "summary.md", Face.TEXT: "console.txt", Face.HTML: "report.html"}


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.name.lower())
@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_report_reads_as_agreed(samples: Any, situation: str, face: Face) -> None:
    footprints, context = getattr(samples, situation)()
    golden = GOLDEN / f"{situation}.{FACES[face]}"

    text = render(report_view(footprints, context), face)

    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8"), (
        f"if the change is meant: UPDATE_GOLDEN=1 pytest {Path(__file__).name}"
    )


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.name.lower())
@pytest.mark.parametrize("situation", SITUATIONS)
def test_nothing_missing_reads_like_a_number_or_a_name(samples: Any, situation: str, face: Face) -> None:
    footprints, context = getattr(samples, situation)()

    text = render(report_view(footprints, context), face)

    assert not [word for word in ("None", "nan", "inf ", "Line(", "Span(", "undefined") if word in text]


@pytest.mark.parametrize(("situation", "most"), [("within_budget", 2500), ("modelled_without_budget", 2700)])
def test_a_comment_on_one_job_is_short(samples: Any, situation: str, most: int) -> None:
    footprints, context = getattr(samples, situation)()

    comment = render(report_view(footprints, context), Face.COMMENT)

    assert len(comment) <= most
