"""The main table: a row for each job, over-budget first, then the hungriest; one unit for each column."""

from __future__ import annotations

from collections.abc import Sequence

from reporter.domain.budget import Outcome
from reporter.domain.footprint import Footprint, cut_off, unread, unread_gpus
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
from reporter.report.rules import used_ratio

OPEN_ROWS = 20
"""Rows of the main table that are shown without unfolding."""
_SIGNALS = {1: "SIGHUP", 2: "SIGINT", 6: "SIGABRT", 9: "SIGKILL", 11: "SIGSEGV", 15: "SIGTERM"}
_SHELL_SIGNAL_BASE = 128


def by_urgency(footprint: Footprint) -> tuple[int, float, str]:
    """Sort key: over budget, then not known, then close; by energy within each."""
    order = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN)
    outcome = footprint.verdict.outcome
    severity = order.index(outcome) if outcome in order else len(order)
    return severity, -(footprint.energy.facility_j or 0.0), footprint.job.name


def job_table(ordered: Sequence[Footprint], missing: Sequence[str], *, several: bool) -> JobTable:
    """The rows of these jobs, and of those that sent no footprint, which are shown but never counted as 0."""
    energies, emissions = [row.energy.facility_j for row in ordered], [row.emissions.gco2e for row in ordered]
    energy, gas = column(energies, energy_scale(energies)), column(emissions, emission_scale(emissions))
    rows = [_job_row(row, energy, gas, several=several) for row in ordered]
    absent = [_absent_row(label) for label in missing]
    shown = OPEN_ROWS - min(len(absent), OPEN_ROWS // 2)
    opened = (*rows[:shown], *absent[: OPEN_ROWS // 2])
    folded = (*rows[shown:], *absent[OPEN_ROWS // 2 :])
    return JobTable(
        rows=opened,
        folded=folded,
        folded_label=f"{counted(len(folded), 'more job')}" if folded else "",
        total=_total_row(ordered, len(ordered) + len(absent)) if several and ordered else None,
    )


def _job_row(footprint: Footprint, energy: Column, gas: Column, *, several: bool) -> JobRow:
    about = is_modelled([footprint])
    vague = about or not footprint.intensity.known
    digits = FEWEST_DIGITS if about else energy_digits(footprint)
    emissions = footprint.emissions
    outcome = footprint.verdict.outcome
    ratios = [ratio for finding in footprint.verdict.findings if (ratio := used_ratio(finding)) is not None]
    troubled = outcome in (Outcome.FAIL, Outcome.WARN, Outcome.UNKNOWN)
    return JobRow(
        icon=ICONS[outcome] if several and troubled else "",
        name=name(footprint.job.name),
        energy=in_column(footprint.energy.facility_j, energy, digits=digits, fewest=FEWEST_DIGITS, about=about),
        versus="",
        emissions=in_column(
            emissions.gco2e, gas, digits=FEWEST_DIGITS if vague else digits, fewest=FEWEST_DIGITS, about=vague
        ),
        emissions_range=_range(emissions.low_gco2e, emissions.high_gco2e, gas.scale),
        budget_used=_used(footprint, ratios),
        over=outcome is Outcome.FAIL,
        basis=_basis(footprint),
    )


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


def _basis(footprint: Footprint) -> str:
    if footprint.energy.it_j is None:
        words = "nothing metered"
    elif footprint.method == "partly-measured":
        words = f"partly measured ({percent(footprint.energy.measured_ratio)})"
    else:
        words = {"measured": "measured", "estimate": "estimated"}.get(footprint.method, "modelled")
    gpus = len(unread_gpus(footprint))
    if gpus and footprint.energy.it_j is not None:
        words += f", {counted(gpus, 'GPU')} not read"
    if not footprint.intensity.known:
        words += ", region unknown"
    how = ended(footprint)
    return words if how is None else f"{how}; {words}"


def ended(footprint: Footprint) -> str | None:
    """How a job that did not end well came to its end; None for one that did, and for a session: it has no status."""
    status = footprint.job.exit_status
    if not status:
        return "cut off" if cut_off(footprint) else None
    signal = _SIGNALS.get(status - _SHELL_SIGNAL_BASE)
    return f"command was ended by {signal}" if signal else f"command failed with status {status}"
