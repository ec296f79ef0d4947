"""Whether an edition of the tables can be trusted: rows, vintages, sources, and the sum of its files."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator

from reporter.factors.release import STALE_YEARS, Pack, years_old
from reporter.factors.rules import KEYS, UNDATED, number, problems
from reporter.factors.table import read

AGEING = ("grid.csv", "pue.csv", "wue.csv", "cpu.csv")
"""The tables whose values change from year to year; a rated power does not."""


def validate(pack: Pack, *, year: int | None = None) -> tuple[str, ...]:
    """What is wrong with the tables, a sentence each: `error: …` or, for old vintages, `warning: …`.

    `year` is the year to judge vintages by; without one that of the edition.
    """
    return (
        *(f"error: {problem}" for check in (_sum, _rows, _references, _bounds) for problem in check(pack)),
        *(f"warning: {problem}" for problem in _stale(pack, year or pack.year)),
    )


def _sum(pack: Pack) -> Iterator[str]:
    digest = hashlib.sha256()
    for name in sorted(os.listdir(pack.folder)):  # noqa: PTH208
        if name.endswith(".csv"):
            with open(os.path.join(pack.folder, name), "rb") as file:  # noqa: PTH118, PTH123
                digest.update(file.read())
    if digest.hexdigest() != pack.sha256:
        yield f"the files are not those of edition {pack.version}: their sum is {digest.hexdigest()}"


def _rows(pack: Pack) -> Iterator[str]:
    for table in KEYS:
        yield from problems(table, read(table, pack.folder))


def _references(pack: Pack) -> Iterator[str]:
    sources = {row["source"] for row in read("sources.csv", pack.folder)}
    for table in KEYS:
        for row in read(table, pack.folder) if table not in UNDATED else ():
            known = all(name in sources for name in row["source"].split("; "))
            if not (known and row["licence"] and row["kind"]):
                yield f"{table} names no known source, licence and kind in {_name(row)}"
    for table, column, other, key in (
        ("regions.csv", "zone", "grid.csv", "key"),
        ("cpu_models.csv", "architecture", "cpu.csv", "architecture"),
        ("accelerators.csv", "embodied", "embodied.csv", "key"),
    ):
        there = {row[key] for row in read(other, pack.folder)}
        for row in read(table, pack.folder):
            if row[column] not in there:
                yield f"{table} takes {_name(row)} from {row[column]}, which {other} does not have"


def _bounds(pack: Pack) -> Iterator[str]:
    for row in read("embodied.csv", pack.folder):
        low, value, high = (number(row[column]) for column in ("low_kgco2e", "kgco2e", "high_kgco2e"))
        if None not in (low, value, high) and not low <= value <= high:  # type: ignore[operator]
            yield f"embodied.csv has kgco2e outside its bounds in {_name(row)}"


def _stale(pack: Pack, year: int) -> Iterator[str]:
    """Old vintages, of PUE and water only the newest of each key: the older ones are history, not in use."""
    for table in AGEING:
        newest: dict[str, tuple[int, str]] = {}
        for row in read(table, pack.folder):
            vintage = number(row["year"])
            if vintage is not None:
                name = _name(row)
                newest[name] = max(newest.get(name, (0, "")), (int(vintage), row["source"]))
        for (vintage_year, source), count in sorted(Counter(newest.values()).items()):
            age = years_old(vintage_year, year)
            if age >= STALE_YEARS:
                yield f"{table}: {count} of {source} from {vintage_year}, {age} years old"


def _name(row: dict[str, str]) -> str:
    return next(iter(row.values()))
