"""Budgets are judged on the interval that a repeat would give, and the worst finding wins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.budget import Budget, Metric, Outcome, Verdict, fails_build, too_close, worst
from reporter.domain.judgement import judge
from reporter.domain.observation import NOTHING, Bounded, Observation


def grams(limit: float, **changes: object) -> Budget:
    return Budget(**{"rule": f"{limit:g} g", "metric": Metric.EMISSIONS, "unit": "g", "limit": limit, **changes})  # type: ignore[arg-type]


def emitted(value: float, low: float, high: float, **changes: object) -> Observation:
    observed = {"energy": NOTHING, "emissions": Bounded(value=value, low=low, high=high), **changes}
    return Observation(**observed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("low", "value", "high", "outcome"),
    [
        (60.0, 61.2, 62.4, Outcome.FAIL),
        (49.0, 50.5, 52.0, Outcome.WARN),
        (50.0, 51.0, 52.0, Outcome.WARN),
        (48.0, 49.0, 50.0, Outcome.PASS),
        (10.0, 11.0, 12.0, Outcome.PASS),
        (50.0, 50.0, 50.0, Outcome.PASS),
        (50.1, 50.1, 50.1, Outcome.FAIL),
    ],
)
def test_a_rule_of_50_g_is_judged_on_the_interval(low: float, value: float, high: float, outcome: Outcome) -> None:
    verdict = judge((grams(50),), emitted(value, low, high))

    assert verdict.outcome is outcome


def test_an_interval_around_the_limit_is_too_close_to_call() -> None:
    finding = judge((grams(50),), emitted(50, 49, 51)).findings[0]

    assert too_close(finding)
    assert "too close to call" in finding.why


def test_what_was_not_measured_is_not_close_to_anything() -> None:
    finding = judge((grams(50),), Observation(energy=NOTHING, emissions=NOTHING)).findings[0]

    assert not too_close(finding)


def test_a_warning_level_warns_without_being_too_close() -> None:
    finding = judge((grams(50, warn_at_ratio=0.8),), emitted(41, 40, 42)).findings[0]

    assert finding.outcome is Outcome.WARN
    assert not too_close(finding)


def test_findings_are_in_the_unit_of_the_rule() -> None:
    budget = Budget(rule="0.2 kWh", metric=Metric.ENERGY, unit="kWh", limit=0.2)
    energy = Bounded(value=360_000, low=180_000, high=540_000)

    finding = judge((budget,), Observation(energy=energy, emissions=NOTHING)).findings[0]

    assert (finding.low, finding.observed, finding.high) == pytest.approx((0.05, 0.1, 0.15))
    assert finding.unit == "kWh"


def test_a_rule_per_unit_of_work_divides_by_the_count() -> None:
    budget = Budget(rule="130 J/sample", metric=Metric.ENERGY, unit="J", limit=130, per_unit="sample")
    energy = Bounded(value=6500, low=6400, high=6600)

    finding = judge((budget,), Observation(energy=energy, emissions=NOTHING, work=(("sample", 50),))).findings[0]

    assert finding.observed == pytest.approx(130)
    assert finding.outcome is Outcome.WARN
    assert finding.unit == "J/sample"


def test_a_rule_per_unit_of_work_that_nobody_counted_is_unknown() -> None:
    budget = Budget(rule="130 J/sample", metric=Metric.ENERGY, unit="J", limit=130, per_unit="sample")
    energy = Bounded(value=1, low=1, high=1)

    finding = judge((budget,), Observation(energy=energy, emissions=NOTHING)).findings[0]

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.observed is None


def test_nothing_measured_is_unknown_never_a_pass() -> None:
    verdict = judge((grams(50),), Observation(energy=NOTHING, emissions=NOTHING))

    assert verdict.outcome is Outcome.UNKNOWN


def test_an_unread_gpu_makes_the_verdict_unknown() -> None:
    verdict = judge((grams(50),), emitted(1, 1, 1, unread=("GPU 0",)))

    assert verdict.outcome is Outcome.UNKNOWN
    assert "GPU 0" in verdict.findings[0].why


def test_what_was_read_may_be_over_the_limit_already() -> None:
    verdict = judge((grams(50),), emitted(60, 59, 61, unread=("GPU 0",)))

    assert verdict.outcome is Outcome.FAIL


def test_no_budget_is_no_verdict() -> None:
    assert judge((), emitted(1, 1, 1)) == Verdict(outcome=Outcome.NONE)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN), Outcome.FAIL),
        ((Outcome.WARN, Outcome.UNKNOWN, Outcome.PASS), Outcome.UNKNOWN),
        ((Outcome.PASS, Outcome.WARN), Outcome.WARN),
        ((Outcome.PASS, Outcome.NOT_JUDGED), Outcome.PASS),
        ((Outcome.NOT_JUDGED, Outcome.NONE), Outcome.NOT_JUDGED),
        ((), Outcome.NONE),
    ],
)
def test_the_worst_finding_wins(outcomes: tuple[Outcome, ...], expected: Outcome) -> None:
    assert worst(outcomes) is expected


@pytest.mark.parametrize(
    ("observation", "keys", "fails"),
    [
        (emitted(60, 59, 61), {}, True),
        (emitted(50, 49, 51), {}, False),
        (emitted(50, 49, 51), {"on_borderline": "fail"}, True),
        (emitted(50, 49, 51), {"on_unknown": "fail"}, False),
        (emitted(1, 1, 1, unread=("x",)), {}, False),
        (emitted(1, 1, 1, unread=("x",)), {"on_unknown": "fail"}, True),
        (emitted(1, 1, 1), {"on_unknown": "fail", "on_borderline": "fail"}, False),
    ],
)
def test_the_two_keys_decide_only_the_exit_status(observation: Observation, keys: dict[str, str], fails: bool) -> None:
    verdict = judge((grams(50),), observation)

    assert fails_build(verdict, **keys) is fails


def test_a_finding_can_be_judged_again() -> None:
    budget = grams(50, warn_at_ratio=0.8, scope="total", origin="emissions.yml, line 4", per_unit="epoch")

    finding = judge((budget,), emitted(1, 1, 1, work=(("epoch", 2.0),))).findings[0]

    assert finding.budget == budget


@given(st.floats(0, 1e6), st.floats(0, 1e3), st.floats(0.01, 1e6), st.floats(0.01, 1))
def test_a_tighter_budget_never_passes_more(value: float, half: float, limit: float, tighter: float) -> None:
    observation = emitted(value, max(0.0, value - half), value + half)
    order = (Outcome.PASS, Outcome.WARN, Outcome.FAIL)

    loose = judge((grams(limit),), observation).outcome
    tight = judge((grams(limit * tighter),), observation).outcome

    assert order.index(tight) >= order.index(loose)
