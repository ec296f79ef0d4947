"""Figures follow from the footprint's own energy, PUE and intensity, or are flagged; they are never put right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.carbon import IntensityPoint, Site
from reporter.domain.footprint import Footprint, at_site, judged
from reporter.domain.proof import FIGURES_DISAGREE, disagreements, proved
from reporter.domain.recomputed import was
from tests.factories_footprint import FRANCE, IN_FRANCE, POLAND, PUE, footprint, grams

KWH = 3_600_000.0
LIVE = replace(
    FRANCE, origin="api", resolved="hourly", gco2e_per_kwh=250.0,
    series=(
        IntensityPoint(start_s=0.0, end_s=6.0, gco2e_per_kwh=100.0, it_j=KWH / 4),
        IntensityPoint(start_s=6.0, end_s=12.3, gco2e_per_kwh=300.0, it_j=3 * KWH / 4),
    ),
)  # fmt: skip
AT_ALL_HOURS = Site(intensity=LIVE, pue=PUE)


def saying(job: Footprint, facility_j: float | None = None, **emissions: Any) -> Footprint:
    energy = job.energy if facility_j is None else replace(job.energy, facility_j=facility_j)
    return replace(job, energy=energy, emissions=replace(job.emissions, **emissions))


@given(it_j=st.floats(0, 1e30), ratio=st.floats(1, 1e3), gco2e_per_kwh=st.floats(0, 1e4))
def test_what_we_compute_follows(it_j: float, ratio: float, gco2e_per_kwh: float) -> None:
    pue, intensity = replace(PUE, ratio=ratio), replace(FRANCE, gco2e_per_kwh=gco2e_per_kwh)
    job = footprint(it_j, site=Site(intensity=intensity, pue=pue))

    assert proved(job) is job


@pytest.mark.parametrize("job", [footprint(None), footprint(KWH, site=AT_ALL_HOURS), saying(footprint(), gco2e=None)])
def test_a_series_follows_and_what_is_missing_disagrees_with_nothing(job: Footprint) -> None:
    assert proved(job) is job


@pytest.mark.parametrize(("ratio", "is_flagged"), [(1 + 9e-7, False), (1 + 2e-6, True), (1 - 2e-6, True), (0, True)])
def test_a_millionth_more_or_less_is_flagged_and_left_as_it_is(ratio: float, is_flagged: bool) -> None:
    job = saying(footprint(), gco2e=1.12 * 41.44 * ratio)

    found = proved(job)

    assert (FIGURES_DISAGREE in found.flags) is is_flagged
    assert replace(found, flags=job.flags) == job
    assert proved(found) is found


def test_it_is_said_what_is_written_and_what_follows() -> None:
    both = disagreements(saying(footprint(), facility_j=5.0, gco2e=99.0))

    assert [(row.is_energy, row.amount, row.value) for row in both] == [
        (True, 5.0, pytest.approx(1.12 * KWH)),
        (False, 99.0, pytest.approx(1.12 * 41.44)),
    ]


def test_with_a_series_emissions_are_the_sum_over_it_whatever_mean_stands_beside_it() -> None:
    """¼ kWh at 100 and ¾ kWh at 300 g/kWh, × 1.12: 280 g, not the 1.12 g of a mean that says 1 g/kWh."""
    job = footprint(KWH, site=AT_ALL_HOURS)
    forged = saying(replace(job, intensity=replace(LIVE, gco2e_per_kwh=1.0)), gco2e=1.12)

    (found,) = disagreements(proved(forged))

    assert found.value == pytest.approx(1.12 * 250)
    assert judged(forged, (grams(200),)).verdict.findings[0].observed == pytest.approx(1.12 * 250)


def test_budgets_are_judged_on_what_follows() -> None:
    forged = saying(footprint(), facility_j=1.0, gco2e=0.001)

    assert judged(forged, (grams(40),)).verdict.findings[0].observed == pytest.approx(1.12 * 41.44)


def test_replaced_factors_do_not_hide_what_it_came_with() -> None:
    job = proved(saying(footprint(), gco2e=99.0))
    once = replace(at_site(job, Site(intensity=POLAND, pue=PUE)), recomputed=was(job))
    twice = replace(at_site(once, IN_FRANCE), recomputed=was(once))

    for again in (once, twice):
        (found,) = disagreements(again)
        assert (found.amount, found.value) == (99.0, pytest.approx(1.12 * 41.44))
        assert FIGURES_DISAGREE in again.flags
