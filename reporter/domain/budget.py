"""Budgets and how a footprint is judged by them. A breach is a value, not an exception."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from reporter.domain.units import scale_of


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """One absolute limit, as `50 g` or `130 J/sample`.

    `limit` is in `unit` as the user wrote it; facility energy and headline emissions are held against it.
    """

    rule: str
    metric: Metric
    unit: str
    limit: float
    per_unit: str | None = None
    """The unit of work that the limit is for, from the job's metrics file."""
    warn_at_ratio: float | None = None
    """Warn from this share of the limit on."""
    scope: str = "job"
    """job, or total: the sum over all merged jobs."""
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule's outcome; limit, observed, low and high are in `unit`; low/high are repeatability."""

    rule: str
    metric: Metric
    unit: str
    limit: float
    observed: float | None
    low: float | None
    high: float | None
    outcome: Outcome
    why: str
    warn_at_ratio: float | None = None
    scope: str = "job"
    origin: str | None = None
    """Where the limit was set."""

    @property
    def budget(self) -> Budget:
        """The rule that was judged, so that it can be judged again."""
        unit, _, work = self.unit.partition("/")
        return Budget(
            rule=self.rule,
            metric=self.metric,
            unit=unit,
            limit=self.limit,
            per_unit=work or None,
            warn_at_ratio=self.warn_at_ratio,
            scope=self.scope,
            origin=self.origin,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The worst finding wins: fail, unknown, warn, pass."""

    outcome: Outcome
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """A value with its repeatability interval, all in one unit; None was not measured."""

    value: float | None
    low: float | None
    high: float | None

    def scaled(self, factor: float) -> Bounded:
        """The same in another unit; None stays None."""
        return Bounded(
            value=None if self.value is None else self.value * factor,
            low=None if self.low is None else self.low * factor,
            high=None if self.high is None else self.high * factor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a job, or a sum of jobs, is judged on.

    `energy` is facility energy in joules, `emissions` gCO2e at the declared factors,
    `work` pairs a unit of work with its count,
    `unread` names what was not read: GPUs that the job could use, or the time after the meter's own end.
    """

    energy: Bounded
    emissions: Bounded
    work: tuple[tuple[str, float], ...] = ()
    unread: tuple[str, ...] = ()


def judge(budgets: tuple[Budget, ...], observation: Observation) -> Verdict:
    """Hold an observation against every budget; the worst finding is the verdict.

    A rule fails when all of the repeatability interval is over the limit, passes when none of it is,
    and is too close to call in between. What was not read makes it unknown, unless what was read is over already.
    """
    findings = tuple(_finding(budget, observation) for budget in budgets)
    return Verdict(outcome=worst(tuple(finding.outcome for finding in findings)), findings=findings)


def worst(outcomes: tuple[Outcome, ...]) -> Outcome:
    """The outcome that decides: fail, unknown, warn, pass; rules that were not judged do not count."""
    for outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN, Outcome.PASS):
        if outcome in outcomes:
            return outcome
    return Outcome.NOT_JUDGED if Outcome.NOT_JUDGED in outcomes else Outcome.NONE


def too_close(finding: Finding) -> bool:
    """Whether the limit lies inside the finding's interval, so that a repeat may decide otherwise."""
    if finding.low is None or finding.high is None:
        return False
    return finding.outcome is Outcome.WARN and finding.low <= finding.limit < finding.high


def fails_build(verdict: Verdict, *, on_unknown: str = "warn", on_borderline: str = "warn") -> bool:
    """Whether the verdict ends with status 1; the two keys (`pass`, `warn`, `fail`) decide only that."""
    if verdict.outcome is Outcome.FAIL:
        return True
    if on_unknown == "fail" and any(finding.outcome is Outcome.UNKNOWN for finding in verdict.findings):
        return True
    return on_borderline == "fail" and any(too_close(finding) for finding in verdict.findings)


def _finding(budget: Budget, observation: Observation) -> Finding:
    observed = observation.energy if budget.metric is Metric.ENERGY else observation.emissions
    observed = observed.scaled(1 / scale_of(budget.unit))
    work = dict(observation.work).get(budget.per_unit) if budget.per_unit else None
    if budget.per_unit and work:
        observed = observed.scaled(1 / work)
    outcome, why = _outcome(budget, observed, observation.unread)
    if budget.per_unit and not work:
        observed = Bounded(value=None, low=None, high=None)
        outcome, why = Outcome.UNKNOWN, f"the job reported no count of `{budget.per_unit}` in its metrics file"
    return Finding(
        rule=budget.rule,
        metric=budget.metric,
        unit=f"{budget.unit}/{budget.per_unit}" if budget.per_unit else budget.unit,
        limit=budget.limit,
        observed=observed.value,
        low=observed.low,
        high=observed.high,
        outcome=outcome,
        why=why,
        warn_at_ratio=budget.warn_at_ratio,
        scope=budget.scope,
        origin=budget.origin,
    )


def _outcome(budget: Budget, observed: Bounded, unread: tuple[str, ...]) -> tuple[Outcome, str]:
    if observed.value is None:
        return Outcome.UNKNOWN, "nothing could be measured or modelled"
    low = observed.value if observed.low is None else observed.low
    high = observed.value if observed.high is None else observed.high
    if low > budget.limit:
        return Outcome.FAIL, "all that a repeat would give is over the limit"
    if unread:
        return Outcome.UNKNOWN, "not read: " + ", ".join(unread)
    if high > budget.limit:
        return Outcome.WARN, "too close to call: a repeat may fall on either side of the limit"
    if budget.warn_at_ratio is not None and observed.value >= budget.warn_at_ratio * budget.limit:
        return Outcome.WARN, f"from {budget.warn_at_ratio:.0%} of the limit on a warning is asked for"
    return Outcome.PASS, "all that a repeat would give is within the limit"
