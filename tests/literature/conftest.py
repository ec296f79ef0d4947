"""Published figures against the command line: what a reader would type to get them again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.command import Emissions
from tests.cli.conftest import emissions, environ, nvml_standin
from tests.literature.published import Paper, Row

__all__ = ["emissions", "environ", "nvml_standin"]


@pytest.fixture
def paper(emissions: Emissions) -> Paper:
    """`emissions estimate` with these words, and what comes out."""

    def estimate(*words: Any, config: str = "") -> Row:
        (emissions.cwd / "emissions.yml").write_text(f"version: 1\n{config}")
        ran = emissions.quick("estimate", *map(str, words), "--json")
        assert ran.status == 0, ran.err
        found: dict[str, Any] = ran.json
        return Row(found)

    return estimate
