"""The files of the pack: a CSV as rows of text, read once and checked as it is read."""

from __future__ import annotations

import os
from functools import cache

# No pathlib here: importing it takes longer than reading every table.
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")  # noqa: PTH100, PTH118, PTH120


@cache
def read(name: str, folder: str = FOLDER) -> tuple[dict[str, str], ...]:
    """The rows of one table as they are, in file order, by column name."""
    import csv  # noqa: PLC0415 - needed only once a table is

    with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:  # noqa: PTH118, PTH123
        return tuple(csv.DictReader(file))


@cache
def rows_of(name: str) -> tuple[dict[str, str], ...]:
    """The rows of one shipped table. Raises `FactorError` where one cannot be right."""
    from reporter.factors.rules import problems  # noqa: PLC0415 - needed only once a table is

    rows = read(name)
    for problem in problems(name, rows):
        from reporter.errors import FactorError  # noqa: PLC0415 - only a damaged table needs it

        raise FactorError(
            f"The factor tables are damaged: {problem}", hint="Install emissions-reporter anew, or restore its tables."
        )
    return rows


@cache
def keyed(name: str) -> dict[str, dict[str, str]]:
    """The rows of one shipped table by their `key`; of several with one key the last."""
    return {row["key"]: row for row in rows_of(name)}
