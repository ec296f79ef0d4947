"""Rules that are no limit on what the jobs themselves took, in words: sums over runs, increases, quality, metering."""

from __future__ import annotations

from reporter.domain.budget import Finding, Kind, Metric, Outcome, too_close, within_noise
from reporter.report.format import FEWEST_DIGITS, MISSING, NARROW, counted, number, percent
from reporter.report.page import BudgetRow
from reporter.report.prose import Line, line, name, strong
from reporter.report.rules import Judged, excess, finding_amount, finding_range, mildly, only_warns, used_ratio

_WHEN = {
    "day": "today", "week": "this week", "month": "this month", "year": "this year",
    "pull-request": "this pull request",
}  # fmt: skip
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONGEST_LABEL = 30


def title(item: Judged) -> Line:
    """The finding that the verdict rests on, in one sentence."""
    finding = item.finding
    if finding.kind is Kind.SUM:
        return line(_sum_title(finding))
    if within_noise(finding):
        found = f"{finding_amount(finding, finding.observed)} energy{_against(item)}, limit {_limit(finding)}"
        return line(f"Too close to call: {found}; an unchanged job may be {finding_amount(finding, finding.noise)}")
    if finding.outcome is Outcome.WARN and too_close(finding):
        return line(f"Too close to call: {finding_range(finding)} energy{_against(item)}, limit {_limit(finding)}")
    words = brief(item)
    if finding.kind is Kind.INCREASE and finding.outcome is not Outcome.FAIL and not only_warns(finding):
        near = "near" if finding.outcome is Outcome.WARN else "within"
        words = (
            f"{finding_amount(finding, finding.observed)} energy{_against(item)}, {near} the limit of {_limit(finding)}"
        )
    return line(words[:1].upper() + words[1:], mildly(finding) if only_warns(finding) else "")


def brief(item: Judged) -> str:
    """What was found beside what was asked for."""
    finding = item.finding
    observed, limit = finding_amount(finding, finding.observed), _limit(finding)
    if finding.kind is Kind.SUM:
        return f"{observed} of {limit} {_WHEN.get(finding.per or '', '')}"
    if finding.kind is Kind.INCREASE:
        return f"{observed} energy{_against(item)}, limit {limit}"
    what = f"quality {observed}" if finding.kind is Kind.QUALITY else f"{observed} of the energy metered"
    return f"{what}, at least {limit} is asked for"


def special_row(row: BudgetRow, item: Judged) -> BudgetRow:
    """A row of the table of rules, for one that needs other words than a limit does."""
    finding, limit = item.finding, _limit(item.finding)
    if finding.kind is Kind.SUM:
        return row._replace(
            limit=f"{row.limit} {_WHEN.get(finding.per or '', '')}",
            headroom=row.headroom + pace(finding),
        )
    words = {
        Kind.INCREASE: f"{limit} energy{_against(item)}",
        Kind.QUALITY: f"{limit} or better",
        Kind.MEASURED: f"{limit} metered",
    }
    outcome = "below" if row.outcome == "over" and finding.kind is not Kind.INCREASE else row.outcome
    return row._replace(limit=words[finding.kind], headroom=_headroom(finding), outcome=outcome)


def _headroom(finding: Finding) -> str:
    """How far from the limit, in points of per cent; letters have no distance."""
    if finding.observed is None or finding.kind is Kind.QUALITY:
        return MISSING
    over = finding.observed - finding.limit
    if finding.kind is Kind.MEASURED:
        return _points(over, "above" if over >= 0 else "missing")
    return _points(over, "over" if over > 0 else "left")


def _points(value: float, what: str) -> str:
    return f"{number(abs(value), FEWEST_DIGITS)}{NARROW}points {what}"


def made_of(finding: Finding) -> Line:
    """The runs that a sum is of, failed ones and those tried again too, and how much that is a day."""
    parts = [_runs(finding)]
    if finding.daily is not None and finding.per != "day":
        parts.append(f"{finding_amount(finding, finding.daily)} a day")
    return line(strong("In it:"), f" {', '.join(parts)}.")


def so_far(finding: Finding) -> Line:
    """`This month: 12.4 of 20 kg CO₂e (62 %), 41 runs.`, with the day on which it will be spent at this pace."""
    observed, limit = finding_amount(finding, finding.observed), _limit(finding)
    _, _, unit = limit.rpartition(NARROW)
    observed = observed.removesuffix(f"{NARROW}{unit}")
    gas = " CO₂e" if finding.metric is Metric.EMISSIONS else ""
    used, when = used_ratio(finding), _WHEN.get(finding.per or "", "")
    share = "" if used is None else f" ({percent(used)})"
    words = f" {observed} of {limit}{gas}{share}, {_runs(finding)}{pace(finding)}."
    return line(strong(f"{when[:1].upper()}{when[1:]}:"), words)


def _runs(finding: Finding) -> str:
    words = [counted(finding.runs or 0, "run")]
    words += [f"{finding.retries:,} tried again"] if finding.retries else []
    words += [f"{finding.failed:,} failed or cancelled"] if finding.failed else []
    return ", ".join(words)


def pace(finding: Finding) -> str:
    """`, spent by 27 Nov at this pace`, where that is ahead."""
    moment = finding.spent_at
    if moment is None:
        return ""
    day = f"{moment[11:16]} UTC" if finding.per == "day" else f"{int(moment[8:10])} {_MONTHS[int(moment[5:7]) - 1]}"
    return f", spent by {day} at this pace"


def anew(finding: Finding) -> str:
    """When a period's sum begins at nothing again."""
    return {"day": "tomorrow", "week": "on Monday", "month": "next month", "year": "next year"}.get(
        finding.per or "", ""
    )


def _sum_title(finding: Finding) -> str:
    observed, limit = finding_amount(finding, finding.observed), _limit(finding)
    gas = " CO₂e" if finding.metric is Metric.EMISSIONS else ""
    when = _WHEN.get(finding.per or "", "")
    if finding.outcome is Outcome.FAIL or only_warns(finding):
        budget = "energy" if finding.metric is Metric.ENERGY else "carbon"
        tail = mildly(finding) if finding.outcome is Outcome.WARN else ""
        return f"{excess(finding)} {when}'s {budget} budget: {observed} of {limit}{tail}"
    if too_close(finding):
        return f"Too close to call: {finding_range(finding)}{gas} {when} against the {limit} budget"
    used = used_ratio(finding)
    share = "" if used is None else f" ({percent(used)})"
    tail = ": nearly used up" if finding.outcome is Outcome.WARN else ""
    return f"{observed}{gas} of {limit} {when}{share}{pace(finding)}{tail}"


def _limit(finding: Finding) -> str:
    return finding_amount(finding, finding.limit)


def _against(item: Judged) -> str:
    base = item.footprint.baseline if item.footprint else None
    return f" against {name(base.label, _LONGEST_LABEL) if base else 'the base'}"
