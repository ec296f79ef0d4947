"""A run as lines of JSON, and back: pure.

What many runs share (job, branch, hardware, how it was metered) is a family, one object a line, named by its own hash:
lines may stand in any order, and shards may be joined. A run is an array: its family's name, the other COLUMNS,
a count for each unit of the family, then energy and length of each of its phases.

    {"emissions-history":1}
    {"family":"3f9a1c02ab","job":"train","gpus":"1 × NVIDIA H200","metering":"GPU metered","units":["sample"],…}
    ["3f9a1c02ab",1767225600,1297123.45,3612.34,41.44,"c0ffee…",12345678901,1,null,0.00512,null,50000]

History of the format: 1, the first. Readers ignore unknown keys and further places; a newer schema is refused.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple

from reporter.domain.run_record import MEASUREMENT, RecordedPhase, RunRecord

SCHEMA = 1
MARK = "emissions-history"
HEADER = f'{{"{MARK}":{SCHEMA}}}'
NAME = "family"
COLUMNS = (
    NAME, "start_s", "it_j", "duration_s", "gco2e_per_kwh", "sha", "run_id", "run_attempt", "pull_request",
    "repeat_ratio", "idle_j",
)  # fmt: skip
"""What the first places of a run's array hold."""
DIGITS = 9
"""Significant digits of a figure: finer than any meter, and enough to sum."""
PART_DIGITS = 6
"""Of a part of it, which is shown and not summed: idle energy, phases."""
RATIO_DIGITS = 3
"""Of repeatability."""
HASH_CHARACTERS = 10
LATEST_S = 253_402_300_799
"""The end of year 9999."""
MOST_NUMBER = 1e30
"""Products of three stay finite."""
_TEXTS = ("repository", "branch", "runner", "kind", "gpus", "metering", "processor", "processors", "ended")
_NUMBERS = ("pue_ratio", "memory_gb")
_NAMES = ("units", "phases")


class Family(NamedTuple):
    """What runs share; the fields are those of RunRecord, with the names of units and phases alone."""

    job: str
    pue_ratio: float
    repository: str | None = None
    branch: str | None = None
    runner: str | None = None
    kind: str = MEASUREMENT
    gpus: str = "no GPU"
    metering: str = "nothing metered"
    processor: str = ""
    processors: str = ""
    memory_gb: float | None = None
    ended: str | None = None
    units: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()


FIXED = len(COLUMNS)
KEYS = frozenset((NAME, *Family._fields))


def family_of(record: RunRecord) -> Family:
    """The part of a run that it shares with others."""
    fields = {name: getattr(record, name) for name in Family._fields if name not in _NAMES}
    fields["pue_ratio"] = rounded(record.pue_ratio) or 1.0
    fields["memory_gb"] = rounded(record.memory_gb, 3)
    units = tuple(unit for unit, _ in record.units)
    return Family(**fields, units=units, phases=tuple(phase.label for phase in record.phases))


def encode_family(family: Family) -> tuple[str, str]:
    """Its name, and its line; what is as by default is left out."""
    given = {
        name: value
        for name, value in family._asdict().items()
        if name not in Family._field_defaults or value != Family._field_defaults[name]
    }
    name = _hash(given)
    return name, _line({NAME: name, **given})


def decode_family(data: object) -> tuple[str, Family]:
    """Name and family of a parsed line. Raises ValueError where it is none, or was changed by hand."""
    if not isinstance(data, dict):
        raise ValueError("neither a family nor a run")  # noqa: TRY004  (a value from outside)
    name = data.get(NAME)
    if name != _hash({key: value for key, value in data.items() if key != NAME}):
        raise ValueError("its name is not the hash of the rest")
    known = {key: value for key, value in data.items() if key in Family._fields and value is not None}
    if not isinstance(known.get("job"), str) or not is_number(known.get("pue_ratio")):
        raise ValueError("job or PUE is missing")
    if not all(isinstance(known[key], str) for key in _TEXTS if key in known):
        raise ValueError("a text is none")
    if not all(is_number(known[key]) for key in _NUMBERS if key in known):
        raise ValueError("a number is none")
    for key in _NAMES:
        names = known.get(key, [])
        if not isinstance(names, list) or not all(isinstance(item, str) for item in names):
            raise ValueError(f"`{key}` is no list of names")
        known[key] = tuple(names)
    return str(name), Family(**known)


def encode_run(record: RunRecord, family: str) -> list[Any]:
    """The array of a run."""
    return [
        family,
        seconds(record.started_at),
        rounded(record.it_j),
        rounded(record.duration_s),
        rounded(record.gco2e_per_kwh) or 0,
        record.sha,
        record.run_id,
        record.run_attempt,
        record.pull_request,
        rounded(record.repeat_ratio, RATIO_DIGITS),
        rounded(record.idle_j, PART_DIGITS),
        *(rounded(count) for _, count in record.units),
        *(rounded(value, PART_DIGITS) for phase in record.phases for value in (phase.energy_j, phase.duration_s)),
    ]


def decode_run(row: Sequence[Any], family: Family) -> RunRecord:
    """The run of a checked array."""
    _, start_s, it_j, duration_s, gco2e_per_kwh, sha, run_id, attempt, pull_request, repeat_ratio, idle_j = row[:FIXED]
    counts = row[FIXED : FIXED + len(family.units)]
    parts = row[FIXED + len(family.units) : places(family)]
    return RunRecord(
        job=family.job,
        started_at=None if start_s is None else text_of(start_s),
        it_j=it_j,
        pue_ratio=family.pue_ratio,
        gco2e_per_kwh=gco2e_per_kwh,
        duration_s=duration_s,
        idle_j=idle_j,
        repeat_ratio=repeat_ratio,
        kind=family.kind,
        gpus=family.gpus,
        metering=family.metering,
        processor=family.processor,
        processors=family.processors,
        memory_gb=family.memory_gb,
        ended=family.ended,
        repository=family.repository,
        branch=family.branch,
        runner=family.runner,
        sha=sha,
        run_id=run_id,
        run_attempt=attempt,
        pull_request=pull_request,
        units=tuple((unit, count) for unit, count in zip(family.units, counts, strict=True) if count is not None),
        phases=tuple(
            RecordedPhase(label=label, energy_j=energy_j, duration_s=length_s)
            for label, energy_j, length_s in zip(family.phases, parts[::2], parts[1::2], strict=True)
        ),
    )


def places(family: Family) -> int:
    """How long the array of a run of this family is."""
    return FIXED + len(family.units) + 2 * len(family.phases)


def encode_row(row: Sequence[Any]) -> str:
    """A run's line."""
    return _line(row)


def identity(row: Sequence[Any], family: Family) -> tuple[object, ...]:
    """What makes two arrays the same run: repository, job, run, attempt and start; outside CI the energy too."""
    run_id, attempt = row[6], row[7]
    return (family.repository, family.job, run_id, attempt, row[1], row[2] if run_id is None else None)


def rounded(value: float | None, digits: int = DIGITS) -> float | None:
    """So many significant digits; a whole number without a point. What is not finite is not known."""
    if value is None or not math.isfinite(value):
        return None
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short  # noqa: PLR2004  (exact in JSON)


def is_number(value: object) -> bool:
    """A finite number of at least 0, and small enough to be multiplied."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST_NUMBER


def seconds(started_at: str | None) -> int | None:
    """Whole seconds since 1970 of a date with its zone; None where that cannot be told."""
    try:
        date = datetime.fromisoformat((started_at or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    since_s = None if date.tzinfo is None else math.floor(date.timestamp())
    return since_s if since_s is not None and 0 <= since_s <= LATEST_S else None


def text_of(start_s: float) -> str:
    """The date, `2026-01-01T00:00:00Z`."""
    return datetime.fromtimestamp(start_s, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _hash(data: Mapping[str, Any]) -> str:
    text = json.dumps(data, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:HASH_CHARACTERS]


def _line(data: object) -> str:
    return json.dumps(data, separators=(",", ":"))
