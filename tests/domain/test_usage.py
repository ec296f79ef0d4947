"""Utilisation: a mean over time, and the energy of the time in which nothing was computed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.carbon import EnergyAccount
from reporter.domain.energy import account
from reporter.domain.readings import Component, Recording, Series
from tests.factories import marks_of, meter_of, recording_of

PERCENTS = st.lists(st.sampled_from([0, 0, 0, 30, 100]), min_size=2, max_size=30)


def gpu(result: EnergyAccount, at: int = 0) -> tuple[float | None, float | None, float | None]:
    meter = result.meters[at]
    return meter.idle_j, meter.idle_ratio, meter.utilisation_ratio


def job(*rows: list[object], **changes: object) -> EnergyAccount:
    """A GPU of 100 W with these utilisation readings."""
    table = [["t", "gpu/W", "gpu/%"], *([second, 100, *cells] for second, *cells in rows)]
    return account(recording_of(table, **changes))  # type: ignore[arg-type]


def test_it_was_idle_between_two_readings_of_zero_alone() -> None:
    result = job([0, 0], [1, 0], [2, 100], [3, 0], [4, 0])

    assert gpu(result) == pytest.approx((200, 0.5, 0.25))
    assert result.idle_j == pytest.approx(200)


def test_idle_energy_is_what_the_counter_says_for_that_time() -> None:
    result = account(
        recording_of(
            """
            t   gpu/J   gpu/%
            0   0       0
            1   60      0
            2   460     80
            3   860     80
            """
        )
    )

    assert gpu(result) == pytest.approx((60, 1 / 3, (0 + 40 + 80) / 300))


def test_a_reading_from_before_the_job_stands_at_its_start() -> None:
    result = job([-1, 40], [1, 0], [2, 0], start_s=0)

    assert gpu(result) == pytest.approx((100, 0.5, 0.1))


def test_a_reading_from_after_the_job_stands_at_its_end() -> None:
    result = job([0, 0], [2, 0], [4, 100], end_s=3)

    assert gpu(result) == pytest.approx((200, 2 / 3, 50 / 300))


def test_a_percentage_that_is_none_is_not_taken_among_others() -> None:
    assert gpu(job([0, 0], [1, 255], [2, 0])) == pytest.approx((200, 1, 0))


def test_of_idle_times_each_counts_in_its_own_phase() -> None:
    rows = [[second, 0 if second <= 2 or second >= 6 else 100] for second in range(11)]

    result = job(*rows, marks=marks_of(("load", 0), ("train", 4), ("drain", 5), ("rest", 8)))

    assert [phase.idle_j for phase in result.phases] == pytest.approx([200, 0, 200, 200])


def test_where_utilisation_was_not_read_nothing_is_said_about_it() -> None:
    result = account(recording_of([["t", "gpu/W"], [0, 100], [5, 100]]))

    assert gpu(result) == (None, None, None)
    assert result.idle_j is None
    assert {point.utilisation_ratio for point in result.timeline} == {None}


@pytest.mark.parametrize("missed", [".", 101, 255])
def test_a_reading_that_is_none_is_not_zero(missed: object) -> None:
    assert gpu(job([0, missed], [1, missed], [2, missed])) == (None, None, None)


def test_a_single_missed_reading_is_bridged() -> None:
    assert gpu(job([0, 0], [1, "."], [2, 0])) == pytest.approx((200, 1, 0))


def test_a_job_that_was_hardly_read_has_no_utilisation() -> None:
    rows = [[second, 0 if second < 4 else "."] for second in range(20)]

    assert gpu(job(*rows)) == (None, None, None)


def test_a_gap_counts_neither_as_idle_nor_as_busy() -> None:
    rows = [[second, "." if 10 <= second < 13 else 0 if second < 50 else 100] for second in range(101)]

    idle_j, idle_ratio, utilisation_ratio = gpu(job(*rows))

    assert idle_j == pytest.approx(100 * (49 - 4))
    assert idle_ratio == pytest.approx((49 - 4) / 96)
    assert utilisation_ratio == pytest.approx(50.5 / 96)


def test_the_sum_is_known_only_if_every_counted_gpu_was_read() -> None:
    table = [["t", "gpu0/W", "gpu0/%", "gpu1/W", "gpu1/%"], [0, 100, 0, 50, 0], [2, 100, 0, 50, 0]]
    both = recording_of(table)

    assert account(both).idle_j == pytest.approx(300)
    assert account(replace(both, series=both.series[:-1])).idle_j is None


def test_a_gpu_that_the_job_was_not_given_does_not_make_it_unknown() -> None:
    table = [["t", "gpu0/W", "gpu0/%", "gpu1/W"], [0, 100, 0, 50], [2, 100, 0, 50]]

    assert account(recording_of(table, meter_of("gpu1", selected=False))).idle_j == pytest.approx(200)


def test_the_course_holds_the_mean_of_all_gpus() -> None:
    table = [["t", "gpu0/W", "gpu0/%", "gpu1/W", "gpu1/%"], *([t, 100, 0, 100, 100 * (t > 2)] for t in range(6))]

    result = account(recording_of(table))

    assert [point.utilisation_ratio for point in result.timeline] == pytest.approx([0, 0, 0.25, 0.5, 0.5])


def test_idle_energy_is_told_by_phase() -> None:
    rows = [[second, 0 if second <= 4 else 90] for second in range(11)]

    result = job(*rows, marks=marks_of(("load", 0), ("train", 3)))

    assert [phase.idle_j for phase in result.phases] == pytest.approx([300, 100])


def drawn(percents: list[int]) -> Recording:
    return recording_of([["t", "gpu/W", "gpu/%"], *([second, 80, cell] for second, cell in enumerate(percents))])


@given(PERCENTS)
def test_idle_and_busy_time_follow_from_the_readings(percents: list[int]) -> None:
    pairs = list(pairwise(percents))
    free_s = sum(before == after == 0 for before, after in pairs)

    idle_j, idle_ratio, utilisation_ratio = gpu(account(drawn(percents)))

    assert idle_j == pytest.approx(80 * free_s)
    assert idle_ratio == pytest.approx(free_s / len(pairs))
    assert utilisation_ratio == pytest.approx(sum(map(sum, pairs)) / 200 / len(pairs))


@given(PERCENTS, st.floats(0.1, 0.9))
def test_idle_energy_of_the_phases_adds_up(percents: list[int], cut: float) -> None:
    marks = marks_of(("a", 0), ("b", cut * (len(percents) - 1)))

    result = account(replace(drawn(percents), marks=marks))

    assert sum(phase.idle_j or 0 for phase in result.phases) == pytest.approx(result.idle_j)


def test_utilisation_of_a_module_is_that_of_its_gpu() -> None:
    table = [["t", "module/W", "module/%"], [0, 500, 0], [4, 500, 0]]

    result = account(recording_of(table, meter_of("module", method=recording_of(table).meters[0].method)))

    assert result.meters[0].component is Component.MODULE
    assert result.idle_j == pytest.approx(2000)


def test_readings_out_of_step_with_the_energy_are_no_trouble() -> None:
    base = recording_of([["t", "gpu/J"], [0, 0], [10, 1000]])
    use = Series(
        meter_id="gpu", quantity=drawn([0, 0]).series[1].quantity,
        t_ns=(100_000_000, 4_000_000_000, 4_000_000_000, 8_000_000_000), values=(0, 0, 100, 100),
    )  # fmt: skip

    idle_j, idle_ratio, utilisation_ratio = gpu(account(replace(base, series=(*base.series, use))))

    assert (idle_j, idle_ratio, utilisation_ratio) == pytest.approx((400, 0.4, 0.6))
