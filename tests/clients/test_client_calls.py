"""Single calls that people make with the AWS CLI and boto3: played, or refused by name."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sdk_projects import Workplace

ROLE = "arn:aws:iam::123456789012:role/machine"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:any"
STATE = json.dumps({"Type": "Pass", "End": True})
DEFINITION = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})


def attempted(workplace: Workplace, *words: str) -> subprocess.CompletedProcess[str]:
    """The AWS CLI with what `retrain up` says to export."""
    return subprocess.run(
        [Path(sys.executable).parent / "aws", *words],
        env=workplace.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ("TestState", ["test-state", "--definition", STATE, "--role-arn", ROLE]),
        ("StartSyncExecution", ["start-sync-execution", "--state-machine-arn", MACHINE]),
    ],
)
def test_what_is_not_played_of_step_functions_is_refused_by_name(
    workplace: Workplace, operation: str, words: list[str]
) -> None:
    """Both go to ``sync-<host>`` unless the exported variable says otherwise."""
    done = attempted(workplace, "stepfunctions", *words)

    assert done.returncode != 0
    assert f"states {operation} is not implemented" in done.stderr


def test_a_definition_is_validated_without_making_a_machine(workplace: Workplace) -> None:
    found = workplace.aws("stepfunctions", "validate-state-machine-definition", "--definition", DEFINITION)

    assert (found["result"], found["diagnostics"]) == ("OK", [])


def test_several_versions_are_described_at_once_and_one_that_is_not_there_is_told(workplace: Workplace) -> None:
    sagemaker = workplace.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="batch")
    container = {"Image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"}
    inference = {"Containers": [container], "SupportedContentTypes": ["text/csv"],
                 "SupportedResponseMIMETypes": ["text/csv"]}  # fmt: skip
    made = [
        sagemaker.create_model_package(
            ModelPackageGroupName="batch", InferenceSpecification=inference, ModelApprovalStatus=status
        )["ModelPackageArn"]
        for status in ("Approved", "Rejected")
    ]
    missing = made[0].rpartition("/")[0] + "/9"

    found = workplace.aws("sagemaker", "batch-describe-model-package", "--model-package-arn-list", *made, missing)

    summaries = found["ModelPackageSummaries"]
    assert {arn: summary["ModelApprovalStatus"] for arn, summary in summaries.items()} == {
        made[0]: "Approved", made[1]: "Rejected"
    }  # fmt: skip
    assert list(found["BatchDescribeModelPackageErrorMap"]) == [missing]
