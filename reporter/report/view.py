"""Footprints and verdicts -> the view that every template renders. Pure: the same input gives the same text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reporter.domain.budget import Metric, Outcome, Verdict, worst
from reporter.domain.footprint import Footprint
from reporter.report import advice, breakdown, headline, provenance, remarks
from reporter.report.besides import besides_lines
from reporter.report.format import MISSING, counted, duration, percent
from reporter.report.headline import ICONS, is_modelled
from reporter.report.idle import idle_lines
from reporter.report.page import BudgetRow, Counterfactual, Detail, ReportView
from reporter.report.phases import phase_rows
from reporter.report.prose import Line, line, link, name, quoted
from reporter.report.rules import Judged, finding_amount, headroom_amount, per_work, used_ratio
from reporter.report.table import by_urgency, job_table

_OUTCOME_WORDS = {
    Outcome.PASS: "within",
    Outcome.WARN: "close",
    Outcome.FAIL: "over",
    Outcome.UNKNOWN: "not known",
    Outcome.NOT_JUDGED: "not judged",
    Outcome.NONE: "",
}


class ReportContext(NamedTuple):
    """What a report says besides the footprints; everything is optional, and missing is left out."""

    repository: str | None = None
    server_url: str = "https://github.com"
    head_sha: str | None = None
    run_url: str | None = None
    generated_at: str | None = None
    missing: tuple[str, ...] = ()
    """Jobs that should have sent a footprint but did not."""
    full_report: str | None = None
    """Where the whole report lies, in words: "the job summary", "artifact `emissions`"."""
    hosted: bool = False
    """Whether the jobs ran on GitHub's own runners."""
    config_hint: str | None = None
    """Where the limits stand if a finding does not say: `.github/emissions.yml line 7`."""
    verdict: Verdict | None = None
    """Of the whole set; findings that no single footprint holds are about the sum. None: the worst of the jobs."""
    notices: tuple[str, ...] = ()
    """Trouble of the reporter's own, a sentence each; backticks set off code."""
    what_if: tuple[Counterfactual, ...] = ()
    """The same jobs elsewhere and later, where that was asked for."""


def report_view(footprints: Sequence[Footprint], context: ReportContext) -> ReportView:
    """Everything a report says about these jobs, as text; any number of footprints, none included."""
    judged = _judged(footprints, context.verdict)
    outcome = context.verdict.outcome if context.verdict else worst(tuple(row.verdict.outcome for row in footprints))
    ordered = sorted(footprints, key=by_urgency)
    several = len(footprints) + len(context.missing) > 1
    return ReportView(
        location=provenance.location(footprints),
        outcome=outcome.value,
        icon=ICONS[outcome],
        title=headline.title(footprints, outcome, judged),
        headline=headline.headline(footprints),
        remarks=remarks.remarks(ordered, context.notices, context.missing, hosted=context.hosted),
        jobs=job_table(ordered, context.missing, several=several),
        budgets=tuple(_budget_row(item, several=several) for item in _by_severity(judged)),
        reasons=advice.reasons(judged, outcome),
        ways_label=advice.ways_label(outcome),
        ways_out=advice.ways_out(judged, outcome, context.config_hint),
        whole=_whole(footprints),
        details=tuple(_detail(row) for row in ordered) if several else (),
        not_counted=provenance.not_counted(footprints),
        tool=provenance.tool(footprints),
        more=_more(context),
        footer=_footer(context),
        several=several,
        what_if=context.what_if,
    )


def _judged(footprints: Sequence[Footprint], verdict: Verdict | None) -> list[Judged]:
    judged = [Judged(finding, row) for row in footprints for finding in row.verdict.findings]
    known = {item.finding for item in judged}
    about = footprints[0] if len(footprints) == 1 else None
    others = verdict.findings if verdict else ()
    return [*judged, *(Judged(finding, about) for finding in others if finding not in known)]


def _by_severity(judged: list[Judged]) -> list[Judged]:
    order = list(Outcome)
    severity = {Outcome.FAIL: -3, Outcome.UNKNOWN: -2, Outcome.WARN: -1}
    return sorted(
        judged,
        key=lambda item: (severity.get(item.finding.outcome, order.index(item.finding.outcome)),
                          -(used_ratio(item.finding) or 0.0)),
    )  # fmt: skip


def _budget_row(item: Judged, *, several: bool) -> BudgetRow:
    finding, footprint = item.finding, item.footprint
    about = footprint is not None and is_modelled([footprint])
    metric = "energy" if finding.metric is Metric.ENERGY else "CO₂e"
    left = None if finding.observed is None else finding.limit - finding.observed
    used = used_ratio(finding)
    headroom = MISSING
    if left is not None:
        words = headroom_amount(finding, abs(left))
        share = "" if used is None else f" ({percent(abs(1 - used))})"
        headroom = f"{words} left{share}" if left >= 0 else f"{words} over{share}"
    return BudgetRow(
        icon=ICONS[finding.outcome],
        job=(name(footprint.job.name) if footprint else "all jobs") if several else "",
        rule=name(finding.rule),
        limit=f"{finding_amount(finding, finding.limit)} {metric}{per_work(finding)}",
        observed=finding_amount(finding, finding.observed, about=about),
        headroom=headroom,
        outcome=_OUTCOME_WORDS[finding.outcome],
        why=str(quoted(finding.why)),
    )


def _whole(footprints: Sequence[Footprint]) -> Detail:
    if len(footprints) == 1:
        return _detail(footprints[0])
    return Detail(
        name="All jobs",
        facts=line(counted(len(footprints), "job")),
        parts=breakdown.parts(footprints),
        sure=(*provenance.sureness(footprints), *provenance.flags(footprints)),
        unavailable=provenance.sources(footprints),
        method=provenance.method(footprints),
        besides=besides_lines(footprints),
    )


def _detail(footprint: Footprint) -> Detail:
    one = (footprint,)
    facts = [breakdown.machine(footprint), duration(footprint.job.duration_s)]
    return Detail(
        name=name(footprint.job.name),
        facts=line(", ".join(fact for fact in facts if fact and fact != MISSING)),
        parts=breakdown.parts(one),
        meters=breakdown.meters(footprint),
        phases=phase_rows(footprint),
        power=breakdown.power_over_time(footprint),
        usage=breakdown.usage_over_time(footprint),
        idle=idle_lines(footprint),
        sure=(*provenance.sureness(one), *provenance.flags(one)),
        unavailable=provenance.sources(one),
        method=provenance.method(one),
        besides=besides_lines(one),
    )


def _more(context: ReportContext) -> Line:
    if context.full_report:
        return line("Shortened to fit; the whole report is in ", quoted(context.full_report), ".")
    return line("Shortened to fit; the whole report is with ", link("the run", context.run_url), ".")


def _footer(context: ReportContext) -> Line:
    items = []
    sha = (context.head_sha or "")[:7]
    if sha:
        repository = context.repository
        address = f"{context.server_url}/{repository}/commit/{context.head_sha}" if repository else None
        items.append(line(link(name(sha), address)))
    if context.run_url:
        items.append(line(link("run", context.run_url)))
    if context.full_report:
        items.append(line("full report: ", quoted(context.full_report)))
    if context.generated_at:
        items.append(line(name(context.generated_at)))
    return line(*(part for index, item in enumerate(items) for part in ((" · ", item) if index else (item,))))
