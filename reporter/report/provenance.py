"""How the numbers of a report came about: gaps, factors with their sources, tool."""

from __future__ import annotations

from collections.abc import Sequence

from reporter.domain.carbon import Intensity, Level, MeterEnergy, Pue
from reporter.domain.footprint import REGION_UNKNOWN, Footprint
from reporter.domain.readings import Unavailable
from reporter.report.breakdown import known_sum, parts_formula
from reporter.report.format import (
    FEWEST_DIGITS,
    NARROW,
    amount,
    counted,
    duration,
    emission_scale,
    energy_scale,
    exact,
    interval,
    number,
)
from reporter.report.headline import CO2E
from reporter.report.page import SourceRow
from reporter.report.prose import Line, code, line, name, quoted, strong

MOST_SITES = 8
_ASSUMED = " (assumed)"
"""How the label of a grid ends that stands in for one that nobody named."""
MOST_SOURCES = 12
_FLAGS = {
    "figures-disagree": "It came with other figures than follow from its own energy × PUE × intensity: "
    "budgets are judged on those that follow",
    "host-not-counted": "Only accelerators were declared: the processors and memory of their machine, often a quarter "
    "of its power, are not counted",
    "meter-killed": "The meter was killed before the command ended: only what was recorded until then counts.",
    "session-orphaned": "Nobody stopped the session, so it ended by itself",
    "command-left-running": "The command heeded no signal and was left running: the report ends there",
    "command-left-processes": "Processes that the command started outlived it: their energy after its end is missing",
    "stopped-at-budget": "The command was ended before its time, because its budget was spent or certain to be",
    "stop-not-heeded": "The command did not heed SIGTERM at its budget and was killed after",
    "out-of-memory": "The command was killed, likely out of memory: the kernel ended a process of this job for that",
    "recording-damaged": "Part of the recording could not be read",
    "marks-left-out": "There were more marks than are kept: what came after is part of the last phase that is",
    "region-unlisted": "The metadata service named a region that the tables lack",
    "intensity-fallback": "The provider gave no intensity for the time of the job, so the tables' value stands in",
    "intensity-estimated": "Values of the intensity that the provider had estimated, not observed",
    "intensity-forecast": "Values of the intensity that were forecast, not observed",
    "intensity-warned": "The provider of the intensity warned",
    "factor-stale": "The grid factor was already three years old when the tables were made",
    "shared-gpu": "Others use this GPU too: its energy may include theirs",
    "shared-machine": "Jobs of other runners worked on this machine at the same time: where no part of it was given to "
    "each of them, the energy of its processors and memory includes theirs, and is in their reports as well: "
    "a sum of such jobs counts it more than once",
    "gpu-outside-selection": "The job computed on a GPU that it was not to see, so its energy is not counted",
    "mig": "The GPU is split (MIG): the whole GPU was measured, other slices included",
    "gpu-order-unknown": "The GPUs' order is not known, so all of them are counted; set CUDA_DEVICE_ORDER=PCI_BUS_ID",
    "cpu-share": "The job had a part of the machine: of the processors' energy, so much is counted as its own",
    "memory-share": "The job had a part of the machine: of the memory's energy, so much is counted as its own",
    "gpu-mask-unclear": "ZE_AFFINITY_MASK could name cards or their tiles, so all Intel GPUs are counted; "
    "ZE_FLAT_DEVICE_HIERARCHY=COMPOSITE makes it cards",
    "gpu-not-read": "A GPU that the job could use gave no reading",
    "counter-reset": "A counter was reset during the job: a gap, not a spike",
    "counter-jump": "A counter rose beyond reason: the jump was left out",
    "counter-frozen": "A counter stood still: its power, where there is one, was integrated instead",
    "counter-not-read": "A counter gave no readings: its power, where there is one, was integrated instead",
    "short-window": "The job was shorter than a counter's tick: the power, where there is one, was integrated instead",
    "low-coverage": "Less than 90 % of the time is covered by readings",
    "reading-failed": "Some of the time is not covered because readings failed",
    "source-stuck": "A source hung: its last readings are missing",
    "sampler-failed": "Reading stopped before the job ended",
    "clock-step": "The wall clock was set during the job; durations do not depend on it",
    "replayed": "A recording was played back, nothing was measured here",
    "replay-ended": "The command took longer than the recording: from its end on nothing counts but models",
    "history-unreadable": "The history could not be read, so rules on earlier runs are not judged",
    "suspended": "The machine was suspended during the job",
    "unprivileged": "Reported by a run without rights, of a fork or by Dependabot: nothing vouches for its figures",
    "locked-override": "An organisation's rules lock this, and something else was set here: it does not count",
}
_PUE_LEVELS = {
    Level.REGION: "this region",
    Level.FLEET: "the provider's average",
    Level.AVERAGE: "an average of many sites",
    Level.GIVEN: "as given",
}


def location(footprints: Sequence[Footprint]) -> Line | None:
    """The first line of a report with a job of unknown region: what is assumed, how wrong it can be, how to set it."""
    unknown = [footprint for footprint in footprints if not footprint.intensity.known]
    if not unknown:
        return None
    assumed = " and ".join(
        dict.fromkeys(f"the {_assumed(row.intensity)} ({intensity_words(row.intensity)})" for row in unknown)
    )
    low = known_sum([footprint.emissions.low_gco2e for footprint in unknown])
    high = known_sum([footprint.emissions.high_gco2e for footprint in unknown])
    could = ""
    if low is not None and high is not None:
        said = emission_scale([known_sum([footprint.emissions.gco2e for footprint in unknown])])
        could = f" and could be {interval(low, high, said)}"
    whose = "" if len(unknown) == len(footprints) else f" for {len(unknown)} of {counted(len(footprints), 'job')}"
    return line(
        strong(f"Location unknown{whose}:"), f" {CO2E} assumes {assumed}{could}. Set ", code("region:"),
        " (for example ", code("region: FR"), "), or ", code("--region FR"), " on the command line.",
    )  # fmt: skip


def intensity_words(intensity: Intensity) -> str:
    """A grid factor as a number with its unit."""
    return f"{number(intensity.gco2e_per_kwh)}{NARROW}g/kWh"


def grid_words(intensity: Intensity) -> str:
    """Of which place and year a grid factor is, and of which kind: `France, Ember 2025, annual, lifecycle`."""
    place = "" if intensity.label is None and intensity.region is None else _place(intensity)
    scope = {"lifecycle": "lifecycle", "direct": "direct"}.get(intensity.scope, "")
    words = (place, _dated(intensity.source, intensity.year), intensity.resolved or "", scope)
    return ", ".join(name(word) for word in words if word)


def pue_words(pue: Pue) -> str:
    """How near to the machine a PUE was taken, and where from: `this region, AWS 2024`."""
    level, source = _PUE_LEVELS[pue.level], _dated(pue.source, pue.year)
    return level if level.endswith(source) else f"{level}, {source}"


def flags(footprints: Sequence[Footprint]) -> tuple[Line, ...]:
    """What the meter noticed, in words; a code that has no words yet is shown as it is."""
    codes = dict.fromkeys(flag for footprint in footprints for flag in footprint.flags if flag != REGION_UNKNOWN)
    lines = []
    for flag in codes:
        head, _, rest = flag.partition(":")
        words = _FLAGS.get(head, head.replace("-", " ").capitalize()).rstrip(".")
        many = sum(flag in footprint.flags for footprint in footprints)
        jobs = f" ({counted(many, 'job')})" if len(footprints) > 1 else ""
        lines.append(quoted(f"{words}{f': {rest}' if rest else ''}{jobs}."))
    return tuple(lines[:MOST_SOURCES])


def sources(footprints: Sequence[Footprint]) -> tuple[SourceRow, ...]:
    """Meters that were not there, the surprising ones first, each once."""
    seen: dict[tuple[str, str], tuple[Unavailable, int]] = {}
    for footprint in footprints:
        for row in footprint.unavailable:
            known = seen.get((row.source, row.reason))
            seen[row.source, row.reason] = (row, known[1] + 1 if known else 1)
    rows = sorted(seen.values(), key=lambda item: item[0].expected)
    return tuple(
        SourceRow(
            source=name(row.source),
            reason=line(
                quoted(row.reason.rstrip(".")), f" ({counted(many, 'job')})" if len(footprints) > 1 else "", "."
            ),
            remedy=quoted(row.remedy) if row.remedy else Line(),
            expected=row.expected,
        )
        for row, many in rows[:MOST_SOURCES]
    )


def method(footprints: Sequence[Footprint]) -> tuple[Line, ...]:
    """The calculation with its factors and their sources, once for each site."""
    sites: dict[tuple[Pue, Intensity], list[Footprint]] = {}
    for footprint in footprints:
        sites.setdefault((footprint.pue, footprint.intensity), []).append(footprint)
    lines = []
    for (pue, intensity), rows in list(sites.items())[:MOST_SITES]:
        parts = parts_formula(rows)
        factors = f" × {exact(round(pue.ratio, 3))} for the building (PUE, {pue_words(pue)}) × {_grid(intensity)}."
        who = "" if len(sites) == 1 else f"{_job_names(rows)}: "
        lines.append(line(f"{who}{parts or 'energy'}{';' if parts else ''}{factors}"))
    if len(sites) > MOST_SITES:
        lines.append(line(f"{len(sites) - MOST_SITES} more sites are in the footprints."))
    declared = dict.fromkeys(_declared(meter) for row in footprints for meter in row.meters if meter.source)
    lines.extend(line(words) for words in list(declared)[:MOST_SOURCES])
    lines.extend(_live(footprints))
    kinds = {footprint.intensity.kind for footprint in footprints}
    if kinds:
        kind = " and ".join(sorted(name(kind) for kind in kinds))
        lines.append(line(f"Emissions are location-based, {kind} and operational."))
    return tuple(lines)


def _live(footprints: Sequence[Footprint]) -> list[Line]:
    """How intensities at the time of the job enter, and who was asked for them."""
    lines = []
    if any(footprint.intensity.series for footprint in footprints):
        words = "Energy and intensity are multiplied interval by interval; the intensity shown is their weighted mean."
        lines.append(line(words))
    hosts = dict.fromkeys(host for footprint in footprints for host in footprint.intensity.hosts)
    if hosts:
        lines.append(line(f"Hosts contacted: {', '.join(name(host) for host in hosts)}."))
    return lines


def tool(footprints: Sequence[Footprint]) -> Line:
    """What computed the numbers, and what measuring them cost."""
    versions = dict.fromkeys(_tool_words(footprint) for footprint in footprints)
    cost_s = known_sum([footprint.self_cpu_s for footprint in footprints])
    cost_j = known_sum([footprint.energy.self_j for footprint in footprints if footprint.self_cpu_s is not None])
    cost_words = amount(cost_j, energy_scale([cost_j]), FEWEST_DIGITS, about=True)
    joules = "" if cost_j is None else f", {cost_words} by the processor's model"
    cost = "" if cost_s is None else f" The meter itself took {duration(cost_s)} of CPU time{joules}."
    return line("; ".join(list(versions)[:3]), "." if versions else "", cost)


def not_counted(footprints: Sequence[Footprint]) -> Line:
    """What the numbers leave out."""
    names = dict.fromkeys(item for footprint in footprints for item in footprint.not_counted)
    return line(", ".join(name(item) for item in names) + ".") if names else Line()


def _assumed(intensity: Intensity) -> str:
    return name(intensity.label or "average of all grids", 48).removesuffix(_ASSUMED)


def _place(intensity: Intensity) -> str:
    place = name(intensity.label or intensity.region or "an average grid", 48)
    return place.removesuffix(_ASSUMED) + ", assumed" if place.endswith(_ASSUMED) else place


def _grid(intensity: Intensity) -> str:
    return f"{intensity_words(intensity)} ({grid_words(intensity)})"


def _declared(meter: MeterEnergy) -> str:
    return f"{name(meter.label)}: {_dated(meter.source or '', meter.year)}."


def _dated(source: str, year: int | None) -> str:
    shown = name(source.replace("`", ""))  # an option is told as the person typed it
    return shown if year is None or str(year) in shown else f"{shown} {year}"


def _job_names(rows: Sequence[Footprint]) -> str:
    names = ", ".join(name(row.job.name, 40) for row in rows[:3])
    return f"{names} and {len(rows) - 3} more" if len(rows) > 3 else names  # noqa: PLR2004


def _tool_words(footprint: Footprint) -> str:
    pack = footprint.tool.factors_version
    return f"{name(footprint.tool.name)} {name(footprint.tool.version, 40)}" + (
        f", factor tables {name(pack, 40)}" if pack else ""
    )
