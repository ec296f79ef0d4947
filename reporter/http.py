"""The one HTTP client: timeouts, bounded retries, redirects on the same host only, secrets kept out of every text.

Adapters are given a `Client`, and say what a status means; nothing else imports requests.
"""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import requests

from reporter import __version__, bounded
from reporter.errors import ForgeUnreachable, ReporterError
from reporter.rate_limit import asked_pause_s, is_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEADLINE_S = 75.0
"""For everything that one client does together; leaves room for the 60 s that GitHub asks for when it names no time."""
CONNECT_TIMEOUT_S = 6.1
READ_TIMEOUT_S = 20.0
TRIES = 4
MAX_REPLY_BYTES = 64 * 1024 * 1024
"""A page of a hundred comments can come to 40 MB when somebody wants it to."""
MAX_REDIRECTS = 3

_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
_CHUNK_BYTES = 65_536
_QUOTED_CHARACTERS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A complete answer, whatever its status; header names are in lower case."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    unreachable: type[ReporterError] = field(default=ForgeUnreachable, repr=False)
    pause_s: float | None = None  # to wait before asking again, where the server says "too often"

    def json(self) -> object:
        """The body as JSON; anything else raises the client's `unreachable` error."""
        with suppress(ValueError):
            return bounded.parse(self.body)
        # Not raised from the parser's error: that one carries the whole text.
        raise self.unreachable(f"{_host(self.url)} answered with status {self.status}, but not with readable JSON")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trouble:
    """No complete answer: why, whether the request may have been carried out, whether a repeat may help."""

    why: str
    may_have_worked: bool
    passing: bool
    hint: str | None = None


class Client:
    """Requests to one server, under one deadline that starts with the first of them.

    `base_url` may have a path (`https://ghes.example/api/v3`); paths given to `send` are below it.
    The token and `secret_headers` go to that origin only, and into no exception, `repr` or log.
    Whatever goes wrong below HTTP raises `unreachable`, by default `ForgeUnreachable`.
    """

    def __init__(  # noqa: PLR0913 - settings with defaults, all by name
        self,
        base_url: str,
        token: str | None = None,
        *,
        deadline_s: float = DEADLINE_S,
        max_reply_bytes: int = MAX_REPLY_BYTES,
        tries: int = TRIES,
        secret_headers: Mapping[str, str] | None = None,
        unreachable: type[ReporterError] = ForgeUnreachable,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.base_url = base_url.strip().rstrip("/")
        self._secret_headers = dict(secret_headers or {})
        if token and token.strip():
            self._secret_headers["Authorization"] = f"Bearer {token.strip()}"
        self._deadline_s, self._tries, self._max_reply_bytes = deadline_s, tries, max_reply_bytes
        self._unreachable, self._secrets = unreachable, _secret_texts(token, self._secret_headers)
        self._sleep, self._clock = sleep, clock
        self._give_up_at: float | None = None
        self._session: requests.Session | None = None

    def __repr__(self) -> str:
        return f"Client({_host(self.base_url)!r})"

    def send(  # noqa: PLR0913
        self,
        verb: str,
        url: str,
        *,
        payload: object = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        patient: bool = True,
        follow: bool = True,
    ) -> Reply:
        """Answer of one request, retried within bounds; any status but a server's failure (5xx) or a rate limit.

        `url` is a path below the base or a whole address on the same origin.
        Not repeatable (default: POST, PATCH): not sent again once it may have been carried out.
        Not patient: sent once, whatever comes; a rate limit and a 5xx are then returned.
        Not to follow: a redirect is returned as it is; else one to another origin is an error.
        """
        request = self._request(verb, url, payload, headers)
        may_repeat = repeatable if repeatable is not None else verb in _IDEMPOTENT
        for tries_left in range(self._tries - 1 if patient else 0, -1, -1):
            answer = self._follow(request) if follow else self._within_deadline(request)
            if isinstance(answer, Reply):
                limited = is_limit(answer.status, answer.headers, answer.body)
                pause_s = asked_pause_s(answer.headers, limited=limited)
                if not patient or (answer.status < 500 and not limited):  # noqa: PLR2004 (every 5xx)
                    return replace(answer, pause_s=pause_s) if limited else answer
                why = ("rate limit, status " if limited else "status ") + str(answer.status)
                why += "" if pause_s is None else f", asks to wait {pause_s:.0f} s"
                trouble = _Trouble(why=why, may_have_worked=not limited, passing=True)
            else:
                trouble, pause_s = answer, None
            pause_s = 2.0 ** (self._tries - 1 - tries_left) if pause_s is None else pause_s
            again = tries_left > 0 and trouble.passing and (may_repeat or not trouble.may_have_worked)
            if not again or pause_s >= self._remaining_s():
                where = f"{verb} {_host(request.url)}{urlsplit(request.url).path}"
                message = f"No usable answer to {self.redact(where)}: {self.redact(trouble.why)}"
                raise self._unreachable(message, hint=trouble.hint)
            self._sleep(pause_s)
        raise AssertionError  # the loop returns or raises

    def redact(self, text: str) -> str:
        """The text without our secrets and control characters, short enough to quote."""
        for secret in self._secrets:
            text = re.sub(re.escape(secret), "***", text, flags=re.IGNORECASE)  # host names come in lower case
        text = "".join(character if character.isprintable() else " " for character in text)
        return text if len(text) <= _QUOTED_CHARACTERS else text[: _QUOTED_CHARACTERS - 1] + "…"

    def _request(self, verb: str, url: str, payload: object, headers: Mapping[str, str] | None) -> requests.Request:
        if _origin(self.base_url)[0] not in {"http", "https"} or _host(self.base_url) == "?":
            raise self._unreachable(f"The server's address ({_host(self.base_url)}) is no http or https address")
        if "://" not in url:
            url = f"{self.base_url}/{url.lstrip('/')}"
        elif _origin(url) != _origin(self.base_url):
            raise self._unreachable(f"{_host(self.base_url)} refers to another host, {_host(url)}; not followed")
        sent = {"Accept": "application/json", "User-Agent": f"emissions-reporter/{__version__}", **(headers or {})}
        body = None if payload is None else json.dumps(payload).encode("ascii")
        if body is not None:
            sent["Content-Type"] = "application/json"
        # An `auth` of our own keeps requests from putting a .netrc entry in the token's place.
        return requests.Request(verb, url, data=body, headers=sent, auth=self._authorise)

    def _authorise(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        prepared.headers.update(self._secret_headers)
        return prepared

    def _follow(self, request: requests.Request) -> Reply | _Trouble:
        """One try, with redirects on the same origin; the verb and the body stay as they are."""
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._within_deadline(request)
            if isinstance(answer, _Trouble) or answer.status not in {301, 302, 307, 308}:
                return answer
            with suppress(ValueError):  # an address that cannot be parsed is no address on our origin either
                request.url = urljoin(self.base_url, answer.headers.get("location", "about:nowhere"))
            if _origin(request.url) != _origin(self.base_url):
                why = f"it redirects to another host, {_host(request.url)}; not followed, as it would get the token"
                return _Trouble(why=why, may_have_worked=False, passing=False)
        return _Trouble(why="it redirects in a circle", may_have_worked=False, passing=False)

    def _within_deadline(self, request: requests.Request) -> Reply | _Trouble:
        """One exchange, in a thread: neither a name server nor a dripping body can hold us past the deadline."""
        if (remaining_s := self._remaining_s()) <= 0:
            return _Trouble(why=f"no time left of {self._deadline_s:g} s", may_have_worked=False, passing=False)
        session = self._session = self._session or requests.Session()
        box: list[Reply | _Trouble] = []
        worker = Thread(target=lambda: box.append(self._exchange(session, request, remaining_s)), daemon=True)
        worker.start()
        worker.join(remaining_s)
        if not box:
            self._session = None  # still busy with the lost exchange
            return _Trouble(why=f"no complete answer within {self._deadline_s:g} s", may_have_worked=True, passing=True)
        return box[0]

    def _exchange(self, session: requests.Session, request: requests.Request, remaining_s: float) -> Reply | _Trouble:
        try:
            prepared = session.prepare_request(request)
            settings = session.merge_environment_settings(prepared.url, {}, True, None, None)  # noqa: FBT003 (stream)
            timeout_s = (min(CONNECT_TIMEOUT_S, remaining_s), min(READ_TIMEOUT_S, remaining_s))
            with session.send(prepared, timeout=timeout_s, allow_redirects=False, **settings) as answer:
                body = bytearray()
                for chunk in answer.iter_content(_CHUNK_BYTES):
                    body += chunk
                    if len(body) > self._max_reply_bytes:
                        why = f"its answer is longer than {self._max_reply_bytes} bytes"
                        return _Trouble(why=why, may_have_worked=True, passing=False)
                return Reply(
                    status=answer.status_code,
                    url=answer.url.partition("?")[0],
                    headers={name.lower(): value for name, value in answer.headers.items()},
                    body=bytes(body),
                    unreachable=self._unreachable,
                )
        except Exception as error:  # noqa: BLE001 - urllib3's own errors leak through requests at times
            # Translated here, and not chained: a requests error carries the request, and so the token.
            return _trouble(error)

    def _remaining_s(self) -> float:
        now_s = self._clock()
        self._give_up_at = self._give_up_at or now_s + self._deadline_s
        return self._give_up_at - now_s


def _trouble(error: Exception) -> _Trouble:
    """Say what a failed exchange means; the text has the kinds of error and the system's reason, never the request."""
    names: list[str] = []
    reason: object = error
    while isinstance(reason, BaseException) and len(names) < 5:  # noqa: PLR2004 (requests nests three deep)
        names.append(type(reason).__name__)
        names += [reason.strerror] if isinstance(reason, OSError) and reason.strerror else []
        nested = (getattr(reason, "reason", None), *reason.args, reason.__cause__)
        reason = next((inner for inner in nested if isinstance(inner, BaseException)), None)
    why = ": ".join(dict.fromkeys(names))
    match error:
        case requests.exceptions.SSLError():
            hint = "If a proxy or a private authority signs here, name its certificates in REQUESTS_CA_BUNDLE."
            return _Trouble(why=why, may_have_worked=False, passing=False, hint=hint)
        case requests.exceptions.ProxyError() | requests.exceptions.ConnectTimeout():
            return _Trouble(why=why, may_have_worked=False, passing=True)
        case requests.exceptions.ConnectionError() if {"NewConnectionError", "NameResolutionError"} & set(names):
            return _Trouble(why=why, may_have_worked=False, passing=True)
        case ValueError():  # of requests, too: address or header
            hint = "The address or the token holds a line break or a character that is not allowed there."
            return _Trouble(why=why, may_have_worked=True, passing=False, hint=hint)
        case _:
            return _Trouble(why=why, may_have_worked=True, passing=True)


def _secret_texts(token: str | None, headers: Mapping[str, str]) -> tuple[str, ...]:
    """Everything to blot out, longest first, so that no part of a secret survives another's removal."""
    texts = {text for value in (token or "", *headers.values()) for text in (value, value.strip(), *value.split()[1:])}
    return tuple(sorted(texts - {""}, key=len, reverse=True))


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url.replace("\\", "/"))  # as urllib3 reads `https://one\@two`
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", None, None
    return parts.scheme, parts.hostname, port


def _host(url: str) -> str:
    scheme, host, port = _origin(url)
    return f"{host or '?'}" + (f":{port}" if port not in {80, 443, None} else "") if scheme else "?"
