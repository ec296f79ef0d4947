"""No secret of a command line is kept, and nothing else is touched."""

from __future__ import annotations

import pytest

from reporter.commands.beside.redaction import commands_environment, masked, recorded

ENVIRON = {"MY_API_TOKEN": "s3cr3t-value", "SHORT_TOKEN": "abc", "HOME": "/home/me"}


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        (["train", "--epochs", "3"], ["train", "--epochs", "3"]),
        (["train", "--token", "abcdef"], ["train", "--token", "***"]),
        (["train", "--api-key=abcdef"], ["train", "--api-key=***"]),
        (["train", "-password", "x"], ["train", "-password", "***"]),
        (["env", "API_KEY=xyz", "train"], ["env", "API_KEY=***", "train"]),
        (["train", "--token", "--verbose"], ["train", "--token", "--verbose"]),
        (["curl", "https://me:pw@host/x"], ["curl", "https://***@host/x"]),
        (["sh", "-c", "echo s3cr3t-value"], ["sh", "-c", "echo ***"]),
        (["abc", "--author", "me"], ["abc", "--author", "***"]),
        (["train", "--tokenizer", "bert", "--max-tokens", "9"], ["train", "--tokenizer", "bert", "--max-tokens", "9"]),
        (["python", "-u", "train.py"], ["python", "-u", "train.py"]),
        (["curl", "-u", "me:pw"], ["curl", "-u", "***"]),
        (["curl", "-H", "Authorization: Bearer abc.def"], ["curl", "-H", "Authorization: ***"]),
        (["curl", "--header=X-Api-Key: abc"], ["curl", "--header=X-Api-Key: ***"]),
        (["curl", "https://h/x?sig=1&token=abc"], ["curl", "https://h/x?sig=***&token=***"]),
        (["train", '{"token": "abc"}'], ["train", '{"token": "***"}']),
        (["train", "--wandb-key", "abc", "--pwd", "x"], ["train", "--wandb-key", "***", "--pwd", "***"]),
    ],
)
def test_a_command_is_kept_without_its_secrets(command: list[str], kept: list[str]) -> None:
    assert recorded(command, "full", ENVIRON) == tuple(kept)


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_" + "a1B2" * 9, "gho_" + "a1B2" * 9, "ghs_" + "a1B2" * 9,
        "github_pat_11AAAAAAA0" + "b" * 22 + "_" + "c" * 59,
        "glpat-" + "x_-Y" * 5, "hf_" + "aB" * 17, "AKIAIOSFODNN7EXAMPLE", "sk-proj-" + "a" * 40, "xoxb-1234-5678-abcd",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_", "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END",
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["{}", "FOO={}", "https://{}@h/x", "--into={}:/x", "echo {}; train", "{{'a': '{}'}}"])
def test_what_shows_by_its_form_that_it_is_a_secret_is_kept_nowhere(secret: str, place: str) -> None:
    kept = recorded(["env", place.format(secret)], "full", {})

    assert kept is not None
    assert secret not in kept[1]
    assert secret[8:-4] not in kept[1]
    assert "***" in kept[1]


@pytest.mark.parametrize(
    ("script", "kept"),
    [
        ("train --token abc --x 1", "train --token *** --x 1"),
        ("train --password 'a b'; rm x", "train --password '***'; rm x"),
        ("train --api-key --x", "train --api-key --x"),
        ('{"password": "a b c", "x": 1}', '{"password": "***", "x": 1}'),
        ("curl -H 'Cookie: a=b; c=d' h", "curl -H 'Cookie: ***' h"),
        ("curl -H 'authorization: Basic dXNlcjpwYXNz' h", "curl -H 'authorization: ***' h"),
        ("psql postgres://u:p@ss@h/db", "psql postgres://***@h/db"),
        ("Bearer abcdef123", "Bearer ***"),
        ("the token of the bearer is refused, keyboard", "the token of the bearer is refused, keyboard"),
        ("use a pass-through; sign=1", "use a pass-through; sign=1"),
    ],
)
def test_a_script_is_kept_without_its_secrets(script: str, kept: str) -> None:
    assert masked(script, {}) == kept


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["psql", "postgres://u:p@h/db?password=pw"], ["psql", "postgres://***@h/db?password=***"]),
        (["curl", "-ume:pw"], ["curl", "-u***"]),
        (["curl", "--user=me:pw"], ["curl", "--user=***"]),
        (["aws", "set", "aws_secret_access_key", "x"], ["aws", "set", "aws_secret_access_key", "***"]),
        (["x", "--pass", "hunter2"], ["x", "--pass", "***"]),
        (["docker", "run", "--user=1000", "-u1000", "x"], ["docker", "run", "--user=1000", "-u1000", "x"]),
    ],
)  # fmt: skip
def test_logins_of_several_forms_are_kept_without_their_secrets(words: list[str], kept: list[str]) -> None:
    assert recorded(words, "full", {}) == tuple(kept)


def test_only_the_program_or_nothing_is_kept_on_request() -> None:
    assert recorded(["train", "--x"], "program", {}) == ("train",)
    assert recorded(["train", "--x"], "off", {}) is None


def test_the_command_does_not_get_the_providers_secrets() -> None:
    environ = commands_environment({"EMISSIONS_WATTTIME_PASSWORD": "x", "PATH": "/bin"})

    assert environ == {"PATH": "/bin"}


def test_a_very_long_argument_is_read_in_no_time() -> None:
    from time import process_time

    runs = ("eyJ-", "--token ", "-----BEGIN PRIVATE KEY-----", "://a@", "sk-", "bearer ", "token", "x-")
    words = [*(text * (120_000 // len(text)) for text in runs), "a-" * 60_000 + "key", "token" + " " * 99_000]
    began_s = process_time()

    assert recorded(words, "full", {}) is not None
    assert process_time() - began_s < 5, "quadratic: it took minutes"


def test_any_text_can_be_freed_of_the_environments_secrets() -> None:
    environ = {**ENVIRON, "B_TOKEN": "s3cr3t-value-and-more"}

    assert masked("a s3cr3t-value-and-more b s3cr3t-value https://me:pw@h/", environ) == "a *** b *** https://***@h/"
    assert masked("abc stays", environ) == "abc stays"
