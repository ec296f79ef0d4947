"""GitHub's answers, read with suspicion: what is not as its API describes raises `ForgeUnreachable`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reporter.errors import ForgeUnreachable, NotPermitted, PublishError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reporter.publish import HttpClient, Reply

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
MAX_PAGES = 100


def pages(get: Callable[[str], Reply], url: str) -> Iterator[object]:
    """What each page holds, from this address on."""
    seen: set[str] = set()
    following: str | None = url
    while following is not None and following not in seen and len(seen) < MAX_PAGES:
        seen.add(following)
        reply = get(following)
        yield reply.json()
        following = next_url(reply)


def checked(reply: Reply, http: HttpClient, *, what: str, hint: str) -> Reply:
    """The reply when it is a success, else our error; `what` the token may not do after a 403 or 404."""
    if reply.status in {200, 201, 204}:
        return reply
    words = http.redact(said(reply))
    if reply.status in {401, 403, 404}:
        raise NotPermitted(f"The token may not {what} ({reply.status}: {words})", hint=hint)
    raise ForgeUnreachable(f"GitHub answered with status {reply.status} ({words})")


def next_url(reply: Reply) -> str | None:
    """The address of the next page, from the `Link` header."""
    found = re.search(r'<([^<>]+)>\s*;[^<]*\brel="?next\b', reply.headers.get("link", ""), re.IGNORECASE)
    return found[1] if found else None


def said(reply: Reply) -> str:
    """GitHub's own words for an error, as far as they can be read."""
    try:
        answer = reply.json()
    except PublishError:
        answer = None
    message = answer.get("message") if isinstance(answer, dict) else None
    return message if isinstance(message, str) else "no explanation given"


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


def unlike_github(wanted: str) -> ForgeUnreachable:
    """The error for an answer that lacks something."""
    message = f"The answer is not what GitHub's API describes ({wanted} is missing)"
    return ForgeUnreachable(message, hint="Is GITHUB_API_URL the address of GitHub's API, with no proxy in the way?")
