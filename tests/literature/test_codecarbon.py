"""CodeCarbon: its columns of CSV, its factors by country and state, offline."""

from __future__ import annotations

import csv
import io

import pytest

from reporter.factors import intensity_of
from tests.cli.command import Emissions

FIRST_COLUMNS = [
    "timestamp", "project_name", "run_id", "experiment_id", "duration", "emissions", "emissions_rate", "cpu_power",
    "gpu_power", "ram_power", "cpu_energy", "gpu_energy", "ram_energy", "energy_consumed",
]  # fmt: skip
"""As emissions.csv begins, in kg, kWh, W and s."""


def test_a_job_is_a_row_with_its_columns_and_units(emissions: Emissions) -> None:
    ran = emissions.quick(
        "estimate", "--gpu", "A100", "--cpu-watts", "100", "--memory-gb", "100", "--hours", "10",
        "--region", "FR", "--pue", "1", "--name", "train", "--format", "csv",
    )  # fmt: skip

    reader = csv.DictReader(io.StringIO(ran.text))
    (row,) = reader
    assert list(reader.fieldnames or ())[: len(FIRST_COLUMNS)] == FIRST_COLUMNS
    assert row["project_name"] == "train"
    kwh = 4 + 1 + 0.3725
    assert float(row["gpu_energy"]) == pytest.approx(4)
    assert float(row["cpu_energy"]) == pytest.approx(1)
    assert float(row["ram_energy"]) == pytest.approx(0.3725)
    assert float(row["energy_consumed"]) == pytest.approx(kwh)
    assert float(row["emissions"]) == pytest.approx(kwh * intensity_of("FR").gco2e_per_kwh / 1000)
    assert float(row["duration"]) == 36_000
    assert row["country_iso_code"] == "FRA"


@pytest.mark.parametrize("region", ["FR", "US-VA", "CA-QC", "gcp:europe-west4"])
def test_a_place_needs_no_network(emissions: Emissions, region: str) -> None:
    ran = emissions.observed()("estimate", "--power", "1000", "--hours", "1", "--region", region, "--json")

    assert ran.json["intensity"]["region"] == region
    assert ran.json["intensity"]["gco2e_per_kwh"] == intensity_of(region).gco2e_per_kwh
    assert not [note for note in emissions.notes if note.startswith("socket.")]
