"""The permissions that a job needs for all that its settings ask: one block, whichever right is missing first."""

from __future__ import annotations

from collections.abc import Sequence

from reporter.commands.settings import Settings
from reporter.domain.budget import Budget, Finding, Kind
from reporter.publish.github import permissions_hint


def rights_hint(settings: Settings, findings: Sequence[Finding] = ()) -> str:
    """What to do about a token that may not do something: the whole block to paste.

    `findings`: of the verdict, where there is one; they may rest on rules that are not in these settings.
    """
    config, is_second_stage = settings.config, settings.ci.is_second_stage
    rules: tuple[Budget | Finding, ...] = (*config.budgets, *findings)
    needs = any(rule.kind in (Kind.INCREASE, Kind.SUM) for rule in rules)
    history = "artifact" if needs and config.history == "auto" else config.history
    # A second stage keeps no history, so it has nothing to write on a branch.
    return permissions_hint(
        None if is_second_stage else history, check=config.check == "auto", artifacts=is_second_stage
    )
