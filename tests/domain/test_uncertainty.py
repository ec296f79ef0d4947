"""Intervals combine in closed form: small ones in quadrature, large ones by their logarithms, unknown regions not."""

from __future__ import annotations

from dataclasses import replace
from math import exp, hypot, log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.carbon import Intensity, Level, Pue
from reporter.domain.uncertainty import combine, emissions_interval, factor, over, sum_independent

SMALL = st.floats(0, 0.3)
LOWS, HIGHS = st.floats(0.01, 1), st.floats(1, 10)


def pue_of(ratio: float = 1.5, uncertainty_ratio: float = 0.0) -> Pue:
    return Pue(ratio=ratio, source="a table", year=2024, level=Level.FLEET, uncertainty_ratio=uncertainty_ratio)


def intensity_of(
    gco2e_per_kwh: float = 200.0,
    uncertainty_ratio: float = 0.0,
    low_gco2e_per_kwh: float | None = None,
    high_gco2e_per_kwh: float | None = None,
) -> Intensity:
    return Intensity(
        gco2e_per_kwh=gco2e_per_kwh,
        region="FR",
        label="France",
        kind="average",
        origin="table",
        scope="lifecycle",
        source="a table",
        year=2024,
        resolved="annual",
        uncertainty_ratio=uncertainty_ratio,
        low_gco2e_per_kwh=low_gco2e_per_kwh,
        high_gco2e_per_kwh=high_gco2e_per_kwh,
    )


@pytest.mark.parametrize(
    ("factors", "expected"),
    [
        ((), (1, 1)),
        (((0.9, 1.2),), (0.9, 1.2)),
        (((0.95, 1.05), (0.9, 1.1), (0.8, 1.2)), (1 - 0.229129, 1.229129)),
        (((0.7, 1.3), (0.7, 1.3)), (1 - 0.3 * 2**0.5, 1 + 0.3 * 2**0.5)),
        (((0.7, 1.6),), (0.7, 1.6)),
        (((0.5, 2.0), (0.5, 2.0)), (exp(-(2**0.5) * log(2)), exp(2**0.5 * log(2)))),
        (((0.7, 1.6), (0.9, 1.1)), (1 - hypot(0.3, 0.1), exp(hypot(log(1.6), log(1.1))))),
        (((0.0, 1.0), (0.9, 1.1)), (0.0, 1.1)),
        (((1.02, 1.1),), (1.0, 1.1)),
        (((0.7, 1.0),) * 12, (0.0, 1.0)),
    ],
)
def test_factors_combine(factors: tuple[tuple[float, float], ...], expected: tuple[float, float]) -> None:
    assert combine(*factors) == pytest.approx(expected, abs=1e-6)


def test_small_ones_add_in_quadrature_to_both_sides_alike() -> None:
    low, high = combine(*map(factor, (0.05, 0.10, 0.20)))

    assert (1 - low, high - 1) == pytest.approx((0.229129, 0.229129), abs=1e-6)


@pytest.mark.parametrize("small", [0.0, 0.05, 0.3])
@pytest.mark.parametrize("large", [0.31, 0.4, 2.0])
def test_beyond_thirty_percent_the_product_is_log_normal(small: float, large: float) -> None:
    gsd = exp(hypot(log(1 + large), log(1 + small)))

    assert combine(factor(large), factor(small)) == pytest.approx((1 / gsd, gsd))
    assert combine(factor(large), (0.0, 1.0)) == pytest.approx((0.0, 1 + large))


@given(factors=st.lists(st.tuples(LOWS, HIGHS), max_size=5), seed=st.randoms(use_true_random=False))
def test_the_order_of_factors_and_sure_ones_among_them_change_nothing(
    factors: list[tuple[float, float]], seed: Random
) -> None:
    shuffled = [*factors, (1.0, 1.0)]
    seed.shuffle(shuffled)

    assert combine(*shuffled) == pytest.approx(combine(*factors))


@given(scale=st.floats(1e-6, 1e6), energy=SMALL, facility=SMALL, grid=st.floats(0, 2))
def test_the_interval_scales_with_the_energy(scale: float, energy: float, facility: float, grid: float) -> None:
    def interval(it_j: float) -> tuple[float, float]:
        return emissions_interval(
            gco2e=it_j * 1.2 * 200 / 3.6e6,
            it_j=it_j,
            low_j=it_j * (1 - energy),
            high_j=it_j * (1 + energy),
            pue=pue_of(1.2, facility),
            intensity=intensity_of(200, grid),
        )

    assert interval(1000 * scale) == pytest.approx(tuple(scale * bound for bound in interval(1000)))


def test_an_hour_s_own_factor_is_surer_than_the_year_s() -> None:
    def width(ratio: float) -> float:
        low, high = emissions_interval(
            gco2e=100, it_j=1000, low_j=950, high_j=1050, pue=pue_of(1.5, 0.03), intensity=intensity_of(200, ratio)
        )
        return high - low

    assert width(0.15) == pytest.approx(2 * 100 * hypot(0.05, 0.03, 0.15))
    assert width(0.15) < width(0.30)


YEARLY = replace(intensity_of(), time_uncertainty_ratio=0.30, method_uncertainty_ratio=0.15, uncertainty_ratio=0.335)
DAY_S = 24 * 3600.0


@pytest.mark.parametrize(
    ("duration_s", "time_ratio"),
    [(None, 0.30), (0.0, 0.30), (3600.0, 0.30), (DAY_S - 0.001, 0.30), (DAY_S, 0.10), (30 * DAY_S, 0.10)],
)
def test_a_year_s_mean_is_surer_of_whole_days_than_of_a_part_of_one(
    duration_s: float | None, time_ratio: float
) -> None:
    found = over(YEARLY, duration_s)

    assert (found.time_uncertainty_ratio, found.method_uncertainty_ratio) == (time_ratio, 0.15)
    assert found.uncertainty_ratio == pytest.approx((time_ratio**2 + 0.15**2) ** 0.5)
    assert over(found, duration_s) == found
    assert over(over(YEARLY, DAY_S), duration_s) == found


@pytest.mark.parametrize(
    "found",
    [
        intensity_of(200, 0.0),
        intensity_of(200, 0.3),
        replace(intensity_of(200, 0.15), method_uncertainty_ratio=0.15, resolved="hourly", origin="api"),
    ],
    ids=["given by hand", "of an older footprint", "live"],
)
def test_other_factors_are_as_sure_of_a_long_job_as_of_a_short_one(found: Intensity) -> None:
    assert over(found, 10.0) == over(found, 10 * DAY_S) == found


@pytest.mark.parametrize(("duration_s", "ratio"), [(60.0, 0.1125**0.5), (DAY_S, 0.0325**0.5)])
def test_time_and_method_are_two_terms_of_one_quadrature(duration_s: float, ratio: float) -> None:
    """Together they pass 30 %, each by itself does not: no logarithms."""
    bounds = emissions_interval(
        gco2e=100, it_j=1000, low_j=950, high_j=1050, pue=pue_of(1.5, 0.03), intensity=over(YEARLY, duration_s)
    )
    width = 100 * hypot(0.05, 0.03, ratio)

    assert bounds == pytest.approx((100 - width, 100 + width))


def test_no_energy_of_a_year_s_mean_may_hide_some_of_both_terms() -> None:
    bounds = emissions_interval(gco2e=0, it_j=0, low_j=0, high_j=3.6e6, pue=pue_of(1.0), intensity=over(YEARLY, 1.0))

    assert bounds == pytest.approx((0, 200 * 1.3 * 1.15))


@given(factors=st.lists(st.tuples(LOWS, HIGHS), min_size=1, max_size=5))
def test_a_product_is_never_surer_than_its_least_sure_factor(factors: list[tuple[float, float]]) -> None:
    low, high = combine(*factors)

    assert 0 <= low <= 1 <= high
    assert low <= min(low for low, _ in factors) + 1e-9
    assert high >= max(high for _, high in factors) - 1e-9


@pytest.mark.parametrize(
    ("ratio", "expected"), [(0.0, (1, 1)), (0.3, (0.7, 1.3)), (0.6, (0.625, 1.6)), (2.0, (1 / 3, 3))]
)
def test_a_large_uncertainty_never_reaches_zero(ratio: float, expected: tuple[float, float]) -> None:
    assert factor(ratio) == pytest.approx(expected)


def test_emissions_are_as_unsure_as_energy_pue_and_intensity_together() -> None:
    low, high = emissions_interval(
        gco2e=100, it_j=1000, low_j=950, high_j=1050, pue=pue_of(1.5, 0.1), intensity=intensity_of(200, 0.2)
    )

    assert (low, high) == pytest.approx((77.087, 122.913), abs=1e-3)


def test_a_pue_is_never_below_one() -> None:
    low, high = emissions_interval(
        gco2e=100, it_j=1000, low_j=1000, high_j=1000, pue=pue_of(1.04, 0.25), intensity=intensity_of()
    )

    assert (low, high) == pytest.approx((100 / 1.04, 125))


def test_an_unknown_region_spans_all_candidates() -> None:
    # 3.6 MJ is 1 kWh; the grids lie between 20 and 800 g/kWh.
    low, high = emissions_interval(
        gco2e=200,
        it_j=3_600_000,
        low_j=0.9 * 3_600_000,
        high_j=1.1 * 3_600_000,
        pue=pue_of(1.0, 0.0),
        intensity=intensity_of(200, 0.3, 20.0, 800.0),
    )

    assert (low, high) == pytest.approx((18, 880))


@pytest.mark.parametrize("bound", ["low_gco2e_per_kwh", "high_gco2e_per_kwh"])
def test_one_bound_alone_is_no_range_of_regions(bound: str) -> None:
    sides = {"gco2e": 300.0, "it_j": 3.6e6, "low_j": 3.6e6, "high_j": 3.6e6, "pue": pue_of()}

    low, high = emissions_interval(**sides, intensity=intensity_of(200.0, 0.2, **{bound: 200.0}))  # type: ignore[arg-type]

    assert (low, high) == (pytest.approx(300 * 0.8), pytest.approx(300 * 1.2))


def test_the_building_s_share_is_in_the_range_of_regions_once() -> None:
    """1 kWh × 1.5 at 50 and at 800 g/kWh."""
    low, high = emissions_interval(
        gco2e=300.0, it_j=3.6e6, low_j=3.6e6, high_j=3.6e6, pue=pue_of(1.5), intensity=intensity_of(200.0, 0.2, 50, 800)
    )

    assert (low, high) == (pytest.approx(1.5 * 50), pytest.approx(1.5 * 800))


def test_an_unknown_region_still_spans_the_estimate() -> None:
    low, high = emissions_interval(
        gco2e=200,
        it_j=3_600_000,
        low_j=3_600_000,
        high_j=3_600_000,
        pue=pue_of(1.0),
        intensity=intensity_of(200, 0.0, 250.0, 300.0),
    )

    assert (low, high) == pytest.approx((200, 300))


@pytest.mark.parametrize(
    ("intensity", "high"), [(intensity_of(200, 0.2), 360), (intensity_of(200, 0.2, 20, 800), 1200)]
)
def test_no_energy_may_still_hide_some(intensity: Intensity, high: float) -> None:
    pue = pue_of(1.5, 0.1)

    bounds = emissions_interval(gco2e=0, it_j=0, low_j=0, high_j=3_600_000, pue=pue, intensity=intensity)

    assert bounds == pytest.approx((0, high * 1.1))


@given(energy=SMALL, facility=SMALL, grid=st.floats(0, 2))
def test_the_estimate_lies_inside_its_interval(energy: float, facility: float, grid: float) -> None:
    low, high = emissions_interval(
        gco2e=50,
        it_j=1000,
        low_j=1000 * (1 - energy),
        high_j=1000 * (1 + energy),
        pue=pue_of(1.2, facility),
        intensity=intensity_of(200, grid),
    )

    assert 0 <= low <= 50 <= high


def test_independent_deviations_add_in_quadrature_in_any_order() -> None:
    parts = [(3.0, 1e-9), (4.0, 0.3), (0.0, 12.7)]

    assert sum_independent(parts)[0] == pytest.approx(5)
    assert sum_independent(parts) == sum_independent(reversed(parts))
    assert sum_independent([]) == (0, 0)
