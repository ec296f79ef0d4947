"""The processes of one command: itself, its children and theirs, by /proc.

A daemon leaves its parents but keeps its session or group; one that leaves these too is known if it was seen before.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import NamedTuple

MOST_PROCESSES = 10_000
"""More are not walked through, which would take longer than a quarter of a second."""

_DEAD = (b"Z", b"X")
_LARGEST = 4 << 20


class _Process(NamedTuple):
    """What /proc/PID/stat says: state, parent, process group, session, and the start in ticks since boot."""

    state: bytes
    parent: int
    group: int
    session: int
    started: int


class Descendants:
    """Follows one command. `root` is the folder that holds proc/."""

    def __init__(self, root: str = "/") -> None:
        self._proc = os.path.join(root, "proc")  # noqa: PTH118 - pathlib is slow in loops
        self._command: int | None = None
        self._known: dict[int, int] = {}
        self._started: int | None = None

    def follow(self, pid: int) -> None:
        """The command runs under this process id, as the leader of its group where it has one of its own."""
        self._command = pid
        with suppress(OSError, ValueError, IndexError):
            self._started = self._stat(str(pid)).started

    def alive(self) -> frozenset[int]:
        """The ids of those that run now: a walk over all processes, some 20 µs each. Empty where nothing is known."""
        return frozenset() if self._command is None else self._followed(self._running())

    def left(self, mark: str | None) -> frozenset[int]:
        """Those that outlived the command. One that left its group too is known by a variable of its environment.

        `mark` is that variable, as `NAME=value`, which the command alone was given.
        """
        started = self._started
        if started is None:
            return frozenset()
        running = self._running()
        followed = self._followed(running) - {self._command}
        later = {pid for pid, process in running.items() if process.started >= started and process.state not in _DEAD}
        marked = {pid for pid in later - followed if mark is not None and self._has(pid, mark)}
        return frozenset(later & followed | marked)

    def _followed(self, running: dict[int, _Process]) -> frozenset[int]:
        command = self._command
        own = {pid for pid, process in running.items() if self._known.get(pid) == process.started}
        own |= {pid for pid, process in running.items() if command in (pid, process.group, process.session)}
        children: dict[int, list[int]] = {}
        for pid, process in running.items():
            children.setdefault(process.parent, []).append(pid)
        found = list(own)
        while found:
            new = [pid for pid in children.get(found.pop(), ()) if pid not in own]
            own.update(new)
            found += new
        # Ids are used again: only together with its start is one the same process.
        self._known = {pid: running[pid].started for pid in own}
        return frozenset(own)

    def _running(self) -> dict[int, _Process]:
        found: dict[int, _Process] = {}
        with suppress(OSError):
            names = [name for name in os.listdir(self._proc) if name.isdigit()]  # noqa: PTH208
            for name in names if len(names) <= MOST_PROCESSES else ():
                # Processes end while they are looked at.
                with suppress(OSError, ValueError, IndexError):
                    found[int(name)] = self._stat(name)
        return found

    def _stat(self, name: str) -> _Process:
        with open(os.path.join(self._proc, name, "stat"), "rb") as file:  # noqa: PTH118, PTH123
            # The name is in brackets and may hold anything, brackets and blanks included.
            fields = file.read(4096).rpartition(b")")[2].split()
        parent, group, session = map(int, fields[1:4])
        return _Process(state=fields[0], parent=parent, group=group, session=session, started=int(fields[19]))

    def _has(self, pid: int, variable: str) -> bool:
        """Whether it was started with this; not to be seen where it is somebody else's."""
        with suppress(OSError), open(os.path.join(self._proc, str(pid), "environ"), "rb") as file:  # noqa: PTH118, PTH123
            return os.fsencode(variable) in file.read(_LARGEST).split(b"\0")
        return False
