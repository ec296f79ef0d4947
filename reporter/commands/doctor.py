"""`emissions doctor`: what can be measured here and why not, what would be assumed, what the token may do.

Each finding comes with its fix. The forge is asked only where a token and a repository are at hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from reporter import __version__
from reporter.ci import CiContext
from reporter.cloud import region_by_metadata
from reporter.commands import Invocation
from reporter.commands.output import put
from reporter.commands.settings import Settings, load
from reporter.commands.site import resolve_site
from reporter.domain.readings import Method
from reporter.errors import ExitCode, PublishError
from reporter.factors import pack
from reporter.metering.sources import Sources, open_sources
from reporter.probes import ProbeContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: `ok`, `info` (normal, but worth knowing) or `problem`."""

    status: str
    subject: str
    finding: str
    fix: str | None = None


MARKS = {"ok": "✓", "info": "·", "problem": "✗"}


def run(invocation: Invocation) -> int:
    """Print the findings; problems do not change the status."""
    settings = load(invocation)
    checks = (*_meters(settings, invocation), *_site(settings), *_budgets(settings), *_token(settings.ci, invocation))
    if "json" in invocation.switches:
        found = [{name: getattr(check, name) for name in Check.__slots__} for check in checks]
        put(json.dumps({"schema": 1, "checks": found}, indent=2, ensure_ascii=False) + "\n", machine=True)
    else:
        shipped = pack()
        lines = [f"emissions-reporter {__version__}, factor pack {shipped.version}"]
        for check in checks:
            lines.append(f"{MARKS[check.status]} {check.subject}: {check.finding}")
            if check.fix:
                lines.extend(f"    {line}" for line in check.fix.splitlines())
        put("\n".join(lines) + "\n")
    return ExitCode.DONE


def _meters(settings: Settings, invocation: Invocation) -> Iterator[Check]:
    root = invocation.environ.get("EMISSIONS_SYSFS_ROOT") or "/"
    context = ProbeContext(environment=dict(invocation.environ), root=root, gpus=settings.config.gpus)
    sources = open_sources(context, settings.config.sources)
    try:
        yield from _found(sources)
    finally:
        sources.close()


def _found(sources: Sources) -> Iterator[Check]:
    measured = {meter.component for meter in sources.meters if meter.selected and meter.method is not Method.MODELLED}
    for meter in sources.meters:
        if meter.method is Method.MODELLED and meter.component in measured:
            continue
        how = {
            Method.COUNTER: "measured by its energy counter",
            Method.INTEGRATED: "measured by its power, integrated",
            Method.MODELLED: "modelled",
        }[meter.method]
        note = "" if meter.selected else "; not counted: the command may not use it"
        source = f" ({meter.model.source})" if meter.model else ""
        status = "info" if meter.method is Method.MODELLED else "ok"
        yield Check(status=status, subject=f"{meter.component.value} {meter.label}", finding=f"{how}{source}{note}")
    for missing in sources.unavailable:
        yield Check(
            status="info" if missing.expected else "problem",
            subject=missing.source,
            finding=f"cannot be read: {missing.reason}",
            fix=missing.remedy,
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
    yield Check(
        status="ok" if pue.level.value in ("region", "given") else "info",
        subject="PUE",
        finding=f"{pue.ratio:g} ({pue.source}{year}; level: {pue.level.value})",
        fix=None if pue.level.value in ("region", "given") else "Set your data centre's value: `--pue 1.15`.",
    )


def _budgets(settings: Settings) -> Iterator[Check]:
    where = settings.config_file or "no config file"
    if not settings.config.budgets:
        fix = "Set one: `--budget '50 g'`."
        yield Check(status="info", subject="budget", finding=f"none is set ({where})", fix=fix)
    for budget in settings.config.budgets:
        yield Check(status="ok", subject="budget", finding=f"{budget.rule} ({budget.origin})")


def _token(ci: CiContext, invocation: Invocation) -> Iterator[Check]:
    token = invocation.environ.get("GITHUB_TOKEN")
    if not token or ci.repository is None:
        missing = "GITHUB_TOKEN" if not token else "GITHUB_REPOSITORY"
        yield Check(status="info", subject="comment", finding=f"not checked: {missing} is not set")
        return
    from reporter.http import Client  # noqa: PLC0415
    from reporter.publish.github import GitHub, permissions_hint  # noqa: PLC0415

    if ci.pull_request is None:
        yield Check(status="info", subject="comment", finding="this event carries no pull request to comment on")
        return
    try:
        own = GitHub(Client(ci.api_url, token), ci.repository).own_comments(ci.pull_request)
    except PublishError as error:
        yield Check(status="problem", subject="comment", finding=error.message, fix=error.hint)
        return
    yield Check(
        status="ok",
        subject="comment",
        finding=f"the token reads pull request {ci.pull_request} ({len(own)} own comments); writing is not tried",
        fix=permissions_hint(),
    )
