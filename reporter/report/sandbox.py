"""A user's template -> text, in jinja2's sandbox; also what makes Python of the built-in templates.

The only importer of jinja2, which takes longer to import than a report to make: `run` gets by without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from types import TracebackType
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from markupsafe import Markup

from reporter.errors import RenderError
from reporter.report.page import ReportView
from reporter.report.prose import Line, Verbatim, sentence
from reporter.report.render import FINALIZE, markdown, template_root, tidied, to_markdown
from reporter.report.scripts import chart_data
from reporter.report.soundness import fault

MOST_SAID = 600
"""Characters of what is wrong: a template may name whatever it likes."""
_FIELDS_HINT = "docs/templates.md lists the fields of `report`."
_RUNTIME = "LoopContext, Macro, Markup, Undefined, escape, markup_join, missing, str_join"


def render_user(view: ReportView, name: str, source: str) -> str:
    """The comment by a user's template, here and now: what `confined` calls. Raises RenderError.

    All text is escaped before the template sees it, so that no filter and no joining lets a name through.
    """
    ours = environment("md")
    try:
        code = ours.compile(source, name, name)
        template = jinja2.Template.from_code(ours, code, ours.make_globals(None))
    except (jinja2.TemplateError, RecursionError) as error:
        raise _wrong(error, name) from error
    except SyntaxError as error:  # Python's own limits, in the code that jinja2 has made of it
        raise RenderError(f"Template `{name}`: nested too deeply ({error.msg})", hint=_FIELDS_HINT) from error
    try:
        body = tidied(template.render(report=_escaped(view)))
    except Exception as error:  # whatever an expression of the user's can raise
        raise _wrong(error, name) from error
    broken = fault(body)
    if broken is not None:
        raise RenderError(f"Template `{name}`: {broken}", hint=_FIELDS_HINT)
    return body


def compiled_source(template: str) -> str:
    """The Python module that jinja2 makes of a built-in template, to run on `reporter.report.runtime`."""
    source = (template_root() / template).read_text(encoding="utf-8")
    generated = environment(template.split(".")[-2]).compile(source, template, template, raw=True, defer_init=True)
    _, body = generated.split("\n", 1)
    note = (
        f"Generated from templates/{template} with jinja2 {jinja2.__version__} by `python -m reporter.report.compile`."
    )
    return f'"""{note}"""\n# mypy: ignore-errors\nfrom reporter.report.runtime import {_RUNTIME}\n{body}\n'


@cache
def environment(kind: str) -> jinja2.Environment:
    """What templates of a kind (`md`, `html`, `txt`) are read and run by."""
    found = ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader(template_root()),
        undefined=_Unknown,
        autoescape=kind != "txt",
        finalize=FINALIZE[kind],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    if kind == "html":
        found.filters["chart_data"] = chart_data
    if kind == "md":
        found.filters.update(dict.fromkeys(("e", "escape", "forceescape"), to_markdown))
        for name in ("tojson", "urlize", "xmlattr"):  # they make markup of their own, and not of ours
            del found.filters[name]
    return found


class _Unknown(jinja2.StrictUndefined):
    """A name that is not there, told in the words of docs/templates.md."""

    @property
    def _undefined_message(self) -> str:
        name, owner = self._undefined_name, self._undefined_obj
        if self._undefined_hint:
            return self._undefined_hint
        if owner is missing:
            return f"`{name}` is not defined{_nearest(str(name), ('report', 'loop'))}"
        fields = getattr(type(owner), "_fields", ())
        plain = "a list" if isinstance(owner, tuple) else "a text" if isinstance(owner, str) else ""
        kind = plain if plain and not fields else f"`{type(owner).__name__}`"
        what = f"has no element {name}" if isinstance(name, int) else f"has no field `{name}`"
        return f"{kind} {what}{_nearest(str(name), fields)}"


def _nearest(name: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - slow, and only mistakes need it

    close = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; the nearest is `{close[0]}`" if close else ""


def _escaped(value: Any) -> Any:  # noqa: ANN401 - any part of the view
    """A part of the view as Markdown."""
    if isinstance(value, (Line, str)):
        return value if isinstance(value, Verbatim) else Markup(markdown(value))  # noqa: S704  (escaped) # nosec B704
    if isinstance(value, tuple):
        parts = [_escaped(part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value


def _wrong(error: Exception, name: str) -> RenderError:
    """What is wrong, in which template, on which line: jinja2 maps the lines of a traceback to the template's."""
    places = [(step.tb_frame.f_code.co_filename, step.tb_lineno) for step in _steps(error.__traceback__)]
    own = [number for file, number in places if file == name]
    number = getattr(error, "lineno", None) or (own[-1] if own else None)
    where = "" if number is None else f", line {number}"
    what = sentence(str(error)).rstrip(".") or type(error).__name__
    if isinstance(error, jinja2.TemplateNotFound):
        what = f"there is no built-in template `{sentence(str(error.name))}`"
    if isinstance(error, MemoryError):
        what = "needs too much memory"
    what = what if len(what) <= MOST_SAID else f"{what[: MOST_SAID - 1]}…"
    return RenderError(f"Template `{name}`{where}: {what}", hint=_FIELDS_HINT)


def _steps(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next
