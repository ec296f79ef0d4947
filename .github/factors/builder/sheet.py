"""Rows in and rows out, and the licence that each source has."""

from __future__ import annotations

import csv
import io
from pathlib import Path

Table = list[dict[str, object]]


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def text_of(table: Table) -> str:
    """A table as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return out.getvalue()


class Licences:
    """The licence of each source, as `sources.csv` has it."""

    def __init__(self, sources: Path) -> None:
        self._of = {row["source"]: row["licence"] for row in read(sources / "sources.csv")}

    def of(self, source: str) -> str:
        """The licences of one source or several (`A; B`), each once. Raises KeyError for an unknown one."""
        return "; ".join(dict.fromkeys(self._of[name] for name in source.split("; ")))
