"""The phases of a job as rows: those of one name together, the largest if there are many."""

from __future__ import annotations

from reporter.domain.footprint import Footprint
from reporter.domain.phase import OTHERS, by_name, length_s, summed
from reporter.domain.readings import Phase
from reporter.report.breakdown import MODELLED, energy_column, share_of
from reporter.report.format import FEWEST_DIGITS, MOST_DIGITS, Column, duration, in_column, power
from reporter.report.page import PhaseRow
from reporter.report.prose import name

MOST_ROWS = 30


def phase_rows(footprint: Footprint) -> tuple[PhaseRow, ...]:
    """One row for each name, in the order in which they came; what is left out is summed in the last."""
    named = by_name(footprint.phases)
    size = sorted(named, key=lambda phase: (phase.energy_j or 0.0, length_s(phase)), reverse=True)
    shown = {phase.label for phase in size[: MOST_ROWS if len(named) <= MOST_ROWS else MOST_ROWS - 1]}
    left_out = [phase for phase in named if phase.label not in shown]
    beside = energy_column([phase.energy_j for phase in named])
    rows = [
        _row(name(phase.label) + (f" ({phase.count:,} ×)" if phase.count > 1 else ""), phase, footprint, beside)
        for phase in named
        if phase.label in shown
    ]
    if left_out:
        rows.append(_row(f"and {len(left_out):,} more", summed(OTHERS, left_out), footprint, beside))
    return tuple(rows)


def hungriest_phase(footprint: Footprint) -> Phase | None:
    """The phases of that name which took the most energy, if any phase's energy is known."""
    known = [phase for phase in by_name(footprint.phases) if phase.energy_j is not None]
    return max(known, key=lambda phase: phase.energy_j or 0.0, default=None)


def idlest_phase(footprint: Footprint) -> Phase | None:
    """Those in which GPUs took the most energy while they computed nothing."""
    known = [phase for phase in by_name(footprint.phases) if phase.idle_j]
    return max(known, key=lambda phase: phase.idle_j or 0.0, default=None)


def _row(label: str, phase: Phase, footprint: Footprint, beside: Column) -> PhaseRow:
    modelled = footprint.method in MODELLED
    time_s = length_s(phase)
    mean_w = None if phase.energy_j is None or time_s <= 0 else phase.energy_j / time_s
    digits = FEWEST_DIGITS if modelled else MOST_DIGITS
    return PhaseRow(
        label=label,
        duration=duration(time_s),
        energy=in_column(phase.energy_j, beside, digits=digits, about=modelled),
        share=share_of(phase.energy_j, footprint.energy.it_j),
        power=f"≈{power(mean_w, FEWEST_DIGITS)}" if modelled and mean_w is not None else power(mean_w),
    )
