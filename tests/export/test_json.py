"""footprint.json: a round trip to the last digit, and what is refused of other people's."""

from __future__ import annotations

import copy
import json as stdlib_json
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.domain.carbon import Emissions
from reporter.domain.readings import Method, Phase, PowerCurve
from reporter.domain.total import total
from reporter.errors import FootprintError
from reporter.export import csv, json
from reporter.export.plain import logged
from tests.factories_footprint import footprint, grams, meter

CONTRACT = {
    "schema", "tool", "method", "quality", "job", "hardware", "meters", "unavailable", "not_counted", "phases",
    "energy", "pue", "intensity", "emissions", "besides", "per_unit", "baseline", "verdict", "flags",
}  # fmt: skip


def test_a_footprint_survives_being_written_and_read() -> None:
    job = footprint(1 / 3 * 1e7, budgets=(grams(50, warn_at_ratio=0.8, origin="emissions.yml, line 4"),))

    (read,) = json.loads(json.dumps(json.encode(job)), origin="footprint.json")

    assert read == job


def test_every_key_of_the_contract_is_there() -> None:
    written = json.encode(footprint(budgets=(grams(50),)))

    assert set(written) >= CONTRACT
    assert set(written["job"]) >= {
        "name", "command", "exit_status", "started_at", "duration_s", "repository", "sha", "run_id", "run_attempt",
        "pull_request",
    }  # fmt: skip
    assert set(written["meters"][0]) >= {
        "id", "label", "component", "method", "energy_j", "coverage_ratio", "included", "excluded_because",
        "uncertainty_ratio",
    }  # fmt: skip
    assert set(written["energy"]) >= {
        "it_j", "facility_j", "facility_kwh", "measured_ratio", "idle_j", "low_j", "high_j", "repeat_low_j",
        "repeat_high_j",
    }  # fmt: skip
    assert set(written["intensity"]) >= {
        "gco2e_per_kwh", "region", "kind", "origin", "scope", "source", "year", "resolved"
    }  # fmt: skip
    assert set(written["verdict"]["findings"][0]) >= {
        "rule", "metric", "unit", "limit", "observed", "low", "high", "outcome", "why"
    }  # fmt: skip
    assert written["besides"]["cost"] is None


def test_several_jobs_are_one_document_that_can_be_read_again() -> None:
    jobs = (footprint(), footprint(name="eval"))

    text = json.dumps(json.encode_many(jobs, json.encode_total(total(jobs))))

    assert json.loads(text, origin="x") == jobs
    assert stdlib_json.loads(text)["total"]["exit_status"] == 0


def test_no_nan_and_no_infinity_come_out() -> None:
    job = replace(footprint(), meters=(replace(meter(), energy_j=float("inf")),), self_cpu_s=float("nan"))

    written = json.encode(job)

    assert written["meters"][0]["energy_j"] is None
    with pytest.raises(ValueError, match="not JSON compliant"):
        json.dumps({"x": float("nan")})


def test_unknown_keys_are_ignored() -> None:
    written = json.encode(footprint())
    written["later"] = {"a": 1}
    written["energy"]["later"] = 2

    assert json.loads(stdlib_json.dumps(written), origin="x") == (footprint(),)


def test_only_what_is_needed_is_needed() -> None:
    least = {
        "schema": 1, "method": "measured", "quality": "B", "pue": {"ratio": 1.0, "level": "given"},
        "intensity": {"gco2e_per_kwh": 400, "kind": "average", "origin": "given", "scope": "unknown"},
    }  # fmt: skip

    (job,) = json.loads(stdlib_json.dumps(least), origin="x")

    assert job.energy.it_j is None
    assert job.job.name == "job"


def changed(path: str, value: Any) -> str:
    written = copy.deepcopy(json.encode(footprint(budgets=(grams(50),))))
    target: Any = written
    *parents, last = path.split(".")
    for key in parents:
        target = target[int(key)] if key.isdecimal() else target[key]
    target[last] = value
    return stdlib_json.dumps(written)


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("method", "guessed", "`method`"),
        ("quality", "E", "`quality`"),
        ("energy.it_j", -1, "`energy.it_j`"),
        ("energy.it_j", "12", "`energy.it_j`"),
        ("energy.it_j", True, "`energy.it_j`"),
        ("energy.it_j", 10**400, "`energy.it_j`"),
        ("energy", [1], "`energy`"),
        ("pue.ratio", 0.9, "`pue.ratio`"),
        ("pue.ratio", None, "`pue.ratio`"),
        ("job.exit_status", 1 << 32, "`job.exit_status`"),
        ("job.name", "x" * 5000, "`job.name`"),
        ("job.command", [1], "`job.command`"),
        ("job.run_id", 1.5, "`job.run_id`"),
        ("meters", {}, "`meters`"),
        ("meters.0.component", "fan", "`meters[0].component`"),
        ("meters.0.included", "yes", "`meters[0].included`"),
        ("meters.0.id", None, "`meters[0].id`"),
        ("verdict.findings.0.limit", None, "`verdict.findings[0].limit`"),
        ("verdict.findings.0.unit", "pounds", "`verdict.findings[0].unit`"),
        ("verdict.outcome", "green", "`verdict.outcome`"),
        ("schema", "one", "`schema`"),
        ("schema", 0, "`schema`"),
        ("flags", "none", "`flags`"),
    ],
)
def test_a_wrong_value_is_named_by_its_path(path: str, value: object, where: str) -> None:
    with pytest.raises(FootprintError) as caught:
        json.loads(changed(path, value), origin="a/footprint.json")

    assert where in caught.value.message
    assert caught.value.message.startswith("a/footprint.json")


def test_a_newer_schema_is_refused_with_what_to_do() -> None:
    with pytest.raises(FootprintError) as caught:
        json.loads(changed("schema", 2), origin="x")

    assert "newer" in caught.value.message
    assert "Update" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "text", ["", "[]", "1", "nul", "{", '{"schema": NaN}', "[" * 100_000, '{"schema": 1}', '{"schema": 1, "jobs": [1]}']
)
def test_what_is_no_footprint_is_refused(text: str) -> None:
    with pytest.raises(FootprintError):
        json.loads(text, origin="x")


@settings(max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*sorted(CONTRACT), "jobs", "it_j", "id"]), inner, max_size=6)
        ),
        max_leaves=20,
    )
)
def test_any_json_is_read_or_refused(data: object) -> None:
    try:
        json.loads(stdlib_json.dumps(data), origin="x")
    except FootprintError:
        pass


def test_a_table_has_a_row_per_job_and_empty_cells_for_missing_values() -> None:
    header, first, second = csv.dumps((footprint(), footprint(None, name="=cmd()"))).splitlines()

    assert ",job,started_at,duration_s," in header
    assert ",train,2026-01-01T00:00:00Z,12.3,0,measured,B,3600000.0,1.12,1.0,FR,41.44" in first
    assert ",'=cmd(),2026-01-01T00:00:00Z,12.3,0,modelled,D,,,,FR,41.44,,,," in second


def test_phases_idleness_and_shares_come_back_as_they_were() -> None:
    job = footprint()
    full = replace(
        job,
        phases=(
            Phase(label="train", start_s=0.0, end_s=10.0, energy_j=9.5, idle_j=1.5, count=300, duration_s=7.0),
            Phase(label="eval", start_s=2.0, end_s=9.0),
        ),
        meters=(meter(share_ratio=0.125, idle_j=3.0, idle_ratio=0.2, utilisation_ratio=0.7, baseline_w=50.0),),
        energy=replace(job.energy, idle_j=3.0, baseline_w=50.0, net_j=12.0, self_j=0.5),
        timeline=(replace(job.timeline[0], utilisation_ratio=0.25),),
    )

    assert json.loads(json.dumps(json.encode(full)), origin="x") == (full,)


def test_a_cell_never_holds_what_is_no_number() -> None:
    odd = replace(footprint(), emissions=Emissions(gco2e=float("inf"), low_gco2e=0.0, high_gco2e=float("nan")))

    _, row = csv.dumps((odd,)).splitlines()

    assert not {"nan", "inf"} & set(row.split(","))


def test_the_coefficients_of_a_model_come_with_their_source_and_come_back() -> None:
    curve = PowerCurve(points=((0.0, 2.0), (1.0, 10.5)), cpus=4, source="a table", year=2024)
    job = replace(footprint(), meters=(meter("cpu", 9.0, method=Method.MODELLED, model=curve),))

    encoded = json.encode(job)["meters"][0]["model"]

    assert encoded == {
        "points": [{"load_ratio": 0.0, "power_w": 2.0}, {"load_ratio": 1.0, "power_w": 10.5}],
        "cpus": 4, "source": "a table", "year": 2024,
    }  # fmt: skip
    assert json.loads(json.dumps(json.encode(job)), origin="f") == (job,)


ODD = ["\x9b2J\u202e", "##[error]", "\x7f", "\u2028", "👩\u200d🚀", "\U000e0041"]


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(ODD))
def test_a_document_for_a_log_is_the_same_document_and_moves_nothing(text: str) -> None:
    shown = logged(stdlib_json.dumps({"name": text}, ensure_ascii=False))

    assert stdlib_json.loads(shown) == {"name": text}
    assert "##[" not in shown
    assert not any(unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") for sign in shown)
