"""Budgets and how a footprint is judged by them. A breach is a value, not an exception."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Outcome(str, Enum):
    """What a rule says of a job; `NONE` is the verdict where no budget is set."""

    PASS = "pass"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The worst finding wins: fail, unknown, warn, pass."""

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
