"""A badge: energy and emissions in one line, in the colour of the verdict.

`endpoint` is what shields.io draws from (https://shields.io/badges/endpoint-badge), `svg` a picture of our own.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from reporter.report.escape import html
from reporter.report.format import NARROW
from reporter.report.page import ReportView

LABEL = "emissions"
NOTHING = "not measured"
COLOURS = {"pass": "#1a7f37", "warn": "#9a6700", "fail": "#cf222e"}
"""White text on each has a contrast of at least 4.5 (WCAG 2.2, AA); each stands out from white and from black."""
OTHERWISE = "#59636e"
_LABEL_COLOUR = "#444c56"
_WORDS = {"pass": "within budget", "warn": "close to the budget", "fail": "over budget"}
_SIZE = 11
_HEIGHT = 20
_MARGIN = 6
_WIDTHS = {
    0.32: " ',.IJijl·",
    0.36: "-/:;\\f|",
    0.4: "!()[]rt₂",
    0.46: '"',
    0.52: "*_`sz–",
    0.57: "?Lc",
    0.62: "FPTYaekovxy",
    0.7: "ABCRVXZ",
    0.76: "DGHNU",
    0.8: "&OQw",
    0.85: "#+<=>M^~≈×−≥",
    1.0: "%m@W…",
}
"""Advance widths of DejaVu Sans in em, which Verdana's come close to; a digit has 0.64, and so has the rest."""
_WIDTH_OF = {character: width for width, characters in _WIDTHS.items() for character in characters}
_DIGIT = 0.64


class Badge(NamedTuple):
    """What a badge says: the figures, and the verdict by its colour and in words."""

    message: str
    colour: str
    verdict: str


def badge(view: ReportView) -> Badge:
    """The figures as the report shows them, grey where there is no verdict on them."""
    message = view.figures.replace(NARROW, " ")
    known = COLOURS.get(view.outcome) if message else None
    return Badge(message or NOTHING, known or OTHERWISE, _WORDS.get(view.outcome, "") if message else "")


def endpoint(view: ReportView) -> str:
    """JSON for shields.io's endpoint badge, schema version 1."""
    shown = badge(view)
    document = {"schemaVersion": 1, "label": LABEL, "message": shown.message, "color": shown.colour.lstrip("#")}
    return json.dumps({**document, "isError": view.outcome == "fail"}, ensure_ascii=False, indent=2) + "\n"


def svg(view: ReportView) -> str:
    """A picture that needs no font of its own: each text is fitted into its computed width."""
    shown = badge(view)
    left, right = _text_width(LABEL), _text_width(shown.message)
    seam, whole = left + 2 * _MARGIN, left + right + 4 * _MARGIN
    words = html(f"{LABEL}: {shown.message}" + (f", {shown.verdict}" if shown.verdict else ""))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{_HEIGHT}"'
        f' viewBox="0 0 {whole} {_HEIGHT}" role="img" aria-label="{words}">\n'
        f"<title>{words}</title>\n"
        f'<clipPath id="r"><rect width="{whole}" height="{_HEIGHT}" rx="3"/></clipPath>\n'
        f'<g clip-path="url(#r)"><rect width="{seam}" height="{_HEIGHT}" fill="{_LABEL_COLOUR}"/>'
        f'<rect x="{seam}" width="{whole - seam}" height="{_HEIGHT}" fill="{shown.colour}"/></g>\n'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="{_SIZE}" aria-hidden="true">'
        f'<text x="{_MARGIN}" y="14" textLength="{left}">{LABEL}</text>'
        f'<text x="{seam + _MARGIN}" y="14" textLength="{right}">{html(shown.message)}</text></g>\n'
        "</svg>\n"
    )


def _text_width(text: str) -> int:
    """Pixels that a text takes."""
    return round(_SIZE * sum(_WIDTH_OF.get(character, _DIGIT) for character in text))
