"""How much of a history is read, and that what is read takes little: in time, in memory, and as text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reporter.domain.run_record import RunRecord
from reporter.domain.suggestion import suggested
from reporter.errors import HistoryError
from reporter.history import file as file_store
from reporter.history import ledger, shard
from reporter.history.codec import decode_run
from reporter.history.file import FileStore
from reporter.history.ledger import History
from reporter.history.shard import additions, dumps, parse
from reporter.report.trend import trend
from tests.factories_history import many, run_record

PEAK = """
import os, re, sys
from pathlib import Path
from reporter.history.file import FileStore
FileStore(Path(sys.argv[1])).load()
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""
ROOT = Path(__file__).parents[2]


def file_of(*runs: RunRecord) -> bytes:
    return dumps(additions(runs, ()))


@pytest.mark.parametrize(("limit", "most"), [("MOST_LINES", 3), ("MOST_VALUES", 30)])
def test_more_lines_or_values_than_memory_holds_are_not_read(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(shard, limit, most)

    assert len(parse(file_of(run_record(0)), "x").rows) == 1
    with pytest.raises(HistoryError, match=f"`x` has more than {most} (lines|values), and is not read"):
        parse(file_of(run_record(0), run_record(1), run_record(2)), "x")


def test_a_broken_line_costs_its_own_batch_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard, "BATCH_CHARACTERS", 1000)
    data = file_of(*many(50, jobs=1)).replace(b"\n[", b"\n[,", 1)
    alone: list[bytes] = []
    monkeypatch.setattr(shard, "_alone", lambda line, read=shard._alone: (alone.append(line), read(line))[1])

    found = parse(data, "x")

    assert len(found.rows) == 49
    assert "line 3:" in found.trouble[0]
    assert 2 <= len(alone) < 12  # the header, and what stands beside it


def test_a_file_that_is_full_takes_no_more_and_can_be_pruned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileStore(tmp_path / "h.jsonl")
    store.append([run_record(number) for number in range(20)])
    before = store.path.read_bytes()
    monkeypatch.setattr(file_store, "MOST_BYTES", len(before) + 50)

    with pytest.raises(HistoryError, match=r"is full .*: nothing was added") as caught:
        store.append([run_record(20)])

    assert "history prune --keep" in (caught.value.hint or "")
    assert store.path.read_bytes() == before
    assert store.prune(keep=10).kept == 10
    assert store.append([run_record(20)]).added == 1


@pytest.mark.parametrize("limit", ["MOST_LINES", "MOST_VALUES"])
def test_a_file_of_as_much_as_is_read_takes_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    store = FileStore(tmp_path / "h.jsonl")
    store.append([run_record(number) for number in range(20)])
    mark = {"MOST_LINES": b"\n", "MOST_VALUES": b","}[limit]
    for module in (file_store, shard):
        monkeypatch.setattr(module, limit, store.path.read_bytes().count(mark) + 1)

    with pytest.raises(HistoryError, match="is full"):
        store.append([run_record(20)])

    assert len(store.load()) == 20


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells the peak")
def test_runs_take_less_than_seven_times_the_room_of_their_file(tmp_path: Path) -> None:
    path = tmp_path / "h.jsonl"

    def peak_kib() -> int:
        done = subprocess.run([sys.executable, "-c", PEAK, str(path)], cwd=ROOT, capture_output=True, text=True)
        return int(done.stdout)

    path.write_bytes(file_of(run_record(0)))
    alone = peak_kib()
    path.write_bytes(data := file_of(*many(30_000)))

    assert (peak_kib() - alone) * 1024 < 6.5 * len(data)


def test_runs_are_made_one_by_one_when_they_are_looked_at() -> None:
    history = History([parse(file_of(*many(9, jobs=2)), "x")])
    found = history.runs()

    assert (len(found), found[-1].run_id) == (9, 12_345_678_909)
    assert found[2:4] == [*found][2:4]
    assert history.runs(last=3) == found[6:]


def test_of_many_jobs_each_run_is_made_once_and_for_a_sum_none(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr(ledger, "decode_run", lambda row, family: (made.append(row), decode_run(row, family))[1])
    history = History([parse(file_of(*many(2_000, jobs=1_000)), "x")])

    assert len([*history.costs(since="1970-01-01", pull_request=None)]) == 2_000
    jobs = history.runs().by_job()
    assert not made
    assert len(suggested(jobs)) == 1_000
    assert len(made) == 2_000
    assert trend(jobs, label="x", held=2_000, most=1).count("median") == 1_000
    assert len(made) == 2_000 + (2 + 3) * 1_000  # and the newest of each for its place, as what compares, and its row
