"""The codec of `footprint.json`, schema 1, in both directions.

History of the format: 1, the first.
Readers ignore unknown keys; a newer schema is refused; a file that cannot be read is never rewritten.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from reporter import bounded
from reporter.domain.budget import TOTAL, verdict_of
from reporter.domain.carbon import Energy, MeterEnergy, Tool
from reporter.domain.footprint import Footprint
from reporter.domain.recomputed import Recomputed
from reporter.domain.total import Total
from reporter.domain.units import J_PER_KWH
from reporter.errors import FootprintError
from reporter.export.besides import encode_accounting, encode_besides
from reporter.export.document import Document
from reporter.export.plain import fields, logged
from reporter.export.verdict import decode_verdict, encode_ledger, encode_verdict

SCHEMA = 1
MOST_BYTES = 8 * 1024 * 1024


def encode(footprint: Footprint) -> dict[str, Any]:
    """The footprint as the object of INTERFACE section 3; no NaN and no infinity can come out."""
    job, before = footprint.job, footprint.recomputed
    return {
        "schema": SCHEMA,
        "tool": _tool(footprint.tool),
        "method": footprint.method,
        "quality": footprint.quality,
        "job": {**fields(job), "command": None if job.command is None else list(job.command)},
        "hardware": {**fields(footprint.hardware), "gpus": [fields(gpu) for gpu in footprint.hardware.gpus]},
        "meters": [_meter(meter) for meter in footprint.meters],
        "unavailable": [fields(row) for row in footprint.unavailable],
        "not_counted": list(footprint.not_counted),
        "phases": [fields(phase) for phase in footprint.phases],
        "energy": _energy(footprint.energy),
        "pue": fields(footprint.pue),
        "intensity": fields(footprint.intensity),
        "marginal": None if footprint.marginal is None else fields(footprint.marginal),
        "origins": dict(footprint.origins),
        "emissions": fields(footprint.emissions),
        "besides": encode_besides(footprint.besides),
        "accounting": None if footprint.accounting is None else encode_accounting(footprint.accounting),
        "per_unit": [fields(row) for row in footprint.per_unit],
        "baseline": _baseline(footprint),
        "verdict": encode_verdict(footprint.verdict),
        "timeline": [fields(point) for point in footprint.timeline],
        "self_cpu_s": footprint.self_cpu_s,
        "flags": list(footprint.flags),
        **({"repeats": [fields(repeat) for repeat in footprint.repeats]} if footprint.repeats else {}),
        **({"ledger": encode_ledger(footprint.ledger)} if footprint.ledger else {}),
        **({} if before is None else {"recomputed": {"from": _before(before)}}),
    }


def _baseline(footprint: Footprint) -> dict[str, Any] | None:
    if footprint.baseline is None:
        return None
    from reporter.export.baseline import encode_baseline  # noqa: PLC0415  (few jobs are held against a base)

    return encode_baseline(footprint.baseline)


def encode_many(footprints: Sequence[Footprint], total: dict[str, Any]) -> dict[str, Any]:
    """Several jobs in one document: `{"schema": 1, "jobs": […], "total": {…}}`."""
    return {"schema": SCHEMA, "jobs": [encode(footprint) for footprint in footprints], "total": total}


def encode_total(total: Total) -> dict[str, Any]:
    """The sum over jobs as the object under `total`."""
    return {
        "energy": _energy(total.energy),
        "emissions": fields(total.emissions),
        "besides": encode_besides(total.besides),
        "quality": total.quality,
        "verdict": encode_verdict(total.verdict),
        "exit_status": total.exit_status,
    }


def dumps(document: dict[str, Any]) -> str:
    """The document as text, ending in a newline. Raises ValueError on NaN or infinity."""
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    return logged(text) + "\n"


def loads(text: str, *, origin: str) -> tuple[Footprint, ...]:
    """The footprints of one document: a single job, or the jobs of a merged one.

    Raises FootprintError with the path inside the document.
    """
    if len(text) > MOST_BYTES:
        raise FootprintError(f"{origin} is larger than {MOST_BYTES // 1024**2} MiB", hint="Is it a footprint.json?")
    try:
        data = bounded.parse(text)
    except ValueError as error:
        raise FootprintError(f"{origin} is not valid JSON: {error}", hint="Run the job again.") from None
    document = Document(data, origin=origin)
    schema = document.integer("schema")
    if schema is None or schema < 1:
        raise FootprintError(f"{origin}: `schema` is missing", hint="This is not a footprint.json.")
    if schema > SCHEMA:
        raise FootprintError(
            f"{origin} has schema {schema}, newer than this version reads ({SCHEMA})",
            hint="Update emissions-reporter. The file was left as it is.",
        )
    if isinstance(data, dict) and "jobs" in data:
        return _with_shared(tuple(_decode(job) for job in document.items("jobs")), document.child("total"))
    return (_decode(document),)


def _decode(document: Document) -> Footprint:
    from reporter.export.decoding import before, footprint  # noqa: PLC0415  (only readers need the decoders)

    found = footprint(document)
    if document.has("baseline"):
        from reporter.export.baseline import decode_baseline  # noqa: PLC0415

        found = replace(found, baseline=decode_baseline(document.child("baseline")))
    if document.has("recomputed"):
        found = replace(found, recomputed=before(document.child("recomputed").child("from")))
    return found


def _with_shared(footprints: tuple[Footprint, ...], total: Document) -> tuple[Footprint, ...]:
    """The jobs of a merged document; rules for their sum go with the first, from where a merge takes them again."""
    shared = tuple(finding for finding in decode_verdict(total.child("verdict")).findings if finding.scope == TOTAL)
    if not footprints or not shared:
        return footprints
    first, *rest = footprints
    return (replace(first, verdict=verdict_of((*first.verdict.findings, *shared))), *rest)


def _before(before: Recomputed) -> dict[str, Any]:
    """What a recomputed footprint said with its former factors."""
    return {
        "tool": _tool(before.tool),
        "pue": fields(before.pue),
        "intensity": fields(before.intensity),
        "energy": {"facility_j": before.facility_j},
        "emissions": fields(before.emissions),
        **({} if before.first is None else {"first": _before(before.first)}),
    }


def _tool(tool: Tool) -> dict[str, Any]:
    factors = {"version": tool.factors_version, "sha256": tool.factors_sha256}
    return {"name": tool.name, "version": tool.version, "factors": factors}


def _energy(energy: Energy) -> dict[str, Any]:
    facility_j = energy.facility_j
    return {**fields(energy), "facility_kwh": None if facility_j is None else facility_j / J_PER_KWH}


def _meter(meter: MeterEnergy) -> dict[str, Any]:
    curve = meter.model
    points = [{"load_ratio": load, "power_w": power_w} for load, power_w in curve.points] if curve else []
    model = None if curve is None else {**fields(curve), "points": points}
    return {**_renamed(fields(meter), meter_id="id"), "model": model}


def _renamed(fields: dict[str, Any], **names: str) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in fields.items()}
