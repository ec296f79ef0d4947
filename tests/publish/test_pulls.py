"""Pull requests by their head: over all pages, read with suspicion."""

from __future__ import annotations

import pytest

from reporter.errors import ForgeUnreachable, NotPermitted, PublishError
from reporter.http import Client
from reporter.publish import answer
from reporter.publish.labels import Labels
from reporter.publish.pulls import Pull, Pulls
from tests.github.fake import FakeGitHub


def pulls(github: FakeGitHub) -> Pulls:
    return Pulls(Client(github.url, "fake-token", sleep=lambda _: None), github.repository)


def test_what_identifies_a_pull_request(github: FakeGitHub) -> None:
    github.head_label, github.pulls = "friend:changes", {7: {"fork": "friend/copy"}}

    assert pulls(github).by_head("friend", "changes") == (
        Pull(
            number=7,
            is_open=True,
            head_sha=github.head_sha,
            head_repository="friend/copy",
            base_sha=github.base_sha,
            base_ref="master",
            base_repository=github.repository,
            author="octocat",
        ),
    )


def test_nobodys_branch_has_none(github: FakeGitHub) -> None:
    assert pulls(github).by_head("friend", "changes") == ()


def test_the_right_to_look_is_named(github: FakeGitHub) -> None:
    github.permission = "none"

    with pytest.raises(NotPermitted, match="look pull requests up") as raised:
        pulls(github).by_head("octo-org", "changes")
    assert "pull-requests: write" in str(raised.value.hint)


@pytest.mark.parametrize("body", [{}, [1], [{"number": 7}], [{"number": "x", "head": {}, "base": {}}]])
def test_an_answer_that_is_none_is_an_error(github: FakeGitHub, body: object) -> None:
    github.fail(status=200, body=body)

    with pytest.raises(ForgeUnreachable):
        pulls(github).by_head("octo-org", "changes")


def test_every_push_over_is_found_over_all_pages_of_events(github: FakeGitHub) -> None:
    labels = Labels(Client(github.url, "fake-token"), github.repository)
    before = labels.pushed_over(7)
    github.push_over(at="2026-01-01T00:00:00Z")
    github.note("subscribed", times=250)
    github.push_over(at="2026-01-03T00:00:00Z")
    github.note("subscribed", times=5)

    found = labels.pushed_over(7)

    assert (before, found) == ((), ("2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z"))


def test_of_more_events_than_are_read_none_is_taken_for_the_last(
    github: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer, "MAX_PAGES", 2)
    github.note("renamed", times=201)

    with pytest.raises(PublishError, match="more of them than are read"):
        Labels(Client(github.url, "fake-token"), github.repository).pushed_over(7)
