"""The run of a footprint: what it keeps, and when two of them compare."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reporter.domain.carbon import PerUnit
from reporter.domain.readings import Component, Gpu, Hardware, Method, Phase, Unavailable
from reporter.domain.run_record import MOST_PHASES, record_of, unlike
from tests.factories_footprint import footprint, meter

CPU = meter("cpu", component=Component.CPU, method=Method.MODELLED)
DRAM = meter("dram", component=Component.DRAM, method=Method.MODELLED)


def with_hardware(*meters, **changes):
    made = footprint()
    return replace(made, meters=(*made.meters, *meters), hardware=replace(made.hardware, **changes))


RUNS = {
    "gpu": footprint(),
    "other job": footprint(name="eval"),
    "two gpus": with_hardware(gpus=(Gpu(uuid="1", name="H200"), Gpu(uuid="2", name="H200"))),
    "other gpu": with_hardware(gpus=(Gpu(uuid="1", name="A100"),)),
    "no gpu": replace(footprint(), meters=(CPU,), hardware=Hardware(cpu="EPYC", cpu_count=4)),
    "with cpu": with_hardware(CPU),
    "with other cpu": with_hardware(CPU, cpu="Xeon"),
    "with unknown cpu": with_hardware(CPU, cpu=None, cpu_count=None),
    "with part of a cpu": with_hardware(CPU, host_cpu_count=64, cpu_share_ratio=0.05),
    "with memory": with_hardware(DRAM),
    "with more memory": with_hardware(DRAM, memory_gb=17.0),
    "with much memory": with_hardware(DRAM, memory_gb=64.0),
    "with unknown memory": with_hardware(DRAM, memory_gb=None),
    "unmetered": footprint(None),
    "failed": footprint(exit_status=1),
    "killed": replace(footprint(), flags=("meter-killed",)),
    "unread gpu": replace(
        footprint(),
        unavailable=(Unavailable(source="nvml", reason="gone", remedy=None, expected=False, component=Component.GPU),),
    ),
    "estimate": replace(footprint(), method="estimate"),
}


@pytest.mark.parametrize(
    ("base", "head", "why"),
    [
        ("gpu", "gpu", None),
        ("gpu", "other job", None),
        ("gpu", "two gpus", "2 × H200 now, 1 × NVIDIA H200 in the base"),
        ("gpu", "other gpu", "1 × A100 now, 1 × NVIDIA H200 in the base"),
        ("no gpu", "gpu", "1 × NVIDIA H200 now, no GPU in the base"),
        ("gpu", "with cpu", "CPU modelled and GPU metered now, GPU metered in the base"),
        ("with cpu", "with cpu", None),
        ("with other cpu", "with cpu", "EPYC now, Xeon in the base"),
        ("with unknown cpu", "with cpu", "EPYC now, an unknown processor in the base"),
        ("with part of a cpu", "with cpu", "4 processors now, 3.2 of 64 processors in the base"),
        ("with memory", "with memory", None),
        ("with memory", "with more memory", None),
        ("with memory", "with much memory", "64 GB of memory now, 16 GB in the base"),
        ("with unknown memory", "with memory", "16 GB of memory now, 0 GB in the base"),
        ("gpu", "unmetered", "nothing was metered in this job"),
        ("unmetered", "gpu", "nothing was metered in the base"),
        ("failed", "gpu", "the command failed in the base"),
        ("gpu", "killed", "the meter was killed in this job"),
        ("unread gpu", "gpu", "a GPU could not be read in the base"),
        ("estimate", "gpu", "a measurement now, an estimate in the base"),
    ],
)
def test_runs_compare_only_on_the_same_hardware_metered_in_the_same_way(base, head, why):
    found = unlike(record_of(RUNS[base]), record_of(RUNS[head]))

    assert found == (None if why is None else f"not comparable: {why}")


def test_a_record_keeps_what_a_baseline_and_a_sum_need():
    made = footprint(exit_status=0)

    record = record_of(made, branch="main", runner="gpu-1")

    assert (record.job, record.branch, record.runner, record.run_id, record.pull_request) == (
        "train", "main", "gpu-1", 1, 7,
    )  # fmt: skip
    assert record.repeat_ratio == pytest.approx(0.005)
    assert record.facility_j == pytest.approx(made.energy.facility_j)
    assert record.gco2e == pytest.approx(made.emissions.gco2e)
    assert record.units == (("sample", 50_000.0),)
    assert [(phase.label, phase.energy_j, phase.duration_s) for phase in record.phases] == [("train", 900.0, 10.0)]


def test_where_repeatability_is_not_known_the_whole_interval_stands_in():
    made = footprint()
    whole = replace(made, energy=replace(made.energy, repeat_low_j=None, repeat_high_j=None))

    assert record_of(whole).repeat_ratio == pytest.approx(0.05)
    assert record_of(footprint(None)).repeat_ratio is None


def test_what_was_not_metered_is_not_known():
    record = record_of(footprint(None))

    assert (record.it_j, record.facility_j, record.gco2e) == (None, None, None)


def test_the_largest_phases_stay_in_their_order():
    phases = tuple(
        Phase(label=f"p{number}", start_s=number, end_s=number + 1.0, energy_j=float(number % 10))
        for number in range(50)
    )

    kept = record_of(replace(footprint(), phases=phases, per_unit=())).phases

    assert len(kept) == MOST_PHASES
    assert min(phase.energy_j for phase in kept) == 6.0
    assert [phase.label for phase in kept] == sorted((phase.label for phase in kept), key=lambda name: int(name[1:]))


def test_no_id_of_a_device_is_kept():
    assert "GPU-1" not in repr(record_of(footprint()))


def test_units_without_a_count_do_not_divide():
    made = replace(footprint(), per_unit=(PerUnit(unit="epoch", count=3.0, energy_j=None, gco2e=None),))

    assert record_of(made).units == (("epoch", 3.0),)
