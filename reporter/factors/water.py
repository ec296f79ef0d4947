"""Water usage effectiveness from the shipped tables: litres on site per kWh of IT energy, before PUE."""

from __future__ import annotations

from typing import NamedTuple

from reporter.factors.place import key_of, provider_of
from reporter.factors.pue import latest


class Water(NamedTuple):
    """Litres per kWh of IT energy, of a `region` or its provider's `fleet`; `kind` is `measured` or `design`."""

    l_per_kwh: float
    level: str
    kind: str
    year: int
    source: str
    note: str


def wue_of(region: str | None, *, provider: str | None = None) -> Water | None:
    """The water of a cloud's region; else of its provider's fleet; None where neither is published.

    The latest year that has a value counts, whatever year the PUE is of.
    `provider` (`azure`) stands in where the region names none. Raises `UnknownRegion`.
    """
    key = key_of(region) if region else None
    fleet = (provider_of(key) if key else None) or (provider.strip().lower() if provider else None)
    row = latest("wue.csv", key) or latest("wue.csv", fleet)
    if row is None:
        return None
    return Water(
        l_per_kwh=float(row["wue_l_per_kwh"]),
        level=row["level"],
        kind=row["kind"],
        year=int(row["year"]),
        source=row["source"],
        note=row["note"],
    )
