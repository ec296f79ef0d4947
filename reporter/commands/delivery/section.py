"""A leg's section of the comment that the legs of a matrix share: its figures, its text, and the whole around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from reporter.ci import job_name
from reporter.commands import Invocation
from reporter.commands.account.assessment import Assessed
from reporter.commands.delivery.faces import Faces
from reporter.commands.settings import Settings
from reporter.domain.budget import Outcome
from reporter.errors import PublishError
from reporter.publish.marker import Run
from reporter.publish.sections import CLOSING, LONGEST_BODY, Section, opening, packed, section_body, section_key
from reporter.report.format import counted
from reporter.report.headline import ICONS
from reporter.report.leg import leg_from, leg_of, leg_text
from reporter.report.legs import Fold, LegsView, NamedLeg, by_urgency, legs_view
from reporter.report.prose import LONGEST_NAME, Line, Verbatim, line, name
from reporter.report.render import render_legs

AUTO = "auto"
NAME_LENGTHS = (LONGEST_NAME, 48, 32, 24, 16, 10, 6, 2)
"""Characters of a name in the table and in the hidden lines: fewer where many legs have long ones."""
_LOST = "This part was changed by hand, or cut short. It comes back when the job writes it again."
_MARGIN = 200
"""Bytes of the sentence that says how many folds are left out."""


def section_name(asked: str, assessed: Assessed, settings: Settings, invocation: Invocation) -> str:
    """The name of this leg: the one given, else the job with its matrix values."""
    if asked != AUTO:
        return asked
    named = settings.config.name or job_name(settings.ci.job, invocation.matrix)
    return named or (assessed.footprints[0].job.name if len(assessed.footprints) == 1 else "all jobs")


def section_of(label: str, faces: Faces, run: Run) -> Section:
    """What this leg says: its figures for the common table, and its comment as long as a section may be."""
    assessed, jobs = faces.assessed, faces.view.jobs
    leg = leg_of(
        assessed.footprints,
        assessed.total.verdict,
        versus=jobs.rows[0].versus if len(assessed.footprints) == 1 else "",
        changed=_is_changed(assessed),
    )
    body = ""
    for text in faces.comments():
        body = section_body(text)
        if len(body.encode("utf-8")) <= LONGEST_BODY:
            break
    else:
        body = ""
    return Section(key=section_key(label), name=name(label), run=run, facts=leg_text(leg), body=body)


def composer(faces: Faces) -> Callable[[Sequence[Section], Run, int], str]:
    """What makes the whole comment of all sections; footer and the base's name are this leg's own."""

    def compose(sections: Sequence[Section], newest: Run, most_bytes: int) -> str:
        for tight, longest in ((False, LONGEST_NAME), *((True, length) for length in NAME_LENGTHS)):
            shortened = [replace(section, name=name(section.name, longest)) for section in sections]
            text = _composed(shortened, newest, most_bytes, faces, tight=tight)
            if text is not None:
                return text
        message = f"The rows of {len(sections)} jobs alone are longer than a comment may be"
        raise PublishError(message, hint="One job that reports for all shortens them: `mode: report`.")

    return compose


def _composed(sections: Sequence[Section], newest: Run, most_bytes: int, faces: Faces, *, tight: bool) -> str | None:
    """The comment with as many folds as fit; None where not even the rows do. Tight: hidden lines are packed."""
    bare = [replace(section, body="", body_lost=False) for section in sections]
    view = _view(bare, newest, faces, tight=tight)
    room = most_bytes - _MARGIN - len(render_legs(view).encode())
    if room < 0:
        return None
    kept: set[str] = set()
    for section, size in sorted(_sizes(sections, newest), key=lambda item: (_is_calm(item[0]), item[1])):
        if size <= room:
            kept.add(section.key)
            room -= size
    fitting = [section if section.key in kept else bare[place] for place, section in enumerate(sections)]
    return render_legs(_view(fitting, newest, faces, tight=tight))


def _view(sections: Sequence[Section], newest: Run, faces: Faces, *, tight: bool) -> LegsView:
    ordered = sorted(sections, key=lambda section: by_urgency(_named(section)))
    told = [section for section in ordered if section.body or section.body_lost]
    view = legs_view(
        [_named(section) for section in ordered],
        versus_label=faces.view.jobs.versus_label,
        footer=faces.view.footer,
    )
    hidden = [opening(section, newest) for section in ordered if section not in told]
    return view._replace(
        folds=tuple(_fold(section, newest) for section in told),
        left_out=_left_out(len(ordered) - len(told)),
        hidden=tuple(map(Verbatim, packed(hidden) if tight else hidden)),
    )


def _named(section: Section) -> NamedLeg:
    return NamedLeg(section.name, leg_from(section.facts) if section.readable else None)


def _fold(section: Section, newest: Run) -> Fold:
    outcome = _named(section).outcome
    return Fold(
        icon=ICONS[outcome] if outcome in (Outcome.FAIL, Outcome.WARN, Outcome.UNKNOWN) else "",
        name=section.name,
        opening=Verbatim(opening(section, newest)),
        text=Verbatim(section.body or _LOST),
        closing=Verbatim(CLOSING),
    )


def _left_out(count: int) -> Line:
    if not count:
        return Line()
    whose = "its job summary" if count == 1 else "their job summaries"
    return line(f"The details of {counted(count, 'job')} are not shown here; they are in {whose}.")


def _sizes(sections: Sequence[Section], newest: Run) -> Iterator[tuple[Section, int]]:
    """What each fold takes in bytes, generously."""
    frame = len("<details><summary> </summary>\n\n\n\n\n</details>\n\n") + len(CLOSING) + 8
    for section in sections:
        if section.body or section.body_lost:
            text = section.body or _LOST
            size = frame + 12 * len(section.name) + len(text.encode()) + len(opening(section, newest))
            yield section, size


def _is_calm(section: Section) -> bool:
    return _named(section).outcome not in (Outcome.FAIL, Outcome.WARN, Outcome.UNKNOWN)


def _is_changed(assessed: Assessed) -> bool:
    if all(row.baseline is None for row in assessed.footprints):
        return False
    from reporter.report.versus import is_changed  # noqa: PLC0415  (only where there is a base)

    return any(map(is_changed, assessed.footprints))
