"""History out of what the base branch's last runs uploaded: their footprints, by GitHub's REST API. Nothing is written.

Needs `actions: read`. An archive is never unpacked: only its members called footprint.json are read, within limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import quote

from reporter.domain.claim import is_claim
from reporter.domain.run_record import RunRecord, record_of
from reporter.errors import HistoryError, ReporterError
from reporter.forge import items, whole
from reporter.history import Added, Pruned, Surroundings
from reporter.history.archive import MOST_ARCHIVE_BYTES, PREFIX, Archives, Unreadable, members
from reporter.history.ledger import History
from reporter.history.shard import Shard, additions

MOST_RUNS = 10
"""Runs of the base branch that are looked at, the newest first."""
MOST_RUNS_OF_PULL_REQUEST = 100
MOST_ARTIFACTS = 200
"""Archives that are fetched, those of a pull request first."""
AT_ONCE = 8
"""Requests that are under way together."""
OF_A_BRANCH = ("push", "schedule", "workflow_dispatch")
"""Events that a branch builds itself at; what others report on may be anybody's."""


class _Run(NamedTuple):
    """A run of the workflow, and the pull request that it is of; None: of the branch itself."""

    run_id: int
    pull_request: int | None = None


class _Found(NamedTuple):
    """An artifact of a run, or why there is none to read."""

    run: _Run
    label: str
    artifact_id: int = 0
    why_not: str | None = None


class ArtifactStore:
    """Footprints of the last successful runs of one branch; of one workflow where its file is named.

    Where a pull request is named, those of its runs too, however they ended: what cannot be read of these is named, so
    that nobody takes a part for their sum.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        prefix: str = PREFIX,
        most_runs: int = MOST_RUNS,
        most_artifacts: int = MOST_ARTIFACTS,
    ) -> None:
        if surroundings.api is None or surroundings.footprints is None or surroundings.connect is None:
            raise HistoryError("History `artifact` needs GitHub's API and a token", hint=_HINT)
        if re.fullmatch(r"[\w.-]+/[\w.-]+", surroundings.repository or "", re.ASCII) is None:
            raise HistoryError("The repository is not known as `owner/name`", hint="Set GITHUB_REPOSITORY.")
        if not surroundings.base_branch:
            raise HistoryError("The base branch is not known, so there is no run to look at", hint=_HINT)
        self._repository, self._footprints = surroundings.repository or "", surroundings.footprints
        self._archives = Archives(surroundings.api, surroundings.connect, self._repository)
        self._branch = surroundings.base_branch
        self._pull_request = surroundings.pull_request
        workflow = surroundings.workflow
        self._of = f"workflows/{quote(workflow, safe='', errors='replace')}/runs" if workflow else "runs"
        self._prefix, self._most_runs, self._most_artifacts = prefix, most_runs, most_artifacts
        self.label = f"artifacts of branch {self._branch}"

    def load(self) -> History:
        """The footprints that are still there; what cannot be read is named and left out."""
        runs = [*self._runs(), *self._runs_of_pull_request()]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = [row for rows in pool.map(self._artifacts, runs) for row in rows]
            found.sort(key=lambda row: row.run.pull_request is None)
            wanted = [row for row in found if row.why_not is None]
            read = list(pool.map(self._records, wanted[: self._most_artifacts]))
        trouble = [f"{row.label}: {row.why_not}" for row in found if row.why_not is not None]
        trouble += [words for _, said in read for words in said]
        left = sum(row.run.pull_request is not None for row in wanted[self._most_artifacts :])
        many = "1 artifact of the pull request is" if left == 1 else f"{left} artifacts of the pull request are"
        trouble += [f"{many} more than are read"] if left else []
        once = additions([record for records, _ in read for record in records], ())
        families = {row[0]: family for row, family in once}
        return History([Shard(families=families, rows=[row for row, _ in once], trouble=tuple(trouble))])

    def append(self, records: Sequence[RunRecord]) -> Added:
        """Raises HistoryError: the upload step of the workflow is what writes here."""
        raise HistoryError(f"{len(records)} runs were not added: history `artifact` is only read", hint=_READ_ONLY)

    def prune(self, *, keep: int | None = None, before: str | None = None, dry_run: bool = False) -> Pruned:
        """Raises HistoryError: GitHub lets artifacts go after their retention."""
        del keep, before, dry_run
        raise HistoryError("Nothing was pruned: history `artifact` is only read", hint=_READ_ONLY)

    def _runs(self) -> Iterator[_Run]:
        """The branch's last successful runs, newest first."""
        query = f"branch={quote(self._branch, safe='', errors='replace')}&status=success&per_page={self._most_runs}"
        for run in items(self._archives.asked(f"actions/{self._of}?{query}").get("workflow_runs"))[: self._most_runs]:
            # A fork's branch may bear the same name, and a pull request's run is not the branch's own.
            head = run.get("head_repository")
            own = isinstance(head, dict) and head.get("full_name") == self._repository
            if own and run.get("head_branch") == self._branch and run.get("event") in OF_A_BRANCH:
                yield _Run(whole(run.get("id")))

    def _runs_of_pull_request(self) -> Iterator[_Run]:
        """Its last runs, however they ended; another pull request's branch may bear the same name, and a fork's."""
        if self._pull_request is None:
            return
        number, branch, repository = self._pull_request
        query = (
            f"branch={quote(branch, safe='', errors='replace')}&event=pull_request&per_page={MOST_RUNS_OF_PULL_REQUEST}"
        )
        found = items(self._archives.asked(f"actions/{self._of}?{query}").get("workflow_runs"))
        for run in found[:MOST_RUNS_OF_PULL_REQUEST]:
            head = run.get("head_repository")
            its = isinstance(head, dict) and str(head.get("full_name")).casefold() == repository.casefold()
            if its and run.get("head_branch") == branch and run.get("event") == "pull_request":
                yield _Run(whole(run.get("id")), number)

    def _artifacts(self, run: _Run) -> list[_Found]:
        """What a run uploaded of ours."""
        try:
            ours, why_not_all = self._archives.of_run(run.run_id, prefix=self._prefix)
            rows = [row for item in ours if (row := _found(run, item)) is not None]
        except HistoryError as error:
            return [_Found(run, f"run {run.run_id}", why_not=error.message)]
        if why_not_all is not None and run.pull_request is not None:
            rows.append(_Found(run, f"run {run.run_id}", why_not=why_not_all))
        return rows

    def _records(self, found: _Found) -> tuple[list[RunRecord], list[str]]:
        """The runs in one archive, and what could not be read of it."""
        try:
            texts = list(members(self._archives.fetch(found.artifact_id)))
        except (Unreadable, HistoryError) as unreadable:
            return [], [f"{found.label}: {unreadable}"]
        records, trouble = [], []
        for name, text in texts:
            try:
                footprints = self._footprints(text, f"{found.label}, {name}")
            except ReporterError as error:
                trouble.append(error.message)
                continue
            for footprint in footprints:
                if is_claim(footprint):
                    continue
                job, number = footprint.job, found.run.pull_request
                if number is None:
                    records.append(record_of(footprint, branch=self._branch, runner=job.runner))
                elif job.pull_request == number:
                    # What is of a pull request says so, and is nobody's base.
                    records.append(record_of(footprint, branch=job.branch, runner=job.runner))
        return records, trouble


_HINT = "Set GITHUB_TOKEN and GITHUB_REPOSITORY, or use another store: `--history file:PATH`."
_READ_ONLY = "The upload step of the workflow keeps footprints there. `branch` and `file:PATH` can be written."


def opened(_argument: str, surroundings: Surroundings) -> ArtifactStore:
    """The store of `artifact`."""
    return ArtifactStore(surroundings)


def _found(run: _Run, item: Mapping[str, Any]) -> _Found | None:
    """An artifact as GitHub lists it; one that is gone is missed only in a sum."""
    label, size = f"artifact `{item.get('name')}` of run {run.run_id}", item.get("size_in_bytes")
    if item.get("expired") is True:
        return None if run.pull_request is None else _Found(run, label, why_not="it has expired")
    if not isinstance(size, int) or size > MOST_ARCHIVE_BYTES:
        return _Found(run, label, why_not="it is too large to be read")
    return _Found(run, label, whole(item.get("id")))
