"""Energy from a power gauge: the trapezoid rule with held ends, and from a load model in the same way.

A reading of 0 or of the greatest 32-bit number is a missed one: no powered part draws nothing (METERING 2.7).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate, compress, islice
from operator import add, mul, sub
from typing import TYPE_CHECKING

from reporter.domain.readings import PowerCurve, Series
from reporter.domain.track import NS_PER_S, Track

if TYPE_CHECKING:
    from typing import TypeGuard

NOT_A_POWER = frozenset({None, 0, 2**32 - 1})
HELD_INTERVALS = 2
"""A power stands for this many sampling intervals; what is longer is a gap."""
JITTER_RATIO = 1.25
"""A sampling interval may come out longer by this."""
INTERVAL_NS = NS_PER_S
"""The sampler's usual interval: no shorter hole between two readings is a gap."""
NEIGHBOURS = 3

_HALF_MW_NS_J = 0.5e-12


def integrate(series: Series, *, start_ns: int, end_ns: int) -> Track | None:
    """Power (mW) over time between two times; None without a usable reading. Rules: METERING 6.1."""
    rows, t_ns, powers_mw = _usable(series)
    if not t_ns:
        return None
    first, last = max(0, bisect_right(t_ns, start_ns) - 1), min(len(t_ns), bisect_left(t_ns, end_ns) + 1)
    rows, t_ns, powers_mw = rows[first:last], t_ns[first:last], powers_mw[first:last]
    if not t_ns:  # pragma: no cover  (a slice around the window always holds the nearest reading)
        return None
    raise NotImplementedError
