"""Which runs stay: the newest so many, or those from a date on. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from reporter.history.ledger import instant
from reporter.history.shard import Row


def kept_rows(rows: Sequence[Row], *, keep: int | None = None, before: str | None = None) -> Sequence[Row]:
    """Of runs in the order of time those that stay; one that does not say when it began goes only by number."""
    limit_s = instant(before)
    if limit_s is not None:
        rows = [row for row in rows if row[1] is None or row[1] >= limit_s]
    return rows if keep is None or keep >= len(rows) else rows[len(rows) - keep :]
