"""Publishing: everything that runs need, in place, once however often it is called."""

import json
import re
from dataclasses import dataclass, replace

import pytest
from app.decide.costs.prices import Prices, of_text
from sagemaker_requests import definition

from cli.changes import as_data
from cli.errors import UserError
from cli.stack.account import price_table
from cli.stack.publishing import plan_all, publish_all, render_text
from cli.stack.target import Target
from pipelines.model import model_file, views
from pipelines.publishing import content, freshness, job_code
from pipelines.publishing.execution import Clients
from pipelines.publishing.model_roles import RoleTaken, Use
from pipelines.publishing.plan import ForeignCode, NameTaken
from pipelines.publishing.publish import OF_JOBS, BadParameters, StackNames, publish

ROLE = "arn:aws:iam::123456789012:role/pipeline"
READS_CODE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


@pytest.fixture
def clients(cloud_server):
    return Clients(
        cloud_server.client("s3"),
        cloud_server.client("sagemaker"),
        cloud_server.client("iam"),
        cloud_server.client("logs"),
    )


@pytest.fixture
def stack(clients, request):
    name = f"publish-{abs(hash(request.node.name)) % 10**8}"
    clients.s3.create_bucket(Bucket=name)
    clients.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    jobs, serving = (
        clients.iam.create_policy(PolicyName=f"{name}-{use}", PolicyDocument=json.dumps(READS_CODE))["Policy"]["Arn"]
        for use in Use
    )
    return StackNames(name, ROLE, jobs, serving, "https://queue", name, "us-east-1", 30)


def keys(clients, stack):
    return sorted(found["Key"] for found in clients.s3.list_objects_v2(Bucket=stack.bucket)["Contents"])


def versions(clients, stack):
    return len(clients.s3.list_object_versions(Bucket=stack.bucket)["Versions"])


def document(clients, stack, key):
    return json.loads(clients.s3.get_object(Bucket=stack.bucket, Key=key)["Body"].read())


def announced(clients, stack):
    return document(clients, stack, "config/models/churn.json")


def test_all_that_runs_need_is_in_place(clients, stack):
    done = publish("churn", stack, clients, {"AccuracyThreshold": "0.8"})

    found = announced(clients, stack)
    assert found["model"] == model_file.load(model_file.path_of("churn"))
    assert found["parameters"] == {"AccuracyThreshold": "0.8"}
    assert found["pipeline"]["version_id"] == 1
    assert document(clients, stack, "config/pipelines/churn/1.json") == found
    assert f"code/{found['code_sha256']}/evaluate.py" in keys(clients, stack)
    assert f"config/versions/churn/{found['model_sha256']}.json" in keys(clients, stack)
    for view in OF_JOBS:
        key = f"config/versions/churn/{view}/{views.sha256(view, found['model'])}.json"
        assert document(clients, stack, key) == views.document(view, found["model"])
    group = clients.sagemaker.describe_model_package_group(ModelPackageGroupName=f"{stack.stack}--churn")
    assert group["ModelPackageGroupName"] == done.package_group
    definition = clients.sagemaker.describe_pipeline(PipelineName=done.pipeline_name)["PipelineDefinition"]
    assert "@{" not in definition
    assert f"s3://{stack.bucket}/code/{done.code_sha256}/" in definition


@pytest.mark.parametrize("use", Use)
def test_each_models_jobs_and_what_serves_it_get_a_role_within_the_stacks_policy(clients, stack, use):
    publish("churn", stack, clients, {})

    made, policy = {
        Use.JOBS: (stack.jobs_role("churn"), stack.jobs_policy_arn),
        Use.SERVING: (stack.serving_role("churn"), stack.serving_policy_arn),
    }[use]
    role = clients.iam.get_role(RoleName=made.name)["Role"]
    attached = clients.iam.list_attached_role_policies(RoleName=made.name)["AttachedPolicies"]
    assert role["Arn"] == made.arn
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == policy
    assert {tag["Key"]: tag["Value"] for tag in role["Tags"]} == {
        "retrain-stack": stack.stack, "retrain-model": "churn",
    }  # fmt: skip
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert [policy["PolicyArn"] for policy in attached] == [policy]


def test_jobs_are_given_their_role_and_what_serves_is_announced_its_own(clients, stack):
    done = publish("churn", stack, clients, {})

    pipeline = clients.sagemaker.describe_pipeline(PipelineName=done.pipeline_name)
    assert pipeline["RoleArn"] == ROLE
    assert set(re.findall(r'"(?:Execution)?RoleArn":"([^"]+)"', pipeline["PipelineDefinition"])) == {
        stack.jobs_role("churn").arn
    }
    assert announced(clients, stack)["serving_role_arn"] == stack.serving_role("churn").arn


def test_the_log_group_of_an_endpoint_is_there_before_its_first_line(clients, stack, cloud_server):
    key = cloud_server.client("kms").create_key()["KeyMetadata"]["Arn"]
    keyed, kept_for_ever = replace(stack, key_arn=key), f"/aws/sagemaker/Endpoints/{stack.stack}--churn"

    def groups():
        listed = clients.logs.describe_log_groups(logGroupNamePrefix="/aws/sagemaker/Endpoints/")["logGroups"]
        return {one["logGroupName"]: (one.get("retentionInDays"), one.get("kmsKeyId")) for one in listed
                if f"/{stack.stack}--" in one["logGroupName"]}  # fmt: skip

    publish("churn", stack, clients, {})
    made = groups()
    clients.logs.delete_retention_policy(logGroupName=kept_for_ever)
    publish("churn", keyed, clients, {})
    publish(BLOCKS, keyed, clients, {})

    assert made == {kept_for_ever: (30, None)}
    assert groups() == {kept_for_ever: (30, key)}  # the other answers files alone, in batches


@pytest.mark.parametrize("of_model", [StackNames.jobs_role, StackNames.serving_role])
def test_a_role_of_a_model_that_was_planted_is_not_taken(clients, stack, of_model):
    role = of_model(stack, "churn")
    clients.iam.create_role(RoleName=role.name, AssumeRolePolicyDocument=json.dumps(role.trust))

    with pytest.raises(RoleTaken, match="permissions boundary"):
        publish("churn", stack, clients, {})

    assert "Contents" not in clients.s3.list_objects_v2(Bucket=stack.bucket)


def test_what_was_taken_away_is_published_again(clients, stack):
    before = publish("churn", stack, clients, {})
    clients.sagemaker.delete_pipeline(PipelineName=before.pipeline_name)
    clients.sagemaker.delete_model_package_group(ModelPackageGroupName=before.package_group)

    after = publish("churn", stack, clients, {})

    assert (after.pipeline_version_id, after.pipeline_arn) == (1, before.pipeline_arn)
    assert clients.sagemaker.describe_model_package_group(ModelPackageGroupName=after.package_group)


def test_publishing_again_changes_nothing(clients, stack):
    first = publish("churn", stack, clients, {})
    before = versions(clients, stack)

    again = publish("churn", stack, clients, {})

    assert (first.changed, again.changed) == (True, False)
    assert again.pipeline_version_id == first.pipeline_version_id
    assert versions(clients, stack) == before


@pytest.mark.parametrize("name", ["evaluate.py", "inference.py"])
def test_code_that_was_planted_under_its_name_is_written_over(clients, stack, name):
    code = job_code.files()
    key = f"code/{job_code.sha256(code)}/{name}"
    planted = b"#" * len(code[name])
    clients.s3.put_object(Bucket=stack.bucket, Key=key, Body=planted)

    publish("churn", stack, clients, {})

    assert clients.s3.get_object(Bucket=stack.bucket, Key=key)["Body"].read() == code[name]


def test_a_model_file_that_was_changed_in_its_place_is_written_over(clients, stack):
    first = publish("churn", stack, clients, {})
    key = f"config/versions/churn/{first.model_sha256}.json"
    clients.s3.put_object(Bucket=stack.bucket, Key=key, Body=b"{}")

    again = publish("churn", stack, clients, {})

    assert again.changed
    assert document(clients, stack, key) == model_file.load(model_file.path_of("churn"))


def test_a_file_among_the_code_that_is_not_of_it_is_named_and_nothing_is_published(clients, stack):
    key = f"code/{job_code.sha256(job_code.files())}/numpy.py"
    clients.s3.put_object(Bucket=stack.bucket, Key=key, Body=b"import os")

    with pytest.raises(ForeignCode, match=f"{key}: not of the code that is published"):
        publish("churn", stack, clients, {})
    assert keys(clients, stack) == [key]


def test_under_a_key_an_etag_says_nothing_and_the_checksum_is_asked_for(clients, stack):
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    clients.s3.put_bucket_encryption(Bucket=stack.bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    body = b"the very text"
    content.put(clients.s3, stack.bucket, "right", body)
    content.put(clients.s3, stack.bucket, "wrong", b"quite another")
    listed = [{"Key": key, "ETag": '"of-kms"', "Size": len(body)} for key in ("right", "wrong", "foreign")]

    found = content.unchanged(clients.s3, stack.bucket, listed, {"right": body, "wrong": body})

    assert found == {"right"}


def test_a_changed_model_file_makes_a_new_version(clients, stack, tmp_path, monkeypatch):
    publish("churn", stack, clients, {})
    changed = tmp_path / "churn.yaml"
    changed.write_text(model_file.path_of("churn").read_text().replace("title: Customer churn", "title: Who leaves"))
    monkeypatch.setattr(model_file, "path_of", lambda _model: changed)

    done = publish("churn", stack, clients, {})

    assert done.pipeline_version_id == 2
    assert announced(clients, stack)["model"]["title"] == "Who leaves"


def test_another_deadline_and_count_reach_the_app_and_leave_the_pipeline_at_its_version(
    clients, stack, tmp_path, monkeypatch
):
    publish("churn", stack, clients, {})
    changed = tmp_path / "churn.yaml"
    text = model_file.path_of("churn").read_text().replace("deadline_s: 604800", "deadline_s: 3600")
    changed.write_text(text.replace("instance_count: 1", "instance_count: 2"))
    monkeypatch.setattr(model_file, "path_of", lambda _model: changed)

    done = publish("churn", stack, clients, {})

    assert (done.changed, done.pipeline_version_id) == (True, 1)
    told = announced(clients, stack)["model"]
    assert (told["approval"]["deadline_s"], told["deployment"]["instance_count"]) == (3600, 2)


def test_a_count_of_instances_becomes_the_pipelines_default(clients, stack, tmp_path, monkeypatch):
    changed = tmp_path / "churn.yaml"
    changed.write_text(model_file.path_of("churn").read_text().replace("processing_count: 1", "processing_count: 3"))
    monkeypatch.setattr(model_file, "path_of", lambda _model: changed)

    done = publish("churn", stack, clients, {})

    there = clients.sagemaker.describe_pipeline(PipelineName=done.pipeline_name)["PipelineDefinition"]
    defaults = {one["Name"]: one.get("DefaultValue") for one in json.loads(there)["Parameters"]}
    assert defaults["ProcessingInstanceCount"] == 3


def test_a_stale_definition_is_not_published(clients, stack, tmp_path, monkeypatch):
    changed = tmp_path / "churn.yaml"
    changed.write_text(model_file.path_of("churn").read_text().replace("max_depth: 4", "max_depth: 5"))
    monkeypatch.setattr(model_file, "path_of", lambda _model: changed)

    with pytest.raises(freshness.Stale, match="compile it"):
        publish("churn", stack, clients, {})


@pytest.mark.parametrize(("name", "value"), [
    ("max_dept", "5"), ("max_depth", "deep"), ("AccuracyThreshold", "high"), ("InputData", "s3://theirs/rows.csv"),
    ("ChampionImage", "theirs:1"), ("ModelApprovalStatus", "Approved"),
])  # fmt: skip
def test_a_bad_parameter_is_refused_before_anything_is_written(clients, stack, name, value):
    with pytest.raises(BadParameters, match=name):
        publish("churn", stack, clients, {name: value})

    assert "Contents" not in clients.s3.list_objects_v2(Bucket=stack.bucket)


def test_a_name_that_another_stack_has_is_not_taken_over(clients, stack):
    other = publish("churn", stack, clients, {})
    clients.sagemaker.add_tags(ResourceArn=other.pipeline_arn, Tags=[{"Key": "retrain-stack", "Value": "another"}])

    with pytest.raises(NameTaken, match=f"pipeline {stack.stack}--churn belongs to stack another"):
        publish("churn", stack, clients, {"AccuracyThreshold": "0.9"})
    assert announced(clients, stack)["parameters"] == {}


def test_what_is_made_says_whose_it_is(clients, stack):
    done = publish("churn", stack, clients, {})
    group = clients.sagemaker.describe_model_package_group(ModelPackageGroupName=done.package_group)

    for arn in (done.pipeline_arn, group["ModelPackageGroupArn"]):
        assert {"Key": "retrain-stack", "Value": stack.stack} in clients.sagemaker.list_tags(ResourceArn=arn)["Tags"]


BLOCKS = "california-housing"


def test_a_model_with_ranges_has_a_pipeline_that_trains_and_one_that_tunes(clients, stack):
    given = {"R2Threshold": "0.5", "knn_k": "7", "MaxTuningJobs": "4", "Tuning": "on"}

    done = publish(BLOCKS, stack, clients, given)

    found = document(clients, stack, f"config/models/{BLOCKS}.json")
    tuned = clients.sagemaker.describe_pipeline(PipelineName=f"{stack.stack}--{BLOCKS}--tuned")
    kinds = [step["Type"] for step in json.loads(tuned["PipelineDefinition"])["Steps"]]
    assert (kinds.count("Tuning"), kinds.count("Training")) == (3, 0)
    assert found["parameters"] == {"R2Threshold": "0.5", "knn_k": "7"}
    assert found["tuned_pipeline"]["parameters"] == {"R2Threshold": "0.5", "MaxTuningJobs": "4"}
    assert (found["tunes"], found["tuned_pipeline"]["arn"]) == (True, tuned["PipelineArn"])
    assert (done.tuned_pipeline_name, done.tuned_pipeline_version_id) == (tuned["PipelineName"], 1)
    assert document(clients, stack, f"config/pipelines/{BLOCKS}/1.json") == found


def test_publishing_both_pipelines_again_changes_nothing(clients, stack):
    publish(BLOCKS, stack, clients, {})

    again = publish(BLOCKS, stack, clients, {})

    assert (again.changed, again.pipeline_version_id, again.tuned_pipeline_version_id) == (False, 1, 1)


def test_what_a_model_file_says_no_more_is_announced_no_more(clients, stack):
    publish("churn", stack, clients, {})
    more = announced(clients, stack) | {"tunes": True, "tuned_pipeline": {"name": "gone", "version_id": 3}}
    clients.s3.put_object(Bucket=stack.bucket, Key="config/models/churn.json", Body=json.dumps(more).encode())

    done = publish("churn", stack, clients, {})

    assert done.changed
    assert "tuned_pipeline" not in announced(clients, stack)


@dataclass(frozen=True)
class Deployed(Target):
    """A stack whose outputs are known."""

    told: tuple[tuple[str, str], ...] = ()

    def outputs(self):
        return dict(self.told)


@pytest.fixture
def target(cloud_server, stack):
    names = {"DataBucketName": stack.bucket, "PipelineRoleArn": ROLE, "LogRetentionDays": "30"}
    names |= {"JobsPolicyArn": stack.jobs_policy_arn, "ServingPolicyArn": stack.serving_policy_arn}
    names |= {"ReviewersTopicArn": f"arn:aws:sns:us-east-1:123456789012:{stack.stack}-reviewers"}
    names |= {"ScheduleGroupName": f"{stack.stack}-schedules", "SchedulesRoleArn": ROLE}
    names |= dict.fromkeys(("BeginRunFunctionArn", "LostEventsQueueArn"), "arn:aws:sqs:us-east-1:123456789012:any")
    told = tuple((names | {"ChampionQueueUrl": stack.champion_queue_url}).items())
    return Deployed(cloud_server.url, stack.stack, told)


def test_of_several_models_those_that_can_be_are_published_and_the_others_say_why(clients, stack, target):
    taken = f"{stack.stack}--{BLOCKS}"
    another = {"RoleArn": ROLE, "Tags": [{"Key": "retrain-stack", "Value": "another"}]}
    theirs = definition({"Name": "A", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}})
    clients.sagemaker.create_pipeline(PipelineName=taken, PipelineDefinition=theirs, **another)

    done, failed = publish_all(target, [BLOCKS, "nobodys", "churn"], {}, print)

    assert [one["model"] for one in done] == ["churn"]
    assert announced(clients, stack)["pipeline"]["version_id"] == 1
    assert failed.keys() == {BLOCKS, "nobodys"}
    assert render_text(done, failed).splitlines() == [
        f"churn: pipeline {stack.stack}--churn version 1",
        f"{BLOCKS}: not published: pipeline {taken} belongs to stack another; give the model another name",
        f"nobodys: not published: {failed['nobodys']}",
    ]


def test_one_model_alone_that_fails_is_an_error(target):
    with pytest.raises(UserError, match=r"no models/nobodys\.yaml"):
        publish_all(target, ["nobodys"], {}, print)


def test_what_a_dry_run_says_of_several_models_is_what_is_then_done_and_nothing_before(clients, stack, target):
    models = ["churn", BLOCKS]

    planned, _ = plan_all(target, models, {})
    before = clients.s3.list_objects_v2(Bucket=stack.bucket).get("Contents", [])
    made_before = clients.sagemaker.list_pipelines(PipelineNamePrefix=stack.stack)["PipelineSummaries"]
    done, _ = publish_all(target, models, {}, print)
    pipelines = clients.sagemaker.list_pipelines(PipelineNamePrefix=stack.stack)["PipelineSummaries"]
    again, _ = plan_all(target, models, {})

    assert (before, made_before) == ([], [])
    assert [as_data(one["changes"]) for one in done] == [as_data(one["changes"]) for one in planned]
    facts = [fact for one in planned for fact in as_data(one["changes"])]
    uploaded = {key for fact in facts for key in (*fact.get("files", ()), *([fact["key"]] if "key" in fact else []))}
    assert set(keys(clients, stack)) == uploaded
    created = [fact["name"] for fact in facts if fact["change"] == "CreatePipeline"]
    assert sorted(created) == sorted(one["PipelineName"] for one in pipelines)
    assert [list(one["changes"]) for one in again] == [[], []]


def test_a_dry_run_compiles_nothing(clients, target, tmp_path, monkeypatch):
    changed = tmp_path / "churn.yaml"
    changed.write_text(model_file.path_of("churn").read_text().replace("max_depth: 4", "max_depth: 5"))
    monkeypatch.setattr(model_file, "path_of", lambda _model: changed)

    with pytest.raises(UserError, match="compile it with `make compile`; a dry run compiles nothing"):
        plan_all(target, ["churn"], {})


def test_a_price_table_is_published_as_runs_read_it(clients, stack, target):
    table = Prices("eu-west-1", "2026-03-01", "a page", {"ml.m5.large": 0.1})

    told = price_table.publish(target, table)

    body = clients.s3.get_object(Bucket=stack.bucket, Key="config/prices.json")["Body"].read().decode()
    assert of_text(body) == table
    assert told == "\nprices: list prices of eu-west-1, 2026-03-01, for runs that are planned from now on"
