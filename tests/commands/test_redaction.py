"""No secret of a command line is kept, and nothing else is touched."""

from __future__ import annotations

import pytest

from reporter.commands.redaction import commands_environment, masked, recorded

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
        (["curl", "https://h/x?sig=1&token=abc"], ["curl", "https://h/x?sig=1&token=***"]),
        (["train", '{"token": "abc"}'], ["train", '{"token": "***"}']),
        (["train", "--wandb-key", "abc", "--pwd", "x"], ["train", "--wandb-key", "***", "--pwd", "***"]),
    ],
)
def test_a_command_is_kept_without_its_secrets(command: list[str], kept: list[str]) -> None:
    assert recorded(command, "full", ENVIRON) == tuple(kept)


def test_only_the_program_or_nothing_is_kept_on_request() -> None:
    assert recorded(["train", "--x"], "program", {}) == ("train",)
    assert recorded(["train", "--x"], "off", {}) is None


def test_the_command_does_not_get_the_providers_secrets() -> None:
    environ = commands_environment({"EMISSIONS_WATTTIME_PASSWORD": "x", "PATH": "/bin"})

    assert environ == {"PATH": "/bin"}


def test_a_very_long_argument_is_read_in_no_time() -> None:
    from time import process_time

    words = ["x-" * 60_000, "token" * 20_000, "a-" * 60_000 + "key"]
    began_s = process_time()

    assert recorded(words, "full", {}) is not None
    assert process_time() - began_s < 5, "quadratic: it took minutes"


def test_any_text_can_be_freed_of_the_environments_secrets() -> None:
    environ = {**ENVIRON, "B_TOKEN": "s3cr3t-value-and-more"}

    assert masked("a s3cr3t-value-and-more b s3cr3t-value https://me:pw@h/", environ) == "a *** b *** https://***@h/"
    assert masked("abc stays", environ) == "abc stays"
