"""Markdown or HTML -> a picture of what a reader sees.

    python tests/browser/picture.py comment.md comment-light.png --scheme light
    python tests/browser/picture.py report.html report-dark.png --scheme dark

Markdown goes through GitHub's parser, an allow-list like GitHub's, GitHub's style sheet and its Mermaid.
Needs chromium, node, `npm ci` in this folder and the Python package cmarkgfm.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PAPER = {"light": "#ffffff", "dark": "#0d1117"}
TIMEOUT_S = 120
_ALERT = re.compile(r"<blockquote>\s*<p>\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\](?:<br>)?\s*")
_MERMAID = re.compile(
    r'<pre lang="mermaid"><code>(.*?)</code></pre>|<pre><code class="language-mermaid">(.*?)</code></pre>', re.DOTALL
)


def missing_tools() -> str | None:
    """What keeps a picture from being made, in words; None when everything is there."""
    if shutil.which("node") is None:
        return "node is not installed"
    if browser() is None:
        return "no chromium is installed"
    if not (MODULES / "rehype-sanitize").is_dir():
        return "the npm packages of tests/browser are not installed (npm ci)"
    try:
        import cmarkgfm  # noqa: F401
    except ImportError:
        return "the package cmarkgfm is not installed"
    return None


def browser() -> str | None:
    """The browser to use."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def github_html(markdown: str, *, comment: bool = True) -> str:
    """Markdown as GitHub's parser and allow-list make it; in comments a newline is a line break."""
    import cmarkgfm
    from cmarkgfm.cmark import Options

    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_GITHUB_PRE_LANG | Options.CMARK_OPT_FOOTNOTES
    if comment:
        options |= Options.CMARK_OPT_HARDBREAKS
    parsed = cmarkgfm.github_flavored_markdown_to_html(markdown, options)
    node = shutil.which("node") or "node"
    done = subprocess.run(
        [node, str(HERE / "sanitise.mjs")], input=parsed, capture_output=True, text=True, check=True,
        timeout=TIMEOUT_S, cwd=HERE, encoding="utf-8",
    )  # fmt: skip
    return done.stdout


def github_page(markdown: str, *, scheme: str, comment: bool = True, unfold: bool = False) -> str:
    """A page that shows Markdown as GitHub does, charts included."""
    body = github_html(markdown, comment=comment)
    charts = _MERMAID.search(body) is not None
    body = _MERMAID.sub(lambda found: f'<pre class="mermaid">{found[1] or found[2]}</pre>', body)
    body = _ALERT.sub(lambda found: f'<blockquote class="markdown-alert markdown-alert-{found[1].lower()}"><p>', body)
    if unfold:
        body = body.replace("<details>", "<details open>")
    style = (MODULES / "github-markdown-css" / f"github-markdown-{scheme}.css").as_uri()
    theme = "dark" if scheme == "dark" else "default"
    script = (MODULES / "mermaid" / "dist" / "mermaid.min.js").as_uri()
    mermaid = (
        f'<script src="{script}"></script>'
        f'<script>mermaid.initialize({{startOnLoad: true, theme: "{theme}", securityLevel: "strict"}})</script>'
    )
    return (
        '<!doctype html><meta charset="utf-8">'
        f'<link rel="stylesheet" href="{style}">'
        f"<style>body{{margin:0;padding:24px;background:{PAPER[scheme]}}}.markdown-body{{font-size:14px;max-width:860px}}"
        "pre.mermaid{background:none!important;text-align:center}</style>"
        f'<article class="markdown-body">{body}</article>{mermaid if charts else ""}'
    )


def shoot(page: str, target: Path, *, scheme: str, width: int = 940, height: int = 2400) -> None:
    """Open a page in the browser and write what it shows."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page, encoding="utf-8")
        command = [
            browser() or "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--hide-scrollbars", "--allow-file-access-from-files", "--virtual-time-budget=8000",
            f"--user-data-dir={folder}/profile", f"--window-size={width},{height}",
            f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
            f"--screenshot={target.resolve()}", source.as_uri(),
        ]  # fmt: skip
        subprocess.run(command, capture_output=True, check=True, timeout=TIMEOUT_S)


def main() -> int:
    """Make one picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("source", type=Path, help="a .md file as posted, or a self-contained .html file")
    parser.add_argument("target", type=Path, help="the .png file to write")
    parser.add_argument("--scheme", choices=("light", "dark"), default="light")
    parser.add_argument("--width", type=int, default=940)
    parser.add_argument("--height", type=int, default=2400)
    parser.add_argument("--unfold", action="store_true", help="open every <details>")
    parser.add_argument("--file", action="store_true", help="as a file or job summary: a newline is no line break")
    options = parser.parse_args()
    trouble = missing_tools()
    if trouble:
        print(f"No picture was made: {trouble}.", file=sys.stderr)  # noqa: T201
        return 1
    text = options.source.read_text(encoding="utf-8")
    page = text
    if options.source.suffix != ".html":
        page = github_page(text, scheme=options.scheme, comment=not options.file, unfold=options.unfold)
    elif options.unfold:
        page = text.replace("<details>", "<details open>")
    shoot(page, options.target, scheme=options.scheme, width=options.width, height=options.height)
    return 0


if __name__ == "__main__":
    sys.exit(main())


__all__ = ["github_html", "github_page", "missing_tools", "shoot"]
