"""Open pull requests by their head, as GitHub has them now. Needs `pull-requests: read`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

from reporter import forge
from reporter.forge import HEADERS
from reporter.publish import answer
from reporter.publish.github import permissions_hint

if TYPE_CHECKING:
    from reporter.publish import HttpClient, Reply


class Pull(NamedTuple):
    """A pull request; what GitHub does not say is empty."""

    number: int
    is_open: bool
    head_sha: str
    head_repository: str
    """`owner/name`; empty once a fork is deleted."""
    base_sha: str
    base_ref: str
    base_repository: str
    author: str = ""
    """Who opened it; empty once the account is gone."""


class Pulls:
    """Pull requests of one repository, `owner/name`; every method raises `PublishError` only."""

    def __init__(self, http: HttpClient, repository: str, *, hint: str | None = None) -> None:
        self._http = http
        self._hint = hint or permissions_hint()
        self._base = f"/repos/{quote(repository)}"

    def by_head(self, owner: str, branch: str) -> tuple[Pull, ...]:
        """The open ones of a branch in somebody's repository; GitHub filters by the owner's name alone."""
        query = urlencode({"head": f"{owner}:{branch}", "state": "open", "per_page": 100}, errors="replace")
        pages = answer.pages(self._get, f"{self._base}/pulls?{query}")
        return tuple(_pull(raw) for page in pages for raw in forge.items(page))

    def _get(self, url: str) -> Reply:
        reply = self._http.send("GET", url, headers=HEADERS)
        return answer.checked(reply, self._http, what="look pull requests up", hint=self._hint)


def _pull(raw: dict[str, object]) -> Pull:
    head, base = forge.mapping(raw.get("head")), forge.mapping(raw.get("base"))
    return Pull(
        number=forge.whole(raw.get("number")),
        is_open=raw.get("state") == "open",
        head_sha=_text(head.get("sha")),
        head_repository=_name(head.get("repo")),
        base_sha=_text(base.get("sha")),
        base_ref=_text(base.get("ref")),
        base_repository=_name(base.get("repo")),
        author=_login(raw.get("user")),
    )


def _name(repository: object) -> str:
    return _text(repository.get("full_name")) if isinstance(repository, dict) else ""


def _login(user: object) -> str:
    return _text(user.get("login")) if isinstance(user, dict) else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
