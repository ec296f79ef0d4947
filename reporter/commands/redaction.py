"""What of a command line may be kept: secrets become ***."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MASK = "***"
_SECRET = re.compile(
    r"(?i)token(?!iz|s\b)|secret|passw|pwd\b|passphrase|\bkey\b|[-_]key\b|apikey|credential|\bpat\b|\bauth|\bbearer\b"
)
_INLINE = re.compile(
    r"""(?i)((?:authorization|cookie|token|secret|passw(?:ord|d)?|passphrase|pwd|key)["']?\s*[:=]\s*["']?)"""
    r"""(?:(?:bearer|token|basic)\s+)?[^\s"'&,;]+"""
)
"""A secret inside a word: a header, a query, JSON."""
_URL_LOGIN = re.compile(r"(?<=://)[^/@\s]+(?=@)")
LOGIN_OPTIONS = ("-u", "--user")
"""curl's: name and password in one."""
SHORTEST_SECRET = 6
"""Shorter values of secret variables are left alone: they would hit ordinary words."""
PROVIDER_SECRETS = ("EMISSIONS_ELECTRICITYMAPS_TOKEN", "EMISSIONS_WATTTIME_USER", "EMISSIONS_WATTTIME_PASSWORD")
"""Ours alone: the metered command does not get them."""


def recorded(command: Sequence[str], how: str, environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """The command as a recording keeps it: `full` with secrets masked, `program` alone, or None for `off`."""
    if how == "off":
        return None
    if how == "program":
        return (command[0],)
    secrets = _secrets(environ)
    kept: list[str] = []
    mask_next, login_next = False, False
    for word in command:
        option, equals, _ = word.partition("=")
        looks_secret = bool(_SECRET.search(option)) and (word.startswith("-") or bool(equals))
        if (mask_next and not word.startswith("--")) or (login_next and ":" in word):
            kept.append(MASK)
        elif looks_secret and equals:
            kept.append(f"{option}={MASK}")
        else:
            kept.append(_without(word, secrets))
        mask_next, login_next = looks_secret and not equals, word in LOGIN_OPTIONS
    return tuple(kept)


def commands_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of the metered command: everything but what is ours alone."""
    return {name: value for name, value in environ.items() if name not in (*PROVIDER_SECRETS, "EMISSIONS_MATRIX")}


def masked(text: str, environ: Mapping[str, str]) -> str:
    """Any text without the values of secret variables, and without what looks like one."""
    return _without(text, _secrets(environ))


def _secrets(environ: Mapping[str, str]) -> list[str]:
    """Values of variables that are secret by their names, the longest first: none is a part of what is left."""
    values = {value for name, value in environ.items() if _SECRET.search(name) and len(value) >= SHORTEST_SECRET}
    return sorted(values, key=len, reverse=True)


def _without(word: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        word = word.replace(secret, MASK)
    return _INLINE.sub(rf"\g<1>{MASK}", _URL_LOGIN.sub(MASK, word))
