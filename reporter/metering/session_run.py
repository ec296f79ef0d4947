"""A session in its background process: readings until somebody stops it, or nobody can any more."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from reporter.metering.clock import Clock, SystemClock
from reporter.metering.idle import measure_idle
from reporter.metering.inbox import Inbox
from reporter.metering.neighbours import Neighbours
from reporter.metering.run import own_cpu_s
from reporter.metering.sampler import Sampler
from reporter.metering.watchdog import WATCH_S, Watchdog

if TYPE_CHECKING:
    from reporter.domain.readings import Hardware, Job
    from reporter.metering.recording import RecordingWriter
    from reporter.metering.sources import Sources

Warn = Callable[[str], None]
Watch = Callable[[int], Watchdog]
"""From the session's start (monotonic, ns) to who looks after it."""


def listen() -> Inbox:
    """Take SIGTERM as the order to stop, and nothing from a terminal; call this first of all, in the main thread."""
    inbox = Inbox([signal.SIGTERM])
    signal.signal(signal.SIGTERM, inbox.receive)
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    return inbox


def meter_session(  # noqa: PLR0913 - one call joins all parts of a measurement
    orders: Inbox,
    watch: Watch,
    *,
    sources: Sources,
    writer: RecordingWriter,
    job: Job,
    hardware: Hardware,
    extra: Mapping[str, Any],
    warn: Warn,
    on_started: Callable[[], None],
    before_end: Callable[[], object],
    interval_s: float | None = None,
    idle_baseline_s: float | None = None,
    clock: Clock | None = None,
) -> None:
    """Meter until an order or the watchdog ends it; the last line says when that was.

    `before_end` is called when the last readings were taken: what it writes is still before the last line.
    """
    clock = clock or SystemClock()
    writer.start(t_ns=clock.now_ns(), job=job, hardware=hardware, sources=sources, extra=extra)
    stopped = False
    if idle_baseline_s is not None:
        idle = measure_idle(
            idle_baseline_s, sources=sources, writer=writer, clock=clock, interval_s=interval_s, orders=orders
        )
        stopped = idle.signal is not None
    sampler = Sampler(sources.sources, writer, clock=clock, interval_s=interval_s, near=Neighbours().flags)
    if not sampler.start():
        warn("a source did not answer in time: the session starts without its first reading.")
    start_ns = clock.now_ns()
    sources.begin(start_ns)
    writer.command(start_ns)
    on_started()
    watchdog = watch(start_ns)
    why = None
    while not stopped and why is None:
        stopped = orders.get(WATCH_S) is not None
        why = None if stopped else watchdog.orphaned(clock.now_ns())
    now_ns = clock.now_ns()
    asked_ns = watchdog.session.stopped_ns() if stopped else None
    end_ns = now_ns if asked_ns is None else max(start_ns, min(asked_ns, now_ns))
    if why is not None:
        writer.flag(f"session-orphaned:{why}", end_ns)
    stuck = sampler.stop(end_ns)
    if stuck:
        writer.flag(f"source-stuck:{stuck}", end_ns)
        warn(f"the source `{stuck}` hangs: its last readings are missing.")
    else:
        sources.close()
    with suppress(Exception):
        before_end()
    writer.end(t_ns=end_ns, exit_status=None, signal=None, self_cpu_s=round(own_cpu_s(), 4))
