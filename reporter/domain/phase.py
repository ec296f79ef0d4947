"""The named parts of a job: from one mark to the next, with what the counted meters used in between."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import fsum
from typing import NamedTuple

from reporter.domain.readings import Mark, Phase
from reporter.domain.track import NS_PER_S, Track

UNMARKED = "start"
"""The time before the first mark."""
OTHERS = "other phases"
MOST_PHASES = 200
"""A job with more of them has them summed by name, and the shortest names summed once more."""
SHORTEST_NS = NS_PER_S // 1000
"""A phase that ends sooner is none: its time goes to the next one."""


class Stretch(NamedTuple):
    """The time of one phase."""

    label: str
    start_ns: int
    end_ns: int


def stretches(marks: Sequence[Mark], *, start_ns: int, end_ns: int) -> tuple[Stretch, ...]:
    """The phases of a job, one after the other from its start to its end; none where no mark lies before its end.

    A mark from before the job names its beginning.
    """
    begins = [(start_ns, UNMARKED)]
    for mark in marks:
        at_ns = max(start_ns, mark.t_ns)
        if end_ns - at_ns < SHORTEST_NS:
            break
        if at_ns - begins[-1][0] < SHORTEST_NS:
            begins[-1] = (begins[-1][0], mark.label)
        else:
            begins.append((at_ns, mark.label))
    if not marks or begins == [(start_ns, UNMARKED)]:
        return ()
    return tuple(
        Stretch(label=label, start_ns=begin_ns, end_ns=until_ns)
        for (begin_ns, label), (until_ns, _) in pairwise((*begins, (end_ns, "")))
    )


def phases(
    marks: Sequence[Mark], tracks: Sequence[Track], idle: Sequence[Track], *, start_ns: int, end_ns: int
) -> tuple[Phase, ...]:
    """Every phase with its energy: what `tracks` used, and what of it the `idle` ones did; no tracks: not known.

    A phase in which a counter was lost all along has no energy, rather than too little.
    """
    parts = stretches(marks, start_ns=start_ns, end_ns=end_ns)
    found = tuple(
        Phase(
            label=part.label,
            start_s=(part.start_ns - start_ns) / NS_PER_S,
            end_s=(part.end_ns - start_ns) / NS_PER_S,
            energy_j=energy_j,
            idle_j=idle_j,
        )
        for part, energy_j, idle_j in zip(parts, _sums(parts, tracks), _sums(parts, idle), strict=True)
    )
    return found if len(found) <= MOST_PHASES else _fewer(by_name(found))


def by_name(phases: Sequence[Phase]) -> tuple[Phase, ...]:
    """Phases of one name as one, in the order in which the names first came; a sum with an unknown part is unknown."""
    named: dict[str, list[Phase]] = {}
    for phase in phases:
        named.setdefault(phase.label, []).append(phase)
    return tuple(summed(label, same) for label, same in named.items())


def summed(label: str, phases: Sequence[Phase]) -> Phase:
    """Several phases as one, from the start of the first to the end of the last."""
    if len(phases) == 1 and phases[0].label == label:
        return phases[0]
    return Phase(
        label=label,
        start_s=min(phase.start_s for phase in phases),
        end_s=max(phase.end_s for phase in phases),
        energy_j=_known([phase.energy_j for phase in phases]),
        idle_j=_known([phase.idle_j for phase in phases]),
        count=sum(phase.count for phase in phases),
        duration_s=fsum(map(length_s, phases)),
    )


def length_s(phase: Phase) -> float:
    """How long it took, seconds."""
    return phase.end_s - phase.start_s if phase.duration_s is None else phase.duration_s


def _fewer(named: tuple[Phase, ...]) -> tuple[Phase, ...]:
    if len(named) <= MOST_PHASES:
        return named
    kept = sorted(named, key=length_s, reverse=True)[: MOST_PHASES - 1]
    names = {phase.label for phase in kept}
    rest = [phase for phase in named if phase.label not in names]
    return (*(phase for phase in named if phase.label in names), summed(OTHERS, rest))


def _sums(parts: Sequence[Stretch], tracks: Sequence[Track]) -> list[float | None]:
    if not parts or not tracks:
        return [None] * len(parts)
    # Levels at the bounds rather than energies between them: the parts then add up to the whole.
    bounds_ns = [parts[0].start_ns, *(part.end_ns for part in parts)]
    columns = []
    for track in tracks:
        levels_j = [track.energy_j(bounds_ns[0], at_ns) for at_ns in bounds_ns]
        columns.append([max(0.0, after_j - before_j) for before_j, after_j in pairwise(levels_j)])
    return [
        None if any(_lost(track, part, used_j) for track, used_j in zip(tracks, row, strict=True)) else fsum(row)
        for part, row in zip(parts, zip(*columns, strict=True), strict=True)
    ]


def _lost(track: Track, part: Stretch, used_j: float) -> bool:
    return (
        not track.filled
        and used_j == 0
        and bool(track.gaps)
        and track.uncovered_ns(part.start_ns, part.end_ns) == part.end_ns - part.start_ns
    )


def _known(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fsum(known) if len(known) == len(values) else None
