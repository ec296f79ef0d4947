"""What a probe reads and a recording keeps: raw integers with their unit, and why some are missing.

Nothing here is interpreted: no PUE, no carbon, no sums.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Component(str, Enum):
    """The part of the machine that a meter covers."""

    GPU = "gpu"
    CPU = "cpu"
    DRAM = "dram"
    NODE = "node"
    MODULE = "module"


class Method(str, Enum):
    """How energy follows from the readings: a counter's difference, power over time, or a model."""

    COUNTER = "counter"
    INTEGRATED = "integrated"
    MODELLED = "modelled"


class Quantity(str, Enum):
    """What one column of a recording holds."""

    ENERGY_UJ = "energy_uj"
    """A cumulative energy counter, microjoules."""
    POWER_MW = "power_mw"
    """A power gauge, milliwatts."""
    BUSY_NS = "busy_ns"
    """Cumulative busy CPU time over all processors that the job may use, nanoseconds."""
    HOST_BUSY_NS = "host_busy_ns"
    """The same of the whole machine, where the job has only a part of it, nanoseconds."""
    UTILISATION_PERCENT = "utilisation_percent"
    """A GPU's utilisation over the driver's last sampling period, whole percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerCurve:
    """A power model: points of (load 0–1, watts), linear in between and flat beyond the ends.

    One point is a constant: it needs time only, no readings.
    `cpus` is the number of processors that a load of 1 keeps busy.
    """

    points: tuple[tuple[float, float], ...]
    cpus: int
    source: str
    year: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """One thing that has energy, and how to get from its readings to joules.

    `gain_low_ratio` and `gain_high_ratio` bound the systematic error as factors of the energy
    (0.95 and 1.05: ±5 %); they never enter repeatability.
    `tick_s` is the longest time by which a reading may lag behind: it enters both intervals.
    """

    meter_id: str
    label: str
    component: Component
    method: Method
    source: str
    parent_id: str | None = None
    """The meter that physically contains this one: it is then not counted again."""
    wraps_at_uj: int | None = None
    """The counter's range: it returns to 0 after this value. None: it never wraps, a decrease is a reset."""
    tick_s: float = 0.0
    window_s: float = 0.0
    """A power reading is the mean over this time before it; 0: of the moment, or not known."""
    peak_power_w: float | None = None
    """The power limit: a reading far above it is absurd."""
    gain_low_ratio: float = 1.0
    gain_high_ratio: float = 1.0
    model: PowerCurve | None = None
    selected: bool = True
    """Whether the command may use it: a GPU outside CUDA_VISIBLE_DEVICES is read but not counted."""
    shared: bool = False
    """Others may use it too: a MIG parent, a GPU with foreign processes."""
    holds: tuple[Component, ...] = ()
    """What else it measures, beyond what its component always does: a Grace CPU's meter holds its memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a source's samples."""

    meter_id: str
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One column over time. `values[i]` was read at `t_ns[i]` (monotonic); None is a missed reading."""

    meter_id: str
    quantity: Quantity
    t_ns: tuple[int, ...]
    values: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """A source, or one device of it, that could not be read.

    `expected` is true where its absence is the normal case (no NVIDIA driver);
    a GPU that is there but cannot be read is not expected, and makes a verdict unknown.
    """

    source: str
    reason: str
    remedy: str | None = None
    expected: bool = False
    component: Component | None = None
    """What it would have covered, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """From `t_ns` on a meter gave no readings, for this reason."""

    meter_id: str
    t_ns: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """A GPU that the command could use."""

    uuid: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """What the job ran on; None is not known."""

    gpus: tuple[Gpu, ...] = ()
    cpu: str | None = None
    cpu_count: int | None = None
    """Processors that the job may use."""
    memory_gb: float | None = None
    """Memory that the job may use."""
    host_cpu_count: int | None = None
    """Processors of the whole machine, where the job may use only some of them (a container's limit)."""
    cpu_share_ratio: float | None = None
    """Its part of the machine's processors, exact where a quota allows fractions of one; None where it has them all."""
    host_memory_gb: float | None = None
    """Memory of the whole machine, where the job may use only a part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a probe found. `columns` names the values of each `read()`, in order."""

    meters: tuple[Meter, ...] = ()
    columns: tuple[Column, ...] = ()
    unavailable: tuple[Unavailable, ...] = ()
    gpus: tuple[Gpu, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Which job this is, for reports and comparisons."""

    name: str
    command: tuple[str, ...] | None = None
    exit_status: int | None = None
    """The command's own; None for a session, and if the meter was killed before the command ended."""
    started_at: str | None = None
    """UTC, as 2026-01-01T00:00:00Z: which hours of the grid were the job's. `duration_s` is never taken from it."""
    duration_s: float | None = None
    repository: str | None = None
    sha: str | None = None
    run_id: int | None = None
    run_attempt: int | None = None
    pull_request: int | None = None
    branch: str | None = None
    """The one that was built: of a pull request its own, not the one that it goes to."""
    runner: str | None = None
    """The runner's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A named part of the job, in seconds since its start."""

    label: str
    start_s: float
    end_s: float
    energy_j: float | None = None
    idle_j: float | None = None
    """Of that, what GPUs took while they computed nothing; None where that is not known."""
    count: int = 1
    """How often it came, where a job with very many phases has them summed by name."""
    duration_s: float | None = None
    """The time that it took, where that is not all of the time from its start to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """From `t_ns` (monotonic) on the job is in the phase of this name, until the next mark."""

    label: str
    t_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Everything that was read during one job.

    `start_ns` and `end_ns` (monotonic) bound the command; readings may lie outside.
    `complete` is false when the meter was killed: `end_ns` is then the last reading.
    """

    job: Job
    hardware: Hardware
    start_ns: int
    end_ns: int
    complete: bool
    meters: tuple[Meter, ...]
    series: tuple[Series, ...]
    missed: tuple[Missed, ...] = ()
    unavailable: tuple[Unavailable, ...] = ()
    flags: tuple[str, ...] = ()
    self_cpu_s: float | None = None
    """CPU time that the meter itself took, seconds."""
    units: tuple[tuple[str, float], ...] = field(default=())
    """Work done, from the metrics file: ("sample", 50000)."""
    marks: tuple[Mark, ...] = ()
    """In the order of time."""
    idle_ns: tuple[int, int] | None = None
    """Between these times, before the command, the machine was measured idle (`--idle-baseline`)."""
