"""Who wins between the action's own defaults and the files: a default is set by nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from reporter.commands import Invocation
from reporter.commands.settings import INPUT_DEFAULTS, load
from reporter.config.file import SETTINGS
from tests.cli.command import config

ROOT = Path(__file__).parents[2]
FILE = "version: 1\nsite: {region: FR}\nhistory: branch\ncomment: {mode: changes}\n"
DECLARED = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]


@pytest.fixture
def settled(tmp_path, monkeypatch):
    """Region, comment and history, by these inputs, a config file and a machine file."""

    def settle(inputs, *, file=None, machine=None):
        monkeypatch.chdir(tmp_path)
        if file:
            config(tmp_path, file, ".github/emissions.yml")
        if machine:
            config(tmp_path, machine, "etc/emissions/machine.yml")
        environ = {"EMISSIONS_SYSFS_ROOT": str(tmp_path)}
        found = load(Invocation(verb="report", inputs=inputs, environ=environ)).config
        return found.region, found.comment, found.history

    return settle


def test_a_default_of_the_action_gives_way_to_the_config_file(settled):
    assert settled(INPUT_DEFAULTS, file=FILE) == ("FR", "changes", "branch")


def test_a_default_of_the_action_gives_way_to_the_machine_file(settled):
    assert settled(INPUT_DEFAULTS, machine="region: SE\n")[0] == "SE"


def test_where_nobody_says_anything_the_actions_default_stands(settled):
    assert settled(INPUT_DEFAULTS) == ("auto", "always", "auto")


def test_an_input_that_was_set_beats_the_file(settled):
    inputs = {"region": "PL", "comment": "off", "history": "off"}

    assert settled(inputs, file=FILE, machine="region: SE\n") == ("PL", "off", "off")


def test_the_defaults_are_those_that_the_action_declares():
    declared = {name: row["default"] for name, row in DECLARED.items() if row.get("default")}
    in_files = {*SETTINGS.values()}

    assert {name: text for name, text in declared.items() if name in in_files} == INPUT_DEFAULTS
