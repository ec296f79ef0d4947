"""Faults of time, and jobs of every length: on a clock of their own, from the sampler to the account."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from reporter.domain.energy import account
from reporter.domain.readings import Quantity
from reporter.metering.parsing import parse_recording
from tests.faults.simulated import S, SimulatedClock, SimulatedProbe, gpu, package, record, simulate

HOUR_S = 3600.0
GPU_W, CPU_W = 350, 200
TICK_J = GPU_W * 0.1
"""By how much a GPU's counter may lag at the ends of a job."""
LARGEST = 4_000_000
"""Of a day of eight GPUs and two processors, and of a month of one processor, bytes."""


def wall(by_s: float) -> Any:
    def step(clock: SimulatedClock) -> None:
        clock.wall_ahead_ns += round(by_s * S)

    return step


def suspend(for_s: float) -> Any:
    def step(clock: SimulatedClock) -> None:
        clock.suspended_ns += round(for_s * S)

    return step


def starve(for_s: float) -> Any:
    def step(clock: SimulatedClock) -> None:
        clock.ns += round(for_s * S)

    return step


def machine(clock: SimulatedClock, gpus: int = 1, packages: int = 1) -> list[SimulatedProbe]:
    return [
        SimulatedProbe(clock, [gpu(index) for index in range(gpus)], [GPU_W] * gpus, gauges=True),
        SimulatedProbe(clock, [package(index) for index in range(packages)], [CPU_W] * packages, gauges=False),
    ]


@pytest.mark.parametrize(
    ("fault", "flag"),
    [
        (wall(3600), "clock-step:+3600 s"),
        (wall(-3600), "clock-step:-3600 s"),
        (suspend(900), "suspended:900 s"),
        (wall(0.5), None),
    ],
    ids=["an hour ahead", "an hour back", "suspended", "adjusted a little"],
)
@pytest.mark.parametrize("lasting_s", [20.0, 200.0], ids=["short job", "long job"])
def test_clocks_that_move_are_told_and_change_no_number(fault: Any, flag: str | None, lasting_s: float) -> None:
    clock = SimulatedClock(lasting_s, at=[(12.3, fault)])

    recording, _ = simulate(clock, *machine(clock))
    energy = account(recording)

    assert list(recording.flags) == ([flag] if flag else [])
    assert energy.duration_s == pytest.approx(lasting_s)
    assert energy.it_j == pytest.approx((GPU_W + CPU_W) * lasting_s, abs=TICK_J)


def test_a_sampler_starved_for_three_seconds_loses_no_counted_joule() -> None:
    clock = SimulatedClock(30, at=[(10, starve(3.25))])

    recording, _ = simulate(clock, *machine(clock))
    energy = account(recording)

    assert max(after - before for before, after in pairwise(recording.series[0].t_ns)) > 3 * S
    assert energy.it_j == pytest.approx((GPU_W + CPU_W) * 30, abs=TICK_J)
    assert energy.flags == ()


def test_a_starved_power_gauge_is_less_covered_and_says_so() -> None:
    clock = SimulatedClock(30, at=[(5, starve(9.0))])
    recording, _ = simulate(clock, machine(clock)[0])
    power = tuple(series for series in recording.series if series.quantity is Quantity.POWER_MW)
    energy = account(replace(recording, series=power))
    (meter,) = energy.meters

    assert meter.energy_j == pytest.approx(GPU_W * 30)
    assert meter.coverage_ratio is not None
    assert meter.coverage_ratio < 0.9
    assert "low-coverage:nvml:GPU-0" in energy.flags


@pytest.mark.parametrize("lasting_s", [0.05, 0.3, 1.0, 5.0, 60.0, 3 * 24 * HOUR_S])
def test_a_job_of_any_length_comes_out_right(lasting_s: float) -> None:
    clock = SimulatedClock(lasting_s)

    recording, size = simulate(clock, *machine(clock))

    assert account(recording).it_j == pytest.approx(
        (GPU_W + CPU_W) * lasting_s, abs=min(TICK_J, 0.2 * GPU_W * lasting_s)
    )
    assert size < LARGEST


def test_a_month_stays_small_and_its_wraps_are_all_there() -> None:
    """8,000 wraps of a counter that is read every ten seconds: a quarter of a million readings, not all written."""
    clock = SimulatedClock(30 * 24 * HOUR_S)

    recording, size = simulate(clock, machine(clock)[1])
    (series,) = recording.series

    energy = account(recording)
    assert energy.it_j == pytest.approx(CPU_W * 30 * 24 * HOUR_S, rel=1e-9)
    assert energy.flags == ()
    assert len(series.t_ns) < 80_000
    assert size < LARGEST


def test_over_a_day_memory_is_flat_and_whatever_is_left_of_the_recording_is_right(tmp_path: Path) -> None:
    """Eight GPUs and two processors; cut anywhere, as after a kill, it is right up to there."""
    held: list[int] = []

    def look(_: SimulatedClock) -> None:
        held.append(tracemalloc.get_traced_memory()[0])

    clock = SimulatedClock(24 * HOUR_S, at=[(HOUR_S, look), (23.9 * HOUR_S, look)])
    probes = machine(clock, gpus=8, packages=2)
    tracemalloc.start()
    try:
        record(clock, *probes, path=tmp_path / "recording.jsonl")
    finally:
        tracemalloc.stop()
    lines = (tmp_path / "recording.jsonl").read_bytes().splitlines(keepends=True)
    watts = {meter.meter_id: watts for probe in probes for meter, watts in zip(probe.meters, probe.watts, strict=True)}

    assert held[1] - held[0] < 64_000
    assert sum(map(len, lines)) < LARGEST
    for part in (0.3, 1.0):
        kept = lines[: int(len(lines) * part)]
        recording, _ = parse_recording(b"".join(kept) + b'{"s":0,"t', name="r")
        energy = account(recording)
        assert recording.complete is (part == 1.0)
        assert energy.flags == ()
        for meter in energy.meters:
            # The other source's last reading may be a minute older than the end.
            expected_j = watts[meter.meter_id] * energy.duration_s
            assert meter.energy_j == pytest.approx(
                expected_j, abs=0 if part == 1.0 else 61 * watts[meter.meter_id], rel=1e-6
            )
