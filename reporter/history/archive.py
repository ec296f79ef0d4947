"""What runs uploaded, by GitHub's REST API: artifacts are listed, fetched, and read in memory within limits.

Needs `actions: read`. An archive is never unpacked: only its members called footprint.json are read.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from reporter.errors import HistoryDenied, HistoryError
from reporter.forge import HEADERS, items, permissions_block
from reporter.history import Client

MOST_ARCHIVE_BYTES = 16 * 1024 * 1024
MOST_LISTED = 100
"""Artifacts of one run, of any name."""
MOST_MEMBERS = 10_000
"""Of any name: their list takes far more memory than the archive."""
MOST_FOOTPRINTS = 100
"""In one archive."""
MOST_FOOTPRINT_BYTES = 8 * 1024 * 1024
MOST_TEXT_BYTES = 32 * 1024 * 1024
"""Of all footprints in one archive: a few kB can be packed that become gigabytes."""
MEMBER = "footprint.json"
PREFIX = "emissions"
"""Names of artifacts that hold footprints begin so, as `emissions init` and the README write them."""
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""As GitHub packs artifacts; other ways take memory that the archive chooses, and fail in ways of their own."""
_ENTRY = b"PK\x01\x02"
"""How each line of an archive's list begins (APPNOTE.TXT 4.3.12)."""
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


class Unreadable(Exception):
    """An archive that cannot be used."""


class Archives:
    """Artifacts of one repository, `owner/name`; `connect` gives a client without a token."""

    def __init__(self, api: Client, connect: Callable[[str], Client], repository: str) -> None:
        self._api, self._connect = api, connect
        self._repository = repository

    def of_run(self, run_id: int, *, prefix: str = PREFIX) -> tuple[list[Mapping[str, Any]], str | None]:
        """The artifacts of a run that are ours by their names, as GitHub lists them, and why these may not be all.

        Raises HistoryError.
        """
        body = self.asked(f"actions/runs/{run_id:d}/artifacts?per_page={MOST_LISTED}")
        found, count = items(body.get("artifacts")), body.get("total_count")
        ours: list[Mapping[str, Any]] = [item for item in found if str(item.get("name")).startswith(prefix)]
        are_all = not isinstance(count, int) or count <= MOST_LISTED
        return ours, None if are_all else f"it has {count} artifacts, more than the {MOST_LISTED} that are listed"

    def fetch(self, artifact_id: int) -> bytes:
        """One archive. GitHub sends us to a storage server, which must not get the token. Raises Unreadable."""
        path = f"/repos/{quote(self._repository)}/actions/artifacts/{artifact_id:d}/zip"
        reply = self._api.send("GET", path, headers=HEADERS, follow=False)
        if reply.status in {301, 302, 303, 307, 308}:
            url = urljoin(reply.url, reply.headers.get("location", ""))
            reply = self._connect(_origin(url)).send("GET", url, follow=False)
        if reply.status == 410:  # noqa: PLR2004
            raise Unreadable("it has expired")
        if reply.status != 200:  # noqa: PLR2004
            raise Unreadable(f"it cannot be fetched (status {reply.status})")
        if len(reply.body) > MOST_ARCHIVE_BYTES:
            raise Unreadable("it is too large to be read")
        return reply.body

    def asked(self, path: str) -> Mapping[str, Any]:
        """The answer to a question below the repository. Raises HistoryError."""
        reply = self._api.send("GET", f"/repos/{quote(self._repository)}/{path}", headers=HEADERS)
        if reply.status in {401, 403, 404}:
            message = f"The token may not read the runs of {self._repository} (status {reply.status})"
            raise HistoryDenied(message, hint=f"Give the job these permissions:\n\n{permissions_block('artifact')}")
        body = reply.json() if reply.status == 200 else None  # noqa: PLR2004
        if not isinstance(body, dict):
            raise HistoryError(f"GitHub did not list the runs of {self._repository} (status {reply.status})")
        return body


def members(data: bytes) -> Iterator[tuple[str, str]]:
    """Name and text of each footprint in an archive, read in memory and never to more than the limits."""
    left_bytes = MOST_TEXT_BYTES
    if data.count(_ENTRY) > MOST_MEMBERS:
        raise Unreadable(f"it holds more than {MOST_MEMBERS} members")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            named = [item for item in archive.infolist() if item.filename.rpartition("/")[2] == MEMBER]
            if len(named) > MOST_FOOTPRINTS:
                raise Unreadable(f"it holds more than {MOST_FOOTPRINTS} footprints")
            if any(item.compress_type not in _PACKED for item in named):
                raise Unreadable("it holds a footprint that is packed in a way that is not read")
            for item in named:
                with archive.open(item) as member:
                    text = member.read(MOST_FOOTPRINT_BYTES + 1)
                left_bytes -= len(text)
                if len(text) > MOST_FOOTPRINT_BYTES or left_bytes < 0:
                    raise Unreadable("it holds a footprint that is too long, or too many of them")
                yield item.filename, text.decode("utf-8")
    except _ZIP_ERRORS:
        raise Unreadable("it is no archive that can be read") from None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
