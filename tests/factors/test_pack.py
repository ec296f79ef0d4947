"""The shipped edition: what it was built from, what it may hold, what it costs to load."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reporter.factors import pack, read_table, rows, sources, tables, validate
from reporter.factors.release import Pack

ROOT = Path(__file__).parents[2]
DATA = ROOT / "reporter" / "factors" / "data"
BUILDER = ROOT / ".github" / "factors" / "build.py"


@pytest.fixture(scope="module")
def builder():
    spec = importlib.util.spec_from_file_location("build_factors", BUILDER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def edition(tmp_path):
    """A copy of the tables to break, with the sum of what it holds."""

    def edit(table, old, new):
        folder = tmp_path / "data"
        shutil.copytree(DATA, folder)
        text = (folder / table).read_text(encoding="utf-8")
        assert old in text
        (folder / table).write_text(text.replace(old, new, 1), encoding="utf-8")
        return Pack(version="2026.11.3", sha256=sum_of(folder), folder=str(folder))

    return edit


def sum_of(folder):
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.csv")))).hexdigest()


def test_the_tables_are_what_their_builder_makes_of_the_sources(builder):
    built = builder.build()

    assert {path.name for path in DATA.iterdir()} == set(built)
    for name, text in built.items():
        assert (DATA / name).read_bytes() == text.encode(), f"run {BUILDER.name}"


def test_the_edition_is_dated_and_names_its_content():
    edition = pack()

    year, month, number = (int(part) for part in edition.version.split("."))
    assert (year, 1 <= month <= 12, number >= 1) == (2026, True, True)
    assert edition.sha256 == sum_of(DATA)


def test_the_shipped_edition_has_no_errors():
    assert [problem for problem in validate(pack()) if not problem.startswith("warning: ")] == []


def test_old_vintages_are_named():
    warnings = validate(pack())

    assert "warning: grid.csv: 1 of Ember from 2009, 16 years old" in warnings
    assert not any("from 2023" in warning for warning in warnings)
    assert any("from 2025, 3 years old" in warning for warning in validate(pack(), year=2029))


@pytest.mark.parametrize(
    ("table", "old", "new", "problem"),
    [
        ("grid.csv", "FR,France,41.44", "FR,France,0", "gco2e_per_kwh '0' in FR"),
        ("grid.csv", "FR,France,41.44", "FR,France,41440", "gco2e_per_kwh '41440' in FR"),
        ("grid.csv", "FR,France,41.44", "FR,France,", "gco2e_per_kwh '' in FR"),
        ("grid.csv", "FR,France,41.44", "FR,France,nan", "gco2e_per_kwh 'nan' in FR"),
        ("grid.csv", "FR,France,41.44", 'FR,France,",000077"', "gco2e_per_kwh ',000077' in FR"),
        ("grid.csv", "FR,France,41.44,lifecycle", "FR,France,41.44,both", "scope 'both' in FR"),
        ("grid.csv", "FR,France,41.44,lifecycle,2025", "FR,France,41.44,lifecycle,", "no year in FR"),
        ("grid.csv", "FR,France,41.44,lifecycle,2025", "FR,France,41.44,lifecycle,2025?", "no year in FR"),
        ("grid.csv", "facts,derived,production", "facts,guessed,production", "kind 'guessed'"),
        ("grid.csv", "MIT,published,consumption,CO2,", "MIT,published,consumption,CO3,", "gas 'CO3' in CN-"),
        ("grid.csv", "FR,France", "DE,France", "DE 2 times"),
        ("grid.csv", "FR,France", " ,France", "without a key"),
        ("grid.csv", "2025,Ember", "2025,Somebody", "no known source"),
        ("pue.csv", "aws:us-east-1,1.15", "aws:us-east-1,0.99", "pue '0.99' in aws:us-east-1"),
        ("pue.csv", "aws:us-east-1,1.15", "aws:us-east-1,3.1", "pue '3.1' in aws:us-east-1"),
        ("regions.csv", "US-VA", "US-QQ", "from US-QQ"),
        ("cpu.csv", "Skylake,0.6", "Skylake,-0.6", "min_w_per_vcpu '-0.6"),
        ("wue.csv", "aws:us-east-1,0.12", "aws:us-east-1,-0.12", "wue_l_per_kwh '-0.12' in aws:us-east-1"),
        ("accelerators.csv", "\\bT4\\b,70,", "\\bT4\\b,7000,", "rated_w '7000' in NVIDIA T4"),
        ("accelerators.csv", "\\bT4\\b,70,", "\\bT4\\b,,", "rated_w '' in NVIDIA T4"),
        ("accelerators.csv", "150,18,153,24,gpu", "150,18,153,24,gpx", "from gpx"),
        ("processors.csv", "AMD EPYC 7763,280", "AMD EPYC 7763,3", "rated_w '3' in AMD EPYC 7763"),
        ("embodied.csv", "h100,164", "h100,-164", "kgco2e '-164' in h100"),
        ("embodied.csv", "h100,164", "h100,16", "kgco2e outside its bounds in h100"),
        ("equivalents.csv", "car-km-eu,", "phone-charge,", "phone-charge 2 times"),
        ("constants.csv", "lifetime,35040", "lifetime,4 y", "value '4 y' in lifetime"),
        ("fuels.csv", "oil,840", "oil,2840", "gco2e_per_kwh '2840' in oil"),
        ("fabs.csv", "7 nm,2.15,", "7 nm,,", "kwh_per_cm2 '' in 7 nm"),
        ("fabs.csv", "7 nm,2.15,", "8 nm,2.15,", "8 nm 2 times"),
        ("fabs.csv", "2.75,430,", "2.75,-430,", "gas_95_g_per_cm2 '-430' in 5 nm"),
        ("cpu_models.csv", ",Skylake,", ",Skyfall,", "from Skyfall"),
    ],
)
def test_a_broken_table_is_found(edition, table, old, new, problem):
    broken = edition(table, old, new)

    errors = [found for found in validate(broken) if found.startswith("error: ")]

    assert len(errors) >= 1
    assert any(problem in error for error in errors), errors


def test_a_pue_of_one_is_within_range(edition):
    assert not any("error" in found for found in validate(edition("pue.csv", "us-east-1,1.15", "us-east-1,1.0")))


def test_an_edition_with_other_files_than_its_sum_says_so(edition):
    changed = edition("grid.csv", "FR,France,41.44", "FR,France,41.45")

    found = validate(Pack(version=changed.version, sha256=pack().sha256, folder=changed.folder))

    assert any(problem.startswith("error: the files are not those of edition 2026.11.3") for problem in found)


def test_every_source_is_attributed():
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")

    known = {source.source: source for source in sources()}
    used = {name for row in rows() for name in row.source.split("; ")}

    assert used <= set(known)
    for source in known.values():
        assert f"\n{source.source}\n" in notice
        assert source.attribution in notice
        assert source.url in notice
        if source.licence != "facts":
            assert f"Licence: {source.licence}" in notice


def test_every_row_has_a_source_a_year_and_a_licence():
    for row in rows():
        assert row.source
        assert row.licence
        assert row.kind
        assert row.year >= 2007


def test_nothing_that_may_not_ship_is_shipped():
    allowed = {"facts", "public domain", "CC BY 4.0", "Apache-2.0", "MIT", "OGL-Canada"}

    licences = {part for row in rows() for part in row.licence.split("; ")}
    text = " ".join(path.read_text(encoding="utf-8").lower() for path in sorted(DATA.iterdir()))

    assert licences <= allowed
    for barred in (
        "mlco2_cloud",
        "carbonfootprint.com",
        "reference_only",
        "electricitymap",
        "boavizta",
        "ecologits",
        "alumet",
        "real-time-cloud",
    ):
        assert barred not in text


def test_the_files_name_no_local_path():
    files = [*DATA.iterdir(), *(ROOT / ".github" / "factors").rglob("*.*"), ROOT / "NOTICE"]

    for path in files:
        if path.suffix != ".pyc":
            text = path.read_text(encoding="utf-8")
            assert not any(folder in text for folder in ("/work", "/tmp/", "/home/", "/root/")), path


def test_the_licence_is_whole():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "APPENDIX: How to apply the Apache License to your work." in text


def test_importing_the_package_reads_no_table_and_loads_no_slow_module():
    code = (
        "import sys; import reporter.factors as f; loaded = set(sys.modules);"
        "assert not loaded & {'csv', 'json', 'difflib', 'hashlib', 'pathlib', 'urllib', 'importlib.resources'}, loaded;"
        "assert not any(f'reporter.factors.{name}' in loaded for name in "
        "('catalogue', 'constants', 'devices', 'rules', 'validation', 'water'));"
        "f.intensity_of('FR'); f.pue_of('aws:us-east-1'); f.cpu_curve(None, 2);"
        "assert not set(sys.modules) & {'difflib', 'hashlib', 'pathlib', 'urllib'}"
    )

    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_a_name_that_is_not_there_is_an_attribute_error():
    import reporter.factors

    with pytest.raises(AttributeError, match="no attribute 'intensity'"):
        _ = reporter.factors.intensity


def test_the_lists_of_regions_match_their_sources():
    with (DATA / "regions.csv").open(encoding="utf-8", newline="") as file:
        regions = list(csv.DictReader(file))

    counts = {provider: sum(row["provider"] == provider for row in regions) for provider in ("aws", "azure", "gcp")}

    assert counts == {"aws": 41, "azure": 70, "gcp": 46}
    assert all(row["key"] == f"{row['provider']}:{row['name']}" for row in regions)


def test_each_table_is_read_only_when_it_is_asked_for():
    code = (
        "import builtins; opened = []; old = builtins.open;"
        "builtins.open = lambda path, *rest, **more: (opened.append(str(path)), old(path, *rest, **more))[1];"
        "import reporter.factors as f; f.accelerator_of('T4'); f.intensity_of('FR');"
        "print(*sorted({path.rpartition('/')[2] for path in opened if path.endswith('.csv')}))"
    )

    done = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True)

    assert done.stdout.split() == ["accelerators.csv", "embodied.csv", "grid.csv", "regions.csv"]


def test_a_damaged_table_is_an_error_with_a_remedy_when_it_is_used(tmp_path):
    shutil.copytree(ROOT / "reporter", tmp_path / "reporter", ignore=shutil.ignore_patterns("__pycache__"))
    table = tmp_path / "reporter" / "factors" / "data" / "grid.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("FR,France,41.44", "FR,France,0"), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "reporter", "factors", "show", "DE"], cwd=tmp_path, capture_output=True, text=True
    )

    assert done.returncode == 3
    assert "tables are damaged: grid.csv has gco2e_per_kwh '0' in FR" in done.stderr
    assert "restore its tables" in done.stderr


def test_a_later_row_without_water_erases_none(builder, tmp_path):
    shutil.copytree(BUILDER.parent / "sources", tmp_path / "sources")
    path = tmp_path / "sources" / "pue_by_region.csv"
    path.write_text(
        path.read_text(encoding="utf-8") + "Microsoft Azure,italynorth,Italy North,2024,1.17,\n", encoding="utf-8"
    )

    tables = builder.build(tmp_path / "sources")

    assert "azure:italynorth,1.17,region,measured,2024" in tables["pue.csv"]
    assert "azure:italynorth,0.023,region,design,2022" in tables["wue.csv"]


def test_the_builder_stops_at_a_fuel_that_it_has_no_factor_for(builder, tmp_path):
    shutil.copytree(BUILDER.parent / "sources", tmp_path / "sources")
    path = tmp_path / "sources" / "canada_mix_2023.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"tidal": 0.0', '"tidal": 0.1', 1), encoding="utf-8")

    with pytest.raises(KeyError, match="tidal"):
        builder.build(tmp_path / "sources")


def test_the_builder_stops_where_a_unit_has_changed(builder, tmp_path):
    shutil.copytree(BUILDER.parent / "sources", tmp_path / "sources")
    path = tmp_path / "sources" / "china_provinces_2023.json"
    path.write_text(path.read_text(encoding="utf-8").replace("gCO2/kWh", "kgCO2/kWh", 1), encoding="utf-8")

    with pytest.raises(ValueError, match="CN-BJ is no longer in gCO2/kWh"):
        builder.build(tmp_path / "sources")


def test_the_builder_stops_where_a_fab_is_in_another_unit(builder, tmp_path):
    shutil.copytree(BUILDER.parent / "sources", tmp_path / "sources")
    path = tmp_path / "sources" / "act_gpa_95.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("350 g / cm2", "0.35 kg / cm2", 1), encoding="utf-8")

    with pytest.raises(ValueError, match=r"act_gpa_95\.yaml is no longer in g/cm2"):
        builder.build(tmp_path / "sources")


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        ("regions", {"azure:denmarkeast", "aws:me-west-1", "aws:sa-west-1"}),
        ("accelerators", {"NVIDIA GB200", "NVIDIA B200", "NVIDIA H200 NVL", "NVIDIA H200 SXM", "NVIDIA A10"}),
        ("embodied", {"h100", "b200"}),
    ],
)
def test_what_was_seen_through_others_alone_says_so_in_its_source(table, keys):
    listed = read_table(table)

    secondary = {next(iter(row.values())) for row in listed if "by secondary sources" in str(row["source"])}

    assert secondary == keys


def test_the_page_counts_the_rows_as_they_are():
    page = (ROOT / "docs" / "factors.md").read_text(encoding="utf-8")
    section = page.partition("| table | rows |")[2].partition("\n\n")[0]

    counted = {}
    for names, counts in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| ([\d, ]+) \|", section, re.MULTILINE):
        counted |= dict(zip(re.findall(r"\w+", names), map(int, counts.split(",")), strict=True))

    assert counted == {name: len(read_table(name)) for name in tables()}
