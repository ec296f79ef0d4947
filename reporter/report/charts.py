"""Power and utilisation over time as text, as Mermaid and as a still picture.

Every label is made of numbers or of escaped names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from reporter.domain.carbon import PowerPoint
from reporter.domain.readings import Phase
from reporter.report.escape import html as escape
from reporter.report.format import exact, percent, power
from reporter.report.prose import Verbatim, name

MOST_POINTS = 40
"""GitHub's Mermaid stays fast and legible up to here."""
SPARKLINE_BARS = 32
MOST_BANDS = 12
"""More phases than these would be stripes."""
_BARS = "▁▂▃▄▅▆▇█"
_GAP = "·"
_THEME = (
    '%%{{init:{{"xyChart":{{"width":720,"height":{height},"xAxis":{{"labelFontSize":12,"titleFontSize":12}},'
    '"yAxis":{{"labelFontSize":12,"titleFontSize":12}}}},'
    '"themeVariables":{{"xyChart":{{"backgroundColor":"transparent","plotColorPalette":"{colour}"}}}}}}}}%%'
)
"""The stock palette vanishes on one of GitHub's two backgrounds; these colours read on both."""
_TIME_UNITS = (("h", 3600.0, 7200.0), ("min", 60.0, 120.0), ("s", 1.0, 0.0))
_EDGE = 24
"""Nearer to the right side than this a label would be cut."""
_Place = Callable[[float], str]
_WIDTH, _LEFT, _RIGHT, _TOP, _BOTTOM = 720.0, 56.0, 8.0, 12.0, 40.0


class Curve(NamedTuple):
    """One quantity over time, and how it is drawn: its axis ends at `full`, or where its peak asks for it (None)."""

    title: str
    kind: str
    colour: str
    value: Callable[[PowerPoint], float | None]
    label: Callable[[float], str]
    full: float | None
    steps: int
    height: float
    mermaid_height: int


POWER = Curve(
    title="Power", kind="power", colour="#2f81f7", value=lambda point: point.power_w, full=None,
    label=lambda watts: power(watts, 2), steps=4, height=220.0, mermaid_height=260,
)  # fmt: skip
UTILISATION = Curve(
    title="Utilisation", kind="power use", colour="#bf8700", value=lambda point: point.utilisation_ratio, full=1.0,
    label=percent, steps=2, height=130.0, mermaid_height=220,
)  # fmt: skip


class Step(NamedTuple):
    """A value that holds from one time to another, seconds."""

    start_s: float
    end_s: float
    value: float


def steps(points: Sequence[PowerPoint], curve: Curve = POWER) -> list[Step]:
    """What is known of a curve."""
    return [
        Step(point.start_s, point.end_s, value)
        for point in points
        if (value := curve.value(point)) is not None and math.isfinite(value) and point.end_s > point.start_s
    ]


def sampled(points: Sequence[PowerPoint], bins: int, curve: Curve = POWER) -> tuple[float | None, ...]:
    """Means in equal spans of time; None where less than half of a span was covered."""
    known = steps(points, curve)
    if not known:
        return ()
    start, end = points[0].start_s, max(point.end_s for point in points)
    width = (end - start) / bins
    means: list[float | None] = []
    first = 0
    for index in range(bins):
        left, right = start + index * width, start + (index + 1) * width
        while first < len(known) and known[first].end_s <= left:
            first += 1
        covered = whole = 0.0
        for point in known[first:]:
            if point.start_s >= right:
                break
            overlap = min(right, point.end_s) - max(left, point.start_s)
            if overlap > 0:
                covered += overlap
                whole += overlap * point.value
        means.append(whole / covered if covered >= width / 2 else None)
    return tuple(means)


def sparkline(points: Sequence[PowerPoint], curve: Curve = POWER) -> str:
    """A curve as block characters from zero up; a dot where nothing was read."""
    means = sampled(points, _bins(points, SPARKLINE_BARS), curve)
    known = [mean for mean in means if mean is not None]
    peak = max(known, default=0.0) if curve.full is None else curve.full
    if peak <= 0 or not known:
        return ""
    return bars(means, peak)


def bars(values: Sequence[float | None], peak: float) -> str:
    """Values from zero up to `peak` as block characters; a dot where one is not known."""
    return "".join(_GAP if value is None else _BARS[min(int(value / peak * 8), 7)] for value in values)


def mermaid(points: Sequence[PowerPoint], curve: Curve = POWER) -> Verbatim:
    """The body of a Mermaid chart; empty where a gap would have to be drawn as a value, or with fewer than 4 points."""
    means = sampled(points, _bins(points, MOST_POINTS), curve)
    known = [mean for mean in means if mean is not None]
    if len(points) < 4 or len(known) != len(means) or (curve.full is None and max(known) <= 0):  # noqa: PLR2004
        return Verbatim("")
    unit, per = _time_unit(points[-1].end_s)
    peak = max(known) if curve.full is None else curve.full
    axis, base = ("%", 0.01) if curve.full else ("kW", 1e3) if peak >= 1e3 else ("W", 1.0)  # noqa: PLR2004
    values = ",".join(_plain(mean / base, peak / base) for mean in known)
    theme = _THEME.format(colour=curve.colour, height=curve.mermaid_height)
    return Verbatim(
        f"{theme}\nxychart-beta\n"
        f'    x-axis "Time ({unit})" {_plain(points[0].start_s / per, 10)} --> {_plain(points[-1].end_s / per, 10)}\n'
        f'    y-axis "{curve.title} ({axis})" 0 --> {_plain(_round_up(peak / base), 10)}\n'
        f"    line [{values}]"
    )


def svg(points: Sequence[PowerPoint], phases: Sequence[Phase], label: str, curve: Curve = POWER) -> Verbatim:
    """A still picture for the HTML report, coloured by its style sheet; gaps stay gaps."""
    known = steps(points, curve)
    peak = max((step.value for step in known), default=0.0) if curve.full is None else curve.full
    if not known or peak <= 0:
        return Verbatim("")
    end_s = max(point.end_s for point in points)
    top = _round_up(peak)
    span = _WIDTH - _LEFT - _RIGHT
    floor = curve.height - _BOTTOM

    def across(seconds: float) -> str:
        return f"{_LEFT + span * min(max(seconds / end_s, 0), 1):.1f}"

    def up(value: float) -> str:
        return f"{floor - (floor - _TOP) * value / top:.1f}"

    levels = [top * step / curve.steps for step in range(curve.steps + 1)]
    frame = f'class="{curve.kind}" viewBox="0 0 {_WIDTH:.0f} {curve.height:.0f}" role="img"'
    parts = [
        f'<svg {frame} aria-label="{escape(label)}">',
        *(_grid_line(up(level), curve.label(level) if level else "0") for level in levels),
        *(_band(phase, across, curve.height, index) for index, phase in enumerate(_bands(phases))),
    ]
    parts.extend(_area(stretch, across, up, f"{floor:.1f}") for stretch in _stretches(known))
    unit, per = _time_unit(end_s)
    tick = _tick(end_s / per)
    for step in range(int(end_s / per / tick) + 1):
        words = f"{exact(round(step * tick, 6))} {unit}" if step else "0"
        at = across(step * tick * per)
        anchor = "start" if not step else "end" if float(at) > _WIDTH - _EDGE else "middle"
        parts.append(f'<text x="{at}" y="{floor + 16:.1f}" text-anchor="{anchor}">{words}</text>')
    parts.append("</svg>")
    return Verbatim("".join(parts))


def _bins(points: Sequence[PowerPoint], most: int) -> int:
    """As many spans as the shortest point asks for, within reason."""
    widths = [point.end_s - point.start_s for point in points if point.end_s > point.start_s]
    return max(1, min(most, round((points[-1].end_s - points[0].start_s) / min(widths)))) if widths else 1


def _stretches(known: Sequence[Step]) -> list[list[Step]]:
    stretches: list[list[Step]] = []
    for step in known:
        if stretches and step.start_s - stretches[-1][-1].end_s < 1e-6:  # noqa: PLR2004
            stretches[-1].append(step)
        else:
            stretches.append([step])
    return stretches


def _area(stretch: list[Step], across: _Place, up: _Place, floor: str) -> str:
    path = "".join(f"V{up(step.value)}H{across(step.end_s)}" for step in stretch)
    start = across(stretch[0].start_s)
    line = f"M{start} {up(stretch[0].value)}{path}"
    return f'<path class="area" d="M{start} {floor}{path}V{floor}Z"/><path class="line" d="{line}"/>'


def _bands(phases: Sequence[Phase]) -> Sequence[Phase]:
    """The phases to mark; none where they are summed by name, so that nobody knows which came when."""
    return phases if len(phases) <= MOST_BANDS and all(phase.duration_s is None for phase in phases) else ()


def _band(phase: Phase, across: _Place, chart_height: float, index: int) -> str:
    left, right = across(phase.start_s), across(phase.end_s)
    width = float(right) - float(left)
    if width < 1:
        return ""
    longest = int(width / 7)
    label = escape(name(phase.label, longest)) if longest > 3 else ""  # noqa: PLR2004
    words = f'<text class="phase" x="{float(left) + 4:.1f}" y="{chart_height - 6:.1f}">{label}</text>' if label else ""
    shade = "even" if index % 2 else "odd"
    height = chart_height - _TOP - _BOTTOM + 36
    rect = f'<rect class="band {shade}" x="{left}" y="{_TOP:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
    return rect + words


def _grid_line(at: str, words: str) -> str:
    return (
        f'<line class="grid" x1="{_LEFT:.0f}" x2="{_WIDTH - _RIGHT:.0f}" y1="{at}" y2="{at}"/>'
        f'<text x="{_LEFT - 6:.0f}" y="{float(at) + 4:.1f}" text-anchor="end">{words}</text>'
    )


def _time_unit(seconds: float) -> tuple[str, float]:
    return next((unit, per) for unit, per, least in _TIME_UNITS if seconds >= least)


def _round_up(value: float) -> float:
    """The next value that divides by four into short labels."""
    size = 10.0 ** math.floor(math.log10(value))
    return next((step * size for step in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8) if step * size >= value), 10 * size)


def _tick(length: float) -> float:
    """A round distance between four to eight marks on a time axis."""
    size = 10.0 ** math.floor(math.log10(length))
    return next((step * size for step in (0.1, 0.2, 0.25, 0.5, 1, 2) if length / (step * size) < 8), 2 * size)  # noqa: PLR2004


def _plain(value: float, largest: float) -> str:
    """Fixed-point, as Mermaid wants it: no exponent, no separator; digits after the point by the largest value."""
    decimals = max(0, 2 - math.floor(math.log10(max(largest, 1e-3)))) if largest < 1e3 else 0  # noqa: PLR2004
    return exact(round(max(value, 0.0), decimals)).replace(",", "")
