"""Power over time: what is missed is held or bridged, said so in the coverage, and never taken for 0."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.integral import integrate, power_w
from reporter.domain.readings import Series
from reporter.domain.track import Track
from tests.factories import meter_of, recording_of

S = 1_000_000_000
ABSURD = (2**32 - 1) / 1000


def integrated(drawn: str | Sequence[Sequence[object]], start_s: float = 0, end_s: float = 10) -> Track:
    track = integrate(
        recording_of(drawn, meter_of("gpu")).series[0], start_ns=round(start_s * S), end_ns=round(end_s * S)
    )
    assert track is not None
    return track


def joules(track: Track) -> float:
    return track.energy_j(track.t_ns[0], track.t_ns[-1])


def every_second(*watts: object) -> list[list[object]]:
    return [["t", "gpu/W"], *([second, value] for second, value in enumerate(watts))]


def test_power_is_integrated_by_trapezoids() -> None:
    assert joules(integrated(every_second(100, 200, 400), end_s=2)) == 150 + 300


def test_bounds_between_readings_take_the_power_there() -> None:
    drawn = """
        t    gpu/W
        -1   0.001
        1    200
        3    200
        5    400
    """

    track = integrated(drawn, 1, 4)

    assert joules(track) == 2 * 200 + 250


def test_the_outermost_readings_are_held() -> None:
    drawn = """
        t    gpu/W
        1    100
        2    300
    """

    track = integrated(drawn, 0, 4)

    assert joules(track) == 100 + 200 + 600
    assert track.gaps == ()


@pytest.mark.parametrize("missed", [".", 0, ABSURD])
def test_a_missed_reading_is_held_over(missed: object) -> None:
    track = integrated(every_second(100, 300, missed, 100, 100), end_s=4)

    assert joules(track) == 200 + 2 * 300 + 100
    assert track.gaps == ()


def test_several_missed_readings_are_bridged_but_not_covered() -> None:
    track = integrated(every_second(100, 300, ".", ".", 100, 100), end_s=5)

    assert joules(track) == 200 + 3 * 200 + 100
    assert track.gaps == ((S, 4 * S),)


@pytest.mark.parametrize("watts", [[".", "."], [0, 0], []])
def test_without_a_usable_reading_nothing_is_known(watts: list[object]) -> None:
    assert integrate(recording_of(every_second(*watts), meter_of("gpu")).series[0], start_ns=0, end_ns=S) is None


def test_a_single_reading_is_held_as_long_as_it_may_be() -> None:
    assert integrated([["t", "gpu/W"], [1, 100]], 0, 2).gaps == ()
    assert integrated([["t", "gpu/W"], [1, 100]], 0, 9).gaps == ((S, 9 * S),)
    assert joules(integrated([["t", "gpu/W"], [1, 100]], 0, 9)) == 900


@pytest.mark.parametrize(("at_s", "gaps"), [(-8, ((0, 4 * S),)), (12, ((0, 4 * S),)), (-1, ((0, 4 * S),))])
def test_readings_outside_the_job_only_are_held_but_do_not_cover_it(
    at_s: int, gaps: tuple[tuple[int, int], ...]
) -> None:
    track = integrated([["t", "gpu/W"], [at_s, 100]], 0, 4)

    assert joules(track) == 400
    assert track.gaps == gaps


def test_a_late_sampler_leaves_a_gap() -> None:
    track = integrated([["t", "gpu/W"], *([t, 100] for t in (0, 1, 2, 6, 7, 8, 9, 10))])

    assert joules(track) == 1000
    assert track.gaps == ((2 * S, 6 * S),)


def test_a_sampler_that_slows_down_leaves_none() -> None:
    times = [*(tenth / 10 for tenth in range(50)), *range(5, 60, 5)]

    assert integrated([["t", "gpu/W"], *([t, 100] for t in times)], end_s=55).gaps == ()


def test_two_readings_far_apart_leave_a_gap_only_beside_others() -> None:
    assert integrated([["t", "gpu/W"], [0, 100], [10, 100]]).gaps == ()


def test_the_power_near_a_time_is_the_last_before_it() -> None:
    drawn = """
        t    gpu/W
        0    100
        1    .
        2    0
        3    300
    """
    series = recording_of(drawn, meter_of("gpu")).series[0]

    assert power_w(series, at_ns=2 * S) == 100
    assert power_w(series, at_ns=3 * S) == 300
    assert power_w(series, at_ns=-S) == 100
    assert power_w(recording_of(every_second(".", 0)).series[0], at_ns=S) is None


@given(
    watts=st.lists(st.one_of(st.none(), st.integers(1, 700)), min_size=2, max_size=30),
    cut=st.floats(0, 1),
)
def test_splitting_the_time_changes_nothing(watts: list[int | None], cut: float) -> None:
    series = recording_of(every_second(*("." if value is None else value for value in watts)), meter_of("gpu")).series[
        0
    ]
    end_ns = (len(watts) - 1) * S
    middle_ns = round(cut * end_ns)

    whole = integrate(series, start_ns=0, end_ns=end_ns)
    parts = [integrate(series, start_ns=start, end_ns=end) for start, end in ((0, middle_ns), (middle_ns, end_ns))]

    assert (whole is None) == all(value is None for value in watts)
    if whole is not None:
        assert sum(joules(part) for part in parts if part) == pytest.approx(joules(whole))


@given(watts=st.lists(st.integers(1, 700), min_size=2, max_size=30))
def test_steady_stretches_give_the_closed_form(watts: list[int]) -> None:
    rows = [[second + part, value] for second, value in enumerate(watts) for part in (0, 0.999999999)]

    track = integrated([["t", "gpu/W"], *rows], end_s=len(watts))

    assert joules(track) == pytest.approx(sum(watts), rel=1e-6)


STEPS = st.lists(st.tuples(st.integers(1, 40), st.integers(5, 700)), min_size=1, max_size=12)
"""(tenths of a second, watts) one after the other."""
IDLE_W, BUSY_W = 60, 400


class Steps:
    """Power in steps, `idle_w` before 0 and the last power for ever after; and what a gauge of means shows of it."""

    def __init__(self, idle_w: float, *steps: tuple[float, float]) -> None:
        self.idle_w = idle_w
        self.steps = steps

    def energy_j(self, to_s: float) -> float:
        if to_s <= 0:
            return self.idle_w * to_s
        energy_j = 0.0
        for index, (duration_s, watts) in enumerate(self.steps):
            lasts_s = to_s if index == len(self.steps) - 1 else min(duration_s, to_s)
            energy_j += watts * lasts_s
            to_s -= lasts_s
            if to_s <= 0:
                break
        return energy_j

    def means(self, *times_s: float, window_s: float = 1.0) -> Series:
        rows = [
            [t_s, f"{(self.energy_j(t_s) - self.energy_j(t_s - window_s)) / window_s:.6f}"] for t_s in sorted(times_s)
        ]
        return recording_of([["t", "gpu/W"], *rows], meter_of("gpu")).series[0]


def every(step_s: float, end_s: float) -> list[float]:
    return [index * step_s for index in range(-1, round(end_s / step_s) + 1)]


def undone(series: Series, end_s: float, window_s: float = 1.0, start_s: float = 0) -> Track:
    track = integrate(series, start_ns=round(start_s * S), end_ns=round(end_s * S), window_s=window_s)
    assert track is not None
    return track


@pytest.mark.parametrize("end_s", [0.5, 1, 1.5, 3, 10])
@pytest.mark.parametrize("idle_w", [IDLE_W, BUSY_W, 650])
def test_a_mean_of_the_last_second_is_undone_at_the_start(end_s: float, idle_w: float) -> None:
    job = Steps(idle_w, (end_s, BUSY_W))
    series = job.means(*every(0.05, end_s))

    assert joules(undone(series, end_s)) == pytest.approx(BUSY_W * end_s, rel=0.002)
    late_j = (BUSY_W - idle_w) * min(0.5, end_s - end_s**2 / 2 if end_s < 1 else 0.5)
    assert joules(undone(series, end_s, window_s=0)) == pytest.approx(BUSY_W * end_s - late_j, rel=0.01)


def test_a_step_shortly_before_the_end_is_counted_in_full() -> None:
    job = Steps(IDLE_W, (2.7, BUSY_W), (0.3, IDLE_W))

    assert joules(undone(job.means(*every(0.05, 3)), 3)) == pytest.approx(2.7 * BUSY_W + 0.3 * IDLE_W, rel=0.002)


@pytest.mark.parametrize("period_s", [0.3, 1.0, 1.3, 2.0, 6.0])
@pytest.mark.parametrize("end_s", [3, 10])
def test_square_loads_come_out_within_three_percent_as_the_sampler_reads_them(period_s: float, end_s: int) -> None:
    halves = [(period_s / 2, BUSY_W if half % 2 == 0 else IDLE_W) for half in range(round(end_s / period_s * 2) + 1)]
    job = Steps(IDLE_W, *halves)
    times = [*every(0.1, min(5, end_s)), *range(6, end_s + 1)]

    assert joules(undone(job.means(*times), end_s)) == pytest.approx(job.energy_j(end_s), rel=0.03)


@pytest.mark.parametrize("step_s", [1.0, 2.0, 3.0])
def test_sparse_readings_give_the_trapezoid_put_right_as_if_power_were_steady(step_s: float) -> None:
    series = Steps(IDLE_W, (12, BUSY_W)).means(*every(step_s, 12))

    plain_j = joules(undone(series, 12, window_s=0))
    assert joules(undone(series, 12)) == pytest.approx(plain_j + (BUSY_W - IDLE_W) / 2)


@pytest.mark.parametrize("step_s", [0.07, 0.3, 0.45, 0.8])
@pytest.mark.parametrize("start_s", [0, 1000])
def test_steady_power_is_power_times_time_wherever_readings_fall_in_the_window(step_s: float, start_s: int) -> None:
    rows = [[start_s + at_s, BUSY_W] for at_s in every(step_s, 9)]
    series = recording_of([["t", "gpu/W"], *rows], meter_of("gpu")).series[0]

    track = undone(series, start_s + 9, start_s=start_s)

    for end_s in (0.5, 1.5, 4, 9):
        assert track.energy_j(start_s * S, round((start_s + end_s) * S)) == pytest.approx(BUSY_W * end_s)


def test_a_reading_that_is_missed_among_means_is_bridged() -> None:
    job = Steps(IDLE_W, (3, BUSY_W))
    whole = job.means(*every(0.1, 3))
    values = tuple(None if index in (15, 16) else value for index, value in enumerate(whole.values))
    holed = Series(meter_id="gpu", quantity=whole.quantity, t_ns=whole.t_ns, values=values)

    assert joules(undone(holed, 3)) == pytest.approx(joules(undone(whole, 3)), rel=0.001)


def test_noise_does_not_add_up() -> None:
    noise = [((index * 7919) % 21 - 10) / 10 for index in range(6001)]
    rows = [[index / 10, f"{100 + noise[index]:.3f}"] for index in range(6001)]
    series = recording_of([["t", "gpu/W"], *rows], meter_of("gpu")).series[0]

    assert joules(undone(series, 600)) == pytest.approx(60_000, abs=150)


@given(steps=STEPS, idle_w=st.integers(5, 700), window_s=st.sampled_from([0.25, 1.0, 1.5]), data=st.data())
def test_the_energy_of_means_never_falls_and_stays_near_the_trapezoid(
    steps: list[tuple[int, int]], idle_w: int, window_s: float, data: st.DataObject
) -> None:
    job = Steps(idle_w, *((tenths / 10, watts) for tenths, watts in steps))
    end_s = sum(tenths for tenths, _ in steps) / 10
    step_s = data.draw(st.sampled_from([0.05, 0.1, 0.7, 1.0, 3.0]))
    series = job.means(*every(step_s, end_s), window_s=window_s)

    track = undone(series, end_s, window_s)

    assert track.levels[0] == 0
    assert list(track.levels) == sorted(track.levels)
    peak_w = max(idle_w, *(watts for _, watts in steps))
    assert abs(joules(track) - joules(undone(series, end_s, window_s=0))) <= window_s * peak_w * 1.001


@given(steps=STEPS, idle_w=st.integers(5, 700))
def test_dense_means_give_back_the_steps(steps: list[tuple[int, int]], idle_w: int) -> None:
    job = Steps(idle_w, *((tenths / 10, watts) for tenths, watts in steps))
    end_s = sum(tenths for tenths, _ in steps) / 10

    # Readings at every corner of the means: they are then linear in between, and so is the energy.
    track = undone(job.means(*every(0.1, end_s)), end_s)

    for at_s in (round(end_s / 2, 1), end_s):
        assert track.energy_j(0, round(at_s * S)) == pytest.approx(job.energy_j(at_s), rel=1e-4, abs=0.01)
