"""Entries of `overrides`, and the keys beside them: read from a file, every mistake named at once."""

from __future__ import annotations

import pytest

from reporter.config import Config, resolve
from reporter.config.file import file_layer
from reporter.domain.override import Entry
from reporter.errors import ConfigError

FILE = """\
check: auto
override: {label: ok-with-us}
overrides:
  - {rule: 50 g, jobs: [train*, eval], reason: one large run, until: 2026-12-31, by: anna}
  - {reason: all of it, until: 2026-07-01}
"""


def read(text: str) -> Config:
    return resolve((file_layer(text, name="emissions.yml"),), check_region=lambda _: None, sources=())


def test_entries_are_read_with_their_line() -> None:
    found = read(FILE)

    assert found.overrides == (
        Entry(
            rule="50 g",
            jobs=("train*", "eval"),
            reason="one large run",
            until="2026-12-31",
            by="anna",
            origin="emissions.yml, line 4",
        ),
        Entry(rule="*", reason="all of it", until="2026-07-01", origin="emissions.yml, line 5"),
    )
    assert (found.override_label, found.check) == ("ok-with-us", "auto")


@pytest.mark.parametrize("text", ["off", '"off"', "false"])
def test_no_label_may_accept_where_it_is_off(text: str) -> None:
    assert read(f"override: {{label: {text}}}\n").override_label is None


@pytest.mark.parametrize("text", ["overrides:\n", "overrides: []\n", "override:\n", "check:\n", "extends:\n"])
def test_a_key_without_a_value_is_not_set(text: str) -> None:
    found = read(text)

    assert (found.overrides, found.override_label, found.check) == ((), "emissions-accepted", "off")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("overrides: [{rule: 50 g}]\n", ["An override has no `reason`", "An override has no `until`"]),
        ("overrides: [{reason: x, until: soon}]\n", ["`until: soon` is no date"]),
        ("overrides: [{reason: x, until: 2026-02-30}]\n", ["`until: 2026-02-30` is no date"]),
        ("overrides: [{reason: x, untill: 2026-02-03}]\n", ["Did you mean `until`?", "has no `until`"]),
        ("overrides: {reason: x}\n", ["`overrides` is not a list"]),
        ("overrides: [all]\n", ["`overrides` is not a mapping"]),
        ("override: emissions-accepted\n", ["`override` is not a mapping"]),
        ("overide: {label: x}\n", ["Did you mean `override`?"]),
        ("check: always\n", ["`check` cannot be `always`"]),
        ("locked: [sites]\n", ["`sites` cannot be locked (emissions.yml, line 1). Did you mean `site`?"]),
    ],
)
def test_every_mistake_is_named_with_a_way_out(text: str, said: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)

    problems = "\n".join(map(str, caught.value.problems))
    assert all(words in problems for words in said), problems
    assert all(problem.suggestion for problem in caught.value.problems)
