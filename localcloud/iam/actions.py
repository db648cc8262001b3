"""Which permissions a call needs: an API operation and its parameters in, actions on ARNs out. Pure.

An operation that has no row here needs ``service:Operation`` on ``*``, which no policy on named ARNs grants: what is
not known is refused, never waved through.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from localcloud.iam import iam_actions, sagemaker_actions
from localcloud.iam.permissions import Parameters, Place, RequiredPermission

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


# --- messages, executions, logs, functions


def passed(role: object, service: str) -> list[RequiredPermission]:
    """What it takes to give a service a role; nothing where none is given.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    to = {"iam:PassedToService": (f"{service}.amazonaws.com",)}
    return [RequiredPermission("iam:PassRole", str(role), to)] if role else []


def _by_parameter(prefix: str, *names: str) -> Rule:
    """The parameter that is there is the ARN; of several each is asked for, as whoever answers may take any."""

    def rule(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission]:
        named = dict.fromkeys(str(parameters[name]) for name in names if parameters.get(name))
        return [RequiredPermission(f"{prefix}:{operation}", arn) for arn in named or ["*"]]

    return rule


def _sns(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission]:
    """Who subscribes also says how, and whom.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html (Subscribe)
    """
    if operation == "CreateTopic":
        return [RequiredPermission("sns:CreateTopic", place.arn("sns", str(parameters.get("Name", "*"))))]
    needed = _by_parameter("sns", "TopicArn", "TargetArn", "SubscriptionArn")(operation, parameters, place)
    keys = {"sns:Protocol": parameters.get("Protocol"), "sns:Endpoint": parameters.get("Endpoint")}
    said = {key: (str(value),) for key, value in keys.items() if value} if operation == "Subscribe" else {}
    return [RequiredPermission(one.action, one.resource, said) for one in needed] if said else needed


def _sqs(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    """A redrive reads one queue and writes another.

    Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
    """
    if (source := parameters.get("SourceArn")) and operation.endswith(("MoveTask", "MoveTasks")):
        reads = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes") if operation.startswith("Start") else ()
        to = (
            [RequiredPermission("sqs:SendMessage", parameters["DestinationArn"])]
            if parameters.get("DestinationArn")
            else []
        )
        return [RequiredPermission(f"sqs:{action}", str(source)) for action in (operation, *reads)] + to
    if operation == "CreateQueue":
        return [RequiredPermission("sqs:CreateQueue", place.arn("sqs", str(parameters.get("QueueName", "*"))))]
    if "QueueUrl" not in parameters:
        return None
    action = operation.removesuffix("Batch") if operation.endswith("MessageBatch") else operation
    return [
        RequiredPermission(f"sqs:{action}", place.arn("sqs", urlsplit(parameters["QueueUrl"]).path.rpartition("/")[2]))
    ]


def _logs(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    """An action on a group is held against ``<group>:log-stream:``, as AWS's refusals say."""
    named = (parameters.get(name) for name in ("logGroupName", "logGroupIdentifier"))
    stream, groups = parameters.get("logStreamName", ""), dict.fromkeys(group for group in named if group)
    arns = [place.arn("logs", f"log-group:{group}:log-stream:{stream}") for group in groups]
    return [RequiredPermission(f"logs:{operation}", arn) for arn in arns] or None


def _lambda(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    """Who makes a function or changes it passes its role; a new mapping has no ARN yet.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
    """
    if mapping := parameters.get("UUID"):
        return [RequiredPermission(f"lambda:{operation}", place.arn("lambda", f"event-source-mapping:{mapping}"))]
    name = parameters.get("FunctionName")
    if not name or operation == "CreateEventSourceMapping":
        return None
    qualifier = f":{parameters['Qualifier']}" if parameters.get("Qualifier") else ""
    action = "InvokeFunction" if operation == "Invoke" else operation
    arn = name if name.startswith("arn:") else place.arn("lambda", f"function:{name}")
    found = RequiredPermission(f"lambda:{action}", arn + qualifier)
    return [found, *passed(parameters.get("Role"), "lambda")]


def _cloudformation(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    """Of a stack that is named, whatever id it has, and of the role that makes its resources.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
    """
    name = parameters.get("StackName")
    arn = name if str(name).startswith("arn:") else place.arn("cloudformation", f"stack/{name}/id")
    found = [RequiredPermission(f"cloudformation:{operation}", str(arn))]
    return [*found, *passed(parameters.get("RoleARN"), "cloudformation")] if name else None


def _events(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    rule = parameters.get("Rule" if "Targets" in operation else "Name") if operation != "PutEvents" else None
    if rule:
        return [RequiredPermission(f"events:{operation}", place.arn("events", f"rule/{rule}"))]
    if operation != "PutEvents":
        return None
    buses = {entry.get("EventBusName") or "default" for entry in parameters.get("Entries", [])}
    return [
        RequiredPermission(
            "events:PutEvents", bus if bus.startswith("arn:") else place.arn("events", f"event-bus/{bus}")
        )
        for bus in sorted(buses)
    ]


def _scheduler(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    """Listings take no ARN; whoever makes a schedule passes its role.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html
    """
    name, group = parameters.get("Name"), parameters.get("GroupName") or parameters.get("groupName") or "default"
    if not name or operation.startswith("List"):
        return None
    kind = f"schedule-group/{name}" if operation.endswith("Group") else f"schedule/{group}/{name}"
    found = [RequiredPermission(f"scheduler:{operation}", place.arn("scheduler", kind))]
    return found + passed((parameters.get("Target") or {}).get("RoleArn"), "scheduler")


def _cloudwatch(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    if operation == "PutMetricData":
        return [
            RequiredPermission(
                "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": (parameters.get("Namespace", ""),)}
            )
        ]
    dashboards = parameters.get("DashboardNames") or [parameters.get("DashboardName")]
    if "Dashboard" in operation and all(dashboards):  # of the account, in no region
        arns = [f"arn:aws:cloudwatch::{place.account}:dashboard/{name}" for name in dashboards]
        return [RequiredPermission(f"cloudwatch:{operation}", arn) for arn in arns]
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
    arns = ("stateMachineArn", "executionArn")
    if operation == "CreateStateMachine":
        named = {"stateMachineArn": place.arn("states", f"stateMachine:{parameters.get('name', '*')}")}
        return _by_parameter("states", *arns)(operation, named, place) + passed(parameters.get("roleArn"), "states")
    found = _by_parameter("states", *arns)(operation, parameters, place)
    return found + passed(parameters.get("roleArn") if operation == "UpdateStateMachine" else None, "states")


# --- keys and budgets. Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
# and list_awsbudgetservice.html (Budgets has two actions for all that its API does)


OF_ONE_KEY = (
    "CreateGrant", "DescribeKey", "DisableKey", "DisableKeyRotation", "EnableKey", "EnableKeyRotation", "Encrypt",
    "GenerateDataKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags", "PutKeyPolicy",
    "ScheduleKeyDeletion", "TagResource", "UntagResource", "UpdateKeyDescription",
)  # fmt: skip


def _kms(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    """Of a key that is there, whoever knows it adds ``KeyTags`` to the parameters. Of what takes a key from somewhere
    else, too, any key is asked for.
    """
    if operation == "CreateKey":
        asked = {str(one["TagKey"]): str(one["TagValue"]) for one in parameters.get("Tags") or []}
        keys = {f"aws:RequestTag/{name}": (value,) for name, value in asked.items()}
        tagged = [RequiredPermission("kms:TagResource", "*", keys)] if asked else []
        return [RequiredPermission("kms:CreateKey", "*", keys), *tagged]
    key = str(parameters.get("KeyId") or "").rpartition("/")[2]
    if operation not in OF_ONE_KEY or not key or "alias/" in parameters["KeyId"]:
        return None
    tags = {f"aws:ResourceTag/{name}": (str(value),) for name, value in (parameters.get("KeyTags") or {}).items()}
    return [RequiredPermission(f"kms:{operation}", place.arn("kms", f"key/{key}"), tags)]


def _budgets(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    name = parameters.get("BudgetName") or (parameters.get("Budget") or {}).get("BudgetName")
    action = "ViewBudget" if operation.startswith("Describe") else "ModifyBudget"
    return (
        [RequiredPermission(f"budgets:{action}", f"arn:aws:budgets::{place.account}:budget/{name}")] if name else None
    )


RULES: Mapping[str, Callable[[str, Parameters, Place], list[RequiredPermission] | None]] = {
    "application-autoscaling": sagemaker_actions.of_scaling,
    "budgets": _budgets,
    "cloudformation": _cloudformation,
    "dynamodb": _dynamodb,
    "iam": iam_actions.needs,
    "kms": _kms,
    "sagemaker": sagemaker_actions.needs,
    "sns": _sns,
    "sqs": _sqs,
    "logs": _logs,
    "lambda": _lambda,
    "events": _events,
    "scheduler": _scheduler,
    "monitoring": _cloudwatch,
    "states": _states,
    "sts": iam_actions.of_sts,
}
