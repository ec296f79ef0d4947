"""The auditable result of one job: the value behind `footprint.json`, schema 1."""

from __future__ import annotations

from dataclasses import dataclass

from reporter.domain.budget import Outcome, Verdict
from reporter.domain.carbon import (
    NOT_COUNTED,
    Emissions,
    Energy,
    Intensity,
    MeterEnergy,
    PerUnit,
    PowerPoint,
    Pue,
    Tool,
)
from reporter.domain.readings import Hardware, Job, Phase, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """One job: what was metered, with which factors, what it comes to, how it was judged.

    `method` is measured, partly-measured, modelled or estimate; `quality` a letter A–D, the worst of the inputs.
    """

    tool: Tool
    method: str
    quality: str
    job: Job
    hardware: Hardware
    meters: tuple[MeterEnergy, ...]
    unavailable: tuple[Unavailable, ...]
    energy: Energy
    pue: Pue
    intensity: Intensity
    emissions: Emissions
    not_counted: tuple[str, ...] = NOT_COUNTED
    phases: tuple[Phase, ...] = ()
    per_unit: tuple[PerUnit, ...] = ()
    timeline: tuple[PowerPoint, ...] = ()
    verdict: Verdict = Verdict(outcome=Outcome.NONE)
    flags: tuple[str, ...] = ()
    self_cpu_s: float | None = None
