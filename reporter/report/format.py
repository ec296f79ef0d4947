"""Numbers as people read them: scaled units, few digits, ranges, shares and durations.

A missing number is a dash, never 0, None or NaN. Values come in joules, grams of CO2e, watts and seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from reporter.domain.units import EMISSION_UNITS, ENERGY_UNITS

NARROW = "\u202f"
"""Narrow no-break space, between a number and its unit."""
MINUS = "\u2212"
MISSING = "–"
MOST_DIGITS = 3
FEWEST_DIGITS = 2
_ENERGY_STEPS = (("GWh", 3.6e12), ("MWh", 3.6e9), ("kWh", 3.6e6), ("Wh", 360.0), ("J", 0.1), ("mJ", 0.0))
_EMISSION_STEPS = (("t", 1e6), ("kg", 1e3), ("g", 0.1), ("mg", 1e-4), ("µg", 0.0))
_SCALES = {**EMISSION_UNITS, **ENERGY_UNITS, "mJ": 1e-3, "µg": 1e-6}
_LONGEST_IN_UNIT = 100_000
_SHORTEST_IN_UNIT = 0.01
_SAME_TO_A_READER = 0.005
_MOST_DECIMALS = 12
"""No job takes so little: what does is written as 4.9e-324."""


class Scale(NamedTuple):
    """A unit to show values in: `base` joules or grams of CO2e make one of it."""

    unit: str
    base: float


class Column(NamedTuple):
    """Values below one another: one unit, the same digits after the point."""

    scale: Scale
    decimals: int


def energy_scale(values_j: Iterable[float | None]) -> Scale:
    """One unit for a column of energies, chosen by the largest."""
    return _scale(values_j, _ENERGY_STEPS)


def emission_scale(values_gco2e: Iterable[float | None]) -> Scale:
    """One unit for a column of emissions, chosen by the largest."""
    return _scale(values_gco2e, _EMISSION_STEPS)


def unit_scale(unit: str) -> Scale:
    """The scale of a unit as written in a budget; an unknown one is shown as it is."""
    return Scale(unit, _SCALES.get(unit, 1.0))


def supported_digits(value: float | None, low: float | None, high: float | None) -> int:
    """Significant digits that an interval leaves meaningful: 3 up to about ±10 %, else 2."""
    if value is None or low is None or high is None or not value or not _finite(value, low, high):
        return MOST_DIGITS
    relative = (high - low) / 2 / abs(value)
    return MOST_DIGITS if relative < 0.1 else FEWEST_DIGITS  # noqa: PLR2004


def number(value: float | None, digits: int = MOST_DIGITS, *, apart_from: float | None = None) -> str:
    """A number with so many significant digits; more where it would read like a different `apart_from`."""
    if value is None or not math.isfinite(value):
        return MISSING
    shown = _significant(value, digits)
    if apart_from is not None and apart_from != value:
        while shown == _significant(apart_from, digits) and digits < 7:  # noqa: PLR2004
            digits += 1
            shown = _significant(value, digits)
    return shown


def exact(value: float) -> str:
    """A number as a person wrote it: `600`, `0.2`."""
    return f"{value:,.10f}".rstrip("0").rstrip(".") if abs(value) >= 1e-9 else f"{value:g}"  # noqa: PLR2004


def amount(
    value: float | None,
    scale: Scale,
    digits: int = MOST_DIGITS,
    *,
    about: bool = False,
    apart_from: float | None = None,
) -> str:
    """A value in the given unit, `≈` before it where it is modelled; value and `apart_from` are in the base unit."""
    if value is None or not math.isfinite(value):
        return MISSING
    other = None if apart_from is None else apart_from / scale.base
    return f"{'≈' if about else ''}{number(value / scale.base, digits, apart_from=other)}{NARROW}{scale.unit}"


def column(values: Sequence[float | None], scale: Scale) -> Column:
    """The column of these values: three significant digits for its largest one set the places of all."""
    known = [abs(value) for value in values if value is not None and math.isfinite(value) and value]
    return Column(scale, max(_decimals(max(known) / scale.base, MOST_DIGITS), 0) if known else 0)


def at_most(value: float, scale: Scale) -> str:
    """A value rounded down, so that whoever keeps to what is shown keeps to the value too."""
    own = value / scale.base
    step = 10.0 ** -_decimals(own, MOST_DIGITS) if own else 1.0
    return amount(math.floor(own / step * (1 + 1e-12)) * step * scale.base, scale)


def in_column(
    value: float | None, beside: Column, *, digits: int = MOST_DIGITS, fewest: int = 1, about: bool = False
) -> str:
    """A value beside others of its column: their digits after the point, but `fewest` to `digits` significant ones."""
    if value is None or not math.isfinite(value):
        return MISSING
    scale = beside.scale
    own = value / scale.base
    places = min(beside.decimals, _decimals(own, digits)) if own else 0
    significant = _significant(own, fewest) if own and _decimals(own, fewest) > places else _fixed(own, places)
    return f"{'≈' if about else ''}{significant}{NARROW}{scale.unit}"


def interval(
    low: float | None, high: float | None, scale: Scale, *, apart_from: float | None = None, unit: bool = True
) -> str:
    """A range in one unit, `340–570 g`: two digits of its width, at most three of its ends.

    A fourth where three would hide that they differ; ends within 0.5 % of one another are one number.
    """
    if low is None or high is None or not _finite(low, high):
        return MISSING
    ends = (low / scale.base, high / scale.base)
    decimals = _range_decimals(*ends)
    limit = None if apart_from is None else apart_from / scale.base
    tight = high - low <= _SAME_TO_A_READER * abs(high)
    for _ in range(4):
        first, last = (_fixed(end, decimals) for end in ends)
        clash = limit is not None and _fixed(limit, decimals) in {first, last} and limit not in ends
        if (first != last or tight) and not clash:
            break
        decimals += 1
    if low > 0 and not first.strip("0."):
        first = _significant(ends[0], 1)
    words = first if first == last else f"{first}–{last}"
    return f"{words}{NARROW}{scale.unit}" if unit else words


def percent(ratio: float | None) -> str:
    """A share: whole per cents, finer below 2 % and next to 100 %."""
    share = math.nan if ratio is None else 100 * ratio
    if not math.isfinite(share):
        return MISSING
    decimals = 0
    if 0 < abs(share) < 2:  # noqa: PLR2004
        decimals = 1
    while decimals < 4 and share != 100 and _fixed(share, decimals) == _fixed(100, decimals):  # noqa: PLR2004
        decimals += 1
    shown = _fixed(share, decimals)
    if share < 100 and shown == _fixed(100, decimals):  # noqa: PLR2004
        return f">99.9{NARROW}%"
    if share and not float(shown.replace(",", "").replace(MINUS, "-")):
        return f"<0.1{NARROW}%"
    return f"{shown}{NARROW}%"


def power(power_w: float | None, digits: int = MOST_DIGITS) -> str:
    """Watts, or kilowatts from 1000 on."""
    if power_w is None or not math.isfinite(power_w):
        return MISSING
    unit, base = ("kW", 1e3) if power_w >= 1e3 else ("W", 1.0)  # noqa: PLR2004
    return f"{number(power_w / base, digits)}{NARROW}{unit}"


def duration(seconds: float | None) -> str:
    """Seconds in the two largest fitting units: `27 min 30 s`."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    if seconds < 0.95:  # noqa: PLR2004
        return f"{number(max(seconds, 0), 1)}{NARROW}s"
    if seconds < 9.95:  # noqa: PLR2004
        return f"{max(seconds, 0):.1f}{NARROW}s"
    whole = round(seconds)
    for first, size, second, part in (("d", 86_400, "h", 3_600), ("h", 3_600, "min", 60), ("min", 60, "s", 1)):
        if whole >= size:
            rest = whole % size // part
            tail = f"{NARROW}{rest}{NARROW}{second}" if rest else ""
            return f"{whole // size}{NARROW}{first}{tail}"
    return f"{whole}{NARROW}s"


def count(value: float) -> str:
    """A count of things: `50,000`."""
    return f"{value:,.0f}" if float(value).is_integer() else number(value)


def counted(quantity: int, noun: str, plural: str | None = None) -> str:
    """A count with its noun: `1 job`, `3 jobs`."""
    return f"{quantity:,} {noun if quantity == 1 else plural or noun + 's'}"


def _scale(values: Iterable[float | None], steps: tuple[tuple[str, float], ...]) -> Scale:
    known = [abs(value) for value in values if value is not None and math.isfinite(value) and value]
    largest = max(known, default=1.0)
    chosen = next(index for index, (_, least) in enumerate(steps) if largest >= least)
    scale = unit_scale(steps[chosen][0])
    finer = unit_scale(steps[min(chosen + 1, len(steps) - 1)][0])
    too_fine = min(known, default=1.0) / scale.base < _SHORTEST_IN_UNIT
    return finer if too_fine and largest / finer.base < _LONGEST_IN_UNIT else scale


def _significant(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    decimals = _decimals(value, digits)
    return _fixed(round(value, decimals), max(decimals, 0))


def _decimals(value: float, digits: int) -> int:
    """Places after the point that leave so many significant digits, also where rounding carries over: 9.996 -> 10.0."""
    if not value:
        return 0  # in this unit it is less than the least number that there is
    decimals = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, decimals)
    return digits - 1 - math.floor(math.log10(abs(rounded))) if rounded else decimals


def _fixed(value: float, decimals: int) -> str:
    if decimals > _MOST_DECIMALS:
        return f"{value:.2g}"
    shown = f"{round(value, decimals):,.{max(decimals, 0)}f}"
    return shown.replace("-", MINUS) if shown.strip("-0.,") else shown.lstrip("-")


def _range_decimals(low: float, high: float) -> int:
    width = high - low
    largest = max(abs(low), abs(high))
    if not largest:
        return 0
    by_size = MOST_DIGITS - 1 - math.floor(math.log10(largest))
    by_width = 1 - math.floor(math.log10(width)) if width > 0 else by_size
    return min(by_size, by_width)


def _finite(*values: float) -> bool:
    return all(math.isfinite(value) for value in values)
