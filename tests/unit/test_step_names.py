"""What a pipeline's steps start is named as on AWS, and names that its API refuses are refused."""

from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from hypothesis import given
from hypothesis import strategies as st

from localcloud.front.bounds.constraints import Broken, checked
from localcloud.sagemaker.pipelines.step_types.registry import step_type
from localcloud.sagemaker.step_names import fresh_token

MODEL = ServiceModel(Loader().load_service_model("sagemaker", "service-2"))
OPERATIONS = {  # kind of a step -> operation, the parameter that names what is made, its longest
    "Processing": ("CreateProcessingJob", "ProcessingJobName", 63),
    "Training": ("CreateTrainingJob", "TrainingJobName", 63),
    "Tuning": ("CreateHyperParameterTuningJob", "HyperParameterTuningJobName", 32),
    "Transform": ("CreateTransformJob", "TransformJobName", 63),
    "Model": ("CreateModel", "ModelName", 63),
}


def problems(operation: str, parameter: str, name: str) -> list[Broken]:
    """What of one parameter is refused."""
    shape: Any = MODEL.operation_model(operation).input_shape
    check = checked(shape)
    return [one for one in check({parameter: name}) if one.rule != "not be null"] if check else []


@pytest.mark.parametrize(
    ("kind", "step", "seen"),
    [
        ("Training", "Rossmann-Model-Train", "pipelines-8pk6dxn4cfvl-Rossmann-Model-Train-bPVYsMzUlc"),
        ("Training", "EvaluateCustomModel", "pipelines-p1gtwhjm9dzt-EvaluateCustomModel-XEdt5h2gQC"),
        ("Processing", "class-tfidf-evaluation", "pipelines-123456abcdef-class-tfidf-evaluati-abcdef1234"),
        ("Transform", "apply-best-model", "pipelines-7s1cdjmwshwl-apply-best-model-7uo0cjtngi"),
        ("Model", "create-model", "pipelines-7s1cdjmwshwl-create-model-hvZh7eqxCd"),
        ("Tuning", "hptuning", "bqbpzw5k3d15-hptuning-U0H0Wl6oKU"),
    ],
)
def test_names_are_such_as_jobs_on_aws_had(kind: str, step: str, seen: str) -> None:
    execution, token = seen.removeprefix("pipelines-")[:12], seen[-10:]

    assert step_type(kind).name(execution, step, token) == seen


@given(kind=st.sampled_from(list(OPERATIONS)), step=st.from_regex(r"[A-Za-z0-9](-*[A-Za-z0-9]){0,40}", fullmatch=True))
def test_the_name_of_whatever_step_is_one_that_its_operation_takes(kind: str, step: str) -> None:
    operation, parameter, most = OPERATIONS[kind]

    name = step_type(kind).name("abcdefghijkl", step, fresh_token())

    assert problems(operation, parameter, name) == []
    assert len(name) <= most


@pytest.mark.parametrize("kind", OPERATIONS)
def test_a_name_of_one_character_too_many_is_refused_in_awss_words(kind: str) -> None:
    operation, parameter, most = OPERATIONS[kind]
    word, longer = f"{parameter[0].lower()}{parameter[1:]}", "n" * (most + 1)

    (told,) = problems(operation, parameter, longer)

    assert problems(operation, parameter, "n" * most) == []
    assert told == Broken(f".{word}", f"Value '{longer}'", f"have length less than or equal to {most}")


@pytest.mark.parametrize("name", ["under_score", "-front", "back-", "a b", "ü"])
def test_a_name_of_another_form_is_refused_with_the_pattern(name: str) -> None:
    (told,) = problems("CreateTrainingJob", "TrainingJobName", name)

    assert told[:2] == (".trainingJobName", f"Value '{name}'")
    assert told.rule.startswith("satisfy regular expression pattern: ")
