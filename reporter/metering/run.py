"""One metered command from start to end: sources, recording, command, last readings.

Whatever fails here but the command itself is a warning, and the command's status still comes through.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from reporter.metering.aftermath import Aftermath
from reporter.metering.clock import Clock, SystemClock
from reporter.metering.command import CommandResult, Patience, interruptible, run_command
from reporter.metering.idle import Idle, measure_idle
from reporter.metering.neighbours import Neighbours
from reporter.metering.sampler import Sampler
from reporter.metering.stopping import Stopping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reporter.domain.readings import Hardware, Job, Recording
    from reporter.metering.recording import RecordingWriter
    from reporter.metering.sources import Sources

Warn = Callable[[str], None]

FINISH = "finish"


class MeteredResult(NamedTuple):
    """How a metered command went; `writer` holds what was recorded, also where no file could be written."""

    command: CommandResult
    writer: RecordingWriter

    @property
    def exit_status(self) -> int:
        """The command's own."""
        return self.command.exit_status

    @property
    def called_off(self) -> bool:
        """Whether a signal came before the command was started: nothing ran."""
        return self.command.failure is not None and self.command.signal is not None

    def recording(self) -> tuple[Recording, dict[str, Any]]:
        """What was recorded, and the caller's `extra`; RecordingError if nothing usable was."""
        from reporter.metering.parsing import parse_recording  # noqa: PLC0415 - not before the command starts

        return parse_recording(self.writer.contents(), name="recording.jsonl")


def meter_command(  # noqa: PLR0913 - one call joins all parts of a measurement
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    sources: Sources,
    writer: RecordingWriter,
    job: Job,
    hardware: Hardware,
    extra: Mapping[str, Any],
    warn: Warn,
    interval_s: float | None = None,
    idle_baseline_s: float | None = None,
    while_running: Callable[[], None] | None = None,
    on_ended: Callable[[], None] | None = None,
    clock: Clock | None = None,
    patience: Patience | None = None,
    stopping: Stopping | None = None,
) -> MeteredResult:
    """Meter the command to its end; call this from the main thread.

    Before it is started the machine's idle power is read for `idle_baseline_s`.
    `while_running` is called in a thread of its own once the command runs: the place for slow imports.
    `stopping` is how it may be ended before its time; `on_ended` is called as soon as it has, before anything is said.
    The sources are closed at the end, unless one of them hangs.
    """
    clock, stopping = clock or SystemClock(), stopping or Stopping()
    sampler: Sampler | None = None
    aftermath = Aftermath(env)
    stopping.follow(processes := aftermath.processes)
    with _harmless(warn, "start"):
        writer.start(t_ns=clock.now_ns(), job=job, hardware=hardware, sources=sources, extra=extra)
    if idle_baseline_s:
        with _harmless(warn, "measure the idle power"):
            idle = measure_idle(idle_baseline_s, sources=sources, writer=writer, clock=clock, interval_s=interval_s)
            if idle.signal is not None:
                return _called_off(idle, writer, warn)
    with _harmless(warn, "start"):
        sampler = Sampler(
            sources.sources, writer, clock=clock, interval_s=interval_s, own=processes.alive, near=Neighbours(env).flags
        )
        if not sampler.start():
            warn("a source did not answer in time: the command starts without its first reading.")

    def on_started(start_ns: int, pid: int) -> None:
        processes.follow(pid)
        sources.begin(start_ns)
        with _harmless(warn, "note the start"):
            writer.command(start_ns, pid)
        if while_running is not None:
            # Not a daemon: an import under way while the interpreter shuts down crashes it.
            Thread(target=_quietly, args=(while_running,), name="emissions-prepare").start()

    command = run_command(
        argv, env=env, clock=clock, on_started=on_started, patience=patience, stopping=stopping, warn=warn
    )
    _quietly(on_ended)
    if command.failure:
        warn(command.failure)
    _finish(command, sampler, stopping, sources=sources, writer=writer, aftermath=aftermath, warn=warn)
    return MeteredResult(command=command, writer=writer)


def _finish(  # noqa: PLR0913 - all that a measurement began with
    command: CommandResult,
    sampler: Sampler | None,
    stopping: Stopping,
    *,
    sources: Sources,
    writer: RecordingWriter,
    aftermath: Aftermath,
    warn: Warn,
) -> None:
    """The last readings, what was odd, and the end of the recording."""
    with interruptible(), _harmless(warn, FINISH):
        for flag in stopping.flags:
            writer.flag(flag, command.end_ns)
        stuck = sampler.stop(command.end_ns) if sampler is not None else None
        if stuck:
            writer.flag(f"source-stuck:{stuck}", command.end_ns)
            warn(f"the source `{stuck}` hangs: its last readings are missing.")
        else:
            sources.close()
        for flag, words in aftermath.remarks(command):
            writer.flag(flag, command.end_ns)
            warn(words)
    with interruptible(), _harmless(warn, FINISH):
        writer.end(
            t_ns=command.end_ns,
            exit_status=command.exit_status,
            signal=command.signal,
            self_cpu_s=round(own_cpu_s(), 4),
        )


def _called_off(idle: Idle, writer: RecordingWriter, warn: Warn) -> MeteredResult:
    """A signal that came while the idle power was measured was meant for all of it."""
    number = idle.signal or 0
    failure = f"{signal.Signals(number).name} came while the idle power was measured: the command was not started"
    warn(failure)
    status = 128 + number
    writer.end(t_ns=idle.end_ns, exit_status=status, signal=number, self_cpu_s=round(own_cpu_s(), 4))
    command = CommandResult(
        exit_status=status, start_ns=idle.end_ns, end_ns=idle.end_ns, signal=number, failure=failure
    )
    return MeteredResult(command=command, writer=writer)


def own_cpu_s() -> float:
    """Processor time that this process has taken since its start, without its children, seconds."""
    return time.process_time()


@contextmanager
def _harmless(warn: Warn, what: str) -> Iterator[None]:
    """Turn a failure of the meter's own into a warning; an interrupt cuts the meter's work short, nothing else."""
    try:
        yield
    except KeyboardInterrupt:
        if what != FINISH:
            raise
        warn("interrupted while taking the last readings: some may be missing.")
    except Exception as error:  # noqa: BLE001 - whatever it is, the command comes first
        with suppress(Exception):
            warn(f"the meter could not {what}: {type(error).__name__}: {error}")


def _quietly(function: Callable[[], None] | None) -> None:
    if function is not None:
        with suppress(Exception):
            function()
