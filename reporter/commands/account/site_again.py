"""The site of a job that was metered before: as it was then, but for what this invocation asks for anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from reporter.ci import CiContext
from reporter.cloud import region_by_metadata
from reporter.commands.account.site import resolve_site
from reporter.commands.settings import Settings
from reporter.config import Config
from reporter.domain.carbon import Level, Site
from reporter.domain.energy import account
from reporter.domain.footprint import Footprint, site_of
from reporter.domain.readings import Recording
from reporter.domain.series import spans, weighed
from reporter.export.policy import Policy
from reporter.factors import default_intensity

if TYPE_CHECKING:
    from reporter.commands.account.live import Live


class SiteAgain:
    """`asked`: what of it is asked for anew (`region`, `pue`, `intensity`, `factors`).

    `policy`: of a session that has just ended, whose provider has yet to be asked.
    """

    def __init__(self, settings: Settings, asked: frozenset[str], policy: Policy | None = None) -> None:
        self._settings = settings
        self._config = settings.config
        self._asked = asked
        self._policy = policy
        self._live: Live | None = None
        self._recorded: dict[object, Recording] = {}

    def note(self, footprint: Footprint, recording: Recording) -> None:
        """Keep its recording at hand where a provider will be asked: that knows every part's energy."""
        if self._config.provider and "intensity" in self._asked:
            self._recorded[footprint.meters] = recording

    def over(self, known: Site | None, recording: Recording) -> Site:
        """The site at the time of a recorded job, by the provider that is named; asked once for each job."""
        site, live = self._resolved(known), self._provider()
        return live.over(site, recording) if live else site

    def of(self, footprint: Footprint) -> Site:
        """The same for a footprint: from its recording where that is at hand."""
        site, live = self._resolved(site_of(footprint)), self._provider()
        if live is None:
            return site
        if (recording := self._recorded.get(footprint.meters)) is not None:
            site = live.over(site, recording)
            return weighed(site, account(recording, spans(site)).parts_j)
        return live.at(site, footprint.job, duration_s=footprint.job.duration_s)

    def _resolved(self, known: Site | None) -> Site:
        """The site that is known, with what the command line overrides; given values stay with a new region."""
        if known is not None and not self._asked:
            return known
        config = self._config if known is None else self._only_asked(known)
        ci = self._settings.ci if known is None or known.intensity.region else _runner(known, self._settings.ci)
        site = resolve_site(config, ci, ask_metadata=self._metadata(known))
        if known is None:
            return site
        if "region" in self._asked:
            is_kept = known.pue.level is Level.GIVEN and "pue" not in self._asked
            return replace(site, pue=known.pue) if is_kept else site
        again = "factors" in self._asked
        new_intensity = "intensity" in self._asked or (again and known.intensity.origin == "table")
        new_pue = "pue" in self._asked or (again and known.pue.level is not Level.GIVEN)
        stay = ("region-",) if "intensity" in self._asked else ("region-", "intensity-")
        kept_flags = tuple(flag for flag in known.flags if flag.startswith(stay))
        return replace(
            known,
            marginal=None if "intensity" in self._asked else known.marginal,
            origins=tuple(sorted({**dict(known.origins), **dict(site.origins)}.items())),
            intensity=site.intensity if new_intensity else known.intensity,
            pue=site.pue if new_pue else known.pue,
            flags=(*kept_flags, *site.flags) if new_intensity else known.flags,
        )

    def _only_asked(self, known: Site) -> Config:
        """The configuration of the flags alone, and who set a PUE that was given."""
        config = self._config
        origins = {key: origin for key, origin in known.origins if key == "pue" and known.pue.level is Level.GIVEN}
        region = config.region if "region" in self._asked else known.intensity.region if known.intensity.known else None
        return config._replace(
            region=region,
            pue=config.pue if "pue" in self._asked else None,
            intensity_gco2e_per_kwh=config.intensity_gco2e_per_kwh if "intensity" in self._asked else None,
            provider=config.provider if "intensity" in self._asked else None,
            origins={**origins, **{key: origin for key, origin in config.origins.items() if key in self._asked}},
        )

    def _metadata(self, known: Site | None) -> Callable[[], str | None]:
        """The metadata services are asked for this machine's own region only when the command line says so."""
        asked = "region" in self._asked or (known is None and self._config.region == "auto")
        return region_by_metadata if asked else lambda: None

    def _provider(self) -> Live | None:
        named = self._policy.provider if self._policy else None
        if self._live is None and (self._config.provider or named):
            from reporter.commands.account.live import Live  # noqa: PLC0415  (only where a provider is named)

            self._live = Live(self._settings, named=named, strict=self._policy is not None and self._policy.strict)
        return self._live


def _runner(known: Site, ci: CiContext) -> CiContext:
    """The kind of runner that a job of unknown region had, by what stood in for its region and its PUE then."""
    hosted = known.intensity.label == default_intensity(github_hosted=True).label
    return ci._replace(hosted=hosted, cloud="azure" if known.pue.level is Level.FLEET else None)
