"""One comment per pull request and id: when it is created, edited, left alone. Knows no forge.

The rules, in order: an own comment that carries our marker is edited, the oldest one first; a newer run's text stays;
the same text is not sent again; a pull request that has moved on gets nothing from an old commit.
"""

from __future__ import annotations

import random
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING

from reporter.errors import ForgeUnreachable, NotPermitted, PublishError
from reporter.publish import CommentGone, CommentRefused
from reporter.publish.marker import Marker, Run, digest_of, key_of, mark, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reporter.publish import Comment, Forge

MAX_COMMENT_BYTES = 60_000
"""Marker included, in UTF-8; never fewer bytes than characters, so both of GitHub's 65,536 are safe."""
LOST_REPLY_PAUSE_S = 2.0
CREATE_TRIES = 2
CROWD_S = 3.0
"""Over so long do writers of one comment spread themselves, so that one of them creates it and the others find it."""
CROWD_LOOKS = 3


class CommentMode(Enum):
    """When a comment is wanted; one that exists is kept up to date in every mode but `off`."""

    ALWAYS = "always"
    CHANGES = "changes"
    OVER_BUDGET = "over-budget"
    OFF = "off"


class PostAction(Enum):
    """What became of the comment."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOutcome:
    """What was done; `reason` says why nothing was, `url` is the comment's address where there is one."""

    action: PostAction
    url: str | None = None
    reason: str | None = None


def publish_comment(  # noqa: PLR0913 - the whole job in one call, all by name
    forge: Forge,
    *,
    pull_request: int,
    comment_id: str,
    run: Run,
    bodies: Iterable[str],
    mode: CommentMode = CommentMode.ALWAYS,
    over_budget: bool = False,
    changed: bool = True,
    crowded: bool = False,
    pause: Callable[[float], None] = time.sleep,
    between: Callable[[float, float], float] = random.uniform,
) -> PostOutcome:
    """Bring the comment of this id up to date.

    `bodies` are the same report, longest first; the first that fits is posted, the last when the forge refuses it.
    `crowded`: several write this comment at the same time, so it pays to come one by one and to look again afterwards.
    Not posting is an outcome; failing to is a `PublishError`.
    """
    if mode is CommentMode.OFF:
        return PostOutcome(action=PostAction.SKIPPED, reason="comments are off")
    draft = _Draft(key=key_of(comment_id), run=run, rest=iter(bodies))
    draft.take_first_that_fits()
    silent_because = silence(mode, over_budget=over_budget, changed=changed)
    post = _Post(forge=forge, pull_request=pull_request, draft=draft, silent_because=silent_because, pause=pause)
    if not crowded:
        return post.settle()
    pause(between(0.0, CROWD_S))
    return post.hold(post.settle())


@dataclass(slots=True, kw_only=True)
class _Draft:
    """The text to post, and shorter ones to fall back on."""

    key: str
    run: Run
    rest: Iterator[str]
    body: str = ""

    @property
    def text(self) -> str:
        return mark(self.body, key=self.key, run=self.run)

    def take_first_that_fits(self) -> None:
        length = 0
        for body in self.rest:
            self.body = _postable(body)
            length = len(self.text.encode("utf-8"))
            if length <= MAX_COMMENT_BYTES:
                return
        message = f"The shortest form of the report has {length} bytes; a comment takes {MAX_COMMENT_BYTES}"
        raise PublishError(message, hint="Shorten the comment's template, or the names of the jobs.")

    def take_shortest(self) -> bool:
        """Whether there is a shorter text than the one refused."""
        refused = self.body
        for body in self.rest:
            self.body = _postable(body)
        return len(self.body) < len(refused)


@dataclass(slots=True, kw_only=True)
class _Post:
    """One round of posting, with what was learnt on the way."""

    forge: Forge
    pull_request: int
    draft: _Draft
    silent_because: str | None
    pause: Callable[[float], None]
    closed: set[int] = field(default_factory=set)  # gone, or not ours to edit

    def settle(self) -> PostOutcome:
        """Decide by what is there; after a create whose reply was lost, look again before creating another."""
        lost: ForgeUnreachable | None = None
        for tries_left in range(CREATE_TRIES, -1, -1):
            outcome = self._edit()
            if outcome is not None:
                mine = lost is not None and outcome.action is PostAction.UNCHANGED
                return replace(outcome, action=PostAction.CREATED) if mine else outcome
            if tries_left == 0:
                break
            if self.silent_because is not None:
                return PostOutcome(action=PostAction.SKIPPED, reason=self.silent_because)
            if (moved := moved_on(self.forge, self.pull_request, self.draft.run)) is not None:
                return PostOutcome(action=PostAction.SKIPPED, reason=moved)
            try:
                created = self._write(lambda text: self.forge.create(self.pull_request, text))
            except ForgeUnreachable as error:
                lost = error
                self.pause(LOST_REPLY_PAUSE_S)
            else:
                return self._converge(created)
        raise lost or AssertionError

    def hold(self, outcome: PostOutcome) -> PostOutcome:
        """Write again what an older run has overwritten: it had looked before we wrote."""
        for _ in range(CROWD_LOOKS):
            if outcome.action not in (PostAction.CREATED, PostAction.UPDATED):
                break
            self.pause(LOST_REPLY_PAUSE_S)
            with suppress(PublishError):  # what was written was written
                again = self._edit()
                if again is None or again.action is PostAction.UNCHANGED:
                    break
                outcome = again
        return outcome

    def _edit(self, *, below: int | None = None) -> PostOutcome | None:
        """Bring the lowest comment of ours up to date; None where there is none that can be edited."""
        for comment, marker in self._marked():
            if below is not None and comment.comment_id >= below:
                continue
            if marker.run.order > self.draft.run.order:
                reason = f"the comment is by a newer run ({run_text(marker.run)}; this is {run_text(self.draft.run)})"
                return PostOutcome(action=PostAction.SKIPPED, url=comment.url, reason=reason)
            if marker.digest == digest_of(self.draft.body):
                return PostOutcome(action=PostAction.UNCHANGED, url=comment.url)
            if (moved := moved_on(self.forge, self.pull_request, self.draft.run)) is not None:
                return PostOutcome(action=PostAction.SKIPPED, url=comment.url, reason=moved)
            try:
                edited = self._write(partial(self.forge.update, comment.comment_id))
            except (CommentGone, NotPermitted):
                # Deleted since, or somebody else's: an author check by name alone can be wrong.
                self.closed.add(comment.comment_id)
            else:
                return PostOutcome(action=PostAction.UPDATED, url=edited.url)
        return None

    def _converge(self, created: Comment) -> PostOutcome:
        """Leave one comment when two writers found none: the lower id stays, and gets the newer text."""
        done = PostOutcome(action=PostAction.CREATED, url=created.url)
        with suppress(PublishError):  # the comment is there, whatever happens now
            outcome = self._edit(below=created.comment_id)
            if outcome is not None:
                done = outcome
                self.forge.delete(created.comment_id)
        return done

    def _marked(self) -> list[tuple[Comment, Marker]]:
        """Our comments with this id, the lowest first."""
        found = [
            (comment, marker)
            for comment in self.forge.own_comments(self.pull_request)
            if comment.comment_id not in self.closed
            and (marker := parse(comment.body)) is not None
            and marker.key == self.draft.key
        ]
        return sorted(found, key=lambda pair: pair[0].comment_id)

    def _write(self, send: Callable[[str], Comment]) -> Comment:
        try:
            return send(self.draft.text)
        except CommentRefused:
            if not self.draft.take_shortest():
                raise
        return send(self.draft.text)


def moved_on(forge: Forge, pull_request: int, run: Run, *, head_sha: str | None = None) -> str | None:
    """Why this run may not write any more: the pull request has another head than the one measured.

    `head_sha` is the head where it was just read; else the forge is asked.
    """
    measured = run.head_sha
    if not measured:
        return None
    head = head_sha or forge.head_sha(pull_request)
    return None if head == measured else f"the pull request is at {head[:7]} by now; this run is of {measured[:7]}"


def silence(mode: CommentMode, *, over_budget: bool, changed: bool) -> str | None:
    """Why this report makes no new comment, if it makes none."""
    if mode is CommentMode.CHANGES and not changed:
        return "nothing has changed, and the comment is for changes only"
    if mode is CommentMode.OVER_BUDGET and not over_budget:
        return "no budget is exceeded, and the comment is for that only"
    return None


def _postable(body: str) -> str:
    """The text as a forge stores it: line feeds, nothing that UTF-8 cannot hold."""
    return body.replace("\r\n", "\n").replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def run_text(run: Run) -> str:
    """A run, in words."""
    return f"run {run.number}, attempt {run.attempt}"
