"""SageMaker's lists, filtered, sorted and in pages; tags of every kind; what is deleted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually
from sagemaker_requests import ROLE, bucket, channel, definition, rows, training
from sagemaker_resources import FAIL, FULL, STORE, ended, over, script_model, settled, variant

pytestmark = pytest.mark.timeout(900)
TAGS = [{"Key": "team", "Value": "ml"}]
LISTS: dict[str, tuple[str, str, str]] = {  # operation -> its list, the name in it, and when each was made
    "list_processing_jobs": ("ProcessingJobSummaries", "ProcessingJobName", "CreationTime"),
    "list_training_jobs": ("TrainingJobSummaries", "TrainingJobName", "CreationTime"),
    "list_transform_jobs": ("TransformJobSummaries", "TransformJobName", "CreationTime"),
    "list_models": ("Models", "ModelName", "CreationTime"),
    "list_endpoint_configs": ("EndpointConfigs", "EndpointConfigName", "CreationTime"),
    "list_model_package_groups": ("ModelPackageGroupSummaryList", "ModelPackageGroupName", "CreationTime"),
    "list_pipelines": ("PipelineSummaries", "PipelineName", "CreationTime"),
}


@pytest.fixture(scope="module")
def listed(cloud_server: CloudServer) -> CloudServer:
    """Two of each kind, the one with the later name first."""
    sagemaker = cloud_server.client("sagemaker")
    for letter in ("y", "x"):
        for kind, (name, make) in FULL.items():
            if kind != "model_package":
                getattr(sagemaker, f"create_{kind}")(**make(cloud_server) | {name: f"among-{letter}"})
    return cloud_server


@pytest.mark.parametrize("operation", LISTS)
def test_a_list_is_filtered_sorted_and_paged(listed: CloudServer, operation: str) -> None:
    ask = getattr(listed.client("sagemaker"), operation)
    items, name, made = LISTS[operation]
    of_pipelines = operation == "list_pipelines"
    only: dict[str, Any] = {"PipelineNamePrefix" if of_pipelines else "NameContains": "among"}
    before, after = ("CreatedBefore", "CreatedAfter") if of_pipelines else ("CreationTimeBefore", "CreationTimeAfter")

    def names(**asked: Any) -> list[str]:
        return [entry[name] for entry in ask(**only, **asked)[items]]

    by_time = ask(**only, SortBy="CreationTime", SortOrder="Ascending")[items]
    first = ask(**only, SortBy="Name", SortOrder="Ascending", MaxResults=1)
    second = ask(**only, SortBy="Name", SortOrder="Ascending", MaxResults=1, NextToken=first["NextToken"])

    assert [entry[name] for entry in by_time] == ["among-y", "among-x"]
    assert names(SortBy="Name", SortOrder="Descending") == ["among-y", "among-x"]
    assert [page[items][0][name] for page in (first, second)] == ["among-x", "among-y"]
    assert "NextToken" not in second
    assert names(**{before: by_time[0][made].replace(year=2000)}) == []
    assert names(**{after: by_time[0][made].replace(year=2000)}) != []


@pytest.mark.parametrize("kind", ["Processing", "Training", "Transform"])
def test_jobs_are_listed_by_status_and_by_when_they_changed(listed: CloudServer, kind: str) -> None:
    for letter in ("x", "y"):
        ended(listed, kind.lower(), f"among-{letter}")
    ask = getattr(listed.client("sagemaker"), f"list_{kind.lower()}_jobs")
    everything = ask(NameContains="among-")[f"{kind}JobSummaries"]
    statuses = {entry[f"{kind}JobStatus"] for entry in everything}
    long_ago = everything[0]["LastModifiedTime"].replace(year=2000)

    for status in ("InProgress", *statuses):
        found = ask(NameContains="among-", StatusEquals=status)[f"{kind}JobSummaries"]
        assert len(found) == sum(entry[f"{kind}JobStatus"] == status for entry in everything)
    assert ask(NameContains="among-", LastModifiedTimeBefore=long_ago)[f"{kind}JobSummaries"] == []
    assert len(ask(NameContains="among-", LastModifiedTimeAfter=long_ago)[f"{kind}JobSummaries"]) == 2
    assert len(ask(NameContains="among-", SortBy="Status")[f"{kind}JobSummaries"]) == 2


def test_tags_are_listed_in_pages(cloud_server: CloudServer) -> None:
    sagemaker = cloud_server.client("sagemaker")
    arn = sagemaker.describe_model(ModelName=script_model(cloud_server, "tagged"))["ModelArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": f"{number:02}", "Value": "1"} for number in range(50)])
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": key, "Value": "1"} for key in ("x", "y")])
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["x"])
    first = sagemaker.list_tags(ResourceArn=arn, MaxResults=50)
    second = sagemaker.list_tags(ResourceArn=arn, MaxResults=50, NextToken=first["NextToken"])

    assert [tag["Key"] for tag in first["Tags"]] == [f"{number:02}" for number in range(50)]
    assert second["Tags"] == [{"Key": "y", "Value": "1"}]
    assert "NextToken" not in second


def tuning(name: str) -> dict[str, Any]:
    channels = [channel(name, f"s3://{STORE}/train") for name in ("train", "validation")]
    job = training(f"s3://{STORE}/out", channels, {})
    static = {"objective": "binary:logistic", "num_round": "2", "eval_metric": "logloss"}
    config = {
        "Strategy": "Random", "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 2},
        "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:logloss"},
        "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]},
    }  # fmt: skip
    del job["HyperParameters"]
    return {
        "HyperParameterTuningJobName": name, "HyperParameterTuningJobConfig": config,
        "TrainingJobDefinition": job | {"StaticHyperParameters": static}, "Tags": TAGS,
    }  # fmt: skip


@pytest.fixture(scope="module")
def tuned(cloud_server: CloudServer) -> CloudServer:
    """Two tuning jobs that are over, the one with the later name first."""
    bucket(cloud_server, STORE).put_object(Bucket=STORE, Key="train/rows.csv", Body=rows(60))
    sagemaker = cloud_server.client("sagemaker")

    def over(name: str) -> bool:
        found = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        assert found["HyperParameterTuningJobStatus"] != "Failed", found
        return bool(found["HyperParameterTuningJobStatus"] == "Completed")

    for letter in ("y", "x"):
        sagemaker.create_hyper_parameter_tuning_job(**tuning(f"tuned-{letter}"))
        eventually(partial(over, f"tuned-{letter}"), 90)
    return cloud_server


def test_tuning_jobs_and_their_trials_are_listed_in_pages(tuned: CloudServer) -> None:
    sagemaker = tuned.client("sagemaker")
    ask, items, name = (
        sagemaker.list_hyper_parameter_tuning_jobs,
        "HyperParameterTuningJobSummaries",
        "HyperParameterTuningJobName",
    )
    only = {"NameContains": "tuned-"}
    long_ago = ask(**only)[items][0]["CreationTime"].replace(year=2000)
    trials = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job
    first = ask(**only, SortBy="Name", SortOrder="Ascending", MaxResults=1)
    second = ask(**only, SortBy="Name", SortOrder="Ascending", MaxResults=1, NextToken=first["NextToken"])
    one = trials(HyperParameterTuningJobName="tuned-x", MaxResults=1)
    other = trials(HyperParameterTuningJobName="tuned-x", MaxResults=1, NextToken=one["NextToken"])

    assert [page[items][0][name] for page in (first, second)] == ["tuned-x", "tuned-y"]
    assert [entry[name] for entry in ask(**only, SortBy="CreationTime")[items]] == ["tuned-x", "tuned-y"]
    for bound in ("CreationTimeBefore", "LastModifiedTimeBefore"):
        assert ask(**only, **{bound: long_ago})[items] == []
    for bound in ("CreationTimeAfter", "LastModifiedTimeAfter"):
        assert len(ask(**only, **{bound: long_ago})[items]) == 2
    assert ask(**only, StatusEquals="Failed")[items] == []
    assert len({page["TrainingJobSummaries"][0]["TrainingJobName"] for page in (one, other)}) == 2
    assert trials(HyperParameterTuningJobName="tuned-x", StatusEquals="Failed")["TrainingJobSummaries"] == []


def test_every_kind_has_the_tags_that_it_was_made_with(tuned: CloudServer) -> None:
    sagemaker = tuned.client("sagemaker")
    arns = []
    for kind, (name, make) in FULL.items():
        request = make(tuned) | {name: "with-tags", "Tags": TAGS}
        answer = getattr(sagemaker, f"create_{kind}")(**request)
        arns += [value for member, value in answer.items() if member.endswith("Arn")]
    arns.append(
        sagemaker.create_endpoint(EndpointName="tags", EndpointConfigName="with-tags", Tags=TAGS)["EndpointArn"]
    )
    found = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="tuned-x")
    arns.append(found["HyperParameterTuningJobArn"])

    assert len(arns) == len(FULL) + 2
    assert [sagemaker.list_tags(ResourceArn=arn)["Tags"] for arn in arns] == [TAGS] * len(arns)
    settled(tuned, "tags")
    sagemaker.delete_endpoint(EndpointName="tags")


def test_what_is_deleted_is_gone(cloud_server: CloudServer) -> None:
    sagemaker = cloud_server.client("sagemaker")
    kinds = ["model", "endpoint_config", "model_package", "model_package_group"]
    for kind in kinds:
        name, make = FULL[kind]
        getattr(sagemaker, f"create_{kind}")(**make(cloud_server) | {name: "deleted"})
    sagemaker.create_endpoint(EndpointName="deleted", EndpointConfigName="deleted")
    settled(cloud_server, "deleted")
    for kind, name in [("endpoint", "EndpointName"), *((kind, FULL[kind][0]) for kind in kinds)]:
        getattr(sagemaker, f"delete_{kind}")(**{name: "deleted"})

        with pytest.raises(ClientError, match=r"Could not find|does not exist"):
            getattr(sagemaker, f"describe_{kind}")(**{name: "deleted"})


@pytest.fixture(scope="module")
def endpoints(cloud_server: CloudServer) -> CloudServer:
    """Two endpoints in service, the one with the later name first."""
    sagemaker = cloud_server.client("sagemaker")
    own = variant("a", script_model(cloud_server))
    sagemaker.create_endpoint_config(EndpointConfigName="serving", ProductionVariants=[own])
    for letter in ("y", "x"):
        sagemaker.create_endpoint(EndpointName=f"serving-{letter}", EndpointConfigName="serving")
        settled(cloud_server, f"serving-{letter}")
    return cloud_server


def test_endpoints_are_listed_by_name_status_and_time(endpoints: CloudServer) -> None:
    ask = endpoints.client("sagemaker").list_endpoints

    def names(**asked: Any) -> list[str]:
        return [entry["EndpointName"] for entry in ask(NameContains="serving-", **asked)["Endpoints"]]

    long_ago = ask()["Endpoints"][0]["CreationTime"].replace(year=2000)
    first = ask(NameContains="serving-", SortBy="Name", SortOrder="Ascending", MaxResults=1)

    assert names(SortBy="CreationTime") == ["serving-x", "serving-y"]
    assert names(SortBy="Name", SortOrder="Descending") == ["serving-y", "serving-x"]
    assert names(SortBy="Name", SortOrder="Ascending", NextToken=first["NextToken"]) == ["serving-y"]
    assert sorted(names(SortBy="Status", StatusEquals="InService")) == ["serving-x", "serving-y"]
    assert names(StatusEquals="Failed") == []
    for bound in ("CreationTime", "LastModifiedTime"):
        assert names(**{f"{bound}Before": long_ago}) == []
        assert len(names(**{f"{bound}After": long_ago})) == 2


def test_packages_are_listed_by_group_approval_and_time(cloud_server: CloudServer) -> None:
    sagemaker = cloud_server.client("sagemaker")
    specification = FULL["model_package"][1](cloud_server)["InferenceSpecification"]
    sagemaker.create_model_package_group(ModelPackageGroupName="grouped")
    for approval in ("Approved", "Rejected", "PendingManualApproval"):
        sagemaker.create_model_package(
            ModelPackageGroupName="grouped", InferenceSpecification=specification, ModelApprovalStatus=approval
        )
    sagemaker.create_model_package(ModelPackageName="alone", InferenceSpecification=specification)

    def found(**asked: Any) -> list[Any]:
        listed = sagemaker.list_model_packages(**asked)["ModelPackageSummaryList"]
        return [entry.get("ModelPackageVersion") for entry in listed]

    group = {"ModelPackageGroupName": "grouped"}
    newest = sagemaker.list_model_packages(**group, MaxResults=1)
    long_ago = newest["ModelPackageSummaryList"][0]["CreationTime"].replace(year=2000)

    assert found(**group) == [3, 2, 1]
    assert found(**group, SortBy="Name", SortOrder="Ascending") == [1, 2, 3]
    assert found(**group, MaxResults=2, NextToken=newest["NextToken"]) == [2, 1]
    assert found(**group, ModelApprovalStatus="Rejected") == [2]
    assert found(**group, ModelPackageType="Unversioned") == []
    assert found(NameContains="alone", ModelPackageType="Unversioned") == [None]
    assert found(**group, CreationTimeBefore=long_ago) == []
    assert found(**group, CreationTimeAfter=long_ago) == [3, 2, 1]


@pytest.fixture(scope="module")
def executed(cloud_server: CloudServer) -> list[str]:
    """A pipeline with three versions, and three executions of it that are over, by their ARNs."""
    sagemaker = cloud_server.client("sagemaker")
    parameters = [{"Name": name, "Type": "String", "DefaultValue": "0"} for name in ("A", "B")]
    document = definition(FAIL, {**FAIL, "Name": "Other"}, parameters=parameters)
    sagemaker.create_pipeline(PipelineName="executed", PipelineDefinition=document, RoleArn=ROLE)
    for _ in range(2):
        sagemaker.update_pipeline(PipelineName="executed", PipelineDefinition=document)
    given = [{"Name": name, "Value": "1"} for name in ("A", "B")]
    arns = [
        sagemaker.start_pipeline_execution(PipelineName="executed", PipelineParameters=given)["PipelineExecutionArn"]
        for _ in range(3)
    ]
    for arn in arns:
        over(cloud_server, arn)
    return arns


def paged(ask: Callable[..., Any], items: str, **asked: Any) -> list[Any]:
    """Everything, one entry a page."""
    found, more = [], {}
    while True:
        page = ask(**asked, **more, MaxResults=1)
        assert len(page[items]) <= 1
        found += page[items]
        if "NextToken" not in page:
            return found
        more = {"NextToken": page["NextToken"]}


def test_versions_executions_steps_and_parameters_are_listed_in_pages(
    cloud_server: CloudServer, executed: list[str]
) -> None:
    sagemaker = cloud_server.client("sagemaker")
    own, of_one = {"PipelineName": "executed"}, {"PipelineExecutionArn": executed[0]}
    versions = paged(sagemaker.list_pipeline_versions, "PipelineVersionSummaries", **own, SortOrder="Ascending")
    runs = paged(sagemaker.list_pipeline_executions, "PipelineExecutionSummaries", **own, SortOrder="Ascending")
    steps = paged(sagemaker.list_pipeline_execution_steps, "PipelineExecutionSteps", **of_one, SortOrder="Ascending")
    parameters = paged(sagemaker.list_pipeline_parameters_for_execution, "PipelineParameters", **of_one)
    long_ago = versions[0]["CreationTime"].replace(year=2000)

    assert [entry["PipelineVersionId"] for entry in versions] == [1, 2, 3]
    assert [entry["PipelineExecutionArn"] for entry in runs] == executed
    assert {entry["StepName"] for entry in steps} == {"Stop", "Other"}
    assert parameters == [{"Name": "A", "Value": "1"}, {"Name": "B", "Value": "1"}]
    for ask, items in (
        (sagemaker.list_pipeline_versions, "PipelineVersionSummaries"),
        (sagemaker.list_pipeline_executions, "PipelineExecutionSummaries"),
    ):
        assert ask(**own, CreatedBefore=long_ago)[items] == []
        assert len(ask(**own, CreatedAfter=long_ago)[items]) == 3
    described = sagemaker.describe_pipeline_definition_for_execution(**of_one)
    assert described["PipelineDefinition"] == sagemaker.describe_pipeline(**own)["PipelineDefinition"]


def test_executions_are_listed_by_arn(cloud_server: CloudServer, executed: list[str]) -> None:
    found = cloud_server.client("sagemaker").list_pipeline_executions(
        PipelineName="executed", SortBy="PipelineExecutionArn", SortOrder="Ascending"
    )["PipelineExecutionSummaries"]

    assert [entry["PipelineExecutionArn"] for entry in found] == sorted(executed)


LINEAGE = {  # list -> its entries, what filters them, that in an entry
    "list_artifacts": ("ArtifactSummaries", "ArtifactType", lambda entry: entry["ArtifactType"]),
    "list_contexts": ("ContextSummaries", "ContextType", lambda entry: entry["ContextType"]),
    "list_actions": ("ActionSummaries", "ActionType", lambda entry: entry["ActionType"]),
}


def test_lineage_is_listed_from_either_end_by_type_and_time(listed: CloudServer) -> None:
    sagemaker = listed.client("sagemaker")
    specification = FULL["model_package"][1](listed)["InferenceSpecification"]
    sagemaker.create_model_package_group(ModelPackageGroupName="lineage")
    sagemaker.create_model_package(ModelPackageGroupName="lineage", InferenceSpecification=specification)
    order = {"SortBy": "CreationTime", "SortOrder": "Ascending"}
    links = sagemaker.list_associations(**order)["AssociationSummaries"]
    ends = ("SourceArn", "DestinationArn", "SourceType", "DestinationType", "AssociationType")

    assert paged(sagemaker.list_associations, "AssociationSummaries", **order)[: len(links)] == links
    for name in ends:
        found = sagemaker.list_associations(**{name: links[0][name]})["AssociationSummaries"]
        assert {entry[name] for entry in found} == {links[0][name]}
    for operation, (items, kind, of) in LINEAGE.items():
        ask = getattr(sagemaker, operation)
        entries = ask(**order)[items]
        long_ago = entries[0]["CreationTime"].replace(year=2000)
        assert paged(ask, items, **order)[: len(entries)] == entries != []
        assert {of(entry) for entry in ask(**{kind: of(entries[0])})[items]} == {of(entries[0])}
        assert ask(SourceUri="s3://nowhere")[items] == []
        assert (ask(CreatedBefore=long_ago)[items], len(ask(CreatedAfter=long_ago)[items])) == ([], len(entries))
    artifact = sagemaker.list_artifacts()["ArtifactSummaries"][0]
    context = sagemaker.list_contexts()["ContextSummaries"][0]
    action = sagemaker.list_actions()["ActionSummaries"][0]
    assert sagemaker.describe_artifact(ArtifactArn=artifact["ArtifactArn"])["Source"] == artifact["Source"]
    assert sagemaker.describe_context(ContextName=context["ContextName"])["ContextArn"] == context["ContextArn"]
    assert sagemaker.describe_action(ActionName=action["ActionName"])["ActionArn"] == action["ActionArn"]


def test_a_list_gives_ten_to_who_asks_for_no_number_where_aws_does(listed: CloudServer) -> None:
    sagemaker = listed.client("sagemaker")
    specification = FULL["model_package"][1](listed)["InferenceSpecification"]
    sagemaker.create_model_package_group(ModelPackageGroupName="eleven")
    for _ in range(11):
        sagemaker.create_model_package(ModelPackageGroupName="eleven", InferenceSpecification=specification)
    versions = sagemaker.list_model_packages(ModelPackageGroupName="eleven")
    artifacts, associations = sagemaker.list_artifacts(), sagemaker.list_associations()

    assert len(versions["ModelPackageSummaryList"]) == 11
    assert (len(artifacts["ArtifactSummaries"]), len(associations["AssociationSummaries"])) == (10, 10)
    assert artifacts["NextToken"]
    assert associations["NextToken"]
    assert len(sagemaker.list_artifacts(MaxResults=11)["ArtifactSummaries"]) == 11


def test_a_trial_component_stands_for_a_job(listed: CloudServer) -> None:
    sagemaker = listed.client("sagemaker")
    ask, items = sagemaker.list_trial_components, "TrialComponentSummaries"
    everything = ask(SortBy="CreationTime", SortOrder="Ascending")[items]
    long_ago = everything[0]["CreationTime"].replace(year=2000)
    (own,) = ask(SourceArn=everything[0]["TrialComponentSource"]["SourceArn"])[items]

    assert paged(ask, items, SortOrder="Ascending")[: len(everything)] == everything
    assert own["TrialComponentName"] == everything[0]["TrialComponentName"]
    assert ask(ExperimentName="none")[items] == ask(TrialName="none")[items] == ask(CreatedBefore=long_ago)[items] == []
    assert len(ask(CreatedAfter=long_ago)[items]) == len(everything)
    described = sagemaker.describe_trial_component(TrialComponentName=own["TrialComponentName"])
    assert described["Source"]["SourceArn"] == own["TrialComponentSource"]["SourceArn"]


def test_a_request_that_lacks_what_it_must_say_is_refused(cloud_server: CloudServer) -> None:
    sagemaker = cloud_server.client("sagemaker")

    with pytest.raises(ClientError, match="PipelineExecutionArn is required"):
        sagemaker.list_pipeline_execution_steps()
