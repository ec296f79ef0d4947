"""A job's part of what meters of a whole machine read, where its control group was given only a part of the machine.

Processors: dynamic energy × (its busy time ÷ the machine's) + idle energy × (its processors ÷ the machine's).
What is idle follows from the model's curve at the machine's load: power at no load ÷ power at this load.
Memory: its limit ÷ the machine's. How wrong the split can be lies between "all idle" and "all dynamic".
A GPU is given whole, and a model already knows the group's limits: neither is divided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from reporter.domain.meter import Window
from reporter.domain.model import watts
from reporter.domain.readings import Component, Hardware, Meter, PowerCurve, Quantity, Recording

SOURCES = frozenset({"rapl", "hwmon"})
"""Their meters see the whole machine, wherever they are read."""
FLAGS = {Component.CPU: "cpu-share", Component.DRAM: "memory-share"}


class Portion(NamedTuple):
    """A part of some energy (0–1), the least and the most that it may be, and the part of an idle machine's."""

    ratio: float
    low_ratio: float
    high_ratio: float
    idle_ratio: float


class _Work(NamedTuple):
    """The job's part of the machine's busy time, and the idle part of the machine's energy, both 0–1."""

    ratio: float
    idle_ratio: float


def portions(recording: Recording, window: Window) -> dict[Component, Portion]:
    """The part of each component's energy that is the job's; empty where it had the whole machine."""
    hardware = recording.hardware
    work = _work(recording, window)
    found: dict[Component, Portion] = {}
    cpus_ratio = _cpus_ratio(hardware)
    if cpus_ratio is not None and cpus_ratio < 1:
        ratio = cpus_ratio if work is None else work.idle_ratio * cpus_ratio + (1 - work.idle_ratio) * work.ratio
        found[Component.CPU] = _portion(ratio, cpus_ratio, work)
    memory_ratio = _ratio(hardware.memory_gb, hardware.host_memory_gb)
    if memory_ratio is not None and memory_ratio < 1:
        found[Component.DRAM] = _portion(memory_ratio, memory_ratio, work)
    return found


def portion_of(meter: Meter, found: Mapping[Component, Portion]) -> Portion | None:
    """The part of this meter's energy that is the job's; None where all of it is."""
    return found.get(meter.component) if meter.source in SOURCES else None


def share_flags(counted: Mapping[Component, Portion]) -> Iterator[str]:
    """Codes for the parts that counted: `cpu-share:12 %`, `memory-share:25 %`."""
    for component, code in FLAGS.items():
        if component in counted:
            yield f"{code}:{100 * counted[component].ratio:.3g} %"


def _portion(ratio: float, idle_ratio: float, work: _Work | None) -> Portion:
    """Traffic to memory follows the processors' work; where that is not known, anything is possible."""
    low_ratio, high_ratio = (0.0, 1.0) if work is None else (work.ratio, work.ratio)
    return Portion(
        ratio=ratio,
        low_ratio=min(idle_ratio, low_ratio),
        high_ratio=max(idle_ratio, high_ratio),
        idle_ratio=idle_ratio,
    )


def _cpus_ratio(hardware: Hardware) -> float | None:
    exact = hardware.cpu_share_ratio
    return _ratio(hardware.cpu_count, hardware.host_cpu_count) if exact is None else max(0.0, exact)


def _ratio(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None


def _work(recording: Recording, window: Window) -> _Work | None:
    """From the busy times that the processors' model reads side by side; None where they are not both there."""
    cpus = recording.hardware.host_cpu_count
    for meter in recording.meters:
        busy_ns = _busy_ns(meter, window)
        if busy_ns is None or meter.model is None or not cpus:
            continue
        own_ns, host_ns, span_ns = busy_ns
        return _Work(
            ratio=min(1.0, own_ns / host_ns),
            idle_ratio=_idle_ratio(meter.model, host_ns / (span_ns * cpus)),
        )
    return None


def _busy_ns(meter: Meter, window: Window) -> tuple[int, int, int] | None:
    """Busy time of the job and of the machine, and the time that they were counted over; None with too few readings.

    A counter that went back, or a machine that was not busy at all, tells nothing of the pair of readings.
    """
    own = window.series.get((meter.meter_id, Quantity.BUSY_NS))
    host = window.series.get((meter.meter_id, Quantity.HOST_BUSY_NS))
    if own is None or host is None:
        return None
    machine = dict(zip(host.t_ns, host.values, strict=True))
    rows = [
        (t, mine, theirs)
        for t, mine in zip(own.t_ns, own.values, strict=True)
        if mine is not None and (theirs := machine.get(t)) is not None
    ]
    before = [row for row in rows if row[0] <= window.start_ns][-1:]
    during = [row for row in rows if window.start_ns < row[0] < window.end_ns]
    after = [row for row in rows if row[0] >= window.end_ns][:1]
    steps = [
        (mine - mine_before, theirs - theirs_before, t - t_before)
        for (t_before, mine_before, theirs_before), (t, mine, theirs) in pairwise([*before, *during, *after])
        if t > t_before and mine >= mine_before and theirs >= theirs_before
    ]
    if not steps:
        return None
    own_ns, host_ns, span_ns = (sum(column) for column in zip(*steps, strict=True))
    return (own_ns, host_ns, span_ns) if host_ns > 0 else None


def _idle_ratio(curve: PowerCurve, load_ratio: float) -> float:
    power_w = watts(curve, load_ratio)
    return min(1.0, watts(curve, 0.0) / power_w) if power_w > 0 else 1.0
