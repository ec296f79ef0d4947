"""step.sh without a reporter: the command runs as GitHub would run the step, with its own status."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

STEP = Path(__file__).parent.parent.parent / "reporter/action/step.sh"


@pytest.fixture
def step(tmp_path):
    """Runs one step; inputs are given in lower case with underscores."""
    state = tmp_path / "the state's folder"
    state.mkdir()
    workspace = tmp_path / "workspace"
    workspace.mkdir()

    def run(name, *, state=state, environment=None, **inputs):
        given = {f"EMISSIONS_INPUT_{key.upper()}": value for key, value in inputs.items()}
        own = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "EMISSIONS_STATE": str(state or "")}
        return subprocess.run(
            ["/bin/sh", STEP, name],
            env=own | given | (environment or {}),
            cwd=workspace,
            capture_output=True,
            text=True,
        )

    run.workspace = workspace
    return run


@pytest.mark.parametrize("status", [0, 3, 127, 255])
def test_the_status_is_the_commands(step, status):
    assert step("meter", run=f"exit {status}").returncode == status


def test_bash_is_the_shell_with_its_flags(step):
    done = step("meter", run="false | true\necho not reached")

    assert (done.returncode, done.stdout) == (1, "")


def test_sh_can_be_the_shell(step):
    done = step("meter", shell="sh", run="false | true\necho reached\nfalse\necho not reached")

    assert (done.returncode, done.stdout) == (1, "reached\n")


def test_python_can_be_the_shell(step):
    done = step("meter", shell="python", run="import sys\nprint('it''s', len(sys.argv))\nsys.exit(4)")

    assert (done.returncode, done.stdout) == (4, "its 1\n")


def test_a_template_can_be_the_shell(step):
    done = step("meter", shell="sh -eu {0} *", run='echo "$1"; echo "$nothing"')

    assert done.returncode != 0
    assert done.stdout == "*\n"


def test_pwsh_gets_the_script_as_github_gives_it(step, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/pwsh").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / "bin/pwsh").chmod(0o755)
    done = step("meter", shell="pwsh", run="Get-Date", environment={"PATH": f"{tmp_path}/bin:/usr/bin:/bin"})

    assert done.stdout.splitlines()[0] == "-command"
    assert done.stdout.splitlines()[1].startswith(". '/")
    assert done.stdout.splitlines()[1].endswith("script.ps1'")


def test_the_command_sees_none_of_our_variables(step):
    done = step("meter", run="env", region="FR", budget="50 g\n1 kWh", shell="sh", environment={"MINE": "kept"})

    assert "EMISSIONS" not in done.stdout
    assert "MINE=kept" in done.stdout


def test_the_working_directory_is_kept(step):
    (step.workspace / "a b").mkdir()

    assert step("meter", run="pwd", working_directory="a b").stdout.strip().endswith("/workspace/a b")


@pytest.mark.parametrize(
    "text", ["echo '$(touch owned)' \"`touch owned`\"", "printf '%s' \\$HOME '\\\\n'", "echo ${IFS}'{0}'"]
)
def test_the_script_is_taken_as_it_is(step, text):
    direct = subprocess.run(["bash", "-c", text], capture_output=True, text=True, cwd=step.workspace)

    assert step("meter", run=text).stdout == direct.stdout
    assert (step.workspace / "owned").exists() == ("`" in text)


@pytest.mark.parametrize("shell", ["bash", "sh", "python"])
def test_the_command_runs_even_where_nothing_can_be_written(step, shell):
    done = step("meter", shell=shell, run="exit(6)" if shell == "python" else "exit 6", state=None)

    assert done.returncode == 6


@pytest.mark.parametrize(
    ("inputs", "word"),
    [
        ({"mode": "rnu", "run": "true"}, "none of run"),
        ({"run": ""}, "no command"),
        ({"run": "true", "shell": "fish"}, "shell"),
    ],
)
def test_a_wrong_input_ends_with_status_2_and_runs_nothing(step, inputs, word):
    done = step("meter", **inputs)

    assert done.returncode == 2
    assert done.stdout.startswith("::error ")
    assert word in done.stdout


def test_the_process_is_the_shell_itself_so_that_signals_reach_it(step):
    done = step("meter", shell="sh", run="echo $PPID")

    assert done.stdout.strip() == str(os.getpid())


def test_the_reporter_takes_the_place_of_the_step_so_that_signals_reach_it(step, tmp_path):
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$PPID $*"\n')
    python.chmod(0o755)
    done = step("meter", run="true", environment={"EMISSIONS_PYTHON": str(python)})

    assert done.stdout.strip() == f"{os.getpid()} -I -m reporter.action meter"


@pytest.mark.parametrize("mode", ["start", "stop"])
def test_a_session_that_cannot_be_metered_fails_no_step(step, mode):
    done = step("meter", mode=mode)

    assert done.returncode == 0
    assert "not set up" in done.stdout


@pytest.mark.parametrize(("verb", "status"), [("start", 0), ("mark", 0), ("stop", 0), ("report", 3), ("", 3)])
def test_the_stand_in_fails_no_step_of_a_session(verb, status):
    done = subprocess.run(["/bin/sh", STEP.parent / "stand-in.sh", verb, "--", "x"], capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (status, "")
    assert "not set up" in done.stderr


def test_there_is_nothing_to_report(step):
    assert step("report").returncode == 0


@pytest.mark.parametrize(
    ("on_error", "metered", "status"),
    [("warn", "success", 0), ("fail", "success", 3), ("fail", "failure", 0), ("fail", "cancelled", 0)],
)
def test_the_gate_obeys_on_error(step, on_error, metered, status):
    assert step("gate", on_error=on_error, environment={"EMISSIONS_METERED": metered}).returncode == status


def test_an_environment_that_the_job_deleted_counts_as_none(step, tmp_path):
    gone = {"EMISSIONS_PYTHON": str(tmp_path / "gone/bin/python")}

    assert step("report", environment=gone).returncode == 0
    assert step("meter", run="exit 9", environment=gone).returncode == 9


@pytest.mark.skipif(shutil.which("dash") is None, reason="no dash")
def test_the_scripts_are_plain_sh():
    assert all(subprocess.run(["dash", "-n", script]).returncode == 0 for script in STEP.parent.glob("*.sh"))
