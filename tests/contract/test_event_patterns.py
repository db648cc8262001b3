"""The template's rules: the bus takes them, and each hears the samples of its function's events and no others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from role_policies import REGION, event_rules

from localcloud.bus.event_checks import check_rule, check_targets
from localcloud.bus.patterns import Pattern

ROOT = Path(__file__).parents[2]
# Physical names in the samples, and the logical ones that the rules have here.
NAMES = {
    "retrain-databucket-0a1b2c3d": "DataBucket",
    "RetrainingStateMachine-0a1b2c3d": "RetrainingStateMachine",
}
HEARD = {
    "UploadRule": ["dataset_uploaded"],
    "BeginScoringFunctionFileArrived": ["begin_scoring"],
    "ReactToPipelineFunctionPipelineChanged": ["react_to_pipeline"],
    "ReactToApprovalFunctionPackageChanged": [
        "react_to_approval",
        "react_to_approval.metadata_edit",
        "react_to_approval.rejected",
    ],
    "ReactToEndpointFunctionEndpointChanged": ["react_to_endpoint"],
    "ReactToEndpointFunctionExecutionEnded": ["finish_run.execution_aborted", "react_to_endpoint.execution_ended"],
    "ReactToTransformFunctionTransformChanged": ["react_to_transform"],
    "FinishRunFunctionExecutionEnded": ["finish_run.execution_aborted"],
}


PATTERNS = {name: rule["EventPattern"] for name, rule in event_rules().items() if "EventPattern" in rule}


def test_every_rule_with_a_pattern_has_its_samples() -> None:
    assert set(PATTERNS) == set(HEARD)


@pytest.mark.parametrize("name", event_rules())
def test_the_bus_takes_a_rule_and_its_targets(name: str) -> None:
    rule = event_rules()[name]

    check_rule({**rule, "Name": name, "EventPattern": json.dumps(rule.get("EventPattern")) * ("EventPattern" in rule)})
    check_targets(rule["Targets"], (), REGION)


@pytest.mark.parametrize("rule", HEARD)
def test_a_rule_hears_the_samples_of_its_function_alone(rule: str) -> None:
    texts = {path.stem: path.read_text() for path in (ROOT / "events").glob("*.json")}
    for physical, logical in NAMES.items():
        texts = {name: text.replace(physical, logical) for name, text in texts.items()}
    pattern = Pattern(json.dumps(PATTERNS[rule]))

    heard = [name for name, text in texts.items() if pattern.matches(json.loads(text))]

    assert sorted(heard) == HEARD[rule]


def test_the_rule_of_uploads_hears_of_labels_too_and_of_nothing_else_in_the_bucket() -> None:
    text = (ROOT / "events" / "dataset_uploaded.json").read_text().replace("retrain-databucket-0a1b2c3d", "DataBucket")
    event, pattern = json.loads(text), Pattern(json.dumps(PATTERNS["UploadRule"]))
    keys = ("labels/churn/may.csv", "labelled/churn/0a", "scoring/churn/may.csv", "scored/churn/may.csv")

    def heard(key: str) -> bool:
        return pattern.matches(event | {"detail": event["detail"] | {"object": {"key": key}}})

    assert [key for key in keys if heard(key)] == ["labels/churn/may.csv"]
