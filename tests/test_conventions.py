"""House rules that a machine can check: units in names, sizes, no local paths, no forgotten documents."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "reporter"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent.name != "compiled")
DOMAIN = sorted((PACKAGE / "domain").glob("*.py"))
SUFFIXES = (
    "_j", "_w", "_s", "_gco2e", "_gco2e_per_kwh", "_ratio", "_uj", "_mw", "_mj", "_ns", "_kwh", "_gb", "_g", "_per_lb",
    "_per_kwh", "_l", "_per_unit", "_cm2",
)  # fmt: skip
COUNTS = {
    "year", "run_id", "run_attempt", "pull_request", "exit_status", "cpu_count", "host_cpu_count", "cpus", "count",
    "limit",
    "gco2e", "amount", "observed", "low", "high", "value", "ratio", "repeats", "runs", "before", "after",
    "retries", "failed", "unknown", "daily", "min_runs", "noise",
}  # fmt: skip
"""Numbers without a unit of their own: counts, years, and values whose class names the unit."""
LONGEST_MODULE = 300
LONGEST_FUNCTION = 60


def numeric_fields() -> list[tuple[str, str]]:
    found = []
    for path in DOMAIN:
        module = importlib.import_module(f"reporter.domain.{path.stem}")
        for name, item in inspect.getmembers(module, dataclasses.is_dataclass):
            if isinstance(item, type) and item.__module__ == module.__name__:
                found += [
                    (f"{path.stem}.{name}.{field.name}", field.name)
                    for field in dataclasses.fields(item)
                    if re.fullmatch(r"(int|float)( \| None)?", str(field.type))
                ]
    return found


@pytest.mark.parametrize(("where", "name"), numeric_fields())
def test_a_number_in_the_domain_says_its_unit(where: str, name: str) -> None:
    assert name in COUNTS or name.endswith(SUFFIXES), where


@pytest.mark.parametrize("path", DOMAIN, ids=lambda path: path.stem)
def test_values_of_the_domain_are_frozen_slotted_and_hold_no_lists(path: Path) -> None:
    module = importlib.import_module(f"reporter.domain.{path.stem}")
    for _, item in inspect.getmembers(module, dataclasses.is_dataclass):
        if not isinstance(item, type) or item.__module__ != module.__name__:
            continue
        assert item.__dataclass_params__.frozen, item  # type: ignore[attr-defined]
        assert hasattr(item, "__slots__"), item
        assert not any("list" in str(field.type) for field in dataclasses.fields(item)), item
        operators = ("__add__", "__sub__", "__mul__", "__truediv__", "__float__")
        assert not any(operator in vars(item) for operator in operators), f"{item} does arithmetic"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_rooms_stay_small_and_say_what_they_are_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)

    assert text.count("\n") <= LONGEST_MODULE
    assert ast.get_docstring(tree), "a module says what it is responsible for"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, node.name


def test_no_module_is_a_drawer() -> None:
    assert not [path for path in MODULES if re.search(r"utils?|helpers?|common|manager|handler", path.stem)]


def test_no_tracked_file_names_a_path_of_some_machine() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    foreign = re.compile(rb"/(?:work|root|home/[a-z]+)/(?!\$)[\w.-]+/")
    named = [
        name
        for name in tracked.stdout.split("\0")
        if name
        and (ROOT / name).is_file()
        and not name.startswith("tests/data/events/")
        and name != "tests/test_conventions.py"
        and foreign.search((ROOT / name).read_bytes())
    ]

    assert named == []
