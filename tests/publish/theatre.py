"""Many writers in virtual time, over a forge in memory."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from reporter.publish import Comment, CommentGone, Conversation, ForgeBusy
from tests.github.fake import HEAD_SHA

PAGE = 100
"""Comments on one page of a list."""
LIMIT_PAUSE_S = 60.0


class Theatre:
    """Threads of which one runs at a time, in the order of a clock of their own: a race that can be run again."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.waiting: list[tuple[float, int, threading.Event]] = []
        self.order = itertools.count()
        self.turn = threading.Event()
        self.failures: list[BaseException] = []

    def wait(self, seconds: float) -> None:
        mine = threading.Event()
        heapq.heappush(self.waiting, (self.now_s + seconds, next(self.order), mine))
        self.turn.set()
        mine.wait()

    def play(self, *parts: Callable[[], object]) -> None:
        """Run every part to its end."""

        def act(part: Callable[[], object], begin: threading.Event) -> None:
            begin.wait()
            try:
                part()
            except BaseException as error:  # noqa: BLE001 - shown by the test
                self.failures.append(error)
            self.turn.set()

        for part in parts:
            begin = threading.Event()
            heapq.heappush(self.waiting, (0.0, next(self.order), begin))
            threading.Thread(target=act, args=(part, begin), daemon=True).start()
        while self.waiting:
            self.now_s, _, next_one = heapq.heappop(self.waiting)
            self.turn.clear()
            next_one.set()
            self.turn.wait()


class MemoryForge:
    """Comments in memory; every call takes a while, and does what it does somewhere in the middle of it."""

    shared = True
    """Whether its comments are made of sections."""

    def __init__(self, theatre: Theatre, chance: random.Random, slowest_s: float = 1.0) -> None:
        self.theatre = theatre
        self.chance = chance
        self.slowest_s = slowest_s
        self.comments: dict[int, str] = {}
        self.ids = itertools.count(1)
        self.calls: list[str] = []
        self.callers: list[int] = []
        self.writes = itertools.count(1)
        self.lost: set[int] = set()
        """Numbers of the writes that a writer who had read before overwrites at once."""
        self.most_writes_a_minute: int | None = None
        self.written_at_s: list[float] = []
        self.refused = 0
        self.created = 0

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        self.theatre.wait(self.chance.uniform(0.05, self.slowest_s / 2))
        self.calls.append(name)
        self.callers.append(threading.get_ident())
        yield
        self.theatre.wait(self.chance.uniform(0.05, self.slowest_s / 2))

    def count_write(self) -> None:
        """Hold to the limit of writes in a minute, as GitHub's secondary limit does."""
        lately = [at_s for at_s in self.written_at_s if at_s > self.theatre.now_s - LIMIT_PAUSE_S]
        if self.most_writes_a_minute is not None and len(lately) >= self.most_writes_a_minute:
            self.refused += 1
            raise ForgeBusy("too many", pause_s=LIMIT_PAUSE_S)
        self.written_at_s = [*lately, self.theatre.now_s]

    def of(self, comment_id: int) -> Comment:
        if comment_id not in self.comments:
            raise CommentGone("gone")
        return Comment(comment_id=comment_id, body=self.comments[comment_id], url=f"#{comment_id}")

    def own_comments(self, pull_request: int) -> tuple[Comment, ...]:
        for _ in range(1, -(-len(self.comments) // PAGE)):
            with self.call("list"):
                pass
        with self.call("list"):
            found = tuple(map(self.of, self.comments))
        assert pull_request == 7
        return found

    def conversation(self, pull_request: int) -> Conversation:
        """As by GraphQL: the head in the same answer."""
        return Conversation(self.own_comments(pull_request), HEAD_SHA)

    def comment(self, comment_id: int) -> Comment:
        with self.call("get"):
            found = self.comments.get(comment_id)
        if found is None:
            raise CommentGone("gone")
        return Comment(comment_id=comment_id, body=found, url=f"#{comment_id}")

    def create(self, pull_request: int, body: str, *, patient: bool = True) -> Comment:
        assert pull_request == 7
        assert not patient or not self.shared, "who had to wait must look again whether somebody else has created it"
        with self.call("create"):
            self.count_write()
            number = next(self.ids)
            self.created += 1
            self.comments[number] = body
        return self.of(number)

    def update(self, comment_id: int, body: str, *, patient: bool = True) -> Comment:
        assert not patient or not self.shared, "a text made of what was read must not wait"
        with self.call("update"):
            self.count_write()
            found = self.of(comment_id)
            if next(self.writes) not in self.lost:
                self.comments[comment_id] = body
        return replace(found, body=body)

    def delete(self, comment_id: int) -> None:
        with self.call("delete"):
            self.comments.pop(comment_id, None)

    def head_sha(self, pull_request: int) -> str:
        assert pull_request == 7
        with self.call("head"):
            return HEAD_SHA
