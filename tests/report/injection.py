"""What must not be in a face of the report, whoever chose its texts: read as GitHub, a browser or a log reads it."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

TAGS = {
    "p", "br", "h2", "h3", "h4", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "ul", "ol", "li", "details",
    "summary", "strong", "code", "pre", "a", "sub",
}  # fmt: skip
LIVE = re.compile(r"@\w|#\d|\bGH-\d|://|\bwww\.|\b(?:mailto|xmpp):|:[+\w-]+:(?=\s|$)", re.IGNORECASE)
COMMIT = re.compile(r"\b(?=\d*[a-f]|\d{40})[0-9a-f]{7,40}\b", re.IGNORECASE)
COMMAND = re.compile(r"(?m)^\s*::|##\[")
ALLOWED_FORMATS = {"\u200b"}
"""Our own breaks; everything else of the kind was somebody's."""
LINK = re.compile(r"https?://[\w.-]+[\w:./?#@!&+,;=%~-]*$")


class Page(HTMLParser):
    """Tags with their attributes' names, links, and text without charts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.links: list[str] = []
        self.text = ""
        self.linkable = ""
        self.inside: list[str] = []
        self.charts: list[str] = []
        self.mermaid = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *sorted(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href")]
        self.inside += [tag] if tag in ("a", "code") else []
        self.mermaid = self.mermaid or ("lang", "mermaid") in attrs
        self.charts += [""] if ("lang", "mermaid") in attrs else []

    def handle_endtag(self, tag: str) -> None:
        self.mermaid = self.mermaid and tag != "pre"
        self.inside = self.inside[:-1] if tag in ("a", "code") else self.inside

    def handle_data(self, data: str) -> None:
        if self.mermaid:
            self.charts[-1] += data
        else:
            self.text += data
            self.linkable += "" if self.inside else data


def as_github_reads_it(markdown: str) -> Page:
    import cmarkgfm
    from cmarkgfm.cmark import Options

    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES | Options.CMARK_OPT_HARDBREAKS
    return Page(cmarkgfm.github_flavored_markdown_to_html(markdown, options))


def invisible(text: str) -> list[str]:
    """Characters that are not seen, or that move what is."""
    shown = set(text) - ALLOWED_FORMATS - set("\n\u202f\xa0")
    return [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") or c in "\u034f\u3164\u2800"]
