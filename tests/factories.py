"""Recordings drawn as text, so that a test shows its readings at a glance.

    t      gpu/J   gpu/W   busy/s
    0      10      100     0
    1      110     100     .

`t` is seconds; a column is a meter and a unit (J a counter, W a gauge, s busy time, % utilisation); `.` is missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reporter.domain.readings import (
    Component,
    Hardware,
    Job,
    Mark,
    Meter,
    Method,
    PowerCurve,
    Quantity,
    Recording,
    Series,
)

UNITS = {
    "J": (Quantity.ENERGY_UJ, 1_000_000),
    "W": (Quantity.POWER_MW, 1000),
    "s": (Quantity.BUSY_NS, 1_000_000_000),
    "S": (Quantity.HOST_BUSY_NS, 1_000_000_000),
    "%": (Quantity.UTILISATION_PERCENT, 1),
}
METHODS = {
    Quantity.ENERGY_UJ: Method.COUNTER,
    Quantity.POWER_MW: Method.INTEGRATED,
    Quantity.BUSY_NS: Method.MODELLED,
    Quantity.HOST_BUSY_NS: Method.MODELLED,
    Quantity.UTILISATION_PERCENT: Method.COUNTER,
}
CURVE = PowerCurve(points=((0.0, 2.0), (1.0, 10.0)), cpus=4, source="a table", year=2024)


def meter_of(meter_id: str, **changes: object) -> Meter:
    """A counter of the component that its name begins with (`gpu0`, `cpu`, `dram`, `node`, `module`), else a GPU."""
    components = [component for component in Component if meter_id.startswith(component.value)]
    component = components[0] if components else Component.GPU
    meter = Meter(
        meter_id=meter_id,
        label=meter_id.upper(),
        component=component,
        method=Method.COUNTER,
        source="nvml" if component in {Component.GPU, Component.MODULE} else "rapl",
    )
    return replace(meter, **changes)  # type: ignore[arg-type]


def model_of(meter_id: str, *points: tuple[float, float], cpus: int = 4, **changes: object) -> Meter:
    """A modelled meter with this curve of (load, watts); a single number of watts is drawn as `(0, watts)`."""
    curve = PowerCurve(points=points or CURVE.points, cpus=cpus, source="a table", year=2024)
    return meter_of(meter_id, **{"method": Method.MODELLED, "source": "model", "model": curve, **changes})


def recording_of(
    drawn: str | Sequence[Sequence[object]],
    *meters: Meter,
    start_s: float | None = None,
    end_s: float | None = None,
    **changes: object,
) -> Recording:
    """The recording drawn as text or as rows, the first of which is the header.

    Meters that are not given follow from the columns; the job lasts from the first time ≥ 0 to the last one.
    """
    rows = [line.split() for line in drawn.strip().splitlines()] if isinstance(drawn, str) else [*drawn]
    header, *body = [list(map(str, row)) for row in rows]
    t_ns = tuple(_scaled(row[0], 1_000_000_000) for row in body)
    series = tuple(_series(name, t_ns, [row[place] for row in body]) for place, name in enumerate(header) if place)
    given = {meter.meter_id for meter in meters}
    first_ns = min((t for t in t_ns if t >= 0), default=0)
    recording = Recording(
        job=Job(name="train"),
        hardware=Hardware(),
        start_ns=first_ns if start_s is None else round(start_s * 1e9),
        end_ns=max(t_ns, default=0) if end_s is None else round(end_s * 1e9),
        complete=True,
        meters=(*meters, *_implied(series, given)),
        series=series,
    )
    return replace(recording, **changes)  # type: ignore[arg-type]


def marks_of(*marks: tuple[str, float]) -> tuple[Mark, ...]:
    """Marks at these seconds, in the order of time."""
    found = [Mark(label=label, t_ns=round(at_s * 1e9)) for label, at_s in marks]
    return tuple(sorted(found, key=lambda mark: mark.t_ns))


def _series(name: str, t_ns: tuple[int, ...], cells: Sequence[str]) -> Series:
    meter_id, unit = name.rsplit("/", 1)
    quantity, scale = UNITS[unit]
    values = tuple(None if cell in {".", "None"} else _scaled(cell, scale) for cell in cells)
    return Series(meter_id=meter_id, quantity=quantity, t_ns=t_ns, values=values)


def _scaled(cell: str, scale: int) -> int:
    return int(cell) * scale if cell.lstrip("-").isdigit() else round(float(cell) * scale)


def _implied(series: Iterable[Series], given: set[str]) -> tuple[Meter, ...]:
    """A meter for each column's name, by the method that its first column allows."""
    found: dict[str, Meter] = {}
    for column in series:
        if column.meter_id not in given | found.keys():
            method = METHODS[column.quantity]
            modelled = method is Method.MODELLED
            found[column.meter_id] = model_of(column.meter_id) if modelled else meter_of(column.meter_id, method=method)
    return tuple(found.values())
