"""The tables as lists for people: every place with its factors, every source with its licence, every number."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

from reporter.domain.carbon import Level
from reporter.errors import UnknownRegion
from reporter.factors.grid import intensity_flags
from reporter.factors.place import country_of as code_of
from reporter.factors.place import key_of, zone_of
from reporter.factors.pue import latest
from reporter.factors.release import stale
from reporter.factors.rules import KEYS, RANGES
from reporter.factors.table import keyed, rows_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A place that `--region` takes, with what would be used for it; `pue` or `wue` None: none is published for it.

    `zone` is the key of the row that the intensity comes from; `flags` name its factors that are old.
    `listed_source` is who names a cloud's region; a place that is no cloud's has none.
    """

    key: str
    label: str
    zone: str
    gco2e_per_kwh: float
    scope: str
    kind: str
    basis: str
    gas: str
    year: int
    source: str
    licence: str
    note: str
    pue: float | None
    pue_kind: str | None
    pue_year: int | None
    pue_source: str | None
    pue_licence: str | None
    wue_l_per_kwh: float | None
    wue_kind: str | None
    wue_year: int | None
    wue_source: str | None
    wue_licence: str | None
    listed_year: int | None
    listed_source: str | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where rows come from, under which licence, and the attribution that it asks for."""

    source: str
    title: str
    url: str
    licence: str
    attribution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One number of one table."""

    table: str
    key: str
    value: float
    unit: str
    kind: str
    year: int
    source: str
    licence: str
    note: str


UNITS = {
    "gco2e_per_kwh": "g/kWh",
    "pue": "ratio",
    "wue_l_per_kwh": "L/kWh",
    "min_w_per_vcpu": "W per vCPU, idle",
    "max_w_per_vcpu": "W per vCPU, full load",
    "watts": "W",
    "w_per_gb": "W/GB",
    "rated_w": "W, rated",
    "w_per_core": "W per core, full load",
    "idle_w": "W, idle",
    "max_w": "W, full load",
    "memory_gb": "GB",
    "kgco2e": "kg",
    "low_kgco2e": "kg, least",
    "high_kgco2e": "kg, most",
    "gco2e": "g",
    "kwh_per_cm2": "kWh/cm2",
    "gas_95_g_per_cm2": "g/cm2, 95 % of the gases destroyed",
    "gas_99_g_per_cm2": "g/cm2, 99 % of the gases destroyed",
    "material_g_per_cm2": "g/cm2",
}
"""The unit of each column that is a number of its own; `value` has its unit beside it, `load` and `cpus` are names."""


def tables() -> tuple[str, ...]:
    """The names of all tables: `grid`, `pue`, `accelerators` and so on."""
    return tuple(name.removesuffix(".csv") for name in sorted(KEYS))


def read_table(name: str) -> tuple[dict[str, str | int | float | None], ...]:
    """The rows of one table, numbers as numbers, an empty one as None. Raises KeyError for an unknown name."""
    if name not in tables():
        raise KeyError(name)
    numbers = RANGES.get(f"{name}.csv", {})
    return tuple(
        {column: _cell(column, text, numbers) for column, text in row.items()} for row in rows_of(f"{name}.csv")
    )


def _cell(column: str, text: str, numbers: Container[str]) -> str | int | float | None:
    if column == "year":
        return int(text)
    if column in numbers:
        return float(text) if text else None
    return text


def regions() -> Iterator[Region]:
    """Every place: the world and the EU, countries, their parts, clouds' regions, in the order of their keys."""
    for key in sorted({*keyed("grid.csv"), *keyed("regions.csv")}, key=lambda key: (":" in key, key)):
        yield region_of(key)


def region_of(region: str) -> Region:
    """One place by any spelling that `--region` takes. Raises `UnknownRegion`."""
    key = key_of(region)
    zone = zone_of(key)
    grid, cloud = keyed("grid.csv")[zone], keyed("regions.csv").get(key)
    pue, wue = (latest(table, key) for table in ("pue.csv", "wue.csv"))
    pue = pue if pue and pue["level"] == Level.REGION.value else None
    return Region(
        key=key,
        label=cloud["label"] if cloud else grid["label"],
        zone=zone,
        gco2e_per_kwh=float(grid["gco2e_per_kwh"]),
        scope=grid["scope"],
        kind=grid["kind"],
        basis=grid["basis"],
        gas=grid["gas"],
        year=int(grid["year"]),
        source=grid["source"],
        licence=grid["licence"],
        note=grid["note"],
        pue=float(pue["pue"]) if pue else None,
        pue_kind=pue["kind"] if pue else None,
        pue_year=int(pue["year"]) if pue else None,
        pue_source=pue["source"] if pue else None,
        pue_licence=pue["licence"] if pue else None,
        wue_l_per_kwh=float(wue["wue_l_per_kwh"]) if wue else None,
        wue_kind=(wue["kind"] if wue["level"] == Level.REGION.value else "fleet") if wue else None,
        wue_year=int(wue["year"]) if wue else None,
        wue_source=wue["source"] if wue else None,
        wue_licence=wue["licence"] if wue else None,
        listed_year=int(cloud["year"]) if cloud else None,
        listed_source=cloud["source"] if cloud else None,
        flags=(*intensity_flags(key), *(stale(f"PUE {key}", int(pue["year"])) if pue else ())),
    )


def country_of(region: str | None) -> tuple[str, str] | None:
    """The country that a region lies in: its code of two letters (ISO 3166-1) and its name; None where not known."""
    try:
        code = code_of(key_of(region)) if region else None
    except UnknownRegion:
        return None
    return None if code is None else (code, keyed("grid.csv")[code]["label"])


def sources() -> Iterator[Source]:
    """Every source of the tables, with licence and attribution."""
    return (Source(**row) for row in rows_of("sources.csv"))


def rows() -> Iterator[Row]:
    """Every number that is shipped, table by table."""
    for file, names in sorted(KEYS.items()):
        for column in RANGES.get(file, {}):
            if column not in UNITS and column != "value":
                continue
            for row in rows_of(file):
                if row[column]:
                    yield Row(
                        table=file,
                        key=" ".join(row[name] for name in names if name != "year") or column,
                        value=float(row[column]),
                        unit=UNITS.get(column) or row["unit"],
                        kind=row["kind"],
                        year=int(row["year"]),
                        source=row["source"],
                        licence=row["licence"],
                        note=row.get("note", ""),
                    )
