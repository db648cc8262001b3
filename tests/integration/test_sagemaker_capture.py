"""Endpoints that capture what they are asked, on the local cloud: which requests, where, and after an update."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cloud import CloudServer, eventually
from sagemaker_resources import bucket
from test_sagemaker_endpoints import invoke, script_model, settled

INTO = "captured-here"
CAPTURE = {
    "InitialSamplingPercentage": 100, "DestinationS3Uri": f"s3://{INTO}/captured",
    "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
    "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]},
}  # fmt: skip


def lines_of(cloud: CloudServer, endpoint: str) -> Iterator[dict[str, Any]]:
    s3 = cloud.client("s3")
    found = s3.list_objects_v2(Bucket=INTO, Prefix=f"captured/{endpoint}/AllTraffic/").get("Contents", [])
    for one in found:
        body = s3.get_object(Bucket=INTO, Key=one["Key"])["Body"].read().decode()
        yield from map(json.loads, body.splitlines())


def configured(cloud: CloudServer, name: str, capture: dict[str, Any] | None) -> str:
    model = script_model(cloud, f"{name}-model")
    variant = {
        "VariantName": "AllTraffic", "ModelName": model, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1,
    }  # fmt: skip
    options = {"DataCaptureConfig": capture} if capture else {}
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant], **options)
    return name


def percentage(cloud: CloudServer, endpoint: str) -> int | None:
    found = settled(cloud, endpoint).get("DataCaptureConfig")
    return found["CurrentSamplingPercentage"] if found else None


def test_what_an_endpoint_is_asked_is_captured_with_the_callers_id(cloud_server: CloudServer) -> None:
    bucket(cloud_server, INTO)
    sagemaker = cloud_server.client("sagemaker")
    sagemaker.create_endpoint(EndpointName="watched", EndpointConfigName=configured(cloud_server, "watched-1", CAPTURE))
    assert settled(cloud_server, "watched")["DataCaptureConfig"]["CaptureStatus"] == "Started"

    answered = invoke(cloud_server, "watched", "1,2", InferenceId="c-1")["Body"].read().decode()
    invoke(cloud_server, "watched", "3,4")

    found = eventually(
        lambda: (lines := list(lines_of(cloud_server, "watched"))) and len(lines) == 2 and lines, 30, "lines"
    )
    first = next(one for one in found if one["eventMetadata"].get("inferenceId") == "c-1")
    assert first["captureData"]["endpointInput"]["data"] == "1,2"
    assert first["captureData"]["endpointOutput"]["data"] == answered


def test_an_update_that_retains_properties_retains_what_is_captured_unless_that_is_excluded(
    cloud_server: CloudServer,
) -> None:
    bucket(cloud_server, INTO)
    sagemaker = cloud_server.client("sagemaker")
    first, less = (configured(cloud_server, name, CAPTURE | {"InitialSamplingPercentage": percent})
                   for name, percent in (("kept-1", 80), ("kept-2", 20)))  # fmt: skip
    sagemaker.create_endpoint(EndpointName="kept", EndpointConfigName=first)
    shares = [percentage(cloud_server, "kept")]

    for config, excluded in ((less, []), (first, []), (less, [{"VariantPropertyType": "DataCaptureConfig"}])):
        options = {"ExcludeRetainedVariantProperties": excluded} if excluded else {}
        sagemaker.update_endpoint(
            EndpointName="kept", EndpointConfigName=config, RetainAllVariantProperties=True, **options
        )
        shares.append(percentage(cloud_server, "kept"))

    assert shares == [80, 80, 80, 20]


def test_a_serverless_endpoint_captures_nothing(cloud_server: CloudServer) -> None:
    variant = {
        "VariantName": "AllTraffic", "ModelName": script_model(cloud_server, "serverless-model"),
        "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 1},
    }  # fmt: skip

    with pytest.raises(Exception, match="not supported for serverless endpoints"):
        cloud_server.client("sagemaker").create_endpoint_config(
            EndpointConfigName="none", ProductionVariants=[variant], DataCaptureConfig=CAPTURE
        )
