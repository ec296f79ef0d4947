"""Several jobs as one: sums of energy and emissions, the worst quality and verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reporter.domain.besides import FIGURES
from reporter.domain.budget import Budget, Verdict, worst
from reporter.domain.carbon import Besides, Cost, Emissions, Energy, Equivalent
from reporter.domain.footprint import NO_BESIDES, Footprint, add
from reporter.domain.judgement import judge
from reporter.domain.observation import observation
from reporter.domain.spent import before


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """The sum over jobs; a sum is None where one job's part is not known.

    Bounds add linearly: jobs share their factors, so their errors do not cancel.
    Jobs need not run at the same time, so the power of their idle machines has no sum.
    `exit_status` is the first that is not zero; None where one has none and all others are zero.
    """

    energy: Energy
    emissions: Emissions
    quality: str
    verdict: Verdict
    exit_status: int | None
    besides: Besides = NO_BESIDES


def total(footprints: Sequence[Footprint], budgets: tuple[Budget, ...] = ()) -> Total:
    """Sum one or more jobs; `budgets` are those with `scope: total`."""
    ledger = before(footprint.ledger for footprint in footprints)
    own = judge(budgets, *map(observation, footprints), ledger=ledger)
    outcomes = tuple(footprint.verdict.outcome for footprint in footprints)
    energies = [footprint.energy for footprint in footprints]
    it_j = add([energy.it_j for energy in energies])
    measured = add(
        [None if e.it_j is None or e.measured_ratio is None else e.it_j * e.measured_ratio for e in energies]
    )
    statuses = [footprint.job.exit_status for footprint in footprints]
    failed = [status for status in statuses if status]
    return Total(
        energy=Energy(
            it_j=it_j,
            facility_j=add([energy.facility_j for energy in energies]),
            measured_ratio=measured / it_j if measured is not None and it_j else None,
            low_j=add([energy.low_j for energy in energies]),
            high_j=add([energy.high_j for energy in energies]),
            repeat_low_j=add([energy.repeat_low_j for energy in energies]),
            repeat_high_j=add([energy.repeat_high_j for energy in energies]),
            idle_j=add([energy.idle_j for energy in energies]),
            net_j=add([energy.net_j for energy in energies]),
            self_j=add([energy.self_j for energy in energies]),
        ),
        emissions=Emissions(
            gco2e=add([footprint.emissions.gco2e for footprint in footprints]),
            low_gco2e=add([footprint.emissions.low_gco2e for footprint in footprints]),
            high_gco2e=add([footprint.emissions.high_gco2e for footprint in footprints]),
        ),
        quality=max(footprint.quality for footprint in footprints),
        verdict=Verdict(
            outcome=worst((*outcomes, own.outcome)),
            findings=(*(finding for footprint in footprints for finding in footprint.verdict.findings), *own.findings),
            why=next((footprint.verdict.why for footprint in footprints if footprint.verdict.why), None),
        ),
        exit_status=failed[0] if failed else (None if None in statuses else 0),
        besides=besides_total(footprints),
    )


def besides_total(footprints: Sequence[Footprint]) -> Besides:
    """The figures beside the headline of one job, or summed over several: None where one job's is not known.

    A rate has no sum, nor have amounts in several currencies.
    """
    rows = [footprint.besides for footprint in footprints]
    if len(rows) == 1:
        return rows[0]
    costs = [row.cost for row in rows]
    currencies = {cost.currency for cost in costs if cost is not None}
    cost = add([None if cost is None else cost.amount for cost in costs]) if len(currencies) == 1 else None
    equivalents = [row.equivalent for row in rows]
    labels = {equivalent.label for equivalent in equivalents if equivalent is not None}
    amount = add([None if item is None else item.amount for item in equivalents]) if len(labels) == 1 else None
    whole = Besides(
        market_based_gco2e=add([row.market_based_gco2e for row in rows]),
        marginal_gco2e=add([row.marginal_gco2e for row in rows]),
        embodied_gco2e=add([row.embodied_gco2e for row in rows]),
        embodied_low_gco2e=add([row.embodied_low_gco2e for row in rows]),
        embodied_high_gco2e=add([row.embodied_high_gco2e for row in rows]),
        water_l=add([row.water_l for row in rows]),
        cost=None if cost is None else Cost(amount=cost, currency=currencies.pop()),
        equivalent=None if amount is None else Equivalent(amount=amount, label=labels.pop()),
    )
    return replace(whole, sources=tuple(_sources(rows, whole)), reasons=tuple(_reasons(rows, whole)))


def _sources(rows: Sequence[Besides], whole: Besides) -> Iterator[tuple[str, str]]:
    """A factor that all jobs share is the sum's too; amounts of single jobs are not."""
    for figure in FIGURES:
        if getattr(whole, figure) is not None:
            words = {dict(row.sources).get(figure, "") for row in rows}
            shared = len(words) == 1 and figure not in ("embodied_gco2e", "cost")
            yield figure, words.pop() if shared else f"the sum of {len(rows)} jobs"


def _reasons(rows: Sequence[Besides], whole: Besides) -> Iterator[tuple[str, str]]:
    """A rate needs none: nobody expects its sum."""
    for figure in FIGURES:
        if figure == "sci" or getattr(whole, figure) is not None:
            continue
        lacking = [row for row in rows if getattr(row, figure) is None]
        if not lacking:
            yield figure, "the jobs' amounts are of several kinds"
        elif len(lacking) < len(rows):
            yield figure, f"{len(lacking)} of {len(rows)} jobs {'lacks' if len(lacking) == 1 else 'lack'} it"
        elif words := next((told for row in rows if (told := dict(row.reasons).get(figure))), None):
            yield figure, words
