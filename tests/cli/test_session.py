"""`emissions start`, `mark`, `stop`: the real commands with their background process, in the steps of a job."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from reporter.metering.process import Process
from tests.cli.command import METER, OUT, Emissions, Ran

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes in the background here")

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
CAN_CHANGE_OWNERS = hasattr(os, "geteuid") and os.geteuid() == 0


def until(condition: Callable[[], bool], what: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


class Job:
    """One CI job on a runner of its own: its folders, and `emissions` in its steps."""

    def __init__(self, emissions: Emissions, temp: Path, **more: str) -> None:
        temp.mkdir()
        runner = {"RUNNER_TEMP": str(temp), "GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "2", "GITHUB_JOB": "train"}
        self.temp = temp
        self.state = temp / "emissions-reporter" / "7-2-train" / "session"
        self.emissions = replace(emissions, environ={**emissions.environ, **runner, **more})

    def __call__(self, *argv: str, **environ: str) -> Ran:
        return self.emissions(*argv, **environ)

    def started(self, *argv: str, **environ: str) -> Job:
        ran = self("start", *argv, **environ)
        assert ran.status == 0, ran.err
        return self

    @property
    def lines(self) -> list[dict[str, Any]]:
        return lines_of(self.state / "recording.jsonl")

    @property
    def meter(self) -> Process:
        """The background process."""
        pid, started = json.loads((self.state / "session.json").read_text())["meter"]
        return Process(pid, started)

    def killed(self) -> Job:
        """The background process is killed after a few readings."""
        until(lambda: sum("s" in line for line in self.lines) >= 3, "three readings")
        meter = self.meter
        os.kill(meter.pid, signal.SIGKILL)
        until(lambda: not meter.is_alive, "the end of a killed process")
        return self


def lines_of(recording: Path) -> list[dict[str, Any]]:
    text = recording.read_text()
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def of_kind(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line.get("kind") == kind]


def flags(lines: list[dict[str, Any]]) -> list[str]:
    return [line["flag"] for line in of_kind(lines, "flag")]


@pytest.fixture(autouse=True)
def _nothing_runs_on(tmp_path: Path) -> Iterator[None]:
    """Whatever a test left in the background is ended."""
    yield
    for notes in tmp_path.rglob("session.json"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            meter = Process(*json.loads(notes.read_text())["meter"])
            if meter.is_alive:
                os.kill(meter.pid, signal.SIGKILL)


@pytest.fixture
def job(emissions: Emissions, tmp_path: Path) -> Job:
    return Job(emissions, tmp_path / "runner")


@pytest.fixture
def home(emissions: Emissions, tmp_path: Path) -> Emissions:
    """A terminal outside CI, with a folder for temporary files of its own."""
    (tmp_path / "tmp").mkdir()
    return replace(emissions, environ={**emissions.environ, "TMPDIR": str(tmp_path / "tmp")})


def test_a_session_is_reported_as_a_run_is(job: Job) -> None:
    job.started("--region", "FR", "--budget", "50 g", "--name", "train")
    job("mark", "load data")
    job("mark", "train")
    ran = job("stop")

    assert ran.status == 0
    assert sorted(path.name for path in ran.folder.iterdir()) == [
        "footprint.json", "recording.jsonl", "report.html", "report.md",
    ]  # fmt: skip
    footprint = ran.footprint
    assert footprint["energy"]["it_j"] > 0
    assert footprint["job"]["name"] == "train"
    assert footprint["job"]["exit_status"] is None
    assert footprint["job"]["command"] is None
    assert footprint["intensity"]["region"] == "FR"
    assert footprint["verdict"]["outcome"] == "pass"
    assert footprint["flags"] == []
    assert [phase["label"] for phase in footprint["phases"]][-2:] == ["load data", "train"]
    assert "50 g budget" in ran.err
    assert not [word for word in ("cut off", "killed", "command") if word in ran.err]


def test_the_commands_output_ends_when_the_command_does(job: Job) -> None:
    before = time.monotonic()
    started = job("start")  # its output is read to the end of the pipe
    took_s = time.monotonic() - before

    assert (started.status, started.out) == (0, b"")
    assert job.meter.is_alive
    assert took_s < 10, "nobody in the background holds the pipe"
    assert started.err.count("\n") == 1


def test_quiet_says_nothing(job: Job) -> None:
    started = job("start", "--quiet")
    marked = job("mark", "a")
    stopped = job("stop", "--quiet")

    for ran in (started, marked, stopped):
        assert (ran.status, ran.out, ran.err) == (0, b"", "")


@LINUX
def test_the_background_process_has_nothing_of_the_step(job: Job) -> None:
    job.started(RUNNER_TRACKING_ID="github_1234")
    process = Path("/proc") / str(job.meter.pid)
    files = {number.name: str(number.readlink()) for number in (process / "fd").iterdir()}

    assert (process / "cwd").readlink() == Path("/")
    assert files.pop("0") == os.devnull
    assert files.pop("1") == files.pop("2") == str(job.state / "log")
    assert not [path for path in files.values() if path.startswith(("/dev/", "socket:"))]
    assert b"RUNNER_TRACKING_ID=github_1234" in (process / "environ").read_bytes(), "the runner ends it with the job"
    assert os.getsid(job.meter.pid) not in (os.getsid(0), job.meter.pid)


@LINUX
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_step_without_its_standard_streams_can_start_one(job: Job, closed: str) -> None:
    ran = job.emissions.shell(f"emissions start {closed}")

    assert ran.status == 0
    assert job.meter.is_alive
    assert job("stop", "--quiet").status == 0


def test_what_a_terminal_sends_does_not_end_it(job: Job) -> None:
    job.started()
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        os.kill(job.meter.pid, number)
    time.sleep(0.1)

    assert job.meter.is_alive
    assert job("stop", "--quiet").footprint["flags"] == ["region-unknown"]


def test_the_session_ends_at_the_moment_when_stop_was_called(job: Job) -> None:
    job.started()
    before_ns = time.monotonic_ns()
    ran = job("stop", "--quiet")
    after_ns = time.monotonic_ns()

    lines = lines_of(ran.folder / "recording.jsonl")
    (end,) = of_kind(lines, "end")
    assert before_ns < end["t"] < after_ns
    assert end["exit_status"] is None
    assert max(line["t"] for line in lines if "s" in line) > end["t"], "the last readings lie after it"


def test_a_background_process_that_hears_of_it_late_ends_the_session_then_too(job: Job) -> None:
    """As on a busy machine: it is stopped before `stop` is called, and goes on once it was asked to end."""
    meter = job.started().meter
    os.kill(meter.pid, signal.SIGSTOP)
    woken_ns: list[int] = []

    def wake() -> None:
        try:
            until((job.state / "stopped").exists, "stop's call")
            time.sleep(0.2)
        finally:
            woken_ns.append(time.monotonic_ns())
            os.kill(meter.pid, signal.SIGCONT)

    waking = Thread(target=wake)
    waking.start()
    ran = job("stop", "--quiet")
    waking.join()

    (end,) = of_kind(lines_of(ran.folder / "recording.jsonl"), "end")
    assert end["t"] < woken_ns[0]


def test_a_job_finds_its_session_from_any_directory(job: Job, tmp_path: Path) -> None:
    job.started("--out", "measured")
    elsewhere = job.emissions.in_(tmp_path / "else" / "where")

    assert elsewhere("mark", "a").err == ""
    assert elsewhere("stop", "--quiet").status == 0
    assert (job.emissions.cwd / "measured" / "footprint.json").exists(), "where `start` was told"


def test_outside_ci_a_session_is_found_where_it_was_started_and_below(home: Emissions, tmp_path: Path) -> None:
    assert home("start").status == 0
    below = home.in_(home.cwd / "a" / "b")
    beside = home.in_(tmp_path / "beside")

    assert below("mark", "a").err == ""
    assert "nothing is metered here" in beside("mark", "b").err
    assert beside("stop").status == 3
    assert below("stop", "--quiet").status == 0
    footprint = json.loads((home.cwd / OUT / "footprint.json").read_text())
    assert footprint["job"]["name"] == home.cwd.name
    assert [path.name for path in (tmp_path / "tmp").iterdir()] == [f"emissions-reporter-{os.geteuid()}"]


def test_a_folder_can_be_named(home: Emissions, tmp_path: Path) -> None:
    named = replace(home, environ={**home.environ, "EMISSIONS_SESSION": str(tmp_path / "mine")})

    assert named("start").status == 0
    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o700
    assert home("stop").status == 3
    assert named.in_(tmp_path / "else")("stop", "--quiet").status == 0
    assert not (tmp_path / "mine").exists()


def test_two_jobs_on_one_host_do_not_see_each_other(emissions: Emissions, tmp_path: Path) -> None:
    first = Job(emissions.in_(tmp_path / "one"), tmp_path / "runner-1").started("--name", "first")
    second = Job(emissions.in_(tmp_path / "two"), tmp_path / "runner-2").started("--name", "second")
    first("mark", "only the first's")
    stopped = first("stop", "--quiet")

    assert stopped.footprint["job"]["name"] == "first"
    assert second.meter.is_alive
    assert of_kind(second.lines, "mark") == []
    assert second("stop", "--quiet").footprint["job"]["name"] == "second"


def test_a_second_start_is_refused_and_the_first_goes_on(job: Job) -> None:
    job.started("--name", "first")
    meter = job.meter
    second = job("start", "--name", "second")

    assert second.status == 2
    assert "already running" in second.err
    assert "`emissions stop`" in second.err
    assert job.meter == meter
    assert job("stop", "--quiet").footprint["job"]["name"] == "first"


def test_stopping_twice_or_nothing_is_status_3(job: Job) -> None:
    never = job("stop")
    job.started()
    first, second = job("stop", "--quiet"), job("stop", "--quiet")

    assert (never.status, first.status, second.status) == (3, 0, 3)
    assert "There is no session to stop" in never.err
    assert never.is_clean
    assert not never.folder.exists() or first.folder.exists()
    assert not job.state.exists()


def test_the_session_is_gone_once_it_was_reported(job: Job) -> None:
    job.started()
    meter = job.meter
    job("stop", "--quiet")

    assert not meter.is_alive
    assert not job.state.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--region", "Atlantis"), "Atlantis"),
        (("--budget", "50"), "50"),
        (("--longest", "0"), "Longest duration"),
        (("--longest", "a day"), "`--longest`"),
        (("--idle-baseline", "-1"), "Idle baseline"),
        (("--sources", "crystal"), "crystal"),
        (("--out", "docs"), "no earlier run"),
        (("--", "sh"), "`sh` is not expected here"),
    ],
)
def test_a_wrong_setting_is_told_before_anything_starts(job: Job, options: tuple[str, ...], words: str) -> None:
    (job.emissions.cwd / "docs").mkdir()
    (job.emissions.cwd / "docs" / "report.md").write_text("a stranger's")

    ran = job("start", *options)

    assert ran.status == 2
    assert words in ran.err
    assert list(job.temp.iterdir()) == []


def test_without_processes_in_the_background_one_message_says_so(
    home: Emissions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "fork")

    ran = home.quick("start")

    assert ran.status == 3
    assert "`emissions run -- COMMAND`" in ran.err
    assert ran.is_clean


@pytest.mark.parametrize("words", [(), ("",), (" \n",), ("one", "two")], ids=["none", "empty", "blank", "two"])
def test_a_mark_needs_one_label(job: Job, words: tuple[str, ...]) -> None:
    ran = job.emissions.quick("mark", *words)

    assert ran.status == 2
    assert ran.is_clean


@pytest.mark.parametrize(
    ("label", "kept"),
    [
        ("epoch 1", "epoch 1"),
        ("Épreuve 中", "Épreuve 中"),
        ("a\n::warning::b\x1b[31m", "a ::warning::b [31m"),
        ("x" * 500, "x" * 199 + "…"),
    ],
)
def test_a_label_is_kept_as_one_printable_line(job: Job, label: str, kept: str) -> None:
    job.started()

    assert job("mark", label).status == 0
    assert [line["label"] for line in of_kind(job.lines, "mark")] == [kept]


def test_a_label_may_look_like_an_option(job: Job) -> None:
    job.started()
    job("mark", "--", "--fast")

    assert [line["label"] for line in of_kind(job.lines, "mark")] == ["--fast"]


def test_a_mark_is_at_the_moment_when_it_was_called(job: Job) -> None:
    job.started()
    before_ns = time.monotonic_ns()
    job("mark", "a")
    after_ns = time.monotonic_ns()

    (mark,) = of_kind(job.lines, "mark")
    assert before_ns < mark["t"] < after_ns


def test_many_marks_at_once_are_a_line_each(job: Job) -> None:
    job.started("--interval", "0.01")
    marks = [
        subprocess.Popen([*METER, "mark", f"m{n}"], cwd=job.emissions.cwd, env=dict(job.emissions.environ))
        for n in range(12)
    ]

    assert [mark.wait(timeout=60) for mark in marks] == [0] * 12
    ran = job("stop", "--quiet")
    assert not [flag for flag in ran.footprint["flags"] if "damaged" in flag]
    labels = [line["label"] for line in of_kind(lines_of(ran.folder / "recording.jsonl"), "mark")]
    assert sorted(labels) == sorted(f"m{n}" for n in range(12))


def test_a_mark_where_nothing_is_metered_is_a_warning(job: Job) -> None:
    ran = job("mark", "a")

    assert (ran.status, ran.out) == (0, b"")
    assert "nothing is metered here" in ran.err


def test_a_mark_in_a_run_is_a_phase_of_that_run(emissions: Emissions) -> None:
    script = f"sleep 0.2; cd /; {' '.join(METER)} mark train; sleep 0.2; exit 3"
    ran = emissions("run", "--quiet", "--", "sh", "-c", script)

    assert (ran.status, ran.err) == (3, "")
    assert [line["label"] for line in of_kind(lines_of(ran.folder / "recording.jsonl"), "mark")] == ["train"]


def test_a_run_that_is_over_is_not_marked(home: Emissions) -> None:
    ran = home("run", "--quiet", "--", "sh", "-c", "echo $EMISSIONS_RECORDING")
    recording = ran.text.strip()

    assert recording == str(ran.folder / "recording.jsonl")
    assert "nothing is metered here" in home("mark", "late", EMISSIONS_RECORDING=recording).err
    assert of_kind(lines_of(Path(recording)), "mark") == []


def test_a_killed_session_is_reported_with_what_was_recorded(job: Job) -> None:
    job.started("--region", "FR", "--budget", "50 g").killed()
    with (job.state / "recording.jsonl").open("a") as recording:
        recording.write('{"s":0,"t":1')  # torn

    marked = job("mark", "late")
    ran = job("stop")

    assert marked.status == 0
    assert "nothing is metered here any more. `emissions stop` reports" in marked.err
    assert ran.status == 0
    assert "was killed" in ran.err
    assert ran.footprint["energy"]["it_j"] > 0
    assert ran.footprint["flags"] == ["meter-killed"]
    assert ran.footprint["intensity"]["region"] == "FR"
    assert ran.footprint["verdict"]["outcome"] == "unknown", "the rest of the job may have been over the budget"
    assert "Budget not judged: it was not metered to its end" in ran.err
    assert "At least" in ran.err
    assert not job.state.exists()


def test_a_killed_session_is_kept_when_the_next_one_starts(job: Job) -> None:
    job.started("--name", "first").killed()
    again = job("start", "--name", "second")
    kept = job.state / "recording-1.jsonl"
    job.killed()
    third = job("start", "--name", "third")
    stopped = job("stop", "--quiet")

    assert again.status == third.status == 0
    assert str(kept) in again.err
    assert job("report", str(kept), "--json").json["job"]["name"] == "first"
    assert job("report", str(job.state / "recording-2.jsonl"), "--json").json["job"]["name"] == "second"
    assert stopped.footprint["job"]["name"] == "third"


def test_the_settings_of_stop_replace_those_of_start(job: Job) -> None:
    job.started("--region", "FR", "--pue", "1.1", "--budget", "50 g", "--name", "first")
    ran = job("stop", "--gate", "--quiet", "--region", "SE", "--budget", "1e-9 g", "--name", "second", "--out", "there")
    folder = job.emissions.cwd / "there"
    footprint = json.loads((folder / "footprint.json").read_text())

    assert ran.status == 1
    assert footprint["intensity"]["region"] == "SE"
    assert footprint["pue"]["ratio"] == 1.1
    assert footprint["job"]["name"] == "second"
    (folder / "footprint.json").unlink()
    again = job("report", "there", "--json").json
    assert (again["intensity"]["region"], again["verdict"]["outcome"]) == ("SE", "fail"), "the recording says it too"


def test_the_environment_of_stop_does_not_replace_the_settings_of_start(job: Job) -> None:
    job.started("--region", "FR", "--name", "first")
    footprint = job("stop", "--quiet", EMISSIONS_REGION="SE", EMISSIONS_NAME="second").footprint

    assert (footprint["intensity"]["region"], footprint["job"]["name"]) == ("FR", "first")


def test_the_jobs_counts_are_read_at_the_end(job: Job) -> None:
    job.started("--budget", "130 J/sample")
    (job.emissions.cwd / "metrics.json").write_text('{"units": {"sample": 50000}}')
    ran = job("stop", "--quiet", "--metrics", "metrics.json")

    assert ran.footprint["per_unit"][0]["count"] == 50000
    assert ran.footprint["verdict"]["outcome"] == "pass"


def test_a_wrong_setting_of_stop_leaves_the_session_running(job: Job) -> None:
    job.started()
    wrong = job("stop", "--budget", "fifty")

    assert wrong.status == 2
    assert job.meter.is_alive
    assert job("stop", "--quiet").status == 0


def test_a_session_that_cannot_be_written_out_is_kept(job: Job) -> None:
    job.started()
    # Linux: no file can be made here, whoever asks.
    ran = job("stop", "--out", "/proc/nowhere")

    assert ran.status == 0
    assert "CO₂e" in ran.err
    assert str(job.state) in ran.err
    assert of_kind(job.lines, "end")


def test_a_disk_that_is_full_costs_what_it_has_no_room_for(job: Job) -> None:
    started = job.emissions.shell("ulimit -f 4; emissions start --interval 0.01 --region FR")
    until(lambda: (job.state / "recording.jsonl").stat().st_size >= 4096, "a file as large as it may be")
    ran = job("stop")

    assert started.status == ran.status == 0
    assert "cannot be written" in ran.err
    assert "Part of the recording is lost" in ran.err
    assert ran.footprint["energy"]["it_j"] > 0
    assert "meter-killed" in ran.footprint["flags"]


def test_the_background_process_leaves_the_directory_but_not_its_settings(job: Job) -> None:
    (job.emissions.cwd / "root").symlink_to(job.emissions.environ["EMISSIONS_SYSFS_ROOT"])
    job.started(EMISSIONS_SYSFS_ROOT="root")
    relative = job("stop", "--quiet").footprint
    job.started()
    absolute = job("stop", "--quiet").footprint

    assert relative["hardware"] == absolute["hardware"]
    assert relative["hardware"]["cpu"] is not None


def test_idle_power_is_measured_before_the_session_starts(job: Job) -> None:
    job.started("--idle-baseline", "0.3")

    (begun, idle), (command,) = of_kind(job.lines, "idle"), of_kind(job.lines, "command")
    assert (begun["from"], begun["to"]) == (idle["from"], None)
    assert idle["to"] - idle["from"] >= 0.3e9
    assert command["t"] >= idle["to"]


def test_an_orphan_whose_folder_is_gone_ends(job: Job) -> None:
    job.started()
    meter = job.meter
    shutil.rmtree(job.temp)

    until(lambda: not meter.is_alive, "the watchdog's end of the session")


def test_an_orphan_ends_after_its_longest_time_and_is_reported(job: Job) -> None:
    job.started("--longest", "0.001", "--budget", "1 kg")
    until(lambda: bool(of_kind(job.lines, "end")), "the end of a session of 3.6 s")
    ran = job("stop")

    assert ran.status == 0
    assert "ended by itself (0.001 h have passed)" in ran.err
    assert "session-orphaned:0.001 h have passed" in ran.footprint["flags"]
    assert "meter-killed" not in ran.footprint["flags"]
    assert "Nobody stopped the session" in ran.err
    assert ran.footprint["verdict"]["outcome"] == "unknown"


@LINUX
@pytest.mark.parametrize("in_ci", [False, True], ids=["the terminal", "the runner"])
def test_an_orphan_ends_after_what_it_hangs_on(emissions: Emissions, tmp_path: Path, in_ci: bool) -> None:
    job = Job(emissions, tmp_path / "runner")
    anchor = tmp_path / ("Runner.Worker" if in_ci else "login")
    anchor.symlink_to("/bin/bash")
    own: Mapping[str, str] = dict(job.emissions.environ)
    if not in_ci:
        own = {**emissions.environ, "EMISSIONS_SESSION": str(job.state)}
        job.state.parent.mkdir(parents=True)
    script = f"{' '.join(METER)} start; touch started; sleep 60 & wait"
    process = subprocess.Popen([anchor, "-c", script], cwd=emissions.cwd, env=own, start_new_session=True)
    try:
        until((emissions.cwd / "started").exists, "the start")
        time.sleep(2.5)
        assert job.meter.is_alive, "not before"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    until(lambda: bool(of_kind(job.lines, "end")), "the watchdog's end of the session")

    (flag,) = flags(job.lines)
    assert (
        flag
        == f"session-orphaned:{'the job' if in_ci else 'the terminal or the script that it was started from'} has ended"
    )


def test_a_folder_that_is_a_link_is_refused(job: Job, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    job.state.parent.mkdir(parents=True)
    job.state.symlink_to(tmp_path / "elsewhere")

    refused(job)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_folder_that_others_may_write_to_is_refused(job: Job) -> None:
    job.state.mkdir(parents=True)
    job.state.chmod(0o777)

    refused(job)


@pytest.mark.skipif(not CAN_CHANGE_OWNERS, reason="only root gives folders away")
def test_a_folder_of_somebody_else_is_refused(job: Job) -> None:
    job.state.mkdir(parents=True, mode=0o700)
    (job.state / "recording.jsonl").write_text("")
    os.chown(job.state, 12345, 12345)

    refused(job)
    assert job("stop").status == 3
    marked = job("mark", "a")
    assert marked.status == 0
    assert "not yours alone" in marked.err


def refused(job: Job) -> None:
    ran = job("start")

    assert ran.status == 3
    assert "not yours alone" in ran.err
    assert "EMISSIONS_SESSION" in ran.err
    assert ran.is_clean


def test_a_mark_is_quick(job: Job) -> None:
    observed = Job.__new__(Job)
    observed.__dict__.update(job.__dict__)
    observed.emissions = job.emissions.observed()
    observed("mark", "a")

    imported = {note.split()[1].partition(".")[0] for note in observed.emissions.notes if note.startswith("import ")}
    assert not imported & {"yaml", "jinja2", "requests", "pynvml", "subprocess", "threading", "hashlib"}


def test_a_directory_that_was_deleted_is_told(home: Emissions, tmp_path: Path) -> None:
    ran = [home.shell(f"mkdir -p gone && cd gone && rmdir ../gone && emissions {verb}") for verb in ("start", "stop")]

    assert [(each.status, "has been deleted" in each.err) for each in ran] == [(3, True), (3, True)]
    assert not list((tmp_path / "tmp").rglob("session.json"))


def test_in_a_job_of_ci_a_session_is_stopped_from_a_deleted_directory(job: Job) -> None:
    job.started("--region", "FR")

    ran = job.emissions.shell("mkdir gone && cd gone && rmdir ../gone && emissions mark late && emissions stop")

    assert ran.status == 0, ran.err
    assert [phase["label"] for phase in job("report", OUT, "--json").json["phases"]][-1] == "late"


def test_an_interrupt_while_idle_power_is_measured_starts_no_session(job: Job) -> None:
    starting = job.emissions.start("start", "--idle-baseline", "30")
    until((job.state / "session.json").exists, "the background process")
    meter = job.meter
    starting.send_signal(signal.SIGINT)
    _, said = starting.communicate(timeout=20)

    assert starting.returncode == 130
    assert b"was not started" in said
    assert not meter.is_alive
    assert not job.state.exists()
    assert job("stop").status == 3
