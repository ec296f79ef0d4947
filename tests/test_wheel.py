"""The built wheel, with the sources out of reach: templates, tables and notices are inside, and it reports."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
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
