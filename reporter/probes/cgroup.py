"""Limits of the control group that this process lives in: how many processors and how much memory it was given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

UNLIMITED_BYTES = 1 << 60
"""Version 1 writes nearly 2^63 for no limit."""

TOP = "sys/fs/cgroup"

_CPU_MAX = re.compile(r"([1-9]\d{0,17}) ([1-9]\d{0,17})")
"""Time allowed and the period that it is for, microseconds; no limit is `max` (version 1: -1)."""
_BYTES = re.compile(r"\d{1,20}", re.ASCII)
_CPU_LIST = re.compile(r"\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*")


class CpuLimit(NamedTuple):
    """The processors that a group was given, and the file that counts its processor time; None: it is not counted."""

    cpus: float
    usage: Path | None


def cpu_limit(root: Path, online: int) -> CpuLimit | None:
    """The least of the limits above this process; None where it was given every processor that is online.

    A quota (cpu.max; cpu.cfs_quota_us and cpu.cfs_period_us of version 1) or a set of processors
    (cpuset.cpus.effective; cpuset.cpus).
    https://docs.kernel.org/admin-guide/cgroup-v2.html, https://docs.kernel.org/scheduler/sched-bwc.html
    """
    found = [*_quotas(root), *_sets(root)]
    least = min(found, key=lambda limit: limit.cpus, default=None)
    return least if least is not None and least.cpus < online else None


def _quotas(root: Path) -> Iterator[CpuLimit]:
    for folder in folders(root, "", root / TOP):
        match = _CPU_MAX.fullmatch(" ".join(_words(folder / "cpu.max")))
        if match:
            yield CpuLimit(cpus=int(match[1]) / int(match[2]), usage=_readable(folder / "cpu.stat"))
    top = _top(root, "cpu")
    for folder in folders(root, "cpu", top):
        words = (*_words(folder / "cpu.cfs_quota_us"), *_words(folder / "cpu.cfs_period_us"))
        match = _CPU_MAX.fullmatch(" ".join(words))
        if match:
            yield CpuLimit(cpus=int(match[1]) / int(match[2]), usage=_accounted(root, folder.relative_to(top)))


def _sets(root: Path) -> Iterator[CpuLimit]:
    """The outermost group that has no more processors than this process."""
    for controller, top, name in (
        ("", root / TOP, "cpuset.cpus.effective"),
        ("cpuset", root / TOP / "cpuset", "cpuset.effective_cpus"),
        ("cpuset", root / TOP / "cpuset", "cpuset.cpus"),
    ):
        counts = [
            (folder, count)
            for folder in folders(root, controller, top)
            if (count := _count(" ".join(_words(folder / name))))
        ]
        same = [folder for folder, count in counts if count == counts[0][1]]
        if same:
            usage = _accounted(root, same[-1].relative_to(top)) if controller else _readable(same[-1] / "cpu.stat")
            yield CpuLimit(cpus=counts[0][1], usage=usage)


def _count(text: str) -> int:
    """How many processors a list such as `0-3,8` has; 0 if it is none."""
    if not _CPU_LIST.fullmatch(text):
        return 0
    spans = [part.partition("-") for part in text.split(",")]
    return sum(max(0, int(last or first) - int(first) + 1) for first, _, last in spans)


def _top(root: Path, controller: str) -> Path:
    """Where version 1 shows a controller: under its own name, else with the one that it was mounted together with."""
    alone, together = root / TOP / controller, root / TOP / "cpu,cpuacct"
    return alone if alone.is_dir() else together


def _accounted(root: Path, group: Path) -> Path | None:
    """Version 1's clock of a group; it may be mounted apart from the limit."""
    return _readable(_top(root, "cpuacct") / group / "cpuacct.usage")


def _readable(path: Path) -> Path | None:
    return path if path.is_file() else None


def memory_limit_bytes(root: Path) -> int | None:
    """The least of the limits above this process, bytes; None where there is none."""
    limits: list[int] = []
    for controller, top, name in (
        ("", TOP, "memory.max"),
        ("memory", f"{TOP}/memory", "memory.limit_in_bytes"),
    ):
        for folder in folders(root, controller, root / top):
            words = _words(folder / name)
            if len(words) == 1 and _BYTES.fullmatch(words[0]) and 0 < int(words[0]) < UNLIMITED_BYTES:
                limits.append(int(words[0]))
    return min(limits, default=None)


def folders(root: Path, controller: str, top: Path) -> Iterator[Path]:
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
