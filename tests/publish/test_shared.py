"""Legs that write one comment at the same time: whatever the interleaving, every section is there at the end."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.errors import ForgeUnreachable, NotPermitted, PublishError
from reporter.http import Client
from reporter.publish import Comment, CommentRefused, Conversation, ForgeBusy
from reporter.publish.github import GitHub
from reporter.publish.marker import Run, key_of, mark, parse
from reporter.publish.pace import Pace
from reporter.publish.sections import CLOSING, Section, opening, read_sections, section_key
from reporter.publish.shared import BUSY_SPREAD_S, PACE, publish_section
from reporter.publish.sticky import MAX_COMMENT_BYTES, CommentMode, PostAction, PostOutcome
from tests.github.fake import BOT, HEAD_SHA, FakeGitHub
from tests.publish.theatre import MemoryForge, Theatre

ID = "pr.yml"
OLD_SHA = "0" * 40
RUN = Run(run_id=1010, number=10, attempt=1, head_sha=HEAD_SHA)
SKIPPED, CREATED, UPDATED, UNCHANGED = (
    PostAction.SKIPPED,
    PostAction.CREATED,
    PostAction.UPDATED,
    PostAction.UNCHANGED,
)


def leg(name: str, *, run: Run = RUN, facts: str = "pass~1", body: str = "") -> Section:
    return Section(key=section_key(name), name=name, run=run, facts=facts, body=body or f"text of {name}")


def compose(sections: Sequence[Section], newest: Run, most_bytes: int) -> str:
    """The whole comment, as plainly as can be."""
    text = "".join(f"{opening(one, newest)}\n\n{one.body}\n{CLOSING}\n" for one in sections)
    assert len(text) <= most_bytes
    return text


def held(body: str) -> dict[str, Section]:
    """The legs that a comment has, by name."""
    marker = parse(body)
    assert marker is not None
    return {one.name: one for one in read_sections(body, marker.run)}


def names(body: str) -> list[str]:
    """Those alone that can be read."""
    return sorted(name for name, one in held(body).items() if one.readable)


# -- many writers in virtual time, over a forge in memory


def race(
    sections: Sequence[Section],
    seed: int,
    *,
    ends_s: float = 0.0,
    prepare: Callable[[MemoryForge], None] = lambda _: None,
    begins_s: Callable[[Section], float] = lambda _: 0.0,
    kind: type[MemoryForge] | None = None,
) -> tuple[MemoryForge, list[PostOutcome], list[BaseException]]:
    """Every section by a writer of its own; `ends_s` is how far their beginnings lie apart at most."""
    chance, theatre = random.Random(seed), Theatre()
    forge = (kind or MemoryForge)(theatre, chance)
    outcomes: list[PostOutcome] = []
    prepare(forge)

    def write(section: Section, after_s: float) -> None:
        theatre.wait(after_s)
        outcomes.append(
            publish_section(
                forge,
                pull_request=7,
                comment_id=ID,
                section=section,
                compose=compose,
                pause=theatre.wait,
                clock=lambda: theatre.now_s,
                between=chance.uniform,
            )
        )

    theatre.play(*(partial(write, one, begins_s(one) + chance.uniform(0, ends_s)) for one in sections))
    return forge, outcomes, theatre.failures


@given(count=st.integers(1, 8), seed=st.integers(0, 10**9), ends_s=st.sampled_from([0.0, 1.0, 5.0, 20.0, 60.0]))
@settings(max_examples=150, deadline=None)
def test_whatever_the_interleaving_one_comment_has_every_section(count: int, seed: int, ends_s: float) -> None:
    legs = [leg(f"leg {index}") for index in range(count)]

    forge, outcomes, failures = race(legs, seed, ends_s=ends_s)

    assert failures == []
    assert len(outcomes) == count
    assert [names(body) for body in forge.comments.values()] == [[one.name for one in legs]]


@pytest.mark.parametrize("seed", range(8))
def test_twenty_legs_that_end_in_the_same_second_all_get_there_without_a_storm(seed: int) -> None:
    legs = [leg(f"leg {index:02}") for index in range(20)]

    forge, _, failures = race(legs, seed)

    assert failures == []
    assert [names(body) for body in forge.comments.values()] == [[one.name for one in legs]]
    assert len(forge.calls) <= 20 * 16
    assert forge.theatre.now_s <= PACE.deadline_s


@pytest.mark.parametrize("there", [False, True])
def test_a_leg_alone_makes_three_calls_and_is_done_in_ten_seconds(*, there: bool) -> None:
    def prepare(forge: MemoryForge) -> None:
        if there:
            forge.comments[next(forge.ids)] = written(leg("other"))

    forge, outcomes, failures = race([leg("mine")], 1, prepare=prepare)

    assert failures == []
    assert [outcome.action for outcome in outcomes] == [UPDATED if there else CREATED]
    assert forge.calls == (["list", "update", "get"] if there else ["list", "create", "list"])
    assert forge.theatre.now_s < 2 + 8 + 4
    assert names(forge.comments[1]) == (["mine", "other"] if there else ["mine"])


@given(lost=st.sets(st.integers(1, 9), max_size=5), seed=st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_a_section_that_somebody_writes_over_comes_back(lost: set[int], seed: int) -> None:
    def prepare(forge: MemoryForge) -> None:
        forge.comments[next(forge.ids)] = written(leg("first"))
        forge.lost = lost

    forge, _, failures = race([leg("a"), leg("b")], seed, prepare=prepare)

    assert failures == []
    assert names(forge.comments[1]) == ["a", "b", "first"]


@pytest.mark.parametrize("seed", range(20))
def test_a_rerun_of_one_leg_among_others_takes_the_place_of_its_first_attempt(seed: int) -> None:
    again = leg("a", run=replace(RUN, attempt=2), facts="pass~2")

    forge, _, failures = race([leg("a"), again, leg("b")], seed, ends_s=3)

    assert failures == []
    (body,) = forge.comments.values()
    found = held(body)
    assert found["a"] == again
    assert found["b"].run == RUN


@pytest.mark.parametrize("seed", range(20))
def test_two_runs_of_a_commit_leave_the_newer_one_s_sections(seed: int) -> None:
    newer = replace(RUN, run_id=1011, number=11)
    legs = [leg(name, run=run, facts=f"pass~{run.number}") for name in "abc" for run in (RUN, newer)]

    forge, _, failures = race(legs, seed, ends_s=4)

    assert failures == []
    (body,) = forge.comments.values()
    assert {name: one.run for name, one in held(body).items()} == dict.fromkeys("abc", newer)


def test_legs_that_never_get_there_give_up_within_bounds() -> None:
    class Hostile(MemoryForge):
        def update(self, comment_id: int, body: str, *, patient: bool = True) -> Comment:
            return Comment(comment_id=comment_id, body=body, url="")  # never stored

    theatre = Theatre()
    forge = Hostile(theatre, random.Random(1))
    forge.comments[1] = written(leg("other"))
    theatre.play(
        lambda: publish_section(
            forge, pull_request=7, comment_id=ID, section=leg("mine"), compose=compose, pause=theatre.wait,
            clock=lambda: theatre.now_s,
        )
    )  # fmt: skip

    (failure,) = theatre.failures
    assert isinstance(failure, PublishError)
    assert "Others kept overwriting" in failure.message
    assert forge.calls.count("get") <= PACE.most_writes
    assert theatre.now_s <= PACE.deadline_s + 40


def test_what_was_read_too_long_ago_is_read_again_before_it_is_written() -> None:
    class Slow(MemoryForge):
        def own_comments(self, pull_request: int) -> tuple[Comment, ...]:
            found = super().own_comments(pull_request)
            self.theatre.wait(PACE.fresh_s + 1)
            self.comments[1] = written(leg("first"), leg("meanwhile"))
            return found

    theatre = Theatre()
    forge = Slow(theatre, random.Random(1))
    forge.comments[1] = written(leg("first"))
    theatre.play(
        lambda: publish_section(
            forge, pull_request=7, comment_id=ID, section=leg("mine"), compose=compose, pause=theatre.wait,
            clock=lambda: theatre.now_s,
        )
    )  # fmt: skip

    assert theatre.failures == []
    assert names(forge.comments[1]) == ["first", "meanwhile", "mine"]
    assert forge.calls == ["list", "get", "update", "get"]


# -- one writer after the other, over the fake of GitHub

QUICK = Pace(start_s=0.0, settle_s=(0.0, 0.0), growth_s=0.0)


def written(*sections: Section, key: str = ID, run: Run | None = None) -> str:
    """A comment as a leg writes it."""
    newest = run or max((one.run for one in sections), key=lambda found: found.order)
    return mark(compose(sections, newest, MAX_COMMENT_BYTES), key=key_of(key), run=newest)


def post(github: FakeGitHub, section: Section, *, pace: Pace = QUICK, **options: Any) -> PostOutcome:
    pause = options.pop("pause", lambda _: None)
    client = Client(github.url, "token-of-the-run", sleep=pause)
    forge = GitHub(
        client, github.repository, graphql_url=github.graphql_url if github.graphql else None, sleep=lambda _: None
    )
    return publish_section(
        forge, pull_request=7, comment_id=ID, section=section, compose=options.pop("compose", compose), pace=pace,
        pause=pause, **options,
    )  # fmt: skip


@pytest.fixture(params=[False, True], ids=["rest", "graphql"])
def either(request: pytest.FixtureRequest, github: FakeGitHub) -> FakeGitHub:
    """The fake with and without GraphQL: the outcome is the same."""
    github.graphql = request.param
    return github


def test_legs_share_one_comment_in_at_most_five_requests_each(either: FakeGitHub) -> None:
    counts = []
    for name, action in (("a", CREATED), ("b", UPDATED), ("c", UPDATED)):
        either.requests.clear()
        assert post(either, leg(name)).action is action
        counts.append(sum(not request.path.endswith("/graphql") or either.graphql for request in either.requests))

    assert [names(body) for body in either.own_bodies()] == [["a", "b", "c"]]
    assert max(counts) <= 5


def test_the_same_section_is_not_sent_again_and_another_text_of_the_same_attempt_is(either: FakeGitHub) -> None:
    post(either, leg("a"))

    assert post(either, leg("a")).action is UNCHANGED
    assert post(either, leg("a", facts="fail~2")).action is UPDATED
    assert post(either, leg("a", facts="fail~2", body="other words")).action is UPDATED

    (found,) = held(either.own_bodies()[0]).values()
    assert (found.facts, found.body, found.revision) == ("fail~2", "other words", 2)


def test_a_leg_of_a_newer_commit_drops_the_older_ones(either: FakeGitHub) -> None:
    either.add_comment(written(*(leg(name, run=replace(RUN, run_id=900, head_sha=OLD_SHA)) for name in "xyz")))

    assert post(either, leg("a")).action is UPDATED

    assert [names(body) for body in either.own_bodies()] == [["a"]]


def test_a_leg_of_an_older_commit_writes_nothing(either: FakeGitHub) -> None:
    post(either, leg("a"))

    outcome = post(either, leg("b", run=replace(RUN, run_id=900, head_sha=OLD_SHA)))

    assert outcome.action is SKIPPED
    assert outcome.reason == f"the pull request is at {HEAD_SHA[:7]} by now; this run is of {OLD_SHA[:7]}"


@pytest.mark.parametrize("seed", range(20))
def test_a_push_while_legs_of_the_older_commit_write_leaves_the_newer_ones(seed: int) -> None:
    """The head moves while the older legs look after what they wrote, and the newer legs begin."""
    newer = replace(RUN, run_id=1020, number=20)
    old = replace(RUN, head_sha=OLD_SHA)

    class Moving(MemoryForge):
        def conversation(self, pull_request: int) -> Conversation:
            seen = super().conversation(pull_request)
            return seen._replace(head_sha=OLD_SHA) if self.theatre.now_s < 4.0 else seen

    legs = [leg(name, run=run) for name in "ab" for run in (old, newer)]
    forge, _, failures = race(
        legs, seed, ends_s=1.0, kind=Moving, begins_s=lambda section: 4.0 * (section.run == newer)
    )

    assert failures == []
    (body,) = forge.comments.values()
    assert {name: one.run for name, one in held(body).items()} == dict.fromkeys("ab", newer)


def test_an_older_run_of_the_same_commit_leaves_a_newer_section_alone(either: FakeGitHub) -> None:
    post(either, leg("a", run=replace(RUN, attempt=2)))

    outcome = post(either, leg("a", facts="fail~9"))

    assert outcome.action is SKIPPED
    assert "newer run" in (outcome.reason or "")


def test_two_legs_under_one_name_are_told_so(either: FakeGitHub) -> None:
    mine, theirs = leg("same", facts="fail~1"), leg("same", facts="pass~1")
    look = {"method": "POST", "path": "/graphql"} if either.graphql else {"method": "GET", "path": "/7/comments"}
    post(either, leg("other"))
    either.fail(**look, then=lambda: None)
    either.fail(method="PATCH", then=lambda: None)
    either.fail(
        method="GET", path="/issues/comments/",
        then=lambda: setattr(either.comments[0], "body", written(leg("other"), theirs)),
    )  # fmt: skip

    outcome = post(either, mine)

    assert outcome.action is SKIPPED
    assert "comment-section" in (outcome.reason or "")


def test_somebody_elses_comment_is_not_read(either: FakeGitHub) -> None:
    planted = either.add_comment(written(leg("forged", run=replace(RUN, run_id=9999))), author="mallory")

    assert post(either, leg("a")).action is CREATED

    assert planted.body == written(leg("forged", run=replace(RUN, run_id=9999)))
    assert names(either.own_bodies()[0]) == ["a"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("text of b", "text of @everyone"),
        lambda text: text.replace("f=pass~1 n=b", "f=pass~0 n=b"),
        lambda text: text[: text.index("text of b")],
    ],
)
def test_a_section_changed_by_hand_is_marked_until_its_leg_writes_again(
    either: FakeGitHub, edit: Callable[[str], str]
) -> None:
    for name in "ab":
        post(either, leg(name))
    either.comments[0].body = edit(either.comments[0].body)

    post(either, leg("c"))

    text = either.own_bodies()[0]
    found = held(text)
    assert "@everyone" not in text
    assert "pass~0" not in text
    assert set(found) >= {"b", "c"}
    assert found["b"].body_lost or not found["b"].readable
    post(either, leg("b", run=replace(RUN, attempt=2)))
    assert held(either.own_bodies()[0])["b"].body == "text of b"


def test_a_comment_of_the_same_id_by_a_job_alone_is_taken_over(either: FakeGitHub) -> None:
    either.add_comment(mark("### Report", key=key_of(ID), run=replace(RUN, run_id=1)), author=BOT)

    assert post(either, leg("a")).action is UPDATED

    assert [names(body) for body in either.own_bodies()] == [["a"]]


def test_a_comment_by_a_newer_job_alone_is_left(either: FakeGitHub) -> None:
    either.add_comment(mark("### Report", key=key_of(ID), run=replace(RUN, run_id=9999)), author=BOT)

    assert post(either, leg("a")).action is SKIPPED


def test_a_duplicate_goes_once_its_sections_are_in_the_comment_that_stays(either: FakeGitHub) -> None:
    first = either.add_comment(written(leg("a")))
    either.add_comment(written(leg("b")))

    post(either, leg("c"))

    assert [comment.id for comment in either.comments] == [first.id]
    assert names(first.body) == ["a", "b", "c"]


def test_a_duplicate_stays_while_its_sections_are_nowhere_else(either: FakeGitHub) -> None:
    either.add_comment(written(leg("a")))
    second = either.add_comment(written(leg("b")))
    either.fail(method="PATCH", status=500, times=99)

    with pytest.raises(ForgeUnreachable):
        post(either, leg("c"))

    assert either.sent("DELETE") == []
    assert second in either.comments


def test_our_own_duplicate_goes_and_anothers_new_one_is_left_to_it(either: FakeGitHub) -> None:
    def others_come_first() -> None:
        either.add_comment(written(leg("a")))
        either.add_comment(written(leg("b")))

    either.fail(method="POST", path="/issues/7/comments", then=others_come_first)

    assert post(either, leg("c")).action is CREATED

    assert [names(body) for body in either.own_bodies()] == [["a", "b", "c"], ["b"]]


def test_a_comment_that_may_not_be_edited_is_foreign(either: FakeGitHub) -> None:
    foreign = either.add_comment(written(leg("x")))
    either.not_editable = {foreign.id}

    assert post(either, leg("a")).action is CREATED

    assert names(either.own_bodies()[1]) == ["a", "x"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_comment_deleted_in_between_is_made_anew(either: FakeGitHub, status: int) -> None:
    post(either, leg("a"))
    old = either.comments[0].id
    either.fail(method="PATCH", status=status, then=lambda: either.remove_comment(old))

    assert post(either, leg("b")).action is CREATED

    assert [names(body) for body in either.own_bodies()] == [["a", "b"]]


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("fault", [{"reset": "after"}, {"reset": "body"}, {"garbage": "<html>"}])
def test_a_write_whose_reply_was_lost_is_looked_for(either: FakeGitHub, fault: dict[str, str], *, there: bool) -> None:
    if there:
        post(either, leg("a"))
    either.fail(method="PATCH" if there else "POST", path="comments", **fault)

    assert post(either, leg("b")).action in (UPDATED, CREATED)

    assert [names(body) for body in either.own_bodies()] == [["a", "b"] if there else ["b"]]


def test_a_rate_limit_is_waited_for_and_what_came_meanwhile_is_kept(either: FakeGitHub) -> None:
    post(either, leg("a"))
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if seconds >= 17:
            either.comments[0].body = written(leg("a"), leg("meanwhile"))

    either.fail(method="PATCH", status=403, headers={"Retry-After": "17"}, body={"message": "secondary rate limit"})

    assert post(either, leg("b"), pause=pause).action is UPDATED

    (waited_s,) = (seconds for seconds in pauses if seconds > 0)
    assert 17 < waited_s <= 17 + BUSY_SPREAD_S, "as asked, and not all at the same moment"
    assert names(either.own_bodies()[0]) == ["a", "b", "meanwhile"]


def test_a_rate_limit_beyond_the_deadline_ends_it(either: FakeGitHub) -> None:
    post(either, leg("a"))
    either.fail(method="PATCH", status=429, headers={"Retry-After": "3600"})

    with pytest.raises(ForgeBusy):
        post(either, leg("b"))

    assert len(either.sent("PATCH")) == 1


def test_a_new_comment_that_was_refused_is_not_made_where_another_leg_has_made_it_meanwhile(
    either: FakeGitHub,
) -> None:
    def pause(seconds: float) -> None:
        if seconds >= 17:
            either.add_comment(written(leg("a")))

    either.fail(method="POST", path="/issues/7/comments", status=429, headers={"Retry-After": "17"})

    assert post(either, leg("b"), pause=pause).action is UPDATED

    assert [names(body) for body in either.own_bodies()] == [["a", "b"]]
    assert len(either.sent("POST", "/issues/7/comments")) == 1


def test_graphql_whose_limit_is_spent_answers_200_and_gives_way_to_rest(github: FakeGitHub) -> None:
    github.graphql = True
    post(github, leg("a"))
    spent = {"data": None, "errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
    github.fail(method="POST", path="/graphql", status=200, body=spent, times=9)

    assert post(github, leg("b")).action is UPDATED

    assert [names(body) for body in github.own_bodies()] == [["a", "b"]]
    assert len(github.sent("GET", "/pulls/7")) == 1, "the head is asked for where the look does not tell it"


def test_a_head_that_moved_is_seen_with_the_first_look(github: FakeGitHub) -> None:
    github.graphql, github.head_sha = True, "f" * 40

    assert post(github, leg("a")).action is SKIPPED

    assert [request.path for request in github.requests] == ["/graphql"]


def test_a_refused_text_is_made_shorter_once(either: FakeGitHub) -> None:
    post(either, leg("a"))
    given: list[int] = []

    def measured(sections: Sequence[Section], newest: Run, most_bytes: int) -> str:
        given.append(most_bytes)
        return compose(sections, newest, most_bytes)

    either.fail(method="PATCH", status=422)
    assert post(either, leg("b"), compose=measured).action is UPDATED
    either.fail(method="PATCH", status=422, times=9)
    with pytest.raises(CommentRefused):
        post(either, leg("c"), compose=measured)

    assert given[1] < given[0] / 2


def test_a_read_only_token_is_said_to_be_one(either: FakeGitHub) -> None:
    post(either, leg("a"))
    either.permission = "read"

    with pytest.raises(NotPermitted) as caught:
        post(either, leg("b"))

    assert "pull-requests: write" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("mode", "over_budget", "changed", "alone", "beside"),
    [
        (CommentMode.CHANGES, False, True, CREATED, UPDATED),
        (CommentMode.CHANGES, True, False, SKIPPED, UPDATED),
        (CommentMode.OVER_BUDGET, False, True, SKIPPED, UPDATED),
        (CommentMode.OFF, True, True, SKIPPED, SKIPPED),
    ],
)
def test_the_mode_decides_on_a_new_comment_only(
    github: FakeGitHub, *, mode: CommentMode, over_budget: bool, changed: bool, alone: PostAction, beside: PostAction
) -> None:
    assert post(github, leg("a"), mode=mode, over_budget=over_budget, changed=changed).action is alone
    post(github, leg("b"))
    assert post(github, leg("c"), mode=mode, over_budget=over_budget, changed=changed).action is beside


@pytest.mark.parametrize("status", [401, 403, 404, 410, 422, 429, 500, 503])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_whatever_goes_wrong_is_ours(either: FakeGitHub, method: str, status: int) -> None:
    post(either, leg("a"))
    either.fail(method=method, status=status, times=99)

    try:
        assert post(either, leg("b")).action in PostAction
    except PublishError:
        return  # nothing else


def test_twenty_legs_at_once_over_http_end_in_one_comment(either: FakeGitHub) -> None:
    """Real threads and sockets, a hundredth of the real pauses: the looks still come after others' writes."""
    pace = Pace(start_s=0.2, settle_s=(0.5, 0.8), growth_s=0.4, fresh_s=0.3, deadline_s=30.0, most_writes=12)
    barrier = threading.Barrier(20)
    failures: list[BaseException] = []

    def write(name: str) -> None:
        client = Client(either.url, "token")
        graphql_url = either.graphql_url if either.graphql else None
        forge = GitHub(client, either.repository, graphql_url=graphql_url, sleep=lambda _: None)
        barrier.wait(20)
        try:
            publish_section(forge, pull_request=7, comment_id=ID, section=leg(name), compose=compose, pace=pace)
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    legs = [f"leg {index:02}" for index in range(20)]
    threads = [threading.Thread(target=write, args=(name,)) for name in legs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    assert [names(body) for body in either.own_bodies()] == [legs]
    assert len(either.requests) <= 20 * 20
    assert len(either.sent("PATCH")) + len(either.sent("POST", "/issues/")) <= 20 * 8
