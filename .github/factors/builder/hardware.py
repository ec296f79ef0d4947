"""The tables of processors, memory, accelerators, their embodied emissions, and of constants and equivalents."""

from __future__ import annotations

import re
from pathlib import Path

from builder.sheet import Licences, Table, read

CPU_FILES = ("azure", "aws", "gcp")
"""The first file that has a row gives it: GitHub's runners are in Azure. The files differ by a tenth at most."""

CPU_LEFT_OUT = ("EPYC 5th Gen",)
"""4 to 5 times its neighbours per vCPU: an error upstream."""

CURVE_STEP = 5
FULL_LOAD = 100
SPREAD = 3.0
"""An accelerator's embodied emissions may be this much less or more (H100: 164 and 575 kg are both published)."""

GREEN_ALGORITHMS_YEAR = 2025
ACT_YEAR = 2022
MODELS_RENAMED = {"AMD 7552": "AMD EPYC 7552", "Rasberry Pi 4": "Raspberry Pi 4"}


def cpu(sources: Path) -> Table:
    """Watts of one virtual processor, idle and busy, by microarchitecture."""
    found: dict[str, tuple[float, float, str]] = {}
    for cloud in CPU_FILES:
        for row in read(sources / f"ccf_cpu_use_{cloud}.csv"):
            name = row["Architecture"]
            if name not in CPU_LEFT_OUT:
                found.setdefault(name, (float(row["Min Watts"]), float(row["Max Watts"]), f"table of {cloud}"))
    own = [(row[0], row[1]) for name, row in found.items() if not name.startswith("Graviton")]  # copies of EPYC 2nd Gen
    low, high = (sum(row[column] for row in own) / len(own) for column in (0, 1))
    rows = sorted(found.items())
    rows.append(("unknown", (low, high, f"mean over {len(own)} microarchitectures")))
    return [
        {
            "architecture": name,
            "min_w_per_vcpu": round(least, 6),
            "max_w_per_vcpu": round(most, 6),
            "kind": "model",
            "year": 2026,
            "source": "Cloud Carbon Footprint",
            "licence": "Apache-2.0",
            "note": note,
        }
        for name, (least, most, note) in rows
    ]


def curves(sources: Path) -> Table:
    """Watts over load of a runner that was measured as a whole."""
    text = (sources / "ecoci_github_epyc7763_4cpu_watts.txt").read_text(encoding="utf-8")
    points = {float(load): float(watts) for load, watts in re.findall(r"\[([\d.]+)\]=([\d.]+)", text)}
    return [
        {
            "pattern": "EPYC 7763",
            "cpus": 4,
            "load": load / FULL_LOAD,
            "watts": round(watts, 6),
            "kind": "model",
            "year": 2024,
            "source": "Eco-CI",
            "licence": "MIT",
        }
        for load, watts in sorted(points.items())
        if load % CURVE_STEP == 0 and load <= FULL_LOAD  # between them the table is linear, beyond 95 flat
    ]


def dram() -> Table:
    """Watts of one GB of memory."""
    return [
        {
            "w_per_gb": 0.38,
            "kind": "model",
            "year": 2025,
            "source": "Cloud Carbon Footprint; Green Algorithms",
            "licence": "Apache-2.0; CC BY 4.0",
            "note": "mean of 0.392 and 0.3725",
        }
    ]


def processors(sources: Path) -> Table:
    """Thermal design power of processors by model and core; the upstream file has two header rows."""
    lines = (sources / "greenalgorithms_cpu.csv").read_text(encoding="utf-8").splitlines()
    columns = lines[1].split(",")
    table: Table = []
    for line in lines[2:]:
        row = dict(zip(columns, line.split(","), strict=True))
        model = row["model"].strip()
        if model == "Any":
            continue  # in constants.csv
        table.append(
            {
                "model": MODELS_RENAMED.get(model, model),
                "rated_w": row["TDP"],
                "cores": row["n_cores"],
                "w_per_core": row["TDP_per_core"],
                "kind": "rated",
                "year": GREEN_ALGORITHMS_YEAR,
                "source": "Green Algorithms",
                "licence": "CC BY 4.0",
                "note": row["source"].strip(),
            }
        )
    return sorted(table, key=lambda row: str(row["model"]))


def accelerators(sources: Path) -> Table:
    """Rated power, power at idle and at full load, and memory of accelerators; the first pattern that fits counts."""
    licences = Licences(sources)
    return [
        {
            **{name: row[name] for name in ("name", "pattern", "rated_w", "idle_w", "max_w", "memory_gb", "embodied")},
            "kind": "rated",
            "year": row["year"],
            "source": row["source"],
            "licence": licences.of(row["source"]),
            "note": row["note"],
        }
        for row in read(sources / "accelerators.csv")
    ]


def embodied(sources: Path) -> Table:
    """Emissions of making a piece of hardware, in kg, with the interval that is assumed for each."""
    licences = Licences(sources)
    return [
        {
            "key": row["key"],
            "kgco2e": row["kgco2e"],
            "low_kgco2e": round(float(row["kgco2e"]) / SPREAD, 2),
            "high_kgco2e": round(float(row["kgco2e"]) * SPREAD, 2),
            **{name: row[name] for name in ("per", "boundary", "kind", "year", "source")},
            "licence": licences.of(row["source"]),
            "note": row["note"],
        }
        for row in read(sources / "embodied.csv")
    ]


def fabs(sources: Path) -> Table:
    """What a fab needs and emits for a cm² of wafer, by node: electricity, gases at two abatements, materials."""
    energy, least, most, material = (
        _by_node(sources / f"act_{name}.yaml") for name in ("epa", "gpa_95", "gpa_99", "materials")
    )
    licence = Licences(sources).of("ACT")
    return [
        {
            "key": node.replace("nm", " nm"),
            "kwh_per_cm2": kwh,
            "gas_95_g_per_cm2": least[node],
            "gas_99_g_per_cm2": most[node],
            "material_g_per_cm2": material[node],
            "kind": "model",
            "year": ACT_YEAR,
            "source": "ACT",
            "licence": licence,
        }
        for node, kwh in energy.items()
    ]


def _by_node(path: Path) -> dict[str, str]:
    """Number by node. The build stops at a line in another unit than the rest of its file should have."""
    unit = "kWh" if path.stem == "act_epa" else "g"
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            matched = re.fullmatch(rf'"(\d+nm)" *: ([\d.]+) {unit} / cm2', line)
            if matched is None:
                message = f"{path.name} is no longer in {unit}/cm2: {line}"
                raise ValueError(message)
            found[matched[1]] = f"{float(matched[2]):g}"
    return found


def plain(sources: Path, name: str) -> Table:
    """A table that is shipped as it was written down, with the licence of each row's source."""
    licences = Licences(sources)
    return [{**row, "licence": licences.of(row["source"])} for row in read(sources / name)]
