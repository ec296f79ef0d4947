"""The main table: a row for each job, over-budget first, then the hungriest; one unit for each column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from reporter.domain.budget import Outcome
from reporter.domain.footprint import Footprint, cut_off, unread
from reporter.report.basis import basis_of, basis_words, ending
from reporter.report.breakdown import known_sum
from reporter.report.format import (
    FEWEST_DIGITS,
    MISSING,
    Column,
    Scale,
    amount,
    column,
    counted,
    emission_scale,
    energy_scale,
    in_column,
    interval,
    percent,
)
from reporter.report.headline import ICONS, energy_digits, is_modelled
from reporter.report.page import JobRow, JobTable
from reporter.report.prose import name
from reporter.report.rules import own_ratio

OPEN_ROWS = 20
"""Rows of the main table that are shown without unfolding."""
CALM_ROWS = 6
"""So many rows are shown where nothing is over its budget and nothing changed."""
_TROUBLE = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN)
_CALM = len(_TROUBLE)


class Against(NamedTuple):
    """How jobs are held against their base: what it is called, a row's cell, and whether the job is clearly changed."""

    label: str = ""
    cell: Callable[[Footprint, Column], str] = lambda _job, _beside: ""
    changed: Callable[[Footprint], bool] = lambda _job: False


NO_BASE = Against()


def by_urgency(footprint: Footprint, against: Against = NO_BASE) -> tuple[int, bool, float, str]:
    """Sort key: over budget, then not known, then close; changed ones first within each, then by energy."""
    facility_j = footprint.energy.facility_j or 0.0
    return _severity(footprint), not against.changed(footprint), -facility_j, footprint.job.name


def job_table(
    ordered: Sequence[Footprint], missing: Sequence[str], *, several: bool, against: Against = NO_BASE
) -> JobTable:
    """The rows of these jobs, and of those that sent no footprint, which are shown but never counted as 0.

    Where there is a base, what is neither changed nor near a budget is folded, but for a few rows.
    """
    energies, emissions = [row.energy.facility_j for row in ordered], [row.emissions.gco2e for row in ordered]
    energy, gas = column(energies, energy_scale(energies)), column(emissions, emission_scale(emissions))
    rows = [_job_row(row, energy, gas, several=several)._replace(versus=against.cell(row, energy)) for row in ordered]
    absent = [_absent_row(label) for label in missing]
    shown = OPEN_ROWS - min(len(absent), OPEN_ROWS // 2)
    if against.label:
        telling = sum(_severity(row) < _CALM or against.changed(row) for row in ordered)
        shown = min(shown, max(telling, CALM_ROWS))
    opened = (*rows[:shown], *absent[: OPEN_ROWS // 2])
    folded = (*rows[shown:], *absent[OPEN_ROWS // 2 :])
    return JobTable(
        rows=opened,
        folded=folded,
        folded_label=f"{counted(len(folded), 'more job')}" if folded else "",
        total=_total_row(ordered, len(ordered) + len(absent)) if several and ordered else None,
        versus_label=f"vs {against.label}" if against.label else "",
    )


def _job_row(footprint: Footprint, energy: Column, gas: Column, *, several: bool) -> JobRow:
    about = is_modelled([footprint])
    vague = about or not footprint.intensity.known
    digits = FEWEST_DIGITS if about else energy_digits(footprint)
    emissions = footprint.emissions
    outcome = footprint.verdict.outcome
    ratios = [ratio for finding in footprint.verdict.findings if (ratio := own_ratio(finding)) is not None]
    return JobRow(
        icon=ICONS[outcome] if several and outcome in _TROUBLE else "",
        name=name(footprint.job.name),
        energy=in_column(footprint.energy.facility_j, energy, digits=digits, fewest=FEWEST_DIGITS, about=about),
        versus="",
        emissions=in_column(
            emissions.gco2e, gas, digits=FEWEST_DIGITS if vague else digits, fewest=FEWEST_DIGITS, about=vague
        ),
        emissions_range=_range(emissions.low_gco2e, emissions.high_gco2e, gas.scale),
        budget_used=_used(footprint, ratios),
        over=any(row.outcome is Outcome.FAIL and own_ratio(row) is not None for row in footprint.verdict.findings),
        basis=basis_words(basis_of([footprint])),
    )


def _severity(footprint: Footprint) -> int:
    outcome = footprint.verdict.outcome
    return _TROUBLE.index(outcome) if outcome in _TROUBLE else _CALM


def _used(footprint: Footprint, ratios: list[float]) -> str:
    if not ratios:
        return "not known" if footprint.verdict.outcome is Outcome.UNKNOWN else MISSING
    return f"{'≥' if unread(footprint) else ''}{percent(max(ratios))}"


def _absent_row(label: str) -> JobRow:
    return JobRow(
        icon="❔",
        name=name(label),
        energy=MISSING,
        versus="",
        emissions=MISSING,
        emissions_range="",
        budget_used=MISSING,
        over=False,
        basis="no footprint arrived",
    )


def _total_row(footprints: Sequence[Footprint], expected: int) -> JobRow:
    known = [row for row in footprints if row.energy.facility_j is not None]
    energy_j = known_sum([row.energy.facility_j for row in known])
    grams = known_sum([row.emissions.gco2e for row in known])
    about = is_modelled(footprints)
    vague = about or any(not row.intensity.known for row in footprints)
    digits = FEWEST_DIGITS if about else max((energy_digits(row) for row in known), default=FEWEST_DIGITS)
    gas = emission_scale([grams])
    lows, highs = [row.emissions.low_gco2e for row in known], [row.emissions.high_gco2e for row in known]
    label = f"Total of {counted(expected, 'job')}"
    return JobRow(
        icon="",
        name=label if len(known) == expected else f"Total of {len(known)} of {counted(expected, 'job')}",
        energy=amount(energy_j, energy_scale([energy_j]), digits, about=about),
        versus="",
        emissions=amount(grams, gas, FEWEST_DIGITS if vague else digits, about=vague),
        emissions_range=_range(known_sum(lows), known_sum(highs), gas),
        budget_used="",
        over=False,
        basis="",
    )


def _range(low: float | None, high: float | None, scale: Scale) -> str:
    return "" if low is None or high is None else interval(low, high, scale, unit=False)


def ended(footprint: Footprint) -> str | None:
    """How a job that did not end well came to its end; None for one that did, and for a session: it has no status."""
    return ending(footprint.job.exit_status, cut_off=cut_off(footprint) is not None)
