"""The steps of action.yml: inputs, handed over as EMISSIONS_INPUT_*, to the verbs run, report, publish and gate.

An entry point of its own, `python -I -m reporter.commands.action meter|report|gate`, for action.yml alone.
A step never decides more than its status: the numbers, the comment and the verdict are the verbs' work.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reporter.errors import ConfigError, ExitCode, Problem

SETTINGS = (
    "name", "region", "pue", "intensity", "budget", "config", "out", "metrics", "gpus", "sources", "idle-baseline",
    "stop-at-budget", "on-unknown", "on-borderline", "comment", "comment-id", "pull-request", "summary",
    "annotations", "history", "on-error", "gate",
)  # fmt: skip
"""Inputs that are settings of the same name; the other inputs are the action's own."""
MODES = ("run", "report", "setup")
LATER_MODES = ("start", "stop")
PREFIX = "EMISSIONS_INPUT_"
OUT = "emissions-report"
RECORDING = "recording.jsonl"
FOOTPRINT = "footprint.json"

_QUIT_ON_ERROR = "$ErrorActionPreference = 'stop'\n"
_LAST_STATUS = "\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }"
SHELLS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "bash": (("bash", "--noprofile", "--norc", "-eo", "pipefail", "{0}"), ".sh"),
    "sh": (("sh", "-e", "{0}"), ".sh"),
    "python": (("python", "{0}"), ".py"),
    "pwsh": (("pwsh", "-command", ". '{0}'"), ".ps1"),
    "powershell": (("powershell", "-command", ". '{0}'"), ".ps1"),
}
"""What GitHub runs for a step's `shell:`, and the script's suffix."""

Emissions = Callable[..., int]
"""`reporter.cli.main`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of one use of the action."""

    inputs: Mapping[str, str]
    """Every input that is not empty, by its name in action.yml."""
    environ: Mapping[str, str]
    """The job's environment without any setting that does not come from an input."""
    matrix: Mapping[str, Any] | None
    state: Path
    """The folder of this use of the action, shared by its steps."""
    metered: str
    """How the meter step ended: success, failure, cancelled, skipped; empty while it runs."""
    reported: str
    """The same of the report step."""

    @property
    def workspace(self) -> Path:
        """The job's working copy: what relative paths of inputs start from."""
        return Path(self.environ.get("GITHUB_WORKSPACE") or Path.cwd())

    @property
    def directory(self) -> Path:
        """Where the command runs."""
        return self.workspace / self.inputs.get("working-directory", "")

    @property
    def out(self) -> Path:
        """The output folder, absolute."""
        return self.workspace / self.inputs.get("out", OUT)

    @property
    def mode(self) -> str:
        """The mode, or what it is when nothing is said."""
        return self.inputs.get("mode") or ("run" if "run" in self.inputs else "report")

    @property
    def paths(self) -> tuple[str, ...]:
        """What to report on."""
        if self.mode != "report":
            return (str(self.out),)
        given = [line.strip() for line in self.inputs.get("path", "").splitlines() if line.strip()]
        return tuple(str(self.workspace / path) for path in given) or (str(self.out),)

    @property
    def settings(self) -> dict[str, str]:
        """The inputs that are settings, with absolute paths; the metrics file is the command's: it may be relative."""
        settings = {key: self.inputs[key] for key in SETTINGS if key in self.inputs}
        settings["out"] = str(self.out)
        if "config" in settings:
            settings["config"] = str(self.workspace / settings["config"])
        if "comment-id" not in settings and (default := self._comment_id()):
            settings["comment-id"] = default
        return settings

    def _comment_id(self) -> str:
        """Workflow file, job and matrix values; a fan-in speaks for the whole workflow."""
        from reporter.ci import ci_context, job_name  # noqa: PLC0415

        ci = ci_context(self.environ, {})
        job = None if self.mode == "report" else job_name(ci.job, self.matrix)
        return " / ".join(part for part in (ci.workflow, job) if part)


def main(verb: str, environ: MutableMapping[str, str], emissions: Emissions) -> int:
    """Run one step; its status is the step's. The inputs leave `environ`: the command never sees them.

    Raises OSError where the command cannot be prepared; it has not been started then.
    """
    step = step_of(environ)
    for name in [name for name in environ if name.startswith(PREFIX) or name in _OURS]:
        del environ[name]
    return {"meter": meter, "report": report, "gate": gate}[verb](step, emissions)


def step_of(environ: Mapping[str, str]) -> Step:
    """Read a step's environment; an empty input is not set."""
    inputs = {
        name.removeprefix(PREFIX).lower().replace("_", "-"): text
        for name, text in environ.items()
        if name.startswith(PREFIX)
    }
    matrix = json.loads(environ.get("EMISSIONS_MATRIX") or "null")
    return Step(
        inputs={name: text for name, text in inputs.items() if text.strip()},
        environ={
            name: text for name, text in environ.items() if not name.startswith(("EMISSIONS_", "PYTHON", "BASH_ENV"))
        },
        matrix=matrix if isinstance(matrix, dict) else None,
        state=Path(environ.get("EMISSIONS_STATE") or "."),
        metered=environ.get("EMISSIONS_METERED", ""),
        reported=environ.get("EMISSIONS_REPORTED", ""),
    )


def meter(step: Step, emissions: Emissions) -> int:
    """Meter the input `run`; the command's own status, or 2 where a setting is wrong and nothing ran."""
    problems = tuple(_problems(step))
    if problems:
        return _refuse(step, problems)
    words, suffix = shell_words(step.inputs.get("shell", "bash"))
    script = step.state / f"script{suffix}"
    script.write_text(_script(step.inputs["run"], suffix), encoding="utf-8")
    (step.state / "before").write_text(_identity(step.out / RECORDING), encoding="utf-8")
    os.chdir(step.directory)
    command = [word.replace("{0}", str(script)) for word in words]
    return emissions(
        ["run", "--record-command", "program", "--", *command],
        environ=step.environ,
        inputs=step.settings,
        matrix=step.matrix,
    )


def report(step: Step, emissions: Emissions) -> int:
    """Write summary, comment, outputs and annotations, whatever became of the command."""
    if step.mode != "report" and not _has_run(step):
        return ExitCode.DONE
    if step.mode == "report":
        problems = tuple(_problems(step))
        if problems:
            return _refuse(step, problems)
    _go_to(step.directory)
    status = _complete(step, emissions) or _verb(step, emissions, "publish", *step.paths)
    if status == ExitCode.USAGE and step.mode == "report":
        return status
    if status:
        _note_failure(step, status)
    return ExitCode.DONE


def gate(step: Step, emissions: Emissions) -> int:
    """1 where a budget is exceeded and the command succeeded; 3 for a failure of ours if `on-error` says so."""
    if step.metered in ("failure", "cancelled") or step.reported in ("failure", "cancelled"):
        return ExitCode.DONE
    if (step.state / "failed").exists():
        return ExitCode.FAILED if step.inputs.get("on-error") == "fail" else ExitCode.DONE
    if step.inputs.get("gate") == "false":
        return ExitCode.DONE
    _go_to(step.directory)
    status = _verb(step, emissions, "gate", *step.paths)
    if status in (ExitCode.DONE, ExitCode.OVER_BUDGET):
        return status
    _note_failure(step, status)
    return ExitCode.FAILED if step.inputs.get("on-error") == "fail" else ExitCode.DONE


def shell_words(shell: str) -> tuple[tuple[str, ...], str]:
    """The words that run a script, and the script's suffix. Raises ConfigError for a shell unknown to GitHub too."""
    import shlex  # noqa: PLC0415

    if shell in SHELLS:
        return SHELLS[shell]
    try:
        words = tuple(shlex.split(shell))
    except ValueError:
        words = ()
    if not any("{0}" in word for word in words[1:]):
        raise ConfigError(
            Problem(
                f"Shell `{shell}` is not known",
                origin="action input `shell`",
                suggestion=f"Write {', '.join(SHELLS)}, or a template such as `perl {{0}}`.",
            )
        )
    return words, ""


def _problems(step: Step) -> Iterator[Problem]:
    """What is wrong with the inputs that are the action's own."""
    mode = step.mode
    if mode in LATER_MODES:
        yield Problem(
            f"Mode `{mode}` is not built yet",
            origin="action input `mode`",
            suggestion="Use `run`, `report` or `setup`.",
        )
    elif mode not in MODES:
        yield Problem(
            f"Mode `{mode}` is not known", origin="action input `mode`", suggestion=f"Write one of {', '.join(MODES)}."
        )
    if mode == "run" and "run" not in step.inputs:
        yield Problem(
            "There is no command to meter",
            origin="action input `run`",
            suggestion="Write it as in a step: `run: make train`.",
        )
    try:
        shell_words(step.inputs.get("shell", "bash"))
    except ConfigError as error:
        yield from error.problems
    if not step.directory.is_dir():
        yield Problem(
            f"Folder `{step.inputs.get('working-directory')}` does not exist",
            origin="action input `working-directory`",
            suggestion="It is relative to the workspace; is the repository checked out?",
        )


def _refuse(step: Step, problems: tuple[Problem, ...]) -> int:
    """Show our problems together with those of the settings."""
    from reporter.cli import complain  # noqa: PLC0415
    from reporter.commands import Invocation  # noqa: PLC0415
    from reporter.commands.settings import load  # noqa: PLC0415

    try:
        load(Invocation(verb="run", environ=step.environ, inputs=step.settings, matrix=step.matrix))
    except ConfigError as error:
        problems += error.problems
    complain(ConfigError(*problems))
    return ExitCode.USAGE


def _script(run: str, suffix: str) -> str:
    """The script as GitHub writes it."""
    if suffix == ".ps1":
        return _QUIT_ON_ERROR + run + _LAST_STATUS
    return run if run.endswith("\n") else run + "\n"


def _has_run(step: Step) -> bool:
    """Whether this use of the action has started a command: there is a recording that was not there before."""
    try:
        before = (step.state / "before").read_text(encoding="utf-8")
    except OSError:
        return False
    return _identity(step.out / RECORDING) not in (before, "")


def _identity(file: Path) -> str:
    try:
        found = file.stat()
    except OSError:
        return ""
    return f"{found.st_ino} {found.st_mtime_ns} {found.st_size}"


def _complete(step: Step, emissions: Emissions) -> int:
    """Write the footprint that a killed meter left out; in mode `report`, the merged report."""
    if step.mode == "report" and step.paths != (str(step.out),):
        return _verb(step, emissions, "report", *step.paths, "--out", str(step.out))
    if (step.out / RECORDING).exists() and not (step.out / FOOTPRINT).exists():
        return _verb(step, emissions, "report", str(step.out / RECORDING), "--out", str(step.out))
    return ExitCode.DONE


def _verb(step: Step, emissions: Emissions, *argv: str) -> int:
    return emissions(list(argv), environ=step.environ, inputs=step.settings, matrix=step.matrix)


def _note_failure(step: Step, status: int) -> None:
    """Leave word for the gate, and one warning; the job's fate is the input `on-error`'s."""
    try:
        (step.state / "failed").write_text(f"{status}\n", encoding="utf-8")
    except OSError:
        pass
    print(f"::warning title=Emissions Reporter::The report could not be made (status {status}); its log says why.")  # noqa: T201


def _go_to(directory: Path) -> None:
    """Settings are looked up where the command ran, if it left that folder."""
    try:
        os.chdir(directory)
    except OSError:
        pass


_OURS = ("EMISSIONS_MATRIX", "EMISSIONS_STATE", "EMISSIONS_PYTHON", "EMISSIONS_METERED", "EMISSIONS_REPORTED")


def _entry(argv: Sequence[str]) -> int:
    from reporter import cli  # noqa: PLC0415  (as `emissions` itself: nothing is loaded before it is needed)

    return main(argv[0], os.environ, cli.main)


if __name__ == "__main__":
    sys.exit(_entry(sys.argv[1:]))
