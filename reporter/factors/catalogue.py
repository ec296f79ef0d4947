"""The tables as lists for people: every place with its factors, every source with its licence, every number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reporter.domain.carbon import Level
from reporter.factors.place import key_of, zone_of
from reporter.factors.pue import latest
from reporter.factors.table import keyed, rows_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A place that `--region` takes, with what would be used for it; `pue` None: none is published for it.

    `zone` is the key of the row that the intensity comes from.
    """

    key: str
    label: str
    zone: str
    gco2e_per_kwh: float
    scope: str
    year: int
    source: str
    licence: str
    pue: float | None
    pue_year: int | None
    pue_source: str | None


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
    year: int
    source: str
    licence: str
    note: str


NUMBERS = (
    ("grid.csv", ("key",), "gco2e_per_kwh", "g/kWh"),
    ("pue.csv", ("key",), "pue", "ratio"),
    ("cpu.csv", ("architecture",), "min_w_per_vcpu", "W per vCPU, idle"),
    ("cpu.csv", ("architecture",), "max_w_per_vcpu", "W per vCPU, full load"),
    ("curves.csv", ("pattern", "cpus", "load"), "watts", "W"),
    ("dram.csv", (), "w_per_gb", "W/GB"),
)
"""Table, columns that name a row, column of the number, its unit."""


def regions() -> Iterator[Region]:
    """Every place: the world and the EU, countries, states, clouds' regions, in the order of their keys."""
    for key in sorted({*keyed("grid.csv"), *keyed("regions.csv")}, key=lambda key: (":" in key, key)):
        yield region_of(key)


def region_of(region: str) -> Region:
    """One place by any spelling that `--region` takes. Raises `UnknownRegion`."""
    key = key_of(region)
    zone = zone_of(key)
    grid, cloud, pue = keyed("grid.csv")[zone], keyed("regions.csv").get(key), latest(key)
    published = pue if pue and pue["level"] == Level.REGION.value else None
    return Region(
        key=key,
        label=cloud["label"] if cloud else grid["label"],
        zone=zone,
        gco2e_per_kwh=float(grid["gco2e_per_kwh"]),
        scope=grid["scope"],
        year=int(grid["year"]),
        source=grid["source"],
        licence=grid["licence"],
        pue=float(published["pue"]) if published else None,
        pue_year=int(published["year"]) if published else None,
        pue_source=published["source"] if published else None,
    )


def sources() -> Iterator[Source]:
    """Every source of the tables, with licence and attribution."""
    return (Source(**row) for row in rows_of("sources.csv"))


def rows() -> Iterator[Row]:
    """Every number that is shipped, table by table."""
    for table, names, column, unit in NUMBERS:
        for row in rows_of(table):
            yield Row(
                table=table,
                key=" ".join(row[name] for name in names) or column,
                value=float(row[column]),
                unit=unit,
                year=int(row["year"]),
                source=row["source"],
                licence=row["licence"],
                note=row.get("note", ""),
            )
