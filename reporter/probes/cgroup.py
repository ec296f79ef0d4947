"""Limits of the control group that this process lives in: how many processors and how much memory it was given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

UNLIMITED_BYTES = 1 << 60
"""Version 1 writes nearly 2^63 for no limit."""

_CPU_MAX = re.compile(r"(?P<allowed_us>[1-9]\d{0,17}) (?P<period_us>[1-9]\d{0,17})")


class CpuQuota(NamedTuple):
    """A limit on processor time: so many processors, counted in the file `usage` (line `usage_usec`)."""

    cpus: float
    usage: Path


def cpu_quota(root: Path) -> CpuQuota | None:
    """The nearest limit above this process (version 2); None where there is none, or it cannot be read."""
    for folder in _folders(root, "", root / "sys/fs/cgroup"):
        match = _CPU_MAX.fullmatch(" ".join(_words(folder / "cpu.max")))
        usage = folder / "cpu.stat"
        if match and usage.is_file():
            return CpuQuota(cpus=int(match["allowed_us"]) / int(match["period_us"]), usage=usage)
    return None


def memory_limit_bytes(root: Path) -> int | None:
    """The least of the limits above this process, bytes; None where there is none."""
    limits: list[int] = []
    for controller, top, name in (
        ("", "sys/fs/cgroup", "memory.max"),
        ("memory", "sys/fs/cgroup/memory", "memory.limit_in_bytes"),
    ):
        for folder in _folders(root, controller, root / top):
            words = _words(folder / name)
            if len(words) == 1 and words[0].isdigit() and 0 < int(words[0]) < UNLIMITED_BYTES:
                limits.append(int(words[0]))
    return min(limits, default=None)


def _folders(root: Path, controller: str, top: Path) -> Iterator[Path]:
    """This process's group and those above it. In a container its own group is often the top."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except (OSError, ValueError):
        lines = []
    for line in lines:
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controller not in controllers.split(",") or ".." in path:
            continue
        folder = top / path.lstrip("/")
        while folder != top:
            yield folder
            folder = folder.parent
    yield top


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except (OSError, ValueError):
        return []
