"""Counterfactuals in words: the same energy elsewhere, the same job at another time; never said as if it had been."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from reporter.domain.carbon import Level
from reporter.domain.elsewhere import Alternative, Elsewhere
from reporter.domain.later import Later, Shift
from reporter.domain.units import J_PER_KWH
from reporter.report.format import (
    MINUS,
    NARROW,
    Scale,
    amount,
    counted,
    duration,
    emission_scale,
    energy_scale,
    number,
    percent,
)
from reporter.report.page import Counterfactual, CounterfactualRow
from reporter.report.prose import Line, line, name, strong

MOST_ROWS = 12
_BRIEFLY = 2
_KINDS = {"lifecycle": "life-cycle", "direct": "direct"}
_LEVELS = {Level.REGION: "", Level.FLEET: ", fleet", Level.AVERAGE: ", average", Level.GIVEN: ""}


def elsewhere_words(found: Elsewhere) -> Counterfactual:
    """The places that are best, and apart from them those whose factors are of another kind."""
    scale = emission_scale([found.gco2e, *(place.gco2e for place in (*found.alike, *found.apart))])
    here = CounterfactualRow(
        label="as it ran", factor="", pue="", emissions=amount(found.gco2e, scale, 2), versus="", here=True
    )
    shown = found.alike[:MOST_ROWS]
    rows = [(place.gco2e, _place(place, scale, found.gco2e)) for place in shown]
    rows.append((found.gco2e, here))
    notes: list[Line] = []
    if len(found.alike) > len(shown):
        worse = sum(place.gco2e > found.gco2e for place in found.alike)
        notes.append(
            line(f"{counted(len(found.alike) - len(shown), 'more place')} in the JSON; {worse} are worse than here.")
        )
    notes.append(_kind_note(found))
    notes.append(
        line(
            f"A calculation, not a measurement: published PUEs, and yearly factors (±34{NARROW}% for a short job)."
            " The machine's own PUE and hardware there are not known."
        )
    )
    energy = amount(found.it_j, energy_scale([found.it_j]))
    words = f"The same energy, {energy} at the machine, would have been elsewhere, best first:"
    lead = line(strong(words if shown or found.apart else "There is no other place to hold it against."))
    return Counterfactual(
        heading="What if: elsewhere",
        lead=lead,
        label="Place",
        rows=tuple(row for _, row in sorted(rows, key=lambda pair: pair[0])),
        apart=tuple(_place(place, scale, None) for place in found.apart[:MOST_ROWS]),
        apart_label=_apart_label(found),
        notes=tuple(notes),
        brief=_brief(found, scale),
    )


def later_words(rows: Sequence[tuple[str, float | None, Later | None]], series: str) -> Counterfactual:
    """Jobs as they ran and at other times; a job is its name, its facility energy (J), and what was found."""
    found = [shift for _, _, row in rows if row for shift in (row.as_it_ran, row.flexible, row.pausing)]
    scale = emission_scale([shift.gco2e for shift in found])
    several = len(rows) > 1
    lines: list[CounterfactualRow] = []
    for job, facility_j, row in rows:
        if row is not None:
            lines += _shifts(f"{name(job, 40)}: " if several else "", row, scale, facility_j)
    absent = sum(row is None for _, _, row in rows)
    notes = [line(f"The series does not cover {counted(absent, 'job')}.")] if absent else []
    notes.append(
        line(
            "Upper bounds of what waiting saves: the hours are chosen knowing the series to its end,"
            " and pausing costs nothing here."
        )
    )
    notes.append(line("By the factors of the series, so compare these rows with one another, not with the headline."))
    within = next((row.within_s for _, _, row in rows if row), 0.0)
    lead = line(strong(f"The same job, begun up to {duration(within)} later, would have been (series {name(series)}):"))
    return Counterfactual(heading="What if: later", lead=lead, label="When", rows=tuple(lines), notes=tuple(notes))


def moment(at_s: float) -> str:
    """A time in UTC, `2026-01-01 03:20 UTC`."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(at_s))


def _brief(found: Elsewhere, scale: Scale) -> Line:
    """The best places in a sentence; nothing where there is none to hold it against."""
    better = [place for place in found.alike if place.gco2e < found.gco2e]
    if not found.alike:
        return line()
    if not better:
        words = f" of {counted(len(found.alike), 'place')} like this one none would have been better."
        return line(strong("Elsewhere:"), words)
    best = [f"{amount(place.gco2e, scale, 2)} in {_where(place)}" for place in better[:_BRIEFLY]]
    rest = f"; {len(better)} of {counted(len(found.alike), 'place')} like this one are better"
    return line(
        strong("Elsewhere:"), f" the same energy would have been {' or '.join(best)} (a calculation by yearly factors)",
        rest if len(better) > len(best) else "", ".",
    )  # fmt: skip


def _where(place: Alternative) -> str:
    return name(place.intensity.label or place.intensity.region or "", 40)


def _shifts(who: str, row: Later, scale: Scale, facility_j: float | None) -> Iterable[CounterfactualRow]:
    ran = row.as_it_ran
    facility_kwh = (facility_j or 0.0) / J_PER_KWH
    for words, shift in (
        (f"as it ran, {moment(ran.start_s)}", ran),
        (_started(ran, row.flexible), row.flexible),
        (_paused(ran, row.pausing), row.pausing),
    ):
        mean = shift.gco2e / facility_kwh if facility_kwh else None
        yield CounterfactualRow(
            label=f"{who}{words}",
            factor=f"{number(mean)}{NARROW}g/kWh",
            pue="",
            emissions=amount(shift.gco2e, scale, 2),
            versus="" if shift is ran else _versus(shift.gco2e, ran.gco2e),
            here=shift is ran,
        )


def _started(ran: Shift, shift: Shift) -> str:
    if shift.start_s == ran.start_s:
        return "started at its best time: as it ran"
    return f"started {duration(shift.start_s - ran.start_s)} later, {moment(shift.start_s)}"


def _paused(ran: Shift, shift: Shift) -> str:
    pauses = counted(shift.count, "pause") if shift.count else "no pause"
    return (
        f"with {pauses}, done {duration(shift.end_s - ran.end_s)} later"
        if shift.end_s > ran.end_s
        else f"with {pauses}"
    )


def _place(place: Alternative, scale: Scale, here_gco2e: float | None) -> CounterfactualRow:
    key, label = place.intensity.region or "", name(place.intensity.label or "", 40)
    return CounterfactualRow(
        label=f"{label} ({name(key, 40)})" if label else name(key, 40),
        factor=f"{number(place.intensity.gco2e_per_kwh)}{NARROW}g/kWh, {_kind(place.kind)}",
        pue=f"{place.pue.ratio:.2f}{_LEVELS[place.pue.level]}",
        emissions=amount(place.gco2e, scale, 2),
        versus="" if here_gco2e is None else _versus(place.gco2e, here_gco2e),
    )


def _versus(value: float, against: float) -> str:
    if not against:
        return ""
    change = value / against - 1
    return f"{'+' if change > 0 else MINUS if change < 0 else '±'}{percent(abs(change))}"


def _kind(kind: str) -> str:
    scope, comma, gas = kind.partition(",")
    return f"{_KINDS.get(scope, scope)}{comma}{gas}"


def _kind_note(found: Elsewhere) -> Line:
    if found.kind is None:
        return line("The job's own factor is not one yearly factor of a known place: nothing is held against it.")
    return line(f"Held against the job are only places whose factor is of its own kind ({_kind(found.kind)}).")


def _apart_label(found: Elsewhere) -> str:
    if not found.apart:
        return ""
    more = len(found.apart) - MOST_ROWS
    rest = f"; {more} more in the JSON" if more > 0 else ""
    return f"Apart, for their factors count otherwise{rest}"
