"""The page's scripts; without them it still says everything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from reporter.report.compiled.digests import DIGESTS
from reporter.report.page import ReportView
from reporter.report.prose import Verbatim

if TYPE_CHECKING:
    from reporter.report.timeline import Timeline


class Scripts(NamedTuple):
    """The scripts of one page, by the names that its template has for them, and the only ones that may run there."""

    texts: dict[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """In the order in which they run."""
        return tuple(self.texts)

    @property
    def policy(self) -> str:
        """What the page may do: nothing but show itself and run these very scripts."""
        digests = (DIGESTS.get(name) or digest(text) for name, text in self.texts.items())
        allowed = " ".join(f"'sha256-{known}'" for known in digests)
        return (
            f"default-src 'none'; style-src 'unsafe-inline'; script-src {allowed}; base-uri 'none'; form-action 'none'"
        )

    def inlined(self, page: str) -> str:
        """The page with the scripts in the places that its template leaves for them, `<script><!--NAME--></script>`."""
        for mark, text in self.texts.items():
            page = page.replace(f"<script><!--{mark}--></script>", f"<script>{text}</script>")
        return page


def scripts_of(view: ReportView, folder: Path) -> Scripts:
    """The scripts that this report needs, from the templates' folder: tables always, charts where there is data."""
    texts = {"report.js": (folder / "report.js").read_text(encoding="utf-8")}
    if not any(detail.timeline for detail in (view.whole, *view.details)):
        return Scripts(texts)
    from reporter.report import library  # noqa: PLC0415  (most pages have no interactive chart)

    if drawing := library.source():
        texts |= {"library": drawing, "chart.js": (folder / "chart.js").read_text(encoding="utf-8")}
    return Scripts(texts)


def digest(text: str) -> str:
    """What a policy calls a script by: its SHA-256 in Base64. Of our own scripts it is known ahead."""
    from base64 import b64encode  # noqa: PLC0415
    from hashlib import sha256  # noqa: PLC0415  (loads OpenSSL)

    return b64encode(sha256(text.encode()).digest()).decode()


def chart_data(timeline: Timeline) -> Verbatim:
    """What an interactive chart draws, as its script reads it."""
    from reporter.report.interactive import encoded  # noqa: PLC0415  (most pages have no interactive chart)

    return encoded(timeline)
