"""Tables of the README and of docs/templates.md that follow from the code: `--write` renews, a test compares."""

# ruff: noqa: INP001  (a script beside the pages)

from __future__ import annotations

import ast
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
TEMPLATES = ROOT / "docs" / "templates.md"
PAGE = ROOT / "reporter" / "report" / "page.py"
RAW = ("Timeline",)
"""What only the chart of the HTML report reads: numbers, and no interface."""
COSTS = (
    "emissions run -- true",
    "until `emissions run` starts",
    "peak memory of the meter",
    "as scheduled",
    "the action around",
    "usual rate, 8 GPUs",
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
    return _renewed(readme, tables)


def renewed_templates(page: str) -> str:
    """docs/templates.md with its table of fields as it should be."""
    return _renewed(page, {"fields": fields(PAGE.read_text(encoding="utf-8"))})


def _renewed(page: str, tables: dict[str, str]) -> str:
    for name, table in tables.items():
        between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        page = between.sub(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", page)  # type: ignore[misc]
    return page


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


def fields(source: str) -> str:
    """The view's types with their fields: ReportView first, then what it holds, in the order in which it does."""
    classes = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}
    shown, waiting = [], ["ReportView"]
    while waiting:
        name = waiting.pop(0)
        if name in shown or name in RAW:
            continue
        shown.append(name)
        kinds = [ast.unparse(node.annotation) for node in classes[name].body if isinstance(node, ast.AnnAssign)]
        waiting += [word for kind in kinds for word in re.findall(r"\w+", kind) if word in classes]
    return "\n\n".join(_fields_of(classes[name]) for name in shown)


def _fields_of(node: ast.ClassDef) -> str:
    rows = []
    for field, after in zip(node.body, [*node.body[1:], None], strict=True):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        kind = ast.unparse(field.annotation)
        if any(raw in kind for raw in RAW):
            continue
        said = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
        rows.append(f"| `{field.target.id}` | {_kind(kind)} | {_cell(str(said))} |")
    title = "report" if node.name == "ReportView" else node.name
    about = " ".join((ast.get_docstring(node) or "").split())
    return "\n".join((f"### `{title}`", "", about, "", "| field | | meaning |", "| :-- | :-- | :-- |", *rows))


def _kind(annotation: str) -> str:
    """A type in words."""
    kind, _, nothing = annotation.partition(" | ")
    listed = re.fullmatch(r"tuple\[(\w+), \.\.\.\]", kind)
    words = {"str": "text", "Line": "text", "Verbatim": "markup", "bool": "true or false", "int": "number"}
    inner = listed[1] if listed else kind
    one = words.get(inner, f"[`{inner}`](#{inner.lower()})")
    if listed:
        one = f"list of {one}s" if inner in words else f"list of {one}"
    return f"{one}, or none" if nothing else one


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
    for path, renew in ((README, renewed), (TEMPLATES, renewed_templates)):
        text = path.read_text(encoding="utf-8")
        if "--write" in sys.argv:
            path.write_text(renew(text), encoding="utf-8")
        elif renew(text) != text:
            sys.exit(f"{path.name} is out of date: run `python docs/tables.py --write`.")
