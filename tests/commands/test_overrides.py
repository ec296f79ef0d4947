"""`gate` and `publish` against the fake forge: who accepted what, whose budgets count, what an organisation says."""

from __future__ import annotations

import html
import json
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reporter.cli import main
from reporter.domain.footprint import Footprint
from reporter.export import json as codec
from tests.factories_footprint import footprint, grams
from tests.github.fake import FakeGitHub

LABEL = "emissions-accepted"
CONFIG = ".github/emissions.yml"
OVER = "over the carbon budget"
TOMORROW = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86_400))
YESTERDAY = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86_400))


def save(*jobs: Footprint) -> None:
    """What `report` merged, or one job."""
    Path("in").mkdir(exist_ok=True)
    for place, job in enumerate(jobs):
        Path(f"in/{place}").mkdir(exist_ok=True)
        Path(f"in/{place}/footprint.json").write_text(codec.dumps(codec.encode(job)))


@pytest.fixture
def environ(tmp_path: Path, github: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The runner's variables for pull request 7, in a folder with one footprint of 46.4 g that has no budget."""
    monkeypatch.chdir(tmp_path)
    save(footprint())
    pull = {"number": 7, "head": {"sha": github.head_sha}, "base": {"ref": "main", "sha": github.base_sha}}
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": pull}))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": github.repository,
        "GITHUB_WORKSPACE": str(tmp_path),
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_TOKEN": "fake-token",
        "GITHUB_RUN_ID": "42",
        "GITHUB_RUN_NUMBER": "1",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }


@pytest.fixture
def push(environ: dict[str, str]) -> dict[str, str]:
    """The same for a push to the default branch."""
    Path("event.json").write_text("{}")
    return environ


def own(text: str) -> None:
    """The config file of the working copy."""
    Path(CONFIG).parent.mkdir(exist_ok=True)
    Path(CONFIG).write_text(text)


def base(github: FakeGitHub, text: str, path: str = CONFIG) -> None:
    """The file as the base branch has it now."""
    github.files["main", path] = text.encode()


def accepted(github: FakeGitHub, *, by: str = "anna", may: str = "write") -> None:
    github.may[by] = may
    github.set_label(LABEL, by=by, at="2026-06-14T00:00:00Z")
    github.add_comment(f"{LABEL}: the data set is larger", author=by)


def gate(environ: dict[str, str], *words: str) -> int:
    return main(["gate", "in", *words], environ=environ)


def publish(environ: dict[str, str], *words: str, **inputs: str) -> int:
    return main(["publish", "in", *words], environ=environ, inputs={"comment": "always", **inputs})


def comment(github: FakeGitHub) -> str:
    """Ours, as it is read."""
    (body,) = github.own_bodies()
    return re.sub(r"</?(?:code|strong)>", "`", html.unescape(body).replace("\u200b", "").replace("\u202f", " "))


# A label


def test_a_label_of_somebody_who_may_write_turns_fail_into_warn(
    environ: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    assert gate(environ, "--budget", "40 g") == 1
    accepted(github)

    assert gate(environ, "--budget", "40 g") == 0
    said = capsys.readouterr().out
    assert "verdict: warn" in said
    assert "accepted by anna: the data set is larger" in said


def test_the_report_says_who_why_until_when_and_how_much_before_all_else(
    environ: dict[str, str], github: FakeGitHub
) -> None:
    accepted(github)

    assert publish(environ, "--budget", "40 g") == 0

    text = comment(github)
    remark = next(line for line in text.splitlines() if line.startswith("**Accepted**"))
    assert remark.startswith("**Accepted** by anna on 2026-06-14, as long as the label is on this pull request")
    assert "(label `emissions-accepted`): `40 g` exceeded by 6.4 g (46.4 g)." in remark
    assert remark.endswith("Reason: the data set is larger.")
    title, *rest = [line for line in text.splitlines() if line and not line.startswith("<!--")]
    assert title == "### ⚠️ 16 % over the carbon budget: 46.4 g of 40 g, accepted"
    assert rest[1] == remark, "the first sentence below the headline"
    assert "\nwarn\n" in Path("output").read_text()
    assert "Accepted" in Path("summary").read_text()


def test_the_footprint_keeps_the_trace(environ: dict[str, str], github: FakeGitHub) -> None:
    accepted(github)
    Path("emissions-report").mkdir()
    Path("emissions-report/footprint.json").write_text(Path("in/0/footprint.json").read_text())

    environ_of_action = {**environ, "GITHUB_STEP_SUMMARY": ""}
    inputs = {"comment": "always", "out": "emissions-report", "budget": "40 g"}
    assert main(["publish", "emissions-report"], environ=environ_of_action, inputs=inputs) == 0

    verdict = json.loads(Path("emissions-report/footprint.json").read_text())["verdict"]
    assert verdict["outcome"] == "warn"
    (finding,) = verdict["findings"]
    assert (finding["limit"], round(finding["observed"], 1), finding["outcome"]) == (40.0, 46.4, "warn")
    assert finding["override"] == {
        "by": "anna",
        "reason": "the data set is larger",
        "since": "2026-06-14T00:00:00Z",
        "until": None,
        "origin": f"label `{LABEL}`",
        "instead_of": "fail",
    }
    assert "Accepted" in Path("emissions-report/report.md").read_text()


@pytest.mark.parametrize(
    ("by", "may", "why"),
    [
        ("mallory", "read", "mallory, who set it, may not write to the repository (permission: read)"),
        ("mallory", "triage", "may not write to the repository"),
        ("helper[bot]", "admin", "is a bot"),
    ],
)
def test_a_label_of_anybody_else_is_reported_and_ignored(
    environ: dict[str, str], github: FakeGitHub, capsys: Any, by: str, may: str, why: str
) -> None:
    accepted(github, by=by, may=may)

    assert gate(environ, "--budget", "40 g") == 1
    assert publish(environ, "--budget", "40 g") == 0
    assert why in capsys.readouterr().err
    assert f"The label `{LABEL}` is ignored" in comment(github)
    assert why in comment(github)


def test_the_label_is_read_live_and_not_from_what_was_recorded(environ: dict[str, str], github: FakeGitHub) -> None:
    accepted(github)
    main(["publish", "in/0"], environ=environ, inputs={"out": "in/0", "budget": "40 g"})
    assert '"override"' in Path("in/0/footprint.json").read_text()

    github.take_label(LABEL, by="anna")

    assert gate(environ) == 1
    assert main(["report", "in", "--format", "markdown"], environ=environ) == 0


def test_nothing_is_asked_where_nothing_fails(environ: dict[str, str], github: FakeGitHub) -> None:
    accepted(github)

    assert gate(environ, "--budget", "50 g") == 0
    assert github.sent("GET", "/labels") == []


def test_a_label_of_another_name_and_none_at_all_can_be_configured(environ: dict[str, str], github: FakeGitHub) -> None:
    accepted(github)
    base(github, "budgets: [40 g]\noverride: {label: let-it-pass}\n")
    assert gate(environ) == 1
    base(github, "budgets: [40 g]\noverride: {label: off}\n")
    assert gate(environ) == 1
    base(github, "budgets: [40 g]\n")
    assert gate(environ) == 0


@pytest.mark.parametrize(
    "fault",
    [{"status": 403}, {"status": 404}, {"status": 500, "times": 9}, {"reset": "before", "times": 9}, {"garbage": "x"}],
)
def test_a_forge_that_does_not_answer_accepts_nothing_and_breaks_nothing(
    environ: dict[str, str], github: FakeGitHub, capsys: Any, fault: dict[str, Any]
) -> None:
    accepted(github)
    github.fail(path="/labels", **fault)

    assert gate(environ, "--budget", "40 g") == 1
    assert capsys.readouterr().err.count("Whether somebody accepted this is not known") == 1


def test_without_a_token_that_is_said_in_one_line(environ: dict[str, str], github: FakeGitHub, capsys: Any) -> None:
    accepted(github)

    assert gate({**environ, "GITHUB_TOKEN": ""}, "--budget", "40 g") == 1
    assert capsys.readouterr().err.splitlines() == [
        "emissions: Whether somebody accepted this was not asked: there is no token in GITHUB_TOKEN."
    ]
    assert github.requests == []


def test_a_hostile_reason_is_text_and_no_markup(environ: dict[str, str], github: FakeGitHub) -> None:
    accepted(github)
    github.comments[0].body = f"{LABEL}: @everyone <img src=x> [a](http://b) `c` | ### d"

    publish(environ, "--budget", "40 g")

    (body,) = github.own_bodies()
    assert "@everyone" not in body
    assert "<img" not in body
    assert "](http://b" not in body


def test_a_label_covers_the_sum_over_the_jobs_as_well(environ: dict[str, str], github: FakeGitHub) -> None:
    shared = replace(grams(60), scope="total")
    save(footprint(name="a", budgets=(shared,)), footprint(name="b", budgets=(shared,)))
    assert gate(environ) == 1
    accepted(github)

    assert gate(environ) == 0
    assert publish(environ) == 0
    assert "`60 g` exceeded by 32.8 g" in comment(github)


# Entries of the config file


def entry(until: str = TOMORROW, more: str = "") -> str:
    return f"budgets: [40 g]\noverrides: [{{rule: 40 g, reason: known and planned, until: {until}{more}}}]\n"


def test_an_entry_of_the_base_branch_counts_until_its_end(
    environ: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    own("budgets: [40 g]\n")
    base(github, entry())
    assert gate(environ) == 0
    assert "known and planned" in capsys.readouterr().out

    base(github, entry(YESTERDAY))
    assert gate(environ) == 1
    ignored = f"The override of `40 g` ({CONFIG} on main, line 2) is ignored: it expired on {YESTERDAY}."
    assert ignored in capsys.readouterr().err


def test_an_entry_that_a_pull_request_brings_along_does_not_count(
    environ: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    own(entry())
    base(github, "budgets: [40 g]\n")

    assert gate(environ) == 1
    assert "This pull request changes its overrides" in capsys.readouterr().err
    del github.files["main", CONFIG]
    assert gate(environ) == 1, "nor where the base branch has no file at all"
    assert gate({**environ, "GITHUB_TOKEN": ""}) == 1
    assert "counts as it stands on the base branch, which was not read" in capsys.readouterr().err


def test_an_entry_of_the_default_branch_counts_there(push: dict[str, str], github: FakeGitHub) -> None:
    own(entry())
    assert gate(push) == 0
    own(entry(more=", jobs: [eval]"))
    assert gate(push) == 1
    own(entry("2099-12-31"))
    assert gate(push) == 1, "more than a year ahead"
    assert github.requests == []


# The base branch's budgets


def test_a_pull_request_is_judged_by_the_budgets_of_its_base(
    environ: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    own("budgets: [80 g]\n")
    base(github, "budgets: [40 g]\n")

    assert gate(environ) == 1
    assert publish(environ) == 0
    told = "This pull request changes its budgets (`40 g` → `80 g`): judged by the rules of `main`;"
    assert told in comment(github)
    assert told in capsys.readouterr().err
    assert "46.4 g of 40 g" in comment(github)


def test_what_a_job_recorded_under_its_own_file_is_judged_by_the_bases(
    environ: dict[str, str], github: FakeGitHub
) -> None:
    save(footprint(budgets=(replace(grams(80), origin=f"{CONFIG}, line 1"),)))
    own("budgets: [80 g]\n")
    base(github, "budgets: [40 g]\n")

    assert gate(environ) == 1


def test_a_pull_request_cannot_make_the_bases_rules_impossible_to_judge(
    environ: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    base(github, "budgets: [+10%, 40 g]\n")
    own("budgets: [80 g]\nhistory: off\n")
    assert gate(environ) == 1
    assert "`history` (not set → `off`)" in capsys.readouterr().err

    assert gate({**environ, "EMISSIONS_HISTORY": "off"}) == 2


def test_taking_the_file_away_takes_no_budget_away(environ: dict[str, str], github: FakeGitHub) -> None:
    base(github, "budgets: [40 g]\n", "emissions.yml")

    assert gate(environ) == 1


def test_the_first_budgets_count_at_once_and_that_is_said(
    environ: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    own("budgets: [40 g]\n")

    assert gate(environ) == 1
    assert "`main` has no budgets: this pull request is judged by its own, `40 g`." in capsys.readouterr().err


@pytest.mark.parametrize("content", ["budgets: [\n", "budgets: [40]\n", "on-unknown: maybe\n", "\xff"])
def test_a_base_that_cannot_be_read_leaves_the_pull_requests_own(
    environ: dict[str, str], github: FakeGitHub, content: str, capsys: Any
) -> None:
    own("budgets: [40 g]\n")
    github.files["main", CONFIG] = content.encode("latin-1")

    assert gate(environ) == 1
    assert "The rules of the base branch could not be read, so those here count: " in capsys.readouterr().err


def test_a_push_is_judged_by_its_own_file_without_a_request(push: dict[str, str], github: FakeGitHub) -> None:
    own("budgets: [40 g]\n")
    base(github, "budgets: [80 g]\n")

    assert gate(push) == 1
    assert github.requests == []


# An organisation's rules

POLICY = ("acme/policy", "v1", "emissions.yml")
EXTENDS = "extends: acme/policy:emissions.yml@v1\n"


def test_locked_budgets_beat_flags_and_files_and_attempts_are_flagged(
    push: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    github.elsewhere[POLICY] = b"budgets: [40 g]\nlocked: [budgets]\n"
    own(EXTENDS + "budgets: [80 g]\n")

    assert gate(push, "--budget", "90 g") == 1
    told = capsys.readouterr()
    assert "The rules of `acme/policy:emissions.yml@v1` are in force (host contacted: 127.0.0.1)." in told.err
    assert "locks `budgets`: what was set here instead does not count." in told.err
    assert "acme/policy:emissions.yml@v1, line 1" in told.out
    main(["report", "in", "--json"], environ=push)
    assert "locked-override:budgets" in json.loads(capsys.readouterr().out)["flags"]


def test_locked_budgets_beat_what_a_job_was_started_with(push: dict[str, str], github: FakeGitHub) -> None:
    save(footprint(budgets=(replace(grams(80), origin="`--budget`"),)))
    github.elsewhere[POLICY] = b"budgets: [40 g]\nlocked: [budgets]\n"
    own(EXTENDS)

    assert gate(push) == 1


def test_without_a_lock_the_repositorys_budgets_win(push: dict[str, str], github: FakeGitHub) -> None:
    github.elsewhere[POLICY] = b"budgets: [40 g]\non-unknown: fail\n"
    own(EXTENDS)
    assert gate(push) == 1
    own(EXTENDS + "budgets: [80 g]\n")
    assert gate(push) == 0
    assert len(github.sent("GET", "/repos/acme/policy/contents/emissions.yml")) == 2, "one request each"


def test_a_public_file_needs_no_token(push: dict[str, str], github: FakeGitHub) -> None:
    github.elsewhere[POLICY] = b"budgets: [40 g]\n"
    own(EXTENDS)

    assert gate({**push, "GITHUB_TOKEN": ""}) == 1
    assert "authorization" not in github.requests[0].headers


@pytest.mark.parametrize(
    ("content", "fault", "why"),
    [
        (None, {}, "there is no such file, or the token may not see it"),
        (b"budgets: [40]\n", {}, "Budget"),
        (b"budgets: [\n", {}, "Not valid YAML"),
        (b"extends: a/b:c.yml@v1\n", {}, "cannot extend one"),
        (b"\xff", {}, "is not UTF-8 text"),
        (b"x" * 70_000, {}, "longer than 65536 characters"),
        (b"budgets: [80 g]\n", {"status": 403}, "may not read the repository's files"),
        (b"budgets: [80 g]\n", {"reset": "before", "times": 9}, "No usable answer"),
    ],
)
def test_rules_that_cannot_be_had_never_pass(
    push: dict[str, str], github: FakeGitHub, capsys: Any, content: bytes | None, fault: dict[str, Any], why: str
) -> None:
    if content is not None:
        github.elsewhere[POLICY] = content
    if fault:
        github.fail(path="/repos/acme", **fault)
    own(EXTENDS + "budgets: [80 g]\n")

    assert gate(push, "--json") == 0
    verdict = json.loads(capsys.readouterr().out)["verdict"]
    assert verdict["outcome"] == "unknown"
    assert why in verdict["why"]
    assert verdict["findings"][0]["outcome"] == "pass"


def test_unknown_rules_fail_where_unknown_is_to_fail_and_fail_stays_fail(
    push: dict[str, str], github: FakeGitHub
) -> None:
    own(EXTENDS)
    assert gate(push) == 0
    assert gate(push, "--on-unknown", "fail") == 1
    assert gate(push, "--budget", "40 g") == 1
    assert github.sent("GET", "/repos/acme")


def test_a_file_of_the_same_repository_is_read_without_a_request(
    push: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    own("extends: ./org.yml\n")
    Path(".github/org.yml").write_text("budgets: [40 g]\nlocked: [budgets]\n")
    assert gate(push, "--budget", "90 g") == 1

    Path(".github/org.yml").write_text("budgets: [40]\n")
    assert gate(push) == 2
    Path(".github/org.yml").unlink()
    assert gate(push) == 2
    assert "`./org.yml` cannot be read" in capsys.readouterr().err
    own("locked: [budgets]\nbudgets: [40 g]\n")
    assert gate(push) == 2
    assert "It belongs into the file that `extends` names" in capsys.readouterr().err
    assert github.requests == []


def test_a_pull_request_neither_brings_nor_drops_rules_from_above(environ: dict[str, str], github: FakeGitHub) -> None:
    base(github, "extends: ./org.yml\n")
    base(github, "budgets: [40 g]\nlocked: [budgets]\n", ".github/org.yml")
    own("extends: ./org.yml\n")
    Path(".github/org.yml").write_text("budgets: [80 g]\nlocked: [budgets]\n")

    assert gate(environ) == 1
    own("extends: mallory/policy:emissions.yml@v1\n")
    github.elsewhere["mallory/policy", "v1", "emissions.yml"] = b"budgets: [90 g]\nlocked: [budgets]\n"
    assert gate(environ) == 1
    assert github.sent("GET", "mallory") == []


def test_a_locked_site_that_a_job_did_not_have_leaves_its_verdict_open(
    push: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    github.elsewhere[POLICY] = b"site: {region: PL}\nlocked: [site]\n"
    own(EXTENDS + "budgets: [80 g]\n")

    assert gate(push, "--json") == 0
    verdict = json.loads(capsys.readouterr().out)["verdict"]
    assert verdict["outcome"] == "unknown"
    assert "`region` is locked by `acme/policy:emissions.yml@v1`" in verdict["why"]


# The check run


def test_a_check_has_the_verdict_as_its_title(environ: dict[str, str], github: FakeGitHub) -> None:
    assert publish(environ, "--budget", "40 g", check="auto") == 0

    (check,) = github.checks
    assert (check["name"], check["conclusion"], check["head_sha"]) == ("emissions", "failure", github.head_sha)
    assert check["output"]["title"].replace("\u202f", " ") == "❌ 16 % over the carbon budget: 46.4 g of 40 g"
    assert "46.4" in check["output"]["summary"]


@pytest.mark.parametrize(
    ("budget", "inputs", "conclusion"),
    [
        ("50 g", {}, "success"),
        ("46.41 g", {}, "neutral"),
        ("46.41 g", {"on-borderline": "fail"}, "failure"),
        ("40 g", {"gate": "false"}, "neutral"),
        ("", {}, "neutral"),
    ],
)
def test_a_check_fails_only_where_the_job_would(
    environ: dict[str, str], github: FakeGitHub, budget: str, inputs: dict[str, str], conclusion: str
) -> None:
    publish(environ, check="auto", budget=budget, **inputs)

    assert [check["conclusion"] for check in github.checks] == [conclusion]


def test_what_somebody_accepted_is_neutral_and_a_re_run_renews_the_check(
    environ: dict[str, str], github: FakeGitHub
) -> None:
    publish(environ, check="auto", budget="40 g")
    accepted(github)
    publish(environ, check="auto", budget="40 g")

    (check,) = github.checks
    assert check["conclusion"] == "neutral"
    assert check["output"]["title"].endswith(", accepted")


def test_a_check_bears_the_comments_id(environ: dict[str, str], github: FakeGitHub) -> None:
    own("check: auto\n")
    publish(environ, **{"comment-id": "nightly"})

    assert [check["name"] for check in github.checks] == ["emissions / nightly"]


def test_without_the_right_one_warning_has_the_permissions(
    environ: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    github.may_check = False

    assert publish(environ, check="auto", budget="40 g") == 0
    said = capsys.readouterr().out
    assert said.count("::warning") == 1
    assert "checks: write" in said
    assert len(github.own_bodies()) == 1


def test_off_is_off_and_without_a_token_there_is_a_notice(
    environ: dict[str, str], github: FakeGitHub, capsys: Any
) -> None:
    publish(environ, check="off")
    assert publish({**environ, "GITHUB_TOKEN": ""}, check="auto") == 0

    assert github.checks == []
    assert "::notice title=Emissions Reporter::No check" in capsys.readouterr().out
