"""Dies in the config file, end to end: kept by the footprint, computed anew by other tables, unknown to older ones."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.cli.command import ROOT, Emissions, config

DIE = "{node: 7 nm, area: 8.26 cm2, fab-intensity: 600 g/kWh}"
HOURS = ("--gpu", "A100", "--hours", "35040", "--region", "FR")
KG = 20.2016


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A copy of the tables."""
    return Path(shutil.copytree(ROOT / "reporter" / "factors" / "data", tmp_path / "tables"))


def summed(folder: Path) -> str:
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.csv")))).hexdigest()
    (folder / "pack.json").write_text(json.dumps({"version": "2026.11.2", "sha256": digest}))
    return str(folder)


@pytest.fixture
def saved(emissions: Emissions) -> str:
    """The footprint of an accelerator over all of its lifetime; the config file is no longer there."""
    config(emissions.cwd, f"accounting: {{embodied: {{accelerator-die: {DIE}}}}}\n")
    ran = emissions.quick("estimate", *HOURS, "--out", "made", "--json")
    assert ran.json["besides"]["embodied_gco2e"] == pytest.approx(KG * 1e3)
    (emissions.cwd / "emissions.yml").unlink()
    return "made"


def test_a_footprint_keeps_its_die_and_other_tables_compute_it_anew(
    emissions: Emissions, saved: str, tables: Path
) -> None:
    fabs = tables / "fabs.csv"
    fabs.write_text(fabs.read_text().replace("7 nm,2.15,", "7 nm,4.3,"))

    same = emissions.quick("report", saved, "--json").json["besides"]
    other = emissions.quick("report", saved, "--factors", summed(tables), "--json").json["besides"]

    assert same["embodied_gco2e"] == pytest.approx(KG * 1e3)
    assert other["embodied_gco2e"] == pytest.approx(8.26 * (600 * 4.3 + 850) / 0.875)


def test_an_edition_of_before_the_table_can_still_be_used_and_says_what_it_lacks(
    emissions: Emissions, saved: str, tables: Path
) -> None:
    (tables / "fabs.csv").unlink()

    found = emissions.quick("report", saved, "--factors", summed(tables), "--json")

    assert found.status == 0, found.err
    assert found.json["emissions"]["gco2e"] > 0
    assert found.json["besides"]["embodied_gco2e"] is None
    assert found.json["besides"]["reasons"]["embodied_gco2e"] == "the tables lack `7 nm`; `accelerator-kg` gives it"


def test_a_node_that_the_tables_lack_is_no_zero_for_the_machine_either(emissions: Emissions, tables: Path) -> None:
    config(emissions.cwd, f"accounting: {{embodied: {{machine-die: {DIE}}}}}\n")
    fabs = tables / "fabs.csv"
    fabs.write_text("".join(line for line in fabs.read_text().splitlines(keepends=True) if not line.startswith("7 nm")))
    emissions.quick("estimate", *HOURS, "--out", "made")

    found = emissions.quick("report", "made", "--factors", summed(tables), "--json").json["besides"]

    assert found["embodied_gco2e"] is None
    assert found["reasons"]["embodied_gco2e"] == "the tables lack `7 nm`; `machine-kg` gives it"


def test_an_empty_table_is_no_older_edition(emissions: Emissions, saved: str, tables: Path) -> None:
    (tables / "fabs.csv").write_text("key,kwh_per_cm2\n")

    ended = emissions.quick("report", saved, "--factors", summed(tables))

    assert ended.status == 3
    assert "fabs.csv has no rows" in ended.err


def test_the_report_says_how_a_die_was_computed(emissions: Emissions, saved: str) -> None:
    shown = " ".join(emissions.quick("report", saved).text.split())

    assert "8.26 cm² × (600 g/kWh × 2.15 kWh/cm² + 350 + 500 g/cm²) ÷ 0.875, the die alone" in shown
