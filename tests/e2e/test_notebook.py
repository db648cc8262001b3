"""docs/notebooks: each cell is run, in one process, against a stack with the model published and nothing in it yet."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "docs" / "notebooks" / "upload-approve-predict.ipynb"
SHOW = "import json; print(json.dumps([evaluation, predictions]))"
pytestmark = pytest.mark.local


def cells() -> list[str]:
    """The code of the notebook, cell by cell."""
    read = json.loads(NOTEBOOK.read_text())
    return ["".join(cell["source"]) for cell in read["cells"] if cell["cell_type"] == "code"]


def test_a_notebook_takes_rows_to_predictions_with_boto3_alone(new_stack: Callable[[str], Any]) -> None:
    made = new_stack("notebook")
    made.publish({"AccuracyThreshold": "0.5"})

    done = subprocess.run(
        [sys.executable, "-c", "\n".join([*cells(), SHOW])],
        env=made.environment | {"RETRAIN_STACK": made.name},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )

    assert done.returncode == 0, done.stderr
    evaluation, predictions = json.loads(done.stdout)
    assert "binary_classification_metrics" in evaluation
    assert [one["label"] for one in predictions["predictions"] if one["label"] in ("Yes", "No")]
    assert len(predictions["predictions"]) == 3
