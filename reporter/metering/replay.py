"""A recording's bytes back into values. They may come from anywhere: every type and size is checked.

The last line may be torn: the meter was killed while writing it. Other damaged lines are left out and flagged.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from reporter.domain.readings import (
    Column,
    Component,
    Gpu,
    Hardware,
    Job,
    Meter,
    Method,
    Missed,
    PowerCurve,
    Quantity,
    Recording,
    Series,
    Unavailable,
)
from reporter.errors import RecordingError
from reporter.metering.document import SCHEMA, START

MAX_BYTES = 256 << 20
MAX_LINE_BYTES = 4 << 20
MAX_TEXT = 10_000
MAX_ROWS = 10_000
MAX_NS = 1 << 63
MAX_VALUE = 1 << 64
BATCH_LINES = 4096

T = TypeVar("T")


@dataclass(slots=True)
class _Lines:
    """What was found while going through the lines."""

    samples: dict[int, list[tuple[int, list[int | None]]]] = field(default_factory=dict)
    missed: list[Missed] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    units: dict[str, float] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    command_ns: int | None = None
    end: dict[str, Any] | None = None
    last_ns: int = 0
    damaged: int = 0


def parse_recording(data: bytes, *, name: str) -> tuple[Recording, dict[str, Any]]:
    """The recording in these bytes and the caller's `extra`; `name` is for messages. RecordingError if it is none."""
    lines = data.split(b"\n")
    torn = lines.pop()
    start = _start(lines[0] if lines else torn, name)
    try:
        columns = tuple(_columns(source) for source in _list(start.get("sources")))
        found = _Lines()
        for index in range(1, len(lines), BATCH_LINES):
            _collect(found, _documents(lines[index : index + BATCH_LINES], found), columns)
        return _recording(start, columns, found), {**_object(start.get("extra", {})), **found.extra}
    except _Wrong as wrong:
        hint = "It was edited or damaged: run the job again."
        raise RecordingError(f"The recording `{name}` is not valid: {wrong}", hint=hint) from None


def _start(line: bytes, name: str) -> dict[str, Any]:
    start = _document(line)
    if not isinstance(start, dict) or start.get("kind") != START or type(start.get("schema")) is not int:
        hint = "A recording is the `recording.jsonl` in the output folder of `emissions run`."
        raise RecordingError(f"`{name}` is not a recording of this tool", hint=hint)
    if start["schema"] > SCHEMA:
        message = f"The recording `{name}` has schema {start['schema']}; this version reads up to {SCHEMA}"
        raise RecordingError(message, hint="Update emissions-reporter.")
    return start


def _document(line: bytes) -> Any:
    """One line's JSON, or None if it holds none."""
    if not line or len(line) > MAX_LINE_BYTES:
        return None
    try:
        return json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _documents(lines: list[bytes], found: _Lines) -> Iterable[Any]:
    """The lines' JSON. All at once is several times quicker; one by one only where one of them is damaged."""
    if max(map(len, lines)) <= MAX_LINE_BYTES:
        try:
            documents = json.loads(b"[" + b",".join(lines) + b"]", parse_constant=_no_constant)
        except (ValueError, RecursionError):
            pass
        else:
            if len(documents) == len(lines):
                return list(documents)
    documents = [_document(line) for line in lines]
    found.damaged += documents.count(None)
    return [document for document in documents if document is not None]


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


def _collect(found: _Lines, documents: Iterable[Any], columns: tuple[tuple[Column, ...], ...]) -> None:
    for document in documents:
        if type(document) is not dict:
            raise _Wrong("a line is not an object")
        if "s" not in document:
            _event(found, document)
            continue
        source, t_ns, values = document["s"], document.get("t"), document.get("v")
        if type(source) is not int or not 0 <= source < len(columns):
            raise _Wrong("a sample names no source")
        if type(t_ns) is not int or not 0 <= t_ns < MAX_NS:
            raise _Wrong("a sample has no time")
        if type(values) is not list or len(values) != len(columns[source]):
            raise _Wrong("a sample does not have its source's columns")
        for value in values:
            if value is not None and (type(value) is not int or not 0 <= value < MAX_VALUE):
                raise _Wrong("a sample's value is no whole number")
        found.samples.setdefault(source, []).append((t_ns, values))
        if t_ns > found.last_ns:
            found.last_ns = t_ns


def _event(found: _Lines, document: dict[str, Any]) -> None:
    kind = document.get("kind")
    if kind == "command":
        found.command_ns = _time(document.get("t"))
    elif kind == "missed":
        row = Missed(
            meter_id=_text(document.get("meter")),
            t_ns=_time(document.get("t")),
            reason=_text(document.get("reason")),
        )
        if len(found.missed) < MAX_ROWS:
            found.missed.append(row)
    elif kind == "flag":
        if len(found.flags) < MAX_ROWS:
            found.flags.append(_text(document.get("flag")))
    elif kind == "extra":
        found.extra.update(_object(document.get("extra")))
    elif kind == "units":
        units = _object(document.get("units"))
        found.units = {_text(unit): _number(count) for unit, count in units.items()}
    elif kind == "end":
        found.end = document


def _recording(start: dict[str, Any], columns: tuple[tuple[Column, ...], ...], found: _Lines) -> Recording:
    start_ns = found.command_ns if found.command_ns is not None else _time(start.get("t"))
    end = found.end
    end_ns = _time(end.get("t")) if end else max(found.last_ns, start_ns)
    meters = tuple(_meter(row) for row in _rows(start.get("meters")))
    known = {meter.meter_id for meter in meters}
    if len(known) < len(meters) or any(column.meter_id not in known for source in columns for column in source):
        raise _Wrong("its meters and columns do not agree")
    if end_ns < start_ns:
        raise _Wrong("it ends before it starts")
    job = _job(_object(start.get("job")))
    duration_s = (end_ns - start_ns) / 1e9
    exit_status = _optional(_whole, end.get("exit_status")) if end else None
    flags = [*(_text(flag) for flag in _list(start.get("flags", []))), *found.flags]
    if found.damaged:
        flags.append(f"recording-damaged:{found.damaged} lines")
    return Recording(
        job=replace(job, exit_status=exit_status, duration_s=duration_s),
        hardware=_hardware(_object(start.get("hardware"))),
        start_ns=start_ns,
        end_ns=end_ns,
        complete=end is not None,
        meters=meters,
        series=tuple(
            series
            for index, source in enumerate(columns)
            for series in _series(source, found.samples.get(index, []))
        ),
        missed=tuple(found.missed),
        unavailable=tuple(_unavailable(row) for row in _rows(start.get("unavailable", []))),
        flags=tuple(dict.fromkeys(flags)),
        self_cpu_s=_optional(_number, end.get("self_cpu_s")) if end else None,
        units=tuple(found.units.items()),
    )


def _series(columns: tuple[Column, ...], samples: list[tuple[int, list[int | None]]]) -> Iterable[Series]:
    """Samples as columns over time. Two threads may have written the last ones out of order."""
    samples.sort(key=lambda sample: sample[0])
    t_ns = tuple([sample[0] for sample in samples])
    for position, column in enumerate(columns):
        values = tuple([sample[1][position] for sample in samples])
        yield Series(meter_id=column.meter_id, quantity=column.quantity, t_ns=t_ns, values=values)


def _columns(source: Any) -> tuple[Column, ...]:
    pairs = [_list(pair) for pair in _list(_object(source).get("columns"))]
    if any(len(pair) != 2 for pair in pairs):
        raise _Wrong("a column is no pair")
    return tuple(
        Column(meter_id=_text(meter_id), quantity=_choice(Quantity, quantity)) for meter_id, quantity in pairs
    )


def _job(row: dict[str, Any]) -> Job:
    command = row.get("command")
    return Job(
        name=_text(row.get("name")),
        command=None if command is None else tuple(_text(word) for word in _list(command)),
        started_at=_optional(_text, row.get("started_at")),
        repository=_optional(_text, row.get("repository")),
        sha=_optional(_text, row.get("sha")),
        run_id=_optional(_whole, row.get("run_id")),
        run_attempt=_optional(_whole, row.get("run_attempt")),
        pull_request=_optional(_whole, row.get("pull_request")),
    )


def _hardware(row: dict[str, Any]) -> Hardware:
    return Hardware(
        gpus=tuple(Gpu(uuid=_text(gpu.get("uuid")), name=_text(gpu.get("name"))) for gpu in _rows(row.get("gpus", []))),
        cpu=_optional(_text, row.get("cpu")),
        cpu_count=_optional(_whole, row.get("cpu_count")),
        memory_gb=_optional(_number, row.get("memory_gb")),
    )


def _meter(row: dict[str, Any]) -> Meter:
    model = row.get("model")
    return Meter(
        meter_id=_text(row.get("id")),
        label=_text(row.get("label")),
        component=_choice(Component, row.get("component")),
        method=_choice(Method, row.get("method")),
        source=_text(row.get("source")),
        parent_id=_optional(_text, row.get("parent_id")),
        wraps_at_uj=_optional(_whole, row.get("wraps_at_uj")),
        tick_s=_number(row.get("tick_s", 0)),
        peak_power_w=_optional(_number, row.get("peak_power_w")),
        gain_low_ratio=_number(row.get("gain_low_ratio", 1)),
        gain_high_ratio=_number(row.get("gain_high_ratio", 1)),
        model=None if model is None else _curve(_object(model)),
        selected=_truth(row.get("selected", True)),
        shared=_truth(row.get("shared", False)),
    )


def _curve(row: dict[str, Any]) -> PowerCurve:
    points = [[_number(value) for value in _list(point)] for point in _list(row.get("points"))]
    cpus = _whole(row.get("cpus"))
    if not points or any(len(point) != 2 for point in points) or cpus < 1:
        raise _Wrong("a power model is not one")
    return PowerCurve(
        points=tuple((point[0], point[1]) for point in points),
        cpus=cpus,
        source=_text(row.get("source")),
        year=_optional(_whole, row.get("year")),
    )


def _unavailable(row: dict[str, Any]) -> Unavailable:
    return Unavailable(
        source=_text(row.get("source")),
        reason=_text(row.get("reason")),
        remedy=_optional(_text, row.get("remedy")),
        expected=_truth(row.get("expected", False)),
    )


class _Wrong(Exception):
    """A value that a recording cannot hold."""


def _optional(parse: Callable[[Any], T], value: Any) -> T | None:
    return None if value is None else parse(value)


def _choice(kind: Callable[[Any], T], value: Any) -> T:
    try:
        return kind(value)
    except ValueError:
        raise _Wrong(f"{_shown(value)} is not known") from None


def _object(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise _Wrong(f"{_shown(value)} is no object")
    return value


def _list(value: Any) -> list[Any]:
    if type(value) is not list or len(value) > MAX_ROWS:
        raise _Wrong(f"{_shown(value)} is no list")
    return value


def _rows(value: Any) -> list[dict[str, Any]]:
    return [_object(row) for row in _list(value)]


def _text(value: Any) -> str:
    if type(value) is not str or len(value) > MAX_TEXT:
        raise _Wrong(f"{_shown(value)} is no text")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or not -MAX_VALUE < value < MAX_VALUE:
        raise _Wrong(f"{_shown(value)} is no whole number")
    return value


def _time(value: Any) -> int:
    whole = _whole(value)
    if not -MAX_NS < whole < MAX_NS:
        raise _Wrong(f"{whole} is no time")
    return whole


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or not 0 <= value < 1e30:
        raise _Wrong(f"{_shown(value)} is no quantity")
    return float(value)


def _truth(value: Any) -> bool:
    if type(value) is not bool:
        raise _Wrong(f"{_shown(value)} is neither true nor false")
    return value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:40] + "…"
