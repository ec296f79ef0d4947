"""The `co2_eq_emissions` block of a model card's metadata, as the Hugging Face Hub defines it: emissions in grams.

https://huggingface.co/docs/hub/model-cards-co2
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal

from reporter.domain.footprint import Footprint, add
from reporter.report.prose import name
from reporter.report.statement import statement

_NOT_SAID = "# training_type: pre-training or fine-tuning; the meter cannot know, `--training-type` says it"


def model_card(footprints: Sequence[Footprint], training_type: str | None = None) -> str:
    """The block with its fences, to stand at the top of README.md; what is not known is left out, never 0.

    Raises ReporterError where the emissions are not known.
    """
    found = statement(footprints)
    facts = dict(found.facts)
    grams = add([footprint.emissions.gco2e for footprint in footprints]) or 0.0
    tool = footprints[0].tool
    source = (
        f"{name(tool.name)} {name(tool.version, 40)}: {facts['Method']}; {facts['Emissions']};"
        f" carbon intensity {facts['Carbon intensity']}; PUE {facts['PUE']}"
    )
    lines = [
        "---",
        "co2_eq_emissions:",
        f"  emissions: {_decimal(grams)}",
        f"  source: {quoted(source)}",
        f"  training_type: {quoted(training_type)}" if training_type else f"  {_NOT_SAID}",
        f"  geographical_location: {quoted(facts['Region'])}",
    ]
    if facts["Hardware"]:
        lines.append(f"  hardware_used: {quoted(facts['Hardware'])}")
    return "\n".join((*lines, "---", ""))


def quoted(text: str) -> str:
    """A YAML scalar in double quotes: on one line, with nothing in it that YAML or the block's fences could take."""
    shown = text.replace("\u202f", " ").replace("\xa0", " ")
    scalar = json.dumps("".join(character for character in shown if character.isprintable()), ensure_ascii=False)
    return scalar.replace("##[", "\\u0023#[")  # it would start a workflow command where the block is printed to a log


def _decimal(value: float) -> str:
    """The number in full without an exponent, which some YAML readers take for text."""
    return format(Decimal(repr(value)), "f")
