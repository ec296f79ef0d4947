"""Rules beyond a limit on one run: increases, sums over runs, quality, metering, scopes, levels."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.baseline import NO_RUN, baseline_of
from reporter.domain.budget import GRADES, Budget, Finding, Metric, Outcome, fails_build, too_close
from reporter.domain.comparison import LEAST_EFFECT_RATIO, comparison
from reporter.domain.footprint import Footprint, judged
from reporter.domain.judgement import judge
from reporter.domain.observation import NOTHING, Bounded, Increase, Observation, observation
from reporter.domain.run_record import record_of
from reporter.domain.spent import Spent
from tests.factories_footprint import IN_FRANCE, footprint, grams

ORDER = (Outcome.PASS, Outcome.WARN, Outcome.FAIL)


def increase(limit: float, **changes: Any) -> Budget:
    usual = {"rule": f"+{limit:g}%", "metric": Metric.ENERGY, "unit": "%", "limit": limit}
    return Budget(**{**usual, **changes})


def quality(letter: str, **changes: Any) -> Budget:
    limit = GRADES.index(letter) + 1.0
    return Budget(rule=f"quality {letter}", metric=Metric.QUALITY, unit="grade", limit=limit, **changes)


def measured(percent: float) -> Budget:
    return Budget(rule=f"measured {percent:g}%", metric=Metric.MEASURED, unit="%", limit=percent)


def monthly(limit_kg: float, **changes: Any) -> Budget:
    usual = {"rule": f"{limit_kg:g} kg/month", "metric": Metric.EMISSIONS, "unit": "kg", "limit": limit_kg}
    return Budget(**{**usual, "per": "month", "scope": "total", **changes})


def job(value: float | None = 1000.0, **changes: Any) -> Observation:
    """1 kg with 2 % of repeatability, in the middle of November."""
    seen = NOTHING if value is None else Bounded(value=value, low=0.98 * value, high=1.02 * value)
    usual = {"energy": seen, "emissions": seen, "job": "train", "started_at": "2026-11-16T00:00:00Z"}
    return Observation(**{**usual, **changes})


def more_by(percent: float, meters: float = 2.0, noise: float = 3.0, **changes: Any) -> Observation:
    """So many per cent over a base of 1 kJ, ± the meters' own; an unchanged job may be as far above as the noise."""
    grown = {"base_j": 1000.0, "now_j": 1000.0 + 10 * percent, "meters_j": 10 * meters, "noise_j": 10 * noise}
    return job(increase=Increase(**{**grown, "runs": 5, **changes}))


def spent(gco2e: float = 9000.0, **changes: Any) -> Spent:
    usual = {
        "per": "month", "energy_j": 0.0, "gco2e": gco2e, "runs": 9, "at": "2026-11-16T00:00:00Z",
        "since": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00Z",
    }  # fmt: skip
    return Spent(**{**usual, **changes})


def finding(budget: Budget, *jobs: Observation, ledger: tuple[Spent, ...] = ()) -> Finding:
    (found,) = judge((budget,), *jobs, ledger=ledger).findings
    return found


def based(now: Footprint, runs: list[Footprint]) -> Footprint:
    """The job with these runs as its base."""
    base = baseline_of([record_of(run) for run in runs], record_of(now), label="main")
    return dataclasses.replace(now, baseline=base)


def of(now: Footprint, budget: Budget) -> Finding:
    """What a rule finds of a footprint."""
    return judged(now, (budget,)).verdict.findings[0]


@pytest.mark.parametrize(
    ("percent", "noise", "outcome"),
    [
        (36.0, 35.0, Outcome.FAIL),
        (36.0, 36.0, Outcome.WARN),
        (12.1, 12.0, Outcome.FAIL),
        (12.1, 12.2, Outcome.WARN),
        (11.9, 3.0, Outcome.WARN),
        (8.1, 3.0, Outcome.WARN),
        (7.9, 3.0, Outcome.PASS),
        (7.9, 20.0, Outcome.PASS),
        (-30.0, 3.0, Outcome.PASS),
    ],
)
def test_an_increase_fails_only_beyond_the_limit_and_beyond_the_noise(
    percent: float, noise: float, outcome: Outcome
) -> None:
    found = finding(increase(10), more_by(percent, noise=noise))

    assert found.outcome is outcome
    assert (found.low, found.observed, found.high) == pytest.approx((percent - 2, percent, percent + 2))
    assert too_close(found) is (outcome is Outcome.WARN)
    assert (found.unit, found.runs, found.noise) == ("%", 5, pytest.approx(noise))


def test_an_increase_within_the_noise_says_so_and_how_many_runs_tell() -> None:
    found = finding(increase(10), more_by(36, noise=40.0))

    assert found.why == "over the limit, but too close to call: within the noise of 5 runs"
    assert fails_build(judge((increase(10),), more_by(36, noise=40.0)), on_borderline="fail")
    assert not fails_build(judge((increase(10),), more_by(36, noise=40.0)))


def test_less_than_one_per_cent_is_no_increase_however_fine_the_meters() -> None:
    assert finding(increase(0), more_by(0.9, 0.01, 0.01)).outcome is Outcome.PASS
    assert finding(increase(0), more_by(1.1, 0.01, 0.01)).outcome is Outcome.FAIL
    assert LEAST_EFFECT_RATIO == 0.01


def test_an_increase_is_judged_at_the_jobs_own_pue() -> None:
    """The same energy at the machine in a worse building is no increase."""
    then = footprint(3_600_000.0)
    worse = dataclasses.replace(IN_FRANCE, pue=dataclasses.replace(IN_FRANCE.pue, ratio=2.0))
    now = footprint(3_600_000.0, site=worse)

    assert of(based(now, [then]), increase(10)).observed == pytest.approx(0.0)


def test_an_increases_interval_and_noise_are_the_comparisons_own() -> None:
    now = based(footprint(4.4e6), [footprint(it_j) for it_j in (3.55e6, 3.6e6, 3.66e6)])
    found = judged(now, (increase(10),)).verdict.findings[0]
    compared = comparison(now)

    assert compared is not None
    assert found.observed == pytest.approx(100 * (4.4 / 3.6 - 1))
    assert found.noise == pytest.approx(100 * compared.noise_j / 3.6e6)
    assert found.high is not None
    assert found.high - (found.observed or 0) == pytest.approx(100 * compared.meters_j / 3.6e6)


@pytest.mark.parametrize(
    ("increased", "why"),
    [
        (None, "no history: set `history`"),
        (Increase(runs=0, why_not=f"no baseline: {NO_RUN}"), "no baseline: no run of this job"),
        (Increase(runs=0, why_not="not comparable: 4 × A100 now"), "not comparable: 4 × A100 now"),
        (Increase(base_j=1.0, now_j=9.0, runs=2), "not enough history (2 of 3)"),
        (Increase(base_j=0.0, now_j=9.0, runs=3), "took no energy"),
    ],
)
def test_without_a_base_an_increase_is_not_judged_and_says_why(increased: Increase | None, why: str) -> None:
    found = finding(increase(10, min_runs=3), job(increase=increased))

    assert found.outcome is Outcome.NOT_JUDGED
    assert why in found.why
    assert (found.observed, found.low, found.high) == (None, None, None)


def test_a_base_named_by_hand_may_be_one_run() -> None:
    assert finding(increase(10), more_by(36, runs=1)).outcome is Outcome.FAIL


def test_what_was_not_read_makes_an_increase_unknown() -> None:
    blind = dataclasses.replace(more_by(36), unread=("GPU 0",))

    assert finding(increase(10), blind).outcome is Outcome.UNKNOWN


def test_an_increase_is_over_the_footprints_base() -> None:
    then, now = footprint(3_600_000.0), footprint(7_200_000.0)

    assert of(based(now, [then]), increase(10)).observed == pytest.approx(100.0)
    assert of(based(now, []), increase(10)).why == f"no baseline: {NO_RUN}"


def test_an_increase_of_several_jobs_is_one_and_their_noise_adds_as_squares() -> None:
    found = finding(increase(10, scope="total"), more_by(10, 3.0, 6.0, runs=4), more_by(30, 4.0, 8.0))

    assert found.observed == pytest.approx(20.0)
    assert found.high == pytest.approx(20.0 + 2.5)
    assert found.noise == pytest.approx(5.0)
    assert found.runs == 4


def test_what_was_spent_before_counts_in_and_only_the_jobs_may_come_out_otherwise() -> None:
    found = finding(monthly(20), job(), job(), ledger=(spent(retries=2, failed=1),))

    assert (found.low, found.observed, found.high) == pytest.approx((10.96, 11.0, 11.04))
    assert (found.runs, found.retries, found.failed) == (11, 2, 1)
    assert found.outcome is Outcome.PASS
    assert "11 runs this month, 2 of them tried again, 1 of them did not end well" in found.why


@pytest.mark.parametrize(
    ("limit_kg", "outcome"),
    [(9.97, Outcome.FAIL), (10.01, Outcome.WARN), (10.02, Outcome.PASS), (12.6, Outcome.PASS)],
)
def test_a_sum_is_judged_like_a_limit(limit_kg: float, outcome: Outcome) -> None:
    assert finding(monthly(limit_kg), job(), ledger=(spent(),)).outcome is outcome


def test_a_sums_warning_comes_from_its_share_on() -> None:
    assert finding(monthly(12, warn_at_ratio=0.8), job(), ledger=(spent(),)).outcome is Outcome.WARN


def test_energy_is_summed_as_emissions_are() -> None:
    rule = monthly(2, metric=Metric.ENERGY, unit="kJ", rule="2 kJ/month")

    assert finding(rule, job(), ledger=(spent(energy_j=500.0),)).observed == pytest.approx(1.5)


def test_the_pace_says_how_much_a_day_and_when_it_will_be_spent() -> None:
    """10 kg in 15 days: two thirds of a kilogram a day, 16 kg after 24 days."""
    found = finding(monthly(16), job(), ledger=(spent(),))

    assert found.daily == pytest.approx(10 / 15)
    assert found.spent_at == "2026-11-25T00:00:00Z"
    assert "spent by 2026-11-25 at this pace" in found.why


@pytest.mark.parametrize(("limit_kg", "daily"), [(21.0, True), (9.0, True)])
def test_a_limit_that_holds_or_is_over_has_no_day_ahead(limit_kg: float, daily: bool) -> None:
    found = finding(monthly(limit_kg), job(), ledger=(spent(),))

    assert found.spent_at is None
    assert (found.daily is not None) is daily


def test_too_early_in_the_period_there_is_no_pace() -> None:
    found = finding(monthly(16), job(started_at="2026-11-02T00:00:00Z"), ledger=(spent(at="2026-11-02T00:00:00Z"),))

    assert (found.daily, found.spent_at) == (None, None)


def test_jobs_of_another_month_are_not_part_of_this_one() -> None:
    found = finding(monthly(20), job(), job(started_at="2026-10-31T23:59:59Z"), ledger=(spent(),))

    assert (found.observed, found.runs) == (pytest.approx(10.0), 10)


def test_without_history_a_sum_is_not_judged_unless_the_jobs_alone_are_over() -> None:
    rules = (monthly(20), monthly(0.5))

    assert [row.outcome for row in judge(rules, job()).findings] == [Outcome.NOT_JUDGED, Outcome.FAIL]
    assert finding(monthly(20), job()).why == "no history: set `history` to `branch` or `file:PATH`"
    assert finding(monthly(20), job()).observed is None


def test_a_part_that_is_not_known_makes_a_sum_unknown_unless_the_rest_is_over() -> None:
    ledger = (spent(unknown=2),)

    assert finding(monthly(20), job(), ledger=ledger).outcome is Outcome.UNKNOWN
    assert "2 earlier runs" in finding(monthly(20), job(), ledger=ledger).why
    assert finding(monthly(9), job(), ledger=ledger).outcome is Outcome.FAIL
    assert finding(monthly(20), job(None), ledger=(spent(),)).outcome is Outcome.UNKNOWN
    assert finding(monthly(8), job(None), ledger=(spent(),)).outcome is Outcome.FAIL
    assert finding(monthly(20), job(), job(unread=("GPU 0",)), ledger=(spent(),)).outcome is Outcome.UNKNOWN


def test_a_rule_for_pull_requests_is_not_judged_elsewhere() -> None:
    rule = monthly(0.1, per="pull-request")

    assert finding(rule, job()).why == "this is no pull request"
    assert finding(rule, job(pull_request=7)).outcome is Outcome.FAIL


def test_a_footprint_is_judged_with_its_own_ledger() -> None:
    kept = dataclasses.replace(footprint(started_at="2026-11-16T00:00:00Z"), ledger=(spent(100.0),))

    assert of(kept, monthly(1)).observed == pytest.approx(0.1464, rel=1e-3)


@pytest.mark.parametrize(
    ("letter", "outcome"), list(zip("ABCD", [*[Outcome.PASS] * 2, *[Outcome.FAIL] * 2], strict=True))
)
def test_a_letter_is_at_least_the_one_asked_for(letter: str, outcome: Outcome) -> None:
    found = finding(quality("B"), job(quality=letter))

    assert found.outcome is outcome
    assert f"quality {letter}, at least B" in found.why


def test_of_several_jobs_the_worst_letter_counts() -> None:
    assert finding(quality("B", scope="total"), job(quality="A"), job(quality="C")).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("metered_j", "unread", "outcome"),
    [
        (900.0, (), Outcome.PASS),
        (899.0, (), Outcome.FAIL),
        (950.0, ("GPU 0",), Outcome.UNKNOWN),
        (800.0, ("GPU 0",), Outcome.FAIL),
        (None, (), Outcome.UNKNOWN),
    ],
)
def test_so_much_must_be_metered(metered_j: float | None, unread: tuple[str, ...], outcome: Outcome) -> None:
    assert finding(measured(90), job(it_j=1000.0, metered_j=metered_j, unread=unread)).outcome is outcome


def test_what_is_metered_is_weighed_by_energy() -> None:
    found = finding(measured(90), job(it_j=3000.0, metered_j=3000.0), job(it_j=1000.0, metered_j=0.0))

    assert found.observed == pytest.approx(75.0)


def test_a_footprint_tells_its_quality_and_what_was_metered() -> None:
    assert of(footprint(), quality("B")).outcome is Outcome.PASS
    assert of(footprint(), measured(100)).outcome is Outcome.PASS
    assert of(footprint(None), measured(1)).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("scopes", "judged_at_all"),
    [
        ({"jobs": ("train*",)}, True),
        ({"jobs": ("eval", "tr?in")}, True),
        ({"jobs": ("eval",)}, False),
        ({"branches": ("main",)}, False),
        ({"branches": ("feature/*",), "runners": ("gpu-*",)}, True),
        ({"branches": ("feature/*",), "runners": ("cpu-*",)}, False),
    ],
)
def test_a_rule_about_other_jobs_is_left_out(scopes: dict[str, tuple[str, ...]], judged_at_all: bool) -> None:
    seen = job(branch="feature/x", runner="gpu-1")

    assert bool(judge((grams(50, **scopes),), seen).findings) is judged_at_all


def test_a_name_that_is_not_known_is_told() -> None:
    found = finding(grams(50, branches=("main",)), job())

    assert (found.outcome, found.why) == (Outcome.NOT_JUDGED, "the branch is not known")
    assert not judge((grams(50, branches=("main",), jobs=("eval",)),), job()).findings


def test_a_sum_of_some_jobs_is_of_those_alone() -> None:
    rule = grams(5000, jobs=("train*",), scope="total")

    assert finding(rule, job(job="train a"), job(job="train b"), job(job="lint")).observed == pytest.approx(2000.0)


def test_a_rule_that_only_warns_never_fails_a_build() -> None:
    rules = (grams(500, level="warn"), quality("A", level="warn"), grams(1010, level="warn"))
    verdict = judge(rules, job(quality="B"))
    blind = judge((grams(5000, level="warn"),), job(unread=("GPU 0",)))

    assert [row.outcome for row in verdict.findings] == [Outcome.WARN] * 3
    assert "this rule only warns" in verdict.findings[0].why
    assert [too_close(row) for row in verdict.findings] == [False, False, True]
    assert not fails_build(verdict, on_unknown="fail", on_borderline="fail")
    assert blind.outcome is Outcome.UNKNOWN
    assert not fails_build(blind, on_unknown="fail")


RULES = st.sampled_from(
    [
        grams(900), grams(1000), grams(1100, warn_at_ratio=0.8), grams(500, level="warn"), grams(10, jobs=("eval",)),
        increase(10), increase(0), monthly(5), monthly(20), quality("B"), quality("D"), measured(90), measured(10),
    ]
)  # fmt: skip
JOBS = st.builds(
    lambda value, percent, noise, letter, metered: dataclasses.replace(
        more_by(percent, noise), emissions=job(value).emissions, quality=letter, it_j=100.0, metered_j=metered
    ),
    st.floats(1.0, 2000.0), st.floats(-50, 100), st.floats(0, 30), st.sampled_from(GRADES), st.floats(0, 100),
)  # fmt: skip


@given(st.lists(RULES, max_size=8), JOBS, st.randoms())
def test_the_order_of_rules_does_not_matter(rules: list[Budget], seen: Observation, order: Any) -> None:
    mixed = order.sample(rules, len(rules))
    first, second = (judge(each, seen, ledger=(spent(),)) for each in (rules, mixed))

    assert first.outcome is second.outcome
    assert set(first.findings) == set(second.findings)


@given(st.lists(RULES, min_size=1, max_size=8), JOBS, RULES)
def test_a_rule_that_passes_changes_nothing(rules: list[Budget], seen: Observation, another: Budget) -> None:
    verdict, alone = (judge(each, seen, ledger=(spent(),)) for each in (rules, [another]))
    together = judge([*rules, another], seen, ledger=(spent(),))

    if verdict.findings and alone.outcome is Outcome.PASS:
        assert together.outcome is (verdict.outcome if verdict.outcome is not Outcome.NOT_JUDGED else Outcome.PASS)


@given(JOBS, st.floats(0.01, 60.0), st.floats(0.01, 1.0), st.floats(0, 20_000))
def test_a_tighter_rule_of_any_kind_never_passes_more(
    seen: Observation, limit: float, tighter: float, gone: float
) -> None:
    ledger = (spent(gone),)

    def at(rule: Budget) -> int:
        return ORDER.index(finding(rule, seen, ledger=ledger).outcome)

    assert at(increase(limit * tighter)) >= at(increase(limit))
    assert at(monthly(limit * tighter)) >= at(monthly(limit))
    assert at(measured(limit)) >= at(measured(limit * tighter))
    assert at(quality("B")) >= at(quality("C"))


@given(st.lists(st.sampled_from([100.0, 2000.0, None]), min_size=1, max_size=5), st.integers(0, 2), st.floats(0.1, 30))
def test_a_sum_with_an_unknown_part_never_passes(values: list[float | None], unknown: int, limit_kg: float) -> None:
    found = finding(monthly(limit_kg), *map(job, values), ledger=(spent(unknown=unknown),))

    if None in values or unknown:
        assert found.outcome in (Outcome.UNKNOWN, Outcome.FAIL)


@given(RULES, JOBS)
def test_what_is_found_can_be_judged_again(rule: Budget, seen: Observation) -> None:
    for found in judge((rule,), seen, ledger=(spent(),)).findings:
        assert found.budget == rule


def test_one_job_and_the_sum_of_one_are_the_same() -> None:
    assert observation(footprint()).energy.value == pytest.approx(1.12 * 3_600_000)
