"""The start record of a recording as a JSON object: written before the command runs, so it must be quick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reporter.domain.readings import Hardware, Job, Meter, PowerCurve
    from reporter.metering.sources import Sources

SCHEMA = 1
START = "start"
MAX_WORDS, MAX_WORD = 256, 2000
"""A command line may have megabytes; this much of it is recorded."""


def start_document(  # noqa: PLR0913 - the parts of one record
    *, t_ns: int, job: Job, hardware: Hardware, sources: Sources, extra: Mapping[str, Any], tool: str
) -> dict[str, Any]:
    """Everything that is known before the command starts."""
    return {
        "schema": SCHEMA,
        "kind": START,
        "tool": {"name": "emissions-reporter", "version": tool},
        "t": t_ns,
        "job": _job(job),
        "hardware": {
            "gpus": [{"uuid": gpu.uuid, "name": gpu.name} for gpu in hardware.gpus],
            "cpu": hardware.cpu,
            "cpu_count": hardware.cpu_count,
            "memory_gb": hardware.memory_gb,
            "host_cpu_count": hardware.host_cpu_count,
            "cpu_share_ratio": hardware.cpu_share_ratio,
            "host_memory_gb": hardware.host_memory_gb,
        },
        "meters": [_meter(meter) for meter in sources.meters],
        "sources": [
            {
                "name": source.name,
                "columns": [[column.meter_id, column.quantity.value] for column in source.description.columns],
            }
            for source in sources.sources
        ],
        "unavailable": [
            {
                "source": row.source,
                "reason": row.reason,
                "remedy": row.remedy,
                "expected": row.expected,
                "component": None if row.component is None else row.component.value,
            }
            for row in sources.unavailable
        ],
        "flags": list(sources.flags),
        "extra": dict(extra),
    }


def mark_document(label: str, t_ns: int) -> dict[str, Any]:
    """The line of a phase that begins: also written by other processes than the recording's own."""
    return {"kind": "mark", "t": t_ns, "label": label}


def _job(job: Job) -> dict[str, Any]:
    return {
        "name": job.name,
        "command": None if job.command is None else [_printable(word) for word in job.command[:MAX_WORDS]],
        "started_at": job.started_at,
        "repository": job.repository,
        "sha": job.sha,
        "run_id": job.run_id,
        "run_attempt": job.run_attempt,
        "pull_request": job.pull_request,
        "branch": job.branch,
        "runner": job.runner,
    }


def _printable(word: str) -> str:
    """An argument as text: bytes that are none arrive as lone surrogates."""
    return word[:MAX_WORD].encode(errors="surrogateescape").decode(errors="replace")


def _meter(meter: Meter) -> dict[str, Any]:
    return {
        "id": meter.meter_id,
        "label": meter.label,
        "component": meter.component.value,
        "method": meter.method.value,
        "source": meter.source,
        "parent_id": meter.parent_id,
        "wraps_at_uj": meter.wraps_at_uj,
        "tick_s": meter.tick_s,
        "window_s": meter.window_s,
        "peak_power_w": meter.peak_power_w,
        "gain_low_ratio": meter.gain_low_ratio,
        "gain_high_ratio": meter.gain_high_ratio,
        "model": None if meter.model is None else _curve(meter.model),
        "selected": meter.selected,
        "shared": meter.shared,
        "holds": [component.value for component in meter.holds],
    }


def _curve(curve: PowerCurve) -> dict[str, Any]:
    return {
        "points": [list(point) for point in curve.points],
        "cpus": curve.cpus,
        "source": curve.source,
        "year": curve.year,
    }
