"""Making a die, by the area that it takes of a wafer: ACT (Gupta et al., ISCA 2022)."""

from __future__ import annotations

from dataclasses import dataclass

LEAST_ABATED_RATIO, MOST_ABATED_RATIO = 0.95, 0.99
"""The parts of a fab's gases that are destroyed for which values are published."""
YIELD_RATIO = 0.875
"""ACT's own default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Die:
    """A die as declared: `node` is a key of the table (`7 nm`); of several dies the area is that of all together."""

    node: str
    area_cm2: float
    fab_gco2e_per_kwh: float
    """Of the electricity where it was made."""
    yield_ratio: float = YIELD_RATIO
    abated_ratio: float = LEAST_ABATED_RATIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Fab:
    """What a fab of one node needs and emits by area: electricity, gases at the two abatements, materials."""

    energy_kwh_per_cm2: float
    gas_least_abated_gco2e_per_cm2: float
    gas_most_abated_gco2e_per_cm2: float
    material_gco2e_per_cm2: float
    source: str


def gas_gco2e_per_cm2(die: Die, fab: Fab) -> float:
    """GPA: between the two published abatements it is linear, so that 97 % is their mean, as in ACT."""
    part = (die.abated_ratio - LEAST_ABATED_RATIO) / (MOST_ABATED_RATIO - LEAST_ABATED_RATIO)
    return fab.gas_least_abated_gco2e_per_cm2 * (1 - part) + fab.gas_most_abated_gco2e_per_cm2 * part


def area_gco2e_per_cm2(die: Die, fab: Fab) -> float:
    """ACT's CPA = (CI × EPA + GPA + MPA) ÷ Y."""
    electricity = die.fab_gco2e_per_kwh * fab.energy_kwh_per_cm2
    return (electricity + gas_gco2e_per_cm2(die, fab) + fab.material_gco2e_per_cm2) / die.yield_ratio


def die_gco2e(die: Die, fab: Fab) -> float:
    """Area × CPA: the die alone, without package, memory and board."""
    return die.area_cm2 * area_gco2e_per_cm2(die, fab)


def how(die: Die, fab: Fab) -> str:
    """The calculation with its numbers, in g and cm²."""
    return (
        f"{fab.source}: {die.area_cm2:g} cm² × ({die.fab_gco2e_per_kwh:g} g/kWh × {fab.energy_kwh_per_cm2:g} kWh/cm² + "
        f"{gas_gco2e_per_cm2(die, fab):g} + {fab.material_gco2e_per_cm2:g} g/cm²) ÷ {die.yield_ratio:g}, the die alone"
    )
