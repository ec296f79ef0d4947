"""What a job may be short of: files, processes, memory, its own folder. The command runs, and its status is its own."""

from __future__ import annotations

import resource
import shlex
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from reporter.metering.clock import SystemClock
from reporter.metering.command import run_command
from tests.cli.command import METER, OUT, PYTHON, Emissions, Ran

JOB = ("sh", "-c", "echo ran; exit 7")


def short_of(emissions: Emissions, limit: Callable[[], None], *job: str) -> Ran:
    """A run of a process that has no more than this."""
    done = subprocess.run(
        [*METER, "run", "--region", "FR", "--", *job],
        cwd=emissions.cwd, env=dict(emissions.environ), capture_output=True, timeout=60, preexec_fn=limit,
    )  # fmt: skip
    return Ran(status=done.returncode, out=done.stdout, err=done.stderr.decode(), cwd=emissions.cwd)


@pytest.mark.parametrize("most", range(5, 14))
def test_without_files_for_us_the_command_runs_all_the_same(emissions: Emissions, most: int) -> None:
    """Five are enough for the interpreter and for a shell; from thirteen on it is metered."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]

    ran = short_of(emissions, lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard)), *JOB)

    assert (ran.status, ran.out) == (7, b"ran\n"), ran.err
    assert ran.is_clean
    assert (ran.folder / "footprint.json").is_file() or "unmetered: Too many open files" in ran.err


NO_FORK = """
import errno, os, subprocess, sys
def refused(*_, **__):
    raise OSError({number}, os.strerror({number}))
subprocess.Popen.__init__ = refused
from reporter.cli import main
sys.exit(main(["run", "--", "sh", "-c", "echo ran; sed -n 's/^SigIgn:.//p' /proc/self/status; exit 7"]))
"""


@pytest.mark.parametrize("number", ["errno.EAGAIN", "errno.ENOMEM", "errno.EMFILE", "errno.ENFILE"])
def test_where_no_process_can_be_made_the_command_takes_the_place_of_the_meter(
    emissions: Emissions, number: str
) -> None:
    done = subprocess.run(
        [PYTHON, "-c", NO_FORK.format(number=number)],
        cwd=emissions.cwd, env=dict(emissions.environ), capture_output=True, timeout=20,
    )  # fmt: skip

    assert done.returncode == 7, done.stderr
    words = done.stdout.split()
    assert words[0] == b"ran"
    ignored = {number for number in range(1, 64) if int(words[1], 16) >> (number - 1) & 1}
    assert not ignored & {signal.SIGPIPE, signal.SIGXFSZ}  # Python ignores them for itself
    assert b"unmetered: " in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_command_that_takes_our_place_is_still_126_where_it_cannot_be_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess.Popen, "__init__", refused)
    told: list[str] = []

    result = run_command([str(tmp_path)], env={}, clock=SystemClock(), warn=told.append)

    assert result.exit_status == 126
    assert result.failure is not None
    assert "Resource temporarily unavailable" in result.failure
    assert len(told) == 1


NO_MEMORY = """
import sys
import reporter.commands.account.assessment, reporter.commands.{module} as module
def spent(*_, **__):
    raise MemoryError
module.{name} = spent
sys.modules["platform"] = None
from reporter.cli import program
sys.argv[1:] = ["run", "--", "sh", "-c", "exit 7"]
sys.exit(program())
"""


@pytest.mark.parametrize(("module", "name"), [("account.assessment", "assess_recorded"), ("run", "present")])
def test_memory_that_is_spent_after_the_command_leaves_its_status(emissions: Emissions, module: str, name: str) -> None:
    """Also where there is none left to say so: `platform` can no longer be imported."""
    done = subprocess.run(
        [PYTHON, "-c", NO_MEMORY.format(module=module, name=name)],
        cwd=emissions.cwd, env=dict(emissions.environ), capture_output=True, timeout=20,
    )  # fmt: skip

    assert done.returncode == 7, done.stderr
    assert b"MemoryError" in done.stderr
    assert emissions.quick("report", OUT, "--json").json["job"]["exit_status"] == 7


def test_no_thread_for_the_readings_is_told_in_the_report(emissions: Emissions) -> None:
    script = (
        "import sys, threading\n"
        "start = threading.Thread.start\n"
        "def refused(thread):\n"
        "    if thread.name == 'emissions-sampler':\n"
        '        raise RuntimeError("can\'t start new thread")\n'
        "    start(thread)\n"
        "threading.Thread.start = refused\n"
        "from reporter.cli import main\n"
        "sys.exit(main(['run', '--region', 'FR', '--', 'sh', '-c', 'exit 7']))\n"
    )

    done = subprocess.run(
        [PYTHON, "-c", script], cwd=emissions.cwd, env=dict(emissions.environ), capture_output=True, timeout=20
    )
    seen = Ran(status=done.returncode, out=done.stdout, err=done.stderr.decode(), cwd=emissions.cwd)

    assert seen.status == 7
    assert "sampler-failed:RuntimeError" in seen.footprint["flags"]
    assert all(meter["energy_j"] != 0 for meter in seen.footprint["meters"])


def test_a_working_folder_that_the_command_removes_costs_neither_status_nor_footprint(emissions: Emissions) -> None:
    """A job that checks its repository out anew: the meter stands in a folder that is no more."""
    here = emissions.in_(emissions.cwd / "work")
    ran = here("run", "--region", "FR", "--", "sh", "-c", f"cd /; rm -rf {shlex.quote(str(here.cwd))}; exit 7")

    assert ran.status == 7
    assert ran.is_clean
    assert "CO₂e" in ran.err
    assert ran.footprint["job"]["exit_status"] == 7


def test_a_run_from_a_folder_that_is_gone_costs_the_files_alone(emissions: Emissions) -> None:
    script = "mkdir gone; cd gone; rmdir ../gone; emissions run --region FR -- sh -c 'exit 7'"

    ran = emissions.shell(script)

    assert ran.status == 7
    assert ran.is_clean
    assert "CO₂e" in ran.err


@pytest.mark.parametrize("deed", ["rm -rf {out}", "git init -q . && git clean -fdxq", "rm {out}/recording.jsonl"])
def test_a_recording_that_the_command_cleans_away_is_there_again(emissions: Emissions, deed: str) -> None:
    """The action's next step knows by it that a command was metered."""
    if "git" in deed and shutil.which("git") is None:
        pytest.skip("no git")
    job = f"sleep 0.2; {deed.format(out=shlex.quote(OUT))}; sleep 0.2; exit 7"

    ran = emissions("run", "--quiet", "--region", "FR", "--", "sh", "-c", job)

    assert ran.status == 7
    again = emissions.quick("report", f"{OUT}/recording.jsonl", "--json").json
    assert again["energy"]["it_j"] == ran.footprint["energy"]["it_j"]
    assert again["job"]["exit_status"] == 7
