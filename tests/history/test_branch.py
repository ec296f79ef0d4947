"""History on a branch: real git, a bare repository on disk, and processes that write at the same time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import pytest

from reporter.errors import HistoryError
from reporter.history import Surroundings, open_store, tree
from reporter.history.branch import BRANCH, BranchStore
from reporter.history.git import origin_of, remote_of, surroundings
from reporter.history.refusal import Refusal, refusal_of
from reporter.history.shard import additions, dumps
from tests.factories_history import run_record

ROOT = Path(__file__).parents[2]
WRITER = """
import os, sys
from reporter.history import Surroundings, open_store
from tests.factories_history import run_record
store = open_store("branch", Surroundings(remote_url=sys.argv[1], environ=os.environ))
print(store.append([run_record(int(sys.argv[2]))]).tries)
"""
TOKEN = "ghs_verysecret"


def git(*words, cwd=None, given=None):
    done = subprocess.run(["git", *words], cwd=cwd, input=given, capture_output=True, check=True)
    return done.stdout.decode()


@pytest.fixture
def remote(tmp_path):
    """A bare repository with code on `main`."""
    path = tmp_path / "remote.git"
    git("init", "--quiet", "--bare", "--initial-branch=main", str(path))
    work = tmp_path / "work"
    git("clone", "--quiet", str(path), str(work))
    (work / "code.py").write_text("print('code')\n")
    git("add", ".", cwd=work)
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    git(*who, "commit", "--quiet", "--message", "Code", cwd=work)
    git("push", "--quiet", "origin", "HEAD:main", cwd=work)
    return path


def store(remote, **changes):
    return BranchStore(remote_of(str(remote), None), environ=os.environ, **changes)


def files(remote):
    return git("--git-dir", str(remote), "ls-tree", "-r", "--name-only", BRANCH).split()


def commits(remote):
    return git("--git-dir", str(remote), "rev-list", BRANCH).split()


def put_file(remote, path, text):
    """A commit on the branch that somebody else makes."""
    at = ["--git-dir", str(remote)]
    blob = git(*at, "hash-object", "-w", "--stdin", given=text.encode()).strip()
    index = {**os.environ, "GIT_INDEX_FILE": str(remote / "other-index")}
    for words in (["read-tree", BRANCH], ["update-index", "--add", "--cacheinfo", f"100644,{blob},{path}"]):
        subprocess.run(["git", *at, *words], env=index, check=True)
    made = (
        subprocess.run(["git", *at, "write-tree"], env=index, check=True, capture_output=True).stdout.decode().strip()
    )
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    commit = git(*who, *at, "commit-tree", made, "-p", BRANCH, "-m", "by hand").strip()
    git(*at, "update-ref", f"refs/heads/{BRANCH}", commit)


def test_what_is_added_is_there_and_has_no_common_commit_with_the_code(remote):
    kept = store(remote)

    assert len(kept.load()) == 0
    assert kept.append([run_record(0)]) == (1, 0, 1)
    assert kept.append([run_record(0), run_record(1)]) == (1, 1, 1)

    assert kept.load().runs() == (run_record(0), run_record(1))
    assert git("--git-dir", str(remote), "rev-list", f"main..{BRANCH}").split() == commits(remote)
    assert "code.py" not in files(remote)


@pytest.mark.parametrize("job", ["-m", "x\n\nCo-authored-by: a <a@b.c>", "fixes #1 @octocat", "a\0b", "[skip ci]"])
def test_no_name_is_a_commits_message_or_a_path(remote, job):
    assert store(remote).append([replace(run_record(0), job=job)]).added == 1

    at = ("--git-dir", str(remote))
    assert git(*at, "log", "-1", "--format=%B", BRANCH).strip() == "1 run"
    assert all(re.fullmatch(r"[\w./:-]+", name) for name in files(remote))


def test_each_run_is_a_file_of_its_own_until_there_are_many(remote, monkeypatch):
    monkeypatch.setattr(tree, "MOST_NEW", 3)
    kept = store(remote)
    for number in (0, 1, 24 * 31):
        kept.append([run_record(number)])
    assert len([path for path in files(remote) if path.startswith("new/")]) == 3
    assert len(commits(remote)) == 3

    kept.append([run_record(2)])

    assert files(remote) == ["README.md", "runs/2026-01.jsonl", "runs/2026-02.jsonl"]
    assert len(commits(remote)) == 1  # the commits before are let go
    assert kept.load().runs() == tuple(run_record(number) for number in (0, 1, 2, 24 * 31))


def test_a_month_that_nothing_joins_is_not_written_again(remote, monkeypatch):
    monkeypatch.setattr(tree, "MOST_NEW", 1)
    kept = store(remote)
    kept.append([run_record(0), run_record(1)])
    written = []
    hashed = tree.dumps
    monkeypatch.setattr(tree, "dumps", lambda runs: written.append(1) or hashed(runs))

    kept.append([run_record(24 * 31), run_record(24 * 31 + 1)])

    assert len(written) == 3  # two single runs, and the month that they make
    assert len(kept.load()) == 4


def test_the_oldest_go_beyond_the_limit(remote, monkeypatch):
    monkeypatch.setattr(tree, "MOST_NEW", 5)
    kept = store(remote, most_runs=4)

    for number in range(6):
        kept.append([run_record(number)])

    assert [run.run_id for run in kept.load().runs()] == [3, 4, 5, 6]


def test_bytes_are_bounded_too(remote, monkeypatch):
    monkeypatch.setattr(tree, "MOST_BYTES", 4_000)
    kept = store(remote)

    kept.append([run_record(number) for number in range(100)])

    total = sum(int(line.split()[3]) for line in git("--git-dir", str(remote), "ls-tree", "-rl", BRANCH).splitlines())
    assert total < 4_000 + 1_000  # and the README
    history = kept.load()
    assert 5 < len(history) < 100
    assert history.runs(last=1) == (run_record(99),)


@pytest.mark.slow
def test_twenty_writers_at_once_lose_nothing(remote):
    words = [sys.executable, "-c", WRITER, str(remote)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}

    writers = [
        subprocess.Popen([*words, str(number)], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for number in range(20)
    ]
    said = [writer.communicate(timeout=100) for writer in writers]

    assert [writer.returncode for writer in writers] == [0] * 20, said
    history = store(remote).load()
    assert sorted(run.run_id for run in history.runs()) == list(range(1, 21))
    assert sum(int(out) for out, _ in said) > 20, "nobody met anybody: the test shows nothing"


def test_a_writer_that_comes_second_adds_to_what_came_first(remote):
    """The other one pushes between our fetch and our push."""
    other = store(remote)
    kept = store(remote)
    pushed = kept._pushed
    numbers = iter((1, 2))

    def late(git, tip, change):
        if (number := next(numbers, None)) is not None:
            other.append([run_record(number)])
        return pushed(git, tip, change)

    kept._pushed = late

    assert kept.append([run_record(0)]).tries == 3
    assert kept.load().runs() == (run_record(0), run_record(1), run_record(2))


def test_a_writer_that_meets_a_compaction_loses_nothing(remote, monkeypatch):
    kept, other = store(remote), store(remote)
    kept.append([run_record(number) for number in range(3)])
    pushed = kept._pushed
    pruned = iter((True,))

    def late(git, tip, change):
        if next(pruned, False):
            other.prune(keep=2)
        return pushed(git, tip, change)

    kept._pushed = late

    assert kept.append([run_record(9)]).tries == 2
    assert [run.run_id for run in kept.load().runs()] == [2, 3, 10]


def test_nobody_waits_for_others_for_ever(remote):
    now = iter(range(0, 10_000, 50))
    kept = store(remote, sleep=lambda _: None, clock=lambda: float(next(now)))
    kept._pushed = lambda *_: "! [rejected] (stale info)"

    with pytest.raises(HistoryError, match="Others kept writing") as caught:
        kept.append([run_record()])

    assert "nothing of this was added" in caught.value.message


def test_pruning_says_first_and_keeps_the_newest(remote):
    kept = store(remote)
    kept.append([run_record(number) for number in range(5)])
    before = commits(remote)

    assert kept.prune(keep=2, dry_run=True) == (3, 2)
    assert commits(remote) == before
    assert kept.prune(keep=2) == (3, 2)
    assert [run.run_id for run in kept.load().runs()] == [4, 5]
    assert kept.prune(keep=2) == (0, 2)


def test_a_shard_that_cannot_be_read_is_named_and_outlives_everything(remote, monkeypatch):
    monkeypatch.setattr(tree, "MOST_NEW", 2)
    kept = store(remote)
    kept.append([run_record(0)])
    good = dumps(additions([run_record(1)], ())).decode()
    put_file(remote, "runs/2026-01.jsonl", good + "nonsense\n")
    put_file(remote, "new/notes.jsonl", "notes\n")

    for number in range(2, 6):
        kept.append([run_record(number)])
    kept.prune(keep=3)

    history = kept.load()
    assert len(history.trouble) == 2
    assert "`emissions-history:new/notes.jsonl` is no history" in history.trouble[0]
    assert "`emissions-history:runs/2026-01.jsonl`, line 4" in history.trouble[1]
    assert git("--git-dir", str(remote), "show", f"{BRANCH}:runs/2026-01.jsonl") == good + "nonsense\n"
    assert git("--git-dir", str(remote), "show", f"{BRANCH}:new/notes.jsonl") == "notes\n"
    assert [run.run_id for run in history.runs()] == [2, 4, 5, 6]


def test_a_newer_shard_stops_reader_and_writer(remote):
    kept = store(remote)
    kept.append([run_record(0)])
    put_file(remote, "runs/2027-01.jsonl", '{"emissions-history":2}\n')
    before = commits(remote)

    for call in (kept.load, lambda: kept.append([run_record(1)]), lambda: kept.prune(keep=0)):
        with pytest.raises(HistoryError, match="schema 2") as caught:
            call()
        assert "Update" in caught.value.hint

    assert commits(remote) == before


@pytest.mark.parametrize("path", ["app.py", "runs/deep/2026-01.jsonl", "runs/2026-01.txt"])
def test_a_branch_with_other_content_is_not_touched(remote, path):
    kept = store(remote)
    kept.append([run_record(0)])
    put_file(remote, path, "x\n")
    before = commits(remote)

    for call in (kept.load, lambda: kept.append([run_record(1)])):
        with pytest.raises(HistoryError, match="holds something else than history, and is not touched"):
            call()

    assert commits(remote) == before


def test_a_branch_of_that_name_with_code_is_not_touched(remote):
    git("--git-dir", str(remote), "branch", BRANCH, "main")

    with pytest.raises(HistoryError, match="is not touched"):
        store(remote).append([run_record(0)])

    assert files(remote) == ["code.py"]


def test_a_branch_that_may_not_be_rewritten_is_compacted_by_a_further_commit(remote, monkeypatch):
    monkeypatch.setattr(tree, "MOST_NEW", 2)
    git("--git-dir", str(remote), "config", "receive.denyNonFastForwards", "true")
    kept = store(remote)

    for number in range(4):
        kept.append([run_record(number)])

    assert len(kept.load()) == 4
    assert [path for path in files(remote) if path.startswith("runs/")] == ["runs/2026-01.jsonl"]
    assert len(commits(remote)) == 4


def hook(remote, text, status=1):
    path = remote / "hooks" / "pre-receive"
    path.write_text(f"#!/bin/sh\n{text}\nexit {status}\n")
    path.chmod(0o755)


def test_a_protected_branch_is_a_message(remote):
    hook(remote, "echo 'error: GH006: Protected branch update failed for refs/heads/emissions-history.' >&2")

    with pytest.raises(HistoryError, match="A rule of the repository keeps the branch") as caught:
        store(remote).append([run_record(0)])

    assert "nothing was added" in caught.value.message
    assert "GH006" in caught.value.message


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ("! [rejected] (stale info)", Refusal.OTHERS_WERE_FASTER),
        ("! [rejected] (fetch first)", Refusal.OTHERS_WERE_FASTER),
        ("cannot lock ref 'refs/heads/x': is at 4031 but expected 4010", Refusal.OTHERS_WERE_FASTER),
        ("Unable to create '/r/refs/heads/x.lock': File exists.", Refusal.OTHERS_WERE_FASTER),
        ("[remote rejected] (failed to update ref)", Refusal.OTHERS_WERE_FASTER),
        ("[remote rejected] (cannot force-push to this branch)", Refusal.NO_REWRITE),
        ("remote: denying non-fast-forward refs/heads/x (you should pull first)", Refusal.NO_REWRITE),
        ("remote: error: GH013: Repository rule violations found", Refusal.PROTECTED),
        ("remote: Permission to o/r.git denied to github-actions[bot].", Refusal.NOT_ALLOWED),
        ("The requested URL returned error: 403", Refusal.NOT_ALLOWED),
        ("could not read Username for 'https://github.com': terminal prompts disabled", Refusal.NOT_ALLOWED),
        ("insufficient permission for adding an object to repository database ./objects", Refusal.NOT_ALLOWED),
        ("fatal: write error: No space left on device", Refusal.FULL),
        ("something new", Refusal.OTHER),
    ],
)
def test_the_reason_of_a_refusal_is_told_from_what_git_says(said, refusal):
    assert refusal_of(said) is refusal


def test_a_missing_permission_names_the_block_to_paste():
    error = Refusal.NOT_ALLOWED.error("remote: Permission denied", "branch")

    assert "permissions:\n  contents: write\n" in error.hint


def test_a_remote_that_is_not_there_is_a_message(tmp_path):
    with pytest.raises(HistoryError, match="cannot be fetched"):
        store(tmp_path / "nowhere.git").load()


def test_without_git_there_is_a_message(remote, tmp_path):
    bare = BranchStore(remote_of(str(remote), None), environ={"PATH": str(tmp_path)})

    with pytest.raises(HistoryError, match="There is no git here"):
        bare.load()


def test_an_old_git_is_named(remote, tmp_path):
    (tmp_path / "bin").mkdir()
    old = tmp_path / "bin" / "git"
    old.write_text("#!/bin/sh\necho git version 2.20.1\n")
    old.chmod(0o755)
    kept = BranchStore(remote_of(str(remote), None), environ={"PATH": f"{tmp_path / 'bin'}:/bin:/usr/bin"})

    with pytest.raises(HistoryError, match=r"git 2\.20 is too old"):
        kept.load()


def test_the_remote_of_a_work_tree_is_used_whatever_state_it_is_in(remote, tmp_path):
    shallow = tmp_path / "shallow"
    git("clone", "--quiet", "--depth=1", f"file://{remote}", str(shallow))
    git("checkout", "--quiet", "--detach", cwd=shallow)
    (shallow / "code.py").write_text("changed\n")
    status, config = git("status", "--porcelain", cwd=shallow), (shallow / ".git" / "config").read_bytes()

    kept = open_store("branch", Surroundings(folder=str(shallow), environ=os.environ))
    kept.append([run_record(0)])

    assert len(kept.load()) == 1
    assert git("status", "--porcelain", cwd=shallow) == status
    assert (shallow / ".git" / "config").read_bytes() == config
    assert BRANCH not in git("for-each-ref", cwd=shallow)


def test_a_folder_without_git_or_remote_is_a_message(tmp_path):
    with pytest.raises(HistoryError, match="is no git repository"):
        origin_of(str(tmp_path), os.environ)
    git("init", "--quiet", str(tmp_path))
    with pytest.raises(HistoryError, match="has no remote `origin`"):
        origin_of(str(tmp_path), os.environ)


def test_no_hook_and_no_setting_of_the_user_is_run(remote, tmp_path, monkeypatch):
    home = tmp_path / "home"
    (home / "hooks").mkdir(parents=True)
    for name in ("pre-push", "post-commit", "reference-transaction", "post-index-change"):
        (home / "hooks" / name).write_text(f"#!/bin/sh\ntouch {home}/ran-{name}\n")
        (home / "hooks" / name).chmod(0o755)
    (home / ".gitconfig").write_text(
        f"[core]\n\thooksPath = {home}/hooks\n\tfsmonitor = touch {home}/ran-fsmonitor\n"
        f"[init]\n\ttemplateDir = {home}\n[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = touch {home}/ran-gpg\n"
        f'[url "{home}/elsewhere.git"]\n\tinsteadOf = {remote}\n[push]\n\tgpgSign = true\n'
        f'[credential]\n\thelper = "!touch {home}/ran-helper"\n[transfer]\n\tfsckObjects = false\n'
    )
    environ = {**os.environ, "HOME": str(home), "GIT_DIR": "/nowhere", "GIT_TEMPLATE_DIR": str(home)}
    kept = BranchStore(remote_of(str(remote), None), environ=environ)

    kept.append([run_record(0)])

    assert len(kept.load()) == 1
    assert not list(home.glob("ran-*"))


@pytest.fixture
def spied(tmp_path):
    """A `git` that notes its arguments and environment before it is git."""
    (tmp_path / "bin").mkdir()
    log = tmp_path / "calls.jsonl"
    code = (
        f"#!{sys.executable} -I\nimport json, os, sys\n"
        f"open({str(log)!r}, 'a').write(json.dumps([sys.argv, dict(os.environ)]) + '\\n')\n"
        "path = os.environ['PATH'].partition(':')[2]\n"
        "os.environ['PATH'] = path\nos.execvp('git', ['git', *sys.argv[1:]])\n"
    )
    (tmp_path / "bin" / "git").write_text(code)
    (tmp_path / "bin" / "git").chmod(0o755)
    environ = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "SECRET_OF_MINE": "x"}
    return environ, lambda: [json.loads(line) for line in log.read_text().splitlines()]


@pytest.mark.parametrize(
    ("url", "token"),
    [
        ("http://127.0.0.1:9/o/r", TOKEN),
        (f"http://x-access-token:{TOKEN}@127.0.0.1:9/o/r.git", None),
    ],
)
def test_the_token_is_in_no_argument_address_or_message(spied, url, token):
    environ, calls = spied
    kept = BranchStore(remote_of(url, token), environ=environ)

    with pytest.raises(HistoryError) as caught:
        kept.append([run_record(0)])

    assert calls()
    for words, given in calls():
        assert not any(TOKEN in word for word in words)
        settings = {
            given[f"GIT_CONFIG_KEY_{n}"]: given[f"GIT_CONFIG_VALUE_{n}"] for n in range(int(given["GIT_CONFIG_COUNT"]))
        }
        header = settings.get("http.http://127.0.0.1:9/.extraHeader", "Authorization: Basic " + "eDp4")
        assert TOKEN not in settings.get("remote.origin.url", "")
        assert "SECRET_OF_MINE" not in given
        if "remote.origin.url" in settings:
            assert b64decode(header.rpartition(" ")[2]).decode() == f"x-access-token:{TOKEN}"
    assert TOKEN not in caught.value.message + (caught.value.hint or "") + kept.label


def test_the_token_goes_to_its_own_server_alone():
    def header(url):
        known = Surroundings(remote_url=url, server_url="https://github.com", token=TOKEN)
        return open_store("branch", known)._remote.header

    assert header("https://github.com/o/r")
    for url in ("https://github.com.example.org/o/r", "http://github.com/o/r", "git@github.com:o/r.git", "/tmp/r.git"):
        assert header(url) is None


def test_an_address_that_runs_a_command_is_refused(tmp_path):
    kept = store(f"ext::touch {tmp_path}/ran")

    with pytest.raises(HistoryError, match="cannot be fetched"):
        kept.load()

    assert not (tmp_path / "ran").exists()


def test_a_full_temporary_disk_is_a_message(remote, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")

    with pytest.raises(HistoryError, match="No temporary folder"):
        store(remote).load()


def test_git_is_given_nothing_but_what_it_needs():
    given = surroundings({"PATH": "/bin", "GIT_TRACE": "1", "GITHUB_TOKEN": TOKEN, "GIT_CONFIG_PARAMETERS": "'x'"})

    assert given["PATH"] == "/bin"
    assert not {"GIT_TRACE", "GITHUB_TOKEN", "GIT_CONFIG_PARAMETERS"} & set(given)


def test_an_attempt_is_a_run_of_its_own(remote):
    kept = store(remote)

    kept.append([run_record(0), replace(run_record(0), run_attempt=2, started_at="2026-01-01T00:10:00Z")])

    assert len(kept.load()) == 2
