"""When a session that nobody stops ends by itself: nothing of ours runs on after its job."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from reporter.metering.clock import NS_PER_S
from reporter.metering.process import Process, ancestors, process
from reporter.metering.session import Session

WATCH_S = 2.0
RUNNER = "Runner.Worker"
"""The process of GitHub's runner that runs one job and ends with it."""
HOSTED_LONGEST_S = 6 * 3600.0
LONGEST_S = 120 * 3600.0
"""GitHub's limits for a job, on its own runners and on others: docs.github.com/actions/reference/limits."""


class Anchor(NamedTuple):
    """A process that the session does not outlive."""

    process: Process
    ended: str
    """What it means that it is gone."""


class Watchdog(NamedTuple):
    """Looks after one session; `lock` is what its folder is held with, `start_ns` is monotonic."""

    session: Session
    lock: int
    anchor: Anchor | None
    start_ns: int
    longest_s: float

    def orphaned(self, now_ns: int) -> str | None:
        """Why nobody will stop the session any more; None while somebody may."""
        if not self.session.is_held_by(self.lock):
            return "its state folder is gone"
        if now_ns - self.start_ns > self.longest_s * NS_PER_S:
            return f"{self.longest_s / 3600:g} h have passed"
        if self.anchor is not None and not self.anchor.process.is_alive:
            return self.anchor.ended
        return None


def longest_s(environ: Mapping[str, str]) -> float:
    """How long a session may last where nobody says it, seconds."""
    return HOSTED_LONGEST_S if environ.get("RUNNER_ENVIRONMENT") == "github-hosted" else LONGEST_S


def anchor(environ: Mapping[str, str]) -> Anchor | None:
    """What a session that this process starts depends on: the job's runner, or the login session outside CI."""
    for parent, name in ancestors(os.getpid()):
        if name == RUNNER:
            return Anchor(parent, "the job has ended")
    if environ.get("CI") or environ.get("GITHUB_RUN_ID"):
        return None
    leader = os.getsid(0)
    found = None if leader in (0, os.getpid()) else process(leader)
    return None if found is None else Anchor(found, "the terminal or the script that it was started from has ended")
