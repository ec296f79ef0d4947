"""History of 100,000 runs: its size, how long it takes to load and to sum; and twenty writers on one branch."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.installation import ROOT
from reporter.history import Surroundings, open_store
from reporter.history.shard import additions, dumps
from reporter.history.tree import README, Tree, compacted
from tests.factories_history import FIRST_S, many

RUNS = 100_000
MOST_BYTES = 20_000_000
LOAD_S = 0.5
QUESTIONS = 1_000
JUDGE_S = 1.0
TRIES = 7
READER = f"""
import gc, sys, time
from reporter.cli import GC_THRESHOLD
from reporter.history import Surroundings, open_store
from reporter.history.codec import text_of
gc.set_threshold(GC_THRESHOLD)  # as the command line sets it
store = open_store(f"file:{{sys.argv[1]}}", Surroundings())
begun_s = time.perf_counter()
history = store.load()
loaded_s = time.perf_counter()
assert history.sums().runs == {RUNS}
for number in range({QUESTIONS}):
    since, until = {FIRST_S} + 3_000 * number, {FIRST_S} + 30_000 * (number + 1)
    job = f"train (a100, {{number % 40}})" if number % 2 else "train*"
    history.sums(job=job, branch="main", since=text_of(since), until=text_of(until))
print(loaded_s - begun_s, time.perf_counter() - loaded_s)
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
    words = [sys.executable, "-c", READER, str(path)]
    took = [
        [float(text) for text in subprocess.run(words, env=ENVIRON, check=True, capture_output=True).stdout.split()]
        for _ in range(TRIES)
    ]
    load_s, sums_s = (min(column) for column in zip(*took, strict=True))
    yield timed(f"load 100,000 runs in a new process, best of {TRIES}", load_s, LOAD_S)
    yield timed(f"{QUESTIONS:,} sums over 100,000 runs, the first one included", sums_s, JUDGE_S)
    yield from writers(folder)


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
