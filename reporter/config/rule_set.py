"""The rules of a run as a whole: whether they agree with one another, and with where history is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from reporter.config.layer import Setting
from reporter.domain.budget import Budget, Kind
from reporter.domain.units import scale_of
from reporter.errors import Problem

FEWEST_RUNS = 3
"""From so many runs on their own spread says what noise is, as `domain.baseline` has it."""


def settled(
    budgets: Sequence[Budget], *, history: Setting | None, against: Setting | None, in_turns: bool = False
) -> tuple[tuple[Budget, ...], tuple[Problem, ...]]:
    """The rules with how many runs an increase needs, and what is wrong with them together.

    History can wait for three runs, whose spread says what noise is; a base that is named is taken as it is.
    `in_turns`: the base is run beside the job, so that its runs need no history.
    """
    fewest = FEWEST_RUNS if against is None else None
    rules = tuple(
        replace(rule, min_runs=fewest) if rule.kind is Kind.INCREASE and rule.min_runs is None else rule
        for rule in budgets
    )
    return rules, (*contradictions(rules), *_without_history(rules, history, has_base=in_turns or against is not None))


def contradictions(budgets: Sequence[Budget]) -> Iterator[Problem]:
    """Warnings that never come, because another rule on the same thing fails first."""
    alike: dict[object, list[Budget]] = {}
    for budget in budgets:
        about = (budget.kind, budget.metric, budget.per_unit, budget.per, budget.scope, budget.scopes, budget.attempts)
        alike.setdefault(about, []).append(budget)
    for rules in alike.values():
        failing = [rule for rule in rules if rule.level == "fail"]
        for rule in rules:
            # Of what is to be metered less is worse; of everything else more.
            sign = -1.0 if rule.kind is Kind.MEASURED else 1.0
            share = 1.0 if rule.level == "warn" and rule.warn_at_ratio is None else rule.warn_at_ratio
            if share is None:
                continue
            others = (other for other in failing if other is not rule)
            first = next((other for other in others if sign * _base(other) <= sign * share * _base(rule)), None)
            if first is not None:
                where = f" ({first.origin})" if first.origin and first.origin != rule.origin else ""
                yield Problem(
                    f"`{rule.rule}` never warns: `{first.rule}`{where} fails before it",
                    origin=rule.origin,
                    suggestion="Give the warning the stricter limit, or take one of the two out.",
                )


def _without_history(rules: Sequence[Budget], history: Setting | None, *, has_base: bool) -> Iterator[Problem]:
    if history is None or history.text != "off":
        return
    for rule in rules:
        if rule.kind is Kind.SUM or (rule.kind is Kind.INCREASE and not has_base):
            way = ", or name a base with `--against`" if rule.kind is Kind.INCREASE else ""
            yield Problem(
                f"Budget `{rule.rule}` needs history, which is off ({history.origin})",
                origin=rule.origin,
                suggestion=f"Leave `history` out, or take the budget out{way}.",
            )


def _base(rule: Budget) -> float:
    """The limit in the base unit of what it limits."""
    return rule.limit * (scale_of(rule.unit) if rule.kind in (Kind.LIMIT, Kind.SUM) else 1.0)
