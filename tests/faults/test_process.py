"""Faults of processes and signals, through the real command: how the command ends is the command's own."""

from __future__ import annotations

import json
import os
import pty
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import METER, OUT, PYTHON, ROOT, Emissions

TERMINATE_S, LEAVE_S = 6.0, 7.0
GITHUB_S = 7.5, 2.5
"""GitHub's runner: from SIGINT to SIGTERM, and from that to SIGKILL."""
NOTE = "import os, signal, sys, time\nnote = lambda text: os.write(1, (text + '\\n').encode())\n"
DEAF = NOTE + (
    "signal.signal(signal.SIGINT, lambda *_: note('int'))\n"
    "signal.signal(signal.SIGTERM, lambda *_: note('term'))\n"
    "note(f'ready {os.getpid()}')\n"
    "end = time.monotonic() + 30\n"
    "while time.monotonic() < end: time.sleep(0.05)\n"
)


def until(condition: Callable[[], bool], what: str, limit_s: float = 20.0) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    return False


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def footprint(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / OUT / "footprint.json").read_text())
    return found


def codes(document: dict[str, Any]) -> set[str]:
    return {flag.partition(":")[0] for flag in document["flags"]}


@pytest.fixture
def real(emissions: Emissions) -> Emissions:
    """The command on this machine's own /proc, where processes can be seen; memory alone is modelled."""
    environ = {name: value for name, value in emissions.environ.items() if name != "EMISSIONS_SYSFS_ROOT"}
    return Emissions(cwd=emissions.cwd, environ={**environ, "EMISSIONS_SOURCES": "dram_model"})


@pytest.fixture
def leftover(tmp_path: Path) -> Iterator[Path]:
    """A file in which jobs write down what they leave running; it is ended afterwards."""
    path = tmp_path / "leftover"
    yield path
    for word in path.read_text().split() if path.exists() else ():
        with suppress(OSError):
            os.kill(int(word), signal.SIGKILL)


LEAVES = {
    "in the group": "sleep 20 >/dev/null 2>&1 & echo $! > {file}; exit 7",
    "a service": "(setsid sh -c 'echo $$ > {file}; exec sleep 20' >/dev/null 2>&1 </dev/null &); sleep 0.2; exit 7",
    "a service that holds stdout": "(setsid sh -c 'echo $$ > {file}; exec sleep 20' &); sleep 0.2; exit 7",
}


@pytest.mark.parametrize("script", LEAVES.values(), ids=LEAVES)
def test_processes_that_the_command_leaves_hold_nothing_up_and_are_told(
    real: Emissions, leftover: Path, script: str
) -> None:
    began = time.monotonic()
    meter = real.start("run", "--region", "FR", "--", "sh", "-c", script.format(file=shlex.quote(str(leftover))))
    meter.wait(20)
    took_s = time.monotonic() - began
    pid = int(leftover.read_text())
    left = is_alive(pid)
    os.kill(pid, signal.SIGKILL)
    _, err = meter.communicate()

    assert meter.returncode == 7
    assert took_s < 10
    assert left
    assert "command-left-processes:1" in footprint(real.cwd)["flags"]
    assert b"left a process running" in err


def test_a_command_that_leaves_nobody_is_not_suspected(real: Emissions) -> None:
    ran = real("run", "--region", "FR", "--", "sh", "-c", "sleep 0.1 & sleep 0.1 | cat; wait; exit 7")

    assert ran.status == 7
    assert "command-left-processes" not in codes(ran.footprint)


MEMORY = {
    "version 2": ("sys/fs/cgroup/job/memory.events", "0::/job\n", "low 0\noom 3\noom_kill {count}\n"),
    "version 1": ("sys/fs/cgroup/memory/job/memory.oom_control", "4:memory:/job\n", "under_oom 0\noom_kill {count}\n"),
}


@pytest.mark.parametrize(("file", "groups", "text"), MEMORY.values(), ids=MEMORY)
@pytest.mark.parametrize(
    ("after", "end", "status", "told"),
    [(3, "kill -KILL $$", 137, True), (2, "kill -KILL $$", 137, False), (3, "exit 7", 7, False)],
    ids=["killed for memory", "killed by somebody", "another group member killed"],
)
def test_a_command_killed_for_lack_of_memory_is_told(
    emissions: Emissions, tree: Any, file: str, groups: str, text: str, after: int, end: str, status: int, told: bool
) -> None:
    from tests.fixtures_metering import PROC

    root = tree({**PROC, "proc/self/cgroup": groups, file: text.format(count=2)})
    script = f"printf %s {shlex.quote(text.format(count=after))} > {shlex.quote(str(root / file))}; {end}"

    ran = emissions.quick(
        "run", "--region", "FR", "--", "sh", "-c", script,
        EMISSIONS_SYSFS_ROOT=str(root), EMISSIONS_SOURCES="dram_model",
    )  # fmt: skip

    assert ran.status == status
    assert ("out-of-memory" in codes(ran.footprint)) is told
    assert ("likely out of memory" in ran.err) is told


def started(emissions: Emissions, *words: str, exec_: bool | None = None, job: str = DEAF) -> subprocess.Popen[bytes]:
    """The meter around a job, as GitHub's runner starts it: in a script with or without `exec`; None: on its own."""
    line = shlex.join([*METER, "run", "--region", "FR", *words, "--", PYTHON, "-c", job])
    if exec_ is None:
        argv = shlex.split(line)
    else:
        (emissions.cwd / "step.sh").write_text(f"{'exec ' if exec_ else ''}{line}\n{'' if exec_ else 'true'}\n")
        argv = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "step.sh"]
    return subprocess.Popen(
        argv, cwd=emissions.cwd, env=dict(emissions.environ), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def ready(process: subprocess.Popen[bytes]) -> int:
    assert process.stdout is not None
    words = process.stdout.readline().split()
    assert words[:1] == [b"ready"]
    return int(words[1])


def test_a_runner_that_cancels_finds_the_report_made_before_it_kills(emissions: Emissions) -> None:
    """With `exec`: SIGINT at 0, SIGTERM to the group at 6 s, the meter gone with a report before 7.5 s + 2.5 s."""
    process = started(emissions, exec_=True)
    pid = ready(process)
    try:
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GITHUB_S[0])
        if process.poll() is None:  # a slow machine: the runner goes on as it does
            process.send_signal(signal.SIGTERM)
        process.wait(GITHUB_S[1])
        took_s = time.monotonic() - began

        assert process.returncode == 130
        assert LEAVE_S - 0.1 < took_s < sum(GITHUB_S)
        assert is_alive(pid)
        document = footprint(emissions.cwd)
        assert document["job"]["exit_status"] == 130
        assert "command-left-running" in document["flags"]
        assert document["job"]["duration_s"] > TERMINATE_S
    finally:
        os.kill(pid, signal.SIGKILL)
        out, _ = process.communicate()
    assert out.split() == [b"int", b"term"]


def test_without_exec_the_runner_reaches_its_shell_alone_and_the_recording_is_what_stays(emissions: Emissions) -> None:
    """The last of the runner's three signals ends the shell; the meter is killed with the job, and is reported."""
    process = started(emissions, exec_=False)
    pid = ready(process)
    recording = emissions.cwd / OUT / "recording.jsonl"
    try:
        until(lambda: recording.read_text().count('{"s":') > 3, "readings")
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert is_alive(pid)  # bash waits for its command before it heeds anything
        process.kill()
        process.wait(10)
        meter = parent(pid)
        os.kill(meter, signal.SIGKILL)  # GitHub: every process with the job's tracking id
        until(lambda: not is_alive(meter), "the meter was not killed")
    finally:
        os.kill(pid, signal.SIGKILL)
        process.communicate()

    reported = emissions.quick("report", OUT, "--json").json
    assert reported["job"]["exit_status"] is None
    assert "meter-killed" in reported["flags"]
    assert reported["energy"]["it_j"] > 0


ASKED_TO_END = """
import os, sys, time
import {module} as module
def asked_to_end(*_, **__):
    os.kill(os.getpid(), {number})
    time.sleep(5)
module.{name} = asked_to_end
from reporter.cli import main
sys.exit(main(["run", "--", "sh", "-c", "exit 7"]))
"""


def asked_to_end(emissions: Emissions, number: int, module: str, name: str) -> subprocess.CompletedProcess[bytes]:
    """A run that is sent a signal as soon as it comes to this function of its own."""
    script = ASKED_TO_END.format(number=int(number), module=module, name=name)
    return subprocess.run(
        [PYTHON, "-c", script], cwd=emissions.cwd, env=dict(emissions.environ), capture_output=True, timeout=20
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda number: number.name)
def test_a_request_to_end_that_comes_after_the_command_leaves_its_status(
    emissions: Emissions, number: signal.Signals
) -> None:
    """Between the command's end and the meter's: the report is cut short, and made later from the recording."""
    done = asked_to_end(emissions, number, "reporter.commands.account.assessment", "assess_recorded")

    assert done.returncode == 7
    assert b"Traceback" not in done.stderr
    assert not (emissions.cwd / OUT / "footprint.json").exists()
    assert emissions.quick("report", OUT, "--json").json["job"]["exit_status"] == 7


def test_a_request_to_end_while_the_last_readings_are_taken_still_ends_the_recording(emissions: Emissions) -> None:
    done = asked_to_end(emissions, signal.SIGTERM, "reporter.metering.sampler", "Sampler.stop")

    assert done.returncode == 7
    assert footprint(emissions.cwd)["job"]["exit_status"] == 7


@pytest.mark.parametrize("delay_s", [0.0, 0.03, 0.06, 0.1, 0.15, 0.2])
def test_an_interrupt_at_any_moment_of_the_start_runs_nothing_or_ends_it(emissions: Emissions, delay_s: float) -> None:
    process = emissions.start("run", "--", "sh", "-c", "echo started; sleep 20; echo finished")

    time.sleep(delay_s)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    # The interpreter's own start ends with 1 and says so: none of our code runs yet.
    unborn = process.returncode == 1 and os.fsencode(ROOT / "reporter") not in err and out == b""
    assert unborn or process.returncode in (130, -signal.SIGINT)
    assert b"finished" not in out
    assert b"bug" not in err


def test_a_command_of_no_length_has_no_zero(emissions: Emissions) -> None:
    ran = emissions("run", "--region", "FR", "--", "true")

    assert ran.status == 0
    assert ran.footprint["job"]["duration_s"] < 0.5
    assert all(meter["energy_j"] != 0 for meter in ran.footprint["meters"])
    assert ran.footprint["energy"]["it_j"] > 0


def test_a_huge_environment_is_the_commands_and_one_too_huge_is_126_as_in_a_shell(emissions: Emissions) -> None:
    large = {f"LARGE_{index}": "x" * 100_000 for index in range(8)}

    fits = emissions("run", "--quiet", "--", "sh", "-c", "test ${#LARGE_7} = 100000 && exit 7", **large)
    too_long = emissions("run", "--quiet", "--", "sh", "-c", "exit 7", "x" * 130_000)
    too_many = emissions.quick("run", "--quiet", "--", "sh", "-c", "exit 7", *["x" * 100_000] * 30)

    assert (fits.status, fits.err) == (7, "")
    assert "LARGE_" not in (fits.folder / "recording.jsonl").read_text()
    assert too_long.status == 7
    assert too_many.status == 126
    assert "Argument list too long" in too_many.err


STREAMS = {
    "stderr closed": "2>&-",
    "stdin closed": "<&-",
    "all closed": "<&- >&- 2>&-",
    "stderr full": "2>/dev/full",
    "nobody reads stderr": "2> >(exec true)",
}


@pytest.mark.parametrize("redirection", STREAMS.values(), ids=STREAMS)
def test_streams_that_are_closed_full_or_broken_change_nothing(emissions: Emissions, redirection: str) -> None:
    ran = emissions.shell(f"emissions run --region FR -- sh -c 'sleep 0.2; exit 7' {redirection}")

    assert ran.status == 7
    assert ran.footprint["job"]["exit_status"] == 7
    assert ran.footprint["energy"]["it_j"] > 0


IGNORING = "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"


@pytest.mark.parametrize(("script", "status"), [("sleep 0.1; exit 7", 7), ("kill -KILL $$", 137)])
def test_a_parent_that_ignored_the_ends_of_its_children_does_not_turn_a_failure_into_0(
    emissions: Emissions, script: str, status: int
) -> None:
    """Ignored signals are inherited: the kernel would then throw every child's status away."""
    done = subprocess.run(
        [PYTHON, "-c", IGNORING, *METER, "run", "--region", "FR", "--", "sh", "-c", script],
        cwd=emissions.cwd, env=dict(emissions.environ), capture_output=True, timeout=20,
    )  # fmt: skip

    assert done.returncode == status
    assert footprint(emissions.cwd)["job"]["exit_status"] == status


def test_at_a_terminal_the_status_is_the_commands_too(emissions: Emissions) -> None:
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [*METER, "run", "--region", "FR", "--", "sh", "-c", "test -t 0 && test -t 1 && exit 7"],
        cwd=emissions.cwd, env=dict(emissions.environ), stdin=terminal, stdout=terminal, stderr=terminal,
        start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    shown = b""
    with suppress(OSError):  # the terminal's end
        while chunk := os.read(controller, 65536):
            shown += chunk
    process.wait(20)
    os.close(controller)

    assert process.returncode == 7, shown
    assert footprint(emissions.cwd)["job"]["exit_status"] == 7
