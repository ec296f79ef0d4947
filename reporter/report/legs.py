"""The legs of a matrix in one comment, made anew from what each of them said: the sentence, the table, a fold each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reporter.domain.budget import Outcome, worst
from reporter.report.basis import basis_words
from reporter.report.breakdown import known_sum
from reporter.report.format import (
    FEWEST_DIGITS,
    MISSING,
    Column,
    amount,
    column,
    counted,
    emission_scale,
    energy_scale,
    in_column,
    interval,
    percent,
)
from reporter.report.headline import CO2E, ICONS
from reporter.report.leg import Leg
from reporter.report.page import JobRow, JobTable
from reporter.report.prose import Line, Verbatim, code, line, name, strong
from reporter.report.table import OPEN_ROWS

NOT_READABLE = "not readable until the job writes it again"
_TROUBLE = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN)


class NamedLeg(NamedTuple):
    """A leg by its name; None where what it said cannot be read."""

    name: str
    leg: Leg | None

    @property
    def outcome(self) -> Outcome:
        """Its verdict; not known where nothing can be read."""
        return Outcome.UNKNOWN if self.leg is None else self.leg.outcome


class Fold(NamedTuple):
    """What one leg's own comment says; its Markdown was escaped when it was made, and is as it was then."""

    icon: str
    name: str
    opening: Verbatim
    """The hidden line that tells it apart."""
    text: Verbatim
    closing: Verbatim


class LegsView(NamedTuple):
    """The comment that all legs share."""

    icon: str
    title: Line
    headline: Line
    location: Line | None
    """Set when a region is unknown: how to set it."""
    jobs: JobTable
    folds: tuple[Fold, ...]
    left_out: Line
    """How many legs have no fold."""
    hidden: tuple[Verbatim, ...]
    """The lines of these."""
    footer: Line


def by_urgency(row: NamedLeg) -> tuple[int, bool, str]:
    """Sort key: over budget, then not known, then close; changed ones first within each, then by name."""
    severity = _TROUBLE.index(row.outcome) if row.outcome in _TROUBLE else len(_TROUBLE)
    return severity, row.leg is None or not row.leg.changed, row.name


def legs_view(legs: Sequence[NamedLeg], *, versus_label: str = "", footer: Line) -> LegsView:
    """The sentence and the table over these legs; folds are the caller's."""
    ordered = sorted(legs, key=by_urgency)
    outcome = worst(tuple(row.outcome for row in legs))
    return LegsView(
        icon=ICONS[outcome],
        title=_title(ordered, outcome),
        headline=_headline([row.leg for row in ordered if row.leg is not None], len(ordered)),
        location=_location(ordered),
        jobs=_table(ordered, versus_label),
        folds=(),
        left_out=Line(),
        hidden=(),
        footer=footer,
    )


def _title(ordered: Sequence[NamedLeg], outcome: Outcome) -> Line:
    jobs = counted(len(ordered), "job")
    same = [row for row in ordered if row.outcome is outcome]
    some = jobs if len(same) == len(ordered) else f"{len(same)} of {jobs}"
    known = [row.leg for row in ordered if row.leg is not None]
    if outcome is Outcome.PASS:
        whole = f"All {jobs}" if len(same) == len(ordered) > 1 else some
        grams = _grams(known)
        together = f", {grams}{' together' if len(ordered) > 1 else ''}" if grams else ""
        return line(f"{whole} within budget{together}")
    if outcome not in _TROUBLE:
        figures = " · ".join(filter(None, (_energy(known), _grams(known)))) or "no energy could be metered"
        return line(f"{jobs}: {figures}, no budget set")
    first = max(same, key=lambda row: (row.leg.used_ratio or 0.0) if row.leg else 0.0)
    state = {Outcome.FAIL: "over budget", Outcome.UNKNOWN: "not judged"}.get(outcome, "near the limit")
    used = first.leg.used_ratio if first.leg and outcome is not Outcome.UNKNOWN else None
    tail = "" if used is None else f" used {percent(used)} of it"
    return line(f"{some} {state}: ", code(name(first.name, 48)), tail)


def _headline(known: Sequence[Leg], count: int) -> Line:
    figures = " · ".join(filter(None, (_energy(known), _grams(known))))
    waiting = " A job adds its row when it ends."
    if not figures:
        return line("Nothing could be metered or modelled." if known else "No job's figures can be read.", waiting)
    partial = len(known) < count or any(leg.partial or leg.facility_j is None for leg in known)
    return line(strong(("At least " if partial else "") + figures), f" in {counted(count, 'job')}.", waiting)


def _energy(known: Sequence[Leg]) -> str:
    energy_j = known_sum([leg.facility_j for leg in known])
    if energy_j is None:
        return ""
    digits = max(leg.digits for leg in known)
    return amount(energy_j, energy_scale([energy_j]), digits, about=_mostly_about(known))


def _grams(known: Sequence[Leg]) -> str:
    grams = known_sum([leg.gco2e for leg in known])
    if grams is None:
        return ""
    vague = _mostly_about(known) or any(leg.vague for leg in known)
    digits = FEWEST_DIGITS if vague else max(leg.digits for leg in known)
    return f"{amount(grams, emission_scale([grams]), digits, about=vague)} {CO2E}"


def _mostly_about(known: Sequence[Leg]) -> bool:
    """Whether more than half of the energy is modelled."""
    modelled_j = sum(leg.facility_j or 0.0 for leg in known if leg.about)
    return all(leg.about for leg in known) or modelled_j > sum(leg.facility_j or 0.0 for leg in known) / 2


def _location(ordered: Sequence[NamedLeg]) -> Line | None:
    unknown = [row for row in ordered if row.leg is not None and not row.leg.basis.place_known]
    if not unknown:
        return None
    whose = "" if len(unknown) == len(ordered) else f" for {len(unknown)} of {counted(len(ordered), 'job')}"
    return line(
        strong(f"Location unknown{whose}:"), f" {CO2E} assumes an average. Set ", code("region:"),
        " (for example ", code("region: FR"), ").",
    )  # fmt: skip


def _table(ordered: Sequence[NamedLeg], versus_label: str) -> JobTable:
    known = [row.leg for row in ordered if row.leg is not None]
    energies, emissions = [leg.facility_j for leg in known], [leg.gco2e for leg in known]
    energy, gas = column(energies, energy_scale(energies)), column(emissions, emission_scale(emissions))
    rows = tuple(_row(row, energy, gas) for row in ordered)
    compared = any(leg.versus for leg in known)
    folded = rows[OPEN_ROWS:]
    return JobTable(
        rows=rows[:OPEN_ROWS],
        folded=folded,
        folded_label=counted(len(folded), "more job") if folded else "",
        total=_total(known, len(ordered)) if len(ordered) > 1 and known else None,
        versus_label=(versus_label or "vs base") if compared else "",
    )


def _row(row: NamedLeg, energy: Column, gas: Column) -> JobRow:
    leg = row.leg
    shown = name(row.name)
    if leg is None:
        return JobRow(
            icon=ICONS[Outcome.UNKNOWN], name=shown, energy=MISSING, versus="", emissions=MISSING, emissions_range="",
            budget_used=MISSING, over=False, basis=NOT_READABLE,
        )  # fmt: skip
    used = MISSING if leg.used_ratio is None else f"{'≥' if leg.partial else ''}{percent(leg.used_ratio)}"
    if leg.used_ratio is None and leg.outcome is Outcome.UNKNOWN:
        used = "not known"
    digits = FEWEST_DIGITS if leg.vague else leg.digits
    return JobRow(
        icon=ICONS[leg.outcome] if leg.outcome in _TROUBLE else "",
        name=shown,
        energy=in_column(leg.facility_j, energy, digits=leg.digits, fewest=FEWEST_DIGITS, about=leg.about),
        versus=leg.versus,
        emissions=in_column(leg.gco2e, gas, digits=digits, fewest=FEWEST_DIGITS, about=leg.vague),
        emissions_range=_range(leg.low_gco2e, leg.high_gco2e, gas),
        budget_used=used,
        over=leg.outcome is Outcome.FAIL,
        basis=basis_words(leg.basis),
    )


def _total(known: Sequence[Leg], count: int) -> JobRow:
    complete = [leg for leg in known if leg.facility_j is not None]
    grams = known_sum([leg.gco2e for leg in complete])
    lows, highs = [leg.low_gco2e for leg in complete], [leg.high_gco2e for leg in complete]
    gas = column([grams], emission_scale([grams]))
    jobs = counted(count, "job")
    return JobRow(
        icon="",
        name=f"Total of {jobs}" if len(complete) == count else f"Total of {len(complete)} of {jobs}",
        energy=_energy(complete) or MISSING,
        versus="",
        emissions=_grams(complete).removesuffix(f" {CO2E}") or MISSING,
        emissions_range=_range(known_sum(lows), known_sum(highs), gas),
        budget_used="",
        over=False,
        basis="",
    )


def _range(low: float | None, high: float | None, beside: Column) -> str:
    return "" if low is None or high is None else interval(low, high, beside.scale, unit=False)
