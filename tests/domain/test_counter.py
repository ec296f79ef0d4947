"""A counter's energy is a difference: wraps, resets, jumps and late ticks must not change or invent any of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.counter import Counted, count
from reporter.domain.readings import Meter
from tests.factories import meter_of, recording_of

S = 1_000_000_000


def counted(
    drawn: str | Sequence[Sequence[object]],
    meter: Meter,
    start_s: float = 0,
    end_s: float = 10,
    before_w: float | None = None,
) -> Counted:
    recording = recording_of(drawn, meter)
    start_ns, end_ns = round(start_s * S), round(end_s * S)
    result = count(meter, recording.series[0], start_ns=start_ns, end_ns=end_ns, before_w=before_w)
    assert result is not None
    return result


def joules(result: Counted, start_s: float = 0, end_s: float = 10) -> float:
    return result.track.energy_j(round(start_s * S), round(end_s * S))


def test_energy_is_the_difference() -> None:
    drawn = """
        t    gpu/J
        0    1000
        5    1400
        10   2000
    """

    result = counted(drawn, meter_of("gpu"))

    assert joules(result) == 1000
    assert not result.reset
    assert not result.jumped
    assert result.track.gaps == ()
    assert result.span_ns == 10 * S


def test_bounds_between_readings_are_interpolated() -> None:
    drawn = """
        t    gpu/J
        -1   0
        1    200
        9    1000
        13   1200
    """

    assert joules(counted(drawn, meter_of("gpu"))) == 1050 - 100


def test_readings_inside_are_held_to_the_bounds_and_leave_gaps() -> None:
    drawn = """
        t    gpu/J
        1    100
        8    800
    """

    result = counted(drawn, meter_of("gpu"))

    assert joules(result) == 700
    assert result.track.gaps == ((0, S), (8 * S, 10 * S))


@pytest.mark.parametrize(
    ("drawn", "why"),
    [
        ([["t", "gpu/J"]], "no reading"),
        ([["t", "gpu/J"], [1, 5]], "one reading"),
        ([["t", "gpu/J"], [1, 5], [2, "."], [3, "."]], "one reading, the others missed"),
        ([["t", "gpu/J"], [-2, 5], [-1, 6]], "all before"),
        ([["t", "gpu/J"], [11, 5], [12, 6]], "all after"),
    ],
)
def test_fewer_than_two_readings_are_no_measurement(drawn: list[list[object]], why: str) -> None:
    recording = recording_of(drawn, meter_of("gpu"))

    assert count(recording.meters[0], recording.series[0], start_ns=0, end_ns=10 * S) is None, why


def test_missed_readings_lose_nothing() -> None:
    drawn = """
        t    gpu/J
        0    1000
        2    .
        4    .
        7    1900
        10   2000
    """

    result = counted(drawn, meter_of("gpu"))

    assert joules(result) == 1000
    assert result.track.gaps == ()


def test_a_wrap_is_unwrapped() -> None:
    meter = meter_of("cpu", wraps_at_uj=262_143_328_850)
    drawn = [["t", "cpu/J"], [0, 262_000], [5, "262143.32885"], [6, 99], [10, 500]]

    result = counted(drawn, meter)

    assert joules(result) == pytest.approx(143.32885 + 0.000001 + 500, abs=1e-9)
    assert not result.reset
    assert result.track.gaps == ()


def test_a_decrease_after_too_long_a_time_is_not_taken_for_a_wrap() -> None:
    # 65 532.6 J at 1.5 × 200 W: half a wrap lasts 109 s.
    meter = meter_of("cpu", wraps_at_uj=65_532_600_000, peak_power_w=200.0)
    drawn = [["t", "cpu/J"], [0, 60_000], [1, 60_100], [112, 3_000], [113, 3_100]]

    result = counted(drawn, meter, end_s=113)

    assert joules(result, end_s=113) == 200
    assert result.reset
    assert result.track.gaps == ((S, 112 * S),)


def test_a_wrap_that_would_take_absurd_power_is_a_reset() -> None:
    meter = meter_of("cpu", wraps_at_uj=262_143_328_850)
    drawn = [["t", "cpu/J"], [0, 500], [1, 600], [2, 5], [3, 105]]

    result = counted(drawn, meter, end_s=3)

    assert joules(result, end_s=3) == 200
    assert result.reset


def test_a_decrease_of_an_unknown_range_is_a_reset() -> None:
    drawn = [["t", "cpu/J"], [0, 262_000], [1, 262_100], [2, 50], [3, 150]]

    result = counted(drawn, meter_of("cpu"), end_s=3)

    assert joules(result, end_s=3) == 200
    assert result.track.gaps == ((S, 2 * S),)


def test_a_reset_leaves_a_gap_not_a_spike() -> None:
    drawn = """
        t    gpu/J
        0    90000
        4    90400
        6    3
        10   403
    """

    result = counted(drawn, meter_of("gpu"))

    assert joules(result) == 800
    assert joules(result, 4, 6) == 0
    assert result.reset
    assert not result.jumped
    assert result.track.gaps == ((4 * S, 6 * S),)


def test_a_reset_outside_the_job_does_not_matter() -> None:
    drawn = """
        t    gpu/J
        -3   90000
        -2   0
        0    100
        10   1100
        12   0
    """

    result = counted(drawn, meter_of("gpu"))

    assert joules(result) == 1000
    assert not result.reset


def test_zero_after_a_success_is_a_missed_reading() -> None:
    drawn = """
        t    gpu/J
        0    1000
        2    0
        4    0
        6    1600
        10   2000
    """

    result = counted(drawn, meter_of("gpu"))

    assert joules(result) == 1000
    assert not result.reset


def test_a_counter_that_starts_at_zero_counts() -> None:
    drawn = """
        t    gpu/J
        0    0
        1    0
        5    400
        6    7
        10   407
    """

    result = counted(drawn, meter_of("gpu"))

    assert joules(result) == 800
    assert result.track.gaps == ((5 * S, 6 * S),)


def test_a_jump_above_what_the_part_can_draw_is_rejected() -> None:
    meter = meter_of("gpu", peak_power_w=400.0)
    drawn = [["t", "gpu/J"], [0, 1000], [4, 1400], [5, 10**12], [10, 10**12 + 500]]

    result = counted(drawn, meter)

    assert joules(result) == 900
    assert result.jumped
    assert not result.reset
    assert result.track.gaps == ((4 * S, 5 * S),)


def test_a_lone_absurd_reading_loses_nothing() -> None:
    meter = meter_of("gpu", peak_power_w=400.0)
    drawn = [["t", "gpu/J"], [0, 1000], [4, 1400], [5, 10**12], [6, 1600], [10, 2000]]

    result = counted(drawn, meter)

    assert joules(result) == 1000
    assert result.jumped
    assert result.track.gaps == ()


def test_a_jump_at_the_end_is_rejected() -> None:
    meter = meter_of("gpu", peak_power_w=400.0)
    drawn = [["t", "gpu/J"], [0, 1000], [5, 1500], [10, 10**12]]

    result = counted(drawn, meter)

    assert joules(result) == 500
    assert result.jumped


@pytest.mark.parametrize(("rise_j", "jumped"), [(689, False), (691, True)])
def test_a_rise_may_be_half_above_the_limit_and_a_tick_more(rise_j: int, *, jumped: bool) -> None:
    # 1.5 × 400 W × (1 s + 0.15 s of lag) = 690 J
    meter = meter_of("gpu", peak_power_w=400.0, tick_s=0.15)

    result = counted([["t", "gpu/J"], [0, 0], [1, rise_j]], meter, end_s=1)

    assert result.jumped is jumped


def test_an_unknown_limit_is_that_of_the_component() -> None:
    drawn = [["t", "m/J"], [0, 0], [1, 1000]]

    assert counted([["t", "cpu/J"], *drawn[1:]], meter_of("cpu"), end_s=1).jumped
    assert not counted([["t", "gpu/J"], *drawn[1:]], meter_of("gpu"), end_s=1).jumped


def test_standing_still_for_long_is_noted() -> None:
    drawn = """
        t    gpu/J
        0    100
        1    100
        2    300
        5    300
        10   800
    """

    result = counted(drawn, meter_of("gpu", tick_s=0.1))

    assert result.still == ((2 * S, 5 * S),)


def test_standing_still_for_a_few_ticks_is_normal() -> None:
    drawn = [["t", "gpu/J"], [0, 0], [2, 0], [4, 200]]

    assert counted(drawn, meter_of("gpu", tick_s=0.5), end_s=4).still == ()
    assert counted(drawn, meter_of("gpu", tick_s=0.4), end_s=4).still == ((0, 2 * S),)


def test_the_start_is_put_after_the_last_tick_by_the_next_one() -> None:
    # 60 W before the job, 200 W in it; ticks at -0.04, 0.06, 0.16 …: 2.4 J were drawn after the last one before.
    meter = meter_of("gpu", tick_s=0.1)
    drawn = """
        t      gpu/J
        -0.001 100
        0.055  100
        0.065  114.4
        0.155  114.4
        0.165  134.4
        0.91   274.4
        0.955  274.4
        0.965  294.4
        1.055  294.4
        1.065  314.4
    """

    result = counted(drawn, meter, end_s=0.91, before_w=60)

    assert joules(result, end_s=0.91) == pytest.approx(0.91 * 200)
    assert result.start_lag_s == result.end_lag_s == 0
    # In doubt is all that was bridged, and the 10 ms within which the counter ticked.
    assert result.doubt_j == pytest.approx(60 * (0.04 + 0.01) + 200 * (0.05 + 0.01))


def test_without_a_gauge_the_power_before_the_start_is_that_of_the_tick_around_it() -> None:
    # 200 W throughout; ticks at -0.04, 0.06, 0.16 …
    meter = meter_of("gpu", tick_s=0.1)
    drawn = """
        t      gpu/J
        -0.001 100
        0.055  100
        0.065  120
        0.155  120
        0.165  140
        0.96   300
    """

    result = counted(drawn, meter, end_s=0.96)

    assert joules(result, end_s=0.96) == pytest.approx(200 - 200 * 0.04)
    assert result.doubt_j == pytest.approx(200 * (0.04 + 0.01))


def test_the_end_is_put_before_the_next_tick_by_the_power_of_the_one_after() -> None:
    # 200 W in the job, 50 W after it; ticks at 0, 0.1 … 1.0, 1.1 …; the job ends at 0.97.
    meter = meter_of("gpu", tick_s=0.1)
    drawn = """
        t      gpu/J
        -0.005 0
        0.005  20
        0.5    100
        0.97   200
        0.99   200
        1.01   215.5
        1.09   215.5
        1.11   220.5
    """

    result = counted(drawn, meter, end_s=0.97)

    assert joules(result, end_s=0.97) == pytest.approx(214 - 20)
    assert result.end_lag_s == 0


def test_a_tick_after_which_nothing_was_read_is_taken_as_late() -> None:
    # 100 W throughout, and no gauge: what is drawn after the job is not known.
    meter = meter_of("gpu", tick_s=0.1)
    drawn = """
        t      gpu/J
        0      100
        0.15   110
        0.25   120
        0.295  120
        0.305  130
    """

    result = counted(drawn, meter, end_s=0.25)

    assert joules(result, end_s=0.25) == pytest.approx(25, rel=0.1)
    assert result.start_lag_s == 0.1
    assert result.end_lag_s == pytest.approx(0.06)


def test_where_no_tick_follows_the_power_before_the_job_is_that_after_it() -> None:
    meter = meter_of("gpu", tick_s=0.1)
    drawn = [["t", "gpu/J"], [0, 100], [0.15, 110], [0.25, 120], [0.295, 120], [0.305, 130]]

    result = counted(drawn, meter, end_s=0.25, before_w=100)

    assert joules(result, end_s=0.25) == pytest.approx(25)
    assert result.end_lag_s == 0
    assert result.doubt_j == pytest.approx(100 * (0.05 + 0.01))


def test_readings_that_lag_behind_an_aligned_start_are_skipped() -> None:
    # 100 W throughout; ticks at -0.05, 0.05, 0.15 …: what is read at 0.09 s is of 0.05 s.
    meter = meter_of("gpu", tick_s=0.1)
    drawn = """
        t      gpu/J
        0      95
        0.045  95
        0.055  105
        0.09   105
        0.155  115
        0.5    145
    """

    result = counted(drawn, meter, end_s=0.5, before_w=100)

    assert result.track.t_ns[:2] == (0, round(0.155 * S))
    assert joules(result, end_s=0.5) == pytest.approx(45)


def test_a_short_job_within_one_tick_is_no_negative_energy() -> None:
    # Nothing but 1 W, where the gauge said 200 W before.
    meter = meter_of("gpu", tick_s=0.1)
    drawn = [["t", "gpu/J"], [0, 100], [0.02, 100], [0.04, 100], [0.05, 100.1], [0.14, 100.1], [0.15, 100.2]]

    result = counted(drawn, meter, end_s=0.02, before_w=200)

    assert joules(result, end_s=0.02) == 0
    assert result.doubt_j > 0.02


def test_without_a_tick_nearby_the_nearest_reading_counts_and_lags() -> None:
    meter = meter_of("gpu", tick_s=0.1)
    drawn = """
        t      gpu/J
        -0.01  100
        0.15   110
        0.25   120
        0.255  120
    """

    result = counted(drawn, meter, end_s=0.25)

    assert joules(result, end_s=0.25) == pytest.approx(20, rel=0.1)
    assert result.start_lag_s == result.end_lag_s == 0.1


@given(
    watts=st.lists(st.integers(0, 590), min_size=2, max_size=40),
    origin=st.integers(0, 5_000_000_000),
    wraps=st.sampled_from([None, 5_000_000_000]),
    missed=st.sets(st.integers(1, 38)),
)
def test_the_counter_gives_the_closed_form_however_it_wraps_or_is_missed(
    watts: list[int], origin: int, wraps: int | None, missed: set[int]
) -> None:
    meter = meter_of("cpu", wraps_at_uj=wraps)
    total = [0]
    for power in watts:
        total.append(total[-1] + power * 1_000_000)
    readings = [origin + level if wraps is None else (origin + level) % (wraps + 1) for level in total]
    # A wrap needs readings that are near enough: 5 000 J at 600 W are half through after 4.1 s.
    lost = {index for index in missed if index % 3 == 0}
    rows = [
        [second, "." if 0 < second < len(watts) and second in lost else reading / 1e6]
        for second, reading in enumerate(readings)
    ]

    result = counted([["t", "cpu/J"], *rows], meter, end_s=len(watts))

    assert joules(result, end_s=len(watts)) == pytest.approx(sum(watts), abs=1e-5)
    assert result.track.gaps == ()


@given(
    powers=st.lists(st.integers(1, 500), min_size=4, max_size=30),
    reset_at=st.integers(1, 29),
    cut_s=st.floats(0.01, 0.99),
)
def test_a_reset_only_takes_away_and_any_split_adds_up(powers: list[int], reset_at: int, cut_s: float) -> None:
    reset_at = min(reset_at, len(powers) - 1)
    level, rows = 1_000_000, []
    for second, power in enumerate(powers):
        rows.append([second, level])
        level = power if second + 1 == reset_at else level + power
    end_s = len(powers) - 1

    result = counted([["t", "gpu/J"], *rows], meter_of("gpu"), end_s=end_s)

    assert joules(result, end_s=end_s) == pytest.approx(sum(powers[:-1]) - powers[reset_at - 1])
    assert result.reset
    parts = joules(result, 0, cut_s * end_s) + joules(result, cut_s * end_s, end_s)
    assert parts == pytest.approx(joules(result, end_s=end_s))
