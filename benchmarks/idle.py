"""What metering costs while the command runs: processor time per second of an idle command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.installation import reporter_python
from benchmarks.timing import clean_environment, once

SHORT_S, LONG_S = 1, 31
GOAL_RATIO = 0.01


def measure(folder: Path) -> Iterator[Figure]:
    """The meter's own CPU time in 31 s, less that in 1 s: start-up and loading cancel."""
    python = reporter_python(folder)
    short_s, long_s = (_own_cpu_s(folder, python, seconds) for seconds in (SHORT_S, LONG_S))
    share_ratio = max(0.0, long_s - short_s) / (LONG_S - SHORT_S)
    yield Figure(
        what=f"processor time while `sleep {LONG_S - SHORT_S}` is metered",
        value=f"**{share_ratio:.3%}** of one core; {short_s * 1e3:.0f} ms besides for start and report",
        goal=f"≤ {GOAL_RATIO:.0%}",
        reached=share_ratio <= GOAL_RATIO,
    )


def _own_cpu_s(folder: Path, python: str, seconds: int) -> float:
    out = folder / f"idle-{seconds}"
    options = ["--quiet", "--region", "FR", "--out", str(out)]
    command = [python, "-I", "-m", "reporter", "run", *options, "--", "sleep", str(seconds)]
    once(command, env=clean_environment(), cwd=folder)
    return float(json.loads((out / "footprint.json").read_text())["self_cpu_s"])
