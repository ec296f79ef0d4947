"""What a reader must know before judging: a failed command, missing jobs, gaps, trouble of the reporter's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reporter.domain.budget import Outcome
from reporter.domain.carbon import ENOUGH_RATIO
from reporter.domain.claim import TRUSTED_LABEL, is_claim
from reporter.domain.footprint import Footprint, cut_off
from reporter.domain.readings import Component, Method
from reporter.domain.stopped import stopped_by
from reporter.report.format import amount, count, counted, energy_scale, interval, percent
from reporter.report.headline import energy_digits, is_estimate, is_modelled
from reporter.report.proof import proofs
from reporter.report.prose import Line, code, line, name, quoted, strong
from reporter.report.recomputed import is_mixed, recomputed
from reporter.report.table import ended

REPLAYED = "replayed:"
"""The flag of a recording played back; its file's name follows."""
_MOST_NOTICES = 8
_MOST_UNITS = 3
_MOST_MISSING_NAMES = 10


def remarks(
    ordered: Sequence[Footprint], notices: Sequence[str], missing: Sequence[str], *, hosted: bool
) -> tuple[Line, ...]:
    """Sentences for below the headline; `missing` names jobs that sent no footprint."""
    said = [*_claims(ordered), *proofs(ordered), *_estimates(ordered), *_replays(ordered)]
    said += (quoted(notice) for notice in notices[:_MOST_NOTICES])
    said += _endings(ordered)
    said += list(_repeats(ordered))[:_MOST_NOTICES]
    said += recomputed(ordered)
    if is_mixed([row.intensity for row in ordered]):
        said.append(line("Some of the jobs' grid factors are direct, some life-cycle: the sum of grams mixes the two."))
    if len(ordered) == 1:
        said += _per_unit(ordered[0])
    said += list(_gaps(ordered))[:_MOST_NOTICES]
    if missing:
        said.append(_missing(missing))
    if hosted and ordered and is_modelled(ordered) and not is_estimate(ordered):
        meterless = "This runner exposes no power meter, so energy is modelled from CPU use."
        said.append(line(meterless, " Good for trends, not for small differences."))
    return tuple(said)


def _claims(ordered: Sequence[Footprint]) -> Iterator[Line]:
    """Nobody is to take the word of a stranger's code for a measurement."""
    rows = [row for row in ordered if is_claim(row)]
    if not rows:
        return
    which = "" if len(rows) == len(ordered) else f" ({counted(len(rows), 'job')} of {len(ordered)})"
    label = strong(f"Reported by an unprivileged run{which}:")
    words = " the figures are the word of the pull request's own code"
    if all(row.verdict.why is None for row in rows):
        yield line(label, f"{words}.")
        return
    yield line(
        label, f"{words}, so they let nothing pass. Measure again in this repository, or look at the commit and set "
        "the label ", code(TRUSTED_LABEL), ".",
    )  # fmt: skip


def _repeats(ordered: Sequence[Footprint]) -> Iterator[Line]:
    """Jobs whose rules were judged by more than the run that the figures are of."""
    repeated = [row for row in ordered if row.repeats]
    if not repeated:
        return
    from reporter.domain.repeat import run_energies  # noqa: PLC0415  (hardly any job runs again)

    for row in repeated:
        energies = run_energies(row)
        if not energies:
            continue
        scale = energy_scale(energies)
        span = interval(min(energies), max(energies), scale)
        whose = "" if len(ordered) == 1 else f" of {name(row.job.name, 48)}"
        yield line(strong(f"{counted(len(energies), 'run')}{whose}:"), f" {span}. Rules are judged by their mean.")
        if failed := next((each for each in row.repeats if each.exit_status), None):
            yield line(f"A further run{whose} ended with status {failed.exit_status}.")


def _estimates(ordered: Sequence[Footprint]) -> Iterator[Line]:
    """Nobody is to take an estimate for a measurement."""
    estimated = [row for row in ordered if row.method == "estimate"]
    if estimated and len(ordered) == 1:
        yield line("Estimated from declared figures: nothing was measured.")
    elif estimated:
        verb = "was" if len(estimated) == 1 else "were"
        yield line(f"{counted(len(estimated), 'job')} of {len(ordered)} {verb} not measured but estimated.")


def _replays(ordered: Sequence[Footprint]) -> Iterator[Line]:
    """Nobody is to take a recording that was played back for a measurement."""
    played = [flag.partition(":")[2] for row in ordered for flag in row.flags if flag.startswith(REPLAYED)]
    if played and len(ordered) == 1:
        yield line(strong(f"Played back from {name(played[0], 40)}: nothing was measured on this machine."))
    elif played:
        yield line(strong(f"{counted(len(played), 'job')} of {len(ordered)} played a recording back: not measured."))


def _endings(ordered: Sequence[Footprint]) -> Iterator[Line]:
    stopped = [(row, by) for row in ordered if (by := stopped_by(row.flags))]
    if stopped:
        _, by = stopped[0]
        who = "The command" if len(ordered) == 1 else f"{counted(len(stopped), 'job')} of {len(ordered)}"
        yield line(strong(f"{who} did not come to an end:"), f" ended by the budget {name(by.rule)} ({name(by.why)}).")
    failed = [row for row in ordered if row.job.exit_status not in (0, None) and not stopped_by(row.flags)]
    killed = [row for row in ordered if cut_off(row)]
    if len(ordered) != 1:
        for rows, noun, verb in ((failed, "command", "failed"), (killed, "job", "did not finish")):
            if rows:
                whose = "its" if len(rows) == 1 else "their"
                yield line(f"{counted(len(rows), noun)} {verb}; {whose} energy still counts.")
    elif failed:
        yield line(f"The {ended(failed[0])}; its energy still counts.")
    elif killed:
        yield line("The job was cut off; what was recorded until then counts.")
    elif ordered[0].verdict.outcome is Outcome.FAIL and not stopped and ordered[0].job.exit_status == 0:
        yield line("The command succeeded; only the budget failed.")


def _gaps(ordered: Sequence[Footprint]) -> Iterator[Line]:
    for footprint in ordered:
        for row in footprint.unavailable:
            # A part of a source that was read otherwise: one of two processors, say.
            if ":" in row.source and not row.expected and row.component is not Component.GPU:
                yield line(strong(f"{name(row.source, 40)} was not read: the total is too low."))
        modelled = {meter.component for meter in footprint.meters if meter.included and meter.method is Method.MODELLED}
        for meter in footprint.meters:
            if meter.included and meter.energy_j is None and meter.component not in modelled:
                yield line(strong(f"{name(meter.label, 40)} gave no reading: the total is too low."))
            elif meter.included and meter.coverage_ratio is not None and meter.coverage_ratio < ENOUGH_RATIO:
                words = f"{name(meter.label, 40)} was read for only {percent(meter.coverage_ratio)} of the time."
                yield line(strong(words))


def _missing(missing: Sequence[str]) -> Line:
    names = [name(label, 40) for label in missing[:_MOST_MISSING_NAMES]]
    rest = len(missing) - len(names)
    named = line(*(part for label in names for part in (code(label), ", ")))
    more = f" and {rest} more" if rest else ""
    label = strong(f"{counted(len(missing), 'job')} sent no footprint:")
    return line(label, " ", Line(named.spans[:-1]), f"{more}.")


def _per_unit(footprint: Footprint) -> Iterator[Line]:
    """With the building's share, as every energy of the report but those of the parts."""
    about, told = is_modelled([footprint]), []
    for row in [row for row in footprint.per_unit if row.energy_j][:_MOST_UNITS]:
        facility_j = None if row.energy_j is None else row.energy_j * footprint.pue.ratio
        figures = amount(facility_j, energy_scale([facility_j]), energy_digits(footprint), about=about)
        told.append(f"{figures} per {name(row.unit, 30)} ({count(row.count)} counted)")
    if told:
        yield line(f"{', '.join(told)}.")
