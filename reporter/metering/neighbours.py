"""Other jobs of runner services on this machine: while they work, what meters of the whole machine read is theirs too.

GitHub's runner has a worker process for each job and none between jobs. They are seen by /proc alone: in a container
only those of the same process namespace.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress

from reporter.metering.process import ancestors
from reporter.metering.watchdog import RUNNER

FLAG = "shared-machine"


class Neighbours:
    """Looks for workers besides the one that this job runs under; `env` is the job's environment."""

    def __init__(self, env: Mapping[str, str] | None = None) -> None:
        env = os.environ if env is None else env
        self._proc = os.path.join(env.get("EMISSIONS_SYSFS_ROOT") or "/", "proc")  # noqa: PTH118 - slow in loops
        self._in_job = env.get("GITHUB_ACTIONS") == "true"
        self._told = False

    def flags(self) -> list[str]:
        """`shared-machine` the first time that another job is seen. Walks over all processes, some 10 µs each."""
        if self._told:
            return []
        above = {parent.pid for parent, _ in ancestors(os.getpid())}
        workers = self._workers()
        others = workers - above
        # A session's process has left its parents: one of the workers is its own job's all the same.
        if len(others) <= (self._in_job and others == workers):
            return []
        self._told = True
        return [FLAG]

    def _workers(self) -> frozenset[int]:
        found: set[int] = set()
        with suppress(OSError):
            for name in os.listdir(self._proc):  # noqa: PTH208
                if name.isdigit() and self._name(name) == RUNNER:
                    found.add(int(name))
        return frozenset(found)

    def _name(self, pid: str) -> str:
        with suppress(OSError), open(os.path.join(self._proc, pid, "comm"), "rb") as file:  # noqa: PTH118, PTH123
            return file.read(64).decode(errors="replace").rstrip("\n")
        return ""
