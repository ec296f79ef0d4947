"""Summary, outputs, annotations, masks and groups of a workflow step."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.errors import PublishError
from reporter.publish.workflow import (
    MAX_SUMMARY_BYTES,
    AnnotationKind,
    annotation,
    write_outputs,
    write_summary,
)


def read_outputs(text: str) -> dict[str, str]:
    """What the runner makes of the file."""
    values: dict[str, str] = {}
    lines = text.split("\n")
    while lines and lines != [""]:
        name, _, delimiter = lines.pop(0).partition("<<")
        value = []
        while (line := lines.pop(0)) != delimiter:
            value.append(line)
        values[name] = "\n".join(value)
    return values


def test_the_summary_is_added_to_what_the_step_wrote(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    path.write_text("# Earlier", encoding="utf-8")

    assert write_summary(path, ["# Report"])

    assert path.read_text(encoding="utf-8") == "# Earlier\n\n# Report\n"


def test_the_summary_file_is_made_when_it_is_missing(tmp_path: Path) -> None:
    assert write_summary(str(tmp_path / "summary"), ["# Report\n"])

    assert (tmp_path / "summary").read_text(encoding="utf-8") == "# Report\n"


def test_the_first_summary_that_fits_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    held = "x" * (MAX_SUMMARY_BYTES - 100)
    path.write_text(held + "\n", encoding="utf-8")
    too_long_in_bytes_only = "₂" * 60  # 60 characters, 180 bytes
    taken: list[str] = []

    def bodies() -> object:
        for body in (too_long_in_bytes_only, "short", "shortest"):
            taken.append(body)
            yield body

    assert write_summary(path, bodies())  # type: ignore[arg-type]

    assert path.read_text(encoding="utf-8") == held + "\n\nshort\n"
    assert taken == [too_long_in_bytes_only, "short"]  # later ones are not even rendered


@pytest.mark.parametrize(("spare", "fits"), [(0, True), (-1, False)])
def test_the_summary_is_cut_off_at_the_byte(tmp_path: Path, spare: int, *, fits: bool) -> None:
    path = tmp_path / "summary"
    body = "₂" * 1000
    path.write_text("x" * (MAX_SUMMARY_BYTES - 3001 - 2 - spare), encoding="utf-8")
    before = path.stat().st_size

    assert write_summary(path, [body]) is fits

    assert path.stat().st_size == (MAX_SUMMARY_BYTES - spare if fits else before)


def test_a_summary_that_cannot_be_written_is_an_expected_failure(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="summary"):
        write_summary(tmp_path, ["text"])


def test_outputs_come_back_as_given(tmp_path: Path) -> None:
    path = tmp_path / "output"
    path.write_text("earlier<<E\n1\nE\n", encoding="utf-8")

    write_outputs(path, {"verdict": "pass", "energy-kwh": None, "report": "/a b/ü=1<<EOF\nverdict=fail"})

    assert read_outputs(path.read_text(encoding="utf-8")) == {
        "earlier": "1",
        "verdict": "pass",
        "energy-kwh": "",
        "report": "/a b/ü=1<<EOF\nverdict=fail",
    }


@given(values=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4))
def test_no_value_can_add_an_output(values: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("outputs") / "output"
    outputs = {f"name-{index}": value for index, value in enumerate(values)}

    write_outputs(path, outputs)

    assert read_outputs(path.read_bytes().decode("utf-8")) == outputs


def test_a_delimiter_is_never_used_twice(tmp_path: Path) -> None:
    path = tmp_path / "output"

    write_outputs(path, {"a": "1", "b": "2"})

    delimiters = [line.partition("<<")[2] for line in path.read_text(encoding="utf-8").splitlines() if "<<" in line]
    assert len(set(delimiters)) == 2
    assert all(len(delimiter) > 32 for delimiter in delimiters)


@pytest.mark.parametrize("name", ["", "a b", "a=b", "a<<b", "a\nb", "ü"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no name of an output"):
        write_outputs(tmp_path / "output", {name: "x"})


def test_a_path_with_odd_bytes_survives(tmp_path: Path) -> None:
    path = tmp_path / "output"

    write_outputs(path, {"report": "/tmp/\udcff"})

    assert b"/tmp/\xff\n" in path.read_bytes()


def test_outputs_that_cannot_be_written_are_an_expected_failure(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="outputs"):
        write_outputs(tmp_path, {"a": "b"})


def test_an_annotation_cannot_start_another_command() -> None:
    line = annotation(AnnotationKind.ERROR, "a:b,c\n%", "100 % over,\r\n::error::x: y")

    assert line == "::error title=a%3Ab%2Cc%0A%25::100 %25 over,%0D%0A::error::x: y"


def test_an_annotation_moves_no_terminal_that_the_log_is_read_in() -> None:
    text = annotation(AnnotationKind.WARNING, "a\x1b[31m", "b\x1b]0;x\x07\u202e\x9b2J\u2028c\n1\u202f000\xa0g")

    assert text == "::warning title=a [31m::b ]0;x   2J c%0A1\u202f000\xa0g"
