"""The files of a report, in the folder of `--out`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reporter.commands.delivery.faces import Faces
from reporter.commands.delivery.folder import DEFAULT, FILES, FOOTPRINT, check, write
from reporter.commands.delivery.form import document
from reporter.commands.settings import Settings
from reporter.errors import ReporterError
from reporter.export import json


def write_files(faces: Faces, settings: Settings, *, inputs: Sequence[Path] = ()) -> None:
    """The footprint and the reports in the folder of `--out`. Raises ReporterError; never writes over an input."""
    out = settings.config.out or DEFAULT
    try:
        folder = check(out, origin=settings.config.origins["out"], files=FILES[1:])
    except OSError as error:
        raise ReporterError(
            f"{out} cannot be used: {error.strerror}", hint="Name another folder with `--out`."
        ) from None
    write(folder / FOOTPRINT, json.dumps(document(faces.assessed)), inputs=inputs)
    write(folder / "report.md", faces.markdown(), inputs=inputs)
    write(folder / "report.html", faces.html(), inputs=inputs)
