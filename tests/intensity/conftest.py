"""Fixtures of the providers' tests: a provider on loopback, and a question to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timezone

import pytest

from reporter.intensity import Question
from tests.intensity.fake import Answer, FakeProvider

HOUR_S = 3600.0


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, Answer | list[Answer]]], FakeProvider]]:
    """Starts a provider with these answers by path."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    started: list[FakeProvider] = []

    def start(answers: dict[str, Answer | list[Answer]]) -> FakeProvider:
        started.append(FakeProvider(answers))
        return started[-1]

    yield start
    for fake in started:
        fake.stop()


def at(text: str) -> float:
    """A time in UTC, seconds since 1970: `2025-01-01 00:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()


def question(zone: str, start: str, end: str, *, now: str | None = None, **more: object) -> Question:
    """What is asked of a job between two times; just after its end unless `now` says otherwise."""
    now_s = at(now) if now else at(end) + 1
    return Question(zone=zone, start_s=at(start), duration_s=at(end) - at(start), now_s=now_s, **more)  # type: ignore[arg-type]
