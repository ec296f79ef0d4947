"""The names of places: which row a region's name stands for, and what was meant by one that is unknown."""

from __future__ import annotations

from functools import cache

from reporter.errors import UnknownRegion
from reporter.factors.table import has_key, in_use, keyed

ALPHA_2 = 2
UNION = "EU"
"""A row of the tables that has a code like a country's, and is none."""
SUGGESTIONS = 3
ALIKE = 0.72
"""From this similarity on a name is suggested (difflib's ratio, over letters and digits alone)."""
CLEARLY_WORSE = 0.06
"""Names this much less alike than the best one are left out."""


def key_of(region: str) -> str:
    """The canonical form of a region's name: `FR`, `US-VA`, `CA-QC`, `SE-SE3`, `aws:us-east-1`.

    Case and blanks around it do not matter; a bidding zone may go without its country (`SE3`).
    Raises `UnknownRegion` with the nearest names.
    """
    name = region.strip()
    for key in (name.upper(), name.lower(), f"{name[:2]}-{name}".upper()):
        if name.isascii() and (has_key("grid.csv", key) or has_key("regions.csv", key)):
            return key  # beyond ASCII, ß in capitals would be South Sudan
    raise UnknownRegion(name, nearest(name))


def zone_of(key: str) -> str:
    """The key of the grid row that a canonical region's name takes its intensity from."""
    region = keyed("regions.csv").get(key)
    return region["zone"] if region else key


def country_of(key: str) -> str | None:
    """The country that a canonical region's name lies in, as ISO 3166 alpha-2; None for several of them.

    Google's regions name it at the end of their labels: `Eemshaven, Netherlands`.
    """
    zone = zone_of(key)
    if ":" not in zone:
        country = zone.partition("-")[0]
        return country if len(country) == ALPHA_2 and country != UNION else None
    label = keyed("grid.csv")[zone]["label"].rpartition(", ")[2]
    return next((name for name, row in keyed("grid.csv").items() if row["label"] == label), None)


def provider_of(key: str) -> str | None:
    """`aws`, `azure` or `gcp`; None for a country or a part of one."""
    provider, colon, _ = key.partition(":")
    return provider if colon else None


def nearest(name: str) -> tuple[str, ...]:
    """Up to three keys that may have been meant, best first: other names of a place, then similar ones."""
    asked = name.strip().casefold()
    bare = asked.rpartition(":")[2]
    index = _index(in_use())
    same = index.get(_letters(asked)) or index.get(_letters(bare))
    if same:
        provider = asked.partition(":")[0]
        return tuple(sorted(same, key=lambda key: _distance(key, bare=bare, provider=provider)))[:SUGGESTIONS]

    from difflib import SequenceMatcher, get_close_matches  # noqa: PLC0415 - only a wrong name needs it

    found: dict[str, None] = {}
    best = 0.0
    for match in get_close_matches(_letters(asked), index, n=SUGGESTIONS, cutoff=ALIKE):
        ratio = SequenceMatcher(a=match, b=_letters(asked)).ratio()
        best = max(best, ratio)
        if ratio > best - CLEARLY_WORSE:
            found.update(dict.fromkeys(index[match]))
    return tuple(found)[:SUGGESTIONS]


@cache
def _index(_edition: str) -> dict[str, tuple[str, ...]]:
    """Every name that somebody may write for a place, as letters and digits, with the keys it stands for."""
    names: dict[str, dict[str, None]] = {}
    for key, row in keyed("grid.csv").items():
        part = key.partition("-")[2] if ":" not in key else ""
        for name in (key, row["label"].partition(",")[0].partition(" (")[0], part, *row["also"].split(";")):
            names.setdefault(_letters(name), {})[key] = None
    for key, row in keyed("regions.csv").items():
        for name in (key, row["name"], row["label"].partition(",")[0]):
            names.setdefault(_letters(name), {})[key] = None
    names.pop("", None)
    return {name: tuple(keys) for name, keys in names.items()}


def _letters(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _distance(key: str, *, bare: str, provider: str) -> tuple[bool, bool, bool, str]:
    """Orders places of one name: spelt just so, of the provider that was named, a country before a cloud's region."""
    spelt = key.rpartition(":")[2].casefold()
    return (spelt != bare, not key.startswith(f"{provider}:"), ":" in key, key)
