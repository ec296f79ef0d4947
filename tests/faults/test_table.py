"""The page on faults names tests that exist, and every scenario is on it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.faults.test_gpu import FAULTS

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "faults.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| :--", "| fault", "| defect"))
]
NAMED = re.compile(r"`([a-z_]+/test_\w+\.py)(?:::(\w+))?(?:\[([^\]]+)\])?`")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_fault_names_the_tests_that_show_it(row: list[str]) -> None:
    named = NAMED.findall(row[-1])

    assert named
    for file, function, case in named:
        text = (TESTS / file).read_text()
        assert not function or f"\ndef {function}(" in text, f"{file}::{function}"
        assert not case or f'"{case}"' in text, f"{file}[{case}]"


def test_every_scenario_of_the_gpus_is_on_the_page() -> None:
    on_page = {case for file, _, case in NAMED.findall(PAGE) if file == "faults/test_gpu.py"}

    assert set(FAULTS) == on_page - {""}


def test_there_are_more_than_forty() -> None:
    assert len(ROWS) > 40
