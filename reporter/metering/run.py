"""One metered command from start to end: sources, recording, command, last readings.

Whatever fails here but the command itself is a warning, and the command's status still comes through.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from reporter.metering.clock import Clock, SystemClock
from reporter.metering.command import CommandResult, Patience, run_command
from reporter.metering.sampler import Sampler

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
    while_running: Callable[[], None] | None = None,
    clock: Clock | None = None,
    patience: Patience | None = None,
) -> MeteredResult:
    """Meter the command to its end; call this from the main thread.

    `while_running` is called in a thread of its own once the command runs: the place for slow imports.
    The sources are closed at the end, unless one of them hangs.
    """
    clock = clock or SystemClock()
    sampler: Sampler | None = None
    with _harmless(warn, "start"):
        writer.start(t_ns=clock.now_ns(), job=job, hardware=hardware, sources=sources, extra=extra)
        sampler = Sampler(sources.sources, writer, clock=clock, interval_s=interval_s)
        if not sampler.start():
            warn("a source did not answer in time: the command starts without its first reading.")

    def on_started(start_ns: int, pid: int) -> None:
        with _harmless(warn, "note the start"):
            writer.command(start_ns, pid)
        if while_running is not None:
            # Not a daemon: an import under way while the interpreter shuts down crashes it.
            Thread(target=_quietly, args=(while_running,), name="emissions-prepare").start()

    command = run_command(argv, env=env, clock=clock, on_started=on_started, patience=patience)
    if command.failure:
        warn(command.failure)
    with _harmless(warn, FINISH):
        stuck = sampler.stop(command.end_ns) if sampler is not None else None
        if stuck:
            writer.flag(f"source-stuck:{stuck}", command.end_ns)
            warn(f"the source `{stuck}` hangs: its last readings are missing.")
        else:
            sources.close()
        if command.left_running:
            writer.flag("command-left-running", command.end_ns)
            warn("the command heeded no signal and was left running: the report covers it up to here.")
        writer.end(
            t_ns=command.end_ns,
            exit_status=command.exit_status,
            signal=command.signal,
            self_cpu_s=round(own_cpu_s(), 4),
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


def _quietly(function: Callable[[], None]) -> None:
    with suppress(Exception):
        function()
