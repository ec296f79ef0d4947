"""Rules, findings and sums in footprint.json: what is written is read again, and what no rule can be is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reporter.domain.budget import Budget, Metric
from reporter.domain.footprint import judged
from reporter.domain.spent import Spent
from reporter.errors import FootprintError
from reporter.export import json
from reporter.export.decoding import decode_policy
from reporter.export.policy import Policy, encode_policy
from tests.factories_footprint import footprint, grams

MONTH = Spent(
    per="month", energy_j=1e9, gco2e=9000.0, runs=9, retries=2, failed=1, unknown=1, at="2026-01-20T00:00:00Z",
    since="2026-01-01T00:00:00Z", until="2026-02-01T00:00:00Z", jobs=("tr*",), attempts="last",
)  # fmt: skip
RULES = (
    grams(50, warn_at_ratio=0.8, origin="emissions.yml, line 4"),
    grams(50, level="warn", branches=("main",), runners=("gpu-*",)),
    Budget(rule="130 J/sample", metric=Metric.ENERGY, unit="J", limit=130.0, per_unit="sample"),
    Budget(rule="+10%", metric=Metric.ENERGY, unit="%", limit=10.0, min_runs=3),
    Budget(
        rule="20 kg/month", metric=Metric.EMISSIONS, unit="kg", limit=20.0, per="month", scope="total", jobs=("tr*",),
        attempts="last",
    ),
    Budget(rule="quality B", metric=Metric.QUALITY, unit="grade", limit=2.0),
    Budget(rule="measured 90%", metric=Metric.MEASURED, unit="%", limit=90.0),
)  # fmt: skip
JOB = judged(
    replace(footprint(branch="main", runner="gpu-1", started_at="2026-01-20T00:00:00Z"), ledger=(MONTH,)), RULES
)


def written(**changes: Any) -> dict[str, Any]:
    """The document of JOB with its first finding changed."""
    document = json.encode(JOB)
    document["verdict"]["findings"][0] |= changes
    return document


def test_every_kind_of_rule_survives_with_what_it_was_judged_by() -> None:
    (read,) = json.loads(json.dumps(json.encode(JOB)), origin="footprint.json")

    assert read == JOB
    assert tuple(finding.budget for finding in read.verdict.findings) == RULES
    assert judged(read, RULES).verdict == JOB.verdict


def test_every_kind_of_rule_survives_in_a_recording() -> None:
    policy = encode_policy(Policy(site=None, budgets=RULES))

    assert decode_policy(policy, origin="recording.jsonl").budgets == RULES


def test_a_limit_says_no_more_than_it_always_did() -> None:
    job = judged(footprint(), (grams(50),))

    assert list(json.encode(job)["verdict"]["findings"][0]) == [
        "rule", "metric", "unit", "limit", "observed", "low", "high", "outcome", "why", "warn_at_ratio", "scope",
        "origin",
    ]  # fmt: skip
    assert "ledger" not in json.encode(job)


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": "kWh"},
        {"unit": "%"},
        {"unit": "grade"},
        {"metric": "quality", "unit": "grade", "limit": 0},
        {"metric": "quality", "unit": "grade", "limit": 5},
        {"metric": "quality", "unit": "grade/sample", "limit": 2},
        {"metric": "measured", "unit": "g"},
        {"metric": "energy", "unit": "%/sample"},
        {"metric": "power"},
        {"per": "fortnight"},
        {"scope": "world"},
        {"level": "error"},
        {"attempts": "first"},
        {"min_runs": -1},
        {"jobs": "train"},
        {"jobs": [1]},
        {"observed": -1},
        {"limit": None},
        {"spent_at": "tomorrow"},
    ],
)
def test_what_no_rule_can_be_is_refused_by_name(changes: dict[str, Any]) -> None:
    with pytest.raises(FootprintError, match=r"verdict\.findings\[0\]"):
        json.loads(json.dumps(written(**changes)), origin="footprint.json")


@pytest.mark.parametrize("changes", [{"per": "hour"}, {"gco2e": None}, {"energy_j": -1}, {"at": "now"}, {"since": "x"}])
def test_what_no_sum_can_be_is_refused_by_name(changes: dict[str, Any]) -> None:
    document = json.encode(JOB)
    document["ledger"][0] |= changes

    with pytest.raises(FootprintError, match=r"ledger\[0\]"):
        json.loads(json.dumps(document), origin="footprint.json")
