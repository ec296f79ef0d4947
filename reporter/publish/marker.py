"""The hidden first line of our comments: whose it is, which run wrote it, what it said.

Added after rendering, so no template can forget it, and read as the first line only, so no text further down counts.
Whoever may comment may also write such a line: the author is checked elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

VERSION = 1

_LONGEST_KEY = 200
_LINE = re.compile(
    r"<!-- emissions-reporter v=(?P<version>\d{1,6}) id=(?P<key>[0-9A-Za-z_.%]{0,300})"
    r" run=(?P<run_id>\d{1,18}) number=(?P<number>\d{1,18}) attempt=(?P<attempt>\d{1,9})"
    r" head=(?P<head_sha>[0-9a-f]{0,64}) body=(?P<digest>[0-9a-f]{32})(?: [^<>]{0,500})? -->",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One attempt of one workflow run; `run_id` and `number` grow with every run, the attempt with every re-run.

    `head_sha` is the pull request's head that was measured, or None where the event does not say.
    """

    number: int
    attempt: int = 1
    head_sha: str | None = None
    run_id: int = 0

    @property
    def order(self) -> tuple[int, int, int]:
        """Later runs compare greater."""
        return self.run_id, self.number, self.attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """What a comment's first line says; `key` is the encoded comment id."""

    key: str
    run: Run
    digest: str
    version: int = VERSION


def key_of(comment_id: str) -> str:
    """The comment id in characters that cannot end an HTML comment; a very long one becomes its hash."""
    encoded = "".join(
        chr(byte) if byte < 128 and (chr(byte).isalnum() or byte in b"_.") else f"%{byte:02X}"  # noqa: PLR2004 (ASCII)
        for byte in comment_id.encode("utf-8", "replace")
    )
    return encoded if len(encoded) <= _LONGEST_KEY else sha256(encoded.encode()).hexdigest()


def digest_of(body: str) -> str:
    """A short fingerprint of the text below the marker."""
    return sha256(body.encode("utf-8", "replace")).hexdigest()[:32]


def mark(body: str, *, key: str, run: Run) -> str:
    """The text as it is posted: marker, then body."""
    head = run.head_sha or ""
    head = head if re.fullmatch(r"[0-9a-f]{1,64}", head, re.ASCII) else ""
    return (
        f"<!-- emissions-reporter v={VERSION} id={key} run={run.run_id} number={run.number}"
        f" attempt={run.attempt} head={head} body={digest_of(body)} -->\n{body}"
    )


def parse(text: str) -> Marker | None:
    """The marker of a posted text, or None where the first line is none of ours."""
    first_line = text.lstrip("\ufeff").split("\n", 1)[0].rstrip()
    found = _LINE.fullmatch(first_line)
    if found is None:
        return None
    run = Run(
        number=int(found["number"]),
        attempt=int(found["attempt"]),
        head_sha=found["head_sha"] or None,
        run_id=int(found["run_id"]),
    )
    return Marker(key=found["key"], run=run, digest=found["digest"], version=int(found["version"]))
