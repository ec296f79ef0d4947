"""Faults of the disk, through the real command: files may be lost, the status and what is said of the job are not."""

from __future__ import annotations

import json
import os
import re
import resource
import shlex
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.command import METER, OUT, PYTHON, Emissions, Ran

JOB_S = 0.6
JOB = f"sleep {JOB_S}; exit 7"
ROOM = 150
"""Bytes left on the disk after what is known early: some readings, not all."""


def full(emissions: Emissions, limit: int, job: str = JOB) -> Ran:
    """A run in which no file may grow beyond the limit; the job is held to it too, but writes none."""
    done = subprocess.run(
        [*METER, "run", "--region", "FR", "--", "sh", "-c", job],
        cwd=emissions.cwd, env=dict(emissions.environ), capture_output=True, timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY)),
    )  # fmt: skip
    return Ran(status=done.returncode, out=done.stdout, err=done.stderr.decode(), cwd=emissions.cwd)


def test_a_disk_that_fills_up_midway_costs_the_files_and_nothing_else(emissions: Emissions) -> None:
    emissions("run", "--quiet", "--region", "FR", "--", "sh", "-c", JOB)
    recording = emissions.cwd / OUT / "recording.jsonl"
    whole = recording.read_bytes()
    used = whole.index(b"\n", whole.index(b'"kind":"extra"'))

    ran = full(emissions, used + ROOM)

    assert ran.status == 7
    assert ran.err.count("The recording cannot be written") == 1
    assert "CO₂e" in ran.err
    assert "command failed with status 7" in ran.err
    assert ran.is_clean
    assert recording.stat().st_size == used + ROOM
    kept = emissions.quick("report", str(recording), "--json").json
    assert kept["energy"]["it_j"] > 0
    assert kept["job"]["exit_status"] is None
    assert "meter-killed" in kept["flags"]


def test_what_was_recorded_on_a_disk_that_filled_up_is_reported_whole_at_the_end(emissions: Emissions) -> None:
    """The summary is made from memory: it covers the job to its end."""
    emissions("run", "--quiet", "--region", "FR", "--", "sh", "-c", JOB)
    first = len((emissions.cwd / OUT / "recording.jsonl").read_bytes().split(b"\n", 1)[0])

    ran = full(emissions, first + ROOM)

    told = re.search(r" in (\d\.\d) s ", ran.err)
    assert told is not None
    assert float(told[1]) >= JOB_S


def test_a_disk_that_is_full_for_the_footprint_leaves_none_that_is_torn(emissions: Emissions) -> None:
    """The recording still fits: the footprint is made from it where there is room."""
    ran = full(emissions, 4000, job="exit 7")

    assert ran.status == 7
    assert sorted(path.name for path in ran.folder.iterdir()) == ["recording.jsonl"]
    assert "footprint.json cannot be written" in ran.err
    assert "CO₂e" in ran.err
    assert ran.is_clean
    assert emissions.quick("report", str(ran.folder / "recording.jsonl"), "--json").json["job"]["exit_status"] == 7


@pytest.mark.parametrize("name", ["footprint.json", "report.md", "report.html"])
def test_a_meter_killed_while_it_writes_a_file_leaves_it_whole_or_not_at_all(emissions: Emissions, name: str) -> None:
    script = (
        "import os, pathlib, signal, sys\n"
        "replace = pathlib.Path.replace\n"
        "def killed(path, target):\n"
        f"    if pathlib.Path(target).name == {name!r}:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return replace(path, target)\n"
        "pathlib.Path.replace = killed\n"
        "from reporter.cli import main\n"
        "sys.exit(main(['run', '--region', 'FR', '--', 'sh', '-c', 'exit 7']))\n"
    )
    done = subprocess.run(
        [PYTHON, "-c", script], cwd=emissions.cwd, env=dict(emissions.environ), capture_output=True, timeout=20
    )

    assert done.returncode == -signal.SIGKILL
    assert not (emissions.cwd / OUT / name).exists()
    assert emissions.quick("report", OUT, "--json").json["job"]["exit_status"] == 7
    again = emissions("run", "--quiet", "--region", "FR", "--", "sh", "-c", "exit 7")
    assert (again.status, again.err) == (7, "")
    assert again.footprint["job"]["exit_status"] == 7


GONE = {
    "deleted": "rm -rf {out}",
    "replaced by a file": "rm -rf {out}; echo mine > {out}",
    "replaced by a folder": "rm -rf {out}; mkdir {out}",
    "moved away": "mv {out} elsewhere",
    "a folder in the footprint's place": "mkdir -p {out}/footprint.json/x",
}


@pytest.mark.parametrize("deed", GONE.values(), ids=GONE)
def test_a_folder_that_the_command_takes_away_costs_the_files_at_most(emissions: Emissions, deed: str) -> None:
    script = f"sleep 0.2; {deed.format(out=shlex.quote(OUT))}; sleep 0.2; exit 7"

    ran = emissions.quick("run", "--region", "FR", "--", "sh", "-c", script)

    assert ran.status == 7
    assert ran.is_clean
    assert "CO₂e" in ran.err
    if not (emissions.cwd / OUT / "footprint.json").is_file():
        assert "cannot be written" in ran.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to_costs_the_files_alone(emissions: Emissions) -> None:
    (emissions.cwd / OUT).mkdir()
    (emissions.cwd / OUT).chmod(0o555)

    ran = emissions.quick("run", "--region", "FR", "--", "sh", "-c", "exit 7")

    assert ran.status == 7
    assert "cannot be" in ran.err
    assert ran.is_clean


def test_a_folder_on_a_file_system_that_takes_nothing_costs_the_files_alone(emissions: Emissions) -> None:
    ran = emissions.quick("run", "--region", "FR", "--out", "/proc/self/fd", "--", "sh", "-c", "exit 7")

    assert ran.status == 7
    assert ran.is_clean
    assert "CO₂e" in ran.err


@pytest.mark.parametrize("torn", [1, 20, -1], ids=["a byte", "half", "all but the line's end"])
def test_a_recording_whose_last_line_is_torn_is_reported(emissions: Emissions, tmp_path: Path, torn: int) -> None:
    ran = emissions.quick("run", "--quiet", "--region", "FR", "--", "sh", "-c", "sleep 0.2; exit 7")
    lines = (ran.folder / "recording.jsonl").read_bytes().splitlines(keepends=True)
    last = next(index for index, line in enumerate(lines) if b'"end"' in line)
    (tmp_path / "recording.jsonl").write_bytes(b"".join(lines[:last]) + lines[last][:torn])

    reported = emissions.quick("report", str(tmp_path / "recording.jsonl"), "--json")

    assert reported.status == 0
    assert reported.json["job"]["exit_status"] is None
    assert reported.json["energy"]["it_j"] > 0
    assert json.dumps(reported.json["flags"]).count("meter-killed") == 1
