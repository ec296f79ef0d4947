"""A baseline in footprint.json, and a comparison as JSON and CSV: round trips, and what is refused."""

from __future__ import annotations

import csv as stdlib_csv
import json as stdlib_json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporter.domain.baseline import Baseline
from reporter.domain.comparison import Kind
from reporter.domain.footprint import Footprint
from reporter.domain.run_record import RecordedPhase
from reporter.errors import FootprintError
from reporter.export import comparison, json
from tests.factories_footprint import footprint
from tests.factories_footprint import held_against as baseline_of

FULL = Baseline(
    label="main", runs=3, sha="c0ffee", it_j=1 / 3, spread_ratio=0.1, repeat_ratio=0.005, duration_s=12.5, idle_j=0.0,
    pue_ratio=1.12, gco2e_per_kwh=41.44, units=(("sample", 50_000.0), ("epoch", 3.0)),
    phases=(RecordedPhase(label="train", energy_j=1.5, duration_s=2.5),
            RecordedPhase(label="eval", energy_j=None, duration_s=None)),
    recent_it_j=(0.1, 0.25, 1 / 3),
)  # fmt: skip
KEYS = [*FULL.__dataclass_fields__]


def held(head: Footprint, *runs: Footprint) -> Footprint:
    return replace(head, baseline=baseline_of(runs, head, label="main"))


@pytest.mark.parametrize(
    "baseline", [FULL, Baseline(label="main", why_not="no run of this job in the base"), Baseline(label="π `x`")]
)
def test_a_baseline_survives_being_written_and_read(baseline: Baseline) -> None:
    job = replace(footprint(), baseline=baseline)

    assert json.loads(json.dumps(json.encode(job)), origin="x") == (job,)


def test_a_job_without_a_base_has_none() -> None:
    assert json.encode(footprint())["baseline"] is None


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("label", None, "`baseline.label` is missing"),
        ("label", 7, "`baseline.label`"),
        ("label", "x" * 5000, "`baseline.label`"),
        ("runs", -1, "`baseline.runs`"),
        ("runs", 1.5, "`baseline.runs`"),
        ("it_j", -1, "`baseline.it_j`"),
        ("it_j", "12", "`baseline.it_j`"),
        ("it_j", True, "`baseline.it_j`"),
        ("it_j", 1e31, "`baseline.it_j`"),
        ("spread_ratio", -0.1, "`baseline.spread_ratio`"),
        ("pue_ratio", 0.9, "`baseline.pue_ratio`"),
        ("units", [1], "`baseline.units`"),
        ("units", {"sample": -1}, "`baseline.units.sample`"),
        ("units", {"sample": None}, "`baseline.units.sample` is missing"),
        ("units", {"x" * 5000: 1}, "`baseline.units`"),
        ("units", {str(each): 1 for each in range(10_001)}, "`baseline.units`"),
        ("phases", {}, "`baseline.phases`"),
        ("phases", [{"energy_j": 1}], "`baseline.phases[0].label` is missing"),
        ("phases", [{"label": "a", "duration_s": -1}], "`baseline.phases[0].duration_s`"),
        ("recent_it_j", [1, "2"], "`baseline.recent_it_j"),
        ("recent_it_j", [None], "`baseline.recent_it_j"),
        ("recent_it_j", [1.0] * 10_001, "`baseline.recent_it_j`"),
    ],
)
def test_a_wrong_value_is_named_by_its_path(key: str, value: object, where: str) -> None:
    written = json.encode(replace(footprint(), baseline=FULL))
    written["baseline"][key] = value

    with pytest.raises(FootprintError) as caught:
        json.loads(stdlib_json.dumps(written), origin="a/footprint.json")

    assert where in caught.value.message
    assert caught.value.message.startswith("a/footprint.json: ")


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(KEYS), anything, max_size=5))
def test_any_baseline_is_read_or_refused(data: dict[str, object]) -> None:
    written = {**json.encode(footprint()), "baseline": {"label": "main", **data}}
    try:
        (read,) = json.loads(stdlib_json.dumps(written), origin="x")
    except FootprintError:
        return
    assert json.loads(json.dumps(json.encode(read)), origin="x") == (read,)


def document(*jobs: Footprint, only: tuple[str, ...] = ()) -> dict[str, Any]:
    found: dict[str, Any] = stdlib_json.loads(json.dumps(comparison.document(jobs, only)))
    return found


def test_a_comparison_has_both_sides_the_difference_and_its_causes() -> None:
    base = footprint(3_600_000.0, duration_s=10.0, sha="old")
    (row,) = document(held(footprint(7_200_000.0, duration_s=20.0), base))["comparisons"]

    assert (row["job"], row["comparable"], row["why_not"]) == ("train", True, None)
    assert row["base"] == {
        "runs": 1, "sha": "old", "duration_s": 10.0, "it_j": 3_600_000.0, "facility_j": pytest.approx(4_032_000.0),
        "facility_kwh": pytest.approx(1.12), "pue_ratio": 1.12, "gco2e_per_kwh": 41.44,
        "gco2e": pytest.approx(46.4128),
    }  # fmt: skip
    assert row["head"]["facility_kwh"] == pytest.approx(2.24)
    assert row["head"]["gco2e"] == pytest.approx(2 * 46.4128)
    assert row["difference"]["it_j"] == 3_600_000.0
    assert row["difference"]["gco2e"] == pytest.approx(46.4128)
    assert row["difference"]["ratio"] == 1.0
    assert row["difference"]["clear"] is True
    # 50,000 samples in either, so that it is the pace and not the time.
    assert row["causes"] == [
        {"kind": "pace", "it_j": pytest.approx(3_600_000.0), "before": 10 / 50_000, "after": 20 / 50_000,
         "unit": "sample"}
    ]  # fmt: skip
    assert row["factors"] == {"pue_gco2e": 0.0, "intensity_gco2e": 0.0}
    assert row["baseline"]["label"] == "main"


def test_what_does_not_compare_has_both_sides_and_the_reason_and_no_difference() -> None:
    (row,) = document(held(footprint(10.0), footprint(20.0, exit_status=1)))["comparisons"]

    assert (row["comparable"], row["why_not"]) == (False, "not comparable: the command failed in the base")
    assert (row["base"]["it_j"], row["head"]["it_j"]) == (20.0, 10.0)
    assert "difference" not in row


def test_jobs_of_one_side_are_named_and_not_compared() -> None:
    found = document(held(footprint(name="new")), footprint(name="bare"), only=("gone",))

    assert found == {"schema": 1, "comparisons": [], "only_in_base": ["gone"], "only_in_head": ["new", "bare"]}


def test_the_table_has_a_row_per_job_whose_causes_add_up() -> None:
    jobs = (
        held(footprint(7_000_000.0, duration_s=20.0), footprint(duration_s=10.0)),
        held(footprint(None, name="=odd")),
    )
    rows = list(stdlib_csv.DictReader(comparison.table(jobs, ("gone",)).splitlines()))

    assert [row["job"] for row in rows] == ["train", "'=odd", "gone"]
    assert [row["comparable"] for row in rows] == ["True", "False", "False"]
    assert [row["why_not"] for row in rows] == ["", "no run of this job in the base", "only in the base"]
    causes = [float(rows[0][f"{kind.value}_it_j"] or 0.0) for kind in Kind]
    assert math.fsum(causes) == pytest.approx(float(rows[0]["difference_it_j"]))
    assert rows[1]["head_it_j"] == rows[1]["base_it_j"] == rows[2]["head_it_j"] == ""


def test_every_column_with_a_number_names_its_unit() -> None:
    words = {"job", "comparable", "why_not", "clear", "base_sha", "head_sha", "base_runs", "head_runs"}

    units = ("_j", "_kwh", "_s", "_ratio", "gco2e", "gco2e_per_kwh")
    assert [name for name in comparison.COLUMNS if name not in words and not name.endswith(units)] == []
