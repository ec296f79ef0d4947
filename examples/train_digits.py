"""Train a small neural network on the handwritten digits that ship with scikit-learn: some 15 s of real work.

With `--metrics FILE` it tells how many samples it went through, so that the report can give energy per sample.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

# These matrices are small: several BLAS threads would wait for one another and take five times the processor time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier


def main() -> None:
    """Train for a number of epochs and print the accuracy on digits not seen before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--copies", type=int, default=20, help="noisy copies of each training image")
    parser.add_argument("--metrics", type=Path, help="write the work done to this file")
    options = parser.parse_args()

    images, labels = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(images / 16, labels, random_state=0)
    noise = np.random.default_rng(0)
    train_x = np.concatenate([train_x + noise.normal(0, 0.1, train_x.shape) for _ in range(options.copies)])
    train_y = np.concatenate([train_y] * options.copies)

    model = MLPClassifier(hidden_layer_sizes=(256, 128), batch_size=128, random_state=0)
    for epoch in range(1, options.epochs + 1):
        model.partial_fit(train_x, train_y, classes=range(10))
        if epoch % 10 == 0:
            print(f"epoch {epoch:3d}  loss {model.loss_:.4f}  accuracy {model.score(test_x, test_y):.3f}", flush=True)

    if options.metrics:
        metrics = {"units": {"sample": options.epochs * len(train_x)}, "epochs": options.epochs, "progress": 1.0}
        options.metrics.write_text(json.dumps(metrics), encoding="utf-8")


if __name__ == "__main__":
    main()
