"""Errors known in the data of others, each held off by the tables."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from reporter.factors import (
    accelerator_of,
    cpu_curve,
    equivalent,
    intensity_of,
    pue_of,
    regions,
    rows,
    world_pue,
    wue_of,
)

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


@pytest.mark.parametrize(("region", "country"), [("azure:germanywestcentral", "DE"), ("azure:francecentral", "FR")])
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
    assert [row.year for row in rows() if row.key == "azure:northeurope" and row.table == "pue.csv"] == [2023]
    assert wue_of("azure:northeurope").level == "fleet"  # the region's own 0.01 is Finland's


def test_west_us_is_in_california():
    """One table puts it, and a PUE with it, in Washington."""
    assert intensity_of("azure:westus").label == "California"
    assert pue_of("azure:westus").level.value == "fleet"
    assert intensity_of("azure:westus2").label == "Washington"


def test_north_central_us_is_in_illinois():
    assert intensity_of("azure:northcentralus").label == "Illinois"


@pytest.mark.parametrize("name", ["asiapacific", "eastus3", "greececentral", "taiwannorth"])
def test_a_region_that_is_not_live_is_not_listed(name):
    assert f"azure:{name}" not in {region.key for region in regions()}
    assert f"azure:{name}" not in {row.key for row in rows()}


@pytest.mark.parametrize("name", ["denmarkeast", "indiasouthcentral"])
def test_what_was_published_before_a_region_opened_is_a_design_value(name):
    """Both opened in 2026; their values are of 2022."""
    assert pue_of(f"azure:{name}").source == "Microsoft (design value)"
    assert wue_of(f"azure:{name}").kind == "design"


def test_design_values_are_the_ones_of_2022():
    with (ROOT / "reporter" / "factors" / "data" / "pue.csv").open(encoding="utf-8", newline="") as file:
        design = [row for row in csv.DictReader(file) if row["kind"] == "design"]

    assert {(row["year"], row["source"]) for row in design} == {("2022", "Microsoft")}
    assert sorted(row["pue"] for row in design) == ["1.12"] * 9 + ["1.16", "1.43"]


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
    assert (world_pue(year).ratio, world_pue(year).year) == (ratio, year)


def test_an_unverified_value_is_not_shipped():
    """Google's fleet at 1.09 and Microsoft's at 1.16 were recalled, not read."""
    assert [row.value for row in rows() if row.key == "gcp"] == [1.1]
    assert 1.16 not in [row.value for row in rows() if row.key == "azure" and row.table == "pue.csv"]


def test_a_value_that_half_of_the_regions_share_is_no_regions_own():
    """17 of 33 regions of AWS have 0.18 L/kWh, from Cape Town to London: a mean."""
    upstream = [row for row in source_rows("pue_by_region.csv") if row["provider"] == "Amazon Web Services"]

    assert sum(row["wue_l_per_kwh"] == "0.18" for row in upstream) == 17
    assert (wue_of("aws:eu-west-2").level, wue_of("aws:eu-west-2").year) == ("fleet", 2023)
    assert wue_of("aws:us-east-1").level == "region"


def test_an_older_finnish_value_is_not_used():
    """The table of Nordic zones carries one over; Ember has Finland."""
    document = json.loads((SOURCES / "nordic_zones_2025.json").read_text(encoding="utf-8"))

    assert document["data"]["FI"]["emission_factor"] == 72.0
    assert (intensity_of("FI").source, intensity_of("FI").gco2e_per_kwh) == ("Ember", 57.47)
    assert not any(region.key.startswith("FI-") for region in regions())


def test_a_fuel_mix_takes_the_ipccs_factors_and_not_those_of_a_script():
    """Gas at 743, oil at 816 and coal at 995 g/kWh come from a script of 2018."""
    fuels = {row["fuel"]: float(row["gco2e_per_kwh"]) for row in source_rows("fuels.csv")}
    mix = json.loads((SOURCES / "canada_mix_2023.json").read_text(encoding="utf-8"))["alberta"]

    by_hand = 73.5 * 490 + 0.02 * 840 + 2.0 * 230 + 8.0 * 820 + 3.2 * 48 + 11.3 * 11 + 1.8 * 24

    assert (fuels["gas"], fuels["oil"], fuels["coal"]) == (490, 840, 820)
    assert mix["total"] == 99.82
    assert intensity_of("CA-AB").gco2e_per_kwh == pytest.approx(by_hand / 99.82, abs=5e-5)


@pytest.mark.parametrize(
    ("upstream", "wrong_w", "name", "rated_w"),
    [
        ("GTX 750", 250, "NVIDIA GeForce GTX 750", 55),
        ("Tesla V100-PCIE-16GB", 300, "Tesla V100-PCIE-16GB", 250),
        ("Tesla V100-SXM2-16GB", 250, "Tesla V100-SXM2-16GB", 300),
        ("A100 PCIe 40/80GB", 250, "NVIDIA A100 80GB PCIe", 300),
        ("A100 PCIe 40/80GB", 250, "NVIDIA A100-PCIE-40GB", 250),
    ],
)
def test_a_gpus_wrong_row_is_not_used(upstream, wrong_w, name, rated_w):
    """GTX 750 with the power of another, V100 swapped, both A100 of PCIe in one row."""
    (row,) = (row for row in source_rows("mlco2_gpus.csv") if row["name"] == upstream)

    assert float(row["tdp_watts"]) == wrong_w
    assert accelerator_of(name).rated_w == rated_w


def test_all_other_gpus_agree_with_that_table():
    wrong = {
        "GTX 750",
        "Tesla V100-PCIE-16GB",
        "Tesla V100-SXM2-16GB",
        "A100 PCIe 40/80GB",
        "TPUv2 Chip",  # a mean, not the rated power
        "TPUv3 Chip",
    }
    checked = 0
    for row in source_rows("mlco2_gpus.csv"):
        if row["type"] != "cpu" and row["name"] not in wrong:
            assert accelerator_of(row["name"]).rated_w == float(row["tdp_watts"]), row["name"]
            checked += 1

    assert checked == 34


def test_a_tree_takes_ten_years():
    """Several tools take the 60 kg of ten years for one."""
    tree = equivalent("tree-10-years")

    assert (tree.gco2e, tree.unit) == (60_000, "10 years")
