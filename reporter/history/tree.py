"""What stands on the branch: its files, and how they change. Pure.

    README.md                       what this is
    runs/2026-01.jsonl              the runs of a month; `undated.jsonl` those that do not say when they began
    new/1767225600-3f9a1c02ab.jsonl one run, until it joins its month

A file that cannot be read in full stays as it is, whatever else is done.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from reporter.domain.run_record import RunRecord
from reporter.errors import HistoryError
from reporter.history.codec import SCHEMA, Family, identity, text_of
from reporter.history.ledger import History
from reporter.history.retention import kept_rows
from reporter.history.shard import Row, Shard, additions, dumps, parse

FILE_MODE = "100644"
README = "README.md"
TITLE = "# History of emissions"
MOST_NEW = 200
"""More files of single runs than these join their months."""
MOST_BYTES = 20_000_000
"""What all runs may take; the oldest go first."""
ROOM_RATIO = 0.95
"""To what share of a limit the branch is cut, so that not every run cuts it again."""
_MONTH, _NEW = "runs/", "new/"
_SHARD = re.compile(r"(?:runs|new)/[\w.-]+\.jsonl", re.ASCII)
_PAGE = f"""{TITLE}

Runs that `emissions` metered, for baselines and trends: one line each, schema {SCHEMA}.
Written by `emissions history add`; `emissions history show --history branch` reads it.
The branch has no common commit with the code. It may be written anew: its older commits are let go now and then.
"""


class Entry(NamedTuple):
    """One file of a commit."""

    path: str
    mode: str
    sha: str
    size: int


class Tree(NamedTuple):
    """The branch as it is: files by path, and what those with runs hold."""

    files: Mapping[str, Entry] = {}
    shards: Mapping[str, bytes] = {}

    @classmethod
    def of_listing(cls, listed: bytes, label: str, *, most_bytes: int) -> Tree:
        """The files that `git ls-tree -r -l -z` lists. Raises HistoryError where they are not ours to touch."""
        files: dict[str, Entry] = {}
        for line in filter(None, listed.split(b"\0")):
            facts, _, path = line.decode("utf-8", "surrogateescape").partition("\t")
            mode, _kind, sha, size = facts.split()
            files[path] = Entry(path=path, mode=mode, sha=sha, size=int(size) if size.isdecimal() else 0)
        if README not in files or any(path != README and not _SHARD.fullmatch(path) for path in files):
            raise HistoryError(
                f"The {label} holds something else than history, and is not touched",
                hint="Rename that branch, or use another store: `--history file:PATH`.",
            )
        if sum(entry.size for entry in files.values()) > most_bytes:
            raise HistoryError(f"The {label} is larger than {most_bytes // 1024**2} MB, and is not read")
        return cls(files=files)

    @property
    def wanted(self) -> tuple[Entry, ...]:
        """The files that hold runs."""
        return tuple(entry for path, entry in self.files.items() if path != README and entry.mode == FILE_MODE)

    def read(self, batch: bytes) -> Tree:
        """With the contents that `git cat-file --batch` gave for the wanted files."""
        contents: dict[str, bytes] = {}
        at = 0
        for entry in self.wanted:
            end = batch.index(b"\n", at)
            size = int(batch[at:end].split()[2])
            contents[entry.path] = batch[end + 1 : end + 1 + size]
            at = end + size + 2
        return self._replace(shards=contents)

    def entries(self, made: Mapping[str, str]) -> dict[str, tuple[str, str]]:
        """Mode and blob by path: those that are there, and the blobs that were made."""
        there = {path: (entry.mode, entry.sha) for path, entry in self.files.items()}
        return {**there, **{path: (FILE_MODE, sha) for path, sha in made.items()}}


class Change(NamedTuple):
    """What the branch becomes: `tree` keeps of the old files what stays, `new` are those to be written."""

    tree: Tree
    new: Mapping[str, bytes]
    message: str
    fresh: bool = False
    """Whether the commits before are let go."""


def new_tree() -> Tree:
    """A branch that is not there yet."""
    return Tree()


def added(tree: Tree, records: Sequence[RunRecord]) -> tuple[Change | None, int]:
    """A file for each run that is not there yet, and how many they are; None for none."""
    runs = additions(records, _parsed(tree).values())
    if not runs:
        return None, 0
    new = {} if README in tree.files else {README: _PAGE.encode("ascii")}
    for row, family in runs:
        new[_path(row, family)] = dumps([(row, family)])
    shards = {**tree.shards, **{path: data for path, data in new.items() if path != README}}
    message = "1 run" if len(runs) == 1 else f"{len(runs)} runs"  # no name: GitHub acts upon what a message says
    return Change(tree=tree._replace(shards=shards), new=new, message=message), len(runs)


def is_crowded(tree: Tree) -> bool:
    """Whether there are many small files, or more than the branch may hold."""
    small = sum(path.startswith(_NEW) for path in tree.shards)
    return small > MOST_NEW or sum(map(len, tree.shards.values())) > MOST_BYTES


def compacted(tree: Tree, *, most_runs: int) -> Change:
    """The same runs by month, the oldest beyond the limits left out."""
    used_bytes = sum(map(len, tree.shards.values()))
    return _rewritten(tree, lambda history: _bounded(history, most_runs, used_bytes))[0]


def pruned(tree: Tree, *, keep: int | None, before: str | None) -> tuple[Change, int, int]:
    """What stays of it, by month; how many runs go, and how many stay."""
    return _rewritten(tree, lambda history: kept_rows(history.rows, keep=keep, before=before))


def _rewritten(tree: Tree, keep: Callable[[History], Sequence[Row]]) -> tuple[Change, int, int]:
    parsed = _parsed(tree)
    exact = {path: shard for path, shard in parsed.items() if shard.exact}
    history = History(exact.values())
    rows = keep(history)
    months: dict[str, list[Row]] = {}
    for row in rows:
        months.setdefault(_month(row), []).append(row)
    new: dict[str, bytes] = {} if README in tree.files else {README: _PAGE.encode("ascii")}
    kept = {path: entry for path, entry in tree.files.items() if path not in exact}
    shards = {path: data for path, data in tree.shards.items() if path not in exact}
    for month, of_it in months.items():
        path = _free(month, shards)
        # A month that nothing joined or left is the file that it was.
        if path in exact and path in tree.files and [*exact[path].rows] == of_it:
            kept[path] = tree.files[path]
        else:
            new[path] = dumps((row, history.families[row[0]]) for row in of_it)
        shards[path] = new.get(path, tree.shards.get(path, b""))
    message = f"{len(rows)} runs by month"
    change = Change(tree=Tree(files=kept, shards=shards), new=new, message=message, fresh=True)
    return change, len(history) - len(rows), len(rows)


def _bounded(history: History, most_runs: int, used_bytes: int) -> Sequence[Row]:
    keep = most_runs
    if used_bytes > MOST_BYTES:
        keep = min(keep, int(len(history) * ROOM_RATIO * MOST_BYTES / used_bytes))
    return kept_rows(history.rows, keep=keep)


def _parsed(tree: Tree) -> dict[str, Shard]:
    return {path: parse(data, path) for path, data in tree.shards.items()}


def _path(row: Row, family: Family) -> str:
    """One run's file: its name follows from what makes it this run, so that nobody can add it twice."""
    key = hashlib.sha256(repr(identity(row, family)).encode("utf-8", "backslashreplace")).hexdigest()[:16]
    return f"{_NEW}{'undated' if row[1] is None else row[1]}-{key}.jsonl"


def _month(row: Row) -> str:
    return "undated" if row[1] is None else text_of(row[1])[:7]


def _free(month: str, taken: Mapping[str, bytes]) -> str:
    """The month's file; another one beside it where that cannot be written anew."""
    path, number = f"{_MONTH}{month}.jsonl", 1
    while path in taken:
        number += 1
        path = f"{_MONTH}{month}-{number}.jsonl"
    return path
