"""What a report says, and what it keeps to itself."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

from reporter.domain.budget import Budget, Metric, Outcome, Verdict
from reporter.domain.carbon import Emissions, Energy, PerUnit
from reporter.domain.footprint import judged
from reporter.domain.judgement import judge
from reporter.domain.observation import observation
from reporter.domain.readings import Component, Method
from reporter.domain.spent import Spent
from reporter.report.breakdown import parts
from reporter.report.format import NARROW
from reporter.report.page import ReportView
from reporter.report.view import ReportContext, report_view

CONTEXT = ReportContext()


def said(view: ReportView) -> str:
    """Everything that the view says, narrow spaces as ordinary ones."""

    def words(value: Any) -> str:
        if dataclasses.is_dataclass(value) and not hasattr(value, "spans"):
            return "\n".join(words(getattr(value, field.name)) for field in dataclasses.fields(value))
        return "\n".join(map(words, value)) if isinstance(value, tuple) else str("" if value is None else value)

    return words(view).replace(NARROW, " ")


def title(*footprints: Any, **changes: Any) -> str:
    view = report_view(footprints, CONTEXT._replace(**changes))
    return f"{view.icon} {view.title}".replace(NARROW, " ")


def budget(limit: float, unit: str = "g", **changes: Any) -> Budget:
    metric = Metric.EMISSIONS if unit in ("g", "kg") else Metric.ENERGY
    return Budget(rule=f"{limit:g} {unit}", metric=metric, unit=unit, limit=limit, **changes)


@pytest.mark.parametrize(
    ("limit", "unit", "expected"),
    [
        (600, "g", "✅ 448 g CO₂e, 75 % of the 600 g budget"),
        (2.5, "kWh", "✅ 1.83 kWh, 73 % of the 2.5 kWh budget"),
        (1, "kg", "✅ 0.448 kg CO₂e, 45 % of the 1 kg budget"),
        (446, "g", "⚠️ Too close to call: 444–451 g CO₂e against the 446 g budget"),
        (440, "g", "❌ 1.7 % over the carbon budget: 448 g of 440 g"),
        (1.5, "kWh", "❌ 22 % over the energy budget: 1.83 kWh of 1.5 kWh"),
        (10, "g", "❌ 45 times the carbon budget: 448 g of 10 g"),
        (20_000, "kg", "✅ 0.448 kg CO₂e, <0.1 % of the 20,000 kg budget"),
    ],
)
def test_the_title_is_the_verdict_with_its_number(make_job: Any, limit: float, unit: str, expected: str) -> None:
    assert title(make_job(budgets=(budget(limit, unit),))) == expected


def test_a_warning_from_a_share_of_the_limit_on_says_that_it_is_nearly_used_up(make_job: Any) -> None:
    job = make_job(budgets=(budget(500, warn_at_ratio=0.8),))

    assert title(job) == "⚠️ 448 g CO₂e, 90 % of the 500 g budget: nearly used up"


def test_of_several_rules_the_worst_is_in_the_title(make_job: Any) -> None:
    job = make_job(budgets=(budget(2.5, "kWh"), budget(400), budget(440)))

    assert title(job) == "❌ 12 % over the carbon budget: 448 g of 400 g"


def test_a_budget_on_work_names_the_unit_of_work(make_job: Any) -> None:
    work = PerUnit(unit="sample", count=50_000, energy_j=131.6, gco2e=0.009)
    rule = Budget(rule="130 J/sample", metric=Metric.ENERGY, unit="J", limit=130, per_unit="sample")

    job = make_job(per_unit=(work,), budgets=(rule,))

    assert title(job) == "❌ 1.3 % over the energy budget: 131.7 J of 130 J per sample".replace("131.7", "132")


def test_a_gpu_that_was_not_read_leaves_the_budget_unjudged(make_job: Any) -> None:
    view = report_view([make_job(unread=("GPU-1",), budgets=(budget(600),))], CONTEXT)

    assert str(view.title) == "Budget not judged: 1 GPU could not be read"
    assert str(view.headline).startswith("At least ")
    assert view.jobs.rows[0].budget_used.startswith("≥75")
    assert "1 GPU not read" in view.jobs.rows[0].basis
    assert [str(way) for way in view.ways_out] == ["Run the job as a user of the group video."]


def test_without_a_budget_the_number_stands_alone(make_job: Any, make_hosted_job: Any) -> None:
    assert title(make_job()) == "ℹ️ 1.83 kWh · 448 g CO₂e, no budget set"
    assert title(make_hosted_job()) == "ℹ️ About 4 Wh (modelled), no budget set"


def test_what_could_not_be_metered_has_no_number(make_job: Any) -> None:
    nothing = Energy(
        it_j=None, facility_j=None, measured_ratio=None, low_j=None, high_j=None, repeat_low_j=None, repeat_high_j=None
    )
    job = make_job(
        energy=nothing, emissions=Emissions(gco2e=None, low_gco2e=None, high_gco2e=None), meters=(), phases=(),
        timeline=(), budgets=(budget(600),),
    )  # fmt: skip

    view = report_view([job], CONTEXT)

    assert title(job) == "❔ Budget not judged: nothing could be measured or modelled"
    assert view.jobs.rows[0].energy == "–"
    assert view.jobs.rows[0].emissions == "–"
    assert "None" not in said(view)


def test_an_unknown_region_is_the_first_thing_said_and_how_to_set_it(make_hosted_job: Any) -> None:
    view = report_view([make_hosted_job()], CONTEXT)

    assert str(view.location).replace(NARROW, " ") == (
        "Location unknown: CO₂e assumes the United States (384 g/kWh) and could be 0.1–5.6 g."
        " Set region: (for example region: FR), or --region FR on the command line."
    )
    assert view.jobs.rows[0].emissions.startswith("≈")


def test_with_known_regions_nothing_is_said_about_location(make_job: Any) -> None:
    assert report_view([make_job()], CONTEXT).location is None


def test_a_failed_command_is_shown_and_its_energy_counts(make_job: Any) -> None:
    view = report_view([make_job(exit_status=3, budgets=(budget(600),))], CONTEXT)

    assert "The command failed with status 3; its energy still counts." in [str(remark) for remark in view.remarks]
    assert "command failed with status 3" in view.jobs.rows[0].basis


@pytest.mark.parametrize(("status", "words"), [(143, "SIGTERM"), (137, "SIGKILL"), (200, "status 200")])
def test_a_signal_is_named(make_job: Any, status: int, words: str) -> None:
    assert words in report_view([make_job(exit_status=status)], CONTEXT).jobs.rows[0].basis


def test_a_job_that_was_cut_off_says_so(make_job: Any) -> None:
    view = report_view([make_job(exit_status=None, flags=("meter-killed",))], CONTEXT)

    assert "cut off" in str(view.remarks[0])
    assert view.jobs.rows[0].basis.startswith("cut off; ")


@pytest.mark.parametrize("limit", [600, 10], ids=["within", "over"])
@pytest.mark.parametrize("many", [1, 2])
def test_a_session_has_no_status_and_is_neither_cut_off_nor_a_command(make_job: Any, limit: int, many: int) -> None:
    sessions = [make_job(f"job {n}", exit_status=None, budgets=(budget(limit),)) for n in range(many)]

    view = report_view(sessions, CONTEXT)

    said = f"{view.title} {' '.join(str(remark) for remark in view.remarks)} {view.jobs.rows[0].basis}"
    assert not [word for word in ("cut off", "finish", "killed", "command", "status") if word in said]


def test_a_failed_budget_says_what_a_repeat_would_give_and_how_to_go_green(make_job: Any) -> None:
    job = make_job(it_kwh=2.263, duration_s=1653, budgets=(budget(600, origin=".github/emissions.yml, line 7"),))

    view = report_view([job], CONTEXT)

    assert [str(reason).replace(NARROW, " ") for reason in view.reasons] == [
        "Not noise: 632–642 g if measured again; all above 600 g."
    ]
    assert [str(way).replace(NARROW, " ").replace("the job passes", "passes") for way in view.ways_out] == [
        "Shorten train, the largest phase, by about 1 min 33 s (now 17 min 5 s at 5.72 kW): passes at 2.43 kWh.",
        "Raise the limit 600 g (.github/emissions.yml, line 7).",
    ]


def test_two_exceeded_limits_of_a_job_have_one_way_each_that_serves_both(make_job: Any) -> None:
    limits = (budget(500, origin="emissions.yml, line 3"), budget(600, origin="emissions.yml, line 4"))

    ways = [
        str(way).replace(NARROW, " ") for way in report_view([make_job(it_kwh=2.263, budgets=limits)], CONTEXT).ways_out
    ]

    assert [way.partition(",")[0] for way in ways] == ["Shorten train", "Raise the limits 500 g (emissions.yml"]
    assert ways[0].endswith("passes at 2.02 kWh.")
    assert ways[1] == "Raise the limits 500 g (emissions.yml, line 3) and 600 g (emissions.yml, line 4)."


def test_the_label_that_accepts_what_is_exceeded_is_named_where_it_would_do(make_job: Any) -> None:
    context = CONTEXT._replace(accept="emissions-accepted")
    over, near = make_job(it_kwh=2.263, budgets=(budget(600),)), make_job(it_kwh=2.13, budgets=(budget(600),))

    assert [str(way) for way in report_view([over], context).ways_out][1] == (
        "Accept it once: the label emissions-accepted, set by somebody who may write here."
    )
    assert near.verdict.outcome is Outcome.WARN
    assert not [way for way in report_view([near], context).ways_out if "label" in str(way)]


def test_each_of_several_jobs_over_budget_needs_a_way_of_its_own(make_job: Any) -> None:
    jobs = [make_job(name, it_kwh=2.263, budgets=(budget(600),)) for name in ("a", "b")]

    assert report_view(jobs[:1], CONTEXT).ways_label == "To go green, one of"
    assert report_view(jobs, CONTEXT).ways_label == "To go green, for each job one of"


@pytest.mark.parametrize("it_kwh", [2.263, 2.31, 2.42, 5.0, 7.77])
def test_the_way_out_really_passes(make_job: Any, it_kwh: float) -> None:
    job = make_job(it_kwh=it_kwh, phases=(), budgets=(budget(600),))
    view = report_view([job], CONTEXT)
    passes_at_kwh = float(str(view.ways_out[0]).partition("passes at ")[2].partition(NARROW)[0])

    again = make_job(it_kwh=passes_at_kwh / job.pue.ratio, budgets=(budget(600),))

    assert again.verdict.outcome is Outcome.PASS


def test_without_phases_the_whole_job_is_to_be_shortened(make_job: Any) -> None:
    view = report_view([make_job(it_kwh=2.263, phases=(), budgets=(budget(600),))], CONTEXT)

    assert str(view.ways_out[0]).startswith("Shorten the job: it passes at 2.43")


def test_an_origin_that_is_a_flag_is_shown_as_code(make_job: Any) -> None:
    view = report_view([make_job(budgets=(budget(400, origin="action input `budget`"),))], CONTEXT)

    assert str(view.ways_out[-1]).replace(NARROW, " ") == "Raise the limit 400 g (action input budget)."


def test_several_jobs_are_sorted_over_budget_first_then_by_energy(make_job: Any) -> None:
    jobs = [
        make_job("small", it_kwh=0.5, budgets=(budget(600),)),
        make_job("large", it_kwh=2.0, budgets=(budget(600),)),
        make_job("over", it_kwh=1.0, budgets=(budget(100),)),
    ]

    view = report_view(jobs, CONTEXT)

    assert [row.name for row in view.jobs.rows] == ["over", "large", "small"]
    assert [row.icon for row in view.jobs.rows] == ["❌", "", ""]
    assert str(view.title).replace(NARROW, " ") == "1 of 3 jobs over budget: over with 282 g of 100 g"


def test_several_jobs_have_a_total_and_share_one_unit_a_column(make_job: Any) -> None:
    jobs = [make_job("a", it_kwh=1.0), make_job("b", it_kwh=0.25)]

    table = report_view(jobs, CONTEXT).jobs

    assert [row.energy.replace(NARROW, " ") for row in table.rows] == ["1.15 kWh", "0.29 kWh"]
    assert table.total is not None
    assert (table.total.name, table.total.energy.replace(NARROW, " ")) == ("Total of 2 jobs", "1.44 kWh")


def test_more_than_twenty_jobs_are_folded(make_job: Any) -> None:
    jobs = [make_job(f"job {index}", gpus=1) for index in range(23)]

    table = report_view(jobs, CONTEXT).jobs

    assert (len(table.rows), len(table.folded), table.folded_label) == (20, 3, "3 more jobs")


def test_a_job_without_a_footprint_is_a_row_and_never_a_zero(make_job: Any) -> None:
    view = report_view([make_job("a")], ReportContext(missing=("b",)))

    assert [(row.name, row.energy, row.basis) for row in view.jobs.rows[1:]] == [("b", "–", "no footprint arrived")]
    assert view.jobs.total is not None
    assert view.jobs.total.name == "Total of 1 of 2 jobs"
    assert "1 job sent no footprint: b." in [str(remark) for remark in view.remarks]


def test_no_footprint_at_all_is_still_a_report() -> None:
    view = report_view([], ReportContext(notices=("The meter could not be set up.",)))

    assert f"{view.icon} {view.title}" == "ℹ️ No footprint arrived"
    assert str(view.remarks[0]) == "The meter could not be set up."


def test_a_budget_on_the_sum_is_judged_on_the_sum(make_job: Any) -> None:
    jobs = [make_job("a", it_kwh=1.5), make_job("b", it_kwh=1.5)]
    verdict = judge((budget(800, scope="total"),), *map(observation, jobs))

    view = report_view(jobs, ReportContext(verdict=verdict))

    assert str(view.title).replace(NARROW, " ") == ("6 % over the carbon budget: 845 g of 800 g, 2 jobs together")
    assert [row.job for row in view.budgets] == ["all jobs"]


def month_of(job: Any, limit_g: float, spent_g: float) -> Any:
    """The job under a monthly budget of which so much is spent already, in 40 runs, and one of 450 g of its own."""
    rules = (
        Budget(rule="450 g", metric=Metric.EMISSIONS, unit="g", limit=450.0),
        Budget(
            rule=f"{limit_g:g} g/month", metric=Metric.EMISSIONS, unit="g", limit=limit_g, per="month", scope="total"
        ),
    )
    before = Spent(
        per="month", energy_j=0.0, gco2e=spent_g, runs=40, retries=2, failed=1, at="2026-11-20T00:00:00Z",
        since="2026-11-01T00:00:00Z", until="2026-12-01T00:00:00Z",
    )  # fmt: skip
    dated = dataclasses.replace(job, job=dataclasses.replace(job.job, started_at="2026-11-19T00:00:00Z"))
    return judged(dataclasses.replace(dated, ledger=(before,)), rules)


def test_a_month_that_is_not_the_matter_is_a_line_of_its_own(make_job: Any) -> None:
    view = report_view([month_of(make_job(), 2000.0, 400.0)], ReportContext())

    assert "450" in str(view.title)
    told = str(view.reasons[-1]).replace(NARROW, " ")
    assert re.fullmatch(
        r"This month: 8\d\d of 2,000 g CO₂e \(4\d %\), 41 runs, 2 tried again, 1 failed or cancelled\.", told
    ), told


def test_a_job_shows_the_share_of_its_own_budgets_not_of_everybodys(make_job: Any) -> None:
    job = month_of(make_job(), 500.0, 400.0)
    (row,) = report_view([job], ReportContext()).jobs.rows
    own = job.emissions.gco2e / 450

    assert job.verdict.outcome is Outcome.FAIL
    assert row.budget_used.replace(NARROW, "") in (f"{own * 100:.0f}%", f"{own * 100:.1f}%")
    assert not row.over


def test_a_verdict_that_repeats_the_jobs_findings_shows_each_once(make_job: Any) -> None:
    job = make_job(budgets=(budget(600),))

    view = report_view([job], ReportContext(verdict=job.verdict))

    assert len(view.budgets) == 1


def test_the_two_intervals_are_named_apart(make_job: Any) -> None:
    lines = [str(line).replace(NARROW, " ") for line in report_view([make_job()], CONTEXT).whole.sure]

    assert lines[0].startswith("If measured again: 1.81–1.84 kWh, 444–451 g CO₂e")
    assert lines[1].startswith("The absolute number: 340–570 g CO₂e")


def test_the_method_names_every_factor_with_its_source(make_job: Any) -> None:
    assert str(report_view([make_job()], CONTEXT).whole.method[0]).replace(NARROW, " ") == (
        "GPUs 1.44, CPU 0.11, memory ≈0.04 kWh; × 1.15 for the building (PUE, this region, Amazon 2024)"
        " × 245 g/kWh (Virginia, US EPA eGRID 2023, annual, direct)."
    )


def test_jobs_at_different_sites_have_a_line_each(make_job: Any, make_hosted_job: Any) -> None:
    method = [str(line) for line in report_view([make_job("a"), make_hosted_job("b")], CONTEXT).whole.method]

    assert method[0].startswith("a: ")
    assert method[1].startswith("b: ")


def test_a_meter_inside_another_is_shown_but_not_added(make_job: Any) -> None:
    job = make_job(gpus=1)
    inner = dataclasses.replace(job.meters[1], label="core", included=False, excluded_because="inside CPU package 0")

    rows = report_view([dataclasses.replace(job, meters=(*job.meters, inner))], CONTEXT).whole.meters

    assert (rows[-1].label, rows[-1].share, rows[-1].note) == ("core", "–", "not added: inside CPU package 0")
    assert not rows[-1].counted


def test_a_meter_that_was_read_in_part_says_how_much(make_job: Any) -> None:
    job = make_job(gpus=1)
    gap = dataclasses.replace(job.meters[0], coverage_ratio=0.92)

    part = report_view([dataclasses.replace(job, meters=(gap, *job.meters[1:]))], CONTEXT).whole.parts[0]

    assert part.note.replace(NARROW, " ") == "read during 92 % of the job"


def test_flags_are_words(make_job: Any) -> None:
    view = report_view([make_job(flags=("meter-killed", "odd-thing:GPU 0"))], CONTEXT)

    assert "The meter was killed before the command ended: only what was recorded until then counts." in said(view)
    assert "Odd thing: GPU 0." in said(view)


def test_a_public_report_holds_no_device_id_and_no_address(make_job: Any) -> None:
    unread = "GPU-8f6a1c2e-1111-2222-3333-444455556666"
    job = make_job(unread=(unread,), budgets=(budget(600),))
    labelled = dataclasses.replace(job.meters[0], label=f"H100 {unread}", component=Component.GPU)
    job = dataclasses.replace(job, meters=(labelled, *job.meters[1:]))

    words = said(report_view([job], ReportContext(notices=("no answer from 10.1.2.3",))))

    assert unread not in words
    assert "10.1.2.3" not in words


def test_links_go_to_the_commit_and_the_run_only_if_they_are_links(make_job: Any) -> None:
    context = ReportContext(repository="o/r", head_sha="a1b2c3d4e5", run_url="javascript:alert(1)")

    spans = report_view([make_job()], context).footer.spans

    assert [(span.text, span.href) for span in spans if span.text != " · "] == [
        ("a1b2c3d", "https://github.com/o/r/commit/a1b2c3d4e5"), ("run", None),
    ]  # fmt: skip


def test_nothing_to_say_leaves_nothing_empty_behind(make_job: Any) -> None:
    view = report_view([make_job(self_cpu_s=None, not_counted=(), timeline=(), phases=())], CONTEXT)

    assert view.whole.power is None
    assert not view.not_counted
    assert not view.footer


def test_the_verdict_of_the_set_wins_over_the_jobs_own(make_job: Any) -> None:
    assert report_view([make_job()], ReportContext(verdict=Verdict(outcome=Outcome.UNKNOWN))).outcome == "unknown"


def test_a_failed_command_is_in_the_title_beside_a_green_budget(samples):
    footprints, _ = samples.within_budget()
    job = dataclasses.replace(footprints[0].job, exit_status=3)

    view = report_view([dataclasses.replace(footprints[0], job=job)], CONTEXT)

    assert str(view.title).endswith(" budget, but the command failed")


def test_a_meter_that_was_read_for_a_part_of_the_time_is_told_at_the_top(samples):
    footprints, _ = samples.within_budget()
    meters = (dataclasses.replace(footprints[0].meters[0], coverage_ratio=0.37), *footprints[0].meters[1:])

    view = report_view([dataclasses.replace(footprints[0], meters=meters)], CONTEXT)

    assert any("was read for only 37" in str(remark) for remark in view.remarks)


def test_a_meter_without_readings_is_told_unless_a_model_stands_in(samples):
    footprints, _ = samples.within_budget()
    silent = dataclasses.replace(
        footprints[0].meters[0],
        component=Component.CPU,
        label="package-1",
        energy_j=None,
        coverage_ratio=None,
        included=True,
    )
    others = tuple(meter for meter in footprints[0].meters if meter.component is not Component.CPU)
    model = dataclasses.replace(silent, label="CPU model", method=Method.MODELLED, energy_j=5.0, coverage_ratio=1.0)

    alone = report_view([dataclasses.replace(footprints[0], meters=(silent, *others))], CONTEXT)
    covered = report_view([dataclasses.replace(footprints[0], meters=(silent, model, *others))], CONTEXT)

    assert any("package-1 gave no reading" in str(remark) for remark in alone.remarks)
    assert not any("gave no reading" in str(remark) for remark in covered.remarks)


def test_work_that_was_counted_is_told_with_its_energy(samples):
    footprints, _ = samples.within_budget()
    work = (PerUnit(unit="sample", count=50_000.0, energy_j=100.0, gco2e=0.01),)

    view = report_view([dataclasses.replace(footprints[0], per_unit=work)], CONTEXT)

    told = [str(remark).replace(NARROW, " ") for remark in view.remarks]
    assert "115 J per sample (50,000 counted)." in told


def test_every_flag_that_the_meter_can_raise_is_a_sentence_in_the_report():
    import re
    from pathlib import Path

    from reporter.report.provenance import _FLAGS

    raised = set()
    for path in Path(__file__).parents[2].joinpath("reporter").rglob("*.py"):
        if path.parent.name in {"domain", "probes", "metering", "commands"}:
            text = path.read_text(encoding="utf-8")
            raised |= set(re.findall(r'f"([a-z]+(?:-[a-z]+)+|mig):\{', text))
            raised |= set(re.findall(r'"((?:counter|short|meter|command|gpu)-[a-z-]+)"', text))

    assert len(raised) > 10
    assert raised - {"region-unknown"} <= set(_FLAGS)


def test_a_model_that_stands_in_for_frozen_counters_is_one_processor(make_job: Any) -> None:
    job = make_job(budgets=())
    frozen = [
        dataclasses.replace(
            job.meters[0], meter_id=f"rapl:{zone}", label=zone, component=Component.CPU, method=Method.COUNTER,
            energy_j=None, included=True,
        )
        for zone in ("package-0", "package-0 core")
    ]  # fmt: skip
    model = dataclasses.replace(
        job.meters[0], meter_id="model:cpu", label="EPYC", component=Component.CPU, method=Method.MODELLED
    )

    (part,) = parts([dataclasses.replace(job, meters=(*frozen, model))])

    assert (part.label, part.method, part.note) == ("CPU (EPYC)", "modelled", "")
