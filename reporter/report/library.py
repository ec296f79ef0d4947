"""The library that draws interactive charts, where the extra `html` is installed; none of its Python is run."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

NAME = "bokeh"
FILE = Path("server", "static", "js", "bokeh.min.js")
_LEAVES_SCRIPT = re.compile("<(?:!--|/?script)", re.IGNORECASE)
"""What a script that stands in a page must not hold: it would end there, or not end where it should."""


def installed() -> bool:
    """Whether the library is there."""
    return _file() is not None


def source() -> str:
    """The library as one script, fit to stand in a page; empty where it is not there or cannot be used."""
    file = _file()
    try:
        text = "" if file is None else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    return "" if _LEAVES_SCRIPT.search(text) else text


def _file() -> Path | None:
    try:
        found = find_spec(NAME)
    except (ImportError, ValueError):
        return None
    folders = found.submodule_search_locations if found is not None else None
    return next((file for folder in folders or () if (file := Path(folder) / FILE).is_file()), None)
