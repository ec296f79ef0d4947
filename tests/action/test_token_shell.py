"""The lines of action.yml that have the token, by each kind of sh: what is left in the environment does nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.action.test_action_yml import ROOT, step

TOKEN = "ghs_0123456789abcdefghij"
BUILT_IN = ("exec", "set", "unset", "export", "echo", "printf", "read", "test", "command", "cd", "umask", "eval")
PROGRAMS = ("env", "sed", "cat", "mkdir", "mktemp", "tr", "cksum", "python3", "uv", "timeout")
SHELLS = [kind for kind in ("dash", "bash") if shutil.which(kind)]


@pytest.fixture(params=SHELLS)
def take(request, tmp_path):
    """Runs one step's line as the runner would, with this sh; gives its process and what the reporter would get."""
    folder = tmp_path / "shell"
    folder.mkdir()
    (folder / "sh").symlink_to(shutil.which(request.param))
    state = tmp_path / "base/use-1"
    state.mkdir(parents=True)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {shutil.which("env")} -0 >"{tmp_path}/got"\n')
    python.chmod(0o755)

    def run(name, left=None, *, python=str(python)):
        line = step(name)["run"].replace("/bin/sh ", f"{folder}/sh ")
        (tmp_path / "line").write_text(line + "\n")
        given = {key: "" for key, value in step(name)["env"].items() if value == ""}
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": "/home/me",
            "GITHUB_ACTION_PATH": str(ROOT),
            "RUNNER_TEMP": str(tmp_path / "temp"),
            **(left or {}),
            **given,
            "GITHUB_TOKEN": TOKEN,
            "EMISSIONS_PYTHON": python,
            "EMISSIONS_PATH": os.environ["PATH"],
            "EMISSIONS_STATE": str(state),
            "LD_LIBRARY_PATH": "",
        }
        command = [folder / "sh", "-e", tmp_path / "line"]
        done = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True)
        got = tmp_path / "got"
        words = got.read_text().split("\0")[:-1] if got.exists() else []
        return done, dict(word.partition("=")[::2] for word in words)

    run.base = state.parent
    run.caught = tmp_path / "caught"
    return run


def functions(caught: Path) -> dict[str, str]:
    body = f"() {{ /bin/echo \"$GITHUB_TOKEN\" >>'{caught}'; }}"
    return {f"BASH_FUNC_{name}%%": body for name in (*BUILT_IN, *PROGRAMS)}


@pytest.mark.parametrize("name", ["Report", "Hold to the budget", "Set up"])
@pytest.mark.parametrize("python", [None, ""], ids=["reporter", "none"])
def test_no_function_of_the_jobs_is_called(take, name, python):
    done, _ = take(name, functions(take.caught), **({} if python is None else {"python": python}))

    assert done.returncode == 0, done.stderr
    assert not take.caught.exists(), take.caught.read_text()


@pytest.mark.parametrize("name", ["Report", "Hold to the budget", "Set up"])
def test_no_option_of_the_jobs_makes_the_shell_run_what_a_prompt_says(take, name):
    done, _ = take(name, {"SHELLOPTS": "xtrace", "BASHOPTS": "extdebug", "PS4": f"$(/bin/touch '{take.caught}')+ "})

    assert not take.caught.exists()
    assert "+ " not in done.stderr, "and as root, for whom bash takes no PS4, it is not even asked to"


@pytest.mark.parametrize("name", ["Report", "Hold to the budget"])
def test_the_reporter_gets_no_variable_that_it_does_not_know(take, name):
    left = dict.fromkeys(
        ("BASH_ENV", "ENV", "FPATH", "GLIBC_TUNABLES", "OPENSSL_CONF", "OPENSSL_MODULES", "SSLKEYLOGFILE", "NLSPATH",
         "GIT_SSH", "GIT_SSH_COMMAND", "GIT_CONFIG_PARAMETERS", "PYTHONPATH", "PYTHONHOME", "__PYVENV_LAUNCHER__",
         "DYLD_INSERT_LIBRARIES", "PERL5LIB", "NETRC", "MALLOC_CONF", "INPUT_TOKEN", "TERMINFO", "anything"),
        "/planted",
    )  # fmt: skip
    left["LINES"] = "1\nGCONV_PATH=/planted\nBASH_ENV=/planted"
    done, got = take(name, left | {"LANG": "C.UTF-8", "EMISSIONS_WATTTIME_USER": "me"})

    assert done.returncode == 0, done.stderr
    assert "/planted" not in "\n".join(got.values())
    assert {"GITHUB_TOKEN": TOKEN, "LANG": "C.UTF-8", "EMISSIONS_WATTTIME_USER": "me"}.items() <= got.items()


@pytest.mark.parametrize("name", ["Report", "Hold to the budget"])
def test_proxies_and_certificates_are_those_of_the_first_use(take, name):
    (take.base / "network").write_text("https_proxy=http://me:p=w@proxy:3128\nNO_PROXY=a b,*\n=\nno name=x\n")
    planted = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
    done, got = take(name, dict.fromkeys(planted, "http://planted"))

    assert done.returncode == 0, done.stderr
    assert "http://planted" not in got.values()
    assert (got["https_proxy"], got["NO_PROXY"]) == ("http://me:p=w@proxy:3128", "a b,*")


def test_a_pipe_in_place_of_the_proxies_is_not_waited_for(take):
    os.mkfifo(take.base / "network")

    assert take("Report")[0].returncode == 0


OWN = dict.fromkeys(
    ("python", "step", "name", "value", "state", "mode", "shell", "run", "script", "suffix", "folder", "directory",
     "words", "word", "verb"),
    "the job's own",
)  # fmt: skip
"""Names that a script would choose, as jobs do: `env: {python: "3.12"}`."""


@pytest.mark.parametrize("name", ["Report", "Hold to the budget"])
def test_a_job_may_name_its_variables_as_a_script_does(take, name):
    lines = "\n".join(f"{word}=1" for word in OWN)
    done, got = take(name, OWN | {"LINES": f"\n{lines}"})

    assert done.returncode == 0, done.stderr
    assert got["GITHUB_TOKEN"] == TOKEN


@pytest.mark.parametrize("python", [None, ""], ids=["metered", "unmetered"])
def test_the_command_has_the_jobs_variables_whatever_their_names(take, tmp_path, python):
    inputs = {"EMISSIONS_INPUT_RUN": f'env -0 >"{tmp_path}/got"', "EMISSIONS_INPUT_SHELL": "sh"}
    done, got = take("Meter the command", OWN | inputs, **({} if python is None else {"python": python}))

    assert done.returncode == 0, done.stderr
    assert OWN.items() <= got.items()


def test_a_command_of_the_stand_in_has_the_jobs_variables_too():
    stand_in = ["/bin/sh", ROOT / "reporter/action/stand-in.sh", "run", "--", "env", "-0"]
    shown = subprocess.run(stand_in, env=OWN | {"PATH": os.environ["PATH"]}, capture_output=True, text=True).stdout

    assert {f"{name}={text}" for name, text in OWN.items()} <= set(shown.split("\0"))
