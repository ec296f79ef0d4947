"""The metrics file that a job writes: how much work was done, for budgets per unit, and how far it has come."""

from __future__ import annotations

import stat
from contextlib import suppress
from math import isfinite
from pathlib import Path
from typing import NamedTuple

from reporter import bounded
from reporter.file import opened

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
        with opened(path) as file:
            data = bounded.parse(file.read(MOST_BYTES))
    except OSError as error:
        raise MetricsError(f"metrics file `{path}` cannot be read: {error.strerror}") from None
    except ValueError as error:
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


class Report(NamedTuple):
    """How far the job has come, 0–1; `epochs` are those done, where it counts them."""

    progress_ratio: float
    epochs: float | None = None


class Reports:
    """Reads progress from a file that is being written, and that may hold anything; never raises.

    What is there before the job starts is an earlier run's.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen = self._signature()
        self.known = False
        """Whether the job has ever said how far it has come."""
        self.trouble: str | None = None
        """What is wrong with what it last said, in a sentence."""

    def news(self) -> Report | None:
        """How far it has come, where it has written since the last look."""
        signature = self._signature()
        if self._path is None or signature is None or signature == self._seen:
            return None
        try:
            with opened(self._path) as file:
                data = bounded.parse(file.read(MOST_BYTES))
        except (OSError, ValueError):
            return None  # torn: it is looked at again, until it is whole
        self._seen = signature
        report = self._report(data) if isinstance(data, dict) else None
        self.known = self.known or report is not None
        return report

    def _report(self, data: dict[str, object]) -> Report | None:
        epochs, whole = _number(data.get("epochs")), _number(data.get("epochs_total"))
        progress = data.get("progress")
        if progress is None and epochs is not None and whole:
            progress = epochs / whole
        ratio = _number(progress)
        self.trouble = None
        if ratio is not None and 0 <= ratio <= 1:
            return Report(progress_ratio=ratio, epochs=epochs)
        if progress is not None:
            shown = ascii(progress)[:30]
            self.trouble = f"Progress is a number from 0 to 1: {shown} in the metrics file is left out."
        return None

    def _signature(self) -> tuple[int, int, int] | None:
        """What changes when the file is written; None where there is none, or what cannot be read at once (a pipe)."""
        with suppress(OSError, ValueError):
            found = self._path.stat() if self._path is not None else None
            if found is not None and stat.S_ISREG(found.st_mode):
                return found.st_ino, found.st_mtime_ns, found.st_size
        return None


def _number(value: object) -> float | None:
    """A finite number at least 0; JSON's NaN and true are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    with suppress(OverflowError):
        return float(value) if isfinite(value) and value >= 0 else None
    return None
