"""One comment that the legs of a matrix share, without a job that waits for them. Knows no forge.

Each leg brings its own section.
A forge has no way to write only if nothing was written since, so a leg may overwrite what another has just added.
Therefore every writer

- writes soon after it has read (`Pace.fresh_s`), never a text that had to wait;
- looks again after a pause that is longer than any other's way from reading to writing (`Pace.settle_s`);
- remembers every section that it has seen, and writes again where one of them is missing.

So the last to write a section is still there when it gets lost: whoever overwrote it had read before it was written,
and has therefore written before the look of the one who wrote it. What is written only ever grows, so this ends.
The pauses are drawn by chance, and from a wider range the more legs are still to come, and with each loss (`pace`).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from reporter.errors import ForgeUnreachable, NotPermitted, PublishError
from reporter.publish import CommentGone, CommentRefused, ForgeBusy
from reporter.publish.marker import Run, key_of, mark, parse
from reporter.publish.pace import Pace, pace_for
from reporter.publish.sections import Section, holds, merged, newest_run, read_sections
from reporter.publish.sticky import (
    LOST_REPLY_PAUSE_S,
    MAX_COMMENT_BYTES,
    CommentMode,
    PostAction,
    PostOutcome,
    moved_on,
    run_text,
    silence,
)

if TYPE_CHECKING:
    from reporter.publish import Comment, Forge

Compose = Callable[[Sequence[Section], Run, int], str]
"""The sections, the newest run, the bytes there are: the comment without its first line. Raises PublishError."""


PACE = pace_for(None)
BUSY_SPREAD_S = 5.0


def publish_section(  # noqa: PLR0913 - the whole job in one call, all by name
    forge: Forge,
    *,
    pull_request: int,
    comment_id: str,
    section: Section,
    compose: Compose,
    mode: CommentMode = CommentMode.ALWAYS,
    over_budget: bool = False,
    changed: bool = True,
    pace: Pace = PACE,
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
    between: Callable[[float, float], float] = random.uniform,
) -> PostOutcome:
    """Bring this section of the comment up to date, and lose none of the others.

    Not posting is an outcome; failing to is a `PublishError`.
    """
    if mode is CommentMode.OFF:
        return PostOutcome(action=PostAction.SKIPPED, reason="comments are off")
    writer = _Writer(
        forge=forge,
        pull_request=pull_request,
        key=key_of(comment_id),
        mine=section,
        compose=compose,
        silent_because=silence(mode, over_budget=over_budget, changed=changed),
        pace=pace,
        pause=pause,
        clock=clock,
        between=between,
    )
    return writer.settle()


class _Seen(NamedTuple):
    """A comment of this id, as it was read."""

    comment: Comment
    run: Run
    sections: tuple[Section, ...]


@dataclass(slots=True, kw_only=True)
class _Writer:
    """One leg's way to its section, with what was learnt on the way."""

    forge: Forge
    pull_request: int
    key: str
    mine: Section
    compose: Compose
    silent_because: str | None
    pace: Pace
    pause: Callable[[float], None]
    clock: Callable[[], float]
    between: Callable[[float, float], float]
    known: tuple[Section, ...] = ()
    """Every section seen so far, and ours."""
    target: _Seen | None = None
    """The comment that stays: the lowest."""
    others: tuple[_Seen, ...] = ()
    """Its duplicates, by the last look at all comments."""
    read_at_s: float = 0.0
    done: PostAction | None = None
    closed: set[int] = field(default_factory=set)  # gone, or not ours to edit
    created: set[int] = field(default_factory=set)
    there_before: frozenset[int] = frozenset()
    most_bytes: int = MAX_COMMENT_BYTES
    trouble: PublishError | None = None

    def settle(self) -> PostOutcome:
        """Look, write, look again, until nothing is missing."""
        give_up_at_s = self.clock() + self.pace.deadline_s
        self.pause(self.between(0.0, self.pace.start_s))
        head_sha = self._look()
        if (moved := moved_on(self.forge, self.pull_request, self.mine.run, head_sha=head_sha)) is not None:
            return PostOutcome(action=PostAction.SKIPPED, reason=moved)
        self.there_before = frozenset(seen.comment.comment_id for seen in self.others)
        self._take_revision()
        for losses in range(self.pace.most_writes + 1):
            outcome = self._outcome()
            if outcome is not None:
                return outcome
            if losses == self.pace.most_writes or self.clock() >= give_up_at_s:
                break
            self._write(give_up_at_s)
            self._look_again(losses)
        if self.trouble is not None:
            raise self.trouble
        message = f"Others kept overwriting this job's section of the comment ({losses} tries)"
        hint = "Its report is in the job summary. One job that reports for all has no such trouble: `mode: report`."
        raise PublishError(message, hint=hint)

    def _outcome(self) -> PostOutcome | None:
        """How it ends; None while something is still to be written.

        Who has written looks after what it wrote, even where a newer run has taken its own section's place.
        """
        url = None if self.target is None else self.target.comment.url
        superseded = self._superseded()
        if superseded is not None and (self.done is None or self.target is None):
            return PostOutcome(action=PostAction.SKIPPED, url=url, reason=superseded)
        if self.target is None:
            silent = self.silent_because
            return None if silent is None else PostOutcome(action=PostAction.SKIPPED, reason=silent)
        if not self.target.sections and self.target.run.order > self.mine.run.order:
            reason = f"the comment is by a newer run ({run_text(self.target.run)}; this is {run_text(self.mine.run)})"
            return PostOutcome(action=PostAction.SKIPPED, url=url, reason=reason)
        if not holds(self.target.sections, self.known):
            return None
        if self.done is not None:
            self._tidy()
        if superseded is not None:
            return PostOutcome(action=PostAction.SKIPPED, url=url, reason=superseded)
        arrived = PostAction.UPDATED if self.trouble else PostAction.UNCHANGED
        return PostOutcome(action=self.done or arrived, url=url)

    def _superseded(self) -> str | None:
        """Why our section has no place in the comment any more."""
        if holds(self.known, (self.mine,)):
            return None
        newest = newest_run(self.known) or self.mine.run
        if newest.order == self.mine.run.order:
            return f"another job of this run has the section `{self.mine.name}`; `comment-section` keeps them apart"
        return f"the comment is by a newer run ({run_text(newest)}; this is {run_text(self.mine.run)})"

    def _look(self) -> str | None:
        """All comments of ours with this id; what they say is remembered. The head, where the forge says it besides."""
        self.read_at_s = self.clock()
        conversation = self.forge.conversation(self.pull_request)
        found = [
            _Seen(comment, marker.run, read_sections(comment.body, marker.run))
            for comment in conversation.own
            if comment.comment_id not in self.closed
            and (marker := parse(comment.body)) is not None
            and marker.key == self.key
        ]
        found.sort(key=lambda seen: seen.comment.comment_id)
        self.target, self.others = (found[0] if found else None), tuple(found[1:])
        self._learn(found)
        return conversation.head_sha

    def _look_at(self, comment_id: int) -> None:
        """The one comment; another look at all where it is gone, or is no longer what it was."""
        self.read_at_s = self.clock()
        try:
            comment = self.forge.comment(comment_id)
        except (CommentGone, NotPermitted):
            comment = None
        marker = None if comment is None else parse(comment.body)
        if comment is None or marker is None or marker.key != self.key:
            self._look()
            return
        self.target = _Seen(comment, marker.run, read_sections(comment.body, marker.run))
        self._learn([self.target])

    def _learn(self, found: Sequence[_Seen]) -> None:
        self.known = merged((self.mine, *self.known, *(section for seen in found for section in seen.sections)))

    def _take_revision(self) -> None:
        """Our section comes after what an earlier step of the same attempt has written under its name."""
        held = self.target.sections if self.target else ()
        for other in held:
            if other.key == self.mine.key and other.readable and other.run.order == self.mine.run.order:
                same = other.facts == self.mine.facts and other.body in ("", self.mine.body) and not other.body_lost
                self.mine = replace(self.mine, revision=other.revision + (not same))
        self.known = merged((self.mine, *self.known))

    def _write(self, give_up_at_s: float) -> None:
        """Write all that is known, and our own, into the lowest comment, or into a new one."""
        text, target = self._text(), self.target
        try:
            if target is None:
                self.created.add(self.forge.create(self.pull_request, text, patient=False).comment_id)
            else:
                self.forge.update(target.comment.comment_id, text, patient=False)
        except (CommentGone, NotPermitted):
            if target is None:
                raise
            # Deleted since, or somebody else's: an author check by name alone can be wrong.
            self.closed.add(target.comment.comment_id)
        except CommentRefused as error:
            if self.most_bytes < MAX_COMMENT_BYTES:
                raise
            self.most_bytes, self.trouble = MAX_COMMENT_BYTES // 3, error
        except ForgeBusy as error:
            room_s = give_up_at_s - self.clock() - error.pause_s
            if room_s <= 0:
                raise
            self.trouble = error
            # Those who were refused together do not come back together.
            spread_s = BUSY_SPREAD_S + self.pace.spread_s(self._there())
            self.pause(error.pause_s + self.between(0.0, min(room_s, spread_s)))
        except ForgeUnreachable as error:  # it may have been written all the same
            self.trouble = error
            self.pause(LOST_REPLY_PAUSE_S)
        else:
            self.done = self.done or (PostAction.UPDATED if target else PostAction.CREATED)
            self.trouble = None

    def _text(self) -> str:
        """Everything known, in as much room as there is; after another look where the last one is too long ago."""
        if self.target is not None and self.clock() - self.read_at_s > self.pace.fresh_s:
            self._look_at(self.target.comment.comment_id)
        newest = newest_run(self.known) or self.mine.run
        room = self.most_bytes - len(mark("", key=self.key, run=newest).encode())
        return mark(self.compose(self.known, newest, room), key=self.key, run=newest)

    def _look_again(self, losses: int) -> None:
        """After what we wrote has had the time to be overwritten; at once where nothing was written."""
        target = self.target
        gone = target is not None and target.comment.comment_id in self.closed
        if not gone and not isinstance(self.trouble, ForgeBusy):
            self.pause(self.between(*self.pace.settle_within_s(losses, self._there())))
        if target is None or gone or self.others or self.trouble is not None:
            self._look()
        else:
            self._look_at(target.comment.comment_id)

    def _there(self) -> int:
        """How many sections the comment had when it was last read."""
        return 0 if self.target is None else len(self.target.sections)

    def _tidy(self) -> None:
        """Delete duplicates, now that all they said is in the comment that stays.

        Our own, and those that were there when we began: their writer has not come back for them.
        """
        for seen in self.others:
            if seen.comment.comment_id in self.created | self.there_before:
                with suppress(PublishError):  # the comment is there, whatever happens now
                    self.forge.delete(seen.comment.comment_id)
