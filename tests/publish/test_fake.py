"""The fake is held to GitHub's description, so it must notice when one of the two sides is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from reporter.http import Client
from tests.github.fake import FakeGitHub

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("verb", "path", "payload"),
    [
        ("GET", "/repos/octo-org/octo-repo/nowhere", None),
        ("POST", "/repos/octo-org/octo-repo/issues/7/comments", {}),
        ("POST", "/repos/octo-org/octo-repo/issues/7/comments", {"body": 3}),
        ("GET", "/repos/octo-org/octo-repo/issues/x/comments", None),
        ("GET", "/repos/octo-org/octo-repo/issues/7/comments?page=one", None),
    ],
)
def test_a_request_unlike_the_description_is_noticed(github: FakeGitHub, verb: str, path: str, payload: object) -> None:
    github.fail(status=200, body=[])

    Client(github.url, "token").send(verb, path, payload=payload)

    assert len(github.violations) == 1
    github.violations.clear()


def test_an_answer_unlike_the_description_is_noticed(github: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github, "_json", lambda comment: {"id": comment.id})

    Client(github.url, "token").send("POST", "/repos/octo-org/octo-repo/issues/7/comments", payload={"body": "x"})

    assert "required" in github.violations[0]
    github.violations.clear()


def test_a_pull_request_is_found_by_its_head(github: FakeGitHub) -> None:
    client = Client(github.url, "token")

    found = client.send("GET", "/repos/octo-org/octo-repo/pulls?head=octo-org:changes&state=open").json()
    none = client.send("GET", "/repos/octo-org/octo-repo/pulls?head=other:changes&state=open").json()

    assert isinstance(found, list)
    assert [pull["head"]["sha"] for pull in found] == [github.head_sha]
    assert none == []


def test_page_links_are_githubs(github: FakeGitHub) -> None:
    for index in range(70):
        github.add_comment(str(index))
    client = Client(github.url, "token")
    base = f"{github.url}/repositories/1296269/issues/7/comments"
    first, last = f'<{base}?per_page=30&page=1>; rel="first"', f'<{base}?per_page=30&page=3>; rel="last"'

    links = [
        client.send("GET", f"/repos/octo-org/octo-repo/issues/7/comments?page={page}").headers.get("link")
        for page in (1, 2, 3)
    ]

    assert links == [
        f'<{base}?per_page=30&page=2>; rel="next", {last}',
        f'<{base}?per_page=30&page=1>; rel="prev", <{base}?per_page=30&page=3>; rel="next", {last}, {first}',
        f'<{base}?per_page=30&page=2>; rel="prev", {first}',
    ]


def test_the_fake_runs_on_its_own(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    command = [sys.executable, str(ROOT / "tests/github/fake.py"), "--log", str(log), "--permission", "read"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            request = urllib.request.Request(
                f"{url}/repos/octo-org/octo-repo/issues/7/comments", headers={"Authorization": "Bearer x"}
            )
            with urllib.request.urlopen(request, timeout=10) as reply:
                assert json.load(reply) == []
        finally:
            process.terminate()

    line = json.loads(log.read_text(encoding="utf-8"))
    assert (line["method"], line["status"]) == ("GET", 200)


@pytest.mark.parametrize("event", sorted(path.stem for path in (ROOT / "tests/data/events").glob("*.json")))
def test_event_payloads_are_what_their_names_say(event: str) -> None:
    payload = json.loads((ROOT / f"tests/data/events/{event}.json").read_text(encoding="utf-8"))

    assert payload["repository"]["full_name"]
    assert ("pull_request" in payload) is event.startswith("pull_request_")
    assert bool(payload.get("issue", {}).get("pull_request")) is (event == "issue_comment_on_pull_request")
    if "pull_request" in payload:
        from_a_fork = payload["pull_request"]["head"]["repo"]["full_name"] != payload["repository"]["full_name"]
        assert from_a_fork is (event == "pull_request_fork")
