"""Targets that are answers of GitHub, and archives and branches that others filled."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from reporter.errors import ReporterError
from reporter.history import PullRequest, Surroundings
from reporter.history.artifact import ArtifactStore
from reporter.history.tree import Tree, added, compacted, is_crowded, pruned
from reporter.http import Client, Reply
from reporter.publish.check import CheckRun, Checks, Conclusion
from reporter.publish.github import GitHub
from reporter.publish.labels import Labels
from reporter.publish.marker import Run, mark
from reporter.publish.sections import Section
from reporter.publish.shared import publish_section
from reporter.publish.sticky import publish_comment
from tests.fuzz.case import Case, Finding, Pieces, whole
from tests.fuzz.files import foot
from tests.fuzz.material import MARKS, ODD, TEXTS, bombs, broken, dumps, history, mutants

ASKED = 400
TOKEN = "ghs_0123456789abcdef0123456789abcdef"
SHA = "ec26c3e57ca3a959ca5aad62de7213c562f8c821"


class Canned(Client):
    """The real client, answered from a list instead of a wire; no time passes."""

    def __init__(self, replies: list[Reply], base: str = "https://api.github.example") -> None:
        self._now_s = 0.0
        super().__init__(base, TOKEN, sleep=self._pass, clock=lambda: self._now_s)
        self.replies, self.asked = replies, 0

    def _pass(self, seconds: float) -> None:
        self._now_s += seconds

    def _within_deadline(self, request: Any) -> Any:
        self.asked += 1
        self._now_s += 0.1
        if self.asked > ASKED:
            raise Finding(f"a storm: more than {ASKED} requests")
        return self.replies[(self.asked - 1) % len(self.replies)]


def replies_of(case: Case) -> list[Reply]:
    """The files `0`, `1`, …: a line with status and headers as JSON, and the body."""
    found = []
    for name in sorted(case.files, key=int):
        head, _, body = case.data(name).partition(b"\n")
        status, headers = json.loads(head)
        found.append(Reply(status=status, url="https://api.github.example/x", headers=headers, body=body))
    return found


COMMENT = {
    "id": 7, "body": mark("# Hello", key="x", run=Run(run_id=1, number=1)),
    "html_url": "https://github.com/o/r/pull/1#c7",
    "user": {"login": "github-actions[bot]", "type": "Bot"}, "created_at": "2026-01-01T00:00:00Z",
}  # fmt: skip
EXAMPLES: tuple[Any, ...] = (
    [COMMENT] * 3, COMMENT, {"login": "octocat"}, {"message": "Not Found"}, {"message": "API rate limit exceeded"},
    {"head": {"sha": SHA}, "base": {"sha": SHA}}, {"type": "file", "encoding": "base64", "content": "aGk=\n"},
    [{"name": "emissions-accepted", "event": "labeled", "label": {"name": "emissions-accepted"},
      "actor": {"login": "a", "type": "User"}, "created_at": "2026-01-01T00:00:00Z"}],
    {"permission": "write"}, {"check_runs": [{"id": 3, "external_id": "x"}], "total_count": 1},
    {"data": {"repository": {"pullRequest": {"headRefOid": SHA, "comments": {
        "pageInfo": {"hasNextPage": True, "endCursor": "x"},
        "nodes": [{"fullDatabaseId": "7", "viewerDidAuthor": True, "isMinimized": False, "body": COMMENT["body"],
        "url": "u"}],
    }}}}},
    {"workflow_runs": [{"id": 5, "event": "push", "head_branch": "main", "head_repository": {"full_name": "o/r"}}]},
    {"artifacts": [{"id": 9, "name": "emissions-x", "size_in_bytes": 4000, "expired": False}]},
)  # fmt: skip
HEADERS = (
    {}, {"link": '<https://api.github.example/x?page=2>; rel="next"'}, {"link": '<https://evil.example/x>; rel="next"'},
    {"link": "<" * 3000 + ">; rel=next"}, {"retry-after": "5"}, {"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"},
    {"retry-after": "9" * 400}, {"retry-after": "-1"}, {"retry-after": "Sun, 06 Nov 1994 08:49:37 +9999"},
    {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "99999999999999"}, {"location": "https://evil.example/"},
    {"location": "//[x"}, {"location": "/y"}, {"location": ""},
)  # fmt: skip
STATUSES = (200, 200, 200, 200, 200, 201, 204, 301, 302, 304, 401, 403, 404, 409, 410, 422, 429, 500, 502, 200)
VERBS = ("comment", "comment by graphql", "section", "labels", "check", "file", "artifact")


@st.composite
def reply(draw: st.DrawFn) -> Pieces:
    head = json.dumps([draw(st.sampled_from(STATUSES)), draw(st.sampled_from(HEADERS))])
    how = draw(st.sampled_from(("true", "value", "value", "bytes", "bomb")))
    document = draw(st.sampled_from(EXAMPLES))
    body = (
        draw(bombs())
        if how == "bomb"
        else whole(draw(broken(json.dumps(document).encode())))
        if how == "bytes"
        else dumps(draw(mutants(document)) if how == "value" else document)
    )
    return [*whole(head + "\n"), *body]


@st.composite
def api(draw: st.DrawFn) -> Case:
    answers = draw(st.lists(reply(), min_size=1, max_size=8))
    files = {str(index): pieces for index, pieces in enumerate(answers)}
    return Case("api", files, ((draw(st.sampled_from(VERBS)),),))


def ask(case: Case, _folder: Path) -> None:
    """Whatever GitHub answers: done, or an error of ours that says so in words that only speak."""
    client = Canned(replies_of(case))
    _expect_errors(lambda: _asked(case.calls[0][0], client))


def _asked(verb: str, client: Canned) -> None:
    graphql = "https://api.github.example/graphql" if "graphql" in verb else None
    forge = GitHub(client, "o/r", graphql_url=graphql, sleep=client._pass, clock=lambda: client._now_s)
    run = Run(run_id=2, number=2, head_sha=SHA)
    if verb.startswith("comment"):
        publish_comment(
            forge, pull_request=1, comment_id="x", run=run, bodies=iter(["# Report", "short"]), pause=client._pass
        )
    elif verb == "section":
        publish_section(
            forge,
            pull_request=1,
            comment_id="x",
            section=Section(key="leg", name="leg", run=run, facts="{}", body="b"),
            compose=lambda sections, _run, _most: "\n".join(section.name for section in sections),
            pause=client._pass,
            clock=lambda: client._now_s,
        )
    elif verb == "labels":
        Labels(client, "o/r").on(1, "emissions-accepted")
    elif verb == "check":
        check = CheckRun("emissions", SHA, "x", Conclusion.SUCCESS, "title", ["summary"])
        Checks(client, "o/r").post(check)
    elif verb == "file":
        forge.file_at("a/b.yml", SHA)
        forge.base_sha(1)
    else:
        _store(client, client).load()


def _store(api: Client, storage: Client) -> ArtifactStore:
    from reporter.export import json as codec

    return ArtifactStore(
        Surroundings(
            api=api,
            connect=lambda _origin: storage,
            repository="o/r",
            base_branch="main",
            pull_request=PullRequest(7, "main", "o/r"),
            footprints=lambda text, name: codec.loads(text, origin=name),
        )
    )


def _expect_errors(do: Callable[[], object]) -> None:
    try:
        do()
    except ReporterError as error:
        said = f"{error.message}\n{error.hint or ''}"
        if TOKEN in said:
            raise Finding("the token is in an error") from None
        if len(said) > 10_000:
            raise Finding("more is said than anybody reads") from None


@st.composite
def archive(draw: st.DrawFn) -> Case:
    """A zip of footprints, and of what pretends to be one."""
    buffer = io.BytesIO()
    texts = st.one_of(st.sampled_from(MARKS), TEXTS, st.sampled_from(("a", "../../x", "/etc", "a" * 3000)))
    with zipfile.ZipFile(
        buffer, "w", draw(st.sampled_from((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2)))
    ) as made:
        for index in range(draw(st.sampled_from((0, 1, 1, 2, 3, 40, 101)))):
            name = f"x{draw(texts)}{index}/footprint.json" if index < 3 else f"{index}/footprint.json"
            made.writestr(name.encode("utf-8", "replace").decode(), _member(draw, index))
    data = buffer.getvalue()
    if draw(st.booleans()):
        data = draw(broken(data))
    listing = draw(mutants(EXAMPLES[-1])) if draw(st.integers(0, 3)) == 0 else EXAMPLES[-1]
    files = {"a.zip": whole(data), "runs": dumps(EXAMPLES[-2]), "artifacts": dumps(listing)}
    return Case("archive", files)


def _member(draw: st.DrawFn, index: int) -> bytes:
    if index > 2:
        return b" " * (8 << 20) if index == 39 else b'{"schema":1}'
    pieces = draw(foot())
    return b"".join(text.encode("latin-1") * min(times, 200_000) for text, times in pieces)


def unpack(case: Case, _folder: Path) -> None:
    """An archive gives runs, or the words why not."""

    class Api(Canned):
        def _within_deadline(self, request: Any) -> Any:
            self.asked += 1
            name = "a.zip" if request.url.endswith("/zip") else "artifacts" if "/artifacts" in request.url else "runs"
            return Reply(status=200, url=request.url, headers={}, body=case.data(name))

    client = Api([])

    def load() -> None:
        _store(client, client).load()

    _expect_errors(load)


@st.composite
def branch(draw: st.DrawFn) -> Case:
    """A branch as git lists it, with whatever somebody pushed there."""
    names = st.one_of(
        st.sampled_from(
            ("runs/2026-01.jsonl", "new/1-a.jsonl", "new/2-b.jsonl", "runs/undated.jsonl", "x", "runs/../x.jsonl")
        ),
        TEXTS.map(lambda text: f"new/{text}.jsonl"),
    )
    paths = ["README.md", *draw(st.lists(names, max_size=4, unique=True))]
    files = {}
    for index, path in enumerate(paths):
        kind = draw(
            st.sampled_from(
                ("100644 blob", "100644 blob", "100644 blob", "100755 blob", "120000 blob", "160000 commit")
            )
        )
        how = draw(st.sampled_from(("true", "bytes", "bomb", "text")))
        body = (
            whole(history()) if how == "true"
            else whole(draw(broken(history()))) if how == "bytes"
            else [*whole(history()), *draw(bombs())] if how == "bomb"
            else whole(str(draw(ODD))[:5000])
        )  # fmt: skip
        files[str(index)] = [*whole(json.dumps([path, kind]) + "\n"), *body]
    return Case("branch", files)


def checkout(case: Case, _folder: Path) -> None:
    """What is on the branch is read, added to and cut, or refused in words."""
    from reporter.history.ledger import History
    from reporter.history.shard import parse
    from tests.factories_history import run_record

    listed, batch = b"", b""
    for name in sorted(case.files, key=int):
        head, _, body = case.data(name).partition(b"\n")
        path, kind = json.loads(head)
        raw = path.replace("\0", "").encode("utf-8", "surrogatepass")
        size = str(len(body)) if "blob" in kind else "-"
        listed += f"{kind} {'0' * 40} {size:>7}\t".encode() + raw + b"\0"
        if kind.startswith("100644") and path != "README.md":
            batch += f"{'0' * 40} blob {len(body)}\n".encode() + body + b"\n"

    def read() -> None:
        tree = Tree.of_listing(listed, "branch", most_bytes=64 << 20).read(batch)
        history = History(parse(data, name) for name, data in tree.shards.items())
        len(history.trouble)
        change, count = added(tree, [run_record(3)])
        if change is not None and count:
            is_crowded(change.tree)
            compacted(change.tree, most_runs=10)
        pruned(tree, keep=1, before=None)

    _expect_errors(read)
