"""Two hundred publishers of one pull request at once, in virtual time: requests of each, and what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.figure import Figure
from tests.publish.crowd import MANY, Crowd, one_comment, own_comments, sections

SEEDS = range(5)
FEW = 5.0
"""Requests of each, on average."""
CROWDS: tuple[tuple[str, Callable[[int], Crowd], int, float], ...] = (
    ("one comment for all, in the same second", one_comment, 1, FEW),
    ("a comment each, in the same second", own_comments, MANY, FEW),
    ("a section each of one comment, over ten minutes", lambda seed: sections(seed, ends_s=600), 1, FEW),
    ("a section each of one comment, in the same second", sections, 1, FEW),
    ("the same, where the server takes 80 writes a minute", partial(sections, most_writes_a_minute=80), 1, FEW),
    ("the same, by jobs that do not know how many they are", partial(sections, knows_legs=False), 1, 2 * FEW),
)
"""What they write, how many comments are right in the end, and the most requests of each."""


def measure(_folder: Path) -> Iterator[Figure]:
    """The worst of five draws of who comes when, with requests that take 0.1 to 1 s."""
    for what, publish, comments, few in CROWDS:
        crowds = [publish(seed) for seed in SEEDS]
        worst = max(crowd.requests_each for crowd in crowds)
        failed = sum(len(crowd.failures) for crowd in crowds)
        left = {len(crowd.bodies) for crowd in crowds}
        most, took_s = max(crowd.most_requests for crowd in crowds), max(crowd.took_s for crowd in crowds)
        yield Figure(
            what=f"{MANY} publishers at once: {what}",
            value=f"**{worst:.1f} requests** each, {most} of the worst, done in {took_s:.0f} s; "
            f"{failed} of {MANY * len(SEEDS)} failed; comments left: {', '.join(map(str, sorted(left)))}",
            goal=f"≤ {few:g} requests, {comments} right",
            reached=worst <= few and failed == 0 and left == {comments},
        )
