"""What is to be done, worked out from models, files and settings."""

import json
from typing import Any

import pytest
from app.aws.endpoints import container_members
from app.decide.deployment_plans import plan_deployment, update_strategy
from app.decide.messages import DatasetArrived, RunEnded
from app.decide.names.bucket_keys import document_uri
from app.decide.names.resource_names import execution_arn, machine_arn
from app.decide.names.statuses import RunStatus
from app.decide.names.times import from_iso
from app.decide.notifications import approval_notice, end_notice, refusal_notice
from app.decide.run_plans import (
    data_set,
    failure_message,
    frozen_plan,
    larger_instances,
    pipeline_run,
    quota_too_low,
    reason_unusable,
    refusal,
    verdict,
)
from app.decide.uploads.profiles import Kind
from app.decide.uploads.published_model import Askable, Data, Model, Pipeline
from app.settings import Settings
from published_churn import MODEL, PUBLISHED

SETTINGS = Settings(stack="retrain", data_bucket="bucket", ledger_table="ledger", notification_topic_arn="arn:topic")
AT = "2026-03-14T10:15:00.000Z"
DATA = Data("Churn", "customerID", ("Yes", "No"), (), ("customerID", "Churn"), True)
LIST = (
    Askable("AccuracyThreshold", "Float"),
    Askable("max_depth", "Integer"),
    Askable("eta", "Float"),
    Askable("ProcessingInstanceType", "String", ("ml.m5.xlarge", "ml.r5.xlarge")),
)
CONTAINER = {"Image": "image", "ModelDataUrl": "s3://bucket/model.tar.gz"}


def file(key: str, version: str = "v", **changes: Any) -> dict[str, Any]:
    made = {"key": key, "version_id": version, "etag": "e", "size_bytes": 9, "uploaded_at": "2026-03-14T10:15:00.000Z"}
    return made | {"rows": 2, "classes": {"Yes": 1, "No": 1}, "complete": True} | changes


def arrival(key: str, version: str = "v1") -> DatasetArrived:
    return DatasetArrived("bucket", key, version, "e", 9, from_iso(AT))


def test_a_published_model_is_read() -> None:
    model = Model.parse(json.dumps(PUBLISHED))

    assert (model.pipeline, model.tuned_pipeline, model.deadline_s, model.automatic) == (
        Pipeline("retrain--churn", 4, {"AccuracyThreshold": "0.8"}, LIST),
        None,
        3600,
        False,
    )
    columns, kinds = ("customerID", "tenure", "Churn"), {"tenure": Kind(True, frozenset())}
    assert model.data == Data("Churn", "customerID", ("Yes", "No"), (), columns, True, kinds)


def test_a_manifest_names_immutable_copies_and_their_sources() -> None:
    made = data_set("bucket", "churn", [file("incoming/churn/a b+é.csv"), file("incoming/churn/b.csv")])
    names = [source["object"] for source in made.sources]

    assert made.manifest[0] == {"prefix": "s3://bucket/datasets/churn/"}
    assert made.manifest[1:3] == names
    assert made.prefix + made.manifest[3] == made.sources_key
    assert made.copies[names[0]] == ("incoming/churn/a b+é.csv", "v", 9)
    assert set(made.sources[0]) == {"object", "key", "version_id", "etag", "size_bytes", "uploaded_at"}


def test_what_an_upload_was_warned_of_goes_along_with_its_source() -> None:
    warning = {"column": "tenure", "expected": "about 0.0% missing", "found": "40.0% of 10 rows"}
    warned, plain = data_set("b", "churn", [file("a", warnings=[warning]), file("b", warnings=[])]).sources

    assert warned["warnings"] == [warning]
    assert "warnings" not in plain


def test_equal_files_have_an_equal_address_and_others_another() -> None:
    one, same, other = (data_set("b", "churn", [file("a", version)]).manifest_key for version in ("1", "1", "2"))

    assert one == same != other


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([file("a")], ""),
        ([file("a", classes={"No": 2}), file("b", classes={"Yes": 1})], ""),
        ([], "there are no files to train on; upload one"),
        (
            [file("a", classes={"No": 2}), file("b", classes={"No": 2})],
            "all 4 rows say 'No' in column 'Churn'; upload rows that say 'Yes' too",
        ),
        ([file("a", classes={"No": 2}, complete=False)], ""),
    ],
)
def test_one_class_alone_is_not_usable(files: list[dict[str, Any]], why: str) -> None:
    assert reason_unusable(DATA, files) == why


@pytest.mark.parametrize(
    ("size_bytes", "given", "processing"),
    [
        (50_000_000, {}, None),
        (50_000_001, {}, "ml.m5.4xlarge"),
        (50_000_001, {"ProcessingInstanceType": "ml.r5.xlarge"}, "ml.r5.xlarge"),
    ],
    ids=["at the limit", "above it", "above it, and asked otherwise"],
)
def test_much_data_takes_the_larger_instances_unless_the_run_says_otherwise(
    size_bytes: int, given: dict[str, str], processing: str | None
) -> None:
    large_data = {"over_mb": 100, "processing": "ml.m5.4xlarge"}
    model = Model.parse(json.dumps(PUBLISHED | {"model": MODEL | {"instances": {"large_data": large_data}}}))
    data = data_set("bucket", "churn", [file("a", size_bytes=50_000_000), file("b", size_bytes=size_bytes)])

    parameters = frozen_plan(model, data, "bucket", {"parameters": given})["parameters"]

    assert parameters.get("ProcessingInstanceType") == processing
    assert "TrainingInstanceType" not in parameters


def test_a_model_that_was_published_under_the_former_names_keeps_its_instances_for_much_data() -> None:
    former = {"larger": {"above_mb": 100, "training": "ml.m5.4xlarge"}}
    model = Model.parse(json.dumps(PUBLISHED | {"model": MODEL | {"instances": former}}))

    assert larger_instances(model, data_set("bucket", "churn", [file("a", size_bytes=100_000_001)])) == {
        "TrainingInstanceType": "ml.m5.4xlarge"
    }
    assert larger_instances(model, data_set("bucket", "churn", [file("a", size_bytes=100_000_000)])) == {}


@pytest.mark.parametrize(
    ("tunes", "asked", "pipeline", "version"),
    [
        (False, {}, "retrain--churn", 4),
        (False, {"Tuning": "on", "MaxTuningJobs": "6"}, "retrain--churn--tuned", 2),
        (True, {}, "retrain--churn--tuned", 2),
        (True, {"Tuning": "off"}, "retrain--churn", 4),
    ],
)
def test_a_run_that_tunes_takes_the_pipeline_that_does_with_what_was_published_of_it(
    tunes: bool, asked: dict[str, str], pipeline: str, version: int
) -> None:
    tuned = {"name": "retrain--churn--tuned", "version_id": 2, "parameters": {"ParallelTuningJobs": 3}}
    model = Model.parse(json.dumps(PUBLISHED | {"tuned_pipeline": tuned, "tunes": tunes}))

    plan = frozen_plan(model, data_set("bucket", "churn", [file("a")]), "bucket", {"parameters": asked})

    found = {name: value for name, value in plan["parameters"].items() if name != "InputData"}
    own = {name: value for name, value in asked.items() if name != "Tuning"}
    overrides = {"ParallelTuningJobs": "3"} if version == 2 else {"AccuracyThreshold": "0.8"}
    assert (plan["pipeline"], plan["pipeline_version"], found) == (pipeline, version, overrides | own)


def test_a_model_without_ranges_leaves_tuning_to_be_refused_by_name() -> None:
    model = Model.parse(json.dumps(PUBLISHED))

    assert model.chosen({"Tuning": "on"}) == (model.pipeline, {"Tuning": "on"})


def test_a_run_has_as_many_steps_going_as_its_model_file_says() -> None:
    model = Model.parse(json.dumps(PUBLISHED | {"model": MODEL | {"instances": {"parallel_steps": 2}}}))
    asked, plain = (
        pipeline_run("run", frozen_plan(one, data_set("bucket", "churn", [file("a")]), "bucket", {}))
        for one in (model, Model.parse(json.dumps(PUBLISHED)))
    )

    assert (asked.parallel_steps, plain.parallel_steps) == (2, 0)


def test_a_frozen_plan_names_who_answers_for_the_model() -> None:
    data = data_set("bucket", "churn", [file("a")])
    owned, unowned = (
        Model.parse(json.dumps(PUBLISHED | {"model": PUBLISHED["model"] | owner}))
        for owner in ({"owner": "the retention team"}, {})
    )

    assert frozen_plan(owned, data, "bucket", {})["owner"] == "the retention team"
    assert frozen_plan(unowned, data, "bucket", {})["owner"] == ""


def test_a_frozen_plan_starts_the_same_execution_however_often() -> None:
    plan = frozen_plan(Model.parse(json.dumps(PUBLISHED)), data_set("bucket", "churn", [file("a")]), "bucket", {})
    run = pipeline_run("churn-1-a", plan)

    assert run == pipeline_run("churn-1-a", plan)
    assert run.request_token != pipeline_run("churn-2-a", plan).request_token
    assert run.parameters["AccuracyThreshold"] == "0.8"
    assert run.parameters["InputData"].endswith("/manifest.json")
    assert run.pipeline_version == 4


def test_an_outputs_document_lies_in_its_folder() -> None:
    assert document_uri("s3://b/evaluation/", "evaluation.json") == "s3://b/evaluation/evaluation.json"
    assert document_uri("s3://b/e/evaluation.json", "evaluation.json") == "s3://b/e/evaluation.json"


def test_the_verdict_is_read_and_not_decided_again() -> None:
    evaluation = {"metrics": {"accuracy": 0.1}, "verdict": {"outcome": "Passed", "passed": True, "reasons": []}}

    assert verdict(evaluation) == {"passed": True, "metrics": {"accuracy": 0.1}, "reasons": []}


def test_a_run_keeps_what_people_are_shown_beside_a_metric() -> None:
    details = {"accuracy": {"label": "accuracy", "lower_is_better": False, "low": 0.05, "high": 0.15}}
    evaluation = {"metrics": {"accuracy": 0.1}, "metric_details": details, "verdict": {"passed": True}}

    assert verdict(evaluation)["metric_details"] == details


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [("Training", "name others under instances: fallback"), ("Transform", "name another under instances: transform")],
)
def test_a_failure_for_lack_of_instances_says_what_to_do_and_names_no_log(kind: str, remedy: str) -> None:
    why = "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different type."

    said = failure_message("Some", why, [], f"/aws/sagemaker/{kind}Jobs", "some-1")

    assert said.startswith("step 'Some' failed: CapacityError: Unable to provision")
    assert f"using a different type; {remedy} in the model file" in said
    assert "log group" not in said


def test_a_failure_says_step_last_log_lines_and_log() -> None:
    said = failure_message(
        "Train", "exit code 1", ["ValueError: eta", "exit code 1"], "/aws/sagemaker/TrainingJobs", "j/a"
    )

    assert said == (
        "step 'Train' failed: exit code 1; last log lines: ValueError: eta; "
        "log group /aws/sagemaker/TrainingJobs, stream j/a"
    )


def test_a_deployment_is_named_by_its_content() -> None:
    wish = {"instance_type": "ml.m5.large", "instance_count": 1}
    one = plan_deployment(SETTINGS, "churn", 3, (CONTAINER,), wish, "arn:role")
    other = plan_deployment(SETTINGS, "churn", 3, (CONTAINER | {"Image": "newer"},), wish, "arn:role")

    assert one.endpoint == "retrain--churn"
    assert one.config.startswith("retrain--churn-v3-")
    assert one.variant["ModelName"] == one.config != other.config


def test_the_name_says_what_every_container_is() -> None:
    features, algorithm, answer = (CONTAINER | {"Image": name} for name in ("features", "knn", "answer"))
    one = plan_deployment(SETTINGS, "churn", 3, (features, algorithm, answer), {}, "arn:role")
    other = plan_deployment(
        SETTINGS, "churn", 3, (features, algorithm, answer | {"Environment": {"A": "b"}}), {}, "arn:role"
    )

    assert one.containers == (features, algorithm, answer)
    assert one.config != other.config


def test_one_container_is_the_primary_one_and_several_are_an_inference_pipeline() -> None:
    assert container_members((CONTAINER,)) == {"PrimaryContainer": CONTAINER}
    assert container_members((CONTAINER, CONTAINER)) == {"Containers": [CONTAINER, CONTAINER]}


def test_a_serverless_variant_has_memory_instead_of_instances() -> None:
    variant = plan_deployment(SETTINGS, "churn", 3, (CONTAINER,), {"mode": "serverless"}, "arn:role").variant

    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    assert "InstanceType" not in variant


@pytest.mark.parametrize(
    ("strategy", "instances", "routing"),
    [
        ("all_at_once", 1, {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 300}),
        ({"type": "all_at_once", "wait_s": 0}, 4, {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}),
        ("canary", 1, {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 300}),
        (
            {"type": "canary", "percent": 20, "wait_s": 60},  # published before its alarms looked back so far
            2,
            {
                "Type": "CANARY",
                "WaitIntervalInSeconds": 180,
                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 20},
            },
        ),
        (
            "linear",
            4,
            {
                "Type": "LINEAR",
                "WaitIntervalInSeconds": 300,
                "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 25},
            },
        ),
    ],
)
def test_traffic_moves_as_the_strategy_says_if_there_are_instances_for_it(
    strategy: Any, instances: int, routing: dict[str, Any]
) -> None:
    assert update_strategy(strategy, instances, 300)["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"] == routing


def test_a_refusal_goes_to_quarantine_with_its_reason_beside_it() -> None:
    refused = refusal(arrival("incoming/churn/may.csv"), "churn", "may.csv", "is empty", "upload rows", AT)

    assert (refused.target_key, refused.reason_key) == (
        "quarantine/churn/may.csv",
        "quarantine/churn/may.csv.reason.json",
    )
    assert refused.document["message"] == "incoming/churn/may.csv: is empty; upload rows"
    assert {"file", "problem", "remedy", "message", "at", "version_id"} <= refused.document.keys()


def test_a_file_in_no_models_folder_is_called_by_its_key() -> None:
    refused = refusal(arrival("incoming/may.csv"), "", "may.csv", "it lies in no model's folder", "move it", AT)

    assert refused.document["message"] == "incoming/may.csv: it lies in no model's folder; move it"
    assert (refused.model, refused.target_key) == ("unknown", "quarantine/unknown/may.csv")


def may_refused(version: str, at: str, rest: str = "may.csv") -> dict[str, Any]:
    return refusal(arrival(f"incoming/churn/{rest}", version), "churn", rest, "p", "r", at).document


def test_refusals_of_a_model_are_one_mail_which_names_the_first_and_counts_all() -> None:
    one = refusal_notice("churn", [may_refused("v", "now")])
    many = refusal_notice("churn", [may_refused("v", "now", f"{number}.csv") for number in range(30)])

    assert one.subject == "churn: upload refused"
    assert one.text == (
        "incoming/churn/may.csv: p; r\n\nThe file was moved to quarantine/churn/may.csv. Nothing else was disturbed.\n"
    )
    assert many.subject == "churn: 30 uploads refused"
    assert many.text.count("The file was moved to") == 20
    assert "And 10 more: retrain status churn" in many.text


def test_the_same_news_has_the_same_id_and_other_news_another() -> None:
    first, again, other = (
        refusal_notice("churn", [may_refused(version, at)]).id
        for version, at in (("v1", "now"), ("v1", "later"), ("v2", "now"))
    )

    assert first == again != other


def test_an_approval_request_has_numbers_and_the_command_that_approves() -> None:
    notice = approval_notice("churn", "churn-1-a", 3, "arn:package/3", {"metrics": {"roc_auc": 0.83712}}, 604_800)

    assert "roc_auc  0.8371" in notice.text
    assert "retrain approve churn 3" in notice.text
    assert "--model-package-arn arn:package/3 --model-approval-status Approved" in notice.text
    assert "within 7 days" in notice.text
    assert notice.attributes["version"] == "3"


@pytest.mark.parametrize("status", [status for status in RunStatus if status.final])
def test_every_end_is_told_in_words_with_its_reasons(status: RunStatus) -> None:
    notice = end_notice(RunEnded("churn", "churn-1-a", "arn:execution", status, ("because",)))

    assert str(status) in notice.subject
    assert "ended." not in notice.text
    assert "  because" in notice.text


def test_the_end_of_a_run_says_what_its_policy_began_it_for() -> None:
    state = {"model": "churn", "run": "churn-1-a", "end": {"status": "Deployed"}}
    began = ["What began its run, drift: tenure drifted\x1b[2J in 2 of 5"]

    told = end_notice(RunEnded.parse({"state": state | {"plan": {"began": began}}, "execution": "arn"})).text
    untold = end_notice(RunEnded.parse({"state": state | {"plan": {"usable": True}}, "execution": "arn"})).text

    assert r"What began its run, drift: tenure drifted\x1b[2J in 2 of 5" in told.splitlines()
    assert "began its run" not in untold


def test_an_execution_and_its_machine_name_each_other() -> None:
    machine = "arn:aws:states:us-east-1:123456789012:stateMachine:Retraining"
    execution = execution_arn(machine, "churn-1-a")

    assert execution == "arn:aws:states:us-east-1:123456789012:execution:Retraining:churn-1-a"
    assert machine_arn(execution) == machine


def lacking(quota: str, **instances: Any) -> Model:
    own = {"processing": "ml.m5.xlarge", "training": "ml.m5.2xlarge"} | instances
    published = PUBLISHED | {"model": MODEL | {"instances": own}}
    return Model.parse(json.dumps(published | {"quotas_too_low": [{"quota": quota, "value": 0, "needed": 1}]}))


def test_a_run_whose_quota_is_0_is_told_so_before_its_pipeline_starts() -> None:
    model = lacking("ml.m5.2xlarge for training job usage")

    assert quota_too_low(model, {}) == (
        "the account's quota 'ml.m5.2xlarge for training job usage' is 0, and 1 is needed; request an increase in "
        "Service Quotas (Amazon SageMaker), name another instance type in the model file; "
        "then publish churn again, which looks at the quotas: retrain publish churn"
    )


@pytest.mark.parametrize(
    ("quota", "instances", "parameters", "needed"),
    [
        ("ml.m5.2xlarge for spot training job usage", {}, {}, True),
        ("ml.m5.xlarge for processing job usage", {}, {}, True),
        ("ml.m5.xlarge for processing job usage", {}, {"ProcessingInstanceType": "ml.r5.xlarge"}, False),
        ("ml.r5.xlarge for processing job usage", {}, {"ProcessingInstanceType": "ml.r5.xlarge"}, True),
        ("ml.r5.xlarge for processing job usage", {"large_data": {"processing": "ml.r5.xlarge"}}, {}, False),
        ("ml.c5.xlarge for training job usage", {"fallback": ["ml.c5.xlarge"]}, {}, True),
        ("ml.m5.2xlarge for processing job usage", {}, {}, False),
        ("ml.c5.large for transform job usage", {}, {}, True),
    ],
)
def test_a_quota_concerns_the_runs_whose_jobs_may_take_its_type(
    quota: str, instances: dict[str, Any], parameters: dict[str, str], needed: bool
) -> None:
    assert bool(quota_too_low(lacking(quota, **instances), parameters)) == needed


def test_a_publication_that_found_nothing_too_low_stops_no_run() -> None:
    assert quota_too_low(Model.parse(json.dumps(PUBLISHED)), {}) == ""
