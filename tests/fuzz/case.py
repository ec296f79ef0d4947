"""One case: files from outside and what is done with them. And what must hold whatever is in them.

A case is plain data, so that one that was found can be kept: tests/fuzz/corpus.
"""

from __future__ import annotations

import io
import json
import os
import re
import resource
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

MOST_S = 10.0
"""Of processor time, for one call: the machine may be busy with others."""
MOST_BYTES = 256 << 20
FATAL_BYTES = 4 << 30
"""Of addresses, for the fuzzer itself: the machine is not ours alone."""
OWN_BYTES = 36 << 20
"""What the command takes before it reads anything: the fuzzer's process has more, which is not the input's fault."""
MOST_SAID = 1 << 20
Pieces = list[list[Any]]
"""A file as texts (of Latin-1, for bytes) with how often each stands there."""


class Finding(AssertionError):
    """What must not be."""


class Hang(BaseException):
    """Too long."""


class Case(NamedTuple):
    """What is to be done: `calls` of the command line, or the probe that the target names."""

    target: str
    files: Mapping[str, Pieces]
    calls: tuple[tuple[str, ...], ...] = ()
    environ: Mapping[str, str] = {}
    reason: str = ""

    @property
    def size(self) -> int:
        """For choosing the smallest of those that show the same."""
        return len(self.dumps())

    def data(self, name: str) -> bytes:
        """A file's bytes."""
        return b"".join(text.encode("latin-1") * times for text, times in self.files[name])

    def dumps(self) -> str:
        """As it is kept."""
        return json.dumps(self._asdict(), indent=1) + "\n"

    @classmethod
    def loads(cls, text: str) -> Case:
        data = json.loads(text)
        return cls(**{**data, "calls": tuple(map(tuple, data["calls"]))})


def whole(data: bytes | str) -> Pieces:
    """A file that is written out."""
    text = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
    return [[text.decode("latin-1"), 1]]


class Ended(NamedTuple):
    """How one call ended."""

    status: int
    out: bytes
    err: str


def call(argv: tuple[str, ...], folder: Path, environ: Mapping[str, str]) -> Ended:
    """The command line in this process."""
    from reporter.cli import main

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    before = Path.cwd()
    os.chdir(folder)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            status = main(argv, environ=environ)
    finally:
        os.chdir(before)
    out.flush()
    err.flush()
    said = err.buffer.getvalue().decode("utf-8", "replace")  # type: ignore[attr-defined]
    return Ended(status, out.buffer.getvalue(), said)  # type: ignore[attr-defined]


def run(case: Case, folder: Path, probe: Callable[[Case, Path], None]) -> None:
    """Do what the case says in an empty folder, under the limits. Raises Finding, or what the code raised."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in case.files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(case.data(name))
    with within_limits():
        probe(case, folder)


def unchanged(case: Case, folder: Path, *, but: tuple[str, ...] = ()) -> None:
    """No input was written over, and nothing was written beside them."""
    for name in case.files:
        if name not in but and (folder / name).read_bytes() != case.data(name):
            raise Finding(f"{name} was written over")
    known = {*case.files, *but}
    others = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()} - known
    if others:
        raise Finding(f"written besides: {sorted(others)}")


@contextmanager
def within_limits() -> Iterator[None]:
    """Time and memory of what is done inside."""

    def stop(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGPROF, stop)
    began_bytes = _resident(reset=True)
    began_s = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, MOST_S)
    try:
        yield
    except Hang:
        raise Finding(f"hangs: not done after {MOST_S:g} s of processor time") from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    if time.process_time() - began_s > MOST_S:
        raise Finding(f"hangs: took more than {MOST_S:g} s of processor time")
    grown = _resident(peak=True) - began_bytes + OWN_BYTES
    if grown > MOST_BYTES:
        raise Finding(f"memory: more than {MOST_BYTES >> 20} MB")
    # What the limits of a test of ours saw does not count against the next one.
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    if children > MOST_BYTES:
        raise Finding(f"memory: a process of ours took more than {MOST_BYTES >> 20} MB")


def _resident(*, peak: bool = False, reset: bool = False) -> int:
    if reset:
        try:
            Path("/proc/self/clear_refs").write_text("5")
        except OSError:
            pass
    text = Path("/proc/self/status").read_text()
    return int(re.search(rf"Vm{'HWM' if peak else 'RSS'}:\s+(\d+) kB", text)[1]) * 1024  # type: ignore[index]
