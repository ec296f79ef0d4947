"""When to read a source next: often at first, then less, so that a recording of any length stays small.

The intervals are those of METERING 6.1: 100 ms for 5 s, then 1 s, then in proportion to the time that has passed.
What has power alone is read as often as that is renewed, since whatever lies between two readings is lost.
"""

from __future__ import annotations

from reporter.domain.readings import Description, Method
from reporter.metering.clock import NS_PER_S

EARLY_NS = 5 * NS_PER_S
EARLY_INTERVAL_NS = NS_PER_S // 10
INTERVAL_NS = NS_PER_S
GAUGE_INTERVAL_NS = NS_PER_S // 20
"""No gauge is worth reading more often."""
WIDEN = 2000
"""After this many seconds the interval is time passed ÷ this: some 10,000 readings in three days."""
FIXED_READINGS = 5000
"""A fixed interval is kept for this many readings, then widens likewise: any job's recording stays small."""
CEILING_NS = 60 * NS_PER_S
WRAPPING_CEILING_NS = 10 * NS_PER_S
"""Counters that wrap are read at 0.1 Hz or faster, always."""

COST_RATIO = 0.01
COST_CEILING_NS = 5 * NS_PER_S
BACK_OFF_CEILING_NS = 5 * NS_PER_S


class Schedule:
    """One source's: absolute times, so that a slow reading delays no later one."""

    def __init__(self, description: Description, interval_s: float | None = None) -> None:
        wraps = any(meter.wraps_at_uj is not None for meter in description.meters)
        self._ceiling_ns = WRAPPING_CEILING_NS if wraps else CEILING_NS
        self._fixed_ns = None if interval_s is None else min(round(interval_s * NS_PER_S), self._ceiling_ns)
        self._usual_ns = _usual_ns(description)
        self._least_ns = 0
        self._back_off_ns = 0
        self._failing = False
        self.interval_ns = self._planned_ns(0)
        self.due_ns = 0

    def begin(self, now_ns: int) -> None:
        """The first readings were taken."""
        self.due_ns = now_ns + self.interval_ns

    def advance(self, now_ns: int, *, elapsed_ns: int, cost_ns: int, failing: bool) -> None:
        """A reading was taken; `elapsed_ns` since the start. Times that were slept through are left out."""
        if cost_ns > COST_RATIO * self.interval_ns:
            self._least_ns = min(2 * self.interval_ns, COST_CEILING_NS)
        elif cost_ns < COST_RATIO * self.interval_ns / 4:
            # One slow call among quick ones, on a busy machine, says nothing about the source.
            self._least_ns //= 2
        # One failure among readings that work costs that reading alone.
        self._back_off_ns = min(2 * self.interval_ns, BACK_OFF_CEILING_NS) if failing and self._failing else 0
        self._failing = failing
        planned_ns = self._planned_ns(elapsed_ns)
        self.interval_ns = min(max(planned_ns, self._least_ns, self._back_off_ns), max(planned_ns, self._ceiling_ns))
        self.due_ns += self.interval_ns
        if self.due_ns <= now_ns:
            self.due_ns = now_ns + self.interval_ns

    def pace_ns(self, elapsed_ns: int) -> int:
        """The least time between two readings that are written down, where some are taken for the wraps alone; or 0."""
        wanted_ns = min(elapsed_ns // (WIDEN if self._fixed_ns is None else FIXED_READINGS), CEILING_NS)
        return wanted_ns if wanted_ns > self._ceiling_ns else 0

    def _planned_ns(self, elapsed_ns: int) -> int:
        if self._fixed_ns is not None:
            return max(self._fixed_ns, min(elapsed_ns // FIXED_READINGS, self._ceiling_ns))
        if elapsed_ns < EARLY_NS:
            return min(EARLY_INTERVAL_NS, self._usual_ns)
        return min(max(self._usual_ns, elapsed_ns // WIDEN), self._ceiling_ns)


def _usual_ns(description: Description) -> int:
    """A gauge without a counter is read twice per renewal, or once per window where it shows a mean."""
    gauges = [meter.window_s or meter.tick_s / 2 for meter in description.meters if meter.method is Method.INTEGRATED]
    return max(GAUGE_INTERVAL_NS, min([INTERVAL_NS, *(round(renewed_s * NS_PER_S) for renewed_s in gauges)]))
