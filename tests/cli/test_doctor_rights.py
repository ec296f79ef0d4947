"""`emissions doctor` on files and rights: config file, workflows, history, token; each finding with its exact fix."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from reporter.forge import permissions_block
from tests.cli.command import ROOT, Emissions, config

EVENTS = ROOT / "tests" / "data" / "events"
WORKFLOW = ".github/workflows/emissions.yml"
USE = "      - uses: emissions-reporter/emissions-reporter@v1\n        with: {run: ./train.sh%s}\n"
UPLOAD = "      - uses: actions/upload-artifact@v7\n"


def checks(emissions: Emissions, *words: str, **environ: str) -> dict[str, dict[str, Any]]:
    ran = emissions.quick("doctor", "--region", "FR", *words, "--json", **environ)
    assert ran.status == 0, ran.err
    return {check["subject"]: check for check in ran.json["checks"]}


@pytest.fixture
def project(emissions: Emissions) -> Emissions:
    """`emissions` in a repository, as far as files tell."""
    (emissions.cwd / ".git").mkdir()
    return emissions


def job(*parts: str, permissions: str = "{contents: read, pull-requests: write}", on: str = "pull_request") -> str:
    """A workflow of one job."""
    steps = "".join(parts)
    return f"on: {on}\njobs:\n  train:\n    permissions: {permissions}\n    steps:\n{steps}"


def test_without_files_init_is_the_fix(project: Emissions) -> None:
    found = checks(project)

    assert found["config file"]["finding"] == "there is none"
    assert found["workflow"]["finding"] == "none here uses the action"
    assert {found[name]["fix"] for name in ("config file", "workflow")} == {"`emissions init` writes one."}


def test_what_init_writes_leaves_nothing_to_fix(project: Emissions) -> None:
    for words in ((), ("--matrix", "model=a,b"), ("--budget", "+10%"), ("--budget", "20 kg/month")):
        assert project.quick("init", "--force", *words).status == 0
        found = checks(project)
        assert found["config file"]["status"] == "ok"
        assert (found["workflow emissions.yml"]["status"], found["workflow emissions.yml"]["fix"]) == ("ok", None)


def test_a_second_config_file_is_named(project: Emissions) -> None:
    for name in (".github/emissions.yml", "emissions.yml"):
        config(project.cwd, "version: 1\n", name)
    found = checks(project)["config file"]

    assert found["status"] == "problem"
    assert found["finding"] == ".github/emissions.yml is read, and emissions.yml beside it is not"


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (job(USE % "", UPLOAD), []),
        (job(USE % "", UPLOAD, permissions="write-all"), []),
        (job(USE % "", UPLOAD, permissions="{contents: read}"), ["pull-requests: write"]),
        (job(USE % "", UPLOAD, permissions="{contents: read} # pull-requests: write"), ["pull-requests: write"]),
        (job(USE % "\n          comment: off\n       ", UPLOAD, permissions="{contents: read}"), []),
        (job(USE % "\n          history: artifact\n       ", UPLOAD), ["actions: read"]),
        (job(USE % "\n          history: branch\n       ", UPLOAD), ["contents: write"]),
        (job(USE % "\n          check: auto\n       ", UPLOAD), ["checks: write"]),
        (
            job(USE % "\n          history: branch\n       ", UPLOAD, permissions="read-all"),
            ["pull-requests: write", "contents: write"],
        ),
    ],
)
def test_a_workflow_that_grants_too_little_gets_the_block_to_paste(
    project: Emissions, text: str, missing: list[str]
) -> None:
    config(project.cwd, text, WORKFLOW)
    found = checks(project)["workflow emissions.yml"]

    assert found["status"] == ("problem" if missing else "ok")
    assert all(f"`{right}`" in found["finding"] and right in found["fix"] for right in missing)


def test_a_workflow_that_keeps_nothing_is_told(project: Emissions) -> None:
    config(project.cwd, job(USE % ""), WORKFLOW)
    found = checks(project)["workflow emissions.yml"]

    assert (found["status"], "upload" in found["finding"]) == ("info", True)


def test_code_of_a_fork_with_a_token_that_may_write_is_a_problem(project: Emissions) -> None:
    config(project.cwd, job(USE % "", UPLOAD, on="pull_request_target"), WORKFLOW)
    found = checks(project)["workflow emissions.yml"]

    assert found["status"] == "problem"
    assert "`on: pull_request`" in found["fix"]


def test_workflows_of_others_are_not_judged(project: Emissions) -> None:
    config(project.cwd, job(UPLOAD, permissions="{}"), ".github/workflows/ci.yml")
    config(project.cwd, job(USE % "", UPLOAD), ".github/workflows/energy.yaml")
    (project.cwd / ".github/workflows/broken.yml").symlink_to("nowhere")

    assert {name for name in checks(project) if name.startswith("workflow")} == {"workflow energy.yaml"}


@pytest.mark.parametrize(
    ("text", "status", "words", "fix"),
    [
        ("budgets: [50 g]", "info", "no budget needs it", None),
        ("budgets: [+10%]", "info", "for `+10%` the artifacts of earlier runs are read", permissions_block("artifact")),
        ("budgets: [20 kg/month]", "problem", "`20 kg/month` adds up earlier runs", "history: branch"),
        ("history: branch", "info", "not asked without `--online`; it needs `contents: write`", "contents: write"),
        ("history: artifact", "info", "it needs `actions: read`", "actions: read"),
        ("history: file:runs", "ok", "0 runs in", None),
    ],
)
def test_history_is_told_with_the_rights_that_it_needs(
    project: Emissions, text: str, status: str, words: str, fix: str | None
) -> None:
    config(project.cwd, f"version: 1\n{text}\n")
    found = checks(project)["history"]

    assert found["status"] == status
    assert words in found["finding"]
    assert found["fix"] is None if fix is None else fix in found["fix"]


def test_a_history_that_cannot_be_read_is_a_problem(project: Emissions, ran: Path) -> None:
    config(project.cwd, "version: 1\nhistory: file:runs\n")
    assert project.quick("history", "add", str(ran)).status == 0
    assert "1 run in" in checks(project)["history"]["finding"]
    shutil.rmtree(project.cwd / "runs", ignore_errors=True)
    (project.cwd / "runs").unlink(missing_ok=True)
    (project.cwd / "runs").write_bytes(b"\xff\xfe no history\n")

    assert checks(project)["history"]["status"] == "problem"


@pytest.mark.parametrize(
    ("name", "whose"), [("fork", "from a fork"), ("fork that is gone", "from a fork"), ("dependabot", "by Dependabot")]
)
def test_a_token_that_can_only_read_is_told_without_asking(
    emissions: Emissions, tmp_path: Path, name: str, whose: str
) -> None:
    told = json.loads((EVENTS / f"pull_request_{name.split(maxsplit=1)[0]}.json").read_text())
    repository = told["repository"]["full_name"]
    if name.endswith("gone"):
        told["pull_request"]["head"]["repo"] = None
    payload = tmp_path / "event.json"
    payload.write_text(json.dumps(told))
    found = checks(
        emissions,
        "--online",
        GITHUB_TOKEN="t",
        GITHUB_REPOSITORY=repository,
        GITHUB_EVENT_PATH=str(payload),
        GITHUB_EVENT_NAME="pull_request",
        GITHUB_API_URL="http://127.0.0.1:9",
    )["comment"]

    assert whose in found["finding"]
    assert "Nothing is wrong" in found["fix"]


@pytest.fixture
def online(emissions, github, tmp_path):
    """`comment` and `history` of a job on pull request 7 of the fake forge."""

    def ask(*words, history="off"):
        payload = tmp_path / "event.json"
        payload.write_text(json.dumps({"pull_request": {"number": 7, "base": {"ref": "main"}}}))
        return checks(
            emissions,
            *words,
            GITHUB_TOKEN="t",
            GITHUB_REPOSITORY=github.repository,
            GITHUB_EVENT_PATH=str(payload),
            GITHUB_EVENT_NAME="pull_request",
            GITHUB_API_URL=github.url,
            EMISSIONS_HISTORY=history,
        )

    return ask


def test_github_is_asked_only_on_request(online, github):
    assert "only with `--online`" in online()["comment"]["finding"]
    assert github.requests == []


def test_a_token_that_reads_is_told_and_writing_is_not_tried(online, github):
    found = online("--online")["comment"]

    assert found["status"] == "ok"
    assert "the token reads pull request 7 (0 own comments)" in found["finding"]
    assert permissions_block() in found["fix"]
    assert {request.method for request in github.requests} == {"GET"}


def test_the_block_has_what_a_rule_needs_that_rests_on_earlier_runs(emissions, online):
    config(emissions.cwd, "budgets: [+10%]\n")
    found = online("--online", history="auto")["comment"]

    assert "actions: read" in found["fix"]


def test_a_token_without_the_right_has_the_block_as_its_fix(online, github):
    github.permission = "none"
    found = online("--online", history="artifact")

    assert (found["comment"]["status"], found["history"]["status"]) == ("problem", "problem")
    assert "actions: read" in found["history"]["fix"]


def test_artifacts_that_can_be_read_are_counted(online, github):
    assert online("--online", history="artifact")["history"]["finding"] == "0 runs in artifacts of branch main"
