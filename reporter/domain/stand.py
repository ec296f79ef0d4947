"""Where a counter stood when a job started and ended: by itself it shows only what it was at its last tick.

Readings close together tell when it ticked. From there to the moment, power is taken to have been steady:
before the job that of the gauge, after it that of the next whole tick.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

CLOSE = 4
"""A reading this many times sooner than a tick after the one before tells when the counter ticked."""
UJ_PER_W_NS = 1e-3


class Stand(NamedTuple):
    """What a counter was at a moment, µJ.

    Aligned to a tick, `lag_ns` is 0, and the truth may lie `doubt_uj` below and above: all that was bridged.
    Else it is what was read at `t_ns`, next to the moment, which may be late by `lag_ns`.
    """

    t_ns: int
    level: int
    lag_ns: int = 0
    doubt_uj: float = 0.0


class _Ticks(NamedTuple):
    """The first tick after some reading: when, how surely, and by how much; of the next the distance and power."""

    t_ns: int
    within_ns: int
    rise_uj: int
    period_ns: int | None
    next_w: float | None


def stands(  # noqa: PLR0913 - all by name
    t_ns: Sequence[int],
    values: Sequence[int],
    *,
    start_ns: int,
    end_ns: int,
    tick_ns: int,
    before_w: float | None,
) -> tuple[Stand, Stand]:
    """Where the counter stood at a job's start and at its end; `before_w` is the power before it, if known."""
    first, last = max(0, bisect_right(t_ns, start_ns) - 1), min(len(t_ns) - 1, bisect_left(t_ns, end_ns))
    start, end = Stand(t_ns[first], values[first], tick_ns), Stand(t_ns[last], values[last], tick_ns)
    early = _ticks_after(t_ns, values, first, tick_ns) if t_ns[first] <= start_ns else None
    late = _ticks_after(t_ns, values, last, tick_ns) if t_ns[last] >= end_ns else None
    if late:
        end = _at_end(values[last], end_ns, late, before_w=before_w)
    if early:
        # The tick after the start tells when the last one before it was.
        period_ns = early.period_ns or (late and late.period_ns) or tick_ns
        since_ns = min(max(start_ns - t_ns[first], start_ns - (early.t_ns - period_ns)), period_ns)
        steady_w = early.rise_uj / (period_ns * UJ_PER_W_NS) if before_w is None else before_w
        start = _bridged(values[first], start_ns, early, steady_w=steady_w, over_ns=since_ns)
    if values[last] >= values[first] and end.level < start.level:
        end = end._replace(level=start.level)
    return start, end


def _at_end(level: int, end_ns: int, ticks: _Ticks, *, before_w: float | None) -> Stand:
    """The next tick, less what was drawn until then: at the power of the whole tick after it, else as before."""
    steady_w = before_w if ticks.next_w is None else ticks.next_w
    if steady_w is None:
        return Stand(ticks.t_ns, level + ticks.rise_uj, lag_ns=ticks.t_ns - end_ns + ticks.within_ns)
    stand = _bridged(level, end_ns, ticks, steady_w=steady_w, over_ns=ticks.t_ns - end_ns)
    return stand._replace(level=2 * level + ticks.rise_uj - stand.level)


def _bridged(level: int, at_ns: int, ticks: _Ticks, *, steady_w: float, over_ns: int) -> Stand:
    bridged_uj = min(steady_w * over_ns * UJ_PER_W_NS, ticks.rise_uj)
    return Stand(at_ns, level + round(bridged_uj), doubt_uj=bridged_uj + steady_w * ticks.within_ns * UJ_PER_W_NS)


def _ticks_after(t_ns: Sequence[int], values: Sequence[int], index: int, tick_ns: int) -> _Ticks | None:
    """The ticks after a reading; None where the first fell into a longer time without readings."""
    first = _tick_after(t_ns, values, index, tick_ns)
    if first is None:
        return None
    second = _tick_after(t_ns, values, first, tick_ns)
    moment_ns = _moment_ns(t_ns, first)
    period_ns = _moment_ns(t_ns, second) - moment_ns if second else None
    return _Ticks(
        t_ns=moment_ns,
        within_ns=t_ns[first] - t_ns[first - 1],
        rise_uj=values[first] - values[index],
        period_ns=period_ns,
        next_w=(values[second] - values[first]) / (period_ns * UJ_PER_W_NS) if second and period_ns else None,
    )


def _tick_after(t_ns: Sequence[int], values: Sequence[int], index: int, tick_ns: int) -> int | None:
    """The reading after this one that shows the first rise, if the one before it was shortly before."""
    for at in range(index + 1, len(t_ns)):
        if values[at] != values[index]:
            close = CLOSE * (t_ns[at] - t_ns[at - 1]) <= tick_ns
            return at if close and values[at] > values[index] else None
        if t_ns[at] - t_ns[index] > tick_ns:
            break
    return None


def _moment_ns(t_ns: Sequence[int], index: int) -> int:
    return (t_ns[index] + t_ns[index - 1]) // 2
