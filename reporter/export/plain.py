"""The domain's values as plain objects of JSON."""

from __future__ import annotations

import json
import math
from enum import Enum
from typing import Any

_SHOWN = frozenset("\n\xa0\u202f")
"""Ends of lines, and spaces between a number and its unit."""
_BLANK = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0")
"""Letters by Unicode's tables, that nobody sees."""


def fields(value: Any) -> dict[str, Any]:  # noqa: ANN401  (any of the domain's dataclasses)
    """A dataclass as an object: enums by value, what is not finite as null, tuples as lists."""
    return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}


def logged(text: str) -> str:
    """The same JSON, fit for a log and a terminal: what is not seen or moves the cursor is escaped.

    `##[` would start a workflow command of the runner's.
    """
    signs = set(text)
    unseen = {sign for sign in signs if not sign.isprintable()} - _SHOWN | (signs & _BLANK)
    return text.translate({ord(sign): json.dumps(sign)[1:-1] for sign in unseen}).replace("##[", "\\u0023#[")


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return fields(value) if hasattr(value, "__dataclass_fields__") else value
