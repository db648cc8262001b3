"""Which key SageMaker is told of, for what it writes and for its volumes."""

import pytest
from app.decide.deployment_plans import Deployment, plan_deployment
from app.decide.protection.encryption import has_local_storage
from app.decide.transform_plans import transform_request
from app.settings import Settings

KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b"
SETTINGS = Settings(stack="retrain", encryption_key_arn=KEY)
CONTAINER = {"Image": "image", "ModelDataUrl": "s3://data/judged/model.tar.gz"}


def planned(mode: str, instance_type: str = "ml.m5.large", settings: Settings = SETTINGS) -> Deployment:
    return plan_deployment(
        settings, "churn", 3, (CONTAINER,), {"mode": mode, "instance_type": instance_type}, "arn:role"
    )


@pytest.mark.parametrize(
    "kind",
    ["ml.m5d.large", "ml.c6gd.xlarge", "ml.r6id.large", "ml.g4dn.xlarge", "ml.p3dn.24xlarge", "ml.p4de.24xlarge",
     "ml.g5.xlarge", "ml.g6e.xlarge", "ml.p5en.48xlarge", "ml.trn1n.32xlarge", "ml.i3en.large"],
)  # fmt: skip
def test_instances_with_storage_of_their_own_are_known(kind: str) -> None:
    assert has_local_storage(kind)


@pytest.mark.parametrize(
    "kind", ["ml.m5.large", "ml.c5n.xlarge", "ml.p3.2xlarge", "ml.t3.medium", "ml.inf2.xlarge", "ml.r8g.large", ""]
)
def test_those_without_take_a_key(kind: str) -> None:
    assert not has_local_storage(kind)


def test_an_endpoints_volumes_are_under_the_stacks_key() -> None:
    plan, bare = planned("realtime"), planned("realtime", settings=SETTINGS._replace(encryption_key_arn=""))

    assert (plan.volume_key_arn, bare.volume_key_arn) == (KEY, "")
    assert plan.config != bare.config  # a configuration of that name with another key is another one


@pytest.mark.parametrize("plan", [planned("serverless"), planned("batch"), planned("realtime", "ml.g5.xlarge")])
def test_what_has_no_volume_to_encrypt_names_no_key_for_one(plan: Deployment) -> None:
    assert plan.volume_key_arn == ""


def test_a_transform_job_writes_under_the_key() -> None:
    request = transform_request("job", "model", "ml.m5.large", "s3://in", "s3://out", KEY)
    own_storage = transform_request("job", "model", "ml.g4dn.xlarge", "s3://in", "s3://out", KEY)

    assert request["TransformOutput"]["KmsKeyId"] == own_storage["TransformOutput"]["KmsKeyId"] == KEY
    assert request["TransformResources"]["VolumeKmsKeyId"] == KEY
    assert "VolumeKmsKeyId" not in own_storage["TransformResources"]


def test_without_a_key_none_is_named() -> None:
    assert "Kms" not in str(transform_request("job", "model", "ml.m5.large", "s3://in", "s3://out"))
