"""`emissions report`: recompute and render from recordings or footprints; the inputs are never written to."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reporter.commands import Invocation
from reporter.commands.assessment import Assessed
from reporter.commands.edition import edition_of
from reporter.commands.face import Face, colour_wanted, face_of
from reporter.commands.finish import held_against
from reporter.commands.folder import DEFAULT, FILES, FOOTPRINT, check, write
from reporter.commands.from_run import assessed_at
from reporter.commands.gather import input_files
from reporter.commands.output import put
from reporter.commands.overrides import ruled
from reporter.commands.rules import organised
from reporter.commands.settings import Settings, load
from reporter.commands.what_if import NO_CASES, WhatIf, asked_of, counterfactuals, encoded, what_if
from reporter.domain.footprint import Footprint
from reporter.errors import ConfigError, ExitCode, Problem, ReporterError, did_you_mean
from reporter.export import csv, json
from reporter.factors import country_of
from reporter.report.page import ReportView

FORMATS = ("text", "markdown", "html", "json", "csv", "statement", "latex", "model-card", "badge", "badge-svg")
TRAINING_TYPES = ("pre-training", "fine-tuning")


def run(invocation: Invocation) -> int:
    """Print the report in the format asked for; with `--out`, write the files."""
    form, training_type = format_of(invocation), training_type_of(invocation)
    with edition_of(invocation):
        settings, asked = organised(load(invocation), invocation), asked_of(invocation)
        assessed = assessed_at(invocation, settings)
        # In the action `publish` follows, and asks history.
        assessed = ruled(held_against(assessed, settings, asks=not invocation.inputs), settings)
        cases = what_if(asked, assessed.footprints)
        face = face_of(assessed, settings, what_if=counterfactuals(cases))
        text = rendered(assessed, form, face, settings, cases=cases, training_type=training_type)
        if "out" in settings.config.origins:
            write_files(settings, assessed, face, inputs=input_files(invocation.arguments))
    put(text, machine=form != "text")
    return ExitCode.DONE


def write_files(settings: Settings, assessed: Assessed, face: Face, *, inputs: Sequence[Path] = ()) -> None:
    """The footprint and the reports in the folder of `--out`. Raises ReporterError; never writes over an input."""
    out = settings.config.out or DEFAULT
    try:
        folder = check(out, origin=settings.config.origins["out"], files=FILES[1:])
    except OSError as error:
        raise ReporterError(
            f"{out} cannot be used: {error.strerror}", hint="Name another folder with `--out`."
        ) from None
    write(folder / FOOTPRINT, json.dumps(document(assessed)), inputs=inputs)
    write(folder / "report.md", face.markdown(), inputs=inputs)
    write(folder / "report.html", face.html(), inputs=inputs)


def format_of(invocation: Invocation, formats: Sequence[str] = FORMATS) -> str:
    """The format of stdout: `text` on a terminal and elsewhere, unless asked otherwise."""
    form = "json" if "json" in invocation.switches else invocation.options.get("format") or "text"
    if form not in formats:
        raise ConfigError(
            Problem(
                f"Format `{form}` is not known", origin="`--format`", suggestion=f"Write one of {', '.join(formats)}."
            )
        )
    return form


def training_type_of(invocation: Invocation) -> str | None:
    """What the model card says of the training: one of the Hub's two words, or nothing."""
    word = invocation.options.get("training-type") or None
    if word is not None and word not in TRAINING_TYPES:
        advice = did_you_mean(word, TRAINING_TYPES, otherwise=f"Write {' or '.join(TRAINING_TYPES)}.", cutoff=0.4)
        unknown = f"Training type `{word}` is not known"
        raise ConfigError(Problem(unknown, origin="`--training-type`", suggestion=advice))
    return word


def rendered(  # noqa: PLR0913  (the last two by name)
    assessed: Assessed,
    form: str,
    face: Face,
    settings: Settings,
    *,
    cases: WhatIf = NO_CASES,
    training_type: str | None = None,
) -> str:
    """The report as text in one of the formats."""
    match form:
        case "json":
            return json.dumps({**document(assessed), **encoded(cases)})
        case "csv":
            return csv.dumps(assessed.footprints, country_of=country_of)
        case "markdown":
            return face.markdown()
        case "html":
            return face.html()
        case "text":
            return face.text(colour=colour_wanted(settings.environ, on_terminal=sys.stdout.isatty()))
        case _:
            return _published(assessed.footprints, face.view, form, training_type)


def _published(footprints: tuple[Footprint, ...], view: ReportView, form: str, training_type: str | None) -> str:
    """What goes into a paper or onto a page. Raises ReporterError where there is no number to publish."""
    if form in ("badge", "badge-svg"):
        from reporter.report import badge  # noqa: PLC0415

        return badge.endpoint(view) if form == "badge" else badge.svg(view)
    if form == "latex":
        from reporter.report.latex import latex  # noqa: PLC0415  (few reports are published)

        return latex(footprints)
    if form == "model-card":
        from reporter.report.model_card import model_card  # noqa: PLC0415

        return model_card(footprints, training_type)
    from reporter.report.statement import markdown  # noqa: PLC0415

    return markdown(footprints)


def document(assessed: Assessed) -> dict[str, Any]:
    """One job as its footprint, several with their total."""
    if len(assessed.footprints) == 1:
        return json.encode(assessed.footprints[0])
    return json.encode_many(assessed.footprints, json.encode_total(assessed.total))
