"""The machine's idle power, read before the command is started (`--idle-baseline`).

It is metered as a command would be, by a sampler of its own: its last readings wait for the counters' next tick.
"""

from __future__ import annotations

import signal
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

from reporter.metering.inbox import ENDING, ON_WINDOWS, Inbox, collected
from reporter.metering.sampler import Sampler

if TYPE_CHECKING:
    from reporter.metering.clock import Clock
    from reporter.metering.recording import RecordingWriter
    from reporter.metering.sources import Sources


class Idle(NamedTuple):
    """When the idle time ended, and by which signal if by one: the command is then not to be started."""

    end_ns: int
    signal: int | None


def measure_idle(  # noqa: PLR0913 - what it reads, where to, and until when
    seconds: float,
    *,
    sources: Sources,
    writer: RecordingWriter,
    clock: Clock,
    interval_s: float | None = None,
    orders: Inbox | None = None,
) -> Idle:
    """Read the sources for so long, and note from when to when; call this from the main thread.

    `orders` is where signals are collected already, if they are: one that came before counts too.
    """
    sampler = Sampler(sources.sources, writer, clock=clock, interval_s=interval_s)
    sampler.start()
    start_ns = clock.now_ns()
    writer.idle(start_ns)
    received = _pause(seconds, clock) if orders is None else orders.get(seconds)
    end_ns = clock.now_ns()
    sampler.stop(end_ns)
    writer.idle(start_ns, end_ns)
    return Idle(end_ns=end_ns, signal=received)


def _pause(seconds: float, clock: Clock) -> int | None:
    if ON_WINDOWS:
        try:
            clock.wait(Event(), seconds)
        except KeyboardInterrupt:
            return int(signal.SIGINT)
        return None
    with collected(ENDING) as inbox:
        return inbox.get(seconds)
