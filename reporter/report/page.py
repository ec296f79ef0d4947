"""What a report says, ready to be laid out: the templates' public API.

Every number is text already, scaled and rounded; every sentence is a `Line`.
Templates choose what to show and in which order; they neither calculate nor build sentences.
Fields are added, never renamed or removed, within one major version.
"""

from __future__ import annotations

from typing import NamedTuple

from reporter.report.prose import Line, Verbatim


class JobRow(NamedTuple):
    """One row of the main table; missing numbers are a dash."""

    icon: str
    """Empty when the job is within its budgets, or has none."""
    name: str
    energy: str
    versus: str
    """Difference to the base branch; empty without a baseline."""
    emissions: str
    emissions_range: str
    """How far off the absolute number may be: `340–570`, in the unit of `emissions`; empty when not known."""
    budget_used: str
    over: bool
    basis: str
    """measured, partly measured, modelled, and what else to know before trusting the row."""


class JobTable(NamedTuple):
    """The main table: `rows` are open, `folded` are shown on demand, `omitted` says how many are left out."""

    rows: tuple[JobRow, ...]
    folded: tuple[JobRow, ...] = ()
    folded_label: str = ""
    omitted: str = ""
    omitted_count: int = 0
    total: JobRow | None = None
    versus_label: str = ""
    """Heading of the comparison column, as `vs main`; empty without a baseline."""


class BudgetRow(NamedTuple):
    """One rule held against one job, or against the sum of all."""

    icon: str
    job: str
    rule: str
    limit: str
    observed: str
    headroom: str
    outcome: str
    why: str


class PartRow(NamedTuple):
    """Energy of one part of the machine. `counted` is false where another meter contains it already."""

    label: str
    energy: str
    share: str
    method: str
    counted: bool = True
    note: str = ""


class PhaseRow(NamedTuple):
    """One named part of the job's time; parts of one name are one row: `eval (12 ×)`."""

    label: str
    duration: str
    energy: str
    share: str
    power: str


class Power(NamedTuple):
    """Power over time, as words and as charts. `mermaid` is empty where there are gaps or too few points."""

    mean: str
    peak: str
    sparkline: str
    mermaid: Verbatim
    svg: Verbatim
    summary: Line


class Usage(NamedTuple):
    """The GPUs' mean utilisation over time, as words and as charts."""

    mean: str
    sparkline: str
    mermaid: Verbatim
    svg: Verbatim
    summary: Line


class SourceRow(NamedTuple):
    """A source of readings that was not there: why, and what to do."""

    source: str
    reason: Line
    remedy: Line
    expected: bool


class Detail(NamedTuple):
    """What stands behind one job, or behind all of them together: parts, phases, power, how sure, how computed."""

    name: str
    facts: Line
    parts: tuple[PartRow, ...] = ()
    """By kind: GPUs, CPU, memory."""
    meters: tuple[PartRow, ...] = ()
    """One by one; empty where that says no more than `parts`."""
    phases: tuple[PhaseRow, ...] = ()
    power: Power | None = None
    sure: tuple[Line, ...] = ()
    unavailable: tuple[SourceRow, ...] = ()
    method: tuple[Line, ...] = ()
    usage: Usage | None = None
    idle: tuple[Line, ...] = ()
    """Energy that no computing stands behind: of GPUs without work, and of the machine as it idles."""
    besides: tuple[Line, ...] = ()
    """Figures that are not in the headline: market-based, marginal, embodied, SCI, water, cost, an equivalent."""


class CounterfactualRow(NamedTuple):
    """One other place or time for the same job; `here` is the job as it ran, `versus` the difference to it."""

    label: str
    factor: str
    pue: str
    emissions: str
    versus: str
    here: bool = False


class Counterfactual(NamedTuple):
    """What would have been elsewhere or later: `rows` best first, `apart` those that may not be held against the job.

    `label` heads the first column.
    """

    heading: str
    lead: Line
    label: str
    rows: tuple[CounterfactualRow, ...]
    notes: tuple[Line, ...] = ()
    apart: tuple[CounterfactualRow, ...] = ()
    apart_label: str = ""


class ReportView(NamedTuple):
    """A whole report. The order of the fields is the order in which a reader needs them."""

    location: Line | None
    """Set when a region is unknown: the first line of every face, saying how to set it."""
    outcome: str
    """pass, warn, fail, unknown or none."""
    icon: str
    title: Line
    """The verdict and its number in one sentence."""
    headline: Line
    """What was used, for how long, on what."""
    remarks: tuple[Line, ...]
    """What a reader must know before judging: a failed command, missing jobs, trouble of the reporter's own."""
    jobs: JobTable
    budgets: tuple[BudgetRow, ...]
    reasons: tuple[Line, ...]
    """Why the verdict stands: the range of a repeat, beside the limit."""
    ways_label: str
    """What the ways lead to: `To go green, one of`."""
    ways_out: tuple[Line, ...]
    """What to do about it, one way each."""
    whole: Detail
    """The job, or all jobs together."""
    details: tuple[Detail, ...]
    """One for each job where there are several."""
    not_counted: Line
    tool: Line
    more: Line
    """Where the whole report is, for a shortened one."""
    footer: Line
    several: bool
    shortened: bool = False
    """Whether sections were left out to fit."""
    what_if: tuple[Counterfactual, ...] = ()
    """Only where asked for, and never in the comment by default."""
