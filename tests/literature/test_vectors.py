"""No published row without a test, no system without its row in docs/compared.md, no command there that fails."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest

from tests.cli.command import Emissions
from tests.literature.published import VECTORS

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
COMPARED = (ROOT / "docs/compared.md").read_text(encoding="utf-8")
ESTIMATES = re.findall(
    r"^emissions estimate ([^#\n]+)|`emissions estimate ([^`]+)`",
    COMPARED + (ROOT / "docs/accounting.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)
SYSTEMS = (
    "experiment-impact-tracker", "ML CO2 Impact", "Green Algorithms", "CodeCarbon", "carbontracker", "Strubell",
    "Patterson", "Dodge", "BLOOM", "SCI",
)  # fmt: skip


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_is_used_by_a_test(name: str) -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))

    assert f'"{name}"' in tests


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_has_its_row(system: str) -> None:
    assert re.search(rf"^\| (\[)?{re.escape(system)}", COMPARED, re.MULTILINE)


@pytest.mark.parametrize("named", sorted(set(re.findall(r"tests/[\w/]+\.py::\w+", COMPARED))))
def test_a_test_that_the_table_names_exists(named: str) -> None:
    path, _, name = named.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))

    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_row_of_the_tables_names_a_test() -> None:
    rows = [
        line
        for line in COMPARED.splitlines()
        if line.startswith("| ") and not line.startswith(("| :", "| system", "| paper"))
    ]

    assert len(rows) >= len(SYSTEMS)
    assert not [row for row in rows if not re.search(r"tests/[\w/]+\.py::\w+", row)]


@pytest.mark.parametrize("words", sorted({(plain or quoted).strip() for plain, quoted in ESTIMATES}))
def test_an_estimate_that_the_pages_show_can_be_typed(emissions: Emissions, words: str) -> None:
    ran = emissions.quick("estimate", *shlex.split(words), "--json")

    assert ran.status == 0, ran.err
    assert ran.json["emissions"]["gco2e"] > 0
