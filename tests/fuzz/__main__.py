"""`make fuzz`: cases for every kind of input from outside, for some minutes, and what they showed.

    python -m tests.fuzz --minutes 5 [--targets footprint,config] [--seed N] [--keep FOLDER]

Ends with 1 where something was found: a crash, a hang, memory, a file written over, an injection.
What was found is written to the folder as a case; one that has taught something goes to tests/fuzz/corpus.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import select
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

if not __package__:
    sys.path.insert(0, str(Path(__file__).parents[2]))
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import errors as of_hypothesis

from tests.fuzz import case as cases
from tests.fuzz import files, forge, machine, oracle, places, replies, sections, words
from tests.fuzz.case import Case, Finding

TARGETS: dict[str, tuple[Callable[[], Any], Callable[[Case, Path], None]]] = {
    "footprint": (files.footprint, oracle.command_line),
    "recording": (files.record, oracle.command_line),
    "config": (files.config, oracle.command_line),
    "accounting": (files.accounting, oracle.command_line),
    "extends": (files.extends, oracle.command_line),
    "event": (files.event, oracle.published),
    "history": (files.ledger, oracle.command_line),
    "series": (files.series, oracle.command_line),
    "arguments": (words.arguments, oracle.command_line),
    "metrics": (words.metrics, words.read_metrics),
    "template": (words.template, words.fill),
    "api": (replies.api, replies.ask),
    "archive": (replies.archive, replies.unpack),
    "branch": (replies.branch, replies.checkout),
    "http": (words.http, words.exchange),
    "grid": (places.grid, places.course),
    "cloud": (places.cloud, places.region),
    "kernel": (machine.kernel, machine.metered),
    "session": (machine.session, machine.ended),
    "forge": (forge.answers, forge.asked),
    "sections": (sections.bodies, sections.shared),
    "plain": (words.plain, words.fill_plainly),
}
BATCH = 60
SHRINKS_S = 25.0
STUCK_S = 240.0
SLICE_S = 60.0
"""A process for each: what a case leaves behind does not add up."""


class Tally(NamedTuple):
    """What a target came to."""

    cases: int = 0
    seconds: float = 0.0
    findings: dict[str, str] = {}


def sign_of(error: BaseException) -> str:
    """What two findings of one kind have in common."""
    text = str(error) if isinstance(error, Finding) else f"{type(error).__name__}: {error}"
    if not isinstance(error, Finding):
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/reporter/" in frame.filename]
        text += f" at {Path(frames[-1].filename).name}/{frames[-1].name}" if frames else ""
    return re.sub(r"0x[0-9a-f]+|\d+", "N", text.partition(": [")[0])[:200]


def one(case: Case, folder: Path) -> None:
    """Raises what the case shows."""
    cases.run(case, folder, TARGETS[case.target][1])


def search(target: str, seconds: float, number: int, known: set[str]) -> tuple[int, dict[str, Case]]:
    """Cases for so long; how many, and the smallest for each new sign."""
    counted: list[None] = []
    found: dict[str, Case] = {}
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    while time.monotonic() - began < seconds:
        number += 1

        attempt = _attempt(target, number, Search(began + seconds, known, found, folder / "case", counted))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                attempt()
        except (Shown, of_hypothesis.Flaky):
            pass  # it is in `found`; made smaller for long enough, it shows itself no more
        known |= set(found)
    return len(counted), found


class Search(NamedTuple):
    """What the cases of one process have in common."""

    until: float
    known: set[str]
    found: dict[str, Case]
    folder: Path
    counted: list[None]


class Shown(Exception):
    """A case shows something: for hypothesis to make it smaller."""


def _attempt(target: str, number: int, search: Search) -> Callable[[], None]:
    """A batch of cases; the first sign that is new is made smaller for some time."""
    chosen: list[tuple[str, float]] = []

    @seed(number)
    @settings(
        max_examples=BATCH, database=None, deadline=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink), report_multiple_bugs=False,
    )  # fmt: skip
    @given(TARGETS[target][0]())
    def attempt(case: Case) -> None:
        now = time.monotonic()
        if now > (chosen[0][1] if chosen else search.until):
            return
        search.counted.append(None)
        try:
            one(case, search.folder)
        except Exception as error:
            sign = sign_of(error)
            if sign in search.known or (chosen and chosen[0][0] != sign):
                return
            chosen[:] = chosen or [(sign, now + SHRINKS_S)]
            if sign not in search.found or case.size < search.found[sign].size:
                search.found[sign] = case._replace(reason=sign)
            raise Shown from error

    return attempt


def in_process(target: str, seconds: float, number: int, known: set[str], keep: Path) -> Tally:
    """The same in a child, which may die or hang."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        try:
            resource.setrlimit(resource.RLIMIT_AS, (cases.FATAL_BYTES, cases.FATAL_BYTES))
            count, found = search(target, seconds, number, set(known))
            with os.fdopen(writer, "w") as out:
                json.dump([count, {sign: case.dumps() for sign, case in found.items()}], out)
        finally:
            os._exit(0)
    os.close(writer)
    began = time.monotonic()
    with os.fdopen(reader) as said:
        ready, _, _ = select.select([said], [], [], seconds + STUCK_S)
        text = said.read() if ready else ""
    if not text:
        os.kill(child, 9)
    _, status = os.waitpid(child, 0)
    if not text:
        return Tally(0, time.monotonic() - began, {f"stuck or killed ({status}), seed {number}": ""})
    count, found = json.loads(text)
    for index, (sign, case) in enumerate(found.items()):
        name = re.sub(r"[^a-z0-9]+", "-", sign.lower())[:50].strip("-")
        (keep / f"{target}-{name}-{number}-{index}.json").write_text(case)
    return Tally(count, time.monotonic() - began, dict.fromkeys(found, ""))


def replay(paths: list[Path]) -> dict[str, str]:
    """What each kept case shows still."""
    shown = {}
    for path in paths:
        case = Case.loads(path.read_text())
        try:
            one(case, Path(tempfile.mkdtemp(prefix="fuzz-")) / "case")
        except Exception as error:  # noqa: BLE001
            shown[path.name] = sign_of(error)
    return shown


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--targets", default=",".join(TARGETS))
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=Path, default=Path(".cache/fuzz"))
    parser.add_argument("--replay", type=Path, nargs="*")
    given_ = parser.parse_args()
    if given_.replay is not None:
        for name, sign in (shown := replay(given_.replay)).items():
            print(f"{name}: {sign}")
        return bool(shown)
    names = given_.targets.split(",")
    given_.keep.mkdir(parents=True, exist_ok=True)
    tallies = {name: Tally() for name in names}
    left, number = 60.0 * given_.minutes, given_.seed
    while left > 1:
        for name in names:
            before = tallies[name]
            share = min(SLICE_S, left / len(names))
            ended = in_process(name, share, number, set(before.findings), given_.keep)
            number += 10_000
            found = {**before.findings, **ended.findings}
            tallies[name] = Tally(before.cases + ended.cases, before.seconds + ended.seconds, found)
            for sign in ended.findings:
                print(f"{name}: {sign}", flush=True)
        left -= min(SLICE_S * len(names), left)
    print(f"\n{'target':<12}{'cases':>9}{'seconds':>9}{'findings':>10}")
    for name, tally in tallies.items():
        print(f"{name:<12}{tally.cases:>9,}{tally.seconds:>9.0f}{len(tally.findings):>10}")
    every = tallies.values()
    total = sum(len(tally.findings) for tally in every)
    print(f"{'all':<12}{sum(t.cases for t in every):>9,}{sum(t.seconds for t in every):>9.0f}{total:>10}")
    print(f"seed {given_.seed}; findings as cases: {given_.keep}" if total else f"seed {given_.seed}")
    return bool(total)


if __name__ == "__main__":
    sys.exit(main())
