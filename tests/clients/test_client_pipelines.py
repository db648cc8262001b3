"""Pipelines and jobs as the documents of their projects tell them: built, run, followed, gated both ways, approved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sdk_projects import V2, V3, Project, Sdk, Workplace

from cli.demo_data import generate

Make = Callable[[Sdk, str], Project]


@pytest.mark.parametrize(("sdk", "program"), [(V2, "pipeline.py"), (V3, "pipeline_v3.py")], ids=["v2", "v3"])
def test_the_churn_guides_pipeline_creates_and_registers_a_good_model_and_fails_a_weak_one(
    project: Make, workplace: Workplace, sdk: Sdk, program: str
) -> None:
    mine = project(sdk, "churn_guide")
    workplace.put("churn-guide/churn.csv", generate("churn", 1000, 2))

    good = mine.run(program, "first", "Eta=0.3", "MaxDepth=4")
    weak = mine.run(program, "second", "MinAuc=0.999")

    assert good["names"] == ["ProcessData", "TrainModel", "EvaluateModel", "CheckAuc"]
    assert (good["status"], good["reasons"]) == ("Succeeded", {})
    assert good["parameters"] == {"Eta": "0.3", "MaxDepth": "4"}
    assert {name.partition("-")[0] for name in good["steps"]} == {*good["names"], "CreateModel", "RegisterModel"}
    assert (weak["status"], weak["version"] - good["version"]) == ("Failed", 1)
    assert weak["reasons"] == {"TooWeak": "ROC-AUC is below 0.999"}
    sagemaker = workplace.client("sagemaker")
    package = sagemaker.list_model_packages(ModelPackageGroupName="churn-guide")["ModelPackageSummaryList"][0]
    described = sagemaker.describe_model_package(ModelPackageName=package["ModelPackageArn"])
    statistics = described["ModelMetrics"]["ModelQuality"]["Statistics"]
    assert statistics["S3Uri"].endswith("/evaluation.json")


@pytest.mark.parametrize(
    ("sdk", "program"), [(V2, "create_ml_pipeline.py"), (V3, "create_ml_pipeline_v3.py")], ids=["v2", "v3"]
)
def test_the_house_price_scripts_create_execute_and_monitor(
    project: Make, workplace: Workplace, sdk: Sdk, program: str
) -> None:
    mine = project(sdk, "house_scripts")
    where = {"SAGEMAKER_ROLE_ARN": workplace.sdk.role, "S3_BUCKET": workplace.sdk.bucket}
    workplace.put("data/raw/house_data.csv", generate("house-price", 400, 2))

    arn = mine.run(program, **where)
    ran = mine.run("execute_pipeline.py", "--monitor")

    assert arn.endswith(":pipeline/house-price-mlops-pipeline")
    assert ran["status"] == "Succeeded"
    assert list(ran["jobs"]) == ["DataProcessing", "ModelTraining"]
    listed = workplace.aws("sagemaker", "list-pipeline-executions", "--pipeline-name", "house-price-mlops-pipeline")
    assert listed["PipelineExecutionSummaries"][0]["PipelineExecutionArn"] == ran["arn"]
    job = ran["jobs"]["ModelTraining"].rpartition("/")[2]
    described = workplace.client("sagemaker").describe_training_job(TrainingJobName=job)
    (metric,) = described["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"] > 0) == ("validation:rmse", True)
    events = workplace.client("logs").filter_log_events(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=job
    )
    assert any("validation rmse:" in event["message"] for event in events["events"])


@pytest.mark.parametrize(("sdk", "program"), [(V2, "run_pipeline.py"), (V3, "run_pipeline_v3.py")], ids=["v2", "v3"])
@pytest.mark.parametrize("tuned", [False, True], ids=["as given", "tuned"])
def test_of_three_algorithms_the_best_answers_a_batch(
    project: Make, workplace: Workplace, sdk: Sdk, program: str, tuned: bool
) -> None:
    bucket = "sagemaker-houses-of-three"
    workplace.client("s3").create_bucket(Bucket=bucket)

    found = project(sdk, "three_algorithms").run(
        program, "--bucket", bucket, "--deploy", *(["--tune"] if tuned else [])
    )

    assert {name: metric for name, (metric, _) in found["results"].items()} == {
        "xgboost": "validation:rmse", "knn": "test:mse", "gbm": "test:mse"
    }  # fmt: skip
    assert found["best"] in ("xgboost", "gbm")
    assert found["answers"] == 80
    assert found["trials"] == ({"xgboost": 3, "knn": 3, "gbm": 3} if tuned else {})


@pytest.mark.parametrize(("sdk", "program"), [(V2, "notebook.py"), (V3, "notebook_v3.py")], ids=["v2", "v3"])
def test_the_bonus_notebook_registers_a_version_that_a_person_approves(
    project: Make, workplace: Workplace, sdk: Sdk, program: str
) -> None:
    mine = project(sdk, "bonus_notebook")
    (mine.folder / "data").mkdir()
    (mine.folder / "data" / "mock_data.csv").write_text(generate("employee-bonus", 500, 2))
    group = ["--model-package-group-name", "EmpBonusPackageGroup"]
    workplace.aws("sagemaker", "create-model-package-group", *group)

    ran = mine.run(program, RESOURCE_METADATA=workplace.sdk.metadata)
    (package,) = workplace.aws("sagemaker", "list-model-packages", *group)["ModelPackageSummaryList"]
    arn = ["--model-package-arn", package["ModelPackageArn"]]
    workplace.aws("sagemaker", "update-model-package", *arn, "--model-approval-status", "Approved")

    assert ran["role"] == workplace.sdk.role
    assert {name.removesuffix("-RegisterModel"): status for name, status in ran["steps"].items()} == dict.fromkeys(
        ("EmpBonusPreProcessing", "EmpBonusDataSplit", "EmpBonusTraining", "EmpBonusRegisterModel"), "Succeeded"
    )
    described = workplace.aws("sagemaker", "describe-model-package", "--model-package-name", arn[1])
    assert described["ModelApprovalStatus"] == "Approved"
    assert described["CustomerMetadataProperties"] == {"ModelType": "EmpBonusPrediction"}
    workplace.aws("sagemaker", "delete-model-package", "--model-package-name", arn[1])
    workplace.aws("sagemaker", "delete-model-package-group", *group)


def test_an_image_of_ones_own_is_refused_before_the_pipeline_is_made_unless_a_script_says_what_to_run(
    project: Make, workplace: Workplace
) -> None:
    mine = project(V2, "own_container")

    refused = mine.attempt("create_pipeline.py")
    ran = mine.run("create_pipeline.py", "train.py")

    said = " ".join((refused.stdout + refused.stderr).split())
    assert refused.returncode != 0
    assert "calling the CreatePipeline operation: step Train: the image 123456789012.dkr.ecr.us-east-1" in said
    assert "run it on AWS" in said
    assert ran == "done"
