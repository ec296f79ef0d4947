"""Units that differ by thousands and by pounds, and small errors in quadrature."""

from __future__ import annotations

import pytest

from reporter.domain.uncertainty import combine, factor
from reporter.domain.units import J_PER_KWH, parse_intensity, scale_of
from reporter.factors import intensity_of
from tests.literature.published import Vector


def test_pounds_per_megawatt_hour_as_watttime_has_them() -> None:
    vector = Vector("watttime_units")

    assert parse_intensity(f"{vector['lb_per_mwh']} lb/MWh") == vector.says("g_per_kwh")


def test_virginia_of_the_table_is_egrids_in_grams() -> None:
    vector = Vector("egrid_state_units")

    assert parse_intensity(f"{vector['lb_per_mwh']} lb/MWh") == vector.says("g_per_kwh")
    assert intensity_of(f"US-{vector['state']}").gco2e_per_kwh == pytest.approx(244.758, rel=1e-4)


def test_three_small_errors_add_in_quadrature() -> None:
    low, high = combine(factor(0.05), factor(0.10), factor(0.20))

    assert high - 1 == Vector("quadrature").says("rel")
    assert 1 - low == Vector("quadrature").says("rel")


@pytest.mark.parametrize(("unit", "per_kwh"), [("J", 3.6e6), ("mJ", 3.6e9), ("Wh", 1000), ("MJ", 3.6), ("MWh", 1e-3)])
def test_energies_to_a_kilowatt_hour(unit: str, per_kwh: float) -> None:
    assert J_PER_KWH / scale_of(unit) == pytest.approx(per_kwh)


@pytest.mark.parametrize(
    ("text", "g_per_kwh"), [("0.5 t/MWh", 500), ("1 kg/kWh", 1000), ("1 kg/MWh", 1), ("1 lb/kWh", 453.59237)]
)
def test_intensities_to_grams(text: str, g_per_kwh: float) -> None:
    assert parse_intensity(text) == pytest.approx(g_per_kwh, rel=1e-12)
