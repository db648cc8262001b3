"""How a built-in algorithm's training job runs, logs its metrics and keeps its model.

scikit-learn stands in for the inside of AWS's closed algorithms, and the log says so.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from localcloud.containers.algorithms.hyperparameters import UserError

CUSTOMER_EXIT = 2
MODEL_NAME = "model_algo-1"
log = logging.getLogger("algorithm")


def run_job(name: str, train: Callable[[Path, Mapping[str, str]], None]) -> None:
    """Train one job; a mistake of the customer's ends it with exit code 2 and the reason as its failure."""
    logging.basicConfig(
        stream=sys.stdout, level=logging.INFO, format="[%(asctime)s %(levelname)s] %(message)s", force=True
    )
    root = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    log.info("SageMaker's %s is closed and runs on AWS only: this is a stand-in on scikit-learn", name)
    given = json.loads((root / "input" / "config" / "hyperparameters.json").read_text())
    try:
        train(root, given)
    except UserError as error:
        log.error("Customer Error: %s", error)
        (root / "output").mkdir(exist_ok=True)
        (root / "output" / "failure").write_text(f"Customer Error: {error}")
        raise SystemExit(CUSTOMER_EXIT) from error


def log_metric(what: str, value: float, *, score: bool = False) -> None:
    """``#quality_metric: host=algo-1, test mse <loss>=0.25``, as the algorithms write it."""
    host = os.environ.get("SM_CURRENT_HOST", "algo-1")
    log.info("#quality_metric: host=%s, %s <%s>=%r", host, what, "score" if score else "loss", float(value))


def save_model(root: Path, settings: Mapping[str, Any], **arrays: Any) -> None:
    """Settings and arrays as one file, without a pickle."""
    (root / "model").mkdir(exist_ok=True)
    with (root / "model" / MODEL_NAME).open("wb") as file:
        np.savez(file, settings=np.array(json.dumps(settings)), **arrays)


def load_model(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What ``save`` wrote: settings, and arrays by name."""
    with np.load(folder / MODEL_NAME) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return json.loads(str(arrays.pop("settings"))), arrays
