"""`regions.csv`, `pue.csv` and `wue.csv`: the clouds' regions, and the power and water that their sites need."""

from __future__ import annotations

from pathlib import Path

from builder.sheet import Table, read

PROVIDERS = {"Amazon Web Services": "aws", "Google Cloud": "gcp", "Microsoft Azure": "azure"}
REGION_LISTS = {"aws": ("AWS", 2026), "azure": ("Microsoft", 2026), "gcp": ("Google", 2025)}
"""The region lists: botocore 1.44.5; Microsoft's list of 2026-09-23; Google's carbon data of 2025."""

AZURE_DESIGN_PUE = "1.12"
AZURE_DESIGN_YEAR = 2022
"""Microsoft gave its newest design as 1.12: regions of 2022 with just this value were not measured."""

SECONDARY = {
    "aws:me-west-1": "AWS, by secondary sources",
    "aws:sa-west-1": "AWS, by secondary sources",
    "azure:denmarkeast": "Microsoft, by secondary sources",
}
"""Regions that the provider's list of open regions was not seen to have."""

OPENED_LATER = ("azure:denmarkeast", "azure:indiasouthcentral")
"""Regions that opened in 2026: their values of 2022 cannot be measured ones."""

LEFT_OUT = {
    ("azure:westus", 2023): "the row says Washington, the region is in California",
    ("azure:northeurope", 2022): "the row says Finland, the region is in Ireland",
}

AWS_SHARED_WUE = "0.18"
"""17 of the 33 regions of AWS have just this value, whatever their climate: a mean that stands in for their own."""

PUE_COLUMNS = ("key", "pue", "level", "kind", "year", "source", "licence", "note")
WUE_COLUMNS = ("key", "wue_l_per_kwh", "level", "kind", "year", "source", "licence", "note")


def regions(sources: Path) -> Table:
    """Every region that can be used, with the row of `grid.csv` that it takes its intensity from."""
    table: Table = []
    for row in read(sources / "regions.csv"):
        provider, _, name = row["key"].partition(":")
        source, year = REGION_LISTS[provider]
        table.append(
            {
                "key": row["key"],
                "provider": provider,
                "name": name,
                "label": row["label"],
                "zone": row["zone"] or row["key"],
                "kind": "listed",
                "year": year,
                "source": SECONDARY.get(row["key"], source),
                "licence": "facts",
            }
        )
    return table


def pue(sources: Path, keys: set[str]) -> Table:
    """Power usage effectiveness: of regions, of providers, of public clouds, of the world by year."""
    table: Table = []
    for key, year, source, row in _published(sources, keys):
        if row["pue"]:
            values = (key, row["pue"], "region", _kind(key, year, row["pue"]), year, source, "facts", "")
            table.append(dict(zip(PUE_COLUMNS, values, strict=True)))
    table.sort(key=lambda row: (str(row["key"]), str(row["year"])))
    for row in read(sources / "pue_fleets.csv"):
        level = "average" if row["key"] == "cloud" else "fleet"
        values = (row["key"], row["pue"], level, "measured", row["year"], row["source"], "facts", row["note"])
        table.append(dict(zip(PUE_COLUMNS, values, strict=True)))
    for row in read(sources / "pue_world.csv"):
        values = ("world", row["pue"], "average", "survey", row["year"], "Uptime Institute", "facts", "")
        table.append(dict(zip(PUE_COLUMNS, values, strict=True)))
    return table


def wue(sources: Path, keys: set[str]) -> Table:
    """Water usage effectiveness, a table by itself: a later row without water erases nothing."""
    table: Table = []
    for key, year, source, row in _published(sources, keys):
        water = row["wue_l_per_kwh"]
        if not water:
            continue
        mean = source == "AWS" and water == AWS_SHARED_WUE
        level, note = ("fleet", "shared by 17 regions: a mean, not the region's own") if mean else ("region", "")
        values = (key, water, level, _kind(key, year, row["pue"]), year, source, "facts", note)
        table.append(dict(zip(WUE_COLUMNS, values, strict=True)))
    table.sort(key=lambda row: (str(row["key"]), str(row["year"])))
    for row in read(sources / "wue_fleets.csv"):
        water, source = row["wue_l_per_kwh"], row["source"]
        values = (row["key"], water, "fleet", "measured", row["year"], source, "facts", row["note"])
        table.append(dict(zip(WUE_COLUMNS, values, strict=True)))
    return table


def _published(sources: Path, keys: set[str]) -> list[tuple[str, int, str, dict[str, str]]]:
    """Key, year, source and row of what was published of a region that is listed."""
    found = []
    for row in read(sources / "pue_by_region.csv"):
        provider, year = PROVIDERS[row["provider"]], int(row["year"])
        key = f"{provider}:{row['region']}"
        if key in keys and (key, year) not in LEFT_OUT:
            found.append((key, year, REGION_LISTS[provider][0], row))
    return found


def _kind(key: str, year: int, ratio: str) -> str:
    """`design` or `measured`: a site that was not built in 2022 could not be measured then."""
    azure = key.startswith("azure:") and year == AZURE_DESIGN_YEAR
    return "design" if azure and (ratio == AZURE_DESIGN_PUE or key in OPENED_LATER) else "measured"
