"""Which of a source's readings are written down, so that a recording of weeks stays small and its counters exact.

A counter that wraps must be read every ten seconds, but it need not be written down so often: between two readings in
which no counter fell, nothing came and nothing went, the difference of the outer ones tells all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

Values = tuple[int | None, ...]


class Reading(NamedTuple):
    """One reading of one source."""

    t_ns: int
    values: Values


class Thinning:
    """One source's readings: those that are due are kept, and both sides of whatever is not a plain rise.

    `counters` are the positions of its cumulative columns; `pace_ns` gives the least time between two lines from the
    time that has passed, 0 where every reading is kept.
    """

    def __init__(self, counters: Sequence[int], pace_ns: Callable[[int], int]) -> None:
        self._counters = tuple(counters)
        self._pace_ns = pace_ns
        self._first_ns: int | None = None
        self._written_ns = 0
        self._last: Reading | None = None
        self._held = False

    def keep(self, t_ns: int, values: Values, *, ending: bool = False) -> tuple[Reading, ...]:
        """The readings to write now: none, this one, or the one before it too. At the end each is written."""
        before, this = self._last, Reading(t_ns, values)
        self._last = this
        if self._first_ns is None:
            self._first_ns = t_ns
        turned = before is None or self._turned(before.values, values)
        due = t_ns - self._written_ns >= self._pace_ns(t_ns - self._first_ns)
        if not (turned or due or ending):
            self._held = True
            return ()
        held, self._held = self._held, False
        self._written_ns = t_ns
        return (before, this) if turned and held and before is not None else (this,)

    def _turned(self, before: Values, after: Values) -> bool:
        """Whether a counter fell (it wrapped or was reset), or a value went missing or came back."""
        if any((earlier is None) is not (later is None) for earlier, later in zip(before, after, strict=True)):
            return True
        return any((after[at] or 0) < (before[at] or 0) for at in self._counters)
