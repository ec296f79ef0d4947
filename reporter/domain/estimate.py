"""The footprint of work that nobody metered: declared counts, watts and hours, and how wrong each may be.

The forms are those of Strubell et al. 2019 (mean watts), Lacoste et al. 2019 (rated power × hours),
Green Algorithms (cores, accelerators, memory, repeats) and carbontracker (epochs × the mean of those metered).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import fsum

from reporter.domain.budget import Budget
from reporter.domain.carbon import Emissions, Energy, MeterEnergy, PerUnit, Site, Tool
from reporter.domain.footprint import Footprint, at_site, judged
from reporter.domain.readings import Component, Hardware, Job, Method
from reporter.domain.uncertainty import sum_independent

GIVEN = (0.89, 1.11)
"""Mean watts that somebody gives: those of one kind of machine differ by up to 11 % between jobs (arXiv 2104.10350)."""
RATED = (0.5, 1.3)
"""Rated power stands for the power that is drawn: −50/+30 %."""
CORES = (0.7, 1.6)
"""Processors by a model of their cores: −30/+60 %."""
MEMORY = (0.5, 1.5)
"""Memory by its size: ±50 %."""

HOST_NOT_COUNTED = "host-not-counted"
"""Accelerators alone were declared: the processors and the memory beside them take power too."""

_ALWAYS_LEFT_OUT = ("network and storage", "manufacturing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """`count` things that take `each_w` watts at full use, for as long as the work goes on.

    `bounds` are the multipliers of its energy, about two standard deviations; `source` says where the watts are from.
    """

    component: Component
    label: str
    each_w: float
    bounds: tuple[float, float]
    source: str
    year: int | None = None
    count: float = 1.0
    utilisation_ratio: float = 1.0

    def energy_j(self, time_s: float) -> float:
        """Joules over this time."""
        return self.count * self.each_w * self.utilisation_ratio * time_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """`count` pieces of work of one kind (`query`, `epoch`).

    `each_j` are the joules at the machine of those that were metered: their mean stands for all. Without any,
    the pieces are only counted, and their energy is that of the parts.
    """

    unit: str
    count: float
    each_j: tuple[float, ...] = ()
    label: str = ""
    source: str = ""
    year: int | None = None
    component: Component = Component.NODE
    bounds: tuple[float, float] = GIVEN

    @property
    def total_j(self) -> float | None:
        """Joules of all of them; None where they are only counted."""
        return self.count * fsum(self.each_j) / len(self.each_j) if self.each_j else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is to be estimated: parts for a time, done so many times, and pieces of work besides.

    `time_s` is that of one repeat; None where there are no parts.
    """

    parts: tuple[Part, ...] = ()
    time_s: float | None = None
    repeats: float = 1.0
    tallies: tuple[Tally, ...] = ()
    hardware: Hardware = Hardware()  # noqa: RUF009  (frozen)

    @property
    def duration_s(self) -> float | None:
        """Of all repeats, one after the other."""
        return None if self.time_s is None else self.time_s * self.repeats


def estimate(work: Work, job: Job, site: Site, budgets: tuple[Budget, ...], tool: Tool) -> Footprint:
    """The footprint of this work at the site's factors, judged.

    Parts are independent of one another, so their deviations add in quadrature, below and above apart.
    Budgets are judged on the figures as declared: repeating an estimate changes nothing.
    """
    meters = _meters(work)
    energies_j = [meter.energy_j or 0.0 for meter in meters]
    it_j = fsum(energies_j)
    below_j, above_j = sum_independent(
        (energy_j - (meter.low_j or 0.0), (meter.high_j or 0.0) - energy_j)
        for meter, energy_j in zip(meters, energies_j, strict=True)
    )
    units = (("run", work.repeats), *((tally.unit, tally.count) for tally in work.tallies))
    bare = Footprint(
        tool=tool,
        method="estimate",
        quality="D",
        job=replace(job, duration_s=work.duration_s),
        hardware=work.hardware,
        meters=meters,
        unavailable=(),
        energy=Energy(
            it_j=it_j,
            facility_j=None,
            measured_ratio=0.0,
            low_j=it_j - below_j,
            high_j=it_j + above_j,
            repeat_low_j=it_j,
            repeat_high_j=it_j,
        ),
        pue=site.pue,
        intensity=site.intensity,
        emissions=Emissions(gco2e=None, low_gco2e=None, high_gco2e=None),
        not_counted=_not_counted(work),
        per_unit=tuple(
            PerUnit(unit=unit, count=count, energy_j=None, gco2e=None)
            for unit, count in units
            if unit != "run" or count != 1
        ),
        flags=(HOST_NOT_COUNTED,) if _is_without_host(work) else (),
    )
    return judged(at_site(bare, site), budgets)


def _meters(work: Work) -> tuple[MeterEnergy, ...]:
    parts = [
        _meter(f"estimate:{part.component.value}", part, part.energy_j(work.duration_s or 0.0)) for part in work.parts
    ]
    pieces = [
        _meter(f"estimate:{tally.unit}", tally, tally.total_j) for tally in work.tallies if tally.total_j is not None
    ]
    return (*parts, *pieces)


def _meter(meter_id: str, row: Part | Tally, energy_j: float) -> MeterEnergy:
    low_ratio, high_ratio = row.bounds
    return MeterEnergy(
        meter_id=meter_id,
        label=row.label,
        component=row.component,
        method=Method.MODELLED,
        energy_j=energy_j,
        coverage_ratio=None,
        included=True,
        excluded_because=None,
        uncertainty_ratio=max(1 - low_ratio, high_ratio - 1),
        low_j=energy_j * low_ratio,
        high_j=energy_j * high_ratio,
        repeat_low_j=energy_j,
        repeat_high_j=energy_j,
        source=row.source,
        year=row.year,
    )


def _not_counted(work: Work) -> tuple[str, ...]:
    """What the declared parts leave out; a whole machine's watts hold its fans and its power supply."""
    kinds = {part.component for part in work.parts}
    if not kinds or Component.NODE in kinds:
        return _ALWAYS_LEFT_OUT
    names = {Component.CPU: "processors", Component.DRAM: "memory"}
    left_out = tuple(name for component, name in names.items() if component not in kinds)
    return (*left_out, "fans and power supplies", *_ALWAYS_LEFT_OUT)


def _is_without_host(work: Work) -> bool:
    return {part.component for part in work.parts} == {Component.GPU}
