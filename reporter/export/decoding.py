"""Footprints and policies from JSON documents: types and ranges are checked, unknown keys are ignored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reporter.domain.carbon import (
    Emissions,
    Energy,
    MeterEnergy,
    PerUnit,
    PowerPoint,
    Tool,
)
from reporter.domain.footprint import Footprint
from reporter.domain.readings import Component, Gpu, Hardware, Job, Method, Phase, PowerCurve, Unavailable
from reporter.domain.recomputed import Recomputed
from reporter.domain.repeat import Repeat
from reporter.export.besides import decode_accounting, decode_besides
from reporter.export.document import Document, required, span
from reporter.export.policy import Policy
from reporter.export.site import intensity, pue, site
from reporter.export.verdict import decode_budget, decode_ledger, decode_verdict

METHODS = ("measured", "partly-measured", "modelled", "estimate")
COMPONENTS = tuple(component.value for component in Component)


def footprint(document: Document) -> Footprint:
    """One job of a footprint document. Raises FootprintError with the path of what is wrong."""
    energy = document.child("energy")
    return Footprint(
        tool=_tool(document.child("tool")),
        method=document.choice("method", METHODS),
        quality=document.choice("quality", ("A", "B", "C", "D")),
        job=_job(document.child("job")),
        hardware=_hardware(document.child("hardware")),
        meters=tuple(_meter(row) for row in document.items("meters")),
        unavailable=tuple(_unavailable(row) for row in document.items("unavailable")),
        not_counted=document.texts("not_counted"),
        phases=tuple(_phase(row) for row in document.items("phases")),
        energy=Energy(
            it_j=energy.number("it_j"),
            facility_j=energy.number("facility_j"),
            measured_ratio=energy.number("measured_ratio"),
            low_j=energy.number("low_j"),
            high_j=energy.number("high_j"),
            repeat_low_j=energy.number("repeat_low_j"),
            repeat_high_j=energy.number("repeat_high_j"),
            idle_j=energy.number("idle_j"),
            baseline_w=energy.number("baseline_w"),
            net_j=energy.number("net_j"),
            self_j=energy.number("self_j"),
        ),
        pue=pue(document.child("pue")),
        intensity=intensity(document.child("intensity")),
        marginal=intensity(document.child("marginal")) if document.has("marginal") else None,
        origins=document.pairs("origins"),
        emissions=_emissions(document.child("emissions")),
        besides=decode_besides(document.child("besides")),
        accounting=decode_accounting(document.child("accounting")) if document.has("accounting") else None,
        per_unit=tuple(_per_unit(row) for row in document.items("per_unit")),
        timeline=tuple(_power(row) for row in document.items("timeline")),
        verdict=decode_verdict(document.child("verdict")),
        repeats=tuple(_repeat(row) for row in document.items("repeats")),
        ledger=decode_ledger(document),
        flags=document.texts("flags"),
        self_cpu_s=document.number("self_cpu_s"),
    )


def _repeat(row: Document) -> Repeat:
    return Repeat(
        it_j=row.number("it_j"),
        duration_s=row.number("duration_s"),
        exit_status=required(row, "exit_status", row.integer("exit_status")),
    )


def before(document: Document) -> Recomputed:
    """What a recomputed footprint said with its former factors, and with its first ones."""
    first = _before(document.child("first")) if document.has("first") else None
    return replace(_before(document), first=first)


def _before(document: Document) -> Recomputed:
    return Recomputed(
        pue=pue(document.child("pue")),
        intensity=intensity(document.child("intensity")),
        facility_j=document.child("energy").number("facility_j"),
        emissions=_emissions(document.child("emissions")),
        tool=_tool(document.child("tool")),
    )


def _tool(row: Document) -> Tool:
    return Tool(
        name=row.text("name") or "unknown",
        version=row.text("version") or "unknown",
        factors_version=row.child("factors").text("version"),
        factors_sha256=row.child("factors").text("sha256"),
    )


def _emissions(row: Document) -> Emissions:
    low_gco2e, high_gco2e = row.number("low_gco2e"), row.number("high_gco2e")
    return Emissions(gco2e=row.number("gco2e"), low_gco2e=low_gco2e, high_gco2e=high_gco2e)


def _job(row: Document) -> Job:
    return Job(
        name=row.text("name") or "job",
        command=row.texts("command") if row.has("command") else None,
        exit_status=row.status("exit_status"),
        started_at=row.text("started_at"),
        duration_s=row.number("duration_s"),
        repository=row.text("repository"),
        sha=row.text("sha"),
        run_id=row.integer("run_id"),
        run_attempt=row.integer("run_attempt"),
        pull_request=row.integer("pull_request"),
        branch=row.text("branch"),
        runner=row.text("runner"),
    )


def _hardware(row: Document) -> Hardware:
    gpus = (Gpu(uuid=gpu.text("uuid") or "", name=gpu.text("name") or "GPU") for gpu in row.items("gpus"))
    return Hardware(
        gpus=tuple(gpus),
        cpu=row.text("cpu"),
        cpu_count=row.integer("cpu_count"),
        memory_gb=row.number("memory_gb"),
        host_cpu_count=row.integer("host_cpu_count"),
        cpu_share_ratio=row.number("cpu_share_ratio"),
        host_memory_gb=row.number("host_memory_gb"),
    )


def _meter(row: Document) -> MeterEnergy:
    return MeterEnergy(
        meter_id=required(row, "id", row.text("id")),
        label=row.text("label") or "meter",
        component=Component(row.choice("component", COMPONENTS)),
        method=Method(row.choice("method", tuple(method.value for method in Method))),
        energy_j=row.number("energy_j"),
        coverage_ratio=row.number("coverage_ratio"),
        included=row.flag("included", default=True),
        excluded_because=row.text("excluded_because"),
        uncertainty_ratio=row.number("uncertainty_ratio"),
        low_j=row.number("low_j"),
        high_j=row.number("high_j"),
        repeat_low_j=row.number("repeat_low_j"),
        repeat_high_j=row.number("repeat_high_j"),
        share_ratio=row.number("share_ratio"),
        idle_j=row.number("idle_j"),
        utilisation_ratio=row.number("utilisation_ratio"),
        idle_ratio=row.number("idle_ratio"),
        baseline_w=row.number("baseline_w"),
        source=row.text("source"),
        year=row.integer("year"),
        model=_model(row.child("model")) if row.has("model") else None,
    )


def _model(row: Document) -> PowerCurve:
    points = tuple(
        (required(point, "load_ratio", point.number("load_ratio")), required(point, "power_w", point.number("power_w")))
        for point in row.items("points")
    )
    return PowerCurve(
        points=points,
        cpus=required(row, "cpus", row.integer("cpus")),
        source=required(row, "source", row.text("source")),
        year=row.integer("year"),
    )


def _unavailable(row: Document) -> Unavailable:
    source = required(row, "source", row.text("source"))
    return Unavailable(
        source=source,
        reason=row.text("reason") or "unknown reason",
        remedy=row.text("remedy"),
        expected=row.flag("expected", default=False),
        component=_component(row, source),
    )


def _component(row: Document, source: str) -> Component | None:
    """What a missing source would have covered; where nothing is said, NVML is known to read GPUs."""
    if row.has("component"):
        return Component(row.choice("component", COMPONENTS))
    return Component.GPU if source.partition(":")[0] == "nvml" else None


def _phase(row: Document) -> Phase:
    start_s, end_s = span(row)
    return Phase(
        label=row.text("label") or "phase",
        start_s=start_s,
        end_s=end_s,
        energy_j=row.number("energy_j"),
        idle_j=row.number("idle_j"),
        count=max(1, row.integer("count") or 1),
        duration_s=row.number("duration_s"),
    )


def _per_unit(row: Document) -> PerUnit:
    return PerUnit(
        unit=required(row, "unit", row.text("unit")),
        count=required(row, "count", row.number("count")),
        energy_j=row.number("energy_j"),
        gco2e=row.number("gco2e"),
    )


def _power(row: Document) -> PowerPoint:
    start_s, end_s = span(row)
    return PowerPoint(
        start_s=start_s,
        end_s=end_s,
        power_w=required(row, "power_w", row.number("power_w")),
        utilisation_ratio=row.number("utilisation_ratio"),
    )


def decode_policy(extra: dict[str, Any], *, origin: str) -> Policy:
    """The policy that a recording carries. Raises FootprintError with the path of what is wrong."""
    document = Document(extra, origin=origin)
    tables = document.child("site").child("factors")
    version, sha256 = tables.text("version"), tables.text("sha256")
    return Policy(
        site=site(document.child("site")) if document.has("site") else None,
        budgets=tuple(decode_budget(row) for row in document.items("budgets")),
        accounting=decode_accounting(document.child("accounting")) if document.has("accounting") else None,
        provider=document.text("provider"),
        strict=document.flag("strict_intensity", default=False),
        factors=None if version is None or sha256 is None else (version, sha256),
    )
