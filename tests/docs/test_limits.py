"""The page on limits says what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from reporter import bounded, http
from reporter.commands import settings
from reporter.commands.account import gather, what_if
from reporter.commands.beside import metrics
from reporter.commands.delivery import template
from reporter.commands.trust import from_run, rules
from reporter.config import file as config
from reporter.export import document
from reporter.export import json as footprint
from reporter.history import archive, branch, codec, shard
from reporter.history import file as history
from reporter.metering import checked, parsing
from reporter.publish import answer
from reporter.report import confined

MIB = 1024 * 1024
PAGE = (Path(__file__).parents[2] / "docs/limits.md").read_text(encoding="utf-8")
ROWS = {line.split(" | ")[0].removeprefix("| "): line for line in PAGE.splitlines() if line.startswith("| ")}
SAID: dict[str, tuple[str, ...]] = {
    "any JSON document": (
        f"{bounded.MOST_OBJECTS:,} objects and lists", f"{bounded.MOST_VALUES:,} values", f"{bounded.MOST_DEPTH} deep",
    ),
    "`footprint.json`": (
        f"{footprint.MOST_BYTES // MIB} MiB", f"{gather.MOST_FILES:,} files", f"{from_run.MOST_JOBS:,} jobs",
        f"{document.MOST_ITEMS:,} items",
        f"{document.MOST_TEXT:,} characters", f"{document.MOST_NUMBER:g}".replace("+", ""),
    ),
    "`recording.jsonl`": (
        f"{parsing.MAX_BYTES // MIB} MiB", f"{parsing.MAX_LINES:,} lines of {parsing.MAX_LINE_BYTES // MIB} MiB",
        f"{checked.MAX_ROWS:,} rows", f"{checked.MAX_TEXT:,} characters",
        f"2^{checked.MAX_WHOLE.bit_length() - 1}", f"2^{checked.MAX_NS.bit_length() - 1} ns",
    ),
    "config and machine file": (f"{config.MOST_CHARACTERS:,} characters",),
    "file that a config `extends`": (f"{rules.MOST_BYTES // MIB} MiB",),
    "template of the comment": (
        f"{template.MOST_BYTES // 1024} KiB", f"{confined.MOST_CPU_S} s of processor time",
        f"{confined.MOST_MEMORY_BYTES // MIB} MiB of memory", f"{confined.MOST_TEXT_CHARACTERS:,} characters",
    ),
    "metrics file": (
        f"{metrics.MOST_BYTES // MIB} MiB", f"{metrics.MOST_UNITS} units", f"{metrics.LONGEST_UNIT} characters",
        f"{metrics.LEAST_COUNT:g} to {metrics.MOST_COUNT:g}",
    ),
    "series of `--series`": (f"{what_if.MOST_SERIES_BYTES // MIB} MiB",),
    "event of the workflow": (f"{settings.MOST_EVENT_BYTES // MIB} MiB",),
    "answer of an API": (
        f"{http.MAX_REPLY_BYTES // MIB} MiB", f"{http.MAX_REDIRECTS} redirects", f"{answer.MAX_PAGES} pages",
    ),
    "artifact": (
        f"{archive.MOST_ARCHIVE_BYTES // MIB} MiB; {archive.MOST_TEXT_BYTES // MIB} MiB unpacked",
        f"{archive.MOST_MEMBERS:,} members",
        f"{archive.MOST_FOOTPRINTS} footprints of {archive.MOST_FOOTPRINT_BYTES // MIB} MiB",
    ),
    "history in a file": (
        f"{history.MOST_BYTES // MIB} MiB", f"{shard.MOST_LINES:,} lines of {shard.BATCH_CHARACTERS // MIB} MiB",
        f"{shard.MOST_VALUES:,} values", f"{codec.MOST_NUMBER:g}".replace("+", ""),
    ),
    "history on a branch": (f"{branch.MOST_BYTES // MIB} MiB",),
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_a_limit_is_what_the_page_says(name: str) -> None:
    for words in SAID[name]:
        assert words in ROWS[name]


def test_every_row_is_checked() -> None:
    assert ROWS.keys() - {"input", ":--"} == SAID.keys()
