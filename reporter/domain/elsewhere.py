"""What if the same energy had been used elsewhere: a calculation with other factors, not a measurement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reporter.domain.carbon import Intensity, Pue, Site
from reporter.domain.footprint import Footprint, add
from reporter.domain.units import J_PER_KWH

CO2_ONLY = "CO2 only"
"""What the label of a factor says that leaves other greenhouse gases out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """The machine's energy at one place, with its intensity and its PUE, in gCO2e; `kind` is that of its factor."""

    intensity: Intensity
    pue: Pue
    kind: str
    gco2e: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Places for the same energy, best first: `alike` may be held against the job, `apart` may not.

    `kind` is that of the job's own factor; None where there is no comparing: the region is not known,
    or the factor was given by hand, is live, or is of several kinds.
    """

    it_j: float
    gco2e: float
    kind: str | None
    alike: tuple[Alternative, ...]
    apart: tuple[Alternative, ...]


def elsewhere(footprints: Sequence[Footprint], sites: Sequence[Site]) -> Elsewhere | None:
    """The energy of these jobs together at each site: Σ it_j × PUE × intensity; None where it is not known.

    Direct and life-cycle factors differ in method, so only places with the jobs' own kind of factor are alike.
    """
    it_j = add([footprint.energy.it_j for footprint in footprints])
    gco2e = add([footprint.emissions.gco2e for footprint in footprints])
    if it_j is None or gco2e is None:
        return None
    kinds = {kind_of(footprint.intensity) for footprint in footprints}
    kind = kinds.pop() if len(kinds) == 1 else None
    own = {footprint.intensity.region for footprint in footprints} if len(footprints) == 1 else set()
    found = sorted(
        (
            Alternative(
                intensity=site.intensity,
                pue=site.pue,
                kind=kind_of(site.intensity) or "unknown",
                gco2e=it_j * site.pue.ratio / J_PER_KWH * site.intensity.gco2e_per_kwh,
            )
            for site in sites
            if site.intensity.region not in own
        ),
        key=lambda place: (place.gco2e, place.intensity.region or ""),
    )
    return Elsewhere(
        it_j=it_j,
        gco2e=gco2e,
        kind=kind,
        alike=tuple(place for place in found if place.kind == kind),
        apart=tuple(place for place in found if place.kind != kind),
    )


def kind_of(intensity: Intensity) -> str | None:
    """What a yearly average counts: direct or lifecycle, and whether CO2 alone; None for every other factor."""
    if (
        not intensity.known
        or intensity.origin != "table"
        or intensity.kind != "average"
        or intensity.scope == "unknown"
    ):
        return None
    return f"{intensity.scope}, {CO2_ONLY}" if CO2_ONLY in (intensity.label or "") else intensity.scope
