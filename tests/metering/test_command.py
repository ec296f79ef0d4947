"""The command is passed through: arguments, streams, status, signals. Most of it by the real thing, in a subprocess."""

from __future__ import annotations

import json
import os
import pty
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from reporter.metering.clock import SystemClock
from reporter.metering.command import CommandResult, run_command
from reporter.metering.recording import read_recording

DRIVE = Path(__file__).parent / "drive.py"
PYTHON = sys.executable
ROOT = Path(__file__).parents[2]

Start = Callable[..., "subprocess.Popen[bytes]"]


def run(*argv: str, **changes: object) -> CommandResult:
    keywords: dict[str, object] = {"env": dict(os.environ), "clock": SystemClock(), **changes}
    return run_command(argv, **keywords)  # type: ignore[arg-type]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a metered command; whatever still runs at the end is ended."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*argv: str, patience: str = "6,7", **changes: object) -> subprocess.Popen[bytes]:
        words = [PYTHON, str(DRIVE), str(tmp_path / "recording.jsonl"), patience, "--", *argv]
        keywords: dict[str, object] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "env": {**os.environ, "PYTHONPATH": str(ROOT)},
            **changes,
        }
        process = subprocess.Popen(words, **keywords)  # type: ignore[call-overload]
        running.append(process)
        return process  # type: ignore[no-any-return]

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def alive(pid: int) -> bool:
    with suppress(OSError):
        stat = Path(f"/proc/{pid}/stat").read_text()
        return stat.rsplit(")", 1)[1].split()[0] != "Z"
    return False


def job(tmp_path: Path, body: str) -> list[str]:
    """A Python job that says when it is ready, and writes down what it is sent."""
    script = tmp_path / "job.py"
    script.write_text(
        "import os, signal, sys, time\n"
        f"def note(text): open({str(tmp_path / 'notes')!r}, 'a').write(text + '\\n')\n"
        + body
        + "\nnote(f'ready {os.getpid()}')\n"
        "deadline = time.monotonic() + 30\n"
        "while time.monotonic() < deadline: time.sleep(0.02)\n"
    )
    return [PYTHON, str(script)]


def notes(tmp_path: Path) -> list[str]:
    return (tmp_path / "notes").read_text().split("\n")[:-1] if (tmp_path / "notes").exists() else []


def ready(tmp_path: Path) -> int:
    until(lambda: any(note.startswith("ready") for note in notes(tmp_path)), "the job never started")
    return int(next(note for note in notes(tmp_path) if note.startswith("ready")).split()[1])


@pytest.mark.parametrize("status", [0, 1, 3, 255])
def test_the_commands_status_is_its_own(status: int) -> None:
    assert run("sh", "-c", f"exit {status}").exit_status == status


@pytest.mark.parametrize(("name", "status"), [("KILL", 137), ("TERM", 143), ("SEGV", 139)])
def test_a_command_ended_by_a_signal_has_128_and_its_number(name: str, status: int) -> None:
    assert run("sh", "-c", f"kill -{name} $$").exit_status == status


def test_a_command_that_is_not_there_is_127() -> None:
    result = run("no-such-command-here")

    assert (result.exit_status, result.failure) == (127, "`no-such-command-here` was not found")


@pytest.mark.parametrize("name", [".", "plain"])
def test_a_command_that_cannot_be_run_is_126(tmp_path: Path, name: str) -> None:
    (tmp_path / "plain").write_text("x")

    result = run(str(tmp_path / name))

    assert result.exit_status == 126
    assert "could not be run" in str(result.failure)


def test_an_empty_name_or_none_is_not_found() -> None:
    assert run("").exit_status == 127
    assert run().exit_status == 127


def test_a_script_without_an_interpreter_line_is_run_by_a_shell(tmp_path: Path) -> None:
    script = tmp_path / "a-script"
    script.write_text('test "$1" = "a b" && exit 5\n')
    script.chmod(0o755)

    result = run("a-script", "a b", env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    by_path = run(str(script), "a b")

    assert (result.exit_status, by_path.exit_status) == (5, 5)


def test_the_times_bound_the_command() -> None:
    started: list[tuple[int, int]] = []

    result = run("sleep", "0.05", on_started=lambda t_ns, pid: started.append((t_ns, pid)))

    assert 0.05e9 <= result.end_ns - result.start_ns < 2e9
    assert started[0][0] == result.start_ns


def test_a_hook_that_fails_changes_nothing() -> None:
    def fail(start_ns: int, pid: int) -> None:
        raise RuntimeError

    assert run("sh", "-c", "exit 4", on_started=fail).exit_status == 4


def test_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]

    run("true")

    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_arguments_streams_and_bytes_pass_through(start: Start) -> None:
    code = (
        "import os, sys\n"
        "sys.stdout.buffer.write(sys.stdin.buffer.read() + os.fsencode(repr(sys.argv[1:])))\n"
        "sys.exit(3)"
    )
    process = start(PYTHON, "-c", code, "--output", "-", "--", "a b", "", "*", stdin=subprocess.PIPE)

    out, err = process.communicate(b"\x00\xff\r\n")

    assert out == b"\x00\xff\r\n['--output', '-', '--', 'a b', '', '*']"
    assert err == b""
    assert process.returncode == 3


def ignored(status_line: bytes) -> int:
    """The mask of `SigIgn`, without the two signals that the C library keeps for itself (make leaves them ignored)."""
    return int(status_line.split()[1], 16) & ~(1 << 31 | 1 << 32)


def test_inherited_files_and_default_signals_reach_the_command(start: Start) -> None:
    readable, writable = os.pipe()
    os.write(writable, b"given")
    code = (
        "import os, signal, sys\n"
        f"print(os.read({readable}, 5), signal.getsignal(signal.SIGINT) is signal.default_int_handler)\n"
        "status = open('/proc/self/status').read()\n"
        "print(int(status.split('SigBlk:')[1].split()[0], 16))"
    )

    out, _ = start(PYTHON, "-c", code, pass_fds=[readable]).communicate()
    pipe, _ = start("sh", "-c", "grep SigIgn /proc/$$/status").communicate()

    assert out == b"b'given' True\n0\n"
    assert ignored(pipe) == 0
    os.close(readable)
    os.close(writable)


def test_a_meter_that_inherits_a_thousand_files_still_waits_for_the_command(tmp_path: Path) -> None:
    """Its own pipe then has a number that `select` refuses."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < 4096:
        pytest.skip("this many files may not be open here")
    words = [PYTHON, str(DRIVE), str(tmp_path / "recording.jsonl"), "6,7", "--", "sh", "-c", "sleep 0.2; exit 3"]
    crowd = (
        "import os, resource\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, (4096, {most}))\n"
        "for _ in range(1100): os.set_inheritable(os.open(os.devnull, os.O_RDONLY), True)\n"
        f"os.execv({PYTHON!r}, {words!r})"
    )

    done = subprocess.run([PYTHON, "-c", crowd], env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60)

    assert done.returncode == 3


def test_a_signal_ignored_from_the_start_stays_ignored(start: Start) -> None:
    process = start(
        "sh", "-c", "grep SigIgn /proc/$$/status", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    )

    out, _ = process.communicate()

    assert ignored(out) == 1 << (signal.SIGHUP - 1)


def test_the_command_has_its_own_group(start: Start) -> None:
    process = start(PYTHON, "-c", "import os; print(os.getpid() == os.getpgrp())")

    assert process.communicate()[0] == b"True\n"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_is_forwarded_at_once_and_the_recording_is_ended(
    start: Start, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    process = start(*job(tmp_path, "signal.signal(signal.SIGINT, signal.SIG_DFL)"))
    pid = ready(tmp_path)

    began = time.monotonic()
    process.send_signal(number)
    process.communicate()

    assert time.monotonic() - began < 3
    assert process.returncode == status
    assert not alive(pid)
    recording, _ = read_recording(tmp_path / "recording.jsonl")
    assert (recording.complete, recording.job.exit_status) == (True, status)
    end = json.loads((tmp_path / "recording.jsonl").read_text().splitlines()[-1])
    assert end["signal"] == number


def test_a_signal_reaches_the_whole_group(start: Start, tmp_path: Path) -> None:
    body = "signal.signal(signal.SIGTERM, lambda *_: (note('told'), os._exit(0)))"
    process = start("sh", "-c", " ".join(job(tmp_path, body)) + "; exit 9")
    pid = ready(tmp_path)

    process.send_signal(signal.SIGTERM)
    process.wait(20)

    until(lambda: "told" in notes(tmp_path), "the shell alone was told")
    until(lambda: not alive(pid), "the job goes on")


def test_a_job_that_heeds_the_signal_keeps_its_own_status(start: Start, tmp_path: Path) -> None:
    process = start(*job(tmp_path, "signal.signal(signal.SIGINT, lambda *_: (note('saved'), os._exit(7)))"))
    ready(tmp_path)

    process.send_signal(signal.SIGINT)
    process.communicate()

    assert process.returncode == 7
    assert "saved" in notes(tmp_path)


def test_a_second_signal_is_passed_on_too(start: Start, tmp_path: Path) -> None:
    body = "signal.signal(signal.SIGINT, lambda *_: note('int'))"
    process = start(*job(tmp_path, body))
    ready(tmp_path)

    process.send_signal(signal.SIGINT)
    until(lambda: notes(tmp_path).count("int") == 1, "the first was not passed on")
    process.send_signal(signal.SIGINT)
    until(lambda: notes(tmp_path).count("int") == 2, "the second was not passed on")
    process.send_signal(signal.SIGTERM)
    process.communicate()

    assert process.returncode == 143


def test_a_job_deaf_to_interrupts_is_terminated_after_the_first_limit(start: Start, tmp_path: Path) -> None:
    process = start(*job(tmp_path, "signal.signal(signal.SIGINT, signal.SIG_IGN)"), patience="0.3,20")
    pid = ready(tmp_path)

    process.send_signal(signal.SIGINT)
    process.communicate()

    assert process.returncode == 143
    assert not alive(pid)


def test_a_stopped_job_is_woken_to_heed_the_end(start: Start, tmp_path: Path) -> None:
    process = start(*job(tmp_path, "signal.signal(signal.SIGTERM, lambda *_: os._exit(7))"), patience="0.3,20")
    pid = ready(tmp_path)
    os.kill(pid, signal.SIGSTOP)
    until(lambda: state(pid) == "T", "the job never stopped")

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)

    assert process.returncode == 7


def test_more_interrupts_do_not_put_off_the_limits(start: Start, tmp_path: Path) -> None:
    deaf = (
        "signal.signal(signal.SIGINT, lambda *_: note('int')); signal.signal(signal.SIGTERM, lambda *_: note('term'))"
    )
    process = start(*job(tmp_path, deaf), patience="0.5,1.5", stdout=subprocess.DEVNULL)
    pid = ready(tmp_path)
    try:
        for _ in range(50):
            process.send_signal(signal.SIGINT)
            time.sleep(0.05)
            if "term" in notes(tmp_path):
                break
        else:
            pytest.fail("the limit was put off each time")
        process.wait(10)

        assert notes(tmp_path).count("int") > 2
        assert process.returncode == 130
    finally:
        os.kill(pid, signal.SIGKILL)


def test_a_job_deaf_to_all_is_left_in_time_with_a_report(start: Start, tmp_path: Path) -> None:
    deaf = "signal.signal(signal.SIGINT, signal.SIG_IGN); signal.signal(signal.SIGTERM, lambda *_: note('term'))"
    process = start(*job(tmp_path, deaf), patience="0.3,0.6", stdout=subprocess.DEVNULL)
    pid = ready(tmp_path)

    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    process.wait(10)

    try:
        assert 0.5 < time.monotonic() - began < 5
        assert process.returncode == 130
        assert "term" in notes(tmp_path)
        assert alive(pid)
        recording, _ = read_recording(tmp_path / "recording.jsonl")
        assert "command-left-running" in recording.flags
        assert recording.job.exit_status == 130
    finally:
        os.kill(pid, signal.SIGKILL)


def test_a_signal_right_at_the_start_ends_meter_and_job(start: Start, tmp_path: Path) -> None:
    process = start("sleep", "20")
    until((tmp_path / "recording.jsonl").exists, "the recording never began")

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=15)

    assert process.returncode in (1, 130, -signal.SIGINT)


def test_a_killed_meter_leaves_a_readable_recording(start: Start, tmp_path: Path) -> None:
    process = start(*job(tmp_path, ""), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pid = ready(tmp_path)
    path = tmp_path / "recording.jsonl"
    until(lambda: path.read_text().count('"s":') > 4, "no samples")

    process.kill()
    process.wait()

    try:
        recording, _ = read_recording(path)
        assert not recording.complete
        assert recording.job.exit_status is None
        assert recording.end_ns > recording.start_ns
        assert alive(pid)
    finally:
        os.kill(pid, signal.SIGKILL)


def test_at_a_terminal_the_command_keeps_it(start: Start, tmp_path: Path) -> None:
    controller, terminal = pty.openpty()
    code = "import os; print(os.getpgrp() == os.tcgetpgrp(0), input())"
    process = start(
        PYTHON, "-c", code, stdin=terminal, preexec_fn=lambda: (os.setsid(), __import__("fcntl").ioctl(0, 0x540E, 0))
    )
    os.write(controller, b"typed\n")

    out, _ = process.communicate(timeout=20)

    assert out == b"True typed\n"
    os.close(controller)
    os.close(terminal)


def test_an_interrupt_from_the_terminal_arrives_once_and_without_a_limit(start: Start, tmp_path: Path) -> None:
    controller, terminal = pty.openpty()
    process = start(
        *job(tmp_path, "signal.signal(signal.SIGINT, lambda *_: note('int'))"),
        patience="0.1,0.2",
        stdin=terminal,
        preexec_fn=lambda: (os.setsid(), __import__("fcntl").ioctl(0, 0x540E, 0)),
    )
    ready(tmp_path)

    process.send_signal(signal.SIGSTOP)  # so that a second interrupt, from the meter, would come after the first
    until(lambda: state(process.pid) == "T", "the meter never stopped")
    os.write(controller, b"\x03")
    until(lambda: "int" in notes(tmp_path), "the interrupt never came")
    process.send_signal(signal.SIGCONT)
    time.sleep(0.5)
    still_running = process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)

    assert still_running
    assert notes(tmp_path).count("int") == 1
    assert process.returncode == 143
    os.close(controller)
    os.close(terminal)


def test_a_stopped_meter_stops_the_command_and_goes_on_with_it(start: Start, tmp_path: Path) -> None:
    process = start(*job(tmp_path, "signal.signal(signal.SIGCONT, lambda *_: note('continued'))"))
    pid = ready(tmp_path)

    process.send_signal(signal.SIGTSTP)
    until(lambda: state(pid) == "T" and state(process.pid) == "T", "they never stopped")
    process.send_signal(signal.SIGCONT)
    until(lambda: "continued" in notes(tmp_path), "the command never went on")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)

    assert process.returncode == 143


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def test_a_survivor_of_the_command_does_not_hold_up_the_meter(start: Start, tmp_path: Path) -> None:
    process = start("sh", "-c", "sleep 3 & exit 6", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    began = time.monotonic()
    process.wait(10)

    assert process.returncode == 6
    assert time.monotonic() - began < 2.5
