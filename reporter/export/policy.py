"""What a recording keeps of its settings, so that it can be assessed again: site and budgets."""

from __future__ import annotations

from typing import Any, NamedTuple

from reporter.domain.budget import Budget
from reporter.domain.carbon import Site
from reporter.export.json import fields


class Policy(NamedTuple):
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
