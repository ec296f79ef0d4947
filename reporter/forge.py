"""What every caller of GitHub's API needs: its headers, the rights to ask for, and its answers read with suspicion.

An answer that is not as the API describes raises `UnlikeGitHub`.
"""

from __future__ import annotations

import re

from reporter.errors import UnlikeGitHub

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


def permissions_block(history: str | None = None, *, check: bool = False, artifacts: bool = False) -> str:
    """The `permissions:` of a workflow job, complete, ready to paste; `history` is `branch`, `artifact` or neither.

    `artifacts`: it reads what another run uploaded, as a second stage does.
    """
    lines = ["permissions:", "  contents: read", "  pull-requests: write"]
    if history == "branch":
        lines[1] = "  contents: write"
    if check:
        lines.insert(1, "  checks: write")
    if artifacts or history == "artifact":
        lines.insert(1, "  actions: read")
    return "\n".join(lines) + "\n"


def mapping(value: object) -> dict[str, object]:
    """An object."""
    if isinstance(value, dict):
        return value
    raise unlike_github("an object")


def items(value: object) -> list[dict[str, object]]:
    """A list of objects."""
    if isinstance(value, list):
        return [mapping(item) for item in value]
    raise unlike_github("a list")


def text(value: object) -> str:
    """A text."""
    if isinstance(value, str):
        return value
    raise unlike_github("a text")


def whole(value: object) -> int:
    """A number, or its digits: GraphQL writes large ones as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{1,18}", value, re.ASCII):
        return int(value)
    raise unlike_github("a number")


def unlike_github(wanted: str) -> UnlikeGitHub:
    """The error for an answer that lacks something."""
    message = f"The answer is not what GitHub's API describes ({wanted} is missing)"
    return UnlikeGitHub(message, hint="Is GITHUB_API_URL the address of GitHub's API, with no proxy in the way?")
