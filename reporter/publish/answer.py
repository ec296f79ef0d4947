"""GitHub's answers as a whole: their status, their pages, and what it says went wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reporter.errors import ForgeUnreachable, NotPermitted, PublishError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reporter.publish import HttpClient, Reply

MAX_PAGES = 100


def pages(get: Callable[[str], Reply], url: str, *, whole: bool = False) -> Iterator[object]:
    """What each page holds, from this address on; where `whole`, more of them than are read is an error."""
    seen: set[str] = set()
    following: str | None = url
    while following is not None and following not in seen and len(seen) < MAX_PAGES:
        seen.add(following)
        reply = get(following)
        yield reply.json()
        following = next_url(reply)
    if whole and following is not None:
        raise PublishError("there are more of them than are read")


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
