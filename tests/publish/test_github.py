"""GitHub as a forge: what each answer means, and which comments are ours."""

from __future__ import annotations

import logging
from itertools import product

import pytest
import yaml

from reporter.errors import ForgeUnreachable, NotPermitted, PublishError, UnlikeGitHub
from reporter.forge import permissions_block
from reporter.http import Client
from reporter.publish import CommentGone, CommentRefused
from reporter.publish.github import GitHub, permissions_hint
from tests.github.fake import BASE_SHA, BOT, HEAD_SHA, MAX_CONTENT_BYTES, FakeGitHub

TOKEN = "ghs_sEcReTsEcReTsEcReT0123456789"


def forge(github: FakeGitHub, *, graphql: bool = False, hint: str | None = None) -> GitHub:
    """Our forge on the fake, without waiting."""
    client = Client(github.url, TOKEN, sleep=lambda _: None)
    return GitHub(
        client,
        github.repository,
        graphql_url=github.graphql_url if graphql else None,
        hint=hint,
        sleep=lambda _: None,
    )


@pytest.fixture(params=[False, True], ids=["rest", "graphql"])
def graphql(request: pytest.FixtureRequest, github: FakeGitHub) -> bool:
    github.graphql = request.param
    return bool(request.param)


def test_own_comments_are_found_on_every_page(github: FakeGitHub, *, graphql: bool) -> None:
    mine = []
    for index in range(250):
        comment = github.add_comment(f"text {index}", author=BOT if index % 60 == 0 else "octocat")
        mine += [comment.id] if index % 60 == 0 else []

    found = forge(github, graphql=graphql).own_comments(7)

    assert [comment.comment_id for comment in found] == mine
    assert [comment.body for comment in found] == ["text 0", "text 60", "text 120", "text 180", "text 240"]
    assert found[0].url == f"https://github.com/octo-org/octo-repo/pull/7#issuecomment-{mine[0]}"
    assert len(github.sent("POST", "/graphql")) == (3 if graphql else 0)
    assert len(github.sent("GET", "/comments")) == (0 if graphql else 3)


def test_only_a_pull_requests_own_comments_count(github: FakeGitHub, *, graphql: bool) -> None:
    github.pull_requests = {7, 8}
    github.add_comment("elsewhere", pull_request=8)

    assert forge(github, graphql=graphql).own_comments(7) == ()


def test_a_personal_tokens_comments_are_its_users(github: FakeGitHub, *, graphql: bool) -> None:
    github.login, github.user_is_known = "octocat", True
    github.add_comment("by the bot", author=BOT)
    mine = github.add_comment("by me")

    assert [comment.comment_id for comment in forge(github, graphql=graphql).own_comments(7)] == [mine.id]


def test_an_apps_comments_are_found_by_graphql(github: FakeGitHub) -> None:
    github.graphql, github.login = True, "our-app[bot]"
    mine = github.add_comment("by the app")

    assert [comment.comment_id for comment in forge(github, graphql=True).own_comments(7)] == [mine.id]


def test_a_hidden_comment_is_left_alone(github: FakeGitHub) -> None:
    github.graphql = True
    github.add_comment("hidden as outdated", minimised=True)

    assert forge(github, graphql=True).own_comments(7) == ()


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 403},
        {"status": 404},
        {"status": 502},
        {"status": 403, "headers": {"Retry-After": "30"}},
        {"status": 200, "body": {"data": None, "errors": [{"message": "Field 'fullDatabaseId' doesn't exist"}]}},
        {"status": 200, "body": {"data": {"repository": {"pullRequest": {"comments": {"nodes": [None]}}}}}},
        {"status": 200, "body": []},
        {"garbage": "<html>"},
        {"reset": "body"},
    ],
    ids=str,
)
def test_rest_stands_in_where_graphql_fails(github: FakeGitHub, fault: dict[str, object]) -> None:
    github.graphql = True
    mine = github.add_comment("mine")
    github.fail(path="/graphql", times=9, **fault)
    ours = forge(github, graphql=True)

    for _ in range(2):
        assert [comment.comment_id for comment in ours.own_comments(7)] == [mine.id]

    assert len(github.sent("POST", "/graphql")) == 1  # it is not tried over and over


def test_graphql_on_another_host_gets_no_token(github: FakeGitHub) -> None:
    client = Client(github.url, TOKEN)
    elsewhere = github.graphql_url.replace("127.0.0.1", "localhost")

    GitHub(client, github.repository, graphql_url=elsewhere).own_comments(7)

    assert github.sent("POST") == []


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_a_servers_path_prefix_is_kept(github: FakeGitHub, prefix: str, *, graphql: bool) -> None:
    github.prefix = prefix
    for _ in range(120):
        github.add_comment("x")
    ours = forge(github, graphql=graphql)

    created = ours.create(7, "new")
    ours.update(created.comment_id, "newer")

    assert [comment.body for comment in ours.own_comments(7)][-1] == "newer"
    assert ours.head_sha(7) == HEAD_SHA
    ours.delete(created.comment_id)
    assert len(github.comments) == 120
    assert all(request.path.startswith(prefix + "/repos/") for request in github.requests if "/repos/" in request.path)


CALLS = {
    "own_comments": ("GET", "/comments", lambda ours: ours.own_comments(7)),
    "create": ("POST", "/comments", lambda ours: ours.create(7, "text")),
    "update": ("PATCH", "/comments/", lambda ours: ours.update(3_000_000_001, "text")),
    "delete": ("DELETE", "/comments/", lambda ours: ours.delete(3_000_000_001)),
    "head_sha": ("GET", "/pulls/", lambda ours: ours.head_sha(7)),
}

FAULTS: dict[str, tuple[dict[str, object], type[PublishError]]] = {
    "401": ({"status": 401}, NotPermitted),
    "403": ({"status": 403}, NotPermitted),
    "403 secondary limit": (
        {"status": 403, "body": {"message": "You have exceeded a secondary rate limit"}},
        ForgeUnreachable,
    ),
    "403 retry-after": ({"status": 403, "headers": {"Retry-After": "50"}}, ForgeUnreachable),
    "404": ({"status": 404}, NotPermitted),
    "409": ({"status": 409}, ForgeUnreachable),
    "410": ({"status": 410}, PublishError),
    "422": ({"status": 422}, CommentRefused),
    "429": ({"status": 429}, ForgeUnreachable),
    "500": ({"status": 500}, ForgeUnreachable),
    "503": ({"status": 503, "headers": {"Retry-After": "x"}}, ForgeUnreachable),
    "reset": ({"reset": "before"}, ForgeUnreachable),
    "cut": ({"reset": "body"}, ForgeUnreachable),
    "redirect": ({"status": 302, "headers": {"Location": "https://elsewhere.example/"}}, ForgeUnreachable),
    "304": ({"status": 304}, ForgeUnreachable),
    "a page": ({"garbage": "<html>Sign in</html>"}, ForgeUnreachable),
    "a null": ({"garbage": "null"}, UnlikeGitHub),
    "a number": ({"garbage": "1"}, UnlikeGitHub),
    "wrong types": ({"garbage": '{"id": {}, "html_url": 1, "head": {"sha": "x"}}'}, UnlikeGitHub),
    "deep": ({"garbage": "[" * 100_000}, ForgeUnreachable),
}


@pytest.mark.parametrize(("call", "fault"), list(product(CALLS, FAULTS)))
def test_every_failure_is_one_of_ours(
    github: FakeGitHub, call: str, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    github.add_comment("mine")
    method, path, act = CALLS[call]
    what, expected = FAULTS[fault]
    github.fail(method=method, path=path, times=99, **what)
    gone_is_fine = call == "delete" and fault in {"404", "410"}
    has_no_answer = call == "delete" and "garbage" in what
    if gone_is_fine or has_no_answer:
        act(forge(github))
        return
    if call == "delete" and fault == "cut":
        return  # there is nothing to cut in the middle of
    if call == "update" and fault in {"404", "410"}:
        expected = CommentGone

    with pytest.raises(PublishError) as caught:
        act(forge(github))

    assert type(caught.value) is expected
    assert TOKEN not in f"{caught.value!r} {caught.value.hint} {caplog.text}"
    assert caught.value.message


def test_a_token_without_the_right_is_told_the_exact_permissions(github: FakeGitHub) -> None:
    github.permission = "read"

    with pytest.raises(NotPermitted) as caught:
        forge(github, hint=permissions_hint("artifact")).create(7, "text")

    assert "Resource not accessible by integration" in caught.value.message
    assert caught.value.hint is not None
    assert permissions_block("artifact") in caught.value.hint
    assert "caller" in caught.value.hint
    assert "fork" in caught.value.hint
    assert "Dependabot" in caught.value.hint


@pytest.mark.parametrize(
    ("history", "permissions"),
    [
        (None, {"contents": "read", "pull-requests": "write"}),
        ("off", {"contents": "read", "pull-requests": "write"}),
        ("file:ledger.jsonl", {"contents": "read", "pull-requests": "write"}),
        ("branch", {"contents": "write", "pull-requests": "write"}),
        ("artifact", {"contents": "read", "pull-requests": "write", "actions": "read"}),
    ],
)
def test_the_permissions_are_complete_and_can_be_pasted(history: str | None, permissions: dict[str, str]) -> None:
    assert yaml.safe_load(permissions_block(history)) == {"permissions": permissions}
    assert permissions_block(history) in permissions_hint(history)


def test_a_rejected_token_is_not_a_missing_permission(github: FakeGitHub) -> None:
    github.tokens = {"another"}

    with pytest.raises(NotPermitted, match="wrong or expired") as caught:
        forge(github).own_comments(7)

    assert "permissions:" not in (caught.value.hint or "")


def test_an_answer_that_repeats_the_token_is_not_quoted_whole(github: FakeGitHub) -> None:
    github.fail(status=403, body={"message": f"Bad token {TOKEN}\n::error::x"})

    with pytest.raises(NotPermitted) as caught:
        forge(github).create(7, "text")

    assert "Bad token *** ::error::x" in caught.value.message


def test_a_locked_conversation_is_said_to_be_locked(github: FakeGitHub) -> None:
    github.locked = True

    with pytest.raises(NotPermitted, match="locked"):
        forge(github).create(7, "text")


def test_a_pull_request_that_is_not_there_is_no_crash(github: FakeGitHub) -> None:
    with pytest.raises(NotPermitted, match="there is none"):
        forge(github).own_comments(99)


def test_a_text_over_githubs_limit_is_refused(github: FakeGitHub) -> None:
    with pytest.raises(CommentRefused):
        forge(github).create(7, "x" * 65_537)

    assert forge(github).create(7, "x" * 65_536).comment_id


def test_an_edit_that_was_cut_off_is_sent_again(github: FakeGitHub) -> None:
    comment = github.add_comment("old")
    github.fail(method="PATCH", reset="after")

    forge(github).update(comment.id, "new")

    assert comment.body == "new"


def test_paging_that_never_ends_is_left(github: FakeGitHub) -> None:
    link = f'<{github.url}/repositories/1296269/issues/7/comments?per_page=100>; rel="next"'
    github.fail(method="GET", path="/comments", status=200, body=[], headers={"Link": link}, times=10_000)

    forge(github).own_comments(7)

    assert len(github.sent("GET", "/comments")) <= 3


def test_a_next_page_elsewhere_is_not_asked(github: FakeGitHub) -> None:
    headers = {"Link": '<https://elsewhere.example/?page=2>; rel="next"'}
    github.fail(method="GET", path="/comments", status=200, body=[], headers=headers)

    with pytest.raises(ForgeUnreachable, match="another host"):
        forge(github).own_comments(7)


def test_the_users_name_is_asked_once(github: FakeGitHub) -> None:
    ours = forge(github)

    ours.own_comments(7)
    ours.own_comments(7)

    assert len(github.sent("GET", "/user")) == 1


def test_writes_are_a_second_apart(github: FakeGitHub) -> None:
    now_s, slept = 100.0, []

    def sleep(seconds: float) -> None:
        nonlocal now_s
        now_s += seconds
        slept.append(seconds)

    ours = GitHub(Client(github.url, TOKEN), github.repository, sleep=sleep, clock=lambda: now_s)
    ours.create(7, "one")
    now_s += 0.25
    ours.own_comments(7)

    ours.create(7, "two")

    assert slept == [0.75]


@pytest.mark.parametrize("repository", ["", "repo", "a/b/c", "a/b?c", "a/../b", "a/b#", "ü/b"])
def test_a_repository_that_is_none_is_an_expected_failure(github: FakeGitHub, repository: str) -> None:
    with pytest.raises(PublishError, match="owner/name"):
        GitHub(Client(github.url, TOKEN), repository)


def test_a_file_is_read_at_the_commit_asked_for(github: FakeGitHub) -> None:
    github.files = {
        (BASE_SHA, ".github/a b.md.j2"): "é\n".encode() * 100,
        (HEAD_SHA, ".github/a b.md.j2"): b"of the pull request",
    }

    assert forge(github).base_sha(7) == BASE_SHA
    assert forge(github).file_at(".github/a b.md.j2", BASE_SHA) == "é\n".encode() * 100
    assert forge(github).file_at("nowhere.j2", BASE_SHA) is None


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("dir", "is not a file"),
        ("symlink", "is not a file"),
        ("submodule", "is not a file"),
        (b"x" * (MAX_CONTENT_BYTES + 1), "too large"),
    ],
)
def test_what_is_no_file_to_be_had_is_said(github: FakeGitHub, content: bytes | str, why: str) -> None:
    github.files = {(BASE_SHA, "a.j2"): content}

    with pytest.raises(PublishError, match=why):
        forge(github).file_at("a.j2", BASE_SHA)


def test_a_token_that_may_not_read_files_is_told_which_right_it_needs(github: FakeGitHub) -> None:
    github.fail(path="/contents/", status=403)

    with pytest.raises(NotPermitted, match="may not read") as failed:
        forge(github).file_at("a.j2", BASE_SHA)

    assert "contents: read" in (failed.value.hint or "")


@pytest.mark.parametrize("content", [None, 3, "no base64 at all, é"])
def test_a_file_without_its_content_is_unlike_github(github: FakeGitHub, content: object) -> None:
    github.fail(path="/contents/", status=200, body={"type": "file", "encoding": "base64", "content": content})

    with pytest.raises(ForgeUnreachable):
        forge(github).file_at("a.j2", BASE_SHA)
