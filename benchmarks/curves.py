"""Small multiples as an SVG picture: lines over one pair of axes, 0 to 30 % across and 0 to 100 % up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

WIDTH, HEIGHT, GAP, LEFT, TOP = 190, 116, 26, 34, 56
MOST_X, MOST_Y = 30, 100
INK = {"light": ("#1f2328", "#d1d9e0", "#59636e"), "dark": ("#f0f6fc", "#3d444d", "#9198a1")}
"""Text, lines of the grid, and small text, as GitHub has them."""
COLOURS = {
    "light": ("#1a7f37", "#0969da", "#cf222e", "#9a6700", "#8250df", "#bc4c00", "#57606a"),
    "dark": ("#3fb950", "#4493f8", "#f85149", "#d29922", "#ab7df8", "#db6d28", "#9198a1"),
}
DASHES = ("", "2 2", "6 2", "1 3", "8 2 2 2", "4 4", "3 1")
"""Whoever sees no colours tells lines by these."""


class Panel(NamedTuple):
    """One pair of axes; each line has a name and its points, in per cent."""

    title: str
    lines: dict[str, list[tuple[float, float]]]


def picture(panels: Sequence[Panel], *, columns: int, scheme: str) -> str:
    """All panels, row by row, under one legend. Without a background: the page's own shows."""
    rows = -(-len(panels) // columns)
    width, height = LEFT + columns * (WIDTH + GAP), TOP + rows * (HEIGHT + 2 * GAP)
    text, _, small = INK[scheme]
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    style = f'font-family="sans-serif" font-size="11" fill="{text}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {style}>',
        "<title>How often each test sees a regression, over how much more the job takes</title>",
        *_legend(list(panels[0].lines), width, scheme),
    ]
    for place, panel in enumerate(panels):
        x, y = LEFT + place % columns * (WIDTH + GAP), TOP + place // columns * (HEIGHT + 2 * GAP)
        parts += [f'<g transform="translate({x} {y})">', *_axes(panel.title, scheme), *_lines(panel, scheme), "</g>"]
    words = "increase of the job's energy in per cent; up: how often a rule of +5 % sees it, in per cent"
    parts += [
        f'<text x="{width / 2:g}" y="{height - 6}" text-anchor="middle" fill="{small}">{words}</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _legend(names: list[str], width: float, scheme: str) -> Iterable[str]:
    step = (width - LEFT) / 4
    for place, name in enumerate(names):
        x, y = LEFT + place % 4 * step, 12 + place // 4 * 16
        yield f'<path d="M{x:g} {y}h26" {_stroke(place, scheme)}/><text x="{x + 32:g}" y="{y + 4}">{name}</text>'


def _axes(title: str, scheme: str) -> Iterable[str]:
    _, grid, small = INK[scheme]
    yield f'<text x="0" y="-6">{title}</text>'
    for share in (0, 50, 95):
        y = _y(share)
        yield f'<path d="M0 {y:g}h{WIDTH}" stroke="{grid}"/>'
        yield f'<text x="-5" y="{y + 4:g}" text-anchor="end" font-size="9" fill="{small}">{share}</text>'
    for rise in (0, 10, 20, 30):
        x = _x(rise)
        yield f'<text x="{x:g}" y="{HEIGHT + 12}" text-anchor="middle" font-size="9" fill="{small}">{rise}</text>'


def _lines(panel: Panel, scheme: str) -> Iterable[str]:
    """The first line last, so that it lies above the others."""
    for place, points in reversed(list(enumerate(panel.lines.values()))):
        path = "L".join(f"{_x(rise):.1f} {_y(share):.1f}" for rise, share in points)
        yield f'<path d="M{path}" {_stroke(place, scheme)}/>'


def _stroke(place: int, scheme: str) -> str:
    dashes = f' stroke-dasharray="{DASHES[place]}"' if DASHES[place] else ""
    return f'fill="none" stroke="{COLOURS[scheme][place]}" stroke-width="{1.5 if place else 2.5}"{dashes}'


def _x(rise: float) -> float:
    return WIDTH * rise / MOST_X


def _y(share: float) -> float:
    return HEIGHT * (1 - share / MOST_Y)
