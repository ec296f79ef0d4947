"""The page on faults names tests that exist, and every scenario is on it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.faults.test_gpu import FAULTS
from tests.faults.test_world import FAULTS as ANSWERS

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "faults.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| :--", "| fault", "| defect"))
]
NAMED = re.compile(r"`([a-z_]+/test_\w+\.py)(?:::(\w+))?(?:\[([^\]]+)\])?`")


def cases_of(file: str) -> set[str]:
    return {case for named, _, case in NAMED.findall(PAGE) if named == file} - {""}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_fault_names_the_tests_that_show_it(row: list[str]) -> None:
    named = NAMED.findall(row[-1])

    assert named
    for file, function, case in named:
        text = (TESTS / file).read_text()
        assert not function or f"\ndef {function}(" in text, f"{file}::{function}"
        assert not case or f'"{case}"' in text, f"{file}[{case}]"


def test_every_scenario_of_the_gpus_is_on_the_page() -> None:
    assert set(FAULTS) == cases_of("faults/test_gpu.py")


def test_every_answer_of_a_forge_is_on_the_page() -> None:
    assert set(ANSWERS) == cases_of("faults/test_world.py")


def test_there_are_more_than_a_hundred() -> None:
    assert len(ROWS) > 100
