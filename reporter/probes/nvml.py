"""NVIDIA GPUs through NVML: energy counters where the driver has them, else power.

The only importer of pynvml, and only where an NVIDIA library is present: the import costs 20 ms.
One connection serves the whole job.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING

from reporter.domain.readings import Component, Description, Gpu, Unavailable
from reporter.probes import ProbeContext
from reporter.probes.nvml_call import DRIVER_NOT_LOADED, LIBRARY_NOT_FOUND, SOURCE, NvmlFailure, call

if TYPE_CHECKING:
    from reporter.probes.gpu_selection import Selection
    from reporter.probes.nvml_gpu import FoundGpu, MeteredGpu

LIBRARY = "nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1"
NO_DRIVER = frozenset({DRIVER_NOT_LOADED, LIBRARY_NOT_FOUND})

ACCESS_REMEDY = "Give the runner's user access to /dev/nvidia*; in a container add the driver capability `utility`."
INIT_REMEDIES = {
    4: ACCESS_REMEDY,
    17: ACCESS_REMEDY,
    18: "Reboot after the driver's upgrade, or match the container's driver libraries to the host's.",
}
NAMED_REMEDY = "`--gpus` names GPUs, and none can be seen: leave it out, or install the NVIDIA driver."
NO_SOURCE_REMEDY = "Nothing can be done on a vGPU or a GPU older than Volta; else update the NVIDIA driver."


class NvmlProbe:
    """All GPUs of this machine, by UUID; those that the command cannot use are read but not counted."""

    def __init__(self, context: ProbeContext) -> None:
        self._context = context
        self._nvml: ModuleType | None = None
        self._gpus: list[MeteredGpu] = []

    def describe(self) -> Description:
        """Connect to the driver and ask every GPU what it has. Costs one failed dlopen where there is no driver."""
        nvml = self._connect()
        if isinstance(nvml, Unavailable):
            return Description(unavailable=(self._asked_for(nvml),))
        self._nvml = nvml
        try:
            found, unavailable = _find(nvml)
        except NvmlFailure as failure:
            return Description(unavailable=(_unavailable(SOURCE, f"its GPUs cannot be listed: {failure.reason}"),))
        if not found and not unavailable:
            return Description(unavailable=(self._asked_for(self._none("the driver shows no GPU")),))
        from reporter.probes.gpu_selection import select_gpus  # noqa: PLC0415 - most machines have no GPU

        environment = self._context.environment
        selection = select_gpus(
            tuple(gpu.device for gpu in found),
            option=self._context.gpus,
            visible=environment.get("CUDA_VISIBLE_DEVICES"),
            order=environment.get("CUDA_DEVICE_ORDER"),
        )
        return self._describe(nvml, found, unavailable, selection)

    def read(self) -> tuple[int | None, ...]:
        """Energy (where counted) and power of each GPU."""
        return tuple(value for gpu in self._gpus for value in gpu.read())

    def reasons(self) -> tuple[tuple[str, str], ...]:
        """The GPUs that gave no reading last time; a lost GPU stays in the list."""
        return tuple((gpu.meter.meter_id, gpu.reason) for gpu in self._gpus if gpu.reason)

    def inspect(self, own: frozenset[int]) -> tuple[str, ...]:
        """`shared-gpu` and `gpu-outside-selection` with the GPU's UUID, by the rule of `nvml_tenants`."""
        nvml = self._nvml
        if nvml is None:
            return ()
        from reporter.probes.nvml_gpu import processes_on  # noqa: PLC0415 - most machines have no GPU
        from reporter.probes.nvml_tenants import tenant_flags  # noqa: PLC0415

        seen = [(gpu.meter, processes_on(nvml, gpu.handle)) for gpu in self._gpus if not gpu.lost]
        return tenant_flags(seen, own, root=self._context.root)

    def close(self) -> None:
        """End the connection."""
        nvml, self._nvml = self._nvml, None
        if nvml is not None:
            with suppress(NvmlFailure):
                call(nvml, nvml.nvmlShutdown)

    def _sees_gpus(self) -> bool:
        """Whether the kernel's NVIDIA driver lists GPUs: a container may have them without the library."""
        try:
            return bool(os.listdir(os.path.join(self._context.root, "proc/driver/nvidia/gpus")))  # noqa: PTH118, PTH208
        except OSError:
            return False

    def _none(self, reason: str) -> Unavailable:
        """No GPU, which is normal; where a container's settings explain it, they are named."""
        from reporter.probes.nvml_container import why_nothing  # noqa: PLC0415 - only where there is no GPU

        why, remedy = why_nothing(self._context.environment) or (None, None)
        return _unavailable(SOURCE, f"{reason}: {why}" if why else reason, remedy=remedy, expected=True)

    def _no_library(self) -> Unavailable:
        """The library is absent: no GPU, or GPUs that the container was given without it."""
        from reporter.probes.nvml_container import CAPABILITIES_REMEDY, gives_no_gpu, why_nothing  # noqa: PLC0415

        environment = self._context.environment
        if gives_no_gpu(environment) or not self._sees_gpus():
            return self._none("no NVIDIA driver library")
        why, remedy = why_nothing(environment) or (None, None)
        reason = "there are NVIDIA GPUs, but no NVIDIA library to read them with"
        return _unavailable(SOURCE, f"{reason}: {why}" if why else reason, remedy=remedy or CAPABILITIES_REMEDY)

    def _asked_for(self, missing: Unavailable) -> Unavailable:
        """No GPU is the normal case, unless `--gpus` names one that is not another maker's either."""
        if self._context.gpus in ("auto", "all", ""):
            return missing
        from reporter.probes.hwmon import has_gpus  # noqa: PLC0415 - hardly any job names its GPUs

        if missing.expected and has_gpus(self._context.root):
            return missing
        return replace(missing, expected=False, remedy=missing.remedy or NAMED_REMEDY)

    def _connect(self) -> ModuleType | Unavailable:
        named = self._context.environment.get("EMISSIONS_NVML_LIBRARY")
        try:
            library = ctypes.CDLL(named or LIBRARY)
        except OSError as error:
            if not named and ("No such file" in str(error) or sys.platform != "linux"):
                return self._no_library()
            return _unavailable(SOURCE, f"the NVIDIA library cannot be loaded: {error}")
        try:
            import pynvml  # noqa: PLC0415 - slow, and pointless without the library
        except ImportError:
            reason = "there is an NVIDIA driver, but the Python package nvidia-ml-py is missing"
            return _unavailable(SOURCE, reason, remedy="Install it: pip install nvidia-ml-py")
        if not hasattr(pynvml, "_nvmlGetFunctionPointer"):
            reason = "another package took the place of the module pynvml"
            remedy = "pip uninstall pynvml && pip install --force-reinstall nvidia-ml-py"
            return _unavailable(SOURCE, reason, remedy=remedy)
        pynvml.nvmlLib = library
        try:
            call(pynvml, pynvml.nvmlInit)
        except NvmlFailure as failure:
            reason = f"NVML does not start: {failure.reason}"
            expected = failure.code in NO_DRIVER
            return _unavailable(SOURCE, reason, remedy=INIT_REMEDIES.get(failure.code), expected=expected)
        module: ModuleType = pynvml
        return module

    def _describe(
        self, nvml: ModuleType, found: list[FoundGpu], unavailable: list[Unavailable], selection: Selection
    ) -> Description:
        from reporter.probes.nvml_gpu import meter_gpu, processes_on  # noqa: PLC0415 - most machines have no GPU

        flags = ["gpu-order-unknown"] if selection.order_unknown else []
        for entry in selection.unknown:
            reason = f"`--gpus` names `{entry}`, which is none of the {len(found)} GPUs here"
            unavailable.append(_unavailable(f"{SOURCE}:{entry}", reason, remedy="`emissions doctor` lists them."))
        for index, gpu in enumerate(found):
            selected = index in selection.indices
            try:
                metered = meter_gpu(nvml, gpu)
            except NvmlFailure as failure:
                source = f"{SOURCE}:{gpu.device.uuid}"
                reason = f"{gpu.device.name} gives neither energy nor power: {failure.reason}"
                unavailable.append(_unavailable(source, reason, remedy=NO_SOURCE_REMEDY, expected=not selected))
                continue
            sliced = index in selection.shared
            busy = selected and bool(processes_on(nvml, gpu.handle))
            flags += [f"mig:{gpu.device.uuid}"] * sliced + [f"shared-gpu:{gpu.device.uuid}"] * busy
            metered.meter = replace(metered.meter, selected=selected, shared=sliced or busy)
            self._gpus.append(metered)
        return Description(
            meters=tuple(gpu.meter for gpu in self._gpus),
            columns=tuple(column for gpu in self._gpus for column in gpu.columns()),
            unavailable=tuple(unavailable),
            gpus=tuple(Gpu(uuid=found[i].device.uuid, name=found[i].device.name) for i in selection.indices),
            flags=tuple(flags),
        )


def open_probe(context: ProbeContext) -> NvmlProbe:
    """NVIDIA GPUs, not yet asked."""
    return NvmlProbe(context)


def _find(nvml: ModuleType) -> tuple[list[FoundGpu], list[Unavailable]]:
    """The GPUs in the driver's order, and those that are there but cannot be asked."""
    from reporter.probes.nvml_gpu import find_gpu  # noqa: PLC0415 - most machines have no GPU

    found: list[FoundGpu] = []
    unavailable: list[Unavailable] = []
    for index in range(call(nvml, nvml.nvmlDeviceGetCount)):
        try:
            found.append(find_gpu(nvml, index))
        except NvmlFailure as failure:
            reason = f"GPU {index} is there, but cannot be asked: {failure.reason}"
            unavailable.append(_unavailable(f"{SOURCE}:{index}", reason, remedy=INIT_REMEDIES.get(failure.code)))
    return found, unavailable


def _unavailable(source: str, reason: str, *, remedy: str | None = None, expected: bool = False) -> Unavailable:
    return Unavailable(source=source, reason=reason, remedy=remedy, expected=expected, component=Component.GPU)
