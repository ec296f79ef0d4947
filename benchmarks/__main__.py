"""`python -m benchmarks [NAME …] [--write]`: measure and print; `--write` puts the table into docs/performance.md.

Not part of the tests: a time depends on the machine, and on what else it does.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path

from benchmarks import (
    accuracy,
    action,
    detection,
    endurance,
    history,
    load,
    machine,
    overhead,
    page,
    peers,
    projection,
    rendering,
    replay,
    sampling,
    series,
    startup,
)
from benchmarks.figure import Figure, table
from benchmarks.installation import ROOT

PARTS = {
    "overhead": overhead.measure,
    "memory": overhead.memory,
    "peers": peers.measure,
    "sampling": sampling.measure,
    "endurance": endurance.measure,
    "accuracy": accuracy.measure,
    "replay": replay.measure,
    "series": series.measure,
    "history": history.measure,
    "projection": projection.measure,
    "rendering": rendering.measure,
    "page": page.measure,
    "load": load.measure,
    "action": action.measure,
    "startup": startup.measure,
}
PAGE = ROOT / "docs" / "performance.md"
SIDE_BY_SIDE = "peers"
"""The part that has a table of its own besides."""
SIMULATED = "detection"
"""The part that has a table of its own alone: it depends on no machine."""


def main() -> None:
    """Measure the parts asked for, all by default."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="NAME", help=", ".join((*PARTS, SIMULATED)))
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    options = parser.parse_args()
    chosen = options.parts or [*PARTS, SIMULATED]
    unknown = set(chosen) - {*PARTS, SIMULATED}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join((*PARTS, SIMULATED))}")
    facts = machine.facts()
    print(f"{facts}\n")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        for name in (name for name in chosen if name != SIMULATED):
            for figure in PARTS[name](Path(folder)):
                figures.append(figure)
                print(table([figure]).splitlines()[-1], flush=True)
        beside = peers.side_by_side(Path(folder)) if SIDE_BY_SIDE in chosen else None
    simulated = detection.page() if SIMULATED in chosen else None
    if simulated is not None and options.write:
        detection.draw()
    measured = f"{facts}\n\n{table(figures)}" if figures else None
    made = {"figures": measured, SIDE_BY_SIDE: beside, SIMULATED: simulated}
    for name, text in made.items():
        if text is not None:
            print(f"\n{text}")
            if options.write:
                _put(name, text)


def _put(name: str, text: str) -> None:
    """Renew one table of the page."""
    between = re.compile(rf"(<!-- {name} -->\n).*(<!-- /{name} -->)", re.DOTALL)
    page = PAGE.read_text("utf-8")
    PAGE.write_text(between.sub(lambda found: f"{found[1]}{text}\n{found[2]}", page), "utf-8")


if __name__ == "__main__":
    main()
