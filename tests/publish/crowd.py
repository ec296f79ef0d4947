"""Two hundred publishers of one pull request, in virtual time: what is left, and how often the server was asked."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from reporter.publish.marker import Run, parse
from reporter.publish.sections import CLOSING, Section, opening, read_sections, section_key
from reporter.publish.shared import PACE, publish_section
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


def sections(seed: int, *, ends_s: float = 0.0, deadline_s: float = PACE.deadline_s) -> Crowd:
    """Everybody has a section of one comment."""
    chance, theatre = random.Random(seed), Theatre()
    forge = MemoryForge(theatre, chance)

    def write(index: int, after_s: float) -> None:
        theatre.wait(after_s)
        name = f"leg {index:03}"
        run = Run(run_id=1, number=1, attempt=1, head_sha=HEAD_SHA)
        publish_section(
            forge, pull_request=7, comment_id="one", compose=_compose, clock=lambda: theatre.now_s,
            section=Section(key=section_key(name), name=name, run=run, facts="pass~1", body="text"),
            pause=theatre.wait, between=chance.uniform, pace=PACE._replace(deadline_s=deadline_s),
        )  # fmt: skip

    theatre.play(*(partial(write, index, chance.uniform(0, ends_s)) for index in range(MANY)))
    return _crowd(forge, [", ".join(sorted(one.name for one in _read(body))) for body in forge.comments.values()])


def _compose(found: object, newest: Run, _most_bytes: int) -> str:
    return "".join(f"{opening(one, newest)}\n{one.body}\n{CLOSING}\n" for one in found)


def _read(body: str) -> tuple[Section, ...]:
    marker = parse(body)
    assert marker is not None
    return read_sections(body, marker.run)


def _crowd(forge: MemoryForge, bodies: list[str]) -> Crowd:
    return Crowd(
        bodies=bodies,
        requests_each=len(forge.calls) / MANY,
        took_s=forge.theatre.now_s,
        failures=forge.theatre.failures,
    )
