"""Sums over runs that are asked for again and again: running totals by family and by pull request. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import accumulate
from math import fsum
from typing import Literal, NamedTuple

from reporter.domain.units import J_PER_KWH
from reporter.history.codec import Family
from reporter.history.shard import Row, start_of

Ended = Literal["any", "well"]


class Sums(NamedTuple):
    """What runs took together. The sums are of those that were metered: `unmeasured` says how many were not."""

    runs: int = 0
    unmeasured: int = 0
    it_j: float = 0.0
    """At the machine."""
    facility_j: float = 0.0
    """With each run's PUE as it was then."""
    gco2e: float = 0.0
    """With each run's factors as they were then."""
    duration_s: float = 0.0
    """Of the runs that say it."""


class _Series(NamedTuple):
    """The runs of one family in time, with totals up to each of them."""

    starts_s: list[float]
    totals: tuple[list[float], ...]
    """As the fields of Sums from `unmeasured` on; each begins with 0."""


class Totals:
    """Running totals over these runs, which are in the order of time."""

    def __init__(self, rows: Iterable[Row], families: Mapping[str, Family]) -> None:
        self._families = families
        self._rows: dict[str, list[Row]] = {}
        for row in rows:
            self._rows.setdefault(row[0], []).append(row)
        self._series = {name: _series(of_it, families[name]) for name, of_it in self._rows.items()}

    def sums(
        self,
        takes: Callable[[Family], bool],
        *,
        since_s: float | None = None,
        until_s: float | None = None,
        pull_request: int | None = None,
    ) -> Sums:
        """Of the families that `takes` takes, from one time on and before another."""
        held = self._series if pull_request is None else self._of_pull_request.get(pull_request, {})
        parts = [_between(series, since_s, until_s) for name, series in held.items() if takes(self._families[name])]
        runs, unmeasured, *sums = (fsum(column) for column in zip(*parts, strict=True)) if parts else Sums()
        return Sums(int(runs), int(unmeasured), *sums)

    @cached_property
    def _of_pull_request(self) -> dict[int, dict[str, _Series]]:
        chosen: dict[int, dict[str, list[Row]]] = {}
        for name, rows in self._rows.items():
            for row in rows:
                if row[8] is not None:
                    chosen.setdefault(row[8], {}).setdefault(name, []).append(row)
        return {
            number: {name: _series(rows, self._families[name]) for name, rows in of_it.items()}
            for number, of_it in chosen.items()
        }


def _series(rows: list[Row], family: Family) -> _Series:
    pue_ratio = family.pue_ratio
    energies = [row[2] for row in rows]
    known = [energy_j or 0.0 for energy_j in energies]
    facility = [energy_j * pue_ratio for energy_j in known]
    grams = [facility_j / J_PER_KWH * row[4] for facility_j, row in zip(facility, rows, strict=True)]
    columns = ([energy_j is None for energy_j in energies], known, facility, grams, [row[3] or 0.0 for row in rows])
    return _Series(
        starts_s=[start_of(row) for row in rows],
        totals=tuple([*accumulate(column, initial=0)] for column in columns),
    )


def _between(series: _Series, since_s: float | None, until_s: float | None) -> tuple[float, ...]:
    """Runs that do not say when they began stand at −1, before every time that can be asked for."""
    starts_s, totals = series
    first = 0 if since_s is None else bisect_left(starts_s, since_s)
    if since_s is None and until_s is not None:
        first = bisect_left(starts_s, 0)
    end = len(starts_s) if until_s is None else max(first, bisect_left(starts_s, until_s))
    return (end - first, *(total[end] - total[first] for total in totals))
