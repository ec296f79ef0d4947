"""What a recording keeps of its settings, so that it can be assessed again: site, budgets, accounting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from reporter.export.plain import fields

if TYPE_CHECKING:
    from reporter.domain.besides import Accounting
    from reporter.domain.budget import Budget
    from reporter.domain.carbon import Site


class Policy(NamedTuple):
    """The site that a job was resolved with (None: the meter ended before it was known), its budgets, accounting."""

    site: Site | None
    budgets: tuple[Budget, ...]
    accounting: Accounting | None = None
    provider: str | None = None
    """The provider that was named for the time of the job, with its zone where one was: `electricitymaps:DE`."""
    strict: bool = False
    """Whether it is to be an error where that provider has no answer."""
    factors: tuple[str, str] | None = None
    """Version and SHA-256 of the tables that the site is from; None where nobody wrote them down."""


def encode_site(site: Site, factors: tuple[str, str] | None) -> dict[str, Any]:
    """A site as JSON, with the tables that it is from."""
    tables = {} if factors is None else {"factors": dict(zip(("version", "sha256"), factors, strict=True))}
    return {
        "intensity": fields(site.intensity),
        "pue": fields(site.pue),
        "origins": [list(pair) for pair in site.origins],
        "flags": list(site.flags),
        **({} if site.marginal is None else {"marginal": fields(site.marginal)}),
        **tables,
    }


def encode_budgets(budgets: tuple[Budget, ...]) -> list[dict[str, Any]]:
    """Budgets as JSON."""
    return [fields(budget) for budget in budgets]


def encode_policy(policy: Policy) -> dict[str, Any]:
    """What a recording keeps: budgets, and the rest as far as it is known."""
    known: dict[str, Any] = {"budgets": encode_budgets(policy.budgets)}
    if policy.accounting is not None:
        from reporter.export.besides import encode_accounting  # noqa: PLC0415  (hardly any job declares one)

        known["accounting"] = encode_accounting(policy.accounting)
    if policy.provider is not None:
        known |= {"provider": policy.provider, "strict_intensity": policy.strict}
    if policy.site is not None:
        known["site"] = encode_site(policy.site, policy.factors)
    return known
