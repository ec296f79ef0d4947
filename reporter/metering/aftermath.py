"""What is odd about how a command ended: processes that it left, and the kernel's word that memory was short."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from reporter.metering.command import CommandResult
from reporter.metering.descendants import Descendants
from reporter.metering.session import RECORDING_OF_RUN
from reporter.probes.cgroup import folders

KILLED = 128 + 9
"""The status of a command that the kernel ended for lack of memory."""

_COUNTS = (("", "sys/fs/cgroup", "memory.events"), ("memory", "sys/fs/cgroup/memory", "memory.oom_control"))
"""Controller, where its groups are mounted, and the file that has the count: version 2, then version 1."""
_COUNT = re.compile(r"^oom_kill (\d{1,18})$", re.MULTILINE)


class Remark(NamedTuple):
    """A flag for the report, and what is said of it at once."""

    flag: str
    words: str


class Aftermath:
    """Watches one command from before its start; `env` is its environment."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._root = env.get("EMISSIONS_SYSFS_ROOT") or "/"
        path = env.get(RECORDING_OF_RUN)
        self._mark = None if path is None else f"{RECORDING_OF_RUN}={path}"
        self._killed_before = oom_kills(self._root)
        self.processes = Descendants(self._root)

    def remarks(self, command: CommandResult) -> Iterator[Remark]:
        """To be asked once the command has ended."""
        if command.left_running:
            words = "the command heeded no signal and was left running: the report covers it up to here."
            yield Remark("command-left-running", words)
        elif left := len(self.processes.left(self._mark)):
            which = "a process" if left == 1 else f"{left} processes"
            words = f"the command left {which} running: energy after the command's end is not counted."
            yield Remark(f"command-left-processes:{left}", words)
        if command.exit_status == KILLED and self._killed_more():
            words = "the command was killed, likely out of memory: the kernel ended a process of this job for that."
            yield Remark("out-of-memory", words)

    def _killed_more(self) -> bool:
        now = oom_kills(self._root)
        return self._killed_before is not None and now is not None and now > self._killed_before


def oom_kills(root: str = "/") -> int | None:
    """Processes of this control group, and of those in it, killed for lack of memory so far; None: nobody counts."""
    for controller, top, name in _COUNTS:
        for folder in folders(Path(root), controller, Path(root) / top):
            try:
                found = _COUNT.search((folder / name).read_text())
            except (OSError, ValueError):
                continue
            if found:
                return int(found[1])
    return None
