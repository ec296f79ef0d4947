"""Accelerators and processors by the names that drivers, clouds and people give them: power, memory, making."""

from __future__ import annotations

import re
from typing import NamedTuple

from reporter.errors import UnknownHardware
from reporter.factors.table import keyed, rows_of

SUGGESTIONS = 3
ALIKE = 0.6
"""From this similarity on a model is suggested (difflib's ratio, over letters and digits)."""

_NOISE = re.compile(r"\((r|tm)\)|@.*|\b(nvidia|amd|intel|google|cpu|gpu|processor|\d+-core)\b", re.IGNORECASE)
"""What names of one model have and others lack."""


class Embodied(NamedTuple):
    """Emissions of making one `per` (a GPU, a server), in kgCO2e; `low` and `high` are what it may as well be."""

    key: str
    kgco2e: float
    low_kgco2e: float
    high_kgco2e: float
    per: str
    boundary: str
    kind: str
    year: int
    source: str
    licence: str
    note: str


class Accelerator(NamedTuple):
    """A model of accelerator: rated power, and what was measured at idle and full load, in W; None: not published."""

    name: str
    rated_w: float
    idle_w: float | None
    max_w: float | None
    memory_gb: float | None
    embodied: Embodied
    kind: str
    year: int
    source: str
    licence: str
    note: str


class Processor(NamedTuple):
    """A model of processor: its thermal design power, whole and per core, in W."""

    name: str
    rated_w: float
    cores: int
    w_per_core: float
    kind: str
    year: int
    source: str
    licence: str
    note: str


def accelerator_of(name: str) -> Accelerator:
    """The accelerator that a driver, a cloud or a person calls so: `NVIDIA H100 80GB HBM3`, `nvidia-tesla-t4`, `A100`.

    A family's name stands for its most common form (`A100`: SXM4 with 80 GB); a slice (MIG) for the whole board.
    Raises `UnknownHardware` with the nearest names.
    """
    spelt = re.sub(r"[-_\s]+", " ", name)
    for row in rows_of("accelerators.csv"):
        if re.search(row["pattern"], spelt, re.IGNORECASE):
            return Accelerator(
                name=row["name"],
                rated_w=float(row["rated_w"]),
                idle_w=_optional(row["idle_w"]),
                max_w=_optional(row["max_w"]),
                memory_gb=_optional(row["memory_gb"]),
                embodied=embodied_of(row["embodied"]),
                kind=row["kind"],
                year=int(row["year"]),
                source=row["source"],
                licence=row["licence"],
                note=row["note"],
            )
    names = tuple(row["name"] for row in rows_of("accelerators.csv"))
    raise UnknownHardware("Accelerator", name.strip(), _nearest(name, names), table="accelerators")


def processor_of(name: str) -> Processor:
    """The processor that /proc/cpuinfo or a person calls so: `Intel(R) Xeon(R) Gold 6142 CPU @ 2.60GHz`, `EPYC 7763`.

    Of several models that are in the name, the longest counts. Raises `UnknownHardware` with the nearest names.
    """
    spelt = f" {_words(name)} "
    found = [row for row in rows_of("processors.csv") if f" {_words(row['model'])} " in spelt]
    if not found:
        names = tuple(row["model"] for row in rows_of("processors.csv"))
        raise UnknownHardware("Processor", name.strip(), _nearest(name, names), table="processors")
    row = max(found, key=lambda row: len(_words(row["model"])))
    return Processor(
        name=row["model"],
        rated_w=float(row["rated_w"]),
        cores=int(row["cores"]),
        w_per_core=float(row["w_per_core"]),
        kind=row["kind"],
        year=int(row["year"]),
        source=row["source"],
        licence=row["licence"],
        note=row["note"],
    )


def embodied_of(key: str) -> Embodied:
    """The emissions of making one thing: `h100`, `gpu` (any model), `server`. Raises KeyError."""
    row = keyed("embodied.csv")[key]
    return Embodied(
        key=key,
        kgco2e=float(row["kgco2e"]),
        low_kgco2e=float(row["low_kgco2e"]),
        high_kgco2e=float(row["high_kgco2e"]),
        per=row["per"],
        boundary=row["boundary"],
        kind=row["kind"],
        year=int(row["year"]),
        source=row["source"],
        licence=row["licence"],
        note=row["note"],
    )


def _words(name: str) -> str:
    return " ".join(_NOISE.sub(" ", name).lower().split())


def _nearest(name: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Up to three names like this one: as a whole, else by their first word (`H10O` for an H100)."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a wrong name needs it

    found: dict[str, None] = {}
    for spelling in (_letters, _family):
        index: dict[str, list[str]] = {}
        for model in names:
            index.setdefault(spelling(model), []).append(model)
        for match in get_close_matches(spelling(name), index, n=SUGGESTIONS, cutoff=ALIKE):
            found.update(dict.fromkeys(index[match]))
        if found:
            break
    return tuple(found)[:SUGGESTIONS]


def _family(name: str) -> str:
    return _words(name).partition(" ")[0].replace("o", "0")


def _letters(name: str) -> str:
    """Letters and digits alone; `O` is taken for the zero that it is mistaken for."""
    return "".join(character for character in _words(name) if character.isalnum()).replace("o", "0")


def _optional(text: str) -> float | None:
    return float(text) if text else None
