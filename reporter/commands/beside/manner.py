"""How and when progress is told: a live line on a terminal, groups or lines in a log of CI, or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import Enum

from reporter.commands.settings import Settings

LIVE_S = 1.0
FIRST_S, RAREST_S = 60.0, 600.0


class Manner(Enum):
    """How to tell."""

    LIVE = "live"
    """One line at the right edge of a terminal, written anew every second."""
    GROUPS = "groups"
    """Now and then a folded group, as GitHub's log knows them."""
    LINES = "lines"
    """Now and then a line."""


def manner_of(settings: Settings, *, quiet: bool) -> Manner | None:
    """How this invocation wants it; None: not at all."""
    wanted, environ = settings.config.progress, settings.environ
    if wanted == "never" or quiet:
        return None
    in_ci = environ.get("CI", "").lower() not in ("", "0", "false")
    on_github = environ.get("GITHUB_ACTIONS", "").lower() == "true"
    can_live = _on_terminal() and environ.get("TERM", "dumb") != "dumb"
    if can_live and (wanted == "always" or not (in_ci or on_github)):
        return Manner.LIVE
    if on_github:
        return Manner.GROUPS
    return Manner.LINES if in_ci or wanted == "always" else None


def moments_s(how: Manner) -> Iterator[float]:
    """When to tell, seconds since the command's start: every second, or after 1 min and then ever more rarely."""
    at_s, step_s = 0.0, LIVE_S if how is Manner.LIVE else FIRST_S
    while True:
        at_s += step_s
        yield at_s
        if how is not Manner.LIVE:
            step_s = min(2 * step_s, RAREST_S)


def _on_terminal() -> bool:
    try:
        return sys.stderr.isatty()
    except (AttributeError, OSError, ValueError):  # it may have been closed or replaced
        return False
