"""Old factors: where the line is, and that a job's site says so."""

from __future__ import annotations

import pytest

from reporter.ci import CiContext
from reporter.commands.account.site import resolve_site
from reporter.config import Config
from reporter.factors import intensity_flags, pack, stale


def test_a_vintage_that_ended_three_years_before_the_edition_is_old():
    year = pack().year

    assert stale("X", year - 4) == (f"factor-stale:X {year - 4}",)
    assert stale("X", year - 3) == ()
    assert stale("X", None) == ()


def flags_of(region, given=None):
    config = Config(region=region, pue=1.2, intensity_gco2e_per_kwh=given)
    return resolve_site(config, CiContext(), ask_metadata=lambda: "azure:eastus2").flags


@pytest.mark.parametrize(
    ("region", "flags"),
    [
        ("FR", ()),
        ("UA", ("factor-stale:UA 2022",)),
        ("aws:us-east-1", ()),
        ("CF", ("factor-stale:CF 2012",)),
        (None, ()),
    ],
)
def test_the_site_of_a_job_says_that_its_factor_is_old(region, flags):
    assert flags_of(region) == flags


def test_a_factor_given_by_hand_is_not_old():
    assert flags_of("UA", given=50.0) == ()


def test_the_flag_names_the_row_of_the_table():
    assert intensity_flags("ua") == ("factor-stale:UA 2022",)
