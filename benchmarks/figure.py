"""One measured figure with its goal, and the table of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table; `reached` is None where there is no goal."""

    what: str
    value: str
    goal: str = ""
    reached: bool | None = None


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table."""
    marks = {True: "reached", False: "**missed**", None: ""}
    rows = [f"| {row.what} | {row.value} | {row.goal} | {marks[row.reached]} |" for row in figures]
    return "\n".join(("| figure | measured | goal | |", "| :-- | :-- | :-- | :-- |", *rows))
