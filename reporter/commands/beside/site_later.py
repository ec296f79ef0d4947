"""The site of a job that is being metered: nothing of it is looked up before the command has started."""

from __future__ import annotations

from threading import Event, Lock
from typing import TYPE_CHECKING

from reporter.export.policy import Policy, encode_policy, encode_site

if TYPE_CHECKING:
    from reporter.commands import Invocation
    from reporter.commands.settings import Settings
    from reporter.domain.carbon import Site
    from reporter.domain.readings import Recording
    from reporter.metering.recording import RecordingWriter

METADATA_LIMIT_S = 1.5
"""A second for the metadata services, and some to start the thread; then the site is taken as unknown."""
RULES_LIMIT_S = 15.0
"""More, where the rules of another repository are asked for; then they are not known."""


class SiteLater:
    """The site of one job, looked up while it runs: the tables, and where that is wanted the cloud's metadata.

    So are the rules of another repository, where the config file extends them.
    """

    def __init__(self, settings: Settings, writer: RecordingWriter, invocation: Invocation) -> None:
        self._settings = settings
        self._invocation = invocation
        self._writer = writer
        self._lock = Lock()
        self._known = Event()
        self._asking = False
        self._factors: tuple[str, str] | None = None
        self.site: Site | None = None

    @property
    def policy(self) -> Policy:
        """What the recording says of the settings; the site follows as soon as it is known."""
        config = self._settings.config
        zone = f":{config.zone}" if config.zone else ""
        return Policy(
            site=self.site,
            budgets=config.budgets,
            accounting=config.accounting,
            provider=f"{config.provider}{zone}" if config.provider else None,
            strict=config.strict_intensity,
            factors=self._factors,
        )

    def ask(self) -> None:
        """Runs beside the job: look the site up, and ask for the region where that is wanted."""
        self._asking = True
        try:
            if self.site is None:
                self._organise()
                self._settle(self._resolved(asks=True))
        finally:
            self._known.set()

    def wait(self) -> Site:
        """The site, at the latest a moment after the job has ended."""
        if self._asking:
            self._known.wait(METADATA_LIMIT_S + (RULES_LIMIT_S if self._settings.rules.unknown else 0.0))
        return self.site or self._settle(self._resolved(asks=False))

    def over(self, recording: Recording) -> tuple[Site, Settings]:
        """The site with what the provider says of the job's time, where one is named; the recording keeps it.

        Beside it the settings, with the rules that were looked up meanwhile.
        Raises IntensityError where that is demanded and there is nothing.
        """
        site, settings = self.wait(), self._settings
        if settings.config.provider is None:
            return site, settings
        from reporter.commands.account.live import Live  # noqa: PLC0415

        found = Live(settings).over(site, recording)
        self._writer.add({"site": encode_site(found, self._factors)})
        return found, settings

    def _organise(self) -> None:
        if self._settings.rules.unknown is None:
            return
        from reporter.commands.trust.rules import organised  # noqa: PLC0415  (hardly any file extends another)

        self._settings = organised(self._settings, self._invocation)
        self._writer.add(encode_policy(self.policy))

    def _settle(self, site: Site) -> Site:
        """The first answer counts, and is in the recording before anybody goes on with it."""
        with self._lock:
            if self.site is None:
                from reporter.factors import pack  # noqa: PLC0415  (not before the command starts)

                shipped = pack()
                self._factors = (shipped.version, shipped.sha256)
                self._writer.add({"site": encode_site(site, self._factors)})
                self.site = site
            return self.site

    def _resolved(self, *, asks: bool) -> Site:
        from reporter.cloud import region_by_metadata  # noqa: PLC0415
        from reporter.commands.account.site import resolve_site  # noqa: PLC0415  (not before the command starts)

        return resolve_site(
            self._settings.config, self._settings.ci, ask_metadata=region_by_metadata if asks else lambda: None
        )
