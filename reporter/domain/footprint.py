"""The auditable result of one job: the value behind `footprint.json`, schema 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reporter.domain.besides import Accounting, with_marginal
from reporter.domain.budget import Budget, Outcome, Verdict
from reporter.domain.carbon import (
    ENOUGH_RATIO,
    NOT_COUNTED,
    Besides,
    Emissions,
    Energy,
    EnergyAccount,
    Intensity,
    Level,
    MeterEnergy,
    PerUnit,
    PowerPoint,
    Pue,
    Site,
    Tool,
)
from reporter.domain.readings import Component, Hardware, Job, Phase, Recording, Unavailable
from reporter.domain.series import settled, weighed
from reporter.domain.uncertainty import emissions_interval, over
from reporter.domain.units import J_PER_KWH

if TYPE_CHECKING:
    from reporter.domain.baseline import Baseline
    from reporter.domain.recomputed import Recomputed
    from reporter.domain.repeat import Repeat
    from reporter.domain.spent import Spent

REGION_UNKNOWN = "region-unknown"
"""No region was named: an average stands in, quality is D, and the report's first line says how to set it."""

METER_KILLED = "meter-killed"
"""The recording has no end: its exit status is not known. A session has none either, and ends as it should."""

SESSION_ORPHANED = "session-orphaned"
"""Nobody stopped the session, so it ended by itself."""

HISTORY_UNREADABLE = "history-unreadable"
"""Rules on earlier runs cannot be judged, so their verdict is not known; why stands after a colon."""

NO_VERDICT = Verdict(outcome=Outcome.NONE)
"""Where no budget is set."""

NO_BESIDES = Besides()
"""Where nothing is known beside the headline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """One job: what was metered, with which factors, what it comes to, how it was judged.

    `method` is measured, partly-measured, modelled or estimate; `quality` a letter A–D, the worst of the inputs.
    """

    tool: Tool
    method: str
    quality: str
    job: Job
    hardware: Hardware
    meters: tuple[MeterEnergy, ...]
    unavailable: tuple[Unavailable, ...]
    energy: Energy
    pue: Pue
    intensity: Intensity
    emissions: Emissions
    not_counted: tuple[str, ...] = NOT_COUNTED
    phases: tuple[Phase, ...] = ()
    per_unit: tuple[PerUnit, ...] = ()
    timeline: tuple[PowerPoint, ...] = ()
    besides: Besides = NO_BESIDES
    accounting: Accounting | None = None
    """What was declared for `besides`; None: it was never asked for them, so nothing is known of them."""
    marginal: Intensity | None = None
    """What the marginal figure of `besides` was computed with."""
    origins: tuple[tuple[str, str], ...] = ()
    """Who set region, PUE and intensity: pairs such as ("region", "action input `region`")."""
    verdict: Verdict = NO_VERDICT
    flags: tuple[str, ...] = ()
    self_cpu_s: float | None = None
    baseline: Baseline | None = None
    """What the job is held against; None: nothing was asked for."""
    repeats: tuple[Repeat, ...] = ()
    """Further runs of the command, made because the first was too close to call."""
    ledger: tuple[Spent, ...] = ()
    """What was spent before it, of the sums that its budgets limit."""
    recomputed: Recomputed | None = None
    """What it said before its factors were replaced; None where they never were."""


def assess(
    recording: Recording, account: EnergyAccount, site: Site, budgets: tuple[Budget, ...], tool: Tool
) -> Footprint:
    """Turn one job's energy into emissions at the site's factors, and judge it.

    Facility energy = IT energy × PUE, once; emissions = facility energy × intensity
    (location-based, GHG Protocol Scope 2 guidance; PUE as ISO/IEC 30134-2).
    """
    footprint = Footprint(
        tool=tool,
        method=_method(account.measured_ratio),
        quality="D",
        job=recording.job,
        hardware=recording.hardware,
        meters=account.meters,
        unavailable=recording.unavailable,
        energy=Energy(
            it_j=account.it_j,
            facility_j=None,
            measured_ratio=account.measured_ratio,
            low_j=account.low_j,
            high_j=account.high_j,
            repeat_low_j=account.repeat_low_j,
            repeat_high_j=account.repeat_high_j,
            idle_j=account.idle_j,
            baseline_w=account.baseline_w,
            net_j=account.net_j,
            self_j=account.self_j,
        ),
        pue=site.pue,
        intensity=site.intensity,
        emissions=Emissions(gco2e=None, low_gco2e=None, high_gco2e=None),
        per_unit=tuple(PerUnit(unit=unit, count=count, energy_j=None, gco2e=None) for unit, count in recording.units),
        phases=account.phases,
        timeline=account.timeline,
        flags=_flags(recording, account),
        self_cpu_s=recording.self_cpu_s,
    )
    return judged(at_site(footprint, weighed(site, account.parts_j)), budgets)


def at_site(footprint: Footprint, site: Site) -> Footprint:
    """The same energy with the factors of `site`; the verdict is left as it was, what was besides is dropped."""
    energy = footprint.energy
    site = settled(site, energy.it_j, footprint.timeline)
    site = replace(site, intensity=over(site.intensity, footprint.job.duration_s))
    facility_j = None if energy.it_j is None else energy.it_j * site.pue.ratio
    gco2e = None if facility_j is None else facility_j / J_PER_KWH * site.intensity.gco2e_per_kwh
    emissions = Emissions(gco2e=gco2e, low_gco2e=None, high_gco2e=None)
    if gco2e is not None and energy.it_j is not None and energy.low_j is not None and energy.high_j is not None:
        low, high = emissions_interval(
            gco2e=gco2e,
            it_j=energy.it_j,
            low_j=energy.low_j,
            high_j=energy.high_j,
            pue=site.pue,
            intensity=site.intensity,
        )
        emissions = Emissions(gco2e=gco2e, low_gco2e=low, high_gco2e=high)
    kept = tuple(flag for flag in footprint.flags if not is_of_site(flag))
    flags = (*kept, *(flag for flag in site.flags if flag not in kept))
    if not site.intensity.known:
        flags = (*flags, REGION_UNKNOWN)
    return replace(
        footprint,
        quality=_quality(footprint.method, site) if energy.it_j is not None else "D",
        energy=replace(energy, facility_j=facility_j),
        pue=site.pue,
        intensity=site.intensity,
        marginal=site.marginal,
        origins=site.origins,
        besides=with_marginal(NO_BESIDES, facility_j, site.marginal),
        emissions=emissions,
        per_unit=tuple(
            replace(
                row,
                energy_j=_per(energy.it_j, row.count),
                gco2e=_per(gco2e, row.count),
            )
            for row in footprint.per_unit
        ),
        flags=flags,
    )


def site_of(footprint: Footprint) -> Site:
    """The site that a footprint was assessed at."""
    flags = tuple(flag for flag in footprint.flags if is_of_site(flag) and flag != REGION_UNKNOWN)
    return Site(
        intensity=footprint.intensity,
        pue=footprint.pue,
        origins=footprint.origins,
        flags=flags,
        marginal=footprint.marginal,
    )


def is_of_site(flag: str) -> bool:
    """Whether a flag is about the region or its intensity, so that it goes with them."""
    return flag.startswith(("region-", "intensity-", "factor-stale"))


def judged(footprint: Footprint, budgets: tuple[Budget, ...]) -> Footprint:
    """The footprint with the verdict of these budgets."""
    if not budgets:
        return replace(footprint, verdict=NO_VERDICT)
    from reporter.domain.judgement import judge  # noqa: PLC0415  (it looks at footprints itself)
    from reporter.domain.observation import observation  # noqa: PLC0415

    return replace(footprint, verdict=judge(budgets, observation(footprint), ledger=footprint.ledger))


def unread(footprint: Footprint) -> tuple[str, ...]:
    """What of the job was not read, so that it may have taken more than its footprint says."""
    ended = cut_off(footprint)
    return (*unread_gpus(footprint), *((f"the time after {ended}",) if ended else ()))


def cut_off(footprint: Footprint) -> str | None:
    """How metering ended before the job; None where it did not."""
    codes = {flag.partition(":")[0] for flag in footprint.flags}
    if SESSION_ORPHANED in codes:
        return "the session ended by itself"
    return "the meter was killed" if METER_KILLED in codes else None


def unread_gpus(footprint: Footprint) -> tuple[str, ...]:
    """GPUs that the job could use but that gave no reading, or for a part of the time alone, each with its reason."""
    failed = tuple(
        f"{row.source}: {row.reason}"
        for row in footprint.unavailable
        if row.component in (Component.GPU, Component.MODULE) and not row.expected
    )
    counted = [
        meter for meter in footprint.meters if meter.included and meter.component in (Component.GPU, Component.MODULE)
    ]
    silent = tuple(meter.label for meter in counted if meter.energy_j is None)
    partly = tuple(
        f"{meter.label} (only {meter.coverage_ratio:.0%} of the time)"
        for meter in counted
        if meter.energy_j is not None and meter.coverage_ratio is not None and meter.coverage_ratio < ENOUGH_RATIO
    )
    return (*failed, *silent, *partly)


def add(values: Sequence[float | None]) -> float | None:
    """The sum, None where any part is not known: a missing part is never 0."""
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def _per(amount: float | None, count: float) -> float | None:
    return None if amount is None or not count else amount / count


def _method(measured_ratio: float | None) -> str:
    if measured_ratio is None or measured_ratio <= 0:
        return "modelled"
    return "measured" if measured_ratio >= 1 else "partly-measured"


def _quality(method: str, site: Site) -> str:
    """The tier of the worst input: A all metered, hourly factor, regional PUE; B annual; C modelled; D no region."""
    if not site.intensity.known:
        return "D"
    if method in ("modelled", "estimate"):
        return "C"
    fine = site.intensity.resolved not in (None, "annual") and site.pue.level in (Level.REGION, Level.GIVEN)
    return "A" if fine and method == "measured" else "B"


def _flags(recording: Recording, account: EnergyAccount) -> tuple[str, ...]:
    ended = () if recording.complete else (METER_KILLED,)
    return tuple(dict.fromkeys((*recording.flags, *account.flags, *ended)))
