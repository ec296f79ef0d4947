"""Runs of history as tables: CSV, a row a run, and JSON, schema 1. Energy before PUE and with it; missing is empty."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice

from reporter.domain.run_record import RunRecord
from reporter.domain.units import J_PER_KWH
from reporter.export.csv import inert
from reporter.export.plain import fields, logged

SCHEMA = 1
PART = 1_000
"""Runs that are written together: all of them as text take much more room than as runs."""
COLUMNS = (
    "job", "started_at", "duration_s", "it_energy_j", "facility_energy_kwh", "emissions_gco2e", "pue",
    "intensity_gco2e_per_kwh", "idle_j", "repeat_ratio", "ended", "kind", "gpus", "metering", "processor", "processors",
    "memory_gb", "repository", "branch", "runner", "sha", "run_id", "run_attempt", "pull_request", "units", "phases",
)  # fmt: skip
"""`units` is JSON by unit; `phases` JSON by name: energy in joules and length in seconds."""

Cell = str | int | float | None


def csv_of(records: Iterable[RunRecord]) -> Iterator[str]:
    """The table with its header, in parts; text that a spreadsheet would take for a formula gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for part in _parts(records):
        writer.writerows([inert(cell) for cell in row(record)] for record in part)
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def json_of(records: Iterable[RunRecord]) -> Iterator[str]:
    """The records as they are, with what follows from them, in parts."""
    yield f'{{\n  "schema": {SCHEMA},\n  "runs": ['
    between = ""
    for part in _parts(records):
        text = json.dumps([_object(record) for record in part], indent=2, ensure_ascii=False, allow_nan=False)
        yield between + logged(text[1:-2].replace("\n", "\n  "))
        between = ","
    yield "\n  ]\n}\n" if between else "]\n}\n"


def _parts(records: Iterable[RunRecord]) -> Iterator[list[RunRecord]]:
    left = iter(records)
    while part := [*islice(left, PART)]:
        yield part


def _object(record: RunRecord) -> dict[str, object]:
    return {
        **fields(record),
        "facility_j": record.facility_j,
        "gco2e": record.gco2e,
        "units": dict(record.units),
        "phases": [fields(phase) for phase in record.phases],
    }


def row(record: RunRecord) -> tuple[Cell, ...]:
    """The cells of a run, as COLUMNS names them."""
    facility_j = record.facility_j
    phases = {phase.label: [phase.energy_j, phase.duration_s] for phase in record.phases}
    return (
        record.job,
        record.started_at,
        record.duration_s,
        record.it_j,
        None if facility_j is None else facility_j / J_PER_KWH,
        record.gco2e,
        record.pue_ratio,
        record.gco2e_per_kwh,
        record.idle_j,
        record.repeat_ratio,
        record.ended,
        record.kind,
        record.gpus,
        record.metering,
        record.processor,
        record.processors,
        record.memory_gb,
        record.repository,
        record.branch,
        record.runner,
        record.sha,
        record.run_id,
        record.run_attempt,
        record.pull_request,
        json.dumps(dict(record.units)) if record.units else None,
        json.dumps(phases) if phases else None,
    )
