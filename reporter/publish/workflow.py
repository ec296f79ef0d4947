"""What a step tells the Actions runner: job summary, outputs, annotations.

Files are the runner's, given by path; lines for standard output are returned, not printed.
"""

from __future__ import annotations

import os
import re
from enum import Enum
from typing import TYPE_CHECKING

from reporter.errors import PublishError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_SUMMARY_BYTES = 900 * 1024
"""For the whole file of the step: beyond 1 MiB GitHub drops all of it."""

_KEPT = "\r\n\u202f\xa0"
"""Ends of lines, and spaces between a number and its unit."""
_OUTPUT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)


class AnnotationKind(Enum):
    """Severity, the worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


def write_summary(path: str | os.PathLike[str], bodies: Iterable[str]) -> bool:
    """Append the first of the bodies (the same report, longest first) that fits; False where none does.

    What the step has written before counts. `PublishError` if the file cannot be written.
    """
    try:
        with open(path, "ab+", opener=_at_once) as summary:
            held_bytes = summary.seek(0, os.SEEK_END)
            gap = b""
            if held_bytes:
                summary.seek(held_bytes - 1)
                gap = b"\n" if summary.read(1) == b"\n" else b"\n\n"
            for body in bodies:
                text = gap + body.encode("utf-8", "replace").rstrip(b"\n") + b"\n"
                if held_bytes + len(text) <= MAX_SUMMARY_BYTES:
                    summary.write(text)
                    return True
    except OSError as error:
        message = f"The job summary cannot be written: {error.strerror or error}"
        raise PublishError(message, hint="GITHUB_STEP_SUMMARY names the file.") from error
    return False


def write_outputs(path: str | os.PathLike[str], outputs: Mapping[str, str | None]) -> None:
    """Append step outputs; None is written as empty.

    Every value stands between random delimiters, so none can end its own and start another.
    `PublishError` if the file cannot be written, ValueError for a name that is no output's.
    """
    text = "".join(_output(name, "" if value is None else value) for name, value in outputs.items())
    try:
        with open(path, "ab", opener=_at_once) as file:
            # Paths may hold bytes that are no UTF-8; they go back to what they were.
            file.write(text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        message = f"The step outputs cannot be written: {error.strerror or error}"
        raise PublishError(message, hint="GITHUB_OUTPUT names the file.") from error


def annotation(kind: AnnotationKind, title: str, message: str) -> str:
    """The workflow command for one annotation, a single line without its line feed."""
    return f"::{kind.value} title={_property(title)}::{_data(message)}"


def _at_once(path: str, flags: int) -> int:
    """A pipe in a file's place is an error, not something to wait for."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)


def _output(name: str, value: str) -> str:
    if _OUTPUT_NAME.fullmatch(name) is None:
        message = f"`{name}` is no name of an output"
        raise ValueError(message)
    delimiter = f"emissions_{os.urandom(16).hex()}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _data(text: str) -> str:
    """On one line, and without what moves the cursor of whoever reads the log in a terminal."""
    shown = "".join(sign if sign.isprintable() or sign in _KEPT else " " for sign in text)
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
