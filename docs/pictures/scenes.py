# ruff: noqa: INP001  (a script beside its pictures)
"""Real runs of `emissions run` for the pictures: a training whose GPUs are the tests' stand-in for NVIDIA's library.

pynvml and all of ours are real; the watts and the repository are made up.
What a run left is kept in its folder, and not made again while it is there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fixtures_metering import SOURCE, standin_environment  # noqa: E402

from tests.github.fake import BASE_SHA, HEAD_SHA, FakeGitHub  # noqa: E402

PACE_S = 0.25
WAITING_W, ALONE_W = 110.0, 430.0
"""Of a GPU without work, and of the one that evaluates while the others wait."""
COPIES = 6
REPOSITORY = "octo-org/models"
CONFIG = ".github/emissions.yml"
CI = {
    "GITHUB_REPOSITORY": REPOSITORY,
    "GITHUB_RUN_ID": "42",
    "GITHUB_RUN_NUMBER": "7",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_SHA": HEAD_SHA,
    "GITHUB_EVENT_NAME": "pull_request",
}
HOSTED = {"RUNNER_ENVIRONMENT": "github-hosted", "RUNNER_OS": "Linux"}


class Training(NamedTuple):
    """A job: what it is called, its GPUs with their watts while they train, and its passes over the data."""

    name: str
    gpus: int = 8
    watts: float = 640.0
    epochs: int = 40
    evaluate_every: int = 40
    checks: int = 10

    def words(self, metrics: Path) -> list[str]:
        """The command."""
        options = {
            "epochs": self.epochs, "evaluate-every": self.evaluate_every, "checks": self.checks,
            "copies": COPIES, "pace": PACE_S, "metrics": metrics,
        }  # fmt: skip
        script = str(ROOT / "examples" / "train_digits.py")
        return [
            sys.executable,
            script,
            *(word for name, value in options.items() for word in (f"--{name}", str(value))),
        ]

    def trace(self) -> Iterator[tuple[float, int, float]]:
        """What each GPU takes from when on: all train, one evaluates, and all wait for the data."""
        passes = self.checks
        yield from ((0.0, gpu, WAITING_W) for gpu in range(self.gpus))
        for done in range(0, self.epochs, self.evaluate_every):
            chunk = min(self.evaluate_every, self.epochs - done)
            # A GPU grows warmer, and takes a little more.
            yield from ((passes * PACE_S, gpu, self.watts * (0.985 + 0.005 * gpu / 8)) for gpu in range(self.gpus))
            yield from (((passes + 2) * PACE_S, gpu, self.watts * (1 + 0.01 * gpu / 8)) for gpu in range(self.gpus))
            passes += chunk
            yield from ((passes * PACE_S, gpu, WAITING_W if gpu else ALONE_W) for gpu in range(self.gpus))
            passes += self.checks


MAIN = Training("finetune (8×H200)")
CHEAPER = MAIN._replace(watts=612.0)
SLOWER = MAIN._replace(evaluate_every=10)
LEGS = tuple(
    Training(f"train ({model}, {precision})", gpus=1, watts=watts, epochs=8, evaluate_every=8, checks=8)
    for model, precision, watts in (
        ("resnet50", "bf16", 520.0), ("resnet50", "fp32", 610.0), ("vit-b16", "bf16", 560.0),
        ("vit-b16", "fp32", 655.0), ("bert-base", "bf16", 480.0), ("bert-base", "fp32", 590.0),
        ("t5-small", "bf16", 450.0), ("t5-small", "fp32", 540.0), ("llama-1b", "bf16", 640.0),
    )
)  # fmt: skip
CHANGED = {3: {"evaluate_every": 4}, 8: {"watts": 500.0}}
"""What the pull request does to two of the legs."""
NOISE = (1.0, 0.994, 1.007, 0.998, 1.003)
"""How much more or less the runs of the base branch take."""


class Stage:
    """A folder for the runs, and the stand-in library."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._event = folder / "event.json"
        pull = {"number": 7, "head": {"sha": HEAD_SHA}, "base": {"sha": BASE_SHA, "ref": "main"}}
        self._event.write_text(json.dumps({"number": 7, "pull_request": pull}), encoding="utf-8")
        self._library = folder / "libnvidia-ml.so.1"
        if not self._library.exists():
            flags = ("-O1", "-shared", "-fPIC", "-Wl,-soname,libnvidia-ml.so.1")
            subprocess.run(["cc", *flags, "-o", str(self._library), str(SOURCE), "-lm"], check=True)  # noqa: S603, S607

    def run(self, where: str, training: Training, *options: str) -> Path:
        """The output folder of a metered training."""
        out = self.folder / where
        if not (out / "footprint.json").exists():
            standin = out.parent / f"{out.name}-gpus"
            standin.mkdir(parents=True)
            gpus = standin_environment(
                self._library, standin, trace=list(training.trace()), gpus=training.gpus, limit_w=700, idle_w=150,
                names=["NVIDIA H200"] * training.gpus,
            )  # fmt: skip
            self._meter(out, training, gpus, "--region", "aws:us-east-1", *options)
        return out

    def hosted(self, where: str, training: Training) -> Path:
        """The same on this machine as it is, as if it were one of GitHub's runners."""
        out = self.folder / where
        if not (out / "footprint.json").exists():
            self._meter(out, training, HOSTED)
        return out

    def _meter(self, out: Path, training: Training, environ: dict[str, str], *options: str) -> None:
        metrics = out.parent / f"{out.name}.json"
        named = ("--name", training.name, "--out", str(out), "--metrics", str(metrics), "--quiet")
        self.ours("run", *named, *options, "--", *training.words(metrics), environ=environ)

    def ours(self, *words: str | Path, budgets: str = "", environ: dict[str, str] | None = None) -> str:
        """The output of one `emissions` command, in a repository whose config file has these budgets."""
        repository = self.folder / "repository"
        file = repository / CONFIG
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"version: 1\nbudgets:\n{budgets}" if budgets else "version: 1\n", encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("EMISSIONS_", "GITHUB_"))}
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "reporter", *map(str, words)],
            env=kept | CI | {"GITHUB_EVENT_PATH": str(self._event), "PYTHONPATH": str(ROOT)} | (environ or {}),
            cwd=repository, check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
        return done.stdout.decode()

    def base(self) -> Path:
        """Five runs of the job on the base branch; the folder that holds them."""
        for index, factor in enumerate(NOISE):
            self.run(f"base/{index}", MAIN._replace(watts=MAIN.watts * factor))
        return self.folder / "base"

    def legs(self) -> tuple[list[Path], Path]:
        """The legs of a matrix in the pull request, and the folder of three runs of each on the base branch."""
        wanted = [(f"legs/{index}", leg._replace(**CHANGED.get(index, {}))) for index, leg in enumerate(LEGS)]
        before = [
            (f"legs-base/{index}-{run}", leg._replace(watts=leg.watts * factor))
            for index, leg in enumerate(LEGS)
            for run, factor in enumerate(NOISE[:3])
        ]
        with ThreadPoolExecutor(max_workers=2) as pool:
            folders = list(pool.map(lambda each: self.run(*each), (*wanted, *before)))
        return folders[: len(LEGS)], self.folder / "legs-base"

    def shared(self, legs: Sequence[Path], base: Path, budgets: str) -> str:
        """The comment that these legs write together, each on its own, on a made-up GitHub."""
        forge = FakeGitHub(repository=REPOSITORY).start()
        forge.files[forge.base_sha, CONFIG] = f"version: 1\nbudgets:\n{budgets}".encode()
        there = {"GITHUB_API_URL": forge.url, "GITHUB_TOKEN": "made-up", "NO_PROXY": "127.0.0.1"}
        try:
            for leg in legs:
                section = ("--comment-section", "auto", "--against", base, leg)
                self.ours("publish", *section, budgets=budgets, environ=there)
            return forge.comments[0].body
        finally:
            forge.stop()
