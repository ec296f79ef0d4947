"""What is written in a footprint against what follows from its own energy, where the two are not the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reporter.domain.footprint import Footprint
from reporter.domain.proof import FIGURES_DISAGREE, Disagreement, disagreements
from reporter.report.format import amount, emission_scale, energy_scale
from reporter.report.headline import CO2E
from reporter.report.prose import Line, line, name, strong

_MOST_NAMES = 3


def proofs(footprints: Sequence[Footprint]) -> Iterator[Line]:
    """One line on the footprints that came with figures which do not follow; none where all do."""
    found = [(row, disagreements(row)) for row in footprints if FIGURES_DISAGREE in row.flags]
    wrong = [(row, figures) for row, figures in found if figures]
    if not wrong:
        return
    if len(footprints) == 1:
        label = "Its figures disagree:"
        words = "; ".join(_words(figure) for figure in wrong[0][1])
    else:
        label = f"The figures of {len(wrong)} of {len(footprints)} jobs disagree:"
        names = [name(row.job.name, 40) for row, _ in wrong[:_MOST_NAMES]]
        rest = f" and {len(wrong) - _MOST_NAMES} more" if len(wrong) > _MOST_NAMES else ""
        words = f"{', '.join(names)}{rest} came with others than follow"
    judged = "Budgets are judged on what follows; what is written was left as it is."
    yield line(strong(label), f" {words} from energy × PUE × intensity. {judged}")


def _words(figure: Disagreement) -> str:
    """`99.0 g CO₂e is written, 46.4 g follows`."""
    scale_of = energy_scale if figure.is_energy else emission_scale
    written = amount(figure.amount, scale_of([figure.amount]), apart_from=figure.value)
    due = amount(figure.value, scale_of([figure.value]), apart_from=figure.amount)
    return f"{written}{'' if figure.is_energy else f' {CO2E}'} is written, {due} follows"
