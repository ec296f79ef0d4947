"""The energy of one meter over time: what counters, integrals and models alike come to.

A track knows of no meter, no overlap and no uncertainty.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

NS_PER_S = 1_000_000_000


class Track(NamedTuple):
    """Cumulative energy, linear between its times and flat outside.

    `levels[i] * level_j` joules were used by `t_ns[i]` (monotonic), counted from any origin.
    In `gaps` nothing was read: the energy there is an estimate if `filled`, else it is left out.
    """

    t_ns: tuple[int, ...]
    levels: tuple[float, ...]
    level_j: float
    gaps: tuple[tuple[int, int], ...] = ()
    filled: bool = False

    def energy_j(self, from_ns: int, to_ns: int) -> float:
        """Energy between two times, joules; not negative, since levels only rise."""
        return (self._level(to_ns) - self._level(from_ns)) * self.level_j

    def uncovered_ns(self, from_ns: int, to_ns: int) -> int:
        """How long nothing was read between two times, nanoseconds."""
        return sum(max(0, min(end, to_ns) - max(start, from_ns)) for start, end in self.gaps)

    def _level(self, at_ns: int) -> float:
        # Relative to the first level: a counter of years would lose its microjoules as a float.
        right = bisect_right(self.t_ns, at_ns)
        if right == 0:
            return 0.0
        level = self.levels[right - 1] - self.levels[0]
        if right == len(self.t_ns):
            return level
        before_ns, after_ns = self.t_ns[right - 1], self.t_ns[right]
        step = self.levels[right] - self.levels[right - 1]
        return level + step * ((at_ns - before_ns) / (after_ns - before_ns))
