"""Another edition of the tables, from a folder like the shipped one: used only where all of it is sound."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator

from reporter.errors import FactorError
from reporter.factors.release import Pack, pack
from reporter.factors.rules import KEYS
from reporter.factors.table import FOLDER, LATER, read
from reporter.factors.validation import validate

MOST_BYTES = 8 * 1024 * 1024
"""Of one table."""
MOST_PROBLEMS = 20
NEEDED = {
    "grid.csv": ("WORLD", "US"),
    "pue.csv": ("cloud", "world"),
    "cpu.csv": ("unknown",),
    "embodied.csv": ("gpu", "server"),
}
"""Rows that stand in where no other fits; of `constants.csv` all that are shipped are needed."""
_VERSION = re.compile(r"20\d\d(\.\d+)*")
_SUM = re.compile(r"[0-9a-f]{64}")


def open_edition(folder: str) -> Pack:
    """The edition in this folder: the tables, and `pack.json` with its version and their sum.

    Raises FactorError that names everything that is wrong with it.
    """
    folder = os.path.abspath(folder)  # noqa: PTH100
    found = list(_not_files(folder))
    if not found:
        found = [*_description(folder), *(problem for table in sorted(KEYS) for problem in _table(folder, table))]
    if not found:
        edition = pack(folder)
        errors = (problem for problem in validate(edition) if problem.startswith("error: "))
        found = [*(problem.removeprefix("error: ") for problem in errors), *_absent(folder)]
        if not found:
            return edition
    shown = [f"- {problem}" for problem in found[:MOST_PROBLEMS]]
    if len(found) > MOST_PROBLEMS:
        shown.append(f"- and {len(found) - MOST_PROBLEMS} more")
    raise FactorError(
        "\n".join((f"The factor tables in {folder} cannot be used:", *shown)),
        hint="Copy the shipped tables, change them, and write their new sum into pack.json.",
    )


def _not_files(folder: str) -> Iterator[str]:
    """A pipe or a device has no end to read to."""
    with os.scandir(folder) as entries:
        odd = sorted(entry.name for entry in entries if not entry.is_file())
    yield from (f"{name} is not a plain file" for name in odd if name.endswith((".csv", ".json")))


def _description(folder: str) -> Iterator[str]:
    try:
        edition = pack(folder)
    except OSError as error:
        yield f"pack.json cannot be read: {error.strerror}"
    except (ValueError, KeyError, TypeError, RecursionError):
        yield "pack.json is not an object with `version` and `sha256`"
    else:
        if not (isinstance(edition.version, str) and _VERSION.fullmatch(edition.version)):
            yield "pack.json has no `version` such as 2026.11.3"
        if not (isinstance(edition.sha256, str) and _SUM.fullmatch(edition.sha256)):
            yield "pack.json has no `sha256` of 64 hexadecimal digits"


def _table(folder: str, name: str) -> Iterator[str]:
    """What keeps a table from being read as rows of the shipped one's columns."""
    try:
        if name in LATER and not os.path.lexists(os.path.join(folder, name)):  # noqa: PTH118
            return
        if os.path.getsize(os.path.join(folder, name)) > MOST_BYTES:  # noqa: PTH118, PTH202
            yield f"{name} is larger than {MOST_BYTES // 1024**2} MiB"
            return
        rows = read(name, folder)
    except OSError as error:
        yield f"{name} cannot be read: {error.strerror}"
        return
    except (ValueError, csv.Error):
        yield f"{name} is not a CSV table in UTF-8"
        return
    if not rows:
        yield f"{name} has no rows"
        return
    columns = read(name, FOLDER)[0].keys()
    absent = [column for column in columns if column not in rows[0]]
    if absent:
        yield f"{name} lacks the columns {', '.join(absent)}"
    elif any(None in row or None in row.values() for row in rows):
        yield f"{name} has rows with more or fewer cells than its head"
    elif "pattern" in columns:
        yield from (f"{name} has a pattern that is none: {row['pattern']}" for row in rows if not _is_pattern(row))


def _is_pattern(row: dict[str, str]) -> bool:
    try:
        re.compile(row["pattern"])
    except re.error:
        return False
    return True


def _absent(folder: str) -> Iterator[str]:
    """Rows that every look-up falls back on."""
    constants = tuple(row["key"] for row in read("constants.csv", FOLDER))
    for table, keys in (*NEEDED.items(), ("constants.csv", constants)):
        there = {next(iter(row.values())) for row in read(table, folder)}
        yield from (f"{table} lacks the row {key}" for key in keys if key not in there)
    if len(read("dram.csv", folder)) != 1:
        yield "dram.csv has more than one row"
