"""The shipped tables: grid carbon intensity, PUE, power models. Dated, with a source on every row, read on demand.

What a job needs is imported here; the lists for people (`regions`, `sources`, `rows`) and the checks
(`validate`) load when they are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reporter.factors.grid import default_intensity, intensity_of
from reporter.factors.hardware import cpu_curve, dram_curve
from reporter.factors.pack import Pack, pack
from reporter.factors.pue import pue_of

if TYPE_CHECKING:
    from reporter.factors.catalogue import Region, Row, Source, region_of, regions, rows, sources
    from reporter.factors.validation import validate

__all__ = [
    "Pack",
    "Region",
    "Row",
    "Source",
    "cpu_curve",
    "default_intensity",
    "dram_curve",
    "intensity_of",
    "pack",
    "pue_of",
    "region_of",
    "regions",
    "rows",
    "sources",
    "validate",
]


def __getattr__(name: str) -> object:
    """The lists and checks, imported at first use: no job needs them."""
    from importlib import import_module  # noqa: PLC0415

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "validation" if name == "validate" else "catalogue"
    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    return value
