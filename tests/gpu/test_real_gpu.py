"""What must hold on any NVIDIA GPU: run on the stand-in everywhere, and on the real driver where there is one.

On a machine with a GPU: `make test TESTS="-m gpu"`. Its recordings are left in `.cache/recordings` to become fixtures.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
IDLE_W = 2.0
"""No powered GPU draws less."""

Run = Callable[..., dict[str, Any]]


def has_gpu() -> bool:
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return False
    count = ctypes.c_uint()
    counted = library.nvmlInit_v2() == 0 and library.nvmlDeviceGetCount_v2(ctypes.byref(count)) == 0
    return counted and count.value > 0


REAL = pytest.param("real", marks=[pytest.mark.gpu, pytest.mark.skipif(not has_gpu(), reason="no NVIDIA GPU here")])


@pytest.fixture(params=["stand-in", REAL])
def meter(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """Meters `sleep` and returns the footprint; keywords are environment variables."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    if request.param == "stand-in":
        environ |= request.getfixturevalue("standin")(gpus=2, trace=[(0, 0, 250), (0, 1, 90)], limit_w=700)

    def run(seconds: float, *options: str, **more: str) -> dict[str, Any]:
        out = tmp_path / f"out-{len(list(tmp_path.glob('out-*')))}"
        command = [sys.executable, "-m", "reporter", "run", "--quiet", "--region", "FR", "--out", str(out), *options]
        subprocess.run([*command, "--", "sleep", str(seconds)], env=environ | more, check=True, timeout=60)
        if request.param == "real":
            kept = ROOT / ".cache" / "recordings"
            kept.mkdir(parents=True, exist_ok=True)
            shutil.copy(out / "recording.jsonl", kept / f"{request.node.name}.jsonl")
        footprint: dict[str, Any] = json.loads((out / "footprint.json").read_text())
        return footprint

    return run


def gpu_meters(footprint: dict[str, Any]) -> list[dict[str, Any]]:
    return [meter for meter in footprint["meters"] if meter["component"] in ("gpu", "module")]


def test_every_gpu_is_measured_between_idle_and_far_above_any_limit(meter: Run) -> None:
    footprint = meter(2.5)

    meters = gpu_meters(footprint)
    assert meters
    assert not [row for row in footprint["unavailable"] if row["source"].startswith("nvml")]
    for row in meters:
        assert row["method"] in ("counter", "integrated")
        assert IDLE_W < row["energy_j"] / footprint["job"]["duration_s"] < 3000
        assert row["repeat_low_j"] <= row["energy_j"] <= row["repeat_high_j"]
        assert row["coverage_ratio"] > 0.9


def test_two_idle_runs_agree_within_what_a_repeat_may_give(meter: Run) -> None:
    first, second = (gpu_meters(meter(3.0))[0] for _ in range(2))

    # Twice the interval: both ends of both runs, and an idle GPU may still be cooling down.
    width_j = 2 * (first["repeat_high_j"] - first["repeat_low_j"]) + 0.1 * first["energy_j"]
    assert abs(first["energy_j"] - second["energy_j"]) <= width_j


def test_a_gpu_that_the_job_was_not_given_is_not_counted(meter: Run) -> None:
    first = gpu_meters(meter(1.0))[0]
    uuid = first["id"].removeprefix("nvml:")

    only = gpu_meters(meter(1.0, CUDA_VISIBLE_DEVICES=uuid))
    none = gpu_meters(meter(1.0, CUDA_VISIBLE_DEVICES=""))

    assert [row["id"] for row in only if row["included"]] == [first["id"]]
    assert not [row for row in none if row["included"]]


def test_a_job_shorter_than_a_tick_has_energy_all_the_same(meter: Run) -> None:
    row = gpu_meters(meter(0.05))[0]

    assert row["energy_j"] is not None
    assert row["energy_j"] > 0
