"""How long those who write one comment together wait, so that they seldom overwrite each other. Pure.

A leg reads, and writes a moment later; whoever writes in between is overwritten and has to come again.
So the more legs there still are to come, the wider they spread, before they begin and between two looks.
How many may end together action.yml tells each of them; how many are there already the comment does.
"""

from __future__ import annotations

import re
from typing import NamedTuple

FEW_LEGS = 20
"""So many get along without more waiting, even if they end in the same second."""
MOST_LEGS = 256
"""GitHub's limit for a matrix; a greater number is no matrix."""
WRITES_A_MINUTE = 80
"""GitHub's secondary limit for content."""
DEADLINE_S_PER_LEG = 1.5
"""Each leg writes about twice."""


class Pace(NamedTuple):
    """How long a writer waits, and when it gives up, in seconds."""

    legs: int = 1
    """How many are expected to share the comment."""
    start_s: float = 2.0
    """At most so long before the first look: legs that end together come one by one."""
    settle_s: tuple[float, float] = (5.0, 8.0)
    growth_s: float = 4.0
    """So much longer may the next pause be for each time that a section got lost."""
    leg_s: float = 60.0 / WRITES_A_MINUTE
    """So much longer may a pause of a large matrix be for each leg that is still to come."""
    fresh_s: float = 3.0
    """What was read longer ago is read again before it is written."""
    deadline_s: float = 150.0
    most_writes: int = 10

    def settle_within_s(self, losses: int, there: int) -> tuple[float, float]:
        """The shortest and the longest pause before looking again, when so many sections are there."""
        few = 0 if losses else FEW_LEGS  # who has lost one knows that the others are at it, however few
        shortest_s, longest_s = self.settle_s
        return shortest_s, longest_s + max(losses * self.growth_s, self.spread_s(there, few=few))

    def spread_s(self, there: int, *, few: int = 0) -> float:
        """Over so long do those spread who are still to come, but for so few."""
        return max(0, self.legs - there - few) * self.leg_s if self.legs > FEW_LEGS else 0.0


def legs_of(text: str | None) -> int | None:
    """How many legs may end together, in the words of action.yml; None where that is no such number."""
    return int(text) if text and re.fullmatch(r"[1-9]\d{0,2}", text, re.ASCII) else None


def pace_for(legs: int | None) -> Pace:
    """The pace of one of so many legs; None: nobody knows how many."""
    known = legs if legs is not None and 0 < legs <= MOST_LEGS else 1
    many, usual = max(0, known - FEW_LEGS), Pace()
    return usual._replace(
        legs=known,
        start_s=usual.start_s + many * usual.leg_s,
        deadline_s=usual.deadline_s + many * DEADLINE_S_PER_LEG,
    )
