"""A job held against its base: what changed, what caused it, and whether that is more than noise.

Energy is compared, and emissions at the job's own factors, so that a windy day neither passes nor fails a change.
What other factors did in between is a cause of its own, shown apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import hypot, inf, log

from reporter.domain.baseline import FEWEST_RUNS, Baseline
from reporter.domain.footprint import Footprint
from reporter.domain.noise import Band, Runs, band, paired_band, runs_of
from reporter.domain.repeat import run_energies
from reporter.domain.run_record import RecordedPhase, recorded_phases, repeat_j
from reporter.domain.units import J_PER_KWH

LEAST_EFFECT_RATIO = 0.01
"""A difference smaller than this is not called one, however fine the meters are."""


class Kind(str, Enum):
    """What made a job take more or less energy than its base."""

    WORK = "work"
    PACE = "pace"
    TIME = "time"
    POWER = "power"
    IDLE = "idle"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One part of the difference in energy at the machine; the parts add up to it.

    `before` and `after` are what changed: a count of `unit`, seconds (per `unit` for the pace), watts, joules idling.
    """

    kind: Kind
    it_j: float
    before: float | None = None
    after: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseChange:
    """What one phase took more or less than in the base."""

    label: str
    it_j: float
    before: RecordedPhase | None
    after: RecordedPhase | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The difference between a job and its base.

    `it_j`, `facility_j` and `gco2e` are differences at the job's own PUE and intensity;
    `noise_j` is how far off the base a run of one and the same commit is, this way, but for one in a hundred;
    `meters_j` is the part of it that measuring the same two runs again would change (about 95 %); both at the machine.
    `pue_gco2e` and `grid_gco2e` are what other factors did to the emissions: with `gco2e` they add up to all of it.
    """

    baseline: Baseline
    it_j: float
    mean_it_j: float
    """That of the mean of all of the job's runs; `it_j` where it ran once."""
    facility_j: float
    gco2e: float
    ratio: float | None
    """The difference as a share of the base's energy; None where that is zero."""
    noise_j: float
    meters_j: float
    causes: tuple[Cause, ...]
    phases: tuple[PhaseChange, ...]
    """Largest change first."""
    pue_gco2e: float | None
    grid_gco2e: float | None

    @property
    def clear(self) -> bool:
        """Whether the difference is beyond the noise, and large enough to matter."""
        return abs(self.mean_it_j) > self.noise_j and (self.ratio is None or abs(self.ratio) >= LEAST_EFFECT_RATIO)


def comparison(footprint: Footprint) -> Comparison | None:
    """The job against its baseline; None where there is none, or it does not compare."""
    base, it_j = footprint.baseline, footprint.energy.it_j
    if base is None or base.why_not is not None or base.it_j is None or it_j is None:
        return None
    energies, meters_j = run_energies(footprint), _meters_j(footprint, base)
    mean_j = runs_of(energies).mean_j
    difference_j, pue, intensity = it_j - base.it_j, footprint.pue.ratio, footprint.intensity.gco2e_per_kwh
    pue_gco2e = grid_gco2e = None
    if base.pue_ratio is not None and base.gco2e_per_kwh is not None:
        pue_gco2e = base.it_j * (pue - base.pue_ratio) / J_PER_KWH * intensity
        grid_gco2e = base.it_j * base.pue_ratio / J_PER_KWH * (intensity - base.gco2e_per_kwh)
    return Comparison(
        baseline=base,
        it_j=difference_j,
        mean_it_j=mean_j - base.it_j,
        facility_j=difference_j * pue,
        gco2e=difference_j * pue / J_PER_KWH * intensity,
        ratio=_quotient(difference_j, base.it_j),
        noise_j=max(meters_j, _noise_j(energies, base)),
        meters_j=meters_j,
        causes=_causes(footprint, base),
        phases=_phases(footprint, base),
        pue_gco2e=pue_gco2e,
        grid_gco2e=grid_gco2e,
    )


def _meters_j(footprint: Footprint, base: Baseline) -> float:
    """What is known of noise where fewer than three runs tell; a job without it may be off by all of its energy."""
    own_j, base_j, half_j = footprint.energy.it_j or 0.0, base.it_j or 0.0, repeat_j(footprint)
    unknown_ratio = 1.0 if base.spread_ratio is None else 0.0
    return hypot(
        own_j * unknown_ratio if half_j is None else half_j,
        base_j * (unknown_ratio if base.repeat_ratio is None else base.repeat_ratio),
    )


def _noise_j(energies: tuple[float, ...], base: Baseline) -> float:
    """How far off the base's median an unchanged job may be, on the side on which it is; 0 where no spread is known."""
    base_j, job = base.it_j or 0.0, runs_of(energies)
    known = (paired_band(base.recent_it_j, energies) if base.is_paired else None) or _band(job, base)
    if known is None:
        return 0.0
    return max(0.0, known.high_j - base_j if job.mean_j >= base_j else base_j - known.low_j)


def _band(job: Runs, base: Baseline) -> Band | None:
    if base.spread_ratio is None:
        return None
    median_j = base.it_j or 0.0
    runs = Runs(mean_j=median_j, deviation_j=base.spread_ratio * median_j, runs=base.runs)
    if len(base.recent_it_j) >= FEWEST_RUNS:
        runs = runs_of(base.recent_it_j)
    return band(runs, job)


def _causes(footprint: Footprint, base: Baseline) -> tuple[Cause, ...]:
    """Idle energy by subtraction; the rest as a product of work, time and mean power.

    A product's difference is divided by the logarithmic mean Divisia index (Ang 2004), which leaves no remainder.
    """
    after_j, before_j = footprint.energy.it_j or 0.0, base.it_j or 0.0
    idle = _idle(footprint, base)
    if idle is not None:
        after_j, before_j = after_j - (idle.after or 0.0), before_j - (idle.before or 0.0)
    factors = _factors(footprint, base, before_j, after_j)
    mean_j = _logarithmic_mean(before_j, after_j) if factors else 0.0
    divided = [
        Cause(kind=kind, it_j=mean_j * log(after / before), before=before, after=after, unit=unit)
        for kind, before, after, unit in factors
    ]
    if not divided:
        divided = [Cause(kind=Kind.OTHER, it_j=after_j - before_j)]
    return tuple(cause for cause in (*divided, *((idle,) if idle else ())) if cause.it_j)


def _idle(footprint: Footprint, base: Baseline) -> Cause | None:
    after_j, before_j = footprint.energy.idle_j, base.idle_j
    if after_j is None or before_j is None:
        return None
    return Cause(kind=Kind.IDLE, it_j=after_j - before_j, before=before_j, after=after_j)


_Factor = tuple[Kind, float, float, str | None]


def _factors(footprint: Footprint, base: Baseline, before_j: float, after_j: float) -> tuple[_Factor, ...]:
    """Factors whose product is the energy, before and after; none where one of them is not known, or is zero."""
    time_s, base_s = footprint.job.duration_s, base.duration_s
    if not time_s or not base_s or not _is_sound(before_j, after_j):
        return ()
    found: tuple[_Factor, ...] = ((Kind.TIME, base_s, time_s, None),)
    done = {row.unit: row.count for row in footprint.per_unit}
    for unit, before in base.units:
        after = done.get(unit)
        if before and after:
            found = ((Kind.WORK, before, after, unit), (Kind.PACE, base_s / before, time_s / after, unit))
            break
    found = (*found, (Kind.POWER, before_j / base_s, after_j / time_s, None))
    return found if all(_is_sound(before, after) for _, before, after, _ in found) else ()


def _is_sound(before: float, after: float) -> bool:
    """Whether the quotient has a logarithm."""
    return 0 < before < inf and 0 < after < inf and 0 < after / before < inf


def _quotient(part: float, whole: float) -> float | None:
    """None by zero, and where the result is no number that anybody can read."""
    ratio = part / whole if whole else inf
    return ratio if abs(ratio) < inf else None


def _logarithmic_mean(first: float, second: float) -> float:
    """(b − a) ÷ ln(b/a), of positive numbers."""
    ratio = second / first
    # Next to 1 the quotient loses its digits, and both means agree.
    return (first + second) / 2 if abs(ratio - 1) < 1e-6 else (second - first) / log(ratio)  # noqa: PLR2004


def _phases(footprint: Footprint, base: Baseline) -> tuple[PhaseChange, ...]:
    before = {phase.label: phase for phase in base.phases}
    after = {phase.label: phase for phase in recorded_phases(footprint)}
    changes = [
        PhaseChange(
            label=label,
            it_j=(now.energy_j or 0.0 if now else 0.0) - (then.energy_j or 0.0 if then else 0.0),
            before=then,
            after=now,
        )
        for label in {**before, **after}
        for then, now in [(before.get(label), after.get(label))]
        if (then is None or then.energy_j is not None) and (now is None or now.energy_j is not None)
    ]
    return tuple(sorted(changes, key=lambda change: -abs(change.it_j)))
