"""What a verb says to people and programs: stdout for the answer, stderr for warnings."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TextIO

from reporter import __version__
from reporter.errors import ExitCode, ReporterError

_SPACES = "\u202f\xa0"
"""Between a number and its unit."""
_BLANKS = "\u034f\u115f\u1160\u2800\u3164\uffa0"
"""Letters by Unicode's tables, that nobody sees."""


_RAISING = ("strict", "surrogateescape")
"""How streams treat what they cannot show where nobody has said it: the second one in the C locale."""


def prepare_streams() -> None:
    """A closed stream swallows what is written; a character that a stream cannot show is escaped."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, io.StringIO())
        elif isinstance(stream, io.TextIOWrapper) and stream.errors in _RAISING:
            stream.reconfigure(errors="backslashreplace")


def put(text: str, *, machine: bool = False) -> None:
    """Write an answer to stdout, one for programs in UTF-8 everywhere. Raises ReporterError where that fails."""
    if machine and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ReporterError(f"stdout cannot be written: {error.strerror}", hint="Is the disk full?") from None


def warn(text: str) -> None:
    """One warning on stderr; a closed stderr is nobody to tell."""
    _say("\n".join(f"emissions: {harmless(line)}" for line in text.split("\n")))


def harmless(text: str) -> str:
    """One line of text, with what is not seen, moves the cursor or commands the runner written out."""
    shown = text if text.isascii() and text.isprintable() else "".join(map(_written_out, text))
    return shown.replace("##[", "# #[")


def _written_out(sign: str) -> str:
    return sign if sign in _SPACES or (sign.isprintable() and sign not in _BLANKS) else ascii(sign)[1:-1]


def settle_streams() -> None:
    """Let go of what cannot be written any more: the interpreter's last flush would turn it into status 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            _drop(stream)


def _drop(stream: TextIO) -> None:
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        pass


def complain(error: ReporterError, *, on_run_page: bool = False) -> None:
    """One message on stderr: what happened, what it means, what to do; in the action on the run's page too."""
    warn("\n".join(part for part in (error.message, error.hint) if part))
    if on_run_page:
        from reporter.publish.workflow import AnnotationKind, annotation  # noqa: PLC0415

        kind = AnnotationKind.ERROR if error.exit_code == ExitCode.USAGE else AnnotationKind.WARNING
        message = "\n".join(part for part in (error.message, error.hint) if part)
        _say(annotation(kind, "Emissions Reporter", message))


def report_bug() -> None:
    """The traceback without the secrets of our environment, the versions, and where to report.

    Where memory or files are spent, what went wrong in a word: the command's status has yet to come through.
    """
    error = sys.exc_info()[1]
    try:
        _tell_bug()
    except Exception:  # noqa: BLE001
        with suppress(Exception):
            _say(f"emissions: {type(error).__name__}; nothing more can be said of it.")


def _tell_bug() -> None:
    import platform  # noqa: PLC0415
    import traceback  # noqa: PLC0415

    from reporter.commands.beside.redaction import masked  # noqa: PLC0415

    _say("\n".join(map(harmless, masked(traceback.format_exc(), os.environ).split("\n"))))
    _say(
        f"emissions: This is a bug in emissions-reporter {__version__}"
        f" (Python {platform.python_version()}, {platform.platform()}).\n"
        "emissions: Please report it with the lines above:"
        " https://github.com/emissions-reporter/emissions-reporter/issues"
    )


def _say(text: str) -> None:
    try:
        print(text, file=sys.stderr, flush=True)  # noqa: T201
    except (OSError, ValueError):
        pass  # stderr is closed: nobody is there to be told
