"""The compiled definitions: valid for AWS, complete, and what the model files say."""

import json
import re
from dataclasses import replace

import boto3
import pytest
from app.decide.messages import PredictionsRequested
from botocore.validate import ParamValidator

from pipelines.definition import placeholders, tuning
from pipelines.model import model_file, views
from pipelines.model.views import View
from pipelines.publishing import freshness, measuring
from pipelines.publishing.publish import OF_JOBS, NoImage, StackNames, definition_for
from tests.contract.compiled_pipelines import COMPILED

STACK = StackNames(
    "my-bucket",
    "arn:aws:iam::123456789012:role/pipeline",
    "arn:aws:iam::123456789012:policy/jobs",
    "arn:aws:iam::123456789012:policy/serving",
    "https://sqs.eu-west-1.amazonaws.com/123456789012/champions",
    "retrain",
    "eu-west-1",
    30,
)
OPERATIONS = {
    "Processing": ("CreateProcessingJob", "ProcessingJobName"), "Training": ("CreateTrainingJob", "TrainingJobName"),
    "RegisterModel": ("CreateModelPackage", "ModelPackageName"),
    "Tuning": ("CreateHyperParameterTuningJob", "HyperParameterTuningJobName"), "Model": ("CreateModel", "ModelName"),
    "Transform": ("CreateTransformJob", "TransformJobName"),
}  # fmt: skip
STAND_INS = {"integer": 1, "long": 1, "float": 1.0, "double": 1.0, "boolean": True}
SERVICE = boto3.client("sagemaker", region_name="us-east-1").meta.service_model
MODELS = model_file.names()
DEFINITIONS = [path.stem for path in COMPILED]  # a model's name, and with --tuned where it has a pipeline that tunes


def template(name):
    return (freshness.COMPILED / f"{name}.json").read_text()


def published(name):
    model = model_file.load(model_file.path_of(model_of(name)))
    return json.loads(definition_for(template(name), model, STACK, "c" * 64))


def model_of(name):
    return name.partition("--")[0]


def steps(definition):
    for step in definition["Steps"]:
        yield step
        if step["Type"] == "Condition":
            yield from steps({"Steps": step["Arguments"]["IfSteps"] + step["Arguments"]["ElseSteps"]})


def resolved(value, shape):
    """Put values of the right type in the place of references."""
    if isinstance(value, dict) and any(key == "Get" or key.startswith("Std:") for key in value):
        return STAND_INS.get(shape.type_name, "s3://bucket/key")
    if shape.type_name == "structure" and isinstance(value, dict):
        known = shape.members
        return {key: resolved(inner, known[key]) if key in known else inner for key, inner in value.items()}
    if shape.type_name == "list":
        return [resolved(inner, shape.member) for inner in value]
    if shape.type_name == "map":
        return {key: resolved(inner, shape.value) for key, inner in value.items()}
    return value


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_step_is_a_request_that_aws_takes(name):
    for step in steps(published(name)):
        if step["Type"] in OPERATIONS:
            operation, parameter = OPERATIONS[step["Type"]]
            shape = SERVICE.operation_model(operation).input_shape
            arguments = {parameter: "name"} | resolved(step["Arguments"], shape)
            unknown = set(arguments) - set(shape.members)

            report = ParamValidator().validate(arguments, shape)

            assert not report.has_errors(), f"{step['Name']}: {report.generate_report()}"
            assert not unknown


@pytest.mark.parametrize("model", MODELS)
def test_a_definition_is_what_its_model_file_gives(model):
    assert freshness.is_fresh(model_file.load(model_file.path_of(model)))


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_placeholder_is_filled(name):
    assert "@{" not in json.dumps(published(name))


def test_an_unknown_placeholder_is_an_error():
    with pytest.raises(placeholders.UnknownPlaceholder):
        placeholders.fill("@{Unheard}", {})


def test_a_region_without_the_image_is_told_so():
    model = model_file.load(model_file.path_of("churn"))

    with pytest.raises(NoImage, match="in mars-east-1"):
        definition_for(template("churn"), model, replace(STACK, region="mars-east-1"), "c" * 64)


def test_the_images_are_those_that_the_definitions_name():
    images = json.loads(freshness.IMAGES_PATH.read_text())

    assert set(images) == set(placeholders.IMAGES)
    assert images["xgboost:3.2-0"]["us-east-1"].endswith("/sagemaker-xgboost:3.2-0")
    assert images["sklearn:1.9-0"]["us-east-1"].endswith("/sagemaker-scikit-learn:1.9-0-cpu-py3")


def test_churn_has_the_steps_and_parameters_by_their_names():
    definition = json.loads(template("churn"))

    assert [(step["Name"], step["Type"]) for step in steps(definition)] == [
        ("Preprocess", "Processing"), ("Train", "Training"), ("ScoreChampion", "Processing"),
        ("Evaluate", "Processing"), ("CheckQuality", "Condition"), ("Register", "RegisterModel"),
        ("CreateModel", "Model"),
    ]  # fmt: skip
    assert {parameter["Name"]: parameter["Type"] for parameter in definition["Parameters"]} == {
        "InputData": "String", "ProcessingInstanceType": "String", "ProcessingInstanceCount": "Integer",
        "TrainingInstanceType": "String", "AccuracyThreshold": "Float",
        "TrainFraction": "Float", "ValidationFraction": "Float",
        "max_depth": "Integer", "num_round": "Integer", "eta": "Float", "subsample": "Float",
        "colsample_bytree": "Float", "ChampionImage": "String", "ChampionModel": "String", "ChampionVersion": "Integer",
    }  # fmt: skip


def test_hyperparameters_are_the_model_files():
    model = model_file.load(model_file.path_of("churn"))
    definition = published("churn")
    defaults = {parameter["Name"]: parameter.get("DefaultValue") for parameter in definition["Parameters"]}
    (train,) = (step for step in steps(definition) if step["Name"] == "Train")
    given = {
        name: str(defaults[name]) if isinstance(value, dict) else value
        for name, value in train["Arguments"]["HyperParameters"].items()
    }

    wanted = {name: str(value) for name, value in model["algorithms"][0]["hyperparameters"].items()}

    assert given == wanted
    assert defaults["AccuracyThreshold"] == model["gate"][0]["at_least"]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_steps_are_cached_and_nothing_that_they_take_changes_from_run_to_run(name):
    for step in steps(published(name)):
        if step["Type"] in ("Processing", "Training"):
            takes = {key: value for key, value in step["Arguments"].items() if "Output" not in key}

            assert step["CacheConfig"] == {"Enabled": True, "ExpireAfter": "P30D"}
            assert "Execution." not in json.dumps(takes)
            assert step["RetryPolicies"]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_parameter_but_the_data_has_a_default_once_it_is_published(name):
    assert [one["Name"] for one in published(name)["Parameters"] if "DefaultValue" not in one] == ["InputData"]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_each_job_reads_its_own_view_of_the_model_file_or_none(name):
    model = model_file.load(model_file.path_of(model_of(name)))
    found = {}
    for step in steps(published(name)):
        for given in step["Arguments"].get("ProcessingInputs", []):
            if given["InputName"] == "config":
                found[step["Name"]] = given["S3Input"]["S3Uri"].removeprefix("s3://my-bucket/config/versions/")
    uris = {view: f"{model['name']}/{view}/{views.sha256(view, model)}.json" for view in OF_JOBS}
    wanted = {
        one: uris[View.PREPARATION if one in ("Preprocess", "Split") else View.EVALUATION]
        for one in names(published(name))
        if one in ("Preprocess", "Split", "ScoreChampion") or one.startswith("Evaluate")
    }

    assert found == wanted


@pytest.mark.parametrize("name", DEFINITIONS)
def test_what_runs_leave_lies_under_their_execution(name):
    text = json.dumps(published(name))

    assert text.count("s3://my-bucket/pipelines/") == text.count('{"Get": "Execution.PipelineExecutionId"}')


@pytest.mark.parametrize("name", DEFINITIONS)
def test_jobs_take_the_hours_and_the_capacity_that_their_model_file_says(name):
    """tests/clients/test_time_limits.py compiles what no model file here says."""
    model = model_file.load(model_file.path_of(model_of(name)))
    jobs = [step for step in steps(published(name)) if step["Type"] in ("Processing", "Training", "Tuning")]
    limit = {"MaxRuntimeInSeconds": model["instances"]["max_hours"] * 3600}

    assert {"Processing"} < {step["Type"] for step in jobs}
    for step in jobs:
        job = step["Arguments"].get("TrainingJobDefinition", step["Arguments"])
        spot = step["Type"] != "Processing" and model["spot"]
        assert bool(job.get("EnableManagedSpotTraining")) == spot
        assert job["StoppingCondition"] == limit | ({"MaxWaitTimeInSeconds": 3600} if spot else {})


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_job_runs_a_script_that_exists(name):
    for step in steps(published(name)):
        if step["Type"] == "Processing":
            script = step["Arguments"]["AppSpecification"]["ContainerEntrypoint"][1].rsplit("/", 1)[1]

            assert (model_file.SCRIPTS / script).is_file()


def names(definition):
    return [step["Name"] for step in steps(definition)]


@pytest.mark.parametrize(
    ("name", "kind", "step"),
    [("california-housing", "Training", "Train"), ("california-housing--tuned", "Tuning", "Tune")],
)
def test_california_has_three_algorithms_and_registers_the_one_that_won_and_passed(name, kind, step):
    definition = json.loads(template(name))
    by_name = {step["Name"]: step for step in steps(definition)}
    labels = ("Xgboost", "Knn", "Sklearn")

    assert len(names(definition)) == len(by_name)
    assert {one for one in by_name if by_name[one]["Type"] in ("Training", "Tuning")} == {
        f"{step}{one}" for one in labels
    }
    assert {by_name[f"{step}{label}"]["Type"] for label in labels} == {kind}
    for label in labels:
        check = by_name[f"CheckQuality{label}"]["Arguments"]
        assert [one["Name"] for one in check["IfSteps"]] == [f"Register{label}"]
        assert [(one["LeftValue"]["Std:JsonGet"]["Path"], one["RightValue"]) for one in check["Conditions"]] == [
            ("verdict.outcome", "Passed"), ("winner", label.lower()),
        ]  # fmt: skip
    assert len(by_name["RegisterKnn"]["Arguments"]["InferenceSpecification"]["Containers"]) == 3


def test_a_run_that_tunes_says_how_much_and_nothing_of_what_is_searched():
    trained, tuned = (
        {one["Name"] for one in json.loads(template(name))["Parameters"]}
        for name in ("california-housing", "california-housing--tuned")
    )

    assert tuned - trained == {"MaxTuningJobs", "ParallelTuningJobs"}
    assert {"xgboost_eta", "knn_k", "sklearn_max_depth"} < trained - tuned
    assert "ComparisonMetric" in trained & tuned


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_parameter_is_used(name):
    definition = json.loads(template(name))

    assert {one["Name"] for one in definition["Parameters"]} == set(
        re.findall(r'"Parameters\.(\w+)"', json.dumps(definition))
    )


def test_there_are_the_compiled_definitions_of_the_models_and_no_others():
    wanted = [
        freshness.definition_path(model, tuned=tuned)
        for model in MODELS
        for tuned in tuning.kinds(model_file.load(model_file.path_of(model)))
    ]

    assert sorted(COMPILED) == sorted(wanted)


def test_employee_bonus_cleans_splits_and_serves_the_linear_learner_between_two_containers():
    definition = json.loads(template("employee-bonus"))
    by_name = {step["Name"]: step for step in steps(definition)}
    train = by_name["Train"]["Arguments"]

    assert names(definition) == [
        "Preprocess", "Split", "AskChampion", "ScoreChampion", "PackStages", "Train", "Model", "Transform", "Evaluate",
        "CheckQuality", "Register",
    ]  # fmt: skip
    assert train["AlgorithmSpecification"]["TrainingImage"] == "@{Image:linear-learner:1}"
    assert set(train["HyperParameters"]) == {"mini_batch_size", "epochs", "predictor_type", "feature_dim"}
    assert train["HyperParameters"]["feature_dim"]["Std:JsonGet"]["PropertyFile"] == {
        "Get": "Steps.Split.PropertyFiles.Width"
    }
    assert {channel["ChannelName"]: channel["ContentType"] for channel in train["InputDataConfig"]} == {
        "train": "text/csv", "validation": "text/csv",
    }  # fmt: skip
    assert len(by_name["Register"]["Arguments"]["InferenceSpecification"]["Containers"]) == 3


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_model_of_several_containers_asks_its_champion_by_the_message_that_the_app_reads(name):
    found = published(name)
    ask = next((step for step in steps(found) if step["Type"] == "Callback"), None)
    several = any(len(step["Arguments"].get("Containers", [])) > 1 for step in steps(found) if step["Type"] == "Model")
    assert (ask is not None) == several
    if ask is None:
        return

    given = ask["Arguments"] | {"version": 3, "records": "s3://my-bucket/records"}
    asked = PredictionsRequested.parse(
        json.dumps({"token": "0123456789", "pipelineExecutionArn": "arn", "arguments": given, "status": "Executing"})
    )
    (score,) = (step for step in steps(found) if step["Name"] == "ScoreChampion")
    heard = [
        one["S3Input"]["S3Uri"] for one in score["Arguments"]["ProcessingInputs"] if one["InputName"] == "joint-answers"
    ]

    assert asked == PredictionsRequested(
        "0123456789", "arn", model_of(name), 3, "s3://my-bucket/records", stopping=False
    )
    assert (ask["SqsQueueUrl"], [one["OutputName"] for one in ask["OutputParameters"]]) == (
        STACK.champion_queue_url, ["answers"],
    )  # fmt: skip
    assert heard == [{"Get": "Steps.AskChampion.OutputParameters['answers']"}]
    assert ask["Arguments"]["version"] == {"Get": "Parameters.ChampionVersion"}
    where, folder = ask["Arguments"]["records"]["Std:Join"]["Values"]
    assert "'questions'" in where["Get"]
    assert folder == "records"


@pytest.mark.parametrize("name", DEFINITIONS)
def test_what_measures_what_serves_trains_nothing_and_needs_no_other_step(name):
    found = published(name)
    chosen = measuring.steps(found)
    own = {step["Name"]: step for step in found["Steps"]}

    assert (chosen[0], chosen[-1]) == ("Preprocess", "ScoreChampion")
    assert {own[name]["Type"] for name in chosen} <= {"Processing", "Callback"}
    told = json.dumps([own[name] for name in chosen])
    assert set(re.findall(r"Steps\.(\w+)", told)) <= set(chosen)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_metadata_are_such_as_the_registry_takes(name):
    for step in steps(published(name)):
        told = step["Arguments"].get("CustomerMetadataProperties", {}) if step["Type"] == "RegisterModel" else {}
        texts = [text for pair in told.items() for text in pair if isinstance(text, str)]

        assert len(told) <= 50
        assert all(re.fullmatch(r"[\w .:/=+@-]{1,256}", text) for text in texts), texts


def test_what_a_model_file_registers_stands_in_the_definition():
    model = model_file.load(model_file.path_of("employee-bonus"))["registration"]
    (register,) = (step["Arguments"] for step in steps(published("employee-bonus")) if step["Type"] == "RegisterModel")
    told, inference = register["CustomerMetadataProperties"], register["InferenceSpecification"]

    assert told | model["metadata"] == told
    assert {"model", "algorithm", "evaluation", "verification"} < set(told)
    assert inference["SupportedRealtimeInferenceInstanceTypes"] == model["inference_instances"]
    assert inference["SupportedTransformInstanceTypes"] == model["transform_instances"]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_day_that_years_count_to_is_a_parameter_where_years_are_counted_and_cleanings_alone(name):
    definition = json.loads(template(name))
    counted = any(
        rule["as"] == "years"
        for rule in model_file.load(model_file.path_of(model_of(name)))["data"]["derived"].values()
    )
    takers = [step["Name"] for step in steps(definition) if step["Type"] != "Condition"
              and "Parameters.AsOfDate" in json.dumps(step["Arguments"])]  # fmt: skip
    defaults = {one["Name"]: one.get("DefaultValue") for one in definition["Parameters"]}

    assert takers == (["Preprocess"] if counted else [])
    assert defaults.get("AsOfDate") == ("newest-upload" if counted else None)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_each_evaluation_is_told_what_its_training_was(name):
    found = {step["Name"]: step for step in steps(published(name))}
    for evaluation, step in found.items():
        if evaluation.startswith("Evaluate"):
            label = evaluation.removeprefix("Evaluate")
            training = found.get(f"Tune{label}") or found[f"Train{label}"]
            said = step["Arguments"]["AppSpecification"].get("ContainerArguments", [])
            told = {said[at + 1]: said[at + 2] for at, word in enumerate(said) if word == "--hyperparameter"}

            for hyperparameter, value in told.items():
                if training["Type"] == "Training":
                    assert training["Arguments"]["HyperParameters"][hyperparameter] == value
                elif hyperparameter not in training["Arguments"]["TrainingJobDefinition"]["StaticHyperParameters"]:
                    path = f"BestTrainingJob.TunedHyperParameters['{hyperparameter}']"
                    assert value == {"Get": f"Steps.{training['Name']}.{path}"}
            settable = {one for one, value in hyperparameters(training).items() if isinstance(value, dict)}
            assert set(told) >= settable - {"feature_dim"}


def hyperparameters(training):
    """Of a training, or of each training of a search."""
    arguments = training["Arguments"]
    return arguments["HyperParameters"] if training["Type"] == "Training" else (
        arguments["TrainingJobDefinition"]["StaticHyperParameters"]
    )  # fmt: skip


def test_script_mode_is_told_its_region():
    for name, step in (("california-housing", "TrainSklearn"), ("california-housing--tuned", "TuneSklearn")):
        found = {step["Name"]: step for step in steps(published(name))}

        assert hyperparameters(found[step])["sagemaker_region"] == "eu-west-1"
