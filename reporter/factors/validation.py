"""Whether an edition of the tables can be trusted: ranges, keys, vintages, sources, and the sum of its files."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator

from reporter.factors.pack import Pack
from reporter.factors.table import rows_of

STALE_YEARS = 3
RANGES = {
    ("grid.csv", "gco2e_per_kwh"): (0.0, 2000.0),
    ("pue.csv", "pue"): (1.0, 3.0),
    ("cpu.csv", "min_w_per_vcpu"): (0.0, 20.0),
    ("cpu.csv", "max_w_per_vcpu"): (0.0, 20.0),
    ("curves.csv", "watts"): (0.0, 3000.0),
    ("dram.csv", "w_per_gb"): (0.0, 2.0),
}
"""Least and most of each number; a grid's intensity and a power are above the least, never at it."""

KEYS = {
    "grid.csv": ("key",),
    "regions.csv": ("key",),
    "pue.csv": ("key", "year"),
    "cpu.csv": ("architecture",),
    "cpu_models.csv": ("pattern",),
    "curves.csv": ("pattern", "cpus", "load"),
    "sources.csv": ("source",),
}
SCOPES = ("lifecycle", "direct")


def validate(pack: Pack, *, year: int | None = None) -> tuple[str, ...]:
    """What is wrong with the tables, a sentence each: `error: …` or, for old vintages, `warning: …`.

    `year` is the year to judge vintages by; without one that of the edition.
    """
    return (
        *(f"error: {problem}" for check in (_sum, _keys, _numbers, _vintages, _references) for problem in check(pack)),
        *(f"warning: {problem}" for problem in _stale(pack, year or int(pack.version.partition(".")[0]))),
    )


def _sum(pack: Pack) -> Iterator[str]:
    digest = hashlib.sha256()
    for name in sorted(os.listdir(pack.folder)):  # noqa: PTH208
        if name.endswith(".csv"):
            with open(os.path.join(pack.folder, name), "rb") as file:  # noqa: PTH118, PTH123
                digest.update(file.read())
    if digest.hexdigest() != pack.sha256:
        yield f"the files are not those of edition {pack.version}: their sum is {digest.hexdigest()}"


def _keys(pack: Pack) -> Iterator[str]:
    for table, columns in KEYS.items():
        counts = Counter(" ".join(row[column] for column in columns) for row in rows_of(table, pack.folder))
        for key, count in counts.items():
            if count > 1:
                yield f"{table} has {key} {count} times"
            if not key.strip():
                yield f"{table} has a row without a key"


def _numbers(pack: Pack) -> Iterator[str]:
    for (table, column), (least, most) in RANGES.items():
        for row in rows_of(table, pack.folder):
            value = _number(row[column])
            fits = value is not None and (least < value < most or (column == "pue" and value == least))
            if not fits:
                yield f"{table} has {column} {row[column]!r} in {_name(row)}: not within {least:g} to {most:g}"
    for row in rows_of("grid.csv", pack.folder):
        if row["scope"] not in SCOPES:
            yield f"grid.csv has scope {row['scope']!r} in {_name(row)}"


def _vintages(pack: Pack) -> Iterator[str]:
    for table in _dated(pack):
        for row in rows_of(table, pack.folder):
            year = _number(row["year"])
            if year is None or not year.is_integer() or not 2000 <= year <= 2100:  # noqa: PLR2004 - four digits
                yield f"{table} has no year in {_name(row)}"


def _references(pack: Pack) -> Iterator[str]:
    sources = {row["source"] for row in rows_of("sources.csv", pack.folder)}
    for table in _dated(pack):
        for row in rows_of(table, pack.folder):
            if not row["licence"] or any(name not in sources for name in row["source"].split("; ")):
                yield f"{table} names no known source and licence in {_name(row)}"
    grid = {row["key"] for row in rows_of("grid.csv", pack.folder)}
    for row in rows_of("regions.csv", pack.folder):
        if row["zone"] not in grid:
            yield f"regions.csv takes {row['key']} from {row['zone']}, which grid.csv does not have"
    architectures = {row["architecture"] for row in rows_of("cpu.csv", pack.folder)}
    for row in rows_of("cpu_models.csv", pack.folder):
        if row["architecture"] not in architectures:
            yield f"cpu_models.csv names {row['architecture']}, which cpu.csv does not have"


def _stale(pack: Pack, year: int) -> Iterator[str]:
    """Old vintages, of PUE only the newest of each key: the older ones are history, not in use."""
    for table in ("grid.csv", "pue.csv", "cpu.csv"):
        newest: dict[str, tuple[int, str]] = {}
        for row in rows_of(table, pack.folder):
            vintage = _number(row["year"])
            if vintage is not None:
                name = _name(row)
                newest[name] = max(newest.get(name, (0, "")), (int(vintage), row["source"]))
        for (vintage_year, source), count in sorted(Counter(newest.values()).items()):
            if year - vintage_year >= STALE_YEARS:
                yield f"{table}: {count} of {source} from {vintage_year}, {year - vintage_year} years old"


def _dated(pack: Pack) -> tuple[str, ...]:
    return tuple(table for table in sorted({*KEYS, "dram.csv"}) if "year" in rows_of(table, pack.folder)[0])


def _name(row: dict[str, str]) -> str:
    return next(iter(row.values()))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
