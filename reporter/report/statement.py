"""What a paper or a page says of a footprint: one sentence, and a table of facts that lets it be checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum
from typing import NamedTuple

from reporter.domain.footprint import Footprint, add
from reporter.errors import ReporterError
from reporter.report import escape
from reporter.report.breakdown import machine, parts_formula
from reporter.report.format import FEWEST_DIGITS, NARROW, amount, counted, duration, emission_scale, energy_scale, exact
from reporter.report.format import interval as between
from reporter.report.headline import emissions_words, energy_digits, is_modelled
from reporter.report.proof import proofs
from reporter.report.prose import name
from reporter.report.provenance import grid_words, intensity_words, pue_words
from reporter.report.remarks import REPLAYED

MOST_NAMES = 5
_METHODS = {
    "measured": "measured",
    "partly-measured": "measured in part, the rest modelled",
    "modelled": "modelled, not measured",
    "estimate": "estimated from declared figures, not measured",
}


class Statement(NamedTuple):
    """Plain text: every face escapes it for itself. `facts` are pairs of a label and what stands there."""

    title: str
    sentence: str
    facts: tuple[tuple[str, str], ...]


def statement(footprints: Sequence[Footprint]) -> Statement:
    """The statement on one job, or on several together.

    Raises ReporterError where energy or emissions are not known: there would be nothing to state.
    """
    it_j = add([row.energy.it_j for row in footprints])
    facility_j = add([row.energy.facility_j for row in footprints])
    grams = add([row.emissions.gco2e for row in footprints])
    if it_j is None or facility_j is None or grams is None:
        silent = ", ".join(name(row.job.name, 40) for row in footprints if row.emissions.gco2e is None)
        raise ReporterError(
            f"There is no number to publish: {silent} was not measured", hint="Leave it out, or measure it again."
        )
    about = is_modelled(footprints)
    digits = FEWEST_DIGITS if about else max(energy_digits(row) for row in footprints)
    machine_words = amount(it_j, energy_scale([it_j]), digits, about=about)
    facility_words = amount(facility_j, energy_scale([facility_j]), digits, about=about)
    emissions = emissions_words(footprints, grams)
    jobs = name(footprints[0].job.name) if len(footprints) == 1 else counted(len(footprints), "job")
    ratio = exact(round(_pue(footprints), 3))
    place = _distinct([_place(row) for row in footprints])
    time = duration(add([row.job.duration_s for row in footprints]))
    sentence = (
        f"{jobs} used {machine_words} of electricity at the machine, {facility_words} with the data centre's overhead"
        f" (PUE {ratio}), in {time}, and caused {emissions}{_range(footprints)}:"
        f" operational, location-based emissions by the average intensity of {place}."
    )
    return Statement(
        title=f"Carbon footprint of {jobs}",
        sentence=sentence,
        facts=(
            ("Energy", f"{machine_words} at the machine{_energy_range(footprints)}, {facility_words} with PUE"),
            ("Duration", time + (" in all" if len(footprints) > 1 else "")),
            ("Hardware", _distinct([_hardware(row) for row in footprints])),
            ("Region", place),
            (
                "Carbon intensity",
                _distinct([f"{intensity_words(row.intensity)} ({grid_words(row.intensity)})" for row in footprints]),
            ),
            ("PUE", _distinct([f"{exact(round(row.pue.ratio, 3))} ({pue_words(row.pue)})" for row in footprints])),
            ("Emissions", f"{emissions}{_range(footprints)}"),
            ("Method", _method(footprints)),
            ("Remark", " ".join(str(remark) for remark in proofs(footprints))),
            ("Not counted", _distinct([name(item) for row in footprints for item in row.not_counted])),
            ("Software", _distinct([_tool(row) for row in footprints])),
        ),
    )


def markdown(footprints: Sequence[Footprint]) -> str:
    """The statement as Markdown."""
    found = statement(footprints)
    rows = [f"| {label} | {escape.markdown(text)} |" for label, text in found.facts if text]
    sentence = escape.markdown(found.sentence)
    return "\n".join((f"## {escape.markdown(found.title)}", "", sentence, "", "| | |", "| :-- | :-- |", *rows, ""))


def _pue(footprints: Sequence[Footprint]) -> float:
    """The PUE of several jobs is that of their energies; of none it is that of no overhead."""
    ratios = {row.pue.ratio for row in footprints}
    if len(ratios) == 1:
        return ratios.pop()
    energies_j = [row.energy.it_j or 0.0 for row in footprints]
    facility_j = fsum(it_j * row.pue.ratio for it_j, row in zip(energies_j, footprints, strict=True))
    return facility_j / fsum(energies_j) if any(energies_j) else 1.0


def _range(footprints: Sequence[Footprint]) -> str:
    low = add([row.emissions.low_gco2e for row in footprints])
    high = add([row.emissions.high_gco2e for row in footprints])
    if low is None or high is None:
        return ""
    return f" (about 95{NARROW}%: {between(low, high, emission_scale([high]))})"


def _energy_range(footprints: Sequence[Footprint]) -> str:
    low, high = add([row.energy.low_j for row in footprints]), add([row.energy.high_j for row in footprints])
    if low is None or high is None:
        return ""
    return f" (about 95{NARROW}%: {between(low, high, energy_scale([high]))})"


def _place(footprint: Footprint) -> str:
    intensity = footprint.intensity
    label, key = intensity.label, intensity.region
    if label and key:
        return f"{name(label, 48)} ({name(key, 40)})"
    return name(label or key or "no named region", 48)


def _hardware(footprint: Footprint) -> str:
    hardware = footprint.hardware
    cpu = name(hardware.cpu, 48) if hardware.cpu else ""
    cpus = f" ({counted(hardware.cpu_count, 'logical CPU')})" if hardware.cpu_count else ""
    gpus = machine(footprint) if hardware.gpus else ""
    memory = f"{hardware.memory_gb:.0f}{NARROW}GB of memory" if hardware.memory_gb else ""
    return ", ".join(part for part in (gpus, f"{cpu}{cpus}".strip(), memory) if part)


def _method(footprints: Sequence[Footprint]) -> str:
    how = _distinct([_METHODS[row.method] for row in footprints])
    if any(flag.startswith(REPLAYED) for row in footprints for flag in row.flags):
        how = f"played back from a recording, {how} when that was made"
    parts = parts_formula(footprints)
    letters = _distinct(sorted({row.quality for row in footprints}))
    computed = f"energy × PUE × carbon intensity; quality {letters} of A to D"
    return "; ".join(part for part in (f"{how} ({parts})" if parts else how, computed) if part)


def _tool(footprint: Footprint) -> str:
    tool = footprint.tool
    tables = f", factor tables {name(tool.factors_version, 40)}" if tool.factors_version else ""
    digest = f" (sha256 {name(tool.factors_sha256, 80)})" if tables and tool.factors_sha256 else ""
    return f"{name(tool.name)} {name(tool.version, 40)}{tables}{digest}"


def _distinct(texts: Sequence[str]) -> str:
    """Each once, in order, the first few of many."""
    found = [text for text in dict.fromkeys(texts) if text]
    return "; ".join(_first(found))


def _first(texts: Sequence[str]) -> Iterator[str]:
    yield from texts[:MOST_NAMES]
    if len(texts) > MOST_NAMES:
        yield f"and {len(texts) - MOST_NAMES} more"
