"""Comments on GitHub, github.com and Enterprise Server alike, by a client for `GITHUB_API_URL`.

Which comments are ours is asked of GraphQL where there is one (right for every kind of token),
else of REST: the token's user, or the Actions bot for a token that has none.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from reporter.errors import ForgeUnreachable, NotPermitted, PublishError
from reporter.publish import Comment, CommentGone, CommentRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from reporter.publish import HttpClient, Reply

ACTIONS_BOT = "github-actions[bot]"
MAX_PAGES = 100
WRITE_GAP_S = 1.0
"""GitHub asks for a second between writes."""

_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_OWN_COMMENTS_QUERY = """
query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      comments(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { fullDatabaseId viewerDidAuthor isMinimized body url }
      }
    }
  }
}
"""


def permissions_block(history: str | None = None) -> str:
    """The `permissions:` of a workflow job, complete, ready to paste; `history` is `branch`, `artifact` or neither."""
    lines = ["permissions:", "  contents: read", "  pull-requests: write"]
    if history == "branch":
        lines[1] = "  contents: write"
    if history == "artifact":
        lines.insert(1, "  actions: read")
    return "\n".join(lines) + "\n"


def permissions_hint(history: str | None = None) -> str:
    """What to do about a token that may not comment: the block to paste, and where pasting does not help."""
    return (
        f"Give the job these permissions:\n\n{permissions_block(history)}\n"
        "In a reusable workflow, grant them in the caller. Runs for pull requests from forks and by Dependabot get a\n"
        "read-only token whatever this says: their report is in the job summary and the artifact."
    )


class GitHub:
    """A forge; `repository` is `owner/name`.

    `graphql_url` helps only on the API's own host: the client sends its token nowhere else.
    `history` only completes the permissions that an error names.
    """

    def __init__(  # noqa: PLR0913 - the last two are for tests
        self,
        http: HttpClient,
        repository: str,
        *,
        graphql_url: str | None = None,
        history: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if re.fullmatch(r"[\w.-]+/[\w.-]+", repository, re.ASCII) is None:
            raise PublishError("The repository is not known as `owner/name`", hint="Set GITHUB_REPOSITORY.")
        self._http = http
        self._owner, _, self._name = repository.partition("/")
        self._base = f"/repos/{quote(repository)}"
        self._history = history
        self._sleep = sleep
        self._clock = clock
        self._wrote_at: float | None = None
        self._login: str | None = None
        self._graphql_url = graphql_url

    def own_comments(self, pull_request: int) -> tuple[Comment, ...]:
        """Comments that this token wrote and nobody has hidden, over all pages."""
        if self._graphql_url:
            try:
                return self._own_by_graphql(self._graphql_url, pull_request)
            except PublishError:
                self._graphql_url = None  # an older server, or a token without the right: REST can do it
        return self._own_by_rest(pull_request)

    def create(self, pull_request: int, body: str) -> Comment:
        """A new comment."""
        reply = self._write("POST", f"{self._base}/issues/{pull_request:d}/comments", {"body": body})
        return _comment(_mapping(reply.json()))

    def update(self, comment_id: int, body: str) -> Comment:
        """New text for a comment."""
        reply = self._write("PATCH", f"{self._base}/issues/comments/{comment_id:d}", {"body": body}, of_a_comment=True)
        return _comment(_mapping(reply.json()))

    def delete(self, comment_id: int) -> None:
        """Remove a comment; one that is gone already is no error."""
        try:
            self._write("DELETE", f"{self._base}/issues/comments/{comment_id:d}", None, of_a_comment=True)
        except CommentGone:
            return

    def head_sha(self, pull_request: int) -> str:
        """Commit that the pull request points at just now."""
        reply = self._checked(self._http.send("GET", f"{self._base}/pulls/{pull_request:d}", headers=_HEADERS))
        sha = _text(_mapping(_mapping(reply.json()).get("head")).get("sha"))
        if re.fullmatch(r"[0-9a-f]{40,64}", sha, re.ASCII) is None:
            raise _unlike_github("a commit")
        return sha

    def _own_by_graphql(self, url: str, pull_request: int) -> tuple[Comment, ...]:
        own: list[Comment] = []
        after: str | None = None
        for _ in range(MAX_PAGES):
            variables = {"owner": self._owner, "name": self._name, "number": pull_request, "after": after}
            payload = {"query": _OWN_COMMENTS_QUERY, "variables": variables}
            reply = self._checked(self._http.send("POST", url, payload=payload, headers=_HEADERS, patient=False))
            node = _mapping(_mapping(reply.json()).get("data"))
            for key in ("repository", "pullRequest", "comments"):
                node = _mapping(node.get(key))
            for comment in _items(node.get("nodes")):
                if comment.get("viewerDidAuthor") is True and comment.get("isMinimized") is not True:
                    number = comment.get("fullDatabaseId")
                    own.append(_comment({"id": number, "body": comment.get("body"), "html_url": comment.get("url")}))
            page = _mapping(node.get("pageInfo"))
            if page.get("hasNextPage") is not True:
                break
            after = _text(page.get("endCursor"))
        return tuple(own)

    def _own_by_rest(self, pull_request: int) -> tuple[Comment, ...]:
        login = self._login = self._login or self._own_login()
        own: list[Comment] = []
        url: str | None = f"{self._base}/issues/{pull_request:d}/comments?per_page=100"
        seen: set[str] = set()
        while url is not None and url not in seen and len(seen) < MAX_PAGES:
            seen.add(url)
            reply = self._checked(self._http.send("GET", url, headers=_HEADERS))
            for comment in _items(reply.json()):
                author = comment.get("user")  # null once the account is deleted
                if isinstance(author, dict) and author.get("login") == login:
                    own.append(_comment(comment))
            url = _next_url(reply)
        return tuple(own)

    def _own_login(self) -> str:
        reply = self._http.send("GET", "/user", headers=_HEADERS)
        if reply.status in {403, 404}:
            return ACTIONS_BOT  # the token of Actions belongs to no user
        return _text(_mapping(self._checked(reply).json()).get("login"))

    def _write(self, verb: str, path: str, payload: object, *, of_a_comment: bool = False) -> Reply:
        if self._wrote_at is not None:
            self._sleep(max(0.0, self._wrote_at + WRITE_GAP_S - self._clock()))
        try:
            reply = self._http.send(verb, path, payload=payload, headers=_HEADERS, repeatable=of_a_comment)
        finally:
            self._wrote_at = self._clock()
        return self._checked(reply, of_a_comment=of_a_comment)

    def _checked(self, reply: Reply, *, of_a_comment: bool = False) -> Reply:
        """The reply when it is a success, else our error for its status."""
        if reply.status in {200, 201, 204}:
            return reply
        said = self._http.redact(_said(reply))
        match reply.status:
            case 401:
                message = f"GitHub does not accept the token: missing, wrong or expired ({said})"
                raise NotPermitted(message, hint="Pass `token: ${{ github.token }}`, or a token that is still valid.")
            case 404 | 410 if of_a_comment:
                raise CommentGone("The comment was deleted in the meantime")
            case 410:
                raise PublishError(f"This conversation is gone or switched off ({said})")
            case 403 if "locked" in said.lower():
                raise NotPermitted(f"The conversation is locked ({said})", hint="Unlock it to get the comment.")
            case 403 | 404:
                message = f"The token may not comment on this pull request, or there is none ({reply.status}: {said})"
                raise NotPermitted(message, hint=permissions_hint(self._history))
            case 422:
                raise CommentRefused(f"GitHub does not take this comment ({said})")
            case _:
                raise ForgeUnreachable(f"GitHub answered with status {reply.status} ({said})")


def _next_url(reply: Reply) -> str | None:
    """The address of the next page, from the `Link` header."""
    found = re.search(r'<([^<>]+)>\s*;[^<]*\brel="?next\b', reply.headers.get("link", ""), re.IGNORECASE)
    return found[1] if found else None


def _said(reply: Reply) -> str:
    """GitHub's own words for an error, as far as they can be read."""
    try:
        answer = reply.json()
    except PublishError:
        answer = None
    message = answer.get("message") if isinstance(answer, dict) else None
    return message if isinstance(message, str) else "no explanation given"


def _comment(raw: dict[str, object]) -> Comment:
    body = raw.get("body")
    return Comment(
        comment_id=_whole(raw.get("id")), body=body if isinstance(body, str) else "", url=_text(raw.get("html_url"))
    )


def _mapping(value: object) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    raise _unlike_github("an object")


def _items(value: object) -> list[dict[str, object]]:
    if isinstance(value, list):
        return [_mapping(item) for item in value]
    raise _unlike_github("a list")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise _unlike_github("a text")


def _whole(value: object) -> int:
    """A number, or its digits: GraphQL writes large ones as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{1,18}", value, re.ASCII):
        return int(value)
    raise _unlike_github("a number")


def _unlike_github(wanted: str) -> ForgeUnreachable:
    message = f"The answer is not what GitHub's API describes ({wanted} is missing)"
    return ForgeUnreachable(message, hint="Is GITHUB_API_URL the address of GitHub's API, with no proxy in the way?")
