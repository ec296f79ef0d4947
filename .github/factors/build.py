"""Builds the shipped factor tables from copies of their sources.

`python .github/factors/build.py` writes `reporter/factors/data`; a test rebuilds them and compares.
It lies beside the release workflows, outside the package: users get the tables, maintainers the way to them.
"""  # noqa: INP001 - a script, no package

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import sys
from pathlib import Path

VERSION = "2026.11.1"
"""Year, month, number: set anew with every change of a table."""

SOURCES = Path(__file__).parent / "sources"
DATA = Path(__file__).parents[2] / "reporter" / "factors" / "data"

KG_PER_LB = 0.45359237
"""The international pound; lb/MWh and g/kWh differ by the same factor."""

LICENCES = {
    "AWS": "facts",
    "Cloud Carbon Footprint": "Apache-2.0",
    "EPA eGRID": "public domain",
    "Eco-CI": "MIT",
    "Ember": "CC BY 4.0",
    "Google": "Apache-2.0",
    "IDC": "facts",
    "Microsoft": "facts",
    "Uptime Institute": "facts",
}
PROVIDERS = {"Amazon Web Services": "aws", "Google Cloud": "gcp", "Microsoft Azure": "azure"}
REGION_LISTS = {"aws": ("AWS", 2026), "azure": ("Microsoft", 2025), "gcp": ("Google", 2025)}
"""The region lists: botocore 1.44.5; Microsoft's list of 2025-09-23; Google's carbon data of 2025."""

AZURE_DESIGN_PUE = "1.12"
AZURE_DESIGN_YEAR = 2022
"""Microsoft gave its newest design as 1.12: regions of 2022 with just this value were not measured."""

PUE_LEFT_OUT = {
    ("azure:westus", 2023): "the row says Washington, the region is in California",
    ("azure:northeurope", 2022): "the row says Finland, the region is in Ireland",
}

CPU_FILES = ("azure", "aws", "gcp")
"""The first file that has a row gives it: GitHub's runners are in Azure. The files differ by a tenth at most."""

CPU_LEFT_OUT = ("EPYC 5th Gen",)
"""4 to 5 times its neighbours per vCPU: an error upstream."""

PUE_COLUMNS = ("key", "pue", "level", "kind", "year", "source", "licence", "note")
CURVE_STEP = 5
FULL_LOAD = 100

Table = list[dict[str, object]]
Edition = tuple[str, int, str]
"""Scope, year and source of a grid row."""


def build(sources: Path = SOURCES) -> dict[str, str]:
    """The tables as text by file name, and `pack.json` with their version and sum."""
    places = {row["key"]: row for row in _rows(sources / "places.csv")}
    regions = _regions(sources)
    keys = {str(row["key"]) for row in regions}
    tables: dict[str, Table] = {
        "cpu.csv": _cpu(sources),
        "cpu_models.csv": [dict(row) for row in _rows(sources / "cpu_models.csv")],
        "curves.csv": _curves(sources),
        "dram.csv": _dram(),
        "grid.csv": _countries(sources, places) + _states(sources) + _google(sources, regions),
        "pue.csv": _region_pue(sources, keys) + _average_pue(sources),
        "regions.csv": regions,
        "sources.csv": [dict(row) for row in _rows(sources / "sources.csv")],
    }
    texts = {name: _text(table) for name, table in sorted(tables.items())}
    sha256 = hashlib.sha256("".join(texts.values()).encode()).hexdigest()
    texts["pack.json"] = json.dumps({"version": VERSION, "sha256": sha256}, indent=2) + "\n"
    return texts


def _countries(sources: Path, places: dict[str, dict[str, str]]) -> Table:
    document = json.loads((sources / "ember_countries_2026.json").read_text(encoding="utf-8"))
    values = {row["name"].upper(): (row["co2g_kwh"], row["year"]) for row in document["countries"]}
    names = {"World": "WORLD", "EU": "EU"}
    for row in _rows(sources / "ember_aggregates_2024.csv"):
        if row["area"] in names:
            values[names[row["area"]]] = (float(row["gco2e_per_kwh"]), int(row["year"]))
    return [
        _grid(key, places[key]["label"], value, ("lifecycle", year, "Ember"), also=places[key]["also"])
        for key, (value, year) in sorted(values.items())
    ]


def _states(sources: Path) -> Table:
    document = json.loads((sources / "us_states_egrid2023.json").read_text(encoding="utf-8"))
    if document["_unit"]["emissions"] != "lbs/MWh":
        message = "The states are no longer in lb/MWh."
        raise ValueError(message)
    year = document["_source"]["year"]
    states = {
        f"US-{row['regionCode']}": (_title(name), row["emissions"] * KG_PER_LB)
        for name, row in document.items()
        if not name.startswith("_") and name != "usa"  # the country's row is Ember's
    }
    return [
        _grid(key, name, round(value, 4), ("direct", year, "EPA eGRID"))
        for key, (name, value) in sorted(states.items())
    ]


def _google(sources: Path, regions: Table) -> Table:
    column = "Grid carbon intensity (gCO2eq / kWh)"
    values: dict[str, tuple[float, int]] = {}
    for year in (2025, 2024):  # 2024 is the vintage of the other tables; 2025 stands in where it has no row
        for row in _rows(sources / f"gcp_region_carbon_{year}.csv"):
            values[f"gcp:{row['Google Cloud Region']}"] = (float(row[column]), year)
    return [
        # Google calls it "average operational gross emissions": direct, not lifecycle.
        _grid(key, str(region["label"]), values[key][0], ("direct", values[key][1], "Google"))
        for region in regions
        if (key := str(region["key"])).startswith("gcp:")
    ]


def _grid(key: str, label: str, value: float, edition: Edition, also: str = "") -> dict[str, object]:
    scope, year, source = edition
    return {
        "key": key,
        "label": label,
        "gco2e_per_kwh": value,
        "scope": scope,
        "year": year,
        "source": source,
        "licence": LICENCES[source],
        "also": also,
    }


def _regions(sources: Path) -> Table:
    table: Table = []
    for row in _rows(sources / "regions.csv"):
        provider, _, name = row["key"].partition(":")
        source, year = REGION_LISTS[provider]
        table.append(
            {
                "key": row["key"],
                "provider": provider,
                "name": name,
                "label": row["label"],
                "zone": row["zone"] or row["key"],
                "year": year,
                "source": source,
                "licence": "facts",
            }
        )
    return table


def _region_pue(sources: Path, regions: set[str]) -> Table:
    table: Table = []
    for row in _rows(sources / "pue_by_region.csv"):
        key, year = f"{PROVIDERS[row['provider']]}:{row['region']}", int(row["year"])
        if not row["pue"] or key not in regions or (key, year) in PUE_LEFT_OUT:
            continue
        source, _ = REGION_LISTS[key.partition(":")[0]]
        design = source == "Microsoft" and year == AZURE_DESIGN_YEAR and row["pue"] == AZURE_DESIGN_PUE
        kind = "design" if design else "measured"
        table.append(_pue(key, row["pue"], "region", kind, year, source, "facts", ""))
    return sorted(table, key=lambda row: (str(row["key"]), str(row["year"])))


def _average_pue(sources: Path) -> Table:
    fleets = [
        _pue(
            row["key"],
            row["pue"],
            "average" if row["key"] == "cloud" else "fleet",
            "measured",
            row["year"],
            row["source"],
            "facts",
            row["note"],
        )
        for row in _rows(sources / "pue_fleets.csv")
    ]
    world = [
        _pue("world", row["pue"], "average", "survey", row["year"], "Uptime Institute", "facts", "")
        for row in _rows(sources / "pue_world.csv")
    ]
    return fleets + world


def _pue(*values: object) -> dict[str, object]:
    return dict(zip(PUE_COLUMNS, values, strict=True))


def _cpu(sources: Path) -> Table:
    found: dict[str, tuple[float, float, str]] = {}
    for cloud in CPU_FILES:
        for row in _rows(sources / f"ccf_cpu_use_{cloud}.csv"):
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
            "year": 2026,
            "source": "Cloud Carbon Footprint",
            "licence": LICENCES["Cloud Carbon Footprint"],
            "note": note,
        }
        for name, (least, most, note) in rows
    ]


def _curves(sources: Path) -> Table:
    text = (sources / "ecoci_github_epyc7763_4cpu_watts.txt").read_text(encoding="utf-8")
    points = {float(load): float(watts) for load, watts in re.findall(r"\[([\d.]+)\]=([\d.]+)", text)}
    return [
        {
            "pattern": "EPYC 7763",
            "cpus": 4,
            "load": load / FULL_LOAD,
            "watts": round(watts, 6),
            "year": 2024,
            "source": "Eco-CI",
            "licence": LICENCES["Eco-CI"],
        }
        for load, watts in sorted(points.items())
        if load % CURVE_STEP == 0 and load <= FULL_LOAD  # between them the table is linear, beyond 95 flat
    ]


def _dram() -> Table:
    return [
        {
            "w_per_gb": 0.38,
            "year": 2025,
            "source": "Cloud Carbon Footprint; Green Algorithms",
            "licence": "Apache-2.0; CC BY 4.0",
            "note": "mean of 0.392 and 0.3725",
        }
    ]


def _title(name: str) -> str:
    return " ".join(word if word == "of" else word.capitalize() for word in name.split())


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _text(table: Table) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return out.getvalue()


def main() -> int:
    """Writes the tables; returns the exit status."""
    DATA.mkdir(parents=True, exist_ok=True)
    for name, text in build().items():
        (DATA / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
