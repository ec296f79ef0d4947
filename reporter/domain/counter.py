"""Energy from a cumulative counter: wraps undone, resets and absurd jumps left out, ends aligned to ticks.

What to do instead where a counter stands still is for the account to say.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import compress, groupby, islice
from operator import eq, sub
from typing import NamedTuple, TypeGuard

from reporter.domain.readings import Component, Meter, Series
from reporter.domain.stand import stands
from reporter.domain.track import NS_PER_S, Track

UJ_J = 1e-6
ABSURD_RATIO = 1.5
"""Power this far above the limit is not real."""
STAMP_NS = NS_PER_S // 50
"""No two readings' times are known better than this when a rise is held against the power limit."""
STILL_TICKS = 5
STILL_NS = NS_PER_S
"""A counter that has not moved for both is standing still; for less it may just not have ticked yet."""
DEFAULT_PEAK_W = {
    Component.GPU: 2000.0,
    Component.CPU: 400.0,
    Component.DRAM: 400.0,
    Component.NODE: 20_000.0,
    Component.MODULE: 4000.0,
}
"""Where the power limit is not known: more than nearly any part of its kind draws."""

_Points = tuple[tuple[int, ...], tuple[int, ...]]


class Counted(NamedTuple):
    """A counter's track over one window, and what was odd about it.

    `still` are the times in which it stood still for long; `span_ns` lies between its outermost readings.
    `start_lag_s` and `end_lag_s`: by how much the reading at either end may be late.
    `doubt_j`: where an end was aligned to a tick instead, how far the truth may lie to either side.
    """

    track: Track
    reset: bool
    jumped: bool
    still: tuple[tuple[int, int], ...]
    span_ns: int
    start_lag_s: float
    end_lag_s: float
    doubt_j: float


class _Mended(NamedTuple):
    """Readings made to rise throughout, with the times in which they could not tell."""

    t_ns: tuple[int, ...]
    levels: tuple[int, ...]
    gaps: tuple[tuple[int, int], ...]
    reset: bool
    jumped: bool


def count(meter: Meter, series: Series, *, start_ns: int, end_ns: int, before_w: float | None = None) -> Counted | None:
    """The counter (µJ) between two times; None with fewer than two readings there.

    A missed reading loses nothing, since the difference spans it. A counter with a range wraps, one without is reset.
    `before_w`: the power before the start, where a gauge tells it.
    """
    t_ns, values = _usable(series)
    if not t_ns:
        return None
    tick_ns = round(meter.tick_s * NS_PER_S)
    first, last = stands(t_ns, values, start_ns=start_ns, end_ns=end_ns, tick_ns=tick_ns, before_w=before_w)
    if first.t_ns >= last.t_ns:
        return None
    # Readings less than a tick from an aligned end lag behind it by an unknown part of a tick: skip them.
    low = bisect_right(t_ns, first.t_ns + (0 if first.lag_ns else tick_ns))
    high = bisect_left(t_ns, last.t_ns - (tick_ns if last.lag_ns < tick_ns else 0))
    t_ns = (first.t_ns, *t_ns[low:high], last.t_ns)
    values = (first.level, *values[low:high], last.level)

    # Equal neighbours are rare, and telling so is cheap.
    still = _still(t_ns, values, meter.tick_s) if any(map(eq, values, islice(values, 1, None))) else ()
    if meter.wraps_at_uj is None and 0 in values and any(values):
        t_ns, values = _without_dropouts(t_ns, values)
    mended = _mended(meter, t_ns, values)
    head = ((start_ns, mended.t_ns[0]),) if mended.t_ns[0] > start_ns else ()
    tail = ((mended.t_ns[-1], end_ns),) if mended.t_ns[-1] < end_ns else ()
    return Counted(
        track=Track(t_ns=mended.t_ns, levels=mended.levels, level_j=UJ_J, gaps=(*head, *mended.gaps, *tail)),
        reset=mended.reset,
        jumped=mended.jumped,
        still=still,
        span_ns=mended.t_ns[-1] - mended.t_ns[0],
        start_lag_s=first.lag_ns / NS_PER_S,
        end_lag_s=last.lag_ns / NS_PER_S,
        doubt_j=(first.doubt_uj + last.doubt_uj) * UJ_J,
    )


def stands_still(span_ns: int, tick_s: float) -> bool:
    """Whether a counter that has not moved for so long ought to have."""
    return span_ns > STILL_NS and span_ns >= STILL_TICKS * tick_s * NS_PER_S


def _usable(series: Series) -> _Points:
    if _whole(series.values):
        return series.t_ns, series.values
    values = tuple(value for value in series.values if value is not None)
    return tuple(compress(series.t_ns, (value is not None for value in series.values))), values


def _whole(values: tuple[int | None, ...]) -> TypeGuard[tuple[int, ...]]:
    return None not in values


def _still(t_ns: tuple[int, ...], values: tuple[int, ...], tick_s: float) -> tuple[tuple[int, int], ...]:
    rises = map(sub, islice(values, 1, None), values)
    spans, begin = [], 0
    for moved, run in groupby(map(bool, rises)):
        end = begin + sum(1 for _ in run)
        if not moved and stands_still(t_ns[end] - t_ns[begin], tick_s):
            spans.append((t_ns[begin], t_ns[end]))
        begin = end
    return tuple(spans)


def _limit(meter: Meter) -> tuple[float, float]:
    """The most that the counter may rise: µJ per ns, and what one tick may add to that, µJ."""
    peak_w = meter.peak_power_w or DEFAULT_PEAK_W[meter.component]
    slope = ABSURD_RATIO * peak_w / 1000
    return slope, slope * max(STAMP_NS, meter.tick_s * NS_PER_S)


def _odd(meter: Meter, t_ns: tuple[int, ...], values: tuple[int, ...]) -> list[int]:
    """The readings that fell, or rose absurdly: hardly ever any, so this is the pass that must be quick."""
    slope, slack = _limit(meter)
    rises = map(sub, islice(values, 1, None), values)
    steps_ns = map(sub, islice(t_ns, 1, None), t_ns)
    return [
        index
        for index, (rise, step_ns) in enumerate(zip(rises, steps_ns, strict=True), start=1)
        if not 0 <= rise <= slope * step_ns + slack
    ]


def _rise(meter: Meter, step_ns: int, before: int, after: int) -> int | None:
    """By how much the counter rose, µJ; None if these two readings cannot tell: it may have wrapped twice."""
    slope, slack = _limit(meter)
    rise = after - before
    if rise < 0 and meter.wraps_at_uj is not None and slope * step_ns < meter.wraps_at_uj / 2:
        rise += meter.wraps_at_uj + 1
    return rise if 0 <= rise <= slope * step_ns + slack else None


def _mended(meter: Meter, t_ns: tuple[int, ...], values: tuple[int, ...]) -> _Mended:
    """Undo wraps, drop a lone absurd reading, and leave a gap at whatever remains: a reset or a jump."""
    oddities = _odd(meter, t_ns, values)
    if not oddities:
        return _Mended(t_ns=t_ns, levels=values, gaps=(), reset=False, jumped=False)
    times, levels = [t_ns[0]], [values[0]]
    gaps: list[tuple[int, int]] = []
    reset = jumped = False
    done, offset = 1, 0
    for odd in oddities:
        if odd < done:
            continue
        times += t_ns[done:odd]
        levels += [value + offset for value in values[done:odd]]
        before, index = odd - 1, odd
        rise = _rise(meter, t_ns[odd] - t_ns[before], values[before], values[odd])
        if rise is None and values[odd] > values[before]:
            jumped = True
            if odd + 1 < len(values):
                rise = _rise(meter, t_ns[odd + 1] - t_ns[before], values[before], values[odd + 1])
                index = odd if rise is None else odd + 1
        elif rise is None:
            reset = True
        if rise is None:
            gaps.append((t_ns[before], t_ns[odd]))
            rise = 0
        times.append(t_ns[index])
        levels.append(levels[-1] + rise)
        done, offset = index + 1, levels[-1] - values[index]
    times += t_ns[done:]
    levels += [value + offset for value in values[done:]]
    return _Mended(t_ns=tuple(times), levels=tuple(levels), gaps=tuple(gaps), reset=reset, jumped=jumped)


def _without_dropouts(t_ns: tuple[int, ...], values: tuple[int, ...]) -> _Points:
    """Leave out 0 after a success: NVML answers so now and then when it is asked too often; it is not a reset."""
    started = next(index for index, value in enumerate(values) if value)
    read = [index <= started or value != 0 for index, value in enumerate(values)]
    return tuple(compress(t_ns, read)), tuple(compress(values, read))
