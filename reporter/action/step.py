"""One step of action.yml: its inputs, the environment without them, and the paths that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reporter.ci import LEGS, ci_context, matrix_of
from reporter.commands.beside.redaction import PROVIDER_SECRETS
from reporter.commands.delivery.folder import DEFAULT
from reporter.commands.settings import event

SETTINGS = (
    "name", "region", "pue", "intensity", "strict-intensity", "budget", "config", "out", "metrics", "gpus", "sources",
    "idle-baseline", "stop-at-budget", "stop-grace", "time-limit", "predict", "on-unknown", "on-borderline",
    "comment", "comment-id", "comment-section", "pull-request", "summary", "annotations", "history", "on-error",
    "gate", "against", "check",
)  # fmt: skip
"""Inputs that are settings of the same name; the other inputs are the action's own."""
AUTO = "auto"
"""The default of the input `region`."""
PREFIX = "EMISSIONS_INPUT_"
MATRIX = "EMISSIONS_MATRIX"
OURS = (
    MATRIX, LEGS, "EMISSIONS_STATE", "EMISSIONS_PYTHON", "EMISSIONS_PATH", "EMISSIONS_METERED", "EMISSIONS_REPORTED",
)  # fmt: skip
"""What action.yml sets besides the inputs."""
STATE_FOLDER = "EMISSIONS_SESSION"
"""Where a session has its state: the steps between `start` and `stop` call `emissions mark` with the same."""
RUNNERS_COPIES = ("INPUT_TOKEN", *(f"INPUT_{name.upper()}" for name in ("run", "shell", "mode", "path", *SETTINGS)))
"""Runners other than GitHub's hand a composite's inputs to its steps like this too, the token among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of one use of the action."""

    inputs: Mapping[str, str]
    """Every input that is not empty, by its name in action.yml."""
    environ: Mapping[str, str]
    """The job's environment without any setting that does not come from an input, but with the providers' secrets, the
    name of a session's folder and `LEGS`; Python's own variables were never read (-I).
    """
    command_environ: Mapping[str, str]
    """The job's environment as the metered command gets it: all of it but what action.yml adds."""
    matrix: Mapping[str, Any] | None
    """The values of this leg, which are part of the job's name."""
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
        return self.workspace / self.inputs.get("out", DEFAULT)

    @property
    def mode(self) -> str:
        """The mode, or what it is when nothing is said."""
        return self.inputs.get("mode") or ("run" if "run" in self.inputs else "report")

    @property
    def paths(self) -> tuple[str, ...]:
        """What to report on; nothing where a second stage is to fetch what its run uploaded."""
        named: tuple[str, ...] = ()
        if self.mode == "report":
            given = [line.strip() for line in self.inputs.get("path", "").splitlines() if line.strip()]
            named = tuple(str(self.workspace / path) for path in given)
        return named or (() if self.is_second_stage else (str(self.out),))

    @property
    def is_second_stage(self) -> bool:
        """Whether it reports on a pull request's run in a job that is none of that pull request's."""
        return self.mode == "report" and ci_context(self.environ, event(self.environ)).is_second_stage

    @property
    def settings(self) -> dict[str, str]:
        """The inputs that are settings, with absolute paths; the metrics file is the command's: it may be relative."""
        settings = {key: self.inputs[key] for key in SETTINGS if key in self.inputs}
        settings["out"] = str(self.out)
        if self.mode == "stop" and settings.get("region") == AUTO:
            del settings["region"]  # nobody said it: the session's own stays
        if "config" in settings and "working-directory" in self.inputs:
            settings["config"] = str(self.workspace / settings["config"])
        if settings.get("history", "").startswith("file:"):
            settings["history"] = f"file:{self.workspace / settings['history'].removeprefix('file:').strip()}"
        if "against" in settings:
            settings["against"] = str(self.workspace / settings["against"])
        return settings


def step_of(environ: Mapping[str, str]) -> Step:
    """Read a step's environment; an empty input is not set.

    A fan-in speaks for the whole workflow, not for its job: so does the default of `comment-id`.
    """
    inputs = {
        name.removeprefix(PREFIX).lower().replace("_", "-"): text
        for name, text in environ.items()
        if name.startswith(PREFIX)
    }
    dropped = {*RUNNERS_COPIES, "GITHUB_JOB"} if inputs.get("mode") == "report" else RUNNERS_COPIES
    return Step(
        inputs={name: text for name, text in inputs.items() if text.strip()},
        environ={
            name: text
            for name, text in environ.items()
            if (not name.startswith("EMISSIONS_") or name in (*PROVIDER_SECRETS, STATE_FOLDER, LEGS))
            and name not in dropped
        },
        command_environ={
            name: text
            for name, text in environ.items()
            if not name.startswith(PREFIX) and name not in (*OURS, *RUNNERS_COPIES)
        },
        matrix=matrix_of(environ.get(MATRIX)),
        state=Path(environ.get("EMISSIONS_STATE") or "."),
        metered=environ.get("EMISSIONS_METERED", ""),
        reported=environ.get("EMISSIONS_REPORTED", ""),
    )
