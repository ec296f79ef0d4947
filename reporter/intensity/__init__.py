"""The grid's intensity as it was while a job ran: providers on the network, none asked unless a setting names it.

To add one: a module with the functions of `Provider`, and a line in PROVIDERS.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import NamedTuple, Protocol, cast


class Place(NamedTuple):
    """Where a job ran."""

    key: str
    """A key of the factor tables: `FR`, `US-VA`, `azure:eastus2`."""
    country: str | None
    """Of that, as ISO 3166 alpha-2."""


class Question(NamedTuple):
    """What a provider is asked: the intensity of one of its zones over a time; times are seconds since 1970 (UTC)."""

    zone: str
    start_s: float
    duration_s: float
    now_s: float
    country: str | None = None
    """The country that the zone must lie in, where that is known."""
    secrets: tuple[str, ...] = ()
    """In the order of `Entry.secrets`."""

    @property
    def end_s(self) -> float:
        """When that time ends."""
        return self.start_s + self.duration_s


class Value(NamedTuple):
    """One value with the time that it holds for, seconds since 1970 (UTC)."""

    start_s: float
    end_s: float
    gco2e_per_kwh: float
    note: str | None = None
    """`estimated` or `forecast`, where it was not observed."""


class Answer(NamedTuple):
    """What a provider said, in any order; more than was asked for is left out later."""

    values: tuple[Value, ...]
    zone: str
    """As the provider calls it."""
    scope: str
    """lifecycle, direct or unknown."""
    warnings: tuple[str, ...] = ()


class Reply(Protocol):
    """A complete answer to one request."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    def json(self) -> object:
        """The body; raises IntensityError where it is no JSON."""


class Client(Protocol):
    """Requests to one server; secrets are kept out of every text. `reporter.http` has the real one."""

    def send(self, verb: str, url: str) -> Reply:
        """One request, retried once; raises IntensityError where no usable answer comes."""

    def redact(self, text: str) -> str:
        """The text without secrets, short enough to quote."""


class Connect(Protocol):
    """How a provider is given its client."""

    def __call__(
        self, base_url: str, *, token: str | None = None, secret_headers: Mapping[str, str] | None = None
    ) -> Client:
        """A client of this server."""


class Provider(Protocol):
    """What the module of a provider offers."""

    def zone_of(self, place: Place) -> str | None:
        """Its zone for a place; None where that is not certain."""

    def is_zone(self, zone: str) -> bool:
        """Whether a zone that somebody named can be one."""

    def lookup(self, question: Question, connect: Connect) -> Answer:
        """The values of a time. Raises IntensityError for whatever is not just that."""


class Entry(NamedTuple):
    """A provider as users know it."""

    module: str
    label: str
    host: str
    zones: str
    """How one of its zones is written, for advice."""
    kind: str = "average"
    """average, or marginal: then it is told beside the headline, and never in it."""
    secrets: tuple[str, ...] = ()
    """Environment variables that it cannot do without."""


PROVIDERS: dict[str, Entry] = {
    "electricitymaps": Entry(
        module="electricitymaps",
        label="Electricity Maps",
        host="api.electricitymaps.com",
        zones="electricitymaps:US-MIDA-PJM",
        secrets=("EMISSIONS_ELECTRICITYMAPS_TOKEN",),
    ),
    "watttime": Entry(
        module="watttime",
        label="WattTime",
        host="api.watttime.org",
        zones="watttime:PJM_DC, or coordinates as watttime:38.9,-77.5",
        kind="marginal",
        secrets=("EMISSIONS_WATTTIME_USER", "EMISSIONS_WATTTIME_PASSWORD"),
    ),
    "uk-grid": Entry(
        module="uk_grid",
        label="UK Carbon Intensity",
        host="api.carbonintensity.org.uk",
        zones="uk-grid:GB, a region as uk-grid:13, or a postcode's first part as uk-grid:SW1",
    ),
    "energy-charts": Entry(
        module="energy_charts", label="Energy-Charts", host="api.energy-charts.info", zones="energy-charts:de"
    ),
}
"""Every provider, by the name that settings use."""


def provider(name: str) -> Provider:
    """The provider of this name, loaded on demand."""
    return cast("Provider", import_module(f"{__name__}.{PROVIDERS[name].module}"))
