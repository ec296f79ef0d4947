"""Exceeded budgets that somebody has accepted: who, why, until when, and what was exceeded by how much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from reporter.domain.budget import Finding, Kind, Outcome, Override
from reporter.report.format import counted
from reporter.report.prose import Line, Span, code, line, name, quoted, strong
from reporter.report.rules import Judged, finding_amount, headroom_amount

MOST_RULES = 5
_LONGEST_REASON = 300


def accepted(judged: Sequence[Judged]) -> tuple[Line, ...]:
    """A sentence for each override that counts, with what it is about; the first that a reader sees."""
    rows: dict[Override, list[Judged]] = {}
    for item in judged:
        if item.finding.override is not None:
            rows.setdefault(replace(item.finding.override, instead_of=Outcome.FAIL), []).append(item)
    return tuple(_sentence(override, items) for override, items in rows.items())


def _sentence(override: Override, items: Sequence[Judged]) -> Line:
    about = [part for item in items[:MOST_RULES] for part in (*_about(item, several=len(items) > 1), "; ")][:-1]
    rest = len(items) - MOST_RULES
    more = f"; {counted(rest, 'more finding')}" if rest > 0 else ""
    return line(strong("Accepted"), *_by(override), ": ", *about, more, ". Reason: ", *_reason(override))


def _by(override: Override) -> Iterator[str | Span | Line]:
    if override.by is not None:
        yield line(" by ", name(override.by, 40))
    if override.since is not None:
        yield f" on {override.since[:10]}"
    end = (
        "as long as the label is on this pull request"
        if override.until is None
        else f"until {name(override.until, 20)}"
    )
    yield f", {end}"
    if override.origin is not None:
        yield line(" (", quoted(override.origin) if "`" in override.origin else code(name(override.origin)), ")")


def _about(item: Judged, *, several: bool) -> Iterator[str | Span]:
    finding, footprint = item.finding, item.footprint
    if several and footprint is not None:
        yield code(name(footprint.job.name, 48))
        yield " "
    yield code(name(finding.rule))
    yield f" {_excess(finding)}"


def _excess(finding: Finding) -> str:
    """By how much, in the rule's unit where it has one."""
    if finding.observed is None:
        return "not judged"
    observed = finding_amount(finding, finding.observed)
    if finding.kind in (Kind.LIMIT, Kind.SUM) and finding.observed > finding.limit:
        return f"exceeded by {headroom_amount(finding, finding.observed - finding.limit)} ({observed})"
    return f"at {observed}"


def _reason(override: Override) -> Iterator[str]:
    reason = name(override.reason, _LONGEST_REASON)
    yield reason if reason.endswith((".", "!", "?")) else f"{reason}."
