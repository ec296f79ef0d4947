"""Why a verdict stands, and what turns it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from reporter.domain.budget import PULL_REQUEST, Finding, Kind, Outcome, too_close, within_noise
from reporter.domain.claim import WHY as CLAIMED
from reporter.domain.footprint import Footprint
from reporter.domain.phase import by_name, length_s
from reporter.domain.readings import Phase
from reporter.domain.stopped import WHY
from reporter.report.breakdown import share_of
from reporter.report.format import at_most, counted, duration, energy_scale, percent, power
from reporter.report.idle import idle_words
from reporter.report.phases import hungriest_phase
from reporter.report.prose import Line, Span, code, line, name, quoted, strong
from reporter.report.rules import (
    Judged,
    decisive,
    finding_amount,
    finding_range,
    finding_target,
    kept_ratio,
    per_work,
    used_ratio,
)

_MOST_WAYS = 3
_ALMOST_ALL_RATIO = 0.8


def reasons(judged: Sequence[Judged], outcome: Outcome) -> tuple[Line, ...]:
    """Why the verdict is no accident, or why there is none, which phase it rests on, and how far other sums are."""
    rest = decisive(judged, outcome)
    if rest is None:
        return ()
    sums = [item for item in judged if item is not rest and item.finding.kind is Kind.SUM]
    alone = len({id(item.footprint) for item in judged}) == 1
    estimated = rest.footprint is not None and rest.footprint.method == "estimate"
    told = rest.finding.why == CLAIMED  # the title says it, and the first remark what it means
    standing = () if estimated or told else _standing(rest.finding, outcome)
    if rest.finding.kind is Kind.SUM and rest.finding.runs:
        from reporter.report.ruling import made_of  # noqa: PLC0415  (most rules are limits)

        standing = (*standing, made_of(rest.finding))
    return (*standing, *(_where(rest) if alone else ()), *_so_far(sums))


def _so_far(sums: Sequence[Judged]) -> Iterator[Line]:
    """How far the sums have come that the verdict does not rest on."""
    if sums:
        from reporter.report.ruling import so_far  # noqa: PLC0415

        known = [so_far(item.finding) for item in sums if item.finding.observed is not None]
        yield from {str(words): words for words in known}.values()


def _standing(finding: Finding, outcome: Outcome) -> tuple[Line, ...]:
    limit = finding_amount(finding, finding.limit)
    again = finding_range(finding)
    if outcome is Outcome.FAIL and again and not finding.why.startswith(WHY):
        return (line(strong("Not noise:"), f" {again}{per_work(finding)} if measured again; all above {limit}."),)
    if within_noise(finding):
        runs, noise = counted(finding.runs or 0, "run"), finding_amount(finding, finding.noise)
        return (line(strong("Not red:"), f" after {runs} of the base an unchanged job may be {noise} by chance."),)
    if outcome is Outcome.WARN and too_close(finding):
        words = f" {again}{per_work(finding)} if measured again; the limit of {limit} lies inside."
        return (line(strong("Not red:"), words),)
    if outcome in (Outcome.WARN, Outcome.UNKNOWN) or finding.why.startswith(WHY):
        return (line(strong("Why:"), " ", quoted(_stop(finding.why))),)
    return ()


def _where(rest: Judged) -> tuple[Line, ...]:
    footprint = rest.footprint
    phase = hungriest_phase(footprint) if footprint and rest.finding.outcome in (Outcome.FAIL, Outcome.WARN) else None
    if footprint is None or phase is None or len(by_name(footprint.phases)) == 1:
        return ()
    if not footprint.energy.it_j or (phase.energy_j or 0.0) < _ALMOST_ALL_RATIO * footprint.energy.it_j:
        return ()
    share = share_of(phase.energy_j, footprint.energy.it_j)
    return (line(strong("Where:"), f" almost all of it ({share}) is phase ", code(name(phase.label, 48)), "."),)


def ways_label(judged: Sequence[Judged], outcome: Outcome) -> str:
    """What the ways lead to; where several jobs are over, each needs one."""
    each = (
        "for each job one of"
        if len({id(row.footprint) for row in judged if row.finding.outcome is outcome}) > 1
        else "one of"
    )
    words = {Outcome.FAIL: f"To go green, {each}", Outcome.UNKNOWN: "To have it judged"}
    return words.get(outcome, f"To be clear of it, {each}")


def ways_out(
    judged: Sequence[Judged], outcome: Outcome, config_hint: str | None, accept: str | None = None
) -> tuple[Line, ...]:
    """What turns the build green, the surest first; `accept` is the label that accepts what is exceeded."""
    if outcome is Outcome.UNKNOWN:
        return _remedies(judged)
    if outcome not in (Outcome.FAIL, Outcome.WARN):
        return ()
    over = [item for item in judged if item.finding.outcome is outcome]
    over.sort(key=lambda item: used_ratio(item.finding) or 0.0, reverse=True)
    several = len({id(item.footprint) for item in judged if item.footprint}) > 1
    ways = [
        way
        for item in _strictest(over)[:_MOST_WAYS]
        for way in (_shorten(item, several=several), _employ(item, several=several))
        if way
    ]
    ways += [way for item in over[:_MOST_WAYS] for way in _otherwise(item)]
    ways = list({str(way): way for way in ways}.values())
    if accept is not None and outcome is Outcome.FAIL:
        ways.append(line("Accept it once: the label ", code(name(accept)), ", set by somebody who may write here."))
    return (*ways, *_raise(over, config_hint))


def _strictest(over: Sequence[Judged]) -> list[Judged]:
    """Of each job the finding that asks for the least energy: who meets it meets the others."""
    least: dict[int, Judged] = {}
    for item in over:
        kept, before = kept_ratio(item.finding), least.get(id(item.footprint))
        if before is None or (kept is not None and kept < (kept_ratio(before.finding) or math.inf)):
            least[id(item.footprint)] = item
    return list(least.values())


def _raise(over: Sequence[Judged], config_hint: str | None) -> Iterator[Line]:
    """All limits in one sentence: to raise one of two that are exceeded would not do."""
    for floor in (False, True):
        limits = dict.fromkeys(
            (item.finding.rule, item.finding.origin or config_hint) for item in over if _is_floor(item) is floor
        )
        named = [line(code(name(rule)), *_standing_at(origin)) for rule, origin in list(limits)[:_MOST_WAYS]]
        if named:
            verb = "Ask for less than " if floor else f"Raise the {'limit' if len(named) == 1 else 'limits'} "
            yield line(verb, *[part for each in named for part in (each, " and ")][:-1], ".")


def _standing_at(origin: str | None) -> Iterator[str | Span | Line]:
    if origin is None:
        yield " where it is set"
    else:
        yield " ("
        yield quoted(origin) if "`" in origin else code(name(origin))
        yield ")"


def _is_floor(item: Judged) -> bool:
    """Whether the rule asks for at least something."""
    return item.finding.kind in (Kind.QUALITY, Kind.MEASURED)


def _shorten(item: Judged, *, several: bool) -> Line | None:
    finding, footprint = item.finding, item.footprint
    kept = kept_ratio(finding)
    if kept is None or finding.observed is None:
        return None
    whose: tuple[str | Span, ...] = (code(name(footprint.job.name, 48)), ": ") if several and footprint else ()
    facility_j = footprint.energy.facility_j if footprint else None
    time_s = footprint.job.duration_s if footprint else None
    if per_work(finding) or not facility_j or not time_s or footprint is None:
        less = f"Use {percent(1 - kept)} less"
        if finding.kind is not Kind.LIMIT:
            return line(*whose, f"{less}.")
        target = finding_target(finding, finding.observed * kept)
        return line(*whose, f"{less}: it passes at {target}{per_work(finding)}.")
    passes_at = at_most(facility_j * kept, energy_scale([facility_j]))
    saved_j = facility_j * (1 - kept) / footprint.pue.ratio
    phase, which = _to_shorten(footprint, saved_j)
    if phase is not None and phase.energy_j:
        now_s = length_s(phase)
        cut_s = now_s * saved_j / phase.energy_j
        return line(
            *whose, "Shorten ", code(name(phase.label)), f", {which}, by about {duration(cut_s)}"
            f" (now {duration(now_s)} at {power(phase.energy_j / now_s)}): the job passes at {passes_at}.",
        )  # fmt: skip
    return line(
        *whose,
        f"Shorten the job: it passes at {passes_at}, about {duration(time_s * kept)} at this power"
        f" (now {duration(time_s)}).",
    )


def _to_shorten(footprint: Footprint, saved_j: float) -> tuple[Phase | None, str]:
    """A phase that can save so much: the one that grew most against the base, else the largest."""
    named = {phase.label: phase for phase in by_name(footprint.phases) if (phase.energy_j or 0.0) > saved_j}
    if footprint.baseline is not None:
        from reporter.report.versus import grown_phase  # noqa: PLC0415  (only where there is a base)

        grown, was = grown_phase(footprint)
        if grown in named:
            return named[grown], was
    phase = hungriest_phase(footprint)
    return (phase, "the largest phase") if phase is not None and phase.label in named else (None, "")


def _employ(item: Judged, *, several: bool) -> Line | None:
    """Where GPUs that computed nothing took at least what is too much."""
    finding, footprint = item.finding, item.footprint
    kept = kept_ratio(finding)
    if kept is None or footprint is None or not footprint.energy.it_j:
        return None
    words = idle_words(footprint, of_building=True)
    if words is None or (footprint.energy.idle_j or 0.0) < footprint.energy.it_j * (1 - kept):
        return None
    whose: tuple[str | Span, ...] = (code(name(footprint.job.name, 48)), ": ") if several else ()
    return line(*whose, "Leave no GPU without work: while they computed nothing they took ", words, ".")


def _otherwise(item: Judged) -> Iterator[Line]:
    """What there is to do about a sum over runs, and about what was not metered."""
    finding, footprint = item.finding, item.footprint
    if finding.kind is Kind.SUM and finding.per != PULL_REQUEST:
        from reporter.report.ruling import anew  # noqa: PLC0415  (most rules are limits)

        yield line(f"Run less until then: the sum begins anew {anew(finding)}, in UTC.")
    if finding.kind is Kind.QUALITY and footprint is not None and not footprint.intensity.known:
        yield line("Name the region, such as ", code("region: FR"), ": while it is unknown the quality is D.")
    if _is_floor(item) and footprint is not None:
        yield from [quoted(row.remedy) for row in footprint.unavailable if row.remedy][:_MOST_WAYS]


def _remedies(judged: Sequence[Judged]) -> tuple[Line, ...]:
    jobs = [item.footprint for item in judged if item.footprint and item.finding.outcome is Outcome.UNKNOWN]
    remedies = dict.fromkeys(
        row.remedy for footprint in jobs for row in footprint.unavailable if row.remedy and not row.expected
    )
    return tuple(quoted(remedy) for remedy in list(remedies)[:_MOST_WAYS])


def _stop(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else words + "."
