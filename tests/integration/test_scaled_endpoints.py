"""Endpoints whose number of instances Application Auto Scaling chooses: registered, kept, changed and ended with what
serves. SageMaker's answers are stubs; the scalable targets are moto's.
"""

from typing import Any

import boto3
import pytest
from app.aws import clients
from app.decide.deployment.endpoint_steps import EndpointChange
from app.decide.deployment.scaling import KeptScaling, Scaling
from app.decide.names.statuses import RunStatus
from app.ledger.batches import now
from app.ledger.live_versions import LiveVersion
from app.ledger.table import Write
from app.ledger.task_tokens import EndpointWaiter
from botocore.stub import ANY, Stubber
from test_deployments import ARN, ENDPOINT, EXECUTION, NEW, OLD, RUN, STRATEGY, TAGS, World, world

__all__ = ["world"]  # the fixture
WISH = {"min": 2, "max": 4, "per_instance": 600}
WANTED, BEFORE = Scaling(2, 4, 600.0), Scaling(1, 3, 100.0)
RESOURCE = f"endpoint/{ENDPOINT}/variant/AllTraffic"
OTHER_TYPE = "ml.m5.xlarge"


def waits(world: World, autoscaling: dict[str, Any], replaces: str = "") -> None:
    """Version 2 waits for its endpoint; its change was asked for where it ``replaces`` something."""
    waiter = EndpointWaiter(ENDPOINT, NEW, "churn", RUN, 2, EXECUTION, "token", STRATEGY, TAGS, autoscaling)
    world.ledger.await_endpoint(waiter)
    if replaces:
        change = EndpointChange(NEW, replaces, now(), sent=True)
        assert world.ledger.claim_endpoint_change("churn", change, None)


def scaled(world: World) -> None:
    """The endpoint is scaled already, as what serves asks for."""
    registered_by_hand()
    noted(world, KeptScaling(OLD, BEFORE))


def noted(world: World, kept: KeptScaling) -> None:
    """The ledger says how the endpoint is scaled."""
    world.ledger.note_scaling("churn", kept, world.ledger.doubt_scaling("churn", kept.scaling))


def version_1_serves(world: World) -> None:
    """Version 1 was verified, and its run's plan asks for a scaling."""
    world.ledger.set_live_version("churn", LiveVersion(1, OLD), "run", None)
    plan = {"deployment": {"autoscaling": WISH}}
    run = {"id": f"{RUN[:-1]}1", "model": "churn", "status": str(RunStatus.DEPLOYING), "execution_arn": EXECUTION}
    world.ledger.write(Write("MODEL#churn", f"RUN#{RUN[:-1]}1", set=run | {"timeline": [], "plan": plan}))


def registered_by_hand() -> None:
    """A person scales the endpoint in the console."""
    what = {"ResourceId": RESOURCE, "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
    boto3.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker", **what, MinCapacity=1, MaxCapacity=3
    )


def bounds() -> list[tuple[str, int, int]]:
    """What is registered."""
    found = boto3.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="sagemaker")
    return [(one["ResourceId"], one["MinCapacity"], one["MaxCapacity"]) for one in found["ScalableTargets"]]


def aims() -> list[float]:
    """The requests an instance and minute that policies aim at."""
    found = boto3.client("application-autoscaling").describe_scaling_policies(ServiceNamespace="sagemaker")
    return [one["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] for one in found["ScalingPolicies"]]


def config_of(world: World, name: str, kind: str) -> None:
    variant = {"VariantName": "AllTraffic", "ModelName": name, "InitialInstanceCount": 1, "InstanceType": kind}
    found = {"EndpointConfigName": name, "EndpointConfigArn": ARN, "ProductionVariants": [variant],
             "CreationTime": now()}  # fmt: skip
    world.sagemaker.add_response("describe_endpoint_config", found, {"EndpointConfigName": name})


def updates(world: World, *overridden: str) -> None:
    """SageMaker admits an update that keeps all but this."""
    asked: dict[str, Any] = {"EndpointName": ENDPOINT, "EndpointConfigName": NEW, "DeploymentConfig": STRATEGY}
    asked |= {"RetainAllVariantProperties": True}
    if overridden:
        asked["ExcludeRetainedVariantProperties"] = [{"VariantPropertyType": kind} for kind in overridden]
    world.sagemaker.add_response("update_endpoint", {"EndpointArn": ARN}, asked)


def answered(world: World) -> None:
    """The endpoint serves version 2, and who waits for it is told."""
    world.approved(1, 2)
    world.described("InService", NEW)
    world.machine.add_response("send_task_success", {}, {"taskToken": "token", "output": ANY})


def test_an_endpoint_is_scaled_as_soon_as_it_serves(world: World) -> None:
    waits(world, WISH, replaces=OLD)
    answered(world)

    world.look()

    assert bounds() == [(RESOURCE, 2, 4)]
    assert aims() == [600.0]
    assert world.ledger.kept_scaling("churn") == KeptScaling(NEW, WANTED)


def test_a_version_that_asks_for_none_brings_the_number_of_instances_back_and_ends_it(world: World) -> None:
    scaled(world)
    waits(world, {}, replaces=OLD)
    answered(world)

    world.look()

    assert bounds() == []
    assert world.ledger.kept_scaling("churn") == KeptScaling(NEW, None)


@pytest.mark.parametrize(
    ("kind", "wish", "overridden", "left"),
    [
        ("ml.m5.large", WISH, [], [(RESOURCE, 1, 3)]),
        (OTHER_TYPE, WISH, [], []),  # SageMaker refuses another type of what is registered
        ("ml.m5.large", {}, ["DesiredInstanceCount"], [(RESOURCE, 1, 3)]),
    ],
)
def test_an_update_keeps_the_scaling_unless_it_changes_the_type_of_instances(
    world: World, kind: str, wish: dict[str, Any], overridden: list[str], left: list[tuple[str, int, int]]
) -> None:
    scaled(world)
    waits(world, wish)
    world.approved(1, 2)
    world.described("InService", OLD)  # whether what serves is scaled as it asks for
    world.described("InService", OLD, instances=3)
    config_of(world, OLD, "ml.m5.large")
    config_of(world, NEW, kind)
    updates(world, *overridden)

    assert world.look() == "advanced"
    assert bounds() == left


def test_what_was_taken_away_for_an_update_that_was_rolled_back_is_set_again(world: World) -> None:
    version_1_serves(world)
    world.ledger.doubt_scaling("churn", BEFORE)
    world.approved(1)
    world.described("InService", OLD)
    world.described("InService", OLD)

    world.look_only()

    assert bounds() == [(RESOURCE, 2, 4)]
    assert world.ledger.kept_scaling("churn") == KeptScaling(OLD, WANTED)


def test_an_endpoint_that_somebody_deleted_takes_its_scaling_along(world: World) -> None:
    scaled(world)
    world.approved()
    world.absent()
    world.absent()

    world.look_only()

    assert bounds() == []
    assert world.ledger.kept_scaling("churn") is None


def test_a_scaling_that_aws_refuses_is_told_and_the_version_serves_all_the_same(world: World) -> None:
    waits(world, WISH, replaces=OLD)
    answered(world)

    with Stubber(clients.client("application-autoscaling")) as scaling:
        scaling.add_client_error("register_scalable_target", "AccessDeniedException", "no", 400)
        world.look()

    assert any(entry.startswith("found: AWS refuses the autoscaling of endpoint") for entry in world.timeline())
    assert "endpoint in service" in world.timeline()
    assert world.ledger.kept_scaling("churn") == KeptScaling("", WANTED)  # the next look tries again
