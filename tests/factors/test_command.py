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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "frannce"), "Did you mean `FR`"),
        (("show", "RTX 5090"), "`NVIDIA RTX 4090`"),
        (("show", "EPYC 7764"), "`AMD EPYC 7763`"),
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
