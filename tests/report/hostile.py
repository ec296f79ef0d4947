"""Footprints in which every free text is whatever somebody chose to write: found by walking types, not by a list.

`whole` fills what a footprint leaves out, by the types of its fields, so that a new field is hostile on its own.
`hostile` then replaces every text that the decoder of `footprint.json` takes as it is.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import types
import typing
from collections.abc import Iterator
from enum import Enum
from functools import cache
from typing import Any

from hypothesis import strategies as st

from reporter import domain
from reporter.domain.footprint import Footprint
from reporter.errors import FootprintError
from reporter.export import json as codec

MARKS = (
    "@octocat", "a@b.example", "@org/team", "#12", "o/r#12", "GH-12", "https://evil.example", "www.evil.example",
    "mailto:a@b.example", "ftp://evil.example", "|", "\\|", "`", "``` x", "~~~", "<b>", "<!--", "-->", "</details>",
    "</summary>", "</script>", "<img src=x onerror=y>", '" onload="x', "' y='", "&#64;octocat", "&lt;b&gt;", "[x](y)",
    "![x](y)", "*", "**x**", "__x__", "~~x~~", "$x$", "$$", "\n", "\r\n", "\n\n# x", "# x", "- x", "1. x", "> x", "---",
    "===", ":tada:", ":+1:", "\n::error::x", "::error::x", "##[error]x", "\x1b[31m", "\x1b]0;x\x07", "\x9b31m",
    "\u202e", "\u2066", "\u200b", "\u200d", "\u00ad", "\u034f", "\u3164", "\u2800", "\U000e0041", "\u2028", "\x00",
    "\ud800", "    x", "\t", "^[x]", "[^1]", "{{ x }}", "{% x %}", "%%{init}%%", "\nclick a", "=1+1", "+1", "-1",
    "\\input{x}", "%", "&", "_", "^^5c", "0123456789abcdef0123456789abcdef01234567", "é", "表", "🌍", "e\u0301",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(MARKS) | st.text(max_size=6), min_size=1, max_size=8).map("".join)
WORDS = ("text", "FR", "kWh", "gCO2e", "annual", "2026-01-01T00:00:00Z", "a" * 64)
"""What a text is filled with, the first that the decoder takes."""
Path = tuple[str | int, ...]


@cache
def whole(footprint: Footprint) -> Footprint:
    """The same with every empty field filled in by its type, wherever `footprint.json` takes that."""
    refused: set[Path] = set()
    while (gap := next((gap for gap in gaps(footprint) if gap[0] not in refused), None)) is not None:
        path, hint = gap
        filled = (_put(footprint, path, _made(hint, word)) for word in WORDS)
        taken = next((candidate for candidate in filled if _read(codec.encode(candidate)) is not None), None)
        footprint = footprint if taken is None else taken
        refused.add(path)
    return footprint


def gaps(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Fields that are empty: where they are, and of which type."""
    if isinstance(value, tuple):
        for index, part in enumerate(value):
            yield from gaps(part, (*path, index))
    elif dataclasses.is_dataclass(value):
        for name, hint in _hints(type(value)).items():
            part = getattr(value, name)
            if part is None or part == ():
                yield (*path, name), hint
            yield from gaps(part, (*path, name))


def _put(value: Any, path: Path, part: Any) -> Any:
    if not path:
        return part
    key, *rest = path
    if isinstance(key, int):
        return (*value[:key], _put(value[key], tuple(rest), part), *value[key + 1 :])
    return dataclasses.replace(value, **{key: _put(getattr(value, key), tuple(rest), part)})


def _read(document: dict[str, Any]) -> Footprint | None:
    try:
        (footprint,) = codec.loads(codec.dumps(document), origin="a test")
    except FootprintError:
        return None
    return footprint


@cache
def _hints(kind: type) -> dict[str, Any]:
    names = {field.name for field in dataclasses.fields(kind)}
    return {name: hint for name, hint in typing.get_type_hints(kind, localns=_domain()).items() if name in names}


@cache
def _domain() -> dict[str, Any]:
    """Every class of the domain: some modules import what they annotate with for the type checker alone."""
    modules = [
        importlib.import_module(f"{domain.__name__}.{found.name}") for found in pkgutil.iter_modules(domain.__path__)
    ]
    return {name: part for module in modules for name, part in vars(module).items() if isinstance(part, type)}


def _made(hint: Any, word: str) -> Any:
    origin, inner = typing.get_origin(hint), [part for part in typing.get_args(hint) if part is not type(None)]
    if origin in (types.UnionType, typing.Union):
        return _made(inner[0], word)
    if origin is tuple:
        return (_made(inner[0], word),) if inner[-1] is Ellipsis else tuple(_made(part, word) for part in inner)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if dataclasses.is_dataclass(hint):
        # One that holds another of its own kind ends there.
        parts = {name: part for name, part in _hints(hint).items() if hint not in typing.get_args(part)}
        made = {name: 0.75 if name.startswith("end") else _made(part, word) for name, part in parts.items()}
        return hint(**made, **dict.fromkeys(_hints(hint).keys() - parts.keys()))
    return {str: word, float: 0.5, int: 1, bool: False}.get(hint)


def texts_of(document: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text of a JSON document with its place."""
    if isinstance(document, str):
        yield path, document
    parts = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, part in parts:
        yield from texts_of(part, (*path, key))


def put(document: Any, path: Path, text: str) -> None:
    """Write a text at its place."""
    for key in path[:-1]:
        document = document[key]
    document[path[-1]] = text


@cache
def free_texts(footprint: Footprint) -> tuple[tuple[Path, str], ...]:
    """The places of `footprint.json` that take any text, some after a word of theirs; others take a few words."""
    free = []
    for path, text in texts_of(codec.encode(footprint)):
        before = f"{text.partition('/')[0]}/"  # as the work in `g/sample`
        for start in ("", before):
            document = codec.encode(footprint)
            put(document, path, f"{start}any text")
            if _read(document) is not None:
                free.append((path, start))
                break
    return tuple(free)


def hostile(footprint: Footprint, texts: list[str]) -> Footprint:
    """The footprint with these texts, in turn, at every place that takes any."""
    document = codec.encode(footprint)
    for index, (path, start) in enumerate(free_texts(footprint)):
        put(document, path, start + texts[index % len(texts)])
    read = _read(document)
    assert read is not None
    return read
