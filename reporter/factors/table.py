"""The files of the pack: a CSV as rows of text, read once and checked as it is read.

Every look-up is in the edition that is in use: the shipped one, unless `use` says otherwise.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

# No pathlib here: importing it takes longer than reading every table.
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")  # noqa: PTH100, PTH118, PTH120
LATER = ("fabs.csv",)
"""Tables that came after edition 2026.11.2: an older one has no rows of them."""
_IN_USE = [FOLDER]
"""The folder of the edition in use is the last."""


def in_use() -> str:
    """The folder of the edition that every look-up reads."""
    return _IN_USE[-1]


@contextmanager
def use(folder: str) -> Iterator[None]:
    """Look everything up in another edition, which `open_edition` has found sound, for as long as this lasts."""
    _IN_USE.append(folder)
    try:
        yield
    finally:
        _IN_USE.pop()


@cache
def read(name: str, folder: str = FOLDER) -> tuple[dict[str, str], ...]:
    """The rows of one table as they are, in file order, by column name."""
    import csv  # noqa: PLC0415 - needed only once a table is

    path = os.path.join(folder, name)  # noqa: PTH118
    if name in LATER and not os.path.exists(path):  # noqa: PTH110
        return ()
    with open(path, encoding="utf-8", newline="") as file:  # noqa: PTH123
        return tuple(csv.DictReader(file))


def rows_of(name: str) -> tuple[dict[str, str], ...]:
    """The rows of one table of the edition in use. Raises `FactorError` where one cannot be right."""
    return _checked(name, in_use())


def keyed(name: str) -> dict[str, dict[str, str]]:
    """The rows of one table of the edition in use by their `key`; of several with one key the last."""
    return _keyed(name, in_use())


def has_key(name: str, key: str) -> bool:
    """Whether a table of the edition in use has a row of this key, without a look at what is in it."""
    return key in _keys(name, in_use())


@cache
def _keys(name: str, folder: str) -> frozenset[str]:
    """The first column, which is plain. Before a command starts nothing else of a table is needed."""
    with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:  # noqa: PTH118, PTH123
        return frozenset(line.partition(",")[0] for line in file) - {"key"}


@cache
def _checked(name: str, folder: str) -> tuple[dict[str, str], ...]:
    from reporter.factors.rules import problems  # noqa: PLC0415 - needed only once a table is

    rows = read(name, folder)
    for problem in problems(name, rows):
        from reporter.errors import FactorError  # noqa: PLC0415 - only a damaged table needs it

        raise FactorError(
            f"The factor tables are damaged: {problem}", hint="Install emissions-reporter anew, or restore its tables."
        )
    return rows


@cache
def _keyed(name: str, folder: str) -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in _checked(name, folder)}
