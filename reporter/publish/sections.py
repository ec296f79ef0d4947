"""One comment made of sections, one for each leg of a matrix: written, read back, merged. Pure.

A section is a hidden line (what tells it apart, which run wrote it, its figures, a check of them) and a text.
The author of a comment is checked elsewhere; here a hand that changed it, and a text cut short, are noticed.
What cannot be read keeps its name alone, and gives way to whatever can.
"""

from __future__ import annotations

import re
import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from reporter.publish.marker import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LONGEST_NAME = 80
LONGEST_BODY = 12_000
"""Bytes of one section's text."""
MOST_SECTIONS = 1_000
MOST_UNPACKED = 100_000
"""Bytes."""
PACK_OF = 50
CLOSING = "<!-- /leg -->"

_OPENS = "<!-- leg "
_PACK = "<!-- legs "
_SAFE = " ,;:()/+*"
"""What `quote` leaves besides letters, digits and `_.-~`; neither `<`, `>` nor `=`."""
_QUOTED = r"[0-9A-Za-z_.~ ,;:()/+%*-]"
_LINE = re.compile(
    r"<!-- leg c=(?P<check>[0-9a-f]{8})(?: k=(?P<key>[0-9a-f]{10}))?(?: v=(?P<revision>\d{1,4}))?"
    r"(?: r=(?P<run_id>\d{1,18})\.(?P<number>\d{1,18})\.(?P<attempt>\d{1,9})\.(?P<head_sha>[0-9a-f]{0,64}))?"
    rf"(?: d=(?P<text>[0-9a-f]{{16}}|lost))? f=(?P<facts>{_QUOTED}{{0,700}}) n=(?P<name>{_QUOTED}{{1,1000}}) -->",
    re.ASCII,
)
_SALVAGED_KEY = re.compile(r" k=([0-9a-f]{10})(?= )")
_SALVAGED_NAME = re.compile(rf"({_QUOTED}{{1,1000}}) -->", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What one leg says.

    `key` tells it from the others; `facts` is what the table of all legs is made of; `body` is Markdown, empty where it
    was left out. `revision` grows when one attempt of a run writes its section again.
    """

    key: str
    name: str
    run: Run
    facts: str = ""
    body: str = ""
    revision: int = 0
    readable: bool = True
    body_lost: bool = False
    """Whether the text was there and cannot be read any more."""

    @property
    def state(self) -> tuple[object, ...]:
        """What must be in the comment: everything but the text, which may be left out for its length."""
        return self.readable, self.run.order, self.revision, self.facts

    @property
    def rank(self) -> tuple[object, ...]:
        """Of two sections of one leg the greater stays: what can be read, the later run, the later text."""
        return *self.state, bool(self.body), not self.body_lost, self.body


def section_key(name: str) -> str:
    """What tells a section from others: short, and the same for the same whole name."""
    return sha256(name.encode("utf-8", "replace")).hexdigest()[:10]


def section_body(text: str) -> str:
    """A text fit to be a section's: as the forge stores it, without a line that reads like one of ours."""
    clean = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    clean = re.sub(r"<!--(?=\s*/?legs?\b)", "<!-- -", clean)
    return re.sub(r"\n{3,}", "\n\n", clean).strip("\n")


def opening(section: Section, newest: Run) -> str:
    """The hidden line before a section's text; `newest` is the run in the comment's first line, not said again."""
    key = "" if section.key == section_key(section.name) else f" k={section.key}"
    name = quote(section.name, safe=_SAFE)
    if not section.readable:
        return f"{_OPENS}lost{key} n={name} -->"
    run = section.run
    said = f" r={run.run_id}.{run.number}.{run.attempt}.{run.head_sha or ''}" if run != newest else ""
    revision = f" v={section.revision}" if section.revision else ""
    text = f" d={_digest(section.body, 16)}" if section.body else " d=lost" if section.body_lost else ""
    facts = quote(section.facts, safe=_SAFE)
    return f"{_OPENS}c={_check(section, text[3:])}{key}{revision}{said}{text} f={facts} n={name} -->"


def packed(lines: Sequence[str]) -> Iterator[str]:
    """The hidden lines of sections without a text in less room, so many together."""
    for start in range(0, len(lines), PACK_OF):
        data = zlib.compress("\n".join(lines[start : start + PACK_OF]).encode("ascii"), 9)
        yield f"{_PACK}{b64encode(data).decode('ascii')} -->"


def read_sections(text: str, newest: Run) -> tuple[Section, ...]:
    """The sections of a comment by ourselves; `newest` is the run in its first line."""
    return merged(_sections(text.replace("\r\n", "\n"), newest))


def merged(sections: Iterable[Section]) -> tuple[Section, ...]:
    """Of each leg the last section, by key; those of another commit than the newest run's are dropped.

    The order of the arguments does not matter, and merging again changes nothing.
    """
    latest: dict[str, Section] = {}
    for section in sections:
        other = latest.get(section.key)
        if other is None or section.rank > other.rank:
            latest[section.key] = section
    kept = sorted(latest.values(), key=lambda section: section.key)
    newest = newest_run(kept)
    return tuple(section for section in kept if newest is None or _commit(section.run) == _commit(newest))


def newest_run(sections: Iterable[Section]) -> Run | None:
    """The last run that wrote any of these."""
    return max((section.run for section in sections if section.readable), key=lambda run: run.order, default=None)


def holds(held: Iterable[Section], wanted: Iterable[Section]) -> bool:
    """Whether every wanted section is there, as it should be."""
    states = {section.key: section.state for section in held}
    return all(states.get(section.key) == section.state for section in wanted)


def _sections(text: str, newest: Run) -> Iterator[Section]:
    lines = [line for written in text.split("\n") for line in _unpacked(written)]
    starts = [place for place, line in enumerate(lines) if line.startswith(_OPENS)]
    for start, end in zip(starts[:MOST_SECTIONS], [*starts[1:], len(lines)], strict=False):
        line = lines[start].rstrip()
        found = _LINE.fullmatch(line)
        section = None if found is None else _section(found, newest, lines[start + 1 : end])
        section = section or _unreadable(line, newest)
        if section is not None:
            yield section


def _unpacked(line: str) -> Sequence[str]:
    """The lines in a pack; a line that is none is itself. A pack that cannot be read says nothing."""
    if not line.startswith(_PACK):
        return (line,)
    try:
        data = b64decode(line.rstrip()[len(_PACK) : -len(" -->")], validate=True)
        return zlib.decompressobj().decompress(data, MOST_UNPACKED).decode("ascii").split("\n")
    except (ValueError, zlib.error):
        return ()


def _section(found: re.Match[str], newest: Run, below: list[str]) -> Section | None:
    """The section of a hidden line; None where its check says that it was changed."""
    run = newest
    if found["run_id"] is not None:
        run = Run(
            run_id=int(found["run_id"]),
            number=int(found["number"]),
            attempt=int(found["attempt"]),
            head_sha=found["head_sha"] or None,
        )
    name = _name(found["name"])
    section = Section(
        key=found["key"] or section_key(name),
        name=name,
        run=run,
        facts=unquote(found["facts"]),
        revision=int(found["revision"] or 0),
    )
    text = found["text"] or ""
    if not name or found["check"] != _check(section, text):
        return None
    body = _body(below) if text not in ("", "lost") else ""
    kept = bool(body) and _digest(body, 16) == text
    return replace(section, body=body if kept else "", body_lost=bool(text) and not kept)


def _unreadable(line: str, newest: Run) -> Section | None:
    before, _, after = line.rpartition(" n=")  # a name holds no `=`
    found = _SALVAGED_NAME.fullmatch(after)
    name = "" if found is None else _name(found[1])
    if not name:
        return None
    keys = _SALVAGED_KEY.findall(f"{before} ")
    return Section(key=keys[-1] if keys else section_key(name), name=name, run=newest, readable=False)


def _body(below: list[str]) -> str:
    """The text up to its end; empty where it has none, or is longer than any that we write."""
    if CLOSING not in below:
        return ""
    body = "\n".join(below[: below.index(CLOSING)]).strip("\n")
    return body if len(body.encode("utf-8", "replace")) <= LONGEST_BODY else ""


def _name(quoted: str) -> str:
    name = unquote(quoted)
    visible = name.replace("\u202f", "").replace("\xa0", "")
    return name if visible.isprintable() and len(name) <= LONGEST_NAME else ""


def _check(section: Section, text: str) -> str:
    """Of everything in the line: a change by hand does not pass for ours."""
    said = (section.key, section.name, *section.run.order, section.run.head_sha, section.revision, section.facts, text)
    return _digest("\n".join(map(str, said)), 8)


def _digest(text: str, length: int) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:length]


def _commit(run: Run) -> tuple[str, object]:
    """What belongs together: the runs of one commit, or one run where the commit is not known."""
    return ("commit", run.head_sha) if run.head_sha else ("run", run.run_id)
