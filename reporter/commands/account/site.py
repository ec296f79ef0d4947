"""Where the job ran, and so which intensity and PUE apply; each value remembers where it came from."""

from __future__ import annotations

from collections.abc import Callable

from reporter.ci import CiContext
from reporter.config import Config
from reporter.domain.carbon import Intensity, Level, Pue, Site
from reporter.factors import default_intensity, intensity_flags, intensity_of, pue_of

FALLBACK = "intensity-fallback"
"""The flag of a provider that was named and gave nothing: its name and the reason follow."""
NOT_ASKED = "was not asked"
"""The reason that holds until it is."""
GIVEN_UNCERTAINTY_RATIO = 0.0
"""A factor given by hand is declared: it is taken as it is."""


def resolve_site(config: Config, ci: CiContext, *, ask_metadata: Callable[[], str | None]) -> Site:
    """The site of a job. Metadata services are asked only for the region `auto`; no answer means unknown."""
    flags: tuple[str, ...] = ()
    region = config.region
    origins = {key: origin for key, origin in config.origins.items() if key in ("region", "pue", "intensity")}
    if region == "auto":
        region = ask_metadata()
        origins["region"] = "cloud metadata"
        if region is not None and not _listed(region):
            flags = (f"region-unlisted:{region}",)
            region = None
        if region is None:
            origins.pop("region")
    if region and config.intensity_gco2e_per_kwh is None:
        flags = (*flags, *intensity_flags(region))
    if config.provider:
        flags = (*flags, f"{FALLBACK}:{config.provider} {NOT_ASKED}")
    return Site(
        intensity=_intensity(config, region, ci),
        pue=_pue(config, region, ci),
        origins=tuple(sorted(origins.items())),
        flags=flags,
    )


def _listed(region: str) -> bool:
    from reporter.errors import UnknownRegion  # noqa: PLC0415

    try:
        intensity_of(region)
    except UnknownRegion:
        return False
    return True


def _intensity(config: Config, region: str | None, ci: CiContext) -> Intensity:
    given = config.intensity_gco2e_per_kwh
    if given is None:
        return intensity_of(region) if region else default_intensity(github_hosted=ci.hosted)
    place = intensity_of(region) if region else None
    return Intensity(
        gco2e_per_kwh=given,
        region=place.region if place else None,
        label=place.label if place else None,
        kind="average",
        origin="given",
        scope="unknown",
        source=config.origins.get("intensity", "given"),
        year=None,
        resolved=None,
        uncertainty_ratio=GIVEN_UNCERTAINTY_RATIO,
    )


def _pue(config: Config, region: str | None, ci: CiContext) -> Pue:
    if config.pue is None:
        return pue_of(region, provider=None if region else ci.cloud)
    return Pue(
        ratio=config.pue,
        source=config.origins.get("pue", "given"),
        year=None,
        level=Level.GIVEN,
        uncertainty_ratio=GIVEN_UNCERTAINTY_RATIO,
    )
