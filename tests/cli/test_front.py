"""The front door: help and version with nothing installed, verbs that exist, arguments that belong to the command."""

from __future__ import annotations

import json

import pytest

from tests.cli.command import Emissions

VERBS = (
    "run", "start", "mark", "stop", "report", "publish", "gate", "estimate", "factors", "history", "budget", "doctor",
    "init",
)  # fmt: skip
LATER = ("action",)
OPTIONAL = "yaml jinja2 requests pynvml markupsafe urllib3"
ECHO = "import json, sys; print(json.dumps(sys.argv[1:]))"


@pytest.mark.parametrize("words", [("--version",), ("--help",), *((verb, "--help") for verb in VERBS)], ids=" ".join)
def test_help_and_version_need_nothing_that_is_optional(emissions: Emissions, words: tuple[str, ...]) -> None:
    ran = emissions.observed()(*words, BLOCKED=OPTIONAL)

    assert (ran.status, ran.err) == (0, "")
    assert ran.text.startswith("emissions-reporter " if words == ("--version",) else "usage: emissions")
    assert not {f"import {name}" for name in OPTIONAL.split()} & set(emissions.notes)


def test_the_version_is_the_packages(emissions: Emissions) -> None:
    from reporter import __version__

    assert emissions.quick("--version").text == f"emissions-reporter {__version__}\n"


def test_every_verb_that_is_built_is_listed_and_no_other(emissions: Emissions) -> None:
    listed = {line.split()[0] for line in emissions.quick("--help").text.splitlines() if line.startswith("    ")}

    assert set(VERBS) <= listed
    assert not listed & set(LATER)


@pytest.mark.parametrize("verb", LATER)
def test_a_verb_that_is_not_there_yet_is_a_usage_error(emissions: Emissions, verb: str) -> None:
    ran = emissions.quick(verb)

    assert ran.status == 2
    assert verb in ran.err
    assert ran.is_clean


def test_nothing_at_all_is_a_usage_error_with_the_help_on_stderr(emissions: Emissions) -> None:
    ran = emissions.quick()

    assert (ran.status, ran.out) == (2, b"")
    assert ran.err.startswith("usage: emissions")


def test_help_of_run_names_the_options_of_the_contract(emissions: Emissions) -> None:
    text = emissions.quick("run", "--help").text

    for option in (
        "--out", "--config", "--name", "--region", "--intensity", "--pue", "--budget", "--gate", "--interval",
        "--sources", "--gpus", "--quiet", "--progress", "--record-command", "--metrics",
    ):  # fmt: skip
        assert f"{option} " in text or f"{option}\n" in text, option


def test_everything_after_the_dashes_is_the_commands(emissions: Emissions) -> None:
    words = ["--region", "ZZ", "--help", "--version", "--gate", "", " ", "a\nb", "ü₂", "--", "-", "--out=x", "--quiet"]

    ran = emissions("run", "--quiet", "--", "python3", "-c", ECHO, *words)

    assert ran.status == 0, ran.err
    assert json.loads(ran.out) == words
    assert ran.footprint["job"]["command"] == ["python3", "-c", ECHO, *words]


def test_bytes_that_are_no_text_reach_the_command(emissions: Emissions) -> None:
    ran = emissions.shell("emissions run --quiet -- printf '%s' $'a\\xffb'")

    assert (ran.status, ran.out) == (0, b"a\xffb")
    assert ran.is_clean
    assert ran.footprint["job"]["command"][0] == "printf"


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("run",), "emissions run [options] -- COMMAND"),
        (("run", "--"), "emissions run [options] -- COMMAND"),
        (("run", "python", "train.py"), "emissions run [options] -- python train.py"),
        (("run", "--region", "FR", "python", "train.py", "--lr", "3"), "-- python train.py --lr 3"),
        (("run", "--regoin", "FR", "--", "true"), "Did you mean `--region`?"),
        (("run", "--region", "--", "true"), "--region"),
        (("rnu", "--", "true"), "Did you mean `run`?"),
        (("gate",), "PATH"),
        (("gate", "--jsno", "x"), "Did you mean `--json`?"),
        (("report", "x", "--format", "xml"), "text, markdown, html, json, csv"),
        (("factors", "frobnicate"), "factors list"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_usage_error_says_what_to_write(emissions: Emissions, words: tuple[str, ...], advice: str) -> None:
    ran = emissions.quick(*words)

    assert (ran.status, ran.out) == (2, b"")
    assert advice in ran.err
    assert ran.is_clean
    assert not ran.folder.exists()


def test_options_that_are_not_known_are_told_with_all_else_that_is_wrong(emissions: Emissions) -> None:
    ran = emissions.quick("run", "--regoin", "FR", "--gat", "--pue", "0.5", "--budget", "50", "--", "true")

    assert ran.status == 2
    assert [line.partition("(")[0].strip() for line in ran.err.splitlines()] == [
        "emissions: Option `--regoin` is not known. Did you mean `--region`?",
        "emissions: Option `--gat` is not known. Did you mean `--gate`?",
        "emissions: PUE 0.5 is below 1",
        "emissions: Budget `50` has no unit",
    ]
    assert not ran.folder.exists()


def test_a_bug_ends_with_70_the_traceback_the_versions_and_where_to_report(
    emissions: Emissions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("reporter.commands.doctor.load", broken)

    ran = emissions.quick("doctor")

    assert ran.status == 70
    assert "Traceback" in ran.err
    assert "ZeroDivisionError: a bug" in ran.err
    assert "emissions-reporter 0." in ran.err
    assert "Python 3." in ran.err
    assert "/issues" in ran.err


def test_output_that_nobody_reads_is_no_error(emissions: Emissions, ran: object) -> None:
    piped = emissions.shell("emissions report ran --format html | true; echo ${PIPESTATUS[0]}")
    closed = emissions.shell("emissions report ran >&-")

    assert (piped.text, piped.err) == ("0\n", "")
    assert (closed.status, closed.err) == (0, "")


@pytest.mark.parametrize("words", ["report ran", "gate ran --json", "factors list", "--help"])
def test_output_that_cannot_be_written_is_one_message(emissions: Emissions, ran: object, words: str) -> None:
    full = emissions.shell(f"emissions {words} >/dev/full")

    assert full.status == 3
    assert full.err.startswith("emissions: stdout cannot be written: No space left on device\n")
    assert full.is_clean


def test_a_terminal_without_unicode_shows_what_it_can(emissions: Emissions, ran: object) -> None:
    text = emissions("report", "ran", PYTHONIOENCODING="ascii")
    machine = emissions("report", "ran", "--json", "--name", "é₂😀", PYTHONIOENCODING="ascii")

    assert text.status == 0, text.err
    assert text.out.isascii()
    assert machine.json["job"]["name"] == "é₂😀"


@pytest.mark.parametrize(
    ("words", "message", "advice"),
    [
        (("report",), "There is nothing to report", "`emissions report emissions-report`"),
        (("compare", "one"), "There is nothing to compare", "`emissions compare BASE HEAD`"),
        (("factors", "show"), "There is nothing to show", "`factors show REGION`"),
        (
            ("run", "--format", "html", "--", "true"),
            "`emissions run` has no option `--format`",
            "`emissions report` has",
        ),
        (("doctor", "--budget", "3 g"), "`emissions doctor` has no option `--budget`", "`emissions run` has"),
    ],
)
def test_what_is_missing_is_said_with_what_to_write(
    emissions: Emissions, words: tuple[str, ...], message: str, advice: str
) -> None:
    ran = emissions.quick(*words)

    assert (ran.status, ran.out) == (2, b"")
    assert message in ran.err
    assert advice in ran.err
    assert ran.is_clean
