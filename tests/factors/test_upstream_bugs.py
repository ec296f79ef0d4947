"""Errors known in the data of others, each held off by the tables."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from reporter.factors import cpu_curve, intensity_of, pue_of, regions, rows

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / ".github" / "factors" / "sources"


def source_rows(name):
    with (SOURCES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("lb_per_mwh", "gco2e_per_kwh"),
    [(412.5, 187.107), (1000.0, 453.59237)],
)
def test_pounds_per_megawatt_hour_become_grams_per_kilowatt_hour(lb_per_mwh, gco2e_per_kwh):
    assert lb_per_mwh * 0.45359237 == pytest.approx(gco2e_per_kwh, abs=5e-4)


def test_every_state_is_converted_by_that_factor():
    states = json.loads((SOURCES / "us_states_egrid2023.json").read_text(encoding="utf-8"))

    for name, state in states.items():
        if not name.startswith("_") and name != "usa":
            expected = state["emissions"] * 0.45359237
            assert intensity_of(f"US-{state['regionCode']}").gco2e_per_kwh == pytest.approx(expected, abs=5e-5)


def test_the_united_states_are_embers_and_not_egrids():
    us = intensity_of("US")

    assert (us.gco2e_per_kwh, us.source, us.scope) == (384.4, "Ember", "lifecycle")
    assert "US-USA" not in {region.key for region in regions()}


@pytest.mark.parametrize(("region", "country"), [("azure:germanywestcentral", "DE"), ("azure:swedencentral", "SE")])
def test_no_region_has_a_factor_from_a_lost_decimal_point(region, country):
    """Finland Central and Germany West Central read 77 and 402 t/kWh in one table of others."""
    assert intensity_of(region).gco2e_per_kwh == intensity_of(country).gco2e_per_kwh < 2000


def test_the_outlier_among_the_processors_is_not_used():
    """EPYC 5th Gen is given 4 to 5 times the power of its neighbours."""
    upstream = {row["Architecture"]: float(row["Max Watts"]) for row in source_rows("ccf_cpu_use_aws.csv")}

    (_, _), (_, turin_w) = cpu_curve("AMD EPYC 9965 192-Core Processor", 1).points

    assert upstream["EPYC 5th Gen"] > 3.5 * upstream["EPYC 4th Gen"]
    assert turin_w == pytest.approx(upstream["EPYC 4th Gen"], abs=1e-5)
    assert not any("5th" in row.key for row in rows())


def test_north_europe_is_ireland():
    """It has two rows: Finland with a design value of 2022, Ireland with a measured one of 2023."""
    upstream = [row for row in source_rows("pue_by_region.csv") if row["region"] == "northeurope"]

    pue = pue_of("azure:northeurope")

    assert {row["location"] for row in upstream} == {"Finland", "Ireland"}
    assert (pue.ratio, pue.year, pue.source) == (1.19, 2023, "Microsoft")
    assert intensity_of("azure:northeurope").label == "Ireland"
    assert [row.year for row in rows() if row.key == "azure:northeurope"] == [2023]


def test_west_us_is_in_california():
    """One table puts it, and a PUE with it, in Washington."""
    assert intensity_of("azure:westus").label == "California"
    assert pue_of("azure:westus").level.value == "fleet"
    assert intensity_of("azure:westus2").label == "Washington"


def test_north_central_us_is_in_illinois():
    assert intensity_of("azure:northcentralus").label == "Illinois"


@pytest.mark.parametrize("name", ["asiapacific", "denmarkeast", "eastus3", "greececentral", "indiasouthcentral"])
def test_a_region_that_is_not_live_is_not_listed(name):
    assert f"azure:{name}" not in {region.key for region in regions()}
    assert f"azure:{name}" not in {row.key for row in rows()}


def test_design_values_are_just_the_ones_of_2022():
    with (ROOT / "reporter" / "factors" / "data" / "pue.csv").open(encoding="utf-8", newline="") as file:
        design = [row for row in csv.DictReader(file) if row["kind"] == "design"]

    assert len(design) == 9
    assert {(row["pue"], row["year"], row["source"]) for row in design} == {("1.12", "2022", "Microsoft")}


def test_the_latest_year_wins():
    assert [row.year for row in rows() if row.key == "gcp:europe-west4" and row.table == "pue.csv"] == [2022, 2024]
    assert pue_of("gcp:europe-west4").year == 2024


def test_a_row_without_a_value_is_no_value():
    """11 regions of AWS have a water value but no PUE."""
    upstream = [row["region"] for row in source_rows("pue_by_region.csv") if not row["pue"]]

    assert len(upstream) == 11
    for name in upstream:
        assert pue_of(f"aws:{name}").level.value == "fleet"


@pytest.mark.parametrize(
    ("year", "ratio"),
    [(2018, 1.58), (2019, 1.67), (2020, 1.59), (2021, 1.57), (2022, 1.55), (2023, 1.58), (2024, 1.56), (2025, 1.54)],
)
def test_the_worlds_average_is_kept_by_year(year, ratio):
    assert [row.value for row in rows() if (row.key, row.year) == ("world", year)] == [ratio]


def test_an_unverified_value_is_not_shipped():
    """Google's fleet at 1.09 and Microsoft's at 1.16 were recalled, not read."""
    assert [row.value for row in rows() if row.key == "gcp"] == [1.1]
    assert 1.16 not in [row.value for row in rows() if row.key == "azure"]
