"""The report of what was assessed, in all its faces."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from reporter.commands.assessment import Assessed
from reporter.commands.settings import Settings
from reporter.report.page import Counterfactual, ReportView
from reporter.report.render import Face as Template
from reporter.report.render import UserTemplate, comment_bodies, render, render_comment, summary_bodies
from reporter.report.view import ReportContext, report_view

MOST_TEMPLATE_BYTES = 256 * 1024
NARROWEST, USUAL, WIDEST = 60, 100, 120
STDOUT = 1


class Face(NamedTuple):
    """One view with the user's template, ready to be rendered."""

    view: ReportView
    template: UserTemplate | None
    columns: int
    """Of the terminal."""

    @property
    def headline(self) -> str:
        """The verdict in one sentence, as plain text."""
        return f"{self.view.icon} {self.view.title}".strip()

    def comments(self) -> Iterator[str]:
        """Comment bodies, whole at first, then ever shorter."""
        return comment_bodies(self.view, self.template)

    def summaries(self) -> Iterator[str]:
        """Job summaries, whole at first, then ever shorter."""
        return summary_bodies(self.view)

    def markdown(self) -> str:
        """The whole report as Markdown: `report.md`."""
        return render(self.view, Template.SUMMARY)

    def html(self) -> str:
        """The whole report as one page: `report.html`."""
        return render(self.view, Template.HTML)

    def text(self, *, colour: bool) -> str:
        """The report for a terminal."""
        return render(self.view, Template.TEXT, width=max(NARROWEST, min(WIDEST, self.columns)), colour=colour)


def face_of(
    assessed: Assessed,
    settings: Settings,
    *,
    notices: tuple[str, ...] = (),
    what_if: tuple[Counterfactual, ...] = (),
) -> Face:
    """The report's face; a template of the user's that cannot be used becomes a notice in the report."""
    ci = settings.ci
    template, trouble = _template(settings.config.template)
    context = ReportContext(
        repository=ci.repository,
        server_url=ci.server_url,
        head_sha=ci.sha or assessed.footprints[0].job.sha,
        run_url=ci.run_url,
        generated_at=_generated_at(settings.environ),
        hosted=ci.hosted,
        config_hint=_config_hint(assessed),
        verdict=assessed.total.verdict,
        notices=(*notices, *trouble),
        what_if=what_if,
    )
    view = report_view(assessed.footprints, context)
    if template is not None:
        _, notice = render_comment(view, template)
        if notice is not None:
            return face_of(assessed, _without_template(settings), notices=(*notices, notice), what_if=what_if)
    return Face(view=view, template=template, columns=_columns(settings.environ))


def _columns(environ: Mapping[str, str]) -> int:
    """The width that COLUMNS gives, else that of the terminal (POSIX: environment variables)."""
    given = environ.get("COLUMNS", "")
    if given.isdecimal() and 0 < len(given) < 6:  # noqa: PLR2004
        return int(given)
    try:
        return os.get_terminal_size(STDOUT).columns or USUAL
    except OSError:
        return USUAL


def colour_wanted(environ: Mapping[str, str], *, on_terminal: bool) -> bool:
    """Whether to colour: on a terminal that can, unless NO_COLOR says no (no-color.org)."""
    return on_terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def _template(path: str | None) -> tuple[UserTemplate | None, tuple[str, ...]]:
    if path is None:
        return None, ()
    try:
        with Path(path).open("rb") as file:
            return (path, file.read(MOST_TEMPLATE_BYTES).decode("utf-8")), ()
    except OSError as error:
        return None, (f"Template `{path}` cannot be read ({error.strerror}). The built-in template is used.",)
    except UnicodeDecodeError:
        return None, (f"Template `{path}` is not UTF-8 text. The built-in template is used.",)


def _without_template(settings: Settings) -> Settings:
    return settings._replace(config=settings.config._replace(template=None))


def _generated_at(environ: Mapping[str, str]) -> str:
    """Now, or SOURCE_DATE_EPOCH (reproducible-builds.org), in UTC."""
    epoch = environ.get("SOURCE_DATE_EPOCH", "")
    moment = int(epoch) if epoch.isdecimal() and len(epoch) < 12 else time.time()  # noqa: PLR2004
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(moment))


def _config_hint(assessed: Assessed) -> str | None:
    """Where the limits stand, if all in one place."""
    origins = {finding.origin for finding in assessed.total.verdict.findings}
    return next(iter(origins)) if len(origins) == 1 else None
