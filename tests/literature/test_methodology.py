"""docs/methodology.md is a footprint by hand: its numbers are those of a real one, and its arithmetic is right."""

from __future__ import annotations

import json
import re
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Emissions

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/methodology.md").read_text(encoding="utf-8")
LINES = re.findall(r"^(\w+) +([\d(][^=\n]*\S) += ([\d.]+)$", PAGE, re.MULTILINE)
"""Key, calculation and result of every line that a reader would type."""
MOST_WORDS = 1_400


@pytest.fixture
def footprint(emissions: Emissions) -> dict[str, Any]:
    ran = emissions.quick("report", str(ROOT / "tests/data/methodology"), "--json")
    assert ran.status == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def by_hand(words: str) -> float:
    for sign, operator in (("×", "*"), ("÷", "/"), ("−", "-"), ("²", "**2"), ("√", "sqrt")):
        words = words.replace(sign, operator)
    return float(eval(words, {"__builtins__": {}, "sqrt": sqrt}))


@pytest.mark.parametrize(("key", "words", "result"), LINES, ids=[line[0] for line in LINES])
def test_a_line_of_the_calculation_is_right_to_its_last_digit_but_one(key: str, words: str, result: str) -> None:
    assert by_hand(words) == pytest.approx(float(result), rel=2e-6)


@pytest.mark.parametrize(("key", "result"), [(line[0], line[2]) for line in LINES], ids=[line[0] for line in LINES])
def test_its_result_is_the_footprints(footprint: dict[str, Any], key: str, result: str) -> None:
    places = footprint["emissions"] if key in footprint["emissions"] else footprint["energy"]

    assert float(result) == pytest.approx(places[key], rel=2e-6)


def test_all_of_the_chain_is_there() -> None:
    keys = [line[0] for line in LINES]

    assert keys == ["it_j", "facility_j", "facility_kwh", "gco2e", "low_gco2e", "high_gco2e"]


def test_its_inputs_are_the_footprints(footprint: dict[str, Any]) -> None:
    rows = dict(re.findall(r"^\| `([\w.\[\]]+)` \| ([\d.]+) \|", PAGE, re.MULTILINE))
    known = {f"meters[{index}].energy_j": meter["energy_j"] for index, meter in enumerate(footprint["meters"])}
    known |= {
        "pue.ratio": footprint["pue"]["ratio"],
        "intensity.gco2e_per_kwh": footprint["intensity"]["gco2e_per_kwh"],
    }

    assert rows.keys() == known.keys()
    for key, value in known.items():
        assert float(rows[key]) == pytest.approx(value, abs=0.005)


def test_the_counters_readings_are_the_recordings() -> None:
    lines = (ROOT / "tests/data/methodology/recording.jsonl").read_text(encoding="utf-8").splitlines()
    readings = [json.loads(line) for line in lines]
    start_ns = next(line["t"] for line in readings if line.get("kind") == "command")
    end_ns = next(line["t"] for line in readings if line.get("kind") == "end")
    counter = [(line["t"], line["v"][0] / 1e6) for line in readings if line.get("s") == 0]
    before = max(pair for pair in counter if pair[0] <= start_ns)
    after = min(pair for pair in counter if pair[0] >= end_ns)

    assert (before[1], after[1]) == (1000, 8630)
    assert "at 1,000 J before the command and at 8,630 J at its end" in PAGE


def test_it_takes_two_pages() -> None:
    assert len(PAGE.split()) <= MOST_WORDS
