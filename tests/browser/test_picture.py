"""Reports as a browser shows them; skipped with a reason where there is none."""

from __future__ import annotations

import re
import struct
import subprocess
import zlib
from pathlib import Path

import pytest
from browser import picture

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "report"
COMMENTS = sorted(GOLDEN.glob("*.comment.md"))
REPORTS = sorted(GOLDEN.glob("*.report.html"))
TROUBLE = picture.missing_tools()

pytestmark = [pytest.mark.browser, pytest.mark.skipif(TROUBLE is not None, reason=str(TROUBLE))]


def dom(page: str, folder: Path) -> str:
    """The page after its scripts have run."""
    source = folder / "page.html"
    source.write_text(page, encoding="utf-8")
    done = subprocess.run(
        [
            picture.browser() or "chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
            "--disable-dev-shm-usage", "--allow-file-access-from-files", "--virtual-time-budget=8000",
            "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder}/profile", "--enable-logging=stderr",
            "--dump-dom", source.as_uri(),
        ],
        capture_output=True, encoding="utf-8", errors="replace", check=True, timeout=120,
    )  # fmt: skip
    complaints = [row for row in done.stderr.splitlines() if ":CONSOLE" in row]
    assert not complaints, complaints
    return done.stdout


def first_pixel(path: Path) -> bytes:
    """The colour of a picture's corner, which no PNG filter changes."""
    data, position, parts = path.read_bytes(), 8, b""
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        parts += data[position + 8 : position + 8 + length] if kind == b"IDAT" else b""
        position += 12 + length
    return zlib.decompressobj().decompress(parts, 4)[1:]


@pytest.mark.parametrize("path", COMMENTS, ids=lambda path: path.name)
def test_githubs_allow_list_takes_nothing_from_a_comment(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    page = picture.github_html(text)

    assert page.count("<details>") == text.count("<details>")
    assert page.count("<table>") == len(re.findall(r"(?m)^\|:--|^\|--:", text))
    assert page.count("<code") >= text.count("<code>")
    assert "<h3>" in page


@pytest.mark.parametrize("path", COMMENTS[:1] + COMMENTS[-1:], ids=lambda path: path.name)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_githubs_mermaid_draws_the_chart(path: Path, scheme: str, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    page = dom(picture.github_page(text, scheme=scheme, unfold=True), tmp_path)

    assert page.count('aria-roledescription="xychart"') == text.count("```mermaid")
    assert "Syntax error" not in page


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.name)
def test_the_page_opens_without_a_complaint_and_asks_for_nothing(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    page = dom(text, tmp_path)

    assert "<h1>" in page
    assert page.count("aria-sort") >= 1
    still = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search(r"<(?:script|link|img|iframe|object)|url\(|@import|\bsrc=", still)


@pytest.mark.parametrize(("scheme", "paper"), [("light", b"\xff\xff\xff"), ("dark", b"\x0d\x11\x17")])
def test_the_page_follows_the_readers_scheme(scheme: str, paper: bytes, tmp_path: Path) -> None:
    target = tmp_path / "report.png"

    picture.shoot(REPORTS[0].read_text(encoding="utf-8"), target, scheme=scheme, height=600)

    assert first_pixel(target) == paper
