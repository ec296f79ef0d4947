"""One thing that `emissions doctor` has looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: `ok`, `info` (normal, but worth knowing) or `problem`."""

    status: str
    subject: str
    finding: str
    fix: str | None = None
    source: str | None = None
    """The source that it is about."""
    reads: str | None = None
    """What that source would measure, where it measures nothing."""
    meter: Mapping[str, Any] | None = None
    """What would be measured, for programs."""
