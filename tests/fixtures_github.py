"""The `github` fixture: a fake GitHub on loopback, held to GitHub's own description of its API.

Loaded for every test by `pytest_plugins` in tests/conftest.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.github.fake import FakeGitHub, description_check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def github_description() -> Callable[..., str | None]:
    """The check of an exchange, loaded once."""
    return description_check()


@pytest.fixture
def github(github_description: Callable[..., str | None], monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitHub]:
    """A running fake: `.url`, `.comments`, `.requests`, `.fail(…)`; an exchange unlike GitHub's fails the test."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    fake = FakeGitHub()
    fake.check = github_description
    fake.start()
    yield fake
    fake.stop()
    if fake.violations:
        pytest.fail("Not as GitHub describes its API:\n" + "\n".join(fake.violations))
