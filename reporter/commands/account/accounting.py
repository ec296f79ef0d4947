"""The figures beside the headline: what was declared for them meets what the tables say of the hardware and place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from reporter.domain.besides import SPREAD_RATIO, Accounting, Found, Making, besides_of, with_marginal
from reporter.domain.footprint import Footprint
from reporter.domain.readings import Hardware
from reporter.errors import FactorError

if TYPE_CHECKING:
    from reporter.domain.die import Die

ANY_MODEL = "gpu"
"""The key of the one value that stands for every accelerator without its own."""


def beside(footprint: Footprint, accounting: Accounting | None) -> Footprint:
    """The footprint with the figures beside its headline, which stays as it is; as it was where nothing is declared."""
    if accounting is None:
        return footprint
    besides = besides_of(
        accounting,
        _found(footprint, accounting),
        energy=footprint.energy,
        emissions=footprint.emissions,
        duration_s=footprint.job.duration_s,
        per_unit=footprint.per_unit,
    )
    whole = with_marginal(besides, footprint.energy.facility_j, footprint.marginal)
    return replace(footprint, besides=whole, accounting=accounting)


def _found(footprint: Footprint, accounting: Accounting) -> Found:
    accelerators: list[str] = []
    nodes: list[str] = []
    making = (
        ()
        if accounting.embodied is False
        else (
            *_accelerators(footprint.hardware, accounting, accelerators),
            *_machine(footprint.hardware, accounting, nodes),
        )
    )
    found = Found(
        making=making,
        unknown=tuple(dict.fromkeys((*accelerators, *nodes))),
        given_by="accelerator-kg" if accelerators else "machine-kg",
    )
    return _with_equivalent(_with_water(found, footprint, accounting), accounting)


def _accelerators(hardware: Hardware, accounting: Accounting, unknown: list[str]) -> Iterator[Making]:
    """Those that the job could use: as given, by their die, or by the tables."""
    given, die = accounting.accelerator_gco2e, accounting.accelerator_die
    for name, count in Counter(gpu.name for gpu in hardware.gpus).items():
        if die is not None:
            made, lacking = _die(name, count, die), die.node
        else:
            made, lacking = _accelerator(name, count) if given is None else _given(name, count, given), name
        if made is None:
            unknown.append(lacking)
        else:
            yield made


def _machine(hardware: Hardware, accounting: Accounting, unknown: list[str]) -> Iterator[Making]:
    """The rest of the machine, or its processors alone, where their making is given."""
    given, die = accounting.machine_gco2e, accounting.machine_die
    if given is not None:
        made: Making | None = _given("the rest of the machine" if hardware.gpus else "the machine", 1, given)
    elif die is None:
        return
    else:
        made = _die("the processors", 1, die)
        unknown += [] if made else [die.node]
    if made is not None:
        own = hardware.cpu_share_ratio if accounting.share_ratio is None else accounting.share_ratio
        yield replace(made, share_ratio=1.0 if own is None else own)


def _accelerator(name: str, count: int) -> Making | None:
    from reporter.factors import accelerator_of  # noqa: PLC0415  (a job without one needs no table)

    try:
        model = accelerator_of(name)
    except FactorError:
        return None
    row = model.embodied
    source = f"{row.source} {row.year}"
    return Making(
        label=model.name,
        count=count,
        gco2e=row.kgco2e * 1000,
        low_gco2e=row.low_kgco2e * 1000,
        high_gco2e=row.high_kgco2e * 1000,
        source=f"{source}, for any model" if row.key == ANY_MODEL else source,
    )


def _die(label: str, count: int, die: Die) -> Making | None:
    """By what a fab emits for its area; no surer than a published value."""
    from reporter.domain.die import die_gco2e, how  # noqa: PLC0415  (hardly any job declares one)
    from reporter.factors import fab_of  # noqa: PLC0415

    try:
        fab = fab_of(die.node)
    except FactorError:
        return None
    return replace(_given(label, count, die_gco2e(die, fab)), source=how(die, fab))


def _given(label: str, count: int, gco2e: float) -> Making:
    """A given value is no surer than a published one."""
    return Making(
        label=label,
        count=count,
        gco2e=gco2e,
        low_gco2e=gco2e / SPREAD_RATIO,
        high_gco2e=gco2e * SPREAD_RATIO,
        source="as given",
    )


def _with_water(found: Found, footprint: Footprint, accounting: Accounting) -> Found:
    """The water of the cloud's region, or of its provider's fleet; no other place has any published."""
    region = footprint.intensity.region if footprint.intensity.known else None
    if accounting.water is False or accounting.wue_l_per_kwh is not None or region is None or ":" not in region:
        return found
    from reporter.factors import wue_of  # noqa: PLC0415

    try:
        row = wue_of(region)
    except FactorError:
        return found
    if row is None:
        return found
    kinds = ["the provider's average"] if row.level == "fleet" else []
    kinds += ["design value"] if row.kind == "design" else []
    return replace(found, wue_l_per_kwh=row.l_per_kwh, wue_source=", ".join((f"{row.source} {row.year}", *kinds)))


def _with_equivalent(found: Found, accounting: Accounting) -> Found:
    if accounting.equivalent is None:
        return found
    from reporter.factors import equivalent  # noqa: PLC0415

    try:
        row = equivalent(accounting.equivalent)
    except KeyError:
        return found
    return replace(
        found,
        equivalent_gco2e=row.gco2e,
        equivalent_label=row.label,
        equivalent_source=f"{row.source} {row.year}",
    )
