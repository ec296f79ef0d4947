"""Budgets, findings and verdicts as values: `judgement` judges. A breach is a value, not an exception."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

PER_CENT = "%"
GRADE = "grade"
"""The unit of quality: 1 for A to 4 for D, so that more is worse, as everywhere."""
GRADES = ("A", "B", "C", "D")
PULL_REQUEST = "pull-request"
PERIODS = ("day", "week", "month", "year")
SUMS = (*PERIODS, PULL_REQUEST)
"""What runs may be summed over."""
TOTAL = "total"
EVERY, LAST = "all", "last"
"""Which attempts of a run a sum counts."""


class Outcome(str, Enum):
    """What a rule says of a job; `NONE` is the verdict where no budget is set."""

    PASS = "pass"  # noqa: S105  (a verdict)
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_JUDGED = "not-judged"
    NONE = "none"


class Metric(str, Enum):
    """What a budget limits."""

    EMISSIONS = "emissions"
    ENERGY = "energy"
    QUALITY = "quality"
    MEASURED = "measured"


class Kind(str, Enum):
    """How a rule is judged."""

    LIMIT = "limit"
    """What a job, or all of them together, may take, whole or per unit of work."""
    SUM = "sum"
    """What all runs of a period, or of a pull request, may take."""
    INCREASE = "increase"
    """What a job may take more than its baseline."""
    QUALITY = "quality"
    """The worst letter that the footprint may have."""
    MEASURED = "measured"
    """The least part of the energy that must be metered rather than modelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a rule says, whoever holds something against it.

    `limit` is in `unit` as the user wrote it; facility energy and headline emissions are held against it.
    """

    rule: str
    metric: Metric
    unit: str
    """Of energy or emissions; `%` of an increase, and of what is metered; `grade` of quality."""
    limit: float
    warn_at_ratio: float | None = None
    """Warn from this share of the limit on."""
    scope: str = "job"
    """job, or total: the sum over all merged jobs."""
    per: str | None = None
    """day, week, month, year (calendar, UTC) or pull-request: the sum over all runs in it."""
    jobs: tuple[str, ...] = ()
    """Patterns such as `train*`: only jobs of these names; empty: all. Likewise `branches` and `runners`."""
    branches: tuple[str, ...] = ()
    runners: tuple[str, ...] = ()
    attempts: str = EVERY
    """Which attempts of a run a sum counts: all, or last."""
    level: str = "fail"
    """What being over the limit comes to: fail or warn."""
    min_runs: int | None = None
    """How many comparable runs a baseline must have; None: one."""
    origin: str | None = None
    """Where the limit was set."""

    @property
    def kind(self) -> Kind:
        """How it is judged."""
        if self.metric is Metric.QUALITY:
            return Kind.QUALITY
        if self.metric is Metric.MEASURED:
            return Kind.MEASURED
        if self.unit == PER_CENT:
            return Kind.INCREASE
        return Kind.LIMIT if self.per is None else Kind.SUM

    @property
    def scopes(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """The patterns of jobs, branches and runners that it is about."""
        return self.jobs, self.branches, self.runners


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget(Terms):
    """One rule, as `50 g`, `130 J/sample`, `+10%`, `20 kg/month` or `quality B`."""

    per_unit: str | None = None
    """The unit of work that the limit is for, from the job's metrics file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Why an exceeded budget does not fail the build: somebody has accepted it."""

    by: str | None
    """None: nobody is named."""
    reason: str
    since: str | None
    """When it was accepted, UTC, `2026-01-01T00:00:00Z`; None: not known."""
    until: str | None
    """The last day on which it counts, `2026-12-31`; None: as long as the label is on the pull request."""
    origin: str | None
    """What says so: the label, or the line of the config file."""
    instead_of: Outcome = Outcome.FAIL
    """What the finding would be without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Terms):
    """One rule's outcome; limit, observed, low and high are in `unit`; low/high are repeatability."""

    observed: float | None
    low: float | None
    high: float | None
    outcome: Outcome
    why: str
    runs: int | None = None
    """What the sum or the baseline is made of; None for other rules."""
    noise: float | None = None
    """How far above its baseline a job that changed nothing may be, in `unit`; None for other rules."""
    retries: int | None = None
    """Of the runs of a sum, those that a later attempt replaced."""
    failed: int | None = None
    """Of the runs of a sum, those that did not end well."""
    daily: float | None = None
    """What the period took a day so far, in `unit`; None too early in it."""
    spent_at: str | None = None
    """When the limit will be reached at this pace, if in this period: UTC, `2026-01-01T00:00:00Z`."""
    override: Override | None = None
    """Who has accepted it; it then warns where it would have failed."""

    @property
    def budget(self) -> Budget:
        """The rule that was judged, so that it can be judged again."""
        unit, _, work = self.unit.partition("/")
        return Budget(**{**terms(self), "unit": unit}, per_unit=work or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The worst finding wins: fail, unknown, warn, pass."""

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    why: str | None = None
    """Why it is not known by which rules the jobs are to be judged; None where it is."""

    @property
    def told(self) -> Outcome:
        """The outcome for those who act on it: where no rule could be judged there is none."""
        return Outcome.NONE if self.outcome is Outcome.NOT_JUDGED else self.outcome


def terms(rule: Terms) -> dict[str, Any]:
    """What a rule says, by name, without what was found."""
    return {name: getattr(rule, name) for name in Terms.__dataclass_fields__}


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """The verdict that these findings come to; without any there is none."""
    found = tuple(findings)
    return Verdict(outcome=worst(tuple(finding.outcome for finding in found)), findings=found)


def worst(outcomes: tuple[Outcome, ...]) -> Outcome:
    """The outcome that decides: fail, unknown, warn, pass; rules that were not judged do not count."""
    for outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN, Outcome.PASS):
        if outcome in outcomes:
            return outcome
    return Outcome.NOT_JUDGED if Outcome.NOT_JUDGED in outcomes else Outcome.NONE


def too_close(finding: Finding) -> bool:
    """Whether the limit lies inside the finding's interval, or what is over it may be noise: a repeat may decide."""
    if finding.low is None or finding.high is None:
        return False
    inside = finding.low <= finding.limit < finding.high
    return finding.outcome is Outcome.WARN and (inside or within_noise(finding))


def within_noise(finding: Finding) -> bool:
    """Whether an increase is over its limit, yet no more than one in a hundred jobs that changed nothing."""
    if finding.outcome is not Outcome.WARN or finding.observed is None or finding.noise is None:
        return False
    return finding.limit < finding.observed <= finding.noise


def fails_build(verdict: Verdict, *, on_unknown: str = "warn", on_borderline: str = "warn") -> bool:
    """Whether the verdict ends with status 1; the two keys (`pass`, `warn`, `fail`) decide only that.

    A rule that only warns never does, nor does one that somebody has accepted.
    """
    if verdict.outcome is Outcome.FAIL or (verdict.why is not None and on_unknown == "fail"):
        return True
    return any(fails(finding, on_unknown=on_unknown, on_borderline=on_borderline) for finding in verdict.findings)


def fails(finding: Finding, *, on_unknown: str = "warn", on_borderline: str = "warn") -> bool:
    """Whether one finding is enough to end with status 1."""
    if finding.level != "fail" or finding.override is not None:
        return False
    if finding.outcome is Outcome.UNKNOWN:
        return on_unknown == "fail"
    return finding.outcome is Outcome.FAIL or (on_borderline == "fail" and too_close(finding))
