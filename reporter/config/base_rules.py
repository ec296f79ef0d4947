"""What of the config file decides a verdict, as the base branch has it: a pull request does not judge itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reporter.config.layer import Layer, Setting
from reporter.domain.budget import Budget

DECIDING = ("on-unknown", "on-borderline", "history", "override-label", "extends")
"""The single settings that decide; `budgets` and `overrides` do as well."""
_MOST_RULES = 5


def with_base(own: Layer, base: Layer, branch: str) -> tuple[Layer, tuple[str, ...]]:
    """The pull request's file judged by the base branch's rules, and what there is to say about it, a sentence each.

    Budgets that the base branch has none of are the pull request's own: there is nothing that they could loosen.
    """
    settings = {key: setting for key, setting in own.settings.items() if key not in DECIDING}
    settings |= {key: setting for key, setting in base.settings.items() if key in DECIDING}
    budgets = base.budgets or own.budgets
    judged = own._replace(settings=settings, budgets=budgets, overrides=base.overrides or ())
    changes = list(_changes(own, base))
    said = []
    if changes:
        words = ", ".join(changes[:-1]) + " and " * (len(changes) > 1) + changes[-1]
        said.append(
            f"This pull request changes {words}: judged by the rules of `{branch}`; the new ones count after the merge."
        )
    if own.budgets and not base.budgets:
        said.append(new_rules(own, branch))
    return judged, tuple(said)


def new_rules(own: Layer, branch: str) -> str:
    """What to say where the base branch has no budgets."""
    return f"`{branch}` has no budgets: this pull request is judged by its own, {_rules(own.budgets)}."


def _changes(own: Layer, base: Layer) -> Iterator[str]:
    if base.budgets and _bare(own.budgets) != _bare(base.budgets):
        yield f"its budgets ({_difference(base.budgets, own.budgets or ())})"
    if [replace(entry, origin=None) for entry in own.overrides or ()] != [
        replace(entry, origin=None) for entry in base.overrides or ()
    ]:
        yield "its overrides"
    for key in DECIDING:
        was, now = base.settings.get(key), own.settings.get(key)
        if (was and was.text) != (now and now.text):
            yield f"`{key}` ({_shown(was)} → {_shown(now)})"


def _bare(budgets: tuple[Budget, ...] | None) -> list[Budget]:
    return [replace(budget, origin=None) for budget in budgets or ()]


def _difference(was: tuple[Budget, ...], now: tuple[Budget, ...]) -> str:
    names_before, names_now = [budget.rule for budget in was], [budget.rule for budget in now]
    gone = tuple(budget for budget in was if budget.rule not in names_now)
    new = tuple(budget for budget in now if budget.rule not in names_before)
    return f"{_rules(gone)} → {_rules(new)}" if gone or new else "their levels or scopes"


def _rules(budgets: tuple[Budget, ...] | None) -> str:
    names = [f"`{budget.rule}`" for budget in budgets or ()]
    rest = len(names) - _MOST_RULES
    return ", ".join(names[:_MOST_RULES]) + (f" and {rest} more" if rest > 0 else "") or "none"


def _shown(setting: Setting | None) -> str:
    return f"`{setting.text}`" if setting else "not set"
