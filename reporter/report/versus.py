"""A job against its base in words: how much more or less, beyond noise or not, and what caused it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from reporter.domain.comparison import Cause, Comparison, Kind, comparison
from reporter.domain.footprint import Footprint
from reporter.domain.run_record import RecordedPhase
from reporter.report.format import (
    FEWEST_DIGITS,
    MINUS,
    Column,
    Scale,
    amount,
    column,
    count,
    duration,
    emission_scale,
    energy_scale,
    in_column,
    number,
    percent,
    power,
)
from reporter.report.prose import Line, code, line, name, quoted, strong

SAME = "±0"
UNCLEAR = "no clear change"
NEW = "new"
NO_RUN = "no run of this job"
_LONGEST_LABEL = 30
_LEAST_SHARE_RATIO = 0.05
"""A cause, or what other factors did, below this share of the whole is not worth a reader's time."""
_MOST_RATIO, _ALMOST_ALL_RATIO = 0.6, 0.9
_LONGER_RATIO = 1.05
_MOST_CHANGED = 3


def label_of(footprints: Sequence[Footprint]) -> str:
    """What the base is called, `main`; empty where no job is held against one."""
    return next((name(row.baseline.label, _LONGEST_LABEL) for row in footprints if row.baseline is not None), "")


def is_changed(footprint: Footprint) -> bool:
    """Whether the job takes clearly more or less than its base."""
    found = comparison(footprint)
    return found is not None and found.clear


def cell(footprint: Footprint, beside: Column) -> str:
    """The comparison column of a row: `+0.69 kWh (+36 %)`, or why there is none."""
    found, base = comparison(footprint), footprint.baseline
    if base is None:
        return ""
    if found is None:
        why = base.why_not or "not comparable"
        return NEW if why.startswith(NO_RUN) else name(why.partition(":")[0], _LONGEST_LABEL)
    if not found.it_j:
        return SAME
    if not found.clear:
        return UNCLEAR
    return f"{signed_energy(found.facility_j, beside)}{_brackets(found.ratio)}"


def difference(footprint: Footprint, *, grams: bool) -> str:
    """The difference in few words: `+14 g against main`; nothing where it is not clear."""
    found = comparison(footprint)
    if found is None or not found.clear:
        return ""
    gas = signed(found.gco2e, emission_scale([found.gco2e]))
    words = gas if grams else signed_energy(found.facility_j, energies(found))
    return f"{words} against {name(found.baseline.label, _LONGEST_LABEL)}"


def change_lines(footprint: Footprint) -> tuple[Line, ...]:
    """What changed against the base and why, or why that cannot be said; nothing where the job has no base."""
    base, found = footprint.baseline, comparison(footprint)
    if base is None:
        return ()
    against = strong(f"Against {name(base.label, _LONGEST_LABEL)}:")
    if found is None:
        return (line(against, " ", quoted(_stop(base.why_not or "not comparable"))),)
    if not found.clear:
        words = SAME if not found.it_j else f"{UNCLEAR} ({signed_percent(found.ratio)})"
        return (line(against, f" {words}; the noise is {_noise(found)}."), *_factors(found, footprint))
    causes = _listed([_cause(cause, found, footprint) for cause in _worth(found)])
    phase = _phase(found)
    why = line(strong("Why:"), " ", phase, f" In all: {causes}." if phase else f"{causes}.")
    beyond = line(*_each(footprint, found), f"Beyond the noise ({_noise(found)}).")
    return (why, beyond, *_factors(found, footprint))


def changes_of_many(ordered: Sequence[Footprint]) -> tuple[Line, ...]:
    """The clearest changes among several jobs, one line each."""
    changed = [(found, row) for row in ordered if (found := comparison(row)) is not None and found.clear]
    changed.sort(key=lambda pair: -abs(pair[0].facility_j))
    return tuple(_one_of_many(found, row) for found, row in changed[:_MOST_CHANGED])


def signed(value: float, scale: Scale) -> str:
    """A difference with its sign and two digits: `+14 g`."""
    return f"{_sign(value)}{amount(abs(value), scale, FEWEST_DIGITS)}"


def signed_energy(value_j: float, beside: Column) -> str:
    """A difference of energies, as fine as the energies themselves: `−0.08 kWh`; in a finer unit if it were 0 there."""
    shown = in_column(abs(value_j), beside, digits=FEWEST_DIGITS)
    return f"{_sign(value_j)}{shown}" if abs(value_j) >= 10.0**-beside.decimals * beside.scale.base else _fine(value_j)


def energies(found: Comparison) -> Column:
    """The column that the energies of base and job stand in, with the building's share."""
    ratio = found.facility_j / found.it_j if found.it_j else 1.0
    then_j = (found.baseline.it_j or 0.0) * ratio
    both = [then_j, then_j + found.facility_j]
    return column(both, energy_scale(both))


def _fine(value_j: float) -> str:
    return signed(value_j, energy_scale([value_j]))


def _sign(value: float) -> str:
    return "+" if value > 0 else MINUS if value < 0 else "±"


def signed_percent(ratio: float | None) -> str:
    """A relative difference: `+36 %`; nothing where the base is zero."""
    if ratio is None:
        return ""
    return f"{_sign(ratio)}{percent(abs(ratio))}" if ratio else SAME


def grown_phase(footprint: Footprint) -> tuple[str | None, str]:
    """The phase that took most more than in the base, and how long it was there; None where the job did not grow."""
    found = comparison(footprint)
    if found is None or not found.clear or found.it_j <= 0 or not found.phases or found.phases[0].it_j <= 0:
        return None, ""
    first = found.phases[0]
    label, then, now = name(found.baseline.label, _LONGEST_LABEL), first.before, first.after
    if then is None:
        return first.label, f"not there on {label}"
    longer = now is not None and (now.duration_s or 0.0) > _LONGER_RATIO * (then.duration_s or 0.0)
    return first.label, f"{duration(then.duration_s)} on {label}" if longer else f"which grew most against {label}"


def _one_of_many(found: Comparison, footprint: Footprint) -> Line:
    causes = _listed([_cause(cause, found, footprint) for cause in _worth(found)])
    much = f"{signed_energy(found.facility_j, energies(found))}{_brackets(found.ratio)}"
    return line(code(name(footprint.job.name, 48)), f" {much}: ", _phase(found) or f"{causes}.")


def _brackets(ratio: float | None) -> str:
    return "" if ratio is None else f" ({signed_percent(ratio)})"


def _noise(found: Comparison) -> str:
    base = found.baseline
    runs = f"{base.runs} runs" if base.spread_ratio is not None else "meters alone, 1 run each"
    if base.spread_ratio is None and base.runs > 1:
        runs = f"meters alone, {base.runs} runs"
    return f"±{percent(found.noise_j / base.it_j if base.it_j else None)}, {runs}"


def _worth(found: Comparison) -> list[Cause]:
    """The causes that matter, largest first; always one."""
    causes = sorted(found.causes, key=lambda cause: -abs(cause.it_j))
    whole_j = sum(abs(cause.it_j) for cause in causes)
    return [cause for index, cause in enumerate(causes) if not index or abs(cause.it_j) >= _LEAST_SHARE_RATIO * whole_j]


def _cause(cause: Cause, found: Comparison, footprint: Footprint) -> str:
    return f"{_what(cause, footprint)} ({signed_energy(cause.it_j * footprint.pue.ratio, energies(found))})"


def _what(cause: Cause, footprint: Footprint) -> str:
    before, after = cause.before, cause.after
    base, time_s = footprint.baseline, footprint.job.duration_s
    if cause.kind is Kind.PACE and base is not None and (cause.unit, _done(footprint, cause.unit)) in base.units:
        before, after, cause = base.duration_s, time_s, replace(cause, kind=Kind.TIME)  # the same work
    if before is None or after is None or cause.kind is Kind.OTHER:
        return "more energy" if cause.it_j > 0 else "less energy"
    unit = name(cause.unit or "", _LONGEST_LABEL)
    by = percent(abs(after / before - 1)) if before else ""
    match cause.kind:
        case Kind.TIME:
            return f"{duration(abs(after - before))} {'longer' if after > before else 'shorter'}"
        case Kind.WORK:
            more = "more" if after > before else "less"
            return f"{by} {more} work ({count(after)} {_plural(unit)}, was {count(before)})"
        case Kind.PACE:
            return f"{by} {'more' if after > before else 'less'} time per {unit}"
        case Kind.POWER:
            return f"{by} {'higher' if after > before else 'lower'} power"
        case _:
            scale = energy_scale([before * footprint.pue.ratio, after * footprint.pue.ratio])
            return f"{'more' if after > before else 'less'} idling, now {amount(after * footprint.pue.ratio, scale)}"


def _done(footprint: Footprint, unit: str | None) -> float | None:
    return next((row.count for row in footprint.per_unit if row.unit == unit), None)


def _each(footprint: Footprint, found: Comparison) -> Iterator[str]:
    """Where the same work was done: what one unit of it takes now and took then."""
    for unit, before in found.baseline.units:
        if before and _done(footprint, unit) == before and found.baseline.it_j is not None:
            then_j = found.baseline.it_j * footprint.pue.ratio / before
            now_j = then_j + found.facility_j / before
            scale = energy_scale([now_j, then_j])
            each = f"{amount(now_j, scale)} each, was {amount(then_j, scale)}"
            yield f"Same {count(before)} {_plural(name(unit, _LONGEST_LABEL))}: {each}. "
            return


def _plural(unit: str) -> str:
    return unit if unit.endswith("s") else f"{unit}s"


def _phase(found: Comparison) -> Line:
    """The phase that most of the difference lies in; empty where it is spread."""
    if len(found.phases) < 2 or not found.it_j:  # noqa: PLR2004
        return line()
    first = found.phases[0]
    share_ratio = first.it_j / found.it_j
    if share_ratio < _MOST_RATIO:
        return line()
    much = "almost all" if share_ratio >= _ALMOST_ALL_RATIO else "most"
    return line(
        f"{much} of it is phase ", code(name(first.label, 48)), f": {_then_and_now(first.before, first.after)}."
    )


def _then_and_now(then: RecordedPhase | None, now: RecordedPhase | None) -> str:
    """How a phase changed: in its length, or in its power where that changed more."""
    if then is None or now is None:
        return "new" if then is None else "gone"
    if then.duration_s and now.duration_s and then.energy_j and now.energy_j:
        longer_ratio = now.duration_s / then.duration_s
        stronger_ratio = now.energy_j / then.energy_j / longer_ratio
        if abs(math.log(stronger_ratio)) > abs(math.log(longer_ratio)):
            return f"{power(now.energy_j / now.duration_s)}, was {power(then.energy_j / then.duration_s)}"
    return f"{duration(now.duration_s)}, was {duration(then.duration_s)}"


def _factors(found: Comparison, footprint: Footprint) -> Iterator[Line]:
    """What other factors did to the emissions: told apart, since the change is not to be praised or blamed for it."""
    base, gco2e = found.baseline, footprint.emissions.gco2e
    if found.grid_gco2e is None or found.pue_gco2e is None or not gco2e or base.pue_ratio is None:
        return
    told = []
    if abs(found.grid_gco2e) >= _LEAST_SHARE_RATIO * gco2e:
        now = number(footprint.intensity.gco2e_per_kwh)
        much = signed(found.grid_gco2e, emission_scale([found.grid_gco2e]))
        told.append(f"the grid factor, {now} g/kWh, was {number(base.gco2e_per_kwh)} ({much})")
    if abs(found.pue_gco2e) >= _LEAST_SHARE_RATIO * gco2e:
        much = signed(found.pue_gco2e, emission_scale([found.pue_gco2e]))
        told.append(f"the PUE, {number(footprint.pue.ratio)}, was {number(base.pue_ratio)} ({much})")
    if told:
        yield line(strong("Not in the difference:"), f" {_listed(told)}.")


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def _stop(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."
