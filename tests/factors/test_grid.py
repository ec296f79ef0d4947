"""Carbon intensity of a place: values, spellings, what was meant by a wrong one, the default."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.errors import UnknownRegion
from reporter.factors import default_intensity, intensity_of, region_of, regions
from reporter.factors.place import key_of, nearest

SOURCES = Path(__file__).parents[2] / ".github" / "factors" / "sources"
CANADA = "Canada Energy Regulator; IPCC AR5; IPCC SRREN"


@pytest.mark.parametrize(
    ("region", "gco2e_per_kwh", "year", "scope", "source"),
    [
        ("US", 384.4, 2025, "lifecycle", "Ember"),
        ("DE", 329.65, 2025, "lifecycle", "Ember"),
        ("FR", 41.44, 2025, "lifecycle", "Ember"),
        ("GB", 217.41, 2025, "lifecycle", "Ember"),
        ("NO", 28.11, 2025, "lifecycle", "Ember"),
        ("SE", 35.26, 2025, "lifecycle", "Ember"),
        ("PL", 588.6, 2025, "lifecycle", "Ember"),
        ("IN", 670.13, 2025, "lifecycle", "Ember"),
        ("CN", 525.34, 2025, "lifecycle", "Ember"),
        ("JP", 477.26, 2025, "lifecycle", "Ember"),
        ("SG", 497.09, 2025, "lifecycle", "Ember"),
        ("CF", 111.11, 2012, "lifecycle", "Ember"),
        ("WORLD", 472.94, 2024, "lifecycle", "Ember"),
        ("EU", 213.02, 2024, "lifecycle", "Ember"),
        ("US-VA", 244.8, 2023, "direct", "EPA eGRID"),
        ("US-IA", 287.6, 2023, "direct", "EPA eGRID"),
        ("US-TX", 349.8, 2023, "direct", "EPA eGRID"),
        ("US-WA", 120.9, 2023, "direct", "EPA eGRID"),
        ("US-CA", 179.1, 2023, "direct", "EPA eGRID"),
        ("US-WV", 893.1, 2023, "direct", "EPA eGRID"),
        ("US-VT", 23.7, 2023, "direct", "EPA eGRID"),
        ("gcp:us-central1", 412.72, 2024, "direct", "Google"),
        ("gcp:us-east4", 323.05, 2024, "direct", "Google"),
        ("gcp:us-west1", 79.23, 2024, "direct", "Google"),
        ("gcp:europe-west1", 103.37, 2024, "direct", "Google"),
        ("gcp:europe-north1", 39.32, 2024, "direct", "Google"),
        ("gcp:asia-south1", 678.76, 2024, "direct", "Google"),
        ("gcp:asia-southeast3", 364.68, 2025, "direct", "Google"),
        ("CA-QC", 27.953, 2023, "lifecycle", CANADA),
        ("CA-NU", 838.416, 2023, "lifecycle", CANADA),
        ("CN-BJ", 555.4, 2023, "direct", "MEE"),
        ("CN-YN", 133.3, 2023, "direct", "MEE"),
        ("CN-GD", 441.9, 2023, "direct", "MEE"),
        ("SE-SE3", 27.0, 2025, "lifecycle", "CodeCarbon"),
        ("NO-NO4", 51.7, 2025, "lifecycle", "CodeCarbon"),
    ],
)
def test_a_published_value_is_found(region, gco2e_per_kwh, year, scope, source):
    intensity = intensity_of(region)

    assert intensity.gco2e_per_kwh == pytest.approx(gco2e_per_kwh, abs=0.051 if region.startswith("US-") else 1e-9)
    assert (intensity.region, intensity.year, intensity.scope, intensity.source) == (region, year, scope, source)


def test_an_intensity_says_what_it_is():
    intensity = intensity_of("FR")

    assert intensity.label == "France"
    assert (intensity.kind, intensity.origin, intensity.resolved) == ("average", "table", "annual")
    assert (intensity.time_uncertainty_ratio, intensity.method_uncertainty_ratio) == (0.30, 0.15)
    assert intensity.uncertainty_ratio == pytest.approx(0.1125**0.5)
    assert (intensity.low_gco2e_per_kwh, intensity.high_gco2e_per_kwh, intensity.known) == (None, None, True)


@pytest.mark.parametrize(
    ("cloud", "place"),
    [
        ("aws:us-east-1", "US-VA"),
        ("aws:us-east-2", "US-OH"),
        ("aws:us-west-2", "US-OR"),
        ("aws:eu-central-1", "DE"),
        ("aws:us-gov-west-1", "US"),
        ("azure:eastus2", "US-VA"),
        ("azure:centralus", "US-IA"),
        ("azure:westcentralus", "US-WY"),
        ("azure:westeurope", "NL"),
        ("azure:uksouth", "GB"),
        ("aws:ca-central-1", "CA-QC"),
        ("aws:ca-west-1", "CA-AB"),
        ("azure:canadacentral", "CA-ON"),
        ("azure:canadaeast", "CA-QC"),
        ("aws:eu-north-1", "SE-SE3"),
        ("azure:swedencentral", "SE-SE3"),
        ("azure:norwayeast", "NO-NO1"),
        ("azure:norwaywest", "NO-NO2"),
        ("aws:cn-north-1", "CN-BJ"),
        ("aws:cn-northwest-1", "CN-NX"),
        ("azure:chinaeast2", "CN-SH"),
        ("azure:chinanorth3", "CN"),
        ("azure:denmarkeast", "DK"),
        ("azure:indiasouthcentral", "IN"),
    ],
)
def test_a_region_without_a_factor_of_its_own_takes_its_states_or_countrys(cloud, place):
    region, grid = intensity_of(cloud), intensity_of(place)

    assert region.region == cloud
    assert (region.gco2e_per_kwh, region.label, region.source, region.year, region.scope) == (
        grid.gco2e_per_kwh,
        grid.label,
        grid.source,
        grid.year,
        grid.scope,
    )


@pytest.mark.parametrize(
    ("spelt", "key"),
    [
        (" fr\n", "FR"),
        ("us-va", "US-VA"),
        ("AWS:US-EAST-1", "aws:us-east-1"),
        ("Azure:EastUS2", "azure:eastus2"),
        ("world", "WORLD"),
        ("ca-qc", "CA-QC"),
        ("se3", "SE-SE3"),
        ("NO2", "NO-NO2"),
    ],
)
def test_case_and_blanks_do_not_matter(spelt, key):
    assert intensity_of(spelt).region == key


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("UK", ("GB",)),
        ("USA", ("US",)),
        ("Germany", ("DE",)),
        ("germny", ("DE",)),
        ("VA", ("US-VA",)),
        ("us_va", ("US-VA",)),
        ("eu-central-1", ("aws:eu-central-1",)),
        ("eastus2", ("azure:eastus2",)),
        ("East US 2", ("azure:eastus2",)),
        ("europe-west4", ("gcp:europe-west4",)),
        ("aws:eu-cental-1", ("aws:eu-central-1",)),
        ("azure:us-east-1", ("aws:us-east-1", "gcp:us-east1")),
        ("us-east-1", ("aws:us-east-1", "gcp:us-east1")),
        ("us-east1", ("gcp:us-east1", "aws:us-east-1")),
        ("Virginia", ("US-VA", "azure:eastus", "azure:eastus2")),
        ("Georgia", ("GE", "US-GA", "gcp:us-east2")),
        ("gcp:Frankfurt", ("gcp:europe-west3", "aws:eu-central-1", "azure:germanywestcentral")),
        ("Quebec", ("CA-QC",)),
        ("Québec", ("CA-QC", "azure:canadaeast")),
        ("ontario", ("CA-ON",)),
        ("cn_gd", ("CN-GD",)),
        ("Guangdong", ("CN-GD",)),
        ("neimenggu", ("CN-NM",)),
        ("SE-SE5", ("SE-SE4", "SE-SE3", "SE-SE2")),
        ("NO6", ("NO",)),
        ("HI", ("CN-HI", "US-HI")),
        ("the moon", ()),
        ("", ()),
        ("::", ()),
    ],
)
def test_a_wrong_name_is_answered_with_what_was_meant(wrong, meant):
    with pytest.raises(UnknownRegion) as caught:
        intensity_of(wrong)

    assert caught.value.nearest == meant


def test_the_message_quotes_the_name_and_suggests():
    with pytest.raises(UnknownRegion) as caught:
        intensity_of(" aws:eu-cental-1 ")

    assert caught.value.message == "Region `aws:eu-cental-1` is not in the table"
    assert caught.value.hint == "Did you mean `aws:eu-central-1`?"


@given(st.text(alphabet=string.printable + "éß:İ", max_size=30))
def test_any_text_is_a_region_or_gets_up_to_three_that_are(text):
    keys = {region.key for region in regions()}

    key, suggested = key_or_suggestions(text)

    assert key is None or key in keys
    assert len(suggested) <= 3
    assert set(suggested) <= keys


def key_or_suggestions(text):
    try:
        return key_of(text), ()
    except UnknownRegion as unknown:
        return None, unknown.nearest


def test_letters_beyond_ascii_are_no_code():
    assert key_or_suggestions("ß")[0] is None


def test_every_suggestion_can_be_used():
    for region in regions():
        for name in (region.key, region.label, region.key.rpartition(":")[2]):
            for key in nearest(name):
                assert intensity_of(key).region == key


def test_on_a_hosted_runner_the_united_states_stand_in():
    intensity = default_intensity(github_hosted=True)

    assert (intensity.gco2e_per_kwh, intensity.source, intensity.year) == (384.4, "Ember", 2025)
    assert (intensity.region, intensity.label, intensity.known) == (None, "United States (assumed)", False)
    assert intensity.low_gco2e_per_kwh == pytest.approx(23.7, abs=0.05)
    assert intensity.high_gco2e_per_kwh == pytest.approx(893.1, abs=0.05)


def test_elsewhere_the_world_stands_in():
    intensity = default_intensity(github_hosted=False)

    assert (intensity.gco2e_per_kwh, intensity.source, intensity.year) == (472.94, "Ember", 2024)
    assert (intensity.region, intensity.label, intensity.known) == (None, "world average (assumed)", False)
    assert (intensity.low_gco2e_per_kwh, intensity.high_gco2e_per_kwh) == (20.83, 1306.27)


def test_the_tables_cover_what_they_say():
    with (SOURCES / "ember_countries_2026.json").open(encoding="utf-8") as file:
        countries = {row["name"].upper() for row in json.load(file)["countries"]}
    keys = {region.key for region in regions()}

    assert countries <= keys
    assert len(countries) == 213
    parts = {
        country: sorted(key[3:] for key in keys if key.startswith(f"{country}-")) for country in ("US", "CA", "CN")
    }
    assert len(parts["US"]) == 51
    assert parts["CA"] == ["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"]
    assert len(parts["CN"]) == 30
    zones = sorted(key for key in keys if key.startswith(("SE-", "NO-")))
    assert zones == [*(f"NO-NO{zone}" for zone in range(1, 6)), *(f"SE-SE{zone}" for zone in range(1, 5))]


def test_every_clouds_region_has_a_zone_that_has_a_factor():
    for region in regions():
        assert 0 < region.gco2e_per_kwh < 2000
        if ":" in region.key:
            assert region_of(region.zone).gco2e_per_kwh == region.gco2e_per_kwh


def test_a_part_of_a_country_that_is_derived_or_co2_only_says_so():
    assert intensity_of("CN-BJ").label == "Beijing, China (CO2 only)"
    for region in regions():
        assert (region.gas == "CO2") == region.zone.startswith("CN-")
        assert (region.kind == "derived") == region.zone.startswith(("CA-", "SE-", "NO-"))
        assert region.note or region.kind == "published"
