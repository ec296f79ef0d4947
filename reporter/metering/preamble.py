"""The start record's parts back into values; `Wrong` is raised where they are none."""

from __future__ import annotations

from reporter.domain.readings import (
    Column,
    Component,
    Gpu,
    Hardware,
    Job,
    Meter,
    Method,
    PowerCurve,
    Quantity,
    Unavailable,
)
from reporter.metering.checked import Wrong, choice, mapping, number, optional, rows, text, truth, whole


def columns_of(source: object) -> tuple[Column, ...]:
    """One source's columns: pairs of a meter's id and a quantity."""
    pairs = [_pair(pair) for pair in rows(mapping(source).get("columns"))]
    return tuple(Column(meter_id=text(meter), quantity=choice(Quantity, quantity)) for meter, quantity in pairs)


def job_of(row: dict[str, object]) -> Job:
    """Which job it was."""
    command = row.get("command")
    return Job(
        name=text(row.get("name")),
        command=None if command is None else tuple(text(word) for word in rows(command)),
        started_at=optional(text, row.get("started_at")),
        repository=optional(text, row.get("repository")),
        sha=optional(text, row.get("sha")),
        run_id=optional(whole, row.get("run_id")),
        run_attempt=optional(whole, row.get("run_attempt")),
        pull_request=optional(whole, row.get("pull_request")),
        branch=optional(text, row.get("branch")),
        runner=optional(text, row.get("runner")),
    )


def hardware_of(row: dict[str, object]) -> Hardware:
    """What it ran on."""
    return Hardware(
        gpus=tuple(_gpu(mapping(gpu)) for gpu in rows(row.get("gpus", []))),
        cpu=optional(text, row.get("cpu")),
        cpu_count=optional(whole, row.get("cpu_count")),
        memory_gb=optional(number, row.get("memory_gb")),
        host_cpu_count=optional(whole, row.get("host_cpu_count")),
        cpu_share_ratio=optional(number, row.get("cpu_share_ratio")),
        host_memory_gb=optional(number, row.get("host_memory_gb")),
    )


def meter_of(row: dict[str, object]) -> Meter:
    """One meter, with its model where it has one."""
    model = row.get("model")
    return Meter(
        meter_id=text(row.get("id")),
        label=text(row.get("label")),
        component=choice(Component, row.get("component")),
        method=choice(Method, row.get("method")),
        source=text(row.get("source")),
        parent_id=optional(text, row.get("parent_id")),
        wraps_at_uj=optional(whole, row.get("wraps_at_uj")),
        tick_s=number(row.get("tick_s", 0)),
        window_s=number(row.get("window_s", 0)),
        peak_power_w=optional(number, row.get("peak_power_w")),
        gain_low_ratio=number(row.get("gain_low_ratio", 1)),
        gain_high_ratio=number(row.get("gain_high_ratio", 1)),
        model=None if model is None else curve_of(mapping(model)),
        selected=truth(row.get("selected", True)),
        shared=truth(row.get("shared", False)),
        holds=tuple(choice(Component, name) for name in rows(row.get("holds", []))),
    )


def curve_of(row: dict[str, object]) -> PowerCurve:
    """A power model: at least one point, at least one processor."""
    points = [_pair(point) for point in rows(row.get("points"))]
    cpus = whole(row.get("cpus"))
    if not points or cpus < 1:
        raise Wrong("a power model has no points or no processors")
    return PowerCurve(
        points=tuple((number(load), number(power_w)) for load, power_w in points),
        cpus=cpus,
        source=text(row.get("source")),
        year=optional(whole, row.get("year")),
    )


def unavailable_of(row: dict[str, object]) -> Unavailable:
    """A source that was not there."""
    return Unavailable(
        source=text(row.get("source")),
        reason=text(row.get("reason")),
        remedy=optional(text, row.get("remedy")),
        expected=truth(row.get("expected", False)),
        component=None if row.get("component") is None else choice(Component, row.get("component")),
    )


def _gpu(row: dict[str, object]) -> Gpu:
    return Gpu(uuid=text(row.get("uuid")), name=text(row.get("name")))


def _pair(value: object) -> tuple[object, object]:
    match rows(value):
        case [first, second]:
            return first, second
    raise Wrong("a pair is none")
