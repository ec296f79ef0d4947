"""What the settings of NVIDIA's container runtime say about GPUs that cannot be seen.

https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html
"""

from __future__ import annotations

from collections.abc import Mapping

DEVICES, CAPABILITIES = "NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES"
NO_DEVICES = frozenset({"", "none", "void"})
BRINGS_NVML = frozenset({"utility", "all"})

DEVICES_REMEDY = f"If the job needs a GPU, give the container one: {DEVICES}=all, or `docker run --gpus all`."
CAPABILITIES_REMEDY = f"In a container give the driver capability `utility`: {CAPABILITIES}=compute,utility."


def gives_no_gpu(environment: Mapping[str, str]) -> bool:
    """Whether the container was made without GPUs, on purpose or by default."""
    devices = environment.get(DEVICES)
    return devices is not None and devices.strip() in NO_DEVICES


def why_nothing(environment: Mapping[str, str]) -> tuple[str, str] | None:
    """Reason and remedy, where a setting explains that no GPU or no library is there; else None."""
    if gives_no_gpu(environment):
        shown = environment[DEVICES].strip()
        return f"{DEVICES} is {f'`{shown}`' if shown else 'empty'}, so this container has none", DEVICES_REMEDY
    given = environment.get(CAPABILITIES, "")
    # An empty list stands for the default, which has `utility`.
    if given.strip() and BRINGS_NVML.isdisjoint(word.strip() for word in given.split(",")):
        return f"{CAPABILITIES} lacks `utility`, which brings the library", CAPABILITIES_REMEDY
    return None
