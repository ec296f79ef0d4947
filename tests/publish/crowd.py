"""Two hundred publishers of one pull request, in virtual time: what is left, and how often the server was asked."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from reporter.publish.marker import Run, parse
from reporter.publish.pace import pace_for
from reporter.publish.sections import CLOSING, Section, opening, read_sections, section_key
from reporter.publish.shared import publish_section
from reporter.publish.sticky import publish_comment
from tests.github.fake import HEAD_SHA
from tests.publish.theatre import MemoryForge, Theatre

MANY = 200


class Crowd(NamedTuple):
    """How it went; a body is that of a comment without its marker, or the names of its sections."""

    bodies: list[str]
    requests_each: float
    took_s: float
    failures: list[BaseException]
    most_requests: int = 0
    """Of one publisher."""
    created: int = 0
    """Comments that were new: so many mails."""
    refused: int = 0
    """Writes that the server did not take, because there were too many in a minute."""
    waited_s: tuple[float, ...] = ()
    """How long each was busy with it."""


class PlainForge(MemoryForge):
    """Its comments are whole."""

    shared = False


def one_comment(seed: int, *, ends_s: float = 0.0) -> Crowd:
    """Everybody writes the same comment; run 199 is the newest."""
    return _publish(seed, ends_s, lambda _: "one", crowded=True)


def own_comments(seed: int, *, ends_s: float = 0.0) -> Crowd:
    """Everybody has a comment of their own."""
    return _publish(seed, ends_s, str, crowded=False)


def _publish(seed: int, ends_s: float, name: Callable[[int], str], *, crowded: bool) -> Crowd:
    chance, theatre = random.Random(seed), Theatre()
    forge = PlainForge(theatre, chance)

    def write(index: int, after_s: float) -> None:
        theatre.wait(after_s)
        run = Run(run_id=index + 1, number=index + 1, attempt=1, head_sha=HEAD_SHA)
        publish_comment(
            forge, pull_request=7, comment_id=name(index), run=run, bodies=[f"run {index}"], crowded=crowded,
            pause=theatre.wait, between=chance.uniform,
        )  # fmt: skip

    theatre.play(*(partial(write, index, chance.uniform(0, ends_s)) for index in range(MANY)))
    return _crowd(forge, [body.splitlines()[-1] for body in forge.comments.values()])


def sections(
    seed: int,
    *,
    ends_s: float = 0.0,
    legs: int = MANY,
    knows_legs: bool = True,
    slowest_s: float = 1.0,
    most_writes_a_minute: int | None = None,
    deadline_s: float | None = None,
) -> Crowd:
    """Everybody has a section of one comment; in Actions each knows how many there are."""
    chance, theatre = random.Random(seed), Theatre()
    forge = MemoryForge(theatre, chance, slowest_s)
    forge.most_writes_a_minute = most_writes_a_minute
    pace = pace_for(legs if knows_legs else None)
    pace = pace if deadline_s is None else pace._replace(deadline_s=deadline_s)
    waited_s: list[float] = []

    def write(index: int, after_s: float) -> None:
        theatre.wait(after_s)
        name = f"leg {index:03}"
        run = Run(run_id=1, number=1, attempt=1, head_sha=HEAD_SHA)
        try:
            publish_section(
                forge, pull_request=7, comment_id="one", compose=_compose, clock=lambda: theatre.now_s,
                section=Section(key=section_key(name), name=name, run=run, facts="pass~1", body="text"),
                pause=theatre.wait, between=chance.uniform, pace=pace,
            )  # fmt: skip
        finally:
            waited_s.append(theatre.now_s - after_s)

    theatre.play(*(partial(write, index, chance.uniform(0, ends_s)) for index in range(legs)))
    bodies = [", ".join(sorted(one.name for one in _read(body))) for body in forge.comments.values()]
    return _crowd(forge, bodies, legs)._replace(waited_s=tuple(waited_s))


def _compose(found: object, newest: Run, _most_bytes: int) -> str:
    return "".join(f"{opening(one, newest)}\n{one.body}\n{CLOSING}\n" for one in found)


def _read(body: str) -> tuple[Section, ...]:
    marker = parse(body)
    assert marker is not None
    return read_sections(body, marker.run)


def _crowd(forge: MemoryForge, bodies: list[str], publishers: int = MANY) -> Crowd:
    return Crowd(
        bodies=bodies,
        requests_each=len(forge.calls) / publishers,
        took_s=forge.theatre.now_s,
        failures=forge.theatre.failures,
        most_requests=max(Counter(forge.callers).values()),
        created=forge.created,
        refused=forge.refused,
    )
