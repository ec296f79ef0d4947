"""What a job is held against: comparable runs of its base, as medians; or why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt

from reporter.domain.run_record import RecordedPhase, RunRecord, unlike
from reporter.domain.units import J_PER_KWH

FEWEST_RUNS = 3
"""From so many runs on their own spread says what noise is."""
MOST_RECENT = 40
"""Energies of the base's runs that are kept for a trend."""
NO_RUN = "no run of this job in the base"


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a job is held against: comparable runs of its base, or why there are none.

    Figures are the medians over `runs`; energies are those of the machine (IT), before PUE.
    Where `why_not` is set, they are those of the newest run, to be shown beside the job's and never subtracted.
    """

    label: str
    """What readers call it: a branch such as `main`."""
    runs: int = 0
    """Those that compare with the job."""
    why_not: str | None = None
    """Why nothing is compared: `not comparable: …`, `no run of this job in the base`; None where it is."""
    sha: str | None = None
    """The commit of the newest run."""
    it_j: float | None = None
    spread_ratio: float | None = None
    """One standard deviation between runs (n − 1), as a share of `it_j`; None with fewer than three."""
    repeat_ratio: float | None = None
    """Half the width of the newest run's repeatability interval, as a share of its energy."""
    duration_s: float | None = None
    idle_j: float | None = None
    pue_ratio: float | None = None
    gco2e_per_kwh: float | None = None
    units: tuple[tuple[str, float], ...] = ()
    """Work done: pairs of unit and count."""
    phases: tuple[RecordedPhase, ...] = ()
    is_paired: bool = False
    """Whether each of its runs was made next to one of the job's, in turns: what changes the machine changes both."""
    is_given: bool = False
    """Whether somebody named its runs: what history knows does not take its place."""
    recent_it_j: tuple[float, ...] = ()
    """The energies of the runs, oldest first."""

    @property
    def facility_j(self) -> float | None:
        """Energy with the building's share as it was then."""
        return None if self.it_j is None or self.pue_ratio is None else self.it_j * self.pue_ratio

    @property
    def gco2e(self) -> float | None:
        """Emissions with the factors as they were then."""
        facility_j, intensity = self.facility_j, self.gco2e_per_kwh
        return None if facility_j is None or intensity is None else facility_j / J_PER_KWH * intensity


def baseline_of(runs: Sequence[RunRecord], against: RunRecord, *, label: str) -> Baseline:
    """The base of one job from runs of it, oldest first: medians over those that compare with `against`.

    Where none does, the newest one says why, and gives the figures.
    """
    if not runs:
        return Baseline(label=label, why_not=NO_RUN)
    alike = [run for run in runs if unlike(run, against) is None]
    why_not = None if alike else unlike(runs[-1], against)
    chosen = alike or [runs[-1]]
    newest = chosen[-1]
    energies = [run.it_j for run in alike if run.it_j is not None]
    return Baseline(
        label=label,
        runs=len(alike),
        why_not=why_not,
        sha=newest.sha,
        it_j=_median([run.it_j for run in chosen]),
        spread_ratio=_spread_ratio(energies),
        repeat_ratio=newest.repeat_ratio,
        duration_s=_median([run.duration_s for run in chosen]),
        idle_j=_median([run.idle_j for run in chosen]),
        pue_ratio=newest.pue_ratio,
        gco2e_per_kwh=newest.gco2e_per_kwh,
        units=_units(chosen),
        phases=_phases(chosen),
        recent_it_j=tuple(energies[-MOST_RECENT:]),
    )


def _spread_ratio(energies: Sequence[float]) -> float | None:
    """Of fewer runs nothing can be told; nor of runs that took no energy."""
    middle_j = _median(energies)
    if len(energies) < FEWEST_RUNS or not middle_j:
        return None
    mean_j = fsum(energies) / len(energies)
    variance = fsum((energy_j - mean_j) ** 2 for energy_j in energies) / (len(energies) - 1)
    return sqrt(variance) / middle_j


def _median(values: Sequence[float | None]) -> float | None:
    """None where one of them is not known. The standard library's takes 10 ms to load."""
    known = sorted(value for value in values if value is not None)
    if not known or len(known) < len(values):
        return None
    return (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2


def _units(runs: Sequence[RunRecord]) -> tuple[tuple[str, float], ...]:
    """The work that every run counted, with the medians of its counts."""
    counts = [dict(run.units) for run in runs]
    medians = ((unit, _median([done.get(unit) for done in counts])) for unit in counts[-1])
    return tuple((unit, count) for unit, count in medians if count is not None)


def _phases(runs: Sequence[RunRecord]) -> tuple[RecordedPhase, ...]:
    """The newest run's phases, each with its medians over the runs that have it."""
    named = [{phase.label: phase for phase in run.phases} for run in runs]
    return tuple(
        RecordedPhase(
            label=label,
            energy_j=_median([row[label].energy_j for row in named if label in row]),
            duration_s=_median([row[label].duration_s for row in named if label in row]),
        )
        for label in named[-1]
    )
