"""What an HTTP request asks for, whichever of AWS's protocols it speaks."""

import io
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from localcloud.iam import requests
from localcloud.iam.permissions import Place, RequiredPermission
from localcloud.iam.request_keys import attributes, item_keys

HERE = Place("us-east-1", "123456789012")


def environ_of(sent: Any) -> dict[str, Any]:
    """What a WSGI server makes of a request."""
    body = sent.body.encode() if isinstance(sent.body, str) else bytes(sent.body or b"")
    path, _, query = sent.url.partition("://")[2].partition("/")[2].partition("?")
    headers = {name: value.decode() if isinstance(value, bytes) else value for name, value in sent.headers.items()}
    made = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    return made | {
        "REQUEST_METHOD": sent.method,
        "PATH_INFO": f"/{path}",
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "wsgi.input": io.BytesIO(body),
    }


def sent_by(service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """The request that boto3 would send."""
    make: Any = boto3.client
    client = make(service, region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s")
    caught: list[AWSPreparedRequest] = []

    def catch(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        caught.append(request)
        return AWSResponse(request.url, 500, HTTPHeaders(), io.BytesIO(b""))

    client.meta.events.register("before-send.*", catch)
    with pytest.raises(Exception):  # noqa: B017, PT011 - the answer is of no interest
        getattr(client, operation)(**parameters)
    return environ_of(caught[0])


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        (
            "dynamodb",
            "get_item",
            {"TableName": "t", "Key": {"pk": {"S": "a"}}},
            ("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:123456789012:table/t"),
        ),
        (
            "cloudwatch",
            "delete_alarms",
            {"AlarmNames": ["a"]},
            ("cloudwatch:DeleteAlarms", "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a"),
        ),
        (
            "lambda",
            "invoke",
            {"FunctionName": "arn:aws:lambda:us-east-1:123456789012:function:f"},
            ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:f"),
        ),
        (
            "sagemaker-runtime",
            "invoke_endpoint",
            {"EndpointName": "e", "Body": b"\x00\xff"},
            ("sagemaker:InvokeEndpoint", "arn:aws:sagemaker:us-east-1:123456789012:endpoint/e"),
        ),
        (
            "application-autoscaling",
            "describe_scalable_targets",
            {"ServiceNamespace": "sagemaker"},
            ("application-autoscaling:DescribeScalableTargets", "*"),
        ),
        (
            "sqs",
            "send_message",
            {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q", "MessageBody": "m"},
            ("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:q"),
        ),
        ("scheduler", "list_schedules", {"NamePrefix": "a"}, ("scheduler:ListSchedules", "*")),
        ("lambda", "list_functions", {}, ("lambda:ListFunctions", "*")),
        (
            "lambda",
            "update_function_code",
            {"FunctionName": "f", "ZipFile": b"x"},
            ("lambda:UpdateFunctionCode", "arn:aws:lambda:us-east-1:123456789012:function:f"),
        ),
        (
            "lambda",
            "delete_event_source_mapping",
            {"UUID": "a" * 36},
            (
                "lambda:DeleteEventSourceMapping",
                f"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{'a' * 36}",
            ),
        ),
        (
            "lambda",
            "create_event_source_mapping",
            {"FunctionName": "f", "EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:q"},
            ("lambda:CreateEventSourceMapping", "*"),
        ),
        (
            "logs",
            "describe_log_streams",
            {"logGroupName": "/g"},
            ("logs:DescribeLogStreams", "arn:aws:logs:us-east-1:123456789012:log-group:/g:log-stream:"),
        ),
    ],
)
def test_what_boto3_sends_is_understood(
    service: str, operation: str, parameters: dict[str, Any], expected: tuple[str, str]
) -> None:
    environ = sent_by(service, operation, parameters)
    before = environ["wsgi.input"].getvalue()

    found = requests.needs(environ, HERE)

    assert [(need.action, need.resource) for need in found] == [expected]
    assert environ["wsgi.input"].read() == before


def test_whoever_makes_a_function_passes_its_role() -> None:
    role = "arn:aws:iam::123456789012:role/f"
    asked = {"FunctionName": "f", "Role": role, "Code": {"ZipFile": b"x"}, "Handler": "h", "Runtime": "python3.13"}

    found = requests.needs(sent_by("lambda", "create_function", asked), HERE)

    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
    assert [(need.action, need.resource) for need in found] == [("lambda:CreateFunction", arn), ("iam:PassRole", role)]
    assert found[1].context == {"iam:PassedToService": ("lambda.amazonaws.com",)}


def test_a_metric_is_known_by_its_namespace() -> None:
    environ = sent_by("cloudwatch", "put_metric_data", {"Namespace": "Own", "MetricData": []})

    assert [need.context for need in requests.needs(environ, HERE)] == [{"cloudwatch:namespace": ("Own",)}]


def test_a_call_about_an_item_says_its_partition_key_and_its_attributes() -> None:
    table = "arn:aws:dynamodb:us-east-1:123456789012:table/ledger"
    update, put = RequiredPermission("dynamodb:UpdateItem", table), RequiredPermission("dynamodb:PutItem", table)
    item = {"pk": {"S": "LINK#a"}, "sk": {"S": "LINK"}}
    told = {"dynamodb:LeadingKeys": ("LINK#a",), "dynamodb:Attributes": ("pk", "sk")}

    def keyed(need: RequiredPermission, **parameters: Any) -> list[RequiredPermission]:
        return item_keys([need], parameters, lambda arn: "pk" if arn == table else "")

    assert keyed(update, Key=item) == [replace(update, context=told)]
    assert keyed(put, Item=item) == [replace(put, context=told)]
    within = {"dynamodb:EnclosingOperation": ("TransactWriteItems",)}
    transacted = replace(update, context=within)
    assert keyed(transacted, TransactItems=[{"Update": {"Key": item}}]) == [replace(update, context=within | told)]
    assert keyed(update) == [update]
    assert keyed(update, Key={"other": {"S": "a"}}) == [replace(update, context={"dynamodb:Attributes": ("other",)})]


@pytest.mark.parametrize(
    ("action", "beside"),
    [
        ("UpdateItem", {"TransactItems": [{"Update": {"Key": {"pk": {"S": "MODEL#a"}}}}]}),
        ("UpdateItem", {"TransactItems": []}),
        ("UpdateItem", {"TransactItems": [{}, {}]}),
        ("UpdateItem", {"Item": {"pk": {"S": "MODEL#a"}}}),
        ("PutItem", {"Key": {"pk": {"S": "MODEL#a"}}}),
    ],
)
def test_a_member_of_another_operation_does_not_say_which_item_it_is(action: str, beside: dict[str, Any]) -> None:
    member = "Item" if action == "PutItem" else "Key"
    need = RequiredPermission(f"dynamodb:{action}", "arn:aws:dynamodb:us-east-1:123456789012:table/ledger")

    (found,) = item_keys([need], {member: {"pk": {"S": "LINK#a"}}, **beside}, lambda _: "pk")

    assert found.context["dynamodb:LeadingKeys"] == ("LINK#a",)


KEY = {"pk": {"S": "a"}, "sk": {"S": "b"}}
NAMED = {"#plan": "plan", "#n": "automatic"}


@pytest.mark.parametrize(
    ("request_of", "names"),
    [
        ({"UpdateExpression": "SET plan = :plan"}, {"plan"}),
        ({"UpdateExpression": "set plan=:plan"}, {"plan"}),
        ({"UpdateExpression": "SET #plan.#n = :yes", "ExpressionAttributeNames": NAMED}, {"plan"}),
        ({"UpdateExpression": "SET plan.automatic = :yes REMOVE failed, attempts"}, {"plan", "failed", "attempts"}),
        ({"UpdateExpression": "SET files[0].sha = :a ADD revision :one"}, {"files", "revision"}),
        ({"UpdateExpression": "SET #plan = list_append(if_not_exists(failed, :none), :b)",
          "ExpressionAttributeNames": NAMED}, {"plan", "failed"}),
        ({"UpdateExpression": "SET\n#plan=#n+:b", "ExpressionAttributeNames": NAMED}, {"plan", "automatic"}),
        ({"UpdateExpression": "SET a=b-c,d=(e)"}, {"a", "b", "c", "d", "e"}),
        ({"UpdateExpression": "SET #unknown = :a"}, {"#unknown"}),
        ({"ConditionExpression": "attribute_exists(pk) AND (NOT size (plan) > :a OR done BETWEEN :a AND :b)"},
         {"plan", "done"}),
        ({"ConditionExpression": "owner IN (:a, :b)"}, {"owner"}),
        ({"ProjectionExpression": "judged, plan[1].a"}, {"judged", "plan"}),
        ({"AttributeUpdates": {"plan": {"Action": "DELETE"}}, "Expected": {"owner": {"Exists": False}}},
         {"plan", "owner"}),
        ({"AttributesToGet": ["plan"]}, {"plan"}),
    ],
)  # fmt: skip
def test_every_attribute_that_a_request_speaks_of_is_told(request_of: dict[str, Any], names: set[str]) -> None:
    assert attributes({"Key": KEY, **request_of}) == {"pk", "sk", *names}


def test_whoever_registers_a_scalable_target_needs_what_application_auto_scaling_does_in_their_name() -> None:
    what = {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/e/variant/v", "ScalableDimension": "d"}
    bounds = {"MinCapacity": 1, "MaxCapacity": 2}

    needed = requests.needs(sent_by("application-autoscaling", "register_scalable_target", what | bounds), HERE)
    tracked = {"PolicyName": "p", "PolicyType": "TargetTrackingScaling"}
    policy = requests.needs(sent_by("application-autoscaling", "put_scaling_policy", what | tracked), HERE)

    own, *others = needed
    assert own.action == "application-autoscaling:RegisterScalableTarget"
    assert own.resource.startswith("arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/")
    assert own.context == {
        "application-autoscaling:service-namespace": ("sagemaker",),
        "application-autoscaling:scalable-dimension": ("d",),
    }
    endpoint = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/e"
    service = "sagemaker.application-autoscaling.amazonaws.com"
    role = f"arn:aws:iam::123456789012:role/aws-service-role/{service}"
    assert others == [
        RequiredPermission("sagemaker:DescribeEndpoint", endpoint),
        RequiredPermission("sagemaker:UpdateEndpointWeightsAndCapacities", endpoint),
        RequiredPermission(
            "iam:CreateServiceLinkedRole",
            f"{role}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
            {"iam:AWSServiceName": (service,)},
        ),
    ]
    alarm = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:TargetTracking-endpoint/e/variant/v-AlarmHigh"
    assert [(one.action, one.resource) for one in policy[1:]] == [
        ("cloudwatch:DescribeAlarms", alarm), ("cloudwatch:PutMetricAlarm", alarm),
    ]  # fmt: skip
