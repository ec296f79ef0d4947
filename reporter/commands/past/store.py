"""The store that the settings name, opened with what this job knows of itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reporter.commands.settings import Settings
from reporter.errors import ConfigError, HistoryError, Problem
from reporter.history import STORES, PullRequest, Store, Surroundings, open_store, split

if TYPE_CHECKING:
    from reporter.domain.footprint import Footprint

_EVERY = "`file:PATH`, `branch` or `artifact`"


def store_of(
    settings: Settings,
    *,
    spec: str | None = None,
    base_branch: str | None = None,
    pull_request: PullRequest | None = None,
    patience_s: float | None = None,
) -> Store:
    """The store of `spec`, else of the setting `history`; where it can, with the runs of a pull request.

    `patience_s`: how long an answer may take; a forge has so long for all of them.
    Raises ConfigError where none is named.
    """
    name = spec or settings.config.history
    if name.partition(":")[0] not in STORES:
        origin = settings.config.origins.get("history")
        advice = f"Write `--history` with {_EVERY}, or the key `history` in the config file."
        raise ConfigError(Problem("No history is named", origin=origin, suggestion=advice))
    known = surroundings(settings, name, base_branch=base_branch, patience_s=patience_s)
    return open_store(name, known._replace(pull_request=pull_request))


def surroundings(
    settings: Settings, spec: str, *, base_branch: str | None = None, patience_s: float | None = None
) -> Surroundings:
    """What a store needs to know. The network's client is made for the store that asks it, and for no other."""
    ci, environ = settings.ci, settings.environ
    token = environ.get("GITHUB_TOKEN") or None
    workflow = ci.upstream.workflow if ci.upstream is not None else ci.workflow
    known = Surroundings(
        environ=environ,
        remote_url=f"{ci.server_url}/{ci.repository}" if ci.repository else None,
        server_url=ci.server_url,
        token=token,
        repository=ci.repository,
        base_branch=base_branch or ci.base_ref or ci.branch,
        workflow=workflow if (workflow or "").endswith((".yml", ".yaml")) else None,
    )
    if patience_s is not None:
        known = known._replace(patience_s=patience_s)
    if split(spec)[0] != "artifact" or token is None:
        return known
    from reporter.http import DEADLINE_S, Client  # noqa: PLC0415  (requests is imported only to ask)

    deadline_s = patience_s or DEADLINE_S
    return known._replace(
        api=Client(ci.api_url, token, deadline_s=deadline_s, unreachable=HistoryError),
        connect=lambda url: Client(url, deadline_s=deadline_s, unreachable=HistoryError),
        footprints=_footprints,
    )


def _footprints(text: str, origin: str) -> Sequence[Footprint]:
    from reporter.export import json  # noqa: PLC0415

    return json.loads(text, origin=origin)
