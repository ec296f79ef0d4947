"""Durations that people set. Each raises UnitError."""

from __future__ import annotations

from reporter.domain.units import UnitError, parse_number, split_quantity

S_PER_HOUR = 3600.0
UNITS = {"s": 1.0, "min": 60.0, "h": S_PER_HOUR, "d": 24 * S_PER_HOUR}


def interval(text: str) -> float:
    """Seconds between two readings."""
    return parse_number(text, "Interval", least=0.01, most=60.0)


def idle_baseline(text: str) -> float | None:
    """Seconds of idle power before the command; None for none."""
    return parse_number(text, "Idle baseline", least=0.0, most=60.0) or None


def longest(text: str) -> float:
    """After how many hours a session ends by itself, in seconds."""
    return parse_number(text, "Longest duration", least=0.001, most=720.0) * S_PER_HOUR


def stop_grace(text: str) -> float:
    """Seconds between SIGTERM and SIGKILL of a command that a budget ends."""
    return parse_number(text.removesuffix("s").rstrip(), "Stop grace", least=0.0, most=3600.0)


def time_limit(text: str) -> float:
    """How long a command will run, with its unit, in seconds."""
    value, unit = split_quantity(text)
    if unit not in UNITS:
        raise UnitError(f"Time limit `{text}` has no unit of time", "Write for example `90 min`, `2 h` or `45 s`.")
    if not 1 <= value * UNITS[unit] <= UNITS["d"] * 30:
        raise UnitError(f"Time limit `{text}` is not between 1 s and 30 d", "Write how long the command will run.")
    return value * UNITS[unit]
