"""What a chart draws of each meter holds the energy that was read, as finely as it was read, and no guess."""

from __future__ import annotations

import math

import pytest
from factories import meter_of, model_of, recording_of
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.energy import account
from reporter.domain.readings import Component, Hardware
from reporter.domain.traces import Trace, traces


def by_label(found: tuple[Trace, ...]) -> dict[str, Trace]:
    return {trace.label: trace for trace in found}


def energy_j(trace: Trace) -> float:
    return math.fsum(watts * trace.step_s for watts in trace.power_w if watts is not None)


def test_a_meter_is_drawn_reading_by_reading() -> None:
    found = traces(recording_of("t gpu0/J\n0 0\n1 100\n2 400\n3 450\n4 450.5"))

    assert found == (
        Trace(
            label="GPU0", component=Component.GPU, counted=True, modelled=False, step_s=1, power_w=(100, 300, 50, 0.5)
        ),
    )


def test_several_meters_have_their_sum_before_them() -> None:
    found = traces(recording_of("t gpu0/J gpu1/J\n0 0 0\n2 100 20\n4 300 60"))

    assert [(trace.label, trace.component, trace.power_w) for trace in found] == [
        ("", None, (60, 120)),
        ("GPU0", Component.GPU, (50, 100)),
        ("GPU1", Component.GPU, (10, 20)),
    ]


def test_the_sum_leaves_out_what_is_not_counted_but_the_meter_is_drawn() -> None:
    found = traces(recording_of("t cpu/J node/J gpu0/J\n0 0 0 0\n1 10 500 100\n2 20 1000 200"))

    assert found[0].power_w == (110, 110)
    assert by_label(found)["NODE"] == Trace(
        label="NODE", component=Component.NODE, counted=False, modelled=False, step_s=1, power_w=(500, 500)
    )


def test_a_counter_that_was_lost_is_a_gap_and_not_a_dip() -> None:
    rows = [("t", "gpu0/J"), *((t, 100 * t) for t in range(5)), *((t, 10 * (t - 4)) for t in range(5, 10))]

    (trace,) = traces(recording_of(rows))

    assert trace.power_w == (100, 100, 100, 100, None, 10, 10, 10, 10)


def test_nothing_is_drawn_where_a_gauge_was_not_read() -> None:
    rows = [("t", "gpu0/W"), *((t, 100) for t in range(4)), *((t, ".") for t in range(4, 10)), (10, 100), (11, 100)]

    (trace,) = traces(recording_of(rows))

    assert trace.power_w[:3] == (100, 100, 100)
    assert trace.power_w[3:10] == (None,) * 7
    assert trace.power_w[10:] == (100,)


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=60), st.integers(1, 40))
def test_thinning_keeps_the_energy(joules: list[int], most: int) -> None:
    rows, level = [("t", "gpu0/J"), (0, 1)], 1
    for second, more in enumerate(joules, start=1):
        level += more + 1
        rows.append((second, level))
    recording = recording_of(rows)

    (trace,) = traces(recording, most)

    assert len(trace.power_w) <= most
    assert trace.step_s * len(trace.power_w) == pytest.approx(len(joules))
    assert energy_j(trace) == pytest.approx(account(recording).it_j or 0.0)


def test_a_constant_model_is_one_step_and_does_not_coarsen_the_sum() -> None:
    found = traces(recording_of("t gpu0/J\n0 0\n1 100\n2 300", model_of("dram", (0, 7))))

    assert by_label(found)["DRAM"].power_w == (7,)
    assert [trace.modelled for trace in found] == [False, True, False]
    assert found[0].power_w == (107, 207)


def test_of_a_shared_machine_the_jobs_part_is_drawn() -> None:
    half = Hardware(cpu_count=4, host_cpu_count=8, cpu_share_ratio=0.5)
    recording = recording_of("t cpu/J\n0 0\n1 100\n2 200", meter_of("cpu", source="rapl"), hardware=half)

    (trace,) = traces(recording)

    assert energy_j(trace) == pytest.approx(account(recording).it_j or 0.0)
    assert trace.power_w == (50, 50)


def test_a_meter_without_readings_is_not_drawn() -> None:
    assert traces(recording_of("t gpu0/J gpu1/J\n0 0 .\n1 100 .\n2 200 .")) == (
        Trace(label="GPU0", component=Component.GPU, counted=True, modelled=False, step_s=1, power_w=(100, 100)),
    )


def test_a_moment_has_no_course() -> None:
    assert traces(recording_of("t gpu0/J\n0 0\n0.4 100")) == ()
