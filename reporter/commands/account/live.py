"""The intensity at the time of a job, from the provider that the settings name; else why the tables' value stands in.

Nothing here is imported, and nobody is asked, unless a setting names a provider.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from reporter.commands.account.site import FALLBACK, NOT_ASKED
from reporter.commands.settings import Settings
from reporter.domain.carbon import Intensity, Site
from reporter.domain.readings import Job, Recording
from reporter.errors import IntensityError, Problem, ProviderUnreachable, UnknownRegion
from reporter.export.date import since_1970_s
from reporter.factors.place import country_of, key_of
from reporter.http import Client
from reporter.intensity import PROVIDERS, Connect, Place, Question, provider
from reporter.intensity import Client as IntensityClient
from reporter.intensity.course import ask

LIMIT_S = 15.0
"""For one server, all tries together."""
TRIES = 2
SHORTEST_S = 0.001
LONGEST_S = 366 * 86_400.0
"""No job takes longer; a recording that says so would be asked for in thousands of requests."""
NS_PER_S = 1_000_000_000
MOST_REASON = 160
REGION_FLAG = "region-"


def provider_problems(  # noqa: PLR0913  (what is known before a job starts)
    name: str, zone: str | None, region: str | None, environ: Mapping[str, str], *, has_time: bool, has_region: bool
) -> Iterator[Problem]:
    """What keeps a provider from being asked later: secrets that are missing, a zone that nobody knows.

    `region` may be `auto`; `has_region`: without one there will be none.
    """
    entry = PROVIDERS[name]
    if not has_time:
        advice = "Leave it out, or write `static` or a number such as `230 g/kWh`."
        yield Problem(f"{entry.label} knows times; what is estimated has none", suggestion=advice)
        return
    missing = [secret for secret in entry.secrets if not environ.get(secret, "").strip()]
    if missing:
        advice = "They are read from the environment alone: in a workflow from the step's `env:`."
        yield Problem(f"{entry.label} needs {' and '.join(missing)}", suggestion=advice)
    write = f"Write its zone, such as {entry.zones}"
    if zone is not None:
        if not provider(name).is_zone(zone):
            yield Problem(f"{entry.label} has no zone `{zone}`", suggestion=f"{write}.")
    elif region is None and has_region:
        yield Problem(f"{entry.label} needs to know where the job runs", suggestion=f"Set the region. {write}.")
    elif region is not None and region != "auto" and _zone(name, region) is None and _is_region(region):
        yield Problem(f"It is not certain which zone of {entry.label} `{region}` is", suggestion=f"{write}.")


class Live:
    """Asks the provider of the settings, once for each job; after it was unreachable no more."""

    def __init__(
        self,
        settings: Settings,
        *,
        named: str | None = None,
        strict: bool = False,
        connect: Connect | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`named` and `strict` are what a recording says, where the settings name no provider."""
        config = settings.config
        recorded, _, zone = (named or "").partition(":")
        self.name = config.provider or (recorded if recorded in PROVIDERS else "")
        self._zone = config.zone if config.provider else zone or None
        self._strict = config.strict_intensity or (strict and not config.provider)
        self._environ = settings.environ
        self._connect = connect or open_client
        self._clock = clock
        self._unreachable = False
        self._answers: dict[Question, tuple[Intensity, tuple[str, ...]]] = {}

    def over(self, site: Site, recording: Recording) -> Site:
        """The site at the time of a recorded job, which began once its idle power had been measured."""
        waited_ns = recording.start_ns - recording.idle_ns[0] if recording.idle_ns else 0
        duration_s = (recording.end_ns - recording.start_ns) / NS_PER_S
        return self.at(site, recording.job, after_s=waited_ns / NS_PER_S, duration_s=duration_s)

    def at(self, site: Site, job: Job, *, duration_s: float | None, after_s: float = 0.0) -> Site:
        """The site at the time of a job, which began so long after its date; as it is where that was asked before.

        Raises IntensityError where an answer is demanded and there is none.
        """
        if f"{FALLBACK}:{self.name} {NOT_ASKED}" not in site.flags:
            return site
        connect = _Noting(self._connect)
        try:
            question = self._question(site, _began_s(job) + after_s, duration_s)
            same = question._replace(now_s=0.0)
            if same not in self._answers:
                self._answers[same] = ask(self.name, question, connect)
            found, flags = self._answers[same]
        except IntensityError as error:
            self._unreachable = self._unreachable or isinstance(error, ProviderUnreachable)
            return self._without(site, error, connect.hosts)
        if found.kind == "marginal":
            kept = tuple(flag for flag in site.flags if not flag.startswith(FALLBACK))
            headline = replace(site.intensity, hosts=found.hosts)
            return replace(site, intensity=headline, marginal=found, flags=(*kept, *flags))
        place = site.intensity
        found = replace(found, region=place.region, label=place.label if place.known else None)
        kept = tuple(flag for flag in site.flags if flag.startswith(REGION_FLAG))
        return replace(site, intensity=found, flags=(*kept, *flags))

    def _question(self, site: Site, start_s: float, duration_s: float | None) -> Question:
        """What to ask. Raises IntensityError where that cannot be said, or need not be tried."""
        entry = PROVIDERS[self.name]
        if duration_s is None:
            raise IntensityError("the job's duration is not known")
        if duration_s > LONGEST_S:
            raise IntensityError("the job took longer than a year")
        if self._unreachable:
            raise IntensityError("it was unreachable for another job")
        secrets = tuple(self._environ.get(secret, "").strip() for secret in entry.secrets)
        if not all(secrets):
            raise IntensityError(f"{' and '.join(entry.secrets)} not set")
        region = site.intensity.region
        zone = self._zone or (_zone(self.name, region) if region else None)
        if zone is None:
            where = f"its zone for `{region}` is not certain" if region else "the region is not known"
            raise IntensityError(f"{where}; write it, such as {entry.zones}")
        return Question(
            zone=zone,
            start_s=start_s,
            duration_s=max(SHORTEST_S, duration_s),
            now_s=self._clock(),
            country=_country(zone if ":" in zone else region),
            secrets=secrets,
        )

    def _without(self, site: Site, error: IntensityError, hosts: tuple[str, ...]) -> Site:
        """The tables' value, which says why it stands in; an error where an answer is demanded."""
        label, reason = PROVIDERS[self.name].label, "".join(filter(str.isprintable, error.message))[:MOST_REASON]
        if self._strict:
            again = f"`emissions report --intensity {self.name} PATH` asks again"
            hint = f"{again}; without `--strict-intensity` the tables' value stands in."
            raise IntensityError(f"{label} gave no intensity for this job, and one is demanded: {reason}", hint=hint)
        kept = tuple(flag for flag in site.flags if not flag.startswith(FALLBACK))
        intensity = replace(site.intensity, hosts=hosts)
        return replace(site, intensity=intensity, flags=(*kept, f"{FALLBACK}:{self.name} {reason}"))


def open_client(base_url: str, *, token: str | None = None, secret_headers: Mapping[str, str] | None = None) -> Client:
    """The client of a provider: a few seconds, one retry, its own errors."""
    return Client(
        base_url,
        token,
        secret_headers=secret_headers,
        deadline_s=LIMIT_S,
        tries=TRIES,
        unreachable=ProviderUnreachable,
    )


class _Noting:
    """Opens clients, and notes their hosts."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self.hosts: tuple[str, ...] = ()

    def __call__(
        self, base_url: str, *, token: str | None = None, secret_headers: Mapping[str, str] | None = None
    ) -> IntensityClient:
        host = urlsplit(base_url).hostname or base_url
        self.hosts = tuple(dict.fromkeys((*self.hosts, host)))
        return self._connect(base_url, token=token, secret_headers=secret_headers)


def _began_s(job: Job) -> float:
    began_s = since_1970_s(job.started_at)
    if began_s is None:
        raise IntensityError("the job has no date")
    return began_s


def _zone(name: str, region: str) -> str | None:
    """The provider's zone for a region, where that is certain."""
    return provider(name).zone_of(Place(key_of(region), country_of(key_of(region)))) if _is_region(region) else None


def _is_region(region: str) -> bool:
    try:
        key_of(region)
    except UnknownRegion:
        return False
    return True


def _country(region: str | None) -> str | None:
    return country_of(key_of(region)) if region and _is_region(region) else None
