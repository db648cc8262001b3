"""What a request must say beyond the members that its model calls required, in its service's own code. Pure.

moto fails over such requests, and a failure of the server's is what clients ask again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from localcloud.front.bounds import dynamodb_conditions
from localcloud.front.malformed.texts import Fault

Asked = Mapping[str, Any]
Rule = Callable[[Asked], Fault | None]
_ARN_PARTS = 6


def find_fault(service: str, operation: str, asked: Asked) -> Fault | None:
    """What moto's ``service`` answers to a request that leaves out what it needs."""
    said = (rule(asked) for rule in _rules(service, operation))
    return next(filter(None, said), None)


def has_rule(service: str, operation: str) -> bool:
    """Whether a request has to be known."""
    return service == "sns" or (service, operation) in RULES


def _rules(service: str, operation: str) -> tuple[Rule, ...]:
    return (*((_topics_arns,) if service == "sns" else ()), *RULES.get((service, operation), ()))


def _topics_arns(asked: Asked) -> Fault | None:
    """Source: https://github.com/prometheus/alertmanager/issues/4107 (SNS's own words)"""
    for name in ("TopicArn", "TargetArn", "SubscriptionArn", "ResourceArn"):
        parts = str(asked.get(name) or ":::::").count(":") + 1
        if parts < _ARN_PARTS:
            said = f"Invalid parameter: {name} Reason: An ARN must have at least {_ARN_PARTS} elements, not {parts}"
            return Fault("InvalidParameter", said)
    return None


def _one_of(code: str, said: str, *names: str, asked: Asked) -> Fault | None:
    return None if any(asked.get(name) for name in names) else Fault(code, said)


def _all_of(code: str, *names: str, asked: Asked) -> Fault | None:
    missing = next((name for name in names if asked.get(name) is None), None)
    if missing is None:
        return None
    spelled = missing[:1].lower() + missing[1:]
    said = (
        f"1 validation error detected: Value null at '{spelled}' failed to satisfy constraint: Member must not be null"
    )
    return Fault(code, said)


def _layer(asked: Asked) -> Fault | None:
    """Source: https://docs.aws.amazon.com/lambda/latest/api/API_LayerVersionContentInput.html"""
    content = asked.get("Content") or {}
    if content.get("ZipFile") or (content.get("S3Bucket") and content.get("S3Key")):
        return None
    return Fault("InvalidParameterValueException", "Content must have a ZipFile, or an S3Bucket and an S3Key.")


def _configuration(asked: Asked) -> Fault | None:
    """What AWS takes for nothing, and moto does not read."""
    network, environment = asked.get("VpcConfig"), asked.get("Environment")
    if network is not None and not {"SubnetIds", "SecurityGroupIds"} <= set(network):
        said = "VpcConfig without SubnetIds and SecurityGroupIds"
    elif environment is not None and "Variables" not in environment:
        said = "Environment without Variables"
    else:
        return None
    return Fault(
        "NotImplemented", f"{said} does not run outside AWS: say both, or an empty one", HTTPStatus.NOT_IMPLEMENTED
    )


def _number(name: str, code: str, said: str, asked: Asked) -> Fault | None:
    """A token that was not given out here."""
    token = str(asked.get(name) or "0")
    return None if token.isascii() and token.isdecimal() else Fault(code, said)


def _tags_of_machines(asked: Asked) -> Fault | None:
    whole = all(isinstance(one, Mapping) and one.get("key") and "value" in one for one in asked.get("tags") or ())
    return None if whole else Fault("ValidationException", "A tag has a key and a value.")


def _transaction(asked: Asked) -> Fault | None:
    """Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItem.html"""
    whole = all(len([one for one in entry.values() if one]) == 1 for entry in asked.get("TransactItems") or ())
    said = "TransactItems can only contain one of Check, Put, Update or Delete"
    return None if whole else Fault("ValidationException", said)


def _linked_role(asked: Asked) -> Fault | None:
    name = str(asked.get("AWSServiceName", ""))
    said = f"{name} is no service that has a role of its own"
    return None if name.endswith(".amazonaws.com") else Fault("InvalidInput", said)


def _parameters_name(asked: Asked) -> Fault | None:
    """Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html"""
    name = str(asked.get("Name", "/a"))
    wrong = name.endswith("/") or "//" in name
    return Fault("ValidationException", "Parameter name must not end with slash.") if wrong else None


_INVALID = "ValidationException"
_NULL = partial(_all_of, _INVALID)
RULES: Mapping[tuple[str, str], tuple[Rule, ...]] = {
    ("awslambda", "PublishLayerVersion"): (_layer,),
    **{("awslambda", name): (_configuration,) for name in ("CreateFunction", "UpdateFunctionConfiguration")},
    # Tokens. Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html (ValidationError) and
    # https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html (InvalidNextToken)
    ("cloudformation", "DescribeStackEvents"): (partial(_number, "NextToken", "ValidationError", "Invalid NextToken"),),
    **{
        ("iam", name): (partial(_number, "Marker", "ValidationError", "Invalid Marker."),)
        for name in (
            *("ListAttachedGroupPolicies", "ListAttachedRolePolicies", "ListAttachedUserPolicies", "ListRoleTags"),
            *("ListEntitiesForPolicy", "ListPolicies", "ListRoles", "ListVirtualMFADevices"),
        )
    },
    **{
        ("sns", name): (partial(_number, "NextToken", "InvalidParameter", "Invalid parameter: NextToken"),)
        for name in ("ListSubscriptions", "ListSubscriptionsByTopic", "ListTopics")
    },
    **{
        ("ssm", name): (partial(_number, "NextToken", "InvalidNextToken", "The specified token is not valid."),)
        for name in ("DescribeParameters", "GetParameterHistory", "GetParametersByPath")
    },
    ("cloudformation", "GetTemplate"): (
        lambda asked: _one_of(
            "ValidationError", "Either StackName or ChangeSetName must be specified.", "StackName", "ChangeSetName",
            asked=asked,
        ),
    ),
    ("dynamodb", "CreateTable"): (lambda asked: _NULL("KeySchema", "AttributeDefinitions", asked=asked),),
    ("dynamodb", "TransactWriteItems"): (_transaction,),
    **{
        ("dynamodb", name): (dynamodb_conditions.find_fault,)
        for name in ("PutItem", "UpdateItem", "DeleteItem", "Query", "Scan")
    },
    ("iam", "CreateServiceLinkedRole"): (_linked_role,),
    ("kms", "GenerateRandom"): (lambda asked: _NULL("NumberOfBytes", asked=asked),),
    ("kms", "RetireGrant"): (
        lambda asked: None if asked.get("GrantToken") else _NULL("KeyId", "GrantId", asked=asked),
    ),
    ("sns", "Publish"): (
        lambda asked: _one_of(
            "InvalidParameter", "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter",
            "TopicArn", "TargetArn", "PhoneNumber", asked=asked,
        ),
    ),
    ("ssm", "PutParameter"): (_parameters_name,),
    ("stepfunctions", "ListExecutions"): (
        lambda asked: _one_of(
            _INVALID, "Exactly one of stateMachineArn and mapRunArn must be specified.", "stateMachineArn", "mapRunArn",
            asked=asked,
        ),
    ),
    **{("stepfunctions", name): (_tags_of_machines,) for name in ("TagResource", "CreateStateMachine")},
}  # fmt: skip
