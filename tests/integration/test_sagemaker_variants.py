"""Several variants of one endpoint on the local cloud: traffic by weight, by name, and in shadow."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually
from sagemaker_resources import bucket
from test_sagemaker_capture import CAPTURE, INTO
from test_sagemaker_endpoints import answer, invoke, script_model, settled

SHADOW = "Shadow"


def variant(name: str, model: str, weight: float = 1.0) -> dict[str, Any]:
    return {
        "VariantName": name, "ModelName": model, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1,
        "InitialVariantWeight": weight,
    }  # fmt: skip


def captured(cloud: CloudServer, endpoint: str, name: str) -> list[dict[str, Any]]:
    s3 = cloud.client("s3")
    found = s3.list_objects_v2(Bucket=INTO, Prefix=f"captured/{endpoint}/{name}/").get("Contents", [])
    bodies = [s3.get_object(Bucket=INTO, Key=one["Key"])["Body"].read().decode() for one in found]
    return [json.loads(line) for body in bodies for line in body.splitlines()]


def invocations(cloud: CloudServer, endpoint: str, name: str) -> float:
    of = {"EndpointName": endpoint, "VariantName": name, "EndpointConfigName": f"{endpoint}-1"}
    dimensions = [{"Name": dimension, "Value": value} for dimension, value in of.items()]
    at = datetime.now(UTC)
    found = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker", MetricName="Invocations", Dimensions=dimensions, Period=60, Statistics=["Sum"],
        StartTime=at - timedelta(hours=1), EndTime=at + timedelta(hours=1),
    )  # fmt: skip
    return float(sum(point["Sum"] for point in found["Datapoints"]))


@pytest.fixture(scope="module")
def pair(cloud_server: CloudServer) -> str:
    """An endpoint with two production variants, of which one has all the traffic."""
    sagemaker = cloud_server.client("sagemaker")
    production = [variant(name, script_model(cloud_server, f"weighed-{name}"), weight) for name, weight in
                  (("a", 1.0), ("b", 0.0))]  # fmt: skip
    sagemaker.create_endpoint_config(EndpointConfigName="weighed-1", ProductionVariants=production)
    sagemaker.create_endpoint(EndpointName="weighed", EndpointConfigName="weighed-1")
    assert settled(cloud_server, "weighed")["EndpointStatus"] == "InService"
    return "weighed"


@pytest.fixture(scope="module")
def shadowed(cloud_server: CloudServer) -> str:
    """An endpoint whose every request a shadow is asked, too."""
    bucket(cloud_server, INTO)
    sagemaker = cloud_server.client("sagemaker")
    sagemaker.create_endpoint_config(
        EndpointConfigName="shadowed-1", DataCaptureConfig=CAPTURE,
        ProductionVariants=[variant("AllTraffic", script_model(cloud_server, "champion"), 2.0)],
        ShadowProductionVariants=[variant(SHADOW, script_model(cloud_server, "challenger"), 2.0)],
    )  # fmt: skip
    sagemaker.create_endpoint(EndpointName="shadowed", EndpointConfigName="shadowed-1")
    assert settled(cloud_server, "shadowed")["EndpointStatus"] == "InService"
    return "shadowed"


def test_traffic_goes_by_weight_and_a_variant_can_be_named(cloud_server: CloudServer, pair: str) -> None:
    by_weight = {invoke(cloud_server, pair)["InvokedProductionVariant"] for _ in range(5)}
    named = invoke(cloud_server, pair, TargetVariant="b")

    assert by_weight == {"a"}
    assert (named["InvokedProductionVariant"], json.loads(named["Body"].read())["model"]) == ("b", "weighed-b")
    with pytest.raises(ClientError, match=r"Variant c of endpoint weighed not found"):
        invoke(cloud_server, pair, TargetVariant="c")
    assert invocations(cloud_server, pair, "b") == 1


def test_other_weights_move_the_traffic(cloud_server: CloudServer, pair: str) -> None:
    weights = [{"VariantName": name, "DesiredWeight": weight} for name, weight in (("a", 0.0), ("b", 3.0))]
    cloud_server.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=pair, DesiredWeightsAndCapacities=weights
    )

    described = settled(cloud_server, pair)["ProductionVariants"]
    assert {one["VariantName"]: one["CurrentWeight"] for one in described} == {"a": 0.0, "b": 3.0}
    assert Counter(invoke(cloud_server, pair)["InvokedProductionVariant"] for _ in range(5)) == {"b": 5}


def test_a_shadow_is_asked_too_and_nobody_hears_its_answers(cloud_server: CloudServer, shadowed: str) -> None:
    answers = [answer(cloud_server, shadowed, body=f"{row},1", InferenceId=f"id-{row}")["model"] for row in range(3)]

    def both() -> Iterator[list[dict[str, Any]]] | None:
        found = [captured(cloud_server, shadowed, name) for name in ("AllTraffic", SHADOW)]
        return iter(found) if all(len(lines) == 3 for lines in found) else None

    production, shadow = eventually(both, 30, "the captured requests of both variants")
    assert answers == ["champion"] * 3
    for lines, model in ((production, "champion"), (shadow, "challenger")):
        said = {line["eventMetadata"]["inferenceId"]: line["captureData"]["endpointOutput"]["data"] for line in lines}
        assert {name: json.loads(text)["model"] for name, text in said.items()} == {
            f"id-{row}": model for row in range(3)
        }
    assert [invocations(cloud_server, shadowed, name) for name in ("AllTraffic", SHADOW)] == [3, 3]


def test_a_shadow_is_described_beside_what_it_shadows_and_cannot_be_named(
    cloud_server: CloudServer, shadowed: str
) -> None:
    described = settled(cloud_server, shadowed)
    config = cloud_server.client("sagemaker").describe_endpoint_config(EndpointConfigName="shadowed-1")

    for found in (described, config):
        assert [one["VariantName"] for one in found["ProductionVariants"]] == ["AllTraffic"]
        assert [one["VariantName"] for one in found["ShadowProductionVariants"]] == [SHADOW]
    with pytest.raises(ClientError, match=rf"Variant {SHADOW} of endpoint {shadowed} not found"):
        invoke(cloud_server, shadowed, TargetVariant=SHADOW)


@pytest.mark.parametrize(
    ("production", "shadows", "why"),
    [
        (["a", "b"], ["c"], "you can only specify one variant for ProductionVariants and one variant"),
        (["a"], ["b", "c"], "you can only specify one variant for ProductionVariants and one variant"),
        (["a"], ["a"], "must have a name of its own"),
        (["a", "a"], [], "must have a name of its own"),
    ],
)
def test_variants_that_do_not_go_together_are_refused(
    cloud_server: CloudServer, pair: str, production: list[str], shadows: list[str], why: str
) -> None:
    beside = {"ShadowProductionVariants": [variant(name, "weighed-b") for name in shadows]} if shadows else {}

    with pytest.raises(ClientError, match=why):
        cloud_server.client("sagemaker").create_endpoint_config(
            EndpointConfigName="refused",
            ProductionVariants=[variant(name, "weighed-a") for name in production],
            **beside,
        )


@pytest.mark.parametrize("in_shadow", [True, False])
def test_a_serverless_variant_stands_alone(cloud_server: CloudServer, pair: str, in_shadow: bool) -> None:
    serverless = {
        "VariantName": "b", "ModelName": "weighed-b", "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 1},
    }  # fmt: skip
    first = variant("a", "weighed-a")
    variants: dict[str, Any] = {"ProductionVariants": [first], "ShadowProductionVariants": [serverless]}

    with pytest.raises(ClientError, match="not supported for serverless endpoints"):
        cloud_server.client("sagemaker").create_endpoint_config(
            EndpointConfigName="refused", **(variants if in_shadow else {"ProductionVariants": [first, serverless]})
        )


@pytest.mark.parametrize("several", ["production", "shadow"])
def test_what_has_several_containers_has_no_shadow_and_is_none(
    cloud_server: CloudServer, pair: str, several: str
) -> None:
    sagemaker = cloud_server.client("sagemaker")
    one = sagemaker.describe_model(ModelName="weighed-a")
    own = [{**one["PrimaryContainer"], "ContainerHostname": name} for name in ("first", "second")]
    chained = f"chained-{several}"
    sagemaker.create_model(ModelName=chained, ExecutionRoleArn=one["ExecutionRoleArn"], Containers=own)
    models = {"production": "weighed-a", "shadow": "weighed-b"} | {several: chained}

    with pytest.raises(ClientError, match="it has several containers"):
        sagemaker.create_endpoint_config(
            EndpointConfigName="refused",
            ProductionVariants=[variant("a", models["production"])],
            ShadowProductionVariants=[variant("b", models["shadow"])],
        )


def test_inf1_has_no_shadow(cloud_server: CloudServer, pair: str) -> None:
    with pytest.raises(ClientError, match="not supported on Inf1"):
        cloud_server.client("sagemaker").create_endpoint_config(
            EndpointConfigName="refused",
            ProductionVariants=[variant("a", "weighed-a")],
            ShadowProductionVariants=[variant("b", "weighed-b") | {"InstanceType": "ml.inf1.xlarge"}],
        )


@pytest.mark.parametrize("kinds", [("ml.m5d.large", "ml.m5.large"), ("ml.m5.large", "ml.g4dn.xlarge")])
def test_a_key_does_not_go_with_instances_that_bring_their_storage(
    cloud_server: CloudServer, pair: str, kinds: tuple[str, str]
) -> None:
    production, shadow = (
        variant(name, f"weighed-{name}") | {"InstanceType": kind} for name, kind in zip("ab", kinds, strict=True)
    )

    with pytest.raises(ClientError, match="KmsKeyId cannot be specified for"):
        cloud_server.client("sagemaker").create_endpoint_config(
            EndpointConfigName="refused", ProductionVariants=[production], ShadowProductionVariants=[shadow],
            KmsKeyId="alias/volumes",
        )  # fmt: skip
