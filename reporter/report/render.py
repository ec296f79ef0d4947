"""A view -> text, by templates: the only importer of jinja2, and only when something is rendered.

Templates run in a sandbox, an undefined name is an error, and every value is escaped for its face
unless we made it ourselves from numbers.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reporter.errors import RenderError
from reporter.report import escape
from reporter.report.console import Page
from reporter.report.length import minimal, shortened
from reporter.report.page import ReportView
from reporter.report.prose import Line, Span, Style, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping
    from types import TracebackType

    from jinja2 import BaseLoader, Environment, Template

UserTemplate = tuple[str, str]
"""A template of the user's: its name for messages, its source."""
_BLANK_LINES = re.compile(r"\n{3,}")


class Face(str, Enum):
    """What a report is rendered for; `SUMMARY` is also `report.md`."""

    COMMENT = "comment.md.j2"
    SUMMARY = "summary.md.j2"
    HTML = "report.html.j2"
    TEXT = "console.txt.j2"


def render(view: ReportView, face: Face, *, width: int = 100, colour: bool = False) -> str:
    """The whole report for one face; width (columns) and colour are for the terminal."""
    kind = {Face.HTML: "html", Face.TEXT: "text"}.get(face, "markdown")
    return _fill(_environment(kind), face.value, view, page=Page(width=width, colour=colour))


def render_comment(view: ReportView, user_template: UserTemplate | None = None) -> tuple[str, str | None]:
    """The comment, by the user's template if there is one; if that is wrong, by ours and with a notice saying why."""
    if user_template is None:
        return render(view, Face.COMMENT), None
    try:
        return _render_user(view, user_template), None
    except RenderError as error:
        return render(view, Face.COMMENT), f"{error.message}. The built-in template is used."


def comment_bodies(view: ReportView, user_template: UserTemplate | None = None) -> Iterator[str]:
    """The comment, whole at first, then ever shorter; the last one is a sentence and a link."""
    broken = False
    for shorter in shortened(view):
        if user_template is not None and not broken:
            body, notice = render_comment(shorter, user_template)
            broken = notice is not None
            yield body
        else:
            yield render(shorter, Face.COMMENT)
    yield render(minimal(view), Face.COMMENT)


def summary_bodies(view: ReportView) -> Iterator[str]:
    """The job summary, whole at first, then ever shorter."""
    for shorter in shortened(view):
        yield render(shorter, Face.SUMMARY)
    yield render(minimal(view), Face.COMMENT)


def preload() -> None:
    """Load what rendering a report takes, so that it is there when the command ends."""
    for kind, face in (("text", Face.TEXT), ("markdown", Face.SUMMARY), ("html", Face.HTML)):
        _environment(kind).get_template(face.value)


def template_root() -> Path:
    """The folder of the built-in templates: in an installed package inside it, in a checkout beside it."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / Face.COMMENT.value).is_file():
            return folder
    message = "The report templates are missing, so no report can be rendered"
    raise RenderError(message, hint="Install the package again.")


def markdown(value: object) -> str:
    """Any value of the view as Markdown text."""
    if isinstance(value, Line):
        return "".join(_markdown_span(span) for span in value.spans)
    return escape.markdown(str(value))


def _markdown_span(span: Span) -> str:
    words = escape.markdown(span.text)
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


def compiled_source(name: str) -> str:
    """The Python module that jinja2 makes of a built-in template, with what it was made from; see `compiled`."""
    import jinja2

    kind = "markdown" if name.endswith(".md.j2") else "html" if name.endswith(".html.j2") else "text"
    source = (template_root() / name).read_text(encoding="utf-8")
    generated = _environment(kind).compile(source, name, name, raw=True, defer_init=True)
    made_from = f'JINJA2 = "{jinja2.__version__}"\nSHA256 = "{_sha256(source)}"'
    return f"# Generated from templates/{name} by `python -m reporter.report.compiled`.\n# ruff: noqa\n# mypy: ignore-errors\n{made_from}\n{generated}\n"


def compiled_name(template: str) -> str:
    """The module in `compiled` that a built-in template becomes."""
    return template.partition(".")[0].lstrip("_")


def _sha256(source: str) -> str:
    from hashlib import sha256

    return sha256(source.encode()).hexdigest()


def _loader() -> BaseLoader:
    """The built-in templates, as compiled ahead where that is of this very source and this very jinja2."""
    import jinja2

    class Shipped(jinja2.FileSystemLoader):
        def load(
            self, environment: Environment, name: str, globals: MutableMapping[str, Any] | None = None  # noqa: A002
        ) -> Template:
            source, path, _ = self.get_source(environment, name)
            try:
                module = import_module(f"reporter.report.compiled.{compiled_name(name)}")
            except ImportError:
                return super().load(environment, name, globals)
            if module.JINJA2 != jinja2.__version__ or module.SHA256 != _sha256(source):
                return super().load(environment, name, globals)
            module.__file__ = path
            return environment.template_class.from_module_dict(environment, vars(module), globals or {})

    return Shipped(template_root())


@cache
def _environment(kind: str) -> Environment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment
    from markupsafe import Markup

    def finalize(value: object) -> object:
        if hasattr(value, "__html__"):
            return value
        if kind == "text":
            return str(value)
        if kind == "html":
            return Markup("".join(map(_html_span, value.spans))) if isinstance(value, Line) else value  # noqa: S704
        return Markup(markdown(value))  # noqa: S704

    environment = ImmutableSandboxedEnvironment(
        loader=_loader(),
        undefined=StrictUndefined,
        autoescape=kind != "text",
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    if kind == "markdown":
        for name in ("e", "escape", "forceescape", "md"):
            environment.filters[name] = lambda value: value if isinstance(value, Markup) else Markup(markdown(value))  # noqa: S704
    return environment


def _render_user(view: ReportView, user_template: UserTemplate) -> str:
    from jinja2 import Template, TemplateError

    name, source = user_template
    environment = _environment("markdown")
    try:
        code = environment.compile(source, name, name)
        template = Template.from_code(environment, code, environment.make_globals(None))
    except TemplateError as error:
        raise _wrong(error, name) from error
    return _run(template, name, view, page=None)


def _fill(environment: Environment, name: str, view: ReportView, *, page: Page | None) -> str:
    from jinja2 import TemplateError

    try:
        template = environment.get_template(name)
    except TemplateError as error:
        raise _wrong(error, name) from error
    return _run(template, name, view, page=page)


def _run(template: Template, name: str, view: ReportView, *, page: Page | None) -> str:
    try:
        text = template.render(report=view) if page is None else template.render(report=view, page=page)
    except Exception as error:  # a template can raise anything that an expression can
        raise _wrong(error, name) from error
    return _BLANK_LINES.sub("\n\n", text).strip() + "\n"


def _wrong(error: Exception, name: str) -> RenderError:
    """What is wrong, in which template, on which line; jinja2 maps the lines of a traceback to the template's."""
    frames = [(step.tb_frame.f_code.co_filename, step.tb_lineno) for step in _steps(error.__traceback__)]
    places = [place for place in frames if place[0] == name] or [place for place in frames if place[0].endswith(".j2")]
    line_number = getattr(error, "lineno", None)
    if line_number is None and places:
        line_number = places[-1][1]
    where = "" if line_number is None else f", line {line_number}"
    message = f"Template `{name}`{where}: {sentence(str(error)) or type(error).__name__}"
    return RenderError(message, hint="`reporter/report/page.py` lists the fields of `report`.")


def _steps(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next
