"""events/ holds one sample per message, and each parses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from app.decide.messages import (
    DatasetArrived,
    DecisionMade,
    DeploymentDue,
    PackageChanged,
    PipelineChanged,
    PredictionsRequested,
    ReconciliationDue,
    RunEnded,
    RunRequested,
    RunTask,
    sns_messages,
)
from app.decide.scoring_messages import ScoringRequested, ScoringTask, TransformChanged

ROOT = Path(__file__).parents[2]
SAMPLES = {path.stem: json.loads(path.read_text()) for path in (ROOT / "events").glob("*.json")}
HANDLERS = {path.stem for path in (ROOT / "functions").glob("*.py")}
PARSERS: dict[str, Callable[[Any], object]] = {
    "dataset_uploaded": lambda event: DatasetArrived.parse(json.dumps(event)),
    "record_arrival": lambda event: DatasetArrived.parse(event["Records"][0]["body"]),
    "ask_champion": lambda event: PredictionsRequested.parse(event["Records"][0]["body"]),
    "receive_decision": lambda event: DecisionMade.parse(sns_messages(event)[0]),
    "begin_run": RunRequested.parse,
    "begin_scoring": ScoringRequested.parse,
    "react_to_transform": TransformChanged.parse,
    **dict.fromkeys(["prepare_scoring", "start_transform", "join_scores", "notify_scoring"], ScoringTask.parse),
    "react_to_pipeline": PipelineChanged.parse,
    "react_to_approval": PackageChanged.parse,
    "react_to_endpoint": DeploymentDue.parse,
    "reconcile_runs": ReconciliationDue.parse,
    "notify": RunEnded.parse,
    "finish_run": RunEnded.parse,
}


def test_every_function_has_a_sample() -> None:
    assert set(SAMPLES) >= HANDLERS
    assert {name.partition(".")[0] for name in SAMPLES} - HANDLERS == {"dataset_uploaded"}


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_sample_parses(name: str) -> None:
    parse = PARSERS.get(name.partition(".")[0], RunTask.parse)

    assert parse(SAMPLES[name])
