"""The shipped tables: grid carbon intensity, PUE, power models. Dated, with a source on every row, read on demand.

Each name loads its module when it is asked for, and each module its tables: a job needs few of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    from reporter.factors.fabs import Node, fab_of, node_of
    from reporter.factors.grid import default_intensity, intensity_flags, intensity_of
    from reporter.factors.hardware import cpu_curve, dram_curve
    from reporter.factors.place import key_of
    from reporter.factors.pue import pue_of, world_pue
    from reporter.factors.release import Pack, pack, stale
    from reporter.factors.validation import validate
    from reporter.factors.water import Water, wue_of

__all__ = [
    "Accelerator",
    "Constant",
    "Embodied",
    "Equivalent",
    "Node",
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
    "fab_of",
    "intensity_flags",
    "intensity_of",
    "key_of",
    "node_of",
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
    "fabs": ("Node", "fab_of", "node_of"),
    "grid": ("default_intensity", "intensity_flags", "intensity_of"),
    "hardware": ("cpu_curve", "dram_curve"),
    "release": ("Pack", "pack", "stale"),
    "place": ("key_of",),
    "pue": ("pue_of", "world_pue"),
    "validation": ("validate",),
    "water": ("Water", "wue_of"),
}  # fmt: skip
"""Where each name is; imported at first use."""


def __getattr__(name: str) -> object:
    """A name, imported at first use."""
    from importlib import import_module  # noqa: PLC0415

    for module, names in _MODULES.items():
        if name in names:
            value: object = getattr(import_module(f"{__name__}.{module}"), name)
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
