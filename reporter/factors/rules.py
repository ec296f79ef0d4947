"""What a table may hold: the range of each number, what names a row, and that every row has a year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

Row = dict[str, str]


class Range(NamedTuple):
    """What a number lies between. `closed`: the least is allowed too. `optional`: it may be missing."""

    least: float
    most: float
    closed: bool = False
    optional: bool = False


RANGES: dict[str, dict[str, Range]] = {
    "grid.csv": {"gco2e_per_kwh": Range(0.0, 2000.0)},
    "fuels.csv": {"gco2e_per_kwh": Range(0.0, 2000.0)},
    "pue.csv": {"pue": Range(1.0, 3.0, closed=True)},
    "wue.csv": {"wue_l_per_kwh": Range(0.0, 10.0, closed=True)},
    "cpu.csv": {"min_w_per_vcpu": Range(0.0, 20.0), "max_w_per_vcpu": Range(0.0, 20.0)},
    "curves.csv": {"watts": Range(0.0, 3000.0), "load": Range(0.0, 1.01, closed=True), "cpus": Range(0.0, 1024.0)},
    "dram.csv": {"w_per_gb": Range(0.0, 2.0)},
    "processors.csv": {
        "rated_w": Range(5.0, 3000.0, closed=True),
        "cores": Range(0.0, 1024.0),
        "w_per_core": Range(0.0, 100.0),
    },
    "accelerators.csv": {
        "rated_w": Range(5.0, 3000.0, closed=True),
        "idle_w": Range(0.0, 500.0, optional=True),
        "max_w": Range(5.0, 3000.0, optional=True),
        "memory_gb": Range(0.0, 1000.0, optional=True),
    },
    "embodied.csv": {
        "kgco2e": Range(0.0, 100_000.0),
        "low_kgco2e": Range(0.0, 100_000.0),
        "high_kgco2e": Range(0.0, 100_000.0),
    },
    "fabs.csv": {
        "kwh_per_cm2": Range(0.0, 100.0),
        "gas_95_g_per_cm2": Range(0.0, 10_000.0),
        "gas_99_g_per_cm2": Range(0.0, 10_000.0),
        "material_g_per_cm2": Range(0.0, 10_000.0),
    },
    "equivalents.csv": {"gco2e": Range(0.0, 10_000_000.0)},
    "constants.csv": {"value": Range(0.0, 1_000_000.0)},
}
"""By table and column. A number is above the least, never at it, where the range is not closed."""

KEYS = {
    "accelerators.csv": ("name",),
    "constants.csv": ("key",),
    "cpu.csv": ("architecture",),
    "cpu_models.csv": ("pattern",),
    "curves.csv": ("pattern", "cpus", "load"),
    "dram.csv": (),
    "embodied.csv": ("key",),
    "equivalents.csv": ("key",),
    "fabs.csv": ("key",),
    "fuels.csv": ("key",),
    "grid.csv": ("key",),
    "processors.csv": ("model",),
    "pue.csv": ("key", "year"),
    "regions.csv": ("key",),
    "sources.csv": ("source",),
    "wue.csv": ("key", "year"),
}
"""Every table, with the columns that name a row."""

CHOICES: dict[str, dict[str, frozenset[str]]] = {
    "grid.csv": {
        "scope": frozenset(("lifecycle", "direct")),
        "kind": frozenset(("published", "derived")),
        "basis": frozenset(("production", "consumption", "unknown")),
        "gas": frozenset(("CO2e", "CO2")),
    }
}
UNDATED = ("cpu_models.csv", "sources.csv")
"""These hold no numbers."""
FIRST_YEAR, LAST_YEAR = 2000, 2100


def problems(table: str, rows: Sequence[Row]) -> Iterator[str]:
    """What is wrong with one table, a sentence each: keys, ranges, words, years."""
    columns = KEYS[table]
    seen: set[str] = set()
    for row in rows:
        key = " ".join(row[column] for column in columns)
        if columns and not key.strip():
            yield f"{table} has a row without a key"
        elif columns and key in seen:
            yield f"{table} has {key} 2 times"
        seen.add(key)
        for column, allowed in RANGES.get(table, {}).items():
            if not _fits(row[column], allowed):
                bounds = f"not within {allowed.least:g} to {allowed.most:g}"
                yield f"{table} has {column} {row[column]!r} in {key}: {bounds}"
        for column, words in CHOICES.get(table, {}).items():
            if row[column] not in words:
                yield f"{table} has {column} {row[column]!r} in {key}"
        year = "" if table in UNDATED else row["year"]
        if table not in UNDATED and not (year.isdecimal() and FIRST_YEAR <= int(year) <= LAST_YEAR):
            yield f"{table} has no year in {key}"


def number(text: str) -> float | None:
    """The number that a cell holds; None where it holds none."""
    try:
        return float(text)
    except ValueError:
        return None


def _fits(text: str, allowed: Range) -> bool:
    if not text:
        return allowed.optional
    value = number(text)
    if value is None:
        return False
    return allowed.least < value < allowed.most or (allowed.closed and value == allowed.least)
