"""Verdicts, budgets and what was spent before, as JSON; keys of special rules stand only where they say something."""

from __future__ import annotations

from typing import Any

from reporter.domain.budget import (
    EVERY,
    GRADE,
    LAST,
    PER_CENT,
    SUMS,
    TOTAL,
    Budget,
    Finding,
    Metric,
    Outcome,
    Override,
    Terms,
    Verdict,
    worst,
)
from reporter.domain.period import seconds_of
from reporter.domain.spent import Spent
from reporter.domain.units import EMISSION_UNITS, ENERGY_UNITS
from reporter.export.document import Document, required
from reporter.export.plain import fields

OUTCOMES = tuple(outcome.value for outcome in Outcome)
METRICS = tuple(metric.value for metric in Metric)
UNITS = {
    Metric.EMISSIONS: tuple(EMISSION_UNITS),
    Metric.ENERGY: (*ENERGY_UNITS, PER_CENT),
    Metric.QUALITY: (GRADE,),
    Metric.MEASURED: (PER_CENT,),
}
ALWAYS = (
    "rule", "metric", "unit", "limit", "observed", "low", "high", "outcome", "why", "warn_at_ratio", "scope", "origin",
    "per_unit",
)  # fmt: skip
"""Keys that every rule has; the others stand where they are not as usual."""
_USUAL = {"attempts": EVERY, "level": "fail"}


def encode_verdict(verdict: Verdict) -> dict[str, Any]:
    """A verdict as the object under `verdict`."""
    findings = [encode_rule(finding) for finding in verdict.findings]
    why = {} if verdict.why is None else {"why": verdict.why}
    return {"outcome": verdict.told.value, "findings": findings, **why}


def encode_rule(rule: Terms) -> dict[str, Any]:
    """A budget or a finding."""
    every = fields(rule)
    known = {key: every[key] for key in ALWAYS if key in every}
    return known | {
        key: value
        for key, value in every.items()
        if key not in known and value not in (None, []) and value != _USUAL.get(key)
    }


def encode_ledger(ledger: tuple[Spent, ...]) -> list[dict[str, Any]]:
    """What was spent before, a row for each sum."""
    return [fields(spent) for spent in ledger]


def decode_verdict(document: Document) -> Verdict:
    """A verdict with its findings. Raises FootprintError with the path of what is wrong."""
    if not document.has("outcome"):
        return Verdict(outcome=Outcome.NONE)
    told = Outcome(document.choice("outcome", OUTCOMES))
    findings = tuple(_finding(row) for row in document.items("findings"))
    found = worst(tuple(finding.outcome for finding in findings))
    unjudged = told is Outcome.NONE and found is Outcome.NOT_JUDGED
    return Verdict(outcome=found if unjudged else told, findings=findings, why=document.text("why"))


def decode_budget(row: Document) -> Budget:
    """One rule, as a recording keeps it."""
    return Budget(**_terms(row, work=False), per_unit=row.text("per_unit"))


def decode_ledger(document: Document) -> tuple[Spent, ...]:
    """What was spent before."""
    return tuple(
        Spent(
            per=row.choice("per", SUMS),
            energy_j=required(row, "energy_j", row.number("energy_j")),
            gco2e=required(row, "gco2e", row.number("gco2e")),
            runs=row.integer("runs") or 0,
            retries=row.integer("retries") or 0,
            failed=row.integer("failed") or 0,
            unknown=row.integer("unknown") or 0,
            at=required(row, "at", _moment(row, "at")),
            since=_moment(row, "since"),
            until=_moment(row, "until"),
            jobs=row.texts("jobs"),
            branches=row.texts("branches"),
            runners=row.texts("runners"),
            attempts=_choice(row, "attempts", (EVERY, LAST)),
        )
        for row in document.items("ledger")
    )


def _finding(row: Document) -> Finding:
    lowest = None if row.text("unit") == PER_CENT else 0.0  # an increase may be a decrease
    return Finding(
        **_terms(row, work=True),
        observed=row.number("observed", least=lowest),
        low=row.number("low", least=lowest),
        high=row.number("high", least=lowest),
        outcome=Outcome(row.choice("outcome", OUTCOMES)),
        why=row.text("why") or "",
        runs=row.integer("runs"),
        noise=row.number("noise"),
        retries=row.integer("retries"),
        failed=row.integer("failed"),
        daily=row.number("daily"),
        spent_at=_moment(row, "spent_at"),
        override=_override(row.child("override")) if row.has("override") else None,
    )


def _override(row: Document) -> Override:
    return Override(
        by=row.text("by"),
        reason=required(row, "reason", row.text("reason")),
        since=_moment(row, "since"),
        until=row.text("until"),
        origin=row.text("origin"),
        instead_of=Outcome(row.choice("instead_of", OUTCOMES)),
    )


def _terms(row: Document, *, work: bool) -> dict[str, Any]:
    """What a rule says; `work`: a unit of work may be part of its unit."""
    metric = Metric(row.choice("metric", METRICS))
    limit = required(row, "limit", row.number("limit"))
    if metric is Metric.QUALITY and not 1 <= limit <= 4:  # noqa: PLR2004
        raise row.wrong("limit", "1 to 4, for A to D")
    per = _choice(row, "per", SUMS) if row.has("per") else None
    return {
        "rule": required(row, "rule", row.text("rule")),
        "metric": metric,
        "unit": _unit(row, metric, work=work),
        "limit": limit,
        "warn_at_ratio": row.number("warn_at_ratio"),
        "scope": TOTAL if per else _choice(row, "scope", ("job", TOTAL)),
        "per": per,
        "jobs": row.texts("jobs"),
        "branches": row.texts("branches"),
        "runners": row.texts("runners"),
        "attempts": _choice(row, "attempts", (EVERY, LAST)),
        "level": _choice(row, "level", ("fail", "warn")),
        "min_runs": row.integer("min_runs"),
        "origin": row.text("origin"),
    }


def _unit(row: Document, metric: Metric, *, work: bool) -> str:
    unit = required(row, "unit", row.text("unit"))
    name, slash, _ = unit.partition("/")
    if name not in UNITS[metric] or (slash and (not work or name in (PER_CENT, GRADE))):
        raise row.wrong("unit", f"a unit of {metric.value}")
    return unit


def _choice(row: Document, key: str, allowed: tuple[str, ...]) -> str:
    """The first where nothing is said."""
    return row.choice(key, allowed) if row.has(key) else allowed[0]


def _moment(row: Document, key: str) -> str | None:
    moment = row.text(key)
    if moment is not None and seconds_of(moment) is None:
        raise row.wrong(key, "a moment such as 2026-01-01T00:00:00Z")
    return moment
