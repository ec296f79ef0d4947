"""Rules from above the repository: the file that `extends` names, what it locks, and who tried to set it all the same.

The repository's own keys win over those of an organisation, except where they are locked.
"""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

from reporter.config.layer import Layer, Setting
from reporter.errors import Problem

LOCKS = {
    "site": ("region", "pue"),
    "intensity": ("intensity", "strict-intensity"),
    "budgets": ("budget", "override-label"),
    "on-unknown": ("on-unknown",),
    "on-borderline": ("on-borderline",),
}
"""What can be locked, and the settings that go with it; `budgets` locks the file's budgets and overrides as well."""
LOCKED_OVERRIDE = "locked-override:"
"""The flag of an attempt to set what is locked; its name follows."""
_REMOTE = re.compile(
    r"(?P<repository>[A-Za-z0-9._-]+/[A-Za-z0-9._-]+):(?P<path>[^@\s]+)@(?P<ref>[^\s@~^:?*\[\\]+)", re.ASCII
)
_ADVICE = "Write `OWNER/REPOSITORY:FILE@REF`, or a path from this file's folder that begins with `./`."


class Reference(NamedTuple):
    """Which file is extended; without a repository it is a file of this one, relative to the file that names it."""

    path: str
    repository: str | None = None
    ref: str | None = None
    origin: str = ""

    @property
    def name(self) -> str:
        """As it was written."""
        return self.path if self.repository is None else f"{self.repository}:{self.path}@{self.ref}"


class Stack(NamedTuple):
    """The layers of one invocation by their kind."""

    said: tuple[Layer, ...]
    """Flags, inputs, environment: the first that sets a value wins."""
    machine: Layer | None = None
    file: Layer | None = None
    organisation: Layer | None = None
    defaults: Layer | None = None
    """Inputs that nobody has set."""


class Rules(NamedTuple):
    """Whose rules decide a verdict, besides those of the working copy."""

    reference: Reference | None = None
    """The organisation's file, where one is named."""
    unknown: str | None = None
    """Why what it says is not known; None where it is, or where none is named."""
    of_base: bool = False
    """Whether the config file's deciding parts are the base branch's."""
    unread: str | None = None
    """Why the base branch's file could not be read; None where it was, or where there is no pull request."""
    notices: tuple[str, ...] = ()
    """What the report has to say about all this, a sentence each."""


NO_RULES = Rules()


def reference_of(setting: Setting) -> Reference | Problem:
    """What `extends` names."""
    if setting.text.startswith(("./", "../")):
        return Reference(setting.text, origin=setting.origin)
    found = _REMOTE.fullmatch(setting.text)
    if found is None or posixpath.normpath(found["path"]) != found["path"] or found["path"].startswith(("/", "..")):
        return Problem(f"`extends` cannot be `{setting.text}`", origin=setting.origin, suggestion=_ADVICE)
    return Reference(found["path"], found["repository"], found["ref"], setting.origin)


def as_organisation(layer: Layer) -> Layer:
    """A file that others extend, with what is wrong with it as such: it extends no other, and sets what it locks."""
    problems = list(layer.problems)
    if (chain := layer.settings.get("extends")) is not None:
        advice = "Only the repository's own file has `extends`."
        problems.append(Problem("A file that others extend cannot extend one", origin=chain.origin, suggestion=advice))
    problems += (
        Problem(
            f"`{lock}` is locked, but not set",
            origin=layer.settings["locked"].origin,
            suggestion=f"Set `{lock}` in the same file, or do not lock it.",
        )
        for lock in locks_of(layer)
        if not _says(layer, lock)
    )
    return layer._replace(problems=tuple(problems))


def locks_of(layer: Layer | None) -> tuple[str, ...]:
    """What a layer locks."""
    setting = layer.settings.get("locked") if layer is not None else None
    return tuple(word for word in (setting.text.split("\n") if setting else ()) if word in LOCKS)


def stacked(stack: Stack) -> tuple[Layer, ...]:
    """The layers in the order in which they count, the strongest first; what is locked is taken from all but its own.

    The machine file stays above a locked site: whoever runs the runner knows where it stands.
    """
    under = tuple(layer for layer in (*stack.said, stack.machine, stack.file) if layer is not None)
    above = stack.organisation
    last = () if stack.defaults is None else (stack.defaults,)
    if above is None:
        return (*under, *last)
    locks = locks_of(above)
    keys = {key for lock in locks for key in LOCKS[lock]}
    known_to_machine = stack.machine.settings.keys() if stack.machine else set()
    kept = {key: setting for key, setting in above.settings.items() if key in keys - known_to_machine}
    is_judge = "budgets" in locks
    top = Layer(
        settings=kept,
        budgets=above.budgets if is_judge else None,
        overrides=(above.overrides or ()) if is_judge else None,
    )
    lower = tuple(
        layer if layer is stack.machine else _without(layer, keys - _open(above, keys), is_judge=is_judge)
        for layer in under
    )
    return (top, *lower, above, *last)


def attempts(stack: Stack) -> tuple[str, ...]:
    """The locks that a flag, an input, the environment or the repository's file sets otherwise."""
    above = stack.organisation
    if above is None:
        return ()
    layers = tuple(layer for layer in (*stack.said, stack.file) if layer is not None)
    return tuple(lock for lock in locks_of(above) if any(_attempt(layer, above, lock) for layer in layers))


def _attempt(layer: Layer, above: Layer, lock: str) -> bool:
    for key in LOCKS[lock]:
        setting = layer.settings.get(key)
        own = above.settings.get(key)
        if setting is None:
            continue
        if key == "budget":
            rules = {" ".join(line.split()) for line in setting.text.splitlines() if line.strip()}
            if rules != {budget.rule for budget in above.budgets or ()}:
                return True
        elif own is None or own.text != setting.text:
            return True
    if lock != "budgets":
        return False
    named = [budget.rule for budget in layer.budgets or ()]
    other_rules = layer.budgets is not None and named != [budget.rule for budget in above.budgets or ()]
    return other_rules or bool(layer.overrides)


def _says(layer: Layer, lock: str) -> bool:
    if lock == "budgets":
        return bool(layer.budgets)
    return any(key in layer.settings for key in LOCKS[lock])


def _open(above: Layer, keys: set[str]) -> set[str]:
    """Of a locked site, what the file leaves open: a region may be given where only the PUE is set, and the reverse."""
    return {key for key in keys & set(LOCKS["site"]) if key not in above.settings}


def _without(layer: Layer, keys: set[str], *, is_judge: bool) -> Layer:
    settings = {key: setting for key, setting in layer.settings.items() if key not in keys}
    if is_judge:
        return layer._replace(settings=settings, budgets=None, overrides=None)
    return layer._replace(settings=settings)
