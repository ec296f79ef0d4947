"""Whatever is in a file of settings, a footprint or a recording: one message, never a traceback, nothing rewritten."""

from __future__ import annotations

import copy
import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cli.command import Emissions, Ran, config

quickly = settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ODD_NUMBERS = (0, -1, 1, 10**18, 10**400, 1e308, -1e308, 5e-324, 1e30, 0.1)
ODD_TEXTS = (
    "", "x", "1", "\ud800", "\x00", "é₂😀", "\u202e", "<script>", "| x |", "```", "@team", "]]>", "a" * 5000,
)  # fmt: skip
ODD_SHAPES: tuple[Any, ...] = ([], {}, [[]], [None], {"a": None})
ODD = st.one_of(
    st.none(), st.booleans(), st.sampled_from((*ODD_NUMBERS, *ODD_TEXTS, *ODD_SHAPES)), st.text(max_size=20)
)
WORDS = (
    "version: 1", "version: 9", "site: {region: FR, pue: 1.2}", "site: {region: [FR]}", "site:",
    "  region: aws:us-east-1", "site: {pue: 1e400}", "site: {pue: 0x10}", "runners: {x: {region: FR}}", "runners: [x]",
    "budgets:", "  - 50 g", "  - {max: 50 g, warn-at: 80%}", "  - {max: }", "  - []", "  - {max: 1 g, per: month}",
    "  - {metric: energy, max: 130 J, unit: sample}", "budgets: [9e999 g]", "budgets: [\u0661 g]", "on-unknown: fail",
    "comment: {mode: off}", "comment: &a {mode: *a}", "intensity: 5", "intensity: {value: .nan}", "? [a]", ": b", "- c",
    "!!binary x", "%YAML 9", "---", "...", "\t", "key: |", "{", "}", "[", "a: b: c", "'", '"', "&a", "*a", "<<: *a",
    "é: ₂",
)  # fmt: skip
LINES = st.lists(st.sampled_from(WORDS), max_size=8).map("\n".join)


def told_once(ran: Ran) -> None:
    assert ran.status in (0, 1, 2, 3), ran.err
    assert ran.is_clean, ran.err
    assert (ran.status in (2, 3)) == bool(ran.err), (ran.status, ran.err)


@quickly
@given(text=st.one_of(LINES, st.text(max_size=60)))
def test_any_text_as_config_file(emissions: Emissions, text: str) -> None:
    path = emissions.cwd / "fuzz.yml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))

    ran = emissions.quick("gate", "nothing.json", "--config", "fuzz.yml")

    assert ran.status in (2, 3)
    told_once(ran)
    assert path.read_bytes() == text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    "text",
    ["a: &a [" + "x," * 9 + "]\n" + "".join(f"b{i}: &b{i} [{'*a,' * 9}]\n" for i in range(9)), "[" * 5000, "{" * 3000,
     "- " * 3000, "version: 1\n" * 5000, "#" * 100_000, "version: " + "9" * 5000],
    ids=["laughs", "lists", "mappings", "dashes", "twice", "long", "number"],
)  # fmt: skip
def test_a_config_file_made_to_hurt(emissions: Emissions, text: str) -> None:
    config(emissions.cwd, text)

    ran = emissions.quick("gate", "nothing.json")

    assert ran.status == 2
    assert ran.is_clean
    assert len(ran.err) < 600_000


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of every value in a document."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    document = copy.deepcopy(document)
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return document


@quickly
@given(data=st.data())
def test_any_value_anywhere_in_a_footprint(emissions: Emissions, finished: Ran, data: st.DataObject) -> None:
    whole = finished.footprint
    for _ in range(data.draw(st.integers(1, 3))):
        whole = changed(whole, data.draw(st.sampled_from(list(places(whole)))), data.draw(ODD))
    path = emissions.cwd / "fuzz.json"
    path.write_text(json.dumps(whole))
    before = path.read_bytes()

    told_once(emissions.quick("gate", "fuzz.json", "--budget", "50 g"))
    form = data.draw(st.sampled_from(["text", "markdown", "html", "json", "csv"]))
    shown = emissions.quick("report", "fuzz.json", "--format", form, *data.draw(st.sampled_from([(), ("--pue", "2")])))
    told_once(shown)
    assert not re.search(r"\bNaN\b|\bInfinity\b|\binf\b|\bnan\b", shown.text if form == "json" else "")
    assert path.read_bytes() == before


@quickly
@given(data=st.data())
def test_any_value_anywhere_in_a_recording(emissions: Emissions, finished: Ran, data: st.DataObject) -> None:
    lines = (finished.folder / "recording.jsonl").read_text().splitlines()
    index = data.draw(st.integers(0, len(lines) - 1))
    document = json.loads(lines[index])
    lines[index] = json.dumps(changed(document, data.draw(st.sampled_from(list(places(document)))), data.draw(ODD)))
    path = emissions.cwd / "fuzz.jsonl"
    path.write_text("\n".join(lines) + "\n")
    before = path.read_bytes()

    told_once(emissions.quick("gate", "fuzz.jsonl"))
    told_once(emissions.quick("report", "fuzz.jsonl", "--format", data.draw(st.sampled_from(["text", "html", "json"]))))
    assert path.read_bytes() == before


@quickly
@given(data=st.data())
def test_any_bytes_in_a_recording(emissions: Emissions, finished: Ran, data: st.DataObject) -> None:
    whole = (finished.folder / "recording.jsonl").read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    path: Path = emissions.cwd / "fuzz.jsonl"
    path.write_bytes(whole[:cut] + data.draw(st.binary(max_size=30)) + whole[data.draw(st.integers(cut, len(whole))) :])

    told_once(emissions.quick("report", "fuzz.jsonl", "--json"))


@pytest.fixture
def soon() -> Iterator[None]:
    """Fails what waits for somebody who never comes."""

    def late(*_: object) -> None:
        raise TimeoutError("it waits")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("kind", ["pipe", "device"])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("emissions-report/footprint.json", ("report", "emissions-report")),
        ("emissions-report/footprint.json", ("publish", "emissions-report", "--dry-run")),
        ("emissions-report/footprint.json", ("gate", "emissions-report/footprint.json")),
        ("emissions-report/recording.jsonl", ("report", "emissions-report")),
        ("emissions-report/recording.jsonl", ("gate", "emissions-report/recording.jsonl")),
        ("base/footprint.json", ("report", "fine.json", "--against", "base")),
        ("c.yml", ("report", "fine.json", "--config", "c.yml")),
        ("series.csv", ("report", "fine.json", "--series", "series.csv")),
    ],
)
def test_a_pipe_or_a_device_in_a_files_place_is_not_waited_for(
    emissions: Emissions, finished: Ran, name: str, words: tuple[str, ...], kind: str
) -> None:
    (emissions.cwd / "fine.json").write_bytes((finished.folder / "footprint.json").read_bytes())
    place = emissions.cwd / name
    place.parent.mkdir(exist_ok=True)
    if kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to("/dev/zero")

    ran = emissions.quick(*words)

    assert ran.status in (0, 2, 3)
    assert ran.is_clean, ran.err
    assert "a pipe or a device" in ran.err + ran.text


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("variable", ["GITHUB_EVENT_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
def test_a_pipe_in_place_of_the_runners_files_is_not_waited_for(
    emissions: Emissions, finished: Ran, variable: str
) -> None:
    (emissions.cwd / "fine.json").write_bytes((finished.folder / "footprint.json").read_bytes())
    os.mkfifo(emissions.cwd / "pipe")

    ran = emissions.quick("publish", "fine.json", GITHUB_ACTIONS="true", **{variable: "pipe"})

    assert (ran.status, ran.is_clean) == (0, True), ran.err


def test_a_metrics_file_that_is_a_pipe_does_not_keep_the_commands_status(emissions: Emissions) -> None:
    words = ("run", "--quiet", "--sources", "dram_model", "--metrics", "m.json", "--region", "FR")

    ran = emissions(*words, "--", "sh", "-c", "mkfifo m.json; mkfifo emissions-report/footprint.json; exit 7")

    assert ran.status == 7
    assert "m.json" in ran.err
    assert ran.footprint["job"]["exit_status"] == 7


def test_no_file_is_written_through_a_link(emissions: Emissions) -> None:
    precious = emissions.cwd / "precious"
    precious.write_text("mine")
    plant = "for name in footprint.json report.md report.html; do ln -sf ../precious emissions-report/$name"
    temporary = "ln -sf ../precious emissions-report/.$name.$PPID; done"

    ran = emissions("run", "--quiet", "--sources", "dram_model", "--", "sh", "-c", f"{plant}; {temporary}")

    assert ran.status == 0
    assert precious.read_text() == "mine"
    assert not (ran.folder / "footprint.json").is_symlink()
    assert ran.footprint["schema"] == 1
