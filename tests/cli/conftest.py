"""Fixtures of the command line's tests: a machine without meters, and one run that many tests look at."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.cli.command import ROOT, Emissions, Ran
from tests.fixtures_metering import PROC, nvml_standin

__all__ = ["nvml_standin"]

JOB = "import json, sys; json.dump({'units': {'sample': 50000}, 'epochs': 3}, open('metrics.json', 'w')); print('done')"


@pytest.fixture(scope="session")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment on a virtual machine with two processors, 16 GB, no RAPL and no GPU."""
    root = tmp_path_factory.mktemp("machine")
    for name, text in PROC.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "sys/class/powercap").mkdir(parents=True)
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(root),
        "PYTHONPATH": str(ROOT),
        "EMISSIONS_SYSFS_ROOT": str(root),
        "EMISSIONS_SOURCES": "rapl,cpu_model,dram_model",
    }


@pytest.fixture
def emissions(environ: dict[str, str], tmp_path: Path) -> Emissions:
    """`emissions` in an empty folder."""
    folder = tmp_path / "job"
    folder.mkdir()
    return Emissions(cwd=folder, environ=environ)


@pytest.fixture(scope="session")
def finished(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """One run with budgets and counts; look at it, do not change it."""
    emissions = Emissions(cwd=tmp_path_factory.mktemp("finished"), environ=environ)
    ran = emissions(
        "run", "--region", "FR", "--name", "train", "--budget", "50 g", "--budget", "130 J/sample",
        "--metrics", "metrics.json", "--", "python3", "-c", JOB,
    )  # fmt: skip
    assert ran.status == 0, ran.err
    return ran


@pytest.fixture
def ran(finished: Ran, emissions: Emissions) -> Path:
    """A copy of that run's folder."""
    return shutil.copytree(finished.folder, emissions.cwd / "ran")


@pytest.fixture
def placeless(ran: Path) -> Path:
    """A recording whose meter was ended before the region was known."""
    path = ran / "recording.jsonl"
    first, *rest = path.read_text().splitlines(keepends=True)
    start = json.loads(first)
    start["extra"] = {}
    later = [line for line in rest if '"kind":"extra"' not in line]
    path.write_text(json.dumps(start) + "\n" + "".join(later))
    (ran / "footprint.json").unlink()
    return ran
