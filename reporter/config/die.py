"""`accelerator-die` and `machine-die` of the section `accounting`: a node, an area, and where the die was made."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from reporter.domain.die import LEAST_ABATED_RATIO, MOST_ABATED_RATIO, Die
from reporter.domain.units import UnitError, parse_intensity, parse_number, parse_share, split_quantity
from reporter.errors import did_you_mean

KEYS = ("node", "area", "fab-intensity", "yield", "abatement")
NEEDED = KEYS[:3]
NODES = ("3 nm", "5 nm", "7 nm", "8 nm", "10 nm", "14 nm", "20 nm", "28 nm")
EXAMPLE = "{node: 7 nm, area: 8.26 cm2, fab-intensity: 600 g/kWh}"
MOST_CM2 = 1e4
LEAST_YIELD = 0.01
_AREAS = {"cm2": 1.0, "cm²": 1.0, "mm2": 0.01, "mm²": 0.01}


def die_of(values: Mapping[str, Any], *, name: str) -> Die | None:
    """The die whose parsed values stand under `name.…`; None where there is none. Raises UnitError for a gap."""
    said = {key: values[f"{name}.{key}"] for key in KEYS if f"{name}.{key}" in values}
    if not said:
        return None
    absent = [f"`{key}`" for key in NEEDED if key not in said]
    if absent:
        raise UnitError(f"`{name}` has no {' and no '.join(absent)}", f"Write for example `{EXAMPLE}`.")
    more = {"yield_ratio": said.get("yield"), "abated_ratio": said.get("abatement")}
    return Die(
        node=said["node"],
        area_cm2=said["area"],
        fab_gco2e_per_kwh=said["fab-intensity"],
        **{field: value for field, value in more.items() if value is not None},
    )


def _whole(text: str) -> Die:
    raise UnitError(f"`{text}` is no die", f"Write for example `{EXAMPLE}`.")


def _node(text: str) -> str:
    spelt = re.sub(r"\s*nm$", " nm", text.strip(), flags=re.IGNORECASE)
    if spelt not in NODES:
        every = ", ".join(f"`{node}`" for node in NODES)
        advice = f"Write `{text} nm`." if f"{text} nm" in NODES else f"Write one of {every}, the nearest."
        raise UnitError(f"`{text}` is no node of the table", advice)
    return spelt


def _area(text: str) -> float:
    value, unit = split_quantity(text)
    scale = _AREAS.get(unit.replace(" ", "").lower())
    if scale is None:
        otherwise = f"Write `{value:g} mm2` or `{value:g} cm2`."
        advice = did_you_mean(unit, _AREAS, otherwise=otherwise) if unit else otherwise
        raise UnitError(f"`{text}` is no area", advice)
    if not 0 < value * scale <= MOST_CM2:
        raise UnitError(f"`{text}` is no area of a die", f"Write above 0, at most {MOST_CM2:g} cm2.")
    return value * scale


def _part(text: str) -> float:
    return parse_share(text) if "%" in text else parse_number(text, "Share", least=0.0)


def _yield(text: str) -> float:
    ratio = _part(text)
    if not LEAST_YIELD <= ratio <= 1:
        raise UnitError(
            f"`{text}` is no yield", "Write the part of the dies that are good, such as `87.5%` or `0.875`."
        )
    return ratio


def _abatement(text: str) -> float:
    ratio = _part(text)
    if not LEAST_ABATED_RATIO <= ratio <= MOST_ABATED_RATIO:
        message = f"`{text}` is outside what is published of a fab's gases"
        least, most = (f"{100 * bound:g}%" for bound in (LEAST_ABATED_RATIO, MOST_ABATED_RATIO))
        raise UnitError(message, f"Write the part of them that is destroyed, `{least}` to `{most}`.")
    return ratio


PARSERS: dict[str, Callable[[str], object]] = {
    "": _whole,
    ".node": _node,
    ".area": _area,
    ".fab-intensity": parse_intensity,
    ".yield": _yield,
    ".abatement": _abatement,
}
"""By what follows the name of the die."""
