"""History of 100,000 runs: its size, how long loading, judging and suggesting take; twenty writers on one branch."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.installation import ROOT
from benchmarks.timing import once
from reporter.config.rule import budget_of
from reporter.domain.budget import PERIODS, Budget
from reporter.domain.footprint import Footprint
from reporter.history import Surroundings, open_store
from reporter.history.codec import text_of
from reporter.history.shard import additions, dumps
from reporter.history.tree import README, Tree, compacted
from tests.factories_footprint import footprint
from tests.factories_history import FIRST_S, many

RUNS = 100_000
MOST_BYTES = 20_000_000
LOAD_S = 0.5
RULES = 1_000
JUDGE_S = 1.0
SUGGEST_S = 3.0
TRIES = 7
READER = """
import gc, sys, time
from pathlib import Path
from reporter.ci import CiContext
from reporter.cli import GC_THRESHOLD
from reporter.commands.past import recall
from reporter.commands.account.assessment import Assessed
from reporter.commands.settings import Settings
from reporter.config import Config
from reporter.domain.footprint import judged
from reporter.domain.total import total
from reporter.history.file import FileStore
from benchmarks.history import newest, rules
gc.set_threshold(GC_THRESHOLD)  # as the command line sets it
job = judged(newest(), tuple(rules()))
assessed = Assessed((job,), total((job,), ()))
settings = Settings(Config(history="file:" + sys.argv[1]), CiContext(branch="main"), None, {})
begun_s = time.perf_counter()
FileStore(Path(sys.argv[1])).load()
loaded_s = time.perf_counter()
found = recall.recalled(assessed, settings).footprints[0]
ended_s = time.perf_counter()
assert max(row.runs for row in found.ledger) == int(sys.argv[2]), found.ledger
assert len(found.verdict.findings) == int(sys.argv[3])
print(loaded_s - begun_s, ended_s - loaded_s, len(found.ledger))
"""
WRITERS = 20
WRITER = """
import os, sys
from reporter.history import Surroundings, open_store
from tests.factories_history import run_record
store = open_store("branch", Surroundings(remote_url=sys.argv[1], environ=os.environ))
print(store.append([run_record(int(sys.argv[2]))]).tries)
"""
ENVIRON = {**os.environ, "PYTHONPATH": str(ROOT)}


def measure(folder: Path) -> Iterator[Figure]:
    """A file, the branch's files packed by git, and writers that meet."""
    data = dumps(additions(many(RUNS), ()))
    path = folder / "history.jsonl"
    path.write_bytes(data)
    yield size("history of 100,000 runs, every figure in full: on disk", len(data))
    yield size("the same on the branch, as git packs it", packed(folder, data))
    words = [sys.executable, "-c", READER, str(path), str(RUNS), str(RULES)]
    took = [
        [float(text) for text in subprocess.run(words, env=ENVIRON, check=True, capture_output=True).stdout.split()]
        for _ in range(TRIES)
    ]
    load_s, judge_s, sums = (min(column) for column in zip(*took, strict=True))
    yield timed(f"load 100,000 runs in a new process, best of {TRIES}", load_s, LOAD_S)
    what = f"load them, and judge a job by {RULES:,} rules on them ({sums:.0f} sums), best of {TRIES}"
    yield timed(what, judge_s, JUDGE_S)
    command = [sys.executable, "-m", "reporter", "budget", "suggest", "--history", f"file:{path}"]
    suggest_s = min(once(command, env=ENVIRON, cwd=folder) for _ in range(TRIES))
    yield timed(f"`emissions budget suggest` from them, best of {TRIES}", suggest_s, SUGGEST_S)
    yield from writers(folder)


def newest() -> Footprint:
    """A job after all of them."""
    begun = text_of(FIRST_S + 300 * RUNS)
    return footprint(name="train (a100, 1)", branch="main", repository="octo-org/octo-repo", started_at=begun)


def rules() -> Iterator[Budget]:
    """Rules on a job of its own name and of any, for each period, for all attempts and the last; all are about it."""
    for number in range(RULES):
        rule = budget_of(f"{number + 1} kg/{PERIODS[number % len(PERIODS)]}", origin="emissions.yml")
        patterns = ("train (a100, 1)",) if number % 8 < 4 else ("train*", f"eval {number // 40}")
        yield replace(rule, jobs=patterns, attempts="last" if number % 3 else "all")


def writers(folder: Path) -> Iterator[Figure]:
    """Processes that add a run each at the same time, to a bare repository on disk."""
    remote = folder / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(remote)], check=True)
    words = [sys.executable, "-c", WRITER, str(remote)]
    begun_s = time.perf_counter()
    running = [
        subprocess.Popen([*words, str(number)], env=ENVIRON, stdout=subprocess.PIPE, text=True)
        for number in range(WRITERS)
    ]
    tries = [int(writer.communicate()[0]) for writer in running]
    took_s = time.perf_counter() - begun_s
    kept = len(open_store("branch", Surroundings(remote_url=str(remote), environ=os.environ)).load())
    yield Figure(
        what=f"{WRITERS} writers on one branch at once: runs kept, tries in all, and how long",
        value=f"{kept}, {sum(tries)} tries (at most {max(tries)} each), {took_s:.1f} s",
        goal=f"{WRITERS} kept",
        reached=kept == WRITERS,
    )


def packed(folder: Path, data: bytes) -> int:
    """Bytes of the branch after a compaction, as a clone gets it."""
    files = compacted(Tree(shards={"new/all.jsonl": data}), most_runs=RUNS).new
    repository = folder / "packed.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(repository)], check=True)
    stream = [b"commit refs/heads/x\ncommitter x <x@example.org> 0 +0000\ndata 0\n"]
    for name, content in files.items():
        if name != README:
            stream.append(f"M 100644 inline {name}\ndata {len(content)}\n".encode() + content + b"\n")
    words = ["git", "--git-dir", str(repository), "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet"]
    subprocess.run(words, input=b"".join(stream), check=True)
    return sum(file.stat().st_size for file in repository.rglob("*.pack"))


def size(what: str, count: int) -> Figure:
    return Figure(
        what=what, value=f"{count / 1e6:.1f} MB", goal=f"< {MOST_BYTES / 1e6:.0f} MB", reached=count < MOST_BYTES
    )


def timed(what: str, took_s: float, goal_s: float) -> Figure:
    return Figure(what=what, value=f"{took_s:.2f} s", goal=f"< {goal_s:g} s", reached=took_s < goal_s)
