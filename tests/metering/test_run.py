"""One metered command from start to end, with real sources, faulty ones, and the NVML stand-in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from reporter.domain.energy import account
from reporter.domain.readings import Column, Component, Description, Hardware, Job, Meter, Method, Quantity
from reporter.metering.parsing import parse_recording
from reporter.metering.recording import RecordingWriter, read_recording
from reporter.metering.run import MeteredResult, meter_command
from reporter.metering.sources import Source, Sources, open_sources
from reporter.probes import ProbeContext
from reporter.probes.machine import hardware

DRIVE = Path(__file__).parent / "drive.py"
ROOT = Path(__file__).parents[2]
METER = Meter(meter_id="m", label="", component=Component.CPU, method=Method.COUNTER, source="fake")
DESCRIPTION = Description(meters=(METER,), columns=(Column(meter_id="m", quantity=Quantity.ENERGY_UJ),))


class FakeProbe:
    """Counts up; fails at the nth reading, or at closing."""

    def __init__(self, fails_at: int | None = None, fails_to_close: bool = False) -> None:
        self.reads = 0
        self.fails_at = fails_at
        self.fails_to_close = fails_to_close

    def describe(self) -> Description:
        return DESCRIPTION

    def read(self) -> tuple[int | None, ...]:
        self.reads += 1
        if self.reads == self.fails_at:
            raise OSError("gone")
        return (self.reads,)

    def reasons(self) -> tuple[tuple[str, str], ...]:
        return ()

    def close(self) -> None:
        if self.fails_to_close:
            raise OSError("gone")


def meter(*argv: str, probe: Any, warnings: list[str], path: Path | None = None, **changes: Any) -> MeteredResult:
    sources = Sources(sources=(Source(name="fake", probe=probe, description=DESCRIPTION),))
    keywords: dict[str, Any] = {
        "env": dict(os.environ),
        "sources": sources,
        "writer": RecordingWriter(path, warn=warnings.append),
        "job": Job(name="job"),
        "hardware": Hardware(),
        "extra": {"site": 1},
        "warn": warnings.append,
        **changes,
    }
    return meter_command(argv, **keywords)


@pytest.mark.parametrize(
    "probe",
    [
        FakeProbe(),
        FakeProbe(fails_at=1),
        FakeProbe(fails_at=2),
        FakeProbe(fails_at=4),
        FakeProbe(fails_to_close=True),
    ],
)
def test_a_probe_that_fails_costs_neither_recording_nor_status(probe: FakeProbe) -> None:
    warnings: list[str] = []

    result = meter("sh", "-c", "sleep 0.25; exit 5", probe=probe, warnings=warnings)

    recording, extra = result.recording()
    assert result.exit_status == 5
    assert (recording.complete, recording.job.exit_status) == (True, 5)
    assert extra == {"site": 1}
    assert len([value for value in recording.series[0].values if value is not None]) >= 2
    assert recording.self_cpu_s is not None
    assert warnings == []


def test_readings_lie_around_the_command(tmp_path: Path) -> None:
    result = meter("sleep", "0.15", probe=FakeProbe(), warnings=[], path=tmp_path / "r")

    recording, _ = read_recording(tmp_path / "r")
    t_ns = recording.series[0].t_ns
    assert t_ns[0] <= recording.start_ns < recording.end_ns <= t_ns[-1]
    assert (recording.start_ns, recording.end_ns) == (result.command.start_ns, result.command.end_ns)


@pytest.mark.parametrize("method", ["start", "command", "sample", "missed", "flag", "end"])
def test_a_writer_that_fails_costs_no_status(method: str) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    warnings: list[str] = []
    broken = type("Broken", (RecordingWriter,), {method: fail})(None, warn=warnings.append)

    result = meter("sh", "-c", "exit 7", probe=FakeProbe(fails_at=2), warnings=warnings, writer=broken)

    assert result.exit_status == 7


def test_a_command_that_is_not_there_is_told_and_recorded() -> None:
    warnings: list[str] = []

    result = meter("no-such-command-here", probe=FakeProbe(), warnings=warnings)

    assert result.exit_status == 127
    assert warnings == ["`no-such-command-here` was not found"]
    assert result.recording()[0].job.exit_status == 127


def test_what_is_to_be_done_meanwhile_is_done_in_another_thread() -> None:
    done = threading.Event()
    names: list[str] = []

    def prepare() -> None:
        names.append(threading.current_thread().name)
        done.set()
        raise RuntimeError("a failed import")

    result = meter("sleep", "0.1", probe=FakeProbe(), warnings=[], while_running=prepare)

    assert done.wait(5)
    assert names != ["MainThread"]
    assert result.exit_status == 0


def test_a_driver_that_hangs_is_named_and_the_status_comes_through() -> None:
    release = threading.Event()

    class Hanging(FakeProbe):
        def read(self) -> tuple[int | None, ...]:
            if self.reads >= 2:
                release.wait(30)
            return super().read()

    warnings: list[str] = []
    began = time.monotonic()
    result = meter("sh", "-c", "sleep 0.5; exit 3", probe=Hanging(), warnings=warnings)
    took_s = time.monotonic() - began
    release.set()

    recording, _ = result.recording()
    assert result.exit_status == 3
    assert took_s < 5
    assert "source-stuck:fake" in recording.flags
    assert recording.complete
    assert len(warnings) == 1


def drive(tmp_path: Path, *argv: str, **environment: str) -> tuple[subprocess.CompletedProcess[bytes], Any]:
    path = tmp_path / "recording.jsonl"
    done = subprocess.run(
        [sys.executable, str(DRIVE), str(path), "6,7", "--", *argv],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        timeout=60,
    )
    return done, read_recording(path)[0]


def test_gpus_are_metered_to_the_joule_from_end_to_end(tmp_path: Path, standin: Any) -> None:
    environment = standin(gpus=2, trace=[(0, 0, 250), (0, 1, 50)], tick_ms=0)

    done, recording = drive(tmp_path, "sleep", "0.4", **environment)

    assert done.returncode == 0
    assert (tmp_path / "standin" / "calls").read_text().split() == ["init", "shutdown"]
    counters = [series for series in recording.series if series.meter_id.startswith("nvml")][::3]
    for series, watts in zip(counters, (250, 50), strict=True):
        energy_j = (series.values[-1] - series.values[0]) / 1e6
        assert energy_j == pytest.approx(watts * (series.t_ns[-1] - series.t_ns[0]) / 1e9, abs=watts * 0.01)
    assert [gpu.name for gpu in recording.hardware.gpus] == ["NVIDIA Stand-in"] * 2


def test_the_accounts_joules_are_power_times_time_within_a_tick(tmp_path: Path, standin: Any) -> None:
    _, recording = drive(tmp_path, "sleep", "0.6", **standin(trace=[(0, 0, 250)], tick_ms=100))

    (gpu,) = [meter for meter in account(recording).meters if meter.meter_id.startswith("nvml")]

    assert gpu.energy_j == pytest.approx(250 * recording.job.duration_s, abs=250 * 0.1)
    assert gpu.low_j <= 250 * recording.job.duration_s <= gpu.high_j


def test_an_interrupt_while_the_meter_finishes_costs_no_status() -> None:
    class Interrupting(RecordingWriter):
        def end(self, **_: Any) -> None:
            raise KeyboardInterrupt

    warnings: list[str] = []
    result = meter("sh", "-c", "exit 8", probe=FakeProbe(), warnings=warnings, writer=Interrupting(None, warn=print))

    assert result.exit_status == 8
    assert len(warnings) == 1


def test_a_short_job_ends_with_a_tick_of_the_gpus_counter(tmp_path: Path, standin: Any) -> None:
    _, recording = drive(tmp_path, "sleep", "0.15", **standin(tick_ms=100))

    values = recording.series[0].values
    assert values[-1] != values[-2]


def test_a_call_into_the_driver_that_takes_seconds_blocks_nothing(tmp_path: Path, standin: Any) -> None:
    slow = ("nvmlDeviceGetTotalEnergyConsumption", 0, 0, 0.4, 1e9, 5000)

    began = time.monotonic()
    done, recording = drive(tmp_path, "sh", "-c", "sleep 1; exit 4", **standin(faults=[slow]))
    took_s = time.monotonic() - began

    assert done.returncode == 4
    assert took_s < 5
    assert "source-stuck:nvml" in recording.flags
    assert recording.complete
    assert len(recording.series[0].values) >= 2


def test_a_gpu_lost_midway_keeps_its_last_value_and_the_reason(tmp_path: Path, standin: Any) -> None:
    lost = ("nvmlDeviceGetTotalEnergyConsumption", 0, 15, 0.3, 1e9, 0)

    done, recording = drive(tmp_path, "sleep", "0.8", **standin(gpus=2, faults=[lost]))

    assert done.returncode == 0
    first, second = recording.series[0], recording.series[3]
    assert first.values[0] is not None
    assert first.values[-1] is None
    assert second.values[-1] is not None
    assert [row.meter_id for row in recording.missed] == [first.meter_id]


def compute(tmp_path: Path, standin: Any, script: str, *, root: Path | None = None) -> tuple[str, ...]:
    """The flags on tenants when the command runs this script, which may write `GPU PID` lines to $PIDS."""
    listed = {"PIDS": str(tmp_path / "pids"), "EMISSIONS_STANDIN_PIDS": str(tmp_path / "pids")}
    if root is not None:
        listed["EMISSIONS_SYSFS_ROOT"] = str(root)
    done, recording = drive(tmp_path, "sh", "-c", script, **standin(gpus=2), CUDA_VISIBLE_DEVICES="0", **listed)
    assert done.returncode == 0
    return tuple(flag for flag in recording.flags if "gpu" in flag)


def test_a_process_of_somebody_else_that_is_on_the_gpu_at_the_end_is_flagged(tmp_path: Path, standin: Any) -> None:
    uuid = "GPU-00000000-0000-0000-0000-000000000000"

    assert compute(tmp_path, standin, 'echo 0 1 > "$PIDS"') == (f"shared-gpu:{uuid}",)


def test_a_process_that_the_command_left_behind_is_its_own(tmp_path: Path, standin: Any) -> None:
    assert compute(tmp_path, standin, 'sleep 2 & echo 0 $! > "$PIDS"') == ()


def test_a_process_of_the_command_on_a_gpu_outside_its_selection_is_flagged(tmp_path: Path, standin: Any) -> None:
    uuid = "GPU-00000000-0000-0000-0000-000000000001"

    assert compute(tmp_path, standin, 'sleep 2 & echo 1 $! > "$PIDS"') == (f"gpu-outside-selection:{uuid}",)


def test_a_command_that_cleans_up_after_itself_is_alone_on_its_gpu(tmp_path: Path, standin: Any) -> None:
    assert compute(tmp_path, standin, 'echo 0 $$ > "$PIDS"; sleep 0.1; rm "$PIDS"') == ()


def test_without_a_library_nothing_slow_is_imported_before_the_command_starts(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from reporter.metering.command import run_command\n"
        "from reporter.metering.run import meter_command\n"
        "from reporter.metering.recording import RecordingWriter\n"
        "from reporter.metering.sources import open_sources\n"
        "from reporter.probes import ProbeContext\n"
        "open_sources(ProbeContext(environment={}))\n"
        "slow = {'requests', 'jinja2', 'yaml', 'pynvml', 'psutil', 'logging', 'urllib.request', 'asyncio'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)

    if Path("/proc/driver/nvidia").exists():
        pytest.skip("this machine has an NVIDIA driver")
    assert done.stdout.strip() == "[]"


def test_an_exit_right_away_is_recorded(tmp_path: Path) -> None:
    done, recording = drive(tmp_path, "true")

    assert done.returncode == 0
    assert recording.complete
    assert json.loads((tmp_path / "recording.jsonl").read_text().splitlines()[-1])["signal"] is None


def test_the_statuses_of_signals_come_through(tmp_path: Path) -> None:
    done, recording = drive(tmp_path, "sh", "-c", f"kill -{int(signal.SIGKILL)} $$")

    assert done.returncode == 137
    assert recording.job.exit_status == 137


def test_a_counter_that_stands_still_gives_way_to_the_model(server: Path, tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "recording.jsonl", warn=lambda text: None)
    context = ProbeContext(environment={}, root=str(server))
    sources = open_sources(context, ["rapl", "cpu_model", "dram_model"])
    job, machine = Job(name="job"), hardware(str(server))
    meter_command(
        ["sleep", "1.2"], env={"PATH": "/usr/bin:/bin"}, sources=sources, writer=writer, job=job, hardware=machine,
        extra={}, warn=lambda text: None,
    )  # fmt: skip

    meters = account(parse_recording(writer.contents(), name="x")[0]).meters

    counted = {meter.meter_id for meter in meters if meter.included and meter.energy_j is not None}
    assert counted == {"model:cpu", "model:dram"}


def test_the_end_is_told_before_anything_is_said_about_it() -> None:
    release = threading.Event()
    order: list[str] = []

    class Hanging(FakeProbe):
        def read(self) -> tuple[int | None, ...]:
            if self.reads >= 2:
                release.wait(30)
            return super().read()

    result = meter(
        "sh", "-c", "sleep 0.4; exit 6", probe=Hanging(), warnings=[],
        warn=lambda text: order.append("warning"), on_ended=lambda: order.append("ended"),
    )  # fmt: skip
    release.set()

    assert result.exit_status == 6
    assert order == ["ended", "warning"]


def test_an_end_that_fails_to_be_told_costs_no_status() -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    assert meter("sh", "-c", "exit 6", probe=FakeProbe(), warnings=[], on_ended=fail).exit_status == 6
