"""Text laid out for a terminal: wrapped, aligned by what is seen, coloured only where asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reporter.report.format import NARROW
from reporter.report.page import BudgetRow, Counterfactual, JobTable, PartRow, PhaseRow, SourceRow
from reporter.report.prose import Line, Span, Style, Verbatim, line, sentence, strong

NARROWEST = 40
INDENT = 3
_LEAST_NAME = 28
_LEAST_NOTE = 24
_RESET = "\x1b[0m"
_STYLES = {
    "strong": "\x1b[1m",
    "code": "\x1b[36m",
    "faint": "\x1b[2m",
    "pass": "\x1b[1;32m",
    "warn": "\x1b[1;33m",
    "fail": "\x1b[1;31m",
    "unknown": "\x1b[1;33m",
    "none": "\x1b[1m",
}
_COMMAND = r"(?<!\S):(?=:)|#(?=#\[)"


class Page:
    """One rendering's width and colour; what a template calls to lay text out."""

    def __init__(self, *, width: int = 100, colour: bool = False) -> None:
        self.width = max(width, NARROWEST)
        self.colour = colour

    def paint(self, text: str, style: str) -> Verbatim:
        """Text in a style; unchanged where colour is off."""
        mark = _STYLES.get(style, "") if self.colour else ""
        return Verbatim(f"{mark}{text}{_RESET}" if mark and text else text)

    def heading(self, text: str) -> Verbatim:
        """The title of a section."""
        return self.paint(text, "strong")

    def wrap(self, text: Line | str, indent: int = 0, *, lead: str = "", style: str = "") -> Verbatim:
        """A paragraph broken at spaces, with `lead` before its first line; numbers stay with their units."""
        out = [lead or " " * indent]
        column, fresh = seen(out[0]), not lead
        for word in _words(text, style):
            width = sum(seen(piece) for piece, _ in word)
            if not fresh and column + 1 + width > self.width:
                out.append("\n" + " " * indent)
                column, fresh = indent, True
            gap = "" if fresh else " "
            out.append(gap + "".join(self.paint(piece.replace(NARROW, " "), mark) for piece, mark in word))
            column, fresh = column + len(gap) + width, False
        return Verbatim("".join(out))

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> Verbatim:
        """Columns aligned by what is seen; the first and the last give way when the page is narrow."""
        cells = [[visible(cell).replace(NARROW, " ") for cell in row] for row in (head, *rows)]
        widths = [max(seen(row[index]) for row in cells) for index in range(len(head))]
        for index, least in ((0, _LEAST_NAME), (-1, _LEAST_NOTE)):
            spare = self.width - INDENT - sum(widths) - 2 * (len(head) - 1)
            widths[index] = max(widths[index] + min(spare, 0), min(widths[index], least))
        lines = []
        for number, row in enumerate(cells):
            padded = [
                _pad(_cut(cell, widths[index]), widths[index], right=index in right) for index, cell in enumerate(row)
            ]
            words = " " * INDENT + "  ".join(padded).rstrip()
            lines.append(self.paint(words, "faint") if number == 0 else words)
        return Verbatim("\n".join(lines))

    def jobs(self, table: JobTable) -> Verbatim:
        """The main table; folded rows are shown too, for a terminal scrolls."""
        versus = [table.versus_label] if table.versus_label else []
        rows = [
            [
                f"{row.icon} {row.name}" if row.icon else row.name,
                row.energy,
                *([row.versus] if versus else []),
                row.emissions,
                row.emissions_range,
                row.budget_used,
                row.basis,
            ]
            for row in (*table.rows, *table.folded, *((table.total,) if table.total else ()))
        ]
        head = ["Job", "Energy", *versus, "CO₂e", "range", "Budget used", "Basis"]
        return self.table(head, rows, range(1, len(head) - 1))

    def budgets(self, rows: Sequence[BudgetRow], several: bool) -> Verbatim:  # noqa: FBT001
        """Each rule with its limit, what was used, headroom and outcome."""
        first = ["Job"] if several else []
        cells = [
            [*([row.job] if several else []), row.limit, row.observed, row.headroom, f"{row.icon} {row.outcome}"]
            for row in rows
        ]
        head = [*first, "Budget", "Used", "Headroom", "Outcome"]
        return self.table(head, cells, range(len(first) + 1, len(first) + 3))

    def parts(self, rows: Sequence[PartRow]) -> Verbatim:
        """Parts of the machine."""
        cells = [
            [row.label, row.energy, row.share, f"{row.method}; {row.note}" if row.note else row.method] for row in rows
        ]
        return self.table(["Part", "Energy", "Share", "Basis"], cells, (1, 2))

    def phases(self, rows: Sequence[PhaseRow]) -> Verbatim:
        """Phases of the job."""
        cells = [[row.label, row.duration, row.energy, row.share, row.power] for row in rows]
        return self.table(["Phase", "Time", "Energy", "Share", "Mean power"], cells, (1, 2, 3, 4))

    def counterfactual(self, case: Counterfactual) -> Verbatim:
        """Other places or times, and below them those that may not be held against the job."""
        rows = [[row.label, row.factor, row.pue, row.emissions, row.versus] for row in case.rows]
        shown = self.table([case.label, "Factor", "PUE", "CO₂e", "Against"], rows, (2, 3, 4))
        if not case.apart:
            return shown
        apart = [[row.label, row.factor, row.pue, row.emissions] for row in case.apart]
        label = self.wrap(f"{case.apart_label}:", INDENT)
        return Verbatim(f"{shown}\n{label}\n{self.table([case.label, 'Factor', 'PUE', 'CO₂e'], apart, (2, 3))}")

    def source(self, row: SourceRow) -> Verbatim:
        """A source that was not there."""
        label = line(row.source, " was not there") if row.expected else strong(f"{row.source} was not read")
        return self.wrap(line(label, ": ", row.reason, " " if row.remedy else "", row.remedy), INDENT + 2, lead="   -")


def visible(text: str) -> str:
    """Text that can neither move the cursor nor start a workflow command."""
    shown = sentence(text, longest=4000)
    return re.sub(_COMMAND, r"\g<0> ", shown) if "::" in shown or "##[" in shown else shown


def seen(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if character < "\u0300" or "\u2010" <= character < "\u2600":
        return 1
    from unicodedata import combining, east_asian_width  # noqa: PLC0415 - rarely needed, and the meter's end waits

    if combining(character) or character == "\ufe0f":
        return 0
    return 2 if east_asian_width(character) in ("W", "F") else 1


def _words(text: Line | str, style: str) -> list[list[tuple[str, str]]]:
    """Words as pieces with their styles: a word may run over from one span into the next."""
    words: list[list[tuple[str, str]]] = [[]]
    for span in text.spans if isinstance(text, Line) else (Span(text),):
        mark = style or ("" if span.style is Style.PLAIN else span.style.value)
        for index, piece in enumerate(span.text.split(" ")):
            if index:
                words.append([])
            words[-1].append((piece, mark))
    shown = [[(visible(piece), mark) for piece, mark in word if piece] for word in words]
    return [[(piece, mark) for piece, mark in word if piece] for word in shown if any(piece for piece, _ in word)]


def _pad(text: str, width: int, *, right: bool) -> str:
    space = " " * max(width - seen(text), 0)
    return space + text if right else text + space


def _cut(text: str, width: int) -> str:
    if seen(text) <= width:
        return text
    kept = ""
    for character in text:
        if seen(kept + character) > width - 1:
            break
        kept += character
    return kept + "…"
