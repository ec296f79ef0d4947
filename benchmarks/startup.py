"""Where the time before the command goes: the slowest imports, from `-X importtime`."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.installation import reporter_python
from benchmarks.timing import clean_environment, interleaved, show_s

LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|(\s+)(\S+)")
MOST = 12
FAST_S = 0.1
NEVER_BEFORE = ("requests", "jinja2", "yaml")


def measure(folder: Path) -> Iterator[Figure]:
    """`--version`, `--help`, and the imports of a run."""
    python = reporter_python(folder)
    commands = {name: [python, "-I", "-m", "reporter", name] for name in ("--version", "--help")}
    for name, timing in interleaved(commands, env=clean_environment(), cwd=folder, runs=11).items():
        yield Figure(
            what=f"`emissions {name}`", value=str(timing), goal=f"< {show_s(FAST_S)}", reached=timing.median_s < FAST_S
        )
    own = imports(folder, python)
    yield Figure(
        what="slowest modules of `emissions run` by themselves, best of 5",
        value=", ".join(f"`{name}` {took_us / 1e3:.1f}" for name, took_us in own[:MOST]) + " ms",
    )


def imports(folder: Path, python: str) -> list[tuple[str, int]]:
    """Module → its own import time, microseconds, slowest first; the least of five runs each."""
    command = [python, "-I", "-X", "importtime", "-m", "reporter", "run", "--quiet", "--region", "FR", "--", "true"]
    least: dict[str, int] = {}
    for _ in range(5):
        done = subprocess.run(command, env=clean_environment(), cwd=folder, check=True, capture_output=True, text=True)
        for own_us, _total_us, _depth, name in LINE.findall(done.stderr):
            least[name] = min(int(own_us), least.get(name, int(own_us)))
    return sorted(least.items(), key=lambda row: -row[1])
