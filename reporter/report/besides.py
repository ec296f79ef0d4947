"""Figures beside the headline as sentences, one each: what it comes to, and how; none of them is in the headline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reporter.domain.besides import FIGURES
from reporter.domain.carbon import Besides
from reporter.domain.footprint import Footprint
from reporter.domain.total import besides_total
from reporter.report.format import FEWEST_DIGITS, MOST_DIGITS, NARROW, amount, emission_scale, interval, number
from reporter.report.headline import CO2E, energy_digits, is_mostly_modelled
from reporter.report.prose import Line, line, name, quoted, strong

NAMES = {
    "market_based_gco2e": "Market-based",
    "marginal_gco2e": "Marginal",
    "embodied_gco2e": "Embodied",
    "sci": "SCI",
    "water_l": "Water",
    "cost": "Cost",
    "equivalent": "As much as",
}
LONGEST_UNIT = 30
_ONLY_COMPARE = "; only for comparing times or places"
_BY_THE_HOUR = "h"


def besides_lines(footprints: Sequence[Footprint]) -> tuple[Line, ...]:
    """A line for each figure of one job, or of the sum of several; nothing where none was to be had."""
    if not footprints:
        return ()
    besides = besides_total(footprints)
    figures = dict(_figures(footprints, besides))
    sources, reasons = dict(besides.sources), dict(besides.reasons)
    lines = []
    for figure in FIGURES:
        label = strong(f"{NAMES[figure]}:")
        if figure in figures:
            how = quoted(sources.get(figure, ""))
            tail = _ONLY_COMPARE if figure == "marginal_gco2e" else ""
            lines.append(line(label, f" {figures[figure]}", ": " if how else "", how, f"{tail}."))
        elif figure in reasons:
            lines.append(line(label, " not known: ", quoted(reasons[figure].rstrip(".")), "."))
    return tuple(lines)


def _figures(footprints: Sequence[Footprint], besides: Besides) -> Iterator[tuple[str, str]]:
    about = is_mostly_modelled(footprints)
    digits = FEWEST_DIGITS if about else max(energy_digits(footprint) for footprint in footprints)
    for figure in ("market_based_gco2e", "marginal_gco2e"):
        value = getattr(besides, figure)
        if value is not None:
            yield figure, f"{_grams(value, digits, about=about)} {CO2E}"
    if besides.embodied_gco2e is not None:
        yield "embodied_gco2e", _embodied(besides.embodied_gco2e, besides)
    if besides.sci is not None:
        rate = _grams(besides.sci.gco2e_per_unit, FEWEST_DIGITS, about=about)
        yield "sci", f"{rate} {CO2E} per {name(besides.sci.unit, LONGEST_UNIT)}"
    if besides.water_l is not None:
        unit, base = ("L", 1.0) if besides.water_l >= 1 else ("mL", 1e-3)
        yield "water_l", f"{_about(about)}{number(besides.water_l / base, FEWEST_DIGITS)}{NARROW}{unit}"
    if besides.cost is not None:
        rough = about and not _by_the_hour(footprints)
        shown = number(besides.cost.amount, FEWEST_DIGITS if rough else MOST_DIGITS)
        yield "cost", f"{_about(rough)}{shown}{NARROW}{name(besides.cost.currency, LONGEST_UNIT)}"
    if besides.equivalent is not None:
        times = number(besides.equivalent.amount, FEWEST_DIGITS)
        yield "equivalent", f"{_about(about)}{times} × {name(besides.equivalent.label)}"


def _embodied(value: float, besides: Besides) -> str:
    low, high = besides.embodied_low_gco2e, besides.embodied_high_gco2e
    scale = emission_scale([value])
    bounds = "" if low is None or high is None else f" ({interval(low, high, scale)})"
    return f"{amount(value, scale, FEWEST_DIGITS)} {CO2E}{bounds}"


def _grams(value: float, digits: int, *, about: bool) -> str:
    return amount(value, emission_scale([value]), digits, about=about)


def _about(about: bool) -> str:  # noqa: FBT001  (the sign itself)
    return "≈" if about else ""


def _by_the_hour(footprints: Sequence[Footprint]) -> bool:
    """Whether the cost is of the machine's time, which is no matter of models."""
    prices = [footprint.accounting.price for footprint in footprints if footprint.accounting is not None]
    return bool(prices) and all(price is not None and price.per == _BY_THE_HOUR for price in prices)
