"""The lists that `emissions factors` prints."""

from __future__ import annotations

import pytest

from reporter.errors import UnknownRegion
from reporter.factors import intensity_of, region_of, regions, rows, sources


def test_every_place_is_listed_once_countries_first():
    keys = [region.key for region in regions()]

    assert len(keys) == len(set(keys)) == 213 + 2 + 51 + 39 + 64 + 45
    assert [":" in key for key in keys] == sorted(":" in key for key in keys)


def test_a_region_shows_what_would_be_used_for_it():
    region = region_of("AWS:us-east-1")

    assert (region.key, region.label, region.zone) == ("aws:us-east-1", "Northern Virginia, United States", "US-VA")
    assert (region.gco2e_per_kwh, region.scope, region.year) == (244.758, "direct", 2023)
    assert (region.source, region.licence) == ("EPA eGRID", "public domain")
    assert (region.pue, region.pue_year, region.pue_source) == (1.15, 2024, "AWS")


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
