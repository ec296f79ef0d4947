"""Quantities as people write them: what is read, and what each mistake is told."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.units import (
    EMISSION_UNITS,
    ENERGY_UNITS,
    UnitError,
    parse_amount,
    parse_intensity,
    parse_pue,
    parse_share,
    scale_of,
)


@pytest.mark.parametrize(
    ("text", "metric", "limit", "unit", "work"),
    [
        ("50 g", "emissions", 50, "g", None),
        ("50g", "emissions", 50, "g", None),
        ("0.2 kWh", "energy", 0.2, "kWh", None),
        (".5 kg", "emissions", 0.5, "kg", None),
        ("1e3 J", "energy", 1000, "J", None),
        ("130 J/sample", "energy", 130, "J", "sample"),
        ("2 g/epoch", "emissions", 2, "g", "epoch"),
        ("50 gCO2e", "emissions", 50, "g", None),
        ("50 g CO₂e", "emissions", 50, "g", None),
        ("50 gCO2eq", "emissions", 50, "g", None),
        ("0 g", "emissions", 0, "g", None),
        ("300 g/pull-request", "emissions", 300, "g", "pull-request"),
    ],
)
def test_an_amount_is_read_with_its_unit(text: str, metric: str, limit: float, unit: str, work: str | None) -> None:
    assert parse_amount(text) == (metric, limit, unit, work)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("50", "no unit"),
        ("50 grams", "unknown unit `grams`"),
        ("0.2 kwh", "unknown unit `kwh`"),
        ("nan g", "not a number"),
        ("inf kWh", "not a number"),
        ("1e999 g", "not a number"),
        ("1,5 g", "unknown unit"),
        ("-3 g", "negative"),
        ("", "not a number"),
        ("g", "not a number"),
        ("5 J/", "no unit of work"),
        ("5 J/a b", "no unit of work"),
    ],
)
def test_a_wrong_amount_is_told_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_amount(text)

    assert says in caught.value.message
    assert caught.value.suggestion


def test_a_unit_in_the_wrong_case_gets_the_right_one_suggested() -> None:
    with pytest.raises(UnitError) as caught:
        parse_amount("0.2 kwh")

    assert caught.value.suggestion == "Did you mean `kWh`?"


@pytest.mark.parametrize(
    ("text", "gco2e_per_kwh"),
    [
        ("230 g/kWh", 230.0),
        ("230 gCO2e/kWh", 230.0),
        ("230 gCO2eq/kWh", 230.0),
        ("0.954 lb/kWh", 432.72712098),
        ("412.5 lb/MWh", 187.106852625),
        ("0.429 kg/kWh", 429.0),
        ("429 kg/MWh", 429.0),
        ("0.429 t/MWh", 429.0),
        ("0 g/kWh", 0.0),
    ],
)
def test_an_intensity_comes_out_in_grams_per_kilowatt_hour(text: str, gco2e_per_kwh: float) -> None:
    assert math.isclose(parse_intensity(text), gco2e_per_kwh, rel_tol=1e-8)


@pytest.mark.parametrize("text", ["230", "230 g", "230 g/Wh2", "-1 g/kWh", "11000 g/kWh", "NaN g/kWh"])
def test_a_wrong_intensity_is_refused(text: str) -> None:
    with pytest.raises(UnitError):
        parse_intensity(text)


@pytest.mark.parametrize("text", ["0.99", "-1", "nan", "inf", "1.2x", "", "11"])
def test_a_pue_below_one_or_not_finite_is_refused(text: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_pue(text)

    assert "PUE" in caught.value.message


@pytest.mark.parametrize(("text", "ratio"), [("80%", 0.8), ("110 %", 1.1)])
def test_a_share_is_a_ratio(text: str, ratio: float) -> None:
    assert math.isclose(parse_share(text), ratio)


def test_a_share_needs_its_sign() -> None:
    with pytest.raises(UnitError):
        parse_share("0.8")


@given(st.floats(0, 1e9, allow_nan=False), st.sampled_from(sorted({**EMISSION_UNITS, **ENERGY_UNITS})))
def test_amounts_survive_being_written_and_read(value: float, unit: str) -> None:
    metric, limit, read_unit, work = parse_amount(f"{value!r} {unit}")

    assert (limit, read_unit, work) == (value, unit, None)
    assert metric == ("emissions" if unit in EMISSION_UNITS else "energy")
    assert scale_of(unit) > 0
