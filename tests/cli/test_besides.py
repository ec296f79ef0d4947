"""Figures beside the headline, end to end: declared in the config file, kept by the recording, moved with the place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Emissions, Ran, config
from tests.cli.test_footprint import check

DECLARED = """\
version: 1
accounting:
  market: 30 g/kWh
  embodied: {machine-kg: 1200, share: 4/64}
  electricity-price: 0.21 EUR/kWh
  functional-unit: run
  equivalents: car-km-eu
"""


@pytest.fixture
def declared(emissions: Emissions) -> Ran:
    """A run with everything declared that needs no accelerator."""
    config(emissions.cwd, DECLARED)
    ran = emissions.quick("run", "--region", "aws:us-east-1", "--budget", "1 kg", "--", "true")
    assert ran.status == 0, ran.err
    return ran


def headline(footprint: dict[str, Any]) -> list[Any]:
    return [footprint[key] for key in ("energy", "emissions", "pue", "intensity", "verdict", "quality", "per_unit")]


def test_a_run_has_what_was_declared_each_from_the_energy_or_the_time(declared: Ran) -> None:
    footprint = declared.footprint
    besides, kwh = footprint["besides"], footprint["energy"]["facility_kwh"]
    hours = footprint["job"]["duration_s"] / 3600

    check(footprint)
    assert besides["market_based_gco2e"] == pytest.approx(kwh * 30)
    assert besides["embodied_gco2e"] == pytest.approx(1200e3 * hours / 35_040 * 4 / 64)
    assert besides["sci"] == {
        "gco2e_per_unit": pytest.approx(footprint["emissions"]["gco2e"] + besides["embodied_gco2e"]), "unit": "run"
    }  # fmt: skip
    assert besides["water_l"] == pytest.approx(footprint["energy"]["it_j"] / 3.6e6 * 0.12)
    assert besides["cost"] == {"amount": pytest.approx(kwh * 0.21), "currency": "EUR"}
    assert besides["reasons"] == {}
    assert "emissions.yml, line 3" in besides["sources"]["market_based_gco2e"]
    for name in ("report.md", "report.html"):
        assert "Besides, not in the figures above" in (declared.folder / name).read_text()
    assert "Besides, not in the figures above" in declared.err


def test_the_recording_alone_gives_them_again(emissions: Emissions, declared: Ran) -> None:
    before = declared.footprint
    (emissions.cwd / "emissions.yml").unlink()
    (declared.folder / "footprint.json").unlink()

    assert emissions.quick("report", "emissions-report", "--json").json == before


def test_what_is_declared_later_is_told_too_and_the_headline_stays(emissions: Emissions, declared: Ran) -> None:
    before = declared.footprint
    config(emissions.cwd, "accounting: {market: 300 g/kWh}\n")

    after = emissions.quick("report", "emissions-report/footprint.json", "--json").json

    assert headline(after) == headline(before)
    assert after["besides"]["market_based_gco2e"] == pytest.approx(10 * before["besides"]["market_based_gco2e"])
    assert after["besides"]["cost"] is None


def test_another_place_has_its_own_water_and_the_same_making(emissions: Emissions, declared: Ran) -> None:
    before = declared.footprint["besides"]

    moved = emissions.quick("report", "emissions-report", "--region", "aws:ap-northeast-1", "--json").json

    assert moved["besides"]["water_l"] == pytest.approx(before["water_l"] * 0.91 / 0.12)
    assert moved["besides"]["embodied_gco2e"] == before["embodied_gco2e"]
    assert moved["besides"]["sci"]["gco2e_per_unit"] > before["sci"]["gco2e_per_unit"]


def test_another_pue_counts_once_and_not_for_water(emissions: Emissions, declared: Ran) -> None:
    before = declared.footprint["besides"]

    higher = emissions.quick("report", "emissions-report", "--pue", "2.3", "--json").json["besides"]

    assert higher["market_based_gco2e"] == pytest.approx(before["market_based_gco2e"] * 2)
    assert higher["cost"]["amount"] == pytest.approx(before["cost"]["amount"] * 2)
    assert (higher["water_l"], higher["embodied_gco2e"]) == (before["water_l"], before["embodied_gco2e"])


def test_several_jobs_are_summed(emissions: Emissions, declared: Ran) -> None:
    del declared
    emissions.quick("run", "--region", "aws:us-east-1", "--out", "other", "--", "true")

    merged = emissions.quick("report", "emissions-report", "other", "--json").json

    costs = [job["besides"]["cost"]["amount"] for job in merged["jobs"]]
    assert merged["total"]["besides"]["cost"] == {"amount": pytest.approx(sum(costs)), "currency": "EUR"}
    assert merged["total"]["besides"]["sci"] is None


def test_a_footprint_of_before_they_were_built_is_read_as_it_is(emissions: Emissions, ran: Path) -> None:
    path = ran / "footprint.json"
    older = json.loads(path.read_text())
    older["besides"] = dict.fromkeys(("market_based_gco2e", "marginal_gco2e", "embodied_gco2e", "sci", "water_l"))
    del older["accounting"]
    path.write_text(json.dumps(older))

    again = emissions.quick("report", str(path), "--json")

    assert again.status == 0, again.err
    assert again.json["accounting"] is None
    assert set(again.json["besides"]["sources"]) == set()


def test_a_wrong_declaration_is_told_before_anything_runs(emissions: Emissions) -> None:
    config(emissions.cwd, "accounting: {market: 30, water: much}\n")

    ran = emissions.quick("run", "--", "touch", "ran")

    assert ran.status == 2
    assert "`market`" in ran.err
    assert "`water`" in ran.err
    assert not (emissions.cwd / "ran").exists()


def test_a_session_keeps_what_was_declared_when_it_started(emissions: Emissions) -> None:
    config(emissions.cwd, DECLARED)
    assert emissions("start", "--region", "aws:us-east-1").status == 0
    (emissions.cwd / "emissions.yml").unlink()

    stopped = emissions("stop")

    assert stopped.status == 0, stopped.err
    assert stopped.footprint["besides"]["market_based_gco2e"] > 0
