"""Power over time: what is missed is held or bridged, said so in the coverage, and never taken for 0."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.integral import integrate, power_w
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
