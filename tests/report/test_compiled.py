"""The templates compiled ahead are those of the templates folder, and say without jinja2 what they say with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest

import reporter.report.compiled
from reporter.report.compile import digests_source
from reporter.report.console import Page
from reporter.report.render import Face, compiled_name, render, template_root, tidied
from reporter.report.runtime import Macro, Undefined
from reporter.report.sandbox import compiled_source, environment
from reporter.report.scripts import scripts_of
from reporter.report.view import report_view

COMPILED = Path(reporter.report.compiled.__file__).parent
TEMPLATES = sorted(path.name for path in template_root().glob("*.j2"))


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_compiled_template_is_of_its_source(template: str) -> None:
    written = (COMPILED / f"{compiled_name(template)}.py").read_text(encoding="utf-8")
    if f"jinja2 {jinja2.__version__} " not in written:
        pytest.skip(f"compiled with another jinja2 than {jinja2.__version__}")

    assert compiled_source(template) == written, "run: python -m reporter.report.compile"


def test_there_is_one_for_each_template() -> None:
    modules = {path.stem for path in COMPILED.glob("*.py")} - {"__init__", "digests"}

    assert modules == set(map(compiled_name, TEMPLATES))


def test_the_digests_are_those_of_the_scripts() -> None:
    assert digests_source() == (COMPILED / "digests.py").read_text("utf-8"), "run: python -m reporter.report.compile"


@pytest.mark.parametrize("face", Face, ids=lambda face: face.name.lower())
@pytest.mark.parametrize("situation", ["figures_beside", "more_than_its_base_allows", "three_jobs_one_failed"])
def test_jinja2_makes_the_same_of_the_sources(samples: Any, situation: str, face: Face) -> None:
    view = report_view(*getattr(samples, situation)())
    scripts = scripts_of(view, template_root())
    template = environment(face.value.split(".")[-2]).get_template(face.value)

    text = tidied(template.render(report=view, scripts=scripts, page=Page(width=100, colour=False)))

    assert render(view, face) == (scripts.inlined(text) if face is Face.HTML else text)


def test_what_is_missing_is_an_error() -> None:
    greet = Macro(None, lambda name: f"Hello {name}", "greet", ("name",), False, False, False, True)

    assert (greet("A"), greet(name="B")) == ("Hello A", "Hello B")
    with pytest.raises(NameError, match="`nmae` is not defined"):
        Undefined(name="nmae")
    with pytest.raises(TypeError):
        greet("A", nmae="B")
    with pytest.raises(TypeError):
        greet("A", "B")
