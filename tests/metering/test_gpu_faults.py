"""GPUs that misbehave, from the driver to the joules: the real probe on the stand-in, its readings accounted for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest

DRIVER = """
import dataclasses, json, os, sys
from reporter.domain.energy import account
from reporter.domain.readings import Hardware, Job, Recording, Series
from reporter.probes import ProbeContext, open_probe
start_s, end_s, step_s = json.loads(sys.argv[1])
clock = os.environ["EMISSIONS_STANDIN_CLOCK"]
probe = open_probe("nvml", ProbeContext(environment=dict(os.environ)))
description = probe.describe()
times, reads = [], []
for index in range(round((end_s - start_s) / step_s) + 1):
    now_s = start_s + index * step_s
    with open(clock, "w") as file:
        file.write(f"{now_s:.6f}")
    times.append(round(now_s * 1e9))
    reads.append(probe.read())
probe.close()
recording = Recording(
    job=Job(name="job"), hardware=Hardware(), start_ns=times[0], end_ns=times[-1], complete=True,
    meters=description.meters,
    series=tuple(
        Series(meter_id=column.meter_id, quantity=column.quantity, t_ns=tuple(times), values=tuple(values))
        for column, values in zip(description.columns, zip(*reads))
    ),
)
account = account(recording)
print(json.dumps({"meters": [dataclasses.asdict(meter) for meter in account.meters], "flags": account.flags}))
"""
ID = "nvml:GPU-00000000-0000-0000-0000-000000000000"
COUNTER = "nvmlDeviceGetTotalEnergyConsumption"
STEADY = [(0, 0, 200)]
JOULES = 2000
"""200 W for 10 s."""
NO_COUNTER = [(COUNTER, 0, 3), ("field:83", 0, 3)]
USAGE_ONLY = [*NO_COUNTER, ("field:186", 0, 3)]
FOR_GOOD = 1e9

Play = Callable[..., tuple[dict[str, Any], list[str]]]


@pytest.fixture
def play(standin: Any) -> Play:
    """The account of one GPU that is read from `start_s` to `end_s`; keywords are those of the stand-in."""

    def play(
        start_s: float = 0, end_s: float = 10, step_s: float = 0.1, **scenario: Any
    ) -> tuple[dict[str, Any], list[str]]:
        environment = standin(**{"now": start_s, "trace": STEADY, **scenario})
        foreign = ("CUDA_", "EMISSIONS_", "NVIDIA_")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        done = subprocess.run(
            [sys.executable, "-c", DRIVER, json.dumps([start_s, end_s, step_s])],
            env=clean | environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        return found["meters"][0], [flag.partition(":")[0] for flag in found["flags"]]

    return play


def test_a_sound_counter_is_exact(play: Play) -> None:
    meter, flags = play()

    assert (meter["energy_j"], meter["coverage_ratio"], flags) == (JOULES, 1, [])


@pytest.mark.parametrize(
    "faults",
    [
        [(COUNTER, 0, 3, 4.05, 6.05, 0)],
        [(COUNTER, 0, 999, 4.05, 6.05, 0)],
        [(COUNTER, 0, 0, 4.05, 4.35, 0, 0)],
        [(COUNTER, 0, 0, 4.05, 4.15, 0, "+1000000000000")],
    ],
    ids=["refused", "unknown error", "0 after a success", "one absurd reading"],
)
def test_what_passes_loses_nothing_of_a_counter(play: Play, faults: Sequence[tuple[Any, ...]]) -> None:
    meter, _ = play(faults=faults)

    assert (meter["method"], meter["energy_j"], meter["coverage_ratio"]) == ("counter", JOULES, 1)


@pytest.mark.parametrize(
    ("scenario", "flag"),
    [
        ({"resets": [(4.05, 0)]}, "counter-reset"),
        ({"faults": [(COUNTER, 0, 0, 4.05, FOR_GOOD, 0, "+1000000000000")]}, "counter-jump"),
    ],
)
def test_a_reset_and_a_jump_begin_a_new_segment_and_are_flagged(
    play: Play, scenario: dict[str, Any], flag: str
) -> None:
    meter, flags = play(**scenario)

    assert flags == [flag]
    assert meter["method"] == "counter"
    assert JOULES - 2 * 200 * 0.1 <= meter["energy_j"] < JOULES
    assert 0.98 <= meter["coverage_ratio"] < 1


def test_a_counter_that_freezes_gives_way_to_power(play: Play) -> None:
    meter, flags = play(faults=[(COUNTER, 0, 0, 3, FOR_GOOD, 0, 1_600_000)])

    assert (meter["method"], flags) == ("integrated", ["counter-frozen"])
    assert meter["energy_j"] == pytest.approx(JOULES)


@pytest.mark.parametrize("until_s", [FOR_GOOD, 6])
def test_a_lost_gpu_keeps_what_it_had_and_does_not_come_back(play: Play, until_s: float) -> None:
    meter, flags = play(faults=[(COUNTER, 0, 15, 5.05, until_s, 0)])

    assert meter["energy_j"] == pytest.approx(JOULES / 2)
    assert meter["coverage_ratio"] == pytest.approx(0.5)
    assert meter["high_j"] > JOULES
    assert "low-coverage" in flags


@pytest.mark.parametrize("faults", [NO_COUNTER, USAGE_ONLY], ids=["vGPU", "older than Volta"])
def test_without_a_counter_the_area_under_the_power_is_taken(play: Play, faults: Sequence[tuple[Any, ...]]) -> None:
    trace = [(0, 0, 60), (2, 0, 250), (5, 0, 100), (7.5, 0, 250)]

    meter, flags = play(trace=trace, faults=faults, architecture=4)

    assert (meter["method"], flags) == ("integrated", [])
    assert meter["energy_j"] == pytest.approx(120 + 750 + 250 + 625, rel=0.01)


@pytest.mark.parametrize("power_mw", [0, 2**32 - 1])
def test_an_impossible_power_is_bridged(play: Play, power_mw: int) -> None:
    absurd = ("field:186", 0, 0, 4.05, 4.15, 0, power_mw)

    meter, _ = play(faults=[*NO_COUNTER, absurd])

    assert meter["energy_j"] == pytest.approx(JOULES)
    assert meter["coverage_ratio"] == 1


@pytest.mark.parametrize("duration_s", [3, 10])
@pytest.mark.parametrize("step_s", [0.1, 0.25, 0.5])
def test_a_power_that_is_a_mean_of_the_last_second_is_put_right_at_both_ends(
    play: Play, duration_s: float, step_s: float
) -> None:
    scenario = {"trace": [(0, 0, 60), (2, 0, 400)], "faults": USAGE_ONLY, "window_ms": 1000}
    end_s = 2 + duration_s

    meter, _ = play(2, end_s, step_s, **scenario)

    assert meter["energy_j"] == pytest.approx(400 * duration_s, rel=0.03)


def test_power_of_the_module_alone_is_the_modules(play: Play) -> None:
    meter, _ = play(module=1, faults=NO_COUNTER)

    assert (meter["component"], meter["method"], meter["energy_j"]) == ("module", "integrated", pytest.approx(JOULES))
    assert meter["meter_id"] == ID
