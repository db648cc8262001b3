"""Services have the names that Step Functions gives them in resources and errors: by the rule of the SDK that it uses.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html ("AcmPca", "S3")
"""

import re

import botocore.session
import pytest

from localcloud.front.supported import SERVICES
from localcloud.stepfunctions import task_resources

WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z0-9]+")


def in_pascal_case(service_id: str) -> str:
    return "".join(word.capitalize() for part in re.split(r"\W+", service_id) for word in WORD.findall(part))


def test_every_service_that_is_here_has_its_name() -> None:
    session = botocore.session.get_session()
    ids = {name: str(session.get_service_model(name).service_id) for name in {one.model for one in SERVICES.values()}}

    assert {name: in_pascal_case(service_id) for name, service_id in ids.items()} == task_resources.SDK_NAMES


@pytest.mark.parametrize(
    ("service_id", "name"), [("ACM PCA", "AcmPca"), ("S3", "S3"), ("DynamoDB", "DynamoDb"), ("EC2", "Ec2")]
)
def test_the_rule_gives_the_names_that_aws_documents(service_id: str, name: str) -> None:
    assert in_pascal_case(service_id) == name


def test_a_service_is_found_by_the_name_that_a_resource_has() -> None:
    found = {name: task_resources.botocore_name(name) for name in ("sfn", "states", "eventbridge", "s3", "rekognition")}

    assert found == {
        "sfn": "stepfunctions", "states": "stepfunctions", "eventbridge": "events", "s3": "s3",
        "rekognition": "rekognition",
    }  # fmt: skip
    assert task_resources.error_prefix("cloudwatchlogs") == "CloudWatchLogs"
