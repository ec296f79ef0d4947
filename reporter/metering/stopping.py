"""Ending a command before its time, because somebody asked for it: SIGTERM, time for a checkpoint, then SIGKILL.

SIGTERM goes where Ctrl-C would go: to the command's process group, at a terminal to the command and what it started.
What is in other groups is told when the command has ended; SIGKILL goes to all that is left.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from threading import Lock

from reporter.domain.stopped import NOT_HEEDED
from reporter.metering.clock import NS_PER_S
from reporter.metering.descendants import Descendants
from reporter.metering.inbox import STOP, Inbox

LOOK_NS = NS_PER_S // 10
"""How often to see whether what the command started has ended too."""
LAST_NS = NS_PER_S
"""A process that SIGKILL does not end within this waits for a device: it is not waited for."""


class Stopping:
    """The order to end a command: any thread gives it, the main thread carries it out."""

    def __init__(self, grace_s: float = 0.0) -> None:
        """`grace_s` is the time between SIGTERM and SIGKILL."""
        self.grace_s = grace_s
        self.flag: str | None = None
        """What the order was given for, for the recording."""
        self.ordered_ns: int | None = None
        """When SIGTERM was sent (monotonic)."""
        self.killed = False
        """Whether SIGKILL was needed."""
        self.outlived = False
        """Whether something that the command started was waited for after the command's own end."""
        self._processes: Descendants | None = None
        self._inbox: Inbox | None = None
        self._lock = Lock()
        self._pid = 0
        self._grouped = False
        self._outside: frozenset[int] = frozenset()

    def order(self, flag: str) -> bool:
        """End the command; whether there is one that runs."""
        with self._lock:
            if self._inbox is not None:
                self.flag = flag
                self._inbox.put(STOP)
            return self._inbox is not None

    def listen(self, inbox: Inbox | None) -> None:
        """Where the order goes while the command runs; None: it does not any more."""
        with self._lock:
            self._inbox = inbox

    def follow(self, processes: Descendants) -> None:
        """Who knows what the command has started."""
        self._processes = processes

    def begin(self, pid: int, now_ns: int, *, to_group: bool) -> None:
        """Carry the order out, once. `to_group`: the command leads a group of its own."""
        if self.ordered_ns is not None:
            return
        self.ordered_ns, self._pid, self._grouped = now_ns, pid, to_group
        started = self._alive()
        if to_group:
            self._outside = frozenset(each for each in started if _group(each) != pid)
            send(pid, signal.SIGTERM, to_group=True)
            send(pid, signal.SIGCONT, to_group=True)
        else:
            for each in started | {pid}:
                send(each, signal.SIGTERM, to_group=False)

    def due_ns(self, now_ns: int, *, exited: bool) -> int | None:
        """When to look again; None: nothing is to be done."""
        if self.ordered_ns is None:
            return None
        if exited:
            return now_ns + LOOK_NS
        return None if self.killed else self._deadline_ns

    def go_on(self, now_ns: int, *, exited: bool) -> bool:
        """Do what is due; whether the command has ended and nothing that it started is waited for."""
        if self.ordered_ns is None:
            return exited
        if not self.killed and now_ns >= self._deadline_ns and (not exited or self._left()):
            self.killed = True
            if self._grouped:
                send(self._pid, signal.SIGKILL, to_group=True)
            for each in self._alive() | {self._pid}:
                send(each, signal.SIGKILL, to_group=False)
        if not exited:
            return False
        left = self._left()
        told, self._outside = left & self._outside, frozenset()
        for each in told:
            send(each, signal.SIGTERM, to_group=False)
        self.outlived = self.outlived or bool(left)
        return not left or now_ns >= self._deadline_ns + LAST_NS

    @property
    def flags(self) -> tuple[str, ...]:
        """For the recording: what it was ended for, and whether it had to be killed."""
        if self.ordered_ns is None or self.flag is None:
            return ()
        return (self.flag, *((f"{NOT_HEEDED}:{self.grace_s:g} s",) if self.killed else ()))

    @property
    def _deadline_ns(self) -> int:
        return (self.ordered_ns or 0) + round(self.grace_s * NS_PER_S)

    def _alive(self) -> frozenset[int]:
        return frozenset() if self._processes is None else self._processes.alive()

    def _left(self) -> frozenset[int]:
        return frozenset() if self._processes is None else self._processes.left(None)


def send(pid: int, number: int, *, to_group: bool) -> None:
    """Send a signal to a process that was not reaped yet, so that its id is still its own."""
    with suppress(OSError):
        if to_group:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)


def _group(pid: int) -> int | None:
    with suppress(OSError):
        return os.getpgid(pid)
    return None
