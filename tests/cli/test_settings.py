"""Region, intensity, PUE, budgets and files of settings: what is refused before anything runs, and who wins."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Emissions, Ran, config

WORLD, UNITED_STATES, FRANCE, VIRGINIA = 472.94, 384.4, 41.44, 244.758
G_PER_LB = 453.59237


def resolved(emissions: Emissions, folder: Path, *words: str, **environ: str) -> dict[str, Any]:
    """The footprint of a recording that was made without a site."""
    ran = emissions.quick("report", str(folder), "--json", *words, **environ)
    assert ran.status == 0, ran.err
    found: dict[str, Any] = ran.json
    return found


@pytest.mark.parametrize(
    ("region", "gco2e_per_kwh", "pue", "level"),
    [
        ("FR", FRANCE, 1.54, "average"),
        ("US-VA", VIRGINIA, 1.54, "average"),
        ("aws:us-east-1", VIRGINIA, 1.15, "region"),
    ],
)
def test_a_region_brings_its_intensity_and_pue(
    emissions: Emissions, placeless: Path, region: str, gco2e_per_kwh: float, pue: float, level: str
) -> None:
    found = resolved(emissions, placeless, "--region", region)

    assert found["intensity"]["gco2e_per_kwh"] == gco2e_per_kwh
    assert (found["intensity"]["origin"], found["intensity"]["scope"] in ("lifecycle", "direct")) == ("table", True)
    assert (found["pue"]["ratio"], found["pue"]["level"]) == (pue, level)
    assert found["intensity"]["year"] >= 2020
    assert found["pue"]["year"] >= 2020
    assert "region-unknown" not in found["flags"]


@pytest.mark.parametrize("region", ["azure:eastus2", "gcp:europe-west4"])
def test_every_cloud_has_its_regions(emissions: Emissions, placeless: Path, region: str) -> None:
    found = resolved(emissions, placeless, "--region", region)

    assert found["intensity"]["region"] is not None
    assert 1 < found["pue"]["ratio"] < 1.3
    assert found["pue"]["level"] in ("region", "fleet")


@pytest.mark.parametrize(
    ("intensity", "gco2e_per_kwh"),
    [
        ("230 g/kWh", 230),
        ("0.954 lb/kWh", 0.954 * G_PER_LB),
        ("412.5 lb/MWh", 412.5 * G_PER_LB / 1000),
        ("230 gCO2e/kWh", 230),
        ("0.23 kg/kWh", 230),
        ("static", FRANCE),
    ],
)
def test_an_intensity_has_its_unit(emissions: Emissions, placeless: Path, intensity: str, gco2e_per_kwh: float) -> None:
    found = resolved(emissions, placeless, "--region", "FR", "--intensity", intensity)

    assert found["intensity"]["gco2e_per_kwh"] == pytest.approx(gco2e_per_kwh, rel=1e-12)
    assert found["intensity"]["origin"] == ("table" if intensity == "static" else "given")


@pytest.mark.parametrize(
    ("words", "message", "advice"),
    [
        (("--region", "FRR"), "Region `FRR`", "`FR`"),
        (("--region", "aws:us-esat-1"), "Region `aws:us-esat-1`", "`aws:us-east-1`"),
        (("--region", "atlantis"), "Region `atlantis`", "factors list"),
        (("--intensity", "230"), "has no unit", "230 g/kWh"),
        (("--intensity", "230 g/kWk"), "unknown unit `g/kWk`", "g/kWh"),
        (("--intensity", "-1 g/kWh"), "outside 0", ""),
        (("--intensity", "nan g/kWh"), "nan g/kWh", ""),
        (("--intensity", "electricitymap"), "neither a number nor a provider", "`electricitymaps`"),
        (("--pue", "0.9"), "PUE 0.9 is below 1", "1.2"),
        (("--pue", "-1"), "PUE -1 is below 1", "1.2"),
        (("--pue", "nan"), "PUE `nan`", "1.2"),
        (("--pue", "inf"), "PUE `inf`", "1.2"),
        (("--pue", "good"), "PUE `good`", "1.2"),
        (("--budget", "50"), "`50` has no unit", "50 g"),
        (("--budget", "5 gramms"), "unknown unit `gramms`", ""),
        (("--budget", "-5 g"), "is negative", ""),
        (("--budget", "nan g"), "`nan g`", ""),
        (("--budget", "10%"), "`10%` does not say of what", "`+10%`"),
        (("--budget", "300 g/pr"), "names no period", "`300 g/pull-request`"),
        (("--budget", "quality E"), "`E` is no quality", "`quality B`"),
        (("--interval", "0"), "Interval 0 is below", ""),
        (("--sources", "nvlm"), "Source `nvlm` is not known", "`nvml`"),
        (("--on-unknown", "fial"), "`on-unknown` cannot be `fial`", "`fail`"),
        (("--record-command", "no"), "`record-command` cannot be `no`", ""),
        (("--stop-at-budget",), "There is no budget to stop at (`--stop-at-budget`)", "50 g"),
        (("--idle-baseline", "soon"), "Idle baseline `soon` is not a finite number", ""),
        (("--progress", "often"), "`progress` cannot be `often`", "`always`"),
        (("--config", "no.yml"), "`no.yml` cannot be read: No such file", ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_wrong_setting_is_one_message_and_nothing_runs(
    emissions: Emissions, words: tuple[str, ...], message: str, advice: str
) -> None:
    ran = emissions.quick("run", *words, "--", "touch", "ran")

    assert (ran.status, ran.out) == (2, b"")
    assert len(ran.err.splitlines()) == 1
    assert message in ran.err
    assert advice in ran.err
    assert words[0] in ran.err  # where it was set
    assert ran.is_clean
    assert sorted(emissions.cwd.iterdir()) == []


def test_every_problem_of_every_place_is_told_at_once(emissions: Emissions) -> None:
    config(
        emissions.cwd, "version: 1\nsite: {region: FRR, pu: 2}\nbudgets:\n  - {metric: energy, max: 5 g}\ncolour: red\n"
    )

    ran = emissions.quick("run", "--pue", "0.5", "--budget", "50", "--", "touch", "ran", EMISSIONS_INTERVAL="never")

    lines = ran.err.splitlines()
    assert ran.status == 2
    assert [line for line in lines if not line.startswith("emissions: ")] == []
    for words in (
        ("Region `FRR`", "emissions.yml, line 2"),
        ("`site.pu`", "emissions.yml, line 2", "`pue`"),
        ("limits emissions", "emissions.yml, line 4"),
        ("`colour`", "emissions.yml, line 5"),
        ("PUE 0.5", "`--pue`"),
        ("`50` has no unit", "`--budget`"),
        ("Interval `never`", "EMISSIONS_INTERVAL"),
    ):
        assert [line for line in lines if all(word in line for word in words)], words
    assert len(lines) == 7
    assert not (emissions.cwd / "ran").exists()


def test_a_config_file_that_cannot_be_read_does_not_hide_the_other_problems(emissions: Emissions) -> None:
    (emissions.cwd / "latin.yml").write_bytes(b"# caf\xe9\n")

    ran = emissions.quick("run", "--config", "latin.yml", "--pue", "0.5", "--", "true")

    assert ran.status == 2
    assert "`latin.yml` cannot be read: it is not UTF-8 text" in ran.err
    assert "PUE 0.5" in ran.err


def test_the_config_file_is_looked_for_in_two_places(emissions: Emissions, placeless: Path) -> None:
    config(emissions.cwd, "version: 1\nsite: {region: FR}\n")
    beside = resolved(emissions, placeless)
    config(emissions.cwd, "version: 1\nsite: {region: US-VA}\n", ".github/emissions.yml")
    in_github = resolved(emissions, placeless)
    config(emissions.cwd, "version: 1\nsite: {region: PL}\n", "own.yml")
    named = resolved(emissions, placeless, "--config", "own.yml")

    assert [found["intensity"]["region"] for found in (beside, in_github, named)] == ["FR", "US-VA", "PL"]


def test_flag_environment_machine_file_config_file_default_in_that_order(
    emissions: Emissions, placeless: Path, environ: dict[str, str]
) -> None:
    machine = emissions.cwd / "machine"
    here = {"EMISSIONS_SYSFS_ROOT": str(machine)}

    seen = [resolved(emissions, placeless, **here)["pue"]["ratio"]]
    config(emissions.cwd, "version: 1\nsite: {region: FR, pue: 1.4}\n")
    seen.append(resolved(emissions, placeless, **here)["pue"]["ratio"])
    config(machine, "pue: 1.3\nowner: lab\n", "etc/emissions/machine.yml")
    seen.append(resolved(emissions, placeless, **here)["pue"]["ratio"])
    seen.append(resolved(emissions, placeless, **here, EMISSIONS_PUE="1.2")["pue"]["ratio"])
    seen.append(resolved(emissions, placeless, "--pue", "1.1", **here, EMISSIONS_PUE="1.2")["pue"]["ratio"])
    seen.append(resolved(emissions, placeless, "--pue", "", **here, EMISSIONS_PUE="")["pue"]["ratio"])

    assert seen == [1.54, 1.4, 1.3, 1.2, 1.1, 1.3]


def test_a_wrong_machine_file_is_told_by_its_place(emissions: Emissions) -> None:
    machine = emissions.cwd / "machine"
    config(machine, "pue: 0.3\nregoin: FR\n", "etc/emissions/machine.yml")

    ran = emissions.quick("run", "--", "touch", "ran", EMISSIONS_SYSFS_ROOT=str(machine))

    assert ran.status == 2
    assert "/etc/emissions/machine.yml, line 1" in ran.err
    assert "/etc/emissions/machine.yml, line 2" in ran.err
    assert "Did you mean `region`?" in ran.err


def test_a_run_takes_its_settings_from_all_places_at_once(emissions: Emissions) -> None:
    config(emissions.cwd, "version: 1\nsite: {region: FR, pue: 1.4}\nbudgets: [50 g]\n", ".github/emissions.yml")

    ran = emissions.quick("run", "--", "true", EMISSIONS_PUE="1.25", EMISSIONS_NAME="by variable", EMISSIONS_OUT="o")

    assert ran.status == 0
    found = json.loads((emissions.cwd / "o" / "footprint.json").read_text())
    assert (found["intensity"]["region"], found["pue"]["ratio"], found["job"]["name"]) == ("FR", 1.25, "by variable")
    (finding,) = found["verdict"]["findings"]
    assert (finding["rule"], finding["origin"]) == ("50 g", ".github/emissions.yml, line 3")


def test_budgets_on_the_command_line_replace_the_files(emissions: Emissions) -> None:
    config(emissions.cwd, "version: 1\nbudgets: [50 g, 60 g]\n")

    ran = emissions.quick("run", "--budget", "1 kWh", "--budget", "70 g", "--", "true")

    assert [finding["rule"] for finding in ran.footprint["verdict"]["findings"]] == ["1 kWh", "70 g"]


FORMATS = ("text", "markdown", "html")


@pytest.mark.parametrize("form", FORMATS)
def test_without_a_region_the_reports_first_line_says_how_to_set_it(
    emissions: Emissions, placeless: Path, form: str
) -> None:
    ran = emissions.quick("report", str(placeless), "--format", form)

    body = re.sub(r"(?s)<head>.*?</head>|<style>.*?</style>|<[^>]+>", "", ran.text)
    first = " ".join(body.strip().split("\n\n")[0].split())
    assert re.search(r"--region|region:", first), first
    assert resolved(emissions, placeless)["quality"] == "D"


@pytest.mark.parametrize(("hosted", "gco2e_per_kwh"), [(False, WORLD), (True, UNITED_STATES)])
def test_without_a_region_an_average_stands_in_and_is_flagged(
    emissions: Emissions, placeless: Path, hosted: bool, gco2e_per_kwh: float
) -> None:
    runner = {"RUNNER_ENVIRONMENT": "github-hosted", "RUNNER_OS": "Linux"} if hosted else {}

    found = resolved(emissions, placeless, **runner)

    assert found["intensity"]["gco2e_per_kwh"] == gco2e_per_kwh
    assert found["flags"].count("region-unknown") == 1
    assert found["quality"] == "D"
    assert found["intensity"]["low_gco2e_per_kwh"] < gco2e_per_kwh < found["intensity"]["high_gco2e_per_kwh"]


def test_a_run_without_a_region_says_so_too(emissions: Emissions) -> None:
    ran = emissions.quick("run", "--", "true")

    assert "--region" in ran.err.split("\n\n")[0]
    assert ran.footprint["flags"].count("region-unknown") == 1


def test_factors_show_where_every_row_comes_from(emissions: Emissions) -> None:
    rows = emissions.quick("factors", "list", "--json").json
    shown = emissions.quick("factors", "show", "aws:us-east-1")

    assert len(rows) > 300
    assert all(row["source"] and row["licence"] and row["year"] for row in rows)
    assert "244.8" in shown.text
    assert "EPA eGRID" in shown.text
    assert emissions.quick("factors", "show", "FRR").status == 2


def test_doctor_says_what_would_be_assumed_and_why_nothing_is_measured(emissions: Emissions) -> None:
    ran: Ran = emissions.quick("doctor", "--region", "FR", EMISSIONS_SOURCES="")
    checks = {check["subject"]: check for check in emissions.quick("doctor", "--json").json["checks"]}

    assert ran.status == 0, ran.err
    assert "41.4 gCO2e/kWh" in ran.text
    assert checks["rapl"]["status"] == "info"
    assert "--region" in checks["region and intensity"]["fix"]
