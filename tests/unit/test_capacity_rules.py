"""Which instances are to be had, and what is said of those that are not."""

import pytest

from localcloud import instance_limits
from localcloud.instance_limits import BadLimits, Limits
from localcloud.sagemaker import capacity

SEVERAL = {
    "InstanceCount": 2,
    "VolumeSizeInGB": 30,
    "InstancePreferences": [{"InstanceType": "ml.m5.xlarge"}, {"InstanceType": "ml.m5.2xlarge"}],
}


@pytest.fixture
def no_capacity():
    yield lambda *kinds: instance_limits.change(Limits(frozenset(kinds)))
    instance_limits.change(Limits())


def test_the_first_type_with_capacity_is_taken_and_the_job_says_which():
    found = capacity.placed(SEVERAL)

    assert found == SEVERAL | {"SelectedInstanceType": "ml.m5.xlarge", "SelectedInstanceCount": 2}


def test_a_type_without_capacity_is_passed_over(no_capacity):
    no_capacity("ml.m5.xlarge")

    assert capacity.instances_of(capacity.placed(SEVERAL)) == ("ml.m5.2xlarge", 2)


def test_each_type_may_have_a_count_of_its_own(no_capacity):
    no_capacity("ml.m5.xlarge")
    counts = [
        {"InstanceType": "ml.m5.xlarge", "InstanceCount": 4},
        {"InstanceType": "ml.m5.4xlarge", "InstanceCount": 1},
    ]

    assert capacity.instances_of(capacity.placed({"InstancePreferences": counts})) == ("ml.m5.4xlarge", 1)


@pytest.mark.parametrize("resources", [SEVERAL, {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1}])
def test_a_job_is_not_placed_when_none_of_its_types_has_capacity(no_capacity, resources):
    no_capacity("ml.m5.xlarge", "ml.m5.2xlarge")

    assert capacity.placed(resources) is None


def test_a_quota_counts_what_is_in_use_and_what_is_asked_for():
    limits = Limits(quotas={"ml.m5.xlarge": 3})

    assert limits.excess("training job", "ml.m5.xlarge", 1, 2) is None
    assert limits.excess("training job", "ml.m5.2xlarge", 9, 9) is None
    assert limits.excess("training job", "ml.m5.xlarge", 2, 2) == (
        "The account-level service limit 'ml.m5.xlarge for training job usage' is 3 Instances, with current "
        "utilization of 2 Instances and a request delta of 2 Instances. Please contact AWS support to request an "
        "increase for this limit."
    )


def test_a_fleet_needs_capacity_for_every_variant_and_serverless_ones_need_none(no_capacity):
    no_capacity("ml.m5.xlarge")
    one = {"InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 1}
    pools = [{"InstanceType": "ml.m5.large", "Priority": 2}, {"InstanceType": "ml.m5.xlarge", "Priority": 1}]

    assert not capacity.fleet_has_capacity([{"InstanceType": "ml.m5.large"}, one])
    assert capacity.fleet_has_capacity([{"InstancePools": pools}, {"ServerlessConfig": {"MemorySizeInMB": 2048}}])
    assert capacity.fleet_wanted([{"InstancePools": pools}]) == [[("ml.m5.xlarge", 1), ("ml.m5.large", 1)]]


def test_a_command_line_names_types_with_commas_and_quotas_with_equals_signs():
    found = instance_limits.of_arguments(["ml.m5.xlarge, ml.m5.2xlarge", "ml.c5.xlarge"], ["ml.m5.4xlarge=0"])

    assert found == Limits(frozenset({"ml.m5.xlarge", "ml.m5.2xlarge", "ml.c5.xlarge"}), {"ml.m5.4xlarge": 0})


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "not an object"),
        ({"lack": []}, "unknown key 'lack'"),
        ({"no_capacity": "ml.m5.xlarge"}, "no_capacity is a list"),
        ({"no_capacity": ["m5.xlarge"]}, "'m5.xlarge' is no instance type of SageMaker; did you mean ml.m5.xlarge?"),
        ({"no_capacity": ["ml.m5.xlrge"]}, "did you mean ml.m5.xlarge?"),
        ({"quotas": {"ml.m5.xlarge": -1}}, "the quota of ml.m5.xlarge is -1; it takes a number from 0 on"),
        ({"quotas": {"ml.m5.xlarge": True}}, "is True"),
    ],
)
def test_what_is_no_limit_is_refused_with_the_remedy(document, words):
    with pytest.raises(BadLimits) as refused:
        instance_limits.parse(document)

    assert words in str(refused.value)


def test_a_quota_without_a_number_is_refused():
    with pytest.raises(
        BadLimits, match=r"a quota is TYPE=NUMBER, such as ml.m5.xlarge=0; 'ml.m5.xlarge' has no number"
    ):
        instance_limits.of_arguments([], ["ml.m5.xlarge"])
