"""A version is tried in shadow before it serves: begun, judged, and overtaken by whatever happens meanwhile."""

import json
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from app.decide.deployment.endpoint_steps import EndpointChange
from app.decide.deployment.shadows import SHADOW, ShadowRun
from app.decide.deployment_plans import Deployment, plan_deployment, update_strategy
from app.decide.messages import RunTask
from app.decide.names.statuses import Approval, RunStatus
from app.errors import Throttled
from app.flow.deployment import shadows
from app.flow.deployment.versions import DesiredVersion
from app.ledger import ledger
from app.ledger.batches import now
from app.ledger.live_versions import LiveVersion
from app.ledger.table import Write
from app.ledger.task_tokens import EndpointWaiter
from app.settings import settings
from botocore.stub import ANY
from published_churn import PUBLISHED
from test_deployments import ARN, ENDPOINT, EXECUTION, NEW, OLD, RUN, SETTINGS, STRATEGY, TAGS, World, decided
from test_deployments import world as world

BOTH = "retrain--churn-v2-cccccccc"
PLAIN = update_strategy({"type": "all_at_once", "wait_s": 0}, 1, 0)
TASK = RunTask("churn", RUN, version=2)
WAITER = EndpointWaiter(
    ENDPOINT, NEW, "churn", RUN, 2, EXECUTION, "token", STRATEGY, TAGS,
    shadow={"config": BOTH, "strategy": PLAIN, "for_s": 7200, "agreement": "0.9"},
)  # fmt: skip


@pytest.fixture
def waits(world: World) -> World:
    """Version 2 waits for its time in shadow beside version 1, which serves."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="data")
    document = PUBLISHED | {"model": PUBLISHED["model"] | {"deployment": {"capture": {"percent": 100}}}}
    s3.put_object(Bucket="data", Key="config/models/churn.json", Body=json.dumps(document).encode())
    ledger().set_live_version("churn", LiveVersion(1, OLD), RUN, None)
    ledger().await_endpoint(WAITER)
    return world


def was_in_shadow(minutes: int = 121) -> None:
    """Version 2 has been in shadow for so long."""
    begun = now() - timedelta(minutes=minutes)
    ledger().begin_shadow_run("churn", ShadowRun(BOTH, 2, begun, begun + timedelta(hours=2)))


def counted(variant: str, metric: str, values: list[float]) -> None:
    """CloudWatch counted so while it was in shadow."""
    where = {"EndpointName": ENDPOINT, "VariantName": variant, "EndpointConfigName": BOTH}
    dimensions = [{"Name": name, "Value": value} for name, value in where.items()]
    data: list[Any] = [
        {"MetricName": metric, "Dimensions": dimensions, "Timestamp": now() - timedelta(hours=1), "Value": value}
        for value in values
    ]
    boto3.client("cloudwatch").put_metric_data(Namespace="AWS/SageMaker", MetricData=data)


def captured(variant: str, answers: dict[str, str], at: datetime | None = None) -> None:
    """The variant answered these rows (tenure) so, an hour ago unless another time is said."""
    at = at or now() - timedelta(hours=1)
    lines = [
        json.dumps({
            "captureData": {
                "endpointInput": {"observedContentType": "text/csv", "mode": "INPUT", "data": row, "encoding": "CSV"},
                "endpointOutput": {
                    "observedContentType": "text/csv", "mode": "OUTPUT", "data": f"0.5,{label}", "encoding": "CSV",
                },
            },
            "eventMetadata": {"eventId": row, "inferenceTime": f"{at:%Y-%m-%dT%H:%M:%SZ}"}, "eventVersion": "0",
        })
        for row, label in answers.items()
    ]  # fmt: skip
    key = f"captured/churn/{ENDPOINT}/{variant}/{at:%Y/%m/%d/%H}/{at:%M-%S}-000-{variant}.jsonl"
    boto3.client("s3").put_object(Bucket="data", Key=key, Body="\n".join(lines).encode())


def updates_to(world: World, config: str, strategy: dict[str, Any], found: str) -> None:
    world.config_is_there(found)
    world.config_is_there(config)
    asked = {"EndpointName": ENDPOINT, "EndpointConfigName": config, "RetainAllVariantProperties": True,
             "DeploymentConfig": strategy}  # fmt: skip
    world.sagemaker.add_response("update_endpoint", {"EndpointArn": ARN}, asked)


def planned(containers: int = 1, **wish: object) -> Deployment:
    """How version 2 is deployed, which is to be in shadow first."""
    own = ({"Image": "image"},) * containers
    return plan_deployment(settings(*SETTINGS), "churn", 2, own, {"shadow": {"for": "2h"}, **wish}, "arn:role")


def prepared(plan: Deployment) -> dict[str, Any]:
    return shadows.prepare(TASK, plan, DesiredVersion(2, approved={1, 2}), settings(*SETTINGS))


def serves(world: World, containers: int = 1) -> None:
    """Version 1 is in service, with so many containers."""
    world.described("InService", OLD)
    world.config_is_there(OLD)
    own = [{"Image": "image"}] * containers
    model = {"PrimaryContainer": own[0]} if containers == 1 else {"Containers": own}
    about = {"ModelName": OLD, "ModelArn": ARN, "CreationTime": now()}
    world.sagemaker.add_response("describe_model", about | model, {"ModelName": OLD})


def test_a_shadow_is_made_beside_what_serves(waits: World) -> None:
    serves(waits)
    waits.sagemaker.add_response("create_endpoint_config", {"EndpointConfigArn": ARN})

    made = prepared(planned())

    assert (made["strategy"], made["for_s"], made["agreement"]) == (PLAIN, 7200, "0.0")
    assert made["config"].startswith("retrain--churn-v2-")
    assert waits.timeline() == []


@pytest.mark.parametrize(
    ("champion", "challenger", "who"), [(3, 1, "what serves has 3"), (1, 3, "it has 3"), (3, 3, "what serves has 3")]
)
def test_several_containers_have_no_shadow_and_the_version_is_deployed(
    waits: World, champion: int, challenger: int, who: str
) -> None:
    serves(waits, champion)

    assert prepared(planned(challenger)) == {}
    assert waits.timeline() == [f"no time in shadow: {who} containers, and SageMaker has shadows of one alone"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ValidationException", "Shadow variants do not go with that"),
        ("AccessDeniedException", "not allowed"),
        ("ResourceLimitExceeded", "no more configurations"),
    ],
)
def test_a_shadow_that_aws_refuses_does_not_keep_the_version_from_serving(waits: World, code: str, said: str) -> None:
    serves(waits)
    waits.sagemaker.add_client_error("create_endpoint_config", code, said, 400)
    if code == "ValidationException":  # of that name there is none
        waits.sagemaker.add_client_error("describe_endpoint_config", code, "Could not find it", 400)

    assert prepared(planned()) == {}
    (told,) = waits.timeline()
    assert told.startswith("no time in shadow: ")
    assert said in told


def test_a_shadow_is_tried_again_while_aws_is_busy(waits: World) -> None:
    serves(waits)
    waits.sagemaker.add_client_error("create_endpoint_config", "ThrottlingException", "Rate exceeded", 400)

    with pytest.raises(Throttled):
        prepared(planned())
    assert waits.timeline() == []


def test_the_endpoint_gets_the_version_as_a_shadow_first(waits: World) -> None:
    waits.approved(1, 2)
    waits.described("InService", OLD)
    updates_to(waits, BOTH, PLAIN, OLD)

    assert waits.look() == "advanced"
    assert waits.started


def test_its_time_begins_when_the_endpoint_has_the_shadow_and_nobody_is_answered(waits: World) -> None:
    for _ in range(2):
        waits.approved(1, 2)
        waits.described("InService", BOTH)
        waits.look()

    run = ledger().shadow_run("churn")
    assert run is not None
    assert (run.config, run.version, run.until - run.begun_at, run.over) == (BOTH, 2, timedelta(hours=2), False)
    assert waits.timeline() == ["in shadow"]
    assert ledger().endpoint_waiters(ENDPOINT) == [WAITER]


def test_a_version_that_nothing_speaks_against_serves_when_its_time_is_over(waits: World) -> None:
    was_in_shadow()
    for variant in ("AllTraffic", SHADOW):
        counted(variant, "Invocations", [1.0] * 4)
        counted(variant, "ModelLatency", [8_000.0, 10_000.0])
        captured(variant, {"1": "Yes", "2": "No", "3": "No"})
    waits.approved(1, 2)
    waits.described("InService", BOTH)
    updates_to(waits, NEW, STRATEGY, BOTH)

    assert waits.look() == "advanced"
    assert waits.timeline() == [
        "in shadow 4 requests, 0 failed, 9 ms on average beside 9 ms, the same answer about 3 of 3 rows",
        "endpoint updating",
    ]


@pytest.mark.parametrize(
    ("errors", "answers", "why"),
    [
        ([1.0, 1.0, 0.0, 0.0], {"1": "Yes", "2": "No"}, "in shadow 2 of 4 requests failed"),
        (
            [],
            {"1": "No", "2": "No"},
            "in shadow it agreed with what serves about 1 of 2 rows, fewer than 90%",
        ),
    ],
)
def test_a_version_that_something_speaks_against_is_marked_and_the_run_is_told_why(
    waits: World, errors: list[float], answers: dict[str, str], why: str
) -> None:
    was_in_shadow()
    for variant in ("AllTraffic", SHADOW):
        counted(variant, "Invocations", [1.0] * 4)
    counted(SHADOW, "Invocation5XXErrors", errors or [0.0])
    captured("AllTraffic", {"1": "Yes", "2": "No"})
    captured(SHADOW, answers)
    waits.approved(1, 2)
    waits.described("InService", BOTH)
    waits.failed_with("EndpointFailed", why)

    assert waits.look() == "advanced"
    assert ledger().versions("churn")[2]["failed"] == why
    assert ledger().endpoint_waiters(ENDPOINT) == []
    assert ledger().shadow_run("churn") is None  # who approves it again has it tried again


def test_what_was_asked_in_the_second_in_which_its_time_began_counts(waits: World) -> None:
    began = now().replace(microsecond=999_999) - timedelta(minutes=121)
    ledger().begin_shadow_run("churn", ShadowRun(BOTH, 2, began, began + timedelta(hours=2)))
    for variant, label in (("AllTraffic", "Yes"), (SHADOW, "No")):
        counted(variant, "Invocations", [1.0])
        captured(variant, {"1": label}, at=began)
    waits.approved(1, 2)
    waits.described("InService", BOTH)
    waits.failed_with("EndpointFailed", "in shadow it agreed with what serves about 0 of 1 rows, fewer than 90%")

    assert waits.look() == "advanced"


def test_an_endpoint_that_was_deleted_meanwhile_serves_the_version_at_once(waits: World) -> None:
    was_in_shadow(minutes=5)
    waits.approved(1, 2)
    waits.absent()
    waits.sagemaker.add_response(
        "create_endpoint", {"EndpointArn": ARN}, {"EndpointName": ENDPOINT, "EndpointConfigName": NEW, "Tags": TAGS}
    )

    assert waits.look() == "advanced"


def test_what_serves_and_was_rejected_meanwhile_is_replaced_at_once(waits: World) -> None:
    was_in_shadow(minutes=5)
    decided(1, Approval.REJECTED)
    waits.approved(2)
    waits.described("InService", BOTH)
    updates_to(waits, NEW, STRATEGY, BOTH)

    assert waits.look() == "advanced"


def test_a_version_that_was_rejected_in_shadow_is_told_so_and_what_served_comes_back(waits: World) -> None:
    was_in_shadow(minutes=5)
    older = f"{RUN[:-1]}1"
    begun = {"id": older, "model": "churn", "status": str(RunStatus.DEPLOYED), "execution_arn": "x", "timeline": []}
    ledger().write(Write("MODEL#churn", f"RUN#{older}", set=begun))
    waits.approved(1)
    waits.machine.add_response("send_task_success", {}, {"taskToken": "token", "output": ANY})
    waits.described("InService", BOTH)
    waits.starts(older)

    assert waits.look() == "started"
    assert ledger().endpoint_waiters(ENDPOINT) == []


def test_a_shadow_that_does_not_start_fails_the_version(waits: World) -> None:
    assert ledger().claim_endpoint_change("churn", EndpointChange(BOTH, OLD, now(), sent=True), None)
    waits.approved(1, 2)
    waits.described("InService", OLD, "variant Shadow did not pass the ping health check")
    waits.failed_with(
        "EndpointFailed", f"endpoint {ENDPOINT} went back to {OLD}: variant Shadow did not pass the ping health check"
    )

    assert waits.look() == "advanced"
    assert ledger().failed_versions("churn") == {2}
