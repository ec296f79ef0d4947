"""Sentences without a face: plain text with a few spans of code, emphasis and links.

Every face decides for itself how a span looks and what must be escaped; nothing here is markup.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

LONGEST_NAME = 80
"""Characters of a name that a report shows; the whole name is in `footprint.json`."""
LONGEST_SENTENCE = 400

_BLANK = (
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0e\uffa0\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Fillers, joiners and selectors that take part in no word, though Python counts most of them as printable."""
_KEPT = ("Zs", "Cn")
"""Of what Python does not print: our narrow spaces, and letters that are newer than its tables."""
_ESCAPE_SEQUENCE = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])"
_SPACE = r"[^\S\u202f\xa0]+"
_DEVICE_UUID = r"\b((?:GPU|MIG)-[0-9a-fA-F]{8})-[0-9a-fA-F-]{4,}(?:/\d+)*"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4 = rf"(?<![\w.])(?:{_OCTET}\.){{3}}{_OCTET}(?![\w.]|\.\d)"
_IPV6 = r"(?<![\w:.])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){3,7}(?![\w:])"
_WEB_ADDRESS = r"https?://[A-Za-z0-9._~:/?#@!&+,;=%-]+"


class Style(str, Enum):
    """How a span stands out from its sentence."""

    PLAIN = "plain"
    CODE = "code"
    STRONG = "strong"


class Span(NamedTuple):
    """A run of text of one style; `href` makes it a link where the face has links."""

    text: str
    style: Style = Style.PLAIN
    href: str | None = None


class Line(NamedTuple):
    """One sentence, or a few words: spans in reading order. `str(line)` is the text without any style."""

    spans: tuple[Span, ...] = ()

    def __str__(self) -> str:
        return "".join(span.text for span in self.spans)

    def __bool__(self) -> bool:
        return bool(self.spans)


class Verbatim(str):
    """Markup that we made ourselves from numbers alone: the one type that no face escapes."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def line(*parts: str | Span | Line) -> Line:
    """Join words, spans and lines into one line."""
    spans: list[Span] = []
    for part in parts:
        if isinstance(part, Line):
            spans.extend(part.spans)
        elif isinstance(part, Span):
            spans.append(part)
        elif part:
            spans.append(Span(part))
    return Line(tuple(spans))


def code(text: str) -> Span:
    """A name, path or setting, as it would be typed."""
    return Span(text, Style.CODE)


def strong(text: str) -> Span:
    """The words that a hurried reader should see."""
    return Span(text, Style.STRONG)


def link(text: str, address: str | None) -> Span:
    """A link; any address but a plain http(s) one is dropped and the words stay."""
    safe = address is not None and re.fullmatch(_WEB_ADDRESS, address)
    return Span(text, href=address if safe else None)


def quoted(text: str) -> Line:
    """A message in which backticks set off code, as our errors and remedies are written; no address is shown."""
    shown = re.sub(_IPV6, "(address)", re.sub(_IPV4, "(address)", sentence(text)))
    parts = shown.split("`")
    if len(parts) % 2 == 0:
        return line(shown)
    return line(*(code(part) if index % 2 else part for index, part in enumerate(parts)))


def name(text: str, longest: int = LONGEST_NAME) -> str:
    """A name from outside, fit to be shown: one line, visible characters only, cut in its middle if long."""
    shown = sentence(text, longest=10 * longest)
    if len(shown) <= longest:
        return shown or "(no name)"
    head = (longest - 1) * 2 // 3
    return f"{shown[:head]}…{shown[len(shown) - (longest - 1 - head) :]}"


def sentence(text: str, longest: int = LONGEST_SENTENCE) -> str:
    """A message from outside, fit to be shown in public: visible characters, no full device id."""
    shown = text if text.isascii() and text.isprintable() else _printable(text)
    shown = re.sub(" {2,}", " ", shown).strip() if "  " in shown else shown.strip()
    if "-" in shown:
        shown = re.sub(_DEVICE_UUID, r"\1…", shown)
    return shown if len(shown) <= longest else shown[: longest - 1].rstrip() + "…"


def _printable(text: str) -> str:
    """Without what cannot be seen, or moves what can; the patterns are rarely needed, so they compile when they are."""
    shown = re.sub(_BLANK, "", re.sub(_ESCAPE_SEQUENCE, "", re.sub(_SPACE, " ", text)))
    if shown.isprintable():
        return shown
    from unicodedata import category  # noqa: PLC0415 - rarely needed, and the meter's end waits

    return "".join(character for character in shown if character.isprintable() or category(character) in _KEPT)
