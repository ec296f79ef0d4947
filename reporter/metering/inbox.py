"""Signals and other news for the main thread, in the order in which they came."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

ON_WINDOWS = sys.platform == "win32"
EXITED = 0
"""What the waiting thread puts among the signals' numbers."""
STOP = 255
"""What a thread puts there that wants the command ended. No signal has the number."""
ENDING = frozenset({"SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"})
"""The signals that ask for an end."""


class Inbox:
    """Signals and the command's end, in the order in which they came.

    A pipe that the interpreter writes to from whichever thread is given a signal: a lock or a queue would be woken
    only if that is the main thread, which alone runs Python's handlers.
    """

    def __init__(self, numbers: Sequence[int]) -> None:
        self._numbers = frozenset((*numbers, EXITED, STOP))
        self._readable, self._writable = os.pipe()
        self._previous = -1
        if not ON_WINDOWS:
            os.set_blocking(self._writable, False)
            self._previous = signal.set_wakeup_fd(self._writable, warn_on_full_buffer=False)

    def receive(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """The handler. On Windows it does what the interpreter does elsewhere."""
        if ON_WINDOWS:
            self.put(number)

    def put(self, number: int) -> None:
        """Add a number; once closed there is no reader who needs it."""
        with suppress(OSError):
            os.write(self._writable, bytes([number]))

    def get(self, timeout_s: float | None) -> int | None:
        """The next number, None if none came in time. On Windows there is no limit."""
        while True:
            if not ON_WINDOWS and not is_readable(self._readable, timeout_s):
                return None
            number = os.read(self._readable, 1)[0]
            if number in self._numbers:
                return number

    def close(self) -> None:
        """Collect no more."""
        if not ON_WINDOWS:
            signal.set_wakeup_fd(self._previous)
        readable, self._readable = self._readable, -1
        writable, self._writable = self._writable, -1
        os.close(readable)
        os.close(writable)


def is_readable(file: int, timeout_s: float | None) -> bool:
    """Whether there is something to read, or the end, in time; `select` would know the first 1024 files alone."""
    waiting = select.poll()
    waiting.register(file, select.POLLIN)
    return bool(waiting.poll(None if timeout_s is None else timeout_s * 1000))


@contextmanager
def collected(names: Iterable[str]) -> Iterator[Inbox]:
    """Collect signals; those that the meter was started to ignore stay ignored, for the command too."""
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    previous = {number: signal.getsignal(number) for number in numbers}
    handled = [number for number, handler in previous.items() if handler not in (signal.SIG_IGN, None)]
    inbox = Inbox(handled)
    for number in handled:
        signal.signal(number, inbox.receive)
    try:
        yield inbox
    finally:
        for number in handled:
            signal.signal(number, previous[number])
        inbox.close()
