"""Why a verdict stands, and what turns it."""

from __future__ import annotations

from collections.abc import Sequence

from reporter.domain.budget import Finding, Outcome, too_close
from reporter.domain.phase import by_name, length_s
from reporter.report.breakdown import share_of
from reporter.report.format import at_most, duration, energy_scale, percent, power
from reporter.report.idle import idle_words
from reporter.report.phases import hungriest_phase
from reporter.report.prose import Line, Span, code, line, name, quoted, strong
from reporter.report.rules import Judged, decisive, finding_amount, finding_range, finding_target, per_work, used_ratio

_MOST_WAYS = 3
_ALMOST_ALL_RATIO = 0.8


def reasons(judged: Sequence[Judged], outcome: Outcome) -> tuple[Line, ...]:
    """Why the verdict is no accident, or why there is none, and which phase it rests on."""
    rest = decisive(judged, outcome)
    if rest is None:
        return ()
    alone = len({id(item.footprint) for item in judged}) == 1
    estimated = rest.footprint is not None and rest.footprint.method == "estimate"
    return (*(() if estimated else _standing(rest.finding, outcome)), *(_where(rest) if alone else ()))


def _standing(finding: Finding, outcome: Outcome) -> tuple[Line, ...]:
    limit = finding_amount(finding, finding.limit)
    again = finding_range(finding)
    if outcome is Outcome.FAIL and again:
        return (line(strong("Not noise:"), f" {again}{per_work(finding)} if run again; all above {limit}."),)
    if outcome is Outcome.WARN and too_close(finding):
        words = f" {again}{per_work(finding)} if run again; the limit of {limit} lies inside."
        return (line(strong("Not red:"), words),)
    if outcome in (Outcome.WARN, Outcome.UNKNOWN):
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


def ways_label(outcome: Outcome) -> str:
    """What the ways lead to."""
    words = {Outcome.FAIL: "To go green, one of", Outcome.UNKNOWN: "To have it judged"}
    return words.get(outcome, "To be clear of it, one of")


def ways_out(judged: Sequence[Judged], outcome: Outcome, config_hint: str | None) -> tuple[Line, ...]:
    """What turns the build green, the surest first."""
    if outcome is Outcome.UNKNOWN:
        return _remedies(judged)
    if outcome not in (Outcome.FAIL, Outcome.WARN):
        return ()
    over = [item for item in judged if item.finding.outcome is outcome]
    over.sort(key=lambda item: used_ratio(item.finding) or 0.0, reverse=True)
    several = len(over) > 1
    ways = [
        way
        for item in over[:_MOST_WAYS]
        for way in (_shorten(item, several=several), _employ(item, several=several))
        if way
    ]
    limits = dict.fromkeys((item.finding.rule, item.finding.origin or config_hint) for item in over)
    return (*ways, *(_raise(rule, origin) for rule, origin in list(limits)[:_MOST_WAYS]))


def _raise(rule: str, origin: str | None) -> Line:
    limit = line("Raise the limit ", code(name(rule)))
    if origin is None:
        return line(limit, " where it is set.")
    return line(limit, ": ", quoted(origin) if "`" in origin else code(name(origin)), ".")


def _shorten(item: Judged, *, several: bool) -> Line | None:
    finding, footprint = item.finding, item.footprint
    high = finding.observed if finding.high is None else finding.high
    if not high or finding.observed is None or high <= finding.limit:
        return None
    kept_ratio = finding.limit / high
    whose: tuple[str | Span, ...] = (code(name(footprint.job.name, 48)), ": ") if several and footprint else ()
    facility_j = footprint.energy.facility_j if footprint else None
    time_s = footprint.job.duration_s if footprint else None
    if per_work(finding) or not facility_j or not time_s or footprint is None:
        target = finding_target(finding, finding.observed * kept_ratio)
        return line(*whose, f"Use {percent(1 - kept_ratio)} less: it passes at {target}{per_work(finding)}.")
    passes_at = at_most(facility_j * kept_ratio, energy_scale([facility_j]))
    phase = hungriest_phase(footprint)
    saved_j = facility_j * (1 - kept_ratio) / footprint.pue.ratio
    if phase is not None and phase.energy_j and saved_j < phase.energy_j:
        now_s = length_s(phase)
        cut_s = now_s * saved_j / phase.energy_j
        return line(
            *whose, "Shorten ", code(name(phase.label)), f", the largest phase, by about {duration(cut_s)}"
            f" (now {duration(now_s)} at {power(phase.energy_j / now_s)}): the job passes at {passes_at}.",
        )  # fmt: skip
    return line(
        *whose,
        f"Shorten the job: it passes at {passes_at}, about {duration(time_s * kept_ratio)} at this power"
        f" (now {duration(time_s)}).",
    )


def _employ(item: Judged, *, several: bool) -> Line | None:
    """Where GPUs that computed nothing took at least what is too much."""
    finding, footprint = item.finding, item.footprint
    high = finding.observed if finding.high is None else finding.high
    if not high or footprint is None or not footprint.energy.it_j or high <= finding.limit:
        return None
    words = idle_words(footprint)
    if words is None or (footprint.energy.idle_j or 0.0) < footprint.energy.it_j * (1 - finding.limit / high):
        return None
    whose: tuple[str | Span, ...] = (code(name(footprint.job.name, 48)), ": ") if several else ()
    return line(*whose, "Leave no GPU without work: while they computed nothing they took ", words, ".")


def _remedies(judged: Sequence[Judged]) -> tuple[Line, ...]:
    jobs = [item.footprint for item in judged if item.footprint and item.finding.outcome is Outcome.UNKNOWN]
    remedies = dict.fromkeys(
        row.remedy for footprint in jobs for row in footprint.unavailable if row.remedy and not row.expected
    )
    return tuple(quoted(remedy) for remedy in list(remedies)[:_MOST_WAYS])


def _stop(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else words + "."
