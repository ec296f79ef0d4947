"""Values of untrusted JSON: each is of the type asked for and of a sane size, or `Wrong` is raised."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

MAX_TEXT = 10_000
MAX_ROWS = 10_000
MAX_WHOLE = 1 << 64
MAX_NUMBER = 1e30
LEAST_AMOUNT, MAX_AMOUNT = 1e-9, 1e18
MAX_NS = 1 << 63
SHOWN = 40

T = TypeVar("T")


class Wrong(Exception):
    """A value that a recording cannot hold."""


def optional(parse: Callable[[object], T], value: object) -> T | None:
    """None, or what the parser makes of it."""
    return None if value is None else parse(value)


def choice(kind: Callable[[object], T], value: object) -> T:
    """A member of an enumeration, by its value."""
    try:
        return kind(value)
    except ValueError:
        raise Wrong(f"{_shown(value)} is not known") from None


def mapping(value: object) -> dict[str, object]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise Wrong(f"{_shown(value)} is no object")
    return value


def rows(value: object) -> list[object]:
    """A JSON array, not too long."""
    if not isinstance(value, list) or len(value) > MAX_ROWS:
        raise Wrong(f"{_shown(value)} is no list")
    return value


def text(value: object) -> str:
    """A string, not too long."""
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise Wrong(f"{_shown(value)} is no text")
    return value


def amount(value: object) -> float:
    """A count of work done: above 0, and of a size that something was counted."""
    counted = number(value)
    if not LEAST_AMOUNT <= counted <= MAX_AMOUNT:
        raise Wrong(f"{_shown(value)} is no count")
    return counted


def whole(value: object) -> int:
    """A whole number; true and false are none."""
    if type(value) is not int or not -MAX_WHOLE < value < MAX_WHOLE:
        raise Wrong(f"{_shown(value)} is no whole number")
    return value


def time_ns(value: object) -> int:
    """A monotonic time, nanoseconds."""
    if type(value) is not int or not 0 <= value < MAX_NS:
        raise Wrong(f"{_shown(value)} is no time")
    return value


def number(value: object) -> float:
    """A finite number that is not negative."""
    if type(value) is int and 0 <= value < MAX_NUMBER:
        return float(value)
    if type(value) is float and math.isfinite(value) and 0 <= value < MAX_NUMBER:
        return value
    raise Wrong(f"{_shown(value)} is no quantity")


def truth(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Wrong(f"{_shown(value)} is neither true nor false")
    return value


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= SHOWN else shown[:SHOWN] + "…"
