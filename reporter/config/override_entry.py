"""An entry of the file's `overrides`: which rule is accepted for which jobs, why, until when."""

from __future__ import annotations

import re
from collections.abc import Mapping

from reporter.config.layer import Setting
from reporter.domain.override import EVERY_RULE, Entry
from reporter.domain.period import seconds_of
from reporter.errors import Problem

ENTRY_KEYS = ("rule", "jobs", "reason", "until", "by")
PATTERNS = ("jobs",)
"""The keys that take one pattern, or a list of them."""
_ADVICE = {
    "reason": "Say in a sentence why it may be exceeded.",
    "until": "Write the last day on which it counts, such as `until: 2026-12-31`.",
}


def entry_of(entry: Mapping[str, Setting], *, origin: str) -> tuple[Entry | None, tuple[Problem, ...]]:
    """One override, or all that is wrong with it; that the keys are known is checked by the caller."""
    texts = {key: setting.text for key, setting in entry.items() if setting.text}
    problems = [
        Problem(f"An override has no `{key}`", origin=origin, suggestion=advice)
        for key, advice in _ADVICE.items()
        if key not in texts
    ]
    until = texts.get("until", "")
    if until and (re.fullmatch(r"[0-9-]{10}", until) is None or seconds_of(f"{until}T00:00:00Z") is None):
        where = entry["until"].origin
        problems.append(Problem(f"`until: {until}` is no date", origin=where, suggestion=_ADVICE["until"]))
    if problems:
        return None, tuple(problems)
    found = Entry(
        rule=texts.get("rule", EVERY_RULE),
        reason=texts["reason"],
        until=until,
        jobs=tuple(filter(None, texts.get("jobs", "").split("\n"))),
        by=texts.get("by"),
        origin=origin,
    )
    return found, ()
