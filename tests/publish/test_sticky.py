"""One comment per pull request: created once, edited after, never by an older run."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.errors import ForgeUnreachable, NotPermitted, PublishError
from reporter.http import Client
from reporter.publish import Comment, CommentGone, CommentRefused
from reporter.publish.github import GitHub
from reporter.publish.marker import Run, key_of, mark, parse
from reporter.publish.sticky import MAX_COMMENT_BYTES, CommentMode, PostAction, PostOutcome, publish_comment
from tests.github.fake import BOT, HEAD_SHA, FakeGitHub

OLD_SHA = "0" * 40
ID = "train (a100, 3.12)"
SKIPPED, CREATED, UPDATED, UNCHANGED = (
    PostAction.SKIPPED,
    PostAction.CREATED,
    PostAction.UPDATED,
    PostAction.UNCHANGED,
)


def post(
    github: FakeGitHub,
    *bodies: str,
    number: int = 10,
    attempt: int = 1,
    head_sha: str | None = HEAD_SHA,
    comment_id: str = ID,
    mode: CommentMode = CommentMode.ALWAYS,
    over_budget: bool = False,
    changed: bool = True,
) -> PostOutcome:
    """Publish to the fake as a run would, without waiting."""
    client = Client(github.url, "token-of-the-run", sleep=lambda _: None)
    forge = GitHub(
        client,
        github.repository,
        graphql_url=github.graphql_url if github.graphql else None,
        sleep=lambda _: None,
    )
    return publish_comment(
        forge,
        pull_request=7,
        comment_id=comment_id,
        run=Run(number=number, attempt=attempt, head_sha=head_sha, run_id=1000 + number),
        bodies=bodies or ("### Report",),
        mode=mode,
        over_budget=over_budget,
        changed=changed,
        pause=lambda _: None,
    )


def bodies(github: FakeGitHub) -> list[str]:
    """What people see: the comments without their markers."""
    return [text.partition("\n")[2] if parse(text) else text for text in github.own_bodies()]


def planted(number: int = 1, comment_id: str = ID, body: str = "planted") -> str:
    """A text that looks like ours."""
    return mark(body, key=key_of(comment_id), run=Run(number=number, run_id=1000 + number))


@pytest.fixture(params=[False, True], ids=["rest", "graphql"])
def either(request: pytest.FixtureRequest, github: FakeGitHub) -> FakeGitHub:
    """The fake with and without GraphQL: the outcome is the same."""
    github.graphql = request.param
    return github


def test_a_comment_is_created_once_and_edited_after(either: FakeGitHub) -> None:
    first = post(either, "first", number=1)
    second = post(either, "second", number=2)

    assert (first.action, second.action) == (CREATED, UPDATED)
    assert bodies(either) == ["second"]
    assert first.url == second.url
    assert first.url is not None
    assert first.url.endswith(f"#issuecomment-{either.comments[0].id}")


def test_a_comment_behind_hundreds_of_others_is_found(either: FakeGitHub) -> None:
    for _ in range(130):
        either.add_comment("chat", author="octocat")
    post(either, "first", number=1)
    for _ in range(130):
        either.add_comment("chat", author="octocat")

    assert post(either, "second", number=2).action is UPDATED

    assert bodies(either) == ["second"]


def test_the_same_text_is_not_sent_again(either: FakeGitHub) -> None:
    post(either, "text", number=1)
    either.requests.clear()

    outcome = post(either, "text", number=2)

    assert outcome.action is UNCHANGED
    assert outcome.url is not None
    assert either.sent("PATCH") == []


def test_ids_keep_comments_apart(either: FakeGitHub) -> None:
    for comment_id in ("a", "a--b", "a-->", "A", "", "ü"):
        assert post(either, f"for {comment_id}", comment_id=comment_id).action is CREATED

    assert post(either, "again", comment_id="a-->").action is UPDATED
    assert bodies(either) == ["for a", "for a--b", "again", "for A", "for ", "for ü"]


def test_somebody_elses_marker_is_not_ours(either: FakeGitHub) -> None:
    foreign = either.add_comment(planted(number=999), author="mallory")

    assert post(either, "report").action is CREATED

    assert foreign.body == planted(number=999)
    assert either.sent("PATCH") == []
    assert bodies(either) == ["report"]


def test_a_marker_further_down_or_in_our_other_comments_is_not_ours(either: FakeGitHub) -> None:
    quoted = either.add_comment("You wrote:\n" + planted(), author=BOT)

    assert post(either, "report").action is CREATED

    assert quoted.body == "You wrote:\n" + planted()


def test_a_comment_that_may_not_be_edited_is_foreign(either: FakeGitHub) -> None:
    refusing = either.add_comment(planted(number=1), author=BOT)
    mine = either.add_comment(planted(number=2), author=BOT)
    either.not_editable = {refusing.id}

    outcome = post(either, "report")

    assert outcome.action is UPDATED
    assert refusing.body == planted(number=1)
    assert mine.body.endswith("report")


def test_a_new_comment_is_made_when_none_may_be_edited(either: FakeGitHub) -> None:
    refusing = either.add_comment(planted(), author=BOT)
    either.not_editable = {refusing.id}

    outcome = post(either, "report")

    assert outcome.action is CREATED
    assert len(either.comments) == 2
    assert either.sent("DELETE") == []


def test_of_several_own_comments_the_oldest_is_edited(either: FakeGitHub) -> None:
    for number in (1, 2, 3):
        either.add_comment(planted(number=number, body=f"old {number}"), author=BOT)

    post(either, "report")

    assert bodies(either) == ["report", "old 2", "old 3"]


@pytest.mark.parametrize(("number", "attempt"), [(9, 1), (9, 5), (10, 1)])
def test_an_older_run_never_overwrites_a_newer_one(either: FakeGitHub, number: int, attempt: int) -> None:
    post(either, "newer", number=10, attempt=2)

    outcome = post(either, "older", number=number, attempt=attempt)

    assert outcome.action is SKIPPED
    assert outcome.reason is not None
    assert "newer run" in outcome.reason
    assert outcome.url is not None
    assert bodies(either) == ["newer"]


@pytest.mark.parametrize(("number", "attempt"), [(11, 1), (10, 3), (10, 2)])
def test_a_newer_run_a_rerun_and_the_same_run_overwrite(either: FakeGitHub, number: int, attempt: int) -> None:
    post(either, "before", number=10, attempt=2)

    assert post(either, "after", number=number, attempt=attempt).action is UPDATED


@pytest.mark.parametrize("there", [True, False])
def test_a_commit_that_is_no_longer_the_head_is_not_reported(either: FakeGitHub, *, there: bool) -> None:
    if there:
        post(either, "before", number=1)
    before = bodies(either)

    outcome = post(either, "of an old commit", number=2, head_sha=OLD_SHA)

    assert outcome.action is SKIPPED
    assert outcome.reason == f"the pull request is at {HEAD_SHA[:7]} by now; this run is of {OLD_SHA[:7]}"
    assert bodies(either) == before


def test_without_a_known_head_only_the_run_decides(either: FakeGitHub) -> None:
    assert post(either, "report", head_sha=None).action is CREATED
    assert either.sent("GET", "/pulls/") == []


@pytest.mark.parametrize(
    ("mode", "over_budget", "changed", "first", "then"),
    [
        (CommentMode.ALWAYS, False, False, CREATED, UPDATED),
        (CommentMode.CHANGES, False, True, CREATED, UPDATED),
        (CommentMode.CHANGES, True, False, SKIPPED, UPDATED),
        (CommentMode.OVER_BUDGET, True, False, CREATED, UPDATED),
        (CommentMode.OVER_BUDGET, False, True, SKIPPED, UPDATED),
        (CommentMode.OFF, True, True, SKIPPED, SKIPPED),
    ],
)
def test_the_mode_decides_on_a_new_comment_only(
    either: FakeGitHub, *, mode: CommentMode, over_budget: bool, changed: bool, first: PostAction, then: PostAction
) -> None:
    new = post(either, "new", number=1, mode=mode, over_budget=over_budget, changed=changed)
    post(either, "there", number=2)
    existing = post(either, "there, newer", number=3, mode=mode, over_budget=over_budget, changed=changed)

    assert (new.action, existing.action) == (first, then)
    assert bool(new.reason) is (first is SKIPPED)


def test_off_asks_nothing(github: FakeGitHub) -> None:
    assert post(github, mode=CommentMode.OFF).reason == "comments are off"
    assert github.requests == []


@pytest.mark.parametrize("status", [404, 410])
def test_a_comment_deleted_in_between_is_made_anew(either: FakeGitHub, status: int) -> None:
    post(either, "before", number=1)
    old = either.comments[0].id
    either.fail(method="PATCH", status=status, then=lambda: either.remove_comment(old))

    outcome = post(either, "after", number=2)

    assert outcome.action is CREATED
    assert bodies(either) == ["after"]


def test_a_hidden_comment_is_replaced(github: FakeGitHub) -> None:
    github.graphql = True
    github.add_comment(planted(number=1), minimised=True)

    assert post(github, "report").action is CREATED


@pytest.mark.parametrize("fault", [{"reset": "after"}, {"reset": "body"}, {"garbage": "<html>"}, {"garbage": "[]"}])
def test_a_create_whose_reply_was_lost_is_not_repeated(either: FakeGitHub, fault: dict[str, str]) -> None:
    either.fail(method="POST", path="/comments", **fault)

    outcome = post(either, "report")

    assert outcome.action is CREATED
    assert outcome.url is not None
    assert bodies(either) == ["report"]
    assert len(either.sent("POST", "/comments")) == 1


@pytest.mark.parametrize("fault", [{"reset": "before"}, {"status": 502}])
def test_a_create_that_did_not_work_is_tried_once_more(either: FakeGitHub, fault: dict[str, object]) -> None:
    either.fail(method="POST", path="/comments", **fault)

    assert post(either, "report").action is CREATED

    assert bodies(either) == ["report"]
    assert len(either.sent("POST", "/comments")) == 2


def test_creates_are_bounded(either: FakeGitHub) -> None:
    either.fail(method="POST", path="/comments", status=502, times=99)

    with pytest.raises(ForgeUnreachable):
        post(either, "report")

    assert len(either.sent("POST", "/comments")) == 2
    assert bodies(either) == []


def test_a_last_create_whose_reply_was_lost_is_still_found(either: FakeGitHub) -> None:
    either.fail(method="POST", path="/comments", status=502)
    either.fail(method="POST", path="/comments", reset="after")

    assert post(either, "report").action is CREATED

    assert bodies(either) == ["report"]


def test_a_read_only_token_is_said_to_be_one(either: FakeGitHub) -> None:
    post(either, "before", number=1)
    either.permission = "read"

    with pytest.raises(NotPermitted) as caught:
        post(either, "after", number=2)

    assert "pull-requests: write" in (caught.value.hint or "")


@pytest.mark.parametrize("status", [401, 403, 404, 410, 422, 429, 500, 503])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_whatever_goes_wrong_is_ours(either: FakeGitHub, method: str, status: int) -> None:
    post(either, "before", number=1)
    either.fail(method=method, status=status, times=99)

    with suppress(PublishError):  # nothing else
        assert post(either, "after", number=2).action in PostAction


# -- two writers at once


def test_the_one_that_comes_second_brings_the_first_comment_up_to_date(either: FakeGitHub) -> None:
    # The other writer creates its comment after we looked and found none.
    either.fail(
        method="POST", path="/issues/7/comments", then=lambda: either.add_comment(planted(number=9, body="theirs"))
    )

    outcome = post(either, "ours", number=10)

    assert outcome.action is UPDATED
    assert bodies(either) == ["ours"]
    assert outcome.url is not None
    assert outcome.url.endswith(str(either.comments[0].id))


def test_the_one_that_comes_second_with_an_older_run_withdraws(either: FakeGitHub) -> None:
    either.fail(
        method="POST", path="/issues/7/comments", then=lambda: either.add_comment(planted(number=11, body="theirs"))
    )

    outcome = post(either, "ours", number=10)

    assert outcome.action is SKIPPED
    assert bodies(either) == ["theirs"]


def test_the_one_that_came_first_leaves_the_other_to_the_other(either: FakeGitHub) -> None:
    # The other writer creates its comment after ours, before we look again.
    look = {"method": "POST", "path": "/graphql"} if either.graphql else {"method": "GET", "path": "/7/comments"}
    either.fail(**look, then=lambda: None)
    either.fail(**look, then=lambda: either.add_comment(planted(number=11, body="theirs")))

    outcome = post(either, "ours", number=10)

    assert outcome.action is CREATED
    assert bodies(either) == ["ours", "theirs"]
    assert either.sent("DELETE") == []


def test_a_planted_comment_does_not_win_the_race(either: FakeGitHub) -> None:
    def plant() -> None:
        foreign = either.add_comment(planted(number=9), author=BOT)
        either.not_editable = {foreign.id}

    either.fail(method="POST", path="/issues/7/comments", then=plant)

    assert post(either, "ours").action is CREATED

    assert bodies(either) == ["planted", "ours"]


@pytest.mark.parametrize("fault", [{"method": "PATCH"}, {"method": "DELETE"}])
def test_trouble_after_a_create_does_not_undo_it(either: FakeGitHub, fault: dict[str, str]) -> None:
    either.fail(method="POST", path="/issues/7/comments", then=lambda: either.add_comment(planted(number=9)))
    either.fail(**fault, status=500, times=99)

    outcome = post(either, "ours")

    assert outcome.action in {CREATED, UPDATED}
    assert "ours" in bodies(either)


@pytest.mark.parametrize("round_", range(4))
def test_many_writers_at_once_leave_one_comment_by_the_newest(either: FakeGitHub, round_: int) -> None:
    barrier = threading.Barrier(3)
    failures: list[BaseException] = []

    def write(number: int) -> None:
        barrier.wait(10)
        try:
            post(either, f"run {number}", number=number)
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    numbers = list(itertools.permutations((10, 11, 12)))[round_]
    threads = [threading.Thread(target=write, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    post(either, "run 12", number=12)  # a late reader: what a next look at it would find

    assert failures == []
    assert bodies(either) == ["run 12"]


# -- length


def room() -> int:
    """Bytes that the body may have beside its marker."""
    return MAX_COMMENT_BYTES - len(
        mark("", key=key_of(ID), run=Run(number=10, head_sha=HEAD_SHA, run_id=1010)).encode()
    )


@pytest.mark.parametrize("letter", ["x", "é", "₂", "😀"])
def test_a_body_exactly_at_the_limit_is_posted_whole(github: FakeGitHub, letter: str) -> None:
    width = len(letter.encode())
    fitting = letter * (room() // width) + "x" * (room() % width)

    post(github, fitting, "shorter")

    assert bodies(github) == [fitting]
    assert len(github.own_bodies()[0].encode()) == MAX_COMMENT_BYTES


@pytest.mark.parametrize("letter", ["x", "é", "₂", "😀"])
def test_a_body_one_byte_over_the_limit_gives_way(github: FakeGitHub, letter: str) -> None:
    width = len(letter.encode())
    over = letter * (room() // width) + "x" * (room() % width + 1)

    post(github, over, "shorter", "shortest")

    assert bodies(github) == ["shorter"]


def test_a_body_is_not_made_before_it_is_needed(github: FakeGitHub) -> None:
    made = []

    def lazily() -> Iterable[str]:
        for body in ("x" * 70_000, "fits", "never"):
            made.append(body[:5])
            yield body

    client = Client(github.url, "token")
    publish_comment(
        GitHub(client, github.repository), pull_request=7, comment_id=ID, run=Run(number=1), bodies=lazily()
    )

    assert made == ["xxxxx", "fits"]


def test_a_report_that_cannot_be_short_is_an_expected_failure(github: FakeGitHub) -> None:
    with pytest.raises(PublishError, match="shortest form of the report has 70177 bytes"):
        post(github, "x" * 70_000)

    assert github.requests == []


@pytest.mark.parametrize("there", [True, False])
def test_a_refused_text_gives_way_to_the_shortest(github: FakeGitHub, *, there: bool) -> None:
    if there:
        post(github, "before", number=1)
    github.fail(method="PATCH" if there else "POST", status=422)

    outcome = post(github, "whole report", "shorter", "short")

    assert outcome.action is (UPDATED if there else CREATED)
    assert bodies(github) == ["short"]


def test_a_second_refusal_is_an_error(github: FakeGitHub) -> None:
    github.fail(method="POST", status=422, times=9)

    with pytest.raises(CommentRefused):
        post(github, "whole report", "short")

    assert len(github.sent("POST")) == 2


@given(text=st.text(max_size=200))
def test_any_text_is_recognised_as_its_own(text: str) -> None:
    forge = MemoryForge()

    first = forge.publish(text)
    second = forge.publish(text)

    assert (first.action, second.action) == (CREATED, UNCHANGED)
    forge.comments[0].body.encode("utf-8")


@given(order=st.permutations([(1, 1), (1, 2), (2, 1), (2, 2), (3, 1)]))
def test_whatever_the_order_the_newest_run_stands(order: list[tuple[int, int]]) -> None:
    forge = MemoryForge()

    for number, attempt in order:
        forge.publish(f"{number}/{attempt}", number=number, attempt=attempt)

    assert len(forge.comments) == 1
    assert forge.comments[0].body.endswith("3/1")


class MemoryForge:
    """Another forge in a few lines: the policy knows no GitHub."""

    def __init__(self) -> None:
        self.comments: list[Comment] = []

    def publish(self, body: str, *, number: int = 1, attempt: int = 1) -> PostOutcome:
        run = Run(number=number, attempt=attempt)
        return publish_comment(self, pull_request=1, comment_id="k", run=run, bodies=[body], pause=no_pause)

    def own_comments(self, pull_request: int) -> tuple[Comment, ...]:
        assert pull_request == 1
        return tuple(self.comments)

    def create(self, pull_request: int, body: str) -> Comment:
        assert pull_request == 1
        self.comments.append(Comment(comment_id=len(self.comments), body=body, url="u"))
        return self.comments[-1]

    def update(self, comment_id: int, body: str) -> Comment:
        if comment_id >= len(self.comments):
            raise CommentGone("gone")
        self.comments[comment_id] = Comment(comment_id=comment_id, body=body, url="u")
        return self.comments[comment_id]

    def delete(self, comment_id: int) -> None:
        del self.comments[comment_id]

    def head_sha(self, pull_request: int) -> str:
        raise AssertionError(pull_request)


no_pause: Callable[[float], None] = lambda _: None  # noqa: E731
