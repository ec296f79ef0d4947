"""Single numbers of methods, and what an amount of CO2e is worth in things that people know."""

from __future__ import annotations

from typing import NamedTuple

from reporter.factors.table import keyed, rows_of


class Constant(NamedTuple):
    """One number of a method, with its unit, year and source."""

    value: float
    unit: str
    year: int
    source: str
    note: str


class Equivalent(NamedTuple):
    """What one `unit` of something emits, in gCO2e, with the vintage of that value."""

    key: str
    label: str
    gco2e: float
    unit: str
    year: int
    source: str
    note: str


def constant(key: str) -> Constant:
    """`lifetime` (h), `memory-power` (W/GB), `core-power` (W) and others of constants.csv. Raises KeyError."""
    row = keyed("constants.csv")[key]
    return Constant(float(row["value"]), row["unit"], int(row["year"]), row["source"], row["note"])


def equivalent(key: str) -> Equivalent:
    """`car-mile-us`, `car-km-eu`, `phone-charge`, `tree-10-years` and others. Raises KeyError."""
    return _equivalent(keyed("equivalents.csv")[key])


def equivalents() -> tuple[Equivalent, ...]:
    """Every equivalent, the newest of each first."""
    return tuple(_equivalent(row) for row in rows_of("equivalents.csv"))


def _equivalent(row: dict[str, str]) -> Equivalent:
    return Equivalent(
        row["key"], row["label"], float(row["gco2e"]), row["unit"], int(row["year"]), row["source"], row["note"]
    )
