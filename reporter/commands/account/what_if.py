"""`--what-if`, `--elsewhere` and `--series`: which places and which times a job's energy is held against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from reporter.commands import Invocation
from reporter.domain.carbon import IntensityPoint, Site
from reporter.domain.elsewhere import Elsewhere, elsewhere
from reporter.domain.footprint import Footprint
from reporter.domain.later import Later, course_of, later
from reporter.domain.units import UnitError, parse_number
from reporter.errors import ConfigError, Problem, UnknownRegion
from reporter.export.date import since_1970_s
from reporter.factors import intensity_of, pue_of, region_of, regions
from reporter.factors.grid import NOT_COUNTRIES
from reporter.file import opened
from reporter.report.page import Counterfactual

EVERYWHERE = "all"
DEFAULT_WITHIN_H, MOST_WITHIN_H = 24.0, 168.0
S_PER_HOUR = 3600.0
MOST_SERIES_BYTES = 16 * 1024 * 1024


class Asked(NamedTuple):
    """What was asked for, checked before anything is computed."""

    regions: tuple[str, ...] | None = None
    """Keys; empty: those like the job's own; None: not asked for."""
    series: tuple[IntensityPoint, ...] = ()
    series_name: str = ""
    within_s: float = 0.0


class WhatIf(NamedTuple):
    """The same energy at other places, and jobs at other times; None and empty where not asked for, or not known."""

    elsewhere: Elsewhere | None = None
    later: tuple[tuple[Footprint, Later | None], ...] = ()
    series_name: str = ""


NO_CASES = WhatIf()


def asked_of(invocation: Invocation) -> Asked:
    """What the options ask for. Raises ConfigError with all that is wrong with them."""
    options = invocation.options
    problems: list[Problem] = []
    keys: tuple[str, ...] | None = () if "what-if" in invocation.switches else None
    words = [word.strip() for word in (options.get("elsewhere") or "").split(",") if word.strip()]
    if words:
        found, wrong = _keys(words)
        keys, problems = found, [*problems, *wrong]
    name, within = options.get("series") or "", options.get("within")
    within_h = DEFAULT_WITHIN_H
    try:
        within_h = parse_number(within, "Hours", least=0.0, most=MOST_WITHIN_H) if within else DEFAULT_WITHIN_H
    except UnitError as error:
        problems.append(Problem(error.message, origin="`--within`", suggestion=error.suggestion))
    if within and not name:
        problems.append(Problem("There is no series", origin="`--within`", suggestion="Add `--series FILE`."))
    if problems:
        raise ConfigError(*problems)
    series = _series(name) if name else ()
    return Asked(regions=keys, series=series, series_name=name, within_s=within_h * S_PER_HOUR)


def what_if(asked: Asked, footprints: Sequence[Footprint]) -> WhatIf:
    """The answers. Raises ConfigError where the series covers the time of no job."""
    places = None
    if asked.regions is not None:
        keys = asked.regions or tuple(_siblings(footprints))
        sites = [Site(intensity=intensity_of(key), pue=pue_of(key)) for key in keys]
        places = elsewhere(footprints, sites)
    times = tuple((footprint, _later(footprint, asked)) for footprint in footprints) if asked.series else ()
    if times and all(found is None for _, found in times):
        covers = f"{_time(asked.series[0].start_s)} to {_time(asked.series[-1].end_s)}"
        message = f"Series `{asked.series_name}` covers the time of no job: it is about {covers}"
        advice = "It must hold the time in which the job ran, for that is what other times are held against."
        raise ConfigError(Problem(message, origin="`--series`", suggestion=advice))
    return WhatIf(elsewhere=places, later=times, series_name=asked.series_name)


def counterfactuals(cases: WhatIf) -> tuple[Counterfactual, ...]:
    """The answers in words, for the report."""
    if cases == NO_CASES:
        return ()
    from reporter.report.what_if import elsewhere_words, later_words  # noqa: PLC0415  (few reports ask)

    shown = () if cases.elsewhere is None else (elsewhere_words(cases.elsewhere),)
    if not cases.later:
        return shown
    rows = [(footprint.job.name, footprint.energy.facility_j, found) for footprint, found in cases.later]
    return (*shown, later_words(rows, cases.series_name))


def elsewhere_in_brief(footprints: Sequence[Footprint]) -> tuple[Counterfactual, ...]:
    """The same energy in places like the jobs' own, for what is published; nothing where none compares."""
    cases = counterfactuals(what_if(Asked(regions=()), footprints))
    return tuple(case for case in cases if case.brief)


def encoded(cases: WhatIf) -> dict[str, Any]:
    """The answers as an addition to the JSON document."""
    if cases == NO_CASES:
        return {}
    from reporter.export.what_if import encode_elsewhere, encode_later  # noqa: PLC0415

    found: dict[str, Any] = {}
    if cases.elsewhere is not None:
        found["elsewhere"] = encode_elsewhere(cases.elsewhere)
    if cases.later:
        rows = [(footprint.job.name, shift) for footprint, shift in cases.later]
        found["later"] = encode_later(rows, cases.series_name)
    return {"what_if": found}


def _keys(words: Iterable[str]) -> tuple[tuple[str, ...], list[Problem]]:
    keys: dict[str, None] = {}
    problems: list[Problem] = []
    for word in words:
        try:
            found = tuple(_everywhere()) if word.lower() == EVERYWHERE else (region_of(word).key,)
            keys.update(dict.fromkeys(found))
        except UnknownRegion as error:
            problems.append(Problem(error.message, origin="`--elsewhere`", suggestion=error.hint))
    return tuple(keys), problems


def _everywhere() -> Iterable[str]:
    return (region.key for region in regions() if region.key not in NOT_COUNTRIES)


def _siblings(footprints: Sequence[Footprint]) -> Iterable[str]:
    """Places like the jobs' own: of the same cloud, of the same country, else countries."""
    kinds = {_like(footprint.intensity.region) for footprint in footprints}
    return (key for key in _everywhere() if _like(key) in kinds)


def _like(key: str | None) -> str:
    cloud, colon, _ = (key or "").partition(":")
    country, dash, _ = (key or "").partition("-")
    if colon:
        return f"{cloud}:"
    return f"{country}-" if dash else "country"


def _later(footprint: Footprint, asked: Asked) -> Later | None:
    facility_j, duration_s = footprint.energy.facility_j, footprint.job.duration_s
    start_s = since_1970_s(footprint.job.started_at)
    if not facility_j or not duration_s or start_s is None:
        return None
    course = course_of(footprint.timeline, duration_s=duration_s, facility_j=facility_j)
    return later(course, asked.series, start_s=start_s, duration_s=duration_s, within_s=asked.within_s)


def _series(name: str) -> tuple[IntensityPoint, ...]:
    from reporter.export.grid_series import loads  # noqa: PLC0415  (only a series needs it)

    try:
        with opened(Path(name)) as file:
            text = file.read(MOST_SERIES_BYTES + 1)
        if len(text) > MOST_SERIES_BYTES:
            reason = f"it is larger than {MOST_SERIES_BYTES // 1024**2} MiB"
        else:
            return loads(text.decode("utf-8"), origin=name)
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
    except UnicodeDecodeError:
        reason = "it is not UTF-8 text"
    advice = "Check the path and its permissions."
    raise ConfigError(Problem(f"Series `{name}` cannot be read: {reason}", origin="`--series`", suggestion=advice))


def _time(at_s: float) -> str:
    from reporter.report.what_if import moment  # noqa: PLC0415

    return moment(at_s)
