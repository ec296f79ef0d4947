"""The models of processors and memory, and the facts of the machine that they start from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reporter.domain.readings import Component, Hardware, Method, PowerCurve, Quantity
from reporter.errors import FactorError
from reporter.probes import ProbeContext, open_probe
from reporter.probes.cpu_model import CpuModelProbe, accounted_ns, group_busy_ns, machine_busy_ns
from reporter.probes.dram_model import DramModelProbe
from reporter.probes.machine import cpu_count, cpu_name, hardware, memory_gb

Tree = Callable[[dict[str, str]], Path]


def cpu_curve(name: str | None, cpus: int) -> PowerCurve:
    return PowerCurve(points=((0.0, 1.0), (1.0, 2.0)), cpus=cpus, source=str(name), year=2024)


def dram_curve(memory_gb: float) -> PowerCurve:
    return PowerCurve(points=((0.0, 0.5 * memory_gb),), cpus=1, source="", year=2024)


def context(root: Path) -> ProbeContext:
    return ProbeContext(environment={}, root=str(root))


def test_busy_time_leaves_out_idle_waiting_steal_and_guests() -> None:
    #                                 user nice sys idle iowait irq softirq steal guest guest_nice
    assert machine_busy_ns(b"cpu  100 20 30 4000 500 6 7 800 90 10\ncpu0 1 2") == (100 + 20 + 30 + 6 + 7) * 10_000_000


@pytest.mark.parametrize("text", [b"", b"cpu0 1 2 3 4 5 6 7 8", b"cpu 1 2", b"cpu a b c d e f g h"])
def test_text_that_is_not_proc_stat_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"not|invalid"):
        machine_busy_ns(text)


def test_the_groups_clock_is_in_microseconds() -> None:
    assert group_busy_ns(b"usage_usec 1234\nuser_usec 1000\n") == 1_234_000
    with pytest.raises(ValueError, match="not"):
        group_busy_ns(b"nr_periods 3")


def test_version_1_counts_in_nanoseconds() -> None:
    assert accounted_ns(b"8123456789\n") == 8_123_456_789
    with pytest.raises(ValueError, match="invalid"):
        accounted_ns(b"user 3")


def test_the_processors_are_modelled_from_busy_time(virtual_machine: Path, tree: Tree) -> None:
    probe = CpuModelProbe(context(virtual_machine), cpu_curve)

    (meter,) = probe.describe().meters
    before = probe.read()
    tree({"proc/stat": "cpu  1100 0 500 90000 300 10 20 7 5 0\n"})
    after = probe.read()

    assert (meter.component, meter.method) == (Component.CPU, Method.MODELLED)
    assert (meter.gain_low_ratio, meter.gain_high_ratio) == (0.70, 1.60)
    assert meter.model == cpu_curve("AMD EPYC 7763 64-Core Processor", 2)
    assert before == (15_300_000_000,)
    assert after == (16_300_000_000,)
    probe.close()
    probe.close()


def test_a_failed_read_is_missed_with_its_reason(virtual_machine: Path, tree: Tree) -> None:
    probe = CpuModelProbe(context(virtual_machine), cpu_curve)
    probe.describe()

    tree({"proc/stat": "nothing\n"})

    assert probe.read() == (None,)
    assert probe.reasons()[0][0] == "model:cpu"


def test_without_procfs_the_time_of_ended_children_counts(tree: Tree) -> None:
    probe = CpuModelProbe(context(tree({"etc/hosts": ""})), cpu_curve)

    (meter,) = probe.describe().meters
    (busy_ns,) = probe.read()

    assert meter.label == "CPU"
    assert busy_ns is not None
    assert busy_ns >= 0


V2 = {"sys/fs/cgroup/cpu.max": "50000 100000\n", "sys/fs/cgroup/cpu.stat": "usage_usec 5\nuser_usec 4\n"}
V1 = {
    "proc/self/cgroup": "3:cpu,cpuacct:/docker/1\n",
    "sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_quota_us": "50000\n",
    "sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_period_us": "100000\n",
    "sys/fs/cgroup/cpu,cpuacct/docker/1/cpuacct.usage": "5000\n",
}


@pytest.mark.parametrize("files", [V2, V1])
def test_a_limited_group_is_modelled_by_its_own_clock_beside_the_machines(
    virtual_machine: Path, tree: Tree, files: dict[str, str]
) -> None:
    tree(files)
    probe = CpuModelProbe(context(virtual_machine), cpu_curve)

    description = probe.describe()

    assert description.meters[0].model == cpu_curve("AMD EPYC 7763 64-Core Processor", 1)
    assert [column.quantity for column in description.columns] == [Quantity.BUSY_NS, Quantity.HOST_BUSY_NS]
    assert {column.meter_id for column in description.columns} == {"model:cpu"}
    assert probe.read() == (5_000, 15_300_000_000)
    tree({"proc/stat": "nothing\n"})
    assert (probe.read(), probe.reasons()) == ((5_000, None), ())


def test_a_whole_machine_has_one_clock(virtual_machine: Path, tree: Tree) -> None:
    tree({"sys/fs/cgroup/cpu.max": "200000 100000\n", "sys/fs/cgroup/cpu.stat": "usage_usec 5\n"})

    description = CpuModelProbe(context(virtual_machine), cpu_curve).describe()

    assert [column.quantity for column in description.columns] == [Quantity.BUSY_NS]


def test_a_limited_group_that_nobody_counts_is_modelled_by_the_machines_clock(
    virtual_machine: Path, tree: Tree
) -> None:
    tree({"sys/fs/cgroup/cpu.max": "50000 100000\n", "sys/fs/cgroup/cpu.stat": "throttled_usec 5\n"})
    probe = CpuModelProbe(context(virtual_machine), cpu_curve)

    assert [column.quantity for column in probe.describe().columns] == [Quantity.BUSY_NS]
    assert probe.read() == (15_300_000_000,)


def test_no_model_is_unavailable_with_the_reason(virtual_machine: Path) -> None:
    def refuse(*_: object) -> PowerCurve:
        raise FactorError("the table is empty", hint="reinstall")

    (cpu,) = CpuModelProbe(context(virtual_machine), refuse).describe().unavailable
    (dram,) = DramModelProbe(context(virtual_machine), refuse).describe().unavailable

    for row in (cpu, dram):
        assert "the table is empty" in row.reason
        assert (row.remedy, row.expected) == ("reinstall", False)
    assert (cpu.component, dram.component) == (Component.CPU, Component.DRAM)


def test_memory_is_a_constant_by_its_size_and_has_no_readings(virtual_machine: Path) -> None:
    probe = DramModelProbe(context(virtual_machine), dram_curve)

    description = probe.describe()

    assert description.meters[0].model == dram_curve(16.0)
    assert description.meters[0].component is Component.DRAM
    assert (description.columns, probe.read(), probe.reasons()) == ((), (), ())
    probe.close()


def test_memory_of_unknown_size_is_unavailable_not_zero(tree: Tree) -> None:
    description = DramModelProbe(context(tree({"proc/meminfo": "Cached: 5 kB\n"})), dram_curve).describe()

    assert not description.meters
    assert description.unavailable[0].reason


def test_the_shipped_curves_are_used(virtual_machine: Path) -> None:
    (cpu,) = open_probe("cpu_model", context(virtual_machine)).describe().meters
    (dram,) = open_probe("dram_model", context(virtual_machine)).describe().meters

    assert cpu.model is not None
    assert cpu.model.points[0][1] > 0
    assert (cpu.model.source != "", cpu.model.year is not None) == (True, True)
    assert (dram.gain_low_ratio, dram.gain_high_ratio) == (0.5, 1.5)
    assert dram.model is not None
    assert dram.model.points[0][1] == pytest.approx(16 * 0.38, rel=0.1)


def test_the_machines_facts(virtual_machine: Path) -> None:
    facts = hardware(str(virtual_machine))

    assert facts == Hardware(cpu="AMD EPYC 7763 64-Core Processor", cpu_count=2, memory_gb=16.0)


def test_the_machines_facts_beside_the_part_that_was_given(virtual_machine: Path, tree: Tree) -> None:
    tree(V2 | {"sys/fs/cgroup/memory.max": str(3 << 30)})

    facts = hardware(str(virtual_machine))

    assert (facts.cpu_count, facts.host_cpu_count, facts.cpu_share_ratio) == (1, 2, 0.25)
    assert (facts.memory_gb, facts.host_memory_gb) == (3.0, 16.0)


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ("model name\t: Intel(R) Xeon(R)\n\nmodel name : other\n", "Intel(R) Xeon(R)"),
        ("CPU implementer\t: 0x41\nCPU part\t: 0xd49\n", "Neoverse-N2"),
        ("CPU implementer\t: 0x61\nCPU part\t: 0xd49\n", None),
        ("", None),
    ],
)
def test_the_processors_name(tree: Tree, lines: str, name: str | None) -> None:
    assert cpu_name(str(tree({"proc/cpuinfo": lines}))) == name


def test_an_absent_name_is_none(tmp_path: Path) -> None:
    assert cpu_name(str(tmp_path)) is None
    assert memory_gb(str(tmp_path)) is None


def test_a_limit_rounds_up_and_never_exceeds_the_machine(virtual_machine: Path, tree: Tree) -> None:
    counts = []
    for limit in ("10000 100000", "120000 100000", "900000 100000"):
        tree({"sys/fs/cgroup/cpu.max": limit, "sys/fs/cgroup/cpu.stat": "usage_usec 1\n"})
        counts.append(cpu_count(str(virtual_machine)))

    assert counts == [1, 2, 2]


def test_memory_is_what_the_group_was_given(virtual_machine: Path, tree: Tree) -> None:
    tree({"sys/fs/cgroup/memory.max": str(3 << 30)})

    assert memory_gb(str(virtual_machine)) == 3.0
