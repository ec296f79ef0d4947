"""What every answer of the command line must be, whatever it was given: a known status, and words that only speak."""

from __future__ import annotations

import csv
import io
import json
import re
from functools import cache
from pathlib import Path

from tests.fuzz.case import MOST_SAID, Case, Ended, Finding, call, unchanged
from tests.report.injection import COMMAND, COMMIT, LINK, LIVE, TAGS, Page, as_github_reads_it, invisible

DATA = ' type="application/json"'
SCRIPTS = ("// Tables that sort", "// Power over time", "'use strict';\n/*!\n * Copyright (c) Anaconda")
"""How our scripts begin."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
ANNOTATION = re.compile(r"::(?:notice|warning|error) title=Emissions Reporter::[^\r\n]*")
OUTPUTS = {
    "energy-kwh", "emissions-gco2e", "emissions-low-gco2e", "emissions-high-gco2e", "duration-s", "measured-ratio",
    "quality", "verdict", "exit-status", "comment-url",
}  # fmt: skip
SHOWN = 160


def command_line(case: Case, folder: Path) -> None:
    """Every call of the case, in its folder."""
    for argv in case.calls:
        ended = call(argv, folder, case.environ)
        proper(ended)
        if ended.status in (0, 1):
            harmless(ended.out.decode("utf-8", "replace"), format_of(argv))
    writable = tuple(word for argv in case.calls for word in _written(argv))
    unchanged(case, folder, but=writable)


def published(case: Case, folder: Path) -> None:
    """What a step leaves in the runner's files, besides."""
    for argv in case.calls:
        ended = call(argv, folder, case.environ)
        proper(ended)
        harmless(ended.out.decode("utf-8", "replace"), format_of(argv))
    summary, output = folder / "summary.md", folder / "output"
    if summary.exists():
        harmless(summary.read_text(encoding="utf-8"), "markdown")
    if output.exists() and (foreign := set(outputs(output.read_bytes())) - OUTPUTS):
        raise Finding(f"outputs that are not ours: {foreign}")
    unchanged(case, folder, but=("summary.md", "output"))


def outputs(data: bytes) -> dict[str, str]:
    """What the runner makes of GITHUB_OUTPUT. Raises Finding where a value ends early."""
    found: dict[str, str] = {}
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    while lines and lines != [""]:
        name, _, delimiter = lines.pop(0).partition("<<")
        if delimiter not in lines:
            raise Finding(f"an output without an end: {name[:40]!r}")
        end = lines.index(delimiter)
        found[name], lines = "\n".join(lines[:end]), lines[end + 1 :]
    return found


def _written(argv: tuple[str, ...]) -> tuple[str, ...]:
    """`history add` is asked to write; the file is looked at where it is called."""
    return ("new.jsonl",) if argv[:2] == ("history", "add") else ()


def proper(ended: Ended, *, summed_up: bool = False) -> None:
    """A status that is described, a message where it is a failure, and no way out of the line.

    Summed up: stderr has the summary of a job too.
    """
    if ended.status == 70 or "Traceback" in ended.err:
        lines = [line for line in ended.err.splitlines() if line and not line.startswith((" ", "emissions:"))]
        frames = re.findall(r'File ".*?/(reporter/[\w/]+\.py)", line \d+, in (\w+)', ended.err)
        at = "/".join(frames[-1]) if frames else "?"
        raise Finding(f"a bug: {(lines or ['?'])[-1][:SHOWN]} at {at}")
    if ended.status not in (0, 1, 2, 3):
        raise Finding(f"status {ended.status}")
    if ended.status in (2, 3) and not (ended.err + ended.out.decode("utf-8", "replace")).strip():
        raise Finding(f"status {ended.status} without a word")
    if len(ended.err) > MOST_SAID:
        raise Finding("more is said than anybody reads")
    if ended.err.startswith("usage: emissions "):
        return  # no verb at all
    if summed_up:
        harmless(ended.err, "text")
        return
    if odd := [line for line in ended.err.splitlines() if not line.startswith("emissions: ")]:
        raise Finding(f"a line that is not ours on stderr: {odd[0][:SHOWN]!r}")
    if hidden := invisible(ended.err):
        raise Finding(f"stderr has characters that move or hide: {hidden!r}")
    if COMMAND.findall(ended.err):
        raise Finding("stderr commands the runner")


def harmless(text: str, form: str) -> None:
    """No injection into what this format is read by."""
    wrong = _CHECKS.get(form, _plain)(text)
    if wrong:
        raise Finding(f"{form}: {wrong}")


def format_of(argv: tuple[str, ...]) -> str:
    """What a call prints."""
    if "--json" in argv:
        return "json"
    if "--format" in argv:
        return argv[argv.index("--format") + 1]
    if "--dry-run" in argv and argv[0] == "init":
        return "yaml"
    return "markdown" if "--dry-run" in argv and argv[0] == "publish" else "text"


def _plain(text: str) -> str:
    lines = [line for line in text.splitlines() if not ANNOTATION.fullmatch(line)]
    bare = "\n".join(lines)
    if COMMAND.findall(bare):
        return f"commands the runner: {COMMAND.search(bare)}"
    found = invisible(text)
    return f"characters that move or hide: {found!r}" if found else ""


def _yaml(text: str) -> str:
    """Files that are the caller's to read: what stands in them is the caller's command."""
    found = [sign for sign in invisible(text) if not sign.isprintable()]
    return f"characters that move or hide: {found!r}" if found else ""


def _markdown(text: str) -> str:
    page = as_github_reads_it(text)
    if foreign := {tag for tag, *_ in page.tags} - TAGS:
        return f"tags {foreign}"
    if links := [link for link in page.links if not LINK.match(link)]:
        return f"links {links[:2]}"
    if live := LIVE.findall(page.text) + COMMIT.findall(page.linkable):
        return f"mentions or references {live[:3]}"
    return _plain(text) if not invisible(page.text) else f"characters that move or hide: {invisible(page.text)!r}"


def _html(text: str) -> str:
    page = Page(text)
    tags, names = _ours()
    if foreign := {tag for tag, *_ in page.tags} - tags:
        return f"tags {foreign}"
    if foreign := {name for _, *rest in page.tags for name in rest} - names:
        return f"attributes {foreign}"
    for script in text.split("<script")[1:]:
        head, _, body = script.partition(">")
        if head == DATA:
            json.loads(body.partition("</script>")[0])
        elif head or not body.startswith(SCRIPTS):
            return "a script that is not ours"
    if links := [link for link in page.links if not re.match(r"https?://|#", link)]:
        return f"links {links[:2]}"
    return _plain(text)


@cache
def _ours() -> tuple[set[str], set[str]]:
    """Tags and attributes of pages in which nobody but us has said anything."""
    from reporter.export import json as codec
    from reporter.report.render import Face, render
    from reporter.report.view import ReportContext, report_view
    from tests.fuzz.material import footprints
    from tests.report.test_hostile import view_of

    sources = [render(view_of(["text"], jobs=jobs), Face.HTML) for jobs in (1, 2)]
    ours = codec.loads(json.dumps(footprints()[0]), origin="ours")
    sources.append(render(report_view(ours, ReportContext()), Face.HTML))
    tags = [tag for source in sources for tag in Page(source).tags]
    return (
        {tag[0] for tag in tags} | {"code", "strong", "a", "text", "span"},
        {name for _, *rest in tags for name in rest} | {"type"},
    )


def _json(text: str) -> str:
    try:
        json.loads(text, parse_constant=lambda name: 1 / 0)
    except (ValueError, ZeroDivisionError) as error:
        return f"no JSON: {error!r}"
    return _plain(text)


def _csv(text: str) -> str:
    rows = list(csv.reader(io.StringIO(text)))
    if len({len(row) for row in rows}) > 1:
        return "rows of several lengths"
    for cell in (cell for row in rows for cell in row):
        if cell.startswith(FORMULA) and not re.fullmatch(r"-?[\d.e+-]+", cell):
            return f"a formula: {cell[:40]!r}"
    return "commands the runner" if COMMAND.findall(text) else ""


def _latex(text: str) -> str:
    words = re.sub(r"(?m)^\\providecommand.*$", "", text)
    return "a sign of LaTeX's" if re.findall(r"(?<!\\)[#%$]", words) else _plain(text)


def _card(text: str) -> str:
    import yaml

    block = yaml.safe_load(text.removeprefix("---\n").removesuffix("---\n"))
    return _plain(text) if list(block) == ["co2_eq_emissions"] else f"keys {list(block)[:3]}"


def _svg(text: str) -> str:
    from xml.etree import ElementTree as ET

    try:
        tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(text).iter()}
    except ET.ParseError as error:
        return f"no SVG: {error}"
    foreign = tags - {"svg", "title", "g", "rect", "text", "linearGradient", "stop", "clipPath", "path", "mask"}
    return f"tags {foreign}" if foreign else _plain(text)


_CHECKS = {
    "markdown": _markdown, "statement": _markdown, "html": _html, "json": _json, "csv": _csv, "latex": _latex,
    "model-card": _card, "badge": _json, "badge-svg": _svg, "yaml": _yaml,
}  # fmt: skip
