"""Several jobs as one: sums of energy and emissions, the worst quality and verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reporter.domain.budget import Budget, Verdict, judge, worst
from reporter.domain.carbon import Emissions, Energy
from reporter.domain.footprint import Footprint, add, observation


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


def total(footprints: Sequence[Footprint], budgets: tuple[Budget, ...] = ()) -> Total:
    """Sum one or more jobs; `budgets` are those with `scope: total`."""
    own = judge(budgets, observation(footprints))
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
        ),
        exit_status=failed[0] if failed else (None if None in statuses else 0),
    )
