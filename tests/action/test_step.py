"""The steps without act: what they ask of the command line, and their status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reporter.action.__main__ import BEFORE, RECORDING, _entry, main
from reporter.action.shell import SHELLS, as_script, shell_words
from reporter.action.step import step_of
from reporter.ci import job_name
from reporter.commands.beside.redaction import PROVIDER_SECRETS
from reporter.errors import ConfigError

ROOT = Path(__file__).parents[2]


class Emissions:
    """Stands in for `reporter.cli.main`: notes the calls, answers with the status set for a verb."""

    def __init__(self, workspace, **statuses):
        self.workspace = workspace
        self.statuses = statuses
        self.calls = []

    def __call__(self, argv, *, environ, command_environ, inputs, matrix):
        self.calls.append((argv, environ, inputs, matrix))
        self.command_environ = command_environ
        if argv[0] in ("run", "stop") and not self.statuses.get("stop"):
            out = self.workspace / "emissions-report"
            out.mkdir(exist_ok=True)
            (out / RECORDING).write_text("{}")
        return self.statuses.get(argv[0], 0)

    @property
    def verbs(self):
        return [argv[0] for argv, *_ in self.calls]


@pytest.fixture
def take(tmp_path, monkeypatch):
    """Takes one step with these inputs: `take("meter", emissions, run="true")`."""
    workspace = tmp_path / "workspace"
    state = tmp_path / "state"
    workspace.mkdir()
    state.mkdir()
    monkeypatch.chdir(workspace)

    def step(verb, emissions, *, more=None, **inputs):
        environ = {f"EMISSIONS_INPUT_{name.upper()}": text for name, text in inputs.items()}
        environ |= {"GITHUB_WORKSPACE": str(workspace), "EMISSIONS_STATE": str(state), "PATH": "/bin", **(more or {})}
        step.environ = environ
        return main(verb, environ, emissions)

    step.workspace = workspace
    step.state = state
    step.emissions = lambda **statuses: Emissions(workspace, **statuses)
    return step


def test_the_command_is_a_script_run_by_the_shell_that_github_would_use(take):
    emissions = take.emissions(run=3)
    status = take("meter", emissions, mode="run", run="echo 'a'\necho b", region="FR")

    argv, _, inputs, _ = emissions.calls[0]
    script = take.state / "script.sh"
    assert status == 3
    assert argv[argv.index("--") + 1 :] == ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    assert script.read_text() == "echo 'a'\necho b\n"
    assert inputs["region"] == "FR"
    assert inputs["out"] == str(take.workspace / "emissions-report")


def test_empty_inputs_are_not_set(take):
    emissions = take.emissions()
    take("meter", emissions, mode="run", run="true", budget="  \n", name="")

    assert set(emissions.calls[0][2]) == {"out"}


def test_settings_come_from_inputs_alone(take):
    emissions = take.emissions()
    job = {"EMISSIONS_REGION": "DE", "EMISSIONS_SYSFS_ROOT": "/x", "MINE": "1", "INPUT_TOKEN": "secret"}
    take("meter", emissions, more=job, mode="run", run="true")

    environ = emissions.calls[0][1]
    assert environ["MINE"] == "1"
    assert not [name for name in environ if name.startswith("EMISSIONS_")]
    assert "secret" not in environ.values()
    assert "secret" not in take.environ.values(), "nor in the process's own environment"
    assert not [name for name in take.environ if name.startswith("EMISSIONS_INPUT_")]


def test_the_secrets_of_providers_reach_the_reporter_from_the_step_s_env(take):
    secrets = dict.fromkeys(PROVIDER_SECRETS, "s3cret")
    emissions = take.emissions()
    take("meter", emissions, more=secrets, mode="run", run="true", intensity="electricitymaps")

    assert secrets.items() <= emissions.calls[0][1].items()


@pytest.mark.parametrize("mode", ["start", "stop"])
def test_a_session_lies_where_the_jobs_own_steps_look_for_it(take, mode):
    emissions = take.emissions()
    take("meter", emissions, more={"EMISSIONS_SESSION": "/state"}, mode=mode)

    assert emissions.calls[0][1]["EMISSIONS_SESSION"] == emissions.command_environ["EMISSIONS_SESSION"] == "/state"


def test_the_command_keeps_the_jobs_own_variables_but_none_of_ours(take):
    emissions = take.emissions()
    job = {"EMISSIONS_REGION": "DE", "PYTHONPATH": "src", "BASH_ENV": "/x", "INPUT_TOKEN": "secret"}
    take("meter", emissions, more=job, mode="run", run="true", region="FR")

    kept = emissions.command_environ
    assert {"EMISSIONS_REGION": "DE", "PYTHONPATH": "src", "BASH_ENV": "/x"}.items() <= kept.items()
    assert not [name for name in kept if name.startswith("EMISSIONS_INPUT_") or name == "EMISSIONS_STATE"]
    assert "secret" not in kept.values()


def test_a_budget_is_held_although_the_report_could_not_be_made(take):
    (take.state / "failed").write_text("3\n")

    assert take("gate", take.emissions(gate=1), mode="run", run="true") == 1
    assert take("gate", take.emissions(gate=0), mode="run", run="true") == 0
    assert take("gate", take.emissions(gate=0), on_error="fail", mode="run", run="true") == 3


def test_the_matrix_makes_the_name_of_the_leg(take):
    emissions = take.emissions()
    matrix = {"gpu": "a100", "python": 3.12, "deep": {"x": [True, "y"]}}
    take("meter", emissions, more={"EMISSIONS_MATRIX": json.dumps(matrix)}, mode="run", run="true")

    assert job_name("train", emissions.calls[0][3]) == "train (a100, 3.12, true, y)"


@pytest.mark.parametrize("matrix", ["null", "", "not json", "[1]"])
def test_no_matrix_is_no_matrix(matrix):
    assert step_of({"EMISSIONS_MATRIX": matrix}).matrix is None


def test_the_report_step_publishes_what_was_metered(take):
    emissions = take.emissions()
    take("meter", emissions, mode="run", run="true")
    (take.workspace / "emissions-report/footprint.json").write_text("{}")
    status = take("report", emissions, mode="run", more={"EMISSIONS_METERED": "success"})

    assert status == 0
    assert emissions.verbs == ["run", "publish"]


def test_the_report_step_writes_the_footprint_that_a_killed_meter_left_out(take):
    emissions = take.emissions()
    take("meter", emissions, mode="run", run="true")
    take("report", emissions, mode="run", more={"EMISSIONS_METERED": "failure"})

    recording = str(take.workspace / "emissions-report" / RECORDING)
    assert emissions.verbs == ["run", "report", "publish"]
    assert recording in emissions.calls[1][0]


def test_a_recording_of_an_earlier_use_is_not_reported_again(take):
    emissions = take.emissions()
    take("meter", emissions, mode="run", run="true")
    (take.state / BEFORE).unlink()
    refused = take("meter", take.emissions(), mode="run", run="true", shell="fish")
    take("report", emissions, mode="run")

    assert refused == 2
    assert emissions.verbs == ["run"]


def test_a_failure_of_the_reporter_is_a_warning_and_left_for_the_gate(take, capsys):
    emissions = take.emissions(publish=70)
    take("meter", emissions, mode="run", run="true")
    status = take("report", emissions, mode="run")

    assert status == 0
    assert capsys.readouterr().out.count("::warning") == 1
    assert take("gate", emissions, mode="run", on_error="fail") == 3
    assert take("gate", emissions, mode="run") == 0


@pytest.mark.parametrize("name", [BEFORE, "failed"])
def test_a_pipe_in_place_of_a_note_is_not_waited_for(take, name):
    os.mkfifo(take.state / name)
    (take.workspace / "emissions-report").mkdir()
    (take.workspace / "emissions-report" / RECORDING).write_text("{}")
    verb = (
        "import sys; from reporter.action.__main__ import main; sys.exit(main('report', dict(), lambda *_, **__: 70))"
    )
    inputs = {"EMISSIONS_INPUT_MODE": "run" if name == BEFORE else "report", "EMISSIONS_STATE": str(take.state)}
    words = [sys.executable, "-c", verb.replace("dict()", repr(inputs | {"GITHUB_WORKSPACE": str(take.workspace)}))]

    assert (
        subprocess.run(words, cwd=take.workspace, env=os.environ | {"PYTHONPATH": str(ROOT)}, timeout=20).returncode
        == 0
    )


def test_a_warning_is_one_workflow_command_whatever_it_quotes(take, monkeypatch, capsys):
    monkeypatch.setattr("reporter.action.__main__.main", lambda *_: (_ for _ in ()).throw(ValueError("a\n::error::b%")))
    monkeypatch.setattr("os.execvpe", lambda *_: None)
    monkeypatch.setenv("EMISSIONS_STATE", str(take.state))
    monkeypatch.setenv("GITHUB_ACTION_PATH", "/action")
    _entry("meter")

    assert capsys.readouterr().out == (
        "::warning title=Emissions Reporter::The command runs unmetered: a%0A::error::b%25.\n"
    )


def test_a_wrong_setting_of_a_fan_in_is_status_2(take):
    assert take("report", take.emissions(publish=2, report=2), mode="report", path="legs") == 2


def test_a_fan_in_reads_every_path_and_writes_the_merged_report(take):
    emissions = take.emissions()
    take("report", emissions, mode="report", path="legs\n\n  other/*  ", out="merged", more={"GITHUB_JOB": "report"})

    legs, other = str(take.workspace / "legs"), str(take.workspace / "other/*")
    assert [argv for argv, *_ in emissions.calls] == [
        ["report", legs, other, "--out", str(take.workspace / "merged")],
        ["publish", legs, other],
    ]
    assert "GITHUB_JOB" not in emissions.calls[0][1], "its comment is the workflow's, not the job's"


@pytest.mark.parametrize(
    ("metered", "reported", "gate", "verdict", "status"),
    [
        ("success", "success", "true", 0, 0),
        ("success", "success", "true", 1, 1),
        ("skipped", "success", "true", 1, 1),
        ("success", "success", "false", 1, 0),
        ("failure", "success", "true", 1, 0),
        ("cancelled", "success", "true", 1, 0),
        ("skipped", "failure", "true", 1, 0),
        ("success", "success", "true", 70, 0),
    ],
)
def test_the_gates_status(take, metered, reported, gate, verdict, status):
    more = {"EMISSIONS_METERED": metered, "EMISSIONS_REPORTED": reported}

    assert take("gate", take.emissions(gate=verdict), more=more, mode="run", gate=gate) == status


@pytest.mark.parametrize(
    ("inputs", "word"),
    [
        ({"mode": "start", "run": "true"}, "`start` runs no command"),
        ({"mode": "start", "working_directory": "nowhere"}, "`nowhere` does not exist"),
        ({"mode": "rnu", "run": "true"}, "`rnu` is not known"),
        ({"mode": "run"}, "no command"),
        ({"mode": "run", "run": "true", "shell": "fish"}, "`fish` is not known"),
        ({"mode": "run", "run": "true", "working_directory": "nowhere"}, "`nowhere` does not exist"),
    ],
)
def test_a_wrong_input_is_refused_with_the_settings_problems(take, capsys, inputs, word):
    emissions = take.emissions()
    status = take("meter", emissions, pue="0.5", **inputs)
    said = capsys.readouterr().err

    assert status == 2
    assert word in said
    assert "action input `pue`" in said
    assert emissions.calls == []


def test_a_session_is_started_and_reports_nothing_yet(take):
    emissions = take.emissions()
    statuses = [take(verb, emissions, mode="start", region="FR", budget="50 g") for verb in ("meter", "report", "gate")]

    assert statuses == [0, 0, 0]
    assert emissions.verbs == ["start"]
    assert emissions.calls[0][2]["region"] == "FR"


def test_a_session_is_stopped_reported_and_judged(take):
    emissions = take.emissions(gate=1)
    statuses = [take(verb, emissions, mode="stop") for verb in ("meter", "report", "gate")]

    assert statuses == [0, 0, 1]
    assert emissions.verbs == ["stop", "report", "publish", "gate"]


@pytest.mark.parametrize(("region", "told"), [("auto", None), ("SE", "SE")])
def test_a_region_that_nobody_named_leaves_the_sessions_own(take, region, told):
    emissions = take.emissions()
    take("meter", emissions, mode="stop", region=region)

    assert emissions.calls[0][2].get("region") == told


@pytest.mark.parametrize("mode", ["start", "stop"])
@pytest.mark.parametrize(("on_error", "status"), [("warn", 0), ("fail", 3)])
def test_a_session_that_fails_is_one_warning_and_obeys_on_error(take, capsys, mode, on_error, status):
    emissions = take.emissions(start=3, stop=3)
    statuses = [take(verb, emissions, mode=mode, on_error=on_error) for verb in ("meter", "report", "gate")]

    assert statuses == [0, 0, status]
    assert emissions.verbs == [mode]
    assert capsys.readouterr().out.count("::warning") == 1


@pytest.mark.parametrize("mode", ["start", "stop"])
def test_a_wrong_setting_of_a_session_fails_its_step(take, mode):
    assert take("meter", take.emissions(start=2, stop=2), mode=mode) == 2


def test_a_template_is_split_as_a_shell_would():
    assert shell_words("perl -e 'x y' {0}") == (("perl", "-e", "x y", "{0}"), "")


@pytest.mark.parametrize("shell", ["fish", "{0}", "perl", "perl 'open {0}", ""])
def test_a_shell_without_a_place_for_the_script_is_refused(shell):
    with pytest.raises(ConfigError):
        shell_words(shell)


def test_powershell_stops_at_errors_and_ends_with_the_last_status():
    script = as_script("Get-Date", SHELLS["pwsh"][1])

    assert script.startswith("$ErrorActionPreference = 'stop'\nGet-Date")
    assert "exit $LASTEXITCODE" in script


def test_the_base_is_a_path_in_the_workspace_for_every_verb(take):
    """Those that come after read it only for a job that has none: rules on an increase depend on it."""
    emissions = take.emissions()
    take("meter", emissions, mode="run", run="true", against="base")
    take("report", emissions, mode="run", run="true", against="base")
    take("gate", emissions, mode="run", run="true", against="base")

    given = [(argv[0], inputs.get("against")) for argv, _, inputs, _ in emissions.calls]
    assert {verb for verb, _ in given} >= {"run", "publish", "gate"}
    assert {path for _, path in given} == {str(take.workspace / "base")}


def test_a_fan_in_holds_every_footprint_against_the_base(take):
    emissions = take.emissions()
    take("report", emissions, mode="report", path="legs", against="base")

    assert {inputs["against"] for _, _, inputs, _ in emissions.calls} == {str(take.workspace / "base")}


def test_the_size_of_the_matrix_reaches_the_report_and_not_the_command() -> None:
    step = step_of({"EMISSIONS_LEGS": "200", "EMISSIONS_PLANTED": "1"})

    assert step.environ == {"EMISSIONS_LEGS": "200"}
    assert "EMISSIONS_LEGS" not in step.command_environ
