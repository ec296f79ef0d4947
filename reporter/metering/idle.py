"""The machine's idle power, read before the command is started (`--idle-baseline`).

It is metered as a command would be, by a sampler of its own: its last readings wait for the counters' next tick.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

from reporter.metering.command import ON_WINDOWS, Inbox
from reporter.metering.sampler import Sampler

if TYPE_CHECKING:
    from reporter.metering.clock import Clock
    from reporter.metering.recording import RecordingWriter
    from reporter.metering.sources import Sources

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")


class Idle(NamedTuple):
    """When the idle time ended, and by which signal if by one: the command is then not to be started."""

    end_ns: int
    signal: int | None


def measure_idle(
    seconds: float, *, sources: Sources, writer: RecordingWriter, clock: Clock, interval_s: float | None = None
) -> Idle:
    """Read the sources for so long, and note from when to when; call this from the main thread."""
    sampler = Sampler(sources.sources, writer, clock=clock, interval_s=interval_s)
    sampler.start()
    start_ns = clock.now_ns()
    received = _pause(seconds, clock)
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
    with _signals() as inbox:
        return inbox.get(seconds)


@contextmanager
def _signals() -> Iterator[Inbox]:
    """Collect what ends a process; what the meter was started to ignore stays ignored."""
    numbers = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    previous = {number: signal.getsignal(number) for number in numbers}
    handled = [number for number in numbers if previous[number] not in (signal.SIG_IGN, None)]
    inbox = Inbox(handled)
    for number in handled:
        signal.signal(number, inbox.receive)
    try:
        yield inbox
    finally:
        for number in handled:
            signal.signal(number, previous[number])
        inbox.close()
