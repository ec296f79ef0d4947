"""Energy from a power gauge: the trapezoid rule, with the outermost readings held to the ends.

A gauge that shows the mean over a window before each reading lags behind by half of it: the window is undone.
A reading of 0 or of the greatest 32-bit number is a missed one:
no powered part draws nothing, and NVML means "not known" by the other.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import accumulate, compress, islice, pairwise
from operator import add, mul, sub
from typing import TypeGuard

from reporter.domain.readings import Series
from reporter.domain.track import NS_PER_S, Track

NOT_A_POWER = frozenset({None, 0, 2**32 - 1})
HELD_INTERVALS = 2
"""A power stands for this many sampling intervals; what is longer is a gap."""
JITTER_RATIO = 1.25
"""A sampling interval may come out longer by this."""
INTERVAL_NS = NS_PER_S
"""The sampler's usual interval: shorter ones (right after the start) do not make this one a gap."""
NEIGHBOURS = 3
W_PER_MW = 1e-3
HALF_MW_NS_J = 0.5e-12


def integrate(series: Series, *, start_ns: int, end_ns: int, window_s: float = 0.0) -> Track | None:
    """Power (mW) over time between two times; None without a usable reading.

    Each reading is the mean over the last `window_s` seconds; 0: of the moment.
    """
    rows, t_ns, powers_mw = _usable(series)
    if not t_ns:
        return None
    first, last = max(0, bisect_right(t_ns, start_ns) - 1), bisect_left(t_ns, end_ns) + 1
    rows, t_ns, powers_mw = rows[first:last], t_ns[first:last], powers_mw[first:last]
    gaps = [*gaps_between(t_ns, rows), *gaps_at_ends(t_ns, start_ns=start_ns, end_ns=end_ns)]
    if len(rows) <= rows[-1] - rows[0] and not window_s:
        t_ns, powers_mw = _held(rows, t_ns, powers_mw)
    times, powers = _clipped(t_ns, powers_mw, start_ns, end_ns)
    steps_ns = map(sub, islice(times, 1, None), times)
    doubled_mw = map(add, islice(powers, 1, None), powers)
    levels = tuple(accumulate(map(mul, doubled_mw, steps_ns), initial=0.0))
    if window_s:
        levels = _unwindowed(times, powers, levels, window_ns=window_s * NS_PER_S)
    return Track(t_ns=times, levels=levels, level_j=HALF_MW_NS_J, gaps=tuple(gaps), filled=True)


def power_w(series: Series, *, at_ns: int) -> float | None:
    """The last usable power reading up to a time, else the first after it, watts; None if there is none."""
    nearest = bisect_right(series.t_ns, at_ns)
    for values in (reversed(series.values[:nearest]), series.values[nearest:]):
        for value in values:
            if value is not None and value not in NOT_A_POWER:
                return value * W_PER_MW
    return None


@lru_cache(maxsize=2)
def gaps_between(t_ns: tuple[int, ...], rows: range | tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """The times between readings that no reading stands for: two or more missed in a row, or a late sampler.

    `rows` numbers the readings; a missed one leaves its number out. The columns of one source are read together, so
    the answer is kept for the next of them: it is half of what the account of a long job costs.
    """
    steps_ns = tuple(map(sub, islice(t_ns, 1, None), t_ns))
    late_ns = _late_ns(max(INTERVAL_NS, (t_ns[-1] - t_ns[0]) // max(1, len(steps_ns))))
    if rows[-1] - rows[0] == len(steps_ns) and max(steps_ns, default=0) <= late_ns:
        return ()
    return tuple(
        (t_ns[index], t_ns[index + 1])
        for index, (step_ns, (before, row)) in enumerate(zip(steps_ns, pairwise(rows), strict=True))
        if row - before > HELD_INTERVALS or (step_ns > late_ns and step_ns > _late_ns(_usual_ns(steps_ns, index)))
    )


def gaps_at_ends(t_ns: tuple[int, ...], *, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
    """The times before the first and after the last reading that are too long to hold it for."""
    late_ns = _late_ns(max(INTERVAL_NS, (t_ns[-1] - t_ns[0]) // max(1, len(t_ns) - 1)))
    ends = ((start_ns, min(end_ns, t_ns[0])), (max(start_ns, t_ns[-1]), end_ns))
    return [(begin, end) for begin, end in ends if end - begin > late_ns]


def _late_ns(interval_ns: int) -> float:
    return HELD_INTERVALS * JITTER_RATIO * interval_ns


def _usual_ns(steps_ns: tuple[int, ...], index: int) -> int:
    """The usual interval around one: the sampler starts fast and slows down, so it differs along a recording."""
    near = sorted(steps_ns[max(0, index - NEIGHBOURS) : index] + steps_ns[index + 1 : index + 1 + NEIGHBOURS])
    return max(INTERVAL_NS, near[len(near) // 2]) if near else INTERVAL_NS


def _usable(series: Series) -> tuple[range | tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    if _whole(series.values):
        return range(len(series.values)), series.t_ns, series.values
    read = [value not in NOT_A_POWER for value in series.values]
    powers_mw = tuple(value for value in compress(series.values, read) if value is not None)
    return tuple(compress(range(len(read)), read)), tuple(compress(series.t_ns, read)), powers_mw


def _whole(values: tuple[int | None, ...]) -> TypeGuard[tuple[int, ...]]:
    return NOT_A_POWER.isdisjoint(values)


def _held(
    rows: range | tuple[int, ...], t_ns: tuple[int, ...], powers_mw: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Hold the last power over a single missed reading: a step just before the next one."""
    times: list[int] = []
    powers: list[int] = []
    done = 0
    for index, (before, row) in enumerate(pairwise(rows), start=1):
        if row - before == HELD_INTERVALS:
            times += (*t_ns[done:index], t_ns[index])
            powers += (*powers_mw[done:index], powers_mw[index - 1])
            done = index
    return (*times, *t_ns[done:]), (*powers, *powers_mw[done:])


def _unwindowed(
    times: tuple[int, ...], powers: tuple[float, ...], levels: tuple[float, ...], *, window_ns: float
) -> tuple[float, ...]:
    """The energy E up to each time, where `powers` A are means over the window w before it and `levels` I integrate A.

    E(t) = w A(t) + E(t − w), where the power before the start is taken to have been A(start) throughout.
    Errors do not add up, since E also lies between I(t) − w A(start) ÷ 2 and w A(t) more: power is not negative.
    Where readings are further apart than the window, power is taken to be steady over it: the middle of these bounds.
    """
    energies = [0.0]
    # The levels are in half mW ns.
    full = 2 * window_ns
    behind = 0
    for index in range(1, len(times)):
        least = levels[index] - full * powers[0] / 2
        whole = full * powers[index]
        back_ns = times[index] - window_ns
        if times[index] - times[index - 1] > window_ns:
            energy = least + whole / 2
        elif back_ns <= times[0]:
            energy = whole + 2 * (back_ns - times[0]) * powers[0]
        else:
            while times[behind + 1] < back_ns:
                behind += 1
            share = (back_ns - times[behind]) / (times[behind + 1] - times[behind])
            energy = whole + energies[behind] + (energies[behind + 1] - energies[behind]) * share
        energies.append(max(0.0, min(max(energy, least), least + whole)))
    # Where noise has it fall, the later value counts: taking the greatest so far would add the noise up.
    return tuple(accumulate(reversed(energies), min))[::-1]


def _clipped(
    t_ns: tuple[int, ...], powers_mw: tuple[int, ...], start_ns: int, end_ns: int
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The power at both bounds and between them; at a step, the side that lies inside."""
    low, high = bisect_right(t_ns, start_ns), bisect_left(t_ns, end_ns)
    return (
        (start_ns, *t_ns[low:high], end_ns),
        (_power_mw(t_ns, powers_mw, start_ns, low), *powers_mw[low:high], _power_mw(t_ns, powers_mw, end_ns, high)),
    )


def _power_mw(t_ns: tuple[int, ...], powers_mw: tuple[int, ...], at_ns: int, right: int) -> float:
    """The power between the readings `right` - 1 and `right`, held beyond the first and the last."""
    if right in {0, len(t_ns)}:
        return powers_mw[max(0, right - 1)]
    share = (at_ns - t_ns[right - 1]) / (t_ns[right] - t_ns[right - 1])
    return powers_mw[right - 1] + (powers_mw[right] - powers_mw[right - 1]) * share
