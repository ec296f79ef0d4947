"""GPUs end to end, through the NVML stand-in: joules of a known trace, and a GPU that is not read is never 0 J."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Emissions
from tests.cli.test_footprint import check
from tests.fixtures_metering import standin_environment

TICK_S = 0.1
WATTS = (250.0, 100.0)
UUID = "GPU-00000000-0000-0000-0000-00000000000"
BLIND = [
    ("nvmlDeviceGetTotalEnergyConsumption", 1, 3),
    ("nvmlDeviceGetPowerUsage", 1, 3),
    ("nvmlDeviceGetFieldValues", 1, 3),
]
TRACE = [(0, gpu, watts) for gpu, watts in enumerate(WATTS)]
NO_COUNTER = [("nvmlDeviceGetTotalEnergyConsumption", -1, 3), ("field:83", -1, 3)]
MEANS = [*NO_COUNTER, ("field:186", -1, 3)]
SLICES = {"slices": [(1, "MIG-1111"), (1, "MIG-2222")]}
SELECTIONS: list[tuple[str, dict[str, Any], set[int]]] = [
    ("1x", {}, {1}),
    ("0,-1,1", {}, {0}),
    ("0,0", {}, set()),
    ("GPU-0000", {}, set()),
    ("MIG-1111,MIG-2222", SLICES, {1}),
    ("0,1", SLICES, {1}),
]
"""CUDA_VISIBLE_DEVICES, what the stand-in shows, and the GPUs that count. The whole table is in tests/probes."""
SCENARIOS: dict[str, tuple[dict[str, Any], dict[str, str], tuple[str, ...]]] = {
    "both": ({"trace": TRACE}, {}, ()),
    "steps": ({"trace": [*TRACE, (0.5, 0, 50)]}, {}, ()),
    "by UUID": ({"trace": TRACE}, {"CUDA_VISIBLE_DEVICES": f"{UUID}1"}, ()),
    "none": ({"trace": TRACE}, {"CUDA_VISIBLE_DEVICES": ""}, ()),
    "asked": ({"trace": TRACE}, {"CUDA_VISIBLE_DEVICES": ""}, ("--gpus", "0")),
    **{
        f"CUDA_VISIBLE_DEVICES={value}": ({"trace": TRACE, **shown}, {"CUDA_VISIBLE_DEVICES": value}, ())
        for value, shown, _ in SELECTIONS
    },
    "no counter": ({"trace": TRACE, "faults": NO_COUNTER}, {}, ()),
    "means of a second": ({"trace": TRACE, "faults": MEANS, "window_ms": 1000}, {}, ()),
    "wrong driver": ({"faults": [("nvmlInit", -1, 18)]}, {}, ()),
    "void": ({"gpus": 0}, {"NVIDIA_VISIBLE_DEVICES": "void"}, ()),
    "one blind": ({"trace": TRACE, "faults": BLIND}, {}, ("--budget", "1 kg", "--gate", "--on-unknown", "fail")),
    "no permission": ({"faults": [("nvmlInit", -1, 4)]}, {}, ("--budget", "1 kg")),
    "lost": (
        {"trace": TRACE, "faults": [("nvmlDeviceGetTotalEnergyConsumption", 1, 15, 1.5, 1e9, 0)]},
        {},
        ("--budget", "1 kg"),
    ),
}
"""Name → what the stand-in shows, the job's environment, options."""


@pytest.fixture(scope="session")
def runs(
    nvml_standin: Path, environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, tuple[int, dict[str, Any]]]]:
    """All scenarios, side by side: their exit statuses and footprints. There is no nvidia-smi on the path."""
    started = {}
    tools = tmp_path_factory.mktemp("tools")
    (tools / "sleep").symlink_to(shutil.which("sleep") or "/bin/sleep")
    bare = {name: value for name, value in environ.items() if name != "EMISSIONS_SOURCES"} | {"PATH": str(tools)}
    for name, (shown, job, options) in SCENARIOS.items():
        folder = tmp_path_factory.mktemp("gpu")
        keywords = {"gpus": 2, **shown}
        there = Emissions(cwd=folder, environ={**bare, **standin_environment(nvml_standin, folder, **keywords), **job})
        lasting_s = "2.5" if name == "lost" else "1.2"
        started[name] = there.start("run", "--quiet", "--region", "FR", *options, "--", "sleep", lasting_s), folder
    ended = {}
    for name, (process, folder) in started.items():
        _, err = process.communicate(timeout=60)
        assert b"Traceback" not in err, err
        ended[name] = process.returncode, json.loads((folder / "emissions-report/footprint.json").read_text())
    return ended


def gpus(footprint: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {meter["id"]: meter for meter in footprint["meters"] if meter["component"] == "gpu"}


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_footprint_is_what_the_contract_says(runs: Any, name: str) -> None:
    check(runs[name][1])


def test_the_joules_of_a_trace_are_its_area(runs: Any) -> None:
    _, footprint = runs["both"]

    for index, watts in enumerate(WATTS):
        meter = gpus(footprint)[f"nvml:{UUID}{index}"]
        assert meter["method"] == "counter"
        assert meter["energy_j"] == pytest.approx(watts * footprint["job"]["duration_s"], abs=watts * TICK_S)
        assert meter["included"]
    assert footprint["method"] == "partly-measured"
    assert [gpu["uuid"] for gpu in footprint["hardware"]["gpus"]] == [f"{UUID}0", f"{UUID}1"]


def test_a_step_in_the_trace_is_seen(runs: Any) -> None:
    _, footprint = runs["steps"]
    duration_s = footprint["job"]["duration_s"]

    # The step comes half a second after the library was opened, which is a little before the command started.
    energy_j = gpus(footprint)[f"nvml:{UUID}0"]["energy_j"]
    assert 50 * duration_s < energy_j <= 250 * (0.5 + TICK_S) + 50 * (duration_s - 0.5 + TICK_S)
    assert energy_j < 0.75 * 250 * duration_s


def test_a_job_pays_for_the_gpus_that_it_can_see(runs: Any) -> None:
    _, footprint = runs["by UUID"]

    counted = {key for key, meter in gpus(footprint).items() if meter["included"]}
    assert counted == {f"nvml:{UUID}1"}
    assert [gpu["uuid"] for gpu in footprint["hardware"]["gpus"]] == [f"{UUID}1"]
    assert gpus(footprint)[f"nvml:{UUID}1"]["energy_j"] == pytest.approx(
        100 * footprint["job"]["duration_s"], abs=100 * TICK_S
    )


def test_a_job_that_can_see_no_gpu_pays_for_none_and_one_that_is_asked_for_counts(runs: Any) -> None:
    assert not [meter for meter in gpus(runs["none"][1]).values() if meter["included"]]
    assert [key for key, meter in gpus(runs["asked"][1]).items() if meter["included"]] == [f"nvml:{UUID}0"]


@pytest.mark.parametrize(("value", "expected"), [(value, expected) for value, _, expected in SELECTIONS])
def test_a_job_pays_for_what_cuda_shows_it(runs: Any, value: str, expected: set[int]) -> None:
    _, footprint = runs[f"CUDA_VISIBLE_DEVICES={value}"]

    counted = {key: meter for key, meter in gpus(footprint).items() if meter["included"]}
    assert set(counted) == {f"nvml:{UUID}{index}" for index in expected}
    if "MIG" in value:
        assert [meter["label"] for meter in counted.values()] == ["NVIDIA Stand-in (whole GPU, shared)"]
        assert f"mig:{UUID}1" in footprint["flags"]


@pytest.mark.parametrize("name", ["no counter", "means of a second"])
def test_where_there_is_no_counter_the_power_is_integrated(runs: Any, name: str) -> None:
    _, footprint = runs[name]

    for index, watts in enumerate(WATTS):
        meter = gpus(footprint)[f"nvml:{UUID}{index}"]
        assert meter["method"] == "integrated"
        assert meter["energy_j"] == pytest.approx(watts * footprint["job"]["duration_s"], rel=0.03)


def test_a_driver_of_another_version_is_told_with_what_to_do(runs: Any) -> None:
    (missing,) = [row for row in runs["wrong driver"][1]["unavailable"] if row["source"] == "nvml"]

    assert not missing["expected"]
    assert "versions differ" in missing["reason"]
    assert "Reboot" in missing["remedy"]


def test_a_container_without_gpus_is_nothing_unusual(runs: Any) -> None:
    (missing,) = [row for row in runs["void"][1]["unavailable"] if row["source"] == "nvml"]

    assert missing["expected"]
    assert "NVIDIA_VISIBLE_DEVICES" in missing["reason"]


def test_a_gpu_that_cannot_be_read_is_unavailable_with_a_reason_and_the_verdict_unknown(runs: Any) -> None:
    status, footprint = runs["one blind"]

    (missing,) = [row for row in footprint["unavailable"] if row["source"].startswith("nvml")]
    assert f"{UUID}1" in missing["source"]
    assert missing["reason"]
    assert missing["expected"] is False
    assert set(gpus(footprint)) == {f"nvml:{UUID}0"}
    assert footprint["verdict"]["outcome"] == "unknown"
    assert "not read" in footprint["verdict"]["findings"][0]["why"]
    assert status == 1


def test_a_driver_that_may_not_be_asked_is_unavailable_with_its_remedy(runs: Any) -> None:
    status, footprint = runs["no permission"]

    (missing,) = [row for row in footprint["unavailable"] if row["source"] == "nvml"]
    assert "no permission" in missing["reason"]
    assert "/dev/nvidia" in missing["remedy"]
    assert gpus(footprint) == {}
    assert (status, footprint["verdict"]["outcome"]) == (0, "unknown")


def test_a_gpu_that_is_lost_in_the_middle_is_not_taken_for_an_idle_one(runs: Any) -> None:
    _, footprint = runs["lost"]
    lost, kept = (gpus(footprint)[f"nvml:{UUID}{index}"] for index in (1, 0))

    assert kept["coverage_ratio"] == 1
    assert 0 < lost["coverage_ratio"] < 0.9
    assert lost["energy_j"] > 0
    assert lost["high_j"] > 100 * footprint["job"]["duration_s"]
    assert footprint["verdict"]["outcome"] == "unknown"
    assert f"low-coverage:nvml:{UUID}1" in footprint["flags"]
