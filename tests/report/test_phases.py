"""Phases as rows: one a name, the largest where there are many; idle energy as sentences of its own."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from reporter.domain.readings import Component, Phase
from reporter.report.format import NARROW
from reporter.report.idle import idle_lines
from reporter.report.phases import MOST_ROWS, hungriest_phase, idlest_phase, phase_rows
from reporter.report.render import Face, render
from reporter.report.view import ReportContext, report_view


def phases(*rows: tuple[str, float, float | None]) -> tuple[Phase, ...]:
    """One after the other: label, seconds, kilojoules."""
    found, at_s = [], 0.0
    for label, time_s, energy_kj in rows:
        energy_j = None if energy_kj is None else energy_kj * 1000
        found.append(Phase(label=label, start_s=at_s, end_s=at_s + time_s, energy_j=energy_j))
        at_s += time_s
    return tuple(found)


def cells(job: Any) -> list[tuple[str, ...]]:
    return [tuple(cell.replace(NARROW, " ") for cell in row) for row in phase_rows(job)]


def test_phases_of_one_name_are_one_row(make_job: Any) -> None:
    job = make_job(it_kwh=0.1, phases=phases(("train", 60, 100), ("eval", 30, 20), ("train", 120, 200)))

    assert cells(job) == [
        ("train (2 ×)", "3 min", "83.3 Wh", "83 %", "1.67 kW"),
        ("eval", "30 s", "5.6 Wh", "6 %", "667 W"),
    ]


def test_a_part_that_is_not_known_leaves_its_row_unknown(make_job: Any) -> None:
    job = make_job(phases=phases(("train", 60, 100), ("train", 30, None)))

    assert cells(job) == [("train (2 ×)", "1 min 30 s", "–", "–", "–")]


def test_of_many_phases_the_largest_are_shown_in_their_order_and_the_rest_summed(make_job: Any) -> None:
    rows = phases(*((f"step {index}", 10, 100 - index) for index in range(50)))

    shown = cells(make_job(phases=rows))

    assert len(shown) == MOST_ROWS
    assert [row[0] for row in shown[:3]] == ["step 0", "step 1", "step 2"]
    assert shown[-1][:2] == ("and 21 more", "3 min 30 s")
    rest_kj = sum(100 - index for index in range(29, 50))
    assert shown[-1][2] == f"{rest_kj / 3.6:.0f} Wh"


def test_a_modelled_job_s_phases_are_about(make_hosted_job: Any) -> None:
    (row,) = cells(make_hosted_job(phases=phases(("test", 100, 2))))

    assert row[2:] == ("≈0.56 Wh", "23 %", "≈20 W")


def test_the_hungriest_and_the_idlest_are_found_by_name(make_job: Any) -> None:
    rows = [
        dataclasses.replace(phase, idle_j=idle_j)
        for phase, idle_j in zip(
            phases(("a", 1, 60), ("b", 1, 50), ("a", 1, 60), ("b", 1, 50)), (5, 20, 5, 20), strict=True
        )
    ]
    hungriest, idlest = hungriest_phase(make_job(phases=tuple(rows))), idlest_phase(make_job(phases=tuple(rows)))

    assert hungriest is not None
    assert idlest is not None
    assert (hungriest.label, hungriest.energy_j, idlest.label, idlest.idle_j) == ("a", 120_000, "b", 40)


@pytest.mark.parametrize("face", Face)
def test_a_hostile_name_stays_a_name(make_job: Any, face: Face) -> None:
    label = "<img src=x onerror=alert(1)> | @everyone `x` \x1b[31m ::error::"
    job = make_job(phases=phases((label, 60, 5000), ("b", 60, 1)))

    text = render(report_view([job], ReportContext()), face)

    assert "\x1b" not in text
    assert "<img" not in text or face is Face.TEXT
    assert "@everyone" not in text or face not in (Face.COMMENT, Face.SUMMARY)
    assert " ::error" not in text or face is Face.HTML


def test_almost_all_of_a_failed_job_in_one_phase_is_a_reason(make_job: Any, samples: Any) -> None:
    (over,), _ = samples.over_budget()
    it_j = over.energy.it_j / 1000
    rows = phases(("load", 60, 0.1 * it_j), ("eval", 60, 0.9 * it_j))

    told = report_view([dataclasses.replace(over, phases=rows)], ReportContext()).reasons
    single = report_view([dataclasses.replace(over, phases=phases(("all", 60, it_j)))], ReportContext()).reasons

    assert str(told[1]).replace(NARROW, " ") == "Where: almost all of it (90 %) is phase eval."
    assert len(single) == 1


def idle(job: Any) -> list[str]:
    return [str(row).replace(NARROW, " ") for row in idle_lines(job)]


def test_idle_gpus_are_told_with_their_energy_and_the_phase_that_it_fell_in(make_idle_job: Any) -> None:
    assert idle(make_idle_job())[0] == (
        "Idle: the 2 GPUs computed nothing for 21 % of their time: 55.0 Wh (11 %), most of it in phase load. "
        "Each reading covers only the driver's last sampling period, so short work may be missed."
    )


def test_the_net_stands_beside_the_gross_with_its_caution(make_idle_job: Any) -> None:
    assert idle(make_idle_job())[1] == (
        "Net of idle: 434 Wh of 500 Wh; before the job, with nothing to do, the machine drew 158 W. "
        "The headline and budgets are of the whole. Biased if a GPU was still warm, or its persistence mode is off."
    )


def test_where_nothing_is_known_of_idleness_nothing_is_said(make_job: Any, make_hosted_job: Any) -> None:
    assert idle(make_job()) == idle(make_hosted_job()) == []


def test_one_counted_gpu_that_was_not_read_silences_the_sentence(make_idle_job: Any) -> None:
    job = make_idle_job()
    blind = dataclasses.replace(job.meters[1], idle_ratio=None)

    told = idle(dataclasses.replace(job, meters=(job.meters[0], blind, *job.meters[2:])))

    assert [line.partition(":")[0] for line in told] == ["Net of idle"]


def test_gpus_that_were_never_idle_are_not_scolded(make_idle_job: Any) -> None:
    job = make_idle_job()
    busy = tuple(
        dataclasses.replace(meter, idle_ratio=0.0) if meter.component is Component.GPU else meter
        for meter in job.meters
    )

    assert [line.partition(":")[0] for line in idle(dataclasses.replace(job, meters=busy))] == ["Net of idle"]


def test_idle_gpus_are_a_way_to_go_green_only_where_that_is_enough(make_idle_job: Any, samples: Any) -> None:
    (waiting,), context = samples.gpus_that_wait()
    slight = dataclasses.replace(waiting, energy=dataclasses.replace(waiting.energy, idle_j=1000.0))

    ways, fewer = (report_view([job], context).ways_out for job in (waiting, slight))

    assert any("Leave no GPU without work" in str(way) for way in ways)
    assert not any("Leave no GPU without work" in str(way) for way in fewer)


def test_utilisation_is_beside_power_and_in_the_table_of_parts(make_idle_job: Any) -> None:
    whole = report_view([make_idle_job()], ReportContext()).whole

    assert whole.usage is not None
    assert (whole.usage.mean, len(whole.usage.sparkline)) == (f"66{NARROW}%", 32)
    assert [part.note.replace(NARROW, " ") for part in whole.parts] == ["66 % utilised", "12 % of the machine", ""]


def test_the_meter_s_own_cost_is_told_in_joules_where_a_model_knows(make_job: Any, make_idle_job: Any) -> None:
    told, untold = (str(report_view([job], ReportContext()).tool) for job in (make_idle_job(), make_job()))

    assert told.replace(NARROW, " ").endswith("took 2.4 s of CPU time, ≈3.1 J by the processor's model.")
    assert untold.endswith("of CPU time.")


def test_a_shortened_report_keeps_the_words_and_drops_the_charts(samples: Any) -> None:
    from reporter.report.length import shortened

    footprints, context = samples.gpus_that_wait()
    _, shorter, *_, last = shortened(report_view(footprints, context))

    assert shorter.whole.usage is not None
    assert (shorter.whole.usage.mermaid, bool(shorter.whole.usage.summary)) == ("", True)
    assert (last.whole.usage, last.whole.idle) == (None, ())


def test_idle_energy_has_the_unit_of_the_phases_beside_it(make_job: Any) -> None:
    job = make_job(it_kwh=2.66 / 3600, phases=phases(("start", 0.04, 0.005), ("train", 10, 2.655)))
    job = dataclasses.replace(job, energy=dataclasses.replace(job.energy, idle_j=None, baseline_w=131.0, net_j=1320.0))

    assert {row[2].partition(" ")[2] for row in cells(job)} == {"J"}
    assert [told.partition(";")[0] for told in idle(job)] == ["Net of idle: 1,320 J of 2,660 J"]
