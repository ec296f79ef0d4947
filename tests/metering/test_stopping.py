"""A command is ended before its time: SIGTERM as Ctrl-C would reach it, time for a checkpoint, then SIGKILL."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from reporter.domain.stopped import Stopped, stopped_flag
from reporter.metering.clock import SystemClock
from reporter.metering.command import CommandResult, run_command
from reporter.metering.descendants import Descendants
from reporter.metering.stopping import Stopping

FLAG = stopped_flag(Stopped(rule="50 g", why="projected 81 g"))
HEAD = "import os, signal, subprocess, sys, time\n"
READY = "\nopen('ready', 'w').close()\ntime.sleep(30)\n"
SAVES = "def save(*_):\n    open('checkpoint', 'a').write('x'); time.sleep(0.3); sys.exit(0)\nsignal.signal(15, save)\n"
IGNORES = "signal.signal(15, signal.SIG_IGN)\n"

Stop = Callable[..., tuple[CommandResult, Stopping]]


@pytest.fixture
def stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stop:
    """Runs a command in the folder, and orders its end as soon as there is a file `ready`."""
    monkeypatch.chdir(tmp_path)

    def stop(*argv: str, grace_s: float = 5.0, times: int = 1) -> tuple[CommandResult, Stopping]:
        stopping, processes = Stopping(grace_s), Descendants()
        stopping.follow(processes)

        def order() -> None:
            until(lambda: Path("ready").exists())
            for _ in range(times):
                until(lambda: stopping.order(FLAG))  # the command may be ready before anybody listens

        def on_started(_: int, pid: int) -> None:
            processes.follow(pid)
            Thread(target=order).start()

        with Path(os.devnull).open() as nothing:
            kept = os.dup(0)
            os.dup2(nothing.fileno(), 0)
            try:
                found = run_command(
                    argv, env=dict(os.environ), clock=SystemClock(), on_started=on_started, stopping=stopping
                )
            finally:
                os.dup2(kept, 0)
                os.close(kept)
        return found, stopping

    return stop


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def python(body: str) -> tuple[str, ...]:
    return sys.executable, "-c", HEAD + body + READY


def test_a_command_saves_its_checkpoint_and_its_status_is_its_own(stop: Stop) -> None:
    command, stopping = stop(*python(SAVES))

    assert command.exit_status == 0
    assert Path("checkpoint").read_text() == "x"
    assert not stopping.killed
    assert stopping.flags == (FLAG,)
    assert command.signal is None


def test_a_command_that_does_nothing_about_it_ends_by_sigterm(stop: Stop) -> None:
    command, stopping = stop(*python(""))

    assert command.exit_status == 143
    assert not stopping.killed


def test_a_command_that_ignores_it_is_killed_when_its_time_is_up(stop: Stop) -> None:
    command, stopping = stop(*python(IGNORES), grace_s=0.5)

    assert command.exit_status == 137
    assert stopping.flags == (FLAG, "stop-not-heeded:0.5 s")
    assert command.end_ns - (stopping.ordered_ns or 0) >= 0.5e9


def test_an_order_that_is_given_again_is_given_once(stop: Stop) -> None:
    stop(*python(SAVES), times=3)

    assert Path("checkpoint").read_text() == "x"


def test_what_a_shell_runs_has_its_time_though_the_shell_is_gone(stop: Stop) -> None:
    """A step of a workflow is a shell, which SIGTERM ends at once: its child is still writing."""
    Path("job.py").write_text(HEAD + SAVES + READY)

    command, stopping = stop("sh", "-c", f"{sys.executable} job.py; true")

    assert command.exit_status == 143
    assert Path("checkpoint").read_text() == "x"
    assert stopping.outlived
    assert not stopping.killed
    assert command.end_ns - (stopping.ordered_ns or 0) >= 0.3e9


def test_children_in_sessions_of_their_own_are_told_when_their_parent_is_gone_and_killed_at_last(stop: Stop) -> None:
    for name, body in (
        ("heeds", "signal.signal(15, lambda *_: (open('told', 'w').close(), sys.exit()))\n"),
        ("not", IGNORES),
    ):
        Path(f"{name}.py").write_text(
            HEAD + body + f"open('{name}.pid', 'w').write(str(os.getpid()))\ntime.sleep(30)\n"
        )
    starts = "".join(
        f"subprocess.Popen([sys.executable, '{name}.py'], start_new_session=True)\n"
        f"while not os.path.exists('{name}.pid') or not open('{name}.pid').read(): time.sleep(0.01)\n"
        for name in ("heeds", "not")
    )

    command, stopping = stop(*python(starts), grace_s=1.0)

    assert command.exit_status == 143
    assert Path("told").exists()
    assert stopping.killed
    assert not [name for name in ("heeds", "not") if alive(int(Path(f"{name}.pid").read_text()))]


def test_a_command_that_is_stopped_by_the_terminal_is_woken_for_it(stop: Stop) -> None:
    command, _ = stop("sh", "-c", "touch ready; kill -STOP $$; sleep 30")

    assert command.exit_status == 143


def test_nothing_is_ended_without_an_order() -> None:
    stopping = Stopping(0.0)

    command = run_command(["sh", "-c", "exit 3"], env=dict(os.environ), clock=SystemClock(), stopping=stopping)

    assert command.exit_status == 3
    assert stopping.flags == ()
    assert not stopping.order(FLAG)
