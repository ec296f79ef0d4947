"""Power usage effectiveness from the shipped tables: the nearest published value, and how near it is."""

from __future__ import annotations

from reporter.domain.carbon import Level, Pue
from reporter.errors import FactorError
from reporter.factors.place import key_of, provider_of
from reporter.factors.table import rows_of

UNCERTAINTY_RATIOS = {Level.REGION: 0.03, Level.FLEET: 0.10, Level.AVERAGE: 0.25}
"""Of a region's own value, of a provider's mean (its regions span 1.07 to 1.46), of a mean over unknown sites."""

CLOUD = "cloud"
WORLD = "world"


def pue_of(region: str | None, *, provider: str | None = None) -> Pue:
    """The PUE of a cloud's region; else of its provider's fleet; else of public clouds; else the world's average.

    `provider` (`azure`) stands in where the region names none: on GitHub-hosted Linux and Windows runners.
    A provider without a published value gets the average of public clouds. The latest year counts.
    Raises `UnknownRegion`.
    """
    key = key_of(region) if region else None
    fleet = (provider_of(key) if key else None) or (provider.strip().lower() if provider else None)
    ladder = (key, fleet, CLOUD if fleet else WORLD)
    return _pue(next(found for step in ladder if (found := latest("pue.csv", step))))


def world_pue(year: int) -> Pue:
    """The world's average in a survey of the past, as older methods use it. Raises `FactorError` for another year."""
    years = {int(row["year"]): row for row in rows_of("pue.csv") if row["key"] == WORLD}
    if year not in years:
        known = ", ".join(str(known) for known in sorted(years))
        raise FactorError(f"No survey of {year} gives the world's average PUE", hint=f"There is one of {known}.")
    return _pue(years[year])


def latest(table: str, key: str | None) -> dict[str, str] | None:
    """The newest row of a region, a provider (`aws`), `cloud` or `world`; None where nothing is published."""
    years = [row for row in rows_of(table) if row["key"] == key]
    return max(years, key=lambda row: int(row["year"])) if years else None


def _pue(row: dict[str, str]) -> Pue:
    level = Level(row["level"])
    design = row["kind"] == "design"
    return Pue(
        ratio=float(row["pue"]),
        source=f"{row['source']} (design value)" if design else row["source"],
        year=int(row["year"]),
        level=level,
        # What a region was designed for says no more of it than the fleet's mean does.
        uncertainty_ratio=UNCERTAINTY_RATIOS[Level.FLEET if design else level],
    )
