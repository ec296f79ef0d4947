"""A job with a part of a machine is billed its part: its work's, and its processors' of what is drawn anyway."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.carbon import EnergyAccount, MeterEnergy
from reporter.domain.energy import account
from reporter.domain.readings import Component, Hardware, Mark, Meter, Method, Recording
from tests.factories import meter_of, model_of, recording_of

MODEL = model_of("model:cpu", (0, 2), (1, 10), cpus=4, component=Component.CPU)
"""At full load four fifths of the power are dynamic; at half load (6 W) two thirds."""
PART = Hardware(cpu_count=4, host_cpu_count=16, cpu_share_ratio=0.25, memory_gb=8, host_memory_gb=64)
WHOLE = Hardware(cpu_count=16, memory_gb=64)


def line(result: EnergyAccount, meter_id: str) -> MeterEnergy:
    return next(meter for meter in result.meters if meter.meter_id == meter_id)


def job(*, own_s: float, host_s: float, hardware: Hardware = PART, meters: tuple[Meter, ...] = ()) -> Recording:
    """Ten seconds in which a machine of 16 processors took 1000 J, and its memory 200 J."""
    rows = [
        ["t", "cpu/J", "dram/J", "gpu/J", "model:cpu/s", "model:cpu/S"],
        [0, 5000, 700, 90, 40, 7000],
        [10, 6000, 900, 390, 40 + own_s, 7000 + host_s],
    ]
    return recording_of(rows, MODEL, *meters, hardware=hardware)


def test_the_rule_by_hand() -> None:
    """Half load: a third of 1000 J is idle, of which a quarter; of the other two thirds three fifths."""
    result = account(job(own_s=48, host_s=80))

    cpu, dram, gpu = (line(result, name) for name in ("cpu", "dram", "gpu"))
    ratio = 1 / 3 * 0.25 + 2 / 3 * 0.6
    assert cpu.share_ratio == pytest.approx(ratio)
    assert cpu.energy_j == pytest.approx(1000 * ratio)
    assert (dram.share_ratio, dram.energy_j) == (0.125, pytest.approx(25))
    assert (gpu.share_ratio, gpu.energy_j) == (None, 300)
    assert result.it_j == pytest.approx(1000 * ratio + 25 + 300)
    assert result.flags == (f"cpu-share:{100 * ratio:.3g} %", "memory-share:12.5 %")


def test_the_split_enters_the_whole_uncertainty_and_not_the_repeatability() -> None:
    """All idle it would be a quarter, all dynamic three fifths."""
    shared = line(account(job(own_s=48, host_s=80)), "cpu")
    alone = line(account(job(own_s=48, host_s=80, hardware=WHOLE)), "cpu")

    assert (shared.low_j, shared.high_j) == (pytest.approx(250), pytest.approx(600))
    assert (alone.low_j, alone.high_j) == (1000, 1000)
    assert shared.repeat_high_j == pytest.approx(shared.energy_j)
    assert shared.repeat_low_j == pytest.approx(shared.energy_j)


def test_a_meters_own_bounds_shrink_with_its_energy() -> None:
    sure = account(job(own_s=20, host_s=80))
    meter = meter_of("cpu", gain_low_ratio=0.9, gain_high_ratio=1.1, tick_s=0.5)
    unsure = account(job(own_s=20, host_s=80, meters=(meter,)))

    # A quarter of the work and a quarter of the processors: the split leaves nothing open.
    assert line(sure, "cpu").energy_j == pytest.approx(250)
    assert line(unsure, "cpu").energy_j == pytest.approx(250)
    repeat_j = line(unsure, "cpu").repeat_high_j
    assert repeat_j is not None
    assert repeat_j - 250 == pytest.approx(0.25 * 50)
    assert line(unsure, "cpu").low_j == pytest.approx(250 - 0.25 * (100**2 + 50**2) ** 0.5)


def test_power_phases_and_the_sum_follow() -> None:
    recording = replace(job(own_s=48, host_s=80), marks=(Mark(label="load", t_ns=0), Mark(label="fit", t_ns=5 * 10**9)))

    result = account(recording)

    assert sum(phase.energy_j or 0 for phase in result.phases) == pytest.approx(result.it_j)
    assert sum((point.end_s - point.start_s) * point.power_w for point in result.timeline) == pytest.approx(result.it_j)


def test_what_an_idle_machine_draws_is_shared_by_processors() -> None:
    rows = [
        ["t", "cpu/J", "model:cpu/s", "model:cpu/S"],
        [-2, 1000, 0, 0],
        [0, 1100, 0, 0],
        [10, 2100, 40, 80],
    ]

    result = account(recording_of(rows, MODEL, hardware=PART, idle_ns=(-2 * 10**9, 0)))

    assert line(result, "cpu").baseline_w == pytest.approx(50 * 0.25)


@pytest.mark.parametrize("hardware", [WHOLE, Hardware(), replace(PART, cpu_share_ratio=1.0, host_memory_gb=8.0)])
def test_a_whole_machine_is_not_shared(hardware: Hardware) -> None:
    result = account(job(own_s=48, host_s=80, hardware=hardware))

    assert line(result, "cpu").energy_j == 1000
    assert {meter.share_ratio for meter in result.meters} == {None}
    assert result.flags == ()


def test_a_fraction_of_a_processor_is_not_rounded_up() -> None:
    hardware = replace(PART, cpu_count=1, host_cpu_count=16, cpu_share_ratio=0.5 / 16)

    assert line(account(job(own_s=0, host_s=80, hardware=hardware)), "cpu").energy_j == pytest.approx(
        1000 / 3 * 0.5 / 16
    )


def test_without_the_exact_part_the_counts_of_processors_tell() -> None:
    hardware = replace(PART, cpu_share_ratio=None)

    assert account(job(own_s=48, host_s=80, hardware=hardware)) == account(job(own_s=48, host_s=80))


def test_without_busy_times_the_processors_decide_and_anything_is_possible() -> None:
    rows = [["t", "cpu/J", "dram/J"], [0, 0, 0], [10, 1000, 200]]

    result = account(recording_of(rows, hardware=PART))

    cpu, dram = line(result, "cpu"), line(result, "dram")
    assert (cpu.energy_j, cpu.low_j, cpu.high_j) == (250, 0, pytest.approx(1000))
    assert (dram.energy_j, dram.low_j, dram.high_j) == (25, 0, pytest.approx(200))


@pytest.mark.parametrize(("own_s", "host_s"), [(0, 0), (5, -3)])
def test_a_machine_whose_clock_did_not_rise_tells_nothing_of_the_work(own_s: float, host_s: float) -> None:
    assert line(account(job(own_s=own_s, host_s=host_s)), "cpu").energy_j == 250


def test_work_before_and_after_the_job_is_not_its_own() -> None:
    rows = [
        ["t", "cpu/J", "model:cpu/s", "model:cpu/S"],
        [-9, 0, 0, 0],
        [-8, 100, 90, 100],
        [0, 900, 190, 200],
        [10, 1900, 238, 280],
        [12, 2100, 338, 380],
        [14, 2300, 438, 480],
    ]

    result = account(recording_of(rows, MODEL, start_s=0, end_s=10, hardware=PART))

    assert line(result, "cpu").energy_j == line(account(job(own_s=48, host_s=80)), "cpu").energy_j


def test_without_the_whole_machine_s_busy_time_the_processors_decide() -> None:
    rows = [["t", "cpu/J", "model:cpu/s"], [0, 0, 0], [10, 1000, 48]]

    assert line(account(recording_of(rows, MODEL, hardware=PART)), "cpu").energy_j == 250


def test_readings_that_miss_one_of_the_two_clocks_are_left_out() -> None:
    rows = [
        ["t", "cpu/J", "model:cpu/s", "model:cpu/S"],
        [0, 0, 0, 0],
        [2, 200, 9, "."],
        [4, 400, ".", 50],
        [10, 1000, 48, 80],
    ]

    result = account(recording_of(rows, MODEL, hardware=PART))

    assert line(result, "cpu").energy_j == line(account(job(own_s=48, host_s=80)), "cpu").energy_j


def test_a_clock_that_began_anew_hides_that_interval_alone() -> None:
    rows = [
        ["t", "cpu/J", "model:cpu/s", "model:cpu/S"],
        [0, 0, 40, 7000],
        [5, 500, 0, 7040],
        [10, 1000, 24, 7080],
    ]

    result = account(recording_of(rows, MODEL, hardware=PART))

    assert line(result, "cpu").energy_j == line(account(job(own_s=48, host_s=80)), "cpu").energy_j


def test_a_model_already_knows_the_part_that_was_given() -> None:
    rows = [["t", "model:cpu/s", "model:cpu/S"], [0, 0, 0], [10, 20, 80]]
    memory = model_of("model:dram", (0, 6), component=Component.DRAM, source="dram_model")

    result = account(recording_of(rows, replace(MODEL, source="cpu_model"), memory, hardware=PART))

    assert [meter.share_ratio for meter in result.meters] == [None, None]
    assert result.it_j == pytest.approx(60 + 60)
    assert result.flags == ()


def test_a_power_gauge_of_the_firmware_is_shared_too() -> None:
    rows = [["t", "cpu/W", "model:cpu/s", "model:cpu/S"], [0, 100, 0, 0], [10, 100, 48, 80]]
    grace = meter_of("cpu", method=Method.INTEGRATED, source="hwmon", holds=(Component.DRAM,))

    result = account(recording_of(rows, MODEL, grace, hardware=PART))

    assert result.it_j == pytest.approx(1000 * (1 / 3 * 0.25 + 2 / 3 * 0.6))


def test_a_part_inside_another_is_shared_alike_and_flagged_once() -> None:
    rows = [["t", "cpu/J", "core/J", "model:cpu/s", "model:cpu/S"], [0, 0, 0, 0, 0], [10, 1000, 400, 48, 80]]
    core = meter_of("core", component=Component.CPU, source="rapl", parent_id="cpu")

    result = account(recording_of(rows, MODEL, core, hardware=replace(PART, memory_gb=64)))

    assert line(result, "core").energy_j == pytest.approx(0.4 * (line(result, "cpu").energy_j or 0))
    assert len(result.flags) == 1


WORK = st.lists(st.floats(0, 40), min_size=1, max_size=6)


@given(WORK, st.data())
def test_all_containers_together_get_no_more_than_the_machine(works_s: list[float], data: st.DataObject) -> None:
    host_s = max(sum(works_s), 1.0) + data.draw(st.floats(0, 50))
    cpus = [data.draw(st.floats(0.1, 16 / len(works_s))) for _ in works_s]

    shares = []
    for own_s, given_cpus in zip(works_s, cpus, strict=True):
        hardware = Hardware(cpu_count=1, host_cpu_count=16, cpu_share_ratio=given_cpus / 16)
        cpu = line(account(job(own_s=own_s, host_s=host_s, hardware=hardware)), "cpu")
        assert cpu.energy_j is not None
        assert 0 <= (cpu.low_j or 0) <= cpu.energy_j <= (cpu.high_j or 0) <= 1000 + 1e-6
        if given_cpus < 16:
            assert 0 <= (cpu.share_ratio or 0) <= 1
            shares.append(cpu.energy_j)

    assert sum(shares) <= 1000 + 1e-6


@given(st.floats(0, 500), st.floats(0.5, 160))
def test_more_work_than_the_machine_did_is_not_billed(own_s: float, host_s: float) -> None:
    cpu = line(account(job(own_s=own_s, host_s=host_s)), "cpu")

    assert cpu.share_ratio is not None
    assert 0 < cpu.share_ratio <= 1
    assert cpu.energy_j == pytest.approx(1000 * cpu.share_ratio)
