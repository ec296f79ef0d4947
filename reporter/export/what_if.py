"""Counterfactuals as JSON: an addition to what `report --json` prints, at full precision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from reporter.domain.elsewhere import Alternative, Elsewhere
from reporter.domain.later import Later, Shift


def encode_elsewhere(found: Elsewhere) -> dict[str, Any]:
    """Places best first; `versus_ratio` (−0.2: a fifth less) only where factors are of one kind, else null."""
    return {
        "it_j": found.it_j,
        "gco2e": found.gco2e,
        "kind": found.kind,
        "alike": [_place(place, found.gco2e) for place in found.alike],
        "apart": [_place(place, None) for place in found.apart],
    }


def encode_later(rows: Sequence[tuple[str, Later | None]], series: str) -> dict[str, Any]:
    """Jobs at other times by one series; null where it does not cover a job's own time."""
    return {
        "series": series,
        "jobs": [{"job": job, **(_times(found) if found else {"as_it_ran": None})} for job, found in rows],
    }


def _place(place: Alternative, here_gco2e: float | None) -> dict[str, Any]:
    return {
        "region": place.intensity.region,
        "label": place.intensity.label,
        "kind": place.kind,
        "gco2e_per_kwh": place.intensity.gco2e_per_kwh,
        "source": place.intensity.source,
        "year": place.intensity.year,
        "pue": place.pue.ratio,
        "pue_level": place.pue.level.value,
        "gco2e": place.gco2e,
        "versus_ratio": place.gco2e / here_gco2e - 1 if here_gco2e else None,
    }


def _times(found: Later) -> dict[str, Any]:
    return {
        "within_s": found.within_s,
        "as_it_ran": _shift(found.as_it_ran),
        "flexible_start": _shift(found.flexible),
        "pause_and_resume": {**_shift(found.pausing), "pauses": found.pausing.count},
    }


def _shift(shift: Shift) -> dict[str, Any]:
    return {"start": _iso(shift.start_s), "end": _iso(shift.end_s), "gco2e": shift.gco2e}


def _iso(at_s: float) -> str:
    moment = datetime.fromtimestamp(at_s, tz=timezone.utc)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
