"""The history that a verb looks at, and what its options choose of it."""

from __future__ import annotations

import os

from reporter.commands import Invocation
from reporter.commands.output import warn
from reporter.commands.past.store import store_of
from reporter.commands.settings import Settings
from reporter.errors import ConfigError, Problem
from reporter.history import Store
from reporter.history.file import FileStore
from reporter.history.ledger import History, instant
from reporter.report.console import visible


def opened(invocation: Invocation, settings: Settings) -> tuple[History, str]:
    """The history that the settings name, and what it is called."""
    store = existing(store_of(settings, base_branch=invocation.options.get("branch")))
    history = store.load()
    for sentence in history.trouble:
        warn(visible(sentence))
    return history, store.label


def existing(store: Store) -> Store:
    """The store. A file that nobody has made is empty, and that is said: its name may be misspelt."""
    if isinstance(store, FileStore) and not os.path.lexists(store.path):
        name = visible(str(store.path))
        warn(f"There is no file `{name}`: its name is another one, or `emissions history add PATH` is to make it.")
    return store


def whole(invocation: Invocation, name: str, *, least: int) -> int | None:
    """The whole number of an option. Raises ConfigError where it is none."""
    text = invocation.options.get(name) or None
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) < least:  # noqa: PLR2004
        advice = f"Write a whole number of at least {least}, such as `{max(least, 10)}`."
        raise ConfigError(Problem(f"`{text}` is no such number", origin=f"`--{name}`", suggestion=advice))
    return int(text)


def date_of(invocation: Invocation, name: str) -> str | None:
    """The date of an option. Raises ConfigError where it is none."""
    text = invocation.options.get(name) or None
    try:
        instant(text)
    except ValueError:
        advice = "Write a day such as `2026-01-01`, or a time such as `2026-01-01T12:00:00Z`."
        raise ConfigError(Problem(f"`{text}` is no date", origin=f"`--{name}`", suggestion=advice)) from None
    return text
