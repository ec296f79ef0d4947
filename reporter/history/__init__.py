"""Where earlier runs are kept: a file, a branch of the repository, or the artifacts of the base branch's runs.

To add a store: a module with a class that is a `Store`, made by its `opened`, and a line in STORES.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from reporter.errors import ConfigError, Problem, did_you_mean

if TYPE_CHECKING:
    from reporter.domain.footprint import Footprint
    from reporter.domain.run_record import RunRecord
    from reporter.history.ledger import History

MOST_RUNS = 100_000
"""Runs that a branch keeps; the oldest go first."""


class Added(NamedTuple):
    """What became of runs that were to be kept."""

    added: int
    known: int
    """Those that were there already: the same run, attempt, job and start count once."""
    tries: int = 1
    """More than one where somebody else wrote at the same time."""


class Pruned(NamedTuple):
    """What went, or would go."""

    removed: int
    kept: int


class Store(Protocol):
    """Earlier runs in one place. Whatever cannot be read is named in the history, and never overwritten."""

    label: str
    """As people call it: `branch emissions-history of https://github.com/o/r`."""

    def load(self) -> History:
        """All runs; none where nothing was kept yet. Raises HistoryError where it is of a newer version."""

    def append(self, records: Sequence[RunRecord]) -> Added:
        """Keep these runs, all or none; each counts once. Raises HistoryError where that is not possible."""

    def prune(self, *, keep: int | None = None, before: str | None = None, dry_run: bool = False) -> Pruned:
        """Drop all but the newest `keep` runs, or those begun `before` a date. Raises HistoryError."""


class Reply(Protocol):
    """A complete answer to one request."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def url(self) -> str:
        """What was asked, without its query."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Names are in lower case."""

    @property
    def body(self) -> bytes:
        """The body as it came."""

    def json(self) -> object:
        """The body; raises ReporterError where it is no JSON."""


class Client(Protocol):
    """Requests to one server; secrets are kept out of every text. `reporter.http` has the real one."""

    def send(self, verb: str, url: str, *, headers: Mapping[str, str] | None = None, follow: bool = True) -> Reply:
        """One request, retried within bounds; not followed, a redirect is returned as it is."""

    def redact(self, text: str) -> str:
        """The text without secrets, short enough to quote."""


class PullRequest(NamedTuple):
    """A pull request, and where its commits are: branches of many forks bear one name."""

    number: int
    branch: str
    repository: str
    """`owner/name` that has the branch."""


class Surroundings(NamedTuple):
    """What stores need to know of where they are opened; they look nothing up themselves."""

    folder: str = "."
    """The work tree, whose remote is asked where none is named."""
    environ: Mapping[str, str] = {}
    """Of what is called, such as git: PATH, HOME, proxies."""
    remote_url: str | None = None
    """The repository that has the branch; None: the work tree's `origin`."""
    server_url: str | None = None
    """The server that the token is for; no other gets it."""
    token: str | None = None
    api: Client | None = None
    """GitHub's API; None: there is none to ask."""
    connect: Callable[[str], Client] | None = None
    """A client without a token, of the server with this address."""
    repository: str | None = None
    """`owner/name`."""
    base_branch: str | None = None
    workflow: str | None = None
    """The workflow's file, whose runs alone are looked at."""
    pull_request: PullRequest | None = None
    """One whose runs are wanted too."""
    patience_s: float = 120.0
    """How long git may take for one answer."""
    footprints: Callable[[str, str], Sequence[Footprint]] | None = None
    """Reads the text of a footprint.json that is called by a name."""


class Entry(NamedTuple):
    """A store as users know it."""

    module: str
    argument: str = ""
    """What stands after its name and a colon; empty: nothing may."""
    writes: bool = True


STORES: dict[str, Entry] = {
    "file": Entry(module="file", argument="PATH"),
    "branch": Entry(module="branch"),
    "artifact": Entry(module="artifact", writes=False),
}
"""Every store, by the name that settings use."""


def open_store(spec: str, surroundings: Surroundings) -> Store:
    """The store of `file:PATH`, `branch` or `artifact`, loaded on demand; nothing is read yet.

    Raises ConfigError where there is no such store, HistoryError where it lacks what it needs.
    """
    name, argument = split(spec)
    module: Any = import_module(f"{__name__}.{STORES[name].module}")
    return cast("Store", module.opened(argument, surroundings))


def split(spec: str) -> tuple[str, str]:
    """Name and argument of a store. Raises ConfigError."""
    name, colon, argument = spec.strip().partition(":")
    every = [f"{name}:{entry.argument}" if entry.argument else name for name, entry in STORES.items()]
    if name not in STORES:
        advice = did_you_mean(name, STORES, otherwise=f"Write one of {', '.join(every)}.")
        raise ConfigError(Problem(f"History `{spec}` is not known", suggestion=advice))
    wanted = STORES[name].argument
    if bool(wanted) != bool(argument) or (colon and not wanted):
        message = f"History `{name}` needs its {wanted}" if wanted else f"History `{name}` takes nothing after its name"
        raise ConfigError(Problem(message, suggestion=f"Write `{name}:{wanted}`." if wanted else f"Write `{name}`."))
    return name, argument
