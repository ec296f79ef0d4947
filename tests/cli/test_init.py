"""`emissions init`: what it writes into real git repositories, what it leaves alone, and what validators say of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

from reporter.commands.options import VERBS
from reporter.config.file import file_layer
from tests.cli.command import ROOT, Emissions, config

WORKFLOW, CONFIG = ".github/workflows/emissions.yml", ".github/emissions.yml"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
OURS = "emissions-reporter/emissions-reporter@"
WAYS = {
    "nothing said": (),
    "a command and budgets": ("--command", "python train.py\npython eval.py", "--budget", "50 g", "--budget", "+10%"),
    "a matrix": ("--matrix", "model=small,large", "--region", "FR"),
    "a monthly budget": ("--budget", "20 kg/month"),
    "history in artifacts": ("--history", "artifact"),
    "history on a branch": ("--history", "branch", "--matrix", "python=3.10,3.13"),
    "no history": ("--history", "off", "--budget", "2 kWh"),
    "forks": ("--fork-safe", "--budget", "50 g"),
    "forks and history": ("--fork-safe", "--history", "artifact"),
    "a runner of one's own": ("--runner", "self-hosted,gpu", "--command", "./train.sh"),
}


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", folder, *identity, *words], check=True, capture_output=True)


@pytest.fixture
def project(emissions: Emissions) -> Emissions:
    """`emissions` in a new git repository with a training and its requirements."""
    git(emissions.cwd, "init", "--quiet", "--initial-branch=main")
    (emissions.cwd / "train.py").write_text("print('trained')\n")
    (emissions.cwd / "requirements.txt").write_text("numpy\n")
    return emissions


def workflow(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((folder / WORKFLOW).read_text(encoding="utf-8"))
    document["on"] = document.pop(True)  # YAML 1.1 reads the key `on` so
    return document


def ours(job: dict[str, Any]) -> dict[str, str]:
    """The inputs of the step that uses the action."""
    (step,) = (step for step in job["steps"] if step.get("uses", "").startswith(OURS))
    inputs: dict[str, str] = step["with"]
    return inputs


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.relative_to(folder).parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def tool(name: str) -> str:
    found = Path(sysconfig.get_path("scripts")) / name
    if not found.exists():
        pytest.skip(f"{name} is not installed")
    return str(found)


def test_it_writes_two_files_and_says_so_in_three_lines(project: Emissions) -> None:
    before = files(project.cwd)
    ran = project("init")

    assert (ran.status, ran.err) == (0, "")
    assert set(files(project.cwd)) - set(before) == {WORKFLOW, CONFIG}
    wrote, settings, then = ran.text.splitlines()
    assert wrote == f"Wrote {WORKFLOW}: meters `python train.py` on ubuntu-latest."
    assert settings == f"Wrote {CONFIG}: no budget yet, it only reports."
    assert then.startswith("Next: ")


def test_the_job_meters_the_command_and_may_do_no_more_than_comment(project: Emissions) -> None:
    project.quick("init")
    document = workflow(project.cwd)
    (job,) = document["jobs"].values()

    assert document["permissions"] == {}
    assert set(document["on"]) == {"pull_request", "workflow_dispatch"}
    assert document["concurrency"]["cancel-in-progress"] is False
    assert job["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert ours(job) == {"run": "python train.py\n"}
    assert {"run": "python -m pip install -r requirements.txt"} in job["steps"]


def test_it_begins_with_a_report_and_no_budget(project: Emissions) -> None:
    project.quick("init")
    text = (project.cwd / CONFIG).read_text(encoding="utf-8")

    assert yaml.safe_load(text) == {"version": 1}
    layer = file_layer(text, name=CONFIG)
    assert (layer.problems, layer.budgets) == ((), None)


def test_each_line_that_is_commented_out_is_valid_without_its_sign(project: Emissions) -> None:
    project.quick("init")
    text = (project.cwd / CONFIG).read_text(encoding="utf-8")
    without = re.sub(r"^# (?=site:|budgets:|  - )", "", text, flags=re.MULTILINE)
    layer = file_layer(without, name=CONFIG)

    assert layer.problems == ()
    assert [budget.rule for budget in layer.budgets or ()] == ["50 g", "50 g", "130 J/sample", "+10%", "20 kg/month"]
    assert layer.settings["region"].text == "FR"


def test_region_and_budgets_go_into_the_config_file(project: Emissions) -> None:
    project.quick("init", "--region", "aws:us-east-1", "--budget", "50 g", "--budget", "130  J/sample")
    layer = file_layer((project.cwd / CONFIG).read_text(encoding="utf-8"), name=CONFIG)

    assert layer.settings["region"].text == "aws:us-east-1"
    assert [budget.rule for budget in layer.budgets or ()] == ["50 g", "130 J/sample"]


def test_a_matrix_meters_in_its_legs_and_comments_once_at_the_end(project: Emissions) -> None:
    project.quick("init", "--matrix", "model=small, large", "--command", 'python train.py --model "$MODEL"')
    jobs = workflow(project.cwd)["jobs"]

    assert jobs["train"]["strategy"] == {"fail-fast": False, "matrix": {"model": ["small", "large"]}}
    assert jobs["train"]["env"] == {"MODEL": "${{ matrix.model }}"}
    assert jobs["train"]["permissions"] == {"contents": "read"}
    assert ours(jobs["train"])["comment"] == "off"
    assert ours(jobs["report"]) == {"mode": "report", "path": "legs"}
    assert jobs["report"]["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert jobs["report"]["needs"] == "train"


def test_values_of_a_matrix_stay_text(project: Emissions) -> None:
    project.quick("init", "--matrix", "python=3.10,3.13")

    assert workflow(project.cwd)["jobs"]["train"]["strategy"]["matrix"] == {"python": ["3.10", "3.13"]}


def test_only_the_job_that_runs_no_foreign_code_may_write_the_branch(project: Emissions) -> None:
    project.quick("init", "--history", "branch")
    document = workflow(project.cwd)

    assert document["on"]["push"] == {"branches": ["main"]}
    assert document["jobs"]["train"]["permissions"] == {"contents": "read"}
    assert document["jobs"]["report"]["permissions"] == {"contents": "write", "pull-requests": "write"}
    assert ours(document["jobs"]["report"])["history"] == "branch"
    assert not [step for step in document["jobs"]["report"]["steps"] if "run" in step]


@pytest.mark.parametrize(
    ("budget", "history", "permission"),
    [
        ("50 g", None, {}),
        ("+10%", "artifact", {"actions": "read"}),
        ("20 kg/month", "branch", {"contents": "write"}),
        ("300 g/pull-request", "artifact", {"actions": "read"}),
    ],
)
def test_a_budget_brings_the_history_that_it_needs(
    project: Emissions, budget: str, history: str | None, permission: dict[str, str]
) -> None:
    project.quick("init", "--budget", budget)
    *_, job = workflow(project.cwd)["jobs"].values()

    assert ours(job).get("history") == history
    assert job["permissions"] == {"contents": "read", "pull-requests": "write"} | permission


def test_a_fork_runs_nothing_on_a_runner_of_ones_own(project: Emissions) -> None:
    project.quick("init", "--runner", "self-hosted, gpu")
    (job,) = workflow(project.cwd)["jobs"].values()

    assert job["runs-on"] == ["self-hosted", "gpu"]
    assert "head.repo.full_name == github.repository" in job["if"]
    assert not [step for step in job["steps"] if "setup-python" in step.get("uses", "")], "its packages are its own"


@pytest.mark.parametrize(
    ("tree", "command"),
    [
        ({"train.py": "", "main.py": ""}, "python train.py"),
        ({"scripts/train.py": ""}, "python scripts/train.py"),
        ({"main.py": ""}, "python main.py"),
        ({"Makefile": "all:\n\ntrain: data\n\tfalse\n"}, "make train"),
        ({"Makefile": "retrain:\n"}, "echo 'Write your command here.'\nsleep 10"),
        ({}, "echo 'Write your command here.'\nsleep 10"),
    ],
    ids=str,
)
def test_the_command_is_what_the_repository_looks_like(
    emissions: Emissions, tree: dict[str, str], command: str
) -> None:
    git(emissions.cwd, "init", "--quiet")
    for name, text in tree.items():
        config(emissions.cwd, text, name)
    ran = emissions.quick("init")
    (job,) = workflow(emissions.cwd)["jobs"].values()

    assert ours(job)["run"] == f"{command}\n"
    assert ("EDIT" in ran.text) == command.startswith("echo")


def test_nothing_of_the_repository_is_run(project: Emissions) -> None:
    hook = f'#!/bin/sh\ntouch "{project.cwd}/ran"\n'
    for path in ("bin/git", "bin/make", "bin/python", "hook"):
        config(project.cwd, hook, path).chmod(0o755)
    git(project.cwd, "config", "core.fsmonitor", str(project.cwd / "hook"))
    config(project.cwd, "train:\n\ttouch ran\n", "Makefile")

    assert project("init", PATH=f"{project.cwd / 'bin'}:/usr/bin:/bin").status == 0
    assert not (project.cwd / "ran").exists()


@pytest.mark.parametrize("shape", ["cloned", "cloned with its branches packed", "a second work tree", "new"])
def test_the_default_branch_is_that_of_the_origin(emissions: Emissions, shape: str) -> None:
    origin, clone = emissions.cwd / "origin", emissions.cwd / "clone"
    git(emissions.cwd, "init", "--quiet", "--initial-branch=trunk", str(origin))
    git(origin, "commit", "--quiet", "--allow-empty", "--message", "first")
    git(emissions.cwd, "clone", "--quiet", str(origin), str(clone))
    git(clone, "checkout", "--quiet", "-b", "work")
    if "packed" in shape:
        git(clone, "pack-refs", "--all")
    if "work tree" in shape:
        git(clone, "worktree", "add", "--quiet", "-b", "other", str(emissions.cwd / "tree"))
        clone = emissions.cwd / "tree"
    if shape == "new":
        clone = origin
    emissions.in_(clone).quick("init", "--history", "artifact")

    assert workflow(clone)["on"]["push"] == {"branches": ["trunk"]}


def test_from_a_folder_below_it_writes_at_the_top(project: Emissions) -> None:
    below = project.in_(project.cwd / "src" / "deep")

    assert below("init").status == 0
    assert (project.cwd / WORKFLOW).exists()
    assert not list(below.cwd.iterdir())


def test_outside_git_it_says_so_and_writes_where_it_is_told(emissions: Emissions) -> None:
    refused = emissions.quick("init")

    assert refused.status == 2
    assert "in no git repository" in refused.err
    assert "--dir ." in refused.err
    assert files(emissions.cwd) == {}
    assert emissions.quick("init", "--dir", ".").status == 0
    assert set(files(emissions.cwd)) == {WORKFLOW, CONFIG}
    assert "is not a folder" in emissions.quick("init", "--dir", "nowhere").err


@pytest.mark.parametrize("name", [WORKFLOW, CONFIG, ".github/workflows/emissions.yaml", "emissions.yml"])
def test_what_is_there_is_never_written_over(project: Emissions, name: str) -> None:
    config(project.cwd, "mine: true\n", name)
    before = files(project.cwd)
    refused = project.quick("init", "--region", "FR")

    assert (refused.status, refused.out) == (2, b"")
    assert f"`{name}` is there already" in refused.err
    assert "--force" in refused.err
    assert files(project.cwd) == before


def test_a_link_to_nowhere_is_not_written_through(project: Emissions) -> None:
    (project.cwd / WORKFLOW).parent.mkdir(parents=True)
    (project.cwd / WORKFLOW).symlink_to(project.cwd / "elsewhere.yml")

    assert project.quick("init").status == 2
    assert not (project.cwd / "elsewhere.yml").exists()


def test_everything_that_is_in_the_way_is_named_at_once(project: Emissions) -> None:
    for name in (WORKFLOW, CONFIG):
        config(project.cwd, "mine: true\n", name)

    assert f"`{WORKFLOW}` and `{CONFIG}` are there already" in project.quick("init", "--budget", "50 g").err


@pytest.mark.parametrize("name", [CONFIG, "emissions.yml"])
@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_config_file_of_which_nothing_is_asked_is_kept(project: Emissions, name: str, force: tuple[str, ...]) -> None:
    path = config(project.cwd, "version: 1\nbudgets: [50 g]\n", name)
    before = files(project.cwd)
    ran = project.quick("init", "--history", "branch", *force)

    assert ran.status == 0
    assert ran.text.splitlines()[1] == f"Kept {name}: it is yours."
    assert path.read_text() == "version: 1\nbudgets: [50 g]\n"
    assert set(files(project.cwd)) - set(before) == {WORKFLOW}


def test_with_force_it_writes_all_the_same(project: Emissions) -> None:
    config(project.cwd, "mine: true\n", WORKFLOW)

    assert project.quick("init", "--force").status == 0
    assert "train" in workflow(project.cwd)["jobs"]


def test_the_same_once_more_changes_nothing(project: Emissions) -> None:
    first = project.quick("init", "--region", "FR")
    before = files(project.cwd)
    again = project.quick("init", "--region", "FR")

    assert (again.status, again.text) == (0, first.text)
    assert files(project.cwd) == before


def test_a_dry_run_prints_both_and_writes_neither(project: Emissions) -> None:
    config(project.cwd, "mine: true\n", WORKFLOW)
    before = files(project.cwd)
    printed = project.quick("init", "--dry-run")

    assert printed.status == 0
    assert files(project.cwd) == before
    project.quick("init", "--force")
    for name in (WORKFLOW, CONFIG):
        assert f"# {name}\n{(project.cwd / name).read_text(encoding='utf-8')}" in printed.text


def test_all_that_is_wrong_is_told_at_once(project: Emissions) -> None:
    before = files(project.cwd)
    refused = project.quick(
        "init", "--region", "aws:us-est-1", "--history", "brnch", "--matrix", "model", "--budget", "50",
        "--command", "a\x1b[2J", "--runner", "a\nb",
    )  # fmt: skip

    assert refused.status == 2
    for words in (
        "aws:us-east-1",
        "Did you mean `branch`?",
        "model=small,large",
        "has no unit",
        "--command",
        "--runner",
    ):
        assert words in refused.err
    assert files(project.cwd) == before


@pytest.mark.parametrize("value", ["model=a/b", "model=a:b", "model=", "=a", "2=a", "model=${{ x }}"])
def test_a_value_that_no_artifact_can_be_named_by_is_refused(project: Emissions, value: str) -> None:
    assert project.quick("init", "--matrix", value).status == 2


def test_history_that_is_off_does_not_go_with_a_budget_that_needs_it(project: Emissions) -> None:
    refused = project.quick("init", "--history", "off", "--budget", "+10%")

    assert refused.status == 2
    assert "needs history" in refused.err


@pytest.mark.parametrize(
    "command",
    [
        "echo ': #' && printf '%s\\n' \"$HOME\"",
        "- a: b",
        "'",
        "é ☃ {{ x }}",
        "if true; then\n\techo  a\nfi",
        "  a\n  b",
    ],
)
def test_any_command_arrives_as_it_is(project: Emissions, command: str) -> None:
    project.quick("init", "--command", command)
    (job,) = workflow(project.cwd)["jobs"].values()

    expected = "a\nb" if command.startswith("  a") else command
    assert ours(job)["run"] == f"{expected}\n"


def test_a_label_that_yaml_reads_otherwise_is_quoted(project: Emissions) -> None:
    project.quick("init", "--runner", "on")

    assert workflow(project.cwd)["jobs"]["train"]["runs-on"] == "on"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_one_message(project: Emissions) -> None:
    project.cwd.chmod(0o500)
    try:
        refused = project.quick("init")
    finally:
        project.cwd.chmod(0o700)

    assert refused.status == 3
    assert "cannot be written" in refused.err


def test_a_file_where_a_folder_must_be_is_one_message(project: Emissions) -> None:
    (project.cwd / ".github").write_text("")
    refused = project.quick("init")

    assert refused.status == 3
    assert "cannot be written" in refused.err
    assert refused.is_clean


@pytest.mark.parametrize("way", WAYS)
def test_validators_find_nothing_in_what_is_written(project: Emissions, way: str) -> None:
    project.quick("init", *WAYS[way])
    labels = config(project.cwd, "self-hosted-runner: {labels: [gpu]}\n", "actionlint.yaml")
    schema = str(ROOT / "docs" / "emissions.schema.json")
    lint = (tool("actionlint"), "-config-file", str(labels), "-shellcheck", tool("shellcheck"))
    for command in (
        (*lint, WORKFLOW),
        (tool("zizmor"), "--offline", "--no-progress", "--persona", "pedantic", "."),
        (tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", WORKFLOW),
        (tool("check-jsonschema"), "--schemafile", schema, CONFIG),
    ):
        done = subprocess.run(command, cwd=project.cwd, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("way", WAYS)
def test_what_is_written_uses_what_there_is(project: Emissions, way: str) -> None:
    project.quick("init", *WAYS[way])
    text = (project.cwd / WORKFLOW).read_text(encoding="utf-8")
    jobs = workflow(project.cwd)["jobs"]
    own = (ROOT / ".github/workflows/self.yml").read_text(encoding="utf-8")

    assert all(set(ours(job)) <= set(ACTION["inputs"]) for job in jobs.values())
    others = re.findall(r"uses: (actions/.+)", text)
    assert others
    assert all(f"uses: {used}\n" in own for used in others), "the commits of our own workflows, which dependabot renews"
    for step in jobs["train"]["steps"]:
        if "upload-artifact" in step.get("uses", ""):
            assert step["if"] == "always()"
            assert step["with"]["name"].startswith("emissions-")
            assert "github.run_attempt" in step["with"]["name"]
            assert all(
                f"matrix.{leg}" in step["with"]["name"] for leg in jobs["train"].get("strategy", {}).get("matrix", {})
            )
    layer = file_layer((project.cwd / CONFIG).read_text(encoding="utf-8"), name=CONFIG)
    assert layer.problems == ()


def test_the_schema_that_editors_are_pointed_to_is_ours(project: Emissions) -> None:
    project.quick("init")
    first = (project.cwd / CONFIG).read_text(encoding="utf-8").splitlines()[0]
    schema = (ROOT / "docs" / "emissions.schema.json").read_text(encoding="utf-8")

    assert first.startswith("# yaml-language-server: $schema=")
    assert f'"$id": "{first.partition("=")[2]}"' in schema


def test_the_installed_command_has_its_texts_at_hand(project: Emissions, tmp_path: Path) -> None:
    assert "init" in VERBS
    package = tmp_path / "installed"
    shutil.copytree(ROOT / "reporter", package / "reporter", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "templates", package / "reporter" / "templates")

    assert project("init", PYTHONPATH=str(package)).status == 0
    assert (project.cwd / WORKFLOW).exists()


COMMENT = ".github/workflows/emissions-comment.yml"


def test_fork_safe_writes_a_second_workflow_that_runs_nothing_of_the_forks(project: Emissions) -> None:
    before = files(project.cwd)
    ran = project.quick("init", "--fork-safe")

    assert set(files(project.cwd)) - set(before) == {WORKFLOW, COMMENT, CONFIG}
    assert f"Wrote {COMMENT}: " in ran.text
    document = yaml.safe_load((project.cwd / COMMENT).read_text(encoding="utf-8"))
    (job,) = document["jobs"].values()
    assert (document["permissions"], set(document[True])) == ({}, {"workflow_run"})
    assert document[True]["workflow_run"]["workflows"] == [workflow(project.cwd)["name"]]
    assert job["permissions"] == {
        "actions": "read", "checks": "write", "contents": "read", "pull-requests": "write",
    }  # fmt: skip
    (step,) = job["steps"]
    assert step["uses"].startswith(OURS)
    assert step["with"] == {"mode": "report", "check": "auto", "gate": "false"}


def test_fork_safe_gives_the_job_that_runs_foreign_code_nothing_to_write(project: Emissions) -> None:
    project.quick("init", "--fork-safe")
    jobs = workflow(project.cwd)["jobs"]

    assert jobs["train"]["permissions"] == {"contents": "read"}
    assert ours(jobs["report"]) == {
        "mode": "report",
        "path": "legs",
        "check": "auto",
        "pull-request": "${{ inputs.pull-request }}",
    }
    assert jobs["report"]["permissions"] == {"checks": "write", "contents": "read", "pull-requests": "write"}


def test_the_second_workflow_waits_for_the_name_of_the_first_and_says_so_in_both(project: Emissions) -> None:
    project.quick("init", "--fork-safe")
    second = yaml.safe_load((project.cwd / COMMENT).read_text(encoding="utf-8"))

    assert second[True]["workflow_run"]["workflows"] == [workflow(project.cwd)["name"]]
    for name in (WORKFLOW, COMMENT):
        (line,) = re.findall(
            r"^(?:name: Emissions|    workflows:) .*#.*", (project.cwd / name).read_text(), re.MULTILINE
        )
        assert "name" in line.partition("#")[2]


def test_a_pull_request_that_is_measured_again_can_be_named_by_hand(project: Emissions) -> None:
    project.quick("init", "--fork-safe")

    assert workflow(project.cwd)["on"]["workflow_dispatch"]["inputs"]["pull-request"]["type"] == "string"


@pytest.mark.parametrize("way", ["nothing said", "forks"])
def test_copies_for_several_projects_do_not_cancel_one_another(project: Emissions, way: str) -> None:
    project.quick("init", *WAYS[way])

    assert workflow(project.cwd)["concurrency"]["group"].startswith("${{ github.workflow }}-")


@pytest.mark.parametrize("way", ["nothing said", "forks"])
def test_with_a_merge_queue_one_sign_less_is_enough(project: Emissions, way: str) -> None:
    project.quick("init", *WAYS[way])
    path = project.cwd / WORKFLOW
    path.write_text(path.read_text(encoding="utf-8").replace("# merge_group:", "merge_group:"), encoding="utf-8")

    assert {"pull_request", "merge_group"} < set(workflow(project.cwd)["on"])


def test_with_a_runner_of_ones_own_it_says_that_forks_are_left_out(project: Emissions) -> None:
    ran = project.quick("init", "--fork-safe", "--runner", "gpu-box")

    assert "Forks run nothing on gpu-box" in ran.text
    assert "from the default branch on" in ran.text


@pytest.mark.parametrize("name", [WORKFLOW, COMMENT])
def test_the_pair_to_paste_is_what_it_writes(project: Emissions, name: str) -> None:
    (project.cwd / "requirements.txt").unlink()
    project.quick("init", "--fork-safe")

    example = ROOT / "examples/workflows" / Path(name).name
    assert (project.cwd / name).read_text(encoding="utf-8") == example.read_text(encoding="utf-8")
