"""History out of what the base branch's last runs uploaded: their footprints, by GitHub's REST API. Nothing is written.

Needs `actions: read`. An archive is never unpacked: only its members called footprint.json are read, within limits.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from reporter.domain.run_record import RunRecord, record_of
from reporter.errors import HistoryError, ReporterError
from reporter.history import Added, Pruned, Surroundings
from reporter.history.ledger import History
from reporter.history.shard import Shard, additions

MOST_RUNS = 10
"""Runs of the base branch that are looked at, the newest first."""
MOST_RUNS_OF_PULL_REQUEST = 50
MOST_ARTIFACTS = 100
"""Archives that are fetched."""
MOST_ARCHIVE_BYTES = 16 * 1024 * 1024
MOST_MEMBERS = 100
"""Footprints in one archive."""
MOST_FOOTPRINT_BYTES = 8 * 1024 * 1024
MEMBER = "footprint.json"
PREFIX = "emissions"
"""Names of artifacts that hold footprints begin so, as `emissions init` and the README write them."""
PERMISSIONS = "permissions:\n  actions: read\n  contents: read\n  pull-requests: write\n"
_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


class ArtifactStore:
    """Footprints of the last successful runs of one branch; of one workflow where its file is named."""

    def __init__(self, surroundings: Surroundings, *, prefix: str = PREFIX, most_runs: int = MOST_RUNS) -> None:
        if surroundings.api is None or surroundings.footprints is None or surroundings.connect is None:
            raise HistoryError("History `artifact` needs GitHub's API and a token", hint=_HINT)
        if re.fullmatch(r"[\w.-]+/[\w.-]+", surroundings.repository or "", re.ASCII) is None:
            raise HistoryError("The repository is not known as `owner/name`", hint="Set GITHUB_REPOSITORY.")
        if not surroundings.base_branch:
            raise HistoryError("The base branch is not known, so there is no run to look at", hint=_HINT)
        self._api, self._connect, self._footprints = surroundings.api, surroundings.connect, surroundings.footprints
        self._repository = quote(surroundings.repository or "")
        self._branch = surroundings.base_branch
        self._workflow, self._pull_request = surroundings.workflow, surroundings.pull_request
        self._prefix, self._most_runs = prefix, most_runs
        self.label = f"artifacts of branch {self._branch}"

    def load(self) -> History:
        """The footprints that are still there; what cannot be read is named and left out."""
        trouble: list[str] = []
        records: list[RunRecord] = []
        fetched = 0
        for run_id, number in (*((run_id, None) for run_id in self._runs()), *self._runs_of_pull_request()):
            for artifact in self._artifacts(run_id):
                name = str(artifact.get("name"))
                size = artifact.get("size_in_bytes")
                if not isinstance(size, int) or size > MOST_ARCHIVE_BYTES:
                    trouble.append(f"artifact `{name}` of run {run_id} is too large to be read")
                elif fetched < MOST_ARTIFACTS:
                    fetched += 1
                    records += self._records(artifact, f"artifact `{name}` of run {run_id}", trouble, number)
        runs = additions(records, ())
        families = {row[0]: family for row, family in runs}
        return History([Shard(families=families, rows=[row for row, _ in runs], trouble=tuple(trouble))])

    def append(self, records: Sequence[RunRecord]) -> Added:
        """Raises HistoryError: the upload step of the workflow is what writes here."""
        raise HistoryError(f"{len(records)} runs were not added: history `artifact` is only read", hint=_READ_ONLY)

    def prune(self, *, keep: int | None = None, before: str | None = None, dry_run: bool = False) -> Pruned:
        """Raises HistoryError: GitHub lets artifacts go after their retention."""
        del keep, before, dry_run
        raise HistoryError("Nothing was pruned: history `artifact` is only read", hint=_READ_ONLY)

    def _runs(self) -> Iterator[int]:
        """Numbers of the branch's last successful runs, newest first."""
        of = f"workflows/{quote(self._workflow, safe='')}/runs" if self._workflow else "runs"
        query = f"branch={quote(self._branch, safe='')}&status=success&per_page={self._most_runs}"
        body = self._asked(f"actions/{of}?{query}")
        for run in _items(body, "workflow_runs")[: self._most_runs]:
            # A fork's branch may bear the same name, and a pull request's run is not the branch's own.
            head = run.get("head_repository")
            own = isinstance(head, dict) and head.get("full_name") == self._repository
            if own and run.get("head_branch") == self._branch and run.get("event") != "pull_request":
                yield _whole(run.get("id"))

    def _runs_of_pull_request(self) -> Iterator[tuple[int, int]]:
        """Numbers of its last runs, however they ended; another pull request's branch may bear the same name."""
        if self._pull_request is None:
            return
        number, branch = self._pull_request
        of = f"workflows/{quote(self._workflow, safe='')}/runs" if self._workflow else "runs"
        query = f"branch={quote(branch, safe='')}&event=pull_request&per_page={MOST_RUNS_OF_PULL_REQUEST}"
        for run in _items(self._asked(f"actions/{of}?{query}"), "workflow_runs")[:MOST_RUNS_OF_PULL_REQUEST]:
            if run.get("head_branch") == branch and run.get("event") == "pull_request":
                yield _whole(run.get("id")), number

    def _artifacts(self, run_id: int) -> Iterator[Mapping[str, Any]]:
        body = self._asked(f"actions/runs/{run_id:d}/artifacts?per_page=100")
        for artifact in _items(body, "artifacts"):
            if str(artifact.get("name")).startswith(self._prefix) and artifact.get("expired") is not True:
                yield artifact

    def _records(
        self, artifact: Mapping[str, Any], label: str, trouble: list[str], number: int | None
    ) -> Iterator[RunRecord]:
        try:
            data = self._archive(_whole(artifact.get("id")))
            texts = list(_members(data))
        except _Unreadable as unreadable:
            trouble.append(f"{label}: {unreadable}")
            return
        for name, text in texts:
            try:
                for footprint in self._footprints(text, f"{label}, {name}"):
                    if number is None:
                        yield record_of(footprint, branch=self._branch)
                    elif footprint.job.pull_request == number:
                        # What is of a pull request says so, and is nobody's base.
                        yield record_of(footprint, branch=footprint.job.branch, runner=footprint.job.runner)
            except ReporterError as error:
                trouble.append(error.message)

    def _archive(self, artifact_id: int) -> bytes:
        """One archive. GitHub sends us to a storage server, which must not get the token."""
        path = f"/repos/{self._repository}/actions/artifacts/{artifact_id:d}/zip"
        reply = self._api.send("GET", path, headers=_HEADERS, follow=False)
        if reply.status in {301, 302, 303, 307, 308}:
            url = urljoin(reply.url, reply.headers.get("location", ""))
            reply = self._connect(_origin(url)).send("GET", url, follow=False)
        if reply.status == 410:  # noqa: PLR2004
            raise _Unreadable("it has expired")
        if reply.status != 200:  # noqa: PLR2004
            raise _Unreadable(f"it cannot be fetched (status {reply.status})")
        if len(reply.body) > MOST_ARCHIVE_BYTES:
            raise _Unreadable("it is too large to be read")
        return reply.body

    def _asked(self, path: str) -> Mapping[str, Any]:
        reply = self._api.send("GET", f"/repos/{self._repository}/{path}", headers=_HEADERS)
        if reply.status in {401, 403, 404}:
            message = f"The token may not read the runs of {self._repository} (status {reply.status})"
            raise HistoryError(message, hint=f"Give the job these permissions:\n\n{PERMISSIONS}")
        body = reply.json() if reply.status == 200 else None  # noqa: PLR2004
        if not isinstance(body, dict):
            raise HistoryError(f"GitHub did not list the runs of {self._repository} (status {reply.status})")
        return body


class _Unreadable(Exception):
    """An archive that cannot be used."""


_HINT = "Set GITHUB_TOKEN and GITHUB_REPOSITORY, or use another store: `--history file:PATH`."
_READ_ONLY = "The upload step of the workflow keeps footprints there. `branch` and `file:PATH` can be written."


def opened(_argument: str, surroundings: Surroundings) -> ArtifactStore:
    """The store of `artifact`."""
    return ArtifactStore(surroundings)


def _members(data: bytes) -> Iterator[tuple[str, str]]:
    """Name and text of each footprint in an archive, read in memory and never to more than the limit."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            named = [item for item in archive.infolist() if item.filename.rpartition("/")[2] == MEMBER]
            if len(named) > MOST_MEMBERS:
                raise _Unreadable(f"it holds more than {MOST_MEMBERS} footprints")
            for item in named:
                with archive.open(item) as member:
                    text = member.read(MOST_FOOTPRINT_BYTES + 1)
                if len(text) > MOST_FOOTPRINT_BYTES:
                    raise _Unreadable("it holds a footprint that is too long")
                yield item.filename, text.decode("utf-8")
    except _ZIP_ERRORS:
        raise _Unreadable("it is no archive that can be read") from None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _items(body: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    items = body.get(key)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise HistoryError(f"GitHub's answer is not what its API describes (`{key}` is missing)")
    return items


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise HistoryError("GitHub's answer is not what its API describes (a number is missing)")
