"""The base's runs, read from files, and each job held against its own: `--against PATH`, and `compare`.

Every run of a job counts, earlier attempts too: between them they tell what noise is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from reporter.commands.account.assessment import tool
from reporter.commands.account.gather import MOST_FILES, footprints_in, input_files
from reporter.commands.account.site import resolve_site
from reporter.commands.settings import Settings
from reporter.domain.baseline import Baseline, baseline_of
from reporter.domain.energy import account
from reporter.domain.footprint import Footprint, assess
from reporter.domain.run_record import record_of
from reporter.domain.series import spans
from reporter.errors import ReporterError
from reporter.export.date import since_1970_s
from reporter.export.decoding import decode_policy
from reporter.metering.recording import read_recording

BASE = "base"
"""What the base is called where no branch is known."""


class Runs(NamedTuple):
    """Runs of any number of jobs, oldest first, and why some files could not be read."""

    footprints: tuple[Footprint, ...]
    files: int = 0
    unread: tuple[ReporterError, ...] = ()


def attach(footprints: Sequence[Footprint], settings: Settings) -> tuple[tuple[Footprint, ...], tuple[str, ...]]:
    """The jobs held against the base that the settings name, and what there is to say about its files.

    Nothing is raised: a base that cannot be read is a reason why nothing is compared.
    """
    path, label = settings.config.against or "", settings.ci.base_ref or BASE
    try:
        runs = runs_at(path, settings)
    except ReporterError as error:
        why = Baseline(label=label, why_not=f"the base cannot be read: {error.message}", is_given=True)
        return tuple(replace(footprint, baseline=why) for footprint in footprints), ()
    found = based(footprints, runs.footprints, label=label)
    return tuple(_given(footprint) for footprint in found), tuple(_told(path, runs))


def runs_at(path: str, settings: Settings) -> Runs:
    """Every run under a path, each once. Raises ReporterError where nothing is there, or may not be looked at."""
    files = input_files((path,))
    if len(files) > MOST_FILES:
        raise ReporterError(f"{len(files)} files are more than the {MOST_FILES} that a base takes")
    found: dict[object, Footprint] = {}
    unread = []
    for file in files:
        try:
            for footprint in footprints_in(file, _recorded(settings)):
                found.setdefault(_key(footprint), footprint)
        except ReporterError as error:
            unread.append(error)
    ordered = sorted(found.values(), key=lambda run: since_1970_s(run.job.started_at) or 0.0)
    return Runs(footprints=tuple(ordered), files=len(files), unread=tuple(unread))


def based(
    footprints: Sequence[Footprint], runs: Sequence[Footprint], *, label: str, lone: bool = False
) -> tuple[Footprint, ...]:
    """Each job with its base: the runs of its name, but never itself.

    `lone`: where either side has one job alone they are a pair whatever their names, and may be copies.
    """
    named: dict[str, list[Footprint]] = {}
    for run in runs:
        named.setdefault(run.job.name, []).append(run)
    names = {footprint.job.name for footprint in footprints}
    if lone and len(named) == 1 and len(names) == 1:
        named = {names.pop(): next(iter(named.values()))}
    found = []
    for footprint in footprints:
        same = named.get(footprint.job.name, [])
        others = same if lone else [run for run in same if _key(run) != _key(footprint)]
        base = baseline_of([record_of(run) for run in others], record_of(footprint), label=label)
        found.append(replace(footprint, baseline=base))
    return tuple(found)


def _given(footprint: Footprint) -> Footprint:
    base = footprint.baseline
    return footprint if base is None else replace(footprint, baseline=replace(base, is_given=True))


def _key(footprint: Footprint) -> object:
    """What was measured: copies are told by it."""
    return footprint.job, footprint.meters


def _recorded(settings: Settings) -> Callable[[Path], Footprint]:
    """Assesses a recording at the site that it was made at: the options are about the job, not about its base."""

    def footprint_of(path: Path) -> Footprint:
        recording, extra = read_recording(path)
        site = decode_policy(extra, origin=str(path)).site
        if site is None:
            unasked = settings.config._replace(provider=None)
            site = resolve_site(unasked, settings.ci, ask_metadata=lambda: None)
        return assess(recording, account(recording, spans(site)), site, (), tool())

    return footprint_of


def _told(path: str, runs: Runs) -> list[str]:
    if not runs.unread:
        return []
    many = f"{len(runs.unread)} of {runs.files} files in `{path}` cannot be read and are not part of the base"
    return [f"{many}: {runs.unread[0].message}."]
