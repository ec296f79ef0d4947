"""What the token may not do: one warning with the whole block of permissions, whichever right is missing first."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from reporter.cli import main
from reporter.export import json as codec
from tests.commands.test_from_run import environ as second_stage  # noqa: F401  (a fixture)
from tests.commands.test_from_run import publish as publish_second
from tests.commands.test_from_run import text, uploaded
from tests.factories_footprint import footprint, grams
from tests.github.fake import FakeGitHub

EVENTS = Path(__file__).parents[1] / "data/events"
REFUSED = {"status": 403, "body": {"message": "Resource not accessible by integration"}, "times": 9}
SECOND_STAGE = {"actions": "read", "checks": "write", "contents": "read", "pull-requests": "write"}


@pytest.fixture
def first_stage(tmp_path: Path, github: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The runner's variables of a fork's own run of pull request 2, with a footprint within its budget."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "footprint.json").write_text(codec.dumps(codec.encode(footprint(budgets=(grams(100),)))))
    github.pull_requests = {2}
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(EVENTS / "pull_request_fork.json"),
        "GITHUB_ACTOR": "Octofriend",
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": github.repository,
        "GITHUB_TOKEN": "fake-token",
        "GITHUB_RUN_ID": "42",
        "GITHUB_RUN_NUMBER": "1",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }


def publish(environ: dict[str, str], **inputs: str) -> int:
    return main(["publish", "footprint.json"], environ=environ, inputs={"check": "auto", **inputs})


def blocks(said: str) -> list[dict[str, str]]:
    """Every `permissions:` block in the log, as it would be pasted."""
    lines = said.replace("%0A", "\n")
    found = re.findall(r"^permissions:\n(?:  [\w-]+: \w+\n)+", lines, re.MULTILINE)
    return [yaml.safe_load(block)["permissions"] for block in found]


def event_of(payload: str, github: FakeGitHub, folder: Path) -> str:
    """The file of GitHub's own payload, in the fake's repository."""
    event = json.loads((EVENTS / f"{payload}.json").read_text())
    origin = event["pull_request"]["head"]["repo"]
    if origin["full_name"] == event["repository"]["full_name"]:
        origin["full_name"] = github.repository
    (folder / "event.json").write_text(json.dumps(event))
    return str(folder / "event.json")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/pulls"),
        ("GET", "/artifacts"),
        ("POST", "/comments"),
        ("GET", "/check-runs"),
        ("POST", "/check-runs"),
    ],
)
def test_a_second_stage_is_told_all_that_it_needs_whichever_right_is_missing(
    second_stage: dict[str, str],  # noqa: F811
    github: FakeGitHub,
    capsys: Any,
    method: str,
    path: str,
) -> None:
    uploaded(github, text())
    github.fail(method=method, path=path, **REFUSED)

    publish_second(second_stage)

    assert blocks("".join(capsys.readouterr())) == [SECOND_STAGE]


@pytest.mark.parametrize("path", ["/comments", "/check-runs"])
def test_a_job_with_check_and_history_is_told_what_both_need(
    first_stage: dict[str, str], github: FakeGitHub, capsys: Any, path: str
) -> None:
    github.fail(method="POST", path=path, **REFUSED)

    publish(first_stage, history="branch")

    assert blocks(capsys.readouterr().out) == [{"checks": "write", "contents": "write", "pull-requests": "write"}]


def test_a_forks_own_run_has_one_warning_which_says_that_nothing_is_wrong(
    first_stage: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    github.permission, github.may_check = "read", False

    assert publish(first_stage) == 0

    out = capsys.readouterr().out
    (warning,) = [line for line in out.splitlines() if line.startswith("::warning")]
    assert "No comment and no check." in warning
    assert "Nothing is wrong: this is a run for a pull request of a fork" in warning
    assert "emissions init --fork-safe" in warning


@pytest.mark.parametrize(("actor", "is_right"), [("dependabot[bot]", True), ("anna", False)])
def test_a_maintainers_run_on_dependabots_pull_request_that_may_not_write_lacks_a_permission(
    first_stage: dict[str, str], github: FakeGitHub, tmp_path: Path, capsys: Any, actor: str, is_right: bool
) -> None:
    github.permission = "read"
    event = event_of("pull_request_dependabot", github, tmp_path)

    publish({**first_stage, "GITHUB_EVENT_PATH": event, "GITHUB_ACTOR": actor})

    assert ("Nothing is wrong" in capsys.readouterr().out) is is_right


@pytest.mark.parametrize(
    ("payload", "actor", "conclusion"),
    [
        ("pull_request_fork", "Octofriend", "action_required"),
        ("pull_request_dependabot", "dependabot[bot]", "action_required"),
        ("pull_request_dependabot", "anna", "action_required"),  # who has reopened it, say
        ("pull_request_opened", "anna", "success"),
    ],
)
def test_a_strangers_run_turns_no_check_green_though_its_token_may_write(
    first_stage: dict[str, str], github: FakeGitHub, tmp_path: Path, payload: str, actor: str, conclusion: str
) -> None:
    """Dependabot's gets what `permissions:` says, and so does a private fork's where the organisation lets it."""
    event = event_of(payload, github, tmp_path)

    publish({**first_stage, "GITHUB_EVENT_PATH": event, "GITHUB_ACTOR": actor})

    (check,) = github.checks
    assert check["conclusion"] == conclusion
    assert ("unprivileged run" in check["output"]["title"]) is (conclusion == "action_required")


def test_of_a_strangers_run_what_exceeds_its_budget_is_red(first_stage: dict[str, str], github: FakeGitHub) -> None:
    Path("footprint.json").write_text(codec.dumps(codec.encode(footprint(budgets=(grams(40),)))))

    publish(first_stage)

    assert github.checks[0]["conclusion"] == "failure"


def test_a_fork_that_is_gone_is_a_fork_still(first_stage: dict[str, str], github: FakeGitHub, tmp_path: Path) -> None:
    event = json.loads(Path(first_stage["GITHUB_EVENT_PATH"]).read_text())
    event["pull_request"]["head"]["repo"] = None
    (tmp_path / "event.json").write_text(json.dumps(event))

    publish({**first_stage, "GITHUB_EVENT_PATH": str(tmp_path / "event.json"), "GITHUB_ACTOR": "Octofriend"})

    assert github.checks[0]["conclusion"] == "action_required"


def test_where_there_is_no_job_nothing_is_said_of_its_outputs(
    first_stage: dict[str, str], tmp_path: Path, capsys: Any
) -> None:
    bare = {"EMISSIONS_CONFIG": ""}

    assert main(["publish", "footprint.json"], environ=bare, inputs={}) == 0

    said = capsys.readouterr().err
    assert "--pull-request" in said
    assert "outputs" not in said
