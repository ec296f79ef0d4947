"""The settings of one invocation: finds the files, reads the event, resolves all layers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from reporter import bounded
from reporter.ci import CiContext, ci_context
from reporter.commands import Invocation
from reporter.config import Config, resolve
from reporter.config.layer import Layer, Setting, environment_layer, flags_layer, inputs_layer
from reporter.config.organisation import NO_RULES, Rules, Stack, stacked
from reporter.errors import Problem, UnknownRegion
from reporter.factors import key_of
from reporter.file import opened
from reporter.probes import spellings

CONFIG_FILES = (".github/emissions.yml", "emissions.yml")
MACHINE_FILE = "etc/emissions/machine.yml"
MEASURING = ("run", "start")
"""Verbs that begin a job: whatever it will need at its end is checked before."""
INPUT_DEFAULTS = {"region": "auto", "comment": "always", "history": "auto"}
"""Inputs of the action that are never empty and may stand in a file as well: left at these, nobody has set them."""
MOST_BYTES = 1024 * 1024
MOST_EVENT_BYTES = 32 * 1024 * 1024


class Settings(NamedTuple):
    """Resolved configuration and the CI job that it is for."""

    config: Config
    ci: CiContext
    config_file: str | None
    """As shown to people; None where there is none."""
    environ: Mapping[str, str]
    """What the invocation was given: nothing else of the process's environment counts."""
    stack: Stack = Stack(said=())
    """What the configuration was resolved from."""
    rules: Rules = NO_RULES


def load(invocation: Invocation) -> Settings:
    """Resolve flag, input, environment, machine file, config file, default. Raises ConfigError with all problems."""
    environ = invocation.environ
    flags = dict(invocation.options)
    flags["budget"] = "\n".join(invocation.budgets)
    given = flags.get("config") or invocation.inputs.get("config") or environ.get("EMISSIONS_CONFIG")
    ci = ci_context(environ, event(environ))
    # What lies here then may be of anybody's branch: the base branch's file is asked for.
    name, path = ("", None) if ci.is_second_stage else _config_file(given, environ)
    inputs = invocation.inputs
    left = {key: text for key, text in inputs.items() if INPUT_DEFAULTS.get(key) == text.strip()}
    given_inputs = {key: text for key, text in inputs.items() if key not in left}
    said = (flags_layer(flags), inputs_layer(given_inputs), environment_layer(environ))
    machine = Path(environ.get("EMISSIONS_SYSFS_ROOT") or "/") / MACHINE_FILE
    origin = next((layer.settings["config"].origin for layer in said if "config" in layer.settings), None)
    stack = Stack(
        said=said,
        # A folder that may not be read is no file, and no error.
        machine=_machine(machine) if os.path.isfile(machine) else None,  # noqa: PTH113
        file=None if path is None else _file(path, name, environ, origin=origin),
        defaults=inputs_layer(left),
    )
    rules = NO_RULES
    if stack.file is not None and path is not None and stack.file.settings.keys() & {"extends", "locked"}:
        from reporter.commands.trust.rules import extended  # noqa: PLC0415  (hardly any file does)

        stack, rules = extended(stack, lambda other: _file(path.parent / other, other, environ, origin=None))
    return settled(Settings(Config(), ci, name if path is not None else None, environ, stack, rules), invocation)


def settled(settings: Settings, invocation: Invocation) -> Settings:
    """The settings with their configuration resolved from their layers. Raises ConfigError with all problems."""
    layers = stacked(settings.stack)
    config = resolve(
        (*layers, Layer(problems=tuple(_base_problems(invocation, layers)))),
        check_region=region_problem,
        sources=spellings(),
        check_provider=lambda *named: _provider_problems(invocation, *named),
    )
    return settings._replace(config=config)


def config_places(invocation: Invocation) -> tuple[str, ...]:
    """Where the repository's config file may lie, from its root; empty where it lies elsewhere."""
    environ = invocation.environ
    root = Path(environ.get("GITHUB_WORKSPACE") or ".").absolute()
    given = invocation.options.get("config") or invocation.inputs.get("config") or environ.get("EMISSIONS_CONFIG")
    files = [Path(given)] if given else [folder / name for folder in (Path(), root) for name in CONFIG_FILES]
    places = (os.path.relpath(file.absolute(), root).replace(os.sep, "/") for file in files)
    return tuple(dict.fromkeys(place for place in places if not place.startswith("../")))


def region_problem(region: str) -> Problem | None:
    """What is wrong with a region's name, if anything."""
    try:
        key_of(region)
    except UnknownRegion as error:
        return Problem(error.message, suggestion=error.hint)
    return None


def _provider_problems(
    invocation: Invocation, provider: str, zone: str | None, settings: Mapping[str, Setting]
) -> tuple[Problem, ...]:
    """What keeps a provider from being asked. Who publishes what was measured elsewhere need not be able to ask."""
    origin = settings["intensity"].origin
    if invocation.verb not in MEASURING and (invocation.verb == "doctor" or not origin.startswith("`--")):
        return ()
    from reporter.commands.account.live import provider_problems  # noqa: PLC0415  (only where a provider is named)

    found = provider_problems(
        provider,
        zone,
        settings["region"].text if "region" in settings else None,
        invocation.environ,
        has_time=invocation.verb != "estimate",
        has_region=invocation.verb in MEASURING,
    )
    return tuple(Problem(problem.message, origin=origin, suggestion=problem.suggestion) for problem in found)


def _base_problems(invocation: Invocation, layers: Sequence[Layer]) -> Iterator[Problem]:
    """A base that is not there, where that is a mistake and nothing is lost by saying so.

    A session that ends has been metered; a workflow's first pull request has no base yet.
    """
    setting = next((layer.settings["against"] for layer in layers if "against" in layer.settings), None)
    if setting is None or invocation.verb == "stop":
        return
    if invocation.verb != "run" and not setting.origin.startswith("`--"):
        return
    if not os.path.lexists(setting.text):
        from glob import iglob  # noqa: PLC0415  (slow, and most paths are no patterns)

        if next(iglob(setting.text, recursive=True), None) is None:  # noqa: PTH207  (the pattern may be absolute)
            advice = "Name a footprint.json, a recording.jsonl, or a folder of them; an empty folder is no mistake."
            yield Problem(f"There is no base at `{setting.text}`", origin=setting.origin, suggestion=advice)


def event(environ: Mapping[str, str]) -> Mapping[str, Any]:
    """The payload of the event that started the workflow; empty where it cannot be read."""
    path = environ.get("GITHUB_EVENT_PATH")
    if not path:
        return {}
    try:
        with opened(Path(path)) as file:
            payload = bounded.parse(file.read(MOST_EVENT_BYTES))
    except (OSError, ValueError):
        return {}
    return payload if isinstance(payload, dict) else {}


def _config_file(given: str | None, environ: Mapping[str, str]) -> tuple[str, Path | None]:
    if given:
        return given, Path(given)
    folders = dict.fromkeys((Path(), Path(environ.get("GITHUB_WORKSPACE") or ".")))
    for folder in folders:
        for name in CONFIG_FILES:
            if os.path.isfile(folder / name):  # noqa: PTH113
                return name, folder / name
    return "", None


def _file(path: Path, name: str, environ: Mapping[str, str], *, origin: str | None) -> Layer:
    from reporter.config.file import file_layer  # noqa: PLC0415  (yaml is imported only where there is a file)

    try:
        text = _text(path)
    except (OSError, UnicodeDecodeError) as error:
        return Layer(problems=(_unreadable(name, error, origin=origin),))
    return file_layer(text, name=name, runner=environ.get("RUNNER_NAME"))


def _machine(path: Path) -> Layer:
    from reporter.config.file import machine_layer  # noqa: PLC0415

    try:
        return machine_layer(_text(path), name=f"/{MACHINE_FILE}")
    except (OSError, UnicodeDecodeError) as error:
        return Layer(problems=(_unreadable(f"/{MACHINE_FILE}", error),))


def _text(path: Path) -> str:
    with opened(path) as file:
        return file.read(MOST_BYTES).decode("utf-8")


def _unreadable(name: str, error: Exception, *, origin: str | None = None) -> Problem:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8 text"
    advice = "Check the path and its permissions."
    return Problem(f"Config file `{name}` cannot be read: {reason}", origin=origin, suggestion=advice)
