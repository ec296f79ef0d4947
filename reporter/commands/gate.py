"""`emissions gate`: judge the budgets; the exit status is the verdict."""

from __future__ import annotations

from reporter.commands import Invocation
from reporter.commands.account.edition import edition_of
from reporter.commands.delivery.finish import held_against, is_over_budget
from reporter.commands.output import put, warn
from reporter.commands.settings import load
from reporter.commands.trust.from_run import NothingToPost, assessed_at, identified
from reporter.commands.trust.overrides import ruled
from reporter.commands.trust.rules import as_on_base
from reporter.domain.budget import Finding, Kind, Outcome, Verdict
from reporter.errors import ExitCode
from reporter.export import json
from reporter.export.verdict import encode_verdict
from reporter.report.console import visible

WORDS = {
    Outcome.PASS: "pass", Outcome.WARN: "warn", Outcome.FAIL: "FAIL",
    Outcome.UNKNOWN: "unknown", Outcome.NOT_JUDGED: "not judged", Outcome.NONE: "none",
}  # fmt: skip


def run(invocation: Invocation) -> int:
    """Print a line per finding, and return 1 when a budget is exceeded."""
    with edition_of(invocation):
        settings = load(invocation)
        try:
            settings = as_on_base(identified(settings), invocation)
            assessed = assessed_at(invocation, settings)
        except NothingToPost as none:
            put(f"verdict: unknown. {visible(none.message)}.\n")
            return ExitCode.OVER_BUDGET if settings.config.on_unknown == "fail" else ExitCode.DONE
        # In the action the steps before have looked at the base, and have asked history.
        within = bool(invocation.inputs)
        assessed = held_against(assessed, settings, keeps_base=within, is_handed_over=within)
        assessed = ruled(assessed, settings, live=True)
    verdict = assessed.total.verdict
    for notice in assessed.notices:
        warn(notice)
    try:
        if "json" in invocation.switches:
            put(json.dumps({"schema": json.SCHEMA, "verdict": encode_verdict(verdict)}), machine=True)
        else:
            put(_text(verdict))
    except BrokenPipeError:
        pass  # nobody reads on, but the status is the verdict all the same
    return ExitCode.OVER_BUDGET if is_over_budget(assessed, settings) else ExitCode.DONE


def _text(verdict: Verdict) -> str:
    if not verdict.findings and verdict.why is None:
        return "verdict: none. No budget is set; `--budget '50 g'` sets one.\n"
    lines = [_line(finding) for finding in verdict.findings]
    why = "" if verdict.why is None else f". {visible(verdict.why)}."
    return "\n".join((f"verdict: {verdict.told.value}{why}", *lines)) + "\n"


def _line(finding: Finding) -> str:
    where = f" ({finding.origin})" if finding.origin else ""
    if (override := finding.override) is not None:
        where = f"{where}, accepted by {override.by or override.origin}: {override.reason}"
    if finding.outcome is Outcome.NOT_JUDGED or finding.kind in (Kind.QUALITY, Kind.MEASURED):
        return f"  {WORDS[finding.outcome]}: {visible(f'{finding.rule}{where}: {finding.why}')}"
    observed = "not measured" if finding.observed is None else f"{finding.observed:.4g} {finding.unit}"
    interval = "" if finding.low is None or finding.high is None else f" ({finding.low:.4g} to {finding.high:.4g})"
    limit = f"{finding.limit:g} {finding.unit}" if finding.kind is Kind.LIMIT else finding.rule
    words = f"{finding.metric.value} {observed}{interval} of {limit}{where}: {finding.why}"
    return f"  {WORDS[finding.outcome]}: {visible(words)}"
