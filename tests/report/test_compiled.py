"""The templates compiled ahead are those of the templates folder, and nothing else is ever loaded in their place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import jinja2
import pytest

import reporter.report.compiled
from reporter.report.render import compiled_name, compiled_source, template_root

COMPILED = Path(reporter.report.compiled.__file__).parent
TEMPLATES = sorted(path.name for path in template_root().glob("*.j2"))


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_compiled_template_is_of_its_source(template: str) -> None:
    written = (COMPILED / f"{compiled_name(template)}.py").read_text(encoding="utf-8")
    if f'JINJA2 = "{jinja2.__version__}"' not in written:
        pytest.skip(f"compiled for another jinja2 than {jinja2.__version__}: not used, compiled when needed")

    assert compiled_source(template) == written, "run: python -m reporter.report.compile"


def test_there_is_one_for_each_template() -> None:
    modules = {path.stem for path in COMPILED.glob("*.py")} - {"__init__"}

    assert modules == set(map(compiled_name, TEMPLATES))


def test_of_another_jinja2_none_is_used_and_the_report_is_the_same(tmp_path: Path) -> None:
    script = tmp_path / "other.py"
    script.write_text(
        "import sys, jinja2\n"
        "jinja2.__version__ = sys.argv[1] or jinja2.__version__\n"
        "from reporter.report.render import Face, render\n"
        "from reporter.report.view import ReportContext, report_view\n"
        "view = report_view([], ReportContext())\n"
        "print(*(render(view, face) for face in Face))\n"
        "print('reporter.report.compiled.comment' in sys.modules, file=sys.stderr)\n"
    )

    def run(version: str) -> str:
        done = subprocess.run(
            [sys.executable, str(script), version], capture_output=True, encoding="utf-8", check=True, timeout=60,
            cwd=template_root().parent, env={"PYTHONPATH": str(Path(reporter.__file__).parent.parent)},
        )  # fmt: skip
        return done.stdout

    assert run("0.0.0") == run("")
