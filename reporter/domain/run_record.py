"""One run of a job as history keeps it: small, without a device's id, enough to compare and to sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reporter.domain.phase import by_name, length_s
from reporter.domain.readings import Component, Method
from reporter.domain.units import J_PER_KWH

if TYPE_CHECKING:
    from reporter.domain.carbon import MeterEnergy
    from reporter.domain.footprint import Footprint
    from reporter.domain.readings import Hardware

MOST_PHASES = 20
"""Names of phases that a record keeps, the largest first."""
ESTIMATE = "an estimate"
MEASUREMENT = "a measurement"
_SAME_MEMORY_RATIO = 0.1
"""Machines of one kind tell slightly different amounts of memory."""
_WORDS = {
    Component.GPU: "GPU",
    Component.CPU: "CPU",
    Component.DRAM: "memory",
    Component.NODE: "machine",
    Component.MODULE: "module",
}
_SHARED = frozenset({"mig", "shared-gpu"})
"""Flags of a GPU whose energy is others' too."""
_HOST = frozenset({Component.CPU, Component.NODE})
_MEMORY = frozenset({Component.DRAM})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPhase:
    """The phases of one name: their energy at the machine and their length; None where not known."""

    label: str
    energy_j: float | None
    duration_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run. Energies are those of the machine (IT), before PUE; None is not known."""

    job: str
    started_at: str | None
    """UTC, `2026-01-01T00:00:00Z`."""
    it_j: float | None
    pue_ratio: float
    gco2e_per_kwh: float
    duration_s: float | None = None
    idle_j: float | None = None
    repeat_ratio: float | None = None
    """Half the width of what a repeat would give, as a share of `it_j`; the whole interval where that is not known."""
    kind: str = MEASUREMENT
    """Or ESTIMATE."""
    gpus: str = "no GPU"
    """`8 × NVIDIA H100`."""
    metering: str = "nothing metered"
    """Parts and how each was read: `CPU modelled and GPU metered`."""
    processor: str = ""
    """This and `processors` only where their energy counts, `memory_gb` only where its does."""
    processors: str = ""
    memory_gb: float | None = None
    ended: str | None = None
    """Why it cannot be compared: `the command failed`, `the meter was killed`; None where it ended well."""
    repository: str | None = None
    branch: str | None = None
    runner: str | None = None
    """The runner's name."""
    sha: str | None = None
    run_id: int | None = None
    run_attempt: int | None = None
    pull_request: int | None = None
    units: tuple[tuple[str, float], ...] = ()
    """Work done: pairs of unit and count."""
    phases: tuple[RecordedPhase, ...] = ()

    @property
    def facility_j(self) -> float | None:
        """Energy with the building's share as it was then."""
        return None if self.it_j is None else self.it_j * self.pue_ratio

    @property
    def gco2e(self) -> float | None:
        """Emissions with the factors as they were then."""
        facility_j = self.facility_j
        return None if facility_j is None else facility_j / J_PER_KWH * self.gco2e_per_kwh


def record_of(footprint: Footprint, *, branch: str | None = None, runner: str | None = None) -> RunRecord:
    """The run that a footprint is of; it does not say itself which branch and runner it had."""
    job, energy = footprint.job, footprint.energy
    return RunRecord(
        job=job.name,
        started_at=job.started_at,
        it_j=energy.it_j,
        pue_ratio=footprint.pue.ratio,
        gco2e_per_kwh=footprint.intensity.gco2e_per_kwh,
        duration_s=job.duration_s,
        idle_j=energy.idle_j,
        repeat_ratio=_repeat_ratio(footprint),
        kind=ESTIMATE if footprint.method == "estimate" else MEASUREMENT,
        gpus=_gpus(footprint),
        metering=" and ".join(sorted({_part(meter) for meter in _counted(footprint)})) or "nothing metered",
        processor=(footprint.hardware.cpu or "an unknown processor") if _counts(footprint, _HOST) else "",
        processors=_processors(footprint) if _counts(footprint, _HOST) else "",
        memory_gb=footprint.hardware.memory_gb if _counts(footprint, _MEMORY) else None,
        ended=_ended(footprint),
        repository=job.repository,
        branch=branch,
        runner=runner,
        sha=job.sha,
        run_id=job.run_id,
        run_attempt=job.run_attempt,
        pull_request=job.pull_request,
        units=tuple((row.unit, row.count) for row in footprint.per_unit),
        phases=recorded_phases(footprint),
    )


def unlike(base: RunRecord, head: RunRecord) -> str | None:
    """Why two runs of a job do not compare; None where they do.

    The same accelerators, the same parts metered in the same way;
    the same processor, the same share of it, and as much memory, where their energy counts.
    """
    for run, which in ((base, "the base"), (head, "this job")):
        if run.it_j is None:
            return f"not comparable: nothing was metered in {which}"
        if run.ended:
            return f"not comparable: {run.ended} in {which}"
    for trait in ("kind", "gpus", "metering", "processor", "processors"):
        then, now = getattr(base, trait), getattr(head, trait)
        if then != now:
            return f"not comparable: {now or 'none'} now, {then or 'none'} in the base"
    then_gb, now_gb = base.memory_gb or 0.0, head.memory_gb or 0.0
    if abs(now_gb - then_gb) > _SAME_MEMORY_RATIO * max(now_gb, then_gb):
        return f"not comparable: {now_gb:.3g} GB of memory now, {then_gb:.3g} GB in the base"
    return None


def _ended(footprint: Footprint) -> str | None:
    from reporter.domain.footprint import cut_off, unread_gpus  # noqa: PLC0415  (who reads records needs no footprint)
    from reporter.domain.stopped import stopped_by  # noqa: PLC0415

    if footprint.job.exit_status:
        return "the command failed"
    if ended := cut_off(footprint):
        return ended
    if stopped_by(footprint.flags) is not None:
        return "it was stopped by a budget"
    return "a GPU could not be read" if unread_gpus(footprint) else None


def repeat_j(footprint: Footprint) -> float | None:
    """Half the width of what a repeat would give, joules at the machine; the whole interval where that is not known."""
    energy = footprint.energy
    low_j = energy.low_j if energy.repeat_low_j is None else energy.repeat_low_j
    high_j = energy.high_j if energy.repeat_high_j is None else energy.repeat_high_j
    return None if low_j is None or high_j is None else abs(high_j - low_j) / 2


def _repeat_ratio(footprint: Footprint) -> float | None:
    half_j, it_j = repeat_j(footprint), footprint.energy.it_j
    return half_j / it_j if half_j is not None and it_j else None


def _gpus(footprint: Footprint) -> str:
    """A GPU that is split (MIG) or shared is metered as a whole, and its energy is others' too."""
    names = sorted(gpu.name for gpu in footprint.hardware.gpus)
    words = " and ".join(f"{names.count(each)} × {each}" for each in dict.fromkeys(names)) or "no GPU"
    codes = {flag.partition(":")[0] for flag in footprint.flags}
    return f"{words}, shared with others" if codes & _SHARED else words


def _counted(footprint: Footprint) -> list[MeterEnergy]:
    return [meter for meter in footprint.meters if meter.included and meter.energy_j is not None]


def _counts(footprint: Footprint, components: frozenset[Component]) -> bool:
    return any(meter.component in components for meter in _counted(footprint))


def _part(meter: MeterEnergy) -> str:
    return f"{_WORDS[meter.component]} {'modelled' if meter.method is Method.MODELLED else 'metered'}"


def _processors(footprint: Footprint) -> str:
    """How many the job may use: a quota allows fractions of one. Without a part of its own it pays for others' jobs."""
    codes = {flag.partition(":")[0] for flag in footprint.flags}
    is_shared = "shared-machine" in codes and "cpu-share" not in codes
    return _number(footprint.hardware) + (", shared with other jobs" if is_shared else "")


def _number(hardware: Hardware) -> str:
    own, host, share = hardware.cpu_count, hardware.host_cpu_count, hardware.cpu_share_ratio
    used = own if share is None or host is None else share * host
    if used is None:
        return "an unknown number of processors"
    return f"{used:g} processors" if host is None else f"{used:.3g} of {host} processors"


def recorded_phases(footprint: Footprint) -> tuple[RecordedPhase, ...]:
    """The phases by name, the largest of them, in the order in which they came."""
    named = by_name(footprint.phases)
    kept = sorted(named, key=lambda phase: -(phase.energy_j or 0.0))[:MOST_PHASES]
    return tuple(
        RecordedPhase(label=phase.label, energy_j=phase.energy_j, duration_s=length_s(phase))
        for phase in named
        if phase in kept
    )
