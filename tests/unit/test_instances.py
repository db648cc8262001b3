"""Which instances a pipeline's jobs may take."""

import json

import own_models
import pytest

from pipelines.definition import instance_fallback
from pipelines.model import instance_rules, instance_type_rules, model_file
from pipelines.publishing import freshness


@pytest.fixture(scope="module")
def definition():
    return json.loads(freshness.definition_path("california-housing").read_text())


def steps(found):
    for step in found["Steps"]:
        yield step
        if step["Type"] == "Condition":
            for branch in ("IfSteps", "ElseSteps"):
                yield from steps({"Steps": step["Arguments"][branch]})


def with_instances(spot=False, **given):
    model = own_models.load("churn")
    return model | {"spot": spot, "instances": model["instances"] | given}


def test_without_a_list_a_definition_stays_as_it_is(definition):
    assert instance_fallback.with_fallback(definition, own_models.load("churn")) is definition


def test_every_job_has_the_other_types_behind_its_own(definition):
    found = instance_fallback.with_fallback(definition, with_instances(fallback=["ml.m5.2xlarge", "ml.c5.4xlarge"]))
    kinds = {}
    for step in steps(found):
        if step["Type"] in ("Processing", "Training"):
            kinds.setdefault(step["Type"], []).append(resources(step))

    assert {len(one["InstancePreferences"]) for one in kinds["Processing"] + kinds["Training"]} == {3}
    assert all("InstanceType" not in one and one["InstanceCount"] for one in kinds["Processing"] + kinds["Training"])
    assert kinds["Processing"][0]["InstancePreferences"] == [
        {"InstanceType": {"Get": "Parameters.ProcessingInstanceType"}},
        {"InstanceType": "ml.m5.2xlarge"},
        {"InstanceType": "ml.c5.4xlarge"},
    ]


def test_the_jobs_of_a_search_have_the_other_types_behind_their_own():
    definition = json.loads(freshness.definition_path("california-housing", tuned=True).read_text())
    found = instance_fallback.with_fallback(definition, with_instances(fallback=["ml.m5.2xlarge"]))
    jobs = [step["Arguments"]["TrainingJobDefinition"] for step in steps(found) if step["Type"] == "Tuning"]

    assert jobs
    for job in jobs:
        config = job["HyperParameterTuningResourceConfig"]
        assert "ResourceConfig" not in job
        assert config["AllocationStrategy"] == "Prioritized"
        assert [one["InstanceType"] for one in config["InstanceConfigs"]] == [
            {"Get": "Parameters.TrainingInstanceType"}, "ml.m5.2xlarge",
        ]  # fmt: skip
        assert all(one["InstanceCount"] and one["VolumeSizeInGB"] for one in config["InstanceConfigs"])


def resources(step):
    arguments = step["Arguments"]
    if step["Type"] == "Processing":
        return arguments["ProcessingResources"]["ClusterConfig"]
    return arguments["ResourceConfig"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"fallback": ["ml.m5.2xlarge"], "spot": True}, "spot capacity takes no list of types"),
        ({"fallback": ["ml.m5.xlarge"]}, "ml.m5.xlarge is what a job takes first"),
        ({"fallback": ["ml.c5.4xlarge"], "large_data": {"over_mb": 1, "training": "ml.c5.4xlarge"}}, "takes first"),
    ],
)
def test_a_list_that_aws_would_refuse_is_told(given, told):
    ((where, what, _),) = instance_rules.findings(with_instances(**given))

    assert where[:2] == ("instances", "fallback")
    assert told in what


def test_on_spot_capacity_no_job_may_take_longer_than_it_may_wait():
    ((where, what, _),) = instance_rules.findings(with_instances(max_hours=2, spot=True))

    assert (where, "one hour at most" in what) == (("instances", "max_hours"), True)
    assert list(instance_rules.findings(with_instances(max_hours=2))) == []


@pytest.mark.parametrize(
    ("given", "where", "remedy"),
    [
        ({"processing": "ml.m5.xlrge"}, ("instances", "processing"), "did you mean 'ml.m5.xlarge'?"),
        (
            {"fallback": ["ml.m5.2xlarge", "ml.m55.4xlarge"]},
            ("instances", "fallback", 1),
            "did you mean 'ml.m5.4xlarge'?",
        ),
        (
            {"large_data": {"over_mb": 10, "training": "ml.zz"}},
            ("instances", "large_data", "training"),
            "as ml.m5.xlarge",
        ),
    ],
)
def test_a_type_that_sagemaker_does_not_have_is_told_with_what_was_probably_meant(given, where, remedy):
    found = [one for one in instance_type_rules.findings(with_instances(**given)) if one[0] == where]

    assert len(found) == 1
    assert remedy in found[0][2]


@pytest.mark.parametrize("name", model_file.names())
def test_the_types_of_the_models_here_are_sagemakers(name):
    assert list(instance_type_rules.findings(model_file.load(model_file.path_of(name)))) == []
