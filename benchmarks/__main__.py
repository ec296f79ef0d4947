"""`python -m benchmarks [NAME …] [--write]`: measure and print; `--write` puts the table into docs/benchmarks.md.

Not part of the tests: a time depends on the machine, and on what else it does.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path

from benchmarks import action, idle, machine, overhead, replay, startup
from benchmarks.figure import Figure, table
from benchmarks.installation import ROOT

PARTS = {
    "overhead": overhead.measure,
    "memory": overhead.memory,
    "replay": replay.measure,
    "action": action.measure,
    "idle": idle.measure,
    "startup": startup.measure,
}
PAGE = ROOT / "docs" / "benchmarks.md"
BETWEEN = re.compile(r"(<!-- figures -->\n).*(<!-- /figures -->)", re.DOTALL)


def main() -> None:
    """Measure the parts asked for, all by default."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="NAME", help=", ".join(PARTS))
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    facts = machine.facts()
    print(f"{facts}\n")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        for name in options.parts or PARTS:
            for figure in PARTS[name](Path(folder)):
                figures.append(figure)
                print(table([figure]).splitlines()[-1], flush=True)
    print(f"\n{table(figures)}")
    if options.write:
        text = f"{facts}\n\n{table(figures)}\n"
        PAGE.write_text(BETWEEN.sub(lambda page: page[1] + text + page[2], PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
