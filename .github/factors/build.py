"""Builds the shipped factor tables from copies of their sources.

`python .github/factors/build.py` writes `reporter/factors/data`; a test rebuilds them and compares.
It lies beside the release workflows, outside the package: users get the tables, maintainers the way to them.
Nothing else is read: `sources` holds all that the tables are made of, and NOTICE says where it is from.
"""  # noqa: INP001 - a script, no package

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from builder import grid, hardware, sites  # noqa: E402
from builder.sheet import Table, read, text_of  # noqa: E402

VERSION = "2026.11.3"
"""Year, month, number: set anew with every change of a table."""

SOURCES = HERE / "sources"
DATA = HERE.parents[1] / "reporter" / "factors" / "data"


def build(sources: Path = SOURCES) -> dict[str, str]:
    """The tables as text by file name, and `pack.json` with their version and sum."""
    regions = sites.regions(sources)
    keys = {str(row["key"]) for row in regions}
    tables: dict[str, Table] = {
        "accelerators.csv": hardware.accelerators(sources),
        "constants.csv": hardware.plain(sources, "constants.csv"),
        "cpu.csv": hardware.cpu(sources),
        "cpu_models.csv": [dict(row) for row in read(sources / "cpu_models.csv")],
        "curves.csv": hardware.curves(sources),
        "dram.csv": hardware.dram(),
        "embodied.csv": hardware.embodied(sources),
        "equivalents.csv": hardware.plain(sources, "equivalents.csv"),
        "fabs.csv": hardware.fabs(sources),
        "fuels.csv": grid.fuels(sources),
        "grid.csv": grid.grid(sources, regions),
        "processors.csv": hardware.processors(sources),
        "pue.csv": sites.pue(sources, keys),
        "regions.csv": regions,
        "sources.csv": [dict(row) for row in read(sources / "sources.csv")],
        "wue.csv": sites.wue(sources, keys),
    }
    texts = {name: text_of(table) for name, table in sorted(tables.items())}
    sha256 = hashlib.sha256("".join(texts.values()).encode()).hexdigest()
    texts["pack.json"] = json.dumps({"version": VERSION, "sha256": sha256}, indent=2) + "\n"
    return texts


def main() -> int:
    """Writes the tables; returns the exit status."""
    DATA.mkdir(parents=True, exist_ok=True)
    for name, text in build().items():
        (DATA / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
