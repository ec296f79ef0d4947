"""Runs of a job's command beyond the first: rules are judged by all of them, the footprint stays that of the first."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from reporter.domain.noise import runs_of, student

if TYPE_CHECKING:
    from reporter.domain.footprint import Footprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """One more run of the same command: energy at the machine, seconds; None where nothing was metered."""

    it_j: float | None
    duration_s: float | None
    exit_status: int


def run_energies(footprint: Footprint) -> tuple[float, ...]:
    """Of all runs that ended well, the job's own first; none where its own energy is not known."""
    own_j = footprint.energy.it_j
    if own_j is None:
        return ()
    return own_j, *(row.it_j for row in footprint.repeats if row.it_j is not None and not row.exit_status)


def mean_interval(energies: tuple[float, ...], half_j: float) -> tuple[float, float, float]:
    """The mean of several runs, and where it lies but for one in a hundred on either side, joules.

    `half_j` is what measuring one of them again would change: the mean of n of them is √n times surer.
    """
    runs = runs_of(energies)
    spread_j = student(runs.runs - 1) * runs.deviation_j
    half_j = max(half_j, spread_j) / sqrt(runs.runs)
    return runs.mean_j, max(0.0, runs.mean_j - half_j), runs.mean_j + half_j
