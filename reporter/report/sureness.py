"""How sure the figures are: what a repeat would change, and how far off the absolute number may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reporter.domain.carbon import Level
from reporter.domain.footprint import Footprint
from reporter.domain.series import gco2e_per_kwh
from reporter.domain.units import J_PER_KWH
from reporter.report.breakdown import known_sum
from reporter.report.format import (
    FEWEST_DIGITS,
    NARROW,
    Scale,
    emission_scale,
    energy_scale,
    interval,
    number,
    percent,
)
from reporter.report.headline import CO2E, is_estimate, is_modelled, is_mostly_modelled, repeat_range
from reporter.report.prose import Line, line, strong

_POWER = {
    "meters": {"measured", "partly-measured"},
    "models": {"modelled", "partly-measured"},
    "declared power": {"estimate"},
}
"""How an energy is known, and the methods of the footprints that have such energy."""


def sureness(footprints: Sequence[Footprint]) -> tuple[Line, ...]:
    """Two intervals, named apart."""
    lines = []
    if footprints and is_estimate(footprints):
        lines.append(line(strong("If estimated again:"), " the same. Budgets are judged on the figures as declared."))
    else:
        lines.extend(_again(footprints))
    absolute = _ends([(row.emissions.low_gco2e, row.emissions.high_gco2e) for row in footprints])
    if absolute is not None:
        causes = ", ".join(_causes(footprints))
        figures = f" {interval(*absolute, emission_scale(absolute))} {CO2E} (about 95{NARROW}%: {causes})."
        lines.append(line(strong("The absolute number:"), figures))
    if len(footprints) == 1:
        lines.extend(_basis(footprints[0]))
    return tuple(lines)


def _again(footprints: Sequence[Footprint]) -> Iterator[Line]:
    ranges = [
        tuple(None if bound is None else bound * row.pue.ratio for bound in repeat_range(row.energy))
        for row in footprints
    ]
    grams = [
        tuple(None if bound is None else bound / J_PER_KWH * gco2e_per_kwh(row.intensity) for bound in bounds)
        for row, bounds in zip(footprints, ranges, strict=True)
    ]
    energy, emissions = _ends(ranges), _ends(grams)
    if energy is None or emissions is None:
        return
    shown = _about if is_mostly_modelled(footprints) else interval
    figures = f"{shown(*energy, energy_scale(energy))}, {shown(*emissions, emission_scale(emissions))} {CO2E}"
    words = f" {figures}: what {_repeat(footprints)} would change. Budgets are judged on this."
    yield line(strong("If modelled again:" if is_modelled(footprints) else "If measured again:"), words)


def _about(low: float, high: float, scale: Scale) -> str:
    """A range of modelled figures, with no more digits than these have themselves."""
    first, last = (number(end / scale.base, FEWEST_DIGITS) for end in (low, high))
    return f"≈{first if first == last else f'{first}–{last}'}{NARROW}{scale.unit}"


def _repeat(footprints: Sequence[Footprint]) -> str:
    estimates = sum(row.method == "estimate" for row in footprints)
    if estimates:
        return f"repeating all but the {'estimate' if estimates == 1 else f'{estimates} estimates'}"
    return "another reading" if is_modelled(footprints) else "repeating the measurement"


def _causes(footprints: Sequence[Footprint]) -> Iterator[str]:
    """What the whole interval is made of; a factor that was given by hand adds nothing to it."""
    if any(not row.intensity.known for row in footprints):
        yield "the unknown location"
    methods = {row.method for row in footprints}
    yield from (words for words, kinds in _POWER.items() if methods & kinds)
    if any(row.intensity.known and row.intensity.origin != "given" for row in footprints):
        yield "grid factor"
    if any(row.pue.level is not Level.GIVEN for row in footprints):
        yield "PUE"


def _ends(ranges: Sequence[tuple[float | None, ...]]) -> tuple[float, float] | None:
    lows, highs = ([bounds[end] for bounds in ranges] for end in (0, 1))
    low, high = known_sum(lows), known_sum(highs)
    return None if low is None or high is None else (low, high)


def _basis(footprint: Footprint) -> list[Line]:
    ratio = footprint.energy.measured_ratio
    if footprint.method != "partly-measured" or ratio is None:
        return []
    return [line(strong("Measured:"), f" {percent(ratio)} of the energy; the rest is modelled.")]
