"""The statement as LaTeX, for any document class and engine: no package is needed, and no name is a command.

An engine without Unicode (pdfTeX) has letters of Latin scripts; any other character is then shown by its number.
"""

from __future__ import annotations

import re
import unicodedata
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
        "`": r"{}\char96{}",
        "'": r"\char39{}",
        "-": "-{}",
        "\u202f": r"\,",
        "\xa0": "~",
        "\u2082": r"\ensuremath{_2}",
        "\u2248": r"\ensuremath{\approx}",
        "\u00d7": r"\ensuremath{\times}",
        "\u2212": r"\ensuremath{-}",
        "\u2192": r"\ensuremath{\rightarrow}",
        "\u00b2": r"\ensuremath{^2}",
        "\u00b3": r"\ensuremath{^3}",
        "\u00b0": r"\ensuremath{^\circ}",
        "\u00b7": r"\ensuremath{\cdot}",
        "\u00f7": r"\ensuremath{\div}",
        "\u2264": r"\ensuremath{\leq}",
        "\u2265": r"\ensuremath{\geq}",
        "\u03bc": r"\ensuremath{\mu}",
        "\u00b5": r"\ensuremath{\mu}",
        "\u00b1": r"\ensuremath{\pm}",
        "\u2013": "--{}",
        "\u2014": "---{}",
        "\u2026": r"\ldots{}",
        "\n": " ",
        "\r": " ",
    }
)

_WITHOUT_GLYPH = "ÐÞðþĄąĐđĘęĦħĮįĸĿŀŉŊŋŦŧŲųſ"
"""Letters of Latin scripts that the fonts of pdfTeX's default encoding (OT1) lack."""
_LATIN = frozenset(map(chr, range(0xC0, 0x180))) - frozenset(_WITHOUT_GLYPH) | frozenset(
    "¡¿£§©¶\u2018\u2019\u201c\u201d"
)
"""What every engine prints as it is."""
_CODEPOINT = r"\providecommand{\codepoint}[2]{\ifdefined\Umathchar#2\else[U+#1]\fi}"
"""The character itself where the engine knows Unicode, else its number."""


def escaped(text: str) -> str:
    """The same words as LaTeX text, in a paragraph or a cell: nothing of them is a command, a comment or an alignment.

    A hyphen is kept apart from the next, and quotes are characters, so that no ligature and no shorthand arises.
    """
    text = unicodedata.normalize("NFC", text)
    shown = "".join(character for character in text if character.isprintable() or character in "\n\r\u202f\xa0")
    written = re.sub(r"[^\x00-\x7f]", _anywhere, shown.translate(_SPECIAL))
    return re.sub(r"[0-9a-f]{32,}", _breakable, written.replace(",,", ",{},").replace("::", ":{}:"))


def _anywhere(character: re.Match[str]) -> str:
    """A character that not every engine has a glyph of."""
    found = character[0]
    return found if found in _LATIN else rf"\codepoint{{{ord(found):04X}}}{{{found}}}"


def _breakable(digest: re.Match[str]) -> str:
    """A digest that may go on in the next line of its cell."""
    return r"\allowbreak{}".join(re.findall(".{1,8}", digest[0]))


def latex(footprints: Sequence[Footprint]) -> str:
    """A paragraph and a table. Raises ReporterError where there is nothing to state."""
    found = statement(footprints)
    rows = [rf"\textbf{{{escaped(label)}}} & {escaped(text)} \\" for label, text in found.facts if text]
    lines = (
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
    needed = (_CODEPOINT,) if any(r"\codepoint{" in line for line in lines) else ()
    return "\n".join((*needed, *lines))
