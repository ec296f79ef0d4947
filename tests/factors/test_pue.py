"""PUE by the ladder: region, fleet, public clouds, world."""

from __future__ import annotations

import pytest

from reporter.domain.carbon import Level
from reporter.errors import FactorError, UnknownRegion
from reporter.factors import pue_of, world_pue, wue_of


@pytest.mark.parametrize(
    ("region", "ratio", "year", "source"),
    [
        ("aws:us-east-1", 1.15, 2024, "AWS"),
        ("aws:eu-central-1", 1.35, 2024, "AWS"),
        ("aws:ap-south-1", 1.42, 2024, "AWS"),
        ("azure:eastus2", 1.14, 2023, "Microsoft"),
        ("azure:westeurope", 1.14, 2023, "Microsoft"),
        ("azure:southeastasia", 1.34, 2023, "Microsoft"),
        ("gcp:us-central1", 1.10, 2024, "Google"),
        ("gcp:europe-west4", 1.07, 2024, "Google"),
        (" AWS:US-East-1 ", 1.15, 2024, "AWS"),
    ],
)
def test_a_region_with_a_published_value_gets_it(region, ratio, year, source):
    pue = pue_of(region)

    assert (pue.ratio, pue.year, pue.source) == (ratio, year, source)
    assert (pue.level, pue.uncertainty_ratio) == (Level.REGION, 0.03)


def test_a_design_value_is_named_and_trusted_less():
    pue = pue_of("azure:italynorth")

    assert (pue.ratio, pue.year, pue.level) == (1.12, 2022, Level.REGION)
    assert pue.source == "Microsoft (design value)"
    assert pue.uncertainty_ratio == 0.10


@pytest.mark.parametrize(
    ("region", "provider", "ratio", "year", "source"),
    [
        ("aws:eu-west-3", None, 1.14, 2025, "AWS"),
        ("azure:francecentral", None, 1.17, 2025, "Microsoft, by secondary sources"),
        ("gcp:europe-west9", None, 1.10, 2021, "Google, by secondary sources"),
        (None, "azure", 1.17, 2025, "Microsoft, by secondary sources"),
        (None, " AWS ", 1.14, 2025, "AWS"),
        ("US-VA", "azure", 1.17, 2025, "Microsoft, by secondary sources"),
        ("aws:eu-west-3", "azure", 1.14, 2025, "AWS"),
    ],
)
def test_without_a_value_of_its_own_the_providers_fleet_counts(region, provider, ratio, year, source):
    pue = pue_of(region, provider=provider)

    assert (pue.ratio, pue.year, pue.source) == (ratio, year, source)
    assert (pue.level, pue.uncertainty_ratio) == (Level.FLEET, 0.10)


def test_an_unknown_cloud_gets_the_average_of_clouds():
    pue = pue_of(None, provider="github")

    assert (pue.ratio, pue.year, pue.source) == (1.25, 2025, "IDC")
    assert (pue.level, pue.uncertainty_ratio) == (Level.AVERAGE, 0.25)


@pytest.mark.parametrize(("region", "provider"), [(None, None), ("FR", None), ("US-VA", None), ("", "")])
def test_without_a_cloud_the_worlds_average_counts(region, provider):
    pue = pue_of(region, provider=provider)

    assert (pue.ratio, pue.year, pue.source) == (1.54, 2025, "Uptime Institute")
    assert (pue.level, pue.uncertainty_ratio) == (Level.AVERAGE, 0.25)


def test_an_unknown_region_is_an_error():
    with pytest.raises(UnknownRegion) as caught:
        pue_of("aws:us-est-1")

    assert "aws:us-east-1" in caught.value.nearest


def test_a_survey_of_the_past_can_be_asked_for():
    pue = world_pue(2018)

    assert (pue.ratio, pue.year, pue.source, pue.level) == (1.58, 2018, "Uptime Institute", Level.AVERAGE)


def test_a_year_without_a_survey_is_an_error_that_names_the_others():
    with pytest.raises(FactorError) as caught:
        world_pue(2017)

    assert "2014, 2018, 2019" in caught.value.hint


@pytest.mark.parametrize(
    ("region", "provider", "l_per_kwh", "level", "kind", "year", "source"),
    [
        ("aws:ap-southeast-3", None, 2.75, "region", "measured", 2024, "AWS"),
        ("aws:cn-north-1", None, 0.18, "fleet", "measured", 2023, "AWS"),
        ("aws:mx-central-1", None, 0.12, "fleet", "measured", 2025, "AWS, by secondary sources"),
        ("azure:polandcentral", None, 0.023, "region", "design", 2022, "Microsoft"),
        ("azure:newzealandnorth", None, 0.0, "region", "design", 2022, "Microsoft"),
        ("azure:eastus2", None, 0.27, "fleet", "measured", 2025, "Microsoft, by secondary sources"),
        (None, "azure", 0.27, "fleet", "measured", 2025, "Microsoft, by secondary sources"),
    ],
)
def test_water_is_the_regions_own_else_its_providers(region, provider, l_per_kwh, level, kind, year, source):
    water = wue_of(region, provider=provider)

    assert (water.l_per_kwh, water.level, water.kind, water.year, water.source) == (
        l_per_kwh,
        level,
        kind,
        year,
        source,
    )


@pytest.mark.parametrize(("region", "provider"), [("gcp:us-east4", None), ("FR", None), (None, None), (None, "github")])
def test_where_no_water_is_published_there_is_none(region, provider):
    assert wue_of(region, provider=provider) is None
