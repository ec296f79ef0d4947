"""What the figures of a row rest on, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reporter.domain.claim import is_claim
from reporter.domain.footprint import Footprint, cut_off, unread_gpus
from reporter.report.format import counted, percent

_SIGNALS = {1: "SIGHUP", 2: "SIGINT", 6: "SIGABRT", 9: "SIGKILL", 11: "SIGSEGV", 15: "SIGTERM"}
_SHELL_SIGNAL_BASE = 128
NEARLY_ALL_RATIO = 0.99
"""From here on the modelled rest is less than any meter's own error, and is not what the row is about."""
_METHODS = {"measured": "measured", "estimate": "estimated", "modelled": "modelled", "none": "nothing metered"}


class Basis(NamedTuple):
    """How the energy is known, and what else to know before trusting it."""

    method: str
    """measured, partly-measured, modelled, estimate, or none: nothing was metered."""
    measured_ratio: float | None = None
    unread_gpus: int = 0
    place_known: bool = True
    exit_status: int = 0
    cut_off: bool = False
    claimed: bool = False
    """Whether it is the word of a run that nobody vouches for."""


def basis_of(footprints: Sequence[Footprint]) -> Basis:
    """Of one job, or of several together: the worst of them."""
    metered = [row for row in footprints if row.energy.it_j is not None]
    methods = {row.method for row in metered}
    it_j = sum(row.energy.it_j or 0.0 for row in metered)
    measured_j = sum((row.energy.it_j or 0.0) * (row.energy.measured_ratio or 0.0) for row in metered)
    method = next(iter(methods)) if len(methods) == 1 else "partly-measured" if measured_j else "modelled"
    return Basis(
        method=method if metered else "none",
        measured_ratio=metered[0].energy.measured_ratio if len(metered) == 1 else measured_j / it_j if it_j else None,
        unread_gpus=sum(len(unread_gpus(row)) for row in metered),
        place_known=all(row.intensity.known for row in footprints),
        exit_status=next((row.job.exit_status for row in footprints if row.job.exit_status), 0),
        cut_off=any(cut_off(row) is not None for row in footprints),
        claimed=any(map(is_claim, footprints)),
    )


def basis_words(basis: Basis) -> str:
    """`command failed with status 1; partly measured (62 %), 1 GPU not read, region unknown`."""
    words = _METHODS.get(basis.method, "modelled")
    if basis.method == "partly-measured":
        partly = "" if (basis.measured_ratio or 0.0) >= NEARLY_ALL_RATIO else "partly "
        words = f"{partly}measured ({percent(basis.measured_ratio)})"
    if basis.unread_gpus:
        words += f", {counted(basis.unread_gpus, 'GPU')} not read"
    if not basis.place_known:
        words += ", region unknown"
    if basis.claimed:
        words += ", reported by an unprivileged run"
    how = ending(basis.exit_status, cut_off=basis.cut_off)
    return words if how is None else f"{how}; {words}"


def ending(exit_status: int | None, *, cut_off: bool) -> str | None:
    """How a job that did not end well came to its end; None for one that did, and for a session: it has no status."""
    if not exit_status:
        return "cut off" if cut_off else None
    signal = _SIGNALS.get(exit_status - _SHELL_SIGNAL_BASE)
    return f"command was ended by {signal}" if signal else f"command failed with status {exit_status}"
