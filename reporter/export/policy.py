"""What a recording keeps of its settings, so that it can be assessed again: site, budgets, tool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reporter.domain.budget import Budget, Metric
from reporter.domain.carbon import Site
from reporter.domain.units import EMISSION_UNITS, ENERGY_UNITS
from reporter.export import parts
from reporter.export.document import Document
from reporter.export.json import fields

_UNITS = (*EMISSION_UNITS, *ENERGY_UNITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The site that a job was resolved with (None: the meter ended before it was known) and its budgets."""

    site: Site | None
    budgets: tuple[Budget, ...]


def encode_site(site: Site) -> dict[str, Any]:
    """A site as JSON."""
    return {
        "intensity": fields(site.intensity),
        "pue": fields(site.pue),
        "origins": [list(pair) for pair in site.origins],
        "flags": list(site.flags),
    }


def encode_budgets(budgets: tuple[Budget, ...]) -> list[dict[str, Any]]:
    """Budgets as JSON."""
    return [fields(budget) for budget in budgets]


def decode(extra: dict[str, Any], *, origin: str) -> Policy:
    """The policy that a recording carries. Raises FootprintError with the path of what is wrong."""
    document = Document(extra, origin=origin)
    return Policy(
        site=_site(document.child("site")) if document.has("site") else None,
        budgets=tuple(_budget(row) for row in document.items("budgets")),
    )


def _site(row: Document) -> Site:
    return Site(
        intensity=parts.intensity(row.child("intensity")),
        pue=parts.pue(row.child("pue")),
        flags=row.texts("flags"),
    )


def _budget(row: Document) -> Budget:
    limit = row.number("limit")
    rule = row.text("rule")
    if limit is None or rule is None:
        raise row.require("limit" if limit is None else "rule")
    return Budget(
        rule=rule,
        metric=Metric(row.choice("metric", tuple(metric.value for metric in Metric))),
        unit=row.choice("unit", _UNITS),
        limit=limit,
        per_unit=row.text("per_unit"),
        warn_at_ratio=row.number("warn_at_ratio"),
        scope=row.choice("scope", ("job", "total")),
        origin=row.text("origin"),
    )
