"""How far the account lies from the energy that a simulated board truly drew, and whether its interval says so."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

from benchmarks.board import WINDOWS_S, Counter, Instrument, Sensor, Trace, play, random_load, square_load
from benchmarks.figure import Figure
from reporter.domain.energy import account

JOBS = 200
GOAL_RATIO, POWER_GOAL_RATIO, INSIDE_RATIO = 0.005, 0.03, 0.95
LENGTHS_S = ((0.05, 0.3), (0.3, 1), (1, 5), (5, 10), (10, 60), (60, 600))
LONG_S = 5
LOADS = ((0.1, 0.5), (0.137, 0.5), (0.15, 0.5), (0.3, 0.5), (1.0, 0.5), (1.0, 0.1))
"""Period (s) and duty of square loads: METERING 6.3's."""
LOAD_S = 10


class Errors(NamedTuple):
    """Relative errors of many jobs, how many lie inside the printed interval, and how wide that is to either side."""

    ratios: tuple[float, ...]
    inside_ratio: float
    width_ratio: float

    @property
    def spread_ratio(self) -> float:
        """The root of their mean square."""
        return math.sqrt(math.fsum(ratio * ratio for ratio in self.ratios) / len(self.ratios))

    @property
    def most_ratio(self) -> float:
        """The greatest one."""
        return max(map(abs, self.ratios))

    def __str__(self) -> str:
        """Such as `median 0.01 %, 95 of 100 below 0.02 %, all below 0.04 %; …`."""
        sizes = sorted(map(abs, self.ratios))
        return (
            f"median {median(sizes):.2%}, 95 of 100 below {sizes[len(sizes) * 95 // 100]:.2%}, "
            f"all below **{sizes[-1]:.2%}**; printed ±{self.width_ratio:.1%}, which holds {self.inside_ratio:.0%}"
        )


def measure(folder: Path) -> Iterator[Figure]:
    """The counter on random loads, then power alone on square ones."""
    del folder
    for least_s, most_s in LENGTHS_S:
        found = _counted(least_s, most_s, idle_around=True)
        long = least_s >= LONG_S
        yield Figure(
            what=f"error of the counter, random loads of {least_s:g} to {most_s:g} s, idle before and after",
            value=str(found),
            goal=f"all ≤ {GOAL_RATIO:.1%}" if long else f"{INSIDE_RATIO:.0%} inside the printed interval",
            reached=found.most_ratio <= GOAL_RATIO if long else found.inside_ratio >= INSIDE_RATIO,
        )
    for least_s, most_s in ((0.05, 0.3), (5, 10)):
        found = _counted(least_s, most_s, idle_around=False)
        yield Figure(
            what=f"the same of {least_s:g} to {most_s:g} s, where the load goes on before and after",
            value=str(found),
            goal=f"{INSIDE_RATIO:.0%} inside the printed interval",
            reached=found.inside_ratio >= INSIDE_RATIO,
        )
    for name, (update_s, window_s) in WINDOWS_S.items():
        spread = [_integrated(update_s, window_s, *load).spread_ratio for load in LOADS]
        sees_all = window_s >= update_s
        loads = zip(LOADS, spread, strict=True)
        shown = ", ".join(f"{period_s * 1e3:g} ms {duty:.0%} {ratio:.1%}" for (period_s, duty), ratio in loads)
        yield Figure(
            what=f"error of power alone from a sensor of {name} ms, square loads of 10 s by period and duty",
            value=shown,
            goal=f"≤ {POWER_GOAL_RATIO:.0%}" if sees_all else f"none: it sees {window_s / update_s:.0%} of the time",
            reached=max(spread) <= POWER_GOAL_RATIO if sees_all else None,
        )


def _counted(least_s: float, most_s: float, *, idle_around: bool) -> Errors:
    def job(random: Random) -> tuple[Trace, Sequence[Instrument], float]:
        duration_s = least_s * (most_s / least_s) ** random.random()
        load = random_load(random, duration_s) if idle_around else random_load(random, duration_s, around_w=None)
        tick_s = random.uniform(0.02, 0.1)
        update_s, window_s = random.choice([*WINDOWS_S.values()])
        sensor = Sensor(update_s, window_s, random.random() * update_s)
        return load, (Counter(tick_s, random.random() * tick_s), sensor), duration_s

    return _errors(job, f"counter {least_s} {most_s}")


def _integrated(update_s: float, window_s: float, period_s: float, duty_ratio: float) -> Errors:
    def job(random: Random) -> tuple[Trace, Sequence[Instrument], float]:
        load = square_load(LOAD_S, period_s=period_s, duty_ratio=duty_ratio, phase_ratio=random.random())
        return load, (Sensor(update_s, window_s, random.random() * update_s),), LOAD_S

    return _errors(job, f"power {update_s} {window_s} {period_s} {duty_ratio}")


def _errors(job: Callable[[Random], tuple[Trace, Sequence[Instrument], float]], seed: str) -> Errors:
    ratios, widths, inside = [], [], 0
    for number in range(JOBS):
        load, instruments, duration_s = job(Random(f"{seed} {number}"))
        found, true_j = account(play(load, instruments, duration_s)), load.energy_j(0, duration_s)
        if found.it_j is None or found.repeat_low_j is None or found.repeat_high_j is None:
            raise SystemExit(f"Nothing was metered in job {number} of {seed}")
        ratios.append(found.it_j / true_j - 1)
        widths.append((found.repeat_high_j - found.repeat_low_j) / 2 / true_j)
        inside += found.repeat_low_j <= true_j <= found.repeat_high_j
    return Errors(ratios=tuple(ratios), inside_ratio=inside / JOBS, width_ratio=median(widths))
