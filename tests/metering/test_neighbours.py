"""Jobs of other runners on the same machine, told from our own by a drawn /proc and by real processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from reporter.metering.neighbours import FLAG, Neighbours

Tree = Callable[[Mapping[str, str]], Path]
IN_A_JOB = {"GITHUB_ACTIONS": "true"}


def machine(tree: Tree, *names: str) -> dict[str, str]:
    """The environment of a job on a machine with processes of these names; none of them is above this test."""
    files = {f"proc/{10**7 + index}/comm": f"{name}\n" for index, name in enumerate(names)}
    return {"EMISSIONS_SYSFS_ROOT": str(tree({**files, "proc/self/comm": "x\n"}))}


@pytest.mark.parametrize(
    ("names", "env", "told"),
    [
        ((), {}, False),
        (("Runner.Listener", "bash", "Runner.Worker2"), {}, False),
        (("Runner.Listener", "Runner.Worker"), {}, True),
        (("Runner.Worker",), IN_A_JOB, False),
        (("Runner.Worker", "Runner.Worker"), IN_A_JOB, True),
    ],
    ids=["nobody", "runners without a job", "a job beside a laptop's run", "the own worker", "another job"],
)
def test_only_a_worker_besides_ones_own_is_another_job(
    tree: Tree, names: tuple[str, ...], env: dict[str, str], *, told: bool
) -> None:
    assert Neighbours(machine(tree, *names) | env).flags() == ([FLAG] if told else [])


def test_it_is_told_once(tree: Tree) -> None:
    neighbours = Neighbours(machine(tree, "Runner.Worker"))

    assert (neighbours.flags(), neighbours.flags()) == ([FLAG], [])


def test_one_that_comes_later_is_seen(tree: Tree) -> None:
    env = machine(tree)
    neighbours = Neighbours(env)
    before = neighbours.flags()
    machine(tree, "Runner.Worker")

    assert (before, neighbours.flags()) == ([], [FLAG])


def test_without_proc_nothing_is_said(tmp_path: Path) -> None:
    assert Neighbours({"EMISSIONS_SYSFS_ROOT": str(tmp_path)}).flags() == []


@pytest.mark.skipif(not Path("/proc/self/comm").exists(), reason="no /proc")
def test_the_worker_above_a_real_process_is_its_own_and_one_beside_it_is_not(tmp_path: Path) -> None:
    """A worker that starts the observer, alone and then beside another one."""
    worker = tmp_path / "Runner.Worker"
    shutil.copy(shutil.which("bash") or pytest.skip("no bash"), worker)
    code = "from reporter.metering.neighbours import Neighbours; print(Neighbours({}).flags())"
    command = f"{sys.executable} -c {code!r}; exit"
    run = [str(worker), "-c", command]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])}
    running = [path for path in Path("/proc").glob("[0-9]*/comm") if _name(path) == "Runner.Worker"]
    if running:
        pytest.skip("a runner is at work on this machine")

    alone = subprocess.run(run, env=env, capture_output=True, text=True, check=True).stdout
    with subprocess.Popen([str(worker), "-c", "read x"], stdin=subprocess.PIPE) as other:
        try:
            beside = subprocess.run(run, env=env, capture_output=True, text=True, check=True).stdout
        finally:
            other.kill()

    assert (alone.strip(), beside.strip()) == ("[]", f"['{FLAG}']")


def _name(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
