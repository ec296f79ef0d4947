"""Make `api.github.com.json` and `examples.json` from npm's @octokit/openapi (MIT).

    npm pack @octokit/openapi@23.0.2
    tar xzf octokit-openapi-23.0.2.tgz package/generated/api.github.com.json
    python tests/github/prune_openapi.py package/generated/api.github.com.json

Keeps the operations that we call and what they reach by `$ref`, without the prose.
To use another operation, add its id to `OPERATIONS` and run this again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

OPERATIONS = (
    "users/get-authenticated",
    "pulls/list",
    "pulls/get",
    "issues/list-comments",
    "issues/get-comment",
    "issues/create-comment",
    "issues/update-comment",
    "issues/delete-comment",
    "issues/list-labels-on-issue",
    "issues/list-events",
    "repos/get-collaborator-permission-level",
    "checks/create",
    "checks/update",
    "checks/list-for-ref",
    "repos/get-content",
    "actions/list-workflow-runs-for-repo",
    "actions/list-workflow-runs",
    "actions/list-workflow-run-artifacts",
    "actions/download-artifact",
)

EXAMPLES = (
    "issue-comment",
    "private-user-response-with-public-profile-information",
    "pull-request",
    "content-file-response-if-content-is-a-file",
    "label-items",
    "issue-event-for-issue-items",
    "repository-collaborator-permission-response-if-user-has-admin-permissions",
    "check-run",
    "workflow-run-paginated",
    "artifact-paginated",
)

HERE = Path(__file__).parent

_PROSE = {"summary", "example", "examples", "externalDocs", "title", "tags", "deprecated", "discriminator"}
"""A discriminator only hints at which alternative holds, and GitHub's names a list, which has none."""
_NAMES_ARE_DATA = {
    "properties",
    "schemas",
    "responses",
    "parameters",
    "headers",
    "paths",
    "content",
    "patternProperties",
}


def main(source: Path) -> None:
    """Write both files beside this script."""
    whole = json.loads(source.read_text(encoding="utf-8"))
    paths: dict[str, dict[str, Any]] = {}
    for path, verbs in whole["paths"].items():
        for verb, operation in verbs.items():
            if isinstance(operation, dict) and operation.get("operationId") in OPERATIONS:
                paths.setdefault(path, {})[verb] = strip(operation)
    found = {operation["operationId"] for verbs in paths.values() for operation in verbs.values()}
    if missing := set(OPERATIONS) - found:
        raise SystemExit(f"not in {source}: {', '.join(sorted(missing))}")
    pruned = {
        "openapi": whole["openapi"],
        "info": {
            "title": "GitHub REST API, the few operations that Emissions Reporter uses",
            "version": whole["info"]["version"],
            "license": {"name": "MIT", "url": "https://spdx.org/licenses/MIT"},
            "description": "Pruned from @octokit/openapi 23.0.2 by prune_openapi.py; see LICENSE.octokit.",
        },
        "servers": [{"url": "https://api.github.com"}],
        "paths": paths,
        "components": reached(paths, whole["components"]),
    }
    write("api.github.com.json", pruned)
    write("examples.json", {name: whole["components"]["examples"][name]["value"] for name in EXAMPLES})


def strip(node: Any, *, names_are_data: bool = False) -> Any:
    """The node without prose; a property that is *called* `title` stays."""
    if isinstance(node, list):
        return [strip(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept: dict[str, Any] = {}
    for key, value in node.items():
        if not names_are_data and (key in _PROSE or key.startswith("x-")):
            continue
        if not names_are_data and key == "description" and isinstance(value, str):
            if "content" in node or not set(node) & {
                "type",
                "$ref",
                "schema",
                "allOf",
                "anyOf",
                "oneOf",
                "operationId",
            }:
                kept[key] = ""  # required on a response
            continue
        kept[key] = strip(value, names_are_data=not names_are_data and key in _NAMES_ARE_DATA)
    content = kept.get("content")
    if not names_are_data and isinstance(content, dict) and "application/json" in content:
        # What GitHub recommends to accept, and what strict mocks look up.
        content["application/vnd.github+json"] = content["application/json"]
    return kept


def reached(paths: Any, components: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The components that the paths reach, at any distance."""
    kept: dict[str, dict[str, Any]] = {}
    waiting = list(references(paths))
    while waiting:
        kind, name = waiting.pop().removeprefix("#/components/").split("/", 1)
        if name in kept.setdefault(kind, {}):
            continue
        kept[kind][name] = strip(components[kind][name])
        waiting.extend(references(kept[kind][name]))
    return {kind: dict(sorted(kept[kind].items())) for kind in sorted(kept)}


def references(node: Any) -> list[str]:
    """Every `$ref` below the node."""
    if isinstance(node, list):
        return [found for item in node for found in references(item)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    return own + [found for value in node.values() for found in references(value)]


def write(name: str, content: Any) -> None:
    """One JSON file beside this script, in a form that diffs well."""
    text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=False)
    (HERE / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
