"""Targets that lie on the machine: what its kernel shows, its own file, and the state of a session."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from reporter.commands.settings import MACHINE_FILE
from reporter.metering.lock import hold
from tests.fixtures_metering import SERVER, card, grace
from tests.fuzz.case import Case, Pieces, call, unchanged, whole
from tests.fuzz.files import ENVIRON, yaml_text
from tests.fuzz.material import MARKS, NUMBERS, TEXTS, WORDS, broken, dumps, lines_of, mutants, recording
from tests.fuzz.oracle import harmless, proper
from tests.fuzz.words import metrics

ROOT, OUT, STATE = "root", "emissions-report", "state"
MACHINE = {
    **SERVER,
    **card(3, "amdgpu", 5, device__unique_id="9246d0a1b2c3d4e5", power1_average=250_000_000, power1_cap=750_000_000,
           device__product_name="AMD Instinct MI300X OAM"),
    **card(4, "xe", 6, "8086:0B69", energy1_input=5_000_000, energy1_label="card"),
    **grace(7, "Grace Power Socket 0", 100_000_000),
    "sys/fs/cgroup/cpu.max": "150000 100000\n",
    "sys/fs/cgroup/cpu.stat": "usage_usec 123456\nuser_usec 1\n",
    "sys/fs/cgroup/memory.max": "8589934592\n",
    "sys/fs/cgroup/memory.events": "oom 1\noom_kill 1\n",
    "sys/fs/cgroup/cpuset.cpus.effective": "0-1\n",
    MACHINE_FILE: "region: FR\npue: 1.2\nowner: us\n",
}  # fmt: skip
ODD = st.one_of(
    st.sampled_from([str(word) for word in (*NUMBERS, *WORDS, *MARKS)]),
    st.sampled_from(("-1", "+1", " 1 2", "0x10", "1_000", "٣", "1e9", "max", "9" * 19, "9" * 400, "0-99999,0-99999", "\n")),
    TEXTS,
    st.text(max_size=9),
)  # fmt: skip


@st.composite
def kernel(draw: st.DrawFn) -> Case:
    """A machine with GPUs, counters and limits, some of whose files say something else, or are not there."""
    tree: dict[str, Pieces] = {name: whole(text) for name, text in MACHINE.items()}
    for name in draw(st.lists(st.sampled_from(tuple(MACHINE)), min_size=1, max_size=5)):
        how = draw(st.sampled_from(("odd", "odd", "odd", "bytes", "gone", "long")))
        if how == "gone":
            tree.pop(name, None)
        elif how == "long":
            tree[name] = [
                [draw(st.sampled_from(("9", "a", "\n", "0,", "cpu1 1\n"))), draw(st.sampled_from((99, 400_000)))]
            ]
        elif how == "bytes":
            tree[name] = whole(draw(broken(MACHINE[name].encode())))
        else:
            tree[name] = (
                draw(yaml_text()) if name == MACHINE_FILE else whole(draw(ODD) + draw(st.sampled_from(("\n", ""))))
            )
    files = {f"{ROOT}/{name}": pieces for name, pieces in tree.items()}
    environ = {**ENVIRON, "EMISSIONS_SYSFS_ROOT": ROOT, "EMISSIONS_NVML_LIBRARY": "/nowhere"}
    words: tuple[str, ...] = ("doctor",)
    if draw(st.integers(0, 2)) == 0:
        files["m.json"] = draw(metrics()).files["m.json"]
        words = ("run", "--metrics", "m.json", "--sources", "rapl,hwmon,cpu_model,dram_model", "--", "true")
    return Case("kernel", files, (words,), environ)


def metered(case: Case, folder: Path) -> None:
    """What is said of the machine, and the reports of a job on it."""
    for argv in case.calls:
        ended = call(argv, folder, case.environ)
        proper(ended, summed_up=argv[0] == "run")
        harmless(ended.out.decode("utf-8", "replace"), "text")
    report = folder / OUT / "report.md"
    if report.exists():
        harmless(report.read_text(encoding="utf-8"), "markdown")
        harmless((folder / OUT / "report.html").read_text(encoding="utf-8"), "html")
    unchanged(case, folder, but=tuple(f"{OUT}/{path.name}" for path in (folder / OUT).glob("*")))


NOTES = {"meter": [2**22 + 1, 1], "out": None, "directory": "/somewhere"}
"""No process has such a number."""


@st.composite
def session(draw: st.DrawFn) -> Case:
    """A session's folder as its background process left it, or as somebody else would have it."""
    lines = list(recording())
    how = draw(st.sampled_from(("true", "value", "value", "bytes")))
    if how == "value":
        index = draw(st.integers(0, len(lines) - 1))
        lines[index] = draw(mutants(lines[index]))
    recorded = lines_of(lines)
    if how == "bytes":
        recorded = whole(draw(broken(recorded[0][0].encode("latin-1"))))
    files = {
        f"{STATE}/recording.jsonl": recorded,
        f"{STATE}/session.json": _notes(draw),
        f"{STATE}/stopped": whole(draw(st.one_of(st.just("123456789"), ODD))),
        f"{STATE}/log": whole(draw(st.one_of(st.just(""), ODD, TEXTS))),
    }
    words = draw(
        st.sampled_from((("stop", "--out", OUT), ("stop", "--out", OUT), ("mark", draw(ODD)[:300] or "x"), ("start",)))
    )
    words = tuple(word.replace("\0", "").encode("utf-8", "backslashreplace").decode() for word in words)
    return Case("session", files, (words,), {**ENVIRON, "EMISSIONS_SESSION": STATE})


def _notes(draw: st.DrawFn) -> Pieces:
    how = draw(st.sampled_from(("value", "value", "bytes")))
    if how == "bytes":
        return whole(draw(broken(json.dumps(NOTES).encode())))
    found: Any = draw(mutants(NOTES))
    if isinstance(found, dict) and isinstance(found.get("meter"), list) and found["meter"][:1] != NOTES["meter"][:1]:
        found = {**found, "meter": None}  # it may be a process of somebody's
    return dumps(found)


def ended(case: Case, folder: Path) -> None:
    """A session is reported, marked or left alone. One that is started finds another that runs."""
    (folder / STATE).chmod(0o700)
    lock = hold(folder / STATE) if case.calls[0][0] == "start" else None
    try:
        for argv in case.calls:
            said = call(argv, folder, case.environ)
            proper(said, summed_up=argv[0] == "stop")
            harmless(said.out.decode("utf-8", "replace"), "text")
    finally:
        if lock is not None:
            os.close(lock)
    report = folder / OUT / "report.md"
    if report.exists():
        harmless(report.read_text(encoding="utf-8"), "markdown")
