"""Targets that are words: templates, arguments, a metrics file, and the bytes of an HTTP answer."""

from __future__ import annotations

import html
import math
import os
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from reporter.commands.beside.metrics import MetricsError, Reports, read_units
from reporter.commands.options import ARGUMENTS, OPTIONS, SWITCHES, VERBS
from reporter.errors import RenderError
from reporter.report.prose import Line, Verbatim
from tests.fuzz.case import Case, Finding, whole
from tests.fuzz.files import ENVIRON, FORMATS, YAML
from tests.fuzz.material import MARKS, NUMBERS, TEXTS, WORDS, bombs, broken, dumps, footprints, mutants
from tests.fuzz.oracle import harmless
from tests.fuzz.replies import TOKEN, _expect_errors

ATOMS = (
    "report", "report.title", "report.jobs.rows", "report.jobs", "''", "()", "[]", "{}", "1", "10**9", "'x'",
    "range", "dict",
    "lipsum", "cycler", "joiner", "namespace", "self", "super", "loop", "caller", "varargs", "kwargs", "true", "none",
    "report.icon", "report.headline", "report.nothing", "'%s'", "'{0.__class__}'", "self.title", "_", "undefined_name",
)  # fmt: skip
TAILS = (
    ".__class__", ".__mro__", ".__subclasses__()", ".__init__", ".__globals__", ".__builtins__", "['__class__']",
    ".mro()",
    "|attr('__class__')", "|attr('\\x5f\\x5fclass\\x5f\\x5f')", "|map(attribute='__class__')|list",
    ".format(report)", "[0]",
    ".format_map({})", "|list", "|join", "|safe", "|e", "|string", "|length", "|upper", "|replace('&','<')",
    "|striptags",
    "|xmlattr", "|tojson", "|urlize", "|pprint", "|indent(10**8)", "|center(10**8)", "*10**9", "|batch(10**9)",
    "|random",
    "|groupby('x')", "|first", "|map('upper')|list", "()", "(1)", "(10**9)", "._fields", "._asdict()", "._replace(x=1)",
    ".__html__()", ".__reduce__()", ".gi_frame", ".f_globals", ".environment", "|format(1)", "|wordwrap(1)", "|reverse",
    "._TemplateReference__context", ".translate({})", ".__doc__", "|sum", "|sort", "|unique|list", "~'x'",
    " is mapping",
)  # fmt: skip
FRAMES = (
    "{{ %s }}", "{%% for x in %s %%}{{ x }}{%% endfor %%}", "{%% set y = %s %%}{{ y }}", "{%% if %s %%}a{%% endif %%}",
    "{%% for x in range(99999) %%}{%% for z in range(99999) %%}{{ %s }}{%% endfor %%}{%% endfor %%}",
    "{%% macro m(a) %%}{{ m(a) }}{%% endmacro %%}{{ m(%s) }}", "{%% extends %s %%}", "{%% include %s %%}",
    "{%% import %s as q %%}",
    "{%% extends 'comment.md.j2' %%}{%% block footer %%}{{ super() }}{{ %s }}{%% endblock %%}",
    "{%% raw %%}%s{%% endraw %%}",
    "{%% filter upper %%}{{ %s }}{%% endfilter %%}", "{%% autoescape false %%}{{ %s }}{%% endautoescape %%}",
    "{%% from '_macros.md.j2' import job_table %%}{{ job_table(%s) }}", "{%% do %s %%}", "{%% set x = %s %%}" * 3,
    "{%% with a = %s %%}{{ a }}{%% endwith %%}", "{%% call %s %%}{%% endcall %%}", "<details>{{ %s }}", "```\n{{ %s }}",
)  # fmt: skip
ESCAPED = ("<module ", "<frame ", "<code object", "__builtins__", "__subclasses__", "_wrap_close", "subprocess.Popen")
"""What shows that a template has got hold of Python."""


@st.composite
def expressions(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(ATOMS)) + "".join(draw(st.lists(st.sampled_from(TAILS), max_size=5)))


@st.composite
def template(draw: st.DrawFn) -> Case:
    parts = [
        draw(st.sampled_from(FRAMES)).replace("%s", draw(expressions())).replace("%%", "%")
        for _ in range(draw(st.integers(1, 3)))
    ]
    text = "\n".join(parts)
    how = draw(st.sampled_from(("text", "text", "text", "broken", "deep")))
    if how == "broken":
        text = draw(broken(text.encode())).decode("utf-8", "replace")
    elif how == "deep":
        depth = draw(st.sampled_from((50, 300, 5000)))
        text = draw(
            st.sampled_from(
                ("{{ " + "(" * depth + "1" + ")" * depth + " }}", "{% if 1 %}" * depth, "{{ " + "-" * depth + "1 }}",
                 "{{ 'a'" + " ~ 'a'" * depth + " }}", "{{ report" + ".x" * depth + " }}", "{#" * depth,
                 "{{ 9" + "**9" * 9 + " }}")
            )
        )  # fmt: skip
    return Case("template", {"t.j2": whole(text)})


@cache
def view() -> Any:
    from tests.report.test_hostile import view_of

    return view_of(list(MARKS))


def fill(case: Case, _folder: Path) -> None:
    """A template gives a comment or an error, in time, and sees nothing but the report."""
    from reporter.report import confined

    os.environ["GITHUB_TOKEN"] = TOKEN
    try:
        source = case.data("t.j2").decode("utf-8", "replace")
        text = confined.rendered(view(), "t.j2", source)
    except RenderError as error:
        if len(error.message) > 2000 or "its process failed" in error.message:
            raise Finding(f"an error that says little: {error.message[:160]}") from None
        return
    finally:
        del os.environ["GITHUB_TOKEN"]
    if TOKEN in text:
        raise Finding("the token is in the comment")
    shown = html.unescape(text)
    for sign in ESCAPED:
        if sign in shown and sign not in source:
            raise Finding(f"out of the sandbox: {sign}")


@cache
def paths() -> tuple[str, ...]:
    """Every text of the view, as a template names it; but for what we drew ourselves."""

    def below(value: Any, path: str) -> Iterator[str]:
        if isinstance(value, (Line, str)) and not isinstance(value, Verbatim):
            yield path
            return
        for name in getattr(value, "_fields", ()):
            yield from below(getattr(value, name), f"{path}.{name}")
        if type(value) is tuple and value:
            yield from below(value[0], f"{path}[0]")

    return tuple(below(view(), "report"))


PLAIN = (
    "{{ X }}", "### {{ X }}", "- {{ X }}\n", "{{ X }} {{ Y }}", "| {{ X }} | {{ Y }} |", "> {{ X }}",
    "{{ X | trim }}", "{% set z = X %}{{ z }}", "{% if X %}{{ Y }}{% endif %}", "1. {{ X }}\n   {{ Y }}",
)  # fmt: skip


@st.composite
def plain(draw: st.DrawFn) -> Case:
    """A template that means no harm, for a report in which every text does."""
    named = st.sampled_from(paths())
    text = "\n\n".join(
        draw(st.sampled_from(PLAIN)).replace("X", draw(named)).replace("Y", draw(named))
        for _ in range(draw(st.integers(1, 4)))
    )
    return Case("plain", {"t.j2": whole(text)})


def fill_plainly(case: Case, _folder: Path) -> None:
    """What stands in the report stays words, however a template puts them together."""
    from reporter.report.sandbox import render_user

    with suppress(RenderError):
        harmless(render_user(view(), "t.j2", case.data("t.j2").decode()), "markdown")


ARGUMENT = st.one_of(
    st.sampled_from(tuple(word for word in (*WORDS, *MARKS, *YAML, *map(str, NUMBERS)) if "\0" not in word)),
    st.sampled_from(("good.json", "c.yml", "h.jsonl", "none", "", "-", "--", ".", "FR", "50 g", "+10%", "json", "1",
    "a=b,c", "list",
                     "show", "sources", "suggest", "export", "file:h.jsonl", "2026-01-01", "A100", "100", "0.5", "3")),
    TEXTS,
    st.text(max_size=8),
).map(lambda text: text.replace("\0", "").replace("/", "%").encode("utf-8",
"backslashreplace").decode()[:6000])  # fmt: skip
CALLED = tuple(verb for verb in VERBS if verb not in ("start", "mark", "stop", "run"))
"""Those that begin nothing that outlives them."""
KEPT_OUT = ("out", "to", "dir", "factors")
"""Options that name a place to write to are given a harmless one."""
ONLINE = ("electricitymaps", "watttime", "uk-grid", "energy-charts", "auto", "artifact", "branch")


@st.composite
def arguments(draw: st.DrawFn) -> Case:
    verb = draw(st.sampled_from(CALLED))
    words: list[str] = [verb]
    kind = ARGUMENTS.get(verb)
    if kind is not None and draw(st.integers(0, 9)):
        count = kind[1] if isinstance(kind[1], int) else draw(st.integers(0, 3))
        names = st.sampled_from(("good.json", "good.json", "h.jsonl", "c.yml")) if kind[0] == "PATH" else ARGUMENT
        words += [draw(names) for _ in range(count)]
    options = [name for name, _, _ in OPTIONS[verb] if name not in KEPT_OUT] + ["budget"]
    for name in draw(st.lists(st.sampled_from(options), max_size=5)) if options else ():
        value = draw(st.sampled_from(FORMATS)) if name == "format" and draw(st.booleans()) else draw(ARGUMENT)
        words += [f"--{name}={value}"] if draw(st.booleans()) else [f"--{name}", value]
    words += [
        f"--{name}" for name, _ in SWITCHES[verb] if name not in ("online", "force") and draw(st.integers(0, 3)) == 0
    ]
    if verb == "init":
        words += ["--dry-run", "--dir", "."]
    if draw(st.integers(0, 9)) == 0:
        words.insert(draw(st.integers(0, len(words))), draw(ARGUMENT))
    words = ["static" if word in ONLINE or word.partition("=")[2] in ONLINE else word for word in words]
    files = {"good.json": dumps(footprints()[0]), "c.yml": whole("version: 1\n"), "h.jsonl": whole("")}
    return Case("arguments", files, (tuple(words),), ENVIRON)


@st.composite
def metrics(draw: st.DrawFn) -> Case:
    real = {"units": {"sample": 50000, "token": 1e9}, "progress": 0.42, "epochs": 3, "epochs_total": 9}
    how = draw(st.sampled_from(("value", "value", "bytes", "bomb")))
    body = dumps(draw(mutants(real))) if how == "value" else None
    return Case(
        "metrics", {"m.json": body or (draw(bombs()) if how == "bomb" else whole(draw(broken(b'{"units":{"a":1}}'))))}
    )


def read_metrics(case: Case, folder: Path) -> None:
    """Counts above 0 and a share of 1, or words."""
    path = folder / "m.json"
    try:
        for unit, count in read_units(path):
            if not (isinstance(unit, str) and math.isfinite(count) and count > 0):
                raise Finding(f"a count of {count}")
    except MetricsError:
        pass
    reports = Reports(path)
    reports._seen = None
    found = reports.news()
    if found is not None and not 0 <= found.progress_ratio <= 1:
        raise Finding(f"progress of {found.progress_ratio}")


STARTS = (
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 403 \r\n",
    b"HTTP/1.0 301 x\r\n",
    b"HTTP/1.1 999999 x\r\n",
    b"HTTP/9 x\r\n",
    b"",
    b"HTTP/1.1 429 x\r\n",
)
LINES = (
    b"Content-Length: 5\r\n", b"Content-Length: -1\r\n", b"Content-Length: 99999999999\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: gzip\r\n", b"Location: //[\r\n", b"Location: \xff\r\n", b"X: " + b"a" * 70_000 + b"\r\n",
    b"X\r\n", b": y\r\n",
    b"Retry-After: 1e9\r\n", b"Link: <x\r\n", b"Content-Encoding: deflate, gzip\r\n", b"A: b\r\n" * 200,
    b"\x00: \x00\r\n",
)  # fmt: skip


@cache
def thin() -> bytes:
    """80 MB of spaces in 80 kB."""
    packer = zlib.compressobj(wbits=31)
    return b"".join([packer.compress(b" " * (1 << 20)) for _ in range(80)]) + packer.flush()


@st.composite
def http(draw: st.DrawFn) -> Case:
    import gzip

    head = draw(st.sampled_from(STARTS)) + b"".join(draw(st.lists(st.sampled_from(LINES), max_size=4))) + b"\r\n"
    body = draw(
        st.one_of(
            st.sampled_from((b"hello", b"{}", b"5\r\nhello\r\n0\r\n\r\n", b"ffffffffff\r\nx", b"-1\r\n", b"zz\r\n")),
            st.binary(max_size=60),
            st.just(gzip.compress(b"{}")),
            st.just(thin()),
        )
    )
    return Case("http", {"answer": whole(head + body)})


@contextmanager
def answering(data: bytes) -> Iterator[int]:
    """A server that says this to everybody; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with suppress(OSError):
                    connection, _ = server.accept()
                    with connection:
                        connection.settimeout(5)
                        connection.recv(65_536)
                        connection.sendall(data)

        server.settimeout(0.05)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            thread.join()


def exchange(case: Case, _folder: Path) -> None:
    """Bytes on the wire: a reply, or an error of ours."""
    from reporter.http import Client

    data = case.data("answer")
    os.environ["NO_PROXY"] = "127.0.0.1"
    with answering(data) as port:
        client = Client(f"http://127.0.0.1:{port}", TOKEN, deadline_s=8, sleep=lambda _s: None)

        def send() -> None:
            reply = client.send("GET", "/x")
            reply.json()

        _expect_errors(send)
