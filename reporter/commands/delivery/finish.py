"""What follows a measurement: counts, the output folder's files, the summary, the verdict's status.

`run` imports this before its command starts: what rendering needs is loaded in the functions.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reporter.commands import Invocation
from reporter.commands.delivery.folder import DEFAULT, FOOTPRINT, prepare, write
from reporter.commands.output import warn
from reporter.commands.settings import Settings
from reporter.errors import ReporterError

ON_HISTORY = ("increase", "sum")
"""Kinds of rules that need earlier runs."""

if TYPE_CHECKING:
    from reporter.commands.account.assessment import Assessed
    from reporter.metering.recording import RecordingWriter
    from reporter.metering.session import Session


@contextmanager
def output_folder(settings: Settings, default: str = DEFAULT) -> Iterator[Path | None]:
    """The output folder, or None where it cannot be made: the job is then reported on stderr alone."""
    config = settings.config
    out = config.out or default
    folder, lock = None, None
    try:
        folder, lock = prepare(out, origin=config.origins.get("out"))
        folder = folder.absolute()  # the command may remove the folder that we stand in
    except OSError as error:
        warn(f"Output folder `{out}` cannot be used: {error.strerror}. The job is metered; no files are written.")
    try:
        yield folder
    finally:
        if lock is not None:
            os.close(lock)


def preload() -> None:
    """Load what assessing and rendering need, while there is time."""
    import reporter.commands.account.assessment  # noqa: PLC0415
    import reporter.commands.delivery.faces  # noqa: PLC0415
    import reporter.commands.trust.overrides  # noqa: F401, PLC0415
    from reporter.report import render  # noqa: PLC0415

    render.preload()


def count_units(writer: RecordingWriter, settings: Settings) -> tuple[str, ...]:
    """Put the job's own counts into the recording; a file that cannot be used becomes a notice."""
    if settings.config.metrics is None:
        return ()
    from reporter.commands.beside.metrics import MetricsError, read_units  # noqa: PLC0415

    try:
        writer.units(dict(read_units(Path(settings.config.metrics))))
    except MetricsError as error:
        warn(f"{error}. Budgets per unit of work are not judged.")
        return (f"{error}. Budgets per unit of work are not judged.",)
    return ()


def held_against(
    assessed: Assessed,
    settings: Settings,
    *,
    asks: bool = True,
    keeps_base: bool = False,
    is_handed_over: bool = False,
) -> Assessed:
    """The jobs with the base that is named, and with what history knows of them.

    Not `asks`: somebody else will ask history. `keeps_base`: jobs that were held against a named base stay so.
    `is_handed_over`: a step before has asked, and has left the answers in the output folder.
    """
    given = keeps_base and all(row.baseline is not None and row.baseline.is_given for row in assessed.footprints)
    if settings.config.against is not None and not given:
        from reporter.commands.account.against import attach  # noqa: PLC0415  (few jobs are held against a base)
        from reporter.commands.account.assessment import judged_again  # noqa: PLC0415

        footprints, told = attach(assessed.footprints, settings)
        for words in told:
            warn(words)
        assessed = judged_again(assessed, footprints)._replace(notices=(*assessed.notices, *told))
    if not asks or not _asks_history(assessed, settings):
        return assessed
    from reporter.commands.past.recall import handed_over, recalled  # noqa: PLC0415  (few jobs have a history)

    known = handed_over(assessed, settings) if is_handed_over else None
    return recalled(assessed, settings) if known is None else known


def add_to_history(assessed: Assessed, settings: Settings, *, tell: Callable[[str], None] = warn) -> None:
    """Keep the jobs in the history, where there is one to write; `tell` is told what goes wrong."""
    if settings.config.history in ("off", "auto", "artifact"):
        return
    from reporter.commands.past.recall import remember  # noqa: PLC0415

    if trouble := remember(assessed, settings):
        tell(trouble)


def _asks_history(assessed: Assessed, settings: Settings) -> bool:
    """Whether history may be asked: it is named, or a rule is on it."""
    history = settings.config.history
    findings = assessed.total.verdict.findings
    return history != "off" and (history != "auto" or any(row.kind.value in ON_HISTORY for row in findings))


def present(
    assessed: Assessed, notices: tuple[str, ...], folder: Path | None, settings: Settings, *, quiet: bool
) -> None:
    """Write the folder and print the summary; a disk that is full costs the files alone."""
    from reporter.commands.delivery.faces import colour_wanted, faces_of  # noqa: PLC0415
    from reporter.export import json  # noqa: PLC0415

    faces = faces_of(assessed, settings, notices=notices)
    if folder is not None:
        try:
            write(folder / FOOTPRINT, json.dumps(json.encode(assessed.footprints[0])))
            write(folder / "report.md", faces.markdown())
            write(folder / "report.html", faces.html())
        except ReporterError as error:
            warn(error.sentences)
    if not quiet:
        _print(faces.text(colour=colour_wanted(settings.environ, on_terminal=_is_terminal(sys.stderr))))


def relay(session: Session) -> None:
    """Repeat what the background process of a session has said; whatever else stands there starts no command."""
    said = session.said()
    if said:
        warn("\n".join(line.removeprefix("emissions: ") for line in said.splitlines()))


def is_quiet(invocation: Invocation, settings: Settings) -> bool:
    """Whether no summary is wanted on stderr."""
    return "quiet" in invocation.switches or settings.config.quiet


def is_over_budget(assessed: Assessed, settings: Settings) -> bool:
    """Whether the verdict fails a build."""
    from reporter.domain.budget import fails_build  # noqa: PLC0415

    config = settings.config
    return fails_build(assessed.total.verdict, on_unknown=config.on_unknown, on_borderline=config.on_borderline)


def _is_terminal(stream: Any) -> bool:  # noqa: ANN401  (stderr may have been closed or replaced)
    try:
        return bool(stream.isatty())
    except (AttributeError, OSError, ValueError):
        return False


def _print(text: str) -> None:
    try:
        sys.stderr.write(text if text.endswith("\n") else text + "\n")
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):
        pass
