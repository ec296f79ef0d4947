"""What a report says, ready to be laid out: the templates' public API.

Every number is text already, scaled and rounded; every sentence is a `Line`.
Templates choose what to show and in which order; they neither calculate nor build sentences.
Fields are added, never renamed or removed, within one major version.
"""

from __future__ import annotations

from typing import NamedTuple

from reporter.report.prose import Line, Verbatim, line
from reporter.report.timeline import Timeline


class JobRow(NamedTuple):
    """One row of the main table; missing numbers are a dash."""

    icon: str
    """Empty when the job is within its budgets, or has none."""
    name: str
    """The job, with its matrix values."""
    energy: str
    """At the meter of the building: with the PUE."""
    versus: str
    """Difference to the base branch; empty without a baseline."""
    emissions: str
    """CO₂e, without its range."""
    emissions_range: str
    """How far off the absolute number may be: `340–570`, in the unit of `emissions`; empty when not known."""
    budget_used: str
    """The largest share of a budget of its own, or a dash."""
    over: bool
    """Whether a budget is exceeded."""
    basis: str
    """measured, partly measured, modelled, and what else to know before trusting the row."""


class JobTable(NamedTuple):
    """The main table: `rows` are open, `folded` are shown on demand, `omitted` says how many are left out."""

    rows: tuple[JobRow, ...]
    """The most urgent ones first."""
    folded: tuple[JobRow, ...] = ()
    """The rest, up to what fits."""
    folded_label: str = ""
    """`7 more jobs`."""
    omitted: str = ""
    """`12 jobs not shown here.`, where rows were left out to fit."""
    omitted_count: int = 0
    """How many rows were left out."""
    total: JobRow | None = None
    """The sum, where there are several jobs."""
    versus_label: str = ""
    """Heading of the comparison column, as `vs main`; empty without a baseline."""


class BudgetRow(NamedTuple):
    """One rule held against one job, or against the sum of all."""

    icon: str
    """Of the outcome."""
    job: str
    """Whom it is about; empty where there is only one job."""
    rule: str
    """As it was written."""
    limit: str
    """With `CO₂e` or `energy`, and the unit of work."""
    observed: str
    """What was used."""
    headroom: str
    """`152 g left (25 %)`, or how much over."""
    outcome: str
    """within, close, over, not known or not judged."""
    why: str
    """The reason of a verdict that is not known."""


class PartRow(NamedTuple):
    """Energy of one part of the machine. `counted` is false where another meter contains it already."""

    label: str
    energy: str
    """At the machine, before the PUE."""
    share: str
    """Of the energy at the machine."""
    method: str
    """measured, partly measured or modelled."""
    counted: bool = True
    """Whether it is part of the sum."""
    note: str = ""
    """Utilisation, the job's share, why it is not added."""


class PhaseRow(NamedTuple):
    """One named part of the job's time; parts of one name are one row: `eval (12 ×)`."""

    label: str
    """The phase's name, and how often it came."""
    duration: str
    """In all."""
    energy: str
    """At the machine, before the PUE."""
    share: str
    """Of the energy at the machine."""
    power: str
    """Mean power."""


class Power(NamedTuple):
    """Power over time, as words and as charts. `mermaid` is empty where there are gaps or too few points."""

    mean: str
    """Over the whole job."""
    peak: str
    """The highest value drawn."""
    sparkline: str
    """Block characters from zero up; a dot is a gap."""
    mermaid: Verbatim
    """The body of a Mermaid code block."""
    svg: Verbatim
    """A picture for HTML."""
    summary: Line
    """The sparkline with mean and peak."""


class Usage(NamedTuple):
    """The GPUs' mean utilisation over time, as words and as charts."""

    mean: str
    """Over the whole job."""
    sparkline: str
    """Block characters, the tallest for 100 %."""
    mermaid: Verbatim
    """The body of a Mermaid code block."""
    svg: Verbatim
    """A picture for HTML."""
    summary: Line
    """The sparkline with the mean."""


class SourceRow(NamedTuple):
    """A source of readings that was not there: why, and what to do."""

    source: str
    reason: Line
    """Why it was not read."""
    remedy: Line
    """What to do about it."""
    expected: bool
    """Whether that is usual here, so that nothing is missing."""


class ComparedRow(NamedTuple):
    """One figure in the base and in this job, and the difference; missing numbers are a dash."""

    label: str
    base: str
    head: str
    difference: str


class Trend(NamedTuple):
    """Energy of the base's runs, oldest first, and of this job after them."""

    sparkline: str
    summary: Line


class Detail(NamedTuple):
    """What stands behind one job, or behind all of them together: parts, phases, power, how sure, how computed."""

    name: str
    """The job's name, or `All jobs`."""
    facts: Line
    """Machine and duration."""
    parts: tuple[PartRow, ...] = ()
    """By kind: GPUs, CPU, memory."""
    meters: tuple[PartRow, ...] = ()
    """One by one; empty where that says no more than `parts`."""
    phases: tuple[PhaseRow, ...] = ()
    """In the order in which they came."""
    power: Power | None = None
    """Only where there are readings over time."""
    sure: tuple[Line, ...] = ()
    """Intervals, and what makes the numbers less sure."""
    unavailable: tuple[SourceRow, ...] = ()
    """Sources that could not be read."""
    method: tuple[Line, ...] = ()
    """How the numbers came about: parts, PUE, grid factor."""
    usage: Usage | None = None
    """Only where GPUs report their utilisation."""
    idle: tuple[Line, ...] = ()
    """Energy that no computing stands behind: of GPUs without work, and of the machine as it idles."""
    besides: tuple[Line, ...] = ()
    """Figures that are not in the headline: market-based, marginal, embodied, SCI, water, cost, an equivalent."""
    change: tuple[Line, ...] = ()
    """Against the base: what caused the difference, or why there is none; of several jobs the clearest changes."""
    base_label: str = ""
    """What the base is called, `main`; empty where nothing is compared."""
    compared: tuple[ComparedRow, ...] = ()
    """Base and job side by side; empty where nothing is compared."""
    compared_phases: tuple[ComparedRow, ...] = ()
    trend: Trend | None = None
    timeline: Timeline | None = None
    """On the page alone (`report.html`), and only where the extra `html` is installed."""


class CounterfactualRow(NamedTuple):
    """One other place or time for the same job; `here` is the job as it ran, `versus` the difference to it."""

    label: str
    """The place or the time."""
    factor: str
    """Its grid factor."""
    pue: str
    """Its PUE."""
    emissions: str
    """CO₂e there."""
    versus: str
    """The difference to the job as it ran."""
    here: bool = False
    """Whether this is the job as it ran."""


class Counterfactual(NamedTuple):
    """What would have been elsewhere or later: `rows` best first, `apart` those that may not be held against the job.

    `label` heads the first column.
    """

    heading: str
    """The section's title."""
    lead: Line
    """What is compared."""
    label: str
    """Heading of the first column."""
    rows: tuple[CounterfactualRow, ...]
    """The best first."""
    notes: tuple[Line, ...] = ()
    """What to bear in mind."""
    apart: tuple[CounterfactualRow, ...] = ()
    """Those that may not be held against the job."""
    apart_label: str = ""
    """Why they stand apart."""
    brief: Line = line()
    """The answer in one sentence, for the comment."""


class ReportView(NamedTuple):
    """A whole report. The order of the fields is the order in which a reader needs them."""

    location: Line | None
    """Set when a region is unknown: the first line of every face, saying how to set it."""
    outcome: str
    """pass, warn, fail, unknown or none."""
    icon: str
    """Of the verdict: ✅, ⚠️, ❌, ❔ or ℹ️."""
    title: Line
    """The verdict and its number in one sentence."""
    headline: Line
    """What was used, for how long, on what."""
    remarks: tuple[Line, ...]
    """What a reader must know before judging: a failed command, missing jobs, trouble of the reporter's own."""
    jobs: JobTable
    """The main table."""
    budgets: tuple[BudgetRow, ...]
    """The worst first."""
    reasons: tuple[Line, ...]
    """Why the verdict stands: the range of a repeat, beside the limit; and how far other sums over runs have come."""
    ways_label: str
    """What the ways lead to: `To go green, one of`."""
    ways_out: tuple[Line, ...]
    """What to do about it, one way each."""
    whole: Detail
    """The job, or all jobs together."""
    details: tuple[Detail, ...]
    """One for each job where there are several."""
    not_counted: Line
    """What is no part of the figures."""
    tool: Line
    """The reporter's version, its tables, and what it took itself."""
    more: Line
    """Where the whole report is, for a shortened one."""
    footer: Line
    """Commit, run, and where the full report is."""
    several: bool
    """Whether there is more than one job."""
    shortened: bool = False
    """Whether sections were left out to fit."""
    what_if: tuple[Counterfactual, ...] = ()
    """Where asked for, and in what is published; the comment has no more than the `brief` of each."""
    tune: Line = line()
    """How to hear less of it."""
    figures: str = ""
    """Energy and emissions in a few characters, for a badge; empty where nothing is known."""
