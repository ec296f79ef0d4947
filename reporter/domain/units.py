"""Quantities as people write them, with their units: "50 g", "0.2 kWh", "130 J/sample", "412.5 lb/MWh".

A number without a unit is an error, never a guess.
"""

from __future__ import annotations

import math
import re

G_PER_LB = 453.59237
"""International avoirdupois pound, exact by definition (1959)."""
J_PER_KWH = 3_600_000

EMISSION_UNITS = {"mg": 1e-3, "g": 1.0, "kg": 1e3, "t": 1e6}
"""Grams of CO2e per unit."""
ENERGY_UNITS = {
    "mJ": 1e-3, "J": 1.0, "kJ": 1e3, "MJ": 1e6, "GJ": 1e9,
    "mWh": 3.6, "Wh": 3600.0, "kWh": 3.6e6, "MWh": 3.6e9, "GWh": 3.6e12,
}  # fmt: skip
"""Joules per unit."""
INTENSITY_UNITS = {
    "g/kWh": 1.0, "kg/kWh": 1e3, "g/MWh": 1e-3, "kg/MWh": 1.0, "t/MWh": 1e3,
    "lb/kWh": G_PER_LB, "lb/MWh": G_PER_LB / 1e3,
}  # fmt: skip
"""Grams of CO2e per kilowatt-hour, per unit."""

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
LONGEST_QUANTITY = 200
"""Characters; matching takes the square of it."""
_QUANTITY = re.compile(rf"\s*({_NUMBER})\s*(.*?)\s*")
_CO2 = re.compile(r"(?i)\s*CO[2₂](?:[- ]?eq|e)?")
HIGHEST_INTENSITY_GCO2E_PER_KWH = 10_000.0
HIGHEST_PUE = 10.0


class UnitError(ValueError):
    """A quantity cannot be read; `suggestion` says what to write instead."""

    def __init__(self, message: str, suggestion: str) -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion


def split_quantity(text: str) -> tuple[float, str]:
    """The number and the unit of "50 g"; the unit is empty where there is none.

    Raises UnitError where there is no finite number in front.
    """
    matched = _QUANTITY.fullmatch(text) if len(text) <= LONGEST_QUANTITY else None
    value = float(matched[1]) if matched else math.nan
    if matched is None or not math.isfinite(value):
        advice = "Write a plain number and a unit, such as `50 g`."
        raise UnitError(f"`{text.strip()[:LONGEST_QUANTITY]}` is not a number with a unit", advice)
    return value, matched[2]


def parse_number(text: str, what: str, *, least: float, most: float | None = None) -> float:
    """A plain finite number between `least` and `most`; `what` names it in the error."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        advice = f"Write a number such as `{max(least, 1.2):g}`."
        raise UnitError(f"{what} `{text.strip()}` is not a finite number", advice)
    if value < least:
        raise UnitError(f"{what} {value:g} is below {least:g}", f"Write a number of at least {least:g}.")
    if most is not None and value > most:
        raise UnitError(f"{what} {value:g} is above {most:g}", f"Write a number of at most {most:g}.")
    return value


def parse_pue(text: str) -> float:
    """A power usage effectiveness: total facility energy per IT energy, so never below 1 (ISO/IEC 30134-2)."""
    try:
        return parse_number(text, "PUE", least=1.0, most=HIGHEST_PUE)
    except UnitError as error:
        advice = "PUE is facility energy divided by IT energy: 1.0 means no overhead, 1.2 is a good data centre."
        raise UnitError(error.message, advice) from None


def parse_intensity(text: str) -> float:
    """Grid carbon intensity in gCO2e/kWh from "230 g/kWh", "0.954 lb/kWh" or "412.5 lb/MWh"."""
    value, unit = split_quantity(text)
    if not unit:
        advice = f"Write `{value:g} g/kWh`, or `lb/MWh`, if that is what it is."
        raise UnitError(f"Intensity `{text.strip()}` has no unit", advice)
    scale = INTENSITY_UNITS.get(_CO2.sub("", unit).replace(" ", ""))
    if scale is None:
        raise UnitError(f"Intensity `{text.strip()}` has the unknown unit `{unit}`", _nearest(unit, INTENSITY_UNITS))
    intensity = value * scale
    if not 0 <= intensity <= HIGHEST_INTENSITY_GCO2E_PER_KWH:
        raise UnitError(
            f"Intensity `{text.strip()}` is {intensity:g} g/kWh, outside 0 to {HIGHEST_INTENSITY_GCO2E_PER_KWH:,.0f}",
            "Check the unit: coal power is near 1,000 g/kWh.",
        )
    return intensity


def parse_amount(text: str) -> tuple[str, float, str, str | None]:
    """What "50 g" or "130 J/sample" limits: (emissions or energy, limit, unit, unit of work or None).

    The limit stays in the unit as written. Raises UnitError.
    """
    value, rest = split_quantity(text)
    if not rest:
        advice = f"Write `{value:g} g` for emissions or `{value:g} Wh` for energy."
        raise UnitError(f"`{text.strip()}` has no unit", advice)
    unit, slash, work = (part.strip() for part in rest.partition("/"))
    unit = _CO2.sub("", unit) or unit
    if value < 0:
        raise UnitError(f"`{text.strip()}` is negative", "A budget is at least 0.")
    if slash and not re.fullmatch(r"[A-Za-z][\w-]*", work):
        raise UnitError(f"`{text.strip()}` names no unit of work after `/`", "Write for example `130 J/sample`.")
    if unit in EMISSION_UNITS:
        return "emissions", value, unit, work or None
    if unit in ENERGY_UNITS:
        return "energy", value, unit, work or None
    known = {**EMISSION_UNITS, **ENERGY_UNITS}
    raise UnitError(f"`{text.strip()}` has the unknown unit `{unit}`", _nearest(unit, known))


def parse_share(text: str) -> float:
    """A share as a ratio: "80%" is 0.8. Raises UnitError without the per cent sign."""
    value, unit = split_quantity(text)
    if unit != "%":
        raise UnitError(f"`{text.strip()}` is not a percentage", f"Write `{value:g}%`.")
    return value / 100


def scale_of(unit: str) -> float:
    """Joules or grams in one `unit`."""
    return EMISSION_UNITS[unit] if unit in EMISSION_UNITS else ENERGY_UNITS[unit]


def _nearest(unit: str, known: dict[str, float]) -> str:
    import difflib  # noqa: PLC0415  (slow, and only mistakes need it)

    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(unit.lower(), by_lower, n=1, cutoff=0.5)
    if close:
        return f"Did you mean `{by_lower[close[0]]}`?"
    return "Known units: " + ", ".join(known) + "."
