"""Foreign text made harmless, in HTML and in Markdown as GitHub renders it: what every name passes.

Entities rather than backslashes, for a backslash protects neither a code span nor a table cell.
GitHub looks for mentions, references and addresses in the text that Markdown has already produced,
so `@`, `#` and the start of an address are followed by a zero-width space besides.
"""

from __future__ import annotations

import re

_BREAK = "&#8203;"
_STARTERS = frozenset("-+=0123456789")
_ENTITIES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "@": "&#64;" + _BREAK,
        "#": "&#35;" + _BREAK,
        "\n": " ",
        "\r": " ",
    }
    | {character: f"&#{ord(character)};" for character in "|`*_~$\\[]!"}
)
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
_ADDRESS = r":(?=//)|(?i:\b(?:www(?=\.)|(?:mailto|xmpp)(?=:)))"
_SHORTCODE = r":(?=[+\w-]+:)|(?<!\S):(?=:)"
"""An emoji's name; two colons before a word start a workflow command where a report is printed to a log."""
_REFERENCE = r"(?i)\bGH-(?=\d)"
_COMMIT = r"(?i)(?<![0-9a-z])(?=\d*[a-f]|\d{40})[0-9a-f]{7,40}(?![0-9a-z])"
"""A commit by its 7 to 40 digits: GitHub links those that exist."""
_COMMAND = "##["
"""What starts a workflow command of the runner's first version anywhere in a line of a log."""
_STARTS_BLOCK = r"[-+=](?=[-+=\s]|$)|\d{1,9}[.)](?=\s|$)"


def html(text: str) -> str:
    """The same words as HTML text or as an attribute's value."""
    return text.translate(_HTML).replace(_COMMAND, "&#35;#[")


def between(before: str, after: str) -> str:
    """What keeps two texts apart that would make an emoji's name together, such as `:x` and `: y`."""
    return _BREAK if after.startswith(":") and re.search(r":[+\w-]+$", before) else ""


def markdown(text: str, *, linked: bool = False) -> str:
    """The same words as Markdown text, in a paragraph, a table cell, a heading or `<code>`.

    `linked`: in a link or `<code>`, where GitHub leaves commits alone, so that they can be copied.
    """
    broken = text.replace("\0", "")
    if ":" in broken or "." in broken:
        broken = re.sub(_SHORTCODE, ":\0", re.sub(_ADDRESS, r"\g<0>" "\0", broken))
    if "-" in broken:
        broken = re.sub(_REFERENCE, r"\g<0>" "\0", broken)
    if not linked:
        broken = re.sub(_COMMIT, lambda found: "\0".join(re.findall(".{1,6}", found[0])), broken)
    escaped = broken.translate(_ENTITIES).replace("\0", _BREAK)
    if escaped[:1] not in _STARTERS:
        return escaped
    start = re.match(_STARTS_BLOCK, escaped)
    if start is None:
        return escaped
    mark = start.end() - 1
    return f"{escaped[:mark]}&#{ord(escaped[mark])};{escaped[mark + 1 :]}"
