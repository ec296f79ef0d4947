"""One NVIDIA GPU: the best source that answers, and its readings.

Support is found by asking, never by the architecture: counter, then power of the GPU, of its module, on average.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import ModuleType
from typing import NamedTuple

from reporter.domain.readings import Column, Component, Meter, Method, Quantity
from reporter.probes.gpu_selection import Device
from reporter.probes.nvml_call import SOURCE, UNKNOWN, NvmlFailure, call, field_value, text_of

# Field ids and scopes by number: older releases of nvidia-ml-py lack the names (nvml.h, v13).
FIELD_ENERGY = 83
FIELD_POWER_INSTANT = 186
SCOPE_GPU, SCOPE_MODULE = 0, 1

LOST = frozenset({15, 16, 28})
ABSURD_POWER_MW = (0, 0xFFFFFFFF)
WHOLE_PERCENT = 100

COUNTER_TICK_S = 0.1
UPDATE_S = 0.1
"""A power reading is renewed this often, or more: arXiv 2312.02741."""
AVERAGE_WINDOW_S = 1.0
"""nvmlDeviceGetPowerUsage is the mean of the last second on Ampere (not GA100) and newer: nvml.h, arXiv 2312.02741."""
UNDONE_S = 0.25
"""What remains of that second's lag once it is undone: readings may be as far apart as the second itself."""
AMPERE, NEWEST = 7, 0xFFFF
"""Numbers of nvmlDeviceArchitecture_t; those above the newest mean "not known"."""
GA100 = re.compile(r"\b(A100|A800|A30)X?\b|\b170HX\b")
"""The boards with the one Ampere chip whose reading is of the moment."""
COUNTER_GAIN_RATIO, POWER_GAIN_RATIO = 0.05, 0.10

Read = Callable[[], int]


class FoundGpu(NamedTuple):
    """One GPU as first seen."""

    handle: object
    device: Device


@dataclass(slots=True)
class MeteredGpu:
    """One GPU that is being read; `counter` is None where only power is had."""

    meter: Meter
    handle: object
    counter: Read | None
    power: Read | None
    utilisation: Read | None = None
    reason: str | None = None
    lost: bool = False

    def columns(self) -> tuple[Column, ...]:
        """What `read` gives."""
        reads = {
            Quantity.ENERGY_UJ: self.counter,
            Quantity.POWER_MW: self.power,
            Quantity.UTILISATION_PERCENT: self.utilisation,
        }
        return tuple(Column(meter_id=self.meter.meter_id, quantity=quantity) for quantity in reads if reads[quantity])

    def read(self) -> list[int | None]:
        """Energy, power, utilisation. A lost GPU is never asked again: it must not resume silently."""
        values: list[int | None] = []
        reasons: list[str] = []
        for read in filter(None, (self.counter, self.power)):
            value: int | None = None
            if not self.lost:
                try:
                    value = read()
                except NvmlFailure as failure:
                    self.lost = failure.code in LOST
                    reasons.append(failure.reason)
            values.append(value)
        if not self.lost or reasons:
            # Power beside a counter is only for the timeline: its absence alone is no reason.
            self.reason = reasons[0] if reasons and (values[0] is None or self.lost) else None
        if self.utilisation:
            values.append(None if self.lost else _quietly(self.utilisation))
        return values


def find_gpu(nvml: ModuleType, index: int) -> FoundGpu:
    """The GPU at this position in the driver's order; NvmlFailure if it cannot be asked."""
    handle = call(nvml, nvml.nvmlDeviceGetHandleByIndex, index)
    device = Device(
        uuid=text_of(nvml, nvml.nvmlDeviceGetUUID, handle),
        name=text_of(nvml, nvml.nvmlDeviceGetName, handle),
        slices=_slices(nvml, handle),
    )
    return FoundGpu(handle=handle, device=device)


def meter_gpu(nvml: ModuleType, gpu: FoundGpu) -> MeteredGpu:
    """The GPU with the best source that answers; NvmlFailure when none does."""
    counter, refusal = _first(_counters(nvml, gpu.handle))
    powers = _powers(nvml, gpu)
    power, power_refusal = _first(list(powers))
    window_s, lag_s, component = powers[power] if power else (0.0, 0.0, Component.GPU)
    if counter is None and power is None:
        raise refusal or power_refusal or NvmlFailure(UNKNOWN)
    utilisation, _ = _first([_utilisation(nvml, gpu.handle)])
    # On Grace Hopper the counter covers CPU and memory too, whatever the scope of power says (zeus pull request 172).
    if "GH200" in gpu.device.name:
        component = Component.MODULE
    counted = counter is not None
    gain_ratio = COUNTER_GAIN_RATIO if counted else POWER_GAIN_RATIO
    meter = Meter(
        meter_id=f"{SOURCE}:{gpu.device.uuid}",
        label=gpu.device.name if gpu.device.slices is None else f"{gpu.device.name} (whole GPU, shared)",
        component=component,
        method=Method.COUNTER if counted else Method.INTEGRATED,
        source=SOURCE,
        tick_s=COUNTER_TICK_S if counted else lag_s,
        window_s=window_s,
        peak_power_w=_limit_w(nvml, gpu.handle),
        gain_low_ratio=1 - gain_ratio,
        gain_high_ratio=1 + gain_ratio,
    )
    return MeteredGpu(meter=meter, handle=gpu.handle, counter=counter, power=power, utilisation=utilisation)


def processes_on(nvml: ModuleType, handle: object) -> frozenset[int]:
    """The process ids that compute on the GPU just now, by the host's numbers; empty where it does not tell. ~5 ms."""
    with suppress(NvmlFailure):
        return frozenset(row.pid for row in call(nvml, nvml.nvmlDeviceGetComputeRunningProcesses, handle))
    return frozenset()


def _counters(nvml: ModuleType, handle: object) -> list[Read]:
    """Ways to the energy counter, microjoules since the driver was loaded."""

    def by_call() -> int:
        return 1000 * _positive(call(nvml, nvml.nvmlDeviceGetTotalEnergyConsumption, handle))

    def by_field() -> int:
        return 1000 * _positive(field_value(nvml, handle, FIELD_ENERGY, SCOPE_GPU).ullVal)

    return [by_call, by_field]


def _powers(nvml: ModuleType, gpu: FoundGpu) -> dict[Read, tuple[float, float, Component]]:
    """Ways to power, milliwatts → the window each averages over, how late it may be, and what it covers."""

    def instant() -> int:
        return _plausible(field_value(nvml, gpu.handle, FIELD_POWER_INSTANT, SCOPE_GPU).uiVal)

    def module() -> int:
        return _plausible(field_value(nvml, gpu.handle, FIELD_POWER_INSTANT, SCOPE_MODULE).uiVal)

    def usage() -> int:
        return _plausible(call(nvml, nvml.nvmlDeviceGetPowerUsage, gpu.handle))

    return {
        instant: (0.0, UPDATE_S, Component.GPU),
        module: (0.0, UPDATE_S, Component.MODULE),
        usage: (*_averaging(nvml, gpu), Component.GPU),
    }


def _averaging(nvml: ModuleType, gpu: FoundGpu) -> tuple[float, float]:
    """The window of nvmlDeviceGetPowerUsage, and how late its energy may be, seconds."""
    try:
        architecture = call(nvml, nvml.nvmlDeviceGetArchitecture, gpu.handle)
    except NvmlFailure:
        architecture = NEWEST + 1
    if architecture > NEWEST:
        return 0.0, AVERAGE_WINDOW_S
    averages = architecture >= AMPERE and not GA100.search(gpu.device.name)
    return (AVERAGE_WINDOW_S, UNDONE_S) if averages else (0.0, UPDATE_S)


def _utilisation(nvml: ModuleType, handle: object) -> Read:
    """Percent of the driver's last sampling period (at most 1 s) in which a kernel ran. Not there in MIG mode."""

    def utilisation() -> int:
        percent: int = call(nvml, nvml.nvmlDeviceGetUtilizationRates, handle).gpu
        if percent > WHOLE_PERCENT:
            raise NvmlFailure(UNKNOWN, f"utilisation read {percent} %")
        return percent

    return utilisation


def _quietly(read: Read) -> int | None:
    """The value, or None: for what is beside the point."""
    with suppress(NvmlFailure):
        return read()
    return None


def _first(reads: list[Read]) -> tuple[Read | None, NvmlFailure | None]:
    """The first that answers, and otherwise why the first does not."""
    refusal: NvmlFailure | None = None
    for read in reads:
        try:
            read()
        except NvmlFailure as failure:
            refusal = refusal or failure
        else:
            return read, None
    return None, refusal


def _positive(energy_mj: int) -> int:
    """A counter at 0 is a lapse: it counts from the driver's start."""
    if energy_mj == 0:
        raise NvmlFailure(UNKNOWN, "the energy counter read 0")
    return energy_mj


def _plausible(power_mw: int) -> int:
    if power_mw in ABSURD_POWER_MW:
        raise NvmlFailure(UNKNOWN, f"power read {power_mw} mW")
    return power_mw


def _slices(nvml: ModuleType, handle: object) -> tuple[str, ...] | None:
    """UUIDs of the MIG devices; None where MIG is off or unknown to the GPU."""
    try:
        if call(nvml, nvml.nvmlDeviceGetMigMode, handle)[0] != 1:
            return None
        count = call(nvml, nvml.nvmlDeviceGetMaxMigDeviceCount, handle)
    except NvmlFailure:
        return None
    uuids: list[str] = []
    for index in range(count):
        with suppress(NvmlFailure):
            piece = call(nvml, nvml.nvmlDeviceGetMigDeviceHandleByIndex, handle, index)
            uuids.append(text_of(nvml, nvml.nvmlDeviceGetUUID, piece))
    return tuple(uuids)


def _limit_w(nvml: ModuleType, handle: object) -> float | None:
    with suppress(NvmlFailure):
        limit_mw: int = call(nvml, nvml.nvmlDeviceGetPowerManagementLimit, handle)
        return limit_mw / 1000 or None
    return None
