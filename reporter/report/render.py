"""A view -> text, by the built-in templates as compiled ahead; import this only when something is to be rendered.

An undefined name is an error, and every value is escaped for its face unless we made it ourselves from numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from reporter.errors import RenderError
from reporter.report import escape
from reporter.report.console import Page
from reporter.report.length import minimal, shortened
from reporter.report.page import ReportView
from reporter.report.prose import Line, Span, Style
from reporter.report.runtime import Environment, Template
from reporter.report.scripts import chart_data, scripts_of

if TYPE_CHECKING:
    from reporter.report.legs import LegsView

UserTemplate = tuple[str, str]
"""A template of the user's: its name for messages, its source."""
_LEGS = "legs.md.j2"


class Face(str, Enum):
    """What a report is rendered for; `SUMMARY` is also `report.md`."""

    COMMENT = "comment.md.j2"
    SUMMARY = "summary.md.j2"
    HTML = "report.html.j2"
    TEXT = "console.txt.j2"


def render(view: ReportView, face: Face, *, width: int = 100, colour: bool = False) -> str:
    """The whole report for one face; width (columns) and colour are for the terminal."""
    if face is Face.HTML:
        scripts = scripts_of(view, template_root())
        return scripts.inlined(_run(face.value, report=view, scripts=scripts))
    return _run(face.value, report=view, page=Page(width=width, colour=colour))


def render_comment(view: ReportView, user_template: UserTemplate | None = None) -> tuple[str, str | None]:
    """The comment, by the user's template if there is one; if that is wrong, by ours and with a notice saying why."""
    if user_template is None:
        return render(view, Face.COMMENT), None
    try:
        from reporter.report import confined  # noqa: PLC0415  (few reports have a template of their user's)

        return confined.rendered(view, *user_template), None
    except RenderError as error:
        return render(view, Face.COMMENT), f"{error.message}. The built-in template is used."


def comment_bodies(view: ReportView, user_template: UserTemplate | None = None) -> Iterator[str]:
    """The comment, whole at first, then ever shorter; the last, always by our template, is a sentence and a link."""
    for shorter in shortened(view):
        body, notice = render_comment(shorter, user_template)
        user_template = None if notice else user_template
        yield body
    yield render(minimal(view), Face.COMMENT)


def summary_bodies(view: ReportView) -> Iterator[str]:
    """The job summary, whole at first, then ever shorter."""
    for shorter in shortened(view):
        yield render(shorter, Face.SUMMARY)
    yield render(minimal(view), Face.COMMENT)


def render_legs(view: LegsView) -> str:
    """The comment that the legs of a matrix share."""
    return _run(_LEGS, report=view)


def preload() -> None:
    """Load every template, so that a later `render` waits for nothing."""
    for face in Face:
        _built_in(face.value)


@cache
def template_root() -> Path:
    """The folder of the built-in templates: in an installed package inside it, in a checkout beside it."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / Face.COMMENT.value).is_file():
            return folder
    message = "The report templates are missing, so no report can be rendered"
    raise RenderError(message, hint="Install the package again.")


def compiled_name(template: str) -> str:
    """The module in `compiled` that a built-in template becomes."""
    return template.partition(".")[0].lstrip("_")


def markdown(value: object) -> str:
    """Any value of the view as Markdown text."""
    if not isinstance(value, Line):
        return escape.markdown(str(value))
    words, before = "", ""
    for span in value.spans:
        words += escape.between(before, span.text) + _markdown_span(span)
        before = span.text
    return words


def tidied(text: str) -> str:
    """With no more than one empty line in a row, and one line end at the end."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def to_markdown(value: object) -> object:
    """A value as a template writes it into Markdown: escaped, unless it is markup already."""
    return value if hasattr(value, "__html__") else Markup(markdown(value))  # noqa: S704  (escaped) # nosec B704


def to_html(value: object) -> object:
    """A value as a template writes it into a page."""
    if isinstance(value, Line):
        return Markup("".join(map(_html_span, value.spans)))  # noqa: S704  (escaped) # nosec B704
    return Markup(escape.html(value)) if type(value) is str else value  # noqa: S704  (escaped) # nosec B704


FINALIZE: dict[str, Callable[[Any], object]] = {"md": to_markdown, "html": to_html, "txt": str}
"""What a template's kind, by its name, does to each value."""


def _markdown_span(span: Span) -> str:
    words = escape.markdown(span.text, linked=span.href is not None or span.style is Style.CODE)
    if span.href is not None:
        return f"[{words}]({span.href})"
    match span.style:
        case Style.CODE:
            return f"<code>{words}</code>"
        case Style.STRONG:
            return f"**{words}**"
        case _:
            return words


def _html_span(span: Span) -> str:
    words = escape.html(span.text)
    if span.href is not None:
        return f'<a href="{escape.html(span.href)}">{words}</a>'
    tag = {Style.CODE: "code", Style.STRONG: "strong"}.get(span.style)
    return f"<{tag}>{words}</{tag}>" if tag else words


@cache
def _built_in(name: str) -> Template:
    module = import_module(f"reporter.report.compiled.{compiled_name(name)}")
    return Template(module, _environment(name.split(".")[-2]))


@cache
def _environment(kind: str) -> Environment:
    filters = {"length": len, "chart_data": chart_data}
    return Environment(_built_in, FINALIZE[kind], filters, autoescape=kind != "txt")


def _run(name: str, **values: object) -> str:
    try:
        return tidied(_built_in(name).render(values))
    except Exception as error:
        raise RenderError(f"Template `{name}`: {type(error).__name__}: {error}") from error
