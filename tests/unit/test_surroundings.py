"""What a stack adds to the jobs of a pipeline."""

import copy
from typing import Any

from pipelines.publishing.surroundings import Surroundings, placed

DEFINITION: dict[str, Any] = {
    "Steps": [
        {
            "Name": "P",
            "Type": "Processing",
            "Arguments": {"NetworkConfig": {"EnableInterContainerTrafficEncryption": True}},
        },
        {"Name": "T", "Type": "Training", "Arguments": {}},
        {"Name": "U", "Type": "Tuning", "Arguments": {"TrainingJobDefinitions": [{}, {}]}},
        {
            "Name": "C",
            "Type": "Condition",
            "Arguments": {
                "Conditions": [],
                "IfSteps": [{"Name": "M", "Type": "Model", "Arguments": {}}, {"Name": "R", "Type": "RegisterModel"}],
                "ElseSteps": [{"Name": "F", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}],
            },
        },
    ]
}
TAGS = [{"Key": "retrain-stack", "Value": "retrain"}]
VPC = {"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}, "EnableNetworkIsolation": True}


def test_every_job_carries_the_stacks_tag_and_nothing_else_where_no_network_is_asked_for() -> None:
    found = placed(copy.deepcopy(DEFINITION), Surroundings("retrain"))["Steps"]

    assert [step["Arguments"].get("Tags") for step in found] == [TAGS, TAGS, TAGS, None]
    assert found[1]["Arguments"] == {"Tags": TAGS}
    assert "VpcConfig" not in str(found)
    assert "NetworkIsolation" not in str(found)


def test_jobs_and_models_run_in_the_stacks_subnets_and_reach_nothing() -> None:
    around = Surroundings("retrain", ("subnet-1",), ("sg-1",), isolated=True)
    processing, training, tuning, condition = placed(copy.deepcopy(DEFINITION), around)["Steps"]

    assert processing["Arguments"]["NetworkConfig"] == {"EnableInterContainerTrafficEncryption": True} | VPC
    assert training["Arguments"] == {"Tags": TAGS} | VPC
    assert tuning["Arguments"]["TrainingJobDefinitions"] == [VPC, VPC]
    assert condition["Arguments"]["IfSteps"][0]["Arguments"] == {"Tags": TAGS} | VPC
    assert condition["Arguments"]["ElseSteps"][0]["Arguments"] == {"ErrorMessage": "no"}


KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b"
RESOURCES = {"InstanceCount": 1}


def jobs() -> dict[str, Any]:
    """A job of each kind, as a definition writes them."""
    trained: dict[str, Any] = {"OutputDataConfig": {"S3OutputPath": "s3://b"}, "ResourceConfig": dict(RESOURCES)}
    tuned = {"OutputDataConfig": {}, "HyperParameterTuningResourceConfig": dict(RESOURCES)}
    arguments = {
        "Processing": {"ProcessingOutputConfig": {}, "ProcessingResources": {"ClusterConfig": dict(RESOURCES)}},
        "Training": copy.deepcopy(trained),
        "Tuning": {"TrainingJobDefinitions": [trained, tuned]},
        "Transform": {"TransformOutput": {}, "TransformResources": dict(RESOURCES)},
        "Model": {},
    }
    return {"Steps": [{"Name": kind, "Type": kind, "Arguments": one} for kind, one in arguments.items()]}


def test_every_job_writes_under_the_stacks_key_and_so_are_its_volumes() -> None:
    processing, training, tuning, transform, model = (
        step["Arguments"] for step in placed(jobs(), Surroundings("retrain", key_arn=KEY))["Steps"]
    )
    encrypted = RESOURCES | {"VolumeKmsKeyId": KEY}

    assert processing["ProcessingOutputConfig"] == {"KmsKeyId": KEY}
    assert processing["ProcessingResources"]["ClusterConfig"] == encrypted
    assert training["OutputDataConfig"] == {"S3OutputPath": "s3://b", "KmsKeyId": KEY}
    assert training["ResourceConfig"] == encrypted
    assert [one["OutputDataConfig"]["KmsKeyId"] for one in tuning["TrainingJobDefinitions"]] == [KEY, KEY]
    assert tuning["TrainingJobDefinitions"][0]["ResourceConfig"] == encrypted
    assert tuning["TrainingJobDefinitions"][1]["HyperParameterTuningResourceConfig"] == encrypted
    assert transform == {"TransformOutput": {"KmsKeyId": KEY}, "TransformResources": encrypted, "Tags": TAGS}
    assert model == {"Tags": TAGS}


def test_no_key_is_named_for_instances_that_bring_storage_of_their_own() -> None:
    around = Surroundings("retrain", key_arn=KEY, without_volume_key=frozenset({"training"}))
    processing, training, tuning, _, _ = (step["Arguments"] for step in placed(jobs(), around)["Steps"])

    assert "VolumeKmsKeyId" in processing["ProcessingResources"]["ClusterConfig"]
    assert training == {
        "OutputDataConfig": {"S3OutputPath": "s3://b", "KmsKeyId": KEY},
        "ResourceConfig": RESOURCES,
        "Tags": TAGS,
    }
    assert "VolumeKmsKeyId" not in str(tuning)


def test_without_a_key_none_is_named() -> None:
    assert "Kms" not in str(placed(jobs(), Surroundings("retrain")))
