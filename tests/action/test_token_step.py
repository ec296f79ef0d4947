"""What the job's code leaves behind runs in no process that has the token: each plant is tried under act."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.action.test_run import pull_request  # noqa: F401  (a fixture)
from tests.fixtures_action import job, use

pytestmark = pytest.mark.act

PROGRAMS = (
    "sh",
    "bash",
    "env",
    "python",
    "python3",
    "uv",
    "git",
    "sed",
    "cat",
    "mkdir",
    "mktemp",
    "cksum",
    "tr",
    "timeout",
)
MODULES = ("sitecustomize", "usercustomize", "reporter", "yaml", "jinja2", "requests", "json", "os", "encodings")
TRAP = "import os\nopen(os.environ['RESULTS'] + '/caught', 'a').write('MODULE ' + str(dict(os.environ)) + '\\n')\n"
LIBRARY = """
#include <stdio.h>
#include <stdlib.h>
__attribute__((constructor)) static void caught(void) {
    char path[4096];
    const char *token = getenv("GITHUB_TOKEN");
    snprintf(path, sizeof path, "%s/caught", getenv("RESULTS") ? getenv("RESULTS") : "/nonexistent");
    FILE *file = fopen(path, "a");
    if (file) fprintf(file, "LIBRARY %s\\n", token ? token : "-"), fclose(file);
}
"""

PLANT = f"""
mkdir -p "$RESULTS/bin" && cd "$RESULTS/bin"
for name in {" ".join(PROGRAMS)}; do
    printf '#!/bin/dash\\necho "PROGRAM %s $GITHUB_TOKEN" >> "$RESULTS/caught"\\nexit 1\\n' "$name" > "$name"
    /bin/chmod +x "$name"
done
echo "$RESULTS/bin" >> "$GITHUB_PATH"
for folder in "$GITHUB_WORKSPACE" "$RESULTS/modules"; do
    mkdir -p "$folder"
    for name in {" ".join(MODULES)}; do cp "$RESULTS/trap.py" "$folder/$name.py"; done
done
echo 'echo "STARTUP $GITHUB_TOKEN" >> "$RESULTS/caught"' > "$RESULTS/startup"
cat >> "$GITHUB_ENV" <<END
BASH_ENV=$RESULTS/startup
ENV=$RESULTS/startup
PYTHONPATH=$RESULTS/modules
PYTHONHOME=$RESULTS/modules
PYTHONSTARTUP=$RESULTS/trap.py
PYTHONUSERBASE=$RESULTS/modules
PYTHONINSPECT=1
GIT_SSH_COMMAND=$RESULTS/bin/git
EMISSIONS_PYTHON=$RESULTS/bin/python
EMISSIONS_PATH=$RESULTS/bin
EMISSIONS_STATE=$RESULTS/bin
EMISSIONS_BUDGET=0.000001 g
EMISSIONS_INPUT_BUDGET=0.000001 g
EMISSIONS_COMMENT=off
SHELLOPTS=xtrace
PS4=\\$(echo "PROMPT \\$GITHUB_TOKEN" >> "$RESULTS/caught")
http_proxy=http://127.0.0.1:9
HTTP_PROXY=http://127.0.0.1:9
ALL_PROXY=http://127.0.0.1:9
REQUESTS_CA_BUNDLE=$RESULTS/trap.py
GITHUB_API_URL=http://127.0.0.1:9
GITHUB_GRAPHQL_URL=http://127.0.0.1:9
GITHUB_SERVER_URL=http://127.0.0.1:9
GITHUB_REPOSITORY=planted/planted
GITHUB_EVENT_PATH=$RESULTS/trap.py
GITHUB_ACTION_PATH=$RESULTS/bin
BASH_FUNC_printf%%=() {{ echo "FUNCTION \\$GITHUB_TOKEN" >> "$RESULTS/caught"; }}
END
"""


def alone(steps):
    """The use of the action without the step that keeps its outputs: that one runs whatever `bash` is first."""
    return steps.partition("      - if: always()")[0]


@pytest.fixture
def planted(pull_request, tmp_path):  # noqa: F811
    """Runs a job whose metered command plants all this; `more` is added to the command."""

    def run(more="", *, then=""):
        results = tmp_path / "results"
        results.mkdir()
        (results / "trap.py").write_text(TRAP)
        script = "\n".join(f"  {line}" for line in (PLANT + more).strip().splitlines())
        done = pull_request(job(alone(use(f"run: |\n{script}\nbudget: 1 kWh")) + then))
        caught = results / "caught"
        return done, caught.read_text() if caught.exists() else ""

    return run


def test_nothing_that_the_command_left_behind_sees_the_token(planted, github):
    run, caught = planted()

    assert "fake-token" not in caught, caught
    assert run.green
    (comment,) = github.comments
    body = comment.body.replace("\u202f", " ")
    assert "of the 1 kWh budget" in body, "the report is posted all the same, by the input's budget"


def test_nor_in_a_second_use_of_the_action_in_the_same_job(planted, github):
    then = alone(use("mode: report\ncomment-id: again", step="again"))
    run, caught = planted(then=then)

    assert "fake-token" not in caught, caught
    assert len(github.comments) == 2, run.log


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
@pytest.mark.parametrize("variable", ["LD_PRELOAD", "LD_AUDIT"])
def test_no_library_that_the_command_names_is_loaded_beside_the_token(planted, github, tmp_path, variable):
    source = tmp_path / "caught.c"
    source.write_text(LIBRARY)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", tmp_path / "caught.so", source], check=True)
    then = "\n      - run: 'true'\n        shell: /bin/dash -e {0}\n"
    _, caught = planted(f'echo "{variable}={tmp_path}/caught.so" >> "$GITHUB_ENV"\n', then=then)

    assert "LIBRARY -" in caught or variable == "LD_AUDIT", "the job's own next step loads it"
    assert "fake-token" not in caught, caught
    assert len(github.comments) == 1


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_no_folder_that_the_command_names_is_searched_for_libraries(planted, github, tmp_path):
    source = tmp_path / "caught.c"
    source.write_text(LIBRARY)
    folder = tmp_path / "libraries"
    folder.mkdir()
    for name in ("libm.so.6", "libz.so.1", "libdl.so.2", "libpthread.so.0", "libutil.so.1", "libexpat.so.1"):
        subprocess.run(["cc", "-shared", "-fPIC", "-o", folder / name, source], check=True)
    _, caught = planted(f'echo "LD_LIBRARY_PATH={folder}" >> "$GITHUB_ENV"\n')

    assert "fake-token" not in caught, caught
    assert len(github.comments) == 1
