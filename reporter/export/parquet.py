"""Runs of history as Parquet; needs pyarrow, which the extra `parquet` brings."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from reporter.domain.run_record import RunRecord
from reporter.errors import ReporterError
from reporter.export.runs import COLUMNS, row

_WHOLE = frozenset(("run_id", "run_attempt", "pull_request"))
_TEXT = frozenset((
    "job", "started_at", "ended", "kind", "gpus", "metering", "processor", "processors", "repository", "branch",
    "runner", "sha", "units", "phases",
))  # fmt: skip


def check() -> None:
    """Raises ReporterError without pyarrow."""
    try:
        import_module("pyarrow")
    except ImportError:
        raise ReporterError(
            "Parquet needs pyarrow, which is not installed: nothing was exported",
            hint="Install it with `pip install 'emissions-reporter[parquet]'`, or use `--format csv`.",
        ) from None


def dumps(records: Sequence[RunRecord]) -> bytes:
    """The table of `runs`, each column of one type whatever it holds."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    kinds = {name: pa.int64() if name in _WHOLE else pa.string() if name in _TEXT else pa.float64() for name in COLUMNS}
    columns = zip(*(row(record) for record in records), strict=True) if records else ((),) * len(COLUMNS)
    arrays = [pa.array(column, type=kinds[name]) for name, column in zip(COLUMNS, columns, strict=True)]
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.table(arrays, names=COLUMNS), sink)
    data: bytes = sink.getvalue().to_pybytes()
    return data
