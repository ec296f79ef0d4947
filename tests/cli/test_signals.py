"""Interrupts: the command decides how it ends, its readings survive, and a killed meter leaves a usable recording."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.command import OUT, PYTHON, Emissions

READY = "import os, signal, sys, time; sys.stdout.write('ready\\n'); sys.stdout.flush(); time.sleep(30)"
HEEDS = "import signal, sys; signal.signal(signal.SIGINT, lambda *_: sys.exit(7)); " + READY


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def interrupted(emissions: Emissions, number: int, job: str, *options: str) -> tuple[int, str]:
    """Start the job, send the meter a signal once the job is ready, and wait for the meter's end."""
    meter = emissions.start("run", *options, "--", PYTHON, "-c", job)
    assert meter.stdout is not None
    assert meter.stdout.readline() == b"ready\n"
    meter.send_signal(number)
    _, err = meter.communicate(timeout=20)
    return meter.returncode, err.decode()


@pytest.mark.parametrize(
    ("number", "job", "status"),
    [
        (signal.SIGINT, "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); " + READY, 130),
        (signal.SIGINT, HEEDS, 7),
        (signal.SIGTERM, READY, 143),
        (signal.SIGHUP, READY, 129),
    ],
    ids=["interrupt", "interrupt that the command heeds", "terminate", "hang up"],
)
def test_a_signal_ends_the_command_as_without_us(emissions: Emissions, number: int, job: str, status: int) -> None:
    ended, err = interrupted(emissions, number, job)

    assert ended == status, err
    assert "Traceback" not in err
    footprint = json.loads((emissions.cwd / OUT / "footprint.json").read_text())
    assert footprint["job"]["exit_status"] == status
    assert footprint["energy"]["it_j"] > 0
    assert "CO₂e" in err


@pytest.fixture
def killed(emissions: Emissions) -> Iterator[Emissions]:
    """A meter that was killed while its command ran."""
    meter = emissions.start("run", "--region", "FR", "--budget", "50 g", "--", PYTHON, "-c", READY)
    assert meter.stdout is not None
    assert meter.stdout.readline() == b"ready\n"
    recording: Path = emissions.cwd / OUT / "recording.jsonl"
    until(lambda: recording.read_text().count('{"s":') >= 3, "three readings")
    meter.kill()
    meter.wait(timeout=20)
    meter.stdout.close()
    assert meter.stderr is not None
    meter.stderr.close()
    yield emissions
    started = next(
        line for line in map(json.loads, recording.read_text().splitlines()) if line.get("kind") == "command"
    )
    with suppress(ProcessLookupError):
        os.kill(started["pid"], signal.SIGKILL)


def test_the_recording_of_a_killed_meter_is_reported_and_judged(killed: Emissions) -> None:
    footprint = killed.quick("report", OUT, "--json").json
    verdict = killed.quick("gate", OUT)

    assert footprint["job"]["exit_status"] is None
    assert footprint["energy"]["it_j"] > 0
    assert "meter-killed" in footprint["flags"]
    assert footprint["intensity"]["region"] == "FR"
    assert verdict.status == 0
    assert "50 g" in verdict.text


def test_the_next_run_replaces_a_killed_one(killed: Emissions) -> None:
    again = killed.in_(killed.cwd / "again")
    (again.cwd / OUT).mkdir()
    (again.cwd / OUT / "recording.jsonl").write_bytes((killed.cwd / OUT / "recording.jsonl").read_bytes())

    assert again.quick("run", "--quiet", "--", "true").status == 0
    assert again.quick("report", OUT, "--json").json["job"]["exit_status"] == 0


def test_an_interrupt_before_the_command_starts_is_130(emissions: Emissions, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("reporter.commands.run.load", interrupted)

    ran = emissions.quick("run", "--", "touch", "ran")

    assert (ran.status, ran.err) == (130, "")
    assert not (emissions.cwd / "ran").exists()
