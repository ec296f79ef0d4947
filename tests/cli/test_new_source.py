"""A new energy source is one new file and one line: nothing else in a copy of the package is touched."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import ROOT, Emissions, Ran

MODULE = '''\
"""A socket in the wall that counts the energy of the whole rack slot."""

import itertools

from reporter.domain.readings import Column, Component, Description, Meter, Method, Quantity, Unavailable


class WallProbe:
    def __init__(self, context):
        self._broken = context.environment.get("WALL_BROKEN")
        self._energy_uj = itertools.count(1_000_000_000, 5_000_000)

    def describe(self):
        if self._broken:
            row = Unavailable(source="wall", reason="the socket is not plugged in", remedy="Plug it in.")
            return Description(unavailable=(row,))
        meter = Meter(
            meter_id="wall:1", label="Wall socket", component=Component.MODULE, method=Method.COUNTER, source="wall",
            gain_low_ratio=0.99, gain_high_ratio=1.01,
        )
        columns = (Column(meter_id="wall:1", quantity=Quantity.ENERGY_UJ),)
        return Description(meters=(meter,), columns=columns, flags=("wall-warm",))

    def read(self):
        return (next(self._energy_uj),)

    def reasons(self):
        return ()

    def close(self):
        pass


def open_probe(context):
    return WallProbe(context)
'''
LINE = '    "wall": Entry("wall", Component.MODULE),\n'


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the file and the line."""
    folder = tmp_path_factory.mktemp("package")
    shutil.copytree(ROOT / "reporter", folder / "reporter", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "templates", folder / "templates")
    (folder / "reporter/probes/wall.py").write_text(MODULE)
    table = folder / "reporter/probes/__init__.py"
    head, begin, rest = table.read_text().partition("PROBES: dict[str, Entry] = {\n")
    assert begin
    table.write_text(head + begin + LINE + rest)
    return folder


@pytest.fixture
def extended(emissions: Emissions, package: Path) -> Emissions:
    environ = {name: value for name, value in emissions.environ.items() if name != "EMISSIONS_SOURCES"}
    return replace(emissions, environ={**environ, "PYTHONPATH": str(package)})


def checks(ran: Ran) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ran.json["checks"]
    return [check for check in found if check["source"] == "wall"]


def test_it_is_metered_recorded_and_reported(extended: Emissions) -> None:
    ran = extended("run", "--region", "FR", "--", "sleep", "0.3")

    (meter,) = [meter for meter in ran.footprint["meters"] if meter["id"] == "wall:1"]
    assert ran.status == 0, ran.err
    assert (meter["method"], meter["component"], meter["included"]) == ("counter", "module", True)
    assert meter["energy_j"] > 0
    assert ran.footprint["method"] == "measured"
    assert "wall-warm" in ran.footprint["flags"]
    for face in (ran.err, *((ran.folder / name).read_text() for name in ("report.md", "report.html"))):
        assert "Wall socket" in face
        assert "Wall warm" in face
    start = json.loads((ran.folder / "recording.jsonl").read_text().splitlines()[0])
    assert start["sources"][0] == {"name": "wall", "columns": [["wall:1", "energy_uj"]]}


def test_it_can_be_asked_for_by_name(extended: Emissions) -> None:
    ran = extended("run", "--region", "FR", "--sources", "wall", "--", "sleep", "0.3")

    assert [meter["id"] for meter in ran.footprint["meters"]] == ["wall:1"]
    wrong = extended("run", "--sources", "walls", "--", "true")
    assert (wrong.status, "Did you mean `wall`?" in wrong.err) == (2, True)
    unknown = extended("run", "--sources", "xyzzy", "--", "true")
    assert "Known sources: wall, nvml, " in unknown.err


def test_doctor_has_it_at_its_place(extended: Emissions) -> None:
    ran = extended("doctor", "--json")
    (check,) = checks(ran)
    sources = [row["source"] for row in ran.json["checks"] if row["source"]]

    assert (check["status"], check["subject"]) == ("ok", "module Wall socket")
    assert "±1 %" in check["finding"]
    assert sources[0] == "wall"


def test_where_it_is_not_there_doctor_and_footprint_have_its_reason_and_remedy(extended: Emissions) -> None:
    (check,) = checks(extended("doctor", "--json", WALL_BROKEN="1"))
    ran = extended("run", "--region", "FR", "--", "true", WALL_BROKEN="1")

    assert (check["status"], check["fix"]) == ("problem", "Plug it in.")
    assert check["reads"] == "A socket in the wall that counts the energy of the whole rack slot."
    (row,) = [row for row in ran.footprint["unavailable"] if row["source"] == "wall"]
    assert (row["reason"], row["remedy"]) == ("the socket is not plugged in", "Plug it in.")
    assert "the socket is not plugged in" in (ran.folder / "report.md").read_text()


def test_what_it_covers_makes_the_verdict_unknown_without_its_saying_so(extended: Emissions) -> None:
    """The line in the table says that it covers a module, GPUs included: not read is never pass."""
    ran = extended("run", "--region", "FR", "--budget", "1 kg", "--", "true", WALL_BROKEN="1")

    assert ran.footprint["verdict"]["outcome"] == "unknown"
