"""The check run: one for each commit and use of the action, created or brought up to date. Needs `checks: write`."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

from reporter import forge
from reporter.errors import NotPermitted
from reporter.forge import HEADERS
from reporter.publish import answer
from reporter.publish.github import permissions_hint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reporter.publish import HttpClient, Reply

MAX_SUMMARY_BYTES = 65_535
"""GitHub counts characters, which are never more."""
MAX_TITLE = 255


class Conclusion(str, Enum):
    """What a check comes to."""

    SUCCESS = "success"
    NEUTRAL = "neutral"
    FAILURE = "failure"
    ACTION_REQUIRED = "action_required"
    """Somebody is to look; unlike neutral it does not satisfy a required check."""


class CheckRun(NamedTuple):
    """What is posted: `external_id` tells checks of one name apart, `summaries` are one text, the longest first."""

    name: str
    head_sha: str
    external_id: str
    conclusion: Conclusion
    title: str
    summaries: Iterable[str]
    details_url: str | None = None


class Checks:
    """Check runs of one repository, `owner/name`; every method raises `PublishError` only."""

    def __init__(self, http: HttpClient, repository: str, *, hint: str | None = None) -> None:
        self._http = http
        self._hint = hint or permissions_hint(check=True)
        self._base = f"/repos/{quote(repository)}"

    def post(self, check: CheckRun) -> None:
        """Bring the check of this name, commit and external id up to date, or create it."""
        title = check.title if len(check.title) <= MAX_TITLE else check.title[: MAX_TITLE - 1] + "…"
        summary = next((text for text in check.summaries if len(text.encode()) <= MAX_SUMMARY_BYTES), title)
        payload = {
            "name": check.name,
            "status": "completed",
            "conclusion": check.conclusion.value,
            "output": {"title": title, "summary": summary},
            "external_id": check.external_id,
            **({"details_url": check.details_url} if check.details_url else {}),
        }
        known = self._known(check)
        if known is not None:
            try:
                self._checked(self._send("PATCH", f"{self._base}/check-runs/{known:d}", payload))
            except NotPermitted:
                pass  # another app's: ours is created beside it
            else:
                return
        self._checked(self._send("POST", f"{self._base}/check-runs", {**payload, "head_sha": check.head_sha}))

    def _known(self, check: CheckRun) -> int | None:
        """The newest check run of this name and external id; a token that may not read them may not write them."""
        query = urlencode({"check_name": check.name, "filter": "latest", "per_page": 100}, errors="replace")
        url = f"{self._base}/commits/{quote(check.head_sha, safe='')}/check-runs?{query}"
        found = forge.mapping(self._checked(self._http.send("GET", url, headers=HEADERS)).json())
        own = [row for row in forge.items(found.get("check_runs")) if row.get("external_id") == check.external_id]
        return max((forge.whole(row.get("id")) for row in own), default=None)

    def _send(self, verb: str, url: str, payload: object) -> Reply:
        return self._http.send(verb, url, payload=payload, headers=HEADERS, repeatable=verb == "PATCH")

    def _checked(self, reply: Reply) -> Reply:
        return answer.checked(reply, self._http, what="post checks", hint=self._hint)
