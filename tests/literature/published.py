"""Rows of papers with their tolerances, and what `emissions estimate` gives for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

import pytest

VECTORS: dict[str, dict[str, Any]] = {
    row["id"]: row
    for row in json.loads((Path(__file__).parents[1] / "data/literature/vectors.json").read_text(encoding="utf-8"))
}
G_PER_LB = 453.59237


class Row:
    """A footprint in the units of papers."""

    def __init__(self, footprint: dict[str, Any]) -> None:
        self.footprint = footprint

    @property
    def kwh(self) -> float:
        """With PUE."""
        return float(self.footprint["energy"]["facility_kwh"])

    @property
    def mwh(self) -> float:
        return self.kwh / 1e3

    @property
    def g(self) -> float:
        return float(self.footprint["emissions"]["gco2e"])

    @property
    def kg(self) -> float:
        return self.g / 1e3

    @property
    def t(self) -> float:
        return self.g / 1e6

    @property
    def lb(self) -> float:
        return self.g / G_PER_LB

    @property
    def besides(self) -> dict[str, Any]:
        found: dict[str, Any] = self.footprint["besides"]
        return found


class Paper(Protocol):
    """`emissions estimate` with these words, and a config file's text."""

    def __call__(self, *words: Any, config: str = "") -> Row: ...


class Vector:
    """One row of vectors.json: inputs by attribute, results to compare with."""

    def __init__(self, name: str) -> None:
        row = VECTORS[name]
        self.inputs: dict[str, Any] = row["inputs"]
        self._expected, self._tolerance = row["expected"], row["rel_tol"]

    def __getitem__(self, name: str) -> Any:
        return self.inputs[name]

    def says(self, name: str) -> Any:
        """The published result, for `==` within the row's tolerance."""
        return pytest.approx(self._expected[name], rel=self._tolerance, abs=0)
