"""The README's tables that follow from the code: `--write` renews them, a test holds them equal."""

# ruff: noqa: INP001  (a script beside the pages)

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from reporter.commands.options import VERBS  # noqa: E402

README = ROOT / "README.md"
PERFORMANCE = ROOT / "docs" / "performance.md"
COSTS = (
    "emissions run -- true",
    "starts the command",
    "peak memory",
    "as scheduled",
    "the action around",
    "processor time",
)
"""What of the figures the README repeats."""


def renewed(readme: str) -> str:
    """The README with its generated tables as they should be."""
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    tables = {
        "inputs": inputs(action["inputs"]),
        "outputs": outputs(action["outputs"]),
        "verbs": verbs(),
        "costs": costs(PERFORMANCE.read_text(encoding="utf-8")),
    }
    for name, table in tables.items():
        between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        readme = between.sub(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", readme)  # type: ignore[misc]
    return readme


def inputs(declared: dict[str, dict[str, Any]]) -> str:
    """The action's inputs, as action.yml describes them."""
    rows = [f"| `{name}` | {_default(row)} | {_cell(row['description'])} |" for name, row in declared.items()]
    return "\n".join(("| input | default | meaning |", "| :-- | :-- | :-- |", *rows))


def outputs(declared: dict[str, dict[str, Any]]) -> str:
    """The action's outputs."""
    rows = [f"| `{name}` | {_cell(row['description'])} |" for name, row in declared.items()]
    return "\n".join(("| output | |", "| :-- | :-- |", *rows))


def verbs() -> str:
    """The verbs of the command line."""
    rows = [f"| `emissions {verb}` | {_cell(text)} |" for verb, text in VERBS.items()]
    return "\n".join(("| verb | what it does |", "| :-- | :-- |", *rows))


def costs(page: str) -> str:
    """The rows of docs/performance.md that a user would ask for."""
    figures = page.partition("<!-- figures -->")[2]
    rows = [line for line in figures.splitlines() if line.startswith("| ")]
    chosen = [line for line in rows[2:] if any(words in line for words in COSTS)]
    return "\n".join((*rows[:2], *chosen))


def _default(row: dict[str, Any]) -> str:
    value = row.get("default")
    return f"`{value}`" if value not in (None, "") else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    if "--write" in sys.argv:
        README.write_text(renewed(text), encoding="utf-8")
    elif renewed(text) != text:
        sys.exit("README.md is out of date: run `python docs/tables.py --write`.")
