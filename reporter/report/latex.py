"""The statement as LaTeX, for any document class and engine: no package is needed, and no name is a command."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reporter.domain.footprint import Footprint
from reporter.report.statement import statement

_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\char34{}",
        "`": r"\char96{}",
        "'": r"\char39{}",
        "-": "-{}",
        "\u202f": r"\,",
        "\xa0": "~",
        "\u2082": r"\ensuremath{_2}",
        "\u2248": r"\ensuremath{\approx}",
        "\u00d7": r"\ensuremath{\times}",
        "\u2212": r"\ensuremath{-}",
        "\u2192": r"\ensuremath{\rightarrow}",
        "\u00b5": r"\ensuremath{\mu}",
        "\u00b1": r"\ensuremath{\pm}",
        "\u2013": "--",
        "\u2026": r"\ldots{}",
        "\n": " ",
        "\r": " ",
    }
)


def escaped(text: str) -> str:
    """The same words as LaTeX text, in a paragraph or a cell: nothing of them is a command, a comment or an alignment.

    A hyphen is kept apart from the next, and quotes are characters, so that no ligature and no shorthand arises.
    """
    shown = "".join(character for character in text if character.isprintable() or character in "\n\r\u202f\xa0")
    return re.sub(r"[0-9a-f]{32,}", _breakable, shown.translate(_SPECIAL))


def _breakable(digest: re.Match[str]) -> str:
    """A digest that may go on in the next line of its cell."""
    return r"\allowbreak{}".join(re.findall(".{1,8}", digest[0]))


def latex(footprints: Sequence[Footprint]) -> str:
    """A paragraph and a table. Raises ReporterError where there is nothing to state."""
    found = statement(footprints)
    rows = [rf"\textbf{{{escaped(label)}}} & {escaped(text)} \\" for label, text in found.facts if text]
    return "\n".join(
        (
            r"\paragraph{" + escaped(found.title) + "}",
            escaped(found.sentence),
            "",
            r"\begin{center}",
            r"\begin{tabular}{lp{0.72\linewidth}}",
            r"\hline",
            *rows,
            r"\hline",
            r"\end{tabular}",
            r"\end{center}",
            "",
        )
    )
