"""`emissions stop`: end the session, then assess and report it as a run is."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

from reporter.commands import Invocation
from reporter.commands.delivery.finish import (
    add_to_history,
    count_units,
    held_against,
    is_over_budget,
    is_quiet,
    output_folder,
    preload,
    present,
    relay,
)
from reporter.commands.delivery.folder import DEFAULT, RECORDING
from reporter.commands.output import warn
from reporter.commands.settings import Settings, load
from reporter.domain.readings import Recording
from reporter.errors import ExitCode, MeterError, RecordingError
from reporter.export.policy import Policy, encode_policy
from reporter.metering.recording import RecordingWriter
from reporter.metering.session import Session, find_session, here

END_LIMIT_S = 15.0
KILL_LIMIT_S = 2.0
POLL_S = 0.005
ORPHANED = "session-orphaned:"


def run(invocation: Invocation) -> int:
    """Report the session; 1 where `--gate` is given and a budget is exceeded, 3 where there is no session."""
    now_ns = time.monotonic_ns()
    settings = load(invocation)
    session = find_session(invocation.environ, here(invocation.environ))
    if session is None:
        raise _no_session()
    with output_folder(settings, session.notes().out or DEFAULT) as folder:
        lock = _ended(session, now_ns)
        relay(session)
        settings = _organised(settings, invocation)
        writer = RecordingWriter(None if folder is None else folder / RECORDING, warn=warn, contents=_recorded(session))
        notices = count_units(writer, settings)
        recording, policy = _read(writer, session)
        _tell(recording)
        from reporter.commands.account.assessment import assess_session  # noqa: PLC0415
        from reporter.commands.trust.overrides import ruled  # noqa: PLC0415

        assessed, used = assess_session(recording, policy, settings)
        assessed = ruled(held_against(assessed, settings), settings)
        if used != policy:
            writer.add(encode_policy(used))
        is_kept = folder is not None and writer.save()
        writer.close()
        present(assessed, notices, folder, settings, quiet=is_quiet(invocation, settings))
        add_to_history(assessed, settings)
        if is_kept and lock is not None:
            session.remove()
        else:
            warn(f"The session's recording is still in {session.folder}.")
    if "gate" in invocation.switches and is_over_budget(assessed, settings):
        return ExitCode.OVER_BUDGET
    return ExitCode.DONE


def _organised(settings: Settings, invocation: Invocation) -> Settings:
    if settings.rules.unknown is None:
        return settings
    from reporter.commands.trust.rules import organised  # noqa: PLC0415  (hardly any file extends another)

    return organised(settings, invocation)


def _no_session() -> MeterError:
    return MeterError(
        "There is no session to stop",
        hint="`emissions start` begins one. It is found in the directory where it was started and below, in a CI job"
        " anywhere.",
    )


def _ended(session: Session, now_ns: int) -> int | None:
    """The session's lock once its background process has ended, now if it had already; None where it cannot be had.

    A process that does not end in time is killed: what it has recorded is there.
    """
    deadline_s = time.monotonic() + END_LIMIT_S
    asked = False
    while True:
        lock = session.hold()
        if lock is not None:
            return lock
        if not session.folder.exists():
            raise _no_session()  # another `stop` was quicker
        meter = session.notes().meter
        if not asked and meter is not None and meter.is_alive:
            with suppress(OSError):
                session.note_stop(now_ns)
            _send(meter.pid, signal.SIGTERM)
            asked = True
            preload()
        if time.monotonic() > deadline_s:
            break
        time.sleep(POLL_S)
    warn(f"The background process did not end within {END_LIMIT_S:g} s. The report covers what it had recorded.")
    if meter is not None and meter.is_alive:
        _send(meter.pid, signal.SIGKILL)
    deadline_s = time.monotonic() + KILL_LIMIT_S
    while (lock := session.hold()) is None and time.monotonic() < deadline_s:
        time.sleep(POLL_S)
    return lock


def _send(pid: int, number: int) -> None:
    with suppress(OSError):
        os.kill(pid, number)


def _recorded(session: Session) -> bytes:
    """The whole lines; the last one is torn where the process was killed. Raises RecordingError."""
    try:
        data = session.recording.read_bytes()
    except OSError as error:
        message = f"The session's recording {session.recording} cannot be read: {error.strerror}"
        raise RecordingError(message) from None
    return data[: data.rfind(b"\n") + 1]


def _read(writer: RecordingWriter, session: Session) -> tuple[Recording, Policy]:
    from reporter.export.decoding import decode_policy  # noqa: PLC0415
    from reporter.metering.parsing import parse_recording  # noqa: PLC0415

    name = str(session.recording)
    recording, extra = parse_recording(writer.contents(), name=name)
    return recording, decode_policy(extra, origin=name)


def _tell(recording: Recording) -> None:
    """Say what is odd about how the session ended."""
    if not recording.complete:
        warn("The background process was killed before `stop`: the report covers what it had recorded.")
    for flag in recording.flags:
        if flag.startswith(ORPHANED):
            warn(f"The session had ended by itself ({flag.removeprefix(ORPHANED)}): the report covers it up to there.")
