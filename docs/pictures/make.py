# ruff: noqa: INP001  (a script beside its pictures)
"""Draw the pictures of README and docs from real runs: `python docs/pictures/make.py`.

`emissions run` meters the training of `examples/`, once as this machine is and twice with an NVIDIA GPU.
The GPU is the tests' stand-in for the NVML library, with a power trace of its own: pynvml and all of ours are real.
Needs a C compiler, and what `tests/browser/picture.py` needs: chromium, node, `npm ci` in tests/browser.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "browser")]

from fixtures_metering import SOURCE, standin_environment  # noqa: E402
from picture import browser, github_page, missing_tools, shoot  # noqa: E402

TARGET = Path(__file__).resolve().parent
LINKS = {
    "GITHUB_REPOSITORY": "octo-org/models",
    "GITHUB_RUN_ID": "42",
    "GITHUB_RUN_NUMBER": "7",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_SHA": "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334",
}
POLICY = r'<meta http-equiv="Content-Security-Policy"[^>]*>'
"""The page allows no script; to measure its height we run one."""
WIDTH = 900
MOST_BYTES = 280_000
IMPATIENT, CALM = (90, 540, 566, 548, 310), (85, 402, 418, 410, 260)
"""Watts of the stand-in GPU: while data is loaded, three times while training, while the result is checked."""


def main() -> int:
    """Meter, render, draw; every picture in light and dark."""
    trouble = missing_tools() or ("there is no C compiler" if shutil.which("cc") is None else None)
    if trouble:
        print(f"No picture was made: {trouble}.", file=sys.stderr)  # noqa: T201
        return 1
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        work = Path(folder)
        library = standin_library(work)
        over = meter(work / "over", "finetune (h200)", gpu=trace(library, work / "over-gpu", IMPATIENT))
        within = meter(work / "within", "distil (h200)", gpu=trace(library, work / "within-gpu", CALM))
        modelled = comment(meter(work / "modelled", "demo", region="FR"))  # before there is a budget
        budget = config(work, over, within)
        page = ours(over, "report", "--format", "html", *budget, str(over))
        for scheme in ("light", "dark"):
            draw(comment(over, options=budget), f"comment-{scheme}.png", scheme)
            draw(comment(over, options=budget), f"comment-open-{scheme}.png", scheme, unfold=True)
            draw(comment(over, within, options=budget), f"matrix-{scheme}.png", scheme)
            draw(modelled, f"modelled-{scheme}.png", scheme)
            draw(page, f"report-{scheme}.png", scheme, markdown=False)
    return 0


def standin_library(work: Path) -> Path:
    """The stand-in, compiled."""
    library = work / "libnvidia-ml.so.1"
    flags = ("-O1", "-shared", "-fPIC", "-Wl,-soname,libnvidia-ml.so.1")
    subprocess.run(["cc", *flags, "-o", str(library), str(SOURCE), "-lm"], check=True)  # noqa: S603, S607
    return library


def trace(library: Path, folder: Path, watts: tuple[int, ...]) -> dict[str, str]:
    """A scenario of one GPU with these watts, one after the other."""
    folder.mkdir()
    times = (0.0, 2.0, 6.0, 10.0, 14.0)
    steps = [(time_s, 0, float(power_w)) for time_s, power_w in zip(times, watts, strict=True)]
    return standin_environment(library, folder, trace=steps, gpus=1, limit_w=700, names=["NVIDIA H200"])


def meter(out: Path, name: str, *, gpu: dict[str, str] | None = None, region: str = "gcp:europe-west4") -> Path:
    """The folder of a metered training."""
    metrics = out.parent / f"{out.name}.json"
    options = ["--name", name, "--region", region, "--out", str(out), "--metrics", str(metrics), "--quiet"]
    training = [sys.executable, str(ROOT / "examples" / "train_digits.py"), "--metrics", str(metrics)]
    ours(out, "run", *options, "--", *training, gpu=gpu)
    return out


def config(work: Path, over: Path, within: Path) -> tuple[str, ...]:
    """The option for a file with a budget between the two jobs' emissions: one is over it, the other within."""
    grams = [json.loads((folder / "footprint.json").read_text())["emissions"]["gco2e"] for folder in (over, within)]
    file = work / ".github" / "emissions.yml"
    file.parent.mkdir()
    file.write_text(f"version: 1\nbudgets:\n  - {{max: {sum(grams) / 2:.2g} g}}\n", encoding="utf-8")
    return "--config", str(file.relative_to(work))


def comment(*folders: Path, options: tuple[str, ...] = ()) -> str:
    """The body that would be posted, without its hidden first line."""
    return ours(folders[0], "publish", "--dry-run", *options, *map(str, folders))


def ours(folder: Path, *words: str, gpu: dict[str, str] | None = None) -> str:
    """The output of one `emissions` command, run beside this folder."""
    command = [sys.executable, "-m", "reporter", *words]
    environ = environment(gpu)
    done = subprocess.run(command, env=environ, cwd=folder.parent, check=True, stdout=subprocess.PIPE)  # noqa: S603
    return done.stdout.decode()


def environment(gpu: dict[str, str] | None) -> dict[str, str]:
    """Ours without settings, with the links of a made-up repository."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EMISSIONS_", "GITHUB_"))}
    return kept | LINKS | {"PYTHONPATH": str(ROOT)} | (gpu or {})


def draw(text: str, name: str, scheme: str, *, markdown: bool = True, unfold: bool = False) -> None:
    """One picture, as high as the page."""
    page = github_page(text, scheme=scheme, unfold=unfold) if markdown else text
    target = TARGET / name
    shoot(page, target, scheme=scheme, width=WIDTH, height=height_of(page, scheme))
    size = target.stat().st_size
    print(f"{name}: {size // 1000} kB")  # noqa: T201
    if size > MOST_BYTES:
        raise SystemExit(f"{name} has {size} bytes; a picture takes {MOST_BYTES}")


def height_of(page: str, scheme: str) -> int:
    """How high the page is at our width, in pixels."""
    script = "<script>addEventListener('load',()=>setTimeout(()=>document.title="
    script += "'height='+Math.ceil(document.documentElement.getBoundingClientRect().height),3000))</script>"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(re.sub(POLICY, "", page) + script, encoding="utf-8")
        flags = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")
        command = [
            browser() or "chromium", *flags, "--allow-file-access-from-files", "--virtual-time-budget=8000",
            f"--window-size={WIDTH},400", f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
            f"--user-data-dir={folder}/profile", "--dump-dom",
        ]  # fmt: skip
        done = subprocess.run([*command, source.as_uri()], check=True, capture_output=True, text=True)  # noqa: S603
    return int(first_after("height=", done.stdout.splitlines()))


def first_after(mark: str, lines: Iterable[str]) -> str:
    """The digits that follow a mark."""
    tail = next(line.partition(mark)[2] for line in lines if f"<title>{mark}" in line)
    return tail.partition("<")[0]


if __name__ == "__main__":
    sys.exit(main())
