"""The project's own files before the validators that `make lint` runs, and what no validator looks at."""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
EXAMPLES = sorted((ROOT / "examples/workflows").glob("*.yml"))
LOCKS = ["reporter/action", "tests", "tests/fuzz", "examples", ".github"]
STEPS: list[dict[str, Any]] = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]


def tool(name: str) -> str:
    found = Path(sysconfig.get_path("scripts")) / name
    if not found.exists():
        pytest.skip(f"{name} is not installed")
    return str(found)


def check(*command: str, **options: Any) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing():
    check(tool("zizmor"), "--offline", "--no-progress", "--persona=pedantic", "--config", ".github/zizmor.yml", ".")


def test_bandit_finds_nothing():
    check(tool("bandit"), "--quiet", "--configfile", "pyproject.toml", "--recursive", "reporter")


def test_whatever_a_security_rule_lets_pass_has_its_reason():
    silenced = re.compile(r"# (?:noqa: [A-Z0-9, ]*\bS\d{3}|nosec)")
    reasoned = re.compile(r"noqa: [A-Z0-9, ]+(?: - |  \()\w|# [a-z].+ # nosec B\d{3}")
    lines = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in (ROOT / "reporter").rglob("*.py")
        for line in path.read_text().splitlines()
        if silenced.search(line) and not reasoned.search(line)
    ]

    assert lines == []


def test_zizmor_finds_nothing_in_the_examples():
    options = ("--offline", "--no-progress", "--persona", "pedantic", "--config", ".github/zizmor.yml")
    check(tool("zizmor"), *options, *map(str, EXAMPLES))


def test_actionlint_finds_nothing():
    options = ("-config-file", ".github/actionlint.yaml", "-shellcheck", tool("shellcheck"))
    check(tool("actionlint"), *options, *map(str, (*WORKFLOWS, *EXAMPLES)))


def test_the_action_fits_its_schema():
    check(tool("check-jsonschema"), "--builtin-schema", "vendor.github-actions", "action.yml")


def test_the_workflows_fit_their_schema():
    check(tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS))


@pytest.mark.parametrize("step", STEPS, ids=[step["name"] for step in STEPS])
def test_shellcheck_passes_each_script_of_the_action(step):
    script = re.sub(r"\$\{\{.*?\}\}", "word", step["run"])

    check(tool("shellcheck"), "--shell", "sh", "-", input=script)


def test_shellcheck_passes_the_actions_scripts():
    check(tool("shellcheck"), "--shell", "sh", *map(str, (ROOT / "reporter/action").glob("*.sh")))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_grant_nothing_at_the_top(workflow):
    content = yaml.safe_load(workflow.read_text())

    assert content["permissions"] == {}
    assert all("permissions" in job for job in content["jobs"].values())


def test_every_lock_is_audited():
    audited = (ROOT / ".github/workflows/audit.yml").read_text()
    locks = {path.parent.relative_to(ROOT) for path in ROOT.glob("**/requirements.lock") if ".venv" not in path.parts}
    named = re.search(r"for lock in ([^;]+);", audited)

    assert named
    assert {Path(name) for name in named[1].split()} == locks
    assert "npm audit --package-lock-only --prefix tests/browser" in audited


def test_every_version_that_is_locked_is_audited_whichever_python_it_is_for(tmp_path):
    """pip-audit itself passes over a line whose condition its own Python does not meet, and refuses a name twice."""
    steps = yaml.safe_load((ROOT / ".github/workflows/audit.yml").read_text())["jobs"]["audit"]["steps"]
    (script,) = (step["run"] for step in steps if step.get("name") == "Python")
    program = tmp_path / "audit/bin/pip-audit"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\nfor file; do :; done\necho "-- $*" && cat "$file"\n')
    program.chmod(0o755)

    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=ROOT, env={**os.environ, "RUNNER_TEMP": str(tmp_path)},
        capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    calls = [re.findall(r"^([^ =]+)==(\S+)( ;)?", part, re.MULTILINE) for part in done.stdout.split("-- ")[1:]]
    locked = [
        pin
        for lock in LOCKS
        for pin in re.findall(r"^([^ =]+)==(\S+)", (ROOT / lock / "requirements.lock").read_text(), re.MULTILINE)
    ]
    assert sorted(pin[:2] for pins in calls for pin in pins) == sorted(locked)
    assert not [pin for pins in calls for pin in pins if pin[2]]
    assert all(len({name for name, *_ in pins}) == len(pins) for pins in calls)
    hashes = sum((ROOT / lock / "requirements.lock").read_text().count("--hash=") for lock in LOCKS)
    assert done.stdout.count("--hash=") == hashes


def test_what_is_released_is_attested_with_what_it_runs_with_and_published_without_a_password():
    jobs = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]
    attested = [step["with"] for step in jobs["attest"]["steps"] if step.get("uses", "").startswith("actions/attest@")]

    assert [sorted(each) for each in attested] == [["subject-path"], ["sbom-path", "subject-path"]]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert set(jobs["publish"]["needs"]) == {"build", "attest"}
    assert "secrets." not in str(jobs)
    assert "SOURCE_DATE_EPOCH" in str(jobs["build"]["steps"])


def test_a_release_is_drafted_with_its_packages_its_list_of_parts_and_its_proof():
    """Before it is published: nothing can be attached to a release that is immutable."""
    jobs = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]
    kept = [
        step["with"]["name"]
        for name in jobs["draft"]["needs"]
        for step in jobs[name]["steps"]
        if step.get("uses", "").startswith("actions/upload-artifact@")
    ]

    assert kept == ["dist", "sbom", "provenance"]
    assert "provenance/emissions-reporter.intoto.jsonl" in str(jobs["attest"]["steps"])
    assert jobs["draft"]["permissions"] == {"contents": "write"}
    assert "--draft" in str(jobs["draft"]["steps"])
    assert [name for name, job in jobs.items() if job["permissions"].get("contents") == "write"] == ["draft"]


def test_what_is_fuzzed_every_week_can_be():
    jobs = yaml.safe_load((ROOT / ".github/workflows/fuzz.yml").read_text())["jobs"]
    targets = re.findall(r'^    "(\w+)": \(', (ROOT / "tests/fuzz/__main__.py").read_text(), re.MULTILINE)

    assert set(jobs["guided"]["strategy"]["matrix"]["target"]) <= set(targets)
    for job in jobs.values():
        (command,) = (step["run"] for step in job["steps"] if "run" in step)
        check("make", "--dry-run", *re.sub(r'"\$TARGET"', "footprint", command).split()[1:])


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_other_peoples_actions_are_pinned_by_commit_with_their_version(workflow):
    used = re.findall(r"uses: (.+)", workflow.read_text())

    assert not [each for each in used if not re.fullmatch(r"\./|[\w/.-]+@[0-9a-f]{40} # v[\d.]+", each)]


@pytest.mark.parametrize("name", LOCKS)
def test_locked_requirements_name_no_index_and_hash_everything(name):
    text = (ROOT / name / "requirements.lock").read_text()
    pinned = [line for line in text.splitlines() if "==" in line]

    assert "http" not in text
    assert "--index" not in text
    assert pinned
    assert all(line.endswith("\\") for line in pinned)


def test_the_lock_holds_every_dependency_of_the_package():
    project = (ROOT / "pyproject.toml").read_text()
    needed = re.findall(r'"([\w-]+)>=', project.partition("dependencies = [")[2].partition("]")[0])
    locked = re.findall(r"^([\w-]+)==", (ROOT / "reporter/action/requirements.lock").read_text(), re.MULTILINE)

    assert len(needed) == 4
    assert set(needed) <= set(locked)
