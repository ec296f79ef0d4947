"""`--factors`: old results with another edition of the tables, what changed told, and the same bytes every time."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reporter.domain.carbon import IntensityPoint, Level, Site
from reporter.export import json as codec
from reporter.factors import default_intensity, intensity_of, pack, pue_of
from tests.cli.command import ROOT, Emissions
from tests.factories_footprint import FRANCE, PUE, footprint, grams

DATA = ROOT / "reporter" / "factors" / "data"
KWH = 3_600_000.0
VIRGINIA = Site(intensity=intensity_of("US-VA"), pue=pue_of("US-VA"))
FORMATS = ("text", "markdown", "html", "json", "csv", "statement", "latex", "model-card")
Edit = Callable[[list[dict[str, str]]], object]


@pytest.fixture
def edition(tmp_path: Path) -> Callable[..., Path]:
    """A copy of the tables with rows changed, under a version and with the sum of its own."""

    def make(**edits: Edit) -> Path:
        folder = tmp_path / "tables"
        shutil.copytree(DATA, folder)
        for table, edit in edits.items():
            path = folder / f"{table}.csv"
            with path.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            columns = list(rows[0])
            edit(rows)
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
        summed(folder)
        return folder

    return make


def summed(folder: Path, version: str = "2027.3.1") -> None:
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.csv")))).hexdigest()
    (folder / "pack.json").write_text(json.dumps({"version": version, "sha256": digest}))


def setting(key: str, **cells: str) -> Edit:
    return lambda rows: [row.update(cells) for row in rows if row["key"] == key]


def save(emissions: Emissions, site: Site, it_j: float | None = KWH, name: str = "in", **changes: Any) -> str:
    job = footprint(it_j, site=site, budgets=(grams(400),))
    (emissions.cwd / name).mkdir()
    job = replace(job, tool=replace(job.tool, factors_version=pack().version, factors_sha256=pack().sha256), **changes)
    (emissions.cwd / name / "footprint.json").write_text(codec.dumps(codec.encode(job)))
    return name


def test_another_edition_recomputes_a_footprint(emissions: Emissions, edition: Callable[..., Path]) -> None:
    path = save(emissions, VIRGINIA)
    tables = edition(grid=setting("US-VA", gco2e_per_kwh="323.1", year="2025"), pue=setting("world", pue="1.5"))

    found = emissions.quick("report", path, "--factors", str(tables), "--json").json

    assert (found["intensity"]["gco2e_per_kwh"], found["pue"]["ratio"]) == (323.1, 1.5)
    assert found["energy"]["it_j"] == KWH
    assert found["emissions"]["gco2e"] == pytest.approx(1.5 * 323.1, rel=1e-12)
    assert found["verdict"]["outcome"] == "fail"
    assert found["tool"]["factors"]["version"] == "2027.3.1"
    assert found["tool"]["factors"]["sha256"] == json.loads((tables / "pack.json").read_text())["sha256"]


def test_what_was_said_before_goes_along(emissions: Emissions, edition: Callable[..., Path]) -> None:
    path = save(emissions, VIRGINIA)
    before = json.loads((emissions.cwd / path / "footprint.json").read_text())
    tables = edition(grid=setting("US-VA", gco2e_per_kwh="323.1"))

    ran = emissions.quick("report", path, "--factors", str(tables), "--json")
    (emissions.cwd / "again.json").write_bytes(ran.out)

    was = ran.json["recomputed"]["from"]
    assert was["emissions"] == before["emissions"]
    assert was["energy"]["facility_j"] == before["energy"]["facility_j"]
    assert was["intensity"]["gco2e_per_kwh"] == before["intensity"]["gco2e_per_kwh"]
    assert was["tool"] == before["tool"]
    assert emissions.quick("report", "again.json", "--json").out == ran.out
    assert "recomputed" not in before


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_a_line_for_each_changed_factor_says_what_it_does(
    emissions: Emissions, edition: Callable[..., Path], form: str
) -> None:
    path = save(emissions, VIRGINIA)
    tables = edition(grid=setting("US-VA", gco2e_per_kwh="323.1", year="2025"))

    shown = " ".join(emissions.quick("report", path, "--factors", str(tables), "--format", form).text.split())

    shown = shown.replace("\u202f", " ")
    assert "Intensity 244.8 → 323.1 g/kWh (Virginia, EPA eGRID 2023, annual, direct → Virginia, EPA eGRID 2025" in shown
    assert "498 g instead of 377 g CO₂e" in shown
    assert "PUE 1" not in shown.split("How computed")[0]
    assert (
        "the machine&#39;s energy is the same, 1.00 kWh" in shown or "machine's energy is the same, 1.00 kWh" in shown
    )
    assert "tables 2027.3.1 instead of" in shown


def test_several_changes_are_one_chain(emissions: Emissions) -> None:
    path = save(emissions, VIRGINIA)

    shown = emissions.quick("report", path, "--region", "FR", "--pue", "1.1").text.replace("\u202f", " ")

    text = " ".join(shown.split())
    assert "63.8 g instead of 377 g" in text
    assert "45.6 g instead of 63.8 g" in text


def test_factors_given_by_hand_stay_under_another_edition(emissions: Emissions, edition: Callable[..., Path]) -> None:
    given = Site(
        intensity=replace(FRANCE, origin="given", scope="unknown", gco2e_per_kwh=50.0),
        pue=replace(PUE, level=Level.GIVEN, ratio=1.3),
    )
    path = save(emissions, given)
    tables = edition(grid=setting("FR", gco2e_per_kwh="99"), pue=setting("world", pue="1.9"))

    found = emissions.quick("report", path, "--factors", str(tables), "--json").json

    assert (found["intensity"]["gco2e_per_kwh"], found["pue"]["ratio"]) == (50.0, 1.3)


def test_an_unknown_region_stays_what_it_was_wherever_it_is_recomputed(
    emissions: Emissions, edition: Callable[..., Path]
) -> None:
    site = Site(intensity=default_intensity(github_hosted=True), pue=pue_of(None, provider="azure"))
    path = save(emissions, site)
    tables = edition(grid=setting("US", gco2e_per_kwh="300"))

    found = emissions.quick("report", path, "--factors", str(tables), "--json").json

    assert (found["intensity"]["gco2e_per_kwh"], found["intensity"]["known"]) == (300.0, False)
    assert found["pue"]["ratio"] == site.pue.ratio
    assert found["flags"].count("region-unknown") == 1


def test_a_course_of_intensities_is_kept_as_what_was_said_before(emissions: Emissions) -> None:
    points = (
        IntensityPoint(start_s=0.0, end_s=6.0, gco2e_per_kwh=100.0, it_j=KWH / 2),
        IntensityPoint(start_s=6.0, end_s=12.3, gco2e_per_kwh=300.0, it_j=KWH / 2),
    )
    live = replace(FRANCE, origin="api", resolved="hourly", gco2e_per_kwh=200.0, series=points, hosts=("api.example",))
    path = save(emissions, Site(intensity=live, pue=PUE))

    same = emissions.quick("report", path, "--factors", str(DATA), "--json").json
    found = emissions.quick("report", path, "--region", "FR", "--json")
    (emissions.cwd / "again.json").write_bytes(found.out)

    assert same["emissions"]["gco2e"] == pytest.approx(pue_of("FR").ratio * 200)
    was = found.json["recomputed"]["from"]
    assert [point["gco2e_per_kwh"] for point in was["intensity"]["series"]] == [100.0, 300.0]
    assert was["emissions"]["gco2e"] == pytest.approx(1.12 * 200)
    assert found.json["intensity"]["series"] == []
    assert emissions.quick("report", "again.json", "--json").out == found.out


def test_an_old_factor_is_told_by_the_edition_that_is_used(emissions: Emissions, edition: Callable[..., Path]) -> None:
    ukraine = Site(intensity=intensity_of("UA"), pue=PUE, flags=("factor-stale:UA 2022",))
    path = save(emissions, ukraine)

    tables = edition(grid=setting("UA", year="2026"))

    assert "factor-stale:UA 2022" in emissions.quick("report", path, "--pue", "1.2", "--json").json["flags"]
    assert emissions.quick("report", path, "--factors", str(tables), "--json").json["flags"] == []


def test_a_recording_says_what_changed_too(emissions: Emissions, ran: Path, edition: Callable[..., Path]) -> None:
    (ran / "footprint.json").unlink()
    tables = edition(grid=setting("FR", gco2e_per_kwh="82.88"))

    plain = emissions.quick("report", "ran", "--json").json
    found = emissions.quick("report", "ran", "--factors", str(tables), "--json").json

    assert "recomputed" not in plain
    assert found["recomputed"]["from"]["emissions"] == plain["emissions"]
    assert found["emissions"]["gco2e"] == pytest.approx(2 * plain["emissions"]["gco2e"])
    assert found["energy"]["it_j"] == plain["energy"]["it_j"]


def forget_tables(recording: Path) -> None:
    """As recordings were before they kept the tables that their site is from."""
    text = recording.read_text(encoding="utf-8")
    recording.write_text(re.sub(r',"factors":\{[^}]*\}', "", text), encoding="utf-8")


def test_a_recording_keeps_the_tables_that_its_site_is_from(
    emissions: Emissions, ran: Path, edition: Callable[..., Path]
) -> None:
    (ran / "footprint.json").unlink()
    recording = ran / "recording.jsonl"
    sites = [json.loads(text).get("extra", {}).get("site") for text in recording.read_text().splitlines()]
    (shipped,) = [site["factors"] for site in sites if site]
    assert shipped == {"version": pack().version, "sha256": pack().sha256}
    recording.write_text(recording.read_text().replace(pack().sha256, "c" * 64).replace(pack().version, "2020.1.1"))

    kept = emissions.quick("report", "ran", "--json").json
    given = emissions.quick("report", "ran", "--pue", "1.9", "--json").json
    tables = str(edition())
    again = emissions.quick("report", "ran", "--factors", tables, "--json").json
    text = " ".join(emissions.quick("report", "ran", "--factors", tables).text.split())

    old = {"version": "2020.1.1", "sha256": "c" * 64}
    assert kept["tool"]["factors"] == given["tool"]["factors"] == old
    assert again["recomputed"]["from"]["tool"]["factors"] == given["recomputed"]["from"]["tool"]["factors"] == old
    assert again["tool"]["factors"]["version"] == "2027.3.1"
    assert "(tables 2027.3.1 instead of 2020.1.1)" in text
    forget_tables(recording)
    unknown = emissions.quick("report", "ran", "--region", "DE", "--json").json["recomputed"]["from"]["tool"]
    assert unknown["factors"] == {"version": None, "sha256": None}


def test_a_session_keeps_the_tables_too(emissions: Emissions) -> None:
    assert emissions("start", "--region", "FR", "--quiet").status == 0
    assert emissions("stop", "--region", "DE", "--out", "session", "--quiet").status == 0
    (emissions.cwd / "session" / "footprint.json").unlink()

    found = emissions.quick("report", "session", "--region", "PL", "--json").json

    assert found["recomputed"]["from"]["tool"]["factors"]["version"] == pack().version
    assert found["recomputed"]["from"]["intensity"]["region"] == "DE"


def test_a_factor_that_was_given_keeps_its_origin_however_often_it_is_recomputed(emissions: Emissions) -> None:
    paper = replace(PUE, level=Level.GIVEN, ratio=1.58, source="Strubell et al. 2019", year=2019)
    path = save(emissions, Site(intensity=FRANCE, pue=paper))

    first = emissions.quick("report", path, "--region", "DE", "--json")
    (emissions.cwd / "first.json").write_bytes(first.out)
    second = emissions.quick("report", "first.json", "--region", "PL", "--json")

    assert first.json["pue"] == second.json["pue"] == {**first.json["pue"], "source": "Strubell et al. 2019"}
    shown = " ".join(emissions.quick("report", "first.json", "--region", "PL").text.split())
    assert "(PUE, as given, Strubell et al. 2019)" in shown
    assert "given, given" not in shown


def test_what_it_said_when_it_was_made_is_not_lost_to_the_second_recomputing(emissions: Emissions) -> None:
    path = save(emissions, VIRGINIA)
    made = json.loads((emissions.cwd / path / "footprint.json").read_text())
    for name, source, region in (("1.json", path, "FR"), ("2.json", "1.json", "DE"), ("3.json", "2.json", "PL")):
        (emissions.cwd / name).write_bytes(emissions.quick("report", source, "--region", region, "--json").out)

    was = json.loads((emissions.cwd / "3.json").read_text())["recomputed"]["from"]

    assert was["intensity"]["region"] == "DE"
    assert was["first"]["emissions"] == made["emissions"]
    assert was["first"]["tool"] == made["tool"]
    assert "first" not in was["first"]
    assert emissions.quick("report", "3.json", "--json").out == (emissions.cwd / "3.json").read_bytes()
    shown = " ".join(emissions.quick("report", "3.json").text.replace("\u202f", " ").split())
    assert "It had been recomputed before. When it was made it said 380 g CO₂e: 245 g/kWh (Virginia" in shown
    save(emissions, VIRGINIA, name="other", job=replace(footprint().job, name="other"))
    words = ("report", "3.json", "other", "--pue", "1.3")
    both = " ".join(emissions.quick(*words).text.replace("\u202f", " ").split())
    assert "1 job had been recomputed before. When made they said 380 g CO₂e together." in both


@pytest.mark.parametrize("form", ["text", "markdown", "statement", "latex"])
def test_an_option_is_told_without_the_marks_of_code(emissions: Emissions, form: str) -> None:
    path = save(emissions, VIRGINIA)

    told = emissions.quick("report", path, "--pue", "1.2", "--intensity", "230 g/kWh", "--format", form).text

    plain = told.replace("\\", "").replace("{}", "").replace("\u202f", " ")
    assert "as given, --pue" in " ".join(plain.split())
    assert "`--pue`" not in plain
    assert "&#96;" not in plain


def test_the_parts_of_an_intensitys_uncertainty_are_kept(emissions: Emissions) -> None:
    path = save(emissions, VIRGINIA)

    kept = emissions.quick("report", path, "--pue", "1.2", "--json").json["intensity"]

    assert (kept["time_uncertainty_ratio"], kept["method_uncertainty_ratio"]) == (0.3, 0.15)
    assert kept["uncertainty_ratio"] == pytest.approx(0.1125**0.5)


def forged(emissions: Emissions, **emitted: float) -> str:
    """A footprint of 377 g over its budget of 300 g, that says less, and that it passed."""
    path = save(emissions, VIRGINIA, job=replace(footprint().job, name="forged"))
    file = emissions.cwd / path / "footprint.json"
    document = json.loads(file.read_text())
    document["emissions"].update(emitted)
    (finding,) = document["verdict"]["findings"]
    finding.update(limit=300.0, rule="300 g", outcome="pass")
    document["verdict"]["outcome"] = "pass"
    file.write_text(json.dumps(document))
    return path


def test_figures_that_do_not_follow_are_shown_flagged_and_not_judged(emissions: Emissions) -> None:
    path = forged(emissions, gco2e=1.0)
    before = (emissions.cwd / path / "footprint.json").read_bytes()

    found = emissions.quick("report", path, "--json", "--out", "out").json
    lines = emissions.quick("report", path).text.replace("\u202f", " ")

    assert (found["emissions"]["gco2e"], found["flags"]) == (1.0, ["figures-disagree"])
    assert (found["verdict"]["outcome"], found["verdict"]["findings"][0]["observed"]) == (
        "fail",
        pytest.approx(377.0, 1e-3),
    )
    head, rest = lines.split("How sure")
    assert "Its figures disagree: 1.00 g CO₂e is written, 377 g follows from energy × PUE × intensity." in " ".join(
        head.split()
    )
    assert "It came with other figures than follow from its own energy" in " ".join(rest.split())
    assert (emissions.cwd / path / "footprint.json").read_bytes() == before
    assert emissions.quick("gate", path).status == 1
    assert "figures disagree" in emissions.quick("publish", path, "--dry-run").text
    # Nor is a flag that is there already a way to keep the verdict.
    marked = json.loads(before)
    marked["flags"] = ["figures-disagree"]
    (emissions.cwd / path / "footprint.json").write_text(json.dumps(marked))
    assert emissions.quick("gate", path).status == 1


def test_which_of_several_jobs_disagrees_is_named(emissions: Emissions) -> None:
    save(emissions, VIRGINIA, name="right")
    forged(emissions, gco2e=1.0)

    shown = " ".join(emissions.quick("report", "right", "in").text.split())

    assert "The figures of 1 of 2 jobs disagree: forged came with others than follow" in shown


def test_a_statement_does_not_hide_that_figures_disagree(emissions: Emissions) -> None:
    path = forged(emissions, gco2e=1.0)

    for form in ("statement", "latex"):
        assert "figures disagree" in emissions.quick("report", path, "--format", form).text
    assert (
        "disagree" not in emissions.quick("report", save(emissions, VIRGINIA, name="right"), "--format", "latex").text
    )


@pytest.mark.parametrize("it_j", [5e-324, 1e-300, 1e30])
def test_no_energy_makes_a_statement_without_a_number(emissions: Emissions, it_j: float) -> None:
    path = save(emissions, VIRGINIA)
    file = emissions.cwd / path / "footprint.json"
    document = json.loads(file.read_text())
    document["energy"]["it_j"] = it_j
    file.write_text(json.dumps(document))

    for form in ("statement", "latex", "text"):
        ended = emissions.quick("report", path, "--format", form)
        assert (ended.status, ended.is_clean) == (0, True)
        assert not re.search(r"\b(inf|nan)\b", ended.text)
        assert "0" * 40 not in ended.text
    assert "(PUE 1.54)" in emissions.quick("report", path, "--format", "statement").text


@pytest.mark.parametrize("option", ["--on-unknown", "--on-borderline"])
def test_a_report_has_no_option_that_only_an_exit_status_could_obey(emissions: Emissions, option: str) -> None:
    path = save(emissions, VIRGINIA)

    assert option not in emissions.quick("report", "--help").text
    assert emissions.quick("report", path, option, "fail").status == 2
    assert emissions.quick("gate", path, option, "fail").status == 0


def test_the_same_edition_changes_nothing(emissions: Emissions) -> None:
    path = save(emissions, VIRGINIA)

    assert emissions.quick("report", path, "--factors", str(DATA), "--json").json == json.loads(
        (emissions.cwd / path / "footprint.json").read_text()
    )


def test_gate_and_publish_take_an_edition_too(emissions: Emissions, edition: Callable[..., Path]) -> None:
    path = save(emissions, VIRGINIA)
    tables = str(edition(grid=setting("US-VA", gco2e_per_kwh="323.1")))

    assert (emissions.quick("gate", path).status, emissions.quick("gate", path, "--factors", tables).status) == (0, 1)
    assert "instead of" in emissions.quick("publish", path, "--dry-run", "--factors", tables).text


def test_an_edition_that_cannot_be_used_is_one_message_with_all_problems(
    emissions: Emissions, edition: Callable[..., Path]
) -> None:
    path = save(emissions, VIRGINIA)
    tables = edition(
        grid=setting("FR", gco2e_per_kwh="-3"), pue=lambda rows: rows.append(dict(rows[0])), dram=lambda rows: None
    )
    (tables / "pack.json").write_text(json.dumps({"version": "2027.1.1", "sha256": "0" * 64}))

    ended = emissions.quick("report", path, "--factors", str(tables))

    assert (ended.status, ended.out) == (3, b"")
    for part in ("their sum is", "gco2e_per_kwh '-3' in FR", "2 times"):
        assert part in ended.err
    assert ended.is_clean


@pytest.mark.parametrize(
    ("table", "text", "problem"),
    [
        ("wue.csv", None, "wue.csv cannot be read: No such file or directory"),
        ("wue.csv", b"\xff\xfe\x00", "wue.csv is not a CSV table in UTF-8"),
        ("wue.csv", b"", "wue.csv has no rows"),
        ("wue.csv", b"key\nx\n", "wue.csv lacks the columns wue_l_per_kwh"),
        ("dram.csv", b"w_per_gb,kind,year,source,licence,note\n0.3,model\n", "dram.csv has rows with more or fewer"),
        ("pack.json", b"[]", "pack.json is not an object"),
        ("pack.json", b'{"version": 7, "sha256": ""}', "pack.json has no `version`"),
        ("pack.json", None, "pack.json cannot be read"),
        (
            "cpu_models.csv",
            b"pattern,architecture,note\n(,EPYC 3rd Gen,x\n",
            "cpu_models.csv has a pattern that is none: (",
        ),
    ],
)
def test_a_damaged_table_is_named(
    emissions: Emissions, edition: Callable[..., Path], table: str, text: bytes | None, problem: str
) -> None:
    path = save(emissions, VIRGINIA)
    tables = edition()
    (tables / table).unlink()
    if text is not None:
        (tables / table).write_bytes(text)

    ended = emissions.quick("report", path, "--factors", str(tables))

    assert (ended.status, ended.is_clean) == (3, True)
    assert problem in ended.err


def test_rows_that_look_ups_fall_back_on_must_be_there(emissions: Emissions, edition: Callable[..., Path]) -> None:
    path = save(emissions, VIRGINIA)
    tables = edition(
        pue=lambda rows: rows.__setitem__(slice(None), [row for row in rows if row["key"] != "world"]),
    )

    assert "pue.csv lacks the row world" in emissions.quick("report", path, "--factors", str(tables)).err


def test_a_folder_that_is_none_is_a_wrong_option(emissions: Emissions) -> None:
    ended = emissions.quick("report", save(emissions, VIRGINIA), "--factors", "nowhere")

    assert ended.status == 2
    assert "`nowhere` is not a folder (`--factors`)" in ended.err


def test_a_region_that_only_another_edition_has_may_be_named(
    emissions: Emissions, edition: Callable[..., Path]
) -> None:
    path = save(emissions, VIRGINIA)
    tables = edition(grid=lambda rows: rows.append({**rows[0], "key": "XA", "label": "Atlantis", "also": ""}))

    assert emissions.quick("report", path, "--region", "XA").status == 2
    found = emissions.quick("report", path, "--region", "XA", "--factors", str(tables), "--json").json
    assert found["intensity"]["label"] == "Atlantis"


def test_the_same_input_and_tables_give_the_same_bytes(emissions: Emissions, edition: Callable[..., Path]) -> None:
    save(emissions, VIRGINIA)
    save(emissions, Site(intensity=FRANCE, pue=PUE), 2 * KWH, name="other")
    tables = str(edition(grid=setting("US-VA", gco2e_per_kwh="323.1")))
    worlds: tuple[dict[str, str], ...] = (
        {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "LANG": "de_DE.UTF-8"},
    )

    for form in FORMATS:
        outs = {
            emissions(
                "report", "in", "other", "--factors", tables, "--what-if", "--format", form,
                SOURCE_DATE_EPOCH="1700000000", PYTHONIOENCODING="utf-8", COLUMNS="100", **world,
            ).out
            for world in worlds
        }  # fmt: skip
        assert len(outs) == 1, form
        assert outs != {b""}


def test_a_pipe_among_the_tables_is_not_waited_for(emissions: Emissions, edition: Callable[..., Path]) -> None:
    path = save(emissions, VIRGINIA)
    tables = edition()
    (tables / "grid.csv").unlink()
    os.mkfifo(tables / "grid.csv")

    ended = emissions("report", path, "--factors", str(tables))

    assert ended.status == 3
    assert "grid.csv is not a plain file" in ended.err


def test_direct_and_life_cycle_grams_are_not_held_against_each_other(emissions: Emissions) -> None:
    path = save(emissions, VIRGINIA)

    other = " ".join(emissions.quick("report", path, "--region", "FR").text.split())
    alike = " ".join(emissions.quick("report", path, "--region", "US-TX").text.split())

    assert "count differently, so the grams do not compare: compare energy" in other
    assert "count differently" not in alike


def test_a_sum_of_direct_and_life_cycle_grams_says_so(emissions: Emissions) -> None:
    save(emissions, VIRGINIA)
    save(emissions, Site(intensity=FRANCE, pue=PUE), name="other", job=replace(footprint().job, name="other"))
    save(emissions, VIRGINIA, name="third", job=replace(footprint().job, name="third"))

    mixed = " ".join(emissions.quick("report", "in", "other").text.split())
    alike = " ".join(emissions.quick("report", "in", "third").text.split())

    assert "the sum of grams mixes the two" in mixed
    assert "mixes" not in alike


def test_a_footprint_without_bounds_is_recomputed_without_bounds(emissions: Emissions) -> None:
    path = save(emissions, VIRGINIA)
    document = json.loads((emissions.cwd / path / "footprint.json").read_text())
    for bound in ("low_j", "high_j"):
        del document["energy"][bound]
    (emissions.cwd / "bare.json").write_text(json.dumps(document))

    found = emissions.quick("report", "bare.json", "--region", "FR", "--pue", "1.5", "--json").json

    assert found["emissions"] == {"gco2e": pytest.approx(1.5 * 41.44), "low_gco2e": None, "high_gco2e": None}
    for form in FORMATS:
        assert emissions.quick("report", "bare.json", "--region", "FR", "--format", form).status == 0
