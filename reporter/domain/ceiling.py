"""The budget that a running job reaches first, of those that can be held against it before it ends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from reporter.domain.budget import Budget, Kind, Metric
from reporter.domain.carbon import Site
from reporter.domain.coverage import covers
from reporter.domain.readings import Job
from reporter.domain.series import gco2e_per_kwh
from reporter.domain.units import J_PER_KWH, scale_of


class Ceiling(NamedTuple):
    """A budget as the energy of the machine that it comes to at the job's site, joules."""

    budget: Budget
    it_j: float


def holds(budget: Budget, *, live: bool) -> bool:
    """Whether a budget can end a job: absolute, of the job as a whole, and failing it.

    Work and history are known only at the end; so are emissions where a provider is asked for the job's time (`live`).
    """
    is_absolute = budget.kind is Kind.LIMIT and budget.per_unit is None and budget.scope == "job"
    return is_absolute and budget.level == "fail" and not (live and budget.metric is Metric.EMISSIONS)


def about(budgets: Iterable[Budget], job: Job) -> tuple[Budget, ...]:
    """Those that are certainly about this job."""
    return tuple(budget for budget in budgets if covers(budget.scopes, job.name, job.branch, job.runner))


def ceiling(budgets: Iterable[Budget], site: Site) -> Ceiling | None:
    """The one that is reached first; None without any."""
    reached = (Ceiling(budget, _it_j(budget, site)) for budget in budgets)
    return min(reached, key=lambda ceiling: ceiling.it_j, default=None)


def in_unit(metric: Metric, it_j: float, site: Site) -> float:
    """Energy of the machine as what a budget limits: joules at the facility, or gCO2e."""
    facility_j = it_j * site.pue.ratio
    return facility_j if metric is Metric.ENERGY else facility_j / J_PER_KWH * gco2e_per_kwh(site.intensity)


def _it_j(budget: Budget, site: Site) -> float:
    each = in_unit(budget.metric, 1.0, site)
    return budget.limit * scale_of(budget.unit) / each if each else float("inf")
