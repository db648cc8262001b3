"""Which quotas of instances model files need, and which of them lack."""

from typing import Any

import boto3
import own_models
import pytest
from botocore.stub import Stubber

from cli.stack.account import quotas
from cli.stack.account.quotas import AccountQuotas
from pipelines.model.quota_needs import Missing, Need, missing, needs

TUNED: dict[str, Any] = {"algorithms": [{"name": "xgboost", "tuning": {}}], "tuning": {"parallel_jobs": 5}}


def model(name: str = "churn", **changed: Any) -> dict[str, Any]:
    found = own_models.load("churn")
    instances = {
        "processing": "ml.m5.xlarge",
        "processing_count": 1,
        "training": "ml.m5.2xlarge",
        "transform": "ml.c5.large",
    }
    changed["instances"] = instances | changed.get("instances", {})
    deployment = {"mode": "realtime", "instance_type": "ml.m5.large"}
    return found | {"name": name, "spot": False, "deployment": deployment} | changed


def needed(*models: dict[str, Any]) -> dict[str, int]:
    return {need.quota: need.instances for need in needs(models)}


def test_an_endpoint_needs_as_many_again_while_it_is_updated() -> None:
    assert needed(model()) == {
        "ml.m5.large for endpoint usage": 2,
        "ml.m5.xlarge for processing job usage": 1,
        "ml.m5.2xlarge for training job usage": 1,
    }


def test_each_type_that_an_endpoint_may_take_needs_its_quota() -> None:
    several = {"mode": "realtime", "instance_type": "ml.m5.large", "fallback": ["ml.c5.large"]}

    found = needed(model(deployment=several))
    assert (found["ml.m5.large for endpoint usage"], found["ml.c5.large for endpoint usage"]) == (2, 2)


def test_an_endpoint_that_is_scaled_needs_as_many_as_it_may_have() -> None:
    grown = {"mode": "realtime", "instance_type": "ml.m5.large", "autoscaling": {"min": 1, "max": 4}}

    assert needed(model(deployment=grown))["ml.m5.large for endpoint usage"] == 8


SHADOWED = {"mode": "realtime", "instance_type": "ml.m5.large", "instance_count": 2, "shadow": {"for": "2h"}}


@pytest.mark.parametrize(
    ("wish", "instances"),
    [
        (SHADOWED, 2 + (2 + 2)),
        (SHADOWED | {"instance_count": 1, "autoscaling": {"min": 1, "max": 4}}, 4 + (4 + 1)),
    ],
)
def test_a_shadow_needs_its_instances_in_both_updates(wish: dict[str, Any], instances: int) -> None:
    plain = {"mode": "realtime", "instance_type": "ml.m5.large"}

    assert needed(model(deployment=wish))["ml.m5.large for endpoint usage"] == instances
    both = needed(model(deployment=wish), model("house-price", deployment=plain))
    assert both["ml.m5.large for endpoint usage"] == instances + 1


def test_endpoints_run_side_by_side_and_are_updated_one_at_a_time() -> None:
    other = {"mode": "realtime", "instance_type": "ml.m5.large", "instance_count": 3}
    found = needed(model(), model("house-price", deployment=other))

    assert found["ml.m5.large for endpoint usage"] == 1 + 3 + 3
    assert found["ml.m5.xlarge for processing job usage"] == 1  # jobs of two models wait for each other


@pytest.mark.parametrize(
    ("changed", "quota", "instances"),
    [
        ({"spot": True}, "ml.m5.2xlarge for spot training job usage", 1),
        ({"instances": {"fallback": ["ml.c5.xlarge"]}}, "ml.c5.xlarge for training job usage", 1),
        ({"instances": {"fallback": ["ml.c5.xlarge"]}}, "ml.c5.xlarge for processing job usage", 1),
        ({"instances": {"processing_count": 4}}, "ml.m5.xlarge for processing job usage", 4),
        ({"instances": {"large_data": {"training": "ml.m5.4xlarge"}}}, "ml.m5.4xlarge for training job usage", 1),
        (TUNED, "ml.m5.2xlarge for training job usage", 5),
        ({"algorithms": [{"name": "knn"}]}, "ml.c5.large for transform job usage", 1),
        ({"deployment": {"mode": "batch", "instance_type": "ml.m5.large"}}, "ml.m5.large for transform job usage", 1),
    ],
)
def test_each_type_that_a_job_may_take_needs_a_quota(changed: dict[str, Any], quota: str, instances: int) -> None:
    assert needed(model(**changed))[quota] == instances


def test_a_serverless_endpoint_needs_no_instances() -> None:
    assert not any("endpoint" in quota for quota in needed(model(deployment={"mode": "serverless"})))


def test_what_lacks_comes_with_the_request_that_raises_it() -> None:
    need = Need("ml.m5.large for endpoint usage", 2, ("churn",))
    enough = {need.quota: ("L-1E9C780D", 2.0)}

    assert missing([need], enough) == []
    assert missing([need], {}) == [Missing(need, 0, "")]
    (found,) = missing([need], {need.quota: ("L-1E9C780D", 0.0)})
    assert found.command("eu-west-1") == (
        "aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-1E9C780D "
        "--desired-value 2 --region eu-west-1"
    )


def test_a_quota_that_was_never_applied_has_awss_default() -> None:
    client = boto3.client("service-quotas", region_name="us-east-1")
    applied = {"QuotaName": "a", "QuotaCode": "L-1", "Value": 4.0}
    default = {"QuotaName": "b", "QuotaCode": "L-2", "Value": 0.0}
    asked = {"ServiceCode": "sagemaker", "MaxResults": 100}
    with Stubber(client) as stub:
        stub.add_response("list_service_quotas", {"Quotas": [applied], "NextToken": "more"}, asked)
        stub.add_response("list_service_quotas", {"Quotas": []}, asked | {"NextToken": "more"})
        stub.add_response("list_aws_default_service_quotas", {"Quotas": [applied | {"Value": 1.0}, default]}, asked)

        assert quotas.read(client, {"a", "b"}) == {"a": ("L-1", 4.0), "b": ("L-2", 0.0)}
        stub.assert_no_pending_responses()


def test_publishing_announces_what_lacks_for_a_models_own_jobs() -> None:
    names = [need.quota for need in needs([model()])]
    account = AccountQuotas("us-east-1", dict.fromkeys(names, ("L-1", 0.0)))
    large, small = model("large", instances={"processing_count": 4}), model("small")
    four = AccountQuotas("us-east-1", dict.fromkeys(names, ("L-1", 1.0)))

    assert account.too_low_for_jobs(model()) == (
        {"quota": "ml.m5.2xlarge for training job usage", "value": 0, "needed": 1},
        {"quota": "ml.m5.xlarge for processing job usage", "value": 0, "needed": 1},
    )
    assert [one["quota"] for one in four.too_low_for_jobs(large)] == ["ml.m5.xlarge for processing job usage"]
    assert four.too_low_for_jobs(small) == ()


def test_what_could_not_be_read_is_told_and_stops_nothing() -> None:
    account = AccountQuotas("us-east-1", {}, "ListServiceQuotas was refused: no")

    assert account.too_low_for_jobs(model()) == ()
    assert account.warning([model()]) == "quotas of instances could not be read: ListServiceQuotas was refused: no"
