"""No name from outside can mention, link, break a table, close a fold, make HTML or start a workflow command."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reporter.report import escape
from reporter.report.console import visible
from reporter.report.prose import name, quoted, sentence

cmarkgfm = pytest.importorskip("cmarkgfm", reason="Markdown is read as GitHub reads it by cmarkgfm")

HOSTILE = (
    "@octocat", "a@b.example", "@org/team", "#12", "o/r#12", "GH-12", "https://evil.example", "www.evil.example",
    "mailto:a@b.example", "|", "\\|", "`", "``` x", "~~~", "<b>", "<!--", "-->", "</details>", "<img src=x onerror=y>",
    "&#64;octocat", "[x](y)", "![x](y)", "*", "**x**", "__x__", "~~x~~", "$x$", "$$", "\n", "\r\n", "\n\n# x", "# x",
    "- x", "1. x", "> x", "---", "===", ":tada:", "::error::x", "##[error]x", "\x1b[31m", "\u202e", "\u2028", "\x00",
    "\ud800", "    x", "\t", "^[x]", "[^1]", "{{ x }}", "{% x %}", "%%{init}%%", "é", "表", "🌍",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=6), max_size=8).map("".join)
PLACES = ("{}", "before {} after", "- {}", "### {}", "**{}**", "<code>{}</code>", "| {} | x |\n|:--|--:|\n| {} | y |")


class Tags(HTMLParser):
    """The tags of a page, and its text without what cannot be seen."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(markdown: str) -> Tags:
    from cmarkgfm.cmark import Options

    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES | Options.CMARK_OPT_HARDBREAKS
    return Tags(cmarkgfm.github_flavored_markdown_to_html(markdown, options))


@pytest.mark.parametrize("place", PLACES)
@given(TEXTS)
@example("@octocat and @org/team")
@example("x](https://evil.example)")
def test_a_name_never_changes_what_is_around_it(place: str, text: str) -> None:
    expected = shown(place.replace("{}", "name")).tags

    page = shown(place.replace("{}", escape.markdown(name(text))))

    assert page.tags == expected


@given(TEXTS)
def test_what_is_read_is_what_the_name_says(text: str) -> None:
    clean = name(text)

    page = shown(f"x {escape.markdown(clean)} x")

    assert "".join(page.text.replace("\u200b", "").split()) == "".join(f"x{clean}x".split())


@given(TEXTS)
def test_github_finds_nothing_to_link_in_a_name(text: str) -> None:
    page = shown(f"x {escape.markdown(name(text))} x")

    assert not re.search(r"@\w|#\d|\bGH-\d|://|\bwww\.", page.text, re.IGNORECASE)


@given(TEXTS)
def test_the_markdown_itself_has_no_bare_mark(text: str) -> None:
    escaped = escape.markdown(name(text))

    assert not re.search(r"[@|`<>*_~$\\\[\]\n\r]|(?<!&)#", escaped)


@given(TEXTS)
def test_a_message_with_code_is_as_harmless_as_a_name(text: str) -> None:
    spans = quoted(text).spans

    assert not [span for span in spans if "\n" in span.text or "\x1b" in span.text]


@given(TEXTS)
def test_a_terminal_is_not_moved_and_no_workflow_command_starts(text: str) -> None:
    words = visible(text)

    assert not re.search(r"[\x00-\x1f\x7f-\x9f]|(?:^|\s)::|##\[", words)


@given(TEXTS)
def test_html_has_no_live_character(text: str) -> None:
    page = Tags(f"<td>{escape.html(sentence(text))}</td>")

    assert page.tags == ["td"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("train (h100, 3.12)", "train (h100, 3.12)"),
        ("a_b", "a&#95;b"),
        ("-x", "-x"),
        ("- x", "&#45; x"),
        ("--region FR", "&#45;-region FR"),
        ("12. x", "12&#46; x"),
        ("std::vector", "std::vector"),
    ],
)
def test_an_ordinary_name_stays_readable(text: str, expected: str) -> None:
    assert escape.markdown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two\nlines", "two lines"),
        ("red \x1b[31mtext\x1b[0m", "red text"),
        ("GPU-8f6a1c2e-1111-2222-3333-444455556666 lost", "GPU-8f6a1c2e… lost"),
        ("MIG-8f6a1c2e-1111-2222-3333-444455556666/1/0", "MIG-8f6a1c2e…"),
        ("half a pair \ud800", "half a pair"),
        ("", "(no name)"),
    ],
)
def test_a_name_is_one_visible_line_without_a_device_id(text: str, expected: str) -> None:
    assert name(text) == expected


def test_a_long_name_keeps_both_its_ends() -> None:
    shown_name = name("train (" + "x" * 200 + ", 3.12)")

    assert len(shown_name) == 80
    assert shown_name.startswith("train (")
    assert shown_name.endswith(", 3.12)")


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "192.168.0.254", "2001:db8:85a3:0:0:8a2e:370:7334", "fe80::1ff:fe23:4567:890a"]
)
def test_a_message_shows_no_address(address: str) -> None:
    assert str(quoted(f"the agent at {address} did not answer")) == "the agent at (address) did not answer"


@pytest.mark.parametrize("text", ["driver 535.104.05.1", "at 12:30:45", "std::vec::Vec"])
def test_versions_times_and_paths_are_not_taken_for_addresses(text: str) -> None:
    assert str(quoted(text)) == text


def test_an_attribute_of_either_quote_is_not_left() -> None:
    assert escape.html("a' b\" <&>") == "a&#39; b&quot; &lt;&amp;&gt;"
