"""A small GitHub on loopback: comments of one pull request, with its pages, permissions, limits and moods.

In tests use the `github` fixture of tests/fixtures_github.py. On its own, for a real action run in `act`:

    python tests/github/fake.py --port 4021 --log requests.jsonl
"""

from __future__ import annotations

import argparse
import base64
import copy
import json
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

if not __package__:  # run on its own
    sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.github.review import Review

HERE = Path(__file__).parent
EXAMPLES: dict[str, Any] = json.loads((HERE / "examples.json").read_text(encoding="utf-8"))

BOT = "github-actions[bot]"
HEAD_SHA = "ec26c3e57ca3a959ca5aad62de7213c562f8c821"
BASE_SHA = "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"
MAX_COMMENT_CHARACTERS = 65_536
MAX_CONTENT_BYTES = 1024 * 1024
"""A longer file is answered without its content."""


@dataclass
class Comment:
    """A comment as the fake holds it."""

    id: int
    author: str
    body: str
    pull_request: int
    minimised: bool = False


@dataclass
class Artifact:
    """What a run uploaded; `size` is what GitHub says of it, where that is not the truth."""

    id: int
    run_id: int
    name: str
    data: bytes
    expired: bool = False
    size: int | None = None


@dataclass
class Fault:
    """What happens instead of, or after, the true answer to the next matching requests.

    `status` answers with that status (and `headers`, `body`); `reset` cuts the connection: "before" carrying the
    request out, "after" it, or "body" in the middle of the true answer; `garbage` sends that text with status 200 or
    201 after carrying the request out; `delay_s` waits first; `then` is called first.
    """

    times: int = 1
    method: str | None = None
    path: str = ""
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    reset: str | None = None
    garbage: str | None = None
    delay_s: float = 0.0
    then: Callable[[], None] | None = None


@dataclass
class Request:
    """One line of the request log."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    raw_body: bytes
    status: int | None = None


class FakeGitHub(Review):
    """State and switches; `start()` serves it on a free port.

    Settings that tests change: `login` (the token's author), `user_is_known` (GET /user answers it; a token of
    Actions gets 403), `tokens` (accepted ones, None for any), `permission` ("write", "read", "none"), `locked`,
    `graphql` (on or off), `head_sha`, `base_sha`, `pull_requests`, `files` (commit and path → content, or the name of
    what is no file), `prefix` ("/api/v3" for a GitHub Enterprise Server).
    """

    def __init__(self, *, repository: str = "octo-org/octo-repo", prefix: str = "") -> None:
        super().__init__()
        self.repository = repository
        self.prefix = prefix
        self.login = BOT
        self.user_is_known = False
        self.tokens: set[str] | None = None
        self.permission = "write"
        self.locked = False
        self.graphql = False
        self.head_sha = HEAD_SHA
        self.base_sha = BASE_SHA
        self.files: dict[tuple[str, str], bytes | str] = {}
        self.date_s: float | None = None  # what its clock says, seconds since 1970; None: as ours
        self.head_label = "octo-org:changes"
        self.pull_requests = {7}
        self.pulls: dict[int, dict[str, str | None]] = {}  # what differs: sha, fork (None: gone), author…
        self.not_editable: set[int] = set()
        self.comments: list[Comment] = []
        self.runs: list[dict[str, Any]] = []
        self.artifacts: list[Artifact] = []
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.faults: list[Fault] = []
        self.log: Path | None = None
        self.check: Callable[[Request, int, dict[str, str], bytes], str | None] | None = None
        self._next_id = 3_000_000_000  # beyond 32 bits, as GitHub's are
        self._lock = threading.RLock()
        self._server: ThreadingHTTPServer | None = None

    # -- for tests

    @property
    def url(self) -> str:
        """What GITHUB_API_URL would be."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}{self.prefix}"

    @property
    def graphql_url(self) -> str:
        """What GITHUB_GRAPHQL_URL would be."""
        return self.url.removesuffix("/v3") + "/graphql"

    def start(self, port: int = 0) -> FakeGitHub:
        """Serve on 127.0.0.1 until `stop()`."""
        self._server = _Server(("127.0.0.1", port), _handler_for(self))
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True).start()
        return self

    def stop(self) -> None:
        """Close the port."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def add_comment(self, body: str, *, author: str | None = None, pull_request: int = 7, **more: Any) -> Comment:
        """A comment that is there already, or by a concurrent writer."""
        with self._lock:
            self._next_id += 1
            comment = Comment(self._next_id, author or self.login, body, pull_request, **more)
            self.comments.append(comment)
            return comment

    def add_run(self, branch: str = "main", **changes: Any) -> int:
        """A run of a workflow, newer than those before; its number."""
        run: dict[str, Any] = copy.deepcopy(EXAMPLES["workflow-run-paginated"]["workflow_runs"][0])
        run.update(id=30_000_000_000 + len(self.runs), head_branch=branch, event="push", path=".github/workflows/a.yml")
        run.update({"status": "completed", "conclusion": "success", **changes})
        run["head_repository"].update(full_name=run.pop("from_repository", self.repository))
        self.runs.insert(0, run)
        return int(run["id"])

    def add_artifact(self, run_id: int, name: str, data: bytes, **changes: Any) -> Artifact:
        """An archive that a run uploaded."""
        artifact = Artifact(id=len(self.artifacts) + 1, run_id=run_id, name=name, data=data, **changes)
        self.artifacts.append(artifact)
        return artifact

    def remove_comment(self, comment_id: int) -> None:
        """Somebody deletes it."""
        with self._lock:
            self.comments = [comment for comment in self.comments if comment.id != comment_id]

    def fail(self, **fault: Any) -> None:
        """Let the next matching requests go wrong; see `Fault`."""
        self.faults.append(Fault(**fault))

    def sent(self, method: str, path: str = "") -> list[Request]:
        """The requests of one verb whose path holds this text."""
        return [request for request in self.requests if request.method == method and path in request.path]

    def own_bodies(self) -> list[str]:
        """Texts of the comments that the token's author has."""
        return [comment.body for comment in self.comments if comment.author == self.login]

    # -- the server's side

    def take_fault(self, request: Request) -> Fault | None:
        """The first fault for this request, used up once."""
        with self._lock:
            for fault in self.faults:
                if fault.times > 0 and fault.method in {None, request.method} and fault.path in request.path:
                    fault.times -= 1
                    return fault
        return None

    def answer(self, request: Request) -> tuple[int, Any, dict[str, str]]:  # noqa: PLR0911 - one for each kind
        """Status, JSON content (None for none), headers."""
        with self._lock:
            if request.path.startswith("/storage/"):
                return self._stored(request, int(request.path.rpartition("/")[2]))
            if request.method == "GET" and (found := self.public(request.path, request.query.get("ref", ""))):
                return 200, found, {}
            bearer = request.headers.get("authorization", "").removeprefix("Bearer ").removeprefix("token ")
            if not bearer or (self.tokens is not None and bearer not in self.tokens):
                return 401, _error("Bad credentials" if bearer else "Requires authentication", 401), {}
            if request.path.endswith("/graphql"):
                return self._graphql(request)
            if not request.path.startswith(self.prefix + "/"):
                return 404, _error("Not Found", 404), {}
            path = request.path[len(self.prefix) :]
            repo = re.escape(f"/repos/{self.repository}")
            for method, pattern, action in (
                ("GET", r"/user", self._user),
                ("GET", rf"{repo}/pulls", self._pulls),
                ("GET", rf"{repo}/pulls/(\d+)", self._pull),
                ("GET", rf"{repo}/issues/(\d+)/comments", self._list),
                ("POST", rf"{repo}/issues/(\d+)/comments", self._create),
                ("GET", rf"{repo}/issues/comments/(\d+)", self._get),
                ("PATCH", rf"{repo}/issues/comments/(\d+)", self._update),
                ("DELETE", rf"{repo}/issues/comments/(\d+)", self._delete),
                ("GET", rf"{repo}/contents/(.+)", self._content),
                *self.routes(repo),
                ("GET", rf"{repo}/actions/runs", self._runs),
                ("GET", rf"{repo}/actions/workflows/([\w.-]+)/runs", self._runs),
                ("GET", rf"{repo}/actions/runs/(\d+)/artifacts", self._artifacts),
                ("GET", rf"{repo}/actions/artifacts/(\d+)/zip", self._archive),
            ):
                found = re.fullmatch(pattern, path)
                if found and method == request.method:
                    return action(request, *(int(part) if part.isdigit() else part for part in found.groups()))
            return 404, _error("Not Found", 404), {}

    def _user(self, _request: Request) -> tuple[int, Any, dict[str, str]]:
        if not self.user_is_known:
            return 403, _error("Resource not accessible by integration", 403), {}
        example = EXAMPLES["private-user-response-with-public-profile-information"]
        return 200, {**example, "login": self.login, "user_view_type": "public"}, {}

    def _pull_json(self, number: int) -> dict[str, Any]:
        pull: dict[str, Any] = copy.deepcopy(EXAMPLES["pull-request"])
        pull.update(number=number, requested_teams=[], locked=self.locked)
        pull["head"].update(sha=self.head_sha, label=self.head_label, ref=self.head_label.partition(":")[2])
        pull["base"].update(sha=self.base_sha)
        pull["base"]["repo"].update(full_name=self.repository)
        pull["head"]["repo"].update(full_name=self.repository)
        own = self.pulls.get(number, {})
        pull["state"] = own.get("state", "open")
        pull["user"].update(login=own.get("author", pull["user"]["login"]))
        pull["head"].update(sha=own.get("sha", pull["head"]["sha"]), label=own.get("label", pull["head"]["label"]))
        pull["base"]["repo"].update(full_name=own.get("base", self.repository))
        if "fork" in own:
            pull["head"]["repo"] = pull["head"]["repo"] | {"full_name": own["fork"]} if own["fork"] else None
        return pull

    def _pull(self, _request: Request, number: int) -> tuple[int, Any, dict[str, str]]:
        if self.permission == "none" or number not in self.pull_requests:
            return 404, _error("Not Found", 404), {}
        return 200, self._pull_json(number), {}

    def _pulls(self, request: Request) -> tuple[int, Any, dict[str, str]]:
        if self.permission == "none":
            return 403, _error("Resource not accessible by integration", 403), {}
        wanted, state = request.query.get("head"), request.query.get("state", "open")
        found = [self._pull_json(number) for number in sorted(self.pull_requests)]
        keep = [pull for pull in found if wanted in {None, pull["head"]["label"]} and state in {"all", pull["state"]}]
        return 200, keep, {}

    def _list(self, request: Request, number: int) -> tuple[int, Any, dict[str, str]]:
        if self.permission == "none" or number not in self.pull_requests:
            return 404, _error("Not Found", 404), {}
        per_page = max(1, min(100, int(request.query.get("per_page", "30"))))
        page = max(1, int(request.query.get("page", "1")))
        of_it = [comment for comment in self.comments if comment.pull_request == number]
        last = max(1, -(-len(of_it) // per_page))
        relations = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        if page == 1:
            del relations["prev"], relations["first"]
        if page >= last:
            relations = {name: to for name, to in relations.items() if name in {"prev", "first"}}
        # GitHub's links name the repository by number, not by name.
        base = f"{self.url}/repositories/1296269/issues/{number}/comments"
        links = (
            f'<{base}?{urlencode({"per_page": per_page, "page": to})}>; rel="{name}"' for name, to in relations.items()
        )
        headers = {"Link": ", ".join(links)} if relations else {}
        return 200, [self._json(comment) for comment in of_it[(page - 1) * per_page : page * per_page]], headers

    def _create(self, request: Request, number: int) -> tuple[int, Any, dict[str, str]]:
        if number not in self.pull_requests or self.permission == "none":
            return 404, _error("Not Found", 404), {}
        if self.permission != "write":
            return 403, _error("Resource not accessible by integration", 403), {}
        if self.locked:
            return 403, _error("Unable to create comment because issue is locked.", 403), {}
        if (refused := _refused(request.body)) is not None:
            return 422, refused, {}
        comment = self.add_comment(request.body["body"], pull_request=number)
        return (
            201,
            self._json(comment),
            {"Location": f"{self.url}/repos/{self.repository}/issues/comments/{comment.id}"},
        )

    def _find(self, comment_id: int) -> Comment | None:
        return next((comment for comment in self.comments if comment.id == comment_id), None)

    def _get(self, _request: Request, comment_id: int) -> tuple[int, Any, dict[str, str]]:
        comment = self._find(comment_id)
        return (200, self._json(comment), {}) if comment else (404, _error("Not Found", 404), {})

    def _update(self, request: Request, comment_id: int) -> tuple[int, Any, dict[str, str]]:
        comment = self._find(comment_id)
        if comment is None:
            return 404, _error("Not Found", 404), {}
        if self.permission != "write" or comment_id in self.not_editable:
            return 403, _error("Resource not accessible by integration", 403), {}
        if (refused := _refused(request.body)) is not None:
            return 422, refused, {}
        comment.body = request.body["body"]
        return 200, self._json(comment), {}

    def _delete(self, _request: Request, comment_id: int) -> tuple[int, Any, dict[str, str]]:
        if self._find(comment_id) is None:
            return 404, _error("Not Found", 404), {}
        if self.permission != "write":
            return 403, _error("Resource not accessible by integration", 403), {}
        self.remove_comment(comment_id)
        return 204, None, {}

    def _content(self, request: Request, quoted: str) -> tuple[int, Any, dict[str, str]]:
        path = unquote(quoted)
        content = self.files.get((request.query.get("ref", self.base_sha), path))
        if content is None or self.permission == "none":
            return 404, _error("Not Found", 404), {}
        if content == "dir":
            return 200, [], {}
        raw: dict[str, Any] = copy.deepcopy(EXAMPLES["content-file-response-if-content-is-a-file"])
        raw.update(name=path.rpartition("/")[2], path=path, size=len(content))
        if isinstance(content, str):
            raw.update({"type": content, "target": "elsewhere", "submodule_git_url": "https://github.com/o/r.git"})
            del raw["content"], raw["encoding"]
        elif len(content) > MAX_CONTENT_BYTES:
            raw.update(encoding="none", content="")
        else:
            raw.update(content=base64.encodebytes(content).decode())  # GitHub breaks the lines too
        return 200, raw, {}

    def _runs(self, request: Request, workflow: str | None = None) -> tuple[int, Any, dict[str, str]]:
        if self.permission == "none":
            return 403, _error("Resource not accessible by integration", 403), {}
        query, found = request.query, self.runs
        if workflow is not None:
            found = [run for run in found if run["path"].endswith(f"/{workflow}")]
        if "branch" in query:
            found = [run for run in found if run["head_branch"] == query["branch"]]
        if "status" in query:
            found = [run for run in found if query["status"] in (run["status"], run["conclusion"])]
        return 200, {"total_count": len(found), "workflow_runs": found[: int(query.get("per_page", "30"))]}, {}

    def _artifacts(self, request: Request, run_id: int) -> tuple[int, Any, dict[str, str]]:
        found = []
        for artifact in self.artifacts:
            if artifact.run_id == run_id:
                raw: dict[str, Any] = copy.deepcopy(EXAMPLES["artifact-paginated"]["artifacts"][0])
                size = len(artifact.data) if artifact.size is None else artifact.size
                raw.update(id=artifact.id, name=artifact.name, expired=artifact.expired, size_in_bytes=size)
                found.append(raw)
        per_page = int(request.query.get("per_page", "30"))
        return 200, {"total_count": len(found), "artifacts": found[:per_page]}, {}

    def _archive(self, _request: Request, artifact_id: int) -> tuple[int, Any, dict[str, str]]:
        artifact = self.artifacts[artifact_id - 1]
        if artifact.expired:
            return 410, _error("Artifact has expired", 410), {}
        assert self._server is not None
        # Another origin, as in truth, with its permission in the address.
        port = self._server.server_address[1]
        return 302, None, {"Location": f"http://localhost:{port}/storage/{artifact_id}?sig=secret"}

    def _stored(self, request: Request, artifact_id: int) -> tuple[int, Any, dict[str, str]]:
        """The storage refuses whoever brings a token."""
        if "authorization" in request.headers:
            return 400, b"Authentication information is not given in the correct format", {}
        return 200, self.artifacts[artifact_id - 1].data, {"Content-Type": "application/zip"}

    def _graphql(self, request: Request) -> tuple[int, Any, dict[str, str]]:
        """Only our own query: comments of a pull request, a hundred a page."""
        if not self.graphql:
            return 404, _error("Not Found", 404), {}
        wanted = request.body["variables"]
        if f"{wanted['owner']}/{wanted['name']}" != self.repository or wanted["number"] not in self.pull_requests:
            return 200, {"data": {"repository": None}, "errors": [{"type": "NOT_FOUND", "message": "No such"}]}, {}
        of_it = [comment for comment in self.comments if comment.pull_request == wanted["number"]]
        start = int(wanted["after"] or 0)
        nodes = [
            {
                "fullDatabaseId": str(comment.id),
                "viewerDidAuthor": comment.author == self.login,
                "isMinimized": comment.minimised,
                "body": comment.body,
                "url": _page(self.repository, comment),
            }
            for comment in of_it[start : start + 100]
        ]
        more = start + 100 < len(of_it)
        comments = {"pageInfo": {"hasNextPage": more, "endCursor": str(start + 100) if more else None}, "nodes": nodes}
        head_sha = self._pull_json(wanted["number"])["head"]["sha"]
        return 200, {"data": {"repository": {"pullRequest": {"headRefOid": head_sha, "comments": comments}}}}, {}

    def _json(self, comment: Comment) -> dict[str, Any]:
        raw: dict[str, Any] = copy.deepcopy(EXAMPLES["issue-comment"])
        raw.update(id=comment.id, body=comment.body, html_url=_page(self.repository, comment))
        raw.update(url=f"{self.url}/repos/{self.repository}/issues/comments/{comment.id}")
        raw["user"].update(login=comment.author, type="Bot" if comment.author.endswith("[bot]") else "User")
        return raw


def _page(repository: str, comment: Comment) -> str:
    return f"https://github.com/{repository}/pull/{comment.pull_request}#issuecomment-{comment.id}"


def _error(message: str, status: int) -> dict[str, str]:
    return {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}


def _refused(body: Any) -> dict[str, Any] | None:
    text = body.get("body") if isinstance(body, dict) else None
    if isinstance(text, str) and 0 < len(text) <= MAX_COMMENT_CHARACTERS:
        return None
    problem = {"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": "Body is too long"}
    return {**_error("Validation Failed", 422), "errors": [problem]}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""


def _handler_for(fake: FakeGitHub) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - one closure, six short methods
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet for head and body: no waiting for the peer's delayed acknowledgement

        def log_message(self, *_args: object) -> None:
            """Quiet; `fake.requests` is the log."""

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(fake.date_s if timestamp is None else timestamp)

        def _serve(self) -> None:
            raw_body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            target = urlsplit(self.path)
            # What GitHub's page links say instead of the name.
            path = target.path.replace("/repositories/1296269/", f"/repos/{fake.repository}/")
            try:
                body = json.loads(raw_body) if raw_body else None
            except ValueError:
                body = None
            request = Request(
                method=self.command,
                path=path,
                query={name: values[-1] for name, values in parse_qs(target.query).items()},
                headers={name.lower(): value for name, value in self.headers.items()},
                body=body,
                raw_body=raw_body,
            )
            fake.requests.append(request)
            fault = fake.take_fault(request)
            if fault is None:
                self._reply(request, *fake.answer(request))
            else:
                self._misbehave(request, fault)

        def _misbehave(self, request: Request, fault: Fault) -> None:
            if fault.then is not None:
                fault.then()
            if fault.delay_s:
                time.sleep(fault.delay_s)
            if fault.reset == "before":
                return self._hang_up()
            if fault.status is not None:
                content = _error("Made up", fault.status) if fault.body is None else fault.body
                return self._reply(request, fault.status, content, fault.headers, checked=False)
            status, content, headers = fake.answer(request)
            if fault.reset == "after":
                return self._hang_up()
            if fault.garbage is not None:
                content = fault.garbage.encode()
            return self._reply(
                request, status, content, headers, cut=fault.reset == "body", checked=fault.garbage is None
            )

        def _reply(
            self,
            request: Request,
            status: int,
            content: Any,
            headers: dict[str, str],
            *,
            cut: bool = False,
            checked: bool = True,
        ) -> None:
            body = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
            headers = {"X-RateLimit-Remaining": "4999", "X-RateLimit-Reset": "1900000000", **headers}
            if content is not None:
                headers.setdefault("Content-Type", "application/json; charset=utf-8")
            request.status = status
            if fake.check is not None:
                problem = fake.check(request, status if checked else 0, headers, body)
                if problem is not None:
                    fake.violations.append(f"{request.method} {request.path} -> {status}: {problem}")
            if fake.log is not None:
                line = {"method": request.method, "path": request.path, "status": status, "body": request.body}
                with fake.log.open("a", encoding="utf-8") as log:
                    log.write(json.dumps(line) + "\n")
            (self.send_response_only if "Date" in headers else self.send_response)(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut else body)
            self.wfile.flush()
            if cut:
                self._hang_up()

        def _hang_up(self) -> None:
            self.wfile.flush()
            # Linger of zero: the peer gets a reset, not an orderly end.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _serve  # noqa: N815 - names of http.server

    return Handler


def description_check() -> Callable[[Request, int, dict[str, str], bytes], str | None]:
    """A check of every exchange against GitHub's own description; None where all is well."""
    from openapi_core import OpenAPI
    from openapi_core.exceptions import OpenAPIError
    from openapi_core.testing import MockRequest, MockResponse

    api = OpenAPI.from_dict(json.loads((HERE / "api.github.com.json").read_text(encoding="utf-8")))
    lock = threading.Lock()

    def check(request: Request, status: int, headers: dict[str, str], body: bytes) -> str | None:
        """Status 0: only the request, the answer is wrong on purpose."""
        if request.path.startswith("/storage/"):
            return None  # no part of the API
        if request.path.endswith("/graphql"):
            return (
                None if isinstance(request.body, dict) and set(request.body) == {"query", "variables"} else "no query"
            )
        path = request.path[request.path.index("/repos/") :] if "/repos/" in request.path else "/user"
        front, contents, file = path.partition("/contents/")
        path = front + contents + file.replace("/", "%2F")  # one segment, as the description has it
        asked = MockRequest(
            "https://api.github.com",
            request.method.lower(),
            path,
            args=request.query,
            headers=request.headers,
            data=request.raw_body or None,
            content_type=request.headers.get("content-type", "application/json"),
        )
        with lock:
            try:
                api.validate_request(asked)
                if str(status) in _documented(api, asked):
                    kind = headers.get("Content-Type", "application/json").partition(";")[0]
                    api.validate_response(
                        asked, MockResponse(body, status_code=status, headers=headers, content_type=kind)
                    )
                elif 0 < status < 400:
                    return "this status is not in the description"
            except OpenAPIError as error:
                causes = getattr(error.__cause__, "schema_errors", None) or [error.__cause__ or error]
                return "; ".join(str(getattr(cause, "message", cause))[:200] for cause in causes)
        return None

    return check


def _documented(api: Any, asked: Any) -> set[str]:
    """Statuses that the description has for the operation; real errors go beyond it."""
    found = api.request_validator._find_path(asked)
    return set((found.operation / "responses").keys())


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A small GitHub on 127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--repository", default="octo-org/octo-repo")
    parser.add_argument("--pull-request", type=int, action="append", help="a number that exists (default: 7)")
    parser.add_argument("--head-sha", default=HEAD_SHA)
    parser.add_argument("--permission", choices=("write", "read", "none"), default="write")
    parser.add_argument("--log", type=Path, help="a file for the requests, one JSON object a line")
    arguments = parser.parse_args()
    fake = FakeGitHub(repository=arguments.repository)
    fake.pull_requests = set(arguments.pull_request or [7])
    fake.head_sha = arguments.head_sha
    fake.permission = arguments.permission
    fake.log = arguments.log
    fake.start(arguments.port)
    print(fake.url, flush=True)  # noqa: T201 - the address is what the caller waits for
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        fake.stop()


if __name__ == "__main__":
    main()
