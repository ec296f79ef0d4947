"""One leg of a matrix in the few figures that a table of all legs needs, and these as a short text.

The text is written into a public comment and read back from it: whatever is not exactly of this form is None.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from reporter.domain.budget import Outcome, Verdict
from reporter.domain.footprint import Footprint, unread
from reporter.report.basis import Basis, basis_of
from reporter.report.breakdown import known_sum
from reporter.report.format import FEWEST_DIGITS, MOST_DIGITS, NARROW
from reporter.report.headline import energy_digits, is_modelled
from reporter.report.prose import name
from reporter.report.rules import own_ratio

LONGEST_VERSUS = 40
MOST = 1e18
"""Of any figure."""

_METHODS = {"measured": "m", "partly-measured": "p", "modelled": "o", "estimate": "e", "none": "n"}
_NUMBER = r"\d{1,12}(?:\.\d{1,8})?(?:e-?\d{1,3})?"
_TEXT = re.compile(
    r"(?P<outcome>[a-z-]{4,12})"
    + "".join(
        rf"~(?P<{field}>{_NUMBER})?"
        for field in ("facility_j", "gco2e", "low_gco2e", "high_gco2e", "used_ratio", "measured_ratio")
    )
    + r"~(?P<digits>[23])(?P<marks>[agxcru]{0,6})"
    r"~(?P<method>[mpoen])(?:g(?P<unread_gpus>\d{1,4}))?(?:s(?P<exit_status>\d{1,3}))?(?P<cut_off>c)?"
    r"~(?P<versus>[^~\n]{0,40})",
    re.ASCII,
)


class Leg(NamedTuple):
    """Figures of one leg; missing is None."""

    outcome: Outcome
    facility_j: float | None
    gco2e: float | None
    low_gco2e: float | None
    high_gco2e: float | None
    used_ratio: float | None
    """The largest share of a budget of its own that was used."""
    basis: Basis
    digits: int = MOST_DIGITS
    about: bool = False
    """Whether the energy is modelled."""
    partial: bool = False
    """Whether it is at least so much: something was not read."""
    changed: bool = False
    """Whether it takes clearly more or less than on the base branch."""
    versus: str = ""
    """Against the base branch, in words."""

    @property
    def vague(self) -> bool:
        """Whether the emissions are no better than about right."""
        return self.about or not self.basis.place_known


def leg_of(footprints: Sequence[Footprint], verdict: Verdict, *, versus: str = "", changed: bool = False) -> Leg:
    """The figures of one job, or of several together."""
    ratios = [ratio for finding in verdict.findings if (ratio := own_ratio(finding)) is not None]
    about = is_modelled(footprints)
    return Leg(
        outcome=verdict.outcome,
        facility_j=known_sum([row.energy.facility_j for row in footprints]),
        gco2e=known_sum([row.emissions.gco2e for row in footprints]),
        low_gco2e=known_sum([row.emissions.low_gco2e for row in footprints]),
        high_gco2e=known_sum([row.emissions.high_gco2e for row in footprints]),
        used_ratio=max(ratios, default=None),
        basis=basis_of(footprints),
        digits=FEWEST_DIGITS if about else max(energy_digits(row) for row in footprints),
        about=about,
        partial=any(row.energy.facility_j is None or unread(row) for row in footprints),
        changed=changed,
        versus=name(versus, LONGEST_VERSUS) if versus else "",
    )


def leg_text(leg: Leg) -> str:
    """The figures as one short line, with a digit more than any face shows."""
    basis = leg.basis
    figures = (leg.facility_j, leg.gco2e, leg.low_gco2e, leg.high_gco2e, leg.used_ratio)
    told = "" if basis.method != "partly-measured" else _short(basis.measured_ratio, 4)
    known = [*(_short(value, digits) for value, digits in zip(figures, (4, 4, 3, 3, 3), strict=False)), told]
    marks = "".join(
        mark
        for mark, holds in (
            ("a", leg.about),
            ("x", leg.partial),
            ("c", leg.changed),
            ("r", not basis.place_known),
            ("u", basis.claimed),
        )
        if holds
    )
    notes = f"g{min(basis.unread_gpus, 9999)}" if basis.unread_gpus else ""
    notes += f"s{basis.exit_status}" if basis.exit_status else ""
    notes += "c" if basis.cut_off else ""
    versus = leg.versus.replace("~", "-")
    method = _METHODS.get(basis.method, "o")
    return "~".join((leg.outcome.value, *known, f"{leg.digits}{marks}", f"{method}{notes}", versus))


def leg_from(text: str) -> Leg | None:
    """The figures that a line tells; None for anything else, and for figures that cannot be."""
    found = _TEXT.fullmatch(text)
    if found is None or found["outcome"] not in tuple(Outcome) or not _is_visible(found["versus"]):
        return None
    figures = {key: None if found[key] is None else float(found[key]) for key in _FIGURES}
    low, high = figures["low_gco2e"], figures["high_gco2e"]
    if any(value is not None and value > MOST for value in figures.values()):
        return None
    if low is not None and high is not None and low > high:
        return None
    method = next(word for word, letter in _METHODS.items() if letter == found["method"])
    marks = found["marks"]
    basis = Basis(
        method=method,
        measured_ratio=figures.pop("measured_ratio"),
        unread_gpus=int(found["unread_gpus"] or 0),
        place_known="r" not in marks,
        exit_status=int(found["exit_status"] or 0),
        cut_off=found["cut_off"] is not None,
        claimed="u" in marks,
    )
    return Leg(
        outcome=Outcome(found["outcome"]),
        **figures,
        basis=basis,
        digits=int(found["digits"]),
        about="a" in marks,
        partial="x" in marks,
        changed="c" in marks,
        versus=found["versus"],
    )


_FIGURES = ("facility_j", "gco2e", "low_gco2e", "high_gco2e", "used_ratio", "measured_ratio")


def _is_visible(text: str) -> bool:
    """Whether a face may show it; amounts have a narrow space before their unit."""
    return text.replace(NARROW, "").replace("\xa0", "").isprintable()


def _short(value: float | None, digits: int) -> str:
    """`5.382e6`; empty for what is not known."""
    return "" if value is None else re.sub(r"e([+-])0*(?=\d)", r"e\1", f"{value:.{digits}g}").replace("e+", "e")
