"""A provider on loopback: what it answers at each path, and what it was asked."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from reporter.commands.account.live import TRIES
from reporter.errors import ProviderUnreachable
from reporter.http import Client
from reporter.intensity import PROVIDERS

DATA = Path(__file__).parents[1] / "data" / "intensity"


class Asked(NamedTuple):
    """One request."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


class Reply(NamedTuple):
    """One answer; `fault` is `cut` (half the body, then a reset), or `late` (nothing for a second)."""

    status: int = 200
    body: Any = ""
    headers: Mapping[str, str] = {}
    fault: str | None = None


Answer = Reply | Callable[[Asked], Reply]


def recorded(name: str, **changes: Any) -> Reply:
    """A response as it was recorded, or built from the provider's description; with other values at the top."""
    found = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    body = found["body"]
    return Reply(found["status"], {**body, **changes} if changes else body)


class FakeProvider:
    """Serves `answers` by path, or by the path's beginning up to a slash; any other path is a 404 without JSON."""

    def __init__(self, answers: Mapping[str, Answer | list[Answer]]) -> None:
        self.answers = {
            path: list(answer) if isinstance(answer, list) else [answer] for path, answer in answers.items()
        }
        self.asked: list[Asked] = []
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def connect(self, base_url: str, *, token: str | None = None, secret_headers: Any = None) -> Client:
        """Clients as the real ones are, but of this server, and without waiting."""
        assert base_url.startswith("https://")
        return Client(
            self.url,
            token,
            secret_headers=secret_headers,
            deadline_s=0.5 if self._late else 15.0,
            tries=TRIES,
            unreachable=ProviderUnreachable,
            sleep=lambda _: None,
        )

    @property
    def _late(self) -> bool:
        return any(isinstance(reply, Reply) and reply.fault == "late" for row in self.answers.values() for reply in row)

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        known = (path for path in self.answers if asked.path in (path, path + asked.path.removeprefix(path)))
        path = next((path for path in known if path == asked.path or path.endswith("/")), "")
        replies = self.answers.get(path, [Reply(404, "not found")])
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        return reply if isinstance(reply, Reply) else reply(asked)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class SecureProxy(FakeProvider):
    """The same behind TLS, as the proxy through which every host is reached: `environ` makes a process use it."""

    def __init__(self, answers: Mapping[str, Answer | list[Answer]], certificate: Path) -> None:
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self.hosts: list[str] = []
        super().__init__(answers)
        self.environ = {"HTTPS_PROXY": self.url, "NO_PROXY": "", "REQUESTS_CA_BUNDLE": str(certificate)}
        inside = _handler(self)

        class Tunnel(BaseHTTPRequestHandler):
            def do_CONNECT(handler) -> None:  # noqa: N805  (http.server's name; `self` is the proxy)
                self.hosts.append(handler.path)
                handler.send_response(200)
                handler.end_headers()
                with suppress(OSError), self._tls.wrap_socket(handler.connection, server_side=True) as secured:
                    inside(secured, handler.client_address, handler.server)
                handler.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self._server.RequestHandlerClass = Tunnel


def certificate(folder: Path) -> Path:
    """A key with a certificate of its own for all providers' hosts, in one file."""
    path = folder / "providers.pem"
    names = ",".join(f"DNS:{entry.host}" for entry in PROVIDERS.values())
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=providers"),
            *("-addext", f"subjectAltName={names}", "-keyout", path, "-out", folder / "certificate.pem"),
        ],
        check=True,
        capture_output=True,
    )
    path.write_bytes(path.read_bytes() + (folder / "certificate.pem").read_bytes())
    return path


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are what some tests are about."""


def _handler(fake: FakeProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): text for name, text in self.headers.items()}
            reply = fake.answer(Asked(parts.path, dict(parse_qsl(parts.query)), headers))
            if reply.fault == "late":
                time.sleep(1.0)
            body = (reply.body if isinstance(reply.body, str) else json.dumps(reply.body)).encode()
            with suppress(OSError):
                self.send_response(reply.status)
                for name, text in reply.headers.items():
                    self.send_header(name, text)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if reply.fault == "cut":
                    self.wfile.write(body[: len(body) // 2])
                    self.wfile.flush()
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                else:
                    self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
