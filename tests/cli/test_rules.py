"""An organisation's rules on the command line: fetched beside the command; where they are not known, nothing passes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.command import Emissions, config
from tests.fixtures_action import NO_SERVER, wait_for
from tests.github.fake import FakeGitHub

POLICY = ("acme/policy", "v1", "emissions.yml")
EXTENDS = "extends: acme/policy:emissions.yml@v1\n"
RULES = b"site: {region: FR, pue: 1.5}\nbudgets: [50 g]\nlocked: [site, budgets]\n"


@pytest.fixture
def beside(emissions: Emissions, github: FakeGitHub) -> Emissions:
    """`emissions` in a repository that extends a file, beside a forge that has it."""
    config(emissions.cwd, EXTENDS + "site: {region: PL}\nbudgets: [80 g]\n")
    github.elsewhere[POLICY] = RULES
    return replace(emissions, environ={**emissions.environ, "GITHUB_API_URL": github.url, "NO_PROXY": "127.0.0.1"})


def test_a_run_has_the_locked_site_and_budgets_and_flags_what_was_set_instead(beside: Emissions) -> None:
    ran = beside("run", "--budget", "90 g", "--", "true")

    assert ran.status == 0, ran.err
    assert (ran.footprint["intensity"]["region"], ran.footprint["pue"]["ratio"]) == ("FR", 1.5)
    (finding,) = ran.footprint["verdict"]["findings"]
    assert (finding["rule"], finding["origin"]) == ("50 g", "acme/policy:emissions.yml@v1, line 2")
    assert {"locked-override:site", "locked-override:budgets"} <= set(ran.footprint["flags"])
    assert ran.footprint["verdict"]["outcome"] == "pass"
    assert "host contacted: (address)" in ran.err


def test_the_command_does_not_wait_for_the_rules(beside: Emissions, github: FakeGitHub) -> None:
    started = beside.cwd / "started"
    github.fail(path="/repos/acme", delay_s=0.1, then=lambda: wait_for(started.exists, seconds=10))

    ran = beside("run", "--", "sh", "-c", "touch started; sleep 0.2")

    assert ran.status == 0
    assert ran.footprint["intensity"]["region"] == "FR"


def test_the_recording_keeps_the_rules_that_held(beside: Emissions) -> None:
    beside("run", "--", "true")
    folder = beside.cwd / "emissions-report"
    (folder / "footprint.json").unlink()
    (beside.cwd / "emissions.yml").unlink()

    (footprint,) = [beside.quick("report", str(folder), "--json").json]

    assert [finding["rule"] for finding in footprint["verdict"]["findings"]] == ["50 g"]
    assert footprint["intensity"]["region"] == "FR"


def test_without_an_answer_the_command_is_metered_and_nothing_passes(emissions: Emissions) -> None:
    config(emissions.cwd, EXTENDS + "budgets: [80 g]\n")
    emissions = replace(emissions, environ={**emissions.environ, "GITHUB_API_URL": NO_SERVER})

    ran = emissions("run", "--", "sh", "-c", "exit 7")
    strict = emissions("run", "--gate", "--on-unknown", "fail", "--", "true")

    assert ran.status == 7
    assert ran.footprint["verdict"]["outcome"] == "unknown"
    assert "The rules of `acme/policy:emissions.yml@v1` are not known" in ran.footprint["verdict"]["why"]
    assert "are not known, so nothing passes" in ran.err
    assert strict.status == 1
    assert ran.is_clean


def test_a_session_has_the_locked_site_too(beside: Emissions) -> None:
    assert beside("start").status == 0
    ran = beside("stop", "--region", "DE")

    assert ran.status == 0, ran.err
    assert ran.footprint["intensity"]["region"] == "FR"
    assert [finding["rule"] for finding in ran.footprint["verdict"]["findings"]] == ["50 g"]
    assert "locked-override:site" in ran.footprint["flags"]


def test_a_wrong_reference_is_found_before_anything_runs(emissions: Emissions) -> None:
    config(emissions.cwd, "extends: acme/policy\nlocked: [site]\n")

    ran = emissions("run", "--", "touch", "ran")

    assert ran.status == 2
    assert "`extends` cannot be `acme/policy` (emissions.yml, line 1)." in ran.err
    assert "`locked` has no effect here (emissions.yml, line 2)." in ran.err
    assert not Path(emissions.cwd / "ran").exists()


def test_an_estimate_is_held_to_them(beside: Emissions) -> None:
    ran = beside.quick("estimate", "--power", "1000", "--hours", "10", "--gate")

    assert ran.status == 1, ran.err
    assert "50 g" in ran.text
