"""docs/templates.md: its table is that of the view, and its examples do what it says."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from reporter.report.page import ReportView
from reporter.report.render import render_comment, template_root
from reporter.report.view import report_view
from tests.report.conftest import Samples

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- example: (\w+) -->\n\n```jinja\n(.*?)```", PAGE, re.DOTALL))


def comment(example: str, situation: str) -> str:
    view = report_view(*getattr(Samples(), situation)())

    body, notice = render_comment(view, ("example.md.j2", EXAMPLES[example]))

    assert notice is None
    return body


def test_the_table_of_fields_is_that_of_the_view() -> None:
    tables: dict[str, Any] = runpy.run_path(str(ROOT / "docs" / "tables.py"))

    assert tables["renewed_templates"](PAGE) == PAGE, "run `python docs/tables.py --write`"
    for field in ReportView._fields:
        assert f"| `{field}` |" in PAGE


def test_every_type_that_is_linked_has_its_table() -> None:
    headings = {heading.lower() for heading in re.findall(r"(?m)^### `(\w+)`$", PAGE)}

    assert set(re.findall(r"\]\(#(\w+)\)", PAGE)) <= headings


@pytest.mark.parametrize("situation", ["within_budget", "over_budget", "three_jobs_one_failed"])
def test_the_first_example_is_ours_with_a_line_more(situation: str) -> None:
    body = comment("footer", situation)

    assert body.endswith("· questions: the platform team</sub>\n")
    assert "| Job | Energy |" in body
    assert "How sure, how computed" in body


def test_the_second_example_names_what_is_over_and_folds_the_rest() -> None:
    over, within = comment("short", "over_budget"), comment("short", "within_budget")

    assert over.startswith("### ❌ 6 % over the carbon budget" if "\u202f" not in over.splitlines()[0] else "### ❌ 6")
    assert "- **finetune (8×H100)**: 2.60\u202fkWh, 637\u202fg, 106\u202f% of its budget" in over
    assert "To go green" in over
    assert "Every job is within" not in over
    assert "<details><summary>Every job is within its budget</summary>" in within
    assert "| finetune (8×H100) | 1.83\u202fkWh |" in within


def test_blocks_and_macros_are_the_templates() -> None:
    text = {name: (template_root() / name).read_text(encoding="utf-8") for name in ("comment.md.j2", "_macros.md.j2")}
    named = PAGE.partition("Blocks of `comment.md.j2`:")[2].partition("\n")[0]
    macros = PAGE.partition("Macros of `_macros.md.j2`:")[2].partition("\n")[0]

    assert set(re.findall(r"`(\w+)`", named)) == set(re.findall(r"{% block (\w+)", text["comment.md.j2"]))
    for call in re.findall(r"`(\w+)\(([^)]*)\)`", macros):
        assert re.search(rf"macro {call[0]}\(", text["_macros.md.j2"])
