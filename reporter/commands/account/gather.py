"""Paths to footprints: files, folders searched recursively, globs; recordings are assessed on the way."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from reporter.commands import Invocation
from reporter.commands.delivery.folder import FOOTPRINT, RECORDING
from reporter.domain.footprint import Footprint
from reporter.errors import ConfigError, FootprintError, Problem, ReporterError
from reporter.export import json as footprint_json
from reporter.file import opened

MOST_FILES = 1_000
_SUFFIXES = (".json", ".jsonl")

Assess = Callable[[Path], Footprint]
"""A recording's path to its footprint."""
Found = Callable[[Footprint, Path], object]
"""Told of each footprint and of where its recording may lie."""


def some_path(invocation: Invocation) -> tuple[str, ...]:
    """The paths that were named. Raises ConfigError where there is none, which only a second stage may do without."""
    if not invocation.arguments:
        advice = f"Name footprints, recordings, or folders: `emissions {invocation.verb} PATH…`."
        raise ConfigError(Problem(f"There is nothing to {invocation.verb}", suggestion=advice))
    return invocation.arguments


def gather(paths: Sequence[str], *, assess: Assess, found: Found = lambda *_: None) -> tuple[Footprint, ...]:
    """The footprints of all jobs found, each once; of several attempts of one job the last.

    Raises ReporterError where a path is missing, a file cannot be read, or nothing is found.
    """
    files = input_files(paths)
    if not files:
        raise ReporterError(
            f"No footprint.json or recording.jsonl in {', '.join(paths)}",
            hint="`emissions run -- COMMAND` writes them to emissions-report/.",
        )
    if len(files) > MOST_FILES:
        raise ReporterError(f"{len(files)} files are more than the {MOST_FILES} that one report takes")
    footprints = tuple(footprint for file in files for footprint in footprints_in(file, assess, found))
    if not footprints:
        raise FootprintError(f"{', '.join(paths)} holds no job", hint="This is a merged report of nothing.")
    return last_attempts(footprints)


def input_files(paths: Sequence[str]) -> tuple[Path, ...]:
    """Every file that these paths name, each once; a folder with both kinds counts once, as its footprint.

    Raises ReporterError where a path is missing or cannot be looked at.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        try:
            for file in _files(path):
                found.setdefault(file.resolve(), file)
        except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise ReporterError(
                f"`{path}` cannot be read: {reason}", hint="Check the path and its permissions."
            ) from None
    beside = {file.parent.resolve() for file in found.values() if file.name == FOOTPRINT}
    return tuple(file for file in found.values() if file.name != RECORDING or file.parent.resolve() not in beside)


def last_attempts(footprints: Iterable[Footprint]) -> tuple[Footprint, ...]:
    """Of each job of a run those of its highest attempt; a copy counts once. Jobs outside CI are all kept.

    Two measurements of one attempt may bear one name (two steps of a job): both are kept.
    """
    found = tuple(footprints)
    latest: dict[object, int] = {}
    for footprint in found:
        key, attempt = _job_key(footprint), footprint.job.run_attempt or 0
        latest[key] = max(attempt, latest.get(key, 0))
    kept: dict[object, Footprint] = {}
    for footprint in found:
        job = footprint.job
        if job.run_id is None:
            kept[id(footprint)] = footprint
        elif (job.run_attempt or 0) == latest[_job_key(footprint)]:
            # What was measured tells a copy, not how it was judged since.
            kept.setdefault((job, footprint.meters), footprint)
    return tuple(kept.values())


def _job_key(footprint: Footprint) -> object:
    return footprint.job.repository, footprint.job.run_id, footprint.job.name


def _files(path: str) -> Iterator[Path]:
    here = Path(path)
    if here.is_dir():
        yield from _folder(here)
    elif here.exists():
        yield here
    else:
        found = sorted(glob.glob(path, recursive=True))  # noqa: PTH207  (the pattern may be absolute)
        if not found:
            raise ReporterError(
                f"`{path}` does not exist", hint="Name a footprint.json, a recording.jsonl, or a folder that holds one."
            )
        for match in found:
            if Path(match).is_dir():
                yield from _folder(Path(match))
            elif match.endswith(_SUFFIXES):  # `legs/**` matches reports too
                yield Path(match)


def _folder(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.rglob(FOOTPRINT))
    yield from sorted(folder.rglob(RECORDING))


def footprints_in(file: Path, assess: Assess, found: Found = lambda *_: None) -> tuple[Footprint, ...]:
    """The jobs of one file. Raises ReporterError where it cannot be read."""
    recorded = file.suffix == ".jsonl"
    footprints = (assess(file),) if recorded else _loaded(file)
    for footprint in footprints:
        found(footprint, file if recorded else file.with_name(RECORDING))
    return footprints


def _loaded(file: Path) -> tuple[Footprint, ...]:
    try:
        with opened(file) as given:
            text = given.read(footprint_json.MOST_BYTES + 1).decode("utf-8")
    except OSError as error:
        raise FootprintError(
            f"{file} cannot be read: {error.strerror}", hint="Check the path and permissions."
        ) from None
    except UnicodeDecodeError:
        raise FootprintError(f"{file} is not UTF-8 text", hint="This is not a footprint.json.") from None
    return footprint_json.loads(text, origin=str(file))
