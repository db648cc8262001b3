"""A run is shown in MLflow once it has its verdict: under the functions' own roles, by a server that listens here."""

from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from outside import MLFLOW_API, NEW_MLFLOW, listening

from cli.stack.deploy import LOCALLY, deploy

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.local
SOON_S = 240


@pytest.fixture
def mlflow() -> Iterator[tuple[str, Queue[Any]]]:
    """A tracking server's address, and what it was asked."""
    with listening(NEW_MLFLOW) as found:
        yield found


def test_a_run_is_shown_in_mlflow_when_its_gate_has_judged_it(
    stack_of: Callable[[str], Any], mlflow: tuple[str, Queue[Any]]
) -> None:
    url, asked = mlflow
    own = stack_of("mirrored")
    deploy(own.target, ROOT / "template.yaml", LOCALLY | {"QuietSeconds": "1", "MlflowServer": url})
    own.publish({"AccuracyThreshold": "0.5"})

    run = own.awaiting(own.send(own.csv("rows.csv")).run)

    calls: dict[str, Any] = {}
    while "runs/update" not in calls:
        path, document = asked.get(timeout=SOON_S)
        calls.setdefault(path.removeprefix(MLFLOW_API), document)
    assert calls["runs/create"]["run_name"] == run.id
    assert {one["key"] for one in calls["runs/log-batch"]["metrics"]} >= {"accuracy", "roc_auc"}
    assert {"key": "retrain.version", "value": str(run.version)} in calls["runs/log-batch"]["tags"]
    assert calls["runs/update"]["status"] == "FINISHED"
