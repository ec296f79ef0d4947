"""An auditor's walk: headline and figures beside it again, from footprint.json and the CSV files alone."""

from __future__ import annotations

import csv
import re
from math import fsum
from typing import Any

import pytest

from tests.cli.command import ROOT, Emissions, config

DECLARED = """\
version: 1
accounting:
  market: {contract: 10 g/kWh, matched: 70%, residual: 500 g/kWh}
  embodied: {machine-die: {node: 7 nm, area: 826 mm2, fab-intensity: 600 g/kWh}, share: 4/64}
  electricity-price: 0.21 EUR/kWh
  functional-unit: run
  equivalents: car-km-eu
"""
FIGURES = ("market_based_gco2e", "marginal_gco2e", "embodied_gco2e", "sci", "water_l", "cost", "equivalent")
Row = dict[str, str]


def table(name: str) -> list[Row]:
    with (ROOT / f"reporter/factors/data/{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def row_of(name: str, key: str) -> Row:
    return next(row for row in table(name) if row["key"] == key)


def newest(name: str, *keys: str) -> Row:
    """The latest year of the first key that the table has."""
    rows = next(found for key in keys if (found := [row for row in table(name) if row["key"] == key]))
    return max(rows, key=lambda row: int(row["year"]))


def headline(footprint: dict[str, Any]) -> float:
    """Σ J × PUE ÷ 3,600,000 × g/kWh, the factors from the tables."""
    region = footprint["intensity"]["region"]
    zone = next((row["zone"] for row in table("regions") if row["key"] == region), region)
    grid, pue = row_of("grid", zone), newest("pue", region, *cloud_of(region), "world")
    assert (footprint["intensity"]["source"], footprint["intensity"]["year"]) == (grid["source"], int(grid["year"]))
    assert footprint["pue"]["source"].startswith(pue["source"])
    it_j = fsum(meter["energy_j"] for meter in footprint["meters"] if meter["included"])
    return it_j * float(pue["pue"]) / 3.6e6 * float(grid["gco2e_per_kwh"])


def cloud_of(region: str) -> tuple[str, ...]:
    return (region.partition(":")[0],) if ":" in region else ()


def making_g(footprint: dict[str, Any]) -> float:
    """Of the accelerators by the tables, and of the processors' dies by ACT."""
    patterns = [(row["pattern"], row["embodied"]) for row in table("accelerators")]
    names = [gpu["name"].replace("-", " ") for gpu in footprint["hardware"]["gpus"]]
    made = [next(key for pattern, key in patterns if re.search(pattern, name, re.IGNORECASE)) for name in names]
    fab, die = row_of("fabs", "7 nm"), footprint["accounting"]["machine_die"]
    by_area = 600 * float(fab["kwh_per_cm2"]) + float(fab["gas_95_g_per_cm2"]) + float(fab["material_g_per_cm2"])
    assert (die["area_cm2"], die["fab_gco2e_per_kwh"], die["yield_ratio"], die["abated_ratio"]) == (
        pytest.approx(8.26), 600, 0.875, 0.95,
    )  # fmt: skip
    return 1000 * fsum(float(row_of("embodied", key)["kgco2e"]) for key in made) + 8.26 * by_area / 0.875 * 4 / 64


def check(footprint: dict[str, Any]) -> None:
    gco2e, kwh = headline(footprint), footprint["energy"]["facility_j"] / 3.6e6
    region, besides = footprint["intensity"]["region"], footprint["besides"]
    making = making_g(footprint) * footprint["job"]["duration_s"] / (4 * 8760 * 3600)
    expected: dict[str, Any] = {
        "market_based_gco2e": kwh * (0.7 * 10 + 0.3 * 500),
        "marginal_gco2e": None,
        "embodied_gco2e": making,
        "sci": {"gco2e_per_unit": gco2e + making, "unit": "run"},
        "water_l": None,
        "cost": {"amount": kwh * 0.21, "currency": "EUR"},
        "equivalent": {
            "amount": gco2e / float(row_of("equivalents", "car-km-eu")["gco2e"]),
            "label": row_of("equivalents", "car-km-eu")["label"],
        },
    }
    if ":" in region:
        l_per_kwh = float(newest("wue", region, *cloud_of(region))["wue_l_per_kwh"])
        expected["water_l"] = footprint["energy"]["it_j"] / 3.6e6 * l_per_kwh

    assert footprint["emissions"]["gco2e"] == pytest.approx(gco2e, rel=1e-12)
    for figure, value in expected.items():
        named = isinstance(value, dict)
        assert besides[figure] == ({k: near(v) for k, v in value.items()} if named else near(value)), figure
    assert set(besides["sources"]) == {figure for figure in FIGURES if besides[figure] is not None}


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-12) if isinstance(value, float) else value


@pytest.mark.parametrize(
    "region", ["FR", "US-VA", "SE-SE3", "CA-QC", "aws:us-east-1", "aws:sa-west-1", "azure:denmarkeast"]
)
def test_a_metered_job_is_recomputed_from_its_footprint_and_the_tables(emissions: Emissions, region: str) -> None:
    config(emissions.cwd, DECLARED)

    ran = emissions.quick("run", "--region", region, "--", "true")

    assert ran.status == 0, ran.err
    check(ran.footprint)


@pytest.mark.parametrize("gpu", ["A100", "H100", "NVIDIA B200", "T4"])
def test_an_estimate_is_recomputed_from_its_footprint_and_the_tables(emissions: Emissions, gpu: str) -> None:
    config(emissions.cwd, DECLARED)

    ran = emissions.quick(
        "estimate", "--gpu", gpu, "--count", "8", "--hours", "24", "--region", "azure:eastus2", "--json"
    )

    assert ran.status == 0, ran.err
    check(ran.json)


def test_a_sum_of_jobs_is_the_sum_of_each_line_and_lacks_what_one_of_them_lacks(emissions: Emissions) -> None:
    config(emissions.cwd, DECLARED)
    for place in ("FR", "aws:us-east-1", "US-VA"):
        emissions.quick("run", "--region", place, "--out", place.replace(":", "-"), "--", "true")

    merged = emissions.quick("report", "FR", "aws-us-east-1", "US-VA", "--json").json

    for job in merged["jobs"]:
        check(job)
    total, jobs = merged["total"], merged["jobs"]
    assert total["emissions"]["gco2e"] == pytest.approx(fsum(headline(job) for job in jobs), rel=1e-12)
    for figure in ("market_based_gco2e", "embodied_gco2e"):
        assert total["besides"][figure] == pytest.approx(fsum(job["besides"][figure] for job in jobs), rel=1e-12)
    assert (total["besides"]["water_l"], total["besides"]["sci"]) == (None, None)
    assert total["besides"]["reasons"]["water_l"] == "2 of 3 jobs lack it"
