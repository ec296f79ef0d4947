"""What of a command line may be kept: secrets become ***."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MASK = "***"
_SECRET = re.compile(
    r"(?i)token(?!iz|s\b)|secret|passw|\bpass\b|pwd\b|passphrase|\bkey\b|[-_]key\b|apikey|credential|\bpat\b|\bauth|\bbearer\b"
)
_NAMED = re.compile(r"(?i)\w+_(?:token|secret|password|key)")
"""The name of a secret as a word of its own: `aws configure set aws_secret_access_key …`."""
_NAMES = r"token|secret|passw(?:ord|d)?|passphrase|pwd|key"
_INLINE = re.compile(
    rf"""(?i)(?P<kept>(?:{_NAMES}|\bpass|\bsig|signature)["']?\s*[:=]\s*["']?)"""
    r"""(?:(?<=")[^"]*|(?<=')[^']*|(?:(?:bearer|token|basic)\s+)?[^\s"'&,;]+)"""
    r"""|(?P<header>(?:authorization|cookie)["']?\s*[:=]\s*["']?)[^"'\r\n]+"""
    rf"""|(?P<option>(?<!\S)--?(?:[a-z][\w-]{{0,40}})?(?:{_NAMES})\s+["']?)"""
    r"""(?:(?<=")[^"]*|(?<=')[^']*|(?!-)[^\s"'&;]+)"""
    r"""|(?P<scheme>\bbearer\s+)(?=[\w.~+/-]*\d)[\w.~+/=-]{8,}"""
)
"""A secret inside a word: a header, a query, JSON, a script."""
_FORM = re.compile(
    r"\b(?:gh[a-z]_\w{20,}|github_pat_\w{20,}|hf_\w{20,}|npm_\w{30,}|A(?:KIA|SIA)[A-Z0-9]{16})"
    r"|(?<![\w-])(?:glpat-[\w-]{15,}|sk-[\w-]{20,}|xox[a-z]-[\w-]{10,}|AIza[\w-]{30,}|pypi-[\w-]{30,}|eyJ[\w-]{8,}\.[\w.-]+)"
    r"|(?s:-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END|\Z))"
)
"""What shows by its form that it is one: GitHub's, and those that are common in jobs."""
_URL_LOGIN = re.compile(r"(?<=://)[^/\s]+(?=@)")
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
        login = re.match(r"(-u|--user=)[^=]*:", word)
        if (mask_next and not word.startswith("--")) or (login_next and ":" in word):
            kept.append(MASK)
        elif looks_secret and equals:
            kept.append(f"{_without(option, secrets)}={MASK}")
        elif login:
            kept.append(f"{login[1]}{MASK}")
        else:
            kept.append(_without(word, secrets))
        named = _NAMED.fullmatch(word) is not None
        mask_next, login_next = (looks_secret and not equals) or named, word in LOGIN_OPTIONS
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
    word = _FORM.sub(MASK, _URL_LOGIN.sub(MASK, word))
    return _INLINE.sub(lambda found: f"{found[found.lastgroup or 0]}{MASK}", word)
