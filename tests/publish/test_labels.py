"""A label on the pull request: who set it last, what they may do, the reason they gave; all read live."""

from __future__ import annotations

import time

import pytest

from reporter.errors import ForgeUnreachable, NotPermitted, PublishError
from reporter.http import Client
from reporter.publish import answer
from reporter.publish.labels import Labels, SetLabel
from tests.github.fake import FakeGitHub

ACCEPTED = "emissions-accepted"


def on(github: FakeGitHub, label: str = ACCEPTED) -> SetLabel | None:
    return Labels(Client(github.url, "fake-token", sleep=lambda _: None), github.repository).on(7, label)


def test_who_set_it_when_with_which_right_and_why(github: FakeGitHub) -> None:
    github.may["anna"] = "maintain"
    github.set_label(ACCEPTED, by="anna", at="2026-02-03T04:05:06Z")
    github.add_comment("Looks fine.\r\nEmissions-Accepted:  the new data set is larger \r\nThanks", author="anna")

    assert on(github) == SetLabel(
        by="anna",
        is_bot=False,
        since="2026-02-03T04:05:06Z",
        permission="write",
        reason="the new data set is larger",
    )


def test_a_label_that_is_not_there_costs_one_request(github: FakeGitHub) -> None:
    github.set_label("another", by="anna")

    assert on(github) is None
    assert [request.path.rpartition("/")[2] for request in github.requests] == ["labels"]


def test_a_label_that_was_taken_off_is_not_there_whatever_its_events_say(github: FakeGitHub) -> None:
    github.set_label(ACCEPTED, by="anna")
    github.take_label(ACCEPTED, by="anna")

    assert on(github) is None


def test_the_last_to_set_it_counts_over_all_pages_of_events(github: FakeGitHub) -> None:
    github.set_label(ACCEPTED, by="anna")
    github.take_label(ACCEPTED, by="anna")
    github.note("subscribed", times=250)
    github.set_label(ACCEPTED, by="ben", at="2026-02-02T00:00:00Z")
    github.may = {"anna": "admin", "ben": "triage"}

    found = on(github)

    assert found is not None
    assert (found.by, found.permission, found.since) == ("ben", "read", "2026-02-02T00:00:00Z")


def test_the_newest_reason_of_that_person_alone_counts(github: FakeGitHub) -> None:
    github.set_label("Emissions-Accepted", by="anna")
    for author, text in (
        ("anna", f"{ACCEPTED}: first"),
        ("anna", f"{ACCEPTED}: second\n{ACCEPTED}: third"),
        ("mallory", f"{ACCEPTED}: mine"),
        ("anna", f"see `{ACCEPTED}: no line of its own`"),
        ("anna", f"{ACCEPTED}:   "),
    ):
        github.add_comment(text, author=author)

    found = on(github)

    assert found is not None
    assert found.reason == "third"


def test_an_app_is_a_bot_and_its_right_is_not_asked(github: FakeGitHub) -> None:
    github.set_label(ACCEPTED, by="labeler[bot]")

    found = on(github)

    assert found is not None
    assert (found.by, found.is_bot, found.permission) == ("labeler[bot]", True, None)
    assert github.sent("GET", "collaborators") == []


def test_of_more_events_than_are_read_none_is_taken_for_the_last(
    github: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer, "MAX_PAGES", 2)
    github.set_label(ACCEPTED, by="anna")
    github.note("renamed", times=200)

    with pytest.raises(PublishError, match="more of them than are read"):
        on(github)


def test_a_comment_of_nothing_but_lines_costs_no_time(github: FakeGitHub) -> None:
    """Each of 60,000 empty lines would be read on to the end."""
    github.set_label(ACCEPTED, by="anna")
    github.add_comment(f"{ACCEPTED}: here" + "\n" * 60_000 + "there", author="anna")

    began_s = time.process_time()
    found = on(github)

    assert found is not None
    assert found.reason == "here"
    assert time.process_time() - began_s < 5


@pytest.mark.parametrize("events", [[], [{"event": "labeled", "label": {"name": ACCEPTED}, "actor": None}]])
def test_a_label_that_nobody_is_known_to_have_set_is_nobodys(github: FakeGitHub, events: list[object]) -> None:
    github.labels = [ACCEPTED]
    github.fail(path="events", status=200, body=events)

    assert on(github) == SetLabel(by=None, is_bot=False, since=None, permission=None, reason=None)


def test_whoever_github_does_not_know_here_has_no_right(github: FakeGitHub) -> None:
    github.may["anna"] = "unknown"
    github.set_label(ACCEPTED, by="anna")

    found = on(github)

    assert found is not None
    assert found.permission == "none"


@pytest.mark.parametrize("place", ["labels", "events", "permission", "comments"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 403}, NotPermitted),
        ({"status": 401}, NotPermitted),
        ({"status": 500, "times": 9}, ForgeUnreachable),
        ({"reset": "before", "times": 9}, ForgeUnreachable),
        ({"garbage": "{}"}, ForgeUnreachable),
        ({"garbage": "nonsense"}, ForgeUnreachable),
    ],
)
def test_every_failure_is_one_of_ours(
    github: FakeGitHub, place: str, fault: dict[str, object], error: type[PublishError]
) -> None:
    github.set_label(ACCEPTED, by="anna")
    github.fail(path=place, **fault)

    if place == "permission" and fault.get("garbage") == "{}":
        assert (found := on(github)) is not None
        assert found.permission is None
        return
    with pytest.raises(error):
        on(github)
