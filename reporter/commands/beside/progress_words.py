"""The words of progress, and how they are put on a terminal or into a log.

On a terminal the line stands at the right edge of the row that the cursor is in, and the cursor goes back to where it
was: what the command writes starts where it would have started. The last cell stays free, so that nothing wraps.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple

from reporter.commands.beside.manner import Manner
from reporter.commands.delivery.faces import colour_wanted
from reporter.config import Config
from reporter.domain.budget import Budget, Kind, Metric
from reporter.domain.carbon import Site
from reporter.domain.running import SoFar
from reporter.domain.units import J_PER_KWH, scale_of
from reporter.report.format import NARROW, amount, emission_scale, energy_scale, percent, power

ABOUT = "~"
APART = " · "
MOST_LABEL = 60
STDERR = 2
SAVE, RESTORE = "\x1b7", "\x1b8"
DIM, PLAIN = "\x1b[2m", "\x1b[0m"
USUAL_COLUMNS = 80


class Told(NamedTuple):
    """How the job is going: parts of a line, the most important first, and a line for each meter."""

    parts: tuple[str, ...]
    meters: tuple[str, ...]

    @property
    def line(self) -> str:
        """All parts."""
        return APART.join(self.parts)


def text_of(so_far: SoFar, elapsed_s: float, site: Site | None, config: Config) -> Told:
    """Elapsed time, watts now, energy and emissions so far, share of the budget; what is not known is left out.

    Energy is the machine's, with the building's share where the site is known: what budgets are held against.
    """
    parts = [_clock(elapsed_s)]
    if so_far.power_w is not None:
        parts.append(power(so_far.power_w))
    energy_j = so_far.it_j if so_far.it_j is None or site is None else so_far.it_j * site.pue.ratio
    grams = None
    if energy_j is not None:
        parts.append(ABOUT + amount(energy_j, energy_scale([energy_j])))
        if site is not None:
            grams = energy_j / J_PER_KWH * site.intensity.gco2e_per_kwh
            parts.append(f"{ABOUT}{amount(grams, emission_scale([grams]))} CO2e")
    parts += _share(config.budgets, energy_j if site is not None else None, grams)
    meters = tuple(
        _spaced(f"{label}: {power(row.power_w)}, {ABOUT}{amount(row.energy_j, energy_scale([row.energy_j]))}")
        for label, row in zip(_labels([row.label for row in so_far.meters]), so_far.meters, strict=True)
    )
    return Told(parts=tuple(map(_spaced, parts)), meters=meters)


def drawer(how: Manner, environ: Mapping[str, str]) -> tuple[Callable[[Told], str], Callable[[], str]]:
    """What to write for each look, and at the end."""
    if how is Manner.LIVE:
        screen = Screen(colour=colour_wanted(environ, on_terminal=True))
        return _shown(screen.draw), screen.clear
    return _shown(_group if how is Manner.GROUPS else _line), str


class Screen:
    """The line on a terminal."""

    def __init__(self, *, colour: bool, descriptor: int = STDERR) -> None:
        self._colour = colour
        self._descriptor = descriptor
        self._drawn_at: int | None = None

    def draw(self, told: Told) -> str:
        """What puts the line there; nothing while the terminal is somebody else's, or too narrow."""
        if not is_ours(self._descriptor):
            return ""
        columns = _columns(self._descriptor)
        text = fitting(told.parts, columns - 1)
        if not text:
            return self.clear()
        at = columns - len(text)
        erase = f"\x1b[{min(at, self._drawn_at or at)}G\x1b[K"
        self._drawn_at = at
        words = f"{DIM}{text}{PLAIN}" if self._colour else text
        return f"{SAVE}{erase}\x1b[{at}G{words}{RESTORE}"

    def clear(self) -> str:
        """What takes it away, if the cursor is still in its row."""
        at, self._drawn_at = self._drawn_at, None
        return "" if at is None or not is_ours(self._descriptor) else f"{SAVE}\x1b[{at}G\x1b[K{RESTORE}"


def fitting(parts: tuple[str, ...], width: int) -> str:
    """As many whole parts as fit: half a number would be another number."""
    for count in range(len(parts), 0, -1):
        text = APART.join(parts[:count])
        if len(text) <= width:
            return text
    return ""


def is_ours(descriptor: int) -> bool:
    """Whether drawing disturbs nobody: we are in the foreground, and no program reads single keys (editors, pagers)."""
    try:
        import termios  # noqa: PLC0415  (not on Windows)

        if not termios.tcgetattr(descriptor)[3] & termios.ICANON:
            return False
    except (ImportError, OSError, termios.error):
        return False
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return True  # a terminal that controls nobody: there is no background


def _columns(descriptor: int) -> int:
    try:
        return os.get_terminal_size(descriptor).columns or USUAL_COLUMNS
    except OSError:
        return USUAL_COLUMNS


def _line(told: Told) -> str:
    return f"emissions: {told.line}\n"


def _group(told: Told) -> str:
    """A folded group. The runner decodes the title; a line that begins with a word is no command of its."""
    title = f"emissions {told.line}".replace("%", "%25")
    return "".join((f"::group::{title}\n", *(f"- {row}\n" for row in told.meters), "::endgroup::\n"))


def _share(budgets: tuple[Budget, ...], energy_j: float | None, grams: float | None) -> list[str]:
    """The budget that is used up most, of those that are limits of this job alone."""
    used: list[tuple[float, str]] = []
    for budget in budgets:
        observed = energy_j if budget.metric is Metric.ENERGY else grams
        if budget.kind is Kind.LIMIT and budget.per_unit is None and budget.scope == "job" and observed is not None:
            used.append((observed / (budget.limit * scale_of(budget.unit)), budget.rule))
    if not used:
        return []
    ratio, rule = max(used)
    return [f"{percent(ratio)} of {rule}"]


def _clock(seconds: float) -> str:
    minutes, second = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{second:02}"


def _labels(labels: list[str]) -> list[str]:
    """Several meters of one name are numbered."""
    own = list(map(_label, labels))
    return [
        f"{label} #{own[:place].count(label) + 1}" if own.count(label) > 1 else label for place, label in enumerate(own)
    ]


def _label(label: str) -> str:
    """A meter's name as one harmless piece: `##[` would be a command to the runner anywhere in a line."""
    return "".join(letter if letter.isprintable() else "?" for letter in label)[:MOST_LABEL].replace("##[", "## [")


def _spaced(text: str) -> str:
    """With ordinary spaces: a log is searched for `312 W`."""
    return text.replace(NARROW, " ")


def _shown(draw: Callable[[Told], str]) -> Callable[[Told], str]:
    """The same in plain letters where stderr has no others; as many, since their places were counted."""

    def drawn(told: Told) -> str:
        text = draw(told)
        try:
            text.encode(getattr(sys.stderr, "encoding", None) or "utf-8")
        except (UnicodeEncodeError, LookupError):
            return text.replace("·", "|").encode("ascii", "replace").decode()
        return text

    return drawn
