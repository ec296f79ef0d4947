"""The HTTP client against a server that misbehaves."""

from __future__ import annotations

import logging
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from reporter import __version__
from reporter.errors import ForgeUnreachable, NotPermitted, ProviderUnreachable, ReporterError
from reporter.http import Client, Reply
from tests.github.fake import FakeGitHub

TOKEN = "ghs_sEcReTsEcReTsEcReT0123456789"
COMMENTS = "/repos/octo-org/octo-repo/issues/7/comments"


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds

    def clock(self) -> float:
        return self.now_s


@pytest.fixture
def timing() -> Time:
    return Time()


@pytest.fixture
def client(github: FakeGitHub, timing: Time) -> Client:
    github.date_s = 1_899_999_990.0
    return Client(github.url, TOKEN, sleep=timing.sleep, clock=timing.clock)


def everything_said(error: BaseException) -> str:
    """Message, hint, repr and traceback of an error and of all behind it, attributes included."""
    said = "".join(traceback.format_exception(error))
    seen: BaseException | None = error
    while seen is not None:
        said += f"{seen!r} {seen} {getattr(seen, 'hint', '')} {seen.__dict__}"
        request = getattr(seen, "request", None)
        said += str(getattr(request, "headers", ""))
        seen = seen.__cause__ or seen.__context__
    return said


def test_a_request_says_who_asks(github: FakeGitHub, client: Client) -> None:
    client.send("GET", COMMENTS)

    headers = github.requests[0].headers
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["user-agent"] == f"emissions-reporter/{__version__}"


def test_a_path_is_below_the_servers_prefix(github: FakeGitHub, timing: Time) -> None:
    github.prefix = "/api/v3"

    reply = Client(github.url + "/", TOKEN, sleep=timing.sleep).send("GET", COMMENTS)

    assert reply.status == 200
    assert github.requests[0].path == "/api/v3" + COMMENTS


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_tried_again(github: FakeGitHub, client: Client, timing: Time, status: int) -> None:
    github.fail(status=status, times=2)

    assert client.send("GET", COMMENTS).status == 200

    assert timing.slept == [1.0, 2.0]


def test_tries_are_bounded(github: FakeGitHub, client: Client) -> None:
    github.fail(status=502, times=100)

    with pytest.raises(ForgeUnreachable, match="status 502"):
        client.send("GET", COMMENTS)

    assert len(github.requests) == 4


@pytest.mark.parametrize("reset", ["before", "body"])
def test_a_cut_connection_is_tried_again(github: FakeGitHub, client: Client, reset: str) -> None:
    github.fail(reset=reset)

    assert client.send("GET", COMMENTS).json() == []


@pytest.mark.parametrize("fault", [{"status": 502}, {"reset": "before"}, {"reset": "after"}, {"reset": "body"}])
def test_a_create_is_not_repeated_when_it_may_have_worked(
    github: FakeGitHub, client: Client, fault: dict[str, object]
) -> None:
    github.fail(**fault)

    with pytest.raises(ForgeUnreachable):
        client.send("POST", COMMENTS, payload={"body": "x"})

    assert len(github.requests) == 1


@pytest.mark.parametrize(
    ("status", "headers", "message", "pauses"),
    [
        (429, {"Retry-After": "17"}, "Too many", [17.0]),
        (403, {"Retry-After": "17"}, "You have exceeded a secondary rate limit", [17.0]),
        (403, {}, "You have exceeded a secondary rate limit", [60.0]),  # the reset of the other limit is no advice
        (429, {}, "Too many", [60.0]),
        (403, {"X-RateLimit-Remaining": "0"}, "API rate limit exceeded", [10.0]),
        (429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, "Too many", [1.0]),
        (429, {"Retry-After": "Sun, 17 Mar 2030 17:46:35 GMT"}, "Too many", [5.0]),
        (429, {"Retry-After": "soon"}, "Too many", [60.0]),
        (503, {"Retry-After": "7"}, "Busy", [7.0]),
    ],
)
def test_a_rate_limit_is_waited_for_as_asked(
    github: FakeGitHub,
    client: Client,
    timing: Time,
    status: int,
    headers: dict[str, str],
    message: str,
    pauses: list[float],
) -> None:
    github.fail(status=status, headers=headers, body={"message": message})

    assert client.send("GET", COMMENTS).status == 200

    assert timing.slept == pauses


@pytest.mark.parametrize(
    "headers",
    [
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1900000000"},
        {"Retry-After": "Sun, 17 Mar 2030 17:46:40 GMT"},
    ],
    ids=["reset", "date"],
)
@pytest.mark.parametrize("now_s", [0.0, 4e9])
def test_a_machine_whose_clock_is_wrong_waits_by_the_servers(
    github: FakeGitHub, client: Client, timing: Time, headers: dict[str, str], now_s: float, monkeypatch: Any
) -> None:
    monkeypatch.setattr(time, "time", lambda: now_s)
    github.fail(status=429, headers=headers)

    assert client.send("GET", COMMENTS).status == 200

    assert timing.slept == [10.0]


@pytest.mark.parametrize("zone", ["GMT", "-0000", "+0100"])
def test_a_date_means_the_same_moment_on_a_machine_of_any_time_zone(
    github: FakeGitHub, client: Client, timing: Time, zone: str, monkeypatch: Any
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    hour = 18 if zone == "+0100" else 17
    github.fail(status=429, headers={"Retry-After": f"Sun, 17 Mar 2030 {hour}:46:40 {zone}"})
    try:
        assert client.send("GET", COMMENTS).status == 200
    finally:
        monkeypatch.undo()
        time.tzset()

    assert timing.slept == [10.0]


def test_a_date_is_no_advice_where_the_server_does_not_say_what_it_takes_for_now(
    github: FakeGitHub, client: Client, timing: Time
) -> None:
    github.fail(status=429, headers={"Retry-After": "Sun, 17 Mar 2030 17:46:40 GMT", "Date": "today"})

    client.send("GET", COMMENTS)

    assert timing.slept == [60.0]


def test_a_rate_limited_create_was_not_carried_out_and_is_sent_again(github: FakeGitHub, client: Client) -> None:
    github.fail(status=429, headers={"Retry-After": "2"})

    assert client.send("POST", COMMENTS, payload={"body": "x"}).status == 201

    assert len(github.comments) == 1


def test_no_wait_goes_past_the_deadline(github: FakeGitHub, client: Client, timing: Time) -> None:
    github.fail(status=429, headers={"Retry-After": "3600"})

    with pytest.raises(ForgeUnreachable, match="asks to wait 3600 s"):
        client.send("GET", COMMENTS)

    assert timing.slept == []


def test_the_deadline_is_for_all_requests_together(github: FakeGitHub, client: Client, timing: Time) -> None:
    github.fail(status=429, headers={"Retry-After": "40"})
    client.send("GET", COMMENTS)
    github.fail(status=429, headers={"Retry-After": "40"})

    with pytest.raises(ForgeUnreachable, match="rate limit"):
        client.send("GET", COMMENTS)

    assert timing.slept == [40.0]


@pytest.mark.parametrize("status", [200, 403, 404, 422])
def test_other_answers_are_returned_at_once(github: FakeGitHub, client: Client, status: int) -> None:
    github.fail(status=status, body={"message": "Resource not accessible by integration"})

    assert client.send("GET", COMMENTS).status == status


def test_an_impatient_request_is_sent_once(github: FakeGitHub, client: Client) -> None:
    github.fail(status=502, times=3)

    assert client.send("GET", COMMENTS, patient=False).status == 502
    assert len(github.requests) == 1


def test_a_redirect_on_the_same_host_keeps_verb_and_body(github: FakeGitHub, client: Client) -> None:
    github.fail(method="POST", status=307, headers={"Location": "/repositories/1296269/issues/7/comments"})

    assert client.send("POST", COMMENTS, payload={"body": "moved"}).status == 201

    assert [comment.body for comment in github.comments] == ["moved"]


class Listener:
    """Another host: it notes what it is sent."""

    def __init__(self) -> None:
        heard = self.heard = []  # type: list[str]

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                heard.append(str(self.headers))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"[]")

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.port = self.server.server_address[1]


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.server.shutdown()
    listener.server.server_close()


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/x",
        "//127.0.0.1:{port}/x",
        "http://127.0.0.1:{port}\\@{own}/x",
        "http://{own}@127.0.0.1:{port}",
    ],
)
def test_the_token_never_follows_a_redirect_to_another_host(
    github: FakeGitHub, client: Client, listener: Listener, location: str
) -> None:
    own = github.url.removeprefix("http://")
    github.fail(status=302, headers={"Location": location.format(port=listener.port, own=own)})

    with pytest.raises(ForgeUnreachable, match="another host"):
        client.send("GET", COMMENTS)

    assert listener.heard == []


@pytest.mark.parametrize("location", [None, "", "http://[::1", "about:blank", "https://"])
def test_a_redirect_to_nowhere_is_an_error(github: FakeGitHub, client: Client, location: str | None) -> None:
    github.fail(status=302, headers={} if location is None else {"Location": location}, times=9)

    with pytest.raises(ForgeUnreachable, match="No usable answer"):
        client.send("GET", COMMENTS)


def test_a_circle_of_redirects_ends(github: FakeGitHub, client: Client) -> None:
    github.fail(status=301, headers={"Location": COMMENTS}, times=99)

    with pytest.raises(ForgeUnreachable, match="circle"):
        client.send("GET", COMMENTS)

    assert len(github.requests) == 4


def test_an_address_elsewhere_is_not_asked(client: Client, listener: Listener) -> None:
    with pytest.raises(ForgeUnreachable, match="another host"):
        client.send("GET", f"http://127.0.0.1:{listener.port}/next")

    assert listener.heard == []


def test_a_netrc_does_not_take_the_tokens_place(
    github: FakeGitHub, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    client.send("GET", COMMENTS)
    Client(github.url).send("GET", COMMENTS)

    assert github.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert "authorization" not in github.requests[1].headers


def test_a_proxy_of_the_environment_is_used(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{listener.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    Client("http://ghes.invalid/api/v3", TOKEN).send("GET", "/user")

    assert "ghes.invalid" in listener.heard[0]


@pytest.mark.parametrize(
    "text", ["", "<html>", "{", "[" * 200_000, '{"a": ' * 100_000, "9" * 10_000, "\x00", '{"a": "\\ud8"}']
)
def test_unreadable_json_is_an_expected_failure(github: FakeGitHub, client: Client, text: str) -> None:
    github.fail(garbage=text)

    with pytest.raises(ForgeUnreachable, match="JSON"):
        client.send("GET", COMMENTS).json()


def test_bytes_that_are_no_text_are_an_expected_failure() -> None:
    with pytest.raises(ForgeUnreachable, match="JSON"):
        Reply(status=200, url="http://h/x", headers={}, body=b"\xff\xfe\x00").json()


def test_an_endless_answer_is_cut_off(github: FakeGitHub) -> None:
    github.fail(garbage="x" * 5000)

    with pytest.raises(ForgeUnreachable, match="longer than 1000 bytes"):
        Client(github.url, TOKEN, max_reply_bytes=1000).send("GET", COMMENTS)


def test_a_silent_server_is_left_at_the_deadline(github: FakeGitHub) -> None:
    github.fail(delay_s=1.5)
    begin = time.monotonic()

    with pytest.raises(ForgeUnreachable):
        Client(github.url, TOKEN, deadline_s=0.3).send("GET", COMMENTS)

    assert time.monotonic() - begin < 1.2


def test_a_dripping_server_is_left_at_the_deadline() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not stop.wait(0.05):
                connection.sendall(b".")

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    begin = time.monotonic()

    with pytest.raises(ForgeUnreachable, match="no complete answer"):
        Client(f"http://127.0.0.1:{server.getsockname()[1]}", TOKEN, deadline_s=0.4).send("GET", "/x")

    assert time.monotonic() - begin < 2
    stop.set()
    thread.join(2)
    server.close()


def test_a_closed_port_is_tried_again_even_for_a_create(timing: Time) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(ForgeUnreachable, match="Connection refused"):
        Client(f"http://127.0.0.1:{port}", TOKEN, sleep=timing.sleep).send("POST", "/x", payload={})

    assert timing.slept == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("raw", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello"])
def test_what_is_no_http_is_an_expected_failure(timing: Time, raw: bytes) -> None:
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(raw)

    threading.Thread(target=serve, daemon=True).start()

    with pytest.raises(ForgeUnreachable):
        Client(f"http://127.0.0.1:{server.getsockname()[1]}", TOKEN, sleep=timing.sleep).send("GET", "/x")

    server.shutdown(socket.SHUT_RDWR)
    server.close()


@pytest.mark.parametrize("url", ["", "api.github.com", "ftp://h", "http://", "http://h:99999", "http://[::1"])
def test_an_address_that_is_none_is_an_expected_failure(url: str) -> None:
    with pytest.raises(ForgeUnreachable, match="address"):
        Client(url, TOKEN).send("GET", "/x")


@pytest.mark.parametrize("token", [f"{TOKEN}\nX: y", f"{TOKEN}☃"])
def test_a_token_that_no_header_holds_is_an_expected_failure(github: FakeGitHub, token: str) -> None:
    with pytest.raises(ForgeUnreachable) as caught:
        Client(github.url, token).send("GET", COMMENTS)

    assert TOKEN not in everything_said(caught.value)
    assert caught.value.hint is not None
    assert "token" in caught.value.hint


def test_another_kind_of_client_raises_its_own_error(github: FakeGitHub, timing: Time) -> None:
    github.fail(status=500, times=9)
    client = Client(
        github.url, secret_headers={"auth-token": TOKEN}, unreachable=ProviderUnreachable, sleep=timing.sleep
    )

    with pytest.raises(ProviderUnreachable):
        client.send("GET", "/x")

    assert github.requests[0].headers["auth-token"] == TOKEN
    assert TOKEN not in repr(client)


FAULTS = [
    {"status": 500, "body": {"message": TOKEN}},
    {"status": 429, "headers": {"Retry-After": TOKEN}, "body": {"message": TOKEN}},
    {"status": 302, "headers": {"Location": f"http://{TOKEN}.example/{TOKEN}"}},
    {"status": 302, "headers": {"Location": f"http://{TOKEN}@h.example/"}},
    {"reset": "before"},
    {"reset": "body"},
    {"garbage": TOKEN},
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_the_token_is_in_no_text(
    github: FakeGitHub, client: Client, fault: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    github.fail(**fault, times=99)

    with pytest.raises(ReporterError) as caught:
        client.send("GET", COMMENTS).json()

    assert TOKEN.lower() not in everything_said(caught.value).lower()
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(client)


def test_an_answer_shows_nothing_of_what_it_says() -> None:
    assert "s3cret" not in repr(Reply(status=200, url="https://h/x", headers={}, body=b"s3cret"))


def test_redacted_text_is_short_and_printable(client: Client) -> None:
    said = client.redact(f"x {TOKEN}\x1b[31m\n::error::{'y' * 1000}")

    assert TOKEN not in said
    assert said.isprintable()
    assert len(said) <= 300


def test_errors_are_not_permissions(github: FakeGitHub, client: Client) -> None:
    github.fail(status=500, times=9)

    with pytest.raises(ForgeUnreachable) as caught:
        client.send("GET", COMMENTS)

    assert not isinstance(caught.value, NotPermitted)


def test_a_certificate_problem_is_not_retried_and_says_what_to_set(github: FakeGitHub, timing: Time) -> None:
    client = Client(github.url.replace("http:", "https:"), TOKEN, sleep=timing.sleep)

    with pytest.raises(ForgeUnreachable, match="SSLError") as caught:
        client.send("GET", COMMENTS)

    assert "REQUESTS_CA_BUNDLE" in (caught.value.hint or "")
    assert timing.slept == []


def test_a_proxy_that_is_down_is_an_expected_failure(timing: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("http_proxy", f"http://user:{TOKEN}@127.0.0.1:{port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    with pytest.raises(ForgeUnreachable, match="ProxyError") as caught:
        Client("http://ghes.invalid/api/v3", sleep=timing.sleep).send("POST", "/user", payload={})

    assert TOKEN not in everything_said(caught.value)
    assert timing.slept == [1.0, 2.0, 4.0]  # it was never sent on


def test_a_spent_deadline_sends_nothing_more(github: FakeGitHub, client: Client, timing: Time) -> None:
    client.send("GET", COMMENTS)
    timing.now_s += 1000

    with pytest.raises(ForgeUnreachable, match="no time left"):
        client.send("GET", COMMENTS)

    assert len(github.requests) == 1
