"""What of a command line may be kept: secrets become ***."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MASK = "***"
_SECRET = re.compile(r"(?i)token|secret|passw|passphrase|api[-_]?key|access[-_]?key|credential|private[-_]?key|\bauth")
_URL_LOGIN = re.compile(r"(?<=://)[^/@\s]+(?=@)")
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
    secrets = sorted(
        {value for name, value in environ.items() if _SECRET.search(name) and len(value) >= SHORTEST_SECRET},
        key=len,
        reverse=True,
    )
    kept: list[str] = []
    mask_next = False
    for word in command:
        option, equals, _ = word.partition("=")
        looks_secret = bool(_SECRET.search(option)) and (word.startswith("-") or bool(equals))
        if mask_next and not word.startswith("--"):
            kept.append(MASK)
        elif looks_secret and equals:
            kept.append(f"{option}={MASK}")
        else:
            kept.append(_without(word, secrets))
        mask_next = looks_secret and not equals
    return tuple(kept)


def commands_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of the metered command: everything but the secrets that are ours."""
    return {name: value for name, value in environ.items() if name not in PROVIDER_SECRETS}


def _without(word: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        word = word.replace(secret, MASK)
    return _URL_LOGIN.sub(MASK, word)
