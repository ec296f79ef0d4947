"""Pull requests of forks under act, with GitHub's own payloads: the run without rights, and the workflow after it."""

from __future__ import annotations

import json
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from tests.action.test_init import stand_ins
from tests.action.test_init import started as begun  # noqa: F401  (a fixture)
from tests.action.test_run import TINY
from tests.cli.command import METER, ROOT
from tests.fixtures_action import job, use

pytestmark = pytest.mark.act

EVENTS = ROOT / "tests/data/events"
FIRST, SECOND = ".github/workflows/emissions.yml", ".github/workflows/emissions-comment.yml"
RUN_ID = 289782451
"""Of the payload `workflow_run_fork`."""
FORK = "Octofriend/Hello-World"


def payload(name):
    return json.loads((EVENTS / f"{name}.json").read_text())


@pytest.fixture
def pair(tmp_path):
    """The two workflows as `emissions init --fork-safe` writes them."""
    project = tmp_path / "project"
    project.mkdir()
    words = ("init", "--fork-safe", "--dir", ".", "--command", "sleep 0.3")
    subprocess.run([*METER, *words], cwd=project, env={"PYTHONPATH": str(ROOT)}, check=True, capture_output=True)
    return {name: (project / name).read_text() for name in (FIRST, SECOND)}


@pytest.fixture
def first(act, github, pair, tmp_path):
    """The fork's own run, with a token that may only read; afterwards what it uploaded is the fake's."""

    def run(name="pull_request_fork"):
        github.permission, github.may_check, github.pull_requests = "read", False, {2}
        local = [word for each in stand_ins(pair[FIRST], tmp_path) for word in ("--local-repository", each)]
        done = act(
            pair[FIRST],
            event="pull_request",
            payload=payload(name),
            api_url=github.url,
            env={"GITHUB_REPOSITORY": github.repository},
            options=local,
        )
        for folder in (done.results / "artifacts").iterdir():
            github.add_artifact(RUN_ID, folder.name, zipped(folder))
        github.permission, github.may_check = "write", True
        return done

    return run


@pytest.fixture
def second(act, github, pair):
    """The workflow that is begun when that run has ended."""

    def run(workflow=None, **changes):
        github.head_label, github.pulls = "Octofriend:changes", {2: {"fork": FORK}}
        github.pull_requests = {2}
        event = payload("workflow_run_fork")
        event["workflow_run"].update(changes)
        return act(
            workflow or pair[SECOND],
            event="workflow_run",
            payload=event,
            api_url=github.url,
            env={"GITHUB_REPOSITORY": github.repository},
        )

    return run


def zipped(folder: Path) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.write(file, file.relative_to(folder))
    return out.getvalue()


@pytest.mark.parametrize("event", ["pull_request_fork", "pull_request_dependabot"])
def test_a_run_without_rights_measures_uploads_and_stays_green(first, github, event):
    github.files["master", ".github/emissions.yml"] = b"budgets: [1 kWh]\n"
    run = first(event)

    assert run.green
    assert github.comments == []
    assert github.checks == []
    (leg,) = (run.results / "artifacts").iterdir()
    assert json.loads((leg / "footprint.json").read_text())["energy"]["it_j"] > 0
    assert any("Job" in text or "train" in text for text in run.summaries())
    (warning,) = run.commands("warning")
    assert "No comment and no check." in warning
    assert "pull-requests: write" in warning


def test_the_workflow_after_it_comments_on_the_pull_request_and_holds_the_check_back(first, second, github):
    github.files["master", ".github/emissions.yml"] = b"budgets: [1 kWh]\n"
    first()
    run = second()

    assert run.green
    (comment,) = github.comments
    assert comment.pull_request == 2
    assert "reported by an unprivileged run" in comment.body
    (check,) = github.checks
    assert (check["name"], check["conclusion"]) == ("emissions", "action_required")
    assert check["head_sha"] == payload("pull_request_fork")["pull_request"]["head"]["sha"]


def test_over_a_budget_the_check_is_red_and_the_default_branchs_job_is_not(first, second, github):
    github.files["master", ".github/emissions.yml"] = f"budgets: [{TINY}]\n".encode()
    first()
    run = second()

    assert run.green
    assert github.checks[0]["conclusion"] == "failure"


def test_over_a_budget_the_job_is_red_where_nobody_said_otherwise(first, second, github):
    github.files["master", ".github/emissions.yml"] = f"budgets: [{TINY}]\n".encode()
    first()
    workflow = job(use("mode: report"), trigger="{workflow_run: {workflows: [Emissions], types: [completed]}}")
    run = second(workflow)

    assert not run.green
    assert len(github.comments) == 1


def test_measured_again_in_this_repository_it_is_held_to_the_base_branchs_budget(begun, github):  # noqa: F811
    github.pull_requests, github.pulls = {2}, {2: {"fork": FORK}}
    github.files[github.base_sha, ".github/emissions.yml"] = f"budgets: [{TINY}]\n".encode()
    by_hand = payload("workflow_dispatch") | {"inputs": {"pull-request": "2"}}
    words = ("--fork-safe", "--command", "sleep 0.3", "--budget", "1 GWh")  # what the fork would like
    run = begun(*words, event="workflow_dispatch", payload=by_hand)

    assert set(run.exit_statuses()) == {1}
    assert github.comments[0].pull_request == 2
    assert github.checks[0]["conclusion"] == "failure"


def test_a_pull_request_of_the_repository_itself_is_left_to_its_own_run(second, github):
    run = second(head_repository={"full_name": github.repository, "owner": {"login": "octo-org"}})

    assert run.green
    assert github.requests == []


def test_a_head_that_has_moved_on_is_a_notice_and_green(first, second, github):
    first()
    run = second(head_sha="b" * 40)

    assert run.green
    assert github.comments == []
    assert any("Nothing is posted: no open pull request" in text for text in run.commands("notice"))


def test_outputs_and_files_of_the_second_stage_are_what_was_posted(first, second, github):
    first()
    workflow = job(use("mode: report"), trigger="{workflow_run: {workflows: [Emissions], types: [completed]}}")
    run = second(workflow)

    assert run.outputs()["comment-url"].endswith(str(github.comments[0].id))
    assert "unprivileged" in run.footprint()["flags"]
    assert len(run.summaries()) == 1


def test_a_forge_that_is_down_is_a_warning_and_green(second, github):
    github.fail(status=500, times=99)

    run = second()

    assert run.green
    assert run.commands("warning")
