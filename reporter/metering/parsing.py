"""A recording's bytes back into values. They may come from anywhere: every type and size is checked.

The last line may be torn: the meter was killed while writing it. Other damaged lines are left out and flagged.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from reporter import bounded
from reporter.domain.readings import Column, Mark, Missed, Recording, Series
from reporter.errors import RecordingError
from reporter.metering.checked import (
    MAX_NS,
    MAX_ROWS,
    MAX_WHOLE,
    Wrong,
    amount,
    mapping,
    number,
    optional,
    rows,
    text,
    time_ns,
    whole,
)
from reporter.metering.document import SCHEMA, START
from reporter.metering.preamble import columns_of, hardware_of, job_of, meter_of, unavailable_of

if TYPE_CHECKING:
    from typing import Any

MAX_BYTES = 32 << 20
"""Five days of eight GPUs are read 70,000 times, which takes 10 MB."""
MAX_LINES = 250_000
MAX_LINE_BYTES = 1 << 20
BATCH_LINES = 4096
MOST_OBJECTS = 3 * MAX_LINES
"""A sample has two, and so much room must be."""
MOST_VALUES = 4_000_000


@dataclass(slots=True)
class _Lines:
    """What was found while going through the lines."""

    samples: dict[int, list[tuple[int, list[int | None]]]] = field(default_factory=dict)
    missed: list[Missed] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    units: dict[str, float] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    marks_left_out: int = 0
    begins_idle: bool = False
    idle_ns: tuple[int, int] | None = None
    command_ns: int | None = None
    end: dict[str, Any] | None = None
    last_ns: int = 0
    damaged: int = 0


def parse_recording(data: bytes, *, name: str) -> tuple[Recording, dict[str, Any]]:
    """The recording in these bytes and the caller's `extra`; `name` is for messages. RecordingError if it is none."""
    if data.count(b"\n") > MAX_LINES:
        raise RecordingError(f"`{name}` has more than {MAX_LINES:,} lines: no recording has")
    lines = data.split(b"\n")
    torn = lines.pop()
    start = _start(lines[0] if lines else torn, name)
    try:
        _check_size(data)
        columns = tuple(columns_of(source) for source in rows(start.get("sources")))
        found = _Lines()
        for index in range(1, len(lines), BATCH_LINES):
            _collect(found, _documents(lines[index : index + BATCH_LINES], found), columns)
        return _recording(start, columns, found), {**mapping(start.get("extra", {})), **found.extra}
    except Wrong as wrong:
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


def _check_size(data: bytes) -> None:
    try:
        bounded.check(data, most_objects=MOST_OBJECTS, most_values=MOST_VALUES)
    except ValueError as error:
        raise Wrong(str(error)) from None


def _document(line: bytes) -> object:
    """One line's JSON, or None if it holds none."""
    if not line or len(line) > MAX_LINE_BYTES:
        return None
    try:
        return bounded.parse(line)
    except ValueError:
        return None


def _documents(lines: list[bytes], found: _Lines) -> Iterable[object]:
    """The lines' JSON. All at once is several times quicker; one by one only where one of them is damaged."""
    if max(map(len, lines)) <= MAX_LINE_BYTES:
        try:
            documents = json.loads(b"[" + b",".join(lines) + b"]", parse_constant=_no_constant)
        except (ValueError, RecursionError):
            pass
        else:
            if len(documents) == len(lines):
                return tuple(documents)
    one_by_one = [_document(line) for line in lines]
    found.damaged += one_by_one.count(None)
    return [document for document in one_by_one if document is not None]


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


def _collect(found: _Lines, documents: Iterable[object], columns: tuple[tuple[Column, ...], ...]) -> None:
    for document in documents:
        if not isinstance(document, dict):
            raise Wrong("a line is not an object")
        if "s" not in document:
            _event(found, document)
            continue
        source, t_ns, values = document["s"], document.get("t"), document.get("v")
        if type(source) is not int or not 0 <= source < len(columns):
            raise Wrong("a sample names no source")
        if type(t_ns) is not int or not 0 <= t_ns < MAX_NS:
            raise Wrong("a sample has no time")
        if type(values) is not list or len(values) != len(columns[source]):
            raise Wrong("a sample does not have its source's columns")
        for value in values:
            if value is not None and (type(value) is not int or not 0 <= value < MAX_WHOLE):
                raise Wrong("a sample's value is no whole number")
        found.samples.setdefault(source, []).append((t_ns, values))
        found.last_ns = max(found.last_ns, t_ns)


def _event(found: _Lines, document: dict[str, Any]) -> None:
    kind = document.get("kind")
    if kind == "command":
        found.command_ns = time_ns(document.get("t"))
    elif kind == "missed" and len(found.missed) < MAX_ROWS:
        meter_id, t_ns, reason = text(document.get("meter")), time_ns(document.get("t")), text(document.get("reason"))
        found.missed.append(Missed(meter_id=meter_id, t_ns=t_ns, reason=reason))
    elif kind == "flag" and len(found.flags) < MAX_ROWS:
        found.flags.append(text(document.get("flag")))
    elif kind == "mark" and len(found.marks) == MAX_ROWS:
        found.marks_left_out += 1
    elif kind == "mark":
        found.marks.append(Mark(label=text(document.get("label")), t_ns=time_ns(document.get("t"))))
    elif kind == "idle":
        from_ns, to_ns = time_ns(document.get("from")), optional(time_ns, document.get("to"))
        found.begins_idle = True
        found.idle_ns = None if to_ns is None else (from_ns, to_ns)
    elif kind == "extra":
        found.extra.update(mapping(document.get("extra")))
    elif kind == "units":
        units = mapping(document.get("units"))
        found.units = {text(unit): amount(count) for unit, count in units.items()}
    elif kind == "end":
        found.end = document


def _recording(start: dict[str, Any], columns: tuple[tuple[Column, ...], ...], found: _Lines) -> Recording:
    start_ns, end = found.command_ns, found.end
    if start_ns is None and found.begins_idle:  # it was not started, so the idle time before it is not its own
        start_ns = found.idle_ns[1] if found.idle_ns else time_ns(end.get("t")) if end else found.last_ns
    if start_ns is None:
        start_ns = time_ns(start.get("t"))
    end_ns = time_ns(end.get("t")) if end else max(found.last_ns, start_ns)
    meters = tuple(meter_of(row) for row in map(mapping, rows(start.get("meters"))))
    known = {meter.meter_id for meter in meters}
    if len(known) < len(meters) or any(column.meter_id not in known for source in columns for column in source):
        raise Wrong("its meters and columns do not agree")
    if end_ns < start_ns:
        raise Wrong("it ends before it starts")
    job = job_of(mapping(start.get("job")))
    duration_s = (end_ns - start_ns) / 1e9
    exit_status = optional(whole, end.get("exit_status")) if end else None
    flags = [*(text(flag) for flag in rows(start.get("flags", []))), *found.flags]
    if found.damaged:
        flags.append(f"recording-damaged:{found.damaged} lines")
    if found.marks_left_out:
        flags.append(f"marks-left-out:{found.marks_left_out}")
    return Recording(
        job=replace(job, exit_status=exit_status, duration_s=duration_s),
        hardware=hardware_of(mapping(start.get("hardware"))),
        start_ns=start_ns,
        end_ns=end_ns,
        complete=end is not None,
        meters=meters,
        series=tuple(
            series for index, source in enumerate(columns) for series in _series(source, found.samples.get(index, []))
        ),
        missed=tuple(found.missed),
        unavailable=tuple(unavailable_of(row) for row in map(mapping, rows(start.get("unavailable", [])))),
        flags=tuple(dict.fromkeys(flags)),
        self_cpu_s=optional(number, end.get("self_cpu_s")) if end else None,
        units=tuple(found.units.items()),
        marks=tuple(sorted(found.marks, key=lambda mark: mark.t_ns)),
        idle_ns=found.idle_ns,
    )


def _series(columns: tuple[Column, ...], samples: list[tuple[int, list[int | None]]]) -> Iterable[Series]:
    """Samples as columns over time. Two threads may have written the last ones out of order."""
    samples.sort(key=lambda sample: sample[0])
    t_ns = tuple([sample[0] for sample in samples])
    for position, column in enumerate(columns):
        values = tuple([sample[1][position] for sample in samples])
        yield Series(meter_id=column.meter_id, quantity=column.quantity, t_ns=t_ns, values=values)
