"""The lists that `emissions factors` prints."""

from __future__ import annotations

import pytest

from reporter.errors import UnknownRegion
from reporter.factors import intensity_of, read_table, region_of, regions, rows, sources, tables


def test_every_place_is_listed_once_countries_first():
    keys = [region.key for region in regions()]

    assert len(keys) == len(set(keys)) == 213 + 2 + 51 + 13 + 30 + 9 + 41 + 70 + 46
    assert [":" in key for key in keys] == sorted(":" in key for key in keys)


def test_a_region_shows_what_would_be_used_for_it():
    region = region_of("AWS:us-east-1")

    assert (region.key, region.label, region.zone) == ("aws:us-east-1", "Northern Virginia, United States", "US-VA")
    assert (region.gco2e_per_kwh, region.scope, region.year) == (244.758, "direct", 2023)
    assert (region.source, region.licence) == ("EPA eGRID", "public domain")
    assert (region.kind, region.basis, region.gas, region.note) == ("published", "production", "CO2e", "")
    assert (region.pue, region.pue_kind, region.pue_year, region.pue_source) == (1.15, "measured", 2024, "AWS")
    assert (region.wue_l_per_kwh, region.wue_kind, region.wue_year) == (0.12, "measured", 2024)


@pytest.mark.parametrize("key", ["FR", "US-VA", "WORLD", "aws:eu-west-3"])
def test_where_no_pue_is_published_none_is_shown(key):
    region = region_of(key)

    assert (region.pue, region.pue_year, region.pue_source) == (None, None, None)


def test_the_list_agrees_with_the_look_up():
    for region in regions():
        intensity = intensity_of(region.key)
        assert (intensity.gco2e_per_kwh, intensity.scope, intensity.year, intensity.source) == (
            region.gco2e_per_kwh,
            region.scope,
            region.year,
            region.source,
        )


def test_an_unknown_region_is_an_error():
    with pytest.raises(UnknownRegion):
        region_of("atlantis")


def test_sources_have_a_title_an_address_and_a_licence():
    listed = list(sources())

    assert [source.source for source in listed] == sorted(source.source for source in listed)
    assert all(source.title and source.url.startswith("https://") and source.licence for source in listed)


def test_every_number_is_listed_with_its_unit():
    units = {row.table: set() for row in rows()}
    for row in rows():
        units[row.table].add(row.unit)

    assert units["grid.csv"] == {"g/kWh"}
    assert units["pue.csv"] == {"ratio"}
    assert units["dram.csv"] == {"W/GB"}
    assert len(units["cpu.csv"]) == 2


def test_a_mean_that_stands_in_for_a_regions_water_is_named_so():
    assert region_of("aws:eu-west-2").wue_kind == "fleet"
    assert region_of("azure:italynorth").wue_kind == "design"


@pytest.mark.parametrize(
    ("region", "flags"),
    [
        ("FR", ()),
        ("UA", ("factor-stale:UA 2022",)),
        ("CF", ("factor-stale:CF 2012",)),
        ("EH", ("factor-stale:EH 2009",)),
        ("US-VA", ()),
        ("gcp:europe-west4", ()),
        ("azure:westeurope", ()),
        ("azure:italynorth", ("factor-stale:PUE azure:italynorth 2022",)),
    ],
)
def test_old_factors_are_flagged(region, flags):
    assert region_of(region).flags == flags


def test_every_table_can_be_read_with_numbers_as_numbers():
    assert {"grid", "pue", "wue", "accelerators", "processors", "embodied", "equivalents", "fuels"} <= set(tables())
    for name in tables():
        assert read_table(name)
    (t4,) = (row for row in read_table("accelerators") if row["name"] == "NVIDIA T4")
    (b200,) = (row for row in read_table("accelerators") if row["name"] == "NVIDIA B200")

    assert (t4["rated_w"], t4["idle_w"], t4["memory_gb"], t4["year"]) == (70.0, 8.0, 16.0, 2018)
    assert b200["idle_w"] is None


def test_an_unknown_table_is_an_error():
    with pytest.raises(KeyError):
        read_table("grit")
