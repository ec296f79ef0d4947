"""`emissions estimate`: what can be declared, what each comes to, and every wrong figure in one message."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from tests.cli.command import Emissions, config

BY_HAND = ("--pue", "1", "--intensity", "100 g/kWh")


def footprint(emissions: Emissions, *words: str, **environ: str) -> dict[str, Any]:
    ran = emissions.quick("estimate", *words, "--json", **environ)
    assert ran.status == 0, ran.err
    found: dict[str, Any] = ran.json
    return found


def kwh(emissions: Emissions, *words: str) -> float:
    return footprint(emissions, *words, *BY_HAND)["energy"]["it_j"] / 3.6e6


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--power 1000 --hours 2", 2.0),
        ("--power 1.5kW --hours 2", 3.0),
        ("--power 1000 --hours 0.5 --repeats 3", 1.5),
        ("--power 1000 --hours 30min", 0.5),
        ("--power 1000 --hours 2d", 48.0),
        ("--gpu A100 --hours 10", 4.0),
        ("--gpu A100 --count 8 --hours 10", 32.0),
        ("--gpu A100 --count 2.5 --hours 10", 10.0),
        ("--gpu A100 --count 8 --hours 10 --utilisation 0.7", 22.4),
        ("--gpu A100 --count 8 --hours 10 --utilisation 70%", 22.4),
        ("--gpu A100 --hours 10 --utilisation 0", 0.0),
        ("--gpu A100 --tdp 300 --hours 10", 3.0),
        ("--gpu Nonesuch --tdp 300 --hours 10", 3.0),
        ("--tdp 300 --count 2 --hours 10", 6.0),
        ("--gpu T4 --cpu-watts 100 --dram-watts 30 --hours 10", 2.0),
        ("--cpu-watts 90 --memory-gb 64 --hours 12", 12 * (90 + 64 * 0.3725) / 1000),
        ("--memory-gb 1TB --hours 10", 3.725),
        ("--cores 10 --hours 10", 1.2),
        ("--cores 10 --cpu-utilisation 0.5 --hours 10", 0.6),
        ("--cpu XeonGold6142 --hours 10", 1.504),
        ("--cpu XeonGold6142 --cores 4 --hours 10", 0.376),
        ("--queries 1e6 --energy-per-query 0.3Wh", 300.0),
        ("--queries 1000 --energy-per-query 3.6kJ/query", 1.0),
        ("--epochs 100 --energy-per-epoch 0.010kWh,0.012kWh", 1.1),
        ("--power 1000 --hours 1 --queries 1000 --energy-per-query 1Wh", 2.0),
    ],
)
def test_what_is_declared_comes_to(emissions: Emissions, words: str, expected: float) -> None:
    spoken = words.replace("XeonGold6142", "Xeon~Gold~6142").split()

    assert kwh(emissions, *(word.replace("~", " ") for word in spoken)) == pytest.approx(expected, rel=1e-12)


def test_it_prints_a_footprint_with_full_precision_and_every_factor(emissions: Emissions) -> None:
    found = footprint(
        emissions, "--gpu", "A100", "--count", "8", "--hours", "24", "--utilisation", "0.7", "--region", "FR"
    )

    energy, pue, intensity = found["energy"], found["pue"], found["intensity"]
    assert (found["schema"], found["method"], found["quality"]) == (1, "estimate", "C")
    assert energy["it_j"] == pytest.approx(8 * 400 * 0.7 * 24 * 3600, rel=1e-15)
    assert energy["facility_j"] == energy["it_j"] * pue["ratio"]
    assert found["emissions"]["gco2e"] == energy["facility_j"] / 3.6e6 * intensity["gco2e_per_kwh"]
    assert (intensity["region"], pue["level"]) == ("FR", "average")
    assert energy["measured_ratio"] == 0
    assert found["job"]["duration_s"] == 86_400
    assert found["job"]["started_at"] is None
    assert [gpu["name"] for gpu in found["hardware"]["gpus"]] == ["NVIDIA A100 SXM4 80GB"] * 8
    (meter,) = found["meters"]
    assert meter["label"] == "8 × NVIDIA A100 SXM4 80GB at 70 %"
    assert meter["source"].startswith("rated 400 W each, NVIDIA")
    assert meter["year"] == 2020
    assert "host-not-counted" in found["flags"]
    assert {"processors", "memory"} <= set(found["not_counted"])


def test_bounds_are_those_of_rated_power(emissions: Emissions) -> None:
    energy = footprint(emissions, "--gpu", "A100", "--hours", "1", *BY_HAND)["energy"]

    assert (energy["low_j"], energy["high_j"]) == (0.5 * energy["it_j"], 1.3 * energy["it_j"])
    assert energy["repeat_low_j"] == energy["it_j"] == energy["repeat_high_j"]


def test_without_a_region_the_quality_is_d_and_the_report_says_how_to_set_it(emissions: Emissions) -> None:
    found = footprint(emissions, "--gpu", "A100", "--hours", "1")
    ran = emissions.quick("estimate", "--gpu", "A100", "--hours", "1")

    assert found["quality"] == "D"
    assert "region-unknown" in found["flags"]
    assert ran.text.startswith("Location unknown")


def test_many_accelerators_do_not_fill_the_footprint(emissions: Emissions) -> None:
    found = footprint(emissions, "--gpu", "V100", "--count", "10000", "--hours", "1", *BY_HAND)

    assert found["hardware"]["gpus"] == []
    assert found["meters"][0]["label"].startswith("10,000 × NVIDIA V100")


def test_a_report_says_that_nothing_was_measured(emissions: Emissions) -> None:
    for form in ("text", "markdown", "html"):
        ran = emissions.quick(
            "estimate", "--gpu", "A100", "--hours", "1", "--memory-gb", "64", "--region", "FR", "--format", form
        )

        assert ran.status == 0
        assert "nothing was measured" in ran.text
        assert "(estimated)" in ran.text
        assert "rated 400 W each" in ran.text
        assert "If measured again" not in ran.text
        assert "If modelled again" not in ran.text


def test_a_row_of_csv(emissions: Emissions) -> None:
    ran = emissions.quick("estimate", "--power", "1000", "--hours", "1", *BY_HAND, "--format", "csv", "--name", "paper")

    (row,) = csv.DictReader(io.StringIO(ran.text))
    assert (row["job"], row["method"], row["emissions_gco2e"]) == ("paper", "estimate", "100.0")


def test_the_same_options_give_the_same_bytes_and_ask_nobody(emissions: Emissions) -> None:
    words = ("estimate", "--gpu", "H100", "--hours", "1", "--json")

    first, second = emissions.observed()(*words), emissions(*words)

    assert first.out == second.out
    assert not [note for note in emissions.notes if note.startswith("socket.")]


def test_files_are_written_only_where_asked_for_and_can_be_read_again(emissions: Emissions) -> None:
    emissions.quick("estimate", "--power", "1000", "--hours", "1", *BY_HAND)
    assert list(emissions.cwd.iterdir()) == []

    ran = emissions.quick("estimate", "--power", "1000", "--hours", "1", *BY_HAND, "--out", "paper", "--json")

    assert {path.name for path in (emissions.cwd / "paper").iterdir()} == {"footprint.json", "report.md", "report.html"}
    assert (emissions.cwd / "paper/footprint.json").read_bytes() == ran.out
    assert emissions.quick("report", "paper", "--json").out == ran.out
    elsewhere = emissions.quick("report", "paper", "--json", "--pue", "2").json
    assert elsewhere["emissions"]["gco2e"] == pytest.approx(200)
    assert elsewhere["method"] == "estimate"
    assert emissions.quick("publish", "paper", "--dry-run").status == 0


def test_beside_other_jobs_it_is_told_apart(emissions: Emissions) -> None:
    for name in ("one", "two"):
        emissions.quick("estimate", "--power", "1000", "--hours", "1", *BY_HAND, "--name", name, "--out", name)
    data = (emissions.cwd / "two/footprint.json").read_text()
    (emissions.cwd / "two/footprint.json").write_text(data.replace('"method": "estimate"', '"method": "measured"'))

    ran = emissions.quick("report", "one", "two")

    assert "1 job of 2 was not measured but estimated." in ran.text
    assert emissions.quick("gate", "one", "two", "--budget", "250 g").status == 0
    assert emissions.quick("gate", "one", "--budget", "50 g").status == 1


def test_a_measured_job_is_never_written_over(emissions: Emissions) -> None:
    (emissions.cwd / "emissions-report").mkdir()
    (emissions.cwd / "emissions-report/recording.jsonl").write_text('{"schema": 1}\n')

    ran = emissions.quick("estimate", "--power", "1", "--hours", "1", "--out", "emissions-report")

    assert ran.status == 2
    assert "holds a measured job" in ran.err
    assert [path.name for path in (emissions.cwd / "emissions-report").iterdir()] == ["recording.jsonl"]


@pytest.mark.parametrize(
    ("budget", "outcome", "gated"), [("100 g", "pass", 0), ("99 g", "fail", 1), ("1 Wh/query", "pass", 0)]
)
def test_a_budget_is_judged_on_the_figures_as_declared(
    emissions: Emissions, budget: str, outcome: str, gated: int
) -> None:
    words = ("estimate", "--power", "1000", "--hours", "1", "--queries", "1000", *BY_HAND, "--budget", budget)

    ran = emissions.quick(*words, "--json")
    judged = emissions.quick(*words, "--gate")

    assert (ran.status, judged.status) == (0, gated)
    assert ran.json["verdict"]["outcome"] == outcome
    (finding,) = ran.json["verdict"]["findings"]
    assert finding["low"] == finding["observed"] == finding["high"]
    assert "Too close" not in judged.text


def test_the_config_file_and_the_environment_count_here_too(emissions: Emissions) -> None:
    config(emissions.cwd, "version: 1\nsite: {region: PL, pue: 1.3}\nbudgets:\n  - {metric: emissions, max: 1 kg}\n")

    found = footprint(emissions, "--power", "1000", "--hours", "1", EMISSIONS_PUE="1.1")

    assert found["intensity"]["region"] == "PL"
    assert found["pue"]["ratio"] == 1.1
    assert found["verdict"]["outcome"] == "pass"


def test_the_estimate_of_a_ci_job_is_not_taken_for_the_job(emissions: Emissions) -> None:
    found = footprint(emissions, "--power", "1", "--hours", "1", GITHUB_JOB="train", GITHUB_RUN_ID="7")

    assert found["job"]["name"] == "estimate"
    assert found["job"]["run_id"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "There is nothing to estimate. Write for example `emissions estimate --gpu A100"),
        ("--power 3", "Add `--hours`"),
        ("--hours 3", "There is a time but no power (`--hours`)"),
        ("--repeats 3", "There is a time but no power (`--repeats`)"),
        ("--count 3 --hours 1", "nothing that this is of (`--count`). Add `--gpu` or `--tdp`"),
        ("--queries 3", "what energy one query takes (`--queries`)"),
        ("--energy-per-query 3Wh", "Add `--queries`"),
        ("--epochs 3", "what energy one epoch takes (`--epochs`)"),
        ("--gpu H1OO --hours 1", "Did you mean `NVIDIA H100"),
        ("--gpu nonesuch --hours 1", "`emissions factors list accelerators` names every one"),
        ("--cpu Xeon-9999 --hours 1", "`Xeon"),
        ("--power 3 --gpu A100 --hours 1", "its parts would count twice"),
        ("--cpu-watts 3 --cores 4 --hours 1", "the processors would count twice"),
        ("--dram-watts 3 --memory-gb 4 --hours 1", "memory would count twice"),
        ("--power -1 --hours 1", "`-1` is not above 0 (`--power`)"),
        ("--power 0 --hours 1", "`0` is not above 0 (`--power`)"),
        ("--power 1e12 --hours 1", "is above 1,000,000,000"),
        ("--power nan --hours 1", "`nan` is not a finite number"),
        ("--power inf --hours 1", "`inf` is not a finite number"),
        ("--power abc --hours 1", "`abc` is not a finite number"),
        ("--power 3J --hours 1", "unknown unit `J`"),
        ("--gpu A100 --utilisation 70 --hours 1", "Write `0.7`, or `70%`"),
        ("--gpu A100 --utilisation 300 --hours 1", "is above 1 (`--utilisation`)"),
        ("--gpu A100 --utilisation -0.1 --hours 1", "is below 0 (`--utilisation`)"),
        ("--gpu A100 --count 0 --hours 1", "is not above 0 (`--count`)"),
        ("--gpu A100 --count 8x --hours 1", "unknown unit `x`"),
        ("--gpu A100 --hours 0", "is not above 0 (`--hours`)"),
        ("--queries 3 --energy-per-query 3", "is not an energy with its unit"),
        ("--queries 3 --energy-per-query 3g", "is not an energy with its unit"),
        ("--queries 3 --energy-per-query x", "is not a number with a unit"),
        ("--queries 3 --energy-per-query=-3Wh", "is not between 0 and 1 TJ"),
        ("--power 1 --hours 1 --format xml", "Format `xml` is not known"),
        ("--power 1 --hours 1 --region Nonesuch", "Region `Nonesuch`"),
    ],
)
def test_an_impossible_figure_is_a_usage_error_that_says_what_to_write(
    emissions: Emissions, words: str, said: str
) -> None:
    ran = emissions.quick("estimate", *words.split(), "--out", "here")

    assert (ran.status, ran.out) == (2, b"")
    assert said in ran.err
    assert ran.is_clean
    assert not (emissions.cwd / "here").exists()


def test_every_problem_is_told_at_once_each_with_its_option(emissions: Emissions) -> None:
    words = "--gpu nonesuch --utilisation 70 --hours -3 --region ZZ9 --pue 0.5 --format xml --budget 3 --cpu nonesuch"

    ran = emissions.quick("estimate", *words.split())

    assert ran.status == 2
    for option in ("gpu", "utilisation", "hours", "region", "pue", "format", "budget", "cpu"):
        assert f"(`--{option}`)" in ran.err, option


def test_the_greatest_figures_are_still_a_footprint_that_can_be_read(emissions: Emissions) -> None:
    words = ("--gpu", "X", "--tdp", "5e4", "--count", "1e6", "--hours", "1e9", "--repeats", "1e5", "--pue", "10")

    ran = emissions.quick("estimate", *words, "--intensity", "10000 g/kWh", "--out", "most")

    assert ran.status == 0, ran.err
    json.loads((emissions.cwd / "most/footprint.json").read_text())
    assert emissions.quick("report", "most").status == 0
