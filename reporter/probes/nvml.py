"""NVIDIA GPUs through NVML: energy counters where the driver has them, else power.

The only importer of pynvml, and only where an NVIDIA library is present: the import costs 20 ms.
One connection serves the whole job. Which source a GPU has is found by asking it, never by its architecture.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from reporter.domain.readings import Column, Component, Description, Gpu, Meter, Method, Quantity, Unavailable
from reporter.probes import ProbeContext
from reporter.probes.gpu_selection import Device, Selection, select_gpus

SOURCE = "nvml"
LIBRARY = "libnvidia-ml.so.1"

# Field ids and scopes by number: older releases of nvidia-ml-py lack the names (nvml.h, v13).
FIELD_ENERGY = 83
FIELD_POWER_INSTANT = 186
SCOPE_GPU, SCOPE_MODULE = 0, 1

NO_PERMISSION, NOT_SUPPORTED, DRIVER_NOT_LOADED, LIBRARY_NOT_FOUND, UNKNOWN = 4, 3, 9, 12, 999
NO_DRIVER = frozenset({DRIVER_NOT_LOADED, LIBRARY_NOT_FOUND})
LOST = frozenset({15, 16, 28})
ABSURD_POWER_MW = (0, 0xFFFFFFFF)

COUNTER_TICK_S = 0.1
INSTANT_WINDOW_S = 0.1
AVERAGE_WINDOW_S = 1.0
"""nvmlDeviceGetPowerUsage averages over 1 s on Ampere (not GA100) and newer: arXiv 2312.02741."""

MEANINGS = {
    3: "not supported",
    4: "no permission",
    9: "the driver is not loaded",
    10: "timeout",
    12: "library not found",
    13: "the driver lacks the function",
    15: "the GPU is lost",
    16: "the GPU needs a reset",
    17: "the operating system blocked it",
    18: "driver and library versions differ",
    27: "not ready",
    28: "the GPU is gone",
}
INIT_REMEDIES = {
    4: "Give the runner's user access to /dev/nvidia*; in a container add the driver capability `utility`.",
    17: "Give the runner's user access to /dev/nvidia*; in a container add the driver capability `utility`.",
    18: "Reboot after the driver's upgrade, or match the container's driver libraries to the host's.",
}
NO_SOURCE_REMEDY = "Nothing can be done on a vGPU or a GPU older than Volta; else update the NVIDIA driver."

Read = Callable[[], int]


class NvmlFailure(Exception):
    """An NVML call answered with this code, or with a value that cannot be."""

    def __init__(self, code: int, reason: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason or f"{MEANINGS.get(code, 'error')} (NVML {code})"


@dataclass(slots=True)
class MeteredGpu:
    """One GPU that is being read; `counter` is None where only power is had."""

    meter: Meter
    counter: Read | None
    power: Read | None
    reason: str | None = None
    lost: bool = False


@dataclass(frozen=True, slots=True)
class FoundGpu:
    """One GPU as first seen."""

    handle: Any
    device: Device


class NvmlProbe:
    """All GPUs of this machine, by UUID; those that the command cannot use are read but not counted."""

    def __init__(self, context: ProbeContext) -> None:
        self._context = context
        self._nvml: Any = None
        self._gpus: list[MeteredGpu] = []

    def describe(self) -> Description:
        """Connect to the driver and ask every GPU what it has. Costs one failed dlopen where there is no driver."""
        missing = self._connect()
        if missing is not None:
            return Description(unavailable=(missing,))
        try:
            found, unavailable = self._find()
        except NvmlFailure as failure:
            return Description(unavailable=(_unavailable(SOURCE, f"its GPUs cannot be listed: {failure.reason}"),))
        if not found and not unavailable:
            reason = "the driver shows no GPU"
            return Description(unavailable=(_unavailable(SOURCE, reason, expected=True),))
        environment = self._context.environment
        selection = select_gpus(
            tuple(gpu.device for gpu in found),
            option=self._context.gpus,
            visible=environment.get("CUDA_VISIBLE_DEVICES"),
            order=environment.get("CUDA_DEVICE_ORDER"),
        )
        return self._describe(found, unavailable, selection)

    def read(self) -> tuple[int | None, ...]:
        """Energy (where counted) and power of each GPU."""
        values: list[int | None] = []
        for gpu in self._gpus:
            values.extend(_read(gpu))
        return tuple(values)

    def reasons(self) -> tuple[tuple[str, str], ...]:
        """The GPUs that gave no reading last time; a lost GPU stays in the list."""
        return tuple((gpu.meter.meter_id, gpu.reason) for gpu in self._gpus if gpu.reason)

    def close(self) -> None:
        """End the connection."""
        nvml, self._nvml = self._nvml, None
        if nvml is not None:
            with suppress(nvml.NVMLError):
                nvml.nvmlShutdown()

    def _connect(self) -> Unavailable | None:
        named = self._context.environment.get("EMISSIONS_NVML_LIBRARY")
        if sys.platform == "win32" and not named:
            named = "nvml.dll"
        try:
            library = ctypes.CDLL(named or LIBRARY)
        except OSError as error:
            absent = not named and "No such file" in str(error)
            reason = "no NVIDIA driver library" if absent else f"the NVIDIA library cannot be loaded: {error}"
            return _unavailable(SOURCE, reason, expected=absent)
        try:
            import pynvml
        except ImportError:
            reason = "there is an NVIDIA driver, but the Python package nvidia-ml-py is missing"
            return _unavailable(SOURCE, reason, remedy="Install it: pip install nvidia-ml-py")
        if not hasattr(pynvml, "_nvmlGetFunctionPointer"):
            reason = "another package took the place of the module pynvml"
            return _unavailable(SOURCE, reason, remedy="pip uninstall pynvml && pip install --force nvidia-ml-py")
        pynvml.nvmlLib = library
        try:
            _call(pynvml, pynvml.nvmlInit)
        except NvmlFailure as failure:
            expected = failure.code in NO_DRIVER
            remedy = INIT_REMEDIES.get(failure.code)
            return _unavailable(SOURCE, f"NVML does not start: {failure.reason}", remedy=remedy, expected=expected)
        self._nvml = pynvml
        return None

    def _find(self) -> tuple[list[FoundGpu], list[Unavailable]]:
        nvml = self._nvml
        found: list[FoundGpu] = []
        unavailable: list[Unavailable] = []
        for index in range(_call(nvml, nvml.nvmlDeviceGetCount)):
            try:
                handle = _call(nvml, nvml.nvmlDeviceGetHandleByIndex, index)
                device = Device(
                    uuid=_text(nvml, nvml.nvmlDeviceGetUUID, handle),
                    name=_text(nvml, nvml.nvmlDeviceGetName, handle),
                    slices=_slices(nvml, handle),
                )
            except NvmlFailure as failure:
                reason = f"GPU {index} is there, but cannot be asked: {failure.reason}"
                unavailable.append(_unavailable(f"{SOURCE}:{index}", reason, remedy=INIT_REMEDIES.get(failure.code)))
            else:
                found.append(FoundGpu(handle=handle, device=device))
        return found, unavailable

    def _describe(
        self, found: list[FoundGpu], unavailable: list[Unavailable], selection: Selection
    ) -> Description:
        flags = ["gpu-order-unknown"] if selection.order_unknown else []
        for entry in selection.unknown:
            reason = f"`--gpus` names `{entry}`, which is none of the {len(found)} GPUs here"
            unavailable.append(_unavailable(f"{SOURCE}:{entry}", reason, remedy="`emissions doctor` lists them."))
        for index, gpu in enumerate(found):
            selected = index in selection.indices
            try:
                metered = _metered(self._nvml, gpu)
            except NvmlFailure as failure:
                source = f"{SOURCE}:{gpu.device.uuid}"
                reason = f"{gpu.device.name} gives neither energy nor power: {failure.reason}"
                unavailable.append(_unavailable(source, reason, remedy=NO_SOURCE_REMEDY, expected=not selected))
                continue
            sliced = index in selection.shared
            busy = selected and _has_processes(self._nvml, gpu.handle)
            flags += [f"gpu-sliced:{gpu.device.uuid}"] * sliced + [f"gpu-shared:{gpu.device.uuid}"] * busy
            metered.meter = replace(metered.meter, selected=selected, shared=sliced or busy)
            self._gpus.append(metered)
        return Description(
            meters=tuple(gpu.meter for gpu in self._gpus),
            columns=tuple(column for gpu in self._gpus for column in _columns(gpu)),
            unavailable=tuple(unavailable),
            gpus=tuple(Gpu(uuid=found[i].device.uuid, name=found[i].device.name) for i in selection.indices),
            flags=tuple(flags),
        )


def open_probe(context: ProbeContext) -> NvmlProbe:
    """NVIDIA GPUs, not yet asked."""
    return NvmlProbe(context)


def _metered(nvml: Any, gpu: FoundGpu) -> MeteredGpu:
    """The GPU with the best source that answers; NvmlFailure when none does."""
    counter, refusal = _first(_counters(nvml, gpu.handle))
    powers = _powers(nvml, gpu.handle)
    power, power_refusal = _first([read for read, _, _ in powers])
    window_s, component = next(((w, c) for read, w, c in powers if read is power), (0.0, Component.GPU))
    if counter is None and power is None:
        raise refusal or power_refusal or NvmlFailure(UNKNOWN)
    # On Grace Hopper the counter covers CPU and memory too, whatever the scope of power says (zeus pull request 172).
    if "GH200" in gpu.device.name:
        component = Component.MODULE
    counted = counter is not None
    gain_ratio = 0.05 if counted else 0.10
    meter = Meter(
        meter_id=f"{SOURCE}:{gpu.device.uuid}",
        label=gpu.device.name,
        component=component,
        method=Method.COUNTER if counted else Method.INTEGRATED,
        source=SOURCE,
        tick_s=COUNTER_TICK_S if counted else window_s,
        peak_power_w=_limit_w(nvml, gpu.handle),
        gain_low_ratio=1 - gain_ratio,
        gain_high_ratio=1 + gain_ratio,
    )
    return MeteredGpu(meter=meter, counter=counter, power=power)


def _counters(nvml: Any, handle: Any) -> list[Read]:
    """Ways to the energy counter, microjoules since the driver was loaded."""

    def by_call() -> int:
        return 1000 * _positive(_call(nvml, nvml.nvmlDeviceGetTotalEnergyConsumption, handle))

    def by_field() -> int:
        return 1000 * _positive(_field(nvml, handle, FIELD_ENERGY, SCOPE_GPU).ullVal)

    return [by_call, by_field]


def _powers(nvml: Any, handle: Any) -> list[tuple[Read, float, Component]]:
    """Ways to power, milliwatts, with the window each averages over and what it covers."""

    def instant() -> int:
        return _plausible(_field(nvml, handle, FIELD_POWER_INSTANT, SCOPE_GPU).uiVal)

    def module() -> int:
        return _plausible(_field(nvml, handle, FIELD_POWER_INSTANT, SCOPE_MODULE).uiVal)

    def usage() -> int:
        return _plausible(_call(nvml, nvml.nvmlDeviceGetPowerUsage, handle))

    return [
        (instant, INSTANT_WINDOW_S, Component.GPU),
        (module, INSTANT_WINDOW_S, Component.MODULE),
        (usage, AVERAGE_WINDOW_S, Component.GPU),
    ]


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


def _columns(gpu: MeteredGpu) -> list[Column]:
    quantities = [Quantity.ENERGY_UJ] * (gpu.counter is not None) + [Quantity.POWER_MW] * (gpu.power is not None)
    return [Column(meter_id=gpu.meter.meter_id, quantity=quantity) for quantity in quantities]


def _read(gpu: MeteredGpu) -> list[int | None]:
    """The GPU's values in the order of its columns. A lost GPU is never asked again: it would resume silently."""
    values: list[int | None] = []
    reasons: list[str] = []
    for read in (gpu.counter, gpu.power):
        if read is None:
            continue
        value: int | None = None
        if not gpu.lost:
            try:
                value = read()
            except NvmlFailure as failure:
                gpu.lost = failure.code in LOST
                reasons.append(failure.reason)
        values.append(value)
    if not gpu.lost or reasons:
        # Power beside a counter is only for the timeline: its absence is no reason.
        gpu.reason = reasons[0] if reasons and (values[0] is None or gpu.lost) else None
    return values


def _call(nvml: Any, function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except nvml.NVMLError as error:
        # NVMLLibraryMismatchError has no code; str(error) would call the library again for an unknown one.
        raise NvmlFailure(getattr(error, "value", UNKNOWN)) from None


def _field(nvml: Any, handle: Any, field: int, scope: int) -> Any:
    answer = _call(nvml, nvml.nvmlDeviceGetFieldValues, handle, [(field, scope)])[0]
    if answer.nvmlReturn != 0:
        raise NvmlFailure(answer.nvmlReturn)
    return answer.value


def _positive(energy_mj: int) -> int:
    """A counter at 0 is a lapse: it counts from the driver's start."""
    if energy_mj == 0:
        raise NvmlFailure(UNKNOWN, "the energy counter read 0")
    return energy_mj


def _plausible(power_mw: int) -> int:
    if power_mw in ABSURD_POWER_MW:
        raise NvmlFailure(UNKNOWN, f"power read {power_mw} mW")
    return power_mw


def _text(nvml: Any, function: Any, handle: Any) -> str:
    """A string of the driver's. The undecorated function gives bytes: the decorator fails on those not in UTF-8."""
    answer = _call(nvml, getattr(function, "__wrapped__", function), handle)
    return answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)


def _slices(nvml: Any, handle: Any) -> tuple[str, ...] | None:
    """UUIDs of the MIG devices; None where MIG is off or unknown to the GPU."""
    try:
        if _call(nvml, nvml.nvmlDeviceGetMigMode, handle)[0] != 1:
            return None
        count = _call(nvml, nvml.nvmlDeviceGetMaxMigDeviceCount, handle)
    except NvmlFailure:
        return None
    uuids: list[str] = []
    for index in range(count):
        with suppress(NvmlFailure):
            piece = _call(nvml, nvml.nvmlDeviceGetMigDeviceHandleByIndex, handle, index)
            uuids.append(_text(nvml, nvml.nvmlDeviceGetUUID, piece))
    return tuple(uuids)


def _has_processes(nvml: Any, handle: Any) -> bool:
    """Whether somebody computes on the GPU before the command starts. Which process it is cannot be told in containers."""
    with suppress(NvmlFailure):
        return bool(_call(nvml, nvml.nvmlDeviceGetComputeRunningProcesses, handle))
    return False


def _limit_w(nvml: Any, handle: Any) -> float | None:
    with suppress(NvmlFailure):
        limit_mw: int = _call(nvml, nvml.nvmlDeviceGetPowerManagementLimit, handle)
        return limit_mw / 1000 or None
    return None


def _unavailable(source: str, reason: str, *, remedy: str | None = None, expected: bool = False) -> Unavailable:
    return Unavailable(source=source, reason=reason, remedy=remedy, expected=expected)
