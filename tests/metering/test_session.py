"""A session's parts: where its folder lies, whom it hangs on, its background process, its recording's second life."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reporter.domain.readings import Hardware, Job
from reporter.errors import MeterError
from reporter.metering import background
from reporter.metering.inbox import Inbox
from reporter.metering.lock import HELD, hold, is_held
from reporter.metering.process import Process, ancestors, process, this_process
from reporter.metering.recording import RecordingWriter, read_recording
from reporter.metering.session import Notes, Session, find_session, new_session
from reporter.metering.session_run import meter_session
from reporter.metering.sources import Sources
from reporter.metering.watchdog import Anchor, Watchdog, longest_s

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no sessions there")
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
HOUR_NS = 3600 * 10**9


def session_in(folder: Path) -> Session:
    folder.mkdir(mode=0o700)
    return Session(folder)


def test_in_a_job_the_folder_is_the_jobs_wherever_one_stands(tmp_path: Path) -> None:
    job = {"RUNNER_TEMP": str(tmp_path), "GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "2", "GITHUB_JOB": "a/../b"}

    here, there = new_session(job, Path("/usr")), new_session(job, tmp_path)

    assert here == there
    assert here.folder == tmp_path / "emissions-reporter" / "7-2-a_.._b" / "session"


def test_attempts_and_jobs_have_folders_of_their_own(tmp_path: Path) -> None:
    job = {"RUNNER_TEMP": str(tmp_path), "GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "1", "GITHUB_JOB": "a"}
    others = [{**job, "GITHUB_RUN_ATTEMPT": "2"}, {**job, "GITHUB_JOB": "b"}, {**job, "GITHUB_RUN_ID": "8"}]

    assert len({new_session(each, tmp_path).folder for each in (job, *others)}) == 4


def test_no_two_directories_share_a_folder(tmp_path: Path) -> None:
    home = {"TMPDIR": str(tmp_path)}
    long = "/" + "deep/" * 100
    names = ["/a/b", "/a-b", "/a%2Fb", "/a%b", "/", f"{long}x", f"{long}y"]

    assert len({new_session(home, Path(name)).folder for name in names}) == len(names)


@pytest.mark.parametrize("meter", ["[-1, 0]", "[0, 0]", f"[{10**400}, 0]", f"[{2**31}, 5]", "[7, -1]", "[7]", '"x"'])
def test_notes_name_one_process_or_none(tmp_path: Path, meter: str) -> None:
    session = session_in(tmp_path / "state")
    (session.folder / "session.json").write_text(f'{{"meter": {meter}, "out": "/x"}}')

    assert session.notes() == Notes(out="/x")


def test_the_login_sessions_folder_is_used_where_there_is_one(tmp_path: Path) -> None:
    found = new_session({"XDG_RUNTIME_DIR": str(tmp_path), "TMPDIR": "/nowhere"}, Path("/a"))
    absent = {"XDG_RUNTIME_DIR": str(tmp_path / "absent"), "TMPDIR": str(tmp_path)}

    assert found.folder.parent == tmp_path / "emissions-reporter"
    assert new_session(absent, Path("/a")).folder.parent.name == f"emissions-reporter-{os.geteuid()}"


def test_the_nearest_session_above_is_found(tmp_path: Path) -> None:
    home = {"TMPDIR": str(tmp_path)}
    outer, inner = new_session(home, Path("/a")), new_session(home, Path("/a/b/c"))
    for session in (outer, inner):
        session.recording.write_text("{}")

    assert find_session(home, Path("/a/b")) == outer
    assert find_session(home, Path("/a/b/c/d")) == inner
    assert find_session(home, Path("/z")) is None


def test_a_folder_planted_in_the_shared_temporary_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir(mode=0o700)
    (tmp_path / f"emissions-reporter-{os.geteuid()}").symlink_to(tmp_path / "mine")

    with pytest.raises(MeterError, match="not yours alone"):
        new_session({"TMPDIR": str(tmp_path)}, Path("/a"))


def test_a_session_in_a_folder_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    home = {"TMPDIR": str(tmp_path)}
    session = new_session(home, Path("/a"))
    session.recording.write_text("{}")
    session.folder.parent.chmod(0o777)

    with pytest.raises(MeterError, match="not yours alone"):
        find_session(home, Path("/a"))


def test_a_folder_that_cannot_be_made_says_why() -> None:
    with pytest.raises(MeterError, match="cannot be made"):
        new_session({"TMPDIR": "/proc/nowhere"}, Path("/a"))


def test_notes_come_back_and_odd_ones_are_none(tmp_path: Path) -> None:
    session = session_in(tmp_path / "s")
    written = Notes(meter=Process(1, 2), out="/o", directory="/d")
    session.note(written)

    assert session.notes() == written
    for text in ("", "[]", '{"meter": "x", "out": 3}', '{"meter": [1]}', "[" * 100_000):
        (session.folder / "session.json").write_text(text)
        assert session.notes() == Notes()


def test_a_folder_is_held_by_one(tmp_path: Path) -> None:
    lock = hold(tmp_path)

    assert lock is not None
    assert (hold(tmp_path), is_held(tmp_path)) == (HELD, True)
    os.close(lock)
    assert is_held(tmp_path) is False


def test_a_pipe_planted_in_the_folder_s_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "s")
    writer = os.open(tmp_path / "s", os.O_RDWR)  # so that this test would fail, not hang

    with pytest.raises(NotADirectoryError):
        is_held(tmp_path / "s")
    assert not Session(tmp_path / "s").is_running
    os.close(writer)


def test_a_folder_that_was_removed_and_made_again_is_not_held(tmp_path: Path) -> None:
    session = session_in(tmp_path / "s")
    lock = session.hold()
    assert lock is not None
    assert session.is_held_by(lock)

    session.folder.rename(tmp_path / "moved")
    assert not session.is_held_by(lock)
    session.folder.mkdir()
    assert not session.is_held_by(lock)
    os.close(lock)


def test_recordings_that_were_set_aside_outlive_the_session(tmp_path: Path) -> None:
    session = session_in(tmp_path / "s")
    kept = []
    for text in ("one", "", "two"):
        session.recording.write_text(text)
        kept.append(session.set_aside())
    session.recording.write_text("three")
    session.remove()

    assert [path and path.read_text() for path in kept] == ["one", None, "two"]
    assert sorted(path.name for path in session.folder.iterdir()) == ["recording-1.jsonl", "recording-2.jsonl"]


@pytest.mark.parametrize(
    ("environ", "hours"),
    [({"RUNNER_ENVIRONMENT": "github-hosted"}, 6), ({"RUNNER_ENVIRONMENT": "self-hosted"}, 120), ({}, 120)],
)
def test_a_session_lasts_as_long_as_a_job_may(environ: dict[str, str], hours: int) -> None:
    assert longest_s(environ) == hours * 3600


def test_the_watchdog_sees_the_time_the_folder_and_the_anchor(tmp_path: Path) -> None:
    session = session_in(tmp_path / "s")
    lock = session.hold()
    assert lock is not None
    gone = Anchor(Process(pid=os.getpid(), started=1), "it is gone")
    here = Anchor(this_process(), "it is gone")
    dog = Watchdog(session, lock, here, start_ns=HOUR_NS, longest_s=7200)

    assert dog.orphaned(3 * HOUR_NS) is None
    assert dog.orphaned(3 * HOUR_NS + 1) == "2 h have passed"
    if sys.platform.startswith("linux"):
        assert dog._replace(anchor=gone).orphaned(HOUR_NS) == "it is gone"
    session.folder.rmdir()
    assert dog.orphaned(HOUR_NS) == "its state folder is gone"
    os.close(lock)


@LINUX
def test_an_id_that_was_given_to_another_process_is_not_the_same() -> None:
    us = this_process()

    assert us.is_alive
    assert not us._replace(started=us.started - 1).is_alive
    assert next(ancestors(us.pid))[0].pid == os.getppid()


@LINUX
def test_a_process_whose_name_is_hostile_is_read_and_a_zombie_has_ended(tmp_path: Path) -> None:
    odd = tmp_path / "a) Z 1 (b"
    odd.symlink_to("/bin/sleep")
    child = subprocess.Popen([odd, "60"])
    found = process(child.pid)
    assert found is not None
    assert found.is_alive

    os.kill(child.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while found.is_alive:
        assert time.monotonic() < deadline
    child.wait()


def test_a_background_process_that_fails_says_so_in_its_log(tmp_path: Path) -> None:
    # In a process of its own: this one has threads.
    script = f"""
from pathlib import Path
from reporter.metering import background
def work(ready): raise ValueError("no luck")
print(background.start(work, log=Path({str(tmp_path / "log")!r}), keep=(), limit_s=10))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)

    assert done.stdout == "False\n", done.stderr
    assert "ValueError: no luck" in (tmp_path / "log").read_text()


def test_a_background_process_that_is_slow_is_not_waited_for(tmp_path: Path) -> None:
    script = f"""
import time
from pathlib import Path
from reporter.metering import background
def work(ready):
    time.sleep(1)
    ready()
print(background.start(work, log=Path({str(tmp_path / "log")!r}), keep=(), limit_s=0.05))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)

    assert done.stdout == "None\n", done.stderr


def test_this_platform_has_processes_in_the_background() -> None:
    assert background.is_possible()


def test_a_session_that_was_stopped_before_it_began_ends_where_it_begins(tmp_path: Path) -> None:
    """As one is whose stop came while the idle power was measured."""

    class Asked(Inbox):
        def __init__(self) -> None:
            pass

        def get(self, timeout_s: float | None) -> int | None:
            return 15

    session = session_in(tmp_path / "s")
    session.note_stop(time.monotonic_ns())
    lock = session.hold()
    assert lock is not None

    meter_session(
        Asked(),
        lambda start_ns: Watchdog(session, lock, None, start_ns, 60.0),
        sources=Sources(),
        writer=RecordingWriter(session.recording, warn=print),
        job=Job(name="j"),
        hardware=Hardware(),
        extra={},
        warn=print,
        on_started=lambda: None,
        before_end=lambda: None,
    )

    recording, _ = read_recording(session.recording)
    assert recording.complete
    assert recording.start_ns == recording.end_ns
    os.close(lock)


def test_a_recording_goes_on_after_lines_that_are_there(tmp_path: Path) -> None:
    path = tmp_path / "recording.jsonl"
    writer = RecordingWriter(path, warn=pytest.fail, contents=b'{"a":1}\n')
    writer.units({"sample": 2.0})

    assert path.read_bytes() == writer.contents() == b'{"a":1}\n{"kind":"units","units":{"sample":2.0}}\n'
    assert writer.save()


def test_a_recording_that_could_not_be_written_is_saved_once_it_can_be(tmp_path: Path) -> None:
    path = tmp_path / "full" / "recording.jsonl"
    warnings: list[str] = []
    writer = RecordingWriter(path, warn=warnings.append)
    writer.flag("odd", 1)
    assert not writer.save()

    path.parent.mkdir()
    path.write_text('{"kind":"mark","t":2,"label":"of another process"}\n{"torn"')
    assert writer.save()

    assert (
        path.read_text() == '{"kind":"flag","t":1,"flag":"odd"}\n{"kind":"mark","t":2,"label":"of another process"}\n'
    )
    assert len(warnings) == 1
    assert [file.name for file in path.parent.iterdir()] == ["recording.jsonl"]
