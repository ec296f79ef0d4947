"""`emissions doctor`: every source with what it would measure, and the fix for each that cannot be read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reporter.probes import PROBES
from tests.cli.command import ROOT, Emissions, Ran
from tests.fixtures_metering import PROC, SERVER, Scenario, powercap, zone

EXAMPLE = ROOT / "examples" / "recordings" / "gpu.jsonl"
UUID = "GPU-00000000-0000-0000-0000-00000000000"
Tree = Callable[[dict[str, str]], Path]


def on(emissions: Emissions, root: Path, *options: str, **environ: str) -> Ran:
    """Doctor on that machine, in a process of its own: it may open a driver."""
    settings = {"EMISSIONS_SYSFS_ROOT": str(root), "EMISSIONS_SOURCES": "", **environ}
    ran = emissions("doctor", "--region", "FR", *options, "--json", **settings)
    assert ran.status == 0, ran.err
    return ran


def rows(ran: Ran, source: str | None = None) -> list[dict[str, Any]]:
    checks: list[dict[str, Any]] = ran.json["checks"]
    return [check for check in checks if check["source"] == source]


def test_every_source_is_listed_in_the_order_of_preference(emissions: Emissions, server: Path) -> None:
    ran = on(emissions, server)

    listed = [check["source"] for check in ran.json["checks"] if check["source"]]
    assert [*dict.fromkeys(listed)] == [*PROBES]
    assert {"status", "subject", "finding", "fix", "source", "meter", "reads"} == set(ran.json["checks"][0])


def test_each_meter_has_its_method_its_range_and_whether_it_counts(emissions: Emissions, server: Path) -> None:
    meters = {row["meter"]["id"]: row for row in rows(on(emissions, server), "rapl")}

    package, core = meters["rapl:package-0"], meters["rapl:package-0/core"]
    assert package["status"] == "ok"
    assert "energy counter, ±5 %" in package["finding"]
    assert package["meter"] == {
        "id": "rapl:package-0", "component": "cpu", "method": "counter", "low_ratio": 0.95, "high_ratio": 1.05,
        "selected": True, "shared": False, "counted": True,
    }  # fmt: skip
    assert (core["status"], core["meter"]["counted"]) == ("info", False)
    assert "not counted: part of package-0" in core["finding"]
    assert "psys" in meters["rapl:psys"]["subject"]
    assert "never summed" in meters["rapl:psys"]["finding"]


def test_models_that_a_measurement_makes_superfluous_are_listed_with_the_reason(
    emissions: Emissions, server: Path
) -> None:
    (model,) = rows(on(emissions, server), "cpu_model")

    assert "modelled, −30 % to +60 %" in model["finding"]
    assert "not counted: the CPU is measured" in model["finding"]
    assert model["meter"]["counted"] is False


def test_on_a_virtual_machine_the_models_count_and_absence_is_no_problem(
    emissions: Emissions, virtual_machine: Path
) -> None:
    ran = on(emissions, virtual_machine, EMISSIONS_NVML_LIBRARY="")

    assert [row["meter"]["counted"] for name in ("cpu_model", "dram_model") for row in rows(ran, name)] == [True, True]
    (rapl,) = rows(ran, "rapl")
    assert (rapl["status"], rapl["meter"]) == ("info", None)
    assert rapl["reads"].startswith("CPU packages and memory through RAPL")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_counters_that_may_not_be_read_have_the_exact_fix(emissions: Emissions, server: Path) -> None:
    for counter in server.glob("sys/class/powercap/*/energy_uj"):
        counter.chmod(0)

    (refused,) = [row for row in rows(on(emissions, server), "rapl") if row["status"] == "problem"]

    assert "chgrp rapl" in refused["fix"]
    assert "CVE-2020-8694" in refused["fix"]


def test_counters_that_are_masked_in_a_container_have_the_exact_fix(emissions: Emissions, tree: Tree) -> None:
    root = tree(PROC)
    (root / "sys/class/powercap").mkdir(parents=True)
    (root / "sys/class/powercap/intel-rapl:0").symlink_to("../../devices/virtual/powercap/intel-rapl:0")

    (masked,) = rows(on(emissions, root), "rapl")

    assert "systempaths=unconfined" in masked["fix"]


def test_a_counter_that_is_broken_is_a_problem_beside_those_that_work(emissions: Emissions, tree: Tree) -> None:
    root = tree(SERVER | powercap({"intel-rapl:1": zone("package-1-die-0", "not a number")}))

    found = rows(on(emissions, root), "rapl")

    (broken,) = [row for row in found if row["status"] == "problem"]
    assert broken["subject"] == "rapl:package-1-die-0"
    assert [row for row in found if row["status"] == "ok"]


def test_gpus_are_listed_by_uuid_with_those_that_the_command_may_use(
    emissions: Emissions, virtual_machine: Path, standin: Scenario
) -> None:
    environ = standin(gpus=2)

    ran = on(emissions, virtual_machine, CUDA_VISIBLE_DEVICES=f"{UUID}1", **environ)

    hidden, used = rows(ran, "nvml")
    assert (hidden["meter"]["id"], hidden["meter"]["selected"], hidden["status"]) == (f"nvml:{UUID}0", False, "info")
    assert "CUDA_VISIBLE_DEVICES" in hidden["fix"]
    assert "not given to this job" in hidden["finding"]
    assert (used["meter"]["selected"], used["status"], used["fix"]) == (True, "ok", None)
    assert f"{UUID}1" in used["finding"]
    every = rows(on(emissions, virtual_machine, "--gpus", "all", CUDA_VISIBLE_DEVICES="", **environ), "nvml")
    assert [row["meter"]["selected"] for row in every] == [True, True]


def test_what_hides_a_gpu_is_named(emissions: Emissions, virtual_machine: Path, standin: Scenario) -> None:
    environ = standin(gpus=2, slices=[(1, "MIG-1")])

    def fix(*options: str, **more: str) -> str:
        (hidden,) = (
            row
            for row in rows(on(emissions, virtual_machine, *options, **environ, **more), "nvml")
            if row["meter"] and not row["meter"]["selected"]
        )
        return str(hidden["fix"])

    assert "`--gpus` does not name it" in fix("--gpus", "1")
    assert "MIG" in fix()
    assert "CUDA_VISIBLE_DEVICES hides it" in fix(CUDA_VISIBLE_DEVICES="1")


def test_a_driver_that_may_not_be_asked_is_a_problem_with_its_fix(
    emissions: Emissions, virtual_machine: Path, standin: Scenario
) -> None:
    (row,) = rows(on(emissions, virtual_machine, **standin(faults=[("nvmlInit", -1, 4)])), "nvml")

    assert row["status"] == "problem"
    assert "/dev/nvidia" in row["fix"]


def test_a_library_that_is_none_shows_the_loaders_own_words(
    emissions: Emissions, virtual_machine: Path, tmp_path: Path
) -> None:
    (tmp_path / "text.so").write_text("no library")

    (row,) = rows(on(emissions, virtual_machine, EMISSIONS_NVML_LIBRARY=str(tmp_path / "text.so")), "nvml")

    assert row["status"] == "problem"
    assert "text.so" in row["finding"]


def test_the_share_of_the_machine_is_told(emissions: Emissions, tree: Tree) -> None:
    limited = {
        "proc/self/cgroup": "0::/job\n",
        "sys/fs/cgroup/cpu.stat": "usage_usec 0\n",
        "sys/fs/cgroup/job/cpu.max": "100000 100000\n",
        "sys/fs/cgroup/job/cpu.stat": "usage_usec 12345\n",
        "sys/fs/cgroup/job/memory.max": f"{4 << 30}\n",
    }
    whole = tree(PROC)
    (all_of_it,) = (row for row in rows(on(emissions, whole)) if row["subject"] == "machine")
    part = tree(PROC | limited)
    (some_of_it,) = (row for row in rows(on(emissions, part)) if row["subject"] == "machine")

    assert all_of_it["finding"] == "AMD EPYC 7763 64-Core Processor, 2 processors, 16 GB of memory"
    assert some_of_it["finding"] == "AMD EPYC 7763 64-Core Processor, 1 of 2 processors, 4 of 16 GB of memory"


def test_sources_that_were_not_asked_for_say_who_left_them_out(emissions: Emissions, server: Path) -> None:
    ran = on(emissions, server, "--sources", "rapl")

    (model,) = rows(ran, "cpu_model")
    assert model["finding"] == "not asked for (`--sources`)"
    assert rows(ran, "rapl")[0]["status"] == "ok"


def test_a_recording_to_play_back_is_looked_at_like_every_source(emissions: Emissions, server: Path) -> None:
    idle = rows(on(emissions, server), "replay")
    used = on(emissions, server, "--sources", f"replay:{EXAMPLE}")

    assert [row["fix"] for row in idle] == ["`--sources replay:PATH`"]
    assert [row["meter"]["component"] for row in rows(used, "replay")] == ["gpu"] * 4 + ["cpu", "dram"]
    (machine,) = (row for row in rows(used) if row["subject"] == "machine")
    assert "of the recording gpu.jsonl" in machine["finding"]


def test_people_get_the_fix_below_its_finding(emissions: Emissions, virtual_machine: Path) -> None:
    ran = emissions("doctor", EMISSIONS_SYSFS_ROOT=str(virtual_machine), EMISSIONS_SOURCES="")

    lines = ran.text.splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith("· rapl: cannot be read"))
    assert lines[at + 1] == (
        "    It reads: CPU packages and memory through RAPL: the energy counters in /sys/class/powercap."
    )
    assert "    `--sources replay:PATH`" in lines
    assert next(line for line in lines if line.startswith("✗ region"))
