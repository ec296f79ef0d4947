"""Grid carbon intensity from the shipped tables: location-based yearly averages."""

from __future__ import annotations

from math import hypot

from reporter.domain.carbon import Intensity
from reporter.domain.uncertainty import METHOD_RATIO, SHORT_RATIO
from reporter.factors.place import key_of, zone_of
from reporter.factors.release import stale
from reporter.factors.table import keyed

HOSTED_DEFAULT = "US"
"""GitHub does not say where its runners stand; most are in the United States."""

DEFAULT = "WORLD"
NOT_COUNTRIES = ("WORLD", "EU")


def intensity_of(region: str) -> Intensity:
    """The yearly average of a country (`FR`), a part of one (`US-VA`, `SE-SE3`) or a cloud's region, in gCO2e/kWh.

    As unsure as for a short job; `uncertainty.over` knows longer ones.
    AWS and Azure publish no factors: their regions take those of the place that they lie in, and its label.
    China's provinces are CO2 only, which their labels say.
    Raises `UnknownRegion` with the nearest names.
    """
    key = key_of(region)
    return _intensity(keyed("grid.csv")[zone_of(key)], region=key)


def intensity_flags(region: str) -> tuple[str, ...]:
    """`factor-stale:UA 2022` where the yearly average of a region is old by the edition's date; else nothing.

    It names the row of the table. Raises `UnknownRegion`.
    """
    zone = zone_of(key_of(region))
    return stale(zone, int(keyed("grid.csv")[zone]["year"]))


def default_intensity(*, github_hosted: bool) -> Intensity:
    """What stands in where no region is known, with the range over the regions that it may be, in gCO2e/kWh.

    On GitHub-hosted runners the United States, over all states; elsewhere the world, over all countries.
    The states' values are direct, the countries' lifecycle: the range is a range of places, not of methods.
    """
    grid = keyed("grid.csv")
    if github_hosted:
        key, label = HOSTED_DEFAULT, f"{grid[HOSTED_DEFAULT]['label']} (assumed)"
        candidates = [row for name, row in grid.items() if name.startswith("US-")]
    else:
        key, label = DEFAULT, "world average (assumed)"
        candidates = [row for name, row in grid.items() if _is_country(name)]
    values = [float(row["gco2e_per_kwh"]) for row in candidates]
    return _intensity(grid[key], region=None, label=label, span=(min(values), max(values)))


def _is_country(key: str) -> bool:
    return "-" not in key and ":" not in key and key not in NOT_COUNTRIES


def _intensity(
    row: dict[str, str],
    *,
    region: str | None,
    label: str | None = None,
    span: tuple[float, float] | None = None,
) -> Intensity:
    return Intensity(
        gco2e_per_kwh=float(row["gco2e_per_kwh"]),
        region=region,
        label=label or row["label"],
        kind="average",
        origin="table",
        scope=row["scope"],
        source=row["source"],
        year=int(row["year"]),
        resolved="annual",
        uncertainty_ratio=hypot(SHORT_RATIO, METHOD_RATIO),
        time_uncertainty_ratio=SHORT_RATIO,
        method_uncertainty_ratio=METHOD_RATIO,
        low_gco2e_per_kwh=span[0] if span else None,
        high_gco2e_per_kwh=span[1] if span else None,
        known=region is not None,
    )
