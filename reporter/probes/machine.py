"""What the machine is: processor, how many of them, and memory, from procfs."""

from __future__ import annotations

import os
import re
from pathlib import Path

from reporter.domain.readings import Gpu, Hardware
from reporter.probes.cgroup import cpu_quota, memory_limit_bytes

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
    """The facts of the machine for a recording; what cannot be found out is None."""
    return Hardware(gpus=gpus, cpu=cpu_name(root), cpu_count=cpu_count(root), memory_gb=memory_gb(root))


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


def cpu_count(root: str = "/") -> int | None:
    """Processors that may be used: those online, less where a control group limits them (rounded up)."""
    online = len(re.findall(rb"^cpu\d+ ", _read(Path(root) / "proc/stat"), re.MULTILINE)) or os.cpu_count()
    quota = cpu_quota(Path(root))
    if quota is None or online is None:
        return online
    return max(1, min(online, round(quota.cpus + 0.49)))


def memory_gb(root: str = "/") -> float | None:
    """Memory that may be used, in units of 2^30 bytes, as modules are sold: all, or the control group's limit."""
    match = re.search(rb"^MemTotal:\s+(\d+) kB", _read(Path(root) / "proc/meminfo"), re.MULTILINE)
    total = int(match[1]) * 1024 if match else _physical_bytes(root)
    limit = memory_limit_bytes(Path(root))
    known = [size for size in (total, limit) if size]
    return round(min(known) / 2**30, 3) if known else None


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
