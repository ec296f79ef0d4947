"""`footprint.json` by the letter of the contract: keys, types, ranges, and arithmetic to the last digit."""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Emissions, Ran

TEXT, NUMBER, WHOLE, TRUTH = (str,), (int, float), (int,), (bool,)
NULL = (type(None),)
SHAPE: dict[str, tuple[type, ...]] = {
    "schema": WHOLE, "tool.name": TEXT, "tool.version": TEXT, "tool.factors.version": TEXT, "tool.factors.sha256": TEXT,
    "method": TEXT, "quality": TEXT,
    "job.name": TEXT, "job.command": (list, *NULL), "job.exit_status": WHOLE + NULL, "job.started_at": TEXT,
    "job.duration_s": NUMBER, "job.repository": TEXT + NULL, "job.sha": TEXT + NULL, "job.run_id": WHOLE + NULL,
    "job.run_attempt": WHOLE + NULL, "job.pull_request": WHOLE + NULL,
    "hardware.gpus": (list,), "hardware.gpus[].uuid": TEXT, "hardware.gpus[].name": TEXT, "hardware.cpu": TEXT + NULL,
    "hardware.memory_gb": NUMBER + NULL,
    "meters": (list,), "meters[].id": TEXT, "meters[].label": TEXT, "meters[].component": TEXT,
    "meters[].method": TEXT, "meters[].energy_j": NUMBER + NULL, "meters[].coverage_ratio": NUMBER + NULL,
    "meters[].included": TRUTH, "meters[].excluded_because": TEXT + NULL, "meters[].uncertainty_ratio": NUMBER + NULL,
    "unavailable": (list,), "unavailable[].source": TEXT, "unavailable[].reason": TEXT,
    "unavailable[].remedy": TEXT + NULL, "unavailable[].expected": TRUTH,
    "not_counted": (list,), "phases": (list,),
    "energy.it_j": NUMBER + NULL, "energy.facility_j": NUMBER + NULL, "energy.facility_kwh": NUMBER + NULL,
    "energy.measured_ratio": NUMBER + NULL, "energy.idle_j": NUMBER + NULL, "energy.low_j": NUMBER + NULL,
    "energy.high_j": NUMBER + NULL, "energy.repeat_low_j": NUMBER + NULL, "energy.repeat_high_j": NUMBER + NULL,
    "pue.ratio": NUMBER, "pue.source": TEXT, "pue.year": WHOLE + NULL, "pue.level": TEXT,
    "intensity.gco2e_per_kwh": NUMBER, "intensity.region": TEXT + NULL, "intensity.kind": TEXT,
    "intensity.origin": TEXT, "intensity.scope": TEXT, "intensity.source": TEXT, "intensity.year": WHOLE + NULL,
    "intensity.resolved": TEXT + NULL,
    "emissions.gco2e": NUMBER + NULL, "emissions.low_gco2e": NUMBER + NULL, "emissions.high_gco2e": NUMBER + NULL,
    "besides.market_based_gco2e": NUMBER + NULL, "besides.marginal_gco2e": NUMBER + NULL,
    "besides.embodied_gco2e": NUMBER + NULL, "besides.sci": (dict, *NULL), "besides.water_l": NUMBER + NULL,
    "besides.cost": (dict, *NULL),
    "per_unit": (list,), "per_unit[].unit": TEXT, "per_unit[].count": NUMBER, "per_unit[].energy_j": NUMBER + NULL,
    "per_unit[].gco2e": NUMBER + NULL,
    "baseline": NULL,
    "verdict.outcome": TEXT, "verdict.findings": (list,), "verdict.findings[].rule": TEXT,
    "verdict.findings[].metric": TEXT, "verdict.findings[].unit": TEXT, "verdict.findings[].limit": NUMBER,
    "verdict.findings[].observed": NUMBER + NULL, "verdict.findings[].low": NUMBER + NULL,
    "verdict.findings[].high": NUMBER + NULL, "verdict.findings[].outcome": TEXT, "verdict.findings[].why": TEXT,
    "flags": (list,),
}  # fmt: skip
WORDS = {
    "method": "measured partly-measured modelled estimate",
    "quality": "A B C D",
    "meters[].component": "gpu cpu dram node module",
    "meters[].method": "counter integrated modelled",
    "pue.level": "region fleet average given",
    "intensity.kind": "average marginal",
    "intensity.origin": "table api given",
    "intensity.scope": "lifecycle direct unknown",
    "intensity.resolved": "annual hourly 30min 15min 5min",
    "verdict.outcome": "pass warn fail unknown none",
    "verdict.findings[].metric": "emissions energy",
    "verdict.findings[].outcome": "pass warn fail unknown not-judged",
}


def at(document: Any, path: str) -> Iterator[Any]:
    """Every value at a path; `[]` goes through a list. KeyError where a key is missing."""
    key, _, rest = path.partition(".")
    values = document[key.removesuffix("[]")]
    for value in values if key.endswith("[]") else [values]:
        if rest:
            yield from at(value, rest)
        else:
            yield value


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for item in value.values():
            yield from numbers(item)
    elif isinstance(value, list):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, float):
        yield value


def check(footprint: dict[str, Any]) -> None:
    """All that section 3 says of one footprint."""
    for path, types in SHAPE.items():
        for value in at(footprint, path):
            assert isinstance(value, types), (path, value)
            assert isinstance(value, bool) == (types == TRUTH), (path, value)
    for path, words in WORDS.items():
        for value in at(footprint, path):
            assert value is None or value in words.split(), (path, value)
    assert footprint["schema"] == 1
    assert footprint["tool"]["name"] == "emissions-reporter"
    assert all(math.isfinite(number) for number in numbers(footprint))
    energy, emissions, intensity = footprint["energy"], footprint["emissions"], footprint["intensity"]
    assert footprint["pue"]["ratio"] >= 1
    if energy["it_j"] is not None:
        assert energy["facility_j"] == energy["it_j"] * footprint["pue"]["ratio"]
        assert energy["facility_kwh"] == energy["facility_j"] / 3_600_000
        assert emissions["gco2e"] == energy["facility_kwh"] * intensity["gco2e_per_kwh"]
        assert 0 <= energy["low_j"] <= energy["repeat_low_j"] <= energy["it_j"]
        assert energy["it_j"] <= energy["repeat_high_j"] <= energy["high_j"]
        assert 0 <= emissions["low_gco2e"] <= emissions["gco2e"] <= emissions["high_gco2e"]
        assert 0 <= energy["measured_ratio"] <= 1
        included = [meter["energy_j"] for meter in footprint["meters"] if meter["included"]]
        assert sum(included) == pytest.approx(energy["it_j"], rel=1e-9)
    for meter in footprint["meters"]:
        assert meter["included"] == (meter["excluded_because"] is None)
        assert meter["coverage_ratio"] is None or 0 <= meter["coverage_ratio"] <= 1
    for finding in footprint["verdict"]["findings"]:
        if finding["observed"] is not None:
            assert finding["low"] <= finding["observed"] <= finding["high"]
    assert all(re.fullmatch(r"[a-z0-9-]+", flag.partition(":")[0]) for flag in footprint["flags"])


def test_a_run_writes_what_the_contract_says(finished: Ran) -> None:
    check(finished.footprint)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--region", "aws:us-east-1", "--pue", "1.07"),
        ("--intensity", "412.5 lb/MWh", "--budget", "5 mWh", "--budget", "1 mJ"),
        ("--record-command", "off", "--region", "US-VA", "--budget", "1 mg/sample"),
        ("--budget", "+10%", "--budget", "20 kg/month"),
    ],
    ids=lambda words: " ".join(words) or "nothing said",
)
def test_runs_of_every_kind_do(emissions: Emissions, words: tuple[str, ...]) -> None:
    ran = emissions.quick("run", *words, "--", "sh", "-c", "exit 3")

    assert ran.status == 3
    check(ran.footprint)


def test_a_recording_alone_gives_what_the_run_gave(emissions: Emissions, finished: Ran, ran: Path) -> None:
    (ran / "footprint.json").unlink()

    again = emissions.quick("report", str(ran), "--json")

    assert again.text == (finished.folder / "footprint.json").read_text()


def test_a_footprint_is_reported_as_it_is(emissions: Emissions, ran: Path) -> None:
    again = emissions.quick("report", str(ran / "footprint.json"), "--json")

    assert again.text == (ran / "footprint.json").read_text()


def test_nothing_measured_is_null_and_not_zero(emissions: Emissions, finished: Ran) -> None:
    folder = emissions.cwd / "unmetered"
    shutil.copytree(finished.folder, folder)
    start, *_ = (folder / "recording.jsonl").read_text().splitlines()
    document = json.loads(start)
    document["meters"], document["sources"] = [], []
    t_ns = document["t"]
    end = {"kind": "end", "t": t_ns + 10**9, "exit_status": 0, "signal": None, "self_cpu_s": 0.1}
    (folder / "recording.jsonl").write_text(f"{json.dumps(document)}\n{json.dumps(end)}\n")
    (folder / "footprint.json").unlink()

    footprint = emissions.quick("report", str(folder), "--json").json

    assert [footprint["energy"][key] for key in ("it_j", "facility_j", "facility_kwh", "low_j", "high_j")] == [None] * 5
    assert footprint["emissions"] == {"gco2e": None, "low_gco2e": None, "high_gco2e": None}
    assert footprint["verdict"]["outcome"] == "unknown"
    check(footprint)
    for form in ("text", "markdown", "html", "csv"):
        shown = emissions.quick("report", str(folder), "--format", form)
        assert shown.status == 0, shown.err


def test_a_newer_reader_may_find_more_keys(emissions: Emissions, ran: Path) -> None:
    path = ran / "footprint.json"
    document = json.loads(path.read_text())
    document["new"] = {"from": "later"}
    document["job"]["new"] = document["energy"]["new_j"] = 1
    path.write_text(json.dumps(document))

    again = emissions.quick("report", str(path), "--json")

    assert again.status == 0
    check(again.json)
