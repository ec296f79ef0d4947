"""Other processes by /proc: the same one only together with its start, since ids are used again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

_ENDED = (b"Z", b"X")
"""A zombie has ended; only its parent does not know yet."""
_MOST_ANCESTORS = 64


class Process(NamedTuple):
    """One process; `started` is the time of its start in ticks since boot, 0 where there is no /proc."""

    pid: int
    started: int

    @property
    def is_alive(self) -> bool:
        """Whether it runs still; without /proc, whether some process has its id."""
        if self.started:
            return process(self.pid) == self
        try:
            os.kill(self.pid, 0)
        except OSError:
            return False
        return True


def this_process() -> Process:
    """The one that asks."""
    return process(os.getpid()) or Process(pid=os.getpid(), started=0)


def process(pid: int) -> Process | None:
    """The process that runs under this id; None where none does, or there is no /proc."""
    found = _stat(pid)
    return None if found is None else Process(pid=pid, started=found.started)


def ancestors(pid: int) -> Iterator[tuple[Process, str]]:
    """The parents of this process, the nearest first, each with its name."""
    found = _stat(pid)
    for _ in range(_MOST_ANCESTORS):
        if found is None or found.parent <= 0:
            return
        pid = found.parent
        found = _stat(pid)
        if found is not None:
            yield Process(pid=pid, started=found.started), found.name


class _Stat(NamedTuple):
    name: str
    parent: int
    started: int


def _stat(pid: int) -> _Stat | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
            text = file.read(4096)
        # The name is in brackets and may hold anything, brackets and blanks included.
        before, _, after = text.rpartition(b")")
        fields = after.split()
        if fields[0] in _ENDED:
            return None
        name = before.partition(b"(")[2].decode(errors="replace")
        return _Stat(name=name, parent=int(fields[1]), started=int(fields[19]))
    except (OSError, ValueError, IndexError):
        return None
