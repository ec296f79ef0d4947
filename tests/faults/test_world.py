"""Faults of the world around a job: the forge, the network, other writers, the runner's disk and settings.

Each runs the real `publish` on the footprint of a command that ended with 7, as the action's step does. Whatever
happens, the step ends with 0, the footprint is byte for byte what the meter wrote, nothing tells the token, and the
server is not asked over and over.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import pytest

from reporter.cli import main
from reporter.http import Client
from reporter.publish.github import GitHub
from reporter.publish.sticky import publish_comment
from tests.cli.command import OUT, Emissions
from tests.github.fake import HEAD_SHA, FakeGitHub

TOKEN = "ghs_sEcReTsEcReTsEcReT0123456789"
EVENT = {"pull_request": {"number": 7, "head": {"sha": HEAD_SHA}, "base": {"ref": "main"}}}
BY_HAND = "### Report\n\nSomebody's words."


class Waiting:
    """Time that sleeping alone moves, so that no test waits."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def clock(self) -> float:
        return time.monotonic() + sum(self.slept)


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Waiting:
    found = Waiting()
    for function, names in ((Client, ("sleep", "clock")), (GitHub, ("sleep", "clock"))):
        for name in names:
            monkeypatch.setitem(function.__init__.__kwdefaults__, name, getattr(found, name))  # type: ignore[misc]
    monkeypatch.setitem(publish_comment.__kwdefaults__, "pause", found.sleep)
    return found


class Published(NamedTuple):
    """What a step left."""

    status: int
    said: str
    summary: str
    outputs: str


class Runner:
    """A job of one pull request whose command has ended with 7, ready to be published."""

    def __init__(self, folder: Path, github: FakeGitHub, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.github, self.capsys = folder, github, capsys
        (folder / "event.json").write_text(json.dumps(EVENT))
        self.footprint = (folder / OUT / "footprint.json").read_bytes()

    def environ(self, run: int) -> dict[str, str]:
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.github.url,
            "GITHUB_REPOSITORY": self.github.repository,
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_RUN_ID": str(40 + run),
            "GITHUB_RUN_NUMBER": str(run),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
        }

    def publish(self, run: int = 2, **environ: str) -> Published:
        """One step of one run; what must hold of every step is checked here."""
        given = self.environ(run) | environ
        if self.github.graphql:
            given["GITHUB_GRAPHQL_URL"] = self.github.graphql_url
        self.capsys.readouterr()
        status = main(["publish", OUT], environ=given, inputs={"comment": "always"})
        out, err = self.capsys.readouterr()
        texts = [self._text(name) for name in ("summary", "output")]

        assert (self.folder / OUT / "footprint.json").read_bytes() == self.footprint
        assert json.loads(self.footprint)["job"]["exit_status"] == 7
        assert "Traceback" not in out + err
        assert not [text for text in (out, err, *texts) if TOKEN in text]
        return Published(status=status, said=out + err, summary=texts[0], outputs=texts[1])

    def _text(self, name: str) -> str:
        path = self.folder / name
        return path.read_text() if path.exists() else ""


@pytest.fixture(scope="module")
def metered(tmp_path_factory: pytest.TempPathFactory, environ: dict[str, str]) -> Path:
    """The folder of a real run whose command failed."""
    folder = tmp_path_factory.mktemp("metered")
    ran = Emissions(cwd=folder, environ=environ)("run", "--region", "FR", "--name", "train", "--", "sh", "-c", "exit 7")
    assert ran.status == 7, ran.err
    return folder


@pytest.fixture
def runner(
    metered: Path,
    tmp_path: Path,
    github: FakeGitHub,
    waiting: Waiting,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Runner:
    monkeypatch.chdir(tmp_path)
    (tmp_path / OUT).mkdir()
    (tmp_path / OUT / "footprint.json").write_bytes((metered / OUT / "footprint.json").read_bytes())
    return Runner(tmp_path, github, capsys)


# -- the forge answers otherwise than asked


class Fault(NamedTuple):
    """Of the forge: how it answers, whether a comment is there in the end, what is said and how long is waited."""

    answers: dict[str, Any]
    posted: bool
    said: str = ""
    slept: tuple[float, ...] | None = None


SECONDARY = {"message": "You have exceeded a secondary rate limit."}
ABUSE = {"message": "You have triggered an abuse detection mechanism."}
FORBIDDEN = {"message": "Resource not accessible by integration"}
FOREVER = 99
ONCE = {"method": "GET", "path": "/issues/7/comments"}
"""The first request that the comment needs; those for the base branch's rules are not worth a wait."""
FAULTS: dict[str, Fault] = {
    "slow": Fault({"delay_s": 0.3, "times": FOREVER}, posted=True),
    "401": Fault({"status": 401, "times": FOREVER}, posted=False, said="does not accept the token"),
    "403, no permission": Fault(
        {"status": 403, "body": FORBIDDEN, "times": FOREVER}, posted=False, said="pull-requests: write"
    ),
    "403, secondary limit": Fault(
        {**ONCE, "status": 403, "body": SECONDARY, "headers": {"Retry-After": "17"}}, posted=True, slept=(17.0,)
    ),
    "403, secondary limit that stays": Fault(
        {"status": 403, "body": SECONDARY, "times": FOREVER}, posted=False, said="asks to wait 60 s"
    ),
    "403, abuse": Fault({**ONCE, "status": 403, "body": ABUSE}, posted=True, slept=(60.0,)),
    "404": Fault({"status": 404, "times": FOREVER}, posted=False, said="pull-requests: write"),
    "409": Fault({"status": 409, "times": FOREVER}, posted=False, said="409"),
    "410": Fault({"status": 410, "times": FOREVER}, posted=False, said="gone or switched off"),
    "422": Fault({"method": "POST", "status": 422, "times": FOREVER}, posted=False, said="does not take this comment"),
    "429": Fault({**ONCE, "status": 429}, posted=True, slept=(60.0,)),
    "429, with Retry-After": Fault(
        {**ONCE, "status": 429, "headers": {"Retry-After": "5"}, "times": 2}, posted=True, slept=(5.0, 5.0)
    ),
    "429, with a time beyond ours": Fault(
        {"status": 429, "headers": {"Retry-After": "3600"}, "times": FOREVER}, posted=False, said="3600 s", slept=()
    ),
    "500": Fault({"status": 500, "times": FOREVER}, posted=False, said="status 500"),
    "503, once": Fault({**ONCE, "status": 503}, posted=True, slept=(1.0,)),
    "reset before the answer": Fault({"reset": "before", "times": FOREVER}, posted=False, said="No usable answer"),
    "reset mid-body": Fault({"reset": "body", "times": FOREVER}, posted=False, said="No usable answer"),
    "no JSON": Fault({"garbage": "<html>", "times": FOREVER}, posted=False, said="readable JSON"),
    "other JSON": Fault(
        {"garbage": '{"message": [1]}', "times": FOREVER}, posted=False, said="not what GitHub's API describes"
    ),
    "JSON that is nothing": Fault(
        {"garbage": "null", "times": FOREVER}, posted=False, said="not what GitHub's API describes"
    ),
    "nested JSON": Fault({"garbage": "[" * 100_000, "times": FOREVER}, posted=False, said="readable JSON"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_forge_costs_the_comment_at_most(
    runner: Runner, github: FakeGitHub, waiting: Waiting, name: str
) -> None:
    fault = FAULTS[name]
    github.fail(**fault.answers)

    done = runner.publish()

    assert done.status == 0
    assert "train" in done.summary
    assert "energy-kwh" in done.outputs
    assert len(github.comments) == (1 if fault.posted else 0)
    assert fault.said in done.said
    assert fault.slept is None or [pause for pause in waiting.slept if pause] == list(fault.slept)
    assert ("::warning" in done.said) is not fault.posted
    assert len(github.requests) <= 12
    assert sum(waiting.slept) <= 150


class Elsewhere:
    """Another host: it counts who comes."""

    def __init__(self) -> None:
        heard = self.heard = []  # type: list[str]

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                heard.append(self.headers.get("Authorization", ""))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    host = Elsewhere()
    yield host
    host.server.shutdown()
    host.server.server_close()


def test_a_redirect_to_another_host_gets_neither_request_nor_token(
    runner: Runner, github: FakeGitHub, elsewhere: Elsewhere
) -> None:
    github.fail(status=302, headers={"Location": f"{elsewhere.url}/x"}, times=FOREVER)

    done = runner.publish()

    assert (done.status, github.comments, elsewhere.heard) == (0, [], [])
    assert "another host" in done.said


def test_a_proxy_that_is_down_costs_the_comment_alone(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("http_proxy", f"http://user:pr0xy-pass@127.0.0.1:{port}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    done = runner.publish(GITHUB_API_URL="http://ghes.invalid/api/v3")

    assert done.status == 0
    assert "ProxyError" in done.said
    assert "pr0xy-pass" not in done.said


def test_a_server_of_ones_own_has_its_paths(runner: Runner, github: FakeGitHub) -> None:
    github.prefix = "/api/v3"

    assert runner.publish().status == 0

    assert len(github.comments) == 1
    assert {request.path.partition("/repos/")[0] for request in github.requests if "/repos/" in request.path} == {
        "/api/v3"
    }


@pytest.mark.parametrize("now_s", [0.0, 4e9], ids=["in 1970", "in 2096"])
def test_a_clock_that_is_wrong_changes_neither_wait_nor_comment(
    runner: Runner, github: FakeGitHub, waiting: Waiting, now_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: now_s)
    github.date_s = 1_900_000_000.0
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1900000020"}
    github.fail(**ONCE, status=429, headers=spent)

    done = runner.publish()

    assert (done.status, len(github.comments)) == (0, 1)
    assert 20.0 in waiting.slept


# -- others write too


def test_of_two_runs_that_finish_out_of_order_the_newer_one_stands(runner: Runner, github: FakeGitHub) -> None:
    runner.publish(run=3)
    newer = github.comments[0].body

    done = runner.publish(run=2)

    assert done.status == 0
    assert [comment.body for comment in github.comments] == [newer]
    assert "newer run" in done.said


Change = Callable[[FakeGitHub], None]


def _delete(github: FakeGitHub) -> None:
    github.comments.clear()


def _minimise(github: FakeGitHub) -> None:
    github.comments[0].minimised = True


def _rewrite(github: FakeGitHub) -> None:
    github.comments[0].body = BY_HAND


def _take_over(github: FakeGitHub) -> None:
    github.comments[0].author = "mallory"


def _shut(github: FakeGitHub) -> None:
    github.not_editable.add(github.comments[0].id)


TOUCHED = {
    "deleted": _delete,
    "minimised": _minimise,
    "rewritten": _rewrite,
    "taken over": _take_over,
    "not to be edited": _shut,
}


@pytest.mark.parametrize("change", TOUCHED.values(), ids=TOUCHED)
def test_a_comment_that_others_touched_gives_way_to_a_new_one(
    runner: Runner, github: FakeGitHub, change: Change
) -> None:
    github.graphql = True
    runner.publish(run=1)
    old = github.comments[0]
    change(github)
    left = old.body

    done = runner.publish(run=2)

    assert done.status == 0
    assert "::warning" not in done.said
    assert len(github.sent("POST", "/issues/")) == 2
    assert "train" in github.comments[-1].body
    assert github.comments[-1] is not old
    assert old.body == left


@pytest.mark.parametrize("change", [_delete, _minimise, _rewrite, _shut], ids=[*list(TOUCHED)[:3], "not to be edited"])
def test_a_comment_that_others_touch_between_our_look_and_our_writing_ends_up_right(
    runner: Runner, github: FakeGitHub, change: Change
) -> None:
    """Nobody can keep another writer out; what is left for the next run to put right is a hidden comment at most."""
    github.graphql = True
    runner.publish(run=1)
    (runner.folder / OUT / "footprint.json").write_bytes(runner.footprint.replace(b'"train"', b'"later-job"'))
    runner.footprint = (runner.folder / OUT / "footprint.json").read_bytes()
    github.fail(method="GET", path="/pulls/7", then=lambda: change(github))

    done = runner.publish(run=2)

    assert done.status == 0
    assert "::warning" not in done.said
    assert len([body for body in github.own_bodies() if "later-job" in body]) == 1


def test_a_locked_conversation_is_said_to_be_locked(runner: Runner, github: FakeGitHub) -> None:
    github.locked = True

    done = runner.publish()

    assert (done.status, github.comments) == (0, [])
    assert "The conversation is locked" in done.said
    assert "pull-requests: write" not in done.said


@pytest.mark.parametrize("graphql", [False, True], ids=["rest", "graphql"])
def test_the_comment_is_found_behind_ten_thousand(runner: Runner, github: FakeGitHub, *, graphql: bool) -> None:
    github.check, github.graphql = None, graphql
    for index in range(9_999):
        github.add_comment(f"text {index}", author="octocat")
    runner.publish(run=1)
    github.requests.clear()

    done = runner.publish(run=2, GITHUB_RUN_ATTEMPT="2")

    assert done.status == 0
    assert len(github.comments) == 10_000
    assert len([request for request in github.requests if "comments" in request.path or graphql]) <= 104


# -- the runner's own disk and settings


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("file", ["GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"])
def test_a_full_disk_costs_that_file_alone(runner: Runner, github: FakeGitHub, file: str) -> None:
    done = runner.publish(**{file: "/dev/full"})

    assert done.status == 0
    assert len(github.comments) == 1
    assert (done.summary == "") is (file == "GITHUB_STEP_SUMMARY")
    assert (done.outputs == "") is (file == "GITHUB_OUTPUT")


SETTINGS = {
    "no HOME": {"HOME": None},
    "a HOME that is not there": {"HOME": "/nonexistent"},
    "no locale": {"LC_ALL": None, "LANG": None},
    "the C locale without UTF-8": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "another encoding": {"LC_ALL": "tr_TR.ISO-8859-9", "PYTHONIOENCODING": "ascii"},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_settings_of_the_runner_change_neither_status_nor_report(
    runner: Runner, github: FakeGitHub, environ: dict[str, str], settings: dict[str, str | None]
) -> None:
    given = {**environ, **runner.environ(2), **{name: value for name, value in settings.items() if value is not None}}
    job = Emissions(
        cwd=runner.folder, environ={name: text for name, text in given.items() if settings.get(name, "") is not None}
    )

    ran = job("run", "--region", "FR", "--name", "train", "--", "sh", "-c", "exit 7")
    published = job("publish", OUT)
    reported = job("report", OUT)

    assert (ran.status, published.status, reported.status) == (7, 0, 0), ran.err + published.err + reported.err
    assert ran.is_clean
    assert published.is_clean
    assert len(github.comments) == 1
    assert "CO₂e" in github.comments[0].body


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc/sys").exists(), reason="root may write everywhere")
def test_a_workspace_that_takes_no_files_costs_the_files_alone(
    runner: Runner, github: FakeGitHub, environ: dict[str, str]
) -> None:
    """The folders of /proc take no file, not even from root."""
    job = Emissions(cwd=Path("/proc"), environ={**environ, **runner.environ(2)})

    ran = job("run", "--region", "FR", "--name", "train", "--", "sh", "-c", "exit 7")

    assert ran.status == 7
    assert ran.is_clean
    assert "CO₂e" in ran.err
    assert "cannot be" in ran.err or "could not be" in ran.err


# -- other jobs on the machine


def test_jobs_of_several_runners_on_one_machine_say_so_in_each_report(
    environ: dict[str, str], emissions: Emissions, tmp_path: Path
) -> None:
    """Two runners at work, seen from one of their jobs, and one runner at work, seen from its own."""
    root = tmp_path / "machine"
    _link(Path(environ["EMISSIONS_SYSFS_ROOT"]), root)
    job = Emissions(cwd=emissions.cwd, environ={**emissions.environ, "EMISSIONS_SYSFS_ROOT": str(root)})
    flags = []
    for pid in (10_000_001, 10_000_002):
        (root / "proc" / str(pid)).mkdir()
        (root / "proc" / str(pid) / "comm").write_text("Runner.Worker\n")
        ran = job("run", "--region", "FR", "--", "sh", "-c", "exit 7", GITHUB_ACTIONS="true")
        assert ran.status == 7
        flags.append("shared-machine" in ran.footprint["flags"])
        said = "Jobs of other runners worked on this machine" in (ran.folder / "report.md").read_text()
        assert said is flags[-1]

    assert flags == [False, True]


def _link(source: Path, target: Path) -> None:
    """The same tree, in which files may be added."""
    for path in source.rglob("*"):
        at = target / path.relative_to(source)
        if path.is_dir():
            at.mkdir(parents=True, exist_ok=True)
        else:
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(path.read_bytes())
