"""Which processes are the command's: children of children, daemons, and nobody who merely got an old number."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reporter.metering import descendants
from reporter.metering.descendants import Descendants

COMMAND = 100

Processes = Callable[..., Descendants]


@pytest.fixture
def followed(tmp_path: Path) -> Processes:
    """Writes /proc: `pid=(parent, group, session, start)`; gives the descendants of process 100."""
    known = Descendants(str(tmp_path))
    known.follow(COMMAND)

    def write(**processes: tuple[int, int, int, int]) -> Descendants:
        for old in tmp_path.glob("proc/*/stat"):
            old.unlink()
        for name, (parent, group, session, started) in processes.items():
            folder = tmp_path / "proc" / name.removeprefix("p")
            folder.mkdir(parents=True, exist_ok=True)
            middle = " ".join(["0"] * 15)
            text = f"{folder.name} (a) S 9 (b) S {parent} {group} {session} {middle} {started} 0 0\n"
            (folder / "stat").write_text(text)
        return known

    return write


def test_children_and_theirs_are_found_and_others_are_not(followed: Processes) -> None:
    found = followed(
        p1=(0, 1, 1, 1), p100=(7, 100, 7, 50), p101=(100, 100, 7, 51), p102=(101, 102, 7, 52), p200=(1, 200, 7, 40)
    )

    assert found.alive() == {100, 101, 102}


def test_a_daemon_is_known_by_its_group_or_its_session_and_so_are_its_children(followed: Processes) -> None:
    found = followed(p300=(1, 100, 100, 60), p301=(1, 301, 100, 61), p302=(301, 302, 302, 62), p303=(1, 303, 303, 63))

    assert found.alive() == {300, 301, 302}


def test_one_that_left_everything_behind_is_known_if_it_was_seen_before(followed: Processes) -> None:
    before = followed(p100=(7, 100, 7, 50), p400=(100, 100, 7, 60)).alive()
    after = followed(p400=(1, 400, 400, 60)).alive()

    assert before == {100, 400}
    assert after == {400}


def test_an_old_number_of_a_new_process_is_not_the_commands(followed: Processes) -> None:
    followed(p100=(7, 100, 7, 50), p400=(100, 400, 400, 60)).alive()

    assert followed(p400=(1, 400, 400, 9000)).alive() == frozenset()


def test_before_a_command_and_without_proc_nothing_is_known(tmp_path: Path) -> None:
    nobody, nowhere = Descendants("/"), Descendants(str(tmp_path))
    nowhere.follow(COMMAND)

    assert nobody.alive() == frozenset()
    assert nowhere.alive() == frozenset()


def test_damaged_entries_are_passed_over(followed: Processes, tmp_path: Path) -> None:
    found = followed(p100=(7, 100, 7, 50))
    (tmp_path / "proc/self").mkdir()
    (tmp_path / "proc/101").mkdir()
    (tmp_path / "proc/102").mkdir()
    (tmp_path / "proc/102/stat").write_text("102 (x")

    assert found.alive() == {100}


def test_a_host_with_too_many_processes_is_not_walked(followed: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descendants, "MOST_PROCESSES", 1)

    assert followed(p100=(7, 100, 7, 50), p101=(100, 100, 7, 51)).alive() == frozenset()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here")
def test_on_this_machine_a_child_of_a_child_is_found() -> None:
    code = "import subprocess; child = subprocess.Popen(['sleep', '60']); print(child.pid, flush=True); child.wait()"
    known = Descendants()
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as command:
        assert command.stdout is not None
        grandchild = int(command.stdout.readline())
        known.follow(command.pid)
        alive = known.alive()
        os.killpg(command.pid, 9)

    assert {command.pid, grandchild} <= alive
    assert os.getpid() not in alive
