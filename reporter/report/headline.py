"""The verdict in one sentence, why it stands, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reporter.domain.budget import Finding, Metric, Outcome, Verdict, too_close
from reporter.domain.carbon import Energy
from reporter.domain.footprint import Footprint
from reporter.domain.units import J_PER_KWH
from reporter.report.breakdown import hungriest_phase, machine, total
from reporter.report.format import (
    FEWEST_DIGITS,
    MISSING,
    Scale,
    amount,
    counted,
    duration,
    emission_scale,
    energy_scale,
    exact,
    interval,
    number,
    percent,
    power,
    supported_digits,
    unit_scale,
)
from reporter.report.prose import Line, Span, code, line, name, quoted, strong

ICONS = {
    Outcome.PASS: "✅",
    Outcome.WARN: "⚠️",
    Outcome.FAIL: "❌",
    Outcome.UNKNOWN: "❔",
    Outcome.NOT_JUDGED: "ℹ️",
    Outcome.NONE: "ℹ️",
}
CO2E = "CO₂e"
_MANY_TIMES = 10
_ONE_DIGIT_FROM_RATIO = 0.2
_LEADING_DIGIT_THAT_STANDS_ALONE = 3
_MOST_WAYS = 3
_BUDGETS = {Metric.EMISSIONS: "carbon", Metric.ENERGY: "energy"}


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding with the job it is about; None is the sum of all jobs."""

    finding: Finding
    footprint: Footprint | None


def is_modelled(footprints: Sequence[Footprint]) -> bool:
    """Whether none of the energy was metered."""
    return all(footprint.method in ("modelled", "estimate") for footprint in footprints)


def energy_digits(footprint: Footprint) -> int:
    """Digits of a job's energy: by repeatability where it was measured, else by the whole uncertainty."""
    energy = footprint.energy
    if footprint.method != "measured" or energy.repeat_low_j is None:
        return supported_digits(energy.it_j, energy.low_j, energy.high_j)
    return supported_digits(energy.it_j, energy.repeat_low_j, energy.repeat_high_j)


def repeat_range(energy: Energy) -> tuple[float | None, float | None]:
    """What a repeat would give, of the machine's energy in joules; the whole interval stands in where it is unknown."""
    if energy.repeat_low_j is None or energy.repeat_high_j is None:
        return energy.low_j, energy.high_j
    return energy.repeat_low_j, energy.repeat_high_j


def decisive(judged: Sequence[Judged], outcome: Outcome) -> Judged | None:
    """The finding that the verdict rests on: of its outcome, the one that uses most of its limit."""
    candidates = [item for item in judged if item.finding.outcome is outcome]
    return max(candidates, key=lambda item: used_ratio(item.finding) or 0.0, default=None)


def used_ratio(finding: Finding) -> float | None:
    """The share of the limit that was used; None where it was not measured, or the limit is 0."""
    return finding.observed / finding.limit if finding.observed is not None and finding.limit > 0 else None


def finding_amount(finding: Finding, value: float | None, *, about: bool = False) -> str:
    """A value in the rule's unit where that reads well, else in one that does; never equal to a limit that differs."""
    if value is None:
        return MISSING
    unit = finding.unit.partition("/")[0]
    scale = unit_scale(unit)
    digits = FEWEST_DIGITS if about else supported_digits(finding.observed, finding.low, finding.high)
    if value == finding.limit:
        return f"{exact(value)}\u202f{unit}"
    return amount(
        value * scale.base, _readable(finding, value), digits, about=about, apart_from=finding.limit * scale.base
    )


def finding_range(finding: Finding) -> str:
    """What a repeat would give, in the rule's unit."""
    if finding.low is None or finding.high is None:
        return ""
    base = unit_scale(finding.unit.partition("/")[0]).base
    scale = _readable(finding, finding.high)
    return interval(finding.low * base, finding.high * base, scale, apart_from=finding.limit * base)


def per_work(finding: Finding) -> str:
    """` per sample` for a budget on work, else nothing."""
    work = finding.unit.partition("/")[2]
    return f" per {name(work, 30)}" if work else ""


def title(footprints: Sequence[Footprint], verdict: Outcome, judged: Sequence[Judged]) -> Line:
    """The report's first sentence: verdict, number, which budget."""
    rest = decisive(judged, verdict)
    if len(footprints) != 1:
        return _title_of_many(footprints, verdict, judged, rest)
    if rest is None:
        return _unjudged(footprints, "budget not judged" if verdict is Outcome.UNKNOWN else "no budget set")
    return _title_of_one(footprints, rest, verdict)


def headline(footprints: Sequence[Footprint]) -> Line:
    """The energy and what it was used for; the emissions too unless the title has them."""
    if not footprints:
        return line("No footprint arrived.")
    energy_j = total([footprint.energy.facility_j for footprint in footprints])
    grams = total([footprint.emissions.gco2e for footprint in footprints])
    if energy_j is None:
        return line("Nothing could be metered or modelled; the reasons are below.")
    figures = [_energy_words(footprints, energy_j)]
    if grams is not None:
        figures.append(emissions_words(footprints, grams))
    words = line(strong(" · ".join(figures)))
    if len(footprints) > 1:
        return line(words, f" in {counted(len(footprints), 'job')}")
    where = machine(footprints[0])
    time_s = footprints[0].job.duration_s
    return line(
        words, f" in {duration(time_s)}" if time_s is not None else "", f" on {where}" if where else "", "."
    )


def reasons(judged: Sequence[Judged], outcome: Outcome) -> tuple[Line, ...]:
    """Why the verdict is no accident, or why there is none."""
    rest = decisive(judged, outcome)
    if rest is None:
        return ()
    finding = rest.finding
    limit = finding_amount(finding, finding.limit)
    again = finding_range(finding)
    if outcome is Outcome.FAIL and again:
        return (line(strong("Not noise:"), f" {again}{per_work(finding)} if run again; all above {limit}."),)
    if outcome is Outcome.WARN and too_close(finding):
        return (line(strong("Why no red:"), f" {again}{per_work(finding)} if run again; the limit of {limit} is inside."),)
    if outcome in (Outcome.WARN, Outcome.UNKNOWN):
        return (line(strong("Why:"), " ", quoted(_stop(finding.why))),)
    return ()


def ways_out(judged: Sequence[Judged], outcome: Outcome, config_hint: str | None) -> tuple[Line, ...]:
    """What turns the build green, the surest first."""
    if outcome is Outcome.UNKNOWN:
        return _remedies(judged)
    if outcome not in (Outcome.FAIL, Outcome.WARN):
        return ()
    over = [item for item in judged if item.finding.outcome is outcome]
    over.sort(key=lambda item: used_ratio(item.finding) or 0.0, reverse=True)
    several = len(over) > 1
    ways = [way for item in over[:_MOST_WAYS] if (way := _shorten(item, several=several))]
    place = line(code(config_hint)) if config_hint else line("where it is set")
    rules = " and ".join(dict.fromkeys(f"`{item.finding.rule}`" for item in over[:_MOST_WAYS]))
    return (*ways, line("Raise the limit ", quoted(rules), ": ", place, "."))


def emissions_words(footprints: Sequence[Footprint], grams: float) -> str:
    """Emissions for a sentence, `≈` where the energy is modelled or the place is not known."""
    vague = is_modelled(footprints) or any(not footprint.intensity.known for footprint in footprints)
    digits = FEWEST_DIGITS if vague else max(energy_digits(footprint) for footprint in footprints)
    return f"{amount(grams, emission_scale([grams]), digits, about=vague)} {CO2E}"


def _energy_words(footprints: Sequence[Footprint], energy_j: float) -> str:
    digits = max(energy_digits(footprint) for footprint in footprints)
    return amount(energy_j, energy_scale([energy_j]), digits, about=is_modelled(footprints))


def _title_of_one(footprints: Sequence[Footprint], rest: Judged, verdict: Outcome) -> Line:
    finding = rest.finding
    about = is_modelled(footprints)
    limit = finding_amount(finding, finding.limit)
    observed = finding_amount(finding, finding.observed, about=about)
    work = per_work(finding)
    gas = f" {CO2E}" if finding.metric is Metric.EMISSIONS else ""
    if verdict is Outcome.FAIL:
        return line(f"{_excess(finding)} the {_BUDGETS[finding.metric]} budget: {observed} of {limit}{work}")
    if verdict is Outcome.UNKNOWN:
        return line("Budget not judged: ", quoted(finding.why))
    if verdict is Outcome.WARN and too_close(finding):
        return line(f"Too close to call: {finding_range(finding)}{gas} against the {limit} budget{work}")
    used = used_ratio(finding)
    share = f"{percent(used)} of" if used is not None else "within"
    tail = ": nearly used up" if verdict is Outcome.WARN else ""
    return line(f"{observed}{gas}{work}, {share} the {limit} budget{tail}")


def _title_of_many(
    footprints: Sequence[Footprint], verdict: Outcome, judged: Sequence[Judged], rest: Judged | None
) -> Line:
    jobs = counted(len(footprints), "job")
    if rest is None:
        if not footprints:
            return line("No footprint arrived")
        known = _unjudged(footprints, "budget not judged" if verdict is Outcome.UNKNOWN else "no budget set")
        return line(f"{jobs}: ", known)
    if rest.footprint is None:
        return line(_title_of_one(footprints, rest, verdict), f", {jobs} together")
    same = {id(item.footprint) for item in judged if item.finding.outcome is verdict and item.footprint is not None}
    some = f"{len(same)} of {jobs}"
    worst = rest.finding
    named: tuple[str | Span, ...] = (code(name(rest.footprint.job.name, 48)),)
    if verdict is Outcome.FAIL:
        limit = finding_amount(worst, worst.limit)
        figures = f"{finding_amount(worst, worst.observed)} of {limit}{per_work(worst)}"
        return line(f"{some} over budget: ", *named, f" with {figures}")
    if verdict is Outcome.UNKNOWN:
        return line(f"{some} not judged: ", *named, " ", quoted(worst.why))
    if verdict is Outcome.WARN:
        state = "too close to call" if too_close(worst) else "near the limit"
        return line(f"{some} {state}: ", *named)
    grams = total([footprint.emissions.gco2e for footprint in footprints])
    words = "" if grams is None else f", {emissions_words(footprints, grams)} together"
    return line(f"All {jobs} within budget{words}" if len(same) == len(footprints) else f"{some} judged, within budget")


def _unjudged(footprints: Sequence[Footprint], tail: str) -> Line:
    energy_j = total([footprint.energy.facility_j for footprint in footprints])
    grams = total([footprint.emissions.gco2e for footprint in footprints])
    if energy_j is None:
        return line("No energy could be metered")
    if is_modelled(footprints):
        lows = total([footprint.energy.low_j for footprint in footprints])
        highs = total([footprint.energy.high_j for footprint in footprints])
        middle = total([footprint.energy.it_j for footprint in footprints])
        rough = lows is None or highs is None or not middle or (highs - lows) / 2 / middle > _ONE_DIGIT_FROM_RATIO
        scale = energy_scale([energy_j])
        leads = int(number(energy_j / scale.base, 1).lstrip("0.,")[:1] or 0)
        digits = 1 if rough and leads >= _LEADING_DIGIT_THAT_STANDS_ALONE else FEWEST_DIGITS
        return line(f"About {amount(energy_j, scale, digits)} (modelled), {tail}")
    gas = "" if grams is None else f" · {emissions_words(footprints, grams)}"
    return line(f"{_energy_words(footprints, energy_j)}{gas}, {tail}")


def _excess(finding: Finding) -> str:
    used = used_ratio(finding)
    if used is None:
        return "Over"
    return f"{number(used, FEWEST_DIGITS)} times" if used >= _MANY_TIMES else f"{percent(used - 1)} over"


def _readable(finding: Finding, value: float) -> Scale:
    scale = unit_scale(finding.unit.partition("/")[0])
    if not value or 0.01 <= abs(value) < 100_000:  # noqa: PLR2004
        return scale
    choose = emission_scale if finding.metric is Metric.EMISSIONS else energy_scale
    return choose([value * scale.base])


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
        target = finding_amount(finding, finding.observed * kept_ratio)
        return line(*whose, f"Use {percent(1 - kept_ratio)} less: it passes at {target}{per_work(finding)}.")
    passes_at = amount(facility_j * kept_ratio, energy_scale([facility_j]))
    phase = hungriest_phase(footprint)
    saved_j = facility_j * (1 - kept_ratio) / footprint.pue.ratio
    if phase is not None and phase.energy_j and saved_j < phase.energy_j:
        length_s = phase.end_s - phase.start_s
        cut_s = length_s * saved_j / phase.energy_j
        return line(
            *whose, "Shorten ", code(name(phase.label)), f", the largest phase, by about {duration(cut_s)}"
            f" (now {duration(length_s)} at {power(phase.energy_j / length_s)}): the job passes at {passes_at}.",
        )  # fmt: skip
    return line(
        *whose,
        f"Shorten the job: it passes at {passes_at}, about {duration(time_s * kept_ratio)} at this power"
        f" (now {duration(time_s)}).",
    )


def _remedies(judged: Sequence[Judged]) -> tuple[Line, ...]:
    jobs = [item.footprint for item in judged if item.footprint and item.finding.outcome is Outcome.UNKNOWN]
    remedies = dict.fromkeys(
        row.remedy for footprint in jobs for row in footprint.unavailable if row.remedy and not row.expected
    )
    return tuple(quoted(remedy) for remedy in list(remedies)[:_MOST_WAYS])


def _stop(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else words + "."


__all__ = ["CO2E", "ICONS", "J_PER_KWH", "Judged"]
