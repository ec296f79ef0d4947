"""Energy × PUE × carbon intensity: the footprint of one job, with where each factor came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from reporter.domain.readings import Component, Method, Phase, PowerCurve

ENOUGH_RATIO = 0.9
"""A meter that was read for less of the time is flagged, told at the top, and if it is a GPU's, taken as not read."""
NOT_COUNTED = ("fans and power supplies", "network and storage", "manufacturing")


class Level(str, Enum):
    """How near to the machine a PUE was taken."""

    REGION = "region"
    FLEET = "fleet"
    AVERAGE = "average"
    GIVEN = "given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pue:
    """Power usage effectiveness: facility energy per IT energy, ≥ 1.

    `uncertainty_ratio` is relative, about two standard deviations.
    """

    ratio: float
    source: str
    year: int | None
    level: Level
    uncertainty_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IntensityPoint:
    """The intensity between two times since the job's start."""

    start_s: float
    end_s: float
    gco2e_per_kwh: float
    it_j: float | None = None
    """What the machine used in that time; None until that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intensity:
    """Grid carbon intensity with its provenance.

    `low_gco2e_per_kwh` and `high_gco2e_per_kwh` are set when the region is unknown:
    the least and the greatest of the candidate regions.
    """

    gco2e_per_kwh: float
    region: str | None
    """The key that was asked for: `FR`, `US-VA`, `aws:us-east-1`; None when given by hand alone."""
    label: str | None
    """The place in words: `Virginia`, `France`."""
    kind: str
    """average or marginal."""
    origin: str
    """table, api or given."""
    scope: str
    """lifecycle, direct or unknown."""
    source: str
    year: int | None
    resolved: str | None
    """annual, hourly, 30min, 15min, 5min; None when given."""
    uncertainty_ratio: float
    """Relative, about two standard deviations: of its two parts, where they are known, the root of their squares."""
    low_gco2e_per_kwh: float | None = None
    high_gco2e_per_kwh: float | None = None
    known: bool = True
    """False when no region was named and an average stands in."""
    series: tuple[IntensityPoint, ...] = ()
    """Over the job, one after the other; `gco2e_per_kwh` is their mean. Empty: one value for all of it."""
    hosts: tuple[str, ...] = ()
    """Hosts that were asked for it, in vain too."""
    time_uncertainty_ratio: float | None = None
    """What a year's mean leaves in doubt that stands for the hours of one job; None where none does."""
    method_uncertainty_ratio: float | None = None
    """What the choice of a method for the factor leaves in doubt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a job ran, as resolved when it was metered; `origins` says who set what."""

    intensity: Intensity
    pue: Pue
    origins: tuple[tuple[str, str], ...] = ()
    """Pairs such as ("region", "action input `region`")."""
    flags: tuple[str, ...] = ()
    marginal: Intensity | None = None
    """What one more kWh emits: never the headline's, beside it alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterEnergy:
    """One meter's share of the account; `energy_j` None is not measured, never 0.

    low/high: the whole uncertainty (about 95 %); repeat: what a repeat here would change.
    """

    meter_id: str
    label: str
    component: Component
    method: Method
    energy_j: float | None
    coverage_ratio: float | None
    included: bool
    excluded_because: str | None
    uncertainty_ratio: float | None
    low_j: float | None = None
    high_j: float | None = None
    repeat_low_j: float | None = None
    repeat_high_j: float | None = None
    share_ratio: float | None = None
    """The part of the meter's energy that is this job's, where it shares the part; `energy_j` is that part alone."""
    idle_j: float | None = None
    """Of a GPU's energy, what it took while it computed nothing; None where its utilisation was not read."""
    utilisation_ratio: float | None = None
    """A GPU's mean utilisation, 0–1."""
    idle_ratio: float | None = None
    """The share of the time in which it computed nothing."""
    baseline_w: float | None = None
    """Power while idle before the job (`--idle-baseline`)."""
    source: str | None = None
    """What its energy rests on, where that is a declared figure and no reading: `rated 400 W each, NVIDIA`."""
    year: int | None = None
    """Of that source."""
    model: PowerCurve | None = None
    """What a modelled meter's energy was computed with: load and watts, with their source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerPoint:
    """Mean IT power of the counted meters between two times since the job's start, and the GPUs' mean utilisation."""

    start_s: float
    end_s: float
    power_w: float
    utilisation_ratio: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyAccount:
    """IT energy of one job, by meter and in sum. Sums are None where nothing could be metered."""

    meters: tuple[MeterEnergy, ...]
    duration_s: float
    it_j: float | None
    low_j: float | None
    high_j: float | None
    repeat_low_j: float | None
    repeat_high_j: float | None
    measured_ratio: float | None
    """Counted or integrated energy ÷ all energy."""
    timeline: tuple[PowerPoint, ...] = ()
    """At most 100 points."""
    phases: tuple[Phase, ...] = ()
    """One after the other from start to end; empty where the job named none."""
    idle_j: float | None = None
    """Energy of GPUs while they computed nothing; None where that is not known."""
    baseline_w: float | None = None
    """Power of the counted meters while idle before the job; None where it was not measured."""
    net_j: float | None = None
    """`it_j` less the baseline over the whole duration."""
    self_j: float | None = None
    """What the meter itself took of it, by the processors' model."""
    parts_j: tuple[float, ...] = ()
    """IT energy of each part of the job that was asked for."""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """What computed a footprint."""

    name: str
    version: str
    factors_version: str | None
    factors_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Energy:
    """Energy of a job. it: the machine's; facility: with PUE. low/high and repeat bound `it_j`."""

    it_j: float | None
    facility_j: float | None
    measured_ratio: float | None
    low_j: float | None
    high_j: float | None
    repeat_low_j: float | None
    repeat_high_j: float | None
    idle_j: float | None = None
    """Energy of GPUs while they computed nothing."""
    baseline_w: float | None = None
    """Power while idle before the job (`--idle-baseline`)."""
    net_j: float | None = None
    """`it_j` less the baseline over the whole duration: beside the gross figure, never instead of it."""
    self_j: float | None = None
    """What the meter itself took of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emissions:
    """Location-based, average, operational: facility energy × intensity."""

    gco2e: float | None
    low_gco2e: float | None
    high_gco2e: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sci:
    """Software carbon intensity, (E × I + M) ÷ R (ISO/IEC 21031:2024): a rate, not an inventory."""

    gco2e_per_unit: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the electricity, or the machine, cost."""

    amount: float
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalent:
    """How often something that people know emits as much: 4.2 × `a kilometre in a new car, EU`."""

    amount: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Besides:
    """Figures beside the headline, each on its own line, never added to it; None is not known or not asked for."""

    market_based_gco2e: float | None = None
    marginal_gco2e: float | None = None
    embodied_gco2e: float | None = None
    embodied_low_gco2e: float | None = None
    embodied_high_gco2e: float | None = None
    sci: Sci | None = None
    water_l: float | None = None
    cost: Cost | None = None
    equivalent: Equivalent | None = None
    sources: tuple[tuple[str, str], ...] = ()
    """Name of a figure → how it was had, with source and year."""
    reasons: tuple[tuple[str, str], ...] = ()
    """Name of a figure that was asked for → why it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PerUnit:
    """IT energy and emissions per unit of work that the job reported.

    Budgets per unit are held against facility energy, as all energy budgets are.
    """

    unit: str
    count: float
    energy_j: float | None
    gco2e: float | None
