"""How far two runs of one commit differ: the energy above which a job took more than its base, and not by chance.

A prediction interval after Student (1908): the spread of the base's runs, and of the job's own where it ran again,
widened for how few they are. `docs/decisions` has what else was tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import atan, cos, expm1, fsum, pi, sin, sqrt

FALSE_ALARM_RATIO = 0.01
"""How many of the jobs that changed nothing may be called higher: one in a hundred, and as many lower."""
SMALL_RATIO = 0.1
"""Up to here noise is as far up as down; beyond, energies lean upwards, since none is below zero."""

MOST_RATIO = 100.0
"""Noise of a hundred times the energy: more says nothing more."""
MOST_FREEDOM = 1000
"""From here on the percentile moves by less than two in a thousand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Some runs of one commit: their mean, and one standard deviation between them (n − 1), in joules."""

    mean_j: float
    deviation_j: float
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Where the mean energy of a job's runs lies that changed nothing, but for one in a hundred on either side."""

    low_j: float
    high_j: float


def runs_of(energies: Sequence[float]) -> Runs:
    """The runs with these energies, joules, at least one; one alone does not spread."""
    mean_j = fsum(energies) / len(energies)
    squares = fsum((energy_j - mean_j) ** 2 for energy_j in energies)
    return Runs(mean_j=mean_j, deviation_j=sqrt(squares / max(1, len(energies) - 1)), runs=len(energies))


def band(base: Runs, job: Runs) -> Band | None:
    """What the mean of the job's runs may be, if it is as the base; None where all in all fewer than three runs tell.

    Both share one spread, so the job's own runs help to tell it: Student's t on their difference.
    """
    freedom = base.runs + job.runs - 2
    if freedom < 1 or base.mean_j <= 0:
        return None
    squares = (base.runs - 1) * base.deviation_j**2 + (job.runs - 1) * job.deviation_j**2
    half_j = student(min(freedom, MOST_FREEDOM)) * sqrt(squares / freedom * (1 / base.runs + 1 / job.runs))
    half_ratio = min(half_j / base.mean_j, MOST_RATIO)
    # The lean of the difference: all of one run's against many, none between as many.
    lean_ratio = (base.runs - job.runs) / freedom
    above_ratio = expm1(lean_ratio * half_ratio) / lean_ratio if lean_ratio and half_ratio > SMALL_RATIO else half_ratio
    return Band(low_j=base.mean_j * max(0.0, 1 - half_ratio), high_j=base.mean_j * (1 + above_ratio))


def paired_band(base: Sequence[float], job: Sequence[float]) -> Band | None:
    """The same where each run of the job was made next to one of the base: the noise is that of their differences."""
    if len(base) != len(job) or len(base) < 2:  # noqa: PLR2004
        return None
    differences = runs_of([now_j - then_j for then_j, now_j in zip(base, job, strict=True)])
    half_j = student(differences.runs - 1) * differences.deviation_j / sqrt(differences.runs)
    mean_j = runs_of(base).mean_j
    return Band(low_j=max(0.0, mean_j - half_j), high_j=mean_j + half_j)


@lru_cache
def student(freedom: int) -> float:
    """The 99th percentile of Student's t, degrees of freedom from 1 on; by halving, to twelve digits."""
    low, high = 0.0, 32.0
    for _ in range(50):
        middle = (low + high) / 2
        if _above(middle, freedom) > FALSE_ALARM_RATIO:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _above(t: float, freedom: int) -> float:
    """The share of Student's t above `t`: a finite series for whole degrees of freedom (A&S 26.7.3, 26.7.4)."""
    angle = atan(t / sqrt(freedom))
    odd = freedom % 2
    term = sin(angle) * (cos(angle) if odd else 1.0)
    terms = []
    for number in range(1 + odd, freedom, 2):
        terms.append(term)
        term *= cos(angle) ** 2 * number / (number + 1)
    within = 2 / pi * (angle + fsum(terms)) if odd else fsum(terms)
    return (1 - within) / 2
