"""The real command in a container that was given a part of a server, beside an AMD GPU, on a fake root."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import ROOT, Emissions
from tests.fixtures_metering import SERVER, card

LIMITS = {
    "sys/fs/cgroup/cpu.max": "100000 100000\n",
    "sys/fs/cgroup/cpu.stat": "usage_usec 1000\n",
    "sys/fs/cgroup/memory.max": f"{4 << 30}\n",
}
GPU = card(0, "amdgpu", 3, power1_average=250_000_000, power1_cap=750_000_000, device__unique_id="ab12")
WORK = """
import os, pathlib
root = pathlib.Path(os.environ["EMISSIONS_SYSFS_ROOT"])
for socket in ("0", "1"):
    (root / f"sys/class/powercap/intel-rapl:{socket}/energy_uj").write_text("6000000\\n")
(root / "sys/class/powercap/intel-rapl:0:1/energy_uj").write_text("1300000\\n")
(root / "sys/fs/cgroup/cpu.stat").write_text("usage_usec 301000\\n")
stat = (root / "proc/stat").read_text()
(root / "proc/stat").write_text(stat.replace("cpu  1000 ", "cpu  1040 "))
"""
"""The sockets take 5 J and 4 J, the memory 1 J; of 0.4 s of busy time 0.3 s are the container's."""


@pytest.fixture
def footprint(tmp_path: Path) -> dict[str, Any]:
    """The footprint of a job on such a machine."""
    root = tmp_path / "machine"
    for name, text in (SERVER | GPU | LIMITS).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    environ = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(root),
        "PYTHONPATH": str(ROOT),
        "EMISSIONS_SYSFS_ROOT": str(root),
        "EMISSIONS_SOURCES": "rapl,hwmon,cpu_model,dram_model",
    }
    folder = tmp_path / "job"
    folder.mkdir()

    ran = Emissions(cwd=folder, environ=environ)("run", "--region", "FR", "--", "python3", "-c", WORK)

    assert ran.status == 0, ran.err
    found: dict[str, Any] = json.loads((ran.folder / "footprint.json").read_text())
    return found


def test_the_job_is_billed_its_part_of_the_host_and_all_of_its_gpu(footprint: dict[str, Any]) -> None:
    meters = {meter["id"]: meter for meter in footprint["meters"]}
    sockets = [meters["rapl:package-0"], meters["rapl:package-1-die-0"]]
    gpu = meters["hwmon:GPU-ab12"]

    # Between half (its processors) and three quarters (its work).
    assert all(0.5 < socket["share_ratio"] < 0.75 for socket in sockets)
    whole_j = sockets[0]["energy_j"] / sockets[0]["share_ratio"]
    assert 2.5 < whole_j <= 5.001
    assert sockets[0]["low_j"] < whole_j * 0.5
    assert sockets[0]["high_j"] > whole_j * 0.75
    assert meters["rapl:package-0/dram"]["share_ratio"] == 0.25
    assert (gpu["share_ratio"], gpu["method"]) == (None, "integrated")
    assert gpu["energy_j"] == pytest.approx(250 * footprint["job"]["duration_s"], rel=0.01)
    assert footprint["hardware"]["gpus"] == [{"uuid": "GPU-ab12", "name": "AMD GPU 1002:74A1"}]


def test_what_was_given_of_the_machine_is_in_the_footprint(footprint: dict[str, Any]) -> None:
    hardware = footprint["hardware"]

    assert (hardware["cpu_count"], hardware["host_cpu_count"], hardware["cpu_share_ratio"]) == (1, 2, 0.5)
    assert (hardware["memory_gb"], hardware["host_memory_gb"]) == (4, 16)
    assert {flag.partition(":")[0] for flag in footprint["flags"]} >= {"cpu-share", "memory-share"}
