"""Idle power before the job, and what the job took above it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reporter.domain.energy import account
from reporter.domain.footprint import assess
from reporter.domain.readings import Method
from reporter.domain.total import total
from tests.factories import meter_of, model_of, recording_of
from tests.factories_footprint import IN_FRANCE, footprint

S = 1_000_000_000
IDLE = (0, 2 * S)


def test_a_counter_s_idle_power_is_its_difference_over_the_time() -> None:
    result = account(
        recording_of([["t", "gpu/J"], [0, 1000], [2, 1100], [4, 1200], [14, 5200]], start_s=4, idle_ns=IDLE)
    )

    assert result.meters[0].baseline_w == 50
    assert (result.it_j, result.baseline_w, result.net_j) == (4000, 50, 4000 - 500)


def test_a_gauge_s_idle_power_is_its_median() -> None:
    rows = [[0, 30], [0.5, 30], [1, 300], [1.5, 31], [2, 30], [3, 400], [4, 400]]

    result = account(recording_of([["t", "gpu/W"], *rows], start_s=3, idle_ns=IDLE))

    assert result.baseline_w == 30
    assert result.net_j == 400 - 30


@pytest.mark.parametrize("missed", [0, "."])
def test_a_reading_that_is_none_is_not_in_the_median(missed: object) -> None:
    rows = [[0, 30], [0.5, missed], [1, missed], [1.5, missed], [2, 32], [3, 400], [4, 400]]

    assert account(recording_of([["t", "gpu/W"], *rows], start_s=3, idle_ns=IDLE)).baseline_w == 31


def test_a_counter_that_was_read_for_half_of_the_idle_time_tells_no_power() -> None:
    rows = [[1, 1000], [1.5, 1025], [2, 1050], [3, 1100], [4, 1500]]

    assert account(recording_of([["t", "gpu/J"], *rows], start_s=3, idle_ns=IDLE)).baseline_w is None


def test_a_model_s_idle_power_is_the_model_s() -> None:
    table = [["t", "cpu/s"], [0, 0], [2, 0.8], [3, 0.8], [13, 40.8]]

    result = account(recording_of(table, model_of("dram", (0, 6)), start_s=3, idle_ns=IDLE))

    assert {meter.meter_id: meter.baseline_w for meter in result.meters} == pytest.approx(
        {"cpu": 2 + 8 * 0.1, "dram": 6}
    )
    assert result.net_j == pytest.approx(100 + 60 - (2.8 + 6) * 10)


def test_without_an_idle_time_there_is_no_baseline() -> None:
    result = account(recording_of([["t", "gpu/J"], [0, 0], [2, 100]]))

    assert (result.meters[0].baseline_w, result.baseline_w, result.net_j) == (None, None, None)


@pytest.mark.parametrize("idle_ns", [(2 * S, 2 * S), (2 * S, S), (5 * S, 9 * S)])
def test_an_idle_time_without_a_length_before_the_job_is_none(idle_ns: tuple[int, int]) -> None:
    table = [["t", "gpu/J"], [0, 0], [2, 100], [5, 200], [9, 900]]

    assert account(recording_of(table, start_s=5, idle_ns=idle_ns)).baseline_w is None


def test_one_counted_meter_without_a_baseline_leaves_the_sum_unknown() -> None:
    table = [["t", "gpu/W", "cpu/J"], [0, ".", 0], [2, ".", 60], [3, 100, 90], [5, 100, 190]]

    result = account(recording_of(table, start_s=3, idle_ns=IDLE))

    assert [meter.baseline_w for meter in result.meters] == [None, 30]
    assert (result.baseline_w, result.net_j) == (None, None)


def test_a_meter_that_is_not_counted_does_not() -> None:
    table = [["t", "gpu/W", "cpu/J"], [0, ".", 0], [2, ".", 60], [3, 100, 90], [5, 100, 190]]
    spare = meter_of("gpu", method=Method.INTEGRATED, selected=False)

    assert account(recording_of(table, spare, start_s=3, idle_ns=IDLE)).baseline_w == 30


def test_a_counter_that_was_reset_while_idle_counts_for_the_time_that_it_was_read() -> None:
    rows = [[0, 5000], *([0.1 * step, 5000 + 5 * step] for step in range(1, 20)), [1.95, 3], [2, 4], [3, 100], [4, 300]]

    result = account(recording_of([["t", "gpu/J"], *rows], start_s=3, idle_ns=IDLE))

    assert result.baseline_w == pytest.approx((95 + 1) / 1.95, rel=0.02)


def test_net_energy_is_never_below_zero() -> None:
    result = account(recording_of([["t", "gpu/J"], [0, 0], [2, 400], [3, 600], [13, 700]], start_s=3, idle_ns=IDLE))

    assert (result.it_j, result.baseline_w, result.net_j) == (100, 200, 0)


def test_idle_readings_change_nothing_about_the_job() -> None:
    table = [["t", "gpu/J", "gpu/W"], [0, 0, 20], [1, 20, 20], [2, 40, 20], [4, 440, 200], [9, 1440, 200]]

    with_idle = account(recording_of(table, start_s=4, idle_ns=IDLE))

    job = account(recording_of(table, start_s=4))
    assert replace(with_idle, meters=(), baseline_w=None, net_j=None) == replace(job, meters=())


def test_the_meter_s_own_joules_follow_from_its_processor_time_and_the_model() -> None:
    table = [["t", "cpu/s"], [0, 0], [10, 5]]

    assert account(recording_of(table, self_cpu_s=0.5)).self_j == pytest.approx(0.5 * 8 / 4)
    assert account(recording_of(table)).self_j is None
    assert account(recording_of([["t", "cpu/J"], [0, 0], [10, 5]], self_cpu_s=0.5)).self_j is None


def test_the_footprint_carries_it_all() -> None:
    recording = recording_of(
        [["t", "gpu/J", "gpu/%"], [0, 0, 0], [2, 100, 0], [3, 150, 0], [5, 250, 0], [7, 1050, 100]],
        model_of("cpu"), start_s=3, idle_ns=IDLE, self_cpu_s=1.0,
    )  # fmt: skip
    result = account(recording)

    energy = assess(recording, result, IN_FRANCE, (), footprint().tool).energy

    assert (energy.idle_j, energy.baseline_w, energy.net_j, energy.self_j) == (100, 50, 700, 2)


def test_a_total_sums_what_every_job_knows_and_no_power() -> None:
    one, other = footprint(), footprint()
    known = replace(one, energy=replace(one.energy, idle_j=5.0, net_j=7.0, self_j=1.0, baseline_w=50.0))

    both, part = total((known, known)).energy, total((known, other)).energy

    assert (both.idle_j, both.net_j, both.self_j, both.baseline_w) == (10, 14, 2, None)
    assert (part.idle_j, part.net_j, part.self_j) == (None, None, None)
