"""The page on threats names a test for each line that is defended, and every one of them exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/threat-model.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.partition("\n## Defended\n")[2].partition("\n## ")[0].splitlines()
    if line.startswith("| ") and not line.startswith(("| :--", "| threat"))
]
NAMED = re.compile(r"`((?:\w+/)?test_\w+\.py)::(\w+)`")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_threat_names_the_tests_that_show_it_is_kept_off(row: list[str]) -> None:
    named = NAMED.findall(row[-1])

    assert len(row) == 3
    assert named
    assert NAMED.sub("", row[-1]).strip() == ""
    for file, function in named:
        assert f"\ndef {function}(" in (ROOT / "tests" / file).read_text(), f"{file}::{function}"


def test_the_page_is_whole() -> None:
    parts = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)

    assert parts == ["Assets", "Attackers", "Boundaries", "Defended", "Not defended"]
    assert len(ROWS) > 20


def test_whoever_finds_a_gap_knows_where_to_tell_it() -> None:
    text = (ROOT / "SECURITY.md").read_text()

    assert {"## Reporting", "## Supported versions"} <= set(text.splitlines())
    assert "](docs/threat-model.md)" in text
    assert "](../SECURITY.md)" in PAGE
