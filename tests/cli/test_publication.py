"""Model card, LaTeX, statement and CSV: what others read, with names that would break them; and what-if on demand."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from reporter.domain.carbon import Besides, Site
from reporter.domain.footprint import Footprint
from reporter.domain.readings import Component, Gpu, Hardware
from reporter.export import json as codec
from reporter.export.csv import CODECARBON_COLUMNS, COLUMNS, dumps
from reporter.factors import country_of, intensity_of, pue_of
from reporter.report.latex import escaped, latex
from reporter.report.model_card import model_card
from reporter.report.statement import markdown
from tests.cli.command import ROOT, Emissions
from tests.factories_footprint import FRANCE, IN_FRANCE, POLAND, PUE, footprint, meter

KWH = 3_600_000.0
HOSTILE = (
    r"\input{/etc/passwd}",
    r"a & b \\ \end{tabular} % $x^2$ ~ #1 _",
    "% _ & # ~ ^ \\ { } | < > \" ' ` $ [1] ,, !` ?` << >> -- --- ''",
    "CO₂ ü ß Łódź ŋ ð 中 😀 е\u0301 e\u0301 ① ² ÷ ° · ≤ € « » “q” – — … \u0627",
    '": {x: !!python/object:os.system ""}\n---\n- [',
    "**bold** | `code` <script>alert(1)</script> @someone #12",
    "--- '\"--''``?`!` ^^5c^^5c",
    "\x1b[31mred\u202e\u2028 日本 é",
)
CODECARBON_3_3_2 = """
timestamp project_name run_id experiment_id duration emissions emissions_rate cpu_power gpu_power ram_power cpu_energy
gpu_energy ram_energy energy_consumed water_consumed country_name country_iso_code region cloud_provider cloud_region
os python_version codecarbon_version cpu_count cpu_model gpu_count gpu_model longitude latitude ram_total_size
tracking_mode cpu_utilization_percent gpu_utilization_percent ram_utilization_percent ram_used_gb on_cloud pue wue
"""
"""The fields of `EmissionsData` of CodeCarbon 3.3.2, in their order, which is that of its CSV."""


def hostile(name: str) -> Footprint:
    """A footprint in which everything that is named is named so."""
    intensity = replace(FRANCE, label=name, region=name, source=name)
    job = footprint(site=Site(intensity=intensity, pue=replace(PUE, source=name)), name=name)
    hardware = Hardware(gpus=(Gpu(uuid="GPU-1", name=name),), cpu=name, cpu_count=4, memory_gb=16.0)
    tool = replace(job.tool, version=name, factors_version=name)
    return replace(job, hardware=hardware, tool=tool, not_counted=(name,))


def save(emissions: Emissions, *jobs: Footprint) -> None:
    for place, job in enumerate(jobs):
        folder = emissions.cwd / f"in/{place}"
        folder.mkdir(parents=True)
        (folder / "footprint.json").write_text(codec.dumps(codec.encode(job)))


def block_of(text: str) -> dict[str, Any]:
    assert text.startswith("---\n")
    assert text.endswith("\n---\n")
    found: dict[str, Any] = yaml.safe_load(text.removeprefix("---\n").removesuffix("---\n"))["co2_eq_emissions"]
    return found


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# The model card


def test_a_model_card_has_the_keys_of_the_hub_and_grams() -> None:
    found = block_of(model_card([footprint(2 * KWH)], "fine-tuning"))

    assert list(found) == ["emissions", "source", "training_type", "geographical_location", "hardware_used"]
    assert found["emissions"] == 2 * 1.12 * 41.44
    assert found["training_type"] == "fine-tuning"
    assert found["geographical_location"] == "France (FR)"
    assert found["hardware_used"] == "1 × NVIDIA H200, EPYC (4 logical CPUs), 16 GB of memory"
    assert "emissions-reporter 0.1.0: measured" in found["source"]
    assert "Ember 2025" in found["source"]


def test_what_the_meter_cannot_know_is_left_out_and_said_how_to_add() -> None:
    text = model_card([replace(footprint(), hardware=Hardware())])

    assert set(block_of(text)) == {"emissions", "source", "geographical_location"}
    assert "`--training-type` says it" in text


@pytest.mark.parametrize("it_j", [1e-3, 1.0, 1e12])
def test_grams_have_no_exponent_that_some_readers_take_for_text(it_j: float) -> None:
    found = block_of(model_card([footprint(it_j)]))

    assert isinstance(found["emissions"], float)
    assert found["emissions"] == footprint(it_j).emissions.gco2e


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_out_of_the_block(name: str) -> None:
    text = model_card([hostile(name)], name)

    found = block_of(text)
    assert set(found) == {"emissions", "source", "training_type", "geographical_location", "hardware_used"}
    assert text.count("\n---") == 1
    assert found["training_type"] == "".join(character for character in name if character.isprintable())


# LaTeX and Markdown


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_is_a_command(name: str) -> None:
    body = latex([hostile(name)])

    left = body.removeprefix(r"\providecommand{\codepoint}[2]{\ifdefined\Umathchar#2\else[U+#1]\fi}")
    for ours in (
        r"\\paragraph\{", r"\\textbf\{", r"\\(?:begin|end)\{(?:center|tabular)\}", r"\{lp\{0\.72\\linewidth\}\}",
        r"\\hline", r"\\\\\n", r"\\codepoint\{[0-9A-F]{2,6}\}\{[^\\{}$#%&_^~]\}",
        r"\\ensuremath\{(?:[_^]\d|-|\^\\circ|\\(?:approx|times|div|cdot|leq))\}", r"(?:\{\})?\\char\d\d\{\}",
        r"-{1,3}\{\}", r",\{\},", r"\\allowbreak\{\}", r"\\text(?:backslash|ascii\w+|less|greater|bar)\{\}",
        r"\\ldots\{\}", r"\\[{}$&#%_,]", r" & ",
    ):  # fmt: skip
        left = re.sub(ours, " ", left)
    assert not re.findall(r"[\\$#%&_^~{]", left)
    assert left.count("}") == body.count(r"\textbf{") + body.count(r"\paragraph{")


def test_characters_of_tex_are_words() -> None:
    assert escaped("a_b 50% & $") == r"a\_b 50\% \& \$"
    assert escaped("--out") == "-{}-{}out"
    assert escaped("\\~^") == r"\textbackslash{}\textasciitilde{}\textasciicircum{}"
    assert escaped("1\u202fg CO₂e ≈ ×") == r"1\,g CO\ensuremath{_2}e \ensuremath{\approx} \ensuremath{\times}"


def test_a_character_that_not_every_engine_has_goes_with_its_number() -> None:
    assert escaped("Zürich, Łódź") == "Zürich, Łódź"
    assert escaped("中") == r"\codepoint{4E2D}{中}"
    assert escaped("e\u0301") == "é"
    assert r"\providecommand" not in latex([hostile("Zürich")])


@pytest.mark.parametrize("engine", ["pdflatex", "lualatex"])
@pytest.mark.parametrize("preamble", ["", r"\usepackage[T1]{fontenc}", r"\usepackage{hyperref}"])
def test_latex_takes_every_name(tmp_path: Path, engine: str, preamble: str) -> None:
    if shutil.which(engine) is None:
        pytest.skip(f"{engine} is not installed")
    body = "\n".join(latex([hostile(name)]) for name in (*HOSTILE, "plain"))
    text = rf"\documentclass{{article}}{preamble}\begin{{document}}\tableofcontents {body}\end{{document}}"
    (tmp_path / "a.tex").write_text(text, encoding="utf-8")

    for _ in range(2):  # titles come back by the table of contents
        done = subprocess.run([engine, "-halt-on-error", "a.tex"], cwd=tmp_path, capture_output=True, timeout=60)
        log = (tmp_path / "a.log").read_text(encoding="utf-8", errors="replace")
        if "! LaTeX Error: File `" in log:
            pytest.skip("this LaTeX lacks the package")
        assert done.returncode == 0, log[-2000:]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_the_table_of_the_statement(name: str) -> None:
    lines = markdown([hostile(name)]).splitlines()

    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 12
    assert all(row.count("|") == 3 for row in rows)
    assert "<script>" not in "".join(lines)
    assert all(character.isprintable() or character == "\u202f" for line in lines for character in line)


def test_a_statement_has_everything_that_is_needed_to_check_it() -> None:
    text = markdown([footprint()]).replace("\u202f", " ")

    for part in (
        "1.00 kWh at the machine", "1.12 kWh with PUE", "12 s", "1 × NVIDIA H200", "France (FR)", "41.4 g/kWh",
        "Ember 2025", "1.12 (this region, published 2024)", "46.4 g CO₂e (about 95 %:", "measured (GPU 1.00 kWh)",
        "emissions&#45;reporter 0.1.0" if "emissions&#45;reporter" in text else "emissions-reporter 0.1.0",
        "factor tables 2026.11.1", "ab" * 32, "quality B",
    ):  # fmt: skip
        assert part in text, part


def test_several_jobs_are_one_statement() -> None:
    other = footprint(3 * KWH, site=Site(intensity=POLAND, pue=PUE), name="b")

    text = markdown([footprint(), other]).replace("\u202f", " ")

    assert "2 jobs used 4.00 kWh" in text
    assert "France (FR); Poland (PL)" in text
    assert "25 s in all" in text


def test_a_recording_that_was_played_back_is_not_stated_as_measured_here() -> None:
    assert "played back from a recording" in markdown([replace(footprint(), flags=("replayed:gpu.jsonl",))])


@pytest.mark.parametrize("form", ["statement", "latex", "model-card"])
def test_there_is_no_statement_without_a_number(emissions: Emissions, form: str) -> None:
    save(emissions, footprint(), footprint(None, name="lost"))

    ended = emissions.quick("report", "in", "--format", form)

    assert (ended.status, ended.out) == (3, b"")
    assert "lost was not measured" in ended.err


# CSV


def test_the_first_columns_are_codecarbons() -> None:
    assert tuple(CODECARBON_3_3_2.split()) == CODECARBON_COLUMNS
    assert COLUMNS[: len(CODECARBON_COLUMNS)] == CODECARBON_COLUMNS
    assert len(set(COLUMNS)) == len(COLUMNS)


def test_codecarbons_columns_have_its_units() -> None:
    site = Site(intensity=intensity_of("aws:us-east-1"), pue=replace(PUE, ratio=1.15))
    job = footprint(3 * KWH, site=site, duration_s=7200.0)
    gpu, cpu, dram = (
        meter(kind.value, kwh * KWH, component=kind, utilisation_ratio=used)
        for kind, kwh, used in ((Component.GPU, 2.0, 0.75), (Component.CPU, 0.8, None), (Component.DRAM, 0.2, None))
    )
    job = replace(job, meters=(gpu, cpu, dram), besides=Besides(water_l=0.54))

    (row,) = table(dumps([job], country_of=country_of))

    expected = {
        "duration": 7200.0, "emissions": 3 * 1.15 * 0.244758, "emissions_rate": 3 * 1.15 * 0.244758 / 7200,
        "gpu_energy": 2 * 1.15, "cpu_energy": 0.8 * 1.15, "ram_energy": 0.2 * 1.15, "energy_consumed": 3 * 1.15,
        "gpu_power": 1150.0, "cpu_power": 460.0, "ram_power": 115.0, "water_consumed": 0.54, "pue": 1.15,
        "gpu_utilization_percent": 75.0, "ram_total_size": 16.0, "gpu_count": 1, "cpu_count": 4,
    }  # fmt: skip
    assert {key: float(row[key]) for key in expected} == pytest.approx(expected)
    assert (row["timestamp"], row["gpu_model"], row["tracking_mode"]) == (
        "2026-01-01T02:00:00", "1 x NVIDIA H200", "machine",
    )  # fmt: skip
    assert (row["country_name"], row["country_iso_code"]) == ("United States", "USA")
    assert (row["on_cloud"], row["cloud_provider"], row["cloud_region"], row["region"]) == ("Y", "aws", "us-east-1", "")


@pytest.mark.parametrize(
    ("region", "country", "part"),
    [
        ("FR", ("France", "FRA"), ""),
        ("US-VA", ("United States", "USA"), "Virginia"),
        ("gcp:us-east4", ("United States", "USA"), ""),
        ("gcp:asia-east2", ("Hong Kong", "HKG"), ""),
    ],
)
def test_places_are_named_as_codecarbon_names_them(region: str, country: tuple[str, str], part: str) -> None:
    (row,) = table(dumps([footprint(site=Site(intensity=intensity_of(region), pue=PUE))], country_of=country_of))

    assert (row["country_name"], row["country_iso_code"]) == country
    assert row["region"] == part


def test_what_is_not_known_is_empty_and_never_0() -> None:
    bare = replace(
        footprint(None, run_id=None, started_at=None, duration_s=None, exit_status=None), meters=(), hardware=Hardware()
    )

    (row,) = table(dumps([bare]))

    for column in (*CODECARBON_COLUMNS, *COLUMNS):
        assert row[column] not in ("0", "0.0", "None", "nan"), column
    assert {row[key] for key in ("emissions", "energy_consumed", "gpu_energy", "gpu_count", "timestamp", "os")} == {""}


@pytest.mark.parametrize("started_at", ["2026-01-01T00:00:00", "2026-01-01", "noon", ""])
def test_a_date_without_its_zone_has_no_end(started_at: str) -> None:
    (row,) = table(dumps([footprint(started_at=started_at, duration_s=60.0)]))

    assert row["timestamp"] == ""


def test_a_job_beyond_every_calendar_has_no_end() -> None:
    (row,) = table(dumps([footprint(duration_s=1e30)]))

    assert row["timestamp"] == ""


def test_a_part_without_a_meter_of_its_own_is_empty() -> None:
    job = footprint()
    node = replace(job, meters=(meter("node", KWH, component=Component.NODE), meter(included=False)))

    (row,) = table(dumps([node]))

    assert (row["gpu_energy"], row["cpu_energy"], row["energy_consumed"]) == ("", "", "1.12")


def test_every_country_of_the_tables_has_a_code_of_three_letters() -> None:
    from reporter.export.country import ALPHA_3
    from reporter.factors import regions

    countries = {region.key for region in regions() if re.fullmatch("[A-Z]{2}", region.key)} - {"EU"}
    assert countries == set(ALPHA_3)
    assert len(set(ALPHA_3.values())) == len(ALPHA_3)


# What if


def test_what_if_is_shown_only_where_it_is_asked_for(emissions: Emissions) -> None:
    save(emissions, footprint())

    assert "What if" not in emissions.quick("report", "in").text
    assert "what_if" not in emissions.quick("report", "in", "--json").json
    assert "What if" not in emissions.quick("publish", "in", "--dry-run").text
    for form in ("text", "markdown", "html"):
        shown = emissions.quick("report", "in", "--what-if", "--format", form)
        assert "would have been elsewhere" in " ".join(shown.text.split()), shown.err
        assert "own PUE and hardware there are not known" in " ".join(shown.text.split())


@pytest.mark.parametrize(
    ("region", "like"),
    [("FR", "[A-Z]{2}"), ("US-VA", "US-[A-Z]{2}"), ("aws:us-east-1", "aws:.*"), ("SE-SE3", "SE-SE.")],
)
def test_places_like_the_jobs_own_are_taken(emissions: Emissions, region: str, like: str) -> None:
    save(emissions, footprint(site=Site(intensity=intensity_of(region), pue=pue_of(region))))

    found = emissions.quick("report", "in", "--what-if", "--json").json["what_if"]["elsewhere"]

    keys = [place["region"] for place in (*found["alike"], *found["apart"])]
    assert len(keys) > 2
    assert all(re.fullmatch(like, key) for key in keys)
    assert region not in keys
    assert [place["gco2e"] for place in found["alike"]] == sorted(place["gco2e"] for place in found["alike"])


def test_named_places_are_compared_only_with_their_own_kind(emissions: Emissions) -> None:
    save(emissions, footprint(KWH))

    asked = emissions.quick("report", "in", "--elsewhere", "PL, US-WA,no", "--json").json["what_if"]["elsewhere"]

    assert [place["region"] for place in asked["alike"]] == ["NO", "PL"]
    assert asked["alike"][1]["gco2e"] == pytest.approx(pue_of("PL").ratio * 588.6)
    assert asked["alike"][1]["versus_ratio"] == pytest.approx(pue_of("PL").ratio * 588.6 / (1.12 * 41.44) - 1)
    assert [(place["region"], place["versus_ratio"]) for place in asked["apart"]] == [("US-WA", None)]


def test_everywhere_is_every_place_but_the_world(emissions: Emissions) -> None:
    save(emissions, footprint())

    found = emissions.quick("report", "in", "--elsewhere", "all", "--json").json["what_if"]["elsewhere"]
    keys = {place["region"] for place in (*found["alike"], *found["apart"])}

    assert keys > {"PL", "US-VA", "aws:us-east-1", "gcp:us-east4"}
    assert not keys & {"FR", "WORLD", "EU"}


def series(folder: Path, *values: object, column: str = "g/kWh", name: str = "series.csv") -> str:
    rows = [f"2026-01-01T{hour:02}:00:00Z,{value}" for hour, value in enumerate(values)]
    (folder / name).write_text("\n".join((f"timestamp,{column}", *rows)) + "\n")
    return name


@pytest.mark.parametrize(("column", "scale"), [("g/kWh", 1), ("kg/MWh", 1), ("Carbon intensity gCO₂eq/kWh (direct)", 1),
                                               ("gco2e_per_kwh", 1), ("lb/MWh", 0.45359237)])  # fmt: skip
def test_a_series_says_what_a_later_start_would_have_been(emissions: Emissions, column: str, scale: float) -> None:
    save(emissions, footprint(KWH, duration_s=3600.0))
    name = series(emissions.cwd, 300, 200, 250, 100, column=column)

    ran = emissions.quick("report", "in", "--series", name, "--within", "2", "--json")
    (job,) = ran.json["what_if"]["later"]["jobs"]

    assert job["as_it_ran"]["gco2e"] == pytest.approx(1.12 * 300 * scale)
    assert job["flexible_start"] == {
        "start": "2026-01-01T01:00:00Z", "end": "2026-01-01T02:00:00Z", "gco2e": pytest.approx(1.12 * 200 * scale),
    }  # fmt: skip
    shown = " ".join(emissions.quick("report", "in", "--series", name).text.split())
    assert "Upper bounds" in shown
    assert "started 3 h later, 2026-01-01 03:00 UTC" in shown.replace("\u202f", " ")


def test_a_series_may_be_json_with_gaps(emissions: Emissions) -> None:
    save(emissions, footprint(KWH, duration_s=3600.0))
    rows = [
        {"datetime": f"2026-01-01T0{hour}:00:00+00:00", "gco2e_per_kwh": value}
        for hour, value in enumerate((300, None, 100, 50))
    ]
    (emissions.cwd / "s.json").write_text(json.dumps(rows))

    (job,) = emissions.quick("report", "in", "--series", "s.json", "--within", "2", "--json").json["what_if"]["later"][
        "jobs"
    ]

    assert (job["flexible_start"]["start"], job["flexible_start"]["gco2e"]) == (
        "2026-01-01T02:00:00Z", pytest.approx(112.0),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "timestamp,g/kWh\n2026-01-01,3\nfoo,4\n1,x\n1,3\n1,-2\n",
            "`2026-01-01` has no time zone; row 2: `foo` is not",
        ),
        ("timestamp,value\n1,3\n2,3\n", "no column names a unit"),
        ("when,g/kWh\n1,3\n2,3\n", "no column is a time"),
        ("time,g/kWh,kg/kWh\n1,3,3\n2,3,3\n", "which of `g/kWh`, `kg/kWh` is meant?"),
        ("timestamp,g/kWh\n2,3\n2,4\n", "`2` is not after the row before"),
        ("timestamp,g/kWh\n1,99999\n2,4\n", "`99999` is no intensity"),
        ("timestamp,g/kWh\n1,nan\n2,4\n", "`nan` is no intensity"),
        ("timestamp,g/kWh\n1,3\n", "fewer than two rows"),
        ("", "fewer than two rows"),
        ("[1, 2]", "not a list of rows"),
        ("{", "neither JSON nor CSV"),
        ("timestamp,g/kWh\n1,3\n2,3\n", "covers the time of no job"),
    ],
)
def test_a_series_that_cannot_be_used_says_why(emissions: Emissions, text: str, problem: str) -> None:
    save(emissions, footprint(KWH, duration_s=3600.0))
    (emissions.cwd / "s.csv").write_text(text)

    ended = emissions.quick("report", "in", "--series", "s.csv")

    assert (ended.status, ended.is_clean) == (2, True)
    assert problem in ended.err


def test_every_wrong_option_is_told_at_once(emissions: Emissions) -> None:
    save(emissions, footprint())

    ended = emissions.quick("report", "in", "--elsewhere", "FRR,XXX", "--within", "999")

    assert ended.status == 2
    for part in ("Region `FRR`", "Did you mean `FR`", "Region `XXX`", "above 168", "There is no series"):
        assert part in ended.err
    assert "cannot be read" in emissions.quick("report", "in", "--series", "nowhere.csv").err


@pytest.mark.parametrize(
    "changes",
    [{"started_at": None}, {"started_at": "soon"}, {"started_at": "2026-01-01T00:00:00"}, {"duration_s": None}],
)
def test_a_job_that_does_not_say_when_it_ran_has_no_other_time(emissions: Emissions, changes: dict[str, Any]) -> None:
    save(emissions, footprint(KWH, **{"duration_s": 3600.0, **changes}), footprint(KWH, duration_s=3600.0, name="b"))

    ran = emissions.quick("report", "in", "--series", series(emissions.cwd, 300, 100), "--json")
    shown = emissions.quick("report", "in", "--series", "series.csv")

    first, second = ran.json["what_if"]["later"]["jobs"]
    assert first["as_it_ran"] is None
    assert second["as_it_ran"]["gco2e"] == pytest.approx(336)
    assert "does not cover 1 job" in shown.text


def test_hostile_names_come_through_every_format(emissions: Emissions) -> None:
    save(emissions, *(replace(hostile(name), intensity=IN_FRANCE.intensity) for name in HOSTILE))

    for form in ("text", "markdown", "html", "csv", "statement", "latex", "model-card"):
        shown = emissions.quick("report", "in", "--format", form, "--what-if")
        assert shown.status == 0, shown.err
        assert "\x1b" not in shown.text
        assert "<script>alert" not in shown.text or form not in ("markdown", "html", "statement")


# The page


def test_the_examples_of_the_page_are_what_the_command_prints(emissions: Emissions) -> None:
    page = ROOT / "docs" / "publication.md"
    text = page.read_text(encoding="utf-8")
    for name in ("train.json", "series.csv"):
        shutil.copy(ROOT / "examples" / "footprints" / name, emissions.cwd / name)

    def printed(example: re.Match[str]) -> str:
        ran = emissions.quick(*example[1].removeprefix("emissions ").split(), COLUMNS="100")
        assert ran.status == 0, ran.err
        return f"<!-- {example[1]} -->\n\n```{example[2]}\n{excerpt(ran.text)}```\n"

    renewed, count = re.subn(
        r"<!-- (emissions report [^>]*?) -->\n\n```(\w*)\n.*?```\n", printed, text, flags=re.DOTALL
    )
    if os.environ.get("UPDATE_GOLDEN") == "1":
        page.write_text(renewed, encoding="utf-8")

    assert count == 7
    assert renewed == page.read_text(encoding="utf-8"), "if the change is meant: UPDATE_GOLDEN=1 pytest"


def excerpt(report: str) -> str:
    """What a page shows of a report in text: its counterfactuals, or its first lines."""
    if "Made of what" not in report:
        return report
    if "What if" in report:
        return report[report.index("What if") : report.index("\nHow sure")]
    return report[: report.index("\n\n") + 1]


def test_a_training_of_another_type_than_the_hubs_is_refused(emissions: Emissions) -> None:
    words = ("--power", "100", "--hours", "1", "--format", "model-card", "--training-type")

    wrong = emissions.quick("estimate", *words, "finetuning")

    assert wrong.status == 2
    assert "`finetuning` is not known (`--training-type`). Did you mean `fine-tuning`?" in wrong.err
    assert emissions.quick("estimate", *words, "pre-training").status == 0


def test_an_energy_next_to_nothing_has_no_mean_factor_rather_than_a_traceback(emissions: Emissions) -> None:
    (emissions.cwd / "in").mkdir()
    job = codec.encode(footprint(KWH))
    job["energy"] |= {"it_j": 5e-324, "facility_j": 5e-324}
    (emissions.cwd / "in" / "footprint.json").write_text(codec.dumps(job))
    rows = [(moment, 100) for moment in ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z")]
    (emissions.cwd / "s.csv").write_text("timestamp,g/kWh\n" + "".join(f"{at},{value}\n" for at, value in rows))

    shown = emissions.quick("report", "in", "--series", "s.csv")

    assert shown.status == 0, shown.err
    assert "started at its best time" in shown.text
