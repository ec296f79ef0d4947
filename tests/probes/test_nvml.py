"""The NVML probe: the real pynvml on the stand-in library, one process per scenario."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

DRIVER = """
import dataclasses, json, os, sys
plan = json.loads(sys.argv[1])
from reporter.probes import ProbeContext, open_probe
probe = open_probe("nvml", ProbeContext(environment=dict(os.environ), gpus=plan["gpus"]))
description = probe.describe()
reads = []
for now in plan["nows"]:
    with open(os.environ["EMISSIONS_STANDIN_CLOCK"], "w") as clock:
        clock.write(str(now))
    reads.append([list(probe.read()), [list(pair) for pair in probe.reasons()]])
probe.close()
probe.close()
print(json.dumps({"description": dataclasses.asdict(description), "reads": reads, "pynvml": "pynvml" in sys.modules}))
"""
ANY = -1
UUID = "GPU-00000000-0000-0000-0000-00000000000"

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run() -> Run:
    def run(environment: dict[str, str], nows: Sequence[float] = (), gpus: str = "auto") -> dict[str, Any]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("CUDA_", "EMISSIONS_"))}
        plan = json.dumps({"nows": nows, "gpus": gpus})
        done = subprocess.run(
            [sys.executable, "-c", DRIVER, plan],
            env={**clean, **environment},
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 0, done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    return run


def only(result: dict[str, Any]) -> dict[str, Any]:
    (unavailable,) = result["description"]["unavailable"]
    return dict(unavailable)


def test_without_a_library_there_is_one_expected_absence_and_no_import(run: Run) -> None:
    if Path("/proc/driver/nvidia").exists():
        pytest.skip("this machine has an NVIDIA driver")

    result = run({})

    assert only(result)["expected"]
    assert not result["pynvml"]


def test_a_library_that_is_no_library_is_not_expected(run: Run, tmp_path: Path) -> None:
    (tmp_path / "libnvidia-ml.so.1").write_text("not a library")

    by_variable = run({"EMISSIONS_NVML_LIBRARY": str(tmp_path / "libnvidia-ml.so.1")})
    by_path = run({"LD_LIBRARY_PATH": str(tmp_path)})

    for result in (by_variable, by_path):
        assert not only(result)["expected"]
        assert "file too short" in only(result)["reason"] or "ELF" in only(result)["reason"]


def test_a_named_library_that_is_absent_is_not_expected(run: Run) -> None:
    assert not only(run({"EMISSIONS_NVML_LIBRARY": "/nonexistent.so"}))["expected"]


@pytest.mark.parametrize(("code", "expected"), [(9, True), (12, True), (4, False), (17, False), (18, False)])
def test_an_init_error_is_told_with_its_remedy(run: Run, standin: Any, code: int, expected: bool) -> None:
    result = run(standin(faults=[("nvmlInit", ANY, code)]))

    assert only(result)["source"] == "nvml"
    assert only(result)["expected"] is expected
    assert f"NVML {code}" in only(result)["reason"]
    assert (only(result)["remedy"] is None) is expected


def test_a_driver_without_gpus_is_expected(run: Run, standin: Any) -> None:
    assert only(run(standin(gpus=0)))["expected"]


def test_the_counter_is_the_exact_integral_of_the_trace(run: Run, standin: Any) -> None:
    trace = [(0, 0, 100), (2, 0, 300), (0, 1, 50)]
    environment = standin(gpus=2, trace=trace, now=0, names=["NVIDIA A", "NVIDIA B"], start_mj=5000)

    result = run(environment, nows=[0, 1.05, 4])

    assert [values for values, _ in result["reads"]] == [
        [5_000_000, 100_000, 5_000_000, 50_000],
        [105_000_000, 100_000, 55_000_000, 50_000],
        [805_000_000, 300_000, 205_000_000, 50_000],
    ]
    first, second = result["description"]["meters"]
    assert (first["label"], first["method"], first["component"]) == ("NVIDIA A", "counter", "gpu")
    assert (first["tick_s"], first["peak_power_w"], first["wraps_at_uj"]) == (0.1, 300, None)
    assert first["meter_id"] == f"nvml:{UUID}0"
    assert second["selected"]
    assert [column["quantity"] for column in result["description"]["columns"]] == ["energy_uj", "power_mw"] * 2


def test_the_connection_is_made_and_ended_once(run: Run, standin: Any, tmp_path: Path) -> None:
    run(standin(now=0), nows=[0, 1, 2])

    assert (tmp_path / "standin" / "calls").read_text().split() == ["init", "shutdown"]


def test_the_library_is_found_by_name_too(run: Run, standin: Any, nvml_standin: Path) -> None:
    environment = standin(now=0)
    del environment["EMISSIONS_NVML_LIBRARY"]

    result = run({**environment, "LD_LIBRARY_PATH": str(nvml_standin.parent)}, nows=[1])

    assert result["reads"] == [[[1_100_000_000, 100_000], []]]


def test_the_field_stands_in_for_the_call(run: Run, standin: Any) -> None:
    result = run(standin(now=0, faults=[("nvmlDeviceGetTotalEnergyConsumption", ANY, 13)]), nows=[1])

    assert result["reads"] == [[[1_100_000_000, 100_000], []]]


NO_COUNTER = (("nvmlDeviceGetTotalEnergyConsumption", ANY, 3), ("field:83", ANY, 3))
NO_POWER = (("nvmlDeviceGetPowerUsage", ANY, 3), ("field:186", ANY, 3))


def test_without_a_counter_power_is_integrated(run: Run, standin: Any) -> None:
    result = run(standin(now=0, faults=NO_COUNTER), nows=[1])

    (meter,) = result["description"]["meters"]
    assert (meter["method"], meter["tick_s"], meter["gain_high_ratio"]) == ("integrated", 0.1, 1.1)
    assert result["reads"] == [[[100_000], []]]


def test_average_power_has_its_own_window(run: Run, standin: Any) -> None:
    result = run(standin(now=0, faults=[*NO_COUNTER, ("nvmlDeviceGetFieldValues", ANY, 13)]), nows=[1])

    (meter,) = result["description"]["meters"]
    assert (meter["method"], meter["tick_s"]) == ("integrated", 1.0)


def test_power_of_the_module_alone_makes_it_a_module(run: Run, standin: Any) -> None:
    result = run(standin(now=0, module=1), nows=[1])

    (meter,) = result["description"]["meters"]
    assert (meter["component"], meter["method"]) == ("module", "counter")
    assert result["reads"] == [[[1_100_000_000, 100_000], []]]


def test_grace_hopper_is_a_module_though_gpu_power_answers(run: Run, standin: Any) -> None:
    (meter,) = run(standin(now=0, names=["NVIDIA GH200 480GB"]))["description"]["meters"]

    assert meter["component"] == "module"


def test_a_gpu_without_any_source_is_unavailable_and_others_go_on(run: Run, standin: Any) -> None:
    faults = [(name, 0, code) for name, _, code in (*NO_COUNTER, *NO_POWER)]

    result = run(standin(gpus=2, now=0, faults=faults), nows=[1])

    assert only(result)["source"] == f"nvml:{UUID}0"
    assert not only(result)["expected"]
    assert only(result)["remedy"]
    assert result["reads"] == [[[1_100_000_000, 100_000], []]]
    assert [gpu["uuid"] for gpu in result["description"]["gpus"]] == [f"{UUID}0", f"{UUID}1"]


def test_an_unreadable_gpu_that_the_command_cannot_use_is_expected(run: Run, standin: Any) -> None:
    faults = [(name, 0, code) for name, _, code in (*NO_COUNTER, *NO_POWER)]

    result = run({**standin(gpus=2, now=0, faults=faults), "CUDA_VISIBLE_DEVICES": "1"})

    assert only(result)["expected"]


def test_a_gpu_lost_before_the_start_is_unavailable(run: Run, standin: Any) -> None:
    result = run(standin(gpus=2, now=0, faults=[("nvmlDeviceGetHandleByIndex", 1, 15)]), nows=[1])

    assert only(result)["source"] == "nvml:1"
    assert not only(result)["expected"]
    assert len(result["reads"][0][0]) == 2


@pytest.mark.parametrize("code", [3, 10, 27, 999, 12345])
def test_a_passing_error_is_a_missed_reading(run: Run, standin: Any, code: int) -> None:
    faults = [("nvmlDeviceGetTotalEnergyConsumption", 0, code, 1, 2, 0)]

    result = run(standin(now=0, faults=faults), nows=[0, 1, 2])

    (before, during, after) = result["reads"]
    assert before == [[1_000_000_000, 100_000], []]
    assert during[0] == [None, 100_000]
    assert f"NVML {code}" in during[1][0][1]
    assert after == [[1_200_000_000, 100_000], []]


@pytest.mark.parametrize("code", [15, 16, 28])
def test_a_lost_gpu_is_not_resumed_and_the_others_go_on(run: Run, standin: Any, code: int) -> None:
    faults = [("nvmlDeviceGetTotalEnergyConsumption", 0, code, 1, 2, 0)]

    result = run(standin(gpus=2, now=0, faults=faults), nows=[0, 1, 3])

    (_, during, after) = result["reads"]
    assert during[0] == [None, None, 1_100_000_000, 100_000]
    assert after[0] == [None, None, 1_300_000_000, 100_000]
    assert after[1] == during[1]
    assert after[1] == [[f"nvml:{UUID}0", after[1][0][1]]]
    assert f"NVML {code}" in after[1][0][1]


def test_a_counter_at_zero_is_missed(run: Run, standin: Any) -> None:
    faults = [("nvmlDeviceGetTotalEnergyConsumption", 0, 0, 1, 2, 0, 0)]

    result = run(standin(now=0, faults=faults), nows=[1])

    assert result["reads"][0][0] == [None, 100_000]
    assert "read 0" in result["reads"][0][1][0][1]


@pytest.mark.parametrize("value", [0, 4_294_967_295])
def test_absurd_power_is_missed_without_blaming_the_counter(run: Run, standin: Any, value: int) -> None:
    result = run(standin(now=0, faults=[("field:186:0", 0, 0, 1, 2, 0, value)]), nows=[1])

    assert result["reads"] == [[[1_100_000_000, None], []]]


def test_a_reset_and_a_jump_are_recorded_as_they_are(run: Run, standin: Any) -> None:
    jump = ("nvmlDeviceGetTotalEnergyConsumption", 0, 0, 3, 4, 0, "+1000000000000")

    result = run(standin(now=0, resets=[(1, 0)], faults=[jump]), nows=[0, 2, 3])

    assert [values[0] for values, _ in result["reads"]] == [1_000_000_000, 100_001_000, 1_000_000_200_001_000]


def test_a_name_in_odd_bytes_survives(run: Run, standin: Any) -> None:
    environment = standin(now=0)
    environment["EMISSIONS_STANDIN_NAMES"] = os.fsdecode(b"NVIDIA \xff GPU")

    (meter,) = run(environment)["description"]["meters"]

    assert meter["label"] == "NVIDIA \N{REPLACEMENT CHARACTER} GPU"


def test_gpus_outside_the_selection_are_read_but_not_selected(run: Run, standin: Any) -> None:
    result = run({**standin(gpus=3, now=0), "CUDA_VISIBLE_DEVICES": "2"}, nows=[1])

    assert [meter["selected"] for meter in result["description"]["meters"]] == [False, False, True]
    assert [gpu["uuid"] for gpu in result["description"]["gpus"]] == [f"{UUID}2"]
    assert len(result["reads"][0][0]) == 6


def test_the_option_names_gpus_and_unknown_ones_are_told(run: Run, standin: Any) -> None:
    result = run(standin(gpus=2, now=0), gpus="1,5")

    assert [meter["selected"] for meter in result["description"]["meters"]] == [False, True]
    assert "`5`" in only(result)["reason"]
    assert not only(result)["expected"]


def test_a_slice_is_metered_by_its_whole_gpu_and_flagged(run: Run, standin: Any) -> None:
    environment = standin(gpus=2, now=0, slices=[(1, "MIG-1111"), (1, "MIG-2222")])

    result = run({**environment, "CUDA_VISIBLE_DEVICES": "MIG-1111,MIG-2222"})

    assert [(meter["selected"], meter["shared"]) for meter in result["description"]["meters"]] == [
        (False, False),
        (True, True),
    ]
    assert result["description"]["flags"] == [f"mig:{UUID}1"]


def test_processes_at_the_start_are_other_tenants(run: Run, standin: Any) -> None:
    result = run(standin(gpus=2, now=0, pids=[(0, 4242), (0, 4243)]))

    assert [meter["shared"] for meter in result["description"]["meters"]] == [True, False]
    assert result["description"]["flags"] == [f"shared-gpu:{UUID}0"]


def test_mixed_models_by_number_are_all_metered_with_a_flag(run: Run, standin: Any) -> None:
    result = run({**standin(gpus=2, now=0, names=["T4", "A100"]), "CUDA_VISIBLE_DEVICES": "0"})

    assert [meter["selected"] for meter in result["description"]["meters"]] == [True, True]
    assert result["description"]["flags"] == ["gpu-order-unknown"]


def test_sixteen_gpus_are_read(run: Run, standin: Any) -> None:
    result = run(standin(gpus=16, now=0), nows=[1])

    assert result["reads"][0][0] == [1_100_000_000, 100_000] * 16


def test_gpus_that_the_kernel_lists_without_a_library_are_not_expected(tmp_path: Path) -> None:
    from reporter.probes import ProbeContext
    from reporter.probes.nvml import open_probe

    if Path("/proc/driver/nvidia").exists():
        pytest.skip("this machine has an NVIDIA driver")
    (tmp_path / "proc/driver/nvidia/gpus/0000:01:00.0").mkdir(parents=True)

    (row,) = open_probe(ProbeContext(environment={}, root=str(tmp_path))).describe().unavailable

    assert not row.expected
    assert "utility" in (row.remedy or "")


def test_a_gpu_that_was_asked_for_by_name_is_not_expected_to_be_absent(tmp_path: Path) -> None:
    from reporter.probes import ProbeContext
    from reporter.probes.nvml import open_probe

    if Path("/proc/driver/nvidia").exists():
        pytest.skip("this machine has an NVIDIA driver")

    (row,) = open_probe(ProbeContext(environment={}, root=str(tmp_path), gpus="0")).describe().unavailable

    assert not row.expected
