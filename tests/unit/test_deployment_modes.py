"""The three ways in which a version serves: an endpoint, a serverless endpoint, or none and files instead."""

import pytest
from app.decide.deployment_plans import ConfigProperties, Deployment, overridden_properties, plan_deployment
from app.decide.messages import RunEnded, RunTask
from app.decide.notifications import end_notice
from app.decide.predictions import describe_differences
from app.decide.reconciliation import action_for_job
from app.decide.scoring_messages import TransformChanged
from app.settings import Settings

from pipelines.model import deployment_rules

SETTINGS = Settings(stack="retrain", data_bucket="bucket", ledger_table="ledger", notification_topic_arn="arn:topic")
CONTAINER = {"Image": "image", "ModelDataUrl": "s3://bucket/model.tar.gz"}
RUN = "churn-20260314t101500-abcdef"
STORED = [{"value": 1.5}, {"value": 2.5}]


def served(**wish: object) -> Deployment:
    return plan_deployment(SETTINGS, "churn", 3, (CONTAINER,), wish, "arn:role")


def test_a_batch_has_no_variant_no_alarms_and_nothing_that_moves_traffic() -> None:
    plan = served(mode="batch", instance_type="ml.c5.large")

    assert (plan.variant, plan.alarms, plan.strategy) == ({}, (), {})
    assert (plan.mode, plan.instance_type) == ("batch", "ml.c5.large")


def test_what_serves_otherwise_is_another_model_by_name() -> None:
    names = {served(mode=mode).config for mode in ("realtime", "serverless", "batch")}

    assert len(names) == 3


def test_a_serverless_endpoint_is_updated_without_guards() -> None:
    plan = served(mode="serverless", memory_mb=4096, max_concurrency=9)

    assert plan.variant["ServerlessConfig"] == {"MemorySizeInMB": 4096, "MaxConcurrency": 9}
    assert (plan.alarms, plan.strategy) == ((), {})


def test_what_an_endpoint_is_asked_is_captured_below_the_models_own_prefix() -> None:
    plan = served(mode="realtime", capture={"percent": 10})

    assert plan.capture == {
        "EnableCapture": True, "InitialSamplingPercentage": 10, "DestinationS3Uri": "s3://bucket/captured/churn",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]},
    }  # fmt: skip
    assert len({served(mode="realtime", capture={"percent": percent}).config for percent in (10, 20)}) == 2
    assert served(mode="realtime").capture == {}


def test_of_several_types_the_endpoint_takes_the_first_that_there_is() -> None:
    plan = served(mode="realtime", instance_type="ml.m5.large", fallback=["ml.m6i.large", "ml.c5.large"])

    assert plan.variant["InstancePools"] == [
        {"InstanceType": "ml.m5.large", "Priority": 1}, {"InstanceType": "ml.m6i.large", "Priority": 2},
        {"InstanceType": "ml.c5.large", "Priority": 3},
    ]  # fmt: skip
    assert "InstanceType" not in plan.variant
    assert plan.instance_type == "ml.m5.large"  # of a batch transform, which takes no list


def test_no_key_is_named_for_volumes_that_one_of_the_types_would_refuse() -> None:
    own = SETTINGS._replace(encryption_key_arn="arn:key")
    keys = [
        plan_deployment(own, "churn", 3, (CONTAINER,), {"fallback": [kind]}, "arn:role").volume_key_arn
        for kind in ("ml.c5.large", "ml.m5d.large")
    ]

    assert keys == ["arn:key", ""]


def test_a_list_of_types_names_each_once() -> None:
    wish = {"mode": "realtime", "instance_type": "ml.m5.large", "fallback": ["ml.c5.large", "ml.m5.large"]}

    (found,) = deployment_rules.findings(MODEL | {"deployment": wish})
    assert found[:2] == (("deployment", "fallback", 1), "ml.m5.large is what the endpoint takes first")


def test_what_is_captured_is_under_the_stacks_key() -> None:
    own = SETTINGS._replace(encryption_key_arn="arn:key")

    plan = plan_deployment(own, "churn", 3, (CONTAINER,), {"capture": {"percent": 1}}, "arn:role")
    assert plan.capture["KmsKeyId"] == "arn:key"


@pytest.mark.parametrize(
    ("before", "new", "overridden"),
    [(None, None, []), ({"a": 1}, {"a": 1}, []), (None, {"a": 1}, ["DataCaptureConfig"]),
     ({"a": 1}, {"a": 2}, ["DataCaptureConfig"]), ({"a": 1}, None, ["DataCaptureConfig"])],
)  # fmt: skip
def test_an_update_takes_what_is_captured_from_the_model_file_where_that_was_changed(
    before: dict[str, int] | None, new: dict[str, int] | None, overridden: list[str]
) -> None:
    assert overridden_properties({}, 2, ConfigProperties(1, before), ConfigProperties(1, new)) == overridden


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([{"value": 1.5}, {"value": 2.500001}], ""),
        ([{"value": 1.5}, {"value": 9.0}], 'answers 1 of 2 records otherwise: stored [{"value": 2.5}]'),
        ([{"value": 1.5}], "answers 1 of 2 records otherwise"),
        ([*STORED, {"value": 3.5}], 'stored [], answered [{"value": 3.5}]'),
    ],
)
def test_answers_are_held_against_those_that_evaluation_stored(found: list[dict[str, float]], said: str) -> None:
    assert said in describe_differences(STORED, found)
    assert bool(said) == bool(describe_differences(STORED, found))


SCALED = {"min": 2, "max": 4, "per_instance": 600}
MODEL = {"algorithms": [{"name": "xgboost"}]}
KNN = {"algorithms": [{"name": "xgboost"}, {"name": "knn"}]}


@pytest.mark.parametrize(
    ("model", "wish", "where", "said"),
    [
        (
            MODEL,
            {"mode": "batch", "instance_count": 2},
            "instance_count",
            "is for mode: realtime, and the mode is batch",
        ),
        (MODEL, {"mode": "realtime", "memory_mb": 2048}, "memory_mb", "is for mode: serverless"),
        (MODEL, {"mode": "serverless", "strategy": {"type": "canary"}}, "strategy", "is for mode: realtime"),
        (MODEL, {"mode": "serverless", "capture": {"percent": 5}}, "capture", "is for mode: realtime"),
        (MODEL, {"mode": "batch", "fallback": ["ml.c5.large"]}, "fallback", "is for mode: realtime"),
        (MODEL, {"mode": "serverless", "autoscaling": SCALED}, "autoscaling", "is for mode: realtime"),
        (MODEL, {"mode": "realtime", "autoscaling": SCALED, "instance_count": 5}, "instance_count", "has 2 to 4"),
        (
            MODEL,
            {"mode": "realtime", "autoscaling": SCALED | {"min": 1}, "strategy": {"type": "canary"}},
            "strategy",
            "there is one",
        ),
        (KNN, {"mode": "serverless"}, "mode", "knn is served by three containers"),
        (MODEL, {"mode": "realtime", "strategy": {"type": "linear"}}, "strategy", "there is one"),
    ],
)
def test_what_does_not_fit_the_mode_is_told(model: dict, wish: dict, where: str, said: str) -> None:
    found = list(deployment_rules.findings(model | {"deployment": wish}))

    assert any(place == ("deployment", where) and said in what for place, what, _ in found), found


@pytest.mark.parametrize(
    "wish",
    [
        {"mode": "realtime", "instance_type": "ml.m5.large", "instance_count": 2, "strategy": {"type": "canary"}},
        {"mode": "realtime", "autoscaling": {"min": 2, "max": 4, "per_instance": 600}, "strategy": {"type": "canary"}},
        {"mode": "batch", "instance_type": "ml.m5.large"},
    ],
)
def test_what_fits_is_not_talked_about(wish: dict) -> None:
    assert list(deployment_rules.findings(KNN | {"deployment": wish})) == []


def test_a_serverless_endpoint_is_refused_in_a_network_of_ones_own() -> None:
    assert "takes no subnets" in deployment_rules.unfit("serverless", ("subnet-1",), isolated=False)
    assert "takes no network isolation" in deployment_rules.unfit("serverless", (), isolated=True)
    assert deployment_rules.unfit("serverless", (), isolated=False) == ""
    assert deployment_rules.unfit("batch", ("subnet-1",), isolated=True) == ""


def test_verification_hears_which_job_tried_the_version() -> None:
    task = {"model": "churn", "run": RUN, "version": 2, "deployment": {"in_service": True, "job": "j", "config": "c"}}

    assert RunTask.parse(task) == RunTask("churn", RUN, version=2, job="j", config="c")


@pytest.mark.parametrize(("deployment", "batch"), [({"job": "j"}, True), ({"endpoint": "e"}, False)])
def test_people_are_told_how_a_version_serves(deployment: dict[str, str], batch: bool) -> None:
    state = {"model": "churn", "run": RUN, "deployment": deployment, "end": {"status": "Deployed", "reasons": []}}
    end = RunEnded.parse({"state": state, "execution": "arn"})
    text = end_notice(end).text

    assert ("retrain score churn FILE.csv" in text) is batch
    assert ("scores files now" in text) is batch


def test_people_are_told_of_an_endpoint_that_a_model_of_files_has_left() -> None:
    state = {"model": "churn", "run": RUN, "deployment": {"job": "j"}, "end": {"status": "Deployed", "reasons": []}}
    end = RunEnded.parse({"state": state | {"verified": {"leftover": "retrain--churn"}}, "execution": "arn"})
    text = end_notice(end).text

    assert "aws sagemaker delete-endpoint --endpoint-name retrain--churn" in text


def test_a_job_that_somebody_waits_for_is_looked_at() -> None:
    found = action_for_job("retrain--churn-v2-00")

    assert found.function == "transform"
    assert TransformChanged.parse(found.event) == TransformChanged("retrain--churn-v2-00", ended=False)


def test_bounds_that_contradict_each_other_are_told() -> None:
    ((where, said, remedy),) = deployment_rules.findings(
        MODEL | {"deployment": {"mode": "realtime", "autoscaling": {"min": 5, "max": 4, "per_instance": 1}}}
    )

    assert where == ("deployment", "autoscaling", "min")
    assert (said, remedy) == ("5 is more than max, 4", "set it to 4 or less")


def test_an_endpoint_that_is_scaled_begins_with_as_many_instances_as_it_has_at_least() -> None:
    plan, said = served(autoscaling=SCALED), served(autoscaling=SCALED, instance_count=3)

    assert (plan.variant["InitialInstanceCount"], said.variant["InitialInstanceCount"]) == (2, 3)
    assert plan.autoscaling == SCALED
    assert served(mode="batch", autoscaling=SCALED).autoscaling == {}


def test_an_update_in_steps_has_time_for_as_many_instances_as_scaling_may_have_chosen() -> None:
    def limit(**wish: object) -> int:
        policy = served(strategy={"type": "linear", "percent": 10, "wait_s": 300}, **wish).strategy
        return int(policy["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"])

    assert limit(autoscaling=SCALED | {"max": 10}) == limit(instance_count=10) > limit(instance_count=2)


@pytest.mark.parametrize(
    ("before", "scaled", "scales", "overridden"),
    [
        (1, True, True, []),  # the number that scaling chose stays, whatever min says now
        (2, True, False, ["DesiredInstanceCount"]),  # nobody would ever bring it down again
        (2, False, True, []),  # registering brings it within the bounds
    ],
)
def test_the_number_that_scaling_chose_stays_as_long_as_it_scales(
    before: int, scaled: bool, scales: bool, overridden: list[str]
) -> None:
    found = overridden_properties({}, 7, ConfigProperties(before), ConfigProperties(2), scaled=scaled, scales=scales)

    assert found == overridden


@pytest.mark.parametrize(
    ("before", "new", "scaled", "overridden"),
    [
        (None, (0.5, 1), False, []),  # the first: there is no other to retain anything of
        ((1.0, 1), (1.0, 1), False, []),
        ((1.0, 1), (0.5, 1), False, ["DesiredWeight"]),
        ((1.0, 1), (1.0, 2), False, ["DesiredInstanceCount"]),
        ((1.0, 1), (0.5, 2), True, ["DesiredWeight"]),  # what serves keeps the number that scaling chose
        (None, (1.0, 1), True, []),
        ((1.0, 1), None, False, []),
    ],
)
def test_a_later_shadow_has_a_share_of_its_own(
    before: tuple[float, int] | None, new: tuple[float, int] | None, scaled: bool, overridden: list[str]
) -> None:
    properties = (ConfigProperties(2, shadow=shadow) for shadow in (before, new))

    assert overridden_properties({}, 2, *properties, scaled=scaled) == overridden
