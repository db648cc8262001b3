"""What a pipeline says of a version and does with one that passed its gate. Pure: JSON in, JSON out."""

from collections.abc import Iterable

from pipelines.definition import placeholders as at
from pipelines.definition.step_json import Json, get, join, told

SCRIPT_MODE = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}


def finish(definition: Json, *, with_model: bool) -> None:
    """Finish what runs where the gate is passed, in place: ``with_model``, also as a Model that can be tried."""
    (check,) = (step["Arguments"] for step in definition["Steps"] if step["Type"] == "Condition")
    (register,) = check["IfSteps"]
    _finish_register(register)
    if with_model:
        check["IfSteps"].append(create_model(register))


def _finish_register(step: Json) -> None:
    """Say what the SDK will not: the step's plain name, and where the container finds code that is already packed.

    Given these variables, the SDK would upload code and repack the model that has been scored.
    """
    step["Name"] = step["Name"].removesuffix("-RegisterModel")
    for container in step["Arguments"]["InferenceSpecification"]["Containers"]:
        container["Environment"] = SCRIPT_MODE


def tell_hyperparameters(definition: Json, names: Iterable[str]) -> Json:
    """Evaluate hears which hyperparameters a run set, as Train does: reports then say what was really used."""
    (evaluate,) = (step for step in definition["Steps"] if step["Name"] == "Evaluate")
    specification = evaluate["Arguments"]["AppSpecification"]
    values = {name: join([get(f"Parameters.{name}")], "") for name in names}
    specification["ContainerArguments"] = [*(specification.get("ContainerArguments") or []), *told(values)]
    return definition


def create_model(register: Json) -> Json:
    """The version that passed as a SageMaker Model beside its registration: to try it before anybody decides.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-create-model
    """
    (container,) = register["Arguments"]["InferenceSpecification"]["Containers"]
    primary = {key: container[key] for key in ("Image", "ModelDataUrl", "Environment")}
    arguments = {"ExecutionRoleArn": at.JOBS_ROLE, "PrimaryContainer": primary}
    return {"Name": "CreateModel", "Type": "Model", "Arguments": arguments, "RetryPolicies": register["RetryPolicies"]}
