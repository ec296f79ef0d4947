"""Train a small neural network on the handwritten digits that ship with scikit-learn: some 15 s of real work.

With `--metrics FILE` it tells how many samples it went through, so that the report can give energy per sample.
Metered by `emissions run` it marks its phases, so that the report can say which of them took how much.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

START_S = time.monotonic()
# These matrices are small: several BLAS threads would wait for one another and take five times the processor time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402
from sklearn.model_selection import train_test_split  # noqa: E402
from sklearn.neural_network import MLPClassifier  # noqa: E402


def main() -> None:
    """Train for a number of epochs and print the accuracy on digits not seen before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--copies", type=int, default=20, help="noisy copies of each training image")
    parser.add_argument("--evaluate-every", type=int, default=20, help="epochs between evaluations")
    parser.add_argument("--checks", type=int, default=10, help="noisy copies of each test image, in an evaluation")
    parser.add_argument("--pace", type=float, default=0.0, help="least seconds per pass, for runs that are alike")
    parser.add_argument("--metrics", type=Path, help="write the work done to this file")
    options = parser.parse_args()

    mark("load data")
    images, labels = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(images / 16, labels, random_state=0)
    noise = np.random.default_rng(0)
    train_x = np.concatenate([train_x + noise.normal(0, 0.1, train_x.shape) for _ in range(options.copies)])
    train_y = np.concatenate([train_y] * options.copies)
    pace = Pace(options.pace)
    pace.wait(options.checks)

    model = MLPClassifier(hidden_layer_sizes=(256, 128), batch_size=128, random_state=0)
    mark("train")
    for epoch in range(1, options.epochs + 1):
        model.partial_fit(train_x, train_y, classes=range(10))
        pace.wait()
        if epoch % options.evaluate_every == 0 or epoch == options.epochs:
            mark("evaluate")
            scores = []
            for _ in range(options.checks):
                scores.append(model.score(test_x + noise.normal(0, 0.1, test_x.shape), test_y))
                pace.wait()
            print(f"epoch {epoch:3d}  loss {model.loss_:.4f}  accuracy {np.mean(scores):.3f}", flush=True)
            if epoch < options.epochs:
                mark("train")

    if options.metrics:
        metrics = {"units": {"sample": options.epochs * len(train_x)}, "epochs": options.epochs, "progress": 1.0}
        options.metrics.write_text(json.dumps(metrics), encoding="utf-8")


def mark(label: str) -> None:
    """Begin a phase of the report; nothing happens where nobody meters."""
    beside = str(Path(sys.executable).parent)
    emissions = shutil.which("emissions", path=os.pathsep.join((beside, os.environ.get("PATH", ""))))
    if emissions and "EMISSIONS_RECORDING" in os.environ:
        subprocess.run([emissions, "mark", label], check=False)  # noqa: S603  (our own command)


class Pace:
    """Passes over the data that end no sooner than planned, whatever else the machine does."""

    def __init__(self, pass_s: float) -> None:
        self._pass_s = pass_s
        self._planned_s = START_S

    def wait(self, passes: int = 1) -> None:
        """So many passes more."""
        self._planned_s += passes * self._pass_s
        time.sleep(max(0.0, self._planned_s - time.monotonic()))


if __name__ == "__main__":
    main()
