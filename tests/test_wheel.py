"""The built wheel, with the sources out of reach: templates, tables and notices are inside, and it reports."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what an installation would."""
    pytest.importorskip("hatchling")
    built = tmp_path_factory.mktemp("built")
    words = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(built), str(ROOT)]
    subprocess.run(words, check=True, capture_output=True, cwd=built)
    (wheel,) = built.glob("*.whl")
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_two_builds_at_different_times_in_different_folders_are_the_same_bytes(tmp_path: Path) -> None:
    """Whoever builds a release from its commit gets the bytes that were published."""
    pytest.importorskip("hatchling")
    digests = []
    for number, name in enumerate(("here", "a folder elsewhere")):
        tree = tmp_path / name
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
        for part in ("reporter", "templates"):
            shutil.copytree(ROOT / part, tree / part, ignore=ignored, copy_function=shutil.copyfile)
        for file in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
            shutil.copyfile(ROOT / file, tree / file)
        for path in tree.rglob("*"):
            os.utime(path, (10**9 + number, 10**9 + number))
            path.chmod((0o755, 0o700)[number] if path.is_dir() else (0o644, 0o600)[number])
        environ = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "PYTHONHASHSEED": str(number), "TZ": f"UTC{number}"}
        words = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tree / "dist"), str(tree)]
        subprocess.run(words, check=True, capture_output=True, cwd=tmp_path, env=environ)
        digests.append({path.name: sha256(path.read_bytes()).hexdigest() for path in (tree / "dist").iterdir()})

    assert len(digests[0]) == 2
    assert digests[0] == digests[1]


def is_source(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def test_an_installed_copy_meters_and_reports(installed: Path, tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(installed)}
    words = [sys.executable, "-m", "reporter", "run", "--region", "FR", "--budget", "50 g", "--", "true"]

    done = subprocess.run(words, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "50 g budget" in done.stderr.replace("\u202f", " ")
    assert "<!doctype html>" in (tmp_path / "emissions-report/report.html").read_text()


def test_the_licence_and_the_sources_travel_with_it(installed: Path) -> None:
    names = {path.name for path in installed.rglob("*")}

    assert {"LICENSE", "NOTICE", "comment.md.j2", "grid.csv", "setup.sh", "requirements.lock"} <= names
    for folder in ("reporter", "templates"):
        at = installed / (folder if folder == "reporter" else "reporter/templates")
        ours = {str(path.relative_to(ROOT / folder)) for path in (ROOT / folder).rglob("*") if is_source(path)}
        assert ours <= {str(path.relative_to(at)) for path in at.rglob("*")}, folder
    assert not [path for path in installed.rglob("*") if path.parts[len(installed.parts)] in ("tests", "benchmarks")]
