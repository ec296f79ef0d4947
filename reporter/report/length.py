"""The same report made shorter: what is dropped first, and what stays to the end."""

from __future__ import annotations

from collections.abc import Iterator

from reporter.report.format import counted
from reporter.report.page import Detail, JobTable, ReportView
from reporter.report.prose import Line, Verbatim


def shortened(view: ReportView) -> Iterator[ReportView]:
    """The view whole, then with ever less: charts, single meters, jobs' details, rows, parts, sources, method."""
    yield view
    view = view._replace(
        whole=_plain(view.whole), details=tuple(_plain(detail) for detail in view.details), shortened=True
    )
    yield view
    for details, rows, budgets in ((100, 200, 60), (20, 100, 20), (0, 40, 10)):
        view = view._replace(
            details=view.details[:details], jobs=_fewer(view.jobs, rows), budgets=view.budgets[:budgets]
        )
        yield view
    whole = view.whole._replace(parts=(), phases=(), power=None, usage=None, idle=(), besides=())
    view = view._replace(whole=whole, jobs=_fewer(view.jobs, 0), what_if=())
    yield view
    view = view._replace(whole=view.whole._replace(unavailable=view.whole.unavailable[:3]), budgets=view.budgets[:5])
    yield view
    yield view._replace(
        whole=view.whole._replace(unavailable=(), sure=(), method=()),
        jobs=_fewer(view.jobs, 0)._replace(rows=view.jobs.rows[:5]),
        remarks=view.remarks[:3],
        budgets=(),
    )


def minimal(view: ReportView) -> ReportView:
    """The verdict, its number and where the rest is."""
    nothing = Detail(name="", facts=Line())
    return view._replace(
        remarks=(),
        jobs=JobTable(rows=()),
        budgets=(),
        reasons=(),
        ways_out=(),
        whole=nothing,
        details=(),
        not_counted=Line(),
        shortened=True,
        what_if=(),
    )


def _plain(detail: Detail) -> Detail:
    power = None if detail.power is None else detail.power._replace(mermaid=Verbatim(""), svg=Verbatim(""))
    usage = None if detail.usage is None else detail.usage._replace(mermaid=Verbatim(""), svg=Verbatim(""))
    return detail._replace(power=power, usage=usage, meters=())


def _fewer(jobs: JobTable, kept: int) -> JobTable:
    left = len(jobs.folded) - kept
    if left <= 0:
        return jobs
    omitted = jobs.omitted_count + left
    return jobs._replace(
        folded=jobs.folded[:kept],
        folded_label=counted(kept, "more job"),
        omitted=f"{counted(omitted, 'job')} not shown here.",
        omitted_count=omitted,
    )
