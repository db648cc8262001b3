"""Which permissions a call needs: an API operation and its parameters in, actions on ARNs out. Pure.

An operation that has no row here needs ``service:Operation`` on ``*``, which no policy on named ARNs grants: what is
not known is refused, never waved through.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from localcloud.iam.policies import Context
from localcloud.iam.request_keys import approval_status

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class RequiredPermission:
    """One action on one resource; ``context`` holds the keys that only this call has."""

    action: str
    resource: str = "*"
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where ARNs begin."""

    region: str
    account: str

    def arn(self, service: str, rest: str) -> str:
        """The ARN of a resource of this account; what is one already stays as it is."""
        return rest if rest.startswith("arn:") else f"arn:aws:{service}:{self.region}:{self.account}:{rest}"


Rule = Callable[[str, Parameters, Place], list[RequiredPermission]]  # operation, parameters, place


def needs(service: str, operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission]:
    """What a call of ``service`` (as requests are signed for it) needs; nothing for a call without authorisation."""
    rule = RULES.get(service)
    found = rule(operation, parameters, place) if rule else None
    return found if found is not None else [RequiredPermission(f"{PREFIXES.get(service, service)}:{operation}")]


PREFIXES: Mapping[str, str] = {"monitoring": "cloudwatch"}  # where signing name and policy prefix differ


# --- DynamoDB. Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html

_TRANSACT = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}


def _dynamodb(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    if operation in ("TransactWriteItems", "TransactGetItems"):
        context = {"dynamodb:EnclosingOperation": (operation,)}
        return [
            RequiredPermission(f"dynamodb:{_TRANSACT[kind]}", _table(request["TableName"], place), context)
            for entry in parameters["TransactItems"]
            for kind, request in entry.items()
        ]
    if operation in ("BatchGetItem", "BatchWriteItem"):
        return [RequiredPermission(f"dynamodb:{operation}", _table(name, place)) for name in parameters["RequestItems"]]
    if "TableName" not in parameters:
        return None
    table = _table(parameters["TableName"], place)
    index = parameters.get("IndexName")
    return [RequiredPermission(f"dynamodb:{operation}", f"{table}/index/{index}" if index else table)]


def _table(name: str, place: Place) -> str:
    return name if name.startswith("arn:") else place.arn("dynamodb", f"table/{name}")


# --- SageMaker. Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html

_NOUNS = {  # noun of an operation -> (parameter that names it, type in its ARN)
    "ProcessingJob": ("ProcessingJobName", "processing-job"),
    "TrainingJob": ("TrainingJobName", "training-job"),
    "TransformJob": ("TransformJobName", "transform-job"),
    "HyperParameterTuningJob": ("HyperParameterTuningJobName", "hyper-parameter-tuning-job"),
    "Model": ("ModelName", "model"),
    "EndpointConfig": ("EndpointConfigName", "endpoint-config"),
    "Endpoint": ("EndpointName", "endpoint"),
    "ModelPackageGroup": ("ModelPackageGroupName", "model-package-group"),
    "ModelPackage": ("ModelPackageName", "model-package"),
    "Pipeline": ("PipelineName", "pipeline"),
    "PipelineExecution": ("PipelineExecutionArn", "pipeline"),
    "PipelineExecutionSteps": ("PipelineExecutionArn", "pipeline"),
    "PipelineParametersForExecution": ("PipelineExecutionArn", "pipeline"),
    "PipelineDefinitionForExecution": ("PipelineExecutionArn", "pipeline"),
}
_ROLES = ("RoleArn", "ExecutionRoleArn")
PASSED_TO = "iam:PassedToService"


def _sagemaker(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    if operation == "InvokeEndpoint":
        return [RequiredPermission("sagemaker:InvokeEndpoint", _named("endpoint", parameters["EndpointName"], place))]
    arns = _SPECIAL[operation](parameters, place) if operation in _SPECIAL else _of_noun(operation, parameters, place)
    if arns is None:
        return None
    context = approval_status(operation, parameters)
    found = [RequiredPermission(f"sagemaker:{operation}", arn, context) for arn in arns]
    if operation.startswith("Create") and parameters.get("Tags"):
        found.append(RequiredPermission("sagemaker:AddTags", arns[0]))
    return found + [_pass_role(parameters[name]) for name in _ROLES if name in parameters]


def _pass_role(arn: str) -> RequiredPermission:
    return RequiredPermission("iam:PassRole", arn, {PASSED_TO: ("sagemaker.amazonaws.com",)})


def _of_noun(operation: str, parameters: Parameters, place: Place) -> list[str] | None:
    for verb in ("Create", "Describe", "Update", "Delete", "Stop", "List", "Start", "Retry"):
        noun = operation.removeprefix(verb)
        if noun != operation and noun in _NOUNS:
            parameter, kind = _NOUNS[noun]
            named = parameters.get(parameter) or parameters.get(f"{noun}Arn")
            return [_named(kind, str(named), place)] if named else None
    return None


def _named(kind: str, name: str, place: Place) -> str:
    """SageMaker writes names into ARNs in lower case."""
    return place.arn("sagemaker", f"{kind}/{name.lower()}") if not name.startswith("arn:") else name


def _waiting_execution(parameters: Parameters, place: Place) -> list[str]:
    """A callback token names no ARN: whoever knows its execution adds it; an unknown one is the service's to refuse.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
    """
    return [parameters["PipelineExecutionArn"]] if "PipelineExecutionArn" in parameters else []


def _endpoint_and_config(parameters: Parameters, place: Place) -> list[str]:
    config = parameters.get("EndpointConfigName")
    found = [_named("endpoint", parameters["EndpointName"], place)]
    return [*found, _named("endpoint-config", config, place)] if config else found


def _new_package(parameters: Parameters, place: Place) -> list[str]:
    """A version's number is not known before it is made; the group must admit it, too."""
    group = parameters.get("ModelPackageGroupName")
    if group is None:
        return [_named("model-package", parameters["ModelPackageName"], place)]
    name = group.rpartition("/")[2]
    return [_named("model-package", f"{name}/*", place), _named("model-package-group", name, place)]


def _packages_of(parameters: Parameters, place: Place) -> str:
    """Listing a group is held against its versions; listing without one against all.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy-xaccount.html (its policy
    AddPermModelPackageVersion)
    """
    group = str(parameters.get("ModelPackageGroupName", "*")).rpartition("/")[2]
    return _named("model-package", f"{group}/*", place)


_SPECIAL: Mapping[str, Callable[[Parameters, Place], list[str]]] = {
    "CreateEndpoint": _endpoint_and_config,
    "UpdateEndpoint": _endpoint_and_config,
    "CreateModelPackage": _new_package,
    "ListModelPackages": lambda parameters, place: [_packages_of(parameters, place)],
    "StartPipelineExecution": lambda parameters, place: [_named("pipeline", parameters["PipelineName"], place)],
    "ListPipelineExecutions": lambda parameters, place: [_named("pipeline", parameters["PipelineName"], place)],
    "ListTrainingJobsForHyperParameterTuningJob": lambda parameters, place: [
        _named("hyper-parameter-tuning-job", parameters["HyperParameterTuningJobName"], place)
    ],
    "SendPipelineExecutionStepSuccess": _waiting_execution,
    "SendPipelineExecutionStepFailure": _waiting_execution,
    "AddTags": lambda parameters, place: [parameters["ResourceArn"]],
    "ListTags": lambda parameters, place: [parameters["ResourceArn"]],
    "DeleteTags": lambda parameters, place: [parameters["ResourceArn"]],
}


# --- messages, executions, logs, functions


def _by_parameter(prefix: str, *names: str) -> Rule:
    """The parameter that is there is the ARN."""

    def rule(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission]:
        arn = next((str(parameters[name]) for name in names if parameters.get(name)), "*")
        return [RequiredPermission(f"{prefix}:{operation}", arn)]

    return rule


def _sqs(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    """A redrive reads one queue and writes another.

    Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
    """
    if source := parameters.get("SourceArn"):
        reads = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes") if operation.startswith("Start") else ()
        to = (
            [RequiredPermission("sqs:SendMessage", parameters["DestinationArn"])]
            if parameters.get("DestinationArn")
            else []
        )
        return [RequiredPermission(f"sqs:{action}", str(source)) for action in (operation, *reads)] + to
    if "QueueUrl" not in parameters:
        return None
    action = operation.removesuffix("Batch") if operation.endswith("MessageBatch") else operation
    return [
        RequiredPermission(f"sqs:{action}", place.arn("sqs", urlsplit(parameters["QueueUrl"]).path.rpartition("/")[2]))
    ]


def _logs(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    """An action on a group is held against ``<group>:log-stream:``, as AWS's refusals say."""
    group = parameters.get("logGroupName") or parameters.get("logGroupIdentifier")
    if not group:
        return None
    stream = parameters.get("logStreamName", "")
    return [RequiredPermission(f"logs:{operation}", place.arn("logs", f"log-group:{group}:log-stream:{stream}"))]


def _lambda(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    name = parameters.get("FunctionName")
    if not name:
        return None
    qualifier = f":{parameters['Qualifier']}" if parameters.get("Qualifier") else ""
    action = "InvokeFunction" if operation == "Invoke" else operation
    arn = name if name.startswith("arn:") else place.arn("lambda", f"function:{name}")
    return [RequiredPermission(f"lambda:{action}", arn + qualifier)]


def _events(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    if operation != "PutEvents":
        return None
    buses = {entry.get("EventBusName") or "default" for entry in parameters.get("Entries", [])}
    return [
        RequiredPermission(
            "events:PutEvents", bus if bus.startswith("arn:") else place.arn("events", f"event-bus/{bus}")
        )
        for bus in sorted(buses)
    ]


def _cloudwatch(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    if operation == "PutMetricData":
        return [
            RequiredPermission(
                "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": (parameters.get("Namespace", ""),)}
            )
        ]
    names = parameters.get("AlarmNames") or [parameters.get("AlarmName")]
    if "Alarm" in operation and all(names):
        return [
            RequiredPermission(f"cloudwatch:{operation}", place.arn("cloudwatch", f"alarm:{name}")) for name in names
        ]
    return None


def _states(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    """A task token names no ARN: whoever knows its machine adds ``stateMachineArn`` to the parameters.

    The reference lists no resource for SendTask*; tried on AWS, a statement on the token's machine admits it.
    Source: https://github.com/aws/aws-cdk/pull/8486
    """
    if operation.startswith("SendTask") and "stateMachineArn" not in parameters:
        return []  # an unknown token is the service's to refuse
    return _by_parameter("states", "stateMachineArn", "executionArn")(operation, parameters, place)


RULES: Mapping[str, Callable[[str, Parameters, Place], list[RequiredPermission] | None]] = {
    "dynamodb": _dynamodb,
    "sagemaker": _sagemaker,
    "sns": _by_parameter("sns", "TopicArn", "TargetArn", "SubscriptionArn"),
    "sqs": _sqs,
    "logs": _logs,
    "lambda": _lambda,
    "events": _events,
    "monitoring": _cloudwatch,
    "states": _states,
    "sts": lambda operation, parameters, place: (
        []
        if operation == "GetCallerIdentity"
        else [RequiredPermission(f"sts:{operation}", str(parameters.get("RoleArn", "*")))]
    ),
}
