"""Energy that no computing stands behind: of GPUs without work, and of the machine as it idles anyway."""

from __future__ import annotations

from collections.abc import Iterator

from reporter.domain.carbon import MeterEnergy
from reporter.domain.footprint import Footprint
from reporter.domain.phase import by_name
from reporter.domain.readings import Component
from reporter.report.breakdown import MODELLED, energy_column, share_of
from reporter.report.format import (
    FEWEST_DIGITS,
    MOST_DIGITS,
    Scale,
    amount,
    counted,
    energy_scale,
    percent,
    power,
)
from reporter.report.phases import idlest_phase
from reporter.report.prose import Line, code, line, name, strong

_WORTH_TELLING_RATIO = 0.005
_UNUSED_RATIO = 0.99
_GPUS = (Component.GPU, Component.MODULE)


def idle_lines(footprint: Footprint) -> tuple[Line, ...]:
    """Idle GPUs, then what the job took above the idle machine; nothing where neither was measured."""
    return (*_waste(footprint), *_net(footprint))


def idle_words(footprint: Footprint, *, of_building: bool = False) -> Line | None:
    """The energy of idle GPUs and the phase that it fell in: `0.2 kWh (8 %), most of it in phase `load``.

    At the machine, beside the parts; `of_building`: with the PUE, beside the job's energy.
    """
    idle_j = footprint.energy.idle_j
    if not idle_j:
        return None
    share = share_of(idle_j, footprint.energy.it_j)
    phase = idlest_phase(footprint)
    shown = amount(idle_j, _scale(footprint))
    if of_building:
        shown = amount(idle_j * footprint.pue.ratio, energy_scale([footprint.energy.facility_j]))
    words = line(f"{shown} ({share})")
    if phase is None or phase.idle_j is None or len(by_name(footprint.phases)) < 2 or phase.idle_j < idle_j / 2:  # noqa: PLR2004
        return words
    return line(words, ", most of it in phase ", code(name(phase.label, 48)))


def _scale(footprint: Footprint) -> Scale:
    """That of the phases' column, else of the parts', beside which these lines stand."""
    phases = [phase.energy_j for phase in by_name(footprint.phases)]
    return energy_column(phases or [meter.energy_j for meter in footprint.meters if meter.included]).scale


def _gpus(footprint: Footprint) -> list[MeterEnergy]:
    return [meter for meter in footprint.meters if meter.included and meter.component in _GPUS]


def _waste(footprint: Footprint) -> Iterator[Line]:
    gpus = _gpus(footprint)
    ratios = [meter.idle_ratio for meter in gpus if meter.idle_ratio is not None]
    words = idle_words(footprint)
    if words is None or not ratios or len(ratios) < len(gpus):
        return
    ratio = sum(ratios) / len(ratios)
    if ratio < _WORTH_TELLING_RATIO:
        return
    unused = [meter for meter in gpus if (meter.idle_ratio or 0.0) >= _UNUSED_RATIO]
    if 0 < len(unused) < len(gpus):
        took = amount(sum(meter.idle_j or 0.0 for meter in unused), _scale(footprint))
        yield line(strong(f"{len(unused)} of {len(gpus)} GPUs idle:"), f" {took}; they computed nothing at all.")
    who = "the GPU" if len(gpus) == 1 else f"the {counted(len(gpus), 'GPU')}"
    whose = "the" if len(gpus) == 1 else "their"
    yield line(
        strong("Idle:"), f" {who} computed nothing for {percent(ratio)} of {whose} time: ", words, ". "
        "Each reading covers only the driver's last sampling period, so short work may be missed.",
    )  # fmt: skip


def _net(footprint: Footprint) -> Iterator[Line]:
    energy = footprint.energy
    if energy.net_j is None or energy.baseline_w is None or energy.it_j is None:
        return
    modelled = footprint.method in MODELLED
    digits = FEWEST_DIGITS if modelled else MOST_DIGITS
    scale = _scale(footprint)
    net = amount(energy.net_j, scale, digits, about=modelled)
    gross = amount(energy.it_j, scale, digits, about=modelled)
    idle = ("≈" if modelled else "") + power(energy.baseline_w, digits)
    bias = " Biased if a GPU was still warm, or its persistence mode is off." if _gpus(footprint) else ""
    yield line(
        strong("Net of idle:"), f" {net} of {gross}; before the job, with nothing to do, the machine drew {idle}."
        f" The headline and budgets are of the whole.{bias}",
    )  # fmt: skip
