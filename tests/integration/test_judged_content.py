"""What was judged is what is deployed, verified and asked: compared each time, and a difference marks the version."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import boto3
import pytest
import read_verdict
import registry_updates
import verify_version
from app.aws import clients, object_versions
from app.decide.names.statuses import RunStatus
from app.decide.protection.judged_content import Judged
from app.decide.run_plans import Outputs
from app.errors import ArtifactChanged, NoVerdict, UnknownVersion
from app.flow import judged_content
from app.ledger.table import Write
from botocore.stub import Stubber
from lambda_context import Context
from moto_world import BUCKET, World

RUN = "churn-20260314t101500-abcdef"
FOLDER = "pipelines/churn/execution"
WRITTEN = {
    f"{FOLDER}/package/model.tar.gz": b"artifact",
    f"{FOLDER}/evaluation/evaluation.json": json.dumps({"verdict": {"passed": True}}).encode(),
    f"{FOLDER}/evaluation/profile.json": b"{}",
    f"{FOLDER}/evaluation/report.html": b"<h1>",
    f"{FOLDER}/verification/verification.json": b"{}",
}
OUTPUTS = Outputs(f"s3://{BUCKET}/{FOLDER}/evaluation", f"s3://{BUCKET}/{FOLDER}/verification", "")
CONTAINER = {"Image": "image", "ModelDataUrl": f"s3://{BUCKET}/{FOLDER}/package/model.tar.gz"}
COPY = f"judged/churn/{RUN}/artifact-1/model.tar.gz"
RECORDS = f"judged/churn/{RUN}/verification/verification.json"
Change = Callable[[World], Any]


def register(container: dict[str, Any] = CONTAINER) -> str:
    sagemaker = boto3.client("sagemaker")
    made = sagemaker.create_model_package(
        ModelPackageGroupName="retrain--churn",
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={
            "Containers": [container],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )
    return str(made["ModelPackageArn"])


@pytest.fixture
def package(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """Version 1 of churn, which a run has judged."""
    registry_updates.install(monkeypatch)
    for key, body in WRITTEN.items():
        world.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    boto3.client("sagemaker").create_model_package_group(ModelPackageGroupName="retrain--churn")
    arn = register()
    judged = judged_content.keep("churn", RUN, OUTPUTS._replace(package_arn=arn))
    begun = {"id": RUN, "model": "churn", "status": str(RunStatus.DEPLOYING), "execution_arn": "arn", "timeline": []}
    world.ledger.write(Write("MODEL#churn", f"RUN#{RUN}", set=begun | {"judged": judged.document}))
    world.ledger.write(Write("MODEL#churn", "VERSION#00000001", set={"run": RUN}))
    return arn


def replaced(key: str) -> Change:
    return lambda world: world.s3.put_object(Bucket=BUCKET, Key=key, Body=b"of somebody else")


def deleted(key: str) -> Change:
    return lambda world: world.s3.delete_object(Bucket=BUCKET, Key=key)


def written_again(key: str) -> Change:
    return lambda world: world.s3.copy_object(
        Bucket=BUCKET, Key=key, CopySource={"Bucket": BUCKET, "Key": key}, ChecksumAlgorithm="SHA256",
        MetadataDirective="REPLACE",
    )  # fmt: skip


def to_deploy(package: str) -> Any:
    return judged_content.containers_to_deploy("churn", 1, RUN, package)


def test_what_is_deployed_is_the_copy_and_the_copy_is_what_was_judged(world: World, package: str) -> None:
    assert to_deploy(package) == ({"Image": "image", "ModelDataUrl": f"s3://{BUCKET}/{COPY}"},)
    assert world.s3.get_object(Bucket=BUCKET, Key=COPY)["Body"].read() == b"artifact"
    assert sorted(world.keys("judged/")) == sorted(
        f"judged/churn/{RUN}/{name}"
        for name in (
            "artifact-1/model.tar.gz",
            "evaluation/evaluation.json",
            "profile/profile.json",
            "report/report.html",
            "verification/verification.json",
        )
    )


@pytest.mark.parametrize("key", [*WRITTEN, COPY, f"judged/churn/{RUN}/verification/verification.json"])
def test_an_object_that_is_replaced_is_not_deployed_and_marks_the_version(world: World, package: str, key: str) -> None:
    replaced(key)(world)

    with pytest.raises(ArtifactChanged, match=f"Artifact changed after it was judged: s3://{BUCKET}/{key} was version"):
        to_deploy(package)
    assert world.ledger.failed_versions("churn") == {1}


def test_a_version_whose_held_out_records_were_erased_is_not_deployed_and_says_so(world: World, package: str) -> None:
    for key in (f"{FOLDER}/verification/verification.json", RECORDS):
        deleted(key)(world)

    with pytest.raises(ArtifactChanged, match=f"{RECORDS} is gone: held-out records, which `retrain withdraw --erase`"):
        to_deploy(package)
    with pytest.raises(ArtifactChanged, match="`retrain start churn` learns another"):
        verify_version.handler({"model": "churn", "run": RUN, "version": 1, "deployment": {"config": "c"}}, Context())
    assert world.ledger.failed_versions("churn") == {1}


def test_a_version_that_serves_goes_on_when_its_held_out_records_were_erased(world: World, package: str) -> None:
    deleted(RECORDS)(world)

    judged_content.require_live_unchanged("churn", 1)
    assert world.ledger.failed_versions("churn") == set()


def test_a_copy_that_is_gone_is_not_deployed(world: World, package: str) -> None:
    deleted(COPY)(world)

    with pytest.raises(ArtifactChanged, match=f"{COPY} is gone"):
        to_deploy(package)


@pytest.mark.parametrize(
    "change",
    [deleted(f"{FOLDER}/package/model.tar.gz"), written_again(COPY)],
    ids=["what the pipeline wrote was cleared away", "the copy was written again with the same content"],
)
def test_what_is_the_same_content_all_the_same_is_deployed(world: World, package: str, change: Change) -> None:
    change(world)

    assert to_deploy(package)[0]["ModelDataUrl"] == f"s3://{BUCKET}/{COPY}"
    assert world.ledger.failed_versions("churn") == set()


def test_a_later_version_that_is_deleted_leaves_what_was_judged(world: World, package: str) -> None:
    written = world.s3.put_object(Bucket=BUCKET, Key=COPY, Body=b"of somebody else")
    world.s3.delete_object(Bucket=BUCKET, Key=COPY, VersionId=written["VersionId"])

    assert to_deploy(package)


def test_a_registry_that_names_another_image_is_not_followed(world: World, package: str) -> None:
    other = register(CONTAINER | {"Image": "another"})

    with pytest.raises(ArtifactChanged, match="the model package names other containers"):
        to_deploy(other)
    assert world.ledger.failed_versions("churn") == {1}


def named(package: str) -> dict[str, Any]:
    """What the registry says of the version: its container, and by whom nothing was decided yet."""
    described = boto3.client("sagemaker").describe_model_package(ModelPackageName=package)
    assert described["InferenceSpecification"]["SupportedContentTypes"] == ["text/csv"]
    (container,) = described["InferenceSpecification"]["Containers"]
    return dict(container) | {"status": described["ModelApprovalStatus"]}


def judged(world: World) -> Judged:
    record = world.ledger.record(RUN)
    assert record
    return Judged.of(record.judged)


def register_copies(world: World, package: str) -> None:
    """What Read verdict does once the verdict is written."""
    judged_content.register(RUN, "gate passed", package, judged(world))


def point_to(package: str, url: str) -> None:
    """Somebody edits the version in the registry."""
    specification = boto3.client("sagemaker").describe_model_package(ModelPackageName=package)["InferenceSpecification"]
    specification["Containers"][0]["ModelDataUrl"] = url
    boto3.client("sagemaker").update_model_package(ModelPackageArn=package, InferenceSpecification=specification)


def test_the_registry_names_the_judged_copy_and_still_asks_for_a_decision(world: World, package: str) -> None:
    register_copies(world, package)

    etag = world.s3.head_object(Bucket=BUCKET, Key=COPY)["ETag"].strip('"')
    copy = {"Image": "image", "ModelDataUrl": f"s3://{BUCKET}/{COPY}", "ModelDataETag": etag}
    assert named(package) == copy | {"status": "PendingManualApproval"}
    assert to_deploy(package) == ({"Image": "image", "ModelDataUrl": f"s3://{BUCKET}/{COPY}"},)


def test_whoever_died_before_it_was_noted_that_the_registry_names_the_copy_does_it_again(
    world: World, package: str
) -> None:
    before = judged(world)
    register_copies(world, package)
    world.ledger.write(Write("MODEL#churn", f"RUN#{RUN}", set={"judged": before.document, "package_arn": package}))
    assert to_deploy(package)  # nobody takes it for an edit

    kept = judged_content.keep("churn", RUN, OUTPUTS._replace(package_arn=package), world.ledger.record(RUN))
    judged_content.register(RUN, "gate passed", package, kept)

    assert kept == before
    assert judged(world) == before._replace(registered=True)


@pytest.mark.parametrize("key", [f"{FOLDER}/package/model.tar.gz", "elsewhere/model.tar.gz"])
def test_whoever_points_the_registry_elsewhere_afterwards_is_not_followed(world: World, package: str, key: str) -> None:
    register_copies(world, package)
    point_to(package, f"s3://{BUCKET}/{key}")

    with pytest.raises(ArtifactChanged, match="the model package names other containers"):
        to_deploy(package)
    assert world.ledger.failed_versions("churn") == {1}


def test_a_version_that_names_something_else_by_then_is_left_for_deploy_to_find(world: World, package: str) -> None:
    point_to(package, f"s3://{BUCKET}/elsewhere/model.tar.gz")
    register_copies(world, package)

    assert named(package)["ModelDataUrl"] == f"s3://{BUCKET}/elsewhere/model.tar.gz"
    with pytest.raises(ArtifactChanged, match="the model package names other containers"):
        to_deploy(package)


def test_who_decided_before_the_verdict_was_read_stays_who_changed_the_version_last(world: World, package: str) -> None:
    boto3.client("sagemaker").update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")
    register_copies(world, package)

    assert named(package) == CONTAINER | {"status": "Approved"}
    assert to_deploy(package)[0]["ModelDataUrl"] == f"s3://{BUCKET}/{COPY}"


@pytest.mark.parametrize(
    ("code", "why", "told"),
    [
        ("ValidationException", "it is settled", "it is settled"),
        ("AccessDeniedException", "with an explicit deny", "sagemaker:UpdateModelPackage is not permitted"),
        ("", "", "it took another name, and says [{'Image': 'image', 'ModelDataUrl': 's3://"),
    ],
    ids=["refused", "not permitted", "taken without a change"],
)
def test_a_registry_that_does_not_take_the_copy_costs_no_run_and_is_told(
    world: World, package: str, code: str, why: str, told: str
) -> None:
    with Stubber(clients.client("sagemaker")) as sagemaker:
        described = boto3.client("sagemaker").describe_model_package(ModelPackageName=package)
        found = {name: value for name, value in described.items() if name != "ResponseMetadata"}
        sagemaker.add_response("describe_model_package", found | {"ModelPackageName": "x"})
        if code:
            sagemaker.add_client_error("update_model_package", code, why)
        else:
            sagemaker.add_response("update_model_package", {"ModelPackageArn": package})
            sagemaker.add_response("describe_model_package", found | {"ModelPackageName": "x"})
        register_copies(world, package)

    record = world.ledger.record(RUN)
    assert record
    assert "the registry goes on naming what the pipeline wrote: " in record.timeline[-1]["what"]
    assert told in record.timeline[-1]["what"]
    assert to_deploy(package)[0]["ModelDataUrl"] == f"s3://{BUCKET}/{COPY}"


def test_a_run_of_which_nothing_was_kept_is_not_deployed(world: World, package: str) -> None:
    world.ledger.write(Write("MODEL#churn", f"RUN#{RUN}", remove=("judged",)))

    with pytest.raises(UnknownVersion, match="retrain start churn"):
        to_deploy(package)


@pytest.mark.parametrize("change", [replaced(COPY), deleted(COPY)], ids=["replaced", "deleted"])
def test_a_version_that_serves_from_a_changed_copy_is_asked_nothing(world: World, package: str, change: Change) -> None:
    judged_content.require_live_unchanged("churn", 1)

    change(world)
    with pytest.raises(ArtifactChanged):
        judged_content.require_live_unchanged("churn", 1)
    assert world.ledger.failed_versions("churn") == {1}


def test_a_version_that_no_run_judged_has_nothing_to_compare(world: World) -> None:
    judged_content.require_live_unchanged("churn", 7)


@pytest.mark.parametrize("name", ["package/model.tar.gz", "verification/verification.json"])
def test_a_verdict_about_what_is_not_there_is_none(world: World, package: str, name: str) -> None:
    deleted(f"{FOLDER}/{name}")(world)

    with pytest.raises(NoVerdict, match=name):
        judged_content.keep("churn", RUN, OUTPUTS._replace(package_arn=package))


def test_a_preprocessing_that_writes_no_profile_has_none_to_keep(world: World, package: str) -> None:
    deleted(f"{FOLDER}/evaluation/profile.json")(world)

    kept = judged_content.keep("churn", RUN, OUTPUTS._replace(package_arn=package))

    assert kept.part("profile") is None
    assert Judged.of(kept.document) == kept


def test_the_copy_is_of_the_version_that_was_found_and_not_of_one_that_came_meanwhile(world: World) -> None:
    key, target = f"{FOLDER}/model.tar.gz", f"s3://{BUCKET}/judged/model.tar.gz"
    world.s3.put_object(Bucket=BUCKET, Key=key, Body=b"judged")
    found = object_versions.newest(f"s3://{BUCKET}/{key}")
    assert found
    replaced(key)(world)

    object_versions.copy(f"s3://{BUCKET}/{key}", found, target)

    assert world.s3.get_object(Bucket=BUCKET, Key="judged/model.tar.gz")["Body"].read() == b"judged"


def verdict_of(world: World, package: str, scored: bytes) -> Any:
    """What Read verdict answers where evaluation scored this package; SageMaker's answers are stubs."""
    document = {"verdict": {"passed": True}, "package_sha256": sha256(scored).hexdigest()}
    world.s3.put_object(Bucket=BUCKET, Key=f"{FOLDER}/evaluation/evaluation.json", Body=json.dumps(document).encode())
    world.ledger.write(Write("MODEL#churn", f"RUN#{RUN}", remove=("judged",)))
    world.ledger.write(Write("MODEL#churn", "VERSION#00000001", remove=("run",)))
    answer = boto3.client("sagemaker").describe_model_package(ModelPackageName=package)
    found = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    with Stubber(clients.client("sagemaker")) as sagemaker:
        job = "arn:aws:sagemaker:us-east-1:123456789012:processing-job/evaluate"
        steps = [
            {"StepName": "Evaluate", "Metadata": {"ProcessingJob": {"Arn": job}}},
            {"StepName": "Register", "Metadata": {"RegisterModel": {"Arn": package}}},
        ]
        described = found | {"ModelPackageName": "x"}, {"ModelPackageName": package}
        sagemaker.add_response("list_pipeline_execution_steps", {"PipelineExecutionSteps": steps})
        sagemaker.add_response("describe_processing_job", evaluated(job), {"ProcessingJobName": "evaluate"})
        sagemaker.add_response("describe_model_package", *described)
        if scored == b"artifact":
            sagemaker.add_response("describe_model_package", *described)
            sagemaker.add_response("update_model_package", {"ModelPackageArn": package})
            sagemaker.add_response("describe_model_package", *described)
        return read_verdict.handler({"model": "churn", "run": RUN, "pipeline_execution_arn": "arn"}, Context())


def evaluated(job: str) -> dict[str, Any]:
    """The job that wrote evaluation and verification."""
    outputs = [
        {
            "OutputName": name,
            "S3Output": {"S3Uri": f"s3://{BUCKET}/{FOLDER}/{name}", "LocalPath": "/x", "S3UploadMode": "EndOfJob"},
        }
        for name in ("evaluation", "verification")
    ]
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30}
    return {
        "ProcessingJobName": "evaluate", "ProcessingJobArn": job, "ProcessingJobStatus": "Completed",
        "CreationTime": "2026-03-14T10:15:00Z", "ProcessingOutputConfig": {"Outputs": outputs},
        "ProcessingResources": {"ClusterConfig": cluster}, "AppSpecification": {"ImageUri": "image"},
    }  # fmt: skip


def test_the_package_that_evaluation_scored_is_the_runs_version(world: World, package: str) -> None:
    assert verdict_of(world, package, b"artifact") == {
        "measured": False, "passed": True, "reasons": [], "version": 1,
    }  # fmt: skip
    assert world.ledger.run_of_version("churn", 1) == RUN


def test_a_package_that_evaluation_did_not_score_is_no_runs_version(world: World, package: str) -> None:
    with pytest.raises(ArtifactChanged, match=r"model\.tar\.gz is not the package that evaluation scored"):
        verdict_of(world, package, b"what was there when evaluation read it")
    record = world.ledger.record(RUN)
    assert record
    assert (record.version, record.verdict, record.judged) == (None, None, {})
    assert world.ledger.run_of_version("churn", 1) == ""
