"""Which edition of the tables this is."""

from __future__ import annotations

import os
from functools import cache
from typing import NamedTuple

from reporter.factors.table import FOLDER


class Pack(NamedTuple):
    """An edition of the tables: its date (year, month, number), and the sum that names its content.

    `sha256` is that of all CSV files of `folder`, one after the other in the order of their names.
    """

    version: str
    sha256: str
    folder: str = FOLDER


@cache
def pack(folder: str = FOLDER) -> Pack:
    """The edition as its builder wrote it down; `validate` and the tests hold the files to it."""
    import json  # noqa: PLC0415 - not before it is needed

    with open(os.path.join(folder, "pack.json"), encoding="utf-8") as file:  # noqa: PTH118, PTH123
        document = json.load(file)
    return Pack(version=document["version"], sha256=document["sha256"], folder=folder)
