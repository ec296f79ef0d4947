"""What a command left: processes, told from others by a drawn /proc, and the kernel's count of kills."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from reporter.metering.aftermath import Aftermath, Remark, oom_kills
from reporter.metering.command import CommandResult
from reporter.metering.descendants import Descendants

Tree = Callable[[Mapping[str, str]], Path]
COMMAND, STARTED = 100, 5_000
MARK = "EMISSIONS_RECORDING=/out/recording.jsonl"


def process(
    pid: int, *, state: str = "S", parent: int = 1, group: int = 1, started: int = STARTED, environment: str = "A=1"
) -> dict[str, str]:
    """One process's files; its name is as odd as names can be."""
    stat = [pid, "(a) Z (b)", state, parent, group, group, *[0] * 15, started, 0, 0]
    return {
        f"proc/{pid}/stat": " ".join(map(str, stat)) + "\n",
        f"proc/{pid}/environ": environment.replace(" ", "\0") + "\0",
    }


def left(tree: Tree, *others: dict[str, str], mark: str | None = MARK) -> frozenset[int]:
    """Follow the command, then take it away and look."""
    root = tree(process(COMMAND, group=COMMAND))
    followed = Descendants(str(root))
    followed.follow(COMMAND)
    tree({name: text for files in others for name, text in files.items()})
    (root / f"proc/{COMMAND}/stat").unlink()
    return followed.left(mark)


@pytest.mark.parametrize(
    ("other", "counts"),
    [
        (process(101, group=COMMAND), True),
        (process(101, group=COMMAND, state="Z"), False),
        (process(101, group=COMMAND, started=STARTED - 1), False),
        (process(101, group=77), False),
        (process(101, environment=f"B=2 {MARK} C=3"), True),
        (process(101, environment=f"B=2 {MARK}.old C=3"), False),
        (process(101, environment=f"B=2 NOT_{MARK}"), False),
        (process(101, environment=f"B=2 {MARK}", started=STARTED - 1), False),
        (process(101, group=COMMAND) | process(102, parent=101, group=102), True),
    ],
    ids=[
        "of its group", "a zombie", "an earlier one of the same number", "another's", "with its variable",
        "with another run's variable", "with a variable of a longer name", "of an earlier run in the same folder",
        "a child of one of its group",
    ],
)  # fmt: skip
def test_what_outlived_the_command_is_told_from_others(tree: Tree, other: dict[str, str], *, counts: bool) -> None:
    expected = {int(name.split("/")[1]) for name in other} if counts else set()

    assert left(tree, other) == expected


def test_without_the_variable_the_group_alone_is_known(tree: Tree) -> None:
    service = process(102, environment=MARK)

    assert left(tree, process(101, group=COMMAND), service, mark=None) == {101}


def test_a_command_that_never_started_left_nobody(tree: Tree) -> None:
    assert Descendants(str(tree(process(1)))).left(MARK) == frozenset()


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.events": "oom 4\noom_kill 2\n"}, 2),
        ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/memory.events": "oom 4\noom_kill 3\n"}, 3),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.events": "oom_kill 5\n"}, 5),
        ({"proc/self/cgroup": "4:memory:/a\n", "sys/fs/cgroup/memory/a/memory.oom_control": "oom_kill 1\n"}, 1),
        ({"proc/self/cgroup": "4:memory:/a\n", "sys/fs/cgroup/memory/a/memory.oom_control": "under_oom 0\n"}, None),
        ({"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.events": "oom_kill many\n"}, None),
        ({"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.events": "oom_group_kill 1\n"}, None),
        ({}, None),
    ],
    ids=["own group", "group above", "container", "version 1", "old kernel", "no number", "another count", "none"],
)
def test_the_kernels_count_of_processes_killed_for_memory(tree: Tree, files: dict[str, str], count: int | None) -> None:
    assert oom_kills(str(tree({**files, "proc/x": ""}))) == count


def test_a_command_that_was_left_running_is_told_once(tree: Tree) -> None:
    aftermath = Aftermath({"EMISSIONS_SYSFS_ROOT": str(tree(process(COMMAND, group=COMMAND)))})
    aftermath.processes.follow(COMMAND)

    remarks = list(aftermath.remarks(CommandResult(exit_status=130, start_ns=0, end_ns=1, left_running=True)))

    assert [type(remark) for remark in remarks] == [Remark]
    assert remarks[0].flag == "command-left-running"
