"""One layer of settings: what a flag, an input, the environment or a file says, and where exactly it says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from reporter.errors import Problem

if TYPE_CHECKING:
    from reporter.domain.besides import Accounting
    from reporter.domain.budget import Budget
    from reporter.domain.override import Entry

KEYS = (
    "region", "pue", "intensity", "strict-intensity", "budget", "name", "out", "config", "interval", "sources", "gpus",
    "quiet", "progress", "record-command", "metrics", "idle-baseline", "longest", "stop-at-budget", "stop-grace",
    "time-limit", "predict", "confirm", "against-commit", "rounds", "on-unknown", "on-borderline", "comment",
    "baseline", "comment-id", "comment-section",
    "template", "pull-request", "summary", "annotations", "history", "on-error", "gate", "against", "check",
)  # fmt: skip
"""Every setting, by the name of its flag, input and (in capitals) environment variable."""


class Setting(NamedTuple):
    """A value as text, and where it was set."""

    text: str
    origin: str


class Layer(NamedTuple):
    """Settings of one origin; an empty text is not set.

    `budgets`, `overrides` and `accounting` replace those of lower layers as a whole.
    """

    settings: Mapping[str, Setting] = {}
    budgets: tuple[Budget, ...] | None = None
    accounting: Accounting | None = None
    overrides: tuple[Entry, ...] | None = None
    problems: tuple[Problem, ...] = ()


def flags_layer(values: Mapping[str, str | None]) -> Layer:
    """The command line: option name → value."""
    return _layer(values.items(), "`--{key}`")


def inputs_layer(values: Mapping[str, str]) -> Layer:
    """The action's inputs."""
    return _layer(values.items(), "action input `{key}`")


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """Variables such as EMISSIONS_REGION."""
    named = ((key, environ.get(variable(key))) for key in KEYS)
    return _layer(named, "environment variable `{variable}`")


def variable(key: str) -> str:
    """The environment variable of a setting: `on-unknown` → EMISSIONS_ON_UNKNOWN."""
    return "EMISSIONS_" + key.upper().replace("-", "_")


def _layer(values: Iterable[tuple[str, str | None]], origin: str) -> Layer:
    return Layer(
        settings={
            key: Setting(text=text.strip(), origin=origin.format(key=key, variable=variable(key)))
            for key, text in values
            if text is not None and text.strip()
        }
    )
