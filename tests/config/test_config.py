"""Settings from all layers: who wins, what is refused, and that every problem is told at once with its place."""

from __future__ import annotations

import re

import pytest

from reporter.commands.settings import region_problem
from reporter.config import Config, resolve
from reporter.config.file import file_layer, machine_layer
from reporter.config.layer import Layer, environment_layer, flags_layer, inputs_layer
from reporter.domain.budget import Metric
from reporter.errors import ConfigError

SOURCES = ("nvml", "rapl")
FILE = """\
version: 1
site: {region: aws:us-east-1, pue: 1.15}
runners:
  gpu-a100: {region: FR, pue: 1.2}
intensity: {provider: static}
budgets:
  - {metric: emissions, max: 50 g, warn-at: 80%}
  - {metric: energy, max: 130 J, unit: sample}
  - {metric: energy, max: 2 kWh, scope: total}
on-unknown: fail
comment: {mode: over-budget, template: .github/emissions-comment.md.j2}
"""


def read(text: str, *layers: Layer, runner: str | None = None) -> Config:
    return resolve(
        (*layers, file_layer(text, name="emissions.yml", runner=runner)), check_region=region_problem, sources=SOURCES
    )


def problems_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text)
    return [str(problem) for problem in caught.value.problems]


def test_the_contracts_example_is_read() -> None:
    config = read(FILE)

    assert (config.region, config.pue, config.on_unknown, config.comment) == (
        "aws:us-east-1", 1.15, "fail", "over-budget"
    )  # fmt: skip
    assert config.template == ".github/emissions-comment.md.j2"
    emissions, per_sample, total = config.budgets
    assert (emissions.rule, emissions.metric, emissions.warn_at_ratio) == ("50 g", Metric.EMISSIONS, 0.8)
    assert (per_sample.limit, per_sample.unit, per_sample.per_unit) == (130, "J", "sample")
    assert total.scope == "total"
    assert emissions.origin == "emissions.yml, line 7"


def test_a_runner_has_its_own_site() -> None:
    config = read(FILE, runner="gpu-a100")

    assert (config.region, config.pue) == ("FR", 1.2)


def test_runners_may_stand_under_site() -> None:
    config = read("site:\n  region: DE\n  runners: {a: {region: SE}}\n", runner="a")

    assert config.region == "SE"


def test_flag_beats_input_beats_environment_beats_machine_beats_file() -> None:
    flag = flags_layer({"region": "NO"})
    given = inputs_layer({"region": "SE", "pue": "1.3"})
    environment = environment_layer({"EMISSIONS_REGION": "PL", "EMISSIONS_PUE": "1.4", "EMISSIONS_NAME": "env"})
    machine = machine_layer("region: GB\npue: 1.5\nowner: platform team\n", name="machine.yml")

    everything = read(FILE, flag, given, environment, machine)
    lower = read(FILE, environment, machine)

    assert (everything.region, everything.pue, everything.name) == ("NO", 1.3, "env")
    assert everything.origins["pue"] == "action input `pue`"
    assert lower.origins["region"] == "environment variable `EMISSIONS_REGION`"
    assert read(FILE, machine).origins["pue"] == "machine.yml, line 2"


def test_empty_means_not_set() -> None:
    config = read(FILE, flags_layer({"region": ""}), inputs_layer({"region": "  "}))

    assert config.region == "aws:us-east-1"


def test_budgets_of_a_flag_replace_those_of_the_file() -> None:
    config = read(FILE, flags_layer({"budget": "1 g\n0.2 kWh"}))

    assert [budget.rule for budget in config.budgets] == ["1 g", "0.2 kWh"]


def test_all_problems_of_a_file_are_told_at_once_each_with_its_line() -> None:
    told = problems_of(
        "version: 1\n"
        "site: {regoin: FR, pue: 0.9}\n"
        "intensity: 230\n"
        "budgets:\n"
        "  - {metric: emissions, max: 50 kWh}\n"
        "  - {max: 50}\n"
        "  - {max: 5 g, colour: red}\n"
        "on-unknown: maybe\n"
        "commment: {mode: always}\n"
    )

    lines = [int(match[1]) for problem in told if (match := re.search(r"emissions\.yml, line (\d+)", problem))]
    assert sorted(lines) == [2, 2, 3, 5, 6, 7, 8, 9]
    assert any("Did you mean `region`?" in problem for problem in told)
    assert any("Did you mean `comment`?" in problem for problem in told)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a\n", "not a mapping"),
        ("a: [\n", "Not valid YAML"),
        ("version: 2\n", "newer than this tool"),
        ("version: one\n", "not known"),
        ("site: FR\n", "`site` is not a mapping"),
        ("site: {region: [FR]}\n", "not a single value"),
        ("site: {region: XX-nowhere}\n", "Region `XX-nowhere`"),
        ("budgets: 50 g\n", "not a list"),
        ("budgets: [{metric: emissions}]\n", "no `max`"),
        ("budgets: [{max: 5 g, warn-at: 0.8}]\n", "not a percentage"),
        ("budgets: [{max: 5 g, warn-at: 150%}]\n", "not a share of the limit"),
        ("budgets: [{max: 5 g, warn-at: -5%}]\n", "not a share of the limit"),
        ("budgets: [{max: 5 g, scope: world}]\n", "Scope `world`"),
        ("budgets: [{metric: power, max: 5 g}]\n", "Metric `power`"),
        ("site: {region: FR}\nsite: {region: DE}\n", "stands twice"),
        ("intensity: {provider: wattime}\n", "Did you mean `watttime`?"),
        ("intensity: {provider: watttime, strict: often}\n", "`strict-intensity` cannot be `often`"),
        ("runners: [a]\n", "`runners` is not a mapping"),
        ("site: {pue: .nan}\n", "PUE"),
        ("on-unknown: no\n", "cannot be `no`"),
    ],
)
def test_a_wrong_file_gets_one_clear_message(text: str, says: str) -> None:
    told = problems_of(text)

    assert any(says in problem for problem in told), told
    assert all("emissions.yml" in problem for problem in told)


def test_an_empty_file_is_fine() -> None:
    assert read("") == Config()
    assert read("site:\nbudgets:\n") == Config()


def test_every_layer_is_checked_not_only_the_first_wrong_one() -> None:
    with pytest.raises(ConfigError) as caught:
        read("site: {pue: 0.5}\n", flags_layer({"region": "aws:us-esat-1", "budget": "50"}))

    told = str(caught.value)
    assert "`aws:us-east-1`" in told
    assert "`--region`" in told
    assert "no unit" in told
    assert "PUE" in told


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        ("interval", "0", "below"),
        ("interval", "fast", "not a finite number"),
        ("sources", "nvml,rapple", "Source `rapple`"),
        ("comment", "allways", "Did you mean `always`?"),
        ("pull-request", "7;", "not a number"),
        ("history", "file:", "Write `file:PATH`."),
        ("history", "brnch", "Did you mean `branch`?"),
        ("history", "sometimes", "cannot be"),
        ("idle-baseline", "an hour", "not a finite number"),
        ("stop-at-budget", "ja", "cannot be `ja`"),
        ("stop-grace", "-1", "below 0"),
        ("time-limit", "90", "no unit of time"),
        ("time-limit", "0 min", "between 1 s and 30 d"),
        ("intensity", "statik", "Did you mean `static`?"),
        ("intensity", "static:DE", "neither a number nor a provider"),
    ],
)
def test_a_wrong_option_names_its_origin_and_a_way_out(key: str, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve((inputs_layer({key: text}),), check_region=region_problem, sources=SOURCES)

    (problem,) = caught.value.problems
    assert says in str(problem)
    assert f"action input `{key}`" in str(problem)
    assert problem.suggestion


def test_a_file_of_aliases_within_aliases_is_read_without_growing() -> None:
    levels = [f"{b}: &{b} [*{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    bomb = "a: &a [x]\n" + "".join(levels)

    assert all("not known" in problem for problem in problems_of(bomb))
