"""Two hundred publishers of one pull request at once, in virtual time: requests of each, and what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figure import Figure
from tests.publish.crowd import MANY, Crowd, one_comment, own_comments, sections

SEEDS = range(5)
FEW = 5.0
"""Requests of each, on average."""
CROWDS: tuple[tuple[str, Callable[[int], Crowd], int], ...] = (
    ("one comment for all, in the same second", one_comment, 1),
    ("a comment each, in the same second", own_comments, MANY),
    ("a section each of one comment, over ten minutes", lambda seed: sections(seed, ends_s=600), 1),
    ("a section each of one comment, in the same second", sections, 1),
)
"""What they write, and how many comments are right in the end."""


def measure(_folder: Path) -> Iterator[Figure]:
    """The worst of five draws of who comes when, with requests that take 0.1 to 1 s."""
    for what, publish, comments in CROWDS:
        crowds = [publish(seed) for seed in SEEDS]
        worst = max(crowd.requests_each for crowd in crowds)
        failed = sum(len(crowd.failures) for crowd in crowds)
        left = {len(crowd.bodies) for crowd in crowds}
        yield Figure(
            what=f"{MANY} publishers at once: {what}",
            value=f"**{worst:.1f} requests** each, done in {max(crowd.took_s for crowd in crowds):.0f} s; "
            f"{failed} of {MANY * len(SEEDS)} failed; comments left: {', '.join(map(str, sorted(left)))}",
            goal=f"≤ {FEW:g} requests, {comments} right",
            reached=worst <= FEW and failed == 0 and left == {comments},
        )
