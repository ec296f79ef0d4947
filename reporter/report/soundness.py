"""Whether Markdown that a user's template made holds together: tables, folds and code blocks are whole."""

from __future__ import annotations

import re

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_DELIMITERS = re.compile(r"\|?:?-+:?(?:\|:?-+:?)*\|?")
"""Of a line without its spaces: with them it would take a line of 4,000 spaces minutes."""
_SPACED = re.compile(r"[-:]\s+[-:]")
_FOLD = re.compile(r"<(/?)(details|summary)(?=[\s>])[^>]*>", re.IGNORECASE)


def fault(markdown: str) -> str | None:
    """What is broken, in words for a sentence; None where all is whole."""
    fence, head, cells = "", "", 0
    folds: list[str] = []
    for line in markdown.splitlines():
        mark = _FENCE.match(line)
        if fence:
            closes = mark is not None and mark[1].startswith(fence) and not mark[2].strip()
            fence = "" if closes else fence
            continue
        if mark is not None:
            fence = mark[1]
            continue
        if (broken := _folded(line, folds)) is not None:
            return broken
        if cells:
            cells = cells if line.lstrip().startswith("|") else 0
        elif "|" in line and _delimits(line):
            cells = _cells(line)
            if head.lstrip().startswith("|") and _cells(head) != cells:
                return f"a table's head has {_cells(head)} cells, the line below it {cells}"
        if cells and _cells(line) != cells:
            return f"a table's row has {_cells(line)} cells, its head {cells}"
        head = line
    if fence:
        return "a code block is not closed"
    return f"<{folds[-1]}> is not closed" if folds else None


def _folded(line: str, folds: list[str]) -> str | None:
    """Keep account of the folds that are open; what is wrong where one is closed that is not."""
    for closes, tag in _FOLD.findall(line):
        name = tag.lower()
        if not closes:
            folds.append(name)
        elif not folds or folds.pop() != name:
            return f"</{name}> closes nothing"
    return None


def _delimits(line: str) -> bool:
    """Whether it is the line below a table's head."""
    return _DELIMITERS.fullmatch("".join(line.split())) is not None and _SPACED.search(line) is None


def _cells(row: str) -> int:
    """Cells of a row: bars between them, but for those that a backslash escapes."""
    text = re.sub(r"\\.", "", row).strip()
    return len(text.removeprefix("|").removesuffix("|").split("|"))
