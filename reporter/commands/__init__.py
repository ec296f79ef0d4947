"""One use case a module: each resolves its settings, builds the adapters and joins the stages.

To add a verb: a module with `run(invocation) -> int` here, and its options in `reporter.commands.options`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Invocation(NamedTuple):
    """What the command line and its surroundings say; nothing is read from anywhere else.

    `options` maps option names to their text (None: not given); `inputs` are the action's inputs;
    `matrix` the job's matrix values, which only the action can know.
    """

    verb: str
    options: Mapping[str, str | None] = {}
    budgets: tuple[str, ...] = ()
    switches: frozenset[str] = frozenset()
    """Options without a value that were given: `gate`, `json`, `dry-run`."""
    arguments: tuple[str, ...] = ()
    """PATH… of the verb, or the command to meter."""
    environ: Mapping[str, str] = {}
    command_environ: Mapping[str, str] | None = None
    """What the metered command gets, where that is not `environ`."""
    inputs: Mapping[str, str] = {}
    matrix: Mapping[str, Any] | None = None
