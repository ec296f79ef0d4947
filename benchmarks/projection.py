"""How well the end of a run is foretold: simulated runs with a start, a warm-up, and noise that lasts some seconds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.figure import Figure
from reporter.domain.projection import Pace, Projection

RUNS = 1000
GOAL_RATIO = 0.05
MEMORY = 0.8
"""Correlation of the power's noise from one second to the next."""


class Run(NamedTuple):
    """One kind of run, in steps of a second."""

    duration_s: float = 1000.0
    """Of its work, without the start."""
    start_s: float = 30.0
    """Energy without progress before the first report."""
    slow_ratio: float = 0.0
    """How much slower the very first steps are; this fades within 3 % of the work."""
    noise_ratio: float = 0.05
    report_s: float = 1.0
    watts: float = 300.0


def simulated(run: Run, seed: int, *, at_ratio: float = 0.1) -> tuple[Projection, float]:
    """The projection once so much is done, and what the run took in the end, joules."""
    chance, pace = random.Random(seed), Pace()
    energy_j = progress_ratio = drift = at_s = 0.0
    found = None
    while progress_ratio < 1:
        works_s = at_s - run.start_s
        drift = MEMORY * drift + sqrt(1 - MEMORY**2) * chance.gauss(0, run.noise_ratio)
        energy_j += run.watts * (1 + drift)
        at_s += 1
        if works_s < 0:
            continue
        slower = 1 + run.slow_ratio * max(0.0, 1 - works_s / (0.03 * run.duration_s))
        step_ratio = max(0.0, 1 + chance.gauss(0, run.noise_ratio)) / (run.duration_s * slower)
        progress_ratio = min(1.0, progress_ratio + step_ratio)
        if found is None and works_s % run.report_s == 0:
            pace.add(at_s, progress_ratio, energy_j)
            found = pace.projection() if progress_ratio >= at_ratio else None
    if found is None:
        raise RuntimeError("the run ended before anything could be foretold")
    return found, energy_j


def measure(_folder: Path) -> Iterator[Figure]:
    """The error after a tenth of the run, and how often the interval holds what came."""
    kinds = {
        "a steady run": Run(),
        "one with 200 s of start": Run(start_s=200.0),
        "one whose first steps take twice as long": Run(slow_ratio=1.0),
        "one that reports every 30 s": Run(report_s=30.0),
        "one with twice the noise": Run(noise_ratio=0.1),
    }
    for what, run in kinds.items():
        found = [simulated(run, seed) for seed in range(RUNS)]
        errors = sorted(abs(projection.energy_j / whole_j - 1) for projection, whole_j in found)
        inside = sum(projection.low_j <= whole_j <= projection.high_j for projection, whole_j in found)
        high_ratio = errors[round(0.95 * RUNS) - 1]
        is_goal = run.noise_ratio <= Run().noise_ratio
        yield Figure(
            what=f"projected end after 10 % of {what} ({RUNS:,} simulated)",
            value=f"**{median(errors):.1%}** off (95 % of runs ≤ {high_ratio:.1%}; interval holds {inside / RUNS:.0%})",
            goal=f"≤ {GOAL_RATIO:.0%}" if is_goal else "",
            reached=high_ratio <= GOAL_RATIO if is_goal else None,
        )
