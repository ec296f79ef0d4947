"""How often commands are run, and the commit that they are held against. Each raises UnitError."""

from __future__ import annotations

from reporter.domain.units import UnitError
from reporter.errors import did_you_mean

AUTO = "auto"
"""The commit where the pull request, or the branch, left its base."""
MOST = 20
LEAST_ROUNDS = 3
"""Fewer tell no noise."""
_BASELINES = ("history", "base-commit")


def confirm(text: str) -> int:
    """How often the command may be run again."""
    return _count(text, "confirm", 0)


def rounds(text: str) -> int:
    """How often the job and its base each run."""
    return _count(text, "rounds", LEAST_ROUNDS)


def baseline(text: str) -> str | None:
    """The commit to run beside the job; None where history is the base."""
    if text not in _BASELINES:
        advice = did_you_mean(text.lower(), _BASELINES, otherwise="Write `history` or `base-commit`.")
        raise UnitError(f"`baseline` cannot be `{text}`", advice)
    return AUTO if text == "base-commit" else None


def _count(text: str, key: str, least: int) -> int:
    if not text.isdecimal() or len(text) > len(str(MOST)) or not least <= int(text) <= MOST:
        raise UnitError(f"`{key}` cannot be `{text}`", f"Write a whole number from {least} to {MOST}.")
    return int(text)
