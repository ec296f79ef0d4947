"""`emissions budget suggest`: limits as YAML for the config file, from the runs that history holds."""

from __future__ import annotations

import json

from reporter.commands import Invocation
from reporter.commands.output import put
from reporter.commands.past.choice import date_of, opened, whole
from reporter.commands.settings import load
from reporter.domain.suggestion import FEWEST_RUNS, PERCENTILE, Suggestion, lowered, suggested
from reporter.errors import ConfigError, ExitCode, Problem, ReporterError
from reporter.export.plain import logged
from reporter.report.console import visible
from reporter.report.format import counted, number

RATCHET_RUNS = 10
"""How many of each job's newest runs must stay below a limit, where `--last` says no other number."""


def run(invocation: Invocation) -> int:
    """Print the lines to paste; what cannot be said of a job is a comment among them."""
    if invocation.arguments != ("suggest",):
        words = " ".join(("budget", *invocation.arguments))
        raise ConfigError(Problem(f"`{words}` is not known", suggestion="Write `budget suggest`."))
    ratchet = "ratchet" in invocation.switches
    last = whole(invocation, "last", least=1) or (RATCHET_RUNS if ratchet else None)
    since = date_of(invocation, "since")
    settings = load(invocation)
    history, label = opened(invocation, settings)
    options = invocation.options
    wanted = history.runs(job=options.get("job"), branch=options.get("branch"), since=since, phases=False)
    if not wanted:
        hint = "`emissions history add emissions-report` keeps a run; `emissions history show` lists them."
        raise ReporterError(f"There are no such runs in {visible(label)}", hint=hint)
    # The newest of each job: a rare job is not crowded out by a frequent one.
    jobs = {job: runs[-(last or len(runs)) :] for job, runs in wanted.by_job().items()}
    found = lowered(jobs, settings.config.budgets) if ratchet else suggested(jobs)
    put(_yaml(found, ratchet=ratchet, label=label, limits=len(settings.config.budgets)), machine=True)
    return ExitCode.DONE


def _yaml(found: tuple[Suggestion, ...], *, ratchet: bool, label: str, limits: int) -> str:
    lines = [f"# From {visible(label)}."]
    if ratchet and not limits:
        lines.append("# The config file has no budget that could be lowered.")
    elif ratchet and not found:
        lines.append("# No limit can be lowered: none is well above what the last runs took.")
    if any(one.limit is not None for one in found):
        lines.append("budgets:")
    lines += [_line(one) for one in found]
    return "\n".join((*lines, ""))


def _line(one: Suggestion) -> str:
    name = visible(one.job)
    if one.limit is None:
        return f"  # {name}: not enough comparable runs ({one.runs} of {FEWEST_RUNS})"
    unit = f"{one.unit}/{one.per_unit}" if one.per_unit else one.unit
    entry = f"metric: {one.metric.value}, max: {one.limit:g} {unit}"
    repeat = f", and {number(100 * one.repeat_ratio, 2)} % that a repeat may take more" if one.repeat_ratio else ""
    usual = f"{PERCENTILE:g} % of {counted(one.runs, 'run')} stayed within {number(one.value)} {one.unit}"
    if one.instead_of is not None:
        rule = visible(one.instead_of.rule)
        where = f" ({visible(one.instead_of.origin)})" if one.instead_of.origin else ""
        scope = "".join(
            f", {key}: {logged(json.dumps(list(patterns)))}"
            for key, patterns in zip(("jobs", "branches", "runners"), one.instead_of.scopes, strict=True)
            if patterns
        )
        return f"  - {{{entry}{scope}}}  # instead of {rule}{where}; {name}: {usual}{repeat}"
    return f"  - {{{entry}, jobs: {logged(json.dumps([one.job]))}}}  # {usual}{repeat}"
