"""A label on a pull request as it is now: who set it, when, what that person may do, and the reason they gave.

Read live, since the event's payload is a snapshot that a re-run repeats.
Needs no more than the comment does: `pull-requests: read`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from reporter import forge
from reporter.forge import HEADERS
from reporter.publish import answer
from reporter.publish.github import permissions_hint

if TYPE_CHECKING:
    from reporter.publish import HttpClient, Reply


PUSHED_OVER = ("head_ref_force_pushed", "head_ref_deleted", "head_ref_restored")
"""Events after which a branch may have a head that it had before (docs.github.com, "Issue event types")."""


class SetLabel(NamedTuple):
    """A label that is on the pull request; None where GitHub does not say."""

    by: str | None
    """The login of whoever set it last."""
    is_bot: bool
    since: str | None
    """UTC, `2026-01-01T00:00:00Z`."""
    permission: str | None
    """`admin`, `write`, `read` or `none`; a role of the repository's own counts as the one it is made of."""
    reason: str | None
    """What follows `LABEL:` in that person's newest comment that has such a line."""
    app: str | None = None
    """The app that set it in that person's name; None: they did it themselves."""


class Labels:
    """Labels of the pull requests of one repository, `owner/name`; every method raises `PublishError` only."""

    def __init__(self, http: HttpClient, repository: str) -> None:
        self._http = http
        self._base = f"/repos/{quote(repository)}"

    def on(self, pull_request: int, label: str) -> SetLabel | None:
        """The label with who set it; None where it is not on the pull request. Capitals do not matter."""
        issue = f"{self._base}/issues/{pull_request:d}"
        rows = forge.items(self._get(f"{issue}/labels?per_page=100").json())
        if not any(_is(row.get("name"), label) for row in rows):
            return None
        actor, app, since = self._setter(f"{issue}/events?per_page=100", label)
        login = actor.get("login")
        if not isinstance(login, str):
            return SetLabel(by=None, is_bot=False, since=since, permission=None, reason=None)
        is_bot = actor.get("type") == "Bot" or login.endswith("[bot]")
        permission = None if is_bot else self._permission(login)
        return SetLabel(
            by=login,
            is_bot=is_bot,
            since=since,
            permission=permission,
            reason=self._reason(f"{issue}/comments?per_page=100", label, login),
            app=app,
        )

    def pushed_over(self, pull_request: int) -> tuple[str, ...]:
        """When its branch was given another history, or went and came back (UTC); other pushes only add to the head."""
        url = f"{self._base}/issues/{pull_request:d}/events?per_page=100"
        return tuple(
            str(event.get("created_at"))
            for page in answer.pages(self._get, url, whole=True)
            for event in forge.items(page)
            if event.get("event") in PUSHED_OVER
        )

    def _setter(self, url: str, label: str) -> tuple[dict[str, object], str | None, str | None]:
        """Who set it last, by which app, and when; an empty object where no event tells, or the account is gone."""
        actor: dict[str, object] = {}
        app: str | None = None
        since: str | None = None
        for page in answer.pages(self._get, url, whole=True):
            for event in forge.items(page):
                about = event.get("label")
                if event.get("event") != "labeled" or not isinstance(about, dict) or not _is(about.get("name"), label):
                    continue
                who, when, by_app = (event.get(key) for key in ("actor", "created_at", "performed_via_github_app"))
                actor = who if isinstance(who, dict) else {}
                app = str(by_app.get("slug")) if isinstance(by_app, dict) else None
                since = when if isinstance(when, str) else None
        return actor, app, since

    def _permission(self, login: str) -> str | None:
        url = f"{self._base}/collaborators/{quote(login, safe='', errors='replace')}/permission"
        reply = self._http.send("GET", url, headers=HEADERS)
        if reply.status == 404:  # noqa: PLR2004
            return "none"
        found = forge.mapping(self._checked(reply).json()).get("permission")
        return found if isinstance(found, str) else None

    def _reason(self, url: str, label: str, login: str) -> str | None:
        written = re.compile(rf"^[ \t]*{re.escape(label)}:[ \t]*(\S.*)$", re.IGNORECASE | re.MULTILINE)
        reason: str | None = None
        for page in answer.pages(self._get, url):
            for comment in forge.items(page):
                author, body = comment.get("user"), comment.get("body")
                if isinstance(author, dict) and author.get("login") == login and isinstance(body, str):
                    lines = written.findall(body)
                    reason = lines[-1].strip() if lines else reason
        return reason

    def _get(self, url: str) -> Reply:
        return self._checked(self._http.send("GET", url, headers=HEADERS))

    def _checked(self, reply: Reply) -> Reply:
        return answer.checked(reply, self._http, what="read the pull request's labels", hint=permissions_hint())


def _is(name: object, label: str) -> bool:
    return isinstance(name, str) and name.casefold() == label.casefold()
