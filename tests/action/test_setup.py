"""setup.sh: an environment of our own, or one warning; never a failure of the job."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def setup(tmp_path, action_tree, quick_uv):
    """Runs setup.sh in a runner's folders that have spaces and quotes in their names."""
    action = tmp_path / "the action's tree"
    shutil.copytree(action_tree, action)
    temp = tmp_path / "runner's temp"
    temp.mkdir()

    def run(*, path=None, **environment):
        for name in ("output", "path"):
            (tmp_path / name).write_text("")
        given = {
            "PATH": path or f"{quick_uv}:{os.environ['PATH']}",
            "GITHUB_ACTION_PATH": str(action),
            "RUNNER_TEMP": str(temp),
            "GITHUB_RUN_ID": "7",
            "GITHUB_RUN_ATTEMPT": "2",
            "GITHUB_JOB": "train",
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_PATH": str(tmp_path / "path"),
            **environment,
        }
        kept = {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "UV_", "SSL_", "HOME"))}
        command = ["/bin/sh", action / "reporter/action/setup.sh"]
        done = subprocess.run(command, env=kept | given, cwd=tmp_path, capture_output=True, text=True)
        outputs = dict(line.partition("=")[::2] for line in (tmp_path / "output").read_text().splitlines())
        return done, outputs

    run.action = action
    run.temp = temp
    run.on_path = tmp_path / "path"
    return run


def bin_with(folder: Path, *names: str) -> str:
    """A PATH of the system's tools, with only these besides."""
    folder.mkdir(exist_ok=True)
    tools = ("sh", "env", "cat", "cksum", "tr", "mkdir", "mktemp", "rm", "sed", "ln", "chmod", "timeout")
    for name in (*tools, *names):
        found = shutil.which(name)
        if found and not (folder / name).exists():
            (folder / name).symlink_to(found)
    return str(folder)


def works(python: str) -> bool:
    code = "import reporter, yaml, jinja2, requests, pynvml; print(reporter.__file__)"
    return subprocess.run([python, "-I", "-c", code], cwd="/", capture_output=True, check=False).returncode == 0


def test_the_environment_imports_the_actions_own_package(setup):
    done, outputs = setup()

    assert done.returncode == 0, done.stdout
    assert "::warning" not in done.stdout
    assert works(outputs["python"])
    code = "import reporter; print(reporter.__file__)"
    imported = subprocess.run([outputs["python"], "-I", "-c", code], cwd="/", capture_output=True, text=True)
    assert imported.stdout.startswith(str(setup.action))


def test_state_lies_under_the_runners_folder_by_run_attempt_and_job(setup):
    _, outputs = setup()

    assert Path(outputs["state"]).parent == setup.temp / "emissions-reporter/7-2-train"


def test_a_second_use_in_the_job_shares_the_environment_and_not_the_state(setup):
    _, first = setup()
    made = Path(first["python"]).parent.parent.stat().st_ctime_ns
    _, second = setup()

    assert second["python"] == first["python"]
    assert Path(second["python"]).parent.parent.stat().st_ctime_ns == made
    assert second["state"] != first["state"]


def test_proxies_and_certificates_are_kept_from_the_first_use_for_nobody_else_to_read(setup):
    _, first = setup(https_proxy="http://me:pw@proxy", REQUESTS_CA_BUNDLE="/ca.pem\nLD_PRELOAD=/x", NO_PROXY="")
    kept = Path(first["state"]).parent / "network"
    setup(https_proxy="http://planted", ALL_PROXY="http://planted")

    lines = [line for line in kept.read_text().splitlines() if not line.startswith("SSL_")]
    assert lines == ["https_proxy=http://me:pw@proxy", "REQUESTS_CA_BUNDLE=/ca.pemLD_PRELOAD=/x"]
    assert kept.stat().st_mode & 0o077 == 0


def test_without_a_folder_of_the_runner_no_folder_is_shared_with_anybody(setup, tmp_path):
    common = tmp_path / "common"
    common.mkdir()
    states = [Path(setup(RUNNER_TEMP="", TMPDIR=str(common))[1]["state"]) for _ in range(2)]

    assert len({state.parent for state in states}) == 2
    assert [folder.stat().st_mode & 0o077 for folder in common.iterdir()] == [0, 0]


def test_another_lock_gets_another_environment(setup):
    _, first = setup()
    with (setup.action / "reporter/action/requirements.lock").open("a") as lock:
        lock.write("# newer\n")
    _, second = setup()

    assert second["python"] != first["python"]


def test_the_jobs_own_python_settings_change_nothing(setup, tmp_path):
    (tmp_path / "reporter.py").write_text("raise SystemExit('the wrong one')")
    _, outputs = setup(PYTHONPATH=str(tmp_path), PYTHONHOME="/nonexistent", PIP_TARGET=str(tmp_path), PIP_USER="1")

    assert works(outputs["python"])


def test_no_python_is_one_warning_and_no_failure(setup, tmp_path):
    done, outputs = setup(path=bin_with(tmp_path / "bin"), RUNNER_TOOL_CACHE=str(tmp_path))

    assert done.returncode == 0
    assert outputs["python"] == ""
    assert done.stdout.count("::warning") == 1
    assert "no Python 3.10 or newer" in done.stdout


def test_an_input_that_is_no_python_is_named(setup):
    done, outputs = setup(EMISSIONS_INPUT_PYTHON="/bin/no'such python%")

    assert done.returncode == 0
    assert outputs["python"] == ""
    assert "no'such python%25" in done.stdout


def test_an_older_python_is_passed_over_for_the_tool_cache(setup, tmp_path, quick_uv):
    old = Path(bin_with(tmp_path / "bin"))
    for name in ("python3", "python"):
        (old / name).write_text("#!/bin/sh\nexit 1\n")
        (old / name).chmod(0o755)
    (old / "uv").symlink_to(quick_uv / "uv")
    cached = tmp_path / "tools/Python/3.12.1/x64/bin"
    cached.mkdir(parents=True)
    (cached / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (cached / "python3").chmod(0o755)

    _, outputs = setup(path=str(old), RUNNER_TOOL_CACHE=str(tmp_path / "tools"))

    assert works(outputs["python"])


def test_no_disk_is_one_warning_and_no_failure(setup):
    done, outputs = setup(RUNNER_TEMP="/proc/no-such-folder")

    assert done.returncode == 0
    assert (outputs["state"], outputs["python"]) == ("", "")
    assert done.stdout.count("::warning") == 1


@pytest.mark.slow
def test_a_wrong_hash_in_the_lock_is_one_warning_and_no_failure(setup, tmp_path):
    lock = setup.action / "reporter/action/requirements.lock"
    lock.write_text("jinja2==3.1.6 --hash=sha256:" + "0" * 64 + "\n")
    done, outputs = setup(path=bin_with(tmp_path / "bin", "python3"), PIP_NO_INDEX="1")

    assert done.returncode == 0
    assert outputs["python"] == ""
    assert done.stdout.count("::warning") == 1


def test_only_the_emissions_command_goes_on_the_path(setup):
    _, outputs = setup(EMISSIONS_ON_PATH="true")
    folder = Path(setup.on_path.read_text().strip())

    assert [file.name for file in folder.iterdir()] == ["emissions"]
    shown = subprocess.run([folder / "emissions", "--version"], cwd="/", capture_output=True, text=True)
    assert shown.stdout.startswith("emissions-reporter ")
    assert outputs["python"]


def test_the_command_on_the_path_names_its_leg_of_the_matrix(setup, tmp_path):
    matrix = '{\n  "gpu": "it\'s an a100",\n  "python": 3.12\n}'
    setup(EMISSIONS_ON_PATH="true", EMISSIONS_MATRIX=matrix)
    folder = Path(setup.on_path.read_text().strip())
    env = {"PATH": "/usr/bin:/bin", "GITHUB_JOB": "train"}
    words = [folder / "emissions", "run", "--quiet", "--sources", "dram_model", "--", "sh", "-c", "env >inside"]
    subprocess.run(words, cwd=tmp_path, env=env, check=True)

    footprint = json.loads((tmp_path / "emissions-report/footprint.json").read_text())
    assert footprint["job"]["name"] == "train (it's an a100, 3.12)"
    assert "EMISSIONS_MATRIX" not in (tmp_path / "inside").read_text()


def test_nothing_goes_on_the_path_unasked(setup):
    setup()

    assert setup.on_path.read_text() == ""


def test_without_the_reporter_the_command_on_the_path_still_runs_the_users_command(setup, tmp_path):
    setup(path=bin_with(tmp_path / "bin"), RUNNER_TOOL_CACHE=str(tmp_path), EMISSIONS_ON_PATH="true")
    emissions = Path(setup.on_path.read_text().strip()) / "emissions"

    command = ["sh", "-c", 'echo "$0"; exit 5', "a b"]
    ran = subprocess.run([emissions, "run", "--name", "x", "--", *command], capture_output=True)
    other = subprocess.run([emissions, "publish", "x"], capture_output=True)

    assert (ran.returncode, ran.stdout) == (5, b"a b\n")
    assert other.returncode == 3


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["uv", "pip"])
def test_the_locked_packages_are_installed_for_real(setup, tmp_path, tool):
    uv = Path(sysconfig.get_path("scripts")) / "uv"
    path = bin_with(tmp_path / "bin", "python3")
    if tool == "uv":
        if not uv.exists():
            pytest.skip("uv is not installed")
        (Path(path) / "uv").symlink_to(uv)
    done, outputs = setup(path=path, EMISSIONS_INPUT_PYTHON=sys._base_executable)
    if "could not be installed" in done.stdout and "No matching distribution" not in done.stdout and tool == "uv":
        pytest.skip("no package index within reach of uv")

    assert outputs["python"], done.stdout
    assert works(outputs["python"])


def wheel(folder: Path, name: str, module: str) -> str:
    """A wheel with one module; its line in a lock file."""
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    kind = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    info = f"{name}-1.0.dist-info"
    files = {f"{name}.py": module, f"{info}/METADATA": metadata, f"{info}/WHEEL": kind}
    record = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(inside, text)
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def installer(folder: Path, tool: str) -> str:
    """A PATH with Python and, if it is asked for, the real uv."""
    path = bin_with(folder, "python3")
    if tool == "uv":
        uv = Path(sysconfig.get_path("scripts")) / "uv"
        if not uv.exists():
            pytest.skip("uv is not installed")
        (Path(path) / "uv").symlink_to(uv)
    return path


NO_INDEX = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "UV_INDEX_URL": "http://127.0.0.1:9/simple"}


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["uv", "pip"])
def test_wheels_beside_the_action_are_installed_without_a_network(setup, tmp_path, tool):
    line = wheel(setup.action / "wheels", "carried", "here = True")
    (setup.action / "reporter/action/requirements.lock").write_text(line)

    path = installer(tmp_path / "bin", tool)
    done, outputs = setup(path=path, EMISSIONS_INPUT_PYTHON=sys._base_executable, **NO_INDEX)

    assert "::warning" not in done.stdout, done.stdout
    subprocess.run([outputs["python"], "-I", "-c", "import carried, reporter"], cwd="/", check=True)


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["uv", "pip"])
def test_a_wheel_beside_the_action_that_is_not_the_locked_one_is_refused(setup, tmp_path, tool):
    line = wheel(setup.action / "wheels", "carried", "here = True")
    (setup.action / "reporter/action/requirements.lock").write_text(line)
    wheel(setup.action / "wheels", "carried", "here = 'planted'")

    path = installer(tmp_path / "bin", tool)
    done, outputs = setup(path=path, EMISSIONS_INPUT_PYTHON=sys._base_executable, **NO_INDEX)

    assert done.returncode == 0
    assert outputs["python"] == ""
    assert done.stdout.count("::warning") == 1


@pytest.fixture
def bare_python(tmp_path) -> Path:
    """This Python without the module ensurepip, as Debian has it until python3-venv is installed."""
    home = tmp_path / "bare"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = home / "lib" / version
    library.mkdir(parents=True)
    for entry in Path(sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix})).iterdir():
        if entry.name not in ("ensurepip", "__pycache__", "EXTERNALLY-MANAGED"):
            (library / entry.name).symlink_to(entry)
    pip = next((Path(folder) / "pip" for folder in sys.path if (Path(folder) / "pip/__init__.py").exists()), None)
    packages = subprocess.run(
        [sys._base_executable, "-I", "-c", "import pip, os; print(os.path.dirname(pip.__file__))"],
        capture_output=True, text=True,
    ).stdout.strip() or (str(pip) if pip else "")  # fmt: skip
    if not packages:
        pytest.skip("no pip to give it")
    for name in ("site-packages", "dist-packages"):
        if not (library / name).exists():
            (library / name).mkdir()
            (library / name / "pip").symlink_to(packages)
    (home / "bin").mkdir()
    python = home / "bin" / "python3"
    shutil.copy(Path(sys._base_executable).resolve(), python)
    probe = "import sys, venv, pip; print(sys.prefix); import ensurepip"
    seen = subprocess.run([python, "-I", "-c", probe], capture_output=True, text=True)
    if seen.stdout.strip() != str(home) or "ensurepip" not in seen.stderr:
        pytest.skip("this Python cannot be copied")
    return python


@pytest.mark.slow
def test_a_python_without_ensurepip_will_do(setup, tmp_path, bare_python):
    line = wheel(setup.action / "wheels", "carried", "here = True")
    (setup.action / "reporter/action/requirements.lock").write_text(line)

    done, outputs = setup(path=bin_with(tmp_path / "bin"), EMISSIONS_INPUT_PYTHON=str(bare_python), **NO_INDEX)

    assert "::warning" not in done.stdout, done.stdout
    subprocess.run([outputs["python"], "-I", "-c", "import carried, reporter"], cwd="/", check=True)
