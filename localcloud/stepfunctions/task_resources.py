"""Which resources a task may name: of the optimized integrations those that Step Functions has, in their patterns.

What it does not have is refused when the machine is made, as on AWS, whether or not an SDK could do it: DynamoDB's
``query`` is there as ``aws-sdk:dynamodb:query`` alone.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html and, of the SDK's names,
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

import re

RESOURCE = re.compile(r"arn:[\w-]+:states:::(?P<sdk>aws-sdk:)?(?P<service>\w+):(?P<action>\w+)(?P<pattern>\.[\w:]+)?")
PLAIN, TOKEN, SYNC = frozenset({""}), frozenset({"", ".waitForTaskToken"}), frozenset({"", ".sync"})
NESTED = TOKEN | {".sync", ".sync:2"}


def _actions(names: str, patterns: frozenset[str]) -> dict[str, frozenset[str]]:
    return dict.fromkeys(names.split(), patterns)


# Those of services that are here: a service that is not refuses by name what it is asked.
OPTIMIZED: dict[str, dict[str, frozenset[str]]] = {
    "dynamodb": _actions("getItem putItem updateItem deleteItem", PLAIN),
    "events": _actions("putEvents", TOKEN),
    "lambda": _actions("invoke", TOKEN),
    "sagemaker": _actions("createEndpoint createEndpointConfig createModel updateEndpoint", PLAIN)
    | _actions(
        "createHyperParameterTuningJob createLabelingJob createProcessingJob createTrainingJob createTransformJob", SYNC
    ),
    "sns": _actions("publish", TOKEN),
    "sqs": _actions("sendMessage", TOKEN),
    "states": _actions("startExecution", NESTED),
}
# The services that are here, by the name that errors begin with; in a resource it is in lower case ("sfn").
SDK_NAMES: dict[str, str] = {  # botocore's name -> the SDK's
    "apigateway": "ApiGateway",
    "apigatewayv2": "ApiGatewayV2",
    "application-autoscaling": "ApplicationAutoScaling",
    "budgets": "Budgets",
    "cloudformation": "CloudFormation",
    "cloudwatch": "CloudWatch",
    "dynamodb": "DynamoDb",
    "events": "EventBridge",
    "iam": "Iam",
    "kms": "Kms",
    "lambda": "Lambda",
    "logs": "CloudWatchLogs",
    "s3": "S3",
    "sagemaker": "SageMaker",
    "sagemaker-runtime": "SageMakerRuntime",
    "scheduler": "Scheduler",
    "service-quotas": "ServiceQuotas",
    "sns": "Sns",
    "sqs": "Sqs",
    "ssm": "Ssm",
    "stepfunctions": "Sfn",
    "sts": "Sts",
}
BOTOCORE_NAMES = {name.lower(): botocore for botocore, name in SDK_NAMES.items()}
# Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html
_WRITES = """
    TableName ConditionalOperator ConditionExpression Expected ExpressionAttributeNames ExpressionAttributeValues
    ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues
"""
FIELDS: dict[tuple[str, str], frozenset[str]] = {
    ("dynamodb", name): frozenset(fields.split())
    for name, fields in {
        "getItem": """
            Key TableName AttributesToGet ConsistentRead ExpressionAttributeNames ProjectionExpression
            ReturnConsumedCapacity
        """,
        "putItem": f"Item {_WRITES}",
        "deleteItem": f"Key {_WRITES}",
        "updateItem": f"Key AttributeUpdates UpdateExpression {_WRITES}",
    }.items()
}


class ResourceUnknown(ValueError):
    """A task names a resource that Step Functions does not have; the text is AWS's."""


def check(resource: str, place: str) -> None:
    """Look at one task's resource.

    Raises:
        ResourceUnknown: no integration has this action, or not in this pattern.
    """
    named = RESOURCE.fullmatch(resource)
    if named is None or (named["service"] not in OPTIMIZED and not named["sdk"]):
        return  # a function, an activity, or what the parser and the service itself refuse
    patterns = TOKEN if named["sdk"] else OPTIMIZED[named["service"]].get(named["action"], frozenset())
    misnamed = named["sdk"] and named["service"] in SDK_NAMES and named["service"] not in BOTOCORE_NAMES
    if misnamed or (named["pattern"] or "") not in patterns:
        raise unknown(resource, place)


def botocore_name(service: str) -> str:
    """botocore's name of a service that a resource names; as it is where that is none of ours."""
    return "stepfunctions" if service == "states" else BOTOCORE_NAMES.get(service.lower(), service)


def error_prefix(service: str) -> str:
    """What the names of a service's errors begin with: "S3" of ``S3.NoSuchKeyException``."""
    return SDK_NAMES.get(botocore_name(service), service)


def unknown(resource: str, place: str) -> ResourceUnknown:
    """The error for a resource that is not there."""
    return ResourceUnknown(
        f"SCHEMA_VALIDATION_FAILED: The resource provided {resource} is not recognized. The value is not a valid "
        f"resource ARN, or the resource is not available in this region. at {place}/Resource"
    )
