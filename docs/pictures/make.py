# ruff: noqa: INP001  (a script beside its pictures)
"""Draw the pictures of README and docs from real runs: `python docs/pictures/make.py`.

`scenes.py` has the runs: a training of `examples/`, metered by `emissions run`, on GPUs that are the tests' stand-in.
Needs a C compiler, and what `tests/browser/picture.py` needs: chromium, node, `npm ci` in tests/browser.
`--keep FOLDER` keeps the runs there, and takes those that are there already.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from scenes import CHEAPER, HOSTED, MAIN, SLOWER, Stage

from tests.browser import devtools
from tests.browser.picture import github_page, missing_tools

TARGET = Path(__file__).resolve().parent
SCHEMES = ("light", "dark")
WIDTH = 900
MOST_BYTES = 280_000
BUDGETS = "  - {max: 5 g}\n  - {metric: energy, max-increase: 10%}\n"
BUDGETS_OF_LEGS = "  - {max: 0.25 g}\n"


def main() -> int:
    """Meter, render, draw; every picture in light and dark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--keep", type=Path, help="where the runs are kept")
    options = parser.parse_args()
    trouble = missing_tools() or ("there is no C compiler" if shutil.which("cc") is None else None)
    if trouble:
        print(f"No picture was made: {trouble}.", file=sys.stderr)  # noqa: T201
        return 1
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        work = (options.keep or Path(folder)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        draw_all(Stage(work))
    return 0


def draw_all(stage: Stage) -> None:
    """Every picture."""
    base = stage.base()
    passed, failed = stage.run("cheaper", CHEAPER), stage.run("slower", SLOWER)
    hosted = stage.hosted("hosted", MAIN._replace(name="unit-bench"))
    legs, base_of_legs = stage.legs()

    def comment(*words: str | Path, budgets: str = "", environ: dict[str, str] | None = None) -> str:
        return stage.ours("publish", "--dry-run", *words, budgets=budgets, environ=environ)

    red = comment("--against", base, failed, budgets=BUDGETS)
    green = comment("--against", base, passed, budgets=BUDGETS)
    matrix = comment("--against", base_of_legs, *legs, budgets=BUDGETS_OF_LEGS)
    shared = stage.shared([legs[3], legs[8], legs[0]], base_of_legs, BUDGETS_OF_LEGS)
    page = stage.ours("report", "--format", "html", "--against", base, failed, budgets=BUDGETS)
    with devtools.tab(width=WIDTH) as tab:
        picture = Camera(tab, stage.folder)
        picture.markdown("fail", red)
        picture.markdown("open", green, unfold=("Parts, phases, power", "How sure, how computed"))
        picture.markdown("pass", green)
        picture.markdown("matrix", matrix)
        picture.markdown("shared", shared)
        picture.markdown("modelled", comment(hosted, environ=HOSTED))
        picture.report("report", page)


class Camera:
    """Pictures of pages, in light and dark."""

    def __init__(self, tab: devtools.Tab, folder: Path) -> None:
        self._tab = tab
        self._folder = folder

    def markdown(self, name: str, text: str, *, unfold: tuple[str, ...] = ()) -> None:
        """A comment as GitHub shows it, with some of its folds open."""
        (self._folder / f"{name}.md").write_text(text, encoding="utf-8")
        for fold in unfold:
            text = text.replace(f"<details><summary>{fold}<", f"<details open><summary>{fold}<")
        for scheme in SCHEMES:
            self._open(github_page(text, scheme=scheme), scheme)
            if "mermaid" in text:
                self._tab.wait(
                    "[...document.querySelectorAll('details[open] pre.mermaid')].every(e => e.querySelector('svg'))"
                )
            self._take(f"{name}-{scheme}.png")

    def report(self, name: str, text: str) -> None:
        """The beginning of the page, and its chart while somebody points at it."""
        for scheme in SCHEMES:
            self._open(text, scheme, height=900)
            self._tab.wait("document.querySelector('.chart.drawn') !== null")
            self._take(f"{name}-{scheme}.png", whole=False)
            self._tab.run("document.querySelector('.chart').scrollIntoView({block: 'start'}); scrollBy(0, -70)")
            self._tab.show(scheme=scheme, width=WIDTH, height=600)
            box = "(b => [b.x, b.y, b.width])(document.querySelector('.plot').getBoundingClientRect())"
            left, top, wide = self._tab.run(box)
            self._tab.point(left + wide / 2, top + 100)
            self._take(f"{name}-chart-{scheme}.png", whole=False)

    def _open(self, page: str, scheme: str, *, height: int = 200) -> None:
        self._tab.show(scheme=scheme, width=WIDTH, height=height)
        source = self._folder / "page.html"
        source.write_text(page, encoding="utf-8")
        self._tab.open(source)

    def _take(self, name: str, *, whole: bool = True) -> None:
        target = TARGET / name
        self._tab.picture(target, whole=whole)
        size = target.stat().st_size
        print(f"{name}: {size // 1000} kB")  # noqa: T201
        if size > MOST_BYTES:
            raise SystemExit(f"{name} has {size} bytes; a picture takes {MOST_BYTES}")


if __name__ == "__main__":
    sys.exit(main())
