"""When a server says "too often" rather than "no", and how long it asks to wait. Header names are in lower case."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timezone
from email.utils import parsedate_to_datetime
from http import HTTPStatus

PAUSE_S = 60.0
"""Where nothing is said: what GitHub asks for after its secondary limit."""

_PHRASES = (b"rate limit", b"abuse detection", b"submitted too quickly")
_SAID_BYTES = 2000


def is_limit(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether an answer is a rate limit; GitHub uses 403 for both, at times without a header."""
    if status != HTTPStatus.FORBIDDEN:
        return status == HTTPStatus.TOO_MANY_REQUESTS
    said = body[:_SAID_BYTES].lower()
    spent = headers.get("x-ratelimit-remaining") == "0"
    return "retry-after" in headers or spent or any(phrase in said for phrase in _PHRASES)


def asked_pause_s(headers: Mapping[str, str], *, limited: bool) -> float | None:
    """Retry-After, else the reset of a spent limit, else a minute for a rate limit; None where nothing is asked for.

    Dates are by the server's clock, and so is "now": ours may be wrong.
    """
    asked = headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdecimal():
        return max(1.0, float(asked[:9]))
    now_s, until_s = _date_s(headers.get("date", "")), _date_s(asked)
    reset = headers.get("x-ratelimit-reset", "").strip()
    # Every reply names the reset; it matters only where the limit is spent (a secondary limit has its own time).
    spent = limited and headers.get("x-ratelimit-remaining", "0") == "0"
    if until_s is None and spent and reset.isascii() and reset.isdecimal():
        until_s = float(reset[:12])
    if now_s is not None and until_s is not None:
        return max(1.0, until_s - now_s)
    return PAUSE_S if limited else None


def _date_s(text: str) -> float | None:
    with suppress(ValueError, OverflowError):
        found = parsedate_to_datetime(text)
        # `-0000`, and no zone at all, are UTC too; without one Python takes it for local time.
        return (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).timestamp()
    return None
