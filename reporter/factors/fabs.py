"""What making a wafer needs and emits, by node, from the shipped tables."""

from __future__ import annotations

from typing import NamedTuple

from reporter.domain.die import Fab
from reporter.errors import UnknownHardware
from reporter.factors.table import rows_of


class Node(NamedTuple):
    """A process, with what a fab needs and emits for a cm² of it; gases where 95 % and 99 % of them are destroyed."""

    name: str
    kwh_per_cm2: float
    gas_95_g_per_cm2: float
    gas_99_g_per_cm2: float
    material_g_per_cm2: float
    kind: str
    year: int
    source: str
    licence: str


def node_of(name: str) -> Node:
    """The node that is written so, `7 nm` or `7nm`. Raises `UnknownHardware`; an edition may have none at all."""
    spelt = "".join(name.split()).lower()
    rows = {"".join(row["key"].split()): row for row in rows_of("fabs.csv")}
    row = rows.get(spelt)
    if row is None:
        meant = rows.get(f"{spelt}nm")
        nearest = () if meant is None else (meant["key"],)
        raise UnknownHardware("Node", name.strip(), nearest, table="fabs")
    return Node(
        name=row["key"],
        kwh_per_cm2=float(row["kwh_per_cm2"]),
        gas_95_g_per_cm2=float(row["gas_95_g_per_cm2"]),
        gas_99_g_per_cm2=float(row["gas_99_g_per_cm2"]),
        material_g_per_cm2=float(row["material_g_per_cm2"]),
        kind=row["kind"],
        year=int(row["year"]),
        source=row["source"],
        licence=row["licence"],
    )


def fab_of(node: str) -> Fab:
    """What a die of this node is computed with. Raises `UnknownHardware`."""
    found = node_of(node)
    return Fab(
        energy_kwh_per_cm2=found.kwh_per_cm2,
        gas_least_abated_gco2e_per_cm2=found.gas_95_g_per_cm2,
        gas_most_abated_gco2e_per_cm2=found.gas_99_g_per_cm2,
        material_gco2e_per_cm2=found.material_g_per_cm2,
        source=f"{found.source} {found.year}",
    )
