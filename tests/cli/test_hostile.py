"""Whatever is in a file of settings, a footprint or a recording: one message, never a traceback, nothing rewritten."""

from __future__ import annotations

import copy
import json
import re
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
