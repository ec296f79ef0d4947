"""A whole job against a forge that answers oddly: labels, permissions, the base branch's rules, pulls, check runs."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from hypothesis import strategies as st

from reporter.http import Client, Reply
from reporter.publish.github import GitHub
from reporter.publish.marker import Run, key_of, mark
from reporter.publish.shared import publish_section
from reporter.publish.sticky import publish_comment
from tests.fuzz.case import Case, Finding, Pieces, whole
from tests.fuzz.files import ENVIRON, yaml_text
from tests.fuzz.material import MARKS, bombs, broken, dumps, events, footprints, mutants
from tests.fuzz.oracle import harmless, published
from tests.fuzz.replies import ASKED, HEADERS, SHA, STATUSES, TOKEN
from tests.report.hostile import TEXTS

PULL, FORK = "pull_request_synchronize", "workflow_run_fork"
ACCEPTED, TRUSTED = "emissions-accepted", "emissions-trusted"
LATER = "2030-01-01T00:00:00Z"
CONFIG = f"""version: 1
budgets: [{{max: 1 g}}, {{max: 1 kWh, metric: energy, per: job}}]
override: {{label: {ACCEPTED}}}
overrides:
  - {{rule: emissions, until: "2099-01-01", reason: "REASON", by: "WHO"}}
check: auto
"""
SOMEBODY = {"login": "octocat", "type": "User"}


ROUTES = (
    ("/labels", "labels"), ("/events", "timeline"), ("/permission", "permission"), ("/issues/comments/", "comment"),
    ("/issues/", "comments"), ("/check-runs", "checks"), ("/artifacts", "artifacts"), ("/contents/", "contents"),
    ("/pulls/", "pull"), ("/pulls", "pulls"), ("/user", "user"), ("/graphql", "graphql"),
)  # fmt: skip


@cache
def documents() -> Mapping[str, Any]:
    """What GitHub would answer, by route."""
    comment = {
        "id": 7, "user": {"login": "github-actions[bot]", "type": "Bot"}, "html_url": "https://github.example/o/r#c7",
        "body": mark("# Hello", key=key_of("emissions"), run=Run(run_id=1, number=1)),
    }  # fmt: skip
    said = {**comment, "id": 8, "user": SOMEBODY, "body": f"{ACCEPTED}: because\n{TRUSTED}: I ran it"}
    payloads = dict(events())
    run, pull = payloads[FORK]["workflow_run"], payloads[PULL]["pull_request"]
    repository = {"full_name": payloads[FORK]["repository"]["full_name"]}
    return {
        "labels": [{"name": ACCEPTED}, {"name": TRUSTED}],
        "timeline": [
            {"event": "labeled", "label": {"name": name}, "actor": SOMEBODY, "created_at": LATER}
            for name in (ACCEPTED, TRUSTED)
        ],
        "permission": {"permission": "write"},
        "comment": comment,
        "comments": [comment, said],
        "checks": {"id": 3, "check_runs": [{"id": 3, "external_id": "x"}], "total_count": 1},
        "artifacts": {"artifacts": [{"id": 9, "name": "emissions-x", "size_in_bytes": 4000, "expired": False}]},
        "pull": {"head": {"sha": pull["head"]["sha"]}, "base": {"sha": SHA}},
        "pulls": [
            {
                "number": 7, "state": "open",
                "head": {"sha": run["head_sha"], "repo": {"full_name": run["head_repository"]["full_name"]}},
                "base": {"sha": SHA, "ref": "main", "repo": repository},
            }
        ],
        "user": {"message": "Resource not accessible by integration"},
        "graphql": {"message": "Not Found"},
    }  # fmt: skip


@st.composite
def answers(draw: st.DrawFn) -> Case:
    """Answers by route, some of them odd."""
    stage = draw(st.sampled_from((PULL, PULL, FORK)))
    found = dict(documents())
    bodies: dict[str, Pieces] = {name: dumps(document) for name, document in found.items()}
    reason, who = (json.dumps(draw(st.one_of(TEXTS, st.sampled_from(MARKS))))[1:-1] for _ in range(2))
    bodies["contents"] = _file(draw, CONFIG.replace("REASON", reason).replace("WHO", who).encode("utf-8", "replace"))
    bodies["zip"] = _archive(draw)
    statuses = dict.fromkeys(bodies, 200) | {"user": 403, "graphql": 404}
    headers: dict[str, Mapping[str, str]] = {}
    for name in draw(st.lists(st.sampled_from(tuple(documents())), max_size=3)):
        how = draw(st.sampled_from(("value", "value", "text", "text", "bytes", "bomb", "status", "headers")))
        if how == "bomb":
            bodies[name] = draw(bombs())
        elif how == "bytes":
            bodies[name] = whole(draw(broken(json.dumps(found[name]).encode())))
        elif how == "status":
            statuses[name] = draw(st.sampled_from(STATUSES))
        elif how == "headers":
            headers[name] = draw(st.sampled_from(HEADERS))
        else:
            bodies[name] = dumps(draw(mutants(found[name])) if how == "value" else _told(draw, found[name]))
    files = {
        f"answer-{name}": [*whole(json.dumps([statuses[name], headers.get(name, {})]) + "\n"), *body]
        for name, body in bodies.items()
    }
    files |= {"good.json": dumps(footprints()[1]), "event.json": dumps(dict(events())[stage]), "c.yml": whole(CONFIG)}
    environ = {
        **ENVIRON, "GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": "event.json", "GITHUB_TOKEN": TOKEN,
        "GITHUB_EVENT_NAME": "workflow_run" if stage == FORK else "pull_request",
        "GITHUB_REPOSITORY": dict(events())[stage]["repository"]["full_name"],
        "GITHUB_API_URL": "https://api.github.example", "GITHUB_SHA": "d" * 40, "GITHUB_RUN_ID": "42",
        "GITHUB_RUN_NUMBER": "2", "GITHUB_STEP_SUMMARY": "summary.md", "GITHUB_OUTPUT": "output",
    }  # fmt: skip
    verb = draw(st.sampled_from(("publish", "publish", "gate")))
    words = (verb, *(() if stage == FORK else ("good.json",)), "--config", "c.yml")
    if verb == "publish" and draw(st.integers(0, 3)) == 0:
        words += ("--comment-section", "auto")
    return Case("forge", files, (words,), environ)


def _told(draw: st.DrawFn, document: Any) -> Any:
    """The same with somebody's words in it."""
    text = draw(st.one_of(TEXTS, st.sampled_from(MARKS)))
    return json.loads(re.sub(r"octocat|because|I ran it|main\b|emissions-x", lambda _: json.dumps(text)[1:-1],
                             json.dumps(document)))  # fmt: skip


def _file(draw: st.DrawFn, content: bytes) -> Pieces:
    how = draw(st.sampled_from(("true", "true", "true", "yaml", "bytes", "encoding")))
    if how == "yaml":
        content = b"".join(text.encode("latin-1") * times for text, times in draw(yaml_text()))[: 1 << 20]
    elif how == "bytes":
        content = draw(broken(content))
    encoded = base64.encodebytes(content).decode()
    body = {"type": "file", "encoding": "base64", "content": encoded if how != "encoding" else draw(TEXTS)}
    return dumps(draw(mutants(body, most=1)) if draw(st.integers(0, 9)) == 0 else body)


def _archive(draw: st.DrawFn) -> Pieces:
    from tests.fuzz.files import foot

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        pieces = draw(foot()) if draw(st.booleans()) else dumps(footprints()[0])
        size = sum(len(text) * times for text, times in pieces)
        data = b"".join(text.encode("latin-1") * times for text, times in pieces) if size < 9 << 20 else b"{}"
        made.writestr("a/footprint.json", data)
    return whole(buffer.getvalue())


@contextmanager
def answered(case: Case) -> Iterator[list[str]]:
    """Every client is answered from the case's files, and no time passes but what is waited; the texts that were sent."""
    now_s, sent, asked = [0.0], list[str](), [0]

    def wait(seconds: float) -> None:
        now_s[0] += seconds

    def clock() -> float:
        return now_s[0]

    def reply(client: Client, request: Any) -> Reply:
        asked[0] += 1
        now_s[0] += 0.1
        if asked[0] > ASKED:
            raise Finding(f"a storm: more than {ASKED} requests")
        path = urlsplit(request.url).path
        name = "zip" if path.endswith("/zip") else next((name for part, name in ROUTES if part in path), "user")
        if request.data:
            sent.append(request.data.decode("ascii"))
            name = "comment" if name == "comments" else name
        head, _, body = case.data(f"answer-{name}").partition(b"\n")
        status, headers = json.loads(head)
        unreachable = client._unreachable
        return Reply(
            status=status, url=request.url.partition("?")[0], headers=headers, body=body, unreachable=unreachable
        )

    timed = {Client.__init__: ("sleep", "clock"), GitHub.__init__: ("sleep", "clock"), publish_comment: ("pause",),
             publish_section: ("pause", "clock")}  # fmt: skip
    with ExitStack() as stack:
        for function, names in timed.items():
            changed = {name: clock if name == "clock" else wait for name in names}
            stack.enter_context(patch.dict(function.__kwdefaults__, changed))
        stack.enter_context(patch.object(Client, "_within_deadline", reply))
        yield sent


def asked(case: Case, folder: Path) -> None:
    """A status, and words that only speak: in the log, the summary, the comment and the check."""
    with answered(case) as sent:
        published(case, folder)
    for text in sent:
        if TOKEN in text:
            raise Finding("the token is in a body")
        body = json.loads(text)
        words = [body.get("body"), *(body.get("output") or {}).values()] if "query" not in body else []
        for word in words:
            if isinstance(word, str):
                harmless(word, "markdown")
