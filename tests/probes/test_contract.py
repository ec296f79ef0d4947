"""What every source keeps to, on every kind of machine: a new line in PROBES joins this suite by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reporter.probes import PROBES
from tests.fixtures_metering import PROC, SERVER, card, grace, standin_environment

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "recordings" / "gpu.jsonl"
SUPERCHIP = {
    **PROC,
    **card(0, "amdgpu", 3, power1_average=250_000_000, power1_cap=750_000_000),
    **card(1, "xe", 4, "8086:56A0", energy1_input=5_000_000, energy1_label="card"),
    **grace(2, "Grace Power Socket 0", 90_000_000),
}
"""No such machine is sold: every kind of part that hwmon shows."""
MACHINES = ("nothing", "virtual machine", "server", "server of junk", "superchip", "two GPUs", "a GPU that is blind")
BLIND = [
    (call, -1, 3)
    for call in ("nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetPowerUsage", "nvmlDeviceGetFieldValues")
]
HEAVY = ("requests", "jinja2", "yaml", "psutil", "numpy", "asyncio", "urllib.request", "logging")

DRIVER = """
import dataclasses, json, os, sys
from pathlib import Path
name, root, recording = sys.argv[1:]
from reporter.probes import ProbeContext, Replay, open_probe
open_probe(name, ProbeContext(environment={}, root=root)).close()   # before it was ever asked
replay = None
if recording:
    from reporter.metering.recording import read_recording
    replay = Replay(name="x.jsonl", recording=read_recording(Path(recording))[0])
context = ProbeContext(environment=dict(os.environ), root=root, replay=replay)
probe = open_probe(name, context)
found = {"description": dataclasses.asdict(probe.describe()), "reads": []}
if hasattr(probe, "begin"):
    probe.begin(__import__("time").monotonic_ns())
for _ in range(3):
    found["reads"].append([probe.read(), probe.reasons()])
found["flags"] = probe.inspect(frozenset({1})) if hasattr(probe, "inspect") else []
probe.close()
probe.close()
found["modules"] = sorted(sys.modules)
print(json.dumps(found))
"""
Answers = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def answers(nvml_standin: Path, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What every source says on every machine, all asked side by side."""
    folder = tmp_path_factory.mktemp("machines")
    roots = {
        "nothing": {},
        "virtual machine": PROC,
        "server": SERVER,
        "server of junk": dict.fromkeys(SERVER, "\udcff junk \0"),
        "superchip": SUPERCHIP,
    }
    for machine, files in roots.items():
        for name, text in {".": "", **files}.items():
            (folder / machine / name).parent.mkdir(parents=True, exist_ok=True)
            if name != ".":
                (folder / machine / name).write_bytes(text.encode(errors="surrogateescape"))
    environments = {machine: {"EMISSIONS_NVML_LIBRARY": str(folder / "no-library.so")} for machine in MACHINES}
    for machine, keywords in (("two GPUs", {"gpus": 2}), ("a GPU that is blind", {"faults": BLIND})):
        (folder / f"{machine} standin").mkdir()
        environments[machine] = standin_environment(nvml_standin, folder / f"{machine} standin", **keywords)  # type: ignore[arg-type]
    asked = {
        (name, machine): subprocess.Popen(
            [sys.executable, "-c", DRIVER, name, str(folder / (machine if machine in roots else "nothing")), EXAMPLE],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environments[machine]},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for name in PROBES
        for machine in MACHINES
    }
    found = {}
    for key, process in asked.items():
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, (key, err.decode())
        found[key] = json.loads(out)
    return found


each = pytest.mark.parametrize(("name", "machine"), [(name, machine) for name in PROBES for machine in MACHINES])


@each
def test_it_says_what_it_has_or_why_it_has_nothing(answers: Answers, name: str, machine: str) -> None:
    found = answers[name, machine]["description"]

    assert found["meters"] or found["unavailable"]
    for row in found["unavailable"]:
        assert row["source"]
        assert row["reason"]
        assert not row["reason"].endswith(".")
        assert row["remedy"] is None or row["remedy"]


@each
def test_its_columns_name_its_meters(answers: Answers, name: str, machine: str) -> None:
    found = answers[name, machine]["description"]
    meters = [meter["meter_id"] for meter in found["meters"]]
    columns = [(column["meter_id"], column["quantity"]) for column in found["columns"]]

    assert len(set(meters)) == len(meters)
    assert len(set(columns)) == len(columns)
    assert {meter for meter, _ in columns} <= {*meters}
    for meter in found["meters"]:
        constant = meter["model"] is not None and len(meter["model"]["points"]) == 1
        assert constant or meter["meter_id"] in {column for column, _ in columns}
        assert meter["label"]
        assert 0 <= meter["gain_low_ratio"] <= 1 <= meter["gain_high_ratio"]
        assert (meter["method"] == "modelled") == (meter["model"] is not None)
        assert meter["parent_id"] is None or meter["parent_id"] in meters


@each
def test_a_reading_has_a_value_for_every_column_and_a_reason_for_every_missing_one(
    answers: Answers, name: str, machine: str
) -> None:
    found = answers[name, machine]
    columns = found["description"]["columns"]

    for values, reasons in found["reads"]:
        assert len(values) == len(columns)
        assert all(value is None or (type(value) is int and value >= 0) for value in values)
        assert all(len(pair) == 2 and all(pair) for pair in reasons)
        told = {meter for meter, _ in reasons}
        assert told <= {meter["meter_id"] for meter in found["description"]["meters"]}
        by_meter: dict[str, list[int | None]] = {}
        for column, value in zip(columns, values, strict=True):
            by_meter.setdefault(column["meter_id"], []).append(value)
        assert {meter for meter, read in by_meter.items() if not any(value is not None for value in read)} <= told


@each
def test_nothing_heavy_is_imported_for_it(answers: Answers, name: str, machine: str) -> None:
    modules = set(answers[name, machine]["modules"])

    assert modules.isdisjoint(HEAVY)
    assert "pynvml" not in modules or "GPU" in machine


@each
def test_its_flags_are_codes(answers: Answers, name: str, machine: str) -> None:
    found = answers[name, machine]

    for flag in (*found["description"]["flags"], *found["flags"]):
        head = flag.partition(":")[0]
        assert head == head.lower()
        assert head.replace("-", "").isalnum()


def test_a_machine_of_junk_yields_no_reading_that_was_made_up(answers: Answers) -> None:
    values = [
        value for name in ("rapl", "hwmon") for read, _ in answers[name, "server of junk"]["reads"] for value in read
    ]

    assert values == []


def test_the_machines_are_not_all_alike(answers: Answers) -> None:
    """Else the suite would show nothing: each source has meters on one of them."""
    metered = {name for (name, _), found in answers.items() if found["description"]["meters"]}

    assert metered == {*PROBES}
    assert {name for (name, _), found in answers.items() if not found["description"]["meters"]} >= {"nvml", "rapl"}
