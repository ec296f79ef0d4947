"""`emissions factors`: every table can be listed, one thing shown, and a wrong word is answered."""

from __future__ import annotations

import json

import pytest

from reporter.cli import main
from reporter.factors import pack, read_table, regions, tables


@pytest.fixture
def factors(capsys):
    """Status, stdout and stderr of `emissions factors …`."""

    def run(*words):
        status = main(["factors", *words], environ={})
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


@pytest.mark.parametrize("name", tables())
def test_every_table_is_listed_whole(factors, name):
    status, text, _ = factors("list", name)
    _, machine, _ = factors("list", name, "--json")

    assert status == 0
    assert len(json.loads(machine)) == len(read_table(name))
    assert len(text.splitlines()) == len(read_table(name)) + 2
    assert text.endswith(f"factor pack {pack().version}, sha256 {pack().sha256}\n")


@pytest.mark.parametrize("name", [name for name in tables() if name not in ("cpu_models", "sources")])
def test_every_listed_number_has_its_source_licence_year_and_kind(factors, name):
    _, machine, _ = factors("list", name, "--json")

    for row in json.loads(machine):
        assert row["source"]
        assert row["licence"]
        assert row["kind"]
        assert isinstance(row["year"], int)


def test_without_a_table_every_place_is_listed(factors):
    _, machine, _ = factors("list", "--json")

    assert [row["key"] for row in json.loads(machine)] == [region.key for region in regions()]
    assert factors("--json")[1] == machine


def test_rows_that_match_are_listed(factors):
    _, text, _ = factors("list", "accelerators", "a100", "pcie")
    _, places, _ = factors("list", "virginia")

    assert [line.split("  ")[0] for line in text.splitlines()[1:-1]] == [
        "NVIDIA A100 PCIe 40GB",
        "NVIDIA A100 PCIe 80GB",
    ]
    assert "azure:eastus2" in places
    assert "FR " not in places


def test_an_old_factor_is_marked_in_the_list(factors):
    _, text, _ = factors("list", "ukraine")

    assert "2022 (old)" in text


def test_a_region_is_shown_with_what_its_columns_do_not_say(factors):
    _, text, _ = factors("show", "azure:swedencentral")

    assert "intensity: derived, production-based, taken from SE-SE3" in text
    assert "note: a lower bound: 94.58 % of generation" in text
    assert "warning: factor-stale:UA 2022" in factors("show", "UA")[1]


def test_gases_and_design_values_are_named(factors):
    assert "direct, CO2 only" in factors("show", "CN-BJ")[1]
    assert "1.12 (2022 design)" in factors("show", "azure:italynorth")[1]
    assert "0.18 (2023 fleet)" in factors("show", "aws:eu-west-2")[1]


def test_an_accelerator_and_a_processor_are_shown(factors):
    _, gpu, _ = factors("show", "Tesla", "T4")
    _, machine, _ = factors("show", "H100", "--json")
    _, cpu, _ = factors("show", "Intel(R) Xeon(R) Gold 6142 CPU @ 2.60GHz")

    assert "rated_w: 70.0" in gpu
    assert "embodied low_kgco2e: 50.0" in gpu
    assert json.loads(machine)[0]["embodied"]["kgco2e"] == 164
    assert "w_per_core: 9.4" in cpu


def test_a_node_of_fabs_is_shown(factors):
    _, text, _ = factors("show", "7nm")
    _, machine, _ = factors("show", "7", "nm", "--json")

    assert "kwh_per_cm2: 2.15" in text
    assert json.loads(machine)[0]["gas_95_g_per_cm2"] == 350


@pytest.mark.parametrize(
    "name",
    [
        "FR",
        "US-VA",
        "CA-QC",
        "SE3",
        "aws:eu-west-2",
        "azure:denmarkeast",
        "gcp:europe-west4",
        "H200",
        "Xeon Gold 6142",
        "7 nm",
    ],
)
def test_whatever_is_shown_has_source_year_licence_and_kind(factors, name):
    _, machine, _ = factors("show", name, "--json")
    _, text, _ = factors("show", name)

    (row,) = json.loads(machine)
    for shown in (row, row.get("embodied") or row):
        assert all(str(shown[key]) in text for key in ("source", "year", "licence", "kind"))
    for used in ("pue", "wue"):
        assert not row.get(f"{used}_source") or f"{row[f'{used}_source']} {row[f'{used}_year']} (facts)" in text
    assert text.endswith(f"factor pack {pack().version}, sha256 {pack().sha256}\n") or "\nintensity: " in text


def test_a_region_that_its_provider_was_not_seen_to_list_says_so(factors):
    assert "region: named by AWS, by secondary sources 2026" in factors("show", "aws:sa-west-1")[1]
    assert "region: named by AWS 2026" in factors("show", "aws:us-east-1")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "frannce"), "Did you mean `FR`"),
        (("show", "RTX 5090"), "`NVIDIA RTX 4090`"),
        (("show", "EPYC 7764"), "`AMD EPYC 7763`"),
        (("show", "7"), "Did you mean `7 nm`?"),
        (("show", "the moon"), "`emissions factors list` names every region"),
        (("list", "frnce"), "Did you mean `FR`?"),
        (("list", "acelerators"), "Did you mean `accelerators`?"),
        (("list", "xyzzy"), "The tables are accelerators, constants,"),
        (("lst",), "Did you mean `list`?"),
        (("show",), "factors show REGION"),
        (("sources", "all"), "factors list [TABLE] [TEXT]"),
    ],
)
def test_a_wrong_word_is_answered_with_what_was_meant(factors, words, said):
    status, text, error = factors(*words)

    assert status == 2
    assert text == ""
    assert said in error


def test_sources_are_listed_with_their_licence(factors):
    _, text, _ = factors("sources")

    assert "Canada Energy Regulator: " in text
    assert "(OGL-Canada)" in text
    assert len(text.splitlines()) == len(read_table("sources"))


def test_a_filter_that_fits_no_row_of_a_table_lists_none(factors):
    assert json.loads(factors("list", "accelerators", "abacus", "--json")[1]) == []
