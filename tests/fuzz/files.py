"""Targets that are files for the command line: each a strategy of cases."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from reporter.config.accounting import KEYS as ACCOUNTING
from reporter.config.file import KEYS
from tests.fuzz.case import Case, Pieces, whole
from tests.fuzz.material import (
    BOMBS,
    MARKS,
    NUMBERS,
    TEXTS,
    WORDS,
    bombs,
    broken,
    changed,
    dumps,
    events,
    footprints,
    history,
    lines_of,
    mutants,
    places,
    recording,
)

FORMATS = (
    "text", "markdown", "html", "json", "csv", "statement", "latex", "model-card", "badge", "badge-svg",
)  # fmt: skip
ENVIRON = {"PATH": "/usr/bin:/bin", "EMISSIONS_SYSFS_ROOT": "/nowhere", "HOME": "/nowhere"}
FOOT = "footprint.json"
YAML = (
    "null", "~", "[]", "{}", "[a, b]", "{a: b}", "!!binary aGk=", "!!python/object/apply:os.system [id]", "*a", "&a x",
    "0x10", "1_000", ".inf", ".nan", "2026-01-01", "yes", "|\n    x", '"\\x1b[31m"', '"\\0"', "'", "50 g", "1e400 g",
    "80%",
    "10%", "20 kg", "month", "pull-request", "FR", "aws:us-east-1", "1.2", "230 g/kWh", "0.3 EUR/kWh", "3 years",
    "A100",
    "fail", "warn", "[budgets, site]", "60 s", "1e99 s", "auto", "static", "file:h.jsonl", "off", "total", "energy",
    "./other.yml", "o/r:x.yml@main", "130 J", "sample",
)  # fmt: skip


@st.composite
def foot(draw: st.DrawFn) -> Pieces:
    """A footprint.json of somebody's."""
    how = draw(st.sampled_from(("values", "values", "texts", "texts", "bytes", "bomb", "bomb inside")))
    document = draw(st.sampled_from(footprints()))
    if how == "values":
        return dumps(draw(mutants(document)))
    if how == "texts":
        return _hostile(draw(st.lists(TEXTS, min_size=1, max_size=8)))
    if how == "bytes":
        return whole(draw(broken(json.dumps(document).encode())))
    if how == "bomb":
        return draw(bombs())
    text = json.dumps(changed(document, draw(st.sampled_from([*places(document)][1:])), "BOMB"))
    before, _, after = text.partition('"BOMB"')
    return draw(bombs(before, after))


def _hostile(texts: list[str]) -> Pieces:
    from reporter.export import json as codec
    from tests.report.hostile import hostile
    from tests.report.test_hostile import sample

    return whole(codec.dumps(codec.encode(hostile(sample(), texts))))


@st.composite
def footprint(draw: st.DrawFn) -> Case:
    form = draw(st.sampled_from(FORMATS))
    call = draw(
        st.sampled_from(
            (
                ("report", FOOT, "--format", form),
                ("report", FOOT, "--format", form),
                ("report", FOOT, "--format", form, "--pue", "2", "--region", "PL"),
                ("report", FOOT, "--format", "json", "--what-if"),
                ("gate", FOOT, "--budget", "50 g", "--budget", "130 J/sample"),
                ("gate", FOOT, "--json"),
                ("publish", FOOT, "--dry-run"),
                ("compare", FOOT, "good.json", "--format", draw(st.sampled_from(FORMATS[:5]))),
                ("compare", "good.json", FOOT),
                ("report", "good.json", "--against", FOOT, "--format", draw(st.sampled_from(FORMATS[:5]))),
                ("report", FOOT, FOOT, "good.json", "--format", form),
                ("history", "add", FOOT, "--history", "file:new.jsonl", "--force"),
            )
        )
    )
    return Case("footprint", {FOOT: draw(foot()), "good.json": dumps(footprints()[0])}, (call,), ENVIRON)


@st.composite
def record(draw: st.DrawFn) -> Case:
    lines = list(recording())
    how = draw(st.sampled_from(("value", "value", "value", "order", "bytes", "bomb", "many")))
    if how == "value":
        for _ in range(draw(st.integers(1, 3))):
            index = draw(st.one_of(st.just(0), st.integers(0, len(lines) - 1)))
            lines[index] = draw(mutants(lines[index], most=2))
        pieces = lines_of(lines)
    elif how == "order":
        lines = draw(st.permutations(lines)) if draw(st.booleans()) else [lines[0], *lines[1:] * 2]
        pieces = lines_of(lines)
    elif how == "bytes":
        pieces = whole(draw(broken(lines_of(lines)[0][0].encode("latin-1"))))
    elif how == "bomb":
        pieces = [*lines_of(lines[:3]), *draw(bombs()), ["\n", 1]]
    else:
        line = json.dumps(draw(st.sampled_from(lines[1:])), separators=(",", ":")) + "\n"
        pieces = [*lines_of(lines[:1]), [line, draw(st.sampled_from((2000, 60_000, 600_000)))]]
    call = draw(
        st.sampled_from((("report", "r.jsonl", "--format", draw(st.sampled_from(FORMATS[:5]))), ("gate", "r.jsonl")))
    )
    return Case("recording", {"r.jsonl": pieces}, (call,), ENVIRON)


@st.composite
def yaml_of(draw: st.DrawFn, tables: Any, where: str, indent: int = 0) -> str:
    """A mapping with keys that are known there, and values that are not always."""
    lines = []
    keys = draw(st.lists(st.sampled_from(tables.get(where) or KEYS[""]), max_size=5))
    for key in keys:
        inner = f"{where}.{key}" if where else key
        start = " " * indent
        if inner in tables and draw(st.booleans()):
            lines.append(f"{start}{key}:\n{draw(yaml_of(tables, inner, indent + 2))}")
        elif inner in ("budgets", "overrides") and draw(st.booleans()):
            table = {"": tables.get(inner) or ("max", "metric", "unit", "per", "warn-at", "level", "min-runs", "scope")}
            row = draw(yaml_of(table, "", 0)).replace("\n", ", ")
            lines.append(f"{start}{key}: [{{{row}}}]")
        else:
            lines.append(f"{start}{key}: {draw(st.sampled_from(YAML))}")
    return "\n".join(lines) or " " * indent + "x: 1"


@st.composite
def yaml_text(draw: st.DrawFn) -> Pieces:
    how = draw(st.sampled_from(("keys", "keys", "keys", "bytes", "text", "bomb", "alias")))
    if how == "bomb":
        first, part, last = draw(
            st.sampled_from((*BOMBS, ("", "- ", ""), ("", "? ", ""), ("a: ", "!x ", ""), ("", "#", "")))
        )
        return [[first, 1], [part, min(draw(st.sampled_from((500, 3000, 30_000, 400_000))), 2 << 20)], [last, 1]]
    if how == "alias":
        width, depth = draw(st.integers(2, 9)), draw(st.integers(2, 30))
        rows = [f"b{row}: &b{row} [{','.join([f'*b{row - 1}'] * width)}]" for row in range(1, depth)]
        return whole("\n".join(["b0: &b0 x", *rows, f"site: *b{depth - 1}"]))
    if how == "text":
        return whole(draw(st.text(max_size=80)))
    text = "version: 1\n" + draw(yaml_of(KEYS, ""))
    return whole(text if how == "keys" else draw(broken(text.encode())))


@st.composite
def config(draw: st.DrawFn) -> Case:
    files = {"c.yml": draw(yaml_text()), "good.json": dumps(footprints()[0])}
    call = draw(st.sampled_from((("gate", "good.json"), ("report", "good.json", "--pue", "1.3"), ("doctor",))))
    return Case("config", files, ((*call, "--config", "c.yml"),), ENVIRON)


@st.composite
def accounting(draw: st.DrawFn) -> Case:
    text = "version: 1\naccounting:\n" + draw(yaml_of({**ACCOUNTING, "": ACCOUNTING["accounting"]}, "accounting", 2))
    if draw(st.integers(0, 4)) == 0:
        text = draw(broken(text.encode())).decode("utf-8", "replace")
    files = {"c.yml": whole(text), "good.json": dumps(footprints()[0])}
    call = ("report", "good.json", "--config", "c.yml", "--pue", "1.5", "--format", draw(st.sampled_from(FORMATS[:5])))
    return Case("accounting", files, (call,), ENVIRON)


@st.composite
def extends(draw: st.DrawFn) -> Case:
    own = "version: 1\nextends: " + draw(
        st.sampled_from(
            ("./other.yml", "./other.yml", "./other.yml", "./c.yml", "../c.yml", "o/r:x.yml@main", "x", "[a]")
        )
    )
    keys = draw(yaml_of(KEYS, ""))
    files = {"c.yml": whole(f"{own}\n{keys}"), "other.yml": draw(yaml_text()), "good.json": dumps(footprints()[0])}
    return Case("extends", files, (("gate", "good.json", "--config", "c.yml"),), ENVIRON)


@st.composite
def event(draw: st.DrawFn) -> Case:
    name, payload = draw(st.sampled_from(events()))
    how = draw(st.sampled_from(("values", "values", "values", "bytes", "bomb")))
    if how == "bomb":
        pieces = draw(bombs('{"pull_request":', "}"))
    else:
        pieces = dumps(draw(mutants(payload))) if how == "values" else whole(draw(broken(json.dumps(payload).encode())))
    texts = st.one_of(TEXTS, st.sampled_from(WORDS), st.text(max_size=8)).map(
        lambda text: text.replace("\0", "").encode("utf-8", "replace").decode()
    )
    environ = {
        **ENVIRON,
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_PATH": "event.json",
        "GITHUB_EVENT_NAME": draw(st.one_of(st.just(name.partition("_on_")[0]), texts)),
        "GITHUB_STEP_SUMMARY": "summary.md",
        "GITHUB_OUTPUT": "output",
        **draw(st.dictionaries(st.sampled_from(VARIABLES), texts, max_size=4)),
    }
    call = draw(
        st.sampled_from((("publish", "good.json"), ("publish", "good.json", "--dry-run"), ("gate", "good.json")))
    )
    return Case("event", {"event.json": pieces, "good.json": dumps(footprints()[1])}, (call,), environ)


VARIABLES = (
    "GITHUB_REPOSITORY", "GITHUB_SHA", "GITHUB_RUN_ID", "GITHUB_RUN_NUMBER", "GITHUB_RUN_ATTEMPT", "GITHUB_WORKFLOW",
    "GITHUB_WORKFLOW_REF", "GITHUB_JOB", "GITHUB_HEAD_REF", "GITHUB_REF_NAME", "GITHUB_REF_TYPE", "RUNNER_NAME",
    "RUNNER_OS",
    "RUNNER_ENVIRONMENT", "GITHUB_SERVER_URL", "EMISSIONS_MATRIX", "EMISSIONS_REGION", "EMISSIONS_BUDGET",
    "EMISSIONS_PUE",
    "GITHUB_WORKSPACE",
)  # fmt: skip


@st.composite
def ledger(draw: st.DrawFn) -> Case:
    how = draw(st.sampled_from(("values", "values", "bytes", "lines", "bomb")))
    if how == "bomb":
        pieces = [*whole(history()), *draw(bombs()), ["\n", 1]]
    elif how == "bytes":
        pieces = whole(draw(broken(history())))
    else:
        lines = [json.loads(line) for line in history().splitlines()]
        for _ in range(draw(st.integers(1, 3))):
            index = draw(st.integers(0, len(lines) - 1))
            lines[index] = draw(mutants(lines[index], most=2))
            _renamed(lines[index])
        pieces = lines_of(draw(st.permutations(lines)) if how == "lines" else lines)
    store = ("--history", "file:h.jsonl")
    call = draw(
        st.sampled_from(
            (
                ("history", "show", *store),
                ("history", "show", "--json", *store),
                ("history", "export", "--format", "csv", *store),
                ("history", "export", "--format", "json", *store),
                ("history", "prune", "--keep", "2", "--dry-run", *store),
                ("budget", "suggest", *store),
                ("gate", "good.json", "--budget", "+10%", "--budget", "1 kg/month", "--config", "c.yml"),
            )
        )
    )
    files = {
        "h.jsonl": pieces,
        "good.json": dumps(footprints()[0]),
        "c.yml": whole("version: 1\nhistory: file:h.jsonl"),
    }
    return Case("history", files, (call,), ENVIRON)


def _renamed(line: Any) -> None:
    """A family's name is the hash of the rest: whoever writes it can do that too."""
    from reporter.history.codec import _hash

    if isinstance(line, dict) and "family" in line:
        try:
            line["family"] = _hash({key: value for key, value in line.items() if key != "family"})
        except (ValueError, RecursionError):
            pass


@st.composite
def series(draw: st.DrawFn) -> Case:
    rows = [{"timestamp": f"2026-01-01T{hour:02}:00:00Z", "g/kWh": 40 + hour} for hour in range(20)]
    csv_text = "timestamp,g/kWh\n" + "".join(f"{row['timestamp']},{row['g/kWh']}\n" for row in rows)
    how = draw(st.sampled_from(("values", "cells", "bytes", "csv", "bomb")))
    if how == "values":
        pieces = dumps(draw(mutants(rows)))
    elif how == "cells":
        cells = st.one_of(
            st.sampled_from([str(word)[:400] for word in (*NUMBERS[:12], *WORDS, *MARKS)]), st.text(max_size=9)
        )
        lines = csv_text.splitlines()
        for _ in range(draw(st.integers(1, 4))):
            lines[draw(st.integers(0, len(lines) - 1))] = f"{draw(cells)},{draw(cells)}"
        pieces = whole("\n".join(lines))
    elif how == "bomb":
        pieces = (
            draw(bombs())
            if draw(st.booleans())
            else [["timestamp,g/kWh\n", 1], ["2026-01-01T00:00:00Z,4\n", draw(st.sampled_from((9, 400_000)))]]
        )
    else:
        pieces = whole(draw(broken(json.dumps(rows).encode() if how == "bytes" else csv_text.encode())))
    files = {"series": pieces, "good.json": dumps(footprints()[0])}
    call = ("report", "good.json", "--series", "series", "--format", draw(st.sampled_from(FORMATS[:5])))
    return Case("series", files, (call,), ENVIRON)
