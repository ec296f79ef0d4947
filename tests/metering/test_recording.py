"""The recording: written line by line, read back whatever happened to it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.readings import (
    Column,
    Component,
    Description,
    Gpu,
    Hardware,
    Job,
    Meter,
    Method,
    Missed,
    PowerCurve,
    Quantity,
    Series,
    Unavailable,
)
from reporter.errors import RecordingError
from reporter.metering.parsing import parse_recording
from reporter.metering.recording import RecordingWriter, read_recording
from reporter.metering.sources import Source, Sources

GPU = Meter(
    meter_id="nvml:GPU-1",
    label="NVIDIA H200",
    component=Component.GPU,
    method=Method.COUNTER,
    source="nvml",
    tick_s=0.1,
    peak_power_w=700.0,
    gain_low_ratio=0.95,
    gain_high_ratio=1.05,
    selected=False,
    shared=True,
)
CPU = Meter(
    meter_id="model:cpu",
    label="EPYC",
    component=Component.CPU,
    method=Method.MODELLED,
    source="cpu_model",
    parent_id="node",
    wraps_at_uj=2**32,
    holds=(Component.DRAM,),
    model=PowerCurve(points=((0.0, 1.5), (1.0, 8.0)), cpus=4, source="a table", year=2024),
)
SOURCES = Sources(
    sources=(
        Source(
            name="nvml",
            probe=None,  # type: ignore[arg-type]
            description=Description(
                meters=(GPU,),
                columns=(
                    Column(meter_id=GPU.meter_id, quantity=Quantity.ENERGY_UJ),
                    Column(meter_id=GPU.meter_id, quantity=Quantity.POWER_MW),
                ),
            ),
        ),
        Source(
            name="cpu_model",
            probe=None,  # type: ignore[arg-type]
            description=Description(meters=(CPU,), columns=(Column(meter_id=CPU.meter_id, quantity=Quantity.BUSY_NS),)),
        ),
    ),
    unavailable=(Unavailable(source="rapl", reason="absent", remedy=None, expected=True),),
    flags=("shared-gpu:GPU-1",),
)
JOB = Job(name="train", command=("python", "a b", "ü"), started_at="2026-01-01T00:00:00Z", run_id=1, pull_request=7)
HARDWARE = Hardware(
    gpus=(Gpu(uuid="GPU-1", name="NVIDIA H200"),),
    cpu="EPYC",
    cpu_count=4,
    memory_gb=16.0,
    host_cpu_count=64,
    cpu_share_ratio=3.5 / 64,
    host_memory_gb=256.0,
)


def write(path: Path | None, warnings: list[str] | None = None) -> RecordingWriter:
    return RecordingWriter(path, warn=(warnings if warnings is not None else []).append)


def begin(writer: RecordingWriter, **changes: Any) -> RecordingWriter:
    keywords = {"t_ns": 100, "job": JOB, "hardware": HARDWARE, "sources": SOURCES, "extra": {"site": {"pue": 1.2}}}
    writer.start(**{**keywords, **changes})
    return writer


def finish(writer: RecordingWriter) -> None:
    writer.command(200, 4242)
    writer.sample(0, 150, (1_000, 50))
    writer.sample(1, 160, (7,))
    writer.missed(GPU.meter_id, 250, "timeout")
    writer.sample(0, 250, (None, None))
    writer.flag("suspended:5 s", 260)
    writer.sample(0, 350, (3_000, None))
    writer.sample(1, 360, (9,))
    writer.end(t_ns=300, exit_status=3, signal=15, self_cpu_s=0.05)
    writer.units({"sample": 50000})


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    writer = begin(write(tmp_path / "recording.jsonl"))
    finish(writer)
    writer.close()

    recording, extra = read_recording(tmp_path / "recording.jsonl")

    assert extra == {"site": {"pue": 1.2}}
    assert recording.job.exit_status == 3
    assert recording.job.duration_s == pytest.approx(1e-7)
    assert (recording.job.command, recording.job.pull_request) == (JOB.command, 7)
    assert recording.hardware == HARDWARE
    assert (recording.start_ns, recording.end_ns, recording.complete) == (200, 300, True)
    assert recording.meters == (GPU, CPU)
    assert recording.series == (
        Series(meter_id=GPU.meter_id, quantity=Quantity.ENERGY_UJ, t_ns=(150, 250, 350), values=(1_000, None, 3_000)),
        Series(meter_id=GPU.meter_id, quantity=Quantity.POWER_MW, t_ns=(150, 250, 350), values=(50, None, None)),
        Series(meter_id=CPU.meter_id, quantity=Quantity.BUSY_NS, t_ns=(160, 360), values=(7, 9)),
    )
    assert recording.missed == (Missed(meter_id=GPU.meter_id, t_ns=250, reason="timeout"),)
    assert recording.unavailable == SOURCES.unavailable
    assert recording.flags == ("shared-gpu:GPU-1", "suspended:5 s")
    assert (recording.self_cpu_s, recording.units) == (0.05, (("sample", 50000.0),))


def test_each_line_is_json_and_the_first_names_the_schema(tmp_path: Path) -> None:
    finish(begin(write(tmp_path / "r")))

    lines = [json.loads(line) for line in (tmp_path / "r").read_text().splitlines()]

    assert (lines[0]["schema"], lines[0]["kind"]) == (1, "start")
    assert [line.get("kind") for line in lines[1:]].count(None) == 5
    assert {"s": 0, "t": 250, "v": [None, None]} in lines


@given(cut=st.integers(min_value=0, max_value=10_000))
def test_a_recording_cut_anywhere_is_read_up_to_there(cut: int) -> None:
    writer = begin(write(None))
    finish(writer)
    data = writer.contents()
    first_line = data.index(b"\n")
    cut = first_line + cut % (len(data) - first_line)

    recording, _ = parse_recording(data[:cut], name="r")

    whole = data[:cut].count(b"\n")
    assert sum(len(series.t_ns) for series in recording.series[1:]) == data[:cut].rsplit(b"\n", 1)[0].count(b'"s":')
    assert recording.complete == (b'"end"' in b"\n".join(data.split(b"\n")[:whole]))


LAST_LINES = {
    "sample": lambda writer: writer.sample(0, 400, (4_000, 60)),
    "end": lambda writer: writer.end(t_ns=500, exit_status=3, signal=15, self_cpu_s=0.05),
    "mark": lambda writer: writer.mark("epoch é₂", 400),
    "flag": lambda writer: writer.flag("suspended:5 s", 400),
    "units": lambda writer: writer.units({"sample": 5.5}),
    "extra": lambda writer: writer.add({"site": {"pue": 1.3}}),
}


@pytest.mark.parametrize("last", LAST_LINES.values(), ids=LAST_LINES)
def test_a_last_line_torn_at_any_byte_is_as_if_it_had_not_been_written(last: Any) -> None:
    writer = begin(write(None))
    writer.command(200)
    writer.sample(0, 350, (3_000, 50))
    before = writer.contents()
    last(writer)
    line = writer.contents()[len(before) :]
    without, extra = parse_recording(before, name="r")

    assert line.endswith(b"\n")
    assert parse_recording(before + line, name="r") != (without, extra)
    for cut in range(len(line)):
        assert parse_recording(before + line[:cut], name="r") == (without, extra)


def test_without_an_end_the_last_reading_ends_it(tmp_path: Path) -> None:
    writer = begin(write(tmp_path / "r"))
    writer.command(200)
    writer.sample(1, 150, (1,))
    writer.sample(1, 900, (2,))

    recording, _ = read_recording(tmp_path / "r")

    assert (recording.start_ns, recording.end_ns, recording.complete) == (200, 900, False)
    assert recording.job.exit_status is None
    assert recording.self_cpu_s is None


def test_a_recording_of_a_command_that_never_started_has_no_length(tmp_path: Path) -> None:
    begin(write(tmp_path / "r"))

    recording, _ = read_recording(tmp_path / "r")

    assert (recording.start_ns, recording.end_ns, recording.complete) == (100, 100, False)


def test_a_full_disk_warns_once_and_loses_nothing(tmp_path: Path) -> None:
    warnings: list[str] = []
    writer = write(Path("/dev/full"), warnings)

    finish(begin(writer))

    assert len(warnings) == 1
    assert "No space left" in warnings[0]
    recording, _ = parse_recording(writer.contents(), name="r")
    assert recording.complete
    assert len(recording.series[0].t_ns) == 3


def test_a_disk_that_fills_up_midway_keeps_what_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    warnings: list[str] = []
    writer = begin(write(tmp_path / "r", warnings))
    writer.command(200)
    writer.sample(1, 250, (1,))
    real_write = os.write
    monkeypatch.setattr(os, "write", lambda file, line: real_write(file, line[:5]))

    writer.sample(1, 350, (2,))
    writer.sample(1, 450, (3,))
    writer.end(t_ns=460, exit_status=0, signal=None, self_cpu_s=None)

    assert len(warnings) == 1
    recording, _ = parse_recording(writer.contents(), name="r")
    assert recording.series[2].values == (1, 2, 3)
    assert recording.complete
    on_disk, _ = read_recording(tmp_path / "r")
    assert on_disk.series[2].values == (1,)


def test_a_folder_that_is_not_there_warns_once_and_records_in_memory(tmp_path: Path) -> None:
    warnings: list[str] = []
    writer = write(tmp_path / "absent" / "recording.jsonl", warnings)

    finish(begin(writer))
    writer.close()

    assert len(warnings) == 1
    assert parse_recording(writer.contents(), name="r")[0].complete


def test_a_read_only_folder_warns_once(tmp_path: Path) -> None:
    warnings: list[str] = []

    finish(begin(write(Path("/proc/recording.jsonl"), warnings)))

    assert len(warnings) == 1


def test_nothing_is_written_after_the_end(tmp_path: Path) -> None:
    writer = begin(write(tmp_path / "r"))
    writer.close()
    writer.close()

    writer.sample(1, 5, (1,))

    assert (tmp_path / "r").read_text().count("\n") == 1


def test_an_extra_that_is_no_json_warns_instead_of_raising(tmp_path: Path) -> None:
    warnings: list[str] = []

    begin(write(tmp_path / "r", warnings), extra={"x": float("nan")})

    assert len(warnings) == 1


def test_a_huge_command_line_and_odd_bytes_are_recorded_in_part(tmp_path: Path) -> None:
    words = ("\udcff", "x" * 100_000, *["y"] * 1000)
    begin(write(tmp_path / "r"), job=Job(name="j", command=words))

    recording, _ = read_recording(tmp_path / "r")

    assert recording.job.command is not None
    assert recording.job.command[0] == "\N{REPLACEMENT CHARACTER}"
    assert len(recording.job.command) == 256


def test_a_standard_streams_number_is_never_taken(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    script = (
        "import os, sys; from pathlib import Path; os.close(0); os.close(2)\n"
        "from reporter.metering.recording import RecordingWriter\n"
        "writer = RecordingWriter(Path(sys.argv[1]), warn=print); print(writer._file)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "r")], stdout=subprocess.PIPE, check=True, env=dict(os.environ)
    )

    assert int(done.stdout) > 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "not json\n",
        "[]\n",
        "{}\n",
        '{"kind": "start"}\n',
        '{"schema": "1", "kind": "start"}\n',
        '{"schema": true, "kind": "start"}\n',
        '{"schema": 1, "tool": {"name": "other"}}\n',
        "\xff\xfe",
        "[" * 100_000 + "\n",
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "r").write_text(text, encoding="latin-1")

    with pytest.raises(RecordingError, match="not a recording") as caught:
        read_recording(tmp_path / "r")

    assert str(tmp_path / "r") in caught.value.message
    assert caught.value.hint


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r").write_text('{"schema": 2, "kind": "start"}\n')

    with pytest.raises(RecordingError, match="schema 2") as caught:
        read_recording(tmp_path / "r")

    assert "Update" in str(caught.value.hint)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        read_recording(tmp_path / "absent")


@pytest.mark.parametrize(
    "line",
    [
        "5",
        '{"s":9,"t":1,"v":[1]}',
        '{"s":-1,"t":1,"v":[1]}',
        '{"s":true,"t":1,"v":[1]}',
        '{"s":1,"t":1.5,"v":[1]}',
        '{"s":1,"t":-1,"v":[1]}',
        '{"s":1,"t":99999999999999999999,"v":[1]}',
        '{"s":1,"v":[1]}',
        '{"s":1,"t":1,"v":[1,2]}',
        '{"s":1,"t":1,"v":["1"]}',
        '{"s":1,"t":1,"v":[true]}',
        '{"s":1,"t":1,"v":[-1]}',
        '{"s":1,"t":1,"v":[1.5]}',
        '{"s":1,"t":1,"v":[18446744073709551616]}',
        '{"s":1,"t":1,"v":{}}',
        '{"kind":"command","t":"now"}',
        '{"kind":"end","t":50,"exit_status":0}',
        '{"kind":"end","t":200,"exit_status":"0"}',
        '{"kind":"end","t":200,"self_cpu_s":-1}',
        '{"kind":"missed","t":1}',
        '{"kind":"flag","flag":7}',
        '{"kind":"units","units":{"sample":"many"}}',
        '{"kind":"units","units":{"sample":1e999}}',
    ],
)
def test_a_line_of_the_wrong_shape_is_refused(line: str) -> None:
    writer = begin(write(None))

    with pytest.raises(RecordingError, match="not valid"):
        parse_recording(writer.contents() + line.encode() + b"\n", name="r")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("meters", 5),
        ("meters", [{"id": "a"}]),
        ("meters", []),
        ("sources", None),
        ("sources", [{"columns": [["nvml:GPU-1"]]}]),
        ("sources", [{"columns": [["nvml:GPU-1", "litres"]]}]),
        ("hardware", []),
        ("hardware", {"memory_gb": "much"}),
        ("job", None),
        ("job", {"name": "x" * 20_000}),
        ("job", {"name": "x", "command": "ls"}),
        ("unavailable", [{"source": "x", "reason": None}]),
        ("flags", {}),
        ("extra", []),
        ("t", None),
    ],
)
def test_a_start_record_of_the_wrong_shape_is_refused(key: str, value: object) -> None:
    document = json.loads(begin(write(None)).contents())
    document[key] = value

    with pytest.raises(RecordingError, match="not valid"):
        parse_recording(json.dumps(document).encode() + b"\n", name="r")


def test_a_damaged_line_is_left_out_and_flagged() -> None:
    writer = begin(write(None))
    start = writer.contents()
    lines = b'{"s":1,"t":101,"v":[1]}\n{"s":1,"t":102,"v":[\n\x00\xff\n{"s":1,"t":103,"v":[3]}\n{"s":1,"t":1'

    recording, _ = parse_recording(start + lines, name="r")

    assert recording.series[2].values == (1, 3)
    assert "recording-damaged:2 lines" in recording.flags


def test_more_marks_than_are_kept_are_told() -> None:
    writer = begin(write(None))
    lines = b"".join(b'{"kind":"mark","t":%d,"label":"step"}\n' % t for t in range(10_002))

    recording, _ = parse_recording(writer.contents() + lines, name="r")

    assert len(recording.marks) == 10_000
    assert "marks-left-out:2" in recording.flags


def test_two_objects_that_a_damaged_line_glues_together_are_not_taken_for_two() -> None:
    start = begin(write(None)).contents()

    recording, _ = parse_recording(start + b'{"s":1,"t":101,"v":[1]},{"s":1,"t":102,"v":[2]}\n', name="r")

    assert recording.series[2].values == ()
    assert "recording-damaged:1 lines" in recording.flags


def test_what_is_not_known_is_ignored() -> None:
    start = begin(write(None)).contents()

    recording, _ = parse_recording(start + b'{"kind":"phase","t":3}\n{"kind":"command","t":150,"new":1}\n', name="r")

    assert recording.start_ns == 150


def test_samples_out_of_order_are_put_in_order() -> None:
    start = begin(write(None)).contents()

    recording, _ = parse_recording(start + b'{"s":1,"t":9,"v":[2]}\n{"s":1,"t":8,"v":[1]}\n', name="r")

    assert recording.series[2].t_ns == (8, 9)


def test_three_days_are_read_in_half_a_second() -> None:
    writer = begin(write(None))
    for index in range(40_000):
        writer.sample(index % 2, index * 1_000_000_000, (index * 10**12, 350_000)[: 2 - index % 2])
    data = writer.contents()

    began = time.process_time()
    recording, _ = parse_recording(data, name="r")
    took_s = time.process_time() - began

    assert len(recording.series[0].t_ns) == 20_000
    assert took_s < 0.5
