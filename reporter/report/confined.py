"""A user's template rendered in a process of its own: no token at hand, little time, little memory.

The sandbox keeps a template from Python. It cannot keep one from a loop without end, so the process is ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle  # between two processes of ours # nosec B403
import subprocess
import sys
from typing import NamedTuple

from reporter.errors import RenderError
from reporter.report.page import ReportView

MOST_CPU_S = 5
"""Of processor time; a whole comment takes a hundredth of it."""
MOST_WALL_S = 30.0
"""For systems that do not limit processor time, and for a machine that is busy."""
MOST_MEMORY_BYTES = 256 * 1024 * 1024
MOST_TEXT_CHARACTERS = 1024 * 1024
_CHILD = "import sys; sys.path[:] = sys.argv[1:]; from reporter.report.confined import main; main()"
_LINKING = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""Without these some interpreters do not start; nothing else of the environment is handed on."""


class _Answer(NamedTuple):
    """What the other process says: the text, or what is wrong."""

    text: str | None = None
    wrong: str = ""


def rendered(view: ReportView, name: str, source: str) -> str:
    """The comment by a user's template. Raises RenderError naming the template, the line and what is wrong there."""
    command = [sys.executable, "-I", "-c", _CHILD, *filter(None, sys.path)]
    try:
        done = subprocess.run(  # noqa: S603 - ourselves
            command,
            input=pickle.dumps((view, name, source)),
            capture_output=True,
            timeout=MOST_WALL_S,
            env={key: os.environ[key] for key in _LINKING if key in os.environ},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RenderError(f"Template `{name}`: not done after {MOST_WALL_S:.0f} s") from None
    except OSError as error:
        raise RenderError(f"Template `{name}`: no process to render it in ({error.strerror})") from None
    answer = _answer(done.stdout)
    if answer is None:
        ended = f"not done after {MOST_CPU_S} s, or too large" if done.returncode < 0 else "its process failed"
        raise RenderError(f"Template `{name}`: {ended}")
    if answer.text is None:
        raise RenderError(answer.wrong)
    return answer.text


def main() -> None:
    """The other side: view and template from stdin, the answer to stdout."""
    _limit()
    from reporter.report.sandbox import render_user  # noqa: PLC0415 - only on this side

    view, name, source = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by `rendered` # nosec B301
    try:
        text = render_user(view, name, source)
        long = len(text) > MOST_TEXT_CHARACTERS
        wrong = f"Template `{name}`: the result has more than {MOST_TEXT_CHARACTERS:,} characters"
        answer = _Answer(wrong=wrong) if long else _Answer(text=text)
    except RenderError as error:
        answer = _Answer(wrong=error.message)
    except MemoryError:
        answer = _Answer(wrong=f"Template `{name}`: needs more than {MOST_MEMORY_BYTES // 2**20} MiB of memory")
    sys.stdout.buffer.write(json.dumps(answer).encode())


def _answer(written: bytes) -> _Answer | None:
    """The answer, or None where the process ended without one."""
    with contextlib.suppress(Exception):
        return _Answer(*json.loads(written))
    return None


def _limit() -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_CPU, MOST_CPU_S),
        (resource.RLIMIT_AS, MOST_MEMORY_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # where a tighter limit holds already
            resource.setrlimit(what, (most, most))
