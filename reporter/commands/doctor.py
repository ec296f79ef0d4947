"""`emissions doctor`: what can be measured here and why not, what would be assumed, what the token may do.

Each finding comes with its fix. Beyond the cloud's own metadata address nobody is asked unless `--online` says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import import_module

from reporter import __version__
from reporter.cloud import region_by_metadata
from reporter.commands import Invocation
from reporter.commands.account.site import resolve_site
from reporter.commands.beside.probing import machine, probe_context
from reporter.commands.output import harmless, put
from reporter.commands.settings import Settings, load
from reporter.commands.setup.diagnosis import Check
from reporter.commands.setup.permission import rights
from reporter.domain.overlap import left_out
from reporter.domain.readings import Hardware, Meter, Method, Unavailable
from reporter.errors import ExitCode
from reporter.export.plain import logged
from reporter.factors import pack
from reporter.metering.sources import Sources, open_sources
from reporter.probes import PROBES, Entry, ProbeContext
from reporter.probes import __name__ as PACKAGE  # noqa: N812

METHODS = {
    Method.COUNTER: "measured by its energy counter",
    Method.INTEGRATED: "measured by its power, integrated",
    Method.MODELLED: "modelled",
}
VISIBILITY = {
    "nvml": ("CUDA_VISIBLE_DEVICES",),
    "hwmon": ("ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES", "ZE_AFFINITY_MASK"),
}
"""The variables that hide a source's GPUs from a command."""
MARKS = {"ok": "✓", "info": "·", "problem": "✗"}


def run(invocation: Invocation) -> int:
    """Print the findings; problems do not change the status."""
    settings = load(invocation)
    online = "online" in invocation.switches
    checks = (
        *_meters(settings, invocation), *_site(settings), *_budgets(settings), *rights(settings, online=online)
    )  # fmt: skip
    if "json" in invocation.switches:
        found = [{name: getattr(check, name) for name in Check.__slots__} for check in checks]
        text = json.dumps({"schema": 1, "checks": found}, indent=2, ensure_ascii=False)
        put(logged(text) + "\n", machine=True)
    else:
        shipped = pack()
        lines = [f"emissions-reporter {__version__}, factor pack {shipped.version}"]
        for check in checks:
            lines.append(f"{MARKS[check.status]} {check.subject}: {check.finding}")
            if check.reads:
                lines.append(f"    It reads: {check.reads}")
            if check.fix:
                lines.extend(f"    {line}" for line in check.fix.splitlines())
        put("\n".join(map(harmless, lines)) + "\n")
    return ExitCode.DONE


def _meters(settings: Settings, invocation: Invocation) -> Iterator[Check]:
    """The machine, then every source that there is, by preference."""
    context = probe_context(settings, invocation.environ, writes=False)
    asked = settings.config.sources
    opened: dict[str, Sources] = {}
    try:
        for name, entry in PROBES.items():
            if any(text.partition(":")[0] == name for text in asked) if asked else entry.argument is None:
                opened[name] = open_sources(context, [name])
        gpus = tuple(gpu for sources in opened.values() for gpu in sources.gpus)
        yield _machine(machine(context, gpus), context)
        meters = [meter for sources in opened.values() for meter in sources.meters]
        why = left_out(meters, {meter.meter_id: meter.method for meter in meters})
        for name, entry in PROBES.items():
            if name in opened:
                yield from _found(name, opened[name], why, _hidden_by(name, settings, invocation.environ))
            else:
                yield _closed(name, entry, settings)
    finally:
        for sources in opened.values():
            sources.close()


def _machine(found: Hardware, context: ProbeContext) -> Check:
    """What the job may use, and of how much."""
    parts = [found.cpu or "a processor that is not known"]
    if found.cpu_count is not None:
        parts.append(_share(f"{found.cpu_count}", f"{found.host_cpu_count or found.cpu_count}", "processors"))
    if found.memory_gb is not None:
        parts.append(_share(f"{found.memory_gb:.3g}", f"{found.host_memory_gb or found.memory_gb:.3g}", "GB of memory"))
    whose = "" if context.replay is None else f" (of the recording {context.replay.name})"
    return Check(status="info", subject="machine", finding=f"{', '.join(parts)}{whose}")


def _share(own: str, whole: str, what: str) -> str:
    return f"{own} {what}" if own == whole else f"{own} of {whole} {what}"


def _closed(name: str, entry: Entry, settings: Settings) -> Check:
    """A source that was not asked for."""
    if settings.config.sources:
        finding = f"not asked for ({settings.config.origins.get('sources', '`--sources`')})"
    else:
        finding = "used only where it is asked for"
    fix = f"`--sources {name}:{entry.argument}`" if entry.argument else None
    return Check(status="info", subject=name, finding=finding, fix=fix, source=name, reads=_reads(name))


def _reads(name: str) -> str | None:
    """What a source is for: the first line of its module."""
    return (import_module(f"{PACKAGE}.{PROBES[name].module}").__doc__ or "").partition("\n")[0] or None


def _hidden_by(name: str, settings: Settings, environ: Mapping[str, str]) -> str:
    """What keeps a GPU of this source from the command, and how to count it all the same."""
    named = [variable for variable in VISIBILITY.get(name, ()) if variable in environ]
    if settings.config.gpus != "auto":
        hidden = f"{settings.config.origins.get('gpus', '`--gpus`')} does not name it."
    elif named:
        hidden = f"{' or '.join(named)} hides it from the command."
    elif name == "nvml":
        hidden = "CUDA shows a command one MIG device, and no other GPU beside it."
    else:
        hidden = "The command was not given it."
    return f"{hidden} `--gpus all` counts every GPU."


def _found(name: str, sources: Sources, why: Mapping[str, str], hidden: str) -> Iterator[Check]:
    """One source: each of its meters, and each of its parts that cannot be read."""
    for meter in sources.meters:
        yield _metered(name, meter, why.get(meter.meter_id), hidden)
    for missing in sources.unavailable:
        yield _missing(name, missing)
    if not sources.meters and not sources.unavailable:
        yield Check(status="info", subject=name, finding="has nothing to read here", source=name, reads=_reads(name))


def _metered(name: str, meter: Meter, why: str | None, hidden: str) -> Check:
    source = f", {meter.model.source}" if meter.model else ""
    shared = "; others use it too" if meter.shared else ""
    note = "" if why is None else f"; not counted: {why}"
    return Check(
        status="info" if meter.method is Method.MODELLED or why else "ok",
        subject=f"{meter.component.value} {meter.label}",
        finding=f"{METHODS[meter.method]}, {_range(meter)} ({meter.meter_id}{source}){shared}{note}",
        fix=None if meter.selected else hidden,
        source=name,
        meter={
            "id": meter.meter_id,
            "component": meter.component.value,
            "method": meter.method.value,
            "low_ratio": meter.gain_low_ratio,
            "high_ratio": meter.gain_high_ratio,
            "selected": meter.selected,
            "shared": meter.shared,
            "counted": why is None,
        },
    )


def _range(meter: Meter) -> str:
    """The bounds of its systematic error: ±5 %, −30 % to +60 %."""
    low, high = round(100 * (1 - meter.gain_low_ratio)), round(100 * (meter.gain_high_ratio - 1))
    return f"±{low} %" if low == high else f"−{low} % to +{high} %"


def _missing(name: str, missing: Unavailable) -> Check:
    return Check(
        status="info" if missing.expected else "problem",
        subject=missing.source,
        finding=f"cannot be read: {missing.reason}",
        fix=missing.remedy,
        source=name,
        reads=_reads(name),
    )


def _site(settings: Settings) -> Iterator[Check]:
    site = resolve_site(settings.config, settings.ci, ask_metadata=region_by_metadata)
    origins = dict(site.origins)
    intensity, pue = site.intensity, site.pue
    place = intensity.label or intensity.region or "given by hand"
    year = f" {intensity.year}" if intensity.year else ""
    yield Check(
        status="ok" if intensity.known else "problem",
        subject="region and intensity",
        finding=f"{place}: {intensity.gco2e_per_kwh:.1f} gCO2e/kWh ({intensity.source}{year}, {intensity.scope})"
        + (f", set by {origins['region']}" if "region" in origins else ""),
        fix=None
        if intensity.known
        else "The region is not known. Set it: `--region FR`, the action's `region:` input, or EMISSIONS_REGION.",
    )
    year = f", {pue.year}" if pue.year else ""
    yield from _provider(settings)
    yield Check(
        status="ok" if pue.level.value in ("region", "given") else "info",
        subject="PUE",
        finding=f"{pue.ratio:g} ({pue.source}{year}; level: {pue.level.value})",
        fix=None if pue.level.value in ("region", "given") else "Set your data centre's value: `--pue 1.15`.",
    )


def _provider(settings: Settings) -> Iterator[Check]:
    """Who would be asked for the intensity at the time of a job; nobody is asked now."""
    config = settings.config
    if config.provider is None:
        return
    from reporter.commands.account.live import provider_problems  # noqa: PLC0415  (only where a provider is named)
    from reporter.intensity import PROVIDERS  # noqa: PLC0415

    entry = PROVIDERS[config.provider]
    found = [
        *provider_problems(
            config.provider, config.zone, config.region, settings.environ, has_time=True, has_region=True
        )
    ]
    beside = ", told beside the headline" if entry.kind == "marginal" else ""
    otherwise = "no answer is an error" if config.strict_intensity else "without an answer the tables' value stands in"
    yield Check(
        status="problem" if found else "ok",
        subject="live intensity",
        finding="; ".join(problem.message for problem in found)
        or f"{entry.label} ({entry.host}) is asked after the job{beside}; {otherwise}",
        fix="\n".join(filter(None, (problem.suggestion for problem in found))) or None,
    )


def _budgets(settings: Settings) -> Iterator[Check]:
    where = settings.config_file or "no config file"
    if not settings.config.budgets:
        fix = "Set one: `--budget '50 g'`."
        yield Check(status="info", subject="budget", finding=f"none is set ({where})", fix=fix)
    for budget in settings.config.budgets:
        yield Check(status="ok", subject="budget", finding=f"{budget.rule} ({budget.origin})")
