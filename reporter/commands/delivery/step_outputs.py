"""The numbers that a step hands to those after it."""

from __future__ import annotations

from collections.abc import Mapping

from reporter.commands.account.assessment import Assessed
from reporter.commands.output import warn
from reporter.domain.footprint import add
from reporter.domain.units import J_PER_KWH
from reporter.errors import PublishError
from reporter.publish import workflow


def numbers(assessed: Assessed) -> dict[str, str]:
    """The step's outputs: plain decimals, empty where not measured."""
    total = assessed.total
    facility_j = total.energy.facility_j
    durations = [footprint.job.duration_s for footprint in assessed.footprints]
    return {
        "energy-kwh": _decimal(None if facility_j is None else facility_j / J_PER_KWH),
        "emissions-gco2e": _decimal(total.emissions.gco2e),
        "emissions-low-gco2e": _decimal(total.emissions.low_gco2e),
        "emissions-high-gco2e": _decimal(total.emissions.high_gco2e),
        "duration-s": _decimal(add(durations)),
        "measured-ratio": _decimal(total.energy.measured_ratio),
        "quality": "" if total.energy.it_j is None else total.quality,
        "verdict": total.verdict.told.value,
        "exit-status": "" if total.exit_status is None else str(total.exit_status),
    }


def hand_on(values: Mapping[str, str], environ: Mapping[str, str]) -> None:
    """Write them where the runner looks for them, if there is one; being unable to is a warning."""
    path = environ.get("GITHUB_OUTPUT")
    if path:
        try:
            workflow.write_outputs(path, values)
        except PublishError as error:
            warn(error.sentences)


def _decimal(value: float | None) -> str:
    """No exponent: shells and expressions read `0.0000123`, not `1.23e-05`."""
    if value is None:
        return ""
    return f"{value:.12f}".rstrip("0").rstrip(".") or "0"
