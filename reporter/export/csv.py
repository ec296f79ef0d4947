"""Footprints as CSV, a row per job: CodeCarbon's columns in its order and units, then our own; missing is empty.

CodeCarbon's energies hold the PUE, so these do: `energy_consumed` is facility energy.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from datetime import datetime, timezone

from reporter.domain.footprint import Footprint, add
from reporter.domain.readings import Component
from reporter.domain.units import J_PER_KWH
from reporter.export.country import ALPHA_3
from reporter.export.date import since_1970_s

CODECARBON = "3.3.2"
"""The version whose columns these are."""
CODECARBON_COLUMNS = (
    "timestamp", "project_name", "run_id", "experiment_id", "duration", "emissions", "emissions_rate",
    "cpu_power", "gpu_power", "ram_power", "cpu_energy", "gpu_energy", "ram_energy", "energy_consumed",
    "water_consumed", "country_name", "country_iso_code", "region", "cloud_provider", "cloud_region",
    "os", "python_version", "codecarbon_version", "cpu_count", "cpu_model", "gpu_count", "gpu_model",
    "longitude", "latitude", "ram_total_size", "tracking_mode", "cpu_utilization_percent",
    "gpu_utilization_percent", "ram_utilization_percent", "ram_used_gb", "on_cloud", "pue", "wue",
)  # fmt: skip
COLUMNS = (
    *CODECARBON_COLUMNS,
    "job", "started_at", "duration_s", "exit_status", "method", "quality",
    "it_energy_j", "facility_energy_kwh", "measured_ratio",
    "site_region", "intensity_gco2e_per_kwh", "emissions_gco2e", "emissions_low_gco2e", "emissions_high_gco2e",
    "verdict", "repository", "sha", "run_attempt",
)  # fmt: skip
G_PER_KG = 1000.0
PARTS = {"cpu": Component.CPU, "gpu": Component.GPU, "ram": Component.DRAM}

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula begins with in a spreadsheet (OWASP, CSV injection); the last four are full-width."""

CountryOf = Callable[[str | None], "tuple[str, str] | None"]
"""A region's key → its country: code of two letters and name."""


def dumps(footprints: Sequence[Footprint], *, country_of: CountryOf = lambda _: None) -> str:
    """The table with its header; text that a spreadsheet would take for a formula starts with an apostrophe.

    `##[` is set apart: a runner would take it for a workflow command where the table is printed to a log.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for footprint in footprints:
        row = {**_codecarbon(footprint, country_of), **_own(footprint)}
        writer.writerow([inert(row.get(column)) for column in COLUMNS])
    return out.getvalue()


def _codecarbon(footprint: Footprint, country_of: CountryOf) -> dict[str, object]:
    """CodeCarbon's columns: s, kg, kg/s, W, kWh, L. Left empty is what a footprint does not hold."""
    job, hardware, duration_s = footprint.job, footprint.hardware, footprint.job.duration_s
    gco2e, facility_j = footprint.emissions.gco2e, footprint.energy.facility_j
    kg = None if gco2e is None else gco2e / G_PER_KG
    parts_j = {part: _part_j(footprint, component) for part, component in PARTS.items()}
    used = [meter.utilisation_ratio for meter in footprint.meters if meter.utilisation_ratio is not None]
    key = footprint.intensity.region or ""
    cloud, colon, cloud_region = key.partition(":")
    country = country_of(key or None)
    return {
        "timestamp": _ended_at(job.started_at, duration_s),
        "project_name": job.name,
        "run_id": job.run_id,
        "duration": duration_s,
        "emissions": kg,
        "emissions_rate": kg / duration_s if kg is not None and duration_s else None,
        **{f"{part}_power": energy_j / duration_s if energy_j is not None and duration_s else None
           for part, energy_j in parts_j.items()},
        **{f"{part}_energy": _kwh(energy_j) for part, energy_j in parts_j.items()},
        "energy_consumed": _kwh(facility_j),
        "water_consumed": footprint.besides.water_l,
        "country_name": country[1] if country else None,
        "country_iso_code": ALPHA_3.get(country[0]) if country else None,
        "region": footprint.intensity.label if "-" in key and not colon else None,
        "cloud_provider": cloud if colon else None,
        "cloud_region": cloud_region or None,
        "cpu_count": hardware.cpu_count,
        "cpu_model": hardware.cpu,
        "gpu_count": len(hardware.gpus) or None,
        "gpu_model": _gpus([gpu.name for gpu in hardware.gpus]),
        "ram_total_size": hardware.memory_gb,
        "tracking_mode": None if any(meter.share_ratio is not None for meter in footprint.meters) else "machine",
        "gpu_utilization_percent": 100 * sum(used) / len(used) if used else None,
        "on_cloud": "Y" if colon else None,
        "pue": footprint.pue.ratio,
    }  # fmt: skip


def _own(footprint: Footprint) -> dict[str, object]:
    job, energy, emissions = footprint.job, footprint.energy, footprint.emissions
    return {
        "job": job.name,
        "started_at": job.started_at,
        "duration_s": job.duration_s,
        "exit_status": job.exit_status,
        "method": footprint.method,
        "quality": footprint.quality,
        "it_energy_j": energy.it_j,
        "facility_energy_kwh": _kwh(energy.facility_j),
        "measured_ratio": energy.measured_ratio,
        "site_region": footprint.intensity.region,
        "intensity_gco2e_per_kwh": footprint.intensity.gco2e_per_kwh,
        "emissions_gco2e": emissions.gco2e,
        "emissions_low_gco2e": emissions.low_gco2e,
        "emissions_high_gco2e": emissions.high_gco2e,
        "verdict": footprint.verdict.told.value,
        "repository": job.repository,
        "sha": job.sha,
        "run_attempt": job.run_attempt,
    }


def _part_j(footprint: Footprint, component: Component) -> float | None:
    """A part's facility energy, joules; None where the part has no meter that counts, or one gave no reading."""
    energy_j = add([row.energy_j for row in footprint.meters if row.included and row.component is component])
    return None if energy_j is None else energy_j * footprint.pue.ratio


def _kwh(energy_j: float | None) -> float | None:
    return None if energy_j is None else energy_j / J_PER_KWH


def _gpus(names: Sequence[str]) -> str | None:
    return ", ".join(f"{names.count(name)} x {name}" for name in dict.fromkeys(names)) or None


def _ended_at(started_at: str | None, duration_s: float | None) -> str | None:
    """When the job ended, in UTC, as CodeCarbon writes its local time."""
    began_s = since_1970_s(started_at)
    if began_s is None or duration_s is None:
        return None
    try:
        ended = datetime.fromtimestamp(began_s + duration_s, tz=timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None
    return ended.strftime("%Y-%m-%dT%H:%M:%S")


def inert(value: object) -> object:
    """A cell that no spreadsheet takes for a formula, and that holds no infinity."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not isinstance(value, str):
        return value
    shown = "".join(character if character.isprintable() else " " for character in value).replace("##[", "# #[")
    return "'" + shown if value[:1] in FORMULAS else shown
