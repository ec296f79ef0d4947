"""A job's date for arithmetic: in footprints and recordings it is text."""

from __future__ import annotations

from datetime import datetime, timezone


def since_1970_s(started_at: str | None) -> float | None:
    """`2026-01-01T00:00:00Z` in seconds since 1970 (UTC); None for every other text, such as one without its zone."""
    try:
        date = datetime.strptime(started_at or "", "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    return date.timestamp()
