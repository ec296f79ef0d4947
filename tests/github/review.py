"""The fake's labels with who set them, what people may do, check runs, and files of other repositories."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

EXAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))
PER_PAGE = 100
Answer = tuple[int, Any, dict[str, str]]
NOT_FOUND: Answer = (404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}, {})
FORBIDDEN: Answer = (
    403,
    {"message": "Resource not accessible by integration", "documentation_url": "https://docs.github.com/rest"},
    {},
)


@dataclass(eq=False)
class Review:
    """State that tests change; a part of `FakeGitHub`.

    `labels`: those on the pull request now; `events`: who did what, set by `set_label` and `take_label`;
    `may`: login → permission, others may read; `checks`: check runs; `may_check`: whether the token may write them;
    `elsewhere`: files of other repositories, public: repository, ref and path → content.
    """

    labels: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    may: dict[str, str] = field(default_factory=dict)
    checks: list[dict[str, Any]] = field(default_factory=list)
    may_check: bool = True
    elsewhere: dict[tuple[str, str, str], bytes] = field(default_factory=dict)

    def set_label(self, name: str, *, by: str, at: str = "2026-01-01T10:00:00Z") -> None:
        """Somebody puts a label on the pull request."""
        self.labels.append(name)
        self._note("labeled", name, by, at)

    def take_label(self, name: str, *, by: str, at: str = "2026-01-01T11:00:00Z") -> None:
        """Somebody takes it off."""
        self.labels.remove(name)
        self._note("unlabeled", name, by, at)

    def note(self, event: str, times: int = 1) -> None:
        """Events about something else."""
        for _ in range(times):
            self._note(event, "another", "octocat", "2026-01-01T09:00:00Z")

    def push_over(self, *, by: str = "octocat", at: str = "2026-01-01T12:00:00Z") -> None:
        """Somebody gives the branch another history."""
        self._note("head_ref_force_pushed", "another", by, at)
        del self.events[-1]["label"]

    def routes(self, repo: str) -> tuple[tuple[str, str, Callable[..., Answer]], ...]:
        """As `FakeGitHub.answer` has them."""
        return (
            ("GET", rf"{repo}/issues/(\d+)/labels", self._labels),
            ("GET", rf"{repo}/issues/(\d+)/events", self._events),
            ("GET", rf"{repo}/collaborators/([^/]+)/permission", self._permission),
            ("GET", rf"{repo}/commits/([0-9a-f]+)/check-runs", self._list_checks),
            ("POST", rf"{repo}/check-runs", self._create_check),
            ("PATCH", rf"{repo}/check-runs/(\d+)", self._update_check),
        )

    def public(self, path: str, ref: str) -> dict[str, Any] | None:
        """A file of another repository."""
        _, _, owner, name, _, *rest = [*path.split("/"), "", "", ""]
        content = self.elsewhere.get((f"{owner}/{name}", ref, unquote("/".join(rest).rstrip("/"))))
        if content is None:
            return None
        import base64

        raw: dict[str, Any] = copy.deepcopy(EXAMPLES["content-file-response-if-content-is-a-file"])
        return {**raw, "content": base64.encodebytes(content).decode(), "size": len(content)}

    def _note(self, event: str, name: str, by: str, at: str) -> None:
        raw: dict[str, Any] = copy.deepcopy(EXAMPLES["issue-event-for-issue-items"][0])
        raw.update(id=len(self.events) + 1, event=event, created_at=at, commit_id=None, commit_url=None)
        raw["label"] = {"name": name, "color": "f29513"}
        raw["actor"].update(login=by, type="Bot" if by.endswith("[bot]") else "User")
        self.events.append(raw)

    def _labels(self, _request: Any, _number: int) -> Answer:
        example = EXAMPLES["label-items"][0]
        return 200, [{**example, "id": place, "name": name} for place, name in enumerate(self.labels)], {}

    def _events(self, request: Any, number: int) -> Answer:
        page = int(request.query.get("page", "1"))
        shown = self.events[(page - 1) * PER_PAGE : page * PER_PAGE]
        more = len(self.events) > page * PER_PAGE
        link = f"<{self.url}{request.path}?per_page={PER_PAGE}&page={page + 1}>"  # type: ignore[attr-defined]
        return 200, shown, {"Link": f'{link}; rel="next"'} if more else {}

    def _permission(self, _request: Any, login: str) -> Answer:
        known = EXAMPLES["repository-collaborator-permission-response-if-user-has-admin-permissions"]
        permission = self.may.get(unquote(str(login)), "read")
        if permission == "unknown":
            return NOT_FOUND
        raw = copy.deepcopy(known)
        raw.update(permission={"maintain": "write", "triage": "read"}.get(permission, permission), role_name=permission)
        raw["user"].update(login=unquote(str(login)), role_name=permission)
        return 200, raw, {}

    def _list_checks(self, request: Any, sha: str) -> Answer:
        if not self.may_check:
            return FORBIDDEN
        name = request.query.get("check_name")
        found = [row for row in self.checks if row["head_sha"] == sha and name in (None, row["name"])]
        return 200, {"total_count": len(found), "check_runs": found}, {}

    def _create_check(self, request: Any) -> Answer:
        if not self.may_check:
            return FORBIDDEN
        raw: dict[str, Any] = copy.deepcopy(EXAMPLES["check-run"])
        raw.update(id=5_000_000_000 + len(self.checks), external_id="")
        self.checks.append(_with(raw, request.body))
        return 201, raw, {}

    def _update_check(self, request: Any, number: int) -> Answer:
        found = next((row for row in self.checks if row["id"] == number), None)
        if found is None:
            return NOT_FOUND
        if not self.may_check or found.get("app_slug") == "another":
            return FORBIDDEN
        return 200, _with(found, request.body), {}


def _with(raw: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    raw["output"].update(text=None, **body.get("output", {}))
    raw.update({key: value for key, value in body.items() if key != "output"})
    return raw
