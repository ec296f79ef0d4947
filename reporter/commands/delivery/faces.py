"""The report of what was assessed, in all its faces."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from reporter.commands.account.assessment import Assessed
from reporter.commands.settings import Settings
from reporter.report.page import Counterfactual, ReportView
from reporter.report.render import Face, UserTemplate, comment_bodies, render, render_comment, summary_bodies
from reporter.report.view import ReportContext, report_view

if TYPE_CHECKING:
    from reporter.commands.delivery.template import Template

NARROWEST, USUAL, WIDEST = 60, 100, 120
STDOUT = 1


class Faces(NamedTuple):
    """One report, ready to be rendered for everybody who reads it."""

    assessed: Assessed
    context: ReportContext
    view: ReportView
    columns: int
    """Of the terminal."""
    template: UserTemplate | None = None
    """The user's, for the comment."""
    trouble: tuple[str, ...] = ()
    """What there is to say about the user's template, a sentence each; the report says it too."""

    def by(self, template: Template) -> Faces:
        """The same with the comment by this template; one that cannot be used becomes a notice in the report."""
        source, trouble = template
        view = self._saying(trouble)
        if source is not None:
            _, wrong = render_comment(view, source)
            if wrong is not None:
                source, trouble = None, (*trouble, wrong)
                view = self._saying(trouble)
        return self._replace(view=view, template=source, trouble=trouble)

    def _saying(self, notices: tuple[str, ...]) -> ReportView:
        if not notices:
            return self.view
        context = self.context._replace(notices=(*self.context.notices, *notices))
        return report_view(self.assessed.footprints, context)

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
        return render(self.view, Face.SUMMARY)

    def html(self) -> str:
        """The whole report as one page: `report.html`; recordings are looked at only here."""
        from reporter.report import library  # noqa: PLC0415  (only a page has interactive charts)

        view, jobs = self.view, self.assessed.footprints
        if any(job.timeline for job in jobs) and library.installed():
            from reporter.commands.account.traced import traced  # noqa: PLC0415
            from reporter.report.interactive import with_timelines  # noqa: PLC0415

            view = with_timelines(view, jobs, traced(self.assessed.recorded, jobs=len(jobs)))
        return render(view, Face.HTML)

    def text(self, *, colour: bool) -> str:
        """The report for a terminal."""
        return render(self.view, Face.TEXT, width=max(NARROWEST, min(WIDEST, self.columns)), colour=colour)


def faces_of(
    assessed: Assessed,
    settings: Settings,
    *,
    notices: tuple[str, ...] = (),
    what_if: tuple[Counterfactual, ...] = (),
) -> Faces:
    """The report's faces, all by the built-in templates."""
    ci = settings.ci
    context = ReportContext(
        repository=ci.repository,
        server_url=ci.server_url,
        head_sha=ci.sha or assessed.footprints[0].job.sha,
        run_url=ci.run_url,
        generated_at=_generated_at(settings.environ),
        hosted=ci.hosted,
        config_hint=_config_hint(assessed),
        accept=settings.config.override_label if settings.config.pull_request or ci.pull_request else None,
        verdict=assessed.total.verdict,
        notices=(*notices, *assessed.notices),
        what_if=what_if,
    )
    view = report_view(assessed.footprints, context)
    return Faces(assessed=assessed, context=context, view=view, columns=_columns(settings.environ))


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
    """Whether to colour: on a terminal that can, unless the environment says otherwise.

    NO_COLOR (no-color.org) comes before FORCE_COLOR (force-color.org) and CLICOLOR_FORCE (bixense.com/clicolors).
    """
    if environ.get("NO_COLOR"):
        return False
    forced = environ.get("FORCE_COLOR") or environ.get("CLICOLOR_FORCE")
    if forced:
        return forced not in ("0", "false")
    return on_terminal and environ.get("TERM") != "dumb" and environ.get("CLICOLOR") != "0"


def _generated_at(environ: Mapping[str, str]) -> str:
    """Now, or SOURCE_DATE_EPOCH (reproducible-builds.org), in UTC."""
    epoch = environ.get("SOURCE_DATE_EPOCH", "")
    moment = int(epoch) if epoch.isdecimal() and len(epoch) < 12 else time.time()  # noqa: PLR2004
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(moment))


def _config_hint(assessed: Assessed) -> str | None:
    """Where the limits stand, if all in one place."""
    origins = {finding.origin for finding in assessed.total.verdict.findings}
    return next(iter(origins)) if len(origins) == 1 else None
