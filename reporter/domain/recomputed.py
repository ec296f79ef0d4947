"""What a footprint said before its factors were replaced, and what each replaced factor does to its emissions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reporter.domain.carbon import Emissions, Intensity, Pue, Tool

if TYPE_CHECKING:
    from reporter.domain.footprint import Footprint

INTENSITY, PUE = "intensity", "pue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """The factors and figures that were replaced. The machine's energy is not among them: it stays as measured."""

    pue: Pue
    intensity: Intensity
    facility_j: float | None
    emissions: Emissions
    tool: Tool
    """What had computed them; the tables are not known where a recording does not say which."""
    first: Recomputed | None = None
    """What it said when it was made, where it had been recomputed even before these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One replaced factor, `intensity` or `pue`, and the emissions before and after it, in gCO2e."""

    factor: str
    before_gco2e: float | None
    after_gco2e: float | None


def was(footprint: Footprint) -> Recomputed:
    """What this footprint says, to be kept when its factors are replaced; of all before that, the first is kept."""
    earlier = footprint.recomputed
    return Recomputed(
        pue=footprint.pue,
        intensity=footprint.intensity,
        facility_j=footprint.energy.facility_j,
        emissions=footprint.emissions,
        tool=footprint.tool,
        first=earlier and (earlier.first or earlier),
    )


def changes(footprint: Footprint) -> tuple[Change, ...]:
    """The factors that differ from before, the intensity first: each change starts where the last one ended.

    Emissions are proportional to the PUE, so what the intensity alone does is exact: now × PUE before ÷ PUE now.
    """
    before, intensity, pue = footprint.recomputed, footprint.intensity, footprint.pue
    if before is None:
        return ()
    gco2e = footprint.emissions.gco2e
    found: list[Change] = []
    between_gco2e = None if gco2e is None else gco2e * before.pue.ratio / pue.ratio
    if intensity != before.intensity:
        found.append(Change(factor=INTENSITY, before_gco2e=before.emissions.gco2e, after_gco2e=between_gco2e))
    if pue != before.pue:
        found.append(Change(factor=PUE, before_gco2e=between_gco2e, after_gco2e=gco2e))
    return tuple(found)
