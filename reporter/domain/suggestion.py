"""Limits that follow from what a job took before: high enough for its usual runs, low enough to notice more. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from reporter.domain.budget import Budget, Kind, Metric
from reporter.domain.run_record import RunRecord, unlike
from reporter.domain.units import EMISSION_UNITS, ENERGY_UNITS, scale_of

FEWEST_RUNS = 5
"""Of fewer runs the highest says little about the next."""
PERCENTILE = 95.0
DIGITS = 2
"""Significant digits of a suggested limit, rounded up."""
WELL_BELOW_RATIO = 0.8
"""A limit that the runs stay this far below can be lowered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A limit for one job, in `unit`, and what it follows from; `limit` is None where nothing can be said."""

    job: str
    metric: Metric
    runs: int
    unit: str = ""
    limit: float | None = None
    per_unit: str | None = None
    value: float | None = None
    """What 95 % of the runs stayed within, in `unit`."""
    repeat_ratio: float = 0.0
    """What a repeat of a run may take more, as a share."""
    instead_of: Budget | None = None
    """The limit that it lowers."""


def suggested(jobs: Mapping[str, Sequence[RunRecord]]) -> tuple[Suggestion, ...]:
    """For each job, with its runs, oldest first, a limit of energy, of emissions, and of energy per unit of work.

    The 95th percentile of the runs that compare with the newest one, and so much more as a repeat of such a run
    may take (median of `repeat_ratio`): a run at the percentile passes, and is not too close to call.
    """
    found: list[Suggestion] = []
    for job, runs in jobs.items():
        alike = comparable(runs)
        if len(alike) < FEWEST_RUNS:
            found.append(Suggestion(job=job, metric=Metric.ENERGY, runs=len(alike)))
            continue
        units = [unit for unit, _ in alike[-1].units]
        wanted: list[tuple[Metric, str | None]] = [(Metric.ENERGY, None), (Metric.EMISSIONS, None)]
        wanted += [(Metric.ENERGY, unit) for unit in units]
        found += [one for metric, unit in wanted if (one := _suggestion(alike, metric, unit)) is not None]
    return tuple(found)


def lowered(jobs: Mapping[str, Iterable[RunRecord]], budgets: Sequence[Budget]) -> tuple[Suggestion, ...]:
    """Lower limits for those that every one of a job's runs stays well below: to what would be suggested now.

    Runs that failed, or do not compare with the newest one, do not count. A limit is never raised.
    A limit that is about several jobs is held against the one that takes most.
    """
    found = []
    limits = [budget for budget in budgets if budget.kind is Kind.LIMIT]
    parts: list[list[Suggestion]] = [[] for _ in limits]
    for job, runs in jobs.items():
        known = [*runs]
        for budget, about in zip(limits, parts, strict=True):
            if (part := _part(budget, known, job)) is not None:
                about.append(part)
    for budget, about in zip(limits, parts, strict=True):
        if about and all(_is_well_below(part, budget) for part in about):
            most = max(about, key=lambda part: part.limit or 0.0)
            found.append(_in_unit(most, budget))
    return tuple(found)


def comparable(runs: Sequence[RunRecord]) -> list[RunRecord]:
    """Those that ended well and compare with the newest of these."""
    well = [run for run in runs if run.it_j is not None and run.ended is None]
    return [run for run in well if unlike(run, well[-1]) is None]


def percentile(values: Sequence[float], share: float) -> float:
    """Linear between the two nearest ranks (Hyndman and Fan 1996, type 7). `share` in per cent; at least one value."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share / 100
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _part(budget: Budget, runs: Sequence[RunRecord], job: str) -> Suggestion | None:
    """What would be suggested for one of the jobs that a limit is about."""
    from reporter.domain.coverage import covers  # noqa: PLC0415  (only where limits are lowered)

    own = [run for run in runs if covers(budget.scopes, run.job, run.branch, run.runner)]
    alike = comparable(own)
    if not own:
        return None
    if len(alike) < FEWEST_RUNS:
        return Suggestion(job=job, metric=budget.metric, runs=len(alike))
    return _suggestion(alike, budget.metric, budget.per_unit)


def _is_well_below(part: Suggestion, budget: Budget) -> bool:
    if part.limit is None:
        return False
    return part.limit * scale_of(part.unit) <= WELL_BELOW_RATIO * budget.limit * scale_of(budget.unit)


def _in_unit(part: Suggestion, budget: Budget) -> Suggestion:
    """The suggestion in the unit of the limit that it lowers."""
    factor = scale_of(part.unit) / scale_of(budget.unit)
    return Suggestion(
        job=part.job,
        metric=part.metric,
        runs=part.runs,
        unit=budget.unit,
        limit=rounded_up((part.limit or 0.0) * factor),
        per_unit=part.per_unit,
        value=None if part.value is None else part.value * factor,
        repeat_ratio=part.repeat_ratio,
        instead_of=budget,
    )


def _suggestion(runs: Sequence[RunRecord], metric: Metric, per_unit: str | None) -> Suggestion | None:
    values = [value for run in runs if (value := _value(run, metric, per_unit)) is not None]
    if len(values) < FEWEST_RUNS or max(values) <= 0:
        return None
    ratios = [run.repeat_ratio for run in runs if run.repeat_ratio is not None]
    repeat_ratio = percentile(ratios, 50) if ratios else 0.0
    usual = percentile(values, PERCENTILE)
    unit = _unit(usual, EMISSION_UNITS if metric is Metric.EMISSIONS else ENERGY_UNITS)
    return Suggestion(
        job=runs[-1].job,
        metric=metric,
        runs=len(values),
        unit=unit,
        limit=rounded_up(usual * (1 + repeat_ratio) / scale_of(unit)),
        per_unit=per_unit,
        value=usual / scale_of(unit),
        repeat_ratio=repeat_ratio,
    )


def _value(run: RunRecord, metric: Metric, per_unit: str | None) -> float | None:
    """Joules of the facility or grams, whole or per unit of work."""
    whole = run.facility_j if metric is Metric.ENERGY else run.gco2e
    if per_unit is None or whole is None:
        return whole
    count = dict(run.units).get(per_unit)
    return whole / count if count else None


def _unit(value: float, units: dict[str, float]) -> str:
    """The largest unit of which there is at least one: watt-hours from 360 J on, joules below."""
    kept = {name: size for name, size in units.items() if name not in ("kJ", "MJ", "GJ", "mWh")}
    least = {name: 360.0 if name == "Wh" else size for name, size in kept.items()}
    fitting = [name for name, size in least.items() if value >= size]
    return max(fitting, key=lambda name: kept[name]) if fitting else min(kept, key=lambda name: kept[name])


def rounded_up(value: float) -> float:
    """To two significant digits, never below the value."""
    if value <= 0:
        return 0.0
    step = 10.0 ** (floor(log10(value)) - DIGITS + 1)
    return float(f"{ceil(value / step * (1 - 1e-12)) * step:.{DIGITS}g}")
