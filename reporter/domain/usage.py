"""How busy a GPU was, and the energy that it took while it computed nothing.

A reading covers only the driver's last sampling period (up to a second), so work between two readings may be missed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, compress, groupby, islice
from operator import add, and_, mul, not_, sub
from typing import NamedTuple, TypeGuard

from reporter.domain.carbon import ENOUGH_RATIO
from reporter.domain.integral import gaps_at_ends, gaps_between
from reporter.domain.readings import Series
from reporter.domain.track import NS_PER_S, Track

PERCENT = range(101)
HALF_PERCENT_NS_S = 0.5e-2 / NS_PER_S
_Span = tuple[int, int]


class Utilisation(NamedTuple):
    """Seconds of full use, seconds without any, and joules in those, each cumulative over time."""

    busy: Track
    free: Track
    idle: Track

    def ratio(self, from_ns: int, to_ns: int) -> float | None:
        """Mean utilisation between two times, 0–1, weighted by time; None where too little of it was read."""
        return self._share(self.busy, from_ns, to_ns)

    def free_ratio(self, from_ns: int, to_ns: int) -> float | None:
        """The share of the time in which nothing was computed."""
        return self._share(self.free, from_ns, to_ns)

    def _share(self, track: Track, from_ns: int, to_ns: int) -> float | None:
        covered_ns = to_ns - from_ns - self.busy.uncovered_ns(from_ns, to_ns)
        if covered_ns <= 0 or covered_ns < ENOUGH_RATIO * (to_ns - from_ns):
            return None
        # A track calls everything energy; of these two it is seconds.
        return min(1.0, track.energy_j(from_ns, to_ns) * NS_PER_S / covered_ns)


def utilise(series: Series, energy: Track, *, start_ns: int, end_ns: int) -> Utilisation | None:
    """A GPU's utilisation (whole percent) and idle energy between two times; None where too little was read.

    It was idle between two readings if both are 0; each counts for half of the time to its neighbours.
    """
    rows, t_ns, values = _usable(series)
    first, last = max(0, bisect_right(t_ns, start_ns) - 1), bisect_left(t_ns, end_ns) + 1
    rows, t_ns, values = rows[first:last], t_ns[first:last], values[first:last]
    if not t_ns or end_ns <= start_ns:
        return None
    gaps = (*gaps_between(t_ns, rows), *gaps_at_ends(t_ns, start_ns=start_ns, end_ns=end_ns))
    times, levels = _held(t_ns, values, start_ns=start_ns, end_ns=end_ns)
    steps_ns = tuple(map(sub, islice(times, 1, None), times))
    doubled = tuple(map(add, levels, islice(levels, 1, None)))
    free = tuple(map(not_, doubled))
    if gaps:
        lost = {max(begin, start_ns) for begin, _ in gaps}
        seen = tuple(begin not in lost for begin in islice(times, len(steps_ns)))
        steps_ns, free = tuple(map(mul, steps_ns, seen)), tuple(map(and_, free, seen))
    spans = tuple(_spans(times, free))
    found = Utilisation(
        busy=Track(
            t_ns=times,
            levels=tuple(accumulate(map(mul, doubled, steps_ns), initial=0)),
            level_j=HALF_PERCENT_NS_S,
            gaps=gaps,
            filled=True,
        ),
        free=_within(spans, Track(t_ns=(start_ns, end_ns), levels=(start_ns, end_ns), level_j=1 / NS_PER_S)),
        idle=_within(spans, energy),
    )
    return None if found.ratio(start_ns, end_ns) is None else found


def _usable(series: Series) -> tuple[range | tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    if _whole(series.values) and max(series.values, default=0) in PERCENT:
        return range(len(series.values)), series.t_ns, series.values
    read = [value in PERCENT for value in series.values]
    values = tuple(value for value in compress(series.values, read) if value is not None)
    return tuple(compress(range(len(read)), read)), tuple(compress(series.t_ns, read)), values


def _whole(values: tuple[int | None, ...]) -> TypeGuard[tuple[int, ...]]:
    return None not in values


def _held(
    t_ns: tuple[int, ...], values: tuple[int, ...], *, start_ns: int, end_ns: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The readings between two times, the outermost held to them; one from before the start stands at the start."""
    low, high = bisect_right(t_ns, start_ns), bisect_left(t_ns, end_ns)
    first, last = values[max(0, low - 1)], values[min(high, len(values) - 1)]
    return (start_ns, *t_ns[low:high], end_ns), (first, *values[low:high], last)


def _spans(times: tuple[int, ...], free: tuple[bool, ...]) -> Iterator[_Span]:
    """The times that are marked, neighbours joined."""
    begin = 0
    for marked, run in groupby(free):
        end = begin + len(tuple(run))
        if marked and times[begin] < times[end]:
            yield times[begin], times[end]
        begin = end


def _within(spans: Sequence[_Span], whole: Track) -> Track:
    """A track that rises as the whole one does during these times, and not at all between them."""
    times: list[int] = []
    levels: list[float] = []
    first = whole.levels[0]
    for begin, end in spans:
        low, high = bisect_right(whole.t_ns, begin), bisect_left(whole.t_ns, end)
        offset_j = whole.energy_j(whole.t_ns[0], begin) - (levels[-1] if levels else 0.0)
        times += (begin, *whole.t_ns[low:high], end)
        levels.append(levels[-1] if levels else 0.0)
        levels += [(level - first) * whole.level_j - offset_j for level in whole.levels[low:high]]
        levels.append(whole.energy_j(whole.t_ns[0], end) - offset_j)
    return Track(t_ns=tuple(times), levels=tuple(levels), level_j=1.0)
