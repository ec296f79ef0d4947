"""The verdict in one sentence, and the number behind it."""

from __future__ import annotations

from collections.abc import Sequence

from reporter.domain.budget import Finding, Kind, Metric, Outcome, too_close
from reporter.domain.carbon import Energy
from reporter.domain.footprint import Footprint, cut_off, unread, unread_gpus
from reporter.domain.stopped import WHY, stopped_by
from reporter.report.breakdown import known_sum, machine
from reporter.report.format import (
    FEWEST_DIGITS,
    amount,
    counted,
    duration,
    emission_scale,
    energy_scale,
    percent,
    supported_digits,
)
from reporter.report.prose import Line, code, line, name, quoted, strong
from reporter.report.rules import (
    Judged,
    decisive,
    excess,
    finding_amount,
    finding_range,
    mildly,
    only_warns,
    per_work,
    used_ratio,
)

ICONS = {
    Outcome.PASS: "✅",
    Outcome.WARN: "⚠️",
    Outcome.FAIL: "❌",
    Outcome.UNKNOWN: "❔",
    Outcome.NOT_JUDGED: "ℹ️",
    Outcome.NONE: "ℹ️",
}
CO2E = "CO₂e"
_AT_LEAST = "≥ "
_ONE_DIGIT_FROM_RATIO = 0.2
_ONE_DIGIT_WITHIN_RATIO = 0.08
"""So near must one digit come, or the title would contradict the line below it."""
_BUDGETS = {Metric.EMISSIONS: "carbon", Metric.ENERGY: "energy"}


def is_modelled(footprints: Sequence[Footprint]) -> bool:
    """Whether none of the energy was metered."""
    return all(footprint.method in ("modelled", "estimate") for footprint in footprints)


def is_mostly_modelled(footprints: Sequence[Footprint]) -> bool:
    """Whether less than half of the energy was metered: its figures then bear a `≈`."""
    known = [(footprint.energy.it_j or 0.0, footprint.energy.measured_ratio or 0.0) for footprint in footprints]
    metered_j = sum(it_j * measured_ratio for it_j, measured_ratio in known)
    return is_modelled(footprints) or metered_j < sum(it_j for it_j, _ in known) / 2


def is_estimate(footprints: Sequence[Footprint]) -> bool:
    """Whether nothing was even modelled from readings: all is declared."""
    return all(footprint.method == "estimate" for footprint in footprints)


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


def title(footprints: Sequence[Footprint], verdict: Outcome, judged: Sequence[Judged], *, difference: str = "") -> Line:
    """The report's first sentence: verdict, number, which budget, `difference` to the base."""
    rest = decisive(judged, verdict)
    if len(footprints) != 1:
        return _title_of_many(footprints, verdict, judged, rest)
    if rest is None:
        words = _unjudged(footprints, "budget not judged" if verdict is Outcome.UNKNOWN else "no budget set")
    else:
        words = _title_of_one(footprints, rest, verdict)
    words = line(words, f", {difference}" if difference else "")
    # A green mark for the budget must not be read as one for the job.
    failed = footprints[0].job.exit_status and stopped_by(footprints[0].flags) is None
    return line(words, ", but the command failed") if failed else words


def headline(footprints: Sequence[Footprint]) -> Line:
    """The energy and what it was used for; the emissions too unless the title has them."""
    if not footprints:
        return line("No footprint arrived.")
    shown = figures(footprints)
    if not shown:
        return line("Nothing could be metered or modelled; the reasons are below.")
    words = line(strong(f"At least {shown.removeprefix(_AT_LEAST)}" if shown.startswith(_AT_LEAST) else shown))
    if len(footprints) > 1:
        return line(words, f" in {counted(len(footprints), 'job')}.")
    where = machine(footprints[0])
    time_s = footprints[0].job.duration_s
    return line(words, f" in {duration(time_s)}" if time_s is not None else "", f" on {where}" if where else "", ".")


def figures(footprints: Sequence[Footprint]) -> str:
    """Energy and emissions in a few characters, `≥ ` before them where something was not read; empty: not known."""
    energy_j = known_sum([footprint.energy.facility_j for footprint in footprints])
    grams = known_sum([footprint.emissions.gco2e for footprint in footprints])
    if energy_j is None:
        return ""
    words = [_energy_words(footprints, energy_j)]
    if grams is not None:
        words.append(emissions_words(footprints, grams))
    partial = any(footprint.energy.facility_j is None or unread(footprint) for footprint in footprints)
    return (_AT_LEAST if partial else "") + " · ".join(words)


def emissions_words(footprints: Sequence[Footprint], grams: float) -> str:
    """Emissions for a sentence, `≈` where the energy is modelled or the place is not known."""
    vague = is_mostly_modelled(footprints) or any(not footprint.intensity.known for footprint in footprints)
    digits = FEWEST_DIGITS if vague else max(energy_digits(footprint) for footprint in footprints)
    return f"{amount(grams, emission_scale([grams]), digits, about=vague)} {CO2E}"


def _energy_words(footprints: Sequence[Footprint], energy_j: float) -> str:
    digits = max(energy_digits(footprint) for footprint in footprints)
    return amount(energy_j, energy_scale([energy_j]), digits, about=is_mostly_modelled(footprints))


def _title_of_one(footprints: Sequence[Footprint], rest: Judged, verdict: Outcome) -> Line:
    finding = rest.finding
    about = is_mostly_modelled(footprints)
    limit = finding_amount(finding, finding.limit)
    observed = finding_amount(finding, finding.observed, about=about)
    work = per_work(finding)
    gas = f" {CO2E}" if finding.metric is Metric.EMISSIONS else ""
    if verdict in (Outcome.UNKNOWN, Outcome.NOT_JUDGED):
        return line("Budget not judged: ", _unknown_because(rest))
    if finding.kind is not Kind.LIMIT:
        from reporter.report import ruling  # noqa: PLC0415  (most rules are limits)

        return ruling.title(rest)
    if finding.why.startswith(WHY):
        return line(
            f"Stopped at {observed} of the {limit} {_BUDGETS[finding.metric]} budget: ",
            quoted(finding.why.removeprefix(WHY)),
        )
    if verdict is Outcome.FAIL or only_warns(finding):
        tail = mildly(finding) if verdict is Outcome.WARN else ""
        return line(f"{excess(finding)} the {_BUDGETS[finding.metric]} budget: {observed} of {limit}{work}{tail}")
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
        together = "" if rest.finding.kind is Kind.SUM else f", {jobs} together"
        return line(_title_of_one(footprints, rest, verdict), together)
    same = {id(item.footprint) for item in judged if item.finding.outcome is verdict and item.footprint is not None}
    some = f"{len(same)} of {jobs}"
    if verdict is Outcome.PASS:
        grams = known_sum([footprint.emissions.gco2e for footprint in footprints])
        words = "" if grams is None else f", {emissions_words(footprints, grams)} together"
        return line(f"All {jobs}" if len(same) == len(footprints) else some, f" within budget{words}")
    worst = rest.finding
    figures = f"{finding_amount(worst, worst.observed)} of {finding_amount(worst, worst.limit)}{per_work(worst)}"
    if worst.kind is not Kind.LIMIT:
        from reporter.report import ruling  # noqa: PLC0415

        figures = ruling.brief(rest)
    why = line(", ", _unknown_because(rest))
    state, tail = {
        Outcome.FAIL: (" over budget: ", line(f" with {figures}")),
        Outcome.UNKNOWN: (" not judged: ", why),
        Outcome.NOT_JUDGED: (" not judged: ", why),
    }.get(verdict, (_warned(worst), line(f" with {figures}")))
    return line(some, state, code(name(rest.footprint.job.name, 48)), tail)


def _warned(finding: Finding) -> str:
    if too_close(finding):
        return " too close to call: "
    if not only_warns(finding):
        return " near the limit: "
    return " over a limit that only warns: " if finding.override is None else " over budget, accepted: "


def _unjudged(footprints: Sequence[Footprint], tail: str) -> Line:
    energy_j = known_sum([footprint.energy.facility_j for footprint in footprints])
    grams = known_sum([footprint.emissions.gco2e for footprint in footprints])
    if energy_j is None:
        return line("No energy could be metered")
    if is_modelled(footprints):
        lows = known_sum([footprint.energy.low_j for footprint in footprints])
        highs = known_sum([footprint.energy.high_j for footprint in footprints])
        middle = known_sum([footprint.energy.it_j for footprint in footprints])
        rough = lows is None or highs is None or not middle or (highs - lows) / 2 / middle > _ONE_DIGIT_FROM_RATIO
        scale = energy_scale([energy_j])
        shown = energy_j / scale.base
        near = bool(shown) and abs(float(f"{shown:.0e}") / shown - 1) <= _ONE_DIGIT_WITHIN_RATIO
        digits = 1 if rough and near else FEWEST_DIGITS
        how = "estimated" if is_estimate(footprints) else "modelled"
        return line(f"About {amount(energy_j, scale, digits)} ({how}), {tail}")
    gas = "" if grams is None else f" · {emissions_words(footprints, grams)}"
    return line(f"{_energy_words(footprints, energy_j)}{gas}, {tail}")


def _unknown_because(rest: Judged) -> Line:
    gpus = len(unread_gpus(rest.footprint)) if rest.footprint else 0
    if gpus and rest.finding.observed is not None:
        return line(f"{counted(gpus, 'GPU')} could not be read")
    if rest.footprint and rest.finding.observed is not None and cut_off(rest.footprint):
        return line("it was not metered to its end")
    return quoted(rest.finding.why)
