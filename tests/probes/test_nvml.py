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

from tests.fixtures_metering import card

DRIVER = """
import dataclasses, json, os, sys
plan = json.loads(sys.argv[1])
from reporter.probes import ProbeContext, open_probe
context = ProbeContext(environment=dict(os.environ), gpus=plan["gpus"], root=plan["root"])
probe = open_probe("nvml", context)
description = probe.describe()
reads = []
for now in plan["nows"]:
    with open(os.environ["EMISSIONS_STANDIN_CLOCK"], "w") as clock:
        clock.write(str(now))
    reads.append([list(probe.read()), [list(pair) for pair in probe.reasons()]])
flags = [probe.inspect(frozenset(own)) for own in plan["owns"]]
probe.close()
probe.close()
found = {"description": dataclasses.asdict(description), "reads": reads, "flags": flags}
print(json.dumps({**found, "pynvml": "pynvml" in sys.modules}))
"""
ANY = -1
UUID = "GPU-00000000-0000-0000-0000-00000000000"

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run() -> Run:
    def run(
        environment: dict[str, str],
        nows: Sequence[float] = (),
        gpus: str = "auto",
        root: str = "/",
        owns: Sequence[Sequence[int]] = (),
    ) -> dict[str, Any]:
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("CUDA_", "EMISSIONS_", "NVIDIA_"))
        }
        plan = json.dumps({"nows": nows, "gpus": gpus, "root": root, "owns": owns})
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
        [5_000_000, 100_000, 100, 5_000_000, 50_000, 0],
        [105_000_000, 100_000, 100, 55_000_000, 50_000, 0],
        [805_000_000, 300_000, 100, 205_000_000, 50_000, 0],
    ]
    first, second = result["description"]["meters"]
    assert (first["label"], first["method"], first["component"]) == ("NVIDIA A", "counter", "gpu")
    assert (first["tick_s"], first["peak_power_w"], first["wraps_at_uj"]) == (0.1, 300, None)
    assert first["meter_id"] == f"nvml:{UUID}0"
    assert second["selected"]
    assert [column["quantity"] for column in result["description"]["columns"]] == [
        "energy_uj",
        "power_mw",
        "utilisation_percent",
    ] * 2


def test_the_connection_is_made_and_ended_once(run: Run, standin: Any, tmp_path: Path) -> None:
    run(standin(now=0), nows=[0, 1, 2])

    assert (tmp_path / "standin" / "calls").read_text().split() == ["init", "shutdown"]


def test_the_library_is_found_by_name_too(run: Run, standin: Any, nvml_standin: Path) -> None:
    environment = standin(now=0)
    del environment["EMISSIONS_NVML_LIBRARY"]

    result = run({**environment, "LD_LIBRARY_PATH": str(nvml_standin.parent)}, nows=[1])

    assert result["reads"] == [[[1_100_000_000, 100_000, 100], []]]


def test_the_field_stands_in_for_the_call(run: Run, standin: Any) -> None:
    result = run(standin(now=0, faults=[("nvmlDeviceGetTotalEnergyConsumption", ANY, 13)]), nows=[1])

    assert result["reads"] == [[[1_100_000_000, 100_000, 100], []]]


NO_COUNTER = (("nvmlDeviceGetTotalEnergyConsumption", ANY, 3), ("field:83", ANY, 3))
NO_POWER = (("nvmlDeviceGetPowerUsage", ANY, 3), ("field:186", ANY, 3))


def test_without_a_counter_power_is_integrated(run: Run, standin: Any) -> None:
    result = run(standin(now=0, faults=NO_COUNTER), nows=[1])

    (meter,) = result["description"]["meters"]
    assert (meter["method"], meter["tick_s"], meter["gain_high_ratio"]) == ("integrated", 0.1, 1.1)
    assert result["reads"] == [[[100_000, 100], []]]


AVERAGED = [*NO_COUNTER, ("nvmlDeviceGetFieldValues", ANY, 13)]
UNKNOWN = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("architecture", "name", "window_s", "tick_s"),
    [
        (4, "Tesla P100", 0, 0.1),
        (6, "Tesla T4", 0, 0.1),
        (7, "NVIDIA A100-SXM4-80GB", 0, 0.1),
        (7, "NVIDIA A30", 0, 0.1),
        (7, "NVIDIA A800 80GB PCIe", 0, 0.1),
        (7, "NVIDIA A10", 1, 0.25),
        (7, "NVIDIA A10G", 1, 0.25),
        (7, "NVIDIA RTX A3000", 1, 0.25),
        (8, "NVIDIA L4", 1, 0.25),
        (9, "NVIDIA H100 80GB HBM3", 1, 0.25),
        (10, "NVIDIA B200", 1, 0.25),
        (UNKNOWN, "Graphics Device", 0, 1),
    ],
)
def test_the_power_call_averages_over_a_second_on_newer_chips_except_one(
    run: Run, standin: Any, architecture: int, name: str, window_s: float, tick_s: float
) -> None:
    (meter,) = run(standin(architecture=architecture, names=[name], faults=AVERAGED))["description"]["meters"]

    assert (meter["method"], meter["window_s"], meter["tick_s"]) == ("integrated", window_s, tick_s)


def test_an_architecture_that_the_driver_does_not_tell_is_unknown(run: Run, standin: Any) -> None:
    (meter,) = run(standin(faults=[*AVERAGED, ("nvmlDeviceGetArchitecture", ANY, 13)]))["description"]["meters"]

    assert (meter["window_s"], meter["tick_s"]) == (0, 1)


def test_the_window_is_told_beside_a_counter_too_for_the_power_that_may_stand_in(run: Run, standin: Any) -> None:
    (averaged,) = run(standin(faults=[("nvmlDeviceGetFieldValues", ANY, 13)]))["description"]["meters"]
    (instant,) = run(standin())["description"]["meters"]

    assert (averaged["method"], averaged["window_s"], averaged["tick_s"]) == ("counter", 1, 0.1)
    assert (instant["method"], instant["window_s"]) == ("counter", 0)


def test_the_power_call_gives_the_mean_of_the_window(run: Run, standin: Any) -> None:
    environment = standin(now=0, trace=[(0, 0, 60), (2, 0, 400)], window_ms=1000, faults=AVERAGED)

    result = run(environment, nows=[0, 2, 2.25, 2.5, 3, 9])

    assert [values[0] for values, _ in result["reads"]] == [60_000, 60_000, 145_000, 230_000, 400_000, 400_000]


def test_utilisation_is_read_beside(run: Run, standin: Any) -> None:
    result = run(standin(now=0, utilisation=[(0, 0, 3), (2, 0, 97)]), nows=[1, 2])

    assert [values[2] for values, _ in result["reads"]] == [3, 97]


@pytest.mark.parametrize("fault", [(3, 1, 2, 0), (999, 1, 2, 0), (15, 1, 2, 0), (0, 1, 2, 0, 250)])
def test_utilisation_that_fails_is_missed_and_nothing_else(run: Run, standin: Any, fault: tuple[int, ...]) -> None:
    result = run(standin(now=0, faults=[("nvmlDeviceGetUtilizationRates", 0, *fault)]), nows=[1, 3])

    assert result["reads"] == [[[1_100_000_000, 100_000, None], []], [[1_300_000_000, 100_000, 100], []]]


def test_a_gpu_without_utilisation_has_no_column_for_it(run: Run, standin: Any) -> None:
    faults = [("nvmlDeviceGetUtilizationRates", 0, 3)]

    result = run(standin(gpus=2, now=0, faults=faults, slices=[(1, "MIG-1111")]), nows=[1])

    assert [column["quantity"] for column in result["description"]["columns"]] == ["energy_uj", "power_mw"] * 2


def test_power_of_the_module_alone_makes_it_a_module(run: Run, standin: Any) -> None:
    result = run(standin(now=0, module=1), nows=[1])

    (meter,) = result["description"]["meters"]
    assert (meter["component"], meter["method"]) == ("module", "counter")
    assert result["reads"] == [[[1_100_000_000, 100_000, 100], []]]


def test_grace_hopper_is_a_module_though_gpu_power_answers(run: Run, standin: Any) -> None:
    (meter,) = run(standin(now=0, names=["NVIDIA GH200 480GB"]))["description"]["meters"]

    assert meter["component"] == "module"


def test_a_gpu_without_any_source_is_unavailable_and_others_go_on(run: Run, standin: Any) -> None:
    faults = [(name, 0, code) for name, _, code in (*NO_COUNTER, *NO_POWER)]

    result = run(standin(gpus=2, now=0, faults=faults), nows=[1])

    assert only(result)["source"] == f"nvml:{UUID}0"
    assert not only(result)["expected"]
    assert only(result)["remedy"]
    assert result["reads"] == [[[1_100_000_000, 100_000, 100], []]]
    assert [gpu["uuid"] for gpu in result["description"]["gpus"]] == [f"{UUID}0", f"{UUID}1"]


def test_an_unreadable_gpu_that_the_command_cannot_use_is_expected(run: Run, standin: Any) -> None:
    faults = [(name, 0, code) for name, _, code in (*NO_COUNTER, *NO_POWER)]

    result = run({**standin(gpus=2, now=0, faults=faults), "CUDA_VISIBLE_DEVICES": "1"})

    assert only(result)["expected"]


def test_a_gpu_lost_before_the_start_is_unavailable(run: Run, standin: Any) -> None:
    result = run(standin(gpus=2, now=0, faults=[("nvmlDeviceGetHandleByIndex", 1, 15)]), nows=[1])

    assert only(result)["source"] == "nvml:1"
    assert not only(result)["expected"]
    assert len(result["reads"][0][0]) == 3


@pytest.mark.parametrize("code", [3, 10, 27, 999, 12345])
def test_a_passing_error_is_a_missed_reading(run: Run, standin: Any, code: int) -> None:
    faults = [("nvmlDeviceGetTotalEnergyConsumption", 0, code, 1, 2, 0)]

    result = run(standin(now=0, faults=faults), nows=[0, 1, 2])

    (before, during, after) = result["reads"]
    assert before == [[1_000_000_000, 100_000, 100], []]
    assert during[0] == [None, 100_000, 100]
    assert f"NVML {code}" in during[1][0][1]
    assert after == [[1_200_000_000, 100_000, 100], []]


@pytest.mark.parametrize("code", [15, 16, 28])
def test_a_lost_gpu_is_not_resumed_and_the_others_go_on(run: Run, standin: Any, code: int) -> None:
    faults = [("nvmlDeviceGetTotalEnergyConsumption", 0, code, 1, 2, 0)]

    result = run(standin(gpus=2, now=0, faults=faults), nows=[0, 1, 3])

    (_, during, after) = result["reads"]
    assert during[0] == [None, None, None, 1_100_000_000, 100_000, 100]
    assert after[0] == [None, None, None, 1_300_000_000, 100_000, 100]
    assert after[1] == during[1]
    assert after[1] == [[f"nvml:{UUID}0", after[1][0][1]]]
    assert f"NVML {code}" in after[1][0][1]


def test_a_counter_at_zero_is_missed(run: Run, standin: Any) -> None:
    faults = [("nvmlDeviceGetTotalEnergyConsumption", 0, 0, 1, 2, 0, 0)]

    result = run(standin(now=0, faults=faults), nows=[1])

    assert result["reads"][0][0] == [None, 100_000, 100]
    assert "read 0" in result["reads"][0][1][0][1]


@pytest.mark.parametrize("value", [0, 4_294_967_295])
def test_absurd_power_is_missed_without_blaming_the_counter(run: Run, standin: Any, value: int) -> None:
    result = run(standin(now=0, faults=[("field:186:0", 0, 0, 1, 2, 0, value)]), nows=[1])

    assert result["reads"] == [[[1_100_000_000, None, 100], []]]


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
    assert len(result["reads"][0][0]) == 9


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
    assert [meter["label"] for meter in result["description"]["meters"]] == [
        "NVIDIA Stand-in",
        "NVIDIA Stand-in (whole GPU, shared)",
    ]
    assert [gpu["uuid"] for gpu in result["description"]["gpus"]] == [f"{UUID}1"]


OURS, OTHERS, HIDDEN = 100, 4242, 9999
"""Of the command; of somebody else on this machine; of no process that can be seen here."""


@pytest.fixture
def processes(tmp_path: Path) -> str:
    for pid in (OURS, OTHERS):
        (tmp_path / "machine/proc" / str(pid)).mkdir(parents=True)
    return str(tmp_path / "machine")


SHARED, OUTSIDE = f"shared-gpu:{UUID}0", f"gpu-outside-selection:{UUID}1"


@pytest.mark.parametrize(
    ("pids", "own", "expected"),
    [
        ([], [OURS], []),
        ([(0, OURS)], [OURS], []),
        ([(0, OTHERS)], [OURS], [SHARED]),
        ([(0, OURS), (0, OTHERS)], [OURS], [SHARED]),
        ([(1, OTHERS)], [OURS], []),
        ([(1, OURS)], [OURS], [OUTSIDE]),
        ([(0, OTHERS), (1, OURS)], [OURS], [SHARED, OUTSIDE]),
        ([(0, HIDDEN)], [OURS], []),
        ([(0, HIDDEN), (1, HIDDEN + 1)], [OURS], []),
        ([(0, HIDDEN), (0, OURS)], [OURS], [SHARED]),
        ([(0, HIDDEN)], [], [SHARED]),
        ([(0, OTHERS)], [], [SHARED]),
        ([(1, OTHERS)], [], []),
    ],
)
def test_whose_processes_compute_on_which_gpu(
    run: Run,
    standin: Any,
    processes: str,
    pids: list[tuple[int, int]],
    own: list[int],
    expected: list[str],
) -> None:
    environment = {**standin(gpus=2, now=0, pids=pids), "CUDA_VISIBLE_DEVICES": "0"}

    assert run(environment, owns=[own], root=processes)["flags"] == [expected]


def test_a_gpu_that_does_not_list_its_processes_or_is_lost_is_not_blamed(
    run: Run, standin: Any, processes: str
) -> None:
    faults = [
        ("nvmlDeviceGetComputeRunningProcesses", 0, 3),
        ("nvmlDeviceGetTotalEnergyConsumption", 1, 15, 1, 2, 0),
    ]

    result = run(standin(gpus=2, now=0, pids=[(0, OTHERS), (1, OTHERS)], faults=faults), [1], root=processes, owns=[[]])

    assert result["flags"] == [[]]


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

    assert result["reads"][0][0] == [1_100_000_000, 100_000, 100] * 16


def test_a_gpu_older_than_volta_is_integrated_beside_one_that_counts(run: Run, standin: Any) -> None:
    faults = [(name, 1, code) for name, _, code in NO_COUNTER]
    environment = standin(gpus=2, now=0, names=["Tesla V100", "Tesla P100"], faults=faults)

    meters = run(environment)["description"]["meters"]

    assert [meter["method"] for meter in meters] == ["counter", "integrated"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"NVIDIA_VISIBLE_DEVICES": "none"}, "NVIDIA_VISIBLE_DEVICES is `none`"),
        ({"NVIDIA_VISIBLE_DEVICES": "void"}, "NVIDIA_VISIBLE_DEVICES is `void`"),
        ({"NVIDIA_VISIBLE_DEVICES": ""}, "NVIDIA_VISIBLE_DEVICES is empty"),
        ({"NVIDIA_DRIVER_CAPABILITIES": "compute"}, "NVIDIA_DRIVER_CAPABILITIES lacks `utility`"),
    ],
)
def test_a_container_without_gpus_is_expected_and_told_why(
    run: Run, standin: Any, settings: dict[str, str], words: str
) -> None:
    no_device = only(run({**standin(gpus=0), **settings}))
    no_library = None if Path("/proc/driver/nvidia").exists() else only(run(settings))

    for row in filter(None, (no_device, no_library)):
        assert row["expected"]
        assert words in row["reason"]
        assert "NVIDIA_" in row["remedy"]


@pytest.mark.parametrize(
    "settings",
    [{}, {"NVIDIA_VISIBLE_DEVICES": "all"}, {"NVIDIA_DRIVER_CAPABILITIES": ""}, {"NVIDIA_DRIVER_CAPABILITIES": "all"}],
)
def test_other_settings_of_a_container_explain_nothing(run: Run, standin: Any, settings: dict[str, str]) -> None:
    row = only(run({**standin(gpus=0), **settings}))

    assert (row["expected"], row["reason"], row["remedy"]) == (True, "the driver shows no GPU", None)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"NVIDIA_VISIBLE_DEVICES": "void"}, True),
        ({"NVIDIA_VISIBLE_DEVICES": "all", "NVIDIA_DRIVER_CAPABILITIES": "compute,video"}, False),
        ({"NVIDIA_VISIBLE_DEVICES": "0"}, False),
    ],
)
def test_on_a_host_with_gpus_it_depends_on_what_the_container_was_given(
    run: Run, tmp_path: Path, settings: dict[str, str], expected: bool
) -> None:
    if Path("/proc/driver/nvidia").exists():
        pytest.skip("this machine has an NVIDIA driver")
    (tmp_path / "proc/driver/nvidia/gpus/0000:01:00.0").mkdir(parents=True)

    row = only(run(settings, root=str(tmp_path)))

    assert row["expected"] is expected
    assert row["remedy"]
    assert expected or "utility" in row["remedy"]


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


def test_a_gpu_asked_for_by_number_may_be_another_makers(tmp_path: Path) -> None:
    from reporter.probes import ProbeContext
    from reporter.probes.nvml import open_probe

    if Path("/proc/driver/nvidia").exists():
        pytest.skip("this machine has an NVIDIA driver")
    for name, text in card(3, "amdgpu", 3, power1_average=150_000_000).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    (row,) = open_probe(ProbeContext(environment={}, root=str(tmp_path), gpus="0")).describe().unavailable

    assert row.expected
