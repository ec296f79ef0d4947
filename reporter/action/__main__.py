"""The steps of action.yml: inputs, handed over as EMISSIONS_INPUT_*, to run, start, stop, report, publish and gate.

An entry point beside the command line, `python -I -m reporter.action meter|report|gate`, for action.yml alone.
A step never decides more than its status: the numbers, the comment and the verdict are the verbs' work.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, MutableMapping
from pathlib import Path

from reporter.action.shell import as_script, shell_words
from reporter.action.step import OURS, PREFIX, RUNNERS_COPIES, Step, step_of
from reporter.commands.delivery.folder import FOOTPRINT, RECORDING
from reporter.errors import ConfigError, ExitCode, Problem, PublishError
from reporter.file import opened

MODES = ("run", "start", "stop", "report", "setup")
SESSION = ("start", "stop")
BEFORE = "before"
"""In the state folder: the recording that was there before; written last before the command is started."""

MOST_BYTES = 1024
"""Of that note; it has some 60."""

Emissions = Callable[..., int]
"""`reporter.cli.main`."""


def main(verb: str, environ: MutableMapping[str, str], emissions: Emissions) -> int:
    """Run one step; its status is the step's. The inputs leave `environ`: the command never sees them."""
    step = step_of(environ)
    for name in [name for name in environ if name.startswith(PREFIX) or name in (*OURS, *RUNNERS_COPIES)]:
        del environ[name]
    return {"meter": meter, "report": report, "gate": gate}[verb](step, emissions)


def meter(step: Step, emissions: Emissions) -> int:
    """Meter the input `run`; the command's own status, or 2 where a setting is wrong and nothing ran.

    In modes `start` and `stop` begin and end the session: 0, or 2 likewise.
    Raises OSError where the script cannot be written; nothing ran either.
    """
    problems = tuple(_problems(step))
    if problems:
        return _refuse(step, problems)
    if step.mode in SESSION:
        return _session(step, emissions)
    words, suffix = shell_words(step.inputs.get("shell", "bash"))
    script = step.state / f"script{suffix}"
    script.write_text(as_script(step.inputs["run"], suffix), encoding="utf-8")
    command = [word.replace("{0}", str(script)) for word in words]
    (step.state / BEFORE).write_text(_identity(step.out / RECORDING), encoding="utf-8")
    os.chdir(step.directory)
    return _verb(step, emissions, "run", "--record-command", "program", "--", *command)


def _session(step: Step, emissions: Emissions) -> int:
    """A session that cannot be begun or ended is a warning; a wrong setting fails as it does for a run."""
    if step.mode == "stop":
        (step.state / BEFORE).write_text(_identity(step.out / RECORDING), encoding="utf-8")
    os.chdir(step.directory)
    status = _verb(step, emissions, step.mode)
    if status not in (ExitCode.DONE, ExitCode.USAGE):
        what = "started" if step.mode == "start" else "stopped and reported"
        message = f"The session could not be {what} (status {status}); the log of this step says why."
        _note_failure(step, status, message)
        return ExitCode.DONE
    return status


def report(step: Step, emissions: Emissions) -> int:
    """Write summary, comment, outputs and annotations, whatever became of the command.

    The status is 0, or 2 where mode `report` was given a wrong setting: nothing else is worth a red step.
    """
    if step.mode == "start" or (step.mode != "report" and not _has_run(step)):
        return ExitCode.DONE
    if step.mode == "report":
        problems = tuple(_problems(step))
        if problems:
            return _refuse(step, problems)
    _go_to(step.directory)
    is_second_stage = step.is_second_stage
    completed = ExitCode.DONE if is_second_stage else _complete(step, emissions)
    if completed == ExitCode.USAGE and step.mode == "report":
        return completed
    status = _verb(step, emissions, "publish", *step.paths) or completed
    if status == ExitCode.USAGE and is_second_stage:
        return status
    if status:
        _note_failure(step, status)
    _name_files(step)
    return ExitCode.DONE


def gate(step: Step, emissions: Emissions) -> int:
    """1 where a budget is exceeded and the command succeeded; 3 for a failure of ours if `on-error` says so.

    In a second stage red is the default branch's, which is why the pair of workflows that we write says `gate: false`.
    """
    if step.metered in ("failure", "cancelled") or step.reported in ("failure", "cancelled"):
        return ExitCode.DONE
    failed = (step.state / "failed").exists()
    is_judged = step.mode not in SESSION or (step.mode == "stop" and _has_run(step))
    if is_judged and step.inputs.get("gate") != "false":
        _go_to(step.directory)
        status = _verb(step, emissions, "gate", *step.paths)
        if status == ExitCode.OVER_BUDGET:
            return status
        if status:
            failed = True
            _note_failure(step, status)
    return ExitCode.FAILED if failed and step.inputs.get("on-error") == "fail" else ExitCode.DONE


def _problems(step: Step) -> Iterator[Problem]:
    """What is wrong with the inputs that are the action's own."""
    mode = step.mode
    if mode not in MODES:
        yield Problem(
            f"Mode `{mode}` is not known", origin="action input `mode`", suggestion=f"Write one of {', '.join(MODES)}."
        )
    if mode == "run" and "run" not in step.inputs:
        yield Problem(
            "There is no command to meter",
            origin="action input `run`",
            suggestion="Write it as in a step: `run: make train`.",
        )
    if mode in SESSION and "run" in step.inputs:
        yield Problem(
            f"Mode `{mode}` runs no command",
            origin="action input `run`",
            suggestion="Leave `mode` out to meter it, or write it as a step between `start` and `stop`.",
        )
    if mode in SESSION and step.inputs.get("stop-at-budget") == "true":
        yield Problem(
            f"Mode `{mode}` has no command that a budget could end",
            origin="action input `stop-at-budget`",
            suggestion="Leave it out, or meter one command with the input `run`.",
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
    from reporter.commands import Invocation  # noqa: PLC0415
    from reporter.commands.output import complain  # noqa: PLC0415
    from reporter.commands.settings import load  # noqa: PLC0415

    try:
        load(Invocation(verb="run", environ=step.environ, inputs=step.settings, matrix=step.matrix))
    except ConfigError as error:
        problems += error.problems
    complain(ConfigError(*problems), on_run_page=True)
    return ExitCode.USAGE


def _has_run(step: Step) -> bool:
    """Whether this use of the action has started a command: there is a recording that was not there before."""
    try:
        with opened(step.state / BEFORE) as file:
            before = file.read(MOST_BYTES).decode("utf-8", "replace")
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
    return emissions(
        list(argv),
        environ=step.environ,
        command_environ=step.command_environ,
        inputs=step.settings,
        matrix=step.matrix,
    )


def _name_files(step: Step) -> None:
    """The outputs `footprint` and `report`: absolute paths of what there is."""
    from reporter.publish.workflow import write_outputs  # noqa: PLC0415

    target = step.environ.get("GITHUB_OUTPUT")
    files = {"footprint": step.out / FOOTPRINT, "report": step.out / "report.md"}
    try:
        if target:
            write_outputs(target, {name: str(file) for name, file in files.items() if file.exists()})
    except PublishError as error:
        _warn(error.message)


def _note_failure(step: Step, status: int, message: str = "") -> None:
    """Leave word for the gate, and one warning; the job's fate is the input `on-error`'s."""
    known = (step.state / "failed").exists()
    try:
        (step.state / "failed").touch()  # opens nothing that is there already
    except OSError:
        pass
    if not known:
        _warn(message or f"The report could not be made (status {status}); its log says why.")


def _go_to(directory: Path) -> None:
    """Settings are looked up where the command ran, if it left that folder."""
    try:
        os.chdir(directory)
    except OSError:
        pass


def _warn(message: str) -> None:
    from reporter.publish.workflow import AnnotationKind, annotation  # noqa: PLC0415

    print(annotation(AnnotationKind.WARNING, "Emissions Reporter", message), flush=True)  # noqa: T201


def _entry(verb: str) -> int:
    from reporter import cli  # noqa: PLC0415  (as `emissions` itself: nothing is loaded before it is needed)

    given = dict(os.environ)
    try:
        return main(verb, os.environ, cli.main)
    except Exception as error:
        if verb != "meter":
            from reporter.commands.output import report_bug  # noqa: PLC0415

            report_bug()
            return ExitCode.FAILED if given.get(f"{PREFIX}ON_ERROR") == "fail" else ExitCode.DONE
        if (Path(given["EMISSIONS_STATE"]) / BEFORE).exists():  # it may have run: never a second time
            raise
        _warn(f"The command runs unmetered: {error}.")
        step = str(Path(given["GITHUB_ACTION_PATH"]) / "reporter" / "action" / "step.sh")
        words, unmetered = ["sh", step, verb], given | {"EMISSIONS_PYTHON": ""}
        if sys.platform == "win32":  # there exec returns at once
            return subprocess.call(words, env=unmetered)  # noqa: S603  (the user's)
        os.execvpe("sh", words, unmetered)  # noqa: S606, S607  (becomes the command) # nosec B606


if __name__ == "__main__":
    from reporter.cli import program

    sys.exit(program(lambda: _entry(sys.argv[1])))
