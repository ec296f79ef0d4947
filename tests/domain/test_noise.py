"""The regression test: its percentiles against printed tables, its errors by simulation, and what holds of any runs."""

from __future__ import annotations

import math
from random import Random
from statistics import mean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.noise import MOST_RATIO, band, paired_band, runs_of, student

SIMULATIONS = 2_000
energies = st.lists(st.floats(1.0, 1e6), min_size=3, max_size=12)


def high_j(base: list[float], *job: float) -> float:
    """Above which energy, or mean of so many, a job is called higher than its base."""
    found = band(runs_of(base), runs_of(job or (1.0,)))
    assert found is not None
    return found.high_j


def called(
    random: Random, increase: float, noise: float, *, base: int = 10, job: int = 1, heavy: bool = False
) -> float:
    """The share of simulated jobs, of a rule of +5 %, in which an increase is seen."""

    def run(middle: float) -> float:
        outlies = heavy and random.random() < 0.05
        return middle + random.gauss(0.0, noise) * (3 if outlies else 1)

    count = 0
    for _ in range(SIMULATIONS):
        before, now = [run(1.0) for _ in range(base)], [run(1 + increase) for _ in range(job)]
        count += mean(now) > max(median(before) * 1.05, high_j(before, *now))
    return count / SIMULATIONS


@pytest.mark.parametrize(
    ("freedom", "percentile"),
    [
        (1, 31.821), (2, 6.965), (3, 4.541), (4, 3.747), (5, 3.365), (6, 3.143), (7, 2.998), (8, 2.896), (9, 2.821),
        (10, 2.764), (11, 2.718), (12, 2.681), (15, 2.602), (20, 2.528), (29, 2.462), (30, 2.457), (60, 2.390),
        (120, 2.358), (1000, 2.330),
    ],
)  # fmt: skip
def test_percentiles_are_those_of_the_printed_tables(freedom: int, percentile: float) -> None:
    """Upper 1 % points of Student's t as statistical tables print them, three decimals."""
    assert student(freedom) == pytest.approx(percentile, abs=6e-4)


def test_percentiles_of_one_and_two_degrees_of_freedom_have_closed_forms() -> None:
    assert student(1) == pytest.approx(math.tan(0.49 * math.pi), rel=1e-9)
    assert student(2) == pytest.approx(0.98 * math.sqrt(2 / (1 - 0.98**2)), rel=1e-9)


def test_one_run_beside_ten_is_a_prediction_interval() -> None:
    """Nine of 100 and one of 110 J: mean 101, s = √10; t at 9 degrees of freedom 2.8214."""
    found = band(runs_of([100.0] * 9 + [110.0]), runs_of([1.0]))

    half_j = 2.82144 * math.sqrt(10 * 1.1)
    assert found is not None
    assert (found.low_j, found.high_j) == pytest.approx((101 - half_j, 101 + half_j), rel=1e-5)


def test_two_runs_of_the_job_share_their_spread_with_the_base() -> None:
    """(99, 100, 101) beside (104, 106): squares 2 + 2 over 3 degrees of freedom, of three and two runs."""
    assert high_j([99.0, 100.0, 101.0], 104.0, 106.0) == pytest.approx(
        100 + 4.5407 * math.sqrt(4 / 3 * (1 / 3 + 1 / 2)), rel=1e-5
    )


def test_large_noise_leans_upwards_as_far_as_one_run_is_beside_many() -> None:
    base = [80.0, 100.0, 120.0]
    half_ratio = 6.96456 * 0.2 * math.sqrt(4 / 3)

    assert high_j(base) == pytest.approx(100 * math.exp(half_ratio), rel=1e-5)
    assert high_j(base, *base) == pytest.approx(100 * (1 + student(4) * 0.2 * math.sqrt(2 / 3)))


def test_runs_in_turns_are_compared_each_with_its_neighbour() -> None:
    """The machine warms up by 20 J a round; the job takes 5, 6 and 7 J more: mean 6, s = 1."""
    base, job = [100.0, 120.0, 140.0], [105.0, 126.0, 147.0]
    found = paired_band(base, job)

    assert found is not None
    assert found.high_j == pytest.approx(120 + 6.96456 / math.sqrt(3), rel=1e-6)
    assert mean(job) > found.high_j
    assert mean(job) < high_j(base, *job)
    assert paired_band(base, job[:2]) is None


def test_too_few_runs_tell_nothing() -> None:
    assert band(runs_of([100.0]), runs_of([100.0])) is None
    assert band(runs_of([0.0, 0.0, 0.0]), runs_of([100.0])) is None


def test_runs_without_any_spread_leave_what_measures_the_job_to_decide() -> None:
    found = band(runs_of([100.0] * 3), runs_of([100.0]))

    assert found is not None
    assert (found.low_j, found.high_j) == (100.0, 100.0)


@given(energies, energies, st.floats(1e-3, 1e6))
def test_the_unit_of_energy_does_not_matter(base: list[float], job: list[float], factor: float) -> None:
    scaled = high_j([factor * each for each in base], *(factor * each for each in job))

    assert scaled == pytest.approx(factor * high_j(base, *job), rel=1e-9)


@given(energies, st.randoms(use_true_random=False))
def test_the_order_of_the_runs_does_not_matter(base: list[float], random: Random) -> None:
    shuffled = random.sample(base, len(base))

    assert high_j(shuffled) == pytest.approx(high_j(base), rel=1e-9)


@given(energies, energies)
def test_the_band_holds_the_mean_and_is_finite(base: list[float], job: list[float]) -> None:
    found = band(runs_of(base), runs_of(job))

    assert found is not None
    assert 0 <= found.low_j <= mean(base) * (1 + 1e-12)
    assert mean(base) * (1 - 1e-12) <= found.high_j < math.inf


@given(st.lists(st.floats(80.0, 119.0), min_size=2, max_size=12))
def test_runs_that_lie_further_apart_widen_the_noise(near: list[float]) -> None:
    base = [*near, 120.0]
    away = [mean(base) + 1.5 * (each - mean(base)) for each in base]

    assert high_j(away) > high_j(base)


def test_nothing_is_told_beyond_a_hundred_times_the_energy() -> None:
    found = band(runs_of([1e-300, 1e-300, 1e30]), runs_of([1.0]))

    assert found is not None
    assert math.isfinite(found.high_j)
    assert band(runs_of([5e-324] * 9 + [1e-320]), runs_of([1e30, 1.0])) is not None
    assert MOST_RATIO == 100


@pytest.mark.parametrize("job", [1, 3, 5])
def test_more_runs_of_the_base_narrow_the_noise_on_average(job: int) -> None:
    random = Random(3)
    widths = []
    for base in (3, 5, 10, 20):
        highs = [
            high_j([random.gauss(100, 2) for _ in range(base)], *(random.gauss(100, 2) for _ in range(job)))
            for _ in range(400)
        ]
        widths.append(mean(highs) - 100)

    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize("noise", [0.02, 0.05, 0.10])
@pytest.mark.parametrize(("base", "job"), [(3, 1), (10, 1), (10, 3)])
def test_false_alarms_are_one_in_a_hundred_at_most(noise: float, base: int, job: int) -> None:
    """At a rate of 1 % so many simulations come out above 1.6 % once in two hundred; the seed is fixed."""
    assert called(Random(11), 0.0, noise, base=base, job=job) <= 0.013


def test_ten_per_cent_more_at_two_per_cent_of_noise_is_found_after_ten_runs() -> None:
    assert called(Random(5), 0.10, 0.02) >= 0.94


def test_outliers_cost_a_single_run_false_alarms_and_three_runs_none() -> None:
    """One run in twenty spreads three times as much."""
    assert called(Random(2), 0.0, 0.05, heavy=True) <= 0.02
    assert called(Random(2), 0.0, 0.05, job=3, heavy=True) <= 0.013
