"""History out of artifacts: only the base branch's own runs, only footprints, never more than the limits."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from reporter.errors import HistoryError
from reporter.export import json
from reporter.history import PullRequest, Surroundings, artifact, open_store
from reporter.history import archive as archives
from reporter.http import Client
from tests.factories_footprint import footprint
from tests.github.fake import FakeGitHub


def archive(**members: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name.replace("__", "/").replace("_json", ".json"), data)
    return out.getvalue()


def text(number: int = 1, **job: object) -> str:
    made = footprint()
    job = {"run_id": number, "started_at": f"2026-01-{number:02}T00:00:00Z", "pull_request": None, **job}
    return json.dumps(json.encode(replace(made, job=replace(made.job, **job))))


def surroundings(github: FakeGitHub, **changes):
    known = Surroundings(
        api=Client(github.url, "ghs_secret", unreachable=HistoryError, sleep=lambda _: None),
        connect=lambda url: Client(url, unreachable=HistoryError, sleep=lambda _: None),
        repository=github.repository,
        base_branch="main",
        footprints=lambda text, origin: json.loads(text, origin=origin),
    )
    return known._replace(**changes)


def store(github: FakeGitHub, **changes):
    return open_store("artifact", surroundings(github, **changes))


def test_the_footprints_of_the_last_runs_are_the_history(github):
    for number in (1, 2, 3):
        run = github.add_run()
        github.add_artifact(run, f"emissions-train-{number}", archive(footprint_json=text(number), report_md="hello"))

    history = store(github).load()

    assert [(run.run_id, run.job, run.branch) for run in history.runs()] == [
        (1, "train", "main"),
        (2, "train", "main"),
        (3, "train", "main"),
    ]
    assert history.runs()[0].it_j == 3_600_000.0
    assert history.trouble == ()


def test_the_storage_never_gets_the_token(github):
    github.add_artifact(github.add_run(), "emissions", archive(footprint_json=text()))

    assert len(store(github).load()) == 1

    (stored,) = github.sent("GET", "/storage/")
    assert "authorization" not in stored.headers
    assert all(request.headers["authorization"] for request in github.sent("GET", "/repos/"))


def test_jobs_in_folders_of_one_archive_all_count_and_copies_once(github):
    run = github.add_run()
    github.add_artifact(run, "emissions-1", archive(a__footprint_json=text(1), b__footprint_json=text(1, name="eval")))
    github.add_artifact(run, "emissions-2", archive(footprint_json=text(1)))

    assert sorted(record.job for record in store(github).load().runs()) == ["eval", "train"]


@pytest.mark.parametrize(
    "changes",
    [
        {"branch": "feature"},
        {"event": "pull_request"},
        {"event": "workflow_run"},
        {"conclusion": "failure"},
        {"from_repository": "somebody/octo-repo"},
    ],
)
def test_runs_of_others_do_not_count(github, changes):
    """A fork's branch may be called main; its pull request may have succeeded."""
    run = github.add_run()
    if changes.keys() == {"branch"}:
        github.runs[0]["head_branch"] = changes["branch"]
    elif "from_repository" in changes:
        github.runs[0]["head_repository"]["full_name"] = changes["from_repository"]
    else:
        github.runs[0].update(changes)
    github.add_artifact(run, "emissions", archive(footprint_json=text()))

    assert len(store(github).load()) == 0


def test_only_the_named_workflow_is_looked_at(github):
    for number, path in ((1, ".github/workflows/a.yml"), (2, ".github/workflows/b.yml")):
        run = github.add_run()
        github.runs[0]["path"] = path
        github.add_artifact(run, "emissions", archive(footprint_json=text(number)))

    assert [run.run_id for run in store(github, workflow="b.yml").load().runs()] == [2]


def test_other_artifacts_and_expired_ones_are_not_fetched(github):
    run = github.add_run()
    github.add_artifact(run, "coverage", archive(footprint_json=text()))
    github.add_artifact(run, "emissions-old", archive(footprint_json=text()), expired=True)

    assert len(store(github).load()) == 0
    assert github.sent("GET", "/zip") == []


def bomb() -> bytes:
    return archive(footprint_json=b"0" * (archives.MOST_FOOTPRINT_BYTES + 1))


def many() -> bytes:
    return archive(**{f"{number}__footprint_json": "{}" for number in range(archives.MOST_FOOTPRINTS + 1)})


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"no archive", "no archive that can be read"),
        (archive(footprint_json=text())[:-30], "no archive that can be read"),
        (archive(footprint_json=b"\xff\xfe"), "no archive that can be read"),
        (bomb(), "too long"),
        (many(), "more than 100 footprints"),
        (archive(footprint_json="{}"), "emissions-1` of run"),
        (archive(footprint_json=text().replace('"schema": 1', '"schema": 2')), "emissions-1` of run"),
    ],
)
def test_an_archive_that_cannot_be_read_is_named_and_costs_no_other(github, data, why):
    github.add_artifact(github.add_run(), "emissions-1", data)
    github.add_artifact(github.add_run(), "emissions-2", archive(footprint_json=text(2)))

    history = store(github).load()

    assert [run.run_id for run in history.runs()] == [2]
    assert len(history.trouble) == 1
    assert why in history.trouble[0]


def test_a_name_in_an_archive_is_never_a_path(github, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("../../../footprint.json", text())
        file.writestr("/etc/footprint.json", text(2))
    github.add_artifact(github.add_run(), "emissions", out.getvalue())

    assert len(store(github).load()) == 2
    assert list(tmp_path.iterdir()) == []


def test_what_is_too_large_is_not_fetched(github):
    github.add_artifact(github.add_run(), "emissions", b"", size=archives.MOST_ARCHIVE_BYTES + 1)

    history = store(github).load()

    assert "too large" in history.trouble[0]
    assert github.sent("GET", "/zip") == []


def test_few_runs_are_looked_at(github):
    for _ in range(15):
        github.add_run()

    store(github).load()

    assert len(github.sent("GET", "/artifacts")) == artifact.MOST_RUNS


def test_an_archive_that_expires_meanwhile_is_named(github):
    github.add_artifact(github.add_run(), "emissions", archive(footprint_json=text()))
    github.fail(path="/zip", status=410)

    assert "it has expired" in store(github).load().trouble[0]


OWN = PullRequest(number=7, branch="changes", repository="octo-org/octo-repo")


def of_pull_request(github, number, conclusion="success", branch="changes", repository="octo-org/octo-repo", **job):
    """A run of pull request 7 that has uploaded its footprint."""
    run = github.add_run(branch, event="pull_request", conclusion=conclusion, from_repository=repository)
    made = text(number, **{"pull_request": 7, "branch": branch, **job})
    github.add_artifact(run, f"emissions-{number}", archive(footprint_json=made))


def test_all_runs_of_a_pull_request_are_read_however_they_ended(github):
    of_pull_request(github, 1, "failure", exit_status=1)
    of_pull_request(github, 2, "cancelled")
    of_pull_request(github, 3)
    github.add_artifact(github.add_run(), "emissions", archive(footprint_json=text(4)))

    history = store(github, pull_request=OWN).load()

    assert [(run.run_id, run.pull_request, run.branch) for run in history.runs()] == [
        (1, 7, "changes"),
        (2, 7, "changes"),
        (3, 7, "changes"),
        (4, None, "main"),
    ]
    assert history.runs()[0].ended == "the command failed"


def test_attempts_of_one_run_are_all_read(github):
    run = github.add_run("changes", event="pull_request")
    for attempt in (1, 2):
        made = text(1, pull_request=7, run_attempt=attempt)
        github.add_artifact(run, f"emissions-train-{attempt}", archive(footprint_json=made))

    assert [row.run_attempt for row in store(github, pull_request=OWN).load().runs()] == [1, 2]


def test_another_pull_request_with_a_branch_of_that_name_does_not_count(github):
    of_pull_request(github, 1, pull_request=8)
    of_pull_request(github, 2, branch="other")

    assert len(store(github, pull_request=OWN).load()) == 0


@pytest.mark.parametrize(
    ("repository", "counted"), [("octo-org/octo-repo", [2]), ("Octo-Fork/octo-repo", [1]), ("mallory/octo-repo", [])]
)
def test_a_forks_branch_of_that_name_adds_nothing_whatever_its_footprint_says(github, repository, counted):
    """Anybody may open a pull request from a branch called `changes`, and write any number into a footprint."""
    of_pull_request(github, 1, repository="octo-fork/octo-repo")
    of_pull_request(github, 2)
    of_pull_request(github, 3, repository="mallory/another")
    github.runs[0]["head_repository"] = None  # deleted since
    github.violations.clear()

    history = store(github, pull_request=PullRequest(number=7, branch="changes", repository=repository)).load()

    assert [run.run_id for run in history.runs()] == counted
    assert len(github.sent("GET", "/zip")) == len(counted)
    github.violations.clear()  # GitHub sends null there, whatever its description says


def test_figures_that_nobody_vouches_for_are_nobodys_base(github):
    """The report of a fork's run, uploaded again by a workflow of the base branch."""
    claimed = json.loads(text(2), origin="")[0]
    claimed = replace(claimed, flags=(*claimed.flags, "unprivileged"))
    github.add_artifact(github.add_run(), "emissions-1", archive(footprint_json=json.dumps(json.encode(claimed))))
    github.add_artifact(github.add_run(), "emissions-2", archive(footprint_json=text(1)))

    assert [run.run_id for run in store(github).load().runs()] == [1]


@pytest.mark.parametrize("of_it", [True, False])
def test_of_more_artifacts_than_are_listed_a_sum_lacks_none_silently(github, of_it):
    run = github.add_run("changes", event="pull_request") if of_it else github.add_run()
    for number in range(101):
        github.add_artifact(run, f"a{number}", b"")

    trouble = store(github, pull_request=OWN).load().trouble

    assert trouble == ((f"run {run}: it has 101 artifacts, more than the 100 that are listed",) if of_it else ())


def test_a_run_of_a_pull_request_on_a_branch_called_main_says_so(github):
    of_pull_request(github, 1, branch="main")

    (run,) = store(github, pull_request=OWN._replace(branch="main")).load().runs()

    assert run.pull_request == 7


def test_without_a_pull_request_only_the_branch_is_asked_for(github):
    of_pull_request(github, 1)

    assert len(store(github).load()) == 0
    assert len(github.sent("GET", "/runs")) == 1


@pytest.mark.parametrize(
    ("changes", "why"), [({"expired": True}, "it has expired"), ({"size": 1 << 30}, "it is too large to be read")]
)
def test_a_sum_lacks_nothing_silently(github, changes, why):
    run = github.add_run("changes", event="pull_request")
    github.add_artifact(run, "emissions-1", archive(footprint_json=text()), **changes)

    (trouble,) = store(github, pull_request=OWN).load().trouble

    assert trouble == f"artifact `emissions-1` of run {run}: {why}"


def test_more_than_can_be_read_is_said(github):
    for number in (1, 2, 3):
        of_pull_request(github, number)

    known = surroundings(github, pull_request=OWN)
    history = artifact.ArtifactStore(known, most_artifacts=2).load()

    assert len(history) == 2
    assert history.trouble == ("1 artifact of the pull request is more than are read",)


def test_an_archive_that_does_not_come_costs_no_other(github):
    for number in (1, 2):
        github.add_artifact(github.add_run(), f"emissions-{number}", archive(footprint_json=text(number)))
    github.fail(path="/actions/artifacts/1/zip", status=500, times=9)

    history = store(github).load()

    assert [run.run_id for run in history.runs()] == [2]
    assert "No usable answer" in history.trouble[0]


def test_a_run_whose_artifacts_are_not_listed_costs_no_other(github):
    runs = [github.add_run(), github.add_run()]
    github.add_artifact(runs[1], "emissions", archive(footprint_json=text(2)))
    github.fail(path=f"/runs/{runs[0]}/artifacts", status=500, times=9)

    history = store(github).load()

    assert [run.run_id for run in history.runs()] == [2]
    assert history.trouble[0].startswith(f"run {runs[0]}: ")


def test_a_missing_permission_names_the_block_to_paste(github):
    github.permission = "none"

    with pytest.raises(HistoryError, match="may not read the runs") as caught:
        store(github).load()

    assert "actions: read" in caught.value.hint


@pytest.mark.parametrize("body", [[], {"workflow_runs": 3}, {"workflow_runs": [{"id": "x"}]}])
def test_an_answer_unlike_githubs_is_a_message(github, body):
    github.fail(path="/runs", status=200, body=body)

    assert_raises = pytest.raises(HistoryError, match="GitHub")
    if body == {"workflow_runs": [{"id": "x"}]}:
        assert len(store(github).load()) == 0  # a run of nobody's repository
        return
    with assert_raises:
        store(github).load()


def test_a_server_that_does_not_answer_is_a_message(github):
    github.fail(path="/runs", status=500, times=9)

    with pytest.raises(HistoryError, match="No usable answer"):
        store(github).load()


@pytest.mark.parametrize("missing", [{"api": None}, {"repository": None}, {"repository": "x"}, {"base_branch": None}])
def test_what_is_missing_is_said(github, missing):
    with pytest.raises(HistoryError) as caught:
        store(github, **missing)

    assert caught.value.hint


def test_it_is_only_read(github):
    with pytest.raises(HistoryError, match="only read"):
        store(github).append([])
    with pytest.raises(HistoryError, match="only read"):
        store(github).prune(keep=1)
