"""What `emissions init` writes, run under act: only GitHub's own actions for artifacts and Python are stand-ins."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.action.test_run import PULL_REQUEST, TINY
from tests.cli.command import METER, ROOT
from tests.fixtures_action import ACTION

pytestmark = pytest.mark.act

WORKFLOW, CONFIG = ".github/workflows/emissions.yml", ".github/emissions.yml"
STAND_INS = {
    "actions/setup-python": ("python-version", "true"),
    "actions/upload-artifact": (
        "name, path",
        'mkdir -p "$RESULTS/artifacts/$NAME" && cp -r "$GITHUB_WORKSPACE/$WHERE/." "$RESULTS/artifacts/$NAME"',
    ),
    "actions/download-artifact": (
        "pattern, path",
        'mkdir -p "$GITHUB_WORKSPACE/$WHERE" && cp -r "$RESULTS"/artifacts/$PATTERN "$GITHUB_WORKSPACE/$WHERE"',
    ),
}
"""Action → its inputs, and what stands in for it. `actions/checkout` is act's own."""


@pytest.fixture
def started(act, action_tree, github, tmp_path):
    """Writes the files by `emissions init` and runs the workflow on pull request 7."""

    def start(*words, event="pull_request", payload=PULL_REQUEST, server=None):
        project = tmp_path / "project"
        project.mkdir()
        subprocess.run(["git", "-C", project, "init", "--quiet", "--initial-branch=main"], check=True)
        done = subprocess.run(
            [*METER, "init", *words], cwd=project, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        workflow = (project / WORKFLOW).read_text()
        local = stand_ins(workflow, tmp_path)
        if server:  # act looks for actions there
            local = [f"{server}/{name}" for name in (*local, f"{ACTION}={action_tree}")]
        return act(
            workflow,
            files={CONFIG: (project / CONFIG).read_text()},
            event=event,
            payload=payload,
            api_url=github.url,
            env={"GITHUB_REPOSITORY": github.repository} | ({"GITHUB_SERVER_URL": server} if server else {}),
            options=[word for name in local for word in ("--local-repository", name)],
        )

    return start


def stand_ins(workflow: str, folder: Path) -> list[str]:
    """What act is to take in place of GitHub's actions, at the commits that the workflow names."""
    found = []
    for name, commit in set(re.findall(r"uses: (actions/[\w-]+)@(\w+)", workflow)):
        if name in STAND_INS:
            inputs, script = STAND_INS[name]
            at = folder / "stand-ins" / name
            at.mkdir(parents=True)
            action = {
                "name": name,
                "description": "A stand-in.",
                "inputs": {each: {"description": each} for each in inputs.split(", ")},
                "runs": {"using": "composite", "steps": [{"shell": "bash", "run": script, "env": ENV}]},
            }
            (at / "action.yml").write_text(json.dumps(action))
            found.append(f"{name}@{commit}={at}")
    return found


ENV = {"NAME": "${{ inputs.name }}", "WHERE": "${{ inputs.path }}", "PATTERN": "${{ inputs.pattern }}"}


def test_the_first_pull_request_gets_its_report_and_stays_green(started, github):
    run = started("--command", "sleep 0.3", "--region", "FR")

    assert run.green
    (comment,) = github.comments
    assert "train" in comment.body
    (leg,) = (run.results / "artifacts").iterdir()
    assert leg.name == "emissions-train-1"
    footprint = json.loads((leg / "footprint.json").read_text())
    assert footprint["verdict"]["outcome"] == "none"
    assert footprint["intensity"]["region"] == "FR", "of the config file: the action's own default gives way"


def test_a_command_that_nobody_wrote_yet_runs_all_the_same(started):
    assert started().green


def test_a_budget_of_the_config_file_turns_the_job_red_after_the_comment(started, github):
    run = started("--command", "sleep 0.3", "--budget", TINY)

    assert set(run.exit_statuses()) == {1}
    assert len(github.comments) == 1


def test_legs_are_merged_into_one_comment(started, github):
    run = started("--command", 'echo "$MODEL" > "$RESULTS/$MODEL"; sleep 0.3', "--matrix", "model=small,large")

    assert run.green
    assert (run.text("small"), run.text("large")) == ("small\n", "large\n")
    assert {leg.name for leg in (run.results / "artifacts").iterdir()} == {"emissions-small-1", "emissions-large-1"}
    assert len(github.comments) == 1


def test_legs_over_a_budget_are_told_by_the_job_at_the_end(started, github):
    run = started("--command", "sleep 0.3", "--matrix", "model=small,large", "--budget", TINY)

    assert set(run.exit_statuses()) == {1}
    assert len(github.comments) == 1


def test_a_run_of_the_default_branch_is_kept_on_the_branch_by_the_job_that_may_write(started, github, tmp_path):
    bare = tmp_path / "server" / github.repository
    subprocess.run(["git", "init", "--quiet", "--bare", bare], check=True)
    run = started(
        "--command",
        "sleep 0.3",
        "--budget",
        "1 GWh/month",
        event="push",
        payload={"ref": "refs/heads/main", "repository": {"default_branch": "main"}},
        server=f"file://{tmp_path / 'server'}",
    )

    assert run.green
    kept = ["git", "-C", bare, "log", "--format=%s", "emissions-history"]
    assert subprocess.run(kept, capture_output=True, text=True).stdout.strip()
