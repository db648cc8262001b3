"""What `retrain up` tells the SageMaker SDK, and what it says to export."""

from __future__ import annotations

from pathlib import Path

import yaml

from cli.stack.local.local_stack import render_text
from cli.stack.local.sdk_defaults import SdkDefaults, configuration

ROLE = "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole"
BUCKET = "sagemaker-us-east-1-123456789012"


def test_every_default_that_the_sdk_would_ask_aws_for_is_configured_and_telemetry_is_off() -> None:
    found = yaml.safe_load(yaml.safe_dump(configuration(BUCKET, ROLE)))

    modules = found["SageMaker"]["PythonSDK"]["Modules"]
    assert found["SchemaVersion"] == "1.0"
    assert modules["Session"] == {"DefaultS3Bucket": BUCKET}
    assert modules["TelemetryOptOut"] is True
    roles = {kind: found["SageMaker"][kind]["RoleArn"] for kind in ("TrainingJob", "ProcessingJob", "Pipeline")}
    assert set(roles.values()) == {ROLE}
    assert found["SageMaker"]["Model"] == {"ExecutionRoleArn": ROLE}


def test_up_says_what_to_export_for_the_sdk_and_for_calls_with_a_host_prefix() -> None:
    defaults = SdkDefaults(str(Path("state") / "config.yaml"), "metadata.json", BUCKET, ROLE)
    report = {
        "url": "http://127.0.0.1:4566", "state": "state", "outputs": {"DataBucketName": "data"}, "models": ["churn"],
        "modes": {"churn": "realtime"}, "sagemaker_sdk": {"export": defaults.export}, "console": "c",
        "pages": "p",
    }  # fmt: skip

    said = render_text(report)

    assert "export SAGEMAKER_USER_CONFIG_OVERRIDE=state/config.yaml" in said
    assert "export AWS_DISABLE_HOST_PREFIX_INJECTION=true" in said
