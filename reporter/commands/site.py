"""Where the job ran, and so which intensity and PUE apply; each value remembers where it came from."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock
from typing import TYPE_CHECKING

from reporter.ci import CiContext
from reporter.config import Config
from reporter.domain.carbon import Intensity, Level, Pue, Site
from reporter.export.policy import Policy, encode_site
from reporter.factors import default_intensity, intensity_flags, intensity_of, pue_of

if TYPE_CHECKING:
    from reporter.commands.settings import Settings
    from reporter.domain.readings import Recording
    from reporter.metering.recording import RecordingWriter

FALLBACK = "intensity-fallback"
"""The flag of a provider that was named and gave nothing: its name and the reason follow."""
NOT_ASKED = "was not asked"
"""The reason that holds until it is."""
GIVEN_UNCERTAINTY_RATIO = 0.0
"""A factor given by hand is declared: it is taken as it is."""
METADATA_LIMIT_S = 1.5
"""A second for the metadata services, and some to start the thread; then the site is taken as unknown."""


class SiteLater:
    """The site of the job: known at once, or asked for while the job runs."""

    def __init__(self, settings: Settings, writer: RecordingWriter) -> None:
        self._settings = settings
        self._writer = writer
        self._lock = Lock()
        self._known = Event()
        self._asking = False
        self.site: Site | None = None
        if settings.config.region != "auto":
            self.site = self._resolved(asks=False)

    @property
    def policy(self) -> Policy:
        """What the recording's first line says of it, and of the rest of the settings."""
        config = self._settings.config
        zone = f":{config.zone}" if config.zone else ""
        return Policy(
            site=self.site,
            budgets=config.budgets,
            accounting=config.accounting,
            provider=f"{config.provider}{zone}" if config.provider else None,
            strict=config.strict_intensity,
        )

    def ask(self) -> None:
        """Runs beside the job: ask for the region where that is wanted."""
        if self.site is None:
            self._asking = True
            self._settle(self._resolved(asks=True))

    def wait(self) -> Site:
        """The site, at the latest a moment after the job has ended."""
        if self._asking:
            self._known.wait(METADATA_LIMIT_S)
        return self.site or self._settle(self._resolved(asks=False))

    def over(self, recording: Recording) -> Site:
        """The site with what the provider says of the job's time, where one is named; the recording keeps it.

        Raises IntensityError where that is demanded and there is nothing.
        """
        site = self.wait()
        if self._settings.config.provider is None:
            return site
        from reporter.commands.live import Live  # noqa: PLC0415

        found = Live(self._settings).over(site, recording)
        self._writer.add({"site": encode_site(found)})
        return found

    def _settle(self, site: Site) -> Site:
        """The first answer counts, and is in the recording before anybody goes on with it."""
        with self._lock:
            if self.site is None:
                self._writer.add({"site": encode_site(site)})
                self.site = site
            self._known.set()
            return self.site

    def _resolved(self, *, asks: bool) -> Site:
        from reporter.cloud import region_by_metadata  # noqa: PLC0415

        return resolve_site(
            self._settings.config, self._settings.ci, ask_metadata=region_by_metadata if asks else lambda: None
        )


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
