"""What the SageMaker Python SDK is told to work on the local cloud: its defaults, in its own configuration file.

``Session().default_bucket()`` asks STS for the account at ``https://sts.<region>.amazonaws.com``, which the SDK passes
as ``endpoint_url``: no environment variable overrides that. A configured bucket is taken without asking.
``get_execution_role()`` asks there too, unless there is the file that Studio has: docs/local-cloud.md.
Source: https://sagemaker.readthedocs.io/en/stable/overview.html#configuring-and-using-defaults-with-the-sagemaker-python-sdk
and ``sts_regional_endpoint`` in https://github.com/aws/sagemaker-python-sdk/blob/master/src/sagemaker/utils.py
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cli.stack.target import LOCAL_REGION, Target

VARIABLE = "SAGEMAKER_USER_CONFIG_OVERRIDE"  # read by SDK v2 and v3
ROLE = "AmazonSageMaker-ExecutionRole"
ROLE_PATH = "/service-role/"  # both as SageMaker Studio makes it
POLICY = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@dataclass(frozen=True)
class SdkDefaults:
    """Where the SDK's own files lie, and what they name."""

    config: str  # path of config.yaml
    metadata: str  # path of a file such as Studio's /opt/ml/metadata/resource-metadata.json
    bucket: str
    role: str  # ARN

    @property
    def export(self) -> str:
        """The assignment that makes the SDK read its configuration."""
        return f"{VARIABLE}={self.config}"


def prepare(target: Target, state: Path) -> SdkDefaults:
    """Make the execution role that the SDK's jobs work under, if it is not there, and write the SDK's files.

    The bucket is the SDK's to make: it does so on first use.
    """
    folder = state.resolve() / "sagemaker"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    bucket = f"sagemaker-{LOCAL_REGION}-{target.client('sts').get_caller_identity()['Account']}"
    defaults = SdkDefaults(
        str(folder / "config.yaml"), str(folder / "resource-metadata.json"), bucket, _role(target.client("iam"))
    )
    Path(defaults.config).write_text(yaml.safe_dump(configuration(bucket, defaults.role), sort_keys=False))
    Path(defaults.metadata).write_text(json.dumps({"ExecutionRoleArn": defaults.role}) + "\n")
    return defaults


def configuration(bucket: str, role: str) -> dict[str, Any]:
    """The SDK's configuration: every default that would be asked for at AWS, and no telemetry."""
    modules = {
        "TelemetryOptOut": True,
        "Session": {"DefaultS3Bucket": bucket},
        "Serve": {"RoleArn": role},
    }
    kinds = {kind: {"RoleArn": role} for kind in ("TrainingJob", "ProcessingJob", "Pipeline")}
    return {
        "SchemaVersion": "1.0",
        "SageMaker": {"PythonSDK": {"Modules": modules}, **kinds, "Model": {"ExecutionRoleArn": role}},
    }


def _role(iam: Any) -> str:
    """The ARN of the role that Studio's users have."""
    try:
        found: str = iam.get_role(RoleName=ROLE)["Role"]["Arn"]
    except iam.exceptions.NoSuchEntityException:
        made = iam.create_role(RoleName=ROLE, Path=ROLE_PATH, AssumeRolePolicyDocument=json.dumps(TRUST))
        found = made["Role"]["Arn"]
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=POLICY)
    return found
