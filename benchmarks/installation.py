"""What is timed, installed as a user has it: the action's own environment, and other tools in throwaway ones."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from benchmarks.timing import clean_environment, once

ROOT = Path(__file__).resolve().parent.parent
STEPS = Path("reporter", "action")


def copy_of_action(folder: Path) -> Path:
    """The action as a runner has it just after fetching: nothing is compiled yet."""
    action = folder / "action"
    for part in ("reporter", "templates"):
        shutil.copytree(ROOT / part, action / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "action.yml", action)
    return action


def path_of_tools(folder: Path, *, uv: bool) -> str:
    """A PATH with this Python as `python3`, with uv or without."""
    tools = folder / ("tools-uv" if uv else "tools")
    tools.mkdir(parents=True, exist_ok=True)
    found = {"python3": getattr(sys, "_base_executable", sys.executable), "uv": uv_command() if uv else None}
    for name, target in found.items():
        if target and not (tools / name).exists():
            (tools / name).symlink_to(target)
    usual = [part for part in ("/usr/local/bin", "/usr/bin", "/bin") if uv or not (Path(part) / "uv").exists()]
    return ":".join((str(tools), *usual))


def uv_command() -> str | None:
    """The uv of the development environment, else the one on PATH."""
    beside = Path(sys.executable).parent / "uv"
    return str(beside) if beside.exists() else shutil.which("uv")


def set_up(folder: Path, environment: Mapping[str, str], action: Path) -> tuple[float, str]:
    """Run the action's set-up step into an empty RUNNER_TEMP: seconds, and the interpreter of its environment."""
    folder.mkdir(parents=True)
    outputs = folder / "outputs"
    given = {
        **environment,
        "RUNNER_TEMP": str(folder),
        "GITHUB_ACTION_PATH": str(action),
        "GITHUB_OUTPUT": str(outputs),
        "EMISSIONS_ON_PATH": "false",
    }
    took_s = once(["sh", str(action / STEPS / "setup.sh")], env=given, cwd=folder)
    found = dict(line.partition("=")[::2] for line in outputs.read_text().splitlines())
    if not found.get("python"):
        log = "\n".join(file.read_text() for file in folder.rglob("setup.log"))
        raise SystemExit(f"The action's set-up failed:\n{log}")
    return took_s, found["python"]


@cache
def reporter_python(folder: Path) -> str:
    """The interpreter of an environment that the action has set up."""
    uv = uv_command() is not None
    env = clean_environment(PATH=path_of_tools(folder, uv=uv))
    _, python = set_up(folder / "reporter", env, copy_of_action(folder))
    return python


@cache
def peer(folder: Path, name: str) -> tuple[Path, str] | None:
    """Another tool's folder of programs and its version, the newest of the package index; None if it cannot be had."""
    target = folder / name
    env = clean_environment()
    uv = uv_command()
    python = target / "bin" / "python"
    install = (
        [[uv, "venv", "--quiet", "--python", sys.executable, str(target)],
         [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), name]]
        if uv
        else [[sys.executable, "-m", "venv", str(target)], [str(python), "-m", "pip", "install", "--quiet", name]]
    )  # fmt: skip
    try:
        for command in install:
            subprocess.run(command, env=env, check=True, capture_output=True)
    except subprocess.CalledProcessError:
        return None
    ask = [python, "-c", f"import importlib.metadata as m; print(m.version({name!r}))"]
    version = subprocess.run(ask, env=env, check=True, capture_output=True, text=True).stdout.strip()
    return python.parent, version
