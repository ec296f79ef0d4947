"""The README says what is so: its tables, commands, options, workflows and links agree with the code."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from reporter import __version__
from reporter.cli import main
from reporter.commands.options import VERBS
from reporter.config.file import file_layer
from reporter.config.layer import Setting
from reporter.config.rule import budgets_of
from reporter.factors import pue_of, regions

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
OURS = "emissions-reporter/emissions-reporter@v1"
LOCAL = re.compile(r"(?<![\w.~-])/(?:work|tmp|root|home)/|\.\./shared|localhost:\d|pypi\.[a-z]+\.(?:internal|local)")


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def workflows():
    found = [block for page in PAGES for block in blocks(page.read_text(encoding="utf-8"), "yaml")]
    return [block for block in found if re.search(r"^jobs:", block, re.MULTILINE)]


def steps(workflow):
    return [step for job in yaml.safe_load(workflow)["jobs"].values() for step in job["steps"]]


def named(page):
    return str(page.relative_to(ROOT))


def help_of(verb, capsys):
    assert main([verb, "--help"]) == 0
    return capsys.readouterr().out


def test_the_generated_tables_are_up_to_date():
    tables = runpy.run_path(str(ROOT / "docs" / "tables.py"))

    assert tables["renewed"](README) == README, "run `python docs/tables.py --write`"


def test_every_input_and_output_of_the_action_is_in_the_tables():
    inputs = re.search(r"<!-- inputs -->\n(.*?)<!-- /inputs -->", README, re.DOTALL)[1]
    outputs = re.search(r"<!-- outputs -->\n(.*?)<!-- /outputs -->", README, re.DOTALL)[1]

    assert re.findall(r"^\| `([\w-]+)`", inputs, re.MULTILINE) == list(ACTION["inputs"])
    assert re.findall(r"^\| `([\w-]+)`", outputs, re.MULTILINE) == list(ACTION["outputs"])


def test_it_begins_with_the_two_commands():
    first = blocks(README, "sh")[0].splitlines()

    assert [line.split("#")[0].strip() for line in first] == ["make demo", "make test"]


def test_there_are_workflows_to_paste():
    assert len(workflows()) >= 2


@pytest.mark.parametrize("workflow", workflows())
def test_a_workflow_uses_inputs_that_exist(workflow):
    ours = [step for step in steps(workflow) if step.get("uses") == OURS]

    assert ours
    for step in ours:
        assert set(step["with"]) <= set(ACTION["inputs"])


@pytest.mark.parametrize("workflow", workflows())
def test_a_workflow_grants_what_its_comment_needs_and_no_more(workflow):
    document = yaml.safe_load(workflow)

    for job in document["jobs"].values():
        granted = job.get("permissions", document.get("permissions"))
        comments = any(step.get("uses") == OURS and step["with"].get("comment") != "off" for step in job["steps"])
        fetches = any("gh run download" in step.get("run", "") for step in job["steps"])
        wanted = {"contents": "read"} | ({"pull-requests": "write"} if comments else {})
        wanted |= {"actions": "read"} if fetches else {}
        assert granted == wanted


@pytest.mark.parametrize("workflow", workflows())
def test_artifacts_have_a_name_for_each_leg_and_attempt(workflow):
    for job in yaml.safe_load(workflow)["jobs"].values():
        legs = job.get("strategy", {}).get("matrix", {})
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/upload-artifact@"):
                assert "github.run_attempt" in step["with"]["name"]
                assert all(f"matrix.{leg}" in step["with"]["name"] for leg in legs)
                assert step["if"] == "always()"


@pytest.mark.parametrize("workflow", workflows())
def test_other_actions_have_the_major_versions_that_our_own_workflows_use(workflow):
    own = (ROOT / ".github" / "workflows" / "self.yml").read_text(encoding="utf-8")
    majors = dict(re.findall(r"uses: (actions/[\w-]+)@[0-9a-f]{40} # (v\d+)", own))

    for step in steps(workflow):
        name, _, version = step.get("uses", "").partition("@")
        if name.startswith("actions/"):
            assert version == majors[name]


@pytest.mark.parametrize("workflow", workflows())
def test_actionlint_finds_nothing_in_a_workflow(workflow):
    actionlint = Path(sys.executable).with_name("actionlint")
    command = str(actionlint) if actionlint.exists() else shutil.which("actionlint")
    if command is None:
        pytest.skip("actionlint is not installed")

    done = subprocess.run([command, "-"], input=workflow, capture_output=True, text=True, cwd=ROOT)

    assert done.returncode == 0, done.stdout


def test_the_config_file_of_the_readme_is_valid():
    (example,) = [block for block in blocks(README, "yaml") if block.startswith("version:")]

    layer = file_layer(example, name="emissions.yml")

    assert layer.problems == ()
    assert len(layer.budgets) == example.count("max:")


def test_budgets_that_the_readme_names_are_understood():
    table = README.partition("| budget | limits |")[2].partition("\n\n")[0]
    rules = re.findall(r"`(\d[^`]*)`", table)

    assert len(rules) >= 6
    budgets, problems = budgets_of(Setting(text="\n".join(rules), origin="README.md"))
    assert problems == ()
    assert [budget.rule for budget in budgets] == rules


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_names_a_verb_and_options_that_exist(page, capsys):
    text = page.read_text(encoding="utf-8")
    code = "\n".join((*blocks(text, "sh"), *blocks(text, "yaml"), *re.findall(r"`([^`\n]+)`", text)))

    for verb, rest in re.findall(r"(?:^|[\s])emissions ([a-z]+)([^\n]*)", code, re.MULTILINE):
        if verb not in VERBS:
            continue
        known = help_of(verb, capsys)
        for option in re.findall(r"(?<=\s)--[a-z][a-z-]*", rest.partition(" -- ")[0].partition("#")[0]):
            assert option in known, f"emissions {verb} {option}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_verbs_are_not_made_up(page):
    text = page.read_text(encoding="utf-8")
    verbs = {*VERBS, "VERB"}

    assert set(re.findall(r"`emissions ([A-Za-z]+)", text)) <= verbs
    assert set(re.findall(r"^emissions ([a-z]+)", text, re.MULTILINE)) <= verbs


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_and_picture_resolves(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    targets = re.findall(r"\]\(([^)]+)\)", text) + re.findall(r'(?:src|srcset|href)="([^"]+)"', text)

    for target in targets:
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}, target


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_pages_name_no_path_of_a_developers_machine(page):
    assert LOCAL.search(page.read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_make_targets_exist(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    text = page.read_text(encoding="utf-8")
    code = "\n".join((*blocks(text, "sh"), *re.findall(r"`([^`\n]+)`", text)))

    assert set(re.findall(r"(?:^|\s)make ([a-z]+)", code, re.MULTILINE)) <= targets


def test_numbers_of_the_tables_are_those_that_ship():
    assert f"{len(tuple(regions()))} regions ship" in README
    assert (
        f"{pue_of(None, provider='hetzner').ratio:g} for unknown clouds, {pue_of(None).ratio:g} for the rest" in README
    )


def test_the_changelog_has_this_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert (
        f"\n## {__version__}" in text
        or f"\n## Unreleased\n\nNothing has been released yet: this is what {__version__} will hold.\n" in text
    )


@pytest.mark.parametrize("picture", sorted((ROOT / "docs" / "pictures").glob("*.png")), ids=lambda path: path.name)
def test_pictures_are_small_and_used(picture):
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)

    assert picture.stat().st_size <= 280_000
    assert picture.name in pages


def test_every_picture_comes_in_light_and_dark():
    names = {picture.stem for picture in (ROOT / "docs" / "pictures").glob("*.png")}

    assert {name.removesuffix("-light") for name in names if name.endswith("-light")} == {
        name.removesuffix("-dark") for name in names if name.endswith("-dark")
    }


def test_decisions_are_all_listed():
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))

    assert listed == sorted(page.name for page in folder.glob("0*.md"))
