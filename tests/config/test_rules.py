"""The grammar of rules: one for flags and the file; what is wrong is told all at once, each with a way out."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.config import resolve
from reporter.config.file import file_layer
from reporter.config.layer import Layer, flags_layer, inputs_layer
from reporter.config.rule_set import FEWEST_RUNS
from reporter.domain import baseline
from reporter.domain.budget import Budget, Kind, Metric
from reporter.domain.units import EMISSION_UNITS, ENERGY_UNITS
from reporter.errors import ConfigError

FILE = """\
version: 1
budgets:
  - {metric: emissions, max: 50 g, warn-at: 80%}
  - {metric: energy, max-increase: 10%, min-runs: 3, warn-at: +5%}
  - {metric: emissions, max: 20 kg, per: month, jobs: [train*, eval], branches: main, runners: gpu-*, attempts: last}
  - {metric: energy, max: 130 J, unit: sample, level: warn}
  - {max: 300 g/pull-request, warn-at: 200 g, attempts: all}
  - {min-quality: B}
  - {min-measured-ratio: 0.9, level: fail}
  - {max: 2 kWh, scope: total}
  - +15%
  - 30 kg/year
  - quality C
  - measured 80%
"""


def read(text: str, *layers: Layer) -> tuple[Budget, ...]:
    found = (*layers, file_layer(text, name="emissions.yml"))
    return resolve(found, check_region=lambda _: None, sources=()).budgets


def said(text: str, **flags: str) -> Budget:
    (budget,) = read("", flags_layer({"budget": text, **flags}))
    return budget


def problems_of(text: str, *layers: Layer) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text, *layers)
    return [str(problem) for problem in caught.value.problems]


def test_every_kind_of_rule_is_read_from_a_file() -> None:
    rules = read(FILE)

    assert [(rule.rule, rule.kind) for rule in rules] == [
        ("50 g", Kind.LIMIT), ("+10%", Kind.INCREASE), ("20 kg/month", Kind.SUM), ("130 J/sample", Kind.LIMIT),
        ("300 g/pull-request", Kind.SUM), ("quality B", Kind.QUALITY), ("measured 90%", Kind.MEASURED),
        ("2 kWh", Kind.LIMIT), ("+15%", Kind.INCREASE), ("30 kg/year", Kind.SUM), ("quality C", Kind.QUALITY),
        ("measured 80%", Kind.MEASURED),
    ]  # fmt: skip
    assert [rule.origin for rule in rules] == [f"emissions.yml, line {line}" for line in range(3, 15)]


def test_levels_and_scopes_are_those_of_the_entry() -> None:
    absolute, increase, month, per_sample, pull_request, *_, total, _, _, _, _ = read(FILE)

    assert (absolute.warn_at_ratio, absolute.level, absolute.scope) == (0.8, "fail", "job")
    assert (increase.warn_at_ratio, increase.min_runs, increase.limit, increase.unit) == (0.5, 3, 10.0, "%")
    assert (month.per, month.scope, month.attempts) == ("month", "total", "last")
    assert (month.jobs, month.branches, month.runners) == (("train*", "eval"), ("main",), ("gpu-*",))
    assert (per_sample.per_unit, per_sample.level) == ("sample", "warn")
    assert (pull_request.per, pull_request.warn_at_ratio) == ("pull-request", pytest.approx(2 / 3))
    assert (total.scope, total.per) == ("total", None)


@pytest.mark.parametrize(
    ("flag", "entry"),
    [
        ("50 g", "{max: 50 g}"),
        ("130 J/sample", "{max: 130 J, unit: sample}"),
        ("+10%", "{max-increase: 10%}"),
        ("20 kg/month", "{max: 20 kg, per: month}"),
        ("300 g/pull-request", "{max: 300 g, per: pull-request}"),
        ("quality B", "{min-quality: b}"),
        ("measured 90%", "{min-measured-ratio: 0.9}"),
    ],
)
def test_a_flag_says_what_an_entry_says(flag: str, entry: str) -> None:
    (from_file,) = read(f"budgets: [{entry}]\n")
    (as_text,) = read(f"budgets: ['{flag}']\n")
    from_flag = said(flag)

    assert {(rule.rule, rule.kind, rule.limit, rule.unit, rule.per, rule.per_unit, rule.scope)
            for rule in (from_file, as_text, from_flag)} == {
        (flag, from_flag.kind, from_flag.limit, from_flag.unit, from_flag.per, from_flag.per_unit, from_flag.scope)
    }  # fmt: skip


def test_history_waits_for_three_runs_and_a_named_base_for_none() -> None:
    assert said("+10%").min_runs == FEWEST_RUNS == baseline.FEWEST_RUNS
    assert said("+10%", against="base.json").min_runs is None
    assert read("budgets: [{max-increase: 10%, min-runs: 5}]\n", flags_layer({"against": "x"}))[0].min_runs == 5


@pytest.mark.parametrize(
    ("text", "says", "advice"),
    [
        ("10%", "does not say of what", "`+10%`"),
        ("-10%", "is negative", "`+0%`"),
        ("-5 g", "is negative", "at least 0"),
        ("5", "has no unit", "`5 g`"),
        ("nan g", "not a number", "`50 g`"),
        ("1e999 g", "not a number", "`50 g`"),
        ("+inf%", "not a number", "`50 g`"),
        ("ten g", "not a number", "`quality B`"),
        ("5 gg", "unknown unit", "`g`"),
        ("3 g/pr", "no period", "`3 g/pull-request`"),
        ("3 g/", "names no unit of work", "`130 J/sample`"),
        ("quality", "no quality", "`quality B`"),
        ("quality E", "no quality", "`quality B`"),
        ("measured 0%", "between 0 % and 100 %", "`90%`"),
        ("measured 90", "between 0 % and 100 %", "`90%`"),
        ("measured 90 g", "no part of the energy", "`90%`"),
    ],
)
def test_a_wrong_flag_gets_a_way_out(text: str, says: str, advice: str) -> None:
    (told,) = problems_of("", inputs_layer({"budget": text}))

    assert says in told
    assert advice in told
    assert "action input `budget`" in told


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("{level: warn}", "no `max`"),
        ("{max: 50 g, max-increase: 10%}", "`max` and `max-increase` in one budget"),
        ("{max: 5%}", "`max-increase: 5%`"),
        ("{max-increase: 0.1}", "not a percentage"),
        ("{max-increase: 10%, metric: emissions}", "judged on energy"),
        ("{max-increase: 10%, unit: sample}", "`unit` does not go with `+10%`"),
        ("{max-increase: 10%, per: month}", "`per` does not go with `+10%`"),
        ("{max-increase: 10%, warn-at: +12%}", "not a share of the limit"),
        ("{max: 50 g, warn-at: 60 g}", "not a share of the limit"),
        ("{max: 50 g, warn-at: 1 kWh}", "not an amount of emissions"),
        ("{max: 50 g, min-runs: 3}", "`min-runs` does not go with `50 g`"),
        ("{max-increase: 10%, min-runs: 0}", "`min-runs` cannot be `0`"),
        ("{max-increase: 10%, min-runs: many}", "`min-runs` cannot be `many`"),
        ("{max: 50 g, attempts: last}", "`attempts` does not go with `50 g`"),
        ("{max: 50 g, per: month, attempts: lst}", "Did you mean `last`?"),
        ("{max: 50 g, per: moth}", "Did you mean `month`?"),
        ("{max: 50 g, unit: month}", "`per: month`"),
        ("{max: 50 g, unit: 5 samples}", "no unit of work"),
        ("{max: 50 g, unit: sample, per: month}", "`unit` and `per` in one budget"),
        ("{max: 130 J/sample, per: month}", "Say it once"),
        ("{max: 20 kg, per: month, scope: job}", "`scope: job` and a sum over all runs"),
        ("{max: 50 g, level: wran}", "Did you mean `warn`?"),
        ("{min-quality: B, warn-at: 80%}", "`warn-at` does not go with `quality B`"),
        ("{min-quality: B, metric: energy}", "`metric` does not go with `quality B`"),
        ("{min-measured-ratio: 90}", "`90%`"),
        ("{max: 50 g, jbos: train}", "Did you mean `jobs`?"),
        ("{max: 50 g, jobs: {name: train}}", "not a single value"),
        ("{max: .nan}", "not a number"),
        ("{max: [50 g]}", "not a single value"),
    ],
)
def test_a_wrong_entry_gets_one_clear_message_with_its_line(entry: str, says: str) -> None:
    told = problems_of(f"version: 1\nbudgets:\n  - {entry}\n")

    assert any(says in problem for problem in told), told
    assert all("emissions.yml, line 3" in problem for problem in told)


def test_all_that_is_wrong_with_the_rules_is_told_at_once() -> None:
    told = problems_of(
        "budgets:\n"
        "  - {max: -5 g, level: wran, per: moth, min-runs: x}\n"
        "  - {max: 50}\n"
        "  - 10%\n"
        "  - {max: 50 g, level: warn}\n"
        "  - {max: 0.04 kg}\n"
    )

    lines = sorted(int(match[1]) for problem in told if (match := re.search(r"line (\d+)\)\. ", problem)))
    assert lines == [2, 2, 2, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("rules", "contradict"),
    [
        ("{max: 50 g, level: warn}, {max: 40 g}", True),
        ("{max: 50 g, level: warn}, {max: 0.05 kg}", True),
        ("{max: 50 g, warn-at: 80%}, {max: 30 g}", True),
        ("{max-increase: 10%, level: warn}, {max-increase: 5%}", True),
        ("{max: 9 kg, per: month, level: warn}, {max: 8 kg, per: month}", True),
        ("{min-quality: C, level: warn}, {min-quality: B}", True),
        ("{min-measured-ratio: 80%, level: warn}, {min-measured-ratio: 90%}", True),
        ("{max: 40 g, level: warn}, {max: 50 g}", False),
        ("{max: 50 g, warn-at: 80%}, {max: 45 g}", False),
        ("{min-quality: A, level: warn}, {min-quality: B}", False),
        ("{min-measured-ratio: 95%, level: warn}, {min-measured-ratio: 90%}", False),
        ("{max: 50 g, level: warn}, {max: 40 g, jobs: train}", False),
        ("{max: 50 g, level: warn}, {max: 40 g, scope: total}", False),
        ("{max: 9 kg, per: month, level: warn}, {max: 8 kg, per: week}", False),
        ("{max: 50 g, level: warn}, {max: 1 Wh}", False),
        ("{max: 50 g}, {max: 40 g}", False),
    ],
)
def test_a_warning_that_never_comes_contradicts_what_fails_before_it(rules: str, contradict: bool) -> None:
    text = f"budgets: [{rules}]\n"

    if contradict:
        (told,) = problems_of(text)
        assert "never warns" in told
    else:
        assert len(read(text)) == 2


@pytest.mark.parametrize("rule", ["+10%", "20 kg/month", "300 g/pull-request"])
def test_history_that_is_off_and_a_rule_that_needs_it_are_a_mistake(rule: str) -> None:
    off = inputs_layer({"history": "off"})

    (told,) = problems_of("", flags_layer({"budget": rule}), off)

    assert f"`{rule}` needs history, which is off (action input `history`)" in told
    assert read("", flags_layer({"budget": "50 g"}), off)


def test_a_named_base_serves_an_increase_without_history() -> None:
    off = inputs_layer({"history": "off"})

    assert read("", flags_layer({"budget": "+10%", "against": "base.json"}), off)
    assert problems_of("", flags_layer({"budget": "20 kg/month", "against": "base.json"}), off)


@given(
    st.floats(1e-6, 1e9, allow_nan=False),
    st.sampled_from([*EMISSION_UNITS, *ENERGY_UNITS]),
    st.sampled_from(["", "/sample", "/day", "/month", "/pull-request"]),
    st.sampled_from(["", " "]),
)
def test_what_is_written_is_what_is_limited(value: float, unit: str, per: str, space: str) -> None:
    rule = said(f"{value}{space}{unit}{per}")

    assert (rule.limit, rule.unit) == (value, unit)
    assert rule.metric is (Metric.EMISSIONS if unit in EMISSION_UNITS else Metric.ENERGY)
    assert per.lstrip("/") == (rule.per or rule.per_unit or "")


@given(st.text(max_size=40))
def test_no_text_at_all_ends_in_a_traceback(text: str) -> None:
    file = f"budgets:\n  - {{max: {text!r}, warn-at: {text!r}, jobs: {text!r}}}\n"
    for read_it in (lambda: read("", flags_layer({"budget": text})), lambda: read(file)):
        with suppress(ConfigError):
            read_it()
