"""Footprints and verdicts -> the view that every template renders. Pure: the same input gives the same text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reporter.domain.budget import Kind, Metric, Outcome, Verdict, worst
from reporter.domain.footprint import Footprint
from reporter.report import advice, breakdown, headline, provenance, remarks
from reporter.report.accepted import accepted
from reporter.report.besides import besides_lines
from reporter.report.format import MISSING, counted, duration, percent
from reporter.report.headline import ICONS, is_modelled
from reporter.report.idle import idle_lines
from reporter.report.page import BudgetRow, Counterfactual, Detail, ReportView
from reporter.report.phases import phase_rows
from reporter.report.prose import Line, code, line, link, name, quoted
from reporter.report.rules import Judged, decisive, finding_amount, headroom_amount, only_warns, per_work, used_ratio
from reporter.report.sureness import sureness
from reporter.report.table import NO_BASE, Against, by_urgency, job_table

_OUTCOME_WORDS = {
    Outcome.PASS: "within",
    Outcome.WARN: "close",
    Outcome.FAIL: "over",
    Outcome.UNKNOWN: "not known",
    Outcome.NOT_JUDGED: "not judged",
    Outcome.NONE: "",
}


_TUNE = line(
    "To hear less of this: ", code("comment: changes"), " or ", code("over-budget"), ", as an input or in the config."
)


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
    accept: str | None = None
    """The label on the pull request that accepts what is exceeded."""
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
    against = _against(footprints)
    ordered = in_order(footprints, against)
    several = len(footprints) + len(context.missing) > 1
    return ReportView(
        location=provenance.location(footprints),
        outcome=outcome.value,
        icon=ICONS[outcome],
        title=headline.title(footprints, outcome, judged, difference=_difference(footprints, judged, outcome)),
        headline=headline.headline(footprints),
        remarks=(*accepted(judged), *remarks.remarks(ordered, context.notices, context.missing, hosted=context.hosted)),
        jobs=job_table(ordered, context.missing, several=several, against=against),
        budgets=tuple(_budget_row(item, several=several) for item in _by_severity(judged)),
        reasons=advice.reasons(judged, outcome),
        ways_label=advice.ways_label(judged, outcome),
        ways_out=advice.ways_out(judged, outcome, context.config_hint, context.accept),
        whole=_whole(footprints, ordered),
        details=tuple(_detail(row) for row in ordered) if several else (),
        not_counted=provenance.not_counted(footprints),
        tool=provenance.tool(footprints),
        more=_more(context),
        footer=_footer(context),
        several=several,
        what_if=context.what_if,
        figures=headline.figures(footprints),
        tune=_TUNE,
    )


def in_order(footprints: Sequence[Footprint], against: Against | None = None) -> list[Footprint]:
    """As a report shows them; `details` are in this order."""
    beside = _against(footprints) if against is None else against
    return sorted(footprints, key=lambda row: by_urgency(row, beside))


def _against(footprints: Sequence[Footprint]) -> Against:
    if all(row.baseline is None for row in footprints):
        return NO_BASE
    from reporter.report import versus  # noqa: PLC0415  (only where there is a base; a run's end does not wait for it)

    return Against(label=versus.label_of(footprints), cell=versus.cell, changed=versus.is_changed)


def _difference(footprints: Sequence[Footprint], judged: Sequence[Judged], outcome: Outcome) -> str:
    """Of one job, in grams unless the title speaks of energy."""
    rest = decisive(judged, outcome)
    if len(footprints) != 1 or footprints[0].baseline is None or _is_increase(rest):
        return ""
    from reporter.report import versus  # noqa: PLC0415

    return versus.difference(footprints[0], grams=rest is None or rest.finding.metric is Metric.EMISSIONS)


def _is_increase(item: Judged | None) -> bool:
    """Whether the title is about the difference already."""
    return item is not None and item.finding.kind is Kind.INCREASE and item.finding.observed is not None


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
    about = footprint is not None and finding.kind is Kind.LIMIT and is_modelled([footprint])
    metric = "energy" if finding.metric is Metric.ENERGY else "CO₂e"
    left = None if finding.observed is None else finding.limit - finding.observed
    used = used_ratio(finding)
    headroom = MISSING
    if left is not None:
        words = headroom_amount(finding, abs(left))
        share = "" if used is None else f" ({percent(abs(1 - used))})"
        headroom = f"{words} left{share}" if left >= 0 else f"{words} over{share}"
    row = BudgetRow(
        icon=ICONS[finding.outcome],
        job=(name(footprint.job.name) if footprint else "all jobs") if several else "",
        rule=name(finding.rule),
        limit=f"{finding_amount(finding, finding.limit)} {metric}{per_work(finding)}",
        observed=finding_amount(finding, finding.observed, about=about),
        headroom=headroom,
        outcome=_OUTCOME_WORDS[Outcome.FAIL if only_warns(finding) else finding.outcome],
        why=str(quoted(finding.why)),
    )
    if finding.kind is Kind.LIMIT:
        return row
    from reporter.report.ruling import special_row  # noqa: PLC0415  (most rules are limits)

    return special_row(row, item)


def _whole(footprints: Sequence[Footprint], ordered: Sequence[Footprint]) -> Detail:
    if len(footprints) == 1:
        return _detail(footprints[0])
    whole = Detail(
        name="All jobs",
        facts=line(counted(len(footprints), "job")),
        parts=breakdown.parts(footprints),
        sure=(*sureness(footprints), *provenance.flags(footprints)),
        unavailable=provenance.sources(footprints),
        method=provenance.method(footprints),
        besides=besides_lines(footprints),
    )
    if all(row.baseline is None for row in footprints):
        return whole
    from reporter.report.versus import changes_of_many  # noqa: PLC0415

    return whole._replace(change=changes_of_many(ordered))


def _detail(footprint: Footprint) -> Detail:
    one = (footprint,)
    facts = [breakdown.machine(footprint), duration(footprint.job.duration_s)]
    detail = Detail(
        name=name(footprint.job.name),
        facts=line(", ".join(fact for fact in facts if fact and fact != MISSING)),
        parts=breakdown.parts(one),
        meters=breakdown.meters(footprint),
        phases=phase_rows(footprint),
        power=breakdown.power_over_time(footprint),
        usage=breakdown.usage_over_time(footprint),
        idle=idle_lines(footprint),
        sure=(*sureness(one), *provenance.flags(one)),
        unavailable=provenance.sources(one),
        method=provenance.method(one),
        besides=besides_lines(one),
    )
    return detail if footprint.baseline is None else _compared(detail, footprint)


def _compared(detail: Detail, footprint: Footprint) -> Detail:
    from reporter.report.side_by_side import compared_phases, compared_rows, trend  # noqa: PLC0415
    from reporter.report.versus import change_lines, label_of  # noqa: PLC0415

    return detail._replace(
        change=change_lines(footprint),
        base_label=label_of([footprint]),
        compared=compared_rows(footprint),
        compared_phases=compared_phases(footprint),
        trend=trend(footprint),
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
