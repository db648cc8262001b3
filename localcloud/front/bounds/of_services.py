"""How each service refuses what breaks a bound of its model, and where a model and its service differ. Pure data.

The code is ValidationException where nothing is said here.
"""

from __future__ import annotations

# Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html (ValidationError),
# https://github.com/SWO-GS/auto-tag/issues/90 (IAM's own words), https://gist.github.com/atoa/e8231d08e66c92de53b2a8e7356f50ee
# (CloudWatch Logs'), https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html,
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html,
# https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html#API_CreateStage_Errors
CODES = {  # by moto's name of the service
    "apigateway": "BadRequestException",
    "apigatewayv2": "BadRequestException",
    "cloudformation": "ValidationError",
    "cloudwatch": "ValidationError",
    "iam": "ValidationError",
    "logs": "InvalidParameterException",
    "sagemakerruntime": "ValidationError",
    "sns": "InvalidParameter",
    "sqs": "InvalidAttributeName",
    "sts": "ValidationError",
}
# Shapes that are not looked into, each with the reason.
UNBOUNDED = {
    "dynamodb": {
        "AttributeValue": "its one bound, an attribute's name of 64 KiB, is said in the table's own words",
        "AttributeName": "its one bound, 64 KiB, is said in the table's own words",
    },
}
# Shapes of which a service takes less than its model says, by what it holds then.
# More is for functions with a capacity provider, which is refused here.
# Source: https://github.com/aws-cloudformation/cfn-lint/pull/4685 and
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
NARROWER: dict[str, dict[str, dict[str, int]]] = {
    "awslambda": {"Timeout": {"max": 900}, "MemorySize": {"max": 10240}},
}
