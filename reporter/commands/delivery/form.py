"""A report in the form that was asked for: text, Markdown, a page, a document, a badge."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from reporter.commands import Invocation
from reporter.commands.account.assessment import Assessed
from reporter.commands.account.what_if import NO_CASES, WhatIf, encoded
from reporter.commands.delivery.faces import Faces, colour_wanted
from reporter.commands.settings import Settings
from reporter.domain.footprint import Footprint
from reporter.errors import ConfigError, Problem, did_you_mean
from reporter.export import csv, json
from reporter.factors import country_of
from reporter.report.page import ReportView

FORMATS = ("text", "markdown", "html", "json", "csv", "statement", "latex", "model-card", "badge", "badge-svg")
TRAINING_TYPES = ("pre-training", "fine-tuning")


def format_of(invocation: Invocation, formats: Sequence[str] = FORMATS) -> str:
    """The format of stdout that is asked for, else the first. Raises ConfigError where it is none of them."""
    form = "json" if "json" in invocation.switches else invocation.options.get("format") or formats[0]
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


def rendered(
    faces: Faces, form: str, settings: Settings, *, cases: WhatIf = NO_CASES, training_type: str | None = None
) -> str:
    """The report as text in one of the formats."""
    match form:
        case "json":
            return json.dumps({**document(faces.assessed), **encoded(cases)})
        case "csv":
            return csv.dumps(faces.assessed.footprints, country_of=country_of)
        case "markdown":
            return faces.markdown()
        case "html":
            return faces.html()
        case "text":
            return faces.text(colour=colour_wanted(settings.environ, on_terminal=sys.stdout.isatty()))
        case _:
            return _published(faces.assessed.footprints, faces.view, form, training_type)


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
