"""What rules see of a job, or of several together: amounts with what a repeat would give, and what was not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from reporter.domain.footprint import HISTORY_UNREADABLE, Footprint, unread
from reporter.domain.series import gco2e_per_kwh
from reporter.domain.stopped import Stopped, stopped_by
from reporter.domain.units import J_PER_KWH


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """A value with its repeatability interval, all in one unit; None was not measured."""

    value: float | None
    low: float | None
    high: float | None

    def scaled(self, factor: float) -> Bounded:
        """The same in another unit; None stays None."""
        return Bounded(
            value=None if self.value is None else self.value * factor,
            low=None if self.low is None else self.low * factor,
            high=None if self.high is None else self.high * factor,
        )


NOTHING = Bounded(value=None, low=None, high=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Increase:
    """A job's energy beside its base's, joules at the facility, both at the job's own PUE.

    `noise_j` is how far above the base a run of one and the same commit is, but for one in a hundred;
    `meters_j` what measuring the same runs again would change (about 95 %).
    """

    now_j: float = 0.0
    base_j: float = 0.0
    noise_j: float = 0.0
    meters_j: float = 0.0
    runs: int = 0
    """Those that the base is the median of."""
    label: str = "the base"
    why_not: str | None = None
    """Why nothing is compared; None where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a job, or a sum of jobs, is judged on.

    `energy` is facility energy in joules, `emissions` gCO2e at the declared factors,
    `work` pairs a unit of work with its count,
    `unread` names what was not read: GPUs that the job could use, or the time after the meter's own end.
    """

    energy: Bounded
    emissions: Bounded
    work: tuple[tuple[str, float], ...] = ()
    unread: tuple[str, ...] = ()
    quality: str | None = None
    it_j: float | None = None
    metered_j: float | None = None
    """Of `it_j`, what was metered rather than modelled."""
    increase: Increase | None = None
    """None: nobody asked for a base."""
    history_lost: str | None = None
    """Why earlier runs could not be read; None where they were, or nobody asked."""
    stopped: Stopped | None = None
    """The budget that ended the job before its time; of several jobs the first that one ended."""
    job: str | None = None
    branch: str | None = None
    runner: str | None = None
    started_at: str | None = None
    pull_request: int | None = None


def observation(footprint: Footprint) -> Observation:
    """What rules see of one job."""
    job, energy = footprint.job, footprint.energy
    facility = _at_machine(footprint).scaled(footprint.pue.ratio)
    it_j, measured_ratio = energy.it_j, energy.measured_ratio
    return Observation(
        energy=facility,
        emissions=facility.scaled(gco2e_per_kwh(footprint.intensity) / J_PER_KWH),
        work=tuple((row.unit, row.count) for row in footprint.per_unit),
        unread=unread(footprint),
        quality=footprint.quality,
        it_j=it_j,
        metered_j=None if it_j is None or measured_ratio is None else it_j * measured_ratio,
        increase=_increase(footprint),
        history_lost=_history_lost(footprint),
        stopped=stopped_by(footprint.flags),
        job=job.name,
        branch=job.branch,
        runner=job.runner,
        started_at=job.started_at,
        pull_request=job.pull_request,
    )


def _history_lost(footprint: Footprint) -> str | None:
    found = (flag.partition(":") for flag in footprint.flags)
    return next((why or "no reason is known" for code, _, why in found if code == HISTORY_UNREADABLE), None)


def _at_machine(footprint: Footprint) -> Bounded:
    """Its own energy in joules; of a job that ran again the mean of all runs."""
    energy = footprint.energy
    low_j = energy.low_j if energy.repeat_low_j is None else energy.repeat_low_j
    high_j = energy.high_j if energy.repeat_high_j is None else energy.repeat_high_j
    if not footprint.repeats or energy.it_j is None:
        return Bounded(value=energy.it_j, low=low_j, high=high_j)
    from reporter.domain.repeat import mean_interval, run_energies  # noqa: PLC0415  (hardly any job runs again)

    energies = run_energies(footprint)
    if len(energies) == 1:
        return Bounded(value=energy.it_j, low=low_j, high=high_j)
    half_j = 0.0 if low_j is None or high_j is None else (high_j - low_j) / 2
    mean_j, low_j, high_j = mean_interval(energies, half_j)
    return Bounded(value=mean_j, low=low_j, high=high_j)


def together(jobs: Sequence[Observation]) -> Observation:
    """Several jobs as one: bounds add linearly, since the jobs share their factors; the worst quality."""
    if len(jobs) == 1:
        return jobs[0]
    work: dict[str, float] = {}
    for unit, count in (pair for job in jobs for pair in job.work):
        work[unit] = work.get(unit, 0.0) + count
    qualities = [job.quality for job in jobs]
    return Observation(
        energy=added([job.energy for job in jobs]),
        emissions=added([job.emissions for job in jobs]),
        work=tuple(work.items()),
        unread=tuple(reason for job in jobs for reason in job.unread),
        quality=None if None in qualities else max(filter(None, qualities), default=None),
        it_j=_add([job.it_j for job in jobs]),
        metered_j=_add([job.metered_j for job in jobs]),
        increase=_increases([job.increase for job in jobs]),
        history_lost=next((job.history_lost for job in jobs if job.history_lost), None),
        stopped=next((job.stopped for job in jobs if job.stopped), None),
    )


def _increase(footprint: Footprint) -> Increase | None:
    """The job beside its base, at one and the same PUE: that of the job."""
    base = footprint.baseline
    if base is None:
        return None
    from reporter.domain.comparison import comparison  # noqa: PLC0415  (few jobs have a base)

    found = comparison(footprint)
    if found is None:
        why_not = base.why_not or "nothing was metered"
        apart = why_not if why_not.startswith("not comparable") else f"no baseline: {why_not}"
        return Increase(runs=base.runs, label=base.label, why_not=apart)
    pue_ratio = footprint.pue.ratio
    return Increase(
        now_j=((base.it_j or 0.0) + found.mean_it_j) * pue_ratio,
        base_j=(base.it_j or 0.0) * pue_ratio,
        noise_j=found.noise_j * pue_ratio,
        meters_j=found.meters_j * pue_ratio,
        runs=base.runs,
        label=base.label,
    )


def _increases(rows: Sequence[Increase | None]) -> Increase | None:
    """Runs of different jobs are off independently of each other, so their noise adds as squares."""
    known = [row for row in rows if row is not None]
    if not known or len(known) < len(rows):
        return None
    return Increase(
        now_j=sum(row.now_j for row in known),
        base_j=sum(row.base_j for row in known),
        noise_j=hypot(*(row.noise_j for row in known)),
        meters_j=hypot(*(row.meters_j for row in known)),
        runs=min(row.runs for row in known),
        label=known[0].label,
        why_not=next((row.why_not for row in known if row.why_not), None),
    )


def added(parts: Sequence[Bounded]) -> Bounded:
    """The sum; None where any part is not known."""
    return Bounded(
        value=_add([part.value for part in parts]),
        low=_add([part.low for part in parts]),
        high=_add([part.high for part in parts]),
    )


def _add(values: Sequence[float | None]) -> float | None:
    """None where any part is not known: a missing part is never 0."""
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None
