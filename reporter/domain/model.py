"""Energy from a power model: the load of the processors, and the watts that a curve gives for it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise

from reporter.domain.integral import gaps_at_ends
from reporter.domain.readings import PowerCurve, Series
from reporter.domain.track import NS_PER_S, Track

LATE_LOAD = 2.0
"""More than all processors can do in an interval, by more than the coarseness of busy time explains."""


def is_constant(curve: PowerCurve) -> bool:
    """Whether the power does not depend on the load: no readings are needed then."""
    return len(curve.points) == 1


def modelled(curve: PowerCurve, series: Series | None, *, start_ns: int, end_ns: int) -> Track | None:
    """The model's energy between two times; None where it needs busy time (ns) and has fewer than two readings."""
    if is_constant(curve):
        energy_j = curve.points[0][1] * (end_ns - start_ns) / NS_PER_S
        return Track(t_ns=(start_ns, end_ns), levels=(0.0, energy_j), level_j=1.0, filled=True)
    read = [(t, busy) for t, busy in zip(series.t_ns, series.values, strict=True) if busy is not None] if series else []
    t_ns = tuple(t for t, _ in read)
    first, last = max(0, bisect_right(t_ns, start_ns) - 1), bisect_left(t_ns, end_ns) + 1
    t_ns, read = t_ns[first:last], read[first:last]
    if not read[1:]:
        return None
    gaps = gaps_at_ends(t_ns, start_ns=start_ns, end_ns=end_ns)
    capacity = max(1, curve.cpus)
    loads = _loads(read, capacity)
    if max(loads) > LATE_LOAD and min(loads) >= 0:
        # The time of a command that is known only after its end: nobody knows when it was, so it is spread.
        read = [read[0], read[-1]]
        t_ns, loads = (t_ns[0], t_ns[-1]), _loads(read, capacity)
    powers_w = [watts(curve, load) for load in loads]
    # The outermost readings need not reach the bounds: the nearest power is held.
    times = (min(t_ns[0], start_ns), *t_ns[1:-1], max(t_ns[-1], end_ns))
    steps = (power_w * (t - t_before) for power_w, (t_before, t) in zip(powers_w, pairwise(times), strict=True))
    return Track(
        t_ns=times,
        levels=tuple(accumulate(steps, initial=0.0)),
        level_j=1 / NS_PER_S,
        gaps=tuple(gaps),
        filled=True,
    )


def _loads(read: Sequence[tuple[int, int]], capacity: int) -> list[float]:
    return [
        (busy - busy_before) / ((t - t_before) * capacity) if t > t_before else 0.0
        for (t_before, busy_before), (t, busy) in pairwise(read)
    ]


def watts(curve: PowerCurve, load_ratio: float) -> float:
    """Power at a load (0–1): linear between the curve's points, flat beyond its ends."""
    right = bisect_right(curve.points, load_ratio, key=_load)
    if right in {0, len(curve.points)}:
        return curve.points[max(0, right - 1)][1]
    (load_before, before_w), (load_after, after_w) = curve.points[right - 1], curve.points[right]
    return before_w + (after_w - before_w) * (load_ratio - load_before) / (load_after - load_before)


def resolution_j(curve: PowerCurve, tick_s: float) -> float:
    """What the coarseness of busy time can add or hide, joules.

    The kernel counts each processor's time in ticks: at most one tick of all of them, at the curve's steepest.
    """
    slopes = [
        abs(after_w - before_w) / (load_after - load_before)
        for (load_before, before_w), (load_after, after_w) in pairwise(curve.points)
        if load_after > load_before
    ]
    return max(slopes, default=0.0) * tick_s


def _load(point: tuple[float, float]) -> float:
    return point[0]
