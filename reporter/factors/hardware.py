"""Power models of CPUs and memory, for machines that have no meter of them."""

from __future__ import annotations

import re

from reporter.domain.readings import PowerCurve
from reporter.factors.table import rows_of

UNKNOWN = "unknown"


def cpu_curve(cpu_name: str | None, cpus: int) -> PowerCurve:
    """The power of `cpus` virtual processors of this model over their load, in watts.

    `cpu_name` as in /proc/cpuinfo or lscpu; an unknown one gets the mean over microarchitectures.
    A runner whose curve was published is looked up whole; all others are min + load × (max − min) per processor.
    """
    name = cpu_name or ""
    points = [
        row
        for row in rows_of("curves.csv")
        if int(row["cpus"]) == cpus and re.search(row["pattern"], name, re.IGNORECASE)
    ]
    if points:
        first = points[0]
        return PowerCurve(
            points=tuple((float(row["load"]), float(row["watts"])) for row in points),
            cpus=cpus,
            source=f"{first['source']}, {first['pattern']} with {cpus} vCPU",
            year=int(first["year"]),
        )
    row = _coefficients(name)
    what = row["note"] if row["architecture"] == UNKNOWN else row["architecture"]
    return PowerCurve(
        points=((0.0, cpus * float(row["min_w_per_vcpu"])), (1.0, cpus * float(row["max_w_per_vcpu"]))),
        cpus=cpus,
        source=f"{row['source']}, {what}",
        year=int(row["year"]),
    )


def dram_curve(memory_gb: float) -> PowerCurve:
    """The power of this much memory, in watts: constant, by the size that the job was given (±50 %)."""
    (row,) = rows_of("dram.csv")
    return PowerCurve(
        points=((0.0, float(row["w_per_gb"]) * memory_gb),),
        cpus=1,
        source=f"{row['source']}: {row['note']} W/GB",
        year=int(row["year"]),
    )


def _coefficients(name: str) -> dict[str, str]:
    architectures = {row["architecture"]: row for row in rows_of("cpu.csv")}
    for row in rows_of("cpu_models.csv"):
        if re.search(row["pattern"], name, re.IGNORECASE):
            return architectures[row["architecture"]]
    return architectures[UNKNOWN]
