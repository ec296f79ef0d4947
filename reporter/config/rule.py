"""The grammar of budgets, for flags and files alike: "50 g", "0.2 kWh", "130 J/sample"."""

from __future__ import annotations

from collections.abc import Mapping

from reporter.config.layer import Setting
from reporter.domain.budget import Budget, Metric
from reporter.domain.units import UnitError, parse_amount, parse_share
from reporter.errors import Problem

LATER = {
    "%": "an increase over the baseline",
    "day": "a budget per day", "week": "a budget per week", "month": "a budget per month",
    "year": "a budget per year", "pull-request": "a budget per pull request",
}  # fmt: skip
"""Kinds of rules that the grammar knows and this version does not judge yet."""
RULE_KEYS = ("metric", "max", "unit", "warn-at", "scope", "per", "max-increase", "min-runs")


def budget_of(text: str, *, origin: str) -> Budget | Problem:
    """One budget as a flag or an input writes it."""
    text = " ".join(text.split())
    if text.endswith("%"):
        return _later(text, "%", origin)
    try:
        metric, limit, unit, work = parse_amount(text)
    except UnitError as error:
        return Problem(f"Budget {error.message}", origin=origin, suggestion=error.suggestion)
    if work in LATER:
        return _later(text, work, origin)
    return Budget(rule=text, metric=Metric(metric), unit=unit, limit=limit, per_unit=work, origin=origin)


def budgets_of(setting: Setting) -> tuple[tuple[Budget, ...], tuple[Problem, ...]]:
    """The budgets of one setting, one a line."""
    parsed = [budget_of(line, origin=setting.origin) for line in setting.text.splitlines() if line.strip()]
    return (
        tuple(item for item in parsed if isinstance(item, Budget)),
        tuple(item for item in parsed if isinstance(item, Problem)),
    )


def budget_of_entry(entry: Mapping[str, Setting], *, origin: str) -> Budget | Problem:
    """One entry of the file's `budgets`: its keys are checked by the caller."""
    for key in ("max-increase", "min-runs"):
        if key in entry:
            return _later(entry[key].text, "%", entry[key].origin)
    if "per" in entry:
        rule = f"{entry['max'].text} per {entry['per'].text}" if "max" in entry else f"per {entry['per'].text}"
        return _later(rule, entry["per"].text, entry["per"].origin)
    if "max" not in entry:
        return Problem("A budget has no `max`", origin=origin, suggestion="Write for example `max: 50 g`.")
    limit = entry["max"]
    text = f"{limit.text}/{entry['unit'].text}" if "unit" in entry else limit.text
    budget = budget_of(text, origin=limit.origin)
    if isinstance(budget, Problem):
        return budget
    return _checked(budget, entry)


def _checked(budget: Budget, entry: Mapping[str, Setting]) -> Budget | Problem:
    metric = entry.get("metric")
    if metric is not None and metric.text != budget.metric.value:
        known = [item.value for item in Metric]
        message, advice = f"Metric `{metric.text}` is not known", f"Known: {', '.join(known)}."
        if metric.text in known:
            message = f"`max: {budget.rule}` limits {budget.metric.value}"
            advice = f"Write `metric: {budget.metric.value}`, or another unit."
        return Problem(message, origin=metric.origin, suggestion=advice)
    scope = entry.get("scope")
    if scope is not None and scope.text not in ("job", "total"):
        return Problem(f"Scope `{scope.text}` is not known", origin=scope.origin, suggestion="Write `job` or `total`.")
    warn_at = entry.get("warn-at")
    try:
        ratio = _share_of_limit(warn_at.text) if warn_at else None
    except UnitError as error:
        origin = warn_at.origin if warn_at else None
        return Problem(f"`warn-at`: {error.message}", origin=origin, suggestion=error.suggestion)
    return Budget(
        rule=budget.rule,
        metric=budget.metric,
        unit=budget.unit,
        limit=budget.limit,
        per_unit=budget.per_unit,
        warn_at_ratio=ratio,
        scope=scope.text if scope else "job",
        origin=budget.origin,
    )


def _share_of_limit(text: str) -> float:
    ratio = parse_share(text)
    if not 0 < ratio <= 1:
        raise UnitError(f"`{text}` is not a share of the limit", "Write for example `80%`.")
    return ratio


def _later(text: str, kind: str, origin: str) -> Problem:
    what = LATER.get(kind, f"a budget per {kind}")
    return Problem(
        f"Budget `{text}`: {what} is not built yet",
        origin=origin,
        suggestion="Absolute budgets such as `50 g`, `0.2 kWh` and `130 J/sample` work.",
    )
