"""Power over time as text, as Mermaid and as a still picture. Every label is made of numbers or of escaped names."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from reporter.domain.carbon import PowerPoint
from reporter.domain.readings import Phase
from reporter.report.escape import html as escape
from reporter.report.format import exact, power
from reporter.report.prose import Verbatim, name

MOST_POINTS = 40
"""GitHub's Mermaid stays fast and legible up to here."""
SPARKLINE_BARS = 32
_BARS = "▁▂▃▄▅▆▇█"
_GAP = "·"
_THEME = (
    '%%{init: {"xyChart": {"width": 720, "height": 260, "xAxis": {"labelFontSize": 12, "titleFontSize": 12}, '
    '"yAxis": {"labelFontSize": 12, "titleFontSize": 12}}, '
    '"themeVariables": {"xyChart": {"backgroundColor": "transparent", "plotColorPalette": "#2f81f7"}}}}%%'
)
"""The stock palette vanishes on one of GitHub's two backgrounds; this blue reads on both."""
_TIME_UNITS = (("h", 3600.0, 7200.0), ("min", 60.0, 120.0), ("s", 1.0, 0.0))
_Place = Callable[[float], str]
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 720.0, 220.0, 56.0, 8.0, 12.0, 40.0


def sampled(points: Sequence[PowerPoint], bins: int) -> tuple[float | None, ...]:
    """Mean power in equal spans of time; None where less than half of a span was covered."""
    known = [point for point in points if math.isfinite(point.power_w) and point.end_s > point.start_s]
    if not known:
        return ()
    start, end = known[0].start_s, max(point.end_s for point in known)
    width = (end - start) / bins
    means: list[float | None] = []
    first = 0
    for index in range(bins):
        left, right = start + index * width, start + (index + 1) * width
        while first < len(known) and known[first].end_s <= left:
            first += 1
        covered = energy_j = 0.0
        for point in known[first:]:
            if point.start_s >= right:
                break
            overlap = min(right, point.end_s) - max(left, point.start_s)
            if overlap > 0:
                covered += overlap
                energy_j += overlap * point.power_w
        means.append(energy_j / covered if covered >= width / 2 else None)
    return tuple(means)


def sparkline(points: Sequence[PowerPoint], bars: int = SPARKLINE_BARS) -> str:
    """Power over time as block characters from zero up; a dot where nothing was read."""
    means = sampled(points, _bins(points, bars))
    peak = max((mean for mean in means if mean is not None), default=0.0)
    if peak <= 0:
        return ""
    return "".join(_GAP if mean is None else _BARS[min(int(mean / peak * 8), 7)] for mean in means)


def mermaid(points: Sequence[PowerPoint]) -> Verbatim:
    """The body of a Mermaid chart; empty where a gap would have to be drawn as a value, or with fewer than 4 points."""
    means = sampled(points, _bins(points, MOST_POINTS))
    known = [mean for mean in means if mean is not None]
    if len(points) < 4 or len(known) != len(means) or max(known) <= 0:  # noqa: PLR2004
        return Verbatim("")
    unit, per = _time_unit(points[-1].end_s)
    peak = max(known)
    watts, base = ("kW", 1e3) if peak >= 1e3 else ("W", 1.0)  # noqa: PLR2004
    values = ", ".join(_plain(mean / base, peak / base) for mean in known)
    return Verbatim(
        f"{_THEME}\nxychart-beta\n"
        f'    x-axis "Time ({unit})" {_plain(points[0].start_s / per, 10)} --> {_plain(points[-1].end_s / per, 10)}\n'
        f'    y-axis "Power ({watts})" 0 --> {_plain(_round_up(peak / base), 10)}\n'
        f"    line [{values}]"
    )


def svg(points: Sequence[PowerPoint], phases: Sequence[Phase], label: str) -> Verbatim:
    """A still picture for the HTML report, coloured by its style sheet; gaps stay gaps."""
    known = [point for point in points if math.isfinite(point.power_w) and point.end_s > point.start_s]
    peak = max((point.power_w for point in known), default=0.0)
    if not known or peak <= 0:
        return Verbatim("")
    end_s = max(point.end_s for point in known)
    top_w = _round_up(peak)
    span = _WIDTH - _LEFT - _RIGHT
    floor = _HEIGHT - _BOTTOM

    def across(seconds: float) -> str:
        return f"{_LEFT + span * min(max(seconds / end_s, 0), 1):.1f}"

    def up(watts: float) -> str:
        return f"{floor - (floor - _TOP) * watts / top_w:.1f}"

    parts = [
        f'<svg class="power" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" role="img" aria-label="{escape(label)}">',
        *(_grid_line(up(top_w * step / 4), power(top_w * step / 4, 2) if step else "0") for step in range(5)),
        *(_band(phase, across, index) for index, phase in enumerate(phases[:12])),
    ]
    parts.extend(_area(stretch, across, up, f"{floor:.1f}") for stretch in _stretches(known))
    unit, per = _time_unit(end_s)
    tick = _tick(end_s / per)
    for step in range(int(end_s / per / tick) + 1):
        words = f"{exact(round(step * tick, 6))} {unit}" if step else "0"
        anchor = "middle" if step else "start"
        at = across(step * tick * per)
        parts.append(f'<text x="{at}" y="{floor + 16:.1f}" text-anchor="{anchor}">{words}</text>')
    parts.append("</svg>")
    return Verbatim("".join(parts))


def _bins(points: Sequence[PowerPoint], most: int) -> int:
    """As many spans as the shortest point asks for, within reason."""
    widths = [point.end_s - point.start_s for point in points if point.end_s > point.start_s]
    return max(1, min(most, round((points[-1].end_s - points[0].start_s) / min(widths)))) if widths else 1


def _stretches(points: Sequence[PowerPoint]) -> list[list[PowerPoint]]:
    stretches: list[list[PowerPoint]] = []
    for point in points:
        if stretches and point.start_s - stretches[-1][-1].end_s < 1e-6:  # noqa: PLR2004
            stretches[-1].append(point)
        else:
            stretches.append([point])
    return stretches


def _area(stretch: list[PowerPoint], across: _Place, up: _Place, floor: str) -> str:
    steps = "".join(f"V{up(point.power_w)}H{across(point.end_s)}" for point in stretch)
    start = across(stretch[0].start_s)
    line = f"M{start} {up(stretch[0].power_w)}{steps}"
    return f'<path class="area" d="M{start} {floor}{steps}V{floor}Z"/><path class="line" d="{line}"/>'


def _band(phase: Phase, across: _Place, index: int) -> str:
    left, right = across(phase.start_s), across(phase.end_s)
    width = float(right) - float(left)
    if width < 1:
        return ""
    longest = int(width / 7)
    label = escape(name(phase.label, longest)) if longest > 3 else ""  # noqa: PLR2004
    words = f'<text class="phase" x="{float(left) + 4:.1f}" y="{_HEIGHT - 6:.1f}">{label}</text>' if label else ""
    shade = "even" if index % 2 else "odd"
    height = _HEIGHT - _TOP - _BOTTOM + 36
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
