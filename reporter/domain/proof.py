"""Whether the figures of a footprint follow from its own energy, PUE and intensity, as anybody can work out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isclose

from reporter.domain.footprint import Footprint
from reporter.domain.recomputed import Recomputed, was
from reporter.domain.series import gco2e_per_kwh
from reporter.domain.units import J_PER_KWH

FIGURES_DISAGREE = "figures-disagree"
"""It came with facility energy or emissions that do not follow from its energy; they are left as they were."""
SAME_RATIO = 1e-6
NOTHING = 1e-12
"""Joules or grams that nobody misses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Facility energy, J, or emissions, gCO2e: the amount that is written, the value that follows."""

    is_energy: bool
    amount: float
    value: float


def proved(footprint: Footprint) -> Footprint:
    """The footprint as it is, flagged where its figures do not follow."""
    if FIGURES_DISAGREE in footprint.flags or not _disagreements(footprint, was(footprint)):
        return footprint
    return replace(footprint, flags=(*footprint.flags, FIGURES_DISAGREE))


def disagreements(footprint: Footprint) -> tuple[Disagreement, ...]:
    """Figures that do not follow: its own, else those that it had before its factors were replaced."""
    before = footprint.recomputed
    said = (was(footprint), before, before and before.first)
    return next((found for row in said if row and (found := _disagreements(footprint, row))), ())


def _disagreements(footprint: Footprint, said: Recomputed) -> tuple[Disagreement, ...]:
    """What is missing disagrees with nothing. With a series emissions are Σ Eᵢ × Iᵢ."""
    it_j = footprint.energy.it_j
    if it_j is None:
        return ()
    facility_j = it_j * said.pue.ratio
    gco2e = facility_j / J_PER_KWH * gco2e_per_kwh(said.intensity)
    return tuple(
        Disagreement(is_energy=is_energy, amount=written, value=due)
        for is_energy, written, due in ((True, said.facility_j, facility_j), (False, said.emissions.gco2e, gco2e))
        if written is not None and not isclose(written, due, rel_tol=SAME_RATIO, abs_tol=NOTHING)
    )
