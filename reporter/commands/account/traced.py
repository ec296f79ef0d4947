"""The recordings behind footprints: read again, where need be, only for a page that draws them meter by meter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from reporter.domain.carbon import MeterEnergy
from reporter.domain.footprint import Footprint
from reporter.domain.readings import Recording
from reporter.domain.traces import Trace, traces
from reporter.errors import ReporterError
from reporter.metering.recording import read_recording
from reporter.report.interactive import Traced

MOST_JOBS = 16
"""Of more than these each job is drawn in sum: hundreds of recordings would take minutes to read."""
_SAME_TIME_S = 1e-3

Recorded = Mapping[tuple[MeterEnergy, ...], Recording | Path]
"""A recording, or where it may lie, by the energies of the footprint that was made from it."""


def traced(recorded: Recorded, *, jobs: int) -> Traced:
    """What draws footprints from their recordings."""

    def of(footprint: Footprint, most: int) -> Sequence[Trace]:
        at = recorded.get(footprint.meters) if jobs <= MOST_JOBS else None
        recording = _read(at, footprint) if isinstance(at, Path) else at
        return () if recording is None else traces(recording, most)

    return of


def _read(path: Path, footprint: Footprint) -> Recording | None:
    """The recording beside a footprint; None where there is none, it cannot be read, or it is of another job."""
    try:
        recording = read_recording(path)[0] if path.is_file() else None
    except (ReporterError, OSError):
        return None
    return recording if recording is not None and _is_of(recording, footprint) else None


def _is_of(recording: Recording, footprint: Footprint) -> bool:
    duration_s = (recording.end_ns - recording.start_ns) / 1e9
    known = {meter.meter_id for meter in recording.meters}
    return (
        recording.job.started_at == footprint.job.started_at
        and abs(duration_s - (footprint.job.duration_s or 0.0)) < _SAME_TIME_S
        and known.issuperset(meter.meter_id for meter in footprint.meters)
    )
