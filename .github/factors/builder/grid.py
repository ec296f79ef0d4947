"""`grid.csv` and `fuels.csv`: countries, states, provinces, bidding zones, and Google's regions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from builder.sheet import Licences, Table, read

KG_PER_LB = 0.45359237
"""The international pound; lb/MWh and g/kWh differ by the same factor."""

FUELS = {
    "coal": "coal",
    "naturalGas": "gas",
    "petroleum": "oil",
    "biomass": "biomass",
    "solar": "solar",
    "hydro": "hydro",
    "wind": "wind",
    "nuclear": "nuclear",
}
"""What Canada's table calls a fuel, and what `fuels.csv` does. Its other columns are empty; the build stops if not."""

PROVINCES = {
    "alberta": ("CA-AB", "Alberta", ""),
    "british columbia": ("CA-BC", "British Columbia", ""),
    "manitoba": ("CA-MB", "Manitoba", ""),
    "new brunswick": ("CA-NB", "New Brunswick", ""),
    "newfoundland and labrador": ("CA-NL", "Newfoundland and Labrador", "Newfoundland"),
    "northwest territories": ("CA-NT", "Northwest Territories", ""),
    "nova scotia": ("CA-NS", "Nova Scotia", ""),
    "nunavut": ("CA-NU", "Nunavut", ""),
    "ontario": ("CA-ON", "Ontario", ""),
    "prince edward island": ("CA-PE", "Prince Edward Island", "PEI"),
    "quebec": ("CA-QC", "Québec", "Quebec"),
    "saskatchewan": ("CA-SK", "Saskatchewan", ""),
    "yukon": ("CA-YT", "Yukon", ""),
}
CANADA_YEAR = 2023
CANADA_SOURCE = "Canada Energy Regulator; IPCC AR5; IPCC SRREN"

ZONE_NAMES = {
    "NO1": "East Norway",
    "NO2": "South Norway",
    "NO3": "Central Norway",
    "NO4": "North Norway",
    "NO5": "West Norway",
    "SE1": "North Sweden",
    "SE2": "North-central Sweden",
    "SE3": "South-central Sweden",
    "SE4": "South Sweden",
}
ZONES_LEFT_OUT = {"FI": "an older value carried over; Ember has Finland"}

COLUMNS = (
    "key", "label", "gco2e_per_kwh", "scope", "year", "source", "licence", "kind", "basis", "gas", "also", "note",
)  # fmt: skip


class Edition(NamedTuple):
    """What the rows of one source have in common."""

    scope: str
    year: int
    source: str
    kind: str = "published"
    basis: str = "production"
    """`production`: what is generated there; `consumption`: with what is transferred; `unknown`: not stated."""
    gas: str = "CO2e"


def grid(sources: Path, regions: Table) -> Table:
    """Every place with its yearly average, in g/kWh, coarse before fine."""
    licences = Licences(sources)
    parts = (_countries(sources), _states(sources), _provinces(sources), _china(sources), _zones(sources))
    return [
        dict(zip(COLUMNS, (*values, licences.of(str(values[5])), *rest), strict=True))
        for part in (*parts, _google(sources, regions))
        for values, rest in part
    ]


def fuels(sources: Path) -> Table:
    """The life-cycle medians that mixes of generation are multiplied by."""
    licences = Licences(sources)
    return [
        {
            "key": row["fuel"],
            "gco2e_per_kwh": row["gco2e_per_kwh"],
            "scope": "lifecycle",
            "kind": "median",
            "year": row["year"],
            "source": row["source"],
            "licence": licences.of(row["source"]),
            "note": row["note"],
        }
        for row in read(sources / "fuels.csv")
    ]


Row = tuple[tuple[object, ...], tuple[object, ...]]


def _row(  # noqa: PLR0913 - a row has these columns
    key: str, label: str, value: float, edition: Edition, *, also: str = "", note: str = ""
) -> Row:
    return (
        (key, label, value, edition.scope, edition.year, edition.source),
        (edition.kind, edition.basis, edition.gas, also, note),
    )


def _countries(sources: Path) -> list[Row]:
    places = {row["key"]: row for row in read(sources / "places.csv")}
    countries = _json(sources / "ember_countries_2026.json")["countries"]
    values = {row["name"].upper(): (row["co2g_kwh"], row["year"]) for row in countries}
    names = {"World": "WORLD", "EU": "EU"}
    for row in read(sources / "ember_aggregates_2024.csv"):
        if row["area"] in names:
            values[names[row["area"]]] = (float(row["gco2e_per_kwh"]), int(row["year"]))
    return [
        _row(key, places[key]["label"], value, Edition("lifecycle", year, "Ember"), also=places[key]["also"])
        for key, (value, year) in sorted(values.items())
    ]


def _states(sources: Path) -> list[Row]:
    document = _json(sources / "us_states_egrid2023.json")
    if document["_unit"]["emissions"] != "lbs/MWh":
        message = "The states are no longer in lb/MWh."
        raise ValueError(message)
    edition = Edition("direct", document["_source"]["year"], "EPA eGRID")
    states = {
        f"US-{row['regionCode']}": (_title(name), row["emissions"] * KG_PER_LB)
        for name, row in document.items()
        if not name.startswith("_") and name != "usa"  # the country's row is Ember's
    }
    return [_row(key, name, round(value, 4), edition) for key, (name, value) in sorted(states.items())]


def _provinces(sources: Path) -> list[Row]:
    """Shares of generation × the medians of the fuels. Shares add up to 99.8 to 100.2 per cent: their sum divides."""
    factors = {row["fuel"]: float(row["gco2e_per_kwh"]) for row in read(sources / "fuels.csv")}
    edition = Edition("lifecycle", CANADA_YEAR, CANADA_SOURCE, kind="derived")
    rows = []
    for name, mix in _json(sources / "canada_mix_2023.json").items():
        shares = {fuel: share for fuel, share in mix.items() if fuel != "total" and share}
        value = sum(share * factors[FUELS[fuel]] for fuel, share in shares.items()) / sum(shares.values())
        key, label, also = PROVINCES[name]
        note = "generation by fuel × IPCC medians"
        rows.append(_row(key, f"{label}, Canada", round(value, 4), edition, also=also, note=note))
    return sorted(rows)


def _china(sources: Path) -> list[Row]:
    document = _json(sources / "china_provinces_2023.json")
    edition = Edition("direct", document["metadata"]["year"], "MEE", basis="consumption", gas="CO2")
    rows = []
    for key, row in sorted(document["data"].items()):
        if row["unit"] != "gCO2/kWh" or row["year"] != edition.year:
            message = f"{key} is no longer in gCO2/kWh of {edition.year}."
            raise ValueError(message)
        also = ";".join(name for name in row["names"] if name.casefold() != row["description"].casefold())
        label = f"{row['description']}, China (CO2 only)"
        note = "CO2 only: no other greenhouse gas"
        rows.append(_row(key, label, row["emission_factor"], edition, also=also, note=note))
    return rows


def _zones(sources: Path) -> list[Row]:
    rows = []
    for zone, row in sorted(_json(sources / "nordic_zones_2025.json")["data"].items()):
        if zone in ZONES_LEFT_OUT:
            continue
        edition = Edition("lifecycle", row["year"], "CodeCarbon", kind="derived")
        covered = row["coverage"].partition("%")[0]
        note = f"a lower bound: {covered} % of generation × CodeCarbon's factors (gas 743 g/kWh), the rest as 0"
        key, label = f"{zone[:2]}-{zone}", f"{ZONE_NAMES[zone]}, {zone}"
        rows.append(_row(key, label, row["emission_factor"], edition, also=zone, note=note))
    return rows


def _google(sources: Path, regions: Table) -> list[Row]:
    column = "Grid carbon intensity (gCO2eq / kWh)"
    values: dict[str, tuple[float, int]] = {}
    for year in (2025, 2024):  # 2024 is the vintage of the other tables; 2025 stands in where it has no row
        for row in read(sources / f"gcp_region_carbon_{year}.csv"):
            values[f"gcp:{row['Google Cloud Region']}"] = (float(row[column]), year)
    rows = []
    for region in regions:
        key = str(region["key"])
        if key.startswith("gcp:"):
            value, year = values[key]
            # Google calls it "average operational gross emissions": direct, not lifecycle.
            note = "" if year == 2024 else "the year is not stated at the source"  # noqa: PLR2004
            edition = Edition("direct", year, "Google", basis="unknown")
            rows.append(_row(key, str(region["label"]), value, edition, note=note))
    return rows


def _json(path: Path) -> Any:  # noqa: ANN401 - each source has a shape of its own
    return json.loads(path.read_text(encoding="utf-8"))


def _title(name: str) -> str:
    return " ".join(word if word == "of" else word.capitalize() for word in name.split())
