"""A model turns busy time into watts by its curve, and says so little more than that."""

from __future__ import annotations

import pytest

from reporter.domain.model import modelled, resolution_j, watts
from reporter.domain.readings import PowerCurve
from reporter.domain.track import Track
from tests.factories import recording_of

S = 1_000_000_000
CURVE = PowerCurve(points=((0.0, 2.0), (0.5, 4.0), (1.0, 10.0)), cpus=4, source="a table", year=2024)
CONSTANT = PowerCurve(points=((0.0, 6.0),), cpus=1, source="a table", year=2024)


def joules(drawn: str, end_s: float, start_s: float = 0) -> float:
    return track_of(drawn, end_s, start_s).energy_j(round(start_s * S), round(end_s * S))


def track_of(drawn: str, end_s: float, start_s: float = 0) -> Track:
    series = recording_of(drawn).series[0]
    track = modelled(CURVE, series, start_ns=round(start_s * S), end_ns=round(end_s * S))
    assert track is not None
    return track


@pytest.mark.parametrize(("load", "power_w"), [(-1, 2), (0, 2), (0.25, 3), (0.5, 4), (0.75, 7), (1, 10), (1.2, 10)])
def test_power_lies_on_the_curve(load: float, power_w: float) -> None:
    assert watts(CURVE, load) == power_w


def test_power_is_flat_beyond_the_curves_ends() -> None:
    curve = PowerCurve(points=((0.2, 3.0), (0.8, 9.0)), cpus=1, source="a table", year=2024)

    assert (watts(curve, 0), watts(curve, 1)) == (3, 9)


def test_energy_follows_the_load() -> None:
    # Four processors: idle, half busy, all busy.
    drawn = """
        t    cpu/s
        0    100
        1    100
        3    104
        4    108
    """

    assert joules(drawn, 4) == pytest.approx(2 + 8 + 10)


def test_more_busy_time_than_there_is_and_less_than_none_are_clipped() -> None:
    drawn = """
        t    cpu/s
        0    100
        1    200
        2    50
    """

    assert joules(drawn, 2) == pytest.approx(10 + 2)


def test_busy_time_that_is_known_only_after_the_end_is_spread_over_the_job() -> None:
    drawn = """
        t    cpu/s
        0    0
        1    0
        50   0
        99   0
        100  400
    """

    assert joules(drawn, 100) == pytest.approx(10 * 100)


def test_missed_readings_and_equal_times_lose_nothing() -> None:
    drawn = """
        t    cpu/s
        0    100
        1    .
        2    104
        2    104
    """

    assert joules(drawn, 2) == pytest.approx(8)


def test_bounds_are_interpolated_and_the_ends_held() -> None:
    drawn = """
        t    cpu/s
        0    100
        1    104
        2    104
    """

    assert joules(drawn, 1.5, 0.5) == pytest.approx(5 + 1)
    assert joules(drawn, 3, -1) == pytest.approx(20 + 4)
    assert track_of(drawn, 3, -1).gaps == ()
    assert track_of(drawn, 9).gaps == ((2 * S, 9 * S),)


def test_fewer_than_two_readings_are_no_model() -> None:
    one = recording_of([["t", "cpu/s"], [0, 1], [1, "."]]).series[0]

    assert modelled(CURVE, one, start_ns=0, end_ns=S) is None
    assert modelled(CURVE, None, start_ns=0, end_ns=S) is None


def test_a_constant_needs_time_only() -> None:
    track = modelled(CONSTANT, None, start_ns=5 * S, end_ns=8 * S)

    assert track is not None
    assert track.energy_j(5 * S, 8 * S) == 18
    assert track.gaps == ()


def test_busy_time_is_only_as_fine_as_its_ticks() -> None:
    assert resolution_j(CURVE, 0.01) == pytest.approx(12 * 0.01)
    assert resolution_j(CONSTANT, 0.01) == 0
