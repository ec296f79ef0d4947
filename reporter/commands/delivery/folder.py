"""The output folder: `recording.jsonl`, `footprint.json`, `report.md`, `report.html`, and nothing else is touched."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from reporter.errors import ConfigError, Problem, ReporterError
from reporter.file import opened
from reporter.metering.lock import HELD, hold

DEFAULT = "emissions-report"
RECORDING = "recording.jsonl"
FOOTPRINT = "footprint.json"
FILES = (RECORDING, FOOTPRINT, "report.md", "report.html")


def prepare(out: str, *, origin: str | None) -> tuple[Path, int | None]:
    """An output folder for a new run: an earlier run in it is removed, a stranger's files and a run in progress never.

    The number is the folder's lock, to be closed when the run is over; None where there are no locks.
    Raises ConfigError where files of ours would overwrite files that no run wrote, or that one is writing.
    """
    folder = check(out, origin=origin)
    folder.mkdir(parents=True, exist_ok=True)
    lock = hold(folder)
    if lock == HELD:
        raise ConfigError(
            Problem(
                f"Output folder `{out}` is in use by another run",
                origin=origin,
                suggestion="Name another folder with `--out`; the other run was left alone.",
            )
        )
    for name in FILES:
        (folder / name).unlink(missing_ok=True)
    return folder, lock


def check(out: str, *, origin: str | None, files: Sequence[str] = FILES) -> Path:
    """The folder, where these files may be written to it. Raises ConfigError where they would overwrite a stranger's.

    An empty file is nobody's loss: a run on a full disk leaves one.
    """
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise ConfigError(Problem(f"Output folder `{out}` is a file", origin=origin, suggestion="Name a folder."))
    present = [name for name in files if _holds_something(folder / name)]
    if present and not _is_run(folder):
        raise ConfigError(
            Problem(
                f"Output folder `{out}` holds {' and '.join(present)}, but no earlier run",
                origin=origin,
                suggestion="Name another folder with `--out`; nothing was overwritten.",
            )
        )
    return folder


def write(path: Path, text: str, *, inputs: Iterable[Path] = ()) -> None:
    """Write one file whole or not at all. Raises ReporterError; never writes over an input."""
    if path.resolve() in {source.resolve() for source in inputs}:
        raise ReporterError(f"{path} is an input: it was not overwritten", hint="Name another folder with `--out`.")
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with part.open("x", encoding="utf-8", errors="backslashreplace") as file:  # never through a link
            file.write(text)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise ReporterError(
            f"{path} cannot be written: {error.strerror}", hint="Name another folder with `--out`."
        ) from None


def _holds_something(path: Path) -> bool:
    return path.exists() and (path.is_dir() or path.stat().st_size > 0)


def _is_run(folder: Path) -> bool:
    """Whether one of our own data files is there and begins as we begin it."""
    for name, start in ((RECORDING, b'{"schema"'), (FOOTPRINT, b'{\n  "schema"')):
        try:
            with opened(folder / name) as file:
                if file.read(len(start)) == start:
                    return True
        except OSError:
            continue
    return False
