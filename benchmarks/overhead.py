"""Wall time that metering adds to a command, and the memory of the meter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.installation import reporter_python
from benchmarks.peak import peak_mb
from benchmarks.timing import clean_environment, interleaved, show_s, without_network

RUNS = 21
GOAL_S = 0.120
GOAL_MB = 40


def measure(folder: Path) -> Iterator[Figure]:
    """Added wall time of `emissions run -- true` and of a command of 0.5 s."""
    python = reporter_python(folder)
    ours = [python, "-I", "-m", "reporter", "run", "--region", "FR", "--budget", "50 g", "--"]
    commands = {
        "true": without_network(["true"]),
        "ours": without_network([*ours, "true"]),
        "sleep": without_network(["sleep", "0.5"]),
        "ours sleep": without_network([*ours, "sleep", "0.5"]),
        "interpreter": without_network([python, "-I", "-c", "pass"]),
    }
    env = clean_environment()
    found = interleaved(commands, env=env, cwd=folder, runs=RUNS)
    added_s = found["ours"].median_s - found["true"].median_s
    best_s = found["ours"].least_s - found["true"].least_s
    after_s = found["ours sleep"].median_s - found["sleep"].median_s
    yield Figure(
        what="added by `emissions run -- true`, all four files written",
        value=f"**{show_s(added_s)}** (best {show_s(best_s)}, n {RUNS})",
        goal=f"≤ {show_s(GOAL_S)}",
        reached=added_s <= GOAL_S,
    )
    yield Figure(what="added by `emissions run -- sleep 0.5`", value=show_s(after_s))
    yield Figure(what="a bare Python interpreter, `python -I -c pass`", value=str(found["interpreter"]))


def memory(folder: Path) -> Iterator[Figure]:
    """Peak resident memory of the meter's process, the rendering of the report included."""
    python = reporter_python(folder)
    command = [python, "-I", "-m", "reporter", "run", "--region", "FR", "--", "sleep", "0.5"]
    most_mb = max(peak_mb(command, env=clean_environment(), cwd=folder) for _ in range(3))
    yield Figure(
        what="peak memory of the meter, rendering included",
        value=f"**{most_mb:.1f} MB**",
        goal=f"≤ {GOAL_MB} MB",
        reached=most_mb <= GOAL_MB,
    )
