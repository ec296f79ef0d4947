"""The domain's values as plain objects of JSON."""

from __future__ import annotations

import math
from enum import Enum
from typing import Any


def fields(value: Any) -> dict[str, Any]:  # noqa: ANN401  (any of the domain's dataclasses)
    """A dataclass as an object: enums by value, what is not finite as null, tuples as lists."""
    return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return fields(value) if hasattr(value, "__dataclass_fields__") else value
