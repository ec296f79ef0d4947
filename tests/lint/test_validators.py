"""The project's own files before the validators that `make lint` runs, and what no validator looks at."""

from __future__ import annotations

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


def test_what_is_released_is_attested_with_what_it_runs_with_and_published_without_a_password():
    jobs = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]
    attested = [step["with"] for step in jobs["attest"]["steps"] if step["uses"].startswith("actions/attest@")]

    assert [sorted(each) for each in attested] == [["subject-path"], ["sbom-path", "subject-path"]]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert set(jobs["publish"]["needs"]) == {"build", "attest"}
    assert "secrets." not in str(jobs)
    assert "SOURCE_DATE_EPOCH" in str(jobs["build"]["steps"])


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_other_peoples_actions_are_pinned_by_commit_with_their_version(workflow):
    used = re.findall(r"uses: (.+)", workflow.read_text())

    assert not [each for each in used if not re.fullmatch(r"\./|[\w/.-]+@[0-9a-f]{40} # v[\d.]+", each)]


@pytest.mark.parametrize("name", ["reporter/action", "tests", "examples", ".github"])
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
