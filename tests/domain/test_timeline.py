"""The course of power shows what the readings can tell, adds up to the energy, and draws no dip where it is blind."""

from __future__ import annotations

import pytest

from reporter.domain.timeline import draw, resolution_s
from reporter.domain.track import Track

S = 1_000_000_000


def track_of(*joules: float, step_s: float = 1, gaps: tuple[tuple[int, int], ...] = (), filled: bool = False) -> Track:
    times = tuple(round(index * step_s * S) for index in range(len(joules)))
    return Track(t_ns=times, levels=joules, level_j=1.0, gaps=gaps, filled=filled)


def watts(*tracks: Track, end_s: float, resolution: float = 1.0) -> list[float]:
    points = draw(tracks, start_ns=0, end_ns=round(end_s * S), resolution_s=resolution)
    return [point.power_w for point in points]


def test_power_is_the_sum_of_the_meters() -> None:
    assert watts(track_of(0, 100, 300), track_of(0, 10, 10), end_s=2) == [110, 200]


def test_steps_are_equal_and_cover_the_job() -> None:
    points = draw([track_of(0, 100, 200, 300)], start_ns=0, end_ns=3 * S, resolution_s=1.2)

    assert [(point.start_s, point.end_s) for point in points] == [(0, 1.5), (1.5, 3)]


def test_there_are_at_most_a_hundred_steps() -> None:
    track = track_of(*range(0, 100_001, 100))

    assert watts(track, end_s=1000) == pytest.approx([100.0] * 100)


@pytest.mark.parametrize(("tracks", "end_s"), [((), 10), ((track_of(0, 40),), 0.4)])
def test_nothing_is_drawn_of_nothing_or_of_a_moment(tracks: tuple[Track, ...], end_s: float) -> None:
    assert watts(*tracks, end_s=end_s) == []


def test_a_step_with_a_lost_counter_is_left_out() -> None:
    lost = track_of(0, 100, 100, 200, gaps=((S, 2 * S),))

    points = draw([lost, track_of(0, 1, 2, 3)], start_ns=0, end_ns=3 * S, resolution_s=1)

    assert [(point.start_s, point.power_w) for point in points] == [(0, 101), (2, 101)]


def test_a_gap_that_was_estimated_is_drawn() -> None:
    bridged = track_of(0, 100, 200, 300, gaps=((S, 2 * S),), filled=True)

    assert watts(bridged, end_s=3) == [100, 100, 100]


def test_gaps_at_the_ends_leave_the_middle() -> None:
    lost = track_of(0, 100, 200, 300, gaps=((-S, S), (2 * S, 9 * S)))

    assert watts(lost, end_s=3) == [100]


def test_a_resolution_of_nothing_is_as_fine_as_may_be() -> None:
    assert len(watts(track_of(0, 100), end_s=1, resolution=0)) == 100


def test_the_resolution_is_the_usual_interval_and_two_ticks() -> None:
    assert resolution_s(track_of(0, 1, 2, step_s=0.5), 0.1) == 0.5
    assert resolution_s(track_of(0, 1, 2, step_s=0.05), 0.1) == 0.2
    assert resolution_s(track_of(*range(10_002), step_s=2), 0.1) == pytest.approx(2, rel=1e-3)


def test_fast_sampling_at_the_start_does_not_refine_the_rest() -> None:
    times = (*range(0, S, S // 10), *range(S, 100 * S, S))
    track = Track(t_ns=times, levels=tuple(float(t) for t in times), level_j=1e-9)

    assert resolution_s(track, 0) == pytest.approx(1, rel=0.02)
