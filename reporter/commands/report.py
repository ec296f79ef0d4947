"""`emissions report`: recompute and render from recordings or footprints; the inputs are never written to."""

from __future__ import annotations

import sys
from typing import Any

from reporter.commands import Invocation
from reporter.commands.assessment import Assessed, assess_paths
from reporter.commands.face import Face, colour_wanted, face_of
from reporter.commands.folder import FILES, FOOTPRINT, check, write
from reporter.commands.gather import input_files
from reporter.commands.output import put
from reporter.commands.settings import Settings, load
from reporter.errors import ConfigError, ExitCode, Problem, ReporterError
from reporter.export import csv, json

FORMATS = ("text", "markdown", "html", "json", "csv")


def run(invocation: Invocation) -> int:
    """Print the report in the format asked for; with `--out`, write the files."""
    form = format_of(invocation)
    settings = load(invocation)
    assessed = assess_paths(invocation.arguments, settings)
    face = face_of(assessed, settings)
    out = settings.config.out if "out" in settings.config.origins else None
    if out:
        _write_files(out, assessed, face, invocation, origin=settings.config.origins["out"])
    put(rendered(assessed, form, face, settings), machine=form != "text")
    return ExitCode.DONE


def _write_files(out: str, assessed: Assessed, face: Face, invocation: Invocation, *, origin: str) -> None:
    sources = input_files(invocation.arguments)
    try:
        folder = check(out, origin=origin, files=FILES[1:])
    except OSError as error:
        raise ReporterError(
            f"{out} cannot be used: {error.strerror}", hint="Name another folder with `--out`."
        ) from None
    write(folder / FOOTPRINT, json.dumps(document(assessed)), inputs=sources)
    write(folder / "report.md", face.markdown(), inputs=sources)
    write(folder / "report.html", face.html(), inputs=sources)


def format_of(invocation: Invocation) -> str:
    """The format of stdout: `text` on a terminal and elsewhere, unless asked otherwise."""
    form = "json" if "json" in invocation.switches else invocation.options.get("format") or "text"
    if form not in FORMATS:
        raise ConfigError(
            Problem(
                f"Format `{form}` is not known", origin="`--format`", suggestion=f"Write one of {', '.join(FORMATS)}."
            )
        )
    return form


def rendered(assessed: Assessed, form: str, face: Face, settings: Settings) -> str:
    """The report as text in one of the formats."""
    match form:
        case "json":
            return json.dumps(document(assessed))
        case "csv":
            return csv.dumps(assessed.footprints)
        case "markdown":
            return face.markdown()
        case "html":
            return face.html()
        case _:
            return face.text(colour=colour_wanted(settings.environ, on_terminal=sys.stdout.isatty()))


def document(assessed: Assessed) -> dict[str, Any]:
    """One job as its footprint, several with their total."""
    if len(assessed.footprints) == 1:
        return json.encode(assessed.footprints[0])
    return json.encode_many(assessed.footprints, json.encode_total(assessed.total))
