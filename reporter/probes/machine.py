"""What the machine is: processor, how many of them, and memory, from procfs."""

from __future__ import annotations

import os
import re
from math import ceil
from pathlib import Path

from reporter.domain.readings import Gpu, Hardware
from reporter.probes.cgroup import CpuLimit, cpu_limit, memory_limit_bytes

CPUINFO_BYTES = 8192
"""The first processor's lines: the whole file is long on large machines, and slow to make."""

ARM_PARTS = {
    "0xd0c": "Neoverse-N1",
    "0xd40": "Neoverse-V1",
    "0xd49": "Neoverse-N2",
    "0xd4f": "Neoverse-V2",
}
"""Arm Ltd's part numbers (implementer 0x41), from the processors' reference manuals (register MIDR_EL1)."""


def hardware(root: str = "/", gpus: tuple[Gpu, ...] = ()) -> Hardware:
    """The facts of the machine for a recording; what cannot be found out is None.

    The whole machine's are told where a control group gave this process only a part of it.
    """
    online, limit = processors(root)
    given_gb, total_gb = memory_gb(root), total_memory_gb(root)
    limited = given_gb is not None and total_gb is not None and given_gb < total_gb
    return Hardware(
        gpus=gpus,
        cpu=cpu_name(root),
        cpu_count=cpu_count(root),
        memory_gb=given_gb,
        host_cpu_count=online if limit else None,
        cpu_share_ratio=limit.cpus / online if limit and online else None,
        host_memory_gb=total_gb if limited else None,
    )


def cpu_name(root: str = "/") -> str | None:
    """The processor's model as procfs names it; for Arm the core's name."""
    try:
        with (Path(root) / "proc/cpuinfo").open("rb") as file:
            text = file.read(CPUINFO_BYTES).decode(errors="replace")
    except OSError:
        return None
    first = text.split("\n\n", 1)[0]
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in first.splitlines())}
    if facts.get("model name"):
        return facts["model name"]
    return ARM_PARTS.get(facts.get("CPU part", "")) if facts.get("CPU implementer") == "0x41" else None


def processors(root: str = "/") -> tuple[int | None, CpuLimit | None]:
    """The processors that are online, and the limit of the control group where it was given fewer."""
    online = len(re.findall(rb"^cpu\d+ ", _read(Path(root) / "proc/stat"), re.MULTILINE)) or os.cpu_count()
    return online, None if online is None else cpu_limit(Path(root), online)


def cpu_count(root: str = "/") -> int | None:
    """Processors that may be used: those online, less where a control group limits them (rounded up)."""
    online, limit = processors(root)
    return online if limit is None else max(1, ceil(limit.cpus))


def memory_gb(root: str = "/") -> float | None:
    """Memory that may be used, in units of 2^30 bytes, as modules are sold: all, or the control group's limit."""
    limit = memory_limit_bytes(Path(root))
    known = [size for size in (total_memory_gb(root), None if limit is None else _gb(limit)) if size]
    return min(known, default=None)


def total_memory_gb(root: str = "/") -> float | None:
    """Memory of the whole machine, in units of 2^30 bytes."""
    match = re.search(rb"^MemTotal:\s+(\d+) kB", _read(Path(root) / "proc/meminfo"), re.MULTILINE)
    total = int(match[1]) * 1024 if match else _physical_bytes(root)
    return _gb(total) if total else None


def _gb(size_bytes: int) -> float:
    return round(size_bytes / 2**30, 3)


def _physical_bytes(root: str) -> int | None:
    """Off Linux the C library knows."""
    if root != "/":
        return None
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
