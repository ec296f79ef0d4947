"""`emissions mark LABEL`: a named phase begins, in the session or in the run that this is called in.

One line more in the recording, and nothing else: it must be quick, and it never fails a job.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from reporter.commands import Invocation
from reporter.commands.output import warn
from reporter.errors import ConfigError, ExitCode, MeterError, Problem, ReporterError
from reporter.metering.document import mark_document
from reporter.metering.lock import is_held
from reporter.metering.session import RECORDING_OF_RUN, find_session, here

LONGEST_LABEL = 200
"""Characters; the rest is cut off."""


def run(invocation: Invocation) -> int:
    """Append the mark. The status is 0 also where nothing is metered, or the recording cannot be written."""
    now_ns = time.monotonic_ns()
    label = _label(invocation.arguments)
    try:
        recording = _recording(invocation)
        if recording is None:
            warn(f"`{label}` is not marked: nothing is metered here. `emissions start` begins a session.")
        else:
            _append(recording, json.dumps(mark_document(label, now_ns), separators=(",", ":")).encode() + b"\n")
    except ReporterError as error:
        warn(f"`{label}` is not marked: {error.sentences}")
    except OSError as error:
        warn(f"`{label}` is not marked: the recording cannot be written: {error.strerror}.")
    return ExitCode.DONE


def _label(words: tuple[str, ...]) -> str:
    """The label as one printable line. Raises ConfigError where there is none."""
    if len(words) > 1:
        message = f"One label is expected, not {len(words)}"
        raise ConfigError(Problem(message, suggestion="Put it in quotes: `emissions mark 'epoch 1'`."))
    text = "".join(letter if letter.isprintable() else " " for letter in (words[0] if words else ""))
    label = " ".join(text.split())
    if not label:
        raise ConfigError(Problem("There is no label", suggestion="Write `emissions mark LABEL`."))
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"


def _recording(invocation: Invocation) -> Path | None:
    """Where to write: the run's recording inside `emissions run`, else the session's; None where there is neither.

    Raises MeterError where the session is over, or somebody else's.
    """
    given = invocation.environ.get(RECORDING_OF_RUN)
    # Without locks nobody can say that a run is over.
    if given and Path(given).is_file() and is_held(Path(given).parent) is not False:
        return Path(given)
    session = find_session(invocation.environ, here(invocation.environ))
    if session is not None and not session.is_running:
        raise MeterError("nothing is metered here any more", hint="`emissions stop` reports what was recorded.")
    return None if session is None else session.recording


def _append(recording: Path, line: bytes) -> None:
    """One write, so that the lines of several processes do not mix. Raises OSError."""
    file = os.open(recording, os.O_WRONLY | os.O_APPEND)
    try:
        if os.write(file, line) < len(line):
            raise OSError(0, "no space is left")
    finally:
        os.close(file)
