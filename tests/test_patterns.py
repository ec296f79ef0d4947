"""Regular expressions: what anybody may write is matched in time, whatever it is."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator

import pytest

import reporter

LENGTH, SEARCHED = 4_000, 400
"""Characters: what is linear takes no time, what is quadratic a tenth of a second, what is cubic a minute."""
MOST_S = 3.0
SEEDS = (
    "a", "0", " ", "-", ":", "=", "[", "]", "(", "/", ".", ",", "<", "`", "|", "\\", "@", "~", "%20", "a ", "1,", "a-",
    ": ", "0.", "![", "](", "<!-- ", "--", "| -", "e1", "a=b,", "x/", "_", "*", "\t", "cpu 1 ", "é", "\n", " \n",
    " k=0123456789  n=a",
)  # fmt: skip


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for info in pkgutil.walk_packages(reporter.__path__, "reporter."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                yield f"{info.name}.{name}", value


PATTERNS = dict(patterns())


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_ends_in_time_whatever_it_is_given(name: str) -> None:
    pattern = PATTERNS[name]
    # What it begins with, for as long as it likes: then something that fits nowhere.
    literal = re.split(r"[\\\[\](){}.*+?|^$]", pattern.pattern)[0]
    began_s = time.process_time()
    for seed in SEEDS:
        for find, length in ((pattern.search, SEARCHED), (pattern.match, LENGTH), (pattern.fullmatch, LENGTH)):
            for end in ("", "\0", "\n\0"):
                find(literal + seed * (length // len(seed)) + end)
    assert time.process_time() - began_s < MOST_S
