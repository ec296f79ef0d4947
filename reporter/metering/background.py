"""A process that goes on in the background: of a session of its own, with none of its parent's files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from reporter.metering.inbox import is_readable

STREAMS = range(3)
FAILED = 70
"""The exit status that nobody sees."""


class Ready:
    """The end of a pipe on which the background process says once that it is ready."""

    def __init__(self, writable: int) -> None:
        self._writable = writable

    def __call__(self) -> None:
        """Say so; a parent that has given up is no failure."""
        with suppress(OSError):
            os.write(self._writable, b"\n")
            os.close(self._writable)


def is_possible() -> bool:
    """Whether this platform has processes that part with their parent so."""
    return hasattr(os, "fork") and hasattr(os, "setsid")


def occupy_streams() -> None:
    """Let no file of ours get the number of a standard stream that this process was started without."""
    while (number := os.open(os.devnull, os.O_RDWR)) in STREAMS:
        os.set_inheritable(number, True)  # noqa: FBT003
    os.close(number)


def start(work: Callable[[Ready], None], *, log: Path, keep: Iterable[int], limit_s: float) -> bool | None:
    """Do the work in a background process: True once it is ready, False if it ended before, None at the time limit.

    Its stdin is empty, its stdout and stderr go to the log, and of the parent's files it keeps these alone: whoever
    reads the parent's output sees its end. No thread may run yet. Raises OSError where no process can be made.
    """
    readable, writable = os.pipe()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    child = os.fork()
    if child == 0:
        _part(work, Ready(writable), log, {*keep, writable})
    os.close(writable)
    os.waitpid(child, 0)
    try:
        if not is_readable(readable, limit_s):
            return None
        return bool(os.read(readable, 1))
    finally:
        os.close(readable)


def _part(work: Callable[[Ready], None], ready: Ready, log: Path, keep: set[int]) -> NoReturn:
    """Never returns into the parent's code, whatever happens."""
    status = FAILED
    try:
        os.setsid()
        # A second one: it leads no session, so no terminal that it opens becomes its own.
        if os.fork():
            os._exit(0)
        _let_go(log, keep)
        work(ready)
        status = 0
    except BaseException:  # noqa: BLE001
        from traceback import print_exc  # noqa: PLC0415

        with suppress(Exception):
            print_exc()
            sys.stderr.flush()
    finally:
        os._exit(status)


def _let_go(log: Path, keep: set[int]) -> None:
    os.chdir("/")
    nothing = os.open(os.devnull, os.O_RDONLY)
    said = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for number, stream in enumerate((nothing, said, said)):
        os.dup2(stream, number)
    for name in os.listdir("/dev/fd"):  # noqa: PTH208
        if int(name) not in {*STREAMS, *keep}:
            with suppress(OSError):  # the one that the list was read from
                os.close(int(name))
