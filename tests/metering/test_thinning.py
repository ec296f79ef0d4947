"""What is left out of a long recording, and that a counter's total is the same without it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.energy import account
from reporter.domain.readings import Meter, Recording
from reporter.metering.thinning import Reading, Thinning
from tests.factories import meter_of, recording_of

RANGE_J = 2000
EVERY_S = 10
Cell = int | None


def thinned(cells: Sequence[Cell], pace_s: int, ending: int = 1) -> list[Reading]:
    """Readings ten seconds apart, of which those near the end are all kept."""
    thinning = Thinning([0], lambda _: pace_s * 10**9)
    kept: list[Reading] = []
    for index, cell in enumerate(cells):
        values = (None if cell is None else cell,)
        kept += thinning.keep(index * EVERY_S * 10**9, values, ending=index >= len(cells) - ending)
    return kept


def seconds(kept: Sequence[Reading]) -> list[int]:
    return [reading.t_ns // 10**9 for reading in kept]


def joules(kept: Sequence[Reading], meter: Meter, **changes: object) -> Recording:
    rows = [[reading.t_ns // 10**9, "." if reading.values[0] is None else reading.values[0]] for reading in kept]
    return recording_of([["t", "cpu0/J"], *rows], meter, **changes)


def test_of_a_plain_rise_the_first_those_due_and_the_last_are_kept() -> None:
    assert seconds(thinned(range(0, 140, 10), pace_s=60)) == [0, 60, 120, 130]


def test_without_a_pace_every_reading_is_kept() -> None:
    assert seconds(thinned(range(5), pace_s=0)) == [0, 10, 20, 30, 40]


def test_the_pace_follows_from_the_time_since_the_first_reading() -> None:
    asked: list[int] = []
    thinning = Thinning([0], lambda elapsed_ns: asked.append(elapsed_ns) or 0)

    for t_ns in (7_000, 7_010, 7_030):
        thinning.keep(t_ns, (1,))

    assert asked == [0, 10, 30]


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        ([1, 2, 3, 0, 1, 2, 3], [0, 20, 30, 60]),
        ([1, 2, None, 4, 5, 6, 7], [0, 10, 20, 30, 60]),
        ([1, 2, 3, None, None, None, 7], [0, 20, 30, 50, 60]),
    ],
    ids=["fell", "one missed", "went missing"],
)
def test_both_sides_of_whatever_is_no_plain_rise_are_kept(cells: list[Cell], kept: list[int]) -> None:
    assert seconds(thinned(cells, pace_s=600)) == kept


def test_a_gauge_may_fall() -> None:
    thinning = Thinning([0], lambda _: 60 * 10**9)

    kept = [thinning.keep(t * 10**10, (t, 100 - t)) for t in range(6)]

    assert [len(readings) for readings in kept] == [1, 0, 0, 0, 0, 0]


@given(
    rises=st.lists(st.integers(0, 900), min_size=4, max_size=60),
    missed=st.sets(st.integers(1, 58)),
    pace_s=st.integers(0, 200),
)
def test_a_counters_total_is_that_of_every_reading(rises: list[int], missed: set[int], pace_s: int) -> None:
    """With wraps at 2,000 J, at most 90 W, and readings missed here and there."""
    level, cells = 1500, []
    for index, rise in enumerate(rises):
        level += rise
        cells.append(None if index in missed and index < len(rises) - 1 else level % (RANGE_J + 1))
    meter = meter_of("cpu0", wraps_at_uj=RANGE_J * 10**6, peak_power_w=60.0)
    span = {"start_s": 0.0, "end_s": float((len(rises) - 1) * EVERY_S)}

    everything = account(joules(thinned(cells, 0), meter, **span))
    fewer = account(joules(thinned(cells, pace_s), meter, **span))

    assert fewer.it_j == pytest.approx(everything.it_j)
    assert fewer.flags == everything.flags
