"""What the energy is made of: parts of the machine, and power and utilisation over time."""

from __future__ import annotations

from collections.abc import Sequence

from reporter.domain.carbon import MeterEnergy
from reporter.domain.footprint import Footprint
from reporter.domain.readings import Component, Method
from reporter.report import charts
from reporter.report.format import (
    FEWEST_DIGITS,
    MISSING,
    MOST_DIGITS,
    NARROW,
    Column,
    column,
    counted,
    duration,
    energy_scale,
    in_column,
    percent,
    power,
)
from reporter.report.page import PartRow, Power, Usage
from reporter.report.prose import code, line, name

COMPONENTS = (
    (Component.NODE, "whole machine", "whole machines"),
    (Component.MODULE, "module", "modules"),
    (Component.GPU, "GPU", "GPUs"),
    (Component.CPU, "CPU", "CPUs"),
    (Component.DRAM, "memory", "memory"),
)
MODELLED = ("modelled", "estimate")
ESTIMATED = "estimated"
_FULLY_COVERED = 0.995
_METHODS = {
    Method.COUNTER: "measured (energy counter)",
    Method.INTEGRATED: "measured (power over time)",
    Method.MODELLED: "modelled",
}


def known_sum(values: Sequence[float | None]) -> float | None:
    """The sum of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def parts(footprints: Sequence[Footprint]) -> tuple[PartRow, ...]:
    """One row for each kind of part, over all the jobs."""
    meters = [meter for footprint in footprints for meter in footprint.meters if meter.included]
    whole_j = known_sum([meter.energy_j for meter in meters])
    groups = [
        (members, _group_label(members, one, many))
        for component, one, many in COMPONENTS
        if (members := _standing_in([meter for meter in meters if meter.component is component]))
    ]
    energies = [known_sum([meter.energy_j for meter in members]) for members, _ in groups]
    beside = energy_column(energies)
    return tuple(_group_row(members, label, beside, whole_j) for members, label in groups)


def meters(footprint: Footprint) -> tuple[PartRow, ...]:
    """One row for each meter, those that another contains last; empty where it would say no more than `parts`."""
    included = [meter for meter in footprint.meters if meter.included]
    excluded = [meter for meter in footprint.meters if not meter.included]
    if not excluded and len({meter.component for meter in included}) == len(included):
        return ()
    whole_j = known_sum([meter.energy_j for meter in included])
    beside = energy_column([meter.energy_j for meter in footprint.meters])
    listed = (*included, *excluded)
    return tuple(
        PartRow(
            label=label,
            energy=_energy([meter], beside),
            share=share_of(meter.energy_j, whole_j) if meter.included else MISSING,
            method=ESTIMATED if meter.source else _METHODS[meter.method],
            counted=meter.included,
            note=_notes([meter]),
        )
        for meter, label in zip(listed, numbered([meter.label for meter in listed]), strict=True)
    )


def numbered(labels: Sequence[str]) -> list[str]:
    """Meters' names, fit to be shown; those of one name are told apart: `H100 (2 of 8)`."""
    seen: dict[str, int] = {}
    shown = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        many = labels.count(label)
        shown.append(name(label) + (f" ({seen[label]} of {many})" if many > 1 else ""))
    return shown


def parts_formula(footprints: Sequence[Footprint]) -> str:
    """The parts in one breath: `GPUs 1.44, CPU 0.11, memory 0.04 kWh`."""
    known = []
    for component, one, many in COMPONENTS:
        members = _standing_in([
            meter for footprint in footprints for meter in footprint.meters
            if meter.included and meter.component is component
        ])  # fmt: skip
        energy_j = known_sum([meter.energy_j for meter in members])
        if energy_j is not None:
            known.append((many if len(members) > 1 else one, energy_j, _all_modelled(members)))
    if not known:
        return ""
    beside = energy_column([energy_j for _, energy_j, _ in known])
    unit = f"{NARROW}{beside.scale.unit}"
    words = [f"{label} {_show(energy_j, beside, modelled=modelled)}" for label, energy_j, modelled in known]
    return ", ".join(word.removesuffix(unit) for word in words) + unit


def power_over_time(footprint: Footprint) -> Power | None:
    """Mean, peak and charts of the power of the counted meters; None without a timeline."""
    points = footprint.timeline
    spark = charts.sparkline(points)
    if not spark:
        return None
    covered_s = sum(point.end_s - point.start_s for point in points)
    mean_w = sum(point.power_w * (point.end_s - point.start_s) for point in points) / covered_s
    modelled = footprint.method in MODELLED
    about, digits = ("≈", FEWEST_DIGITS) if modelled else ("", MOST_DIGITS)
    mean, peak = (about + power(watts, digits) for watts in (mean_w, max(point.power_w for point in points)))
    words = f"mean {mean}, peak {peak} over {duration(points[-1].end_s - points[0].start_s)}"
    return Power(
        mean=mean,
        peak=peak,
        sparkline=spark,
        mermaid=charts.mermaid(points),
        svg=charts.svg(points, footprint.phases, f"Power over time: {words}"),
        summary=line(code(spark), " ", words, "."),
    )


def usage_over_time(footprint: Footprint) -> Usage | None:
    """The GPUs' mean utilisation and its course; None where it was not read."""
    points = footprint.timeline
    known = charts.steps(points, charts.UTILISATION)
    if not known:
        return None
    covered_s = sum(step.end_s - step.start_s for step in known)
    mean = percent(sum(step.value * (step.end_s - step.start_s) for step in known) / covered_s)
    spark = charts.sparkline(points, charts.UTILISATION)
    gpus = sum(meter.included and meter.utilisation_ratio is not None for meter in footprint.meters)
    words = f"mean {mean}" + (f" of {gpus} GPUs" if gpus > 1 else "")
    return Usage(
        mean=mean,
        sparkline=spark,
        mermaid=charts.mermaid(points, charts.UTILISATION),
        svg=charts.svg(points, footprint.phases, f"Utilisation over time: {words}", charts.UTILISATION),
        summary=line(code(spark), " ", words, "."),
    )


def machine(footprint: Footprint) -> str:
    """What the job ran on: its GPUs, else its processor."""
    gpus = [gpu.name for gpu in footprint.hardware.gpus]
    if gpus:
        kinds = tuple(dict.fromkeys(gpus))
        return " and ".join(f"{gpus.count(kind)} × {name(kind, 40)}" for kind in kinds[:3])
    return name(footprint.hardware.cpu, 48) if footprint.hardware.cpu else ""


def energy_column(values_j: Sequence[float | None]) -> Column:
    """The column of these energies."""
    return column(values_j, energy_scale(values_j))


def _show(energy_j: float | None, beside: Column, *, modelled: bool = False) -> str:
    return in_column(energy_j, beside, digits=FEWEST_DIGITS if modelled else MOST_DIGITS, about=modelled)


def _standing_in(members: list[MeterEnergy]) -> list[MeterEnergy]:
    """The models alone, where they stand in for counters that gave nothing: a flag tells of those."""
    known = [meter for meter in members if meter.energy_j is not None]
    return known if known and _all_modelled(known) else members


def _group_label(members: list[MeterEnergy], one: str, many: str) -> str:
    labels = {meter.label for meter in members}
    if all(meter.source for meter in members):
        return " and ".join(name(label) for label in list(dict.fromkeys(meter.label for meter in members))[:3])
    if len(members) == 1:
        only = name(members[0].label)
        return only if one.casefold() in only.casefold() else f"{one} ({only})"
    if len(labels) == 1 and members[0].component in (Component.GPU, Component.MODULE):
        return f"{len(members)} × {name(members[0].label)}"
    return counted(len(members), one, many) if one != many else one


def _group_row(members: list[MeterEnergy], label: str, beside: Column, whole_j: float | None) -> PartRow:
    methods = {meter.method is Method.MODELLED for meter in members}
    words = "partly modelled" if len(methods) > 1 else "modelled" if methods == {True} else "measured"
    words = ESTIMATED if all(meter.source for meter in members) else words
    return PartRow(
        label=label,
        energy=_energy(members, beside),
        share=share_of(known_sum([meter.energy_j for meter in members]), whole_j),
        method=words,
        note=_notes(members),
    )


def _energy(members: list[MeterEnergy], beside: Column) -> str:
    return _show(known_sum([meter.energy_j for meter in members]), beside, modelled=_all_modelled(members))


def _all_modelled(members: list[MeterEnergy]) -> bool:
    return all(meter.method is Method.MODELLED for meter in members)


def _notes(members: list[MeterEnergy]) -> str:
    notes = dict.fromkeys(note for meter in members if (note := _note(meter)))
    gaps = "; ".join(notes) if len(notes) < 3 else f"{len(notes)} of them with gaps"  # noqa: PLR2004
    return "; ".join(filter(None, (_use(members), _part(members), gaps)))


def _use(members: list[MeterEnergy]) -> str:
    ratios = [meter.utilisation_ratio for meter in members if meter.utilisation_ratio is not None]
    return f"{percent(sum(ratios) / len(ratios))} utilised" if ratios and len(ratios) == len(members) else ""


def _part(members: list[MeterEnergy]) -> str:
    """Where a meter reads a machine that the job has a part of."""
    shares = dict.fromkeys(percent(meter.share_ratio) for meter in members if meter.share_ratio is not None)
    return f"{' and '.join(shares)} of the machine" if 0 < len(shares) < 3 else ""  # noqa: PLR2004


def _note(meter: MeterEnergy) -> str:
    if meter.excluded_because:
        return f"not added: {name(meter.excluded_because, 120)}"
    if meter.energy_j is None:
        return "no reading"
    if meter.coverage_ratio is not None and meter.coverage_ratio < _FULLY_COVERED:
        return f"read during {percent(meter.coverage_ratio)} of the job"
    return ""


def share_of(part_j: float | None, whole_j: float | None) -> str:
    """A part as a share of the whole."""
    return percent(part_j / whole_j) if part_j is not None and whole_j else MISSING
