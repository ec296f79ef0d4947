"""docs/budgets.md is real: its commands run in the order of the page, and what they print is what it shows.

`UPDATE_GOLDEN=1` writes what they print into the page.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from reporter.config import Config, resolve
from reporter.config.file import file_layer
from reporter.config.layer import Setting
from reporter.config.rule import budgets_of
from tests.cli.command import Emissions

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "budgets.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(sh|text|yaml)\n(.*?)^```", re.DOTALL | re.MULTILINE)
CONFIG = ".github/emissions.yml"
REPOSITORY = "you/project"
MAIN_W = (596, 604, 600, 609, 598, 602, 593, 611)
"""What a GPU takes at full load, in the runs of the default branch, one a day from 5 January on."""
PULL_REQUEST_W = {"1": 600, "2": 640, "3": 770, "4": 690, "5": 600}
"""The same in the pull request of each step."""
CLOCK = "import time\ntime.time = lambda: 1768816920.0\n"
"""It is 19 January 2026, 10:02 UTC: when that pull request's run has just ended."""


class Shown(NamedTuple):
    """What a block of commands should print, and what it printed."""

    step: str
    commands: str
    expected: str
    printed: str


def recording_maker() -> Any:
    spec = importlib.util.spec_from_file_location("make", ROOT / "examples" / "recordings" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def record(folder: Path, full_w: float, *, day: int, pull_request: int | None = None) -> None:
    """One run as a job leaves it."""
    make = recording_maker()
    make.FULL_W = full_w
    path = folder / "recording.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    make.main(path)
    first, *rest = path.read_text(encoding="utf-8").splitlines(keepends=True)
    start = json.loads(first)
    start["job"].update(
        started_at=f"2026-01-{day:02}T10:00:00Z",
        run_id=100 + day,
        run_attempt=1,
        repository=REPOSITORY,
        sha=sha256(f"{day}".encode()).hexdigest()[:40],
        pull_request=pull_request,
    )
    path.write_text(json.dumps(start) + "\n" + "".join(rest), encoding="utf-8")


def project(folder: Path) -> None:
    """A repository with an origin, and what eight runs of main have uploaded."""
    for words in (("init", "--quiet", "--bare", "origin.git"), ("clone", "--quiet", "origin.git", "project")):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
    for index, full_w in enumerate(MAIN_W):
        record(folder / "project" / "runs" / str(index), full_w, day=5 + index)


def played(folder: Path) -> list[Shown]:
    """Run the page: a config file is written, commands are run, and what they print is kept."""
    project(folder)
    (folder / "sitecustomize.py").write_text(CLOCK, encoding="utf-8")
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": f"{folder}:{ROOT}"}
    emissions = Emissions(cwd=folder / "project", environ={**environ, "EMISSIONS_SYSFS_ROOT": str(folder)})
    step, commands, shown = "", "", []
    for part in re.split(r"(?m)^(?=## |```(?:sh|text|yaml)$)", TEXT):
        heading = re.match(r"## (\d)\.", part)
        block = BLOCK.match(part)
        if part.startswith("## "):
            step = heading[1] if heading else ""
            if step:
                record(emissions.cwd / "emissions-report", PULL_REQUEST_W[step], day=19, pull_request=7)
        elif block and step and block[1] == "yaml" and block[2].startswith(f"# {CONFIG}\n"):
            (emissions.cwd / CONFIG).write_text(block[2], encoding="utf-8")
        elif block and step and block[1] == "sh":
            commands = block[2]
        elif block and step and block[1] == "text":
            ran = emissions.shell(commands)
            printed = (ran.text + ran.err).replace(str(folder / "origin.git"), f"https://github.com/{REPOSITORY}")
            shown.append(Shown(step, commands, block[2], printed.rstrip() + "\n"))
    return shown


def renewed(shown: list[Shown]) -> str:
    """The page with what the commands printed."""
    page, rest = "", TEXT
    for one in shown:
        before, commands, after = rest.partition(one.commands)
        opening, text, tail = after.partition("```text\n")
        page += before + commands + opening + text + one.printed
        rest = "```" + tail.partition("```")[2]
    return page + rest


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[Shown]:
    found = played(tmp_path_factory.mktemp("page"))
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(renewed(found), encoding="utf-8")
    return found


@pytest.mark.parametrize("step", PULL_REQUEST_W)
def test_a_step_prints_what_the_page_shows(shown: list[Shown], step: str) -> None:
    mine = [one for one in shown if one.step == step]

    assert mine
    for one in mine:
        assert one.printed == one.expected, one.commands


def steps() -> list[str]:
    """The config files of the page, in order."""
    return [body for language, body in BLOCK.findall(TEXT) if language == "yaml" and body.startswith(f"# {CONFIG}\n")]


@pytest.mark.parametrize("text", steps())
def test_every_config_file_of_the_page_is_read(text: str) -> None:
    layer = file_layer(text, name=CONFIG)

    assert layer.problems == ()
    assert resolve((layer,), check_region=lambda _: None, sources=()).budgets


def test_the_override_of_the_page_is_read() -> None:
    (text,) = (body for language, body in BLOCK.findall(TEXT) if language == "yaml" and body.startswith("overrides:"))
    layer = file_layer(text, name=CONFIG)

    assert layer.problems == ()
    assert resolve((layer,), check_region=lambda _: None, sources=()).overrides


def test_the_label_of_the_page_is_the_one_that_counts() -> None:
    assert f"the label `{Config().override_label}`" in TEXT


def test_each_step_keeps_what_the_one_before_has_enforced() -> None:
    enforced = [[rule for rule in yaml.safe_load(text)["budgets"] if rule.get("level") != "warn"] for text in steps()]

    assert [len(rules) for rules in enforced] == [0, 1, 2, 3]
    assert all(rules == after[: len(rules)] for rules, after in pairwise(enforced))
    assert enforced[-1][-1]["per"] == "month"


def test_every_rule_of_the_table_is_the_same_as_text_and_as_entry() -> None:
    table = TEXT.partition("| as a text |")[2].partition("\n\n")[0]
    rows = [row.split("|")[1:3] for row in table.splitlines() if row.startswith("| `")]

    assert len(rows) == 8
    for texts, entry in rows:
        as_text = re.findall(r"`([^`]+)`", texts)
        budgets, problems = budgets_of(Setting(text="\n".join(as_text), origin=""))
        assert problems == ()
        assert len(budgets) == len(as_text)
        layer = file_layer(f"budgets:\n  - {{{', '.join(re.findall(r'`([^`]+)`', entry))}}}\n", name=CONFIG)
        assert layer.problems == ()
        (one,) = layer.budgets or ()
        assert (one.kind, one.metric, one.per) == (budgets[0].kind, budgets[0].metric, budgets[0].per)


def test_every_key_of_an_entry_is_read() -> None:
    table = (
        TEXT.partition("An entry may say besides:")[2]
        .partition(
            "\n\n",
        )[2]
        .partition("\n\n")[0]
    )
    keys = [
        key
        for row in table.splitlines()
        if row.startswith("| `")
        for key in re.findall(r"`([^`]+)`", row.split("|")[1])
    ]
    base = {"min-runs": "max-increase: 10%", "attempts": "max: 9 kg, per: month"}

    assert len(keys) == 8
    for key in keys:
        name = key.partition(":")[0]
        entry = key if ":" in key else f"{key}: train*"
        layer = file_layer(f"budgets:\n  - {{{base.get(name, 'max: 50 g')}, {entry}}}\n", name=CONFIG)
        assert layer.problems == (), key
