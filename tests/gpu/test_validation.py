"""The script for real GPUs, on the stand-in: what needs no work is measured, what does says why it is not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reporter.metering.recording import read_recording

ROOT = Path(__file__).parents[2]
UUID = "GPU-12345678-1234-1234-1234-123456789abc"


@pytest.fixture(scope="module")
def results(nvml_standin: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[tuple[int, str, str]], Path]:
    """Point, what, found of each row; and the folder that was written."""
    from tests.fixtures_metering import standin_environment

    folder = tmp_path_factory.mktemp("validation")
    # Without the command's models: they would read this machine.
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "EMISSIONS_SOURCES": "nvml"}
    environ |= standin_environment(nvml_standin, folder, uuids=[UUID], tick_ms=50)
    command = [sys.executable, "-m", "benchmarks.gpu_validation", "--quick", "--out", str(folder / "out")]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^\| +(\d+) \| (.+?) \| (.*) \|$", (folder / "out/results.md").read_text(), re.MULTILINE)
    return [(int(point), what, found) for point, what, found in rows], folder / "out"


def found(results: Any, point: int) -> dict[str, str]:
    return {what: text for number, what, text in results[0] if number == point}


def test_all_ten_points_have_an_answer_in_their_order(results: Any) -> None:
    points = [point for point, _, _ in results[0]]

    assert points == sorted(points)
    assert set(points) == set(range(1, 11))
    assert not [row for row in results[0] if row[1] == "not finished"]


def test_the_ticks_of_the_counter_are_counted(results: Any) -> None:
    (text,) = found(results, 1).values()

    assert float(re.search(r"median ([\d.]+) ms", text)[1]) == pytest.approx(50, abs=8)  # type: ignore[index]


def test_scopes_that_are_not_there_are_errors_and_not_zeros(results: Any) -> None:
    (text,) = [text for what, text in found(results, 6).items() if "186" in what]

    assert text == "GPU: 100000 mW; module: not supported (NVML 3); memory: not supported (NVML 3)"


def test_the_meter_agrees_with_the_bare_counter(results: Any) -> None:
    bare_j, metered_j = (float(text.split(" J")[0]) for text in found(results, 7).values())

    assert bare_j == pytest.approx(100 * 0.5, rel=0.15)
    assert metered_j == pytest.approx(bare_j, rel=0.15)


@pytest.mark.parametrize("point", [3, 4, 8, 9])
def test_what_needs_work_says_why_it_was_not_run(results: Any, point: int) -> None:
    if Path("/proc/driver/nvidia").exists():
        pytest.skip("this machine has an NVIDIA driver")
    for text in found(results, point).values():
        assert re.match(r"not run: \w+", text)


def test_the_recording_can_be_kept_as_a_fixture(results: Any) -> None:
    text = (results[1] / "recording.jsonl").read_text()
    recording, extra = read_recording(results[1] / "recording.jsonl")

    assert recording.complete
    assert (recording.job.command, extra) == (None, {})
    assert UUID not in text
    assert str(results[1].parent) not in text


def test_what_a_stand_in_says_is_not_written_into_the_page(nvml_standin: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.gpu_validation", "--write"]

    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "EMISSIONS_NVML_LIBRARY": str(nvml_standin)}, capture_output=True
    )

    assert done.returncode == 2
    assert b"real GPUs" in done.stderr
