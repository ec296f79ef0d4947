"""What holds for every verb: nobody is called, no secret gets out, and what it is given is no more than words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reporter.commands.options import ARGUMENTS, OPTIONS, VERBS
from reporter.commands.output import report_bug
from tests.cli.command import Emissions, Ran
from tests.cli.every_verb import CALLS, RUN, called, hostile_footprint, notes_of, watched
from tests.github.fake import FakeGitHub
from tests.report.injection import COMMAND, invisible

SECRETS = {
    name: f"s3cr3t{number}qx" + "abcdefghijklmnop"[number] * 24
    for number, name in enumerate(
        (
            "GITHUB_TOKEN", "GH_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "HF_TOKEN",
            "EMISSIONS_ELECTRICITYMAPS_TOKEN", "EMISSIONS_WATTTIME_USER", "EMISSIONS_WATTTIME_PASSWORD",
            "AWS_SECRET_ACCESS_KEY", "WANDB_API_KEY", "DB_PASSWORD",
        )
    )
}  # fmt: skip
ESCAPES = "\x1b]0;x\x07\x1b[31m\x9b2J\u202e\u2066##[error]x\n::error::y\r\u2028"
NOBODY = "http://127.0.0.1:9"


def secrets_in(text: str) -> set[str]:
    return {name for name, secret in SECRETS.items() if secret in text}


def files_below(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file() and path.parent.name != "watcher")


def leaks(emissions: Emissions, ended: list[Ran]) -> list[object]:
    """Where a secret came out: what was printed, what was written, and what processes were started with."""
    out = [(place, found) for ran in ended for place in (ran.text, ran.err) if (found := secrets_in(place))]
    written = [
        (path, found)
        for path in files_below(emissions.cwd.parent, Path(emissions.environ["HOME"]))
        if (found := secrets_in(path.read_bytes().decode("utf-8", "replace")))
    ]
    started = [(line, found) for line in notes_of(emissions, "started") if (found := secrets_in(line))]
    return [*out, *written, *started]


def test_all_verbs_are_called_here() -> None:
    assert {call[0] for call in CALLS} == set(VERBS)


def test_no_verb_calls_anybody_unless_it_is_asked_to(emissions: Emissions) -> None:
    emissions = watched(emissions)

    ended = called(emissions)

    assert [(ran.status, ran.err) for ran in ended if ran.status or not ran.is_clean] == []
    assert notes_of(emissions, "contact") == []


def test_a_provider_that_is_asked_for_is_seen(emissions: Emissions) -> None:
    """The watcher sees processes in the background, too."""
    emissions = watched(emissions)

    called(emissions, (("start", "--region", "auto"), ("stop",)), http_proxy=NOBODY)

    assert notes_of(emissions, "contact")


def test_no_verb_lets_a_secret_out(emissions: Emissions) -> None:
    emissions = watched(emissions)
    command = (
        "run",
        "--region",
        "FR",
        "--",
        "sh",
        "-c",
        "true",
        f"--key={SECRETS['HF_TOKEN']}",
        SECRETS["DB_PASSWORD"],
    )

    ended = called(emissions, (*CALLS, command), **SECRETS, GITHUB_API_URL=NOBODY)

    assert all(ran.is_clean for ran in ended)
    printed_or_written = [found for found in leaks(emissions, ended) if "'--key=" not in str(found)]
    assert printed_or_written == [], "but for the arguments that the user gave to a command of the user's"


ONLINE = (
    ("publish", "emissions-report", "--pull-request", "7", "--check", "auto"),
    ("doctor", "--online"),
    ("gate", "emissions-report", "--budget", "+10%"),
    ("history", "show", "--history", "branch"),
    ("history", "show", "--history", "artifact"),
    ("run", "--region", "FR", "--intensity", "electricitymaps", "--", "true"),
    ("run", "--region", "US-CA", "--intensity", "watttime", "--", "true"),
)


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"times": 99, "status": 401, "body": {"message": f"Bad credentials {SECRETS['GITHUB_TOKEN']}"}},
        {"times": 99, "status": 403, "body": {"message": f"No {SECRETS['GITHUB_TOKEN']} {ESCAPES}"}},
        {"times": 99, "garbage": f"<html>{SECRETS['GITHUB_TOKEN']}</html>"},
        {"times": 99, "reset": "body"},
    ],
    ids=["well", "401 that echoes", "403 that echoes", "a page that echoes", "cut off"],
)
def test_no_failure_of_the_network_lets_a_secret_out(
    emissions: Emissions, github: FakeGitHub, fault: dict[str, Any]
) -> None:
    emissions = watched(emissions)
    github.check = None  # these answers are unlike GitHub's on purpose
    if fault:
        github.fail(**fault)
    proxy = f"http://user:{SECRETS['DB_PASSWORD']}@127.0.0.1:9"
    environ = {
        **SECRETS, "GITHUB_API_URL": github.url, "GITHUB_SERVER_URL": github.url, "https_proxy": proxy,
        "no_proxy": "127.0.0.1",
    }  # fmt: skip

    ended = called(emissions, (RUN, *ONLINE), **environ)

    assert [ran.err for ran in ended if not ran.is_clean] == []
    assert notes_of(emissions, "contact")
    assert leaks(emissions, ended) == []
    assert [bad for ran in ended if (bad := invisible(ran.err) or COMMAND.findall(ran.err))] == []


def test_a_bug_is_told_without_secrets(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    try:
        {}[f"https://x:{SECRETS['GITHUB_TOKEN']}@h/ {SECRETS['DB_PASSWORD']} {ESCAPES}"]
    except KeyError:
        report_bug()

    told = capsys.readouterr().err
    assert "KeyError" in told
    assert "***" in told
    assert secrets_in(told) == set()
    assert (invisible(told), COMMAND.findall(told)) == ([], [])


@pytest.mark.parametrize("verb", VERBS)
def test_no_value_of_an_option_moves_the_terminal_or_commands_the_runner(
    emissions: Emissions, ran: Path, verb: str
) -> None:
    arguments = ["ran", "ran"][: {"PATH": 2 if verb == "compare" else 1}.get(str(ARGUMENTS.get(verb, ("",))[0]), 0)]
    after = ["--", "true"] if verb == "run" else []
    for name in (
        *(option for option, _, _ in OPTIONS[verb] if option not in ("out", "to", "dir")),
        "budget",
        "nonsense",
    ):
        ended = emissions.quick(verb, *arguments, f"--{name}", ESCAPES, *after)

        assert ended.is_clean, (name, ended.err)
        assert (invisible(ended.err), COMMAND.findall(ended.err)) == ([], []), name
        bare = "".join(line for line in ended.text.splitlines() if not line.startswith("::"))
        assert (invisible(bare), COMMAND.findall(bare)) == ([], []), name


@pytest.mark.parametrize(
    "words",
    ["compare hostile.json ran", "compare ran hostile.json --format markdown", "report hostile.json",
    "gate hostile.json",
     "history add hostile.json --history file:h.jsonl", "history show --history file:h.jsonl",
     "history export --format csv --history file:h.jsonl", "history show --json --history file:h.jsonl",
     "history export --format json --history file:h.jsonl", "budget suggest --history file:h.jsonl",
     "publish hostile.json", "publish hostile.json --dry-run"],
)  # fmt: skip
def test_no_name_of_a_job_moves_the_terminal_or_commands_the_runner(
    emissions: Emissions, ran: Path, words: str
) -> None:
    (emissions.cwd / "hostile.json").write_text(hostile_footprint(ESCAPES))
    emissions.quick("history", "add", "hostile.json", "--history", "file:h.jsonl")

    ended = emissions.quick(*words.split())

    assert ended.is_clean, ended.err
    for text in (ended.err, ended.text):
        assert (invisible(text.replace("\r\n", "\n")), COMMAND.findall(text)) == ([], [])


def test_a_file_that_is_called_badly_is_named_without_harm(emissions: Emissions) -> None:
    name = ESCAPES.replace("\n", "")
    for verb in ("report", "gate", "publish"):
        (emissions.cwd / name).write_text("{")

        ended = emissions.quick(verb, name)

        assert ended.status == 3
        assert re.search(r"\\x1b", ended.err)
        assert (invisible(ended.err), COMMAND.findall(ended.err)) == ([], [])
