"""History in a file: several processes lose nothing, and nothing that cannot be read is overwritten."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reporter.errors import ConfigError, HistoryError
from reporter.history import Surroundings, open_store
from reporter.history.file import FileStore
from tests.factories_history import run_record

ROOT = Path(__file__).parents[2]
WRITER = """
import sys
from pathlib import Path
from reporter.history.file import FileStore
from tests.factories_history import run_record
store, worker, prunes = FileStore(Path(sys.argv[1])), int(sys.argv[2]), sys.argv[3] == "prune"
for number in range(10):
    store.append([run_record(100 * worker + number, job=f"job {worker}")])
    if prunes:
        store.prune(keep=100_000, before="1999-01-01")
        store.prune(before="2001-01-01")
"""


def store(tmp_path, name="history.jsonl"):
    return open_store(f"file:{name}", Surroundings(folder=str(tmp_path)))


def test_what_is_added_is_there(tmp_path):
    kept = store(tmp_path, "deep/down/history.jsonl")

    assert len(kept.load()) == 0
    assert kept.append([run_record(0), run_record(1)])[:2] == (2, 0)
    assert kept.append([run_record(1), run_record(2)])[:2] == (1, 1)
    assert kept.load().runs() == (run_record(0), run_record(1), run_record(2))


def test_adding_only_appends(tmp_path):
    kept = store(tmp_path)
    kept.append([run_record(0)])
    before = (tmp_path / "history.jsonl").read_bytes()

    kept.append([run_record(1)])

    after = (tmp_path / "history.jsonl").read_bytes()
    assert after.startswith(before)
    assert after.count(b"family") == 1


def test_adding_what_is_known_does_not_touch_the_file(tmp_path):
    kept = store(tmp_path)
    kept.append([run_record(0)])
    os.utime(tmp_path / "history.jsonl", (1, 1))

    kept.append([run_record(0)])

    assert (tmp_path / "history.jsonl").stat().st_mtime == 1


@pytest.mark.parametrize("also", ["only", "prune"])
def test_several_processes_at_once_lose_nothing(tmp_path, also):
    path = tmp_path / "history.jsonl"
    words = [sys.executable, "-c", WRITER, str(path)]

    workers = [subprocess.Popen([*words, str(worker), also], cwd=ROOT) for worker in range(6)]

    assert [worker.wait() for worker in workers] == [0] * 6
    history = FileStore(path).load()
    assert len(history) == 60
    assert history.trouble == ()


def test_a_torn_last_line_is_left_and_what_comes_after_is_whole(tmp_path):
    path = tmp_path / "history.jsonl"
    kept = store(tmp_path)
    kept.append([run_record(0), run_record(1)])
    path.write_bytes(path.read_bytes()[:-20])
    torn = path.read_bytes()

    kept.append([run_record(2)])

    history = kept.load()
    assert path.read_bytes().startswith(torn)
    assert [run.run_id for run in history.runs()] == [1, 3]
    assert "line 4" in history.trouble[0]


def test_nothing_is_pruned_from_a_file_that_cannot_be_read_in_full(tmp_path):
    path = tmp_path / "history.jsonl"
    kept = store(tmp_path)
    kept.append([run_record(0), run_record(1)])
    path.write_bytes(path.read_bytes() + b"nonsense\n")
    before = path.read_bytes()

    with pytest.raises(HistoryError, match=r"Nothing was pruned: .*, line 5"):
        kept.prune(keep=1)

    assert path.read_bytes() == before
    assert kept.prune(keep=1, dry_run=True) == (1, 1)


@pytest.mark.parametrize("content", [b"my notes\n", b'{"emissions-history":2}\n', b"\x00\x01"])
def test_another_file_and_a_newer_one_are_never_written_to(tmp_path, content):
    (tmp_path / "history.jsonl").write_bytes(content)
    kept = store(tmp_path)

    for call in (kept.load, lambda: kept.append([run_record()]), lambda: kept.prune(keep=0)):
        with pytest.raises(HistoryError):
            call()

    assert (tmp_path / "history.jsonl").read_bytes() == content


def test_a_folder_is_no_file(tmp_path):
    for call in (store(tmp_path, ".").load, lambda: store(tmp_path, ".").append([run_record()])):
        with pytest.raises(HistoryError, match=r"is no file|Is a directory"):
            call()


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(HistoryError, match="is no file"):
        store(tmp_path, "pipe").load()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_a_message(tmp_path):
    tmp_path.chmod(0o500)

    with pytest.raises(HistoryError, match="cannot be written"):
        store(tmp_path).append([run_record()])


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path):
    """A limit on the size of files stands for the disk: the first bytes go through, the rest does not."""
    path = tmp_path / "history.jsonl"
    kept = store(tmp_path)
    kept.append([run_record(0), run_record(1)])
    before = path.read_bytes()
    old_limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    old_handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 50, old_limit[1]))
    try:
        with pytest.raises(HistoryError, match="nothing was added"):
            kept.append([run_record(number) for number in range(2, 20)])
        resource.setrlimit(resource.RLIMIT_FSIZE, (50, old_limit[1]))
        with pytest.raises(HistoryError, match="it is as it was"):
            kept.prune(keep=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old_limit)
        signal.signal(signal.SIGXFSZ, old_handler)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_pruning_keeps_the_newest_or_those_from_a_date_on(tmp_path):
    kept = store(tmp_path)
    kept.append([run_record(number) for number in range(10)])

    assert kept.prune(keep=7, dry_run=True) == (3, 7)
    assert len(kept.load()) == 10
    assert kept.prune(keep=7) == (3, 7)
    assert [run.run_id for run in kept.load().runs()] == [4, 5, 6, 7, 8, 9, 10]
    assert kept.prune(before=run_record(8).started_at) == (5, 2)
    assert kept.prune(keep=0) == (2, 0)
    assert len(kept.load()) == 0
    assert kept.append([run_record(1)]).added == 1


def test_pruning_what_is_not_there_makes_no_file(tmp_path):
    assert store(tmp_path).prune(keep=1) == (0, 0)
    assert list(tmp_path.iterdir()) == []


def test_pruning_through_a_link_leaves_the_link(tmp_path):
    store(tmp_path, "real.jsonl").append([run_record(number) for number in range(3)])
    (tmp_path / "link.jsonl").symlink_to("real.jsonl")

    store(tmp_path, "link.jsonl").prune(keep=1)

    assert (tmp_path / "link.jsonl").is_symlink()
    assert len(store(tmp_path, "real.jsonl").load()) == 1


@pytest.mark.parametrize("spec", ["file", "file:", "branch:x", "artifact:x", "fiel:x", "", "auto"])
def test_a_store_that_is_none_is_a_usage_error(spec):
    with pytest.raises(ConfigError):
        open_store(spec, Surroundings())
