"""Make `tests/data/events/*.json` from npm's @octokit/webhooks-examples (MIT).

    npm pack @octokit/webhooks-examples@7.6.1
    tar xzf octokit-webhooks-examples-7.6.1.tgz package/api.github.com/index.json
    python tests/github/take_events.py package/api.github.com/index.json

What the examples lack is made from them; tests/data/events/README.md says which.
"""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "data" / "events"


def main(source: Path) -> None:
    """Write one file per event."""
    examples = {entry["name"]: entry["examples"] for entry in json.loads(source.read_text(encoding="utf-8"))}
    opened = examples["pull_request"][0]
    on_issue = examples["issue_comment"][0]
    events = {
        "pull_request_opened": opened,
        "pull_request_synchronize": examples["pull_request"][22],
        "pull_request_fork": from_a_fork(opened),
        "pull_request_dependabot": from_dependabot(opened),
        "issue_comment_on_issue": on_issue,
        "issue_comment_on_pull_request": on_a_pull_request(on_issue),
        "push": examples["push"][4],
        "merge_group": examples["merge_group"][0],
        "workflow_dispatch": examples["workflow_dispatch"][0],
        "workflow_run": examples["workflow_run"][2],
        "workflow_run_fork": after_a_fork(examples["workflow_run"][2], opened),
        "schedule": on_schedule(examples["push"][4]),
    }
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, event in events.items():
        text = json.dumps(event, indent=1, ensure_ascii=False) + "\n"
        (TARGET / f"{name}.json").write_text(text, encoding="utf-8")


def from_a_fork(opened: dict[str, Any]) -> dict[str, Any]:
    """The same pull request, from somebody else's copy of the repository."""
    event = copy.deepcopy(opened)
    head = event["pull_request"]["head"]
    head["repo"].update(id=186_853_999, fork=True, full_name="Octofriend/Hello-World")
    head["repo"]["owner"].update(login="Octofriend", id=21_031_999)
    head.update(label="Octofriend:changes")
    head["user"].update(login="Octofriend", id=21_031_999)
    event["pull_request"]["user"].update(login="Octofriend", id=21_031_999)
    event["sender"].update(login="Octofriend", id=21_031_999)
    return event


def from_dependabot(opened: dict[str, Any]) -> dict[str, Any]:
    """A pull request by Dependabot: same repository, and yet a read-only token."""
    event = copy.deepcopy(opened)
    event["pull_request"]["head"].update(ref="dependabot/pip/requests-2.32.4")
    for user in (event["pull_request"]["user"], event["sender"]):
        user.update(login="dependabot[bot]", id=49_699_333, type="Bot")
    return event


def on_a_pull_request(on_issue: dict[str, Any]) -> dict[str, Any]:
    """The same comment on a pull request: the issue then has a `pull_request`."""
    event = copy.deepcopy(on_issue)
    issue = event["issue"]
    number = issue["number"]
    page = issue["html_url"].replace("/issues/", "/pull/")
    issue["html_url"] = page
    issue["pull_request"] = {
        "url": f"{event['repository']['url']}/pulls/{number}",
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "merged_at": None,
    }
    return event


def after_a_fork(run: dict[str, Any], opened: dict[str, Any]) -> dict[str, Any]:
    """A completed run of a fork's pull request; `pull_requests` is empty then."""
    event = copy.deepcopy(run)
    event["action"] = "completed"
    inner = event["workflow_run"]
    inner.update(event="pull_request", head_branch="changes", head_sha=opened["pull_request"]["head"]["sha"])
    inner["pull_requests"] = []
    inner["head_repository"].update(id=186_853_999, fork=True, full_name="Octofriend/Hello-World")
    inner["head_repository"]["owner"].update(login="Octofriend", id=21_031_999)
    return event


def on_schedule(push: dict[str, Any]) -> dict[str, Any]:
    """What the runner writes for a schedule; no webhook has it."""
    return {
        "schedule": "17 3 * * *",
        "repository": push["repository"],
        "sender": push["sender"],
        "workflow": ".github/workflows/nightly.yml",
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
