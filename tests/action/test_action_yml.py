"""action.yml against the contract: its names and defaults, and how inputs and the token reach the steps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from reporter.action.step import PREFIX, SETTINGS
from reporter.config import Config
from reporter.config.layer import KEYS
from tests.action.contract import INPUTS, OUTPUTS

ROOT = Path(__file__).parent.parent.parent
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]


def step(name: str) -> dict[str, Any]:
    return next(step for step in STEPS if step["name"] == name)


def test_every_input_of_the_contract_is_declared_with_its_default():
    inputs = ACTION["inputs"]

    assert {name: inputs[name].get("default") for name in inputs} == INPUTS


def test_every_output_of_the_contract_is_declared():
    assert tuple(ACTION["outputs"]) == OUTPUTS


def test_every_input_and_output_is_described():
    assert all(each["description"].endswith(".") for table in ("inputs", "outputs") for each in ACTION[table].values())


def test_defaults_are_those_of_the_configuration():
    for name in ("summary", "annotations"):
        assert (ACTION["inputs"][name]["default"] == "true") == getattr(Config(), name)
    assert ACTION["inputs"]["comment"]["default"] == Config().comment


def test_the_action_uses_no_other_action():
    assert ACTION["runs"]["using"] == "composite"
    assert not [each for each in STEPS if "uses" in each]


def test_no_script_holds_an_expression():
    assert not [each["name"] for each in STEPS if "${{" in each["run"]]


def test_every_script_is_one_line_that_becomes_the_reporter():
    line = re.compile(r'exec /bin/sh (\$\{BASH_VERSION:\+-p\} )?"\$GITHUB_ACTION_PATH/reporter/action/\w+\.sh"( \w+)?')

    assert all(line.fullmatch(each["run"]) for each in STEPS)


def test_every_step_runs_in_a_shell_that_reads_no_start_up_file():
    shells = {each["name"]: each["shell"] for each in STEPS}

    assert shells.pop("Meter the command") == "sh"
    # By its path: `sh` alone is looked up on what the job has put on its PATH.
    assert set(shells.values()) == {"${{ runner.os == 'Windows' && 'sh' || '/bin/sh -e {0}' }}"}


def test_no_library_of_the_jobs_is_loaded_beside_the_token():
    for name in ("Report", "Hold to the budget"):
        given = step(name)["env"]
        assert (given["LD_PRELOAD"], given["LD_AUDIT"]) == ("", "")
        assert given["LD_LIBRARY_PATH"] == "${{ steps.setup.outputs.libraries }}"


def test_only_the_steps_that_report_and_judge_get_the_token():
    holders = [each["name"] for each in STEPS if "token" in str(each)]

    assert holders == ["Report", "Hold to the budget"]
    assert step("Report")["env"]["GITHUB_TOKEN"] == "${{ inputs.token }}"


@pytest.mark.parametrize("name", ["Meter the command", "Report", "Hold to the budget"])
def test_every_setting_reaches_every_step(name):
    given = step(name)["env"]

    for key in (*SETTINGS, "path", "working-directory"):
        assert given[PREFIX + key.upper().replace("-", "_")] == f"${{{{ inputs.{key} }}}}"


def test_every_input_is_used():
    text = (ROOT / "action.yml").read_text()

    assert not [name for name in ACTION["inputs"] if f"inputs.{name} " not in text]


def test_settings_are_known_to_the_configuration():
    assert set(SETTINGS) <= set(KEYS)


def test_report_and_gate_run_after_a_failure_and_after_a_cancel():
    assert all("always()" in step(name)["if"] for name in ("Report", "Hold to the budget"))


def test_the_gate_comes_last():
    assert [each["name"] for each in STEPS] == ["Set up", "Meter the command", "Report", "Hold to the budget"]


def test_the_readme_tells_every_input_and_output():
    readme = ROOT / "README.md"
    if not readme.exists() or "| `working-directory`" not in readme.read_text():
        pytest.skip("the README has no table yet")
    words = set(re.findall(r"`([a-z0-9-]+)`", readme.read_text()))

    assert not [name for name in (*INPUTS, *OUTPUTS) if name not in words]
