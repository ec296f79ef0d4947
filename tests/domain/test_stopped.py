"""A job that its budget has ended passes nothing that is about whole jobs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reporter.domain.budget import Budget, Metric, Outcome
from reporter.domain.footprint import judged
from reporter.domain.judgement import judge
from reporter.domain.observation import NOTHING, Bounded, Increase, Observation
from reporter.domain.stopped import Stopped, stopped_by, stopped_flag
from tests.factories_footprint import footprint
from tests.factories_footprint import grams as whole

STOPPED = Stopped(rule="50 g", why="projected 81 g")


def grams(limit: float, **changes: object) -> Budget:
    return Budget(**{"rule": f"{limit:g} g", "metric": Metric.EMISSIONS, "unit": "g", "limit": limit, **changes})  # type: ignore[arg-type]


def seen(value: float, stopped: Stopped | None = STOPPED) -> Observation:
    return Observation(
        energy=NOTHING,
        emissions=Bounded(value=value, low=value, high=value),
        work=(("sample", 10.0),),
        stopped=stopped,
    )


@pytest.mark.parametrize("stopped", [STOPPED, Stopped(rule="130 J/sample", why="spent"), Stopped("a: b", "c")])
def test_what_ended_a_job_survives_its_flag(stopped: Stopped) -> None:
    flag = stopped_flag(stopped)

    if ": " not in stopped.rule:
        assert stopped_by(("region-unknown", flag)) == stopped
    assert stopped_by((flag,)) is not None
    assert stopped_by(("region-unknown", "stop-not-heeded:5 s")) is None


@pytest.mark.parametrize(
    ("budget", "value", "outcome"),
    [
        (grams(50), 48.9, Outcome.FAIL),
        (grams(50), 51.0, Outcome.FAIL),
        (grams(100), 48.9, Outcome.UNKNOWN),
        (grams(40), 48.9, Outcome.FAIL),
        (grams(50, level="warn"), 48.9, Outcome.WARN),
        (grams(5, rule="5 g/sample", per_unit="sample"), 48.9, Outcome.PASS),
        (grams(5, per_unit="sample"), 51.0, Outcome.FAIL),
    ],
    ids=["below its budget", "above it", "another one", "a lower one", "one that warns", "work", "work above"],
)
def test_a_stopped_job_passes_no_limit_of_whole_jobs(budget: Budget, value: float, outcome: Outcome) -> None:
    assert judge((budget,), seen(value)).outcome is outcome


def test_the_reason_says_what_was_projected() -> None:
    own, other = judge((grams(50), grams(100)), seen(48.9)).findings

    assert own.why == "stopped: projected 81 g"
    assert other.why == "stopped at its budget of 50 g: projected 81 g"


def test_less_than_the_base_is_no_improvement_of_a_job_that_was_cut_short() -> None:
    increase = Budget(rule="+10%", metric=Metric.ENERGY, unit="%", limit=10.0)
    short = Observation(
        energy=NOTHING,
        emissions=NOTHING,
        increase=Increase(now_j=50.0, base_j=100.0, noise_j=1.0, runs=5),
        stopped=STOPPED,
    )

    assert judge((increase,), short).outcome is Outcome.UNKNOWN


def test_the_sum_of_jobs_of_which_one_was_stopped_is_not_known_to_be_within_a_limit() -> None:
    budget = grams(200, scope="total")

    assert judge((budget,), seen(48.9), seen(20, None)).outcome is Outcome.UNKNOWN
    assert judge((budget,), seen(48.9, None), seen(20, None)).outcome is Outcome.PASS


def test_a_footprint_is_judged_by_its_flag() -> None:
    limit = whole(1e9)
    flag = stopped_flag(Stopped(rule=limit.rule, why="projected 2e9 g"))
    cut = judged(replace(footprint(), flags=(flag,)), (limit,))

    assert judged(footprint(), (limit,)).verdict.outcome is Outcome.PASS
    assert cut.verdict.outcome is Outcome.FAIL
