"""Text laid out for a terminal: wrapped, aligned by what is seen, coloured only where asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from reporter.report.format import NARROW
from reporter.report.page import BudgetRow, ComparedRow, Counterfactual, JobTable, PartRow, PhaseRow, SourceRow
from reporter.report.prose import Line, Span, Style, Verbatim, line, sentence, strong

NARROWEST = 40
INDENT = 3
GAPS = (2, 1)
"""Columns between those of a table, as few as need be."""
_LEAST_NAME = 28
_LEAST_NOTE = 24
_LEAST_NAME_ALONE = 16
"""Of a first column whose table has its last one folded already."""
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
FOLDED = 2
_MODIFIERS = r"[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]"
"""What asks for a coloured glyph or a skin: terminals disagree on how wide that makes the character before."""
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
        out = [re.sub(_MODIFIERS, "", lead) or " " * indent]
        column, fresh = seen(out[0]), not lead
        for word in _broken(_words(text, style), self.width - indent):
            width = sum(seen(piece) for piece, _ in word)
            if not fresh and column + 1 + width > self.width:
                out.append("\n" + " " * indent)
                column, fresh = indent, True
            gap = "" if fresh else " "
            out.append(gap + "".join(self.paint(piece.replace(NARROW, " "), mark) for piece, mark in word))
            column, fresh = column + len(gap) + width, False
        return Verbatim("".join(out))

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> Verbatim:
        """Columns aligned by what is seen, never wider than the page.

        Where that is narrow the first and the last column give way; then the last, if it holds words, stands below
        its row; then the first stands above it.
        """
        cells = [[_cell(cell) for cell in row] for row in (head, *rows)]
        columns, above, below = [*range(len(head))], -1, -1
        fit = self._fit(cells, columns, 0)
        if fit is None and columns[-1] not in right:
            below = columns.pop()
            fit = self._fit(cells, columns, 0)
        if fit is None:
            above = columns.pop(0)
            fit = self._fit(cells, columns, FOLDED) or (1, [max(seen(row[at]) for row in cells) for at in columns])
        gap, widths = fit
        lines: list[str] = []
        for number, row in enumerate(cells):
            padded = [
                _pad(_cut(row[at], width), width, right=at in right) for at, width in zip(columns, widths, strict=True)
            ]
            shift = INDENT + (FOLDED if above >= 0 else 0)
            shown = [" " * shift + (" " * gap).join(padded).rstrip()]
            if above >= 0:
                shown.insert(0, " " * INDENT + _cut(row[above], self.width - INDENT))
            if below >= 0 and number and row[below]:
                shown.append(self.wrap(row[below], INDENT + FOLDED))
            lines += [self.paint(words, "faint") for words in shown] if number == 0 else shown
        return Verbatim("\n".join(lines))

    def _fit(self, cells: Sequence[Sequence[str]], columns: Sequence[int], shift: int) -> tuple[int, list[int]] | None:
        """Gap and widths so that the columns fit; None where they do not even when the outer ones give way."""
        last = len(cells[0]) - 1
        outer = {0: _LEAST_NAME if last in columns else _LEAST_NAME_ALONE, last: _LEAST_NOTE}
        for gap in GAPS:
            room = self.width - INDENT - shift - gap * (len(columns) - 1)
            widths = [max(seen(row[at]) for row in cells) for at in columns]
            for place, at in enumerate(columns):
                spare = min(room - sum(widths), 0)
                widths[place] = max(widths[place] + spare, min(widths[place], outer.get(at, widths[place])))
            if sum(widths) <= room:
                return gap, widths
        return None

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

    def compared(self, rows: Sequence[ComparedRow], label: str, base: str) -> Verbatim:
        """Base and job side by side."""
        cells = [[row.label, row.base, row.head, row.difference] for row in rows]
        return self.table([label, base, "Now", "Difference"], cells, (1, 2, 3))

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
    if character < "\u0300" or "\u2010" <= character < "\u2028" or "\u2030" <= character < "\u20d0":
        return 1
    from unicodedata import category, east_asian_width  # noqa: PLC0415 - rarely needed, and the meter's end waits

    if category(character) in ("Mn", "Me", "Cf") or "\u1160" <= character <= "\u11ff":
        return 0  # marks, and those parts of a Korean syllable that join the first
    return 2 if east_asian_width(character) in ("W", "F") else 1


def _cell(text: str) -> str:
    return re.sub(_MODIFIERS, "", visible(text)).replace(NARROW, " ")


def _words(text: Line | str, style: str) -> list[list[tuple[str, str]]]:
    """Words as pieces with their styles: a word may run over from one span into the next."""
    words: list[list[tuple[str, str]]] = [[]]
    for span in text.spans if isinstance(text, Line) else (Span(text),):
        mark = style or ("" if span.style is Style.PLAIN else span.style.value)
        for index, piece in enumerate(span.text.split(" ")):
            if index:
                words.append([])
            words[-1].append((piece, mark))
    shown = [[(re.sub(_MODIFIERS, "", visible(piece)), mark) for piece, mark in word if piece] for word in words]
    return [[(piece, mark) for piece, mark in word if piece] for word in shown if any(piece for piece, _ in word)]


def _broken(words: list[list[tuple[str, str]]], room: int) -> Iterator[list[tuple[str, str]]]:
    """The words, those that no line has room for in parts."""
    for word in words:
        part: list[tuple[str, str]] = []
        for piece, mark in word:
            rest = piece
            while seen(rest) > (left := room - sum(seen(text) for text, _ in part)):
                kept = _first(rest, left) or ("" if part else rest[:1])
                yield [*part, *([(kept, mark)] if kept else [])]
                rest, part = rest[len(kept) :], []
            part.append((rest, mark))
        yield part


def _first(text: str, width: int) -> str:
    """As much of the beginning as takes no more columns."""
    taken = 0
    for place, character in enumerate(text):
        taken += _columns(character)
        if taken > width:
            return text[:place]
    return text


def _pad(text: str, width: int, *, right: bool) -> str:
    space = " " * max(width - seen(text), 0)
    return space + text if right else text + space


def _cut(text: str, width: int) -> str:
    return text if seen(text) <= width else f"{_first(text, width - 1)}…"
