"""Which runs a rule is about: those whose job, branch and runner have the names that it gives."""

from __future__ import annotations

from fnmatch import fnmatchcase

Scopes = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""Patterns of jobs, branches and runners; none is all."""


def covers(scopes: Scopes, job: str | None, branch: str | None, runner: str | None) -> bool | None:
    """Whether a run of these names is one of them; None where a name that is asked for is not known.

    `*` stands for any text, `?` for one character, `[ab]` for one of these; capitals matter.
    """
    known = True
    for patterns, name in zip(scopes, (job, branch, runner), strict=True):
        if not patterns:
            continue
        if name is None:
            known = False
        elif not any(name == pattern or fnmatchcase(name, pattern) for pattern in patterns):
            return False
    return True if known else None
