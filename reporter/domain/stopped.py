"""Jobs that a budget has ended before their time (`--stop-at-budget`): how their flag is written and read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

STOPPED = "stopped-at-budget"
"""The flag: the rule and why follow, as in `stopped-at-budget:50 g: projected 81 g`."""
NOT_HEEDED = "stop-not-heeded"
"""The flag of a job that had to be killed; the time that it had follows."""


WHY = "stopped: "
"""How the reason of a finding begins that fails only because its budget ended the job."""


class Stopped(NamedTuple):
    """The budget that ended a job, as it was written, and why: `projected 81 g`, or `spent`."""

    rule: str
    why: str


def stopped_flag(stopped: Stopped) -> str:
    """The flag for the recording."""
    return f"{STOPPED}:{stopped.rule}: {stopped.why}"


def stopped_by(flags: Iterable[str]) -> Stopped | None:
    """What ended the job; None where it went on to its own end."""
    for flag in flags:
        code, _, detail = flag.partition(":")
        if code == STOPPED:
            rule, _, why = detail.partition(": ")
            return Stopped(rule=rule, why=why or "its budget was spent")
    return None
