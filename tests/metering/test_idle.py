"""Idle power is read before the command is started; a signal meanwhile means that nothing runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from reporter.domain.energy import account
from reporter.domain.readings import Column, Component, Description, Hardware, Job, Meter, Method, Quantity, Recording
from reporter.metering.recording import RecordingWriter, read_recording
from reporter.metering.run import MeteredResult, meter_command
from reporter.metering.sources import Source, Sources

METER = Meter(meter_id="m", label="m", component=Component.CPU, method=Method.COUNTER, source="fake")
DESCRIPTION = Description(meters=(METER,), columns=(Column(meter_id="m", quantity=Quantity.ENERGY_UJ),))
POWER_W = 20


class FakeProbe:
    """A counter that rises by 20 W from 1000 J on; all its readings fail where it is told so."""

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken

    def describe(self) -> Description:
        return DESCRIPTION

    def read(self) -> tuple[int | None, ...]:
        if self.broken:
            raise OSError("gone")
        return (10**9 + time.monotonic_ns() * POWER_W // 1000,)

    def reasons(self) -> tuple[tuple[str, str], ...]:
        return ()

    def close(self) -> None:
        pass


def meter(path: Path, *argv: str, probe: FakeProbe, seconds: float | None = 0.3) -> tuple[MeteredResult, Recording]:
    warnings: list[str] = []
    source = Source(name="fake", probe=probe, description=DESCRIPTION)
    result = meter_command(
        argv, env=dict(os.environ), sources=Sources(sources=(source,)), job=Job(name="job"), hardware=Hardware(),
        writer=RecordingWriter(path / "recording.jsonl", warn=warnings.append), extra={}, warn=warnings.append,
        idle_baseline_s=seconds,
    )  # fmt: skip
    return result, read_recording(path / "recording.jsonl")[0]


def test_the_idle_time_lies_before_the_command_and_was_read(tmp_path: Path) -> None:
    result, recording = meter(tmp_path, "sleep", "0.2", probe=FakeProbe())

    assert result.exit_status == 0
    assert recording.idle_ns is not None
    from_ns, to_ns = recording.idle_ns
    assert to_ns - from_ns >= 300_000_000
    assert to_ns <= recording.start_ns
    assert sum(from_ns <= t_ns <= to_ns for t_ns in recording.series[0].t_ns) >= 2
    assert recording.job.duration_s is not None
    assert recording.job.duration_s < (to_ns - from_ns) / 1e9 + 0.2


def test_the_idle_power_is_the_counter_s(tmp_path: Path) -> None:
    _, recording = meter(tmp_path, "sleep", "0.2", probe=FakeProbe())

    result = account(recording)

    assert result.baseline_w == pytest.approx(POWER_W, rel=1e-3)
    assert result.net_j == pytest.approx(0, abs=0.05)


def test_without_the_option_there_is_no_idle_time(tmp_path: Path) -> None:
    assert meter(tmp_path, "true", probe=FakeProbe(), seconds=None)[1].idle_ns is None


def test_sources_that_fail_meanwhile_do_not_keep_the_command_from_running(tmp_path: Path) -> None:
    result, recording = meter(tmp_path, "sh", "-c", "exit 5", probe=FakeProbe(broken=True))

    assert result.exit_status == 5
    assert account(recording).baseline_w is None


def test_the_idle_time_is_not_billed_to_a_command_that_cannot_be_started(tmp_path: Path) -> None:
    result, recording = meter(tmp_path, "no-such-command-anywhere", probe=FakeProbe())

    assert result.exit_status == 127
    assert not result.called_off
    assert (account(recording).it_j or 0) < POWER_W * 0.2


def run(folder: Path, *options: str, **keywords: Any) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "reporter",
        "run",
        "--region",
        "FR",
        "--out",
        "out",
        *options,
        "--",
        "touch",
        "ran",
    ]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root), **keywords.pop("env", {})}
    return subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True, **keywords)


def until_idle(folder: Path) -> None:
    """Wait until the sources are being read."""
    path = folder / "out" / "recording.jsonl"
    for _ in range(1000):
        if path.is_file() and path.read_bytes().count(b'{"s":') > 0:
            time.sleep(0.3)
            return
        time.sleep(0.01)
    raise AssertionError("nothing is read")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_while_idle_power_is_measured_means_that_nothing_runs(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    process = run(tmp_path, "--idle-baseline", "60", stdin=subprocess.DEVNULL)
    until_idle(tmp_path)

    process.send_signal(number)
    _, stderr = process.communicate(timeout=20)

    assert process.returncode == status
    assert not (tmp_path / "ran").exists()
    assert f"{number.name} came while the idle power was measured: the command was not started" in stderr
    recording, _ = read_recording(tmp_path / "out" / "recording.jsonl")
    assert (recording.job.exit_status, recording.job.duration_s) == (status, 0)
    assert account(recording).it_j is None


def test_a_signal_that_the_meter_was_started_to_ignore_is_ignored_meanwhile_too(tmp_path: Path) -> None:
    ignoring = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)}
    process = run(tmp_path, "--idle-baseline", "1.5", stdin=subprocess.DEVNULL, **ignoring)
    until_idle(tmp_path)

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)

    assert process.returncode == 0
    assert (tmp_path / "ran").exists()


def test_a_meter_that_is_killed_while_idle_power_is_measured_bills_nobody(tmp_path: Path) -> None:
    process = run(tmp_path, "--idle-baseline", "60", stdin=subprocess.DEVNULL)
    until_idle(tmp_path)
    time.sleep(0.5)
    process.kill()
    process.communicate(timeout=20)

    (path,) = tmp_path.rglob("recording.jsonl")
    recording, _ = read_recording(path)

    assert not recording.complete
    assert recording.start_ns == recording.end_ns
    assert account(recording).it_j is None


def test_a_gpu_s_idle_power_is_in_the_footprint(tmp_path: Path, standin: Any) -> None:
    environment = standin(gpus=1, trace=[(0, 0, 90)], tick_ms=20)

    process = run(tmp_path, "--idle-baseline", "0.8", "--sources", "nvml", env=environment)
    _, stderr = process.communicate(timeout=20)

    assert process.returncode == 0
    result = account(read_recording(tmp_path / "out" / "recording.jsonl")[0])
    assert result.meters[0].baseline_w == pytest.approx(90, rel=0.05)
    assert "before the job, with nothing to do, the machine drew" in " ".join(stderr.split())
