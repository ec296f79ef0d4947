"""What a control group was given, by both versions of the interface, on fake trees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reporter.probes.cgroup import CpuLimit, cpu_limit, memory_limit_bytes

Tree = Callable[[dict[str, str]], Path]
ONLINE = 16
V2 = "sys/fs/cgroup"
BOTH = "sys/fs/cgroup/cpu,cpuacct"


def found(root: Path) -> tuple[float, str | None] | None:
    limit = cpu_limit(root, ONLINE)
    return limit and (limit.cpus, limit.usage and str(limit.usage.relative_to(root)))


def quota(folder: str, allowed_us: int, period_us: int = 100_000) -> dict[str, str]:
    """A quota of version 1."""
    return {f"{folder}/cpu.cfs_quota_us": f"{allowed_us}\n", f"{folder}/cpu.cfs_period_us": f"{period_us}\n"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({f"{V2}/cpu.max": "150000 100000\n"}, (1.5, f"{V2}/cpu.stat")),
        ({f"{V2}/cpu.max": "25000 100000\n"}, (0.25, f"{V2}/cpu.stat")),
        ({f"{V2}/cpu.max": "max 100000"}, None),
        ({f"{V2}/cpu.max": "100000 0"}, None),
        ({f"{V2}/cpu.max": "nonsense"}, None),
        ({f"{V2}/cpu.max": "1600000 100000"}, None),
        ({f"{V2}/cpuset.cpus.effective": "0-15\n"}, None),
        ({f"{V2}/cpuset.cpus.effective": "0-3,8,10-11\n"}, (7, f"{V2}/cpu.stat")),
        ({f"{V2}/cpuset.cpus.effective": "0-3,eight\n"}, None),
        ({f"{V2}/cpuset.cpus.effective": "0-3\n", f"{V2}/cpu.max": "200000 100000"}, (2, f"{V2}/cpu.stat")),
    ],
)
def test_a_container_sees_its_own_group_at_the_top(
    tree: Tree, files: dict[str, str], expected: tuple[float, str | None] | None
) -> None:
    assert found(tree({"proc/self/cgroup": "0::/\n", f"{V2}/cpu.stat": "usage_usec 1\n", **files})) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({f"{V2}/a/cpu.max": "400000 100000"}, (4, f"{V2}/a/cpu.stat")),
        ({f"{V2}/a/cpu.max": "400000 100000", f"{V2}/a/b/cpu.max": "max 100000"}, (4, f"{V2}/a/cpu.stat")),
        ({f"{V2}/a/cpu.max": "400000 100000", f"{V2}/a/b/cpu.max": "800000 100000"}, (4, f"{V2}/a/cpu.stat")),
        (
            {
                f"{V2}/cpuset.cpus.effective": "0-15",
                f"{V2}/a/cpuset.cpus.effective": "0-3",
                f"{V2}/a/b/cpuset.cpus.effective": "0-3",
            },
            (4, f"{V2}/a/cpu.stat"),
        ),
    ],
)
def test_the_least_limit_counts_with_the_group_that_has_it(
    tree: Tree, files: dict[str, str], expected: tuple[float, str | None]
) -> None:
    clocks = {f"{V2}/{group}cpu.stat": "usage_usec 1\n" for group in ("", "a/", "a/b/")}

    assert found(tree({"proc/self/cgroup": "0::/a/b\n", **clocks, **files})) == expected


def test_a_path_that_leads_outside_is_not_followed(tree: Tree) -> None:
    root = tree({"proc/self/cgroup": "0::/../a\n", "sys/fs/a/cpu.max": "400000 100000", "sys/fs/a/cpu.stat": ""})

    assert found(root) is None


@pytest.mark.parametrize(
    ("lines", "files", "expected"),
    [
        ("4:cpu,cpuacct:/docker/1", quota(f"{BOTH}/docker/1", 150_000), (1.5, f"{BOTH}/docker/1/cpuacct.usage")),
        ("4:cpu,cpuacct:/docker/1", quota(BOTH, 150_000), (1.5, f"{BOTH}/cpuacct.usage")),
        ("4:cpu,cpuacct:/docker/1", quota(BOTH, -1), None),
        (
            "5:cpu:/job\n4:cpuacct:/job",
            {
                **quota(f"{V2}/cpu/job", 50_000),
                f"{V2}/cpuacct/job/cpuacct.usage": "5",
            },
            (0.5, f"{V2}/cpuacct/job/cpuacct.usage"),
        ),
        (
            "3:cpuset:/job\n4:cpu,cpuacct:/job",
            {f"{V2}/cpuset/job/cpuset.cpus": "0,2\n", f"{V2}/cpuset/cpuset.cpus": "0-15\n"},
            (2, f"{BOTH}/job/cpuacct.usage"),
        ),
        ("5:cpu:/job", quota(f"{V2}/cpu/job", 50_000), (0.5, None)),
    ],
)
def test_version_1_is_read_wherever_it_is_mounted(
    tree: Tree, lines: str, files: dict[str, str], expected: tuple[float, str | None] | None
) -> None:
    together = {} if "cpu:" in lines else {f"{BOTH}/{group}cpuacct.usage": "5" for group in ("", "docker/1/", "job/")}

    assert found(tree({"proc/self/cgroup": f"{lines}\n0::/\n", **together, **files})) == expected


def test_without_procfs_the_top_is_looked_at(tree: Tree) -> None:
    root = tree({f"{V2}/cpu.max": "100000 100000"})

    assert cpu_limit(root, ONLINE) == CpuLimit(cpus=1, usage=None)


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        ({"sys/fs/cgroup/memory.max": "1073741824\n"}, 1 << 30),
        ({"sys/fs/cgroup/memory.max": "max\n"}, None),
        (
            {
                "proc/self/cgroup": "4:memory:/job\n0::/\n",
                "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "2147483648\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            },
            2 << 30,
        ),
        (
            {
                "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/memory.max": "1073741824\n",
                "sys/fs/cgroup/a/b/memory.max": "2147483648\n",
            },
            1 << 30,
        ),
        ({}, None),
    ],
)
def test_the_least_limit_on_memory(tree: Tree, files: dict[str, str], limit: int | None) -> None:
    root = tree({"proc/self/cgroup": "0::/\n", **files})

    assert memory_limit_bytes(root) == limit
