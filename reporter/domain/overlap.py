"""Which meters are left out of the sum, because another one holds the same joules or the job was not given the part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reporter.domain.readings import Component, Meter, Method

NAMES = {
    Component.GPU: "the GPU",
    Component.CPU: "the CPU",
    Component.DRAM: "memory",
    Component.NODE: "the whole machine",
    Component.MODULE: "the module",
}
NOT_GIVEN = "not given to this job"
APART = "its GPU and its processor are metered apart"


def left_out(meters: Sequence[Meter], methods: Mapping[str, Method]) -> dict[str, str]:
    """Why each meter that must not be counted is left out, in plain words, by meter id.

    `methods` holds the meters that have energy, with how they came by it: only these can stand in for others.
    RAPL's core and uncore lie inside their package, dram beside it, psys around all of them (Linux powercap);
    NVML's module scope holds the Grace CPU and its memory.
    """
    why = {meter.meter_id: NOT_GIVEN for meter in meters if not meter.selected}
    counted = [meter for meter in meters if meter.selected and meter.meter_id in methods]
    parts = {meter.component for meter in counted} & {Component.CPU, Component.MODULE}
    if parts:
        for meter in meters:
            if meter.component is Component.NODE:
                why.setdefault(meter.meter_id, "around all parts: shown beside them, never summed")
    _leave_out_superchips(why, meters, counted)
    holders = {meter.meter_id: meter for meter in counted if meter.meter_id not in why}
    parents = {meter.meter_id: meter.parent_id for meter in meters}
    for meter in meters:
        holder = _holder(meter.meter_id, parents, holders)
        if holder is not None:
            why.setdefault(meter.meter_id, f"part of {holder.label}")
    _leave_out_inside(why, meters, counted)
    _leave_out_modelled(why, meters, methods)
    return why


def _holder(meter_id: str, parents: Mapping[str, str | None], holders: Mapping[str, Meter]) -> Meter | None:
    """The nearest counted meter that contains this one; a chain that bites its own tail contains nothing."""
    seen = {meter_id}
    parent_id = parents[meter_id]
    while parent_id is not None and parent_id not in seen:
        if parent_id in holders:
            return holders[parent_id]
        seen.add(parent_id)
        parent_id = parents.get(parent_id)
    return None


def _leave_out_superchips(why: dict[str, str], meters: Sequence[Meter], counted: Sequence[Meter]) -> None:
    """A firmware's meter around GPU and processor gives way to those of the two, since the GPU's driver knows it best.

    Without a meter of the processor it stands for both. Which GPU lies in which module is not known.
    """
    around = [meter for meter in meters if Component.GPU in meter.holds and meter.meter_id not in why]
    devices = [
        meter
        for meter in counted
        if meter.meter_id not in why
        and meter.component in {Component.GPU, Component.MODULE}
        and Component.GPU not in meter.holds
    ]
    modules = [device for device in devices if device.component is Component.MODULE]
    for holder in around if devices else ():
        if modules or any(meter.parent_id == holder.meter_id for meter in counted):
            why[holder.meter_id] = APART
        elif holder in counted:
            for device in devices:
                why.setdefault(device.meter_id, f"part of {holder.label}")


def _leave_out_inside(why: dict[str, str], meters: Sequence[Meter], counted: Sequence[Meter]) -> None:
    """A module holds its CPU and memory, a whole machine its memory, whether or not a parent was named."""
    insides = {Component.MODULE: {Component.CPU, Component.DRAM}, Component.NODE: {Component.DRAM}}
    for holder in counted:
        inside = insides.get(holder.component, set()) | ({*holder.holds} - {Component.GPU})
        if inside and holder.meter_id not in why:
            for meter in meters:
                if meter.component in inside:
                    why.setdefault(meter.meter_id, f"part of {holder.label}")


def _leave_out_modelled(why: dict[str, str], meters: Sequence[Meter], methods: Mapping[str, Method]) -> None:
    """A model is not counted beside a measurement; GPUs are separate devices, so there each stands for itself."""
    measured = {
        meter.component
        for meter in meters
        if meter.meter_id not in why
        and methods.get(meter.meter_id, Method.MODELLED) is not Method.MODELLED
        and meter.component is not Component.GPU
    }
    for meter in meters:
        if meter.method is Method.MODELLED and meter.component in measured:
            why.setdefault(meter.meter_id, f"{NAMES[meter.component]} is measured")
