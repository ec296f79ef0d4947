"""Figures beside the headline as sentences: one each, named, with their source, and never in the headline."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from reporter.domain.besides import Accounting, Price
from reporter.domain.carbon import Besides, Cost, Equivalent, Sci
from reporter.report.besides import besides_lines
from reporter.report.format import NARROW
from reporter.report.render import Face, render
from reporter.report.view import ReportContext, report_view


def told(*jobs: Any) -> list[str]:
    return [str(line).replace(NARROW, " ") for line in besides_lines(jobs)]


def test_each_figure_is_one_sentence_that_begins_with_its_name(make_job_with_figures_beside: Any) -> None:
    lines = told(make_job_with_figures_beside())

    assert [line.partition(":")[0] for line in lines] == [
        "Market-based", "Marginal", "Embodied", "SCI", "Water", "Cost", "As much as"
    ]  # fmt: skip
    assert all(line.count("\n") == 0 and line.endswith(".") for line in lines)


def test_embodied_emissions_have_their_range_and_marginal_ones_say_what_they_are_for(
    make_job_with_figures_beside: Any,
) -> None:
    _, marginal, embodied, sci, water, *_ = told(make_job_with_figures_beside())

    assert marginal.endswith("; only for comparing times or places.")
    assert embodied.startswith(
        "Embodied: 25 g CO₂e (8–75 g): 8 × NVIDIA H100 SXM at 164 kg (NVIDIA, by secondary sources 2025) + "
    )
    assert sci.startswith("SCI: 9.5 mg CO₂e per sample: (447.6 g of operation + 25.01 g of making) ÷ 50,000")
    assert water == "Water: 190 mL: 0.12 L/kWh of the machine's energy, before PUE (AWS 2024)."


def test_what_cannot_be_had_is_told_with_its_reason(make_job: Any) -> None:
    lacking = Besides(reasons=(("embodied_gco2e", "the tables lack `Example GPU`; `accelerator-kg` gives it"),))

    assert told(make_job(besides=lacking)) == [
        "Embodied: not known: the tables lack Example GPU; accelerator-kg gives it."
    ]


def test_without_any_figure_no_face_has_the_section(make_job: Any) -> None:
    view = report_view([make_job()], ReportContext())

    assert told(make_job()) == told() == []
    assert not [face for face in Face if "Besides" in render(view, face)]


@pytest.mark.parametrize("face", [Face.COMMENT, Face.SUMMARY, Face.TEXT, Face.HTML], ids=lambda face: face.name)
def test_no_face_lets_a_figure_beside_into_the_title_the_headline_or_the_table(
    make_job: Any, make_job_with_figures_beside: Any, face: Face
) -> None:
    without, with_them = (
        render(report_view([job], ReportContext()), face) for job in (make_job(), make_job_with_figures_beside())
    )

    section = "Besides, not in the figures above"
    assert section in with_them
    assert section not in without
    for line in (line for line in without.splitlines() if "CO₂e" in line or "kWh" in line):
        assert line in with_them.splitlines(), "what the report says of the headline stays word by word"


def test_modelled_energy_makes_figures_of_it_about_and_a_price_by_the_hour_not(make_hosted_job: Any) -> None:
    figures = Besides(
        market_based_gco2e=1.234, water_l=2.345, cost=Cost(amount=1.234, currency="EUR"),
        sci=Sci(gco2e_per_unit=0.00012, unit="request"), equivalent=Equivalent(amount=0.0123, label="a thing"),
    )  # fmt: skip
    by_hour = Accounting(price=Price(amount=1, currency="EUR", per="h"))

    modelled = told(make_hosted_job(besides=figures))
    timed = told(make_hosted_job(besides=figures, accounting=by_hour))

    assert modelled == [
        "Market-based: ≈1.2 g CO₂e.",
        "SCI: ≈0.12 mg CO₂e per request.",
        "Water: ≈2.3 L.",
        "Cost: ≈1.2 EUR.",
        "As much as: ≈0.012 × a thing.",
    ]
    assert "Cost: 1.23 EUR." in timed


def test_embodied_emissions_without_a_range_are_told_without_one(make_job: Any) -> None:
    assert told(make_job(besides=Besides(embodied_gco2e=2.0))) == ["Embodied: 2.0 g CO₂e."]


def test_several_jobs_are_told_in_sum_and_one_by_one(make_job_with_figures_beside: Any) -> None:
    jobs = [make_job_with_figures_beside(), make_job_with_figures_beside(name="other")]

    view = report_view(jobs, ReportContext())

    assert told(*jobs)[2] == "Embodied: 50 g CO₂e (20–150 g): the sum of 2 jobs."
    assert [len(detail.besides) for detail in view.details] == [7, 7]
    assert not [line for line in view.whole.besides if "SCI" in str(line)], "a rate has no sum"


def test_words_from_other_people_s_footprints_are_made_harmless(make_job: Any) -> None:
    hostile = Besides(
        cost=Cost(amount=1.0, currency="<b>@all</b>\n::error::"),
        sources=(("cost", "<script>alert(1)</script> http://a.b 10.0.0.1"),),
    )
    job = make_job(besides=hostile)

    for face in Face:
        text = render(report_view([dataclasses.replace(job)], ReportContext()), face)
        assert face is Face.TEXT or not [tag for tag in ("<script>alert", "<b>") if tag in text]
        assert "\n::error::" not in text
        assert "10.0.0.1" not in text
