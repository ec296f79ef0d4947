"""A file of history: what goes in comes out, and what cannot be read is named and never lost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.run_record import RecordedPhase, RunRecord
from reporter.errors import HistoryError
from reporter.history.codec import HEADER, decode_run
from reporter.history.shard import additions, dumps, parse
from tests.factories_history import many, run_record

TEXT = st.text(max_size=20)
FIGURE = st.one_of(st.none(), st.floats(min_value=0, max_value=1e30))
NUMBER = st.one_of(st.none(), st.integers(min_value=1, max_value=2**53))


def records(draw):
    return RunRecord(
        job=draw(TEXT),
        started_at=draw(st.sampled_from([None, "1970-01-01T00:00:00Z", "2026-02-28T23:59:59Z"])),
        it_j=draw(FIGURE),
        pue_ratio=draw(st.floats(min_value=1, max_value=10)),
        gco2e_per_kwh=draw(st.floats(min_value=0, max_value=1e4)),
        duration_s=draw(FIGURE),
        idle_j=draw(FIGURE),
        repeat_ratio=draw(FIGURE),
        gpus=draw(TEXT),
        memory_gb=draw(FIGURE),
        ended=draw(st.one_of(st.none(), TEXT)),
        repository=draw(st.one_of(st.none(), TEXT)),
        branch=draw(st.one_of(st.none(), TEXT)),
        sha=draw(st.one_of(st.none(), TEXT)),
        run_id=draw(NUMBER),
        run_attempt=draw(NUMBER),
        pull_request=draw(NUMBER),
        units=tuple(draw(st.lists(st.tuples(TEXT, st.floats(min_value=0, max_value=1e20)), max_size=3))),
        phases=tuple(
            RecordedPhase(label=label, energy_j=energy_j, duration_s=duration_s)
            for label, energy_j, duration_s in draw(st.lists(st.tuples(TEXT, FIGURE, FIGURE), max_size=3))
        ),
    )


def as_read(data, name="x"):
    shard = parse(data, name)
    return [decode_run(row, shard.families[row[0]]) for row in shard.rows]


def file_of(*runs):
    return dumps(additions(runs, ()))


def near(value, digits):
    return value if value is None else pytest.approx(value, rel=0.51 * 10.0 ** (1 - digits))


@given(st.composite(records)())
def test_a_run_comes_out_as_it_went_in_up_to_nine_digits(record):
    (read,) = as_read(file_of(record))

    figures = {name: near(getattr(record, name), 9) for name in ("it_j", "duration_s", "gco2e_per_kwh", "pue_ratio")}
    figures |= {"idle_j": near(record.idle_j, 6), "repeat_ratio": near(record.repeat_ratio, 3)}
    figures["memory_gb"] = near(record.memory_gb, 3)
    assert {name: getattr(read, name) for name in figures} == figures
    assert read.units == tuple((unit, near(count, 9)) for unit, count in record.units)
    assert [(phase.label, phase.energy_j, phase.duration_s) for phase in read.phases] == [
        (phase.label, near(phase.energy_j, 6), near(phase.duration_s, 6)) for phase in record.phases
    ]
    exact = {name: getattr(record, name) for name in RunRecord.__dataclass_fields__}
    same = {name: value for name, value in exact.items() if name not in {*figures, "units", "phases"}}
    assert {name: getattr(read, name) for name in same} == same


def test_what_is_written_again_is_the_same_text():
    data = file_of(*many(50))
    shard = parse(data, "x")

    assert shard.exact
    assert dumps((row, shard.families[row[0]]) for row in shard.rows) == data


def test_what_runs_share_is_written_once():
    text = file_of(*(run_record(number) for number in range(100))).decode()

    assert text.count("NVIDIA H200") == 1
    assert text.splitlines()[0] == HEADER


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00.900Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_a_date_is_kept_in_utc_and_whole_seconds(written, kept):
    assert as_read(file_of(run_record(started_at=written)))[0].started_at == kept


def test_a_hundred_thousand_runs_take_less_than_20_mb():
    sample = 5_000
    data = file_of(*many(sample))

    assert len(data) / sample * 100_000 < 20_000_000


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_last_line_that_was_cut_off_is_tolerated(cut):
    data = file_of(run_record(0), run_record(1))

    shard = parse(data[:-cut], "x")

    # Without its line break alone it is whole.
    assert len(shard.rows) == (2 if cut == 1 else 1)
    assert shard.trouble == ()
    assert not shard.exact


def broken(line):
    return lambda lines: [*lines[:2], line, *lines[2:]]


@pytest.mark.parametrize(
    "damage",
    [
        broken("nonsense"),
        broken(""),
        broken('{"family":"0123456789","job":"other","pue_ratio":1.1}'),
        broken("[]"),
        broken("3"),
        broken("null"),
        broken('["0123456789",1,1,1,1,null,1,1,null,null,null]'),
        broken('["\\ud800",1'),
        lambda lines: [*lines[:2], lines[2].replace("3600000", '"much"'), *lines[2:]],
        lambda lines: [*lines[:2], lines[2].replace("3600000", "-1"), *lines[2:]],
        lambda lines: [*lines[:2], lines[2].replace("3600000", "1e999"), *lines[2:]],
        lambda lines: [*lines[:2], lines[2].replace("3600000", "NaN"), *lines[2:]],
        lambda lines: [*lines[:2], lines[2].replace("3600000", "true"), *lines[2:]],
        lambda lines: [*lines[:2], lines[2].replace("41.44", "null"), *lines[2:]],
        lambda lines: [*lines[:2], lines[2].replace("1767225600", "1e12"), *lines[2:]],
        lambda lines: [*lines[:2], lines[2].replace(",900,10", ""), *lines[2:]],
        lambda lines: [*lines[:2], lines[2].replace(",900,", ',"x",'), *lines[2:]],
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_costs_no_other(damage):
    lines = file_of(run_record(0), run_record(1)).decode().splitlines()

    shard = parse("\n".join((*damage(lines), "")).encode(), "runs/2026-01.jsonl")

    assert len(shard.rows) == 2
    assert shard.trouble[0].startswith("`runs/2026-01.jsonl`, line 3: ")
    assert not shard.exact


def test_a_family_that_was_changed_by_hand_takes_its_runs_with_it_but_no_others():
    text = file_of(run_record(0), run_record(1, job="eval")).decode().replace('"job":"train"', '"job":"other"')

    shard = parse(text.encode(), "x")

    assert [decode_run(row, shard.families[row[0]]).job for row in shard.rows] == ["eval"]
    assert "lines 2, 3" in shard.trouble[0]


def test_many_broken_lines_are_counted():
    text = file_of(run_record()).decode() + "x\n" * 20

    assert "lines 4, 5, 6 and 17 more" in parse(text.encode(), "x").trouble[0]


def test_bytes_that_are_no_text_cost_their_line_alone():
    data = file_of(run_record(0)) + b"\xff\xfe\n" + file_of(run_record(1)).split(b"\n", 2)[2]

    shard = parse(data, "x")

    assert len(shard.rows) == 2
    assert "line 4" in shard.trouble[0]


@pytest.mark.parametrize(
    "text", ["hello\n", "[]\n", "{}\n", '{"emissions-history":0}\n', '{"emissions-history":"1"}\n']
)
def test_a_file_of_something_else_is_none_of_ours(text):
    shard = parse(text.encode(), "notes.txt")

    assert not shard.ours
    assert not shard.exact
    assert shard.rows == ()
    assert "`notes.txt` is no history of emissions" in shard.trouble[0]


def test_the_example_of_the_page_is_read():
    page = (Path(__file__).parents[2] / "docs" / "history.md").read_text(encoding="utf-8")
    example = page.partition("```json\n")[2].partition("```")[0]

    (run,) = as_read(example.encode())

    assert run == replace(run_record(), repository=None, branch=None, sha="c0ffee")


def test_an_empty_file_is_an_empty_history():
    shard = parse(b"", "x")

    assert (shard.ours, shard.exact, shard.trouble, list(shard.rows)) == (True, True, (), [])


def test_a_newer_schema_is_refused_by_name():
    newer = file_of(run_record()).replace(HEADER.encode(), b'{"emissions-history":2,"more":[]}')

    with pytest.raises(HistoryError, match=r"`x` has schema 2, and this version reads up to 1") as caught:
        parse(newer, "x")

    assert "Update" in caught.value.hint


def test_what_a_later_version_adds_is_read_over_and_would_be_lost_by_writing():
    header, family, run = file_of(run_record()).decode().splitlines()
    longer = "\n".join((header, family, run.removesuffix("]") + ',"more"]', "")).encode()
    data = json.loads(family)
    del data["family"]

    assert [record.job for record in as_read(longer)] == []  # a text where a figure stands
    numbered = "\n".join((header, family, run.removesuffix("]") + ",7]", "")).encode()
    assert as_read(numbered) == [run_record()]
    assert not parse(numbered, "x").exact


def test_the_same_run_counts_once():
    first, again = run_record(0), replace(run_record(0), it_j=1.0, gco2e_per_kwh=9.0)
    shard = parse(file_of(first, again), "x")

    assert as_read(file_of(first, again)) == [first]
    assert additions([again], [shard]) == []


@pytest.mark.parametrize(
    "other",
    [
        {"run_attempt": 2},
        {"run_id": 9},
        {"job": "eval"},
        {"repository": "o/other"},
        {"started_at": "2026-03-01T00:00:00Z"},
    ],
)
def test_another_attempt_run_job_repository_or_start_is_another_run(other):
    assert len(as_read(file_of(run_record(0), run_record(0, **other)))) == 2


def test_outside_ci_the_energy_tells_runs_of_one_second_apart():
    by_hand = replace(run_record(0), run_id=None, run_attempt=None)

    assert len(as_read(file_of(by_hand, by_hand))) == 1
    assert len(as_read(file_of(by_hand, replace(by_hand, it_j=1.0)))) == 2
