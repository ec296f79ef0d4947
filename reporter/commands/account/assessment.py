"""Recordings and footprints under the settings of this invocation: which factors, which budgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from reporter import __version__
from reporter.commands.account.accounting import beside
from reporter.commands.settings import Settings
from reporter.config.organisation import locks_of
from reporter.domain.besides import Accounting
from reporter.domain.budget import Budget, Finding, Verdict
from reporter.domain.carbon import Site, Tool
from reporter.domain.energy import account
from reporter.domain.footprint import Footprint, assess, at_site, judged
from reporter.domain.override import with_findings
from reporter.domain.proof import FIGURES_DISAGREE, proved
from reporter.domain.readings import Recording
from reporter.domain.recomputed import was
from reporter.domain.series import spans
from reporter.domain.total import Total, total
from reporter.errors import ConfigError, Problem
from reporter.export.policy import Policy
from reporter.factors import pack
from reporter.metering.recording import read_recording

if TYPE_CHECKING:
    from reporter.commands.account.traced import Recorded
    from reporter.domain.carbon import MeterEnergy

FLAG = "`--"
"""How the origin of a value set on the command line begins."""
INPUT = "action input "
"""How the origin of an input of the action begins."""


class Assessed(NamedTuple):
    """The jobs of one report and their sum."""

    footprints: tuple[Footprint, ...]
    total: Total
    recorded: Recorded = MappingProxyType({})
    """Where the recordings are, for those who want more than the footprints hold."""
    notices: tuple[str, ...] = ()
    """What the report has to say about its inputs, a sentence each."""


def assess_paths(paths: Sequence[str], settings: Settings) -> Assessed:
    """Read, assess and judge everything under these paths."""
    from reporter.commands.account.gather import gather  # noqa: PLC0415  (a run gathers nothing)

    assessor = _Assessor(settings)
    recorded: dict[tuple[MeterEnergy, ...], Recording | Path] = {}
    footprints = gather(paths, assess=assessor.recording_at, found=lambda row, at: recorded.setdefault(row.meters, at))
    name = settings.config.name
    if name and settings.config.origins["name"].startswith(FLAG):
        if len(footprints) > 1:
            message = f"One name for {len(footprints)} jobs"
            raise ConfigError(Problem(message, origin="`--name`", suggestion="Leave it out, or name one footprint."))
        footprints = (replace(footprints[0], job=replace(footprints[0].job, name=name)),)
    return _merged(tuple(map(assessor.footprint, footprints)))._replace(recorded=recorded)


def assess_footprints(footprints: tuple[Footprint, ...], settings: Settings) -> Assessed:
    """Judge what somebody else has read."""
    assessor = _Assessor(settings)
    return _merged(tuple(map(assessor.footprint, footprints)))


def assess_recorded(recording: Recording, site: Site, settings: Settings) -> Assessed:
    """A recording that was just made, as a report of one job; its site was resolved with these settings."""
    config = settings.config
    footprint = assess(recording, account(recording, spans(site)), site, config.budgets, tool())
    footprint = beside(footprint, config.accounting or Accounting())
    return Assessed((footprint,), total((footprint,)), {footprint.meters: recording})


def assess_session(recording: Recording, policy: Policy, settings: Settings) -> tuple[Assessed, Policy]:
    """A session that was just stopped, and the policy that it was assessed under.

    What the command line or the action says now replaces what was said at its start.
    """
    assessor = _Assessor(settings, said=(FLAG, INPUT), policy=policy)
    site, budgets = assessor.sites.over(policy.site, recording), assessor.budgets(policy.budgets)
    name = settings.config.name
    if name and settings.config.origins["name"].startswith((FLAG, INPUT)):
        recording = replace(recording, job=replace(recording.job, name=name))
    accounting = assessor.accounting(policy.accounting)
    energy = account(recording, spans(site))
    footprint = beside(assess(recording, energy, site, budgets, assessor.tool(policy)), accounting or Accounting())
    used = policy._replace(site=site, budgets=budgets, accounting=accounting, factors=assessor.factors(policy))
    return Assessed((footprint,), total((footprint,)), {footprint.meters: recording}), used


def judged_again(assessed: Assessed, footprints: tuple[Footprint, ...]) -> Assessed:
    """The same jobs under the same rules, now that they have a base, or what was spent before."""
    alone = {finding for row in assessed.footprints for finding in row.verdict.findings}
    shared = tuple(row.budget for row in assessed.total.verdict.findings if row not in alone)
    rows = tuple(judged(row, tuple(finding.budget for finding in row.verdict.findings)) for row in footprints)
    return assessed._replace(footprints=rows, total=total(rows, shared))


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
    def __init__(self, settings: Settings, *, said: tuple[str, ...] = (FLAG,), policy: Policy | None = None) -> None:
        from reporter.commands.account.site_again import SiteAgain  # noqa: PLC0415  (a run has just looked its site up)

        self._settings = settings
        self._config = settings.config
        flags = {key for key, origin in self._config.origins.items() if origin.startswith(said)}
        self._asked = frozenset(flags & {"region", "pue", "intensity", "factors"})
        self.sites = SiteAgain(settings, self._asked, policy)

    def recording_at(self, path: Path) -> Footprint:
        from reporter.export.decoding import decode_policy  # noqa: PLC0415  (a run that was just made needs none)

        recording, extra = read_recording(path)
        policy = decode_policy(extra, origin=str(path))
        footprint = self._recording(recording, policy)
        self.sites.note(footprint, recording)
        return footprint

    def _recording(self, recording: Recording, policy: Policy) -> Footprint:
        """One recording with the site and the budgets that it was made with, or those asked for now.

        Where that is another site it has the old one first, so that `footprint` can say what changes.
        """
        if self._asked and policy.site is not None:
            version, sha256 = policy.factors or (None, None)
            site, by = policy.site, replace(tool(), factors_version=version, factors_sha256=sha256)
        else:
            site, by = self.sites.over(policy.site, recording), self.tool(policy)
        energy = account(recording, spans(site))
        footprint = assess(recording, energy, site, self.budgets(policy.budgets), by)
        return beside(footprint, self.accounting(policy.accounting) or Accounting())

    def tool(self, policy: Policy) -> Tool:
        """This version, with the tables that the recorded site is from unless it is looked up anew."""
        factors = self.factors(policy)
        return replace(tool(), factors_version=factors[0], factors_sha256=factors[1]) if factors else tool()

    def factors(self, policy: Policy) -> tuple[str, str] | None:
        """Version and sum of the tables of a site that was recorded, or is looked up now; None where nobody knows."""
        if policy.site is not None and not self._asked & {"region", "factors"}:
            return policy.factors
        shipped = pack()
        return shipped.version, shipped.sha256

    def footprint(self, footprint: Footprint) -> Footprint:
        """A footprint keeps its factors and its verdict unless the command line or the settings say otherwise.

        Figures that do not follow from its energy are kept too, but its verdict must.
        """
        own = tuple(finding.budget for finding in footprint.verdict.findings)
        footprint = proved(footprint)
        if FIGURES_DISAGREE in footprint.flags:
            footprint = judged(footprint, own)
        budgets = self.budgets(own)
        accounting = self.accounting(footprint.accounting)
        if self._asked:
            return judged(beside(self._anew(footprint), accounting), budgets)
        if accounting != footprint.accounting:
            footprint = beside(footprint, accounting)
        return footprint if budgets == own else judged(footprint, budgets)

    def _anew(self, footprint: Footprint) -> Footprint:
        """The footprint with the factors that are asked for, and what it said before where that differs."""
        found = at_site(footprint, self.sites.of(footprint))
        looked_up = self._asked & {"region", "factors"} or footprint.tool.factors_version is None
        found = replace(found, tool=tool() if looked_up else footprint.tool)
        then = (footprint.pue, footprint.intensity, footprint.tool)
        return found if (found.pue, found.intensity, found.tool) == then else replace(found, recomputed=was(footprint))

    def budgets(self, own: tuple[Budget, ...]) -> tuple[Budget, ...]:
        """Those set for this invocation; else the config file's, unless the job had its own from a flag or input."""
        if "budget" in self._config.origins or "budgets" in locks_of(self._settings.stack.organisation):
            return self._config.budgets
        from_file = all(budget.origin is None or ", line " in budget.origin for budget in own)
        return self._config.budgets if self._config.budgets and from_file else own

    def accounting(self, own: Accounting | None) -> Accounting | None:
        """What the settings of this invocation declare, if anything; else what was declared when the job ran."""
        return own if self._config.accounting is None else self._config.accounting


def _merged(footprints: tuple[Footprint, ...]) -> Assessed:
    """Several jobs are judged one by one, and rules with `scope: total` once, on the sum."""
    if len(footprints) == 1:
        return Assessed(footprints=footprints, total=total(footprints))
    shared = {
        replace(finding.budget, origin=None): finding.budget
        for footprint in footprints
        for finding in footprint.verdict.findings
        if finding.scope == "total"
    }
    alone = tuple(replace(footprint, verdict=_without_total(footprint.verdict)) for footprint in footprints)
    return Assessed(footprints=alone, total=total(alone, tuple(shared.values())))


def _without_total(verdict: Verdict) -> Verdict:
    findings: tuple[Finding, ...] = tuple(finding for finding in verdict.findings if finding.scope != "total")
    if len(findings) == len(verdict.findings):
        return verdict
    return with_findings(verdict, findings)
