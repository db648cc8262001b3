"""Application Auto Scaling through the API: bounds that hold at once, what an update may not change, and its end."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer
from sagemaker_resources import script_model, settled, variant

pytestmark = pytest.mark.timeout(900)
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
TRACKING = {
    "TargetValue": 200.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
}


def what(name: str, of: str = "a") -> dict[str, str]:
    """How a request names the variant of an endpoint."""
    return {
        "ServiceNamespace": "sagemaker", "ResourceId": f"endpoint/{name}/variant/{of}", "ScalableDimension": DIMENSION,
    }  # fmt: skip


def config(cloud: CloudServer, name: str, **more: Any) -> str:
    made = variant("a", script_model(cloud, "scaled"), **more)
    cloud.client("sagemaker").create_endpoint_config(EndpointConfigName=name, ProductionVariants=[made])
    return name


def endpoint(cloud: CloudServer, name: str, **more: Any) -> str:
    config(cloud, f"{name}-1", **more)
    cloud.client("sagemaker").create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-1")
    assert settled(cloud, name)["EndpointStatus"] == "InService"
    return name


def counts(cloud: CloudServer, name: str) -> tuple[int, int]:
    """The number of instances that there are, and that there are to be."""
    found = settled(cloud, name)["ProductionVariants"][0]
    return found["CurrentInstanceCount"], found["DesiredInstanceCount"]


def policy(cloud: CloudServer, name: str, **more: Any) -> Any:
    return cloud.client("application-autoscaling").put_scaling_policy(
        **what(name), PolicyName="p", PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=TRACKING, **more,
    )  # fmt: skip


def test_an_endpoint_has_a_number_of_instances_within_its_bounds_as_soon_as_they_are_registered(
    cloud_server: CloudServer,
) -> None:
    scaling = cloud_server.client("application-autoscaling")
    name = endpoint(cloud_server, "scaled-bounds")

    scaling.register_scalable_target(**what(name), MinCapacity=2, MaxCapacity=4)
    after_two = counts(cloud_server, name)
    scaling.register_scalable_target(**what(name), MinCapacity=1)  # the other bound stays
    after_one = counts(cloud_server, name)
    told = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[what(name)["ResourceId"]])

    assert (after_two, after_one) == ((2, 2), (2, 2))
    assert [(one["MinCapacity"], one["MaxCapacity"]) for one in told["ScalableTargets"]] == [(1, 4)]
    assert told["ScalableTargets"][0]["RoleARN"].endswith("/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint")


def test_an_update_keeps_what_is_scaled_and_may_not_change_its_instances(cloud_server: CloudServer) -> None:
    sagemaker, scaling = cloud_server.client("sagemaker"), cloud_server.client("application-autoscaling")
    name = endpoint(cloud_server, "scaled-updated")
    scaling.register_scalable_target(**what(name), MinCapacity=3, MaxCapacity=4)
    assert counts(cloud_server, name) == (3, 3)
    policy(cloud_server, name)
    same, other = config(cloud_server, "scaled-same"), config(cloud_server, "scaled-other", InstanceType="ml.m5.xlarge")

    sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=same, RetainAllVariantProperties=True)
    kept = counts(cloud_server, name)
    with pytest.raises(ClientError, match="must be deregistered as scalable target"):
        sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=other)
    told = scaling.describe_scaling_policies(ServiceNamespace="sagemaker", ResourceId=what(name)["ResourceId"])
    scaling.deregister_scalable_target(**what(name))
    sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=other)

    assert kept == (3, 3)
    assert [one["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] for one in told["ScalingPolicies"]] == [
        200.0
    ]
    assert settled(cloud_server, name)["EndpointConfigName"] == other


def test_a_deleted_endpoint_takes_its_target_and_its_policies_along(cloud_server: CloudServer) -> None:
    scaling = cloud_server.client("application-autoscaling")
    name = endpoint(cloud_server, "scaled-deleted")
    scaling.register_scalable_target(**what(name), MinCapacity=1, MaxCapacity=2)
    policy(cloud_server, name)

    cloud_server.client("sagemaker").delete_endpoint(EndpointName=name)

    asked = {"ServiceNamespace": "sagemaker"}
    left = scaling.describe_scalable_targets(**asked, ResourceIds=[what(name)["ResourceId"]])["ScalableTargets"]
    policies = scaling.describe_scaling_policies(**asked, ResourceId=what(name)["ResourceId"])["ScalingPolicies"]
    assert (left, policies) == ([], [])


def test_what_cannot_be_scaled_is_refused_in_the_services_own_words(cloud_server: CloudServer) -> None:
    scaling = cloud_server.client("application-autoscaling")
    name = endpoint(cloud_server, "scaled-refused")
    bounds, invalid, missing = {"MinCapacity": 1, "MaxCapacity": 2}, "ValidationException", "ObjectNotFoundException"
    twisted, named = {"MinCapacity": 3, "MaxCapacity": 2}, {"PolicyName": "p"}
    refusals: list[tuple[Any, dict[str, Any], str, str]] = [
        (scaling.register_scalable_target, what("nobody") | bounds, invalid, "Could not find endpoint"),
        (scaling.register_scalable_target, what(name, "b") | bounds, invalid, "not present within"),
        (scaling.register_scalable_target, what(name), invalid, "Both minimum and maximum"),
        (scaling.register_scalable_target, what(name) | twisted, invalid, "greater than"),
        (scaling.register_scalable_target, what(name) | bounds | {"ServiceNamespace": "ecs"}, "NotImplemented", "ecs"),
        (scaling.deregister_scalable_target, what(name), missing, "No scalable target found"),
        (scaling.delete_scaling_policy, what(name) | named, missing, "No scaling policy"),
        (scaling.put_scaling_policy, what(name) | named, "NotImplemented", "PolicyType StepScaling"),
        (scaling.tag_resource, {"ResourceARN": "a", "Tags": {}}, "NotImplemented", "TagResource"),
    ]  # fmt: skip

    for ask, request, code, said in refusals:
        with pytest.raises(ClientError, match=said) as refused:
            ask(**request)
        assert refused.value.response["Error"]["Code"] == code
    with pytest.raises(ClientError, match="No scalable target found"):
        policy(cloud_server, name)
