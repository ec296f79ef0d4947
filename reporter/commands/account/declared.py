"""What the options of `emissions estimate` declare: a machine, the time it works, and what it gets done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from reporter.commands.account.figures import S_PER_HOUR, Figures
from reporter.domain.estimate import CORES, GIVEN, MEMORY, RATED, Part, Tally, Work
from reporter.domain.readings import Component, Gpu, Hardware
from reporter.domain.units import scale_of
from reporter.errors import Problem, UnknownHardware
from reporter.factors import accelerator_of, constant, processor_of
from reporter.report.format import exact

MOST_LISTED_GPUS = 1_000
"""More accelerators are in the meter's label alone: a list of them would be most of the footprint."""
EXAMPLE = "Write for example `emissions estimate --gpu A100 --count 8 --hours 24 --region FR`."

_PARTS = (
    "gpu", "count", "utilisation", "tdp", "cpu", "cores", "cpu-utilisation", "cpu-watts", "dram-watts", "memory-gb",
)  # fmt: skip
_POWERED = frozenset({"power", *_PARTS} - {"count", "utilisation", "cpu-utilisation"})
_TALLIES = (("queries", "energy-per-query", "query"), ("epochs", "energy-per-epoch", "epoch"))
_NEEDS = (
    ("count", ("gpu", "tdp")),
    ("utilisation", ("gpu", "tdp")),
    ("cpu-utilisation", ("cpu", "cores")),
    ("energy-per-query", ("queries",)),
    ("energy-per-epoch", ("epochs",)),
)
"""Options that mean nothing without one of these."""
_RIVALS = (
    ("power", _PARTS, "the power is the whole machine's, so its parts would count twice"),
    ("cpu-watts", ("cpu", "cores", "cpu-utilisation"), "the processors would count twice"),
    ("dram-watts", ("memory-gb",), "memory would count twice"),
)
_BOUNDS = {Component.GPU: RATED, Component.CPU: CORES, Component.DRAM: MEMORY}


class _Device(NamedTuple):
    """A model of accelerator or processor, and the watts of one of it, or of one core."""

    name: str
    each_w: float
    source: str
    year: int | None
    cores: int = 0


def declared(options: Mapping[str, str | None]) -> tuple[Work, tuple[Problem, ...]]:
    """The work that these options describe, and every problem with them: where there is one, the work is of no use."""
    figures = Figures(options)
    _check_contradictions(figures)
    _check_gaps(figures)
    gpu, cpu = _accelerator(figures), _processor(figures)
    count = figures.get("count", 1.0)
    cores = figures.get("cores", float(cpu.cores if cpu else 0))
    parts = (*_machine(figures), *_gpus(figures, gpu, count), *_cpus(figures, cpu, cores), *_memory(figures))
    listed = int(count) if gpu and count.is_integer() and count <= MOST_LISTED_GPUS else 0
    work = Work(
        parts=parts,
        time_s=figures.get("hours", 0.0) * S_PER_HOUR if parts else None,
        repeats=figures.get("repeats", 1.0),
        tallies=tuple(_tally(figures, *names) for names in _TALLIES if names[0] in figures.numbers),
        hardware=Hardware(
            gpus=tuple(Gpu(uuid="", name=gpu.name) for _ in range(listed)) if gpu else (),
            cpu=cpu.name if cpu and "cpu" in figures.texts else None,
            cpu_count=int(cores) if cores and cores.is_integer() else None,
            memory_gb=figures.numbers.get("memory-gb"),
        ),
    )
    return work, tuple(figures.problems)


def _check_contradictions(figures: Figures) -> None:
    """Options of which one says what another has said."""
    said = figures.texts.keys()
    for first, others, why in _RIVALS:
        rivals = [f"`--{other}`" for other in others if other in said]
        if first in said and rivals:
            advice = f"Leave out {' and '.join(rivals)}, or `--{first}`: {why}."
            figures.complain(first, "There are two powers for one thing", advice)


def _check_gaps(figures: Figures) -> None:
    """Options that mean nothing without another one; and nothing at all."""
    said = figures.texts.keys()
    for option, needed in _NEEDS:
        if option in said and not said & set(needed):
            advice = f"Add {' or '.join(f'`--{other}`' for other in needed)}."
            figures.complain(option, "There is nothing that this is of", advice)
    if said & _POWERED:
        if "hours" not in said:
            figures.problems.append(Problem("There is a power but no time", suggestion="Add `--hours`."))
        return
    for counts, energy, unit in _TALLIES:
        if counts in said and energy not in said:
            advice = f"Add `--{energy}`, such as `0.3 Wh`; or the hardware and `--hours`."
            figures.complain(counts, f"Nothing says what energy one {unit} takes", advice)
    for option in ("hours", "repeats"):
        if option in said:
            figures.complain(option, "There is a time but no power", "Add `--power`, `--gpu` or `--cpu-watts`.")
    if not said & {"hours", "repeats", *(name for tally in _TALLIES for name in tally)}:
        figures.problems.append(Problem("There is nothing to estimate", suggestion=EXAMPLE))


def _machine(figures: Figures) -> tuple[Part, ...]:
    power_w = figures.numbers.get("power")
    return () if power_w is None else (_given(Component.NODE, "whole machine", power_w),)


def _accelerator(figures: Figures) -> _Device | None:
    named, tdp_w = figures.texts.get("gpu"), figures.numbers.get("tdp")
    by_hand = None if tdp_w is None else _Device("accelerator", tdp_w, _rated(tdp_w, "each", "given"), None)
    if named is None:
        return by_hand
    try:
        model = accelerator_of(named)
    except UnknownHardware as error:
        if by_hand is None and "tdp" not in figures.texts:
            advice = f"{error.hint} Or give its rated power with `--tdp`."
            figures.complain("gpu", error.message, advice)
        return by_hand and by_hand._replace(name=named)
    if by_hand is not None:
        return by_hand._replace(name=model.name)
    return _Device(model.name, model.rated_w, _rated(model.rated_w, "each", model.source), model.year)


def _gpus(figures: Figures, gpu: _Device | None, count: float) -> tuple[Part, ...]:
    if gpu is None:
        return ()
    used_ratio = figures.get("utilisation", 1.0)
    label = f"{exact(count)} × {gpu.name}{_at(used_ratio)}"
    return (_part(Component.GPU, label, gpu, count=count, used_ratio=used_ratio),)


def _processor(figures: Figures) -> _Device | None:
    named = figures.texts.get("cpu")
    if named is None:
        if "cores" not in figures.texts:
            return None
        power = constant("core-power")
        return _Device("an unknown processor", power.value, _rated(power.value, "a core", power.source), power.year)
    try:
        model = processor_of(named)
    except UnknownHardware as error:
        advice = f"{error.hint} Or give their power with `--cpu-watts`, or `--cores` alone."
        figures.complain("cpu", error.message, advice)
        return None
    source = _rated(model.w_per_core, "a core", model.source)
    return _Device(model.name, model.w_per_core, source, model.year, model.cores)


def _cpus(figures: Figures, cpu: _Device | None, cores: float) -> tuple[Part, ...]:
    power_w = figures.numbers.get("cpu-watts")
    if power_w is not None:
        return (_given(Component.CPU, "processors", power_w),)
    if cpu is None:
        return ()
    used_ratio = figures.get("cpu-utilisation", 1.0)
    label = f"{exact(cores)} {'core' if cores == 1 else 'cores'} of {cpu.name}{_at(used_ratio)}"
    return (_part(Component.CPU, label, cpu, count=cores, used_ratio=used_ratio),)


def _memory(figures: Figures) -> tuple[Part, ...]:
    power_w, size_gb = figures.numbers.get("dram-watts"), figures.numbers.get("memory-gb")
    if power_w is not None:
        return (_given(Component.DRAM, "memory", power_w),)
    if size_gb is None:
        return ()
    power = constant("memory-power")
    each = _Device("memory", power.value, f"{exact(power.value)} W/GB, {power.source}", power.year)
    return (_part(Component.DRAM, f"{exact(size_gb)} GB of memory", each, count=size_gb),)


def _tally(figures: Figures, counts: str, energy: str, unit: str) -> Tally:
    count = figures.numbers[counts]
    pairs = figures.energies(energy)
    if not pairs:
        return Tally(unit=unit, count=count)
    each_j = tuple(value * scale_of(written) for value, written in pairs)
    written = pairs[0][1]
    mean = sum(each_j) / len(each_j) / scale_of(written)
    return Tally(
        unit=unit,
        count=count,
        each_j=each_j,
        label=f"{exact(count)} {unit if count == 1 else counts} of {exact(mean)} {written}",
        source="given" if len(each_j) == 1 else f"mean of {len(each_j)}, given",
    )


def _part(component: Component, label: str, each: _Device, *, count: float, used_ratio: float = 1.0) -> Part:
    return Part(
        component=component,
        label=label,
        each_w=each.each_w,
        bounds=_BOUNDS[component],
        source=each.source,
        year=each.year,
        count=count,
        utilisation_ratio=used_ratio,
    )


def _given(component: Component, what: str, power_w: float) -> Part:
    words = f"{exact(power_w)} W"
    return Part(
        component=component,
        label=f"{what}, {words}",
        each_w=power_w,
        bounds=GIVEN,
        source=f"{words} on average, given",
    )


def _rated(power_w: float, per: str, source: str) -> str:
    return f"rated {exact(power_w)} W {per}, {source}"


def _at(used_ratio: float) -> str:
    return "" if used_ratio == 1 else f" at {exact(100 * used_ratio)} %"
