"""What replaced factors changed, a line for each: the factor before and now, and the emissions before and now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reporter.domain.carbon import Intensity, Pue
from reporter.domain.footprint import Footprint, add
from reporter.domain.recomputed import INTENSITY, Change, changes
from reporter.report.format import (
    FEWEST_DIGITS,
    MOST_DIGITS,
    NARROW,
    amount,
    counted,
    emission_scale,
    energy_scale,
    exact,
    number,
)
from reporter.report.headline import CO2E, energy_digits, is_mostly_modelled
from reporter.report.prose import Line, line, name, strong
from reporter.report.provenance import grid_words, intensity_words, pue_words

_MOST_CHANGES = 6


def recomputed(footprints: Sequence[Footprint]) -> Iterator[Line]:
    """One line per changed factor, and one that says what stays: the machine's energy."""
    anew = [footprint for footprint in footprints if footprint.recomputed is not None]
    if not anew:
        return
    yield line(strong("Recomputed with other factors"), _tables(anew), f"; {_energy(anew)}")
    groups: dict[str, list[Change]] = {}
    for footprint in anew:
        for change in changes(footprint):
            groups.setdefault(_factor(footprint, change), []).append(change)
    for words, rows in list(groups.items())[:_MOST_CHANGES]:
        who = "" if len(footprints) == 1 else f" in {counted(len(rows), 'job')}"
        yield line(f"{words}{who}: ", _grams(rows, about=is_mostly_modelled(anew)), ".")
    if len(groups) > _MOST_CHANGES:
        yield line(f"{len(groups) - _MOST_CHANGES} more changes of factors are in the footprints.")
    yield from _first(anew)
    if any(is_mixed([row.recomputed.intensity, row.intensity]) for row in anew if row.recomputed is not None):
        yield line("Direct and life-cycle factors count differently, so the grams do not compare: compare energy.")


def _first(anew: Sequence[Footprint]) -> Iterator[Line]:
    """What was said when it was made, where it had been recomputed before already."""
    rows = [row.recomputed.first for row in anew if row.recomputed is not None and row.recomputed.first is not None]
    if not rows:
        return
    grams = add([row.emissions.gco2e for row in rows])
    said = f"{amount(grams, emission_scale([grams]), FEWEST_DIGITS, about=is_mostly_modelled(anew))} {CO2E}"
    if len(anew) == 1:
        factors = f"{intensity_words(rows[0].intensity)} ({grid_words(rows[0].intensity)})"
        pue = f"PUE {exact(round(rows[0].pue.ratio, 3))} ({pue_words(rows[0].pue)})"
        yield line(f"It had been recomputed before. When it was made it said {said}: {factors}, {pue}.")
    else:
        whose = f"{counted(len(rows), 'job')} had been recomputed before"
        yield line(f"{whose}. When made they said {said} together.")


def is_mixed(intensities: Sequence[Intensity]) -> bool:
    """Whether some of these factors are direct and some life-cycle."""
    return {"direct", "lifecycle"} <= {intensity.scope for intensity in intensities}


def _factor(footprint: Footprint, change: Change) -> str:
    before = footprint.recomputed
    assert before is not None  # noqa: S101  (only such footprints have changes) # nosec B101
    if change.factor == INTENSITY:
        return _intensity(before.intensity, footprint.intensity)
    return _pue(before.pue, footprint.pue)


def _intensity(before: Intensity, now: Intensity) -> str:
    old, new = before.gco2e_per_kwh, now.gco2e_per_kwh
    words, others = grid_words(before), grid_words(now)
    if old == new:
        values = f"still {_tenths(new)}"
    else:
        values = f"{_tenths(old, apart_from=new)} → {_tenths(new, apart_from=old)}"
    return f"Intensity {values}{NARROW}g/kWh ({words if words == others else f'{words} → {others}'})"


def _pue(before: Pue, now: Pue) -> str:
    old, new = before.ratio, now.ratio
    words, others = pue_words(before), pue_words(now)
    values = (
        f"still {number(new, 4)}"
        if old == new
        else f"{number(old, 4, apart_from=new)} → {number(new, 4, apart_from=old)}"
    )
    return f"PUE {values} ({words if words == others else f'{words} → {others}'})"


def _tenths(gco2e_per_kwh: float, *, apart_from: float | None = None) -> str:
    return number(gco2e_per_kwh, 4 if gco2e_per_kwh >= 100 else 3, apart_from=apart_from)  # noqa: PLR2004


def _grams(rows: Sequence[Change], *, about: bool) -> str:
    before, after = add([row.before_gco2e for row in rows]), add([row.after_gco2e for row in rows])
    if before is None or after is None:
        return "emissions are not known"
    scale = emission_scale([before, after])
    digits = FEWEST_DIGITS if about else MOST_DIGITS
    now = amount(after, scale, digits, about=about, apart_from=before)
    then = amount(before, scale, digits, about=about, apart_from=after)
    if before == after:
        return f"{now} {CO2E} as before"
    return f"{now} instead of {then} {CO2E}"


def _tables(anew: Sequence[Footprint]) -> str:
    pairs = {
        (row.recomputed.tool.factors_version, row.tool.factors_version) for row in anew if row.recomputed is not None
    }
    if len(pairs) != 1:
        return ""
    ((before, now),) = pairs
    if before == now or now is None:
        return ""
    return f" (tables {name(now, 40)}" + (f" instead of {name(before, 40)})" if before else ")")


def _energy(anew: Sequence[Footprint]) -> str:
    it_j = add([row.energy.it_j for row in anew])
    if it_j is None:
        return "the machine's energy is not known."
    digits = max(energy_digits(row) for row in anew)
    same = amount(it_j, energy_scale([it_j]), digits, about=is_mostly_modelled(anew))
    return f"the machine's energy is the same, {same}."
