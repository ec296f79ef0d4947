"""A view -> text, by templates: the only importer of jinja2, so import this only when something is to be rendered.

Templates run in a sandbox, an undefined name is an error, and every value is escaped for its face
unless we made it ourselves from numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from enum import Enum
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from markupsafe import Markup

from reporter.errors import RenderError
from reporter.report import escape
from reporter.report.console import Page
from reporter.report.length import minimal, shortened
from reporter.report.page import ReportView
from reporter.report.prose import Line, Span, Style, Verbatim, sentence
from reporter.report.scripts import chart_data, scripts_of
from reporter.report.soundness import fault

if TYPE_CHECKING:
    from reporter.report.legs import LegsView

UserTemplate = tuple[str, str]
"""A template of the user's: its name for messages, its source."""
_LEGS = "legs.md.j2"
_FIELDS_HINT = "docs/templates.md lists the fields of `report`."


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
        return scripts.inlined(_run(_built_in(face.value), face.value, report=view, scripts=scripts))
    return _run(_built_in(face.value), face.value, report=view, page=Page(width=width, colour=colour))


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


def render_user(view: ReportView, name: str, source: str) -> str:
    """The comment by a user's template, here and now: what `confined` calls. Raises RenderError.

    All text is escaped before the template sees it, so that no filter and no joining lets a name through.
    """
    environment = _environment("markdown")
    try:
        code = environment.compile(source, name, name)
        template = jinja2.Template.from_code(environment, code, environment.make_globals(None))
    except (jinja2.TemplateError, RecursionError) as error:
        raise _wrong(error, name) from error
    body = _run(template, name, report=_escaped(view))
    broken = fault(body)
    if broken is not None:
        raise RenderError(f"Template `{name}`: {broken}", hint=_FIELDS_HINT)
    return body


def summary_bodies(view: ReportView) -> Iterator[str]:
    """The job summary, whole at first, then ever shorter."""
    for shorter in shortened(view):
        yield render(shorter, Face.SUMMARY)
    yield render(minimal(view), Face.COMMENT)


def render_legs(view: LegsView) -> str:
    """The comment that the legs of a matrix share."""
    return _run(_built_in(_LEGS), _LEGS, report=view)


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


def compiled_source(template: str) -> str:
    """The Python module that jinja2 makes of a built-in template, with what it was made from."""
    source = (template_root() / template).read_text(encoding="utf-8")
    generated = _environment(_kind(template)).compile(source, template, template, raw=True, defer_init=True)
    note = f'"""Generated from templates/{template} by `python -m reporter.report.compile`."""\n# mypy: ignore-errors'
    return f'{note}\nJINJA2 = "{jinja2.__version__}"\nSHA256 = "{_digest(source)}"\n{generated}\n'


def markdown(value: object) -> str:
    """Any value of the view as Markdown text."""
    if not isinstance(value, Line):
        return escape.markdown(str(value))
    words, before = "", ""
    for span in value.spans:
        words += escape.between(before, span.text) + _markdown_span(span)
        before = span.text
    return words


class _Shipped(jinja2.FileSystemLoader):
    """The built-in templates, as compiled ahead where that is of this very source and this very jinja2."""

    def load(
        self,
        environment: jinja2.Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002
    ) -> jinja2.Template:
        source, path, _ = self.get_source(environment, name)
        try:
            module = import_module(f"reporter.report.compiled.{compiled_name(name)}")
        except ImportError:
            return super().load(environment, name, globals)
        if (jinja2.__version__, _digest(source)) != (module.JINJA2, module.SHA256):
            return super().load(environment, name, globals)
        module.__file__ = path
        return environment.template_class.from_module_dict(environment, vars(module), globals or {})


@cache
def _environment(kind: str) -> jinja2.Environment:
    finalize = {"markdown": _to_markdown, "html": _to_html, "text": str}[kind]
    environment = ImmutableSandboxedEnvironment(
        loader=_Shipped(template_root()),
        undefined=_Unknown,
        autoescape=kind != "text",
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    if kind == "html":
        environment.filters["chart_data"] = chart_data
    if kind == "markdown":
        environment.filters.update(dict.fromkeys(("e", "escape", "forceescape"), _to_markdown))
        for name in ("tojson", "urlize", "xmlattr"):  # they make markup of their own, and not of ours
            del environment.filters[name]
    return environment


def _kind(template: str) -> str:
    return {"md": "markdown", "html": "html", "txt": "text"}[template.split(".")[-2]]


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


def _to_markdown(value: object) -> object:
    return value if hasattr(value, "__html__") else Markup(markdown(value))  # noqa: S704  (escaped) # nosec B704


def _to_html(value: object) -> object:
    if isinstance(value, Line):
        return Markup("".join(map(_html_span, value.spans)))  # noqa: S704  (escaped) # nosec B704
    return Markup(escape.html(value)) if type(value) is str else value  # noqa: S704  (escaped) # nosec B704


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


def _digest(source: str) -> str:
    return sha256(source.encode()).hexdigest()


def _built_in(name: str) -> jinja2.Template:
    try:
        return _environment(_kind(name)).get_template(name)
    except jinja2.TemplateError as error:
        raise _wrong(error, name) from error


def _run(template: jinja2.Template, name: str, **values: object) -> str:
    try:
        text = template.render(values)
    except Exception as error:  # whatever an expression of the user's can raise
        raise _wrong(error, name) from error
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _wrong(error: Exception, name: str) -> RenderError:
    """What is wrong, in which template, on which line: jinja2 maps the lines of a traceback to the template's."""
    places = [(step.tb_frame.f_code.co_filename, step.tb_lineno) for step in _steps(error.__traceback__)]
    own = [number for file, number in places if file == name]
    number = getattr(error, "lineno", None) or (own[-1] if own else None)
    where = "" if number is None else f", line {number}"
    what = sentence(str(error)).rstrip(".") or type(error).__name__
    if isinstance(error, jinja2.TemplateNotFound):
        what = f"there is no built-in template `{error.name}`"
    if isinstance(error, MemoryError):
        what = "needs too much memory"
    return RenderError(f"Template `{name}`{where}: {what}", hint=_FIELDS_HINT)


def _steps(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next
