"""Which edition of the tables this is, and which of their factors are old by its date."""

from __future__ import annotations

import os
from functools import cache
from typing import NamedTuple

from reporter.factors.table import FOLDER, in_use

STALE_YEARS = 3
"""A factor of this many years before the edition is old."""


class Pack(NamedTuple):
    """An edition of the tables: its date (year, month, number), and the sum that names its content.

    `sha256` is that of all CSV files of `folder`, one after the other in the order of their names.
    """

    version: str
    sha256: str
    folder: str = FOLDER

    @property
    def year(self) -> int:
        """The year that vintages are judged by."""
        return int(self.version.partition(".")[0])


def pack(folder: str | None = None) -> Pack:
    """The edition in use as its builder wrote it down; `validate` and the tests hold the files to it."""
    return _pack(in_use() if folder is None else folder)


@cache
def _pack(folder: str) -> Pack:
    import json  # noqa: PLC0415 - not before it is needed

    with open(os.path.join(folder, "pack.json"), encoding="utf-8") as file:  # noqa: PTH118, PTH123
        document = json.load(file)
    return Pack(version=document["version"], sha256=document["sha256"], folder=folder)


def stale(name: str, year: int | None) -> tuple[str, ...]:
    """The flag of an old factor, `factor-stale:UA 2022`; nothing for a newer one, or one without a year."""
    if year is None or years_old(year, pack().year) < STALE_YEARS:
        return ()
    return (f"factor-stale:{name} {year}",)


def years_old(vintage: int, year: int) -> int:
    """Whole years since a vintage, which ends with its year: yearly figures come out one to two years later."""
    return year - vintage - 1
