"""Sources of readings. To add one: a module here, one line in `PROBES`, and the contract suite in the tests.

A probe is told where to look and what to leave out; it never decides what the readings mean.
"""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple, Protocol

from reporter.domain.readings import Component, Description, Recording


class Probe(Protocol):
    """One source. "Not here" never raises: it is an `Unavailable` in the description."""

    def describe(self) -> Description:
        """Open the source once and say what it can read. Never raises."""
        ...

    def read(self) -> tuple[int | None, ...]:
        """One value per column, None for a missed one. The sampler stamps the time around the call. Never raises."""
        ...

    def reasons(self) -> tuple[tuple[str, str], ...]:
        """Why meters are failing just now: pairs of meter id and reason, empty when all is well."""
        ...

    def close(self) -> None:
        """Let go of the source; may be called twice."""
        ...


class Inspector(Protocol):
    """What a probe may offer besides: a look at who uses its devices, too slow for every reading."""

    def inspect(self, own: frozenset[int]) -> tuple[str, ...]:
        """Flags for the report, given the process ids of the command and its descendants, empty before and after it.

        Called rarely, by the thread that reads. Never raises.
        """
        ...


class Starter(Protocol):
    """What a probe may offer besides: to be told when the command started."""

    def begin(self, start_ns: int) -> None:
        """The command started at this monotonic time. Never raises."""
        ...


class Entry(NamedTuple):
    """A module of this package that defines `open_probe(context)`, and what it mainly covers."""

    module: str
    component: Component
    argument: str | None = None
    """What follows its name after a colon (`PATH`). Such a source is opened only where it is asked for."""


PROBES: dict[str, Entry] = {
    "nvml": Entry("nvml", Component.GPU),
    "rapl": Entry("rapl", Component.CPU),
    "hwmon": Entry("hwmon", Component.GPU),
    "cpu_model": Entry("cpu_model", Component.CPU),
    "dram_model": Entry("dram_model", Component.DRAM),
    "replay": Entry("replay", Component.NODE, argument="PATH"),
}
"""Sources by preference: a later one stands in where an earlier one has no meter for its component."""


def spellings() -> tuple[str, ...]:
    """How each source is asked for: `nvml`, `replay:PATH`."""
    return tuple(f"{name}:{entry.argument}" if entry.argument else name for name, entry in PROBES.items())


class Replay(NamedTuple):
    """A recording to be played back; it is read at the edge, since a probe opens nothing but its devices."""

    name: str
    """Of its file, for the report."""
    recording: Recording


class ProbeContext:
    """What probes are given: roots and selections, taken from the environment at the edge.

    `environment` is a copy of the command's environment (CUDA_VISIBLE_DEVICES, EMISSIONS_NVML_LIBRARY …);
    `root` is the folder that holds sys/ and proc/; `gpus` is `auto`, `all` or a list of indices and UUIDs;
    `replay` is the recording that `--sources replay:PATH` names.
    """

    __slots__ = ("environment", "gpus", "replay", "root")

    def __init__(
        self, *, environment: dict[str, str], root: str = "/", gpus: str = "auto", replay: Replay | None = None
    ) -> None:
        self.environment = environment
        self.root = root
        self.gpus = gpus
        self.replay = replay


def open_probe(name: str, context: ProbeContext) -> Probe:
    """The probe of this name, not yet opened."""
    probe: Probe = import_module(f"{__name__}.{PROBES[name].module}").open_probe(context)
    return probe
