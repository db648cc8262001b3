"""events/ holds one sample per message, and each parses."""

import json
from pathlib import Path
from typing import Any

import pytest
from app.decide.approval_rules import sns_messages
from app.decide.messages import DatasetArrived
from app.decide.parsing import MESSAGES, log_keys
from handlers import HANDLERS, message_of, message_types

ROOT = Path(__file__).parents[2]
SAMPLES = {path.stem: json.loads(path.read_text()) for path in (ROOT / "events").glob("*.json")}


def parse(handler: str, sample: dict[str, Any]) -> object:
    """What a function makes of a sample of its event."""
    name = message_of(handler)
    message = message_types()[name]
    shape = MESSAGES[name][0]
    if shape.envelope == "notification":
        return message.parse(sns_messages(sample)[0].text)
    queued = shape.envelope == "queue message" or shape.queued
    return message.parse(sample["Records"][0]["body"] if queued else sample)


def test_every_function_has_a_sample() -> None:
    assert set(SAMPLES) >= set(HANDLERS)
    assert {name.partition(".")[0] for name in SAMPLES} - set(HANDLERS) == {"dataset_uploaded"}


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"dataset_uploaded"}))
def test_a_sample_parses(name: str) -> None:
    assert parse(name.partition(".")[0], SAMPLES[name])


def test_the_sample_that_aws_sends_to_the_queue_parses() -> None:
    assert DatasetArrived.parse(json.dumps(SAMPLES["dataset_uploaded"]))


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"dataset_uploaded", "reconcile_runs", "post_to_digest.due"}))
def test_a_samples_log_names_its_model_and_the_run_where_there_is_one(name: str) -> None:
    message = parse(name.partition(".")[0], SAMPLES[name])
    keys = log_keys(message)

    assert keys["model"] == "churn"
    assert ("run" in keys) == hasattr(message, "run")
