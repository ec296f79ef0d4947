"""Rules from above and from the base branch: whose counts, what is locked, what is said about attempts."""

from __future__ import annotations

import re

import pytest

from reporter.config import Config, resolve
from reporter.config.base_rules import with_base
from reporter.config.file import file_layer
from reporter.config.layer import Layer, Setting, flags_layer, inputs_layer
from reporter.config.organisation import LOCKS, Reference, Stack, as_organisation, attempts, reference_of, stacked
from reporter.errors import ConfigError, Problem

ORGANISATION = """\
site: {region: FR, pue: 1.2}
intensity: 230 g/kWh
budgets: [50 g]
on-unknown: fail
on-borderline: fail
override: {label: let-it-pass}
overrides:
  - {rule: 50 g, reason: known, until: 2026-12-31}
accounting: {water: 1 L/kWh}
"""
EVERY_LOCK = f"locked: [{', '.join(LOCKS)}]\n"


def layer(text: str, name: str = "emissions.yml") -> Layer:
    return file_layer(text, name=name)


def stack(organisation: str, *said: Layer, file: str = "", machine: Layer | None = None) -> Stack:
    above = as_organisation(layer(organisation, "acme/policy:o.yml@v1"))
    return Stack(said=said, machine=machine, file=layer(file), organisation=above)


def config(found: Stack) -> Config:
    return resolve(stacked(found), check_region=lambda _: None, sources=())


def rules(found: Stack) -> list[str]:
    return [budget.rule for budget in config(found).budgets]


def test_an_organisations_keys_hold_where_the_repository_says_nothing() -> None:
    found = config(stack(ORGANISATION))

    assert (found.region, found.pue, found.intensity_gco2e_per_kwh, found.on_unknown) == ("FR", 1.2, 230.0, "fail")
    assert [budget.rule for budget in found.budgets] == ["50 g"]
    assert found.override_label == "let-it-pass"
    assert [entry.reason for entry in found.overrides] == ["known"]
    assert found.accounting is not None


def test_the_repositorys_keys_win_unless_they_are_locked() -> None:
    found = stack(
        ORGANISATION,
        flags_layer({"budget": "70 g"}),
        inputs_layer({"region": "DE", "pue": "1.5"}),
        file="intensity: 100 g/kWh\non-unknown: pass\noverride: {label: mine}\noverrides: []\n",
    )
    resolved = config(found)

    assert rules(found) == ["70 g"]
    assert (resolved.region, resolved.pue, resolved.intensity_gco2e_per_kwh) == ("DE", 1.5, 100.0)
    assert (resolved.on_unknown, resolved.override_label, resolved.overrides) == ("pass", "mine", ())
    assert attempts(found) == ()


def test_what_is_locked_beats_flags_inputs_environment_and_file_and_the_attempts_are_known() -> None:
    found = stack(
        ORGANISATION + EVERY_LOCK,
        flags_layer({"budget": "70 g", "region": "DE"}),
        inputs_layer({"on-unknown": "pass", "intensity": "100 g/kWh"}),
        file="budgets: [90 g]\non-borderline: pass\nsite: {pue: 1.0}\n",
    )
    resolved = config(found)

    assert rules(found) == ["50 g"]
    assert (resolved.region, resolved.pue, resolved.intensity_gco2e_per_kwh) == ("FR", 1.2, 230.0)
    assert (resolved.on_unknown, resolved.on_borderline) == ("fail", "fail")
    assert resolved.origins["region"] == "acme/policy:o.yml@v1, line 1"
    assert attempts(found) == tuple(LOCKS)


@pytest.mark.parametrize(
    ("lock", "file", "is_attempt"),
    [
        ("budgets", "budgets: [50 g]\n", False),
        ("budgets", "budgets: [50 g, 60 g]\n", True),
        ("budgets", "overrides: [{reason: mine, until: 2026-12-31}]\n", True),
        ("budgets", "override: {label: mine}\n", True),
        ("budgets", "override: {label: let-it-pass}\n", False),
        ("site", "site: {region: FR}\n", False),
        ("site", "site: {region: DE}\n", True),
        ("site", "budgets: [1 g]\n", False),
        ("on-unknown", "on-unknown: fail\n", False),
        ("on-unknown", "on-unknown: warn\n", True),
    ],
)
def test_saying_the_same_is_no_attempt(lock: str, file: str, *, is_attempt: bool) -> None:
    found = stack(f"{ORGANISATION}locked: [{lock}]\n", file=file)

    assert attempts(found) == ((lock,) if is_attempt else ())


def test_with_locked_budgets_nobody_else_accepts() -> None:
    found = stack(
        "budgets: [50 g]\nlocked: budgets\n",
        file="override: {label: mine}\noverrides: [{reason: mine, until: 2026-12-31}]\n",
    )

    assert config(found).overrides == ()
    assert config(found).override_label == "emissions-accepted"


def test_the_machine_file_says_where_the_machine_stands_whatever_is_locked() -> None:
    machine = Layer(settings={"region": Setting("NO", "/etc/emissions/machine.yml, line 1")})
    found = stack(ORGANISATION + EVERY_LOCK, inputs_layer({"region": "DE"}), machine=machine)

    assert (config(found).region, config(found).pue) == ("NO", 1.2)


def test_of_a_locked_site_what_it_leaves_open_may_be_said() -> None:
    found = stack("site: {region: FR}\nlocked: site\n", inputs_layer({"pue": "1.3"}))

    assert (config(found).region, config(found).pue) == ("FR", 1.3)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("locked: [budgets]\n", "`budgets` is locked, but not set"),
        ("site: {pue: 1.1}\nlocked: [site, on-unknown]\n", "`on-unknown` is locked, but not set"),
        ("locked: [budget]\n", "`budget` cannot be locked (acme/policy:o.yml@v1, line 1). Did you mean `budgets`?"),
        ("extends: o/r:f.yml@v1\n", "A file that others extend cannot extend one"),
        ("budget: [50 g]\n", "Key `budget` is not known"),
    ],
)
def test_a_wrong_file_of_an_organisation_is_named(text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(problem)):
        config(stack(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("./org.yml", Reference("./org.yml")),
        ("../org.yml", Reference("../org.yml")),
        ("acme/policy:emissions.yml@v1", Reference("emissions.yml", "acme/policy", "v1")),
        ("a.c/p_l-y:a/b c.yml@refs/heads/x", None),
        ("acme/policy:a/b.yml@refs/heads/release/1", Reference("a/b.yml", "acme/policy", "refs/heads/release/1")),
        ("acme/policy:.github/b.yml@main", Reference(".github/b.yml", "acme/policy", "main")),
        ("acme/policy:../b.yml@main", None),
        ("acme/policy:a/../b.yml@main", None),
        ("acme/policy:/etc/passwd@main", None),
        ("acme/policy:b.yml", None),
        ("acme/policy", None),
        ("https://example.com/b.yml", None),
        ("org.yml", None),
        ("/etc/org.yml", None),
    ],
)
def test_what_is_extended_is_a_file_at_a_ref_or_a_path_from_here(text: str, expected: Reference | None) -> None:
    found = reference_of(Setting(text, ""))

    assert isinstance(found, Problem) if expected is None else found == expected


BASE = "budgets: [50 g]\non-unknown: fail\n"


def test_a_pull_request_that_changes_nothing_is_told_nothing() -> None:
    own, told = with_base(layer(BASE), layer(BASE, "emissions.yml on main"), "main")

    assert told == ()
    assert own.budgets is not None
    assert own.budgets[0].origin == "emissions.yml on main, line 1"


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (BASE.replace("50 g", "80 g"), "its budgets (`50 g` → `80 g`)"),
        (BASE.replace("[50 g]", "[{max: 50 g, level: warn}]"), "its budgets (their levels or scopes)"),
        ("on-unknown: fail\n", "its budgets (`50 g` → none)"),
        ("", "its budgets (`50 g` → none) and `on-unknown` (`fail` → not set)"),
        (BASE + "overrides: [{reason: mine, until: 2026-12-31}]\n", "its overrides"),
        (BASE + "override: {label: mine}\n", "`override-label` (not set → `mine`)"),
        (BASE + "extends: mallory/rules:o.yml@v1\n", "`extends` (not set → `mallory/rules:o.yml@v1`)"),
        (
            BASE.replace("50 g", "80 g").replace("fail", "pass") + "on-borderline: pass\n",
            "its budgets (`50 g` → `80 g`), `on-unknown` (`fail` → `pass`) and `on-borderline` (not set → `pass`)",
        ),
    ],
)
def test_what_a_pull_request_changes_in_its_own_rules_waits_for_the_merge(own: str, said: str) -> None:
    found, told = with_base(layer(own), layer(BASE), "main")
    resolved = resolve((found,), check_region=lambda _: None, sources=())

    assert told == (
        f"This pull request changes {said}: judged by the rules of `main`; the new ones count after the merge.",
    )
    assert [budget.rule for budget in resolved.budgets] == ["50 g"]
    assert [budget.level for budget in resolved.budgets] == ["fail"]
    assert (resolved.on_unknown, resolved.on_borderline) == ("fail", "warn")
    assert (resolved.overrides, resolved.override_label) == ((), "emissions-accepted")
    assert "extends" not in found.settings


def test_what_does_not_decide_is_the_pull_requests_own() -> None:
    own = BASE + "site: {region: DE}\ncomment: changes\n"

    found, told = with_base(layer(own), layer(BASE + "site: {region: FR}\n"), "main")

    assert found.settings["region"].text == "DE"
    assert told == ()


def test_the_first_budgets_of_a_repository_count_at_once() -> None:
    found, told = with_base(layer("budgets: [80 g]\n"), layer("on-unknown: warn\n"), "main")

    assert [budget.rule for budget in found.budgets or ()] == ["80 g"]
    assert told[-1] == "`main` has no budgets: this pull request is judged by its own, `80 g`."
