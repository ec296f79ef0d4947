"""The metrics file that a job writes: how much work was done, for budgets per unit."""

from __future__ import annotations

import json
from pathlib import Path

MOST_BYTES = 1024 * 1024
MOST_UNITS = 50
LONGEST_UNIT = 100
LEAST_COUNT, MOST_COUNT = 1e-9, 1e18


class MetricsError(ValueError):
    """The file is there but cannot be used."""


def read_units(path: Path) -> tuple[tuple[str, float], ...]:
    """Pairs of unit and count from `{"units": {"sample": 50000}, "epochs": 3}`; counts are above 0.

    Raises MetricsError with what is wrong.
    """
    try:
        with path.open("rb") as file:
            data = json.loads(file.read(MOST_BYTES))
    except OSError as error:
        raise MetricsError(f"metrics file `{path}` cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise MetricsError(f"metrics file `{path}` is not valid JSON: {error}") from None
    units = data.get("units", {}) if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(units, dict):
        raise MetricsError(f'metrics file `{path}` is not of the form {{"units": {{"sample": 50000}}}}')
    counts = {**units, **({"epoch": data["epochs"]} if "epochs" in data and "epoch" not in units else {})}
    if len(counts) > MOST_UNITS:
        raise MetricsError(f"metrics file `{path}` has more than {MOST_UNITS} units")
    for unit, count in counts.items():
        if len(str(unit)) > LONGEST_UNIT:
            raise MetricsError(f"metrics file `{path}` has a unit of more than {LONGEST_UNIT} characters")
        if isinstance(count, bool) or not isinstance(count, int | float) or not _usable(count):
            raise MetricsError(f"metrics file `{path}`: the count of `{unit}` is not a number above 0")
    return tuple((str(unit), float(count)) for unit, count in counts.items())


def _usable(count: float) -> bool:
    """Above 0, and of a size that something was counted: per unit of a billionth everything is infinite."""
    return LEAST_COUNT <= count <= MOST_COUNT
