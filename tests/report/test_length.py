"""However much there is to say, the comment and the summary fit, hold together, and end with the verdict and a link."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reporter.domain.footprint import Footprint
from reporter.domain.readings import Component, Phase, Unavailable
from reporter.publish.sticky import MAX_COMMENT_BYTES
from reporter.publish.workflow import MAX_SUMMARY_BYTES
from reporter.report.page import ReportView
from reporter.report.render import comment_bodies, summary_bodies
from reporter.report.soundness import fault
from reporter.report.view import report_view
from tests.report.conftest import CONTEXT, carbon, gpu_job
from tests.report.hostile import MARKS

ADDRESS = "https://github.com/octo-org/models/actions/runs/42"
WORST = "".join(MARKS)
"""Every mark: its escape is many times as long."""
TEXTS = st.sampled_from(("x", "表", "|", "@", WORST)).flatmap(
    lambda text: st.integers(1, 5000).map(lambda length: (text * length)[:length])
)


def extreme(jobs: int, texts: list[str], *, sources: int, phases: int, budgets: int, missing: int) -> ReportView:
    """Many jobs with much to say; every text is one of these."""
    word = itertools.cycle(texts).__next__
    unavailable = tuple(
        Unavailable(source=f"nvml:{word()}", reason=word(), remedy=word(), component=Component.GPU)
        for _ in range(sources)
    )
    marks = tuple(
        Phase(label=f"{index} {word()}", start_s=float(index), end_s=index + 1.0, energy_j=1.0)
        for index in range(phases)
    )
    limits = tuple(carbon(600 + index) for index in range(budgets))

    def job(index: int) -> Footprint:
        footprint = gpu_job(f"{index} {word()}", gpus=1, budgets=limits)
        meters = tuple(dataclasses.replace(meter, label=word()) for meter in footprint.meters)
        flags = tuple(f"reading-failed:{word()}" for _ in range(5))
        return dataclasses.replace(
            footprint, meters=meters, unavailable=unavailable, phases=marks or footprint.phases, flags=flags
        )

    absent, notices = tuple(word() for _ in range(missing)), tuple(texts * 30)
    return report_view([job(index) for index in range(jobs)], CONTEXT._replace(missing=absent, notices=notices))


def first_that_fits(bodies: Iterator[str], most_bytes: int) -> str:
    body = next((body for body in bodies if len(body.encode()) <= most_bytes), None)
    assert body is not None, "not even the shortest fits"
    return body


def assert_posted_whole(view: ReportView) -> None:
    comment = first_that_fits(comment_bodies(view), MAX_COMMENT_BYTES - 700)
    summary = first_that_fits(summary_bodies(view), MAX_SUMMARY_BYTES)

    for body in (comment, summary):
        assert fault(body) is None
        assert f"### {view.icon}" in body
        assert ADDRESS in body


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    jobs=st.integers(1, 60),
    texts=st.lists(TEXTS, min_size=1, max_size=4),
    sources=st.integers(0, 60),
    phases=st.integers(0, 60),
    budgets=st.integers(0, 40),
    missing=st.integers(0, 300),
)
@example(jobs=1, texts=[WORST], sources=500, phases=200, budgets=100, missing=0)
@example(jobs=30, texts=[WORST * 3], sources=500, phases=200, budgets=5, missing=300)
def test_whatever_there_is_to_say_fits(
    jobs: int, texts: list[str], sources: int, phases: int, budgets: int, missing: int
) -> None:
    assert_posted_whole(extreme(jobs, texts, sources=sources, phases=phases, budgets=budgets, missing=missing))


@pytest.mark.parametrize("jobs", [300, 1000])
def test_hundreds_of_jobs_with_long_hostile_names_fit(jobs: int) -> None:
    assert_posted_whole(extreme(jobs, [WORST * 3, "表" * 5000], sources=5, phases=5, budgets=2, missing=jobs))


def test_the_figures_stay_longer_than_charts_parts_and_sources() -> None:
    view = extreme(40, ["job " * 10], sources=3, phases=3, budgets=2, missing=0)
    bodies = list(comment_bodies(view))

    def last_with(words: str) -> int:
        return max((index for index, body in enumerate(bodies) if words in body), default=-1)

    assert last_with("Parts, phases, power") < last_with("How sure, how computed")
    assert last_with("How sure, how computed") <= last_with("| Job | Energy |") < last_with(f"### {view.icon}")
    assert last_with(f"### {view.icon}") == len(bodies) - 1


def test_a_shortened_comment_says_where_the_rest_is(samples: Any) -> None:
    view = report_view(*samples.three_hundred_jobs())

    shortened = list(comment_bodies(view))[1:]

    assert all("Shortened to fit; the whole report is in artifact <code>emissions</code>" in body for body in shortened)
