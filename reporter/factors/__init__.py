"""The shipped tables: grid carbon intensity, PUE, power models. Dated, with a source on every row, read on demand.

What a job needs is imported here; what estimates need (`accelerator_of`), the lists for people (`regions`, `sources`,
`rows`) and the checks (`validate`) load when they are asked for. So does each table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reporter.factors.grid import default_intensity, intensity_flags, intensity_of
from reporter.factors.hardware import cpu_curve, dram_curve
from reporter.factors.pack import Pack, pack, stale
from reporter.factors.pue import pue_of, world_pue

if TYPE_CHECKING:
    from reporter.factors.catalogue import (
        Region,
        Row,
        Source,
        country_of,
        read_table,
        region_of,
        regions,
        rows,
        sources,
        tables,
    )
    from reporter.factors.constants import Constant, Equivalent, constant, equivalent, equivalents
    from reporter.factors.devices import (
        Accelerator,
        Embodied,
        Processor,
        accelerator_of,
        embodied_of,
        processor_of,
    )
    from reporter.factors.validation import validate
    from reporter.factors.water import Water, wue_of

__all__ = [
    "Accelerator",
    "Constant",
    "Embodied",
    "Equivalent",
    "Pack",
    "Processor",
    "Region",
    "Row",
    "Source",
    "Water",
    "accelerator_of",
    "constant",
    "country_of",
    "cpu_curve",
    "default_intensity",
    "dram_curve",
    "embodied_of",
    "equivalent",
    "equivalents",
    "intensity_flags",
    "intensity_of",
    "pack",
    "processor_of",
    "pue_of",
    "read_table",
    "region_of",
    "regions",
    "rows",
    "sources",
    "stale",
    "tables",
    "validate",
    "world_pue",
    "wue_of",
]

_MODULES = {
    "catalogue": (
        "Region", "Row", "Source", "country_of", "read_table", "region_of", "regions", "rows", "sources", "tables",
    ),
    "constants": ("Constant", "Equivalent", "constant", "equivalent", "equivalents"),
    "devices": ("Accelerator", "Embodied", "Processor", "accelerator_of", "embodied_of", "processor_of"),
    "validation": ("validate",),
    "water": ("Water", "wue_of"),
}  # fmt: skip
"""What is imported at first use: no job needs it."""


def __getattr__(name: str) -> object:
    """The names that no job needs, imported at first use."""
    from importlib import import_module  # noqa: PLC0415

    for module, names in _MODULES.items():
        if name in names:
            value: object = getattr(import_module(f"{__name__}.{module}"), name)
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
