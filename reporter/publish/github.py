"""Comments on GitHub, github.com and Enterprise Server alike, by a client for `GITHUB_API_URL`.

Which comments are ours is asked of GraphQL where there is one (right for every kind of token),
else of REST: the token's user, or the Actions bot for a token that has none.
"""

from __future__ import annotations

import re
import time
from base64 import b64decode
from typing import TYPE_CHECKING
from urllib.parse import quote

from reporter import forge
from reporter.errors import ForgeUnreachable, NotPermitted, PublishError
from reporter.forge import HEADERS, permissions_block
from reporter.publish import Comment, CommentGone, CommentRefused, Conversation, ForgeBusy, answer
from reporter.publish.answer import MAX_PAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from reporter.publish import HttpClient, Reply

ACTIONS_BOT = "github-actions[bot]"
WRITE_GAP_S = 1.0
"""GitHub asks for a second between writes."""

_OWN_COMMENTS_QUERY = """
query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      headRefOid
      comments(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { fullDatabaseId viewerDidAuthor isMinimized body url }
      }
    }
  }
}
"""


def permissions_hint(history: str | None = None, *, check: bool = False, artifacts: bool = False) -> str:
    """What to do about a token that may not comment: the block to paste, and where pasting does not help."""
    block = permissions_block(history, check=check, artifacts=artifacts)
    return (
        f"Give the job these permissions:\n\n{block}\n"
        "In a reusable workflow, grant them in the caller. Runs for pull requests from forks get a read-only token\n"
        "whatever this says, and those of Dependabot get one where nothing says more: their report is in the job\n"
        "summary and the artifact, and `emissions init --fork-safe` writes a workflow that comments for them."
    )


class GitHub:
    """A forge; `repository` is `owner/name`.

    `graphql_url` helps only on the API's own host: the client sends its token nowhere else.
    `hint` says what to do where the token may not do something.
    """

    def __init__(  # noqa: PLR0913 - the last two are for tests
        self,
        http: HttpClient,
        repository: str,
        *,
        graphql_url: str | None = None,
        hint: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if re.fullmatch(r"[\w.-]+/[\w.-]+", repository, re.ASCII) is None:
            raise PublishError("The repository is not known as `owner/name`", hint="Set GITHUB_REPOSITORY.")
        self._http = http
        self._owner, _, self._name = repository.partition("/")
        self._base = f"/repos/{quote(repository)}"
        self._hint = hint or permissions_hint()
        self._sleep = sleep
        self._clock = clock
        self._wrote_at: float | None = None
        self._login: str | None = None
        self._graphql_url = graphql_url

    def own_comments(self, pull_request: int) -> tuple[Comment, ...]:
        """Comments that this token wrote and nobody has hidden, over all pages."""
        return self.conversation(pull_request).own

    def conversation(self, pull_request: int) -> Conversation:
        """The same, with the head where GraphQL gives it in the same answer."""
        if self._graphql_url:
            try:
                return self._by_graphql(self._graphql_url, pull_request)
            except PublishError:
                self._graphql_url = None  # an older server, a token without the right, a spent limit: REST can do it
        return Conversation(self._own_by_rest(pull_request), None)

    def create(self, pull_request: int, body: str, *, patient: bool = True) -> Comment:
        """A new comment; not patient: sent once, without waiting for a limit to pass."""
        path = f"{self._base}/issues/{pull_request:d}/comments"
        reply = self._write("POST", path, {"body": body}, patient=patient)
        return _comment(forge.mapping(reply.json()))

    def comment(self, comment_id: int) -> Comment:
        """One comment as it is now."""
        reply = self._http.send("GET", f"{self._base}/issues/comments/{comment_id:d}", headers=HEADERS)
        return _comment(forge.mapping(self._checked(reply, of_a_comment=True).json()))

    def update(self, comment_id: int, body: str, *, patient: bool = True) -> Comment:
        """New text for a comment; not patient: sent once, without waiting for a limit to pass."""
        path = f"{self._base}/issues/comments/{comment_id:d}"
        reply = self._write("PATCH", path, {"body": body}, of_a_comment=True, patient=patient)
        return _comment(forge.mapping(reply.json()))

    def delete(self, comment_id: int) -> None:
        """Remove a comment; one that is gone already is no error."""
        try:
            self._write("DELETE", f"{self._base}/issues/comments/{comment_id:d}", None, of_a_comment=True)
        except CommentGone:
            return

    def head_sha(self, pull_request: int) -> str:
        """Commit that the pull request points at just now."""
        return self._sha(pull_request, "head")

    def base_sha(self, pull_request: int) -> str:
        """Commit of the branch that the pull request goes to."""
        return self._sha(pull_request, "base")

    def file_at(self, path: str, ref: str) -> bytes | None:
        """A file of the repository at a commit; None where there is none, or the token may not see it.

        Needs `contents: read`. GitHub sends at most 1 MB this way.
        """
        url = f"{self._base}/contents/{quote(path, errors='replace')}?ref={quote(ref, safe='', errors='replace')}"
        reply = self._http.send("GET", url, headers=HEADERS)
        if reply.status == 404:  # noqa: PLR2004
            return None
        if reply.status == 403:  # noqa: PLR2004
            message = f"The token may not read the repository's files ({self._http.redact(answer.said(reply))})"
            raise NotPermitted(message, hint=self._hint)
        found = self._checked(reply).json()
        if not isinstance(found, dict) or found.get("type") != "file":
            raise PublishError(f"`{path}` is not a file")
        if found.get("encoding") != "base64":
            raise PublishError(f"`{path}` is too large to be fetched")
        try:
            return b64decode(forge.text(found.get("content")))
        except ValueError:
            raise forge.unlike_github("a file's content") from None

    def _sha(self, pull_request: int, side: str) -> str:
        reply = self._checked(self._http.send("GET", f"{self._base}/pulls/{pull_request:d}", headers=HEADERS))
        return _commit(forge.mapping(forge.mapping(reply.json()).get(side)).get("sha"))

    def _by_graphql(self, url: str, pull_request: int) -> Conversation:
        own: list[Comment] = []
        head_sha: str | None = None
        after: str | None = None
        for _ in range(MAX_PAGES):
            variables = {"owner": self._owner, "name": self._name, "number": pull_request, "after": after}
            payload = {"query": _OWN_COMMENTS_QUERY, "variables": variables}
            reply = self._checked(self._http.send("POST", url, payload=payload, headers=HEADERS, patient=False))
            node = forge.mapping(forge.mapping(reply.json()).get("data"))
            pull = forge.mapping(forge.mapping(node.get("repository")).get("pullRequest"))
            head_sha, node = _commit(pull.get("headRefOid")), forge.mapping(pull.get("comments"))
            for comment in forge.items(node.get("nodes")):
                if comment.get("viewerDidAuthor") is True and comment.get("isMinimized") is not True:
                    number = comment.get("fullDatabaseId")
                    own.append(_comment({"id": number, "body": comment.get("body"), "html_url": comment.get("url")}))
            page = forge.mapping(node.get("pageInfo"))
            if page.get("hasNextPage") is not True:
                break
            after = forge.text(page.get("endCursor"))
        return Conversation(tuple(own), head_sha)

    def _own_by_rest(self, pull_request: int) -> tuple[Comment, ...]:
        login = self._login = self._login or self._own_login()
        own: list[Comment] = []
        for page in answer.pages(self._page, f"{self._base}/issues/{pull_request:d}/comments?per_page=100"):
            for comment in forge.items(page):
                author = comment.get("user")  # null once the account is deleted
                if isinstance(author, dict) and author.get("login") == login:
                    own.append(_comment(comment))
        return tuple(own)

    def _page(self, url: str) -> Reply:
        return self._checked(self._http.send("GET", url, headers=HEADERS))

    def _own_login(self) -> str:
        reply = self._http.send("GET", "/user", headers=HEADERS)
        if reply.status in {403, 404}:
            return ACTIONS_BOT  # the token of Actions belongs to no user
        return forge.text(forge.mapping(self._checked(reply).json()).get("login"))

    def _write(
        self, verb: str, path: str, payload: object, *, of_a_comment: bool = False, patient: bool = True
    ) -> Reply:
        if self._wrote_at is not None:
            self._sleep(max(0.0, self._wrote_at + WRITE_GAP_S - self._clock()))
        try:
            reply = self._http.send(
                verb, path, payload=payload, headers=HEADERS, repeatable=of_a_comment, patient=patient
            )
        finally:
            self._wrote_at = self._clock()
        return self._checked(reply, of_a_comment=of_a_comment)

    def _checked(self, reply: Reply, *, of_a_comment: bool = False) -> Reply:
        """The reply when it is a success, else our error for its status."""
        if reply.status in {200, 201, 204}:
            return reply
        said = self._http.redact(answer.said(reply))
        if reply.pause_s is not None:
            raise ForgeBusy(f"GitHub asks to wait {reply.pause_s:.0f} s ({said})", pause_s=reply.pause_s)
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
                raise NotPermitted(message, hint=self._hint)
            case 422:
                raise CommentRefused(f"GitHub does not take this comment ({said})")
            case _:
                raise ForgeUnreachable(f"GitHub answered with status {reply.status} ({said})")


def _commit(value: object) -> str:
    sha = forge.text(value)
    if re.fullmatch(r"[0-9a-f]{40,64}", sha, re.ASCII) is None:
        raise forge.unlike_github("a commit")
    return sha


def _comment(raw: dict[str, object]) -> Comment:
    body = raw.get("body")
    return Comment(
        comment_id=forge.whole(raw.get("id")),
        body=body if isinstance(body, str) else "",
        url=forge.text(raw.get("html_url")),
    )
