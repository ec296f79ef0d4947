"""What the options of `emissions estimate` declare: counts, watts and hours, every wrong one told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from reporter.domain.estimate import CORES, GIVEN, MEMORY, RATED, Part, Tally, Work
from reporter.domain.readings import Component, Gpu, Hardware
from reporter.domain.units import ENERGY_UNITS, UnitError, scale_of, split_quantity
from reporter.errors import Problem, UnknownHardware, did_you_mean
from reporter.factors import accelerator_of, constant, processor_of

S_PER_HOUR = 3600.0
MOST_LISTED_GPUS = 1_000
"""More accelerators are in the label alone: a list of them would be all that is in the footprint."""

_WATTS = {"": 1.0, "W": 1.0, "kW": 1e3, "MW": 1e6}
_HOURS = {"": 1.0, "h": 1.0, "s": 1 / 3600, "min": 1 / 60, "d": 24.0}
_GIGABYTES = {"": 1.0, "GB": 1.0, "MB": 1e-3, "TB": 1e3}
_RATIO = {"": 1.0, "%": 0.01}
_COUNT = {"": 1.0}


class _Kind(NamedTuple):
    """How one option's number is written: its units, its greatest value, and whether it may be 0."""

    units: Mapping[str, float]
    most: float
    zero: bool = False


_NUMBERS = {
    "power": _Kind(_WATTS, 1e9),
    "count": _Kind(_COUNT, 1e6),
    "utilisation": _Kind(_RATIO, 1.0, zero=True),
    "tdp": _Kind(_WATTS, 5e4),
    "cpu-watts": _Kind(_WATTS, 1e8, zero=True),
    "cores": _Kind(_COUNT, 1e8),
    "cpu-utilisation": _Kind(_RATIO, 1.0, zero=True),
    "dram-watts": _Kind(_WATTS, 1e8, zero=True),
    "memory-gb": _Kind(_GIGABYTES, 1e9, zero=True),
    "hours": _Kind(_HOURS, 1e9),
    "repeats": _Kind(_COUNT, 1e5),
    "queries": _Kind(_COUNT, 1e15),
    "epochs": _Kind(_COUNT, 1e9),
}
"""The greatest values are far beyond any machine's; their products stay what a footprint can hold."""
_MOST_EACH_J = 1e12
_PARTS = (
    "gpu", "count", "utilisation", "tdp", "cpu", "cores", "cpu-utilisation", "cpu-watts", "dram-watts", "memory-gb",
)  # fmt: skip
_TALLIES = (("queries", "energy-per-query", "query"), ("epochs", "energy-per-epoch", "epoch"))
_PARENTS = {
    "count": ("gpu", "tdp"),
    "utilisation": ("gpu", "tdp"),
    "cpu-utilisation": ("cpu", "cores"),
    "energy-per-query": ("queries",),
    "energy-per-epoch": ("epochs",),
}
"""Options that mean nothing without one of these."""
_RIVALS = (
    ("power", _PARTS, "the power is the whole machine's, so its parts would count twice"),
    ("cpu-watts", ("cpu", "cores", "cpu-utilisation"), "the processors would count twice"),
    ("dram-watts", ("memory-gb",), "memory would count twice"),
)
EXAMPLE = "emissions estimate --gpu A100 --count 8 --hours 24 --region FR"


def declared(options: Mapping[str, str | None]) -> tuple[Work, tuple[Problem, ...]]:
    """The work that these options describe, and every problem with them; with any problem the work is not to be used.

    A plain number of watts, hours or gigabytes needs no unit, since the option names it; energies do.
    """
    reader = _Reader({name: text.strip() for name, text in options.items() if text is not None and text.strip()})
    work = reader.work()
    return work, tuple(reader.problems)


class _Reader:
    def __init__(self, texts: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self._texts = texts
        self._numbers = {name: self._number(name, texts[name]) for name in _NUMBERS if name in texts}

    def work(self) -> Work:
        self._check()
        gpus, cpus = self._accelerators(), self._processors()
        parts = (*self._machine(), *gpus, *cpus, *self._memory())
        hours = self._numbers.get("hours")
        named = self._texts.get("cpu")
        memory_gb, cores = self._numbers.get("memory-gb"), self._numbers.get("cores")
        return Work(
            parts=parts,
            time_s=hours * S_PER_HOUR if hours and parts else None,
            repeats=self._numbers.get("repeats") or 1.0,
            tallies=self._tallies(),
            hardware=Hardware(
                gpus=tuple(Gpu(uuid="", name=self._gpu_name()) for _ in range(self._listed())) if gpus else (),
                cpu=cpus[0].label.rpartition(" × ")[2].partition(" at ")[0] if cpus and named else None,
                cpu_count=int(cores) if cores and cores.is_integer() else None,
                memory_gb=memory_gb,
            ),
        )
