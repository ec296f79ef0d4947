"""What a repository tells about itself by the names of its files: nothing is run, not even git."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

SCRIPTS = ("train.py", "scripts/train.py", "src/train.py", "benchmark.py", "bench.py", "main.py")
"""What is taken for the command, the first one first."""
TARGETS = ("train", "benchmark", "bench")
"""Likewise, of a Makefile."""
USUAL = ("main", "master")
MOST_CHARACTERS = 1_000_000


class Repository(NamedTuple):
    """A folder that workflows can be written for."""

    root: Path
    default_branch: str
    command: str | None
    """What looks like the command to meter; None: nothing does."""
    install: str | None
    """How its packages are installed; None: there is no sign of any."""


def repository_at(root: Path) -> Repository:
    """The repository in a folder, which need not be one of git."""
    return Repository(root=root, default_branch=_default_branch(root), command=_command(root), install=_install(root))


def root_above(folder: Path) -> Path | None:
    """The nearest folder with a `.git`, from this one upwards."""
    return next((at for at in (folder, *folder.parents) if (at / ".git").exists()), None)


def _default_branch(root: Path) -> str:
    """The branch that `origin` opens with, else a usual one that is there, else the one checked out."""
    git = _git_folder(root)
    remote = _ref(git / "refs/remotes/origin/HEAD", "refs/remotes/origin/")
    if remote:
        return remote
    packed = _text(git / "packed-refs")
    for name in USUAL:
        if (git / "refs/heads" / name).is_file() or f" refs/heads/{name}\n" in packed:
            return name
    return _ref(git / "HEAD", "refs/heads/") or USUAL[0]


def _git_folder(root: Path) -> Path:
    """Where the branches are: `.git` itself, or what it points to in a second work tree."""
    git = root / ".git"
    pointed = _text(git).removeprefix("gitdir:").strip() if git.is_file() else ""
    if not pointed:
        return git
    own = root / pointed
    return own / (_text(own / "commondir").strip() or ".")


def _ref(path: Path, prefix: str) -> str | None:
    name = _text(path).partition("ref:")[2].strip()
    return name.removeprefix(prefix) if name.startswith(prefix) and not name.endswith("/.invalid") else None


def _command(root: Path) -> str | None:
    for script in SCRIPTS:
        if (root / script).is_file():
            return f"python {script}"
    makefile = _text(root / "Makefile")
    return next((f"make {name}" for name in TARGETS if re.search(rf"^{name}:", makefile, re.MULTILINE)), None)


def _install(root: Path) -> str | None:
    if (root / "requirements.txt").is_file():
        return "python -m pip install -r requirements.txt"
    return "python -m pip install ." if "[project]" in _text(root / "pyproject.toml") else None


def _text(path: Path) -> str:
    """A small text file; empty where there is none that can be read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(MOST_CHARACTERS)
    except OSError:
        return ""
