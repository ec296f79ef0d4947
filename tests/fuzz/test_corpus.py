"""What fuzzing has found stays found: each case with its reason, under the limits that it broke."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.case import Case

ROOT = Path(__file__).parents[2]
CORPUS = sorted((ROOT / "tests/fuzz/corpus").glob("*.json"))


def test_every_case_says_what_it_showed() -> None:
    assert CORPUS
    assert all(len(Case.loads(path.read_text()).reason) > 20 for path in CORPUS)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_what_was_found_is_found_no_more(path: Path) -> None:
    # A process of its own: memory and time are measured.
    command = [sys.executable, "-m", "tests.fuzz", "--replay", str(path)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)

    assert (done.returncode, done.stdout) == (0, ""), done.stderr[-2000:]


def test_the_fuzzer_would_tell(tmp_path: Path) -> None:
    """A short search of one target, end to end: cases are counted, and a process that hangs would be told."""
    command = [sys.executable, "-m", "tests.fuzz", "--minutes", "0.05", "--targets", "metrics", "--keep", str(tmp_path)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)

    name, cases, _, findings = done.stdout.split("\n")[2].split()
    assert (name, findings, done.returncode) == ("metrics", "0", 0), done.stdout + done.stderr
    assert int(cases.replace(",", "")) > 10
