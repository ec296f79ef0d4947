"""Recordings and footprints under the settings of this invocation: which factors, which budgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from reporter import __version__
from reporter.cloud import region_by_metadata
from reporter.commands.settings import Settings
from reporter.commands.site import resolve_site
from reporter.config import Config
from reporter.domain.budget import Budget, Finding, Outcome, Verdict, worst
from reporter.domain.carbon import Level, Site, Tool
from reporter.domain.energy import account
from reporter.domain.footprint import Footprint, assess, at_site, judged
from reporter.domain.readings import Recording
from reporter.domain.total import Total, total
from reporter.errors import ConfigError, Problem
from reporter.export.policy import Policy
from reporter.factors import pack
from reporter.metering.recording import read_recording

FLAG = "`--"
"""How the origin of a value set on the command line begins."""
INPUT = "action input "
"""How the origin of an input of the action begins."""


class Assessed(NamedTuple):
    """The jobs of one report and their sum."""

    footprints: tuple[Footprint, ...]
    total: Total


def assess_paths(paths: Sequence[str], settings: Settings) -> Assessed:
    """Read, assess and judge everything under these paths."""
    from reporter.commands.gather import gather  # noqa: PLC0415  (a run gathers nothing)

    assessor = _Assessor(settings)
    footprints = gather(paths, assess=assessor.recording_at)
    name = settings.config.name
    if name and settings.config.origins["name"].startswith(FLAG):
        if len(footprints) > 1:
            message = f"One name for {len(footprints)} jobs"
            raise ConfigError(Problem(message, origin="`--name`", suggestion="Leave it out, or name one footprint."))
        footprints = (replace(footprints[0], job=replace(footprints[0].job, name=name)),)
    return assessor.merged(tuple(assessor.footprint(footprint) for footprint in footprints))


def assess_recorded(recording: Recording, site: Site, settings: Settings) -> Assessed:
    """A recording that was just made, as a report of one job."""
    footprint = assess_recording(recording, Policy(site=site, budgets=settings.config.budgets), settings)
    return Assessed(footprints=(footprint,), total=total((footprint,)))


def assess_session(recording: Recording, policy: Policy, settings: Settings) -> tuple[Assessed, Policy]:
    """A session that was just stopped, and the policy that it was assessed under.

    What the command line or the action says now replaces what was said at its start.
    """
    assessor = _Assessor(settings, said=(FLAG, INPUT))
    site, budgets = assessor.site(policy.site), assessor.budgets(policy.budgets)
    name = settings.config.name
    if name and settings.config.origins["name"].startswith((FLAG, INPUT)):
        recording = replace(recording, job=replace(recording.job, name=name))
    footprint = assess(recording, account(recording), site, budgets, tool())
    return Assessed(footprints=(footprint,), total=total((footprint,))), Policy(site=site, budgets=budgets)


def assess_recording(recording: Recording, policy: Policy, settings: Settings) -> Footprint:
    """One recording with the site and the budgets that it was made with, or those asked for now."""
    assessor = _Assessor(settings)
    site = assessor.site(policy.site)
    return assess(recording, account(recording), site, assessor.budgets(policy.budgets), tool())


def tool() -> Tool:
    """This version with its factor pack."""
    shipped = pack()
    return Tool(
        name="emissions-reporter",
        version=__version__,
        factors_version=shipped.version,
        factors_sha256=shipped.sha256,
    )


class _Assessor:
    def __init__(self, settings: Settings, *, said: tuple[str, ...] = (FLAG,)) -> None:
        self._settings = settings
        self._config = settings.config
        flags = {key for key, origin in self._config.origins.items() if origin.startswith(said)}
        self._asked = flags & {"region", "pue", "intensity"}

    def recording_at(self, path: Path) -> Footprint:
        from reporter.export.decoding import decode_policy  # noqa: PLC0415  (a run that was just made needs none)

        recording, extra = read_recording(path)
        return assess_recording(recording, decode_policy(extra, origin=str(path)), self._settings)

    def footprint(self, footprint: Footprint) -> Footprint:
        """A footprint keeps its factors and its verdict unless the command line or the settings say otherwise."""
        own = tuple(finding.budget for finding in footprint.verdict.findings)
        budgets = self.budgets(own)
        if self._asked:
            site = self.site(Site(intensity=footprint.intensity, pue=footprint.pue))
            return judged(at_site(footprint, site), budgets)
        return footprint if budgets == own else judged(footprint, budgets)

    def site(self, known: Site | None) -> Site:
        """The site that is known, with what the command line overrides; given values stay with a new region."""
        if known is not None and not self._asked:
            return known
        config = self._config if known is None else self._only_asked(known)
        site = resolve_site(config, self._settings.ci, ask_metadata=self._metadata(known))
        if known is None or "region" in self._asked:
            return site
        return replace(
            known,
            intensity=site.intensity if "intensity" in self._asked else known.intensity,
            pue=site.pue if "pue" in self._asked else known.pue,
        )

    def budgets(self, own: tuple[Budget, ...]) -> tuple[Budget, ...]:
        """Those set for this invocation; else the config file's, unless the job had its own from a flag or input."""
        if "budget" in self._config.origins:
            return self._config.budgets
        from_file = all(budget.origin is None or ", line " in budget.origin for budget in own)
        return self._config.budgets if self._config.budgets and from_file else own

    def merged(self, footprints: tuple[Footprint, ...]) -> Assessed:
        """Several jobs are judged one by one, and rules with `scope: total` once, on the sum."""
        if len(footprints) == 1:
            return Assessed(footprints=footprints, total=total(footprints))
        shared = {
            finding.rule: finding.budget
            for footprint in footprints
            for finding in footprint.verdict.findings
            if finding.scope == "total"
        }
        alone = tuple(replace(footprint, verdict=_without_total(footprint.verdict)) for footprint in footprints)
        return Assessed(footprints=alone, total=total(alone, tuple(shared.values())))

    def _only_asked(self, known: Site) -> Config:
        """The configuration of the flags alone; a PUE that was given stays, a looked-up one is looked up anew."""
        config = self._config
        kept = known.pue.ratio if known.pue.level is Level.GIVEN else None
        region = config.region if "region" in self._asked else known.intensity.region if known.intensity.known else None
        return config._replace(
            region=region,
            pue=config.pue if "pue" in self._asked else kept,
            intensity_gco2e_per_kwh=config.intensity_gco2e_per_kwh if "intensity" in self._asked else None,
        )

    def _metadata(self, known: Site | None) -> Callable[[], str | None]:
        """The metadata services are asked for this machine's own region only when the command line says so."""
        asked = "region" in self._asked or (known is None and self._config.region == "auto")
        return region_by_metadata if asked else lambda: None


def _without_total(verdict: Verdict) -> Verdict:
    findings: tuple[Finding, ...] = tuple(finding for finding in verdict.findings if finding.scope != "total")
    if len(findings) == len(verdict.findings):
        return verdict
    outcome = worst(tuple(finding.outcome for finding in findings)) if findings else Outcome.NONE
    return Verdict(outcome=outcome, findings=findings)
