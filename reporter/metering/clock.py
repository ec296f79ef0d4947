"""The clocks of a measurement: monotonic time for every reading, the others only to notice that they moved."""

from __future__ import annotations

import time
from threading import Event
from typing import Protocol

NS_PER_S = 1_000_000_000


class Clock(Protocol):
    """Nanoseconds, and waiting."""

    def now_ns(self) -> int:
        """Monotonic time: what every reading is stamped with."""
        ...

    def wall_ns(self) -> int:
        """Time of day."""
        ...

    def boot_ns(self) -> int | None:
        """Time since boot, suspended time included; None where there is no such clock."""
        ...

    def wait(self, event: Event, seconds: float) -> bool:
        """Wait until the event is set, at most so long; whether it is set."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now_ns(self) -> int:
        """Monotonic time."""
        return time.monotonic_ns()

    def wall_ns(self) -> int:
        """Time of day."""
        return time.time_ns()

    def boot_ns(self) -> int | None:
        """CLOCK_BOOTTIME, on Linux."""
        clock = getattr(time, "CLOCK_BOOTTIME", None)
        return None if clock is None else time.clock_gettime_ns(clock)

    def wait(self, event: Event, seconds: float) -> bool:
        """Wait in real time."""
        return event.wait(seconds)
