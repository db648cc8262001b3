"""What a stack adds to the jobs of a pipeline."""

import copy
from typing import Any

from pipelines.publishing.tags_and_network import Surroundings, placed

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
