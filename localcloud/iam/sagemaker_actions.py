"""Which permissions a call of SageMaker needs, and one of Application Auto Scaling for its variants. Pure.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from localcloud.iam.permissions import Parameters, Place, RequiredPermission
from localcloud.iam.request_keys import approval_status

_NOUNS = {  # noun of an operation -> (parameter that names it, type in its ARN)
    "ProcessingJob": ("ProcessingJobName", "processing-job"),
    "TrainingJob": ("TrainingJobName", "training-job"),
    "TransformJob": ("TransformJobName", "transform-job"),
    "HyperParameterTuningJob": ("HyperParameterTuningJobName", "hyper-parameter-tuning-job"),
    "Model": ("ModelName", "model"),
    "EndpointConfig": ("EndpointConfigName", "endpoint-config"),
    "Endpoint": ("EndpointName", "endpoint"),
    "ModelPackageGroup": ("ModelPackageGroupName", "model-package-group"),
    "ModelPackage": ("ModelPackageName", "model-package"),
    "Pipeline": ("PipelineName", "pipeline"),
    "PipelineExecution": ("PipelineExecutionArn", "pipeline"),
    "PipelineExecutionSteps": ("PipelineExecutionArn", "pipeline"),
    "PipelineParametersForExecution": ("PipelineExecutionArn", "pipeline"),
    "PipelineDefinitionForExecution": ("PipelineExecutionArn", "pipeline"),
}
_ROLES = ("RoleArn", "ExecutionRoleArn")
PASSED_TO = "iam:PassedToService"


def needs(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    """What a call needs; None of an operation that is not known."""
    if operation == "InvokeEndpoint":
        return [RequiredPermission("sagemaker:InvokeEndpoint", _named("endpoint", parameters["EndpointName"], place))]
    arns = _SPECIAL[operation](parameters, place) if operation in _SPECIAL else _of_noun(operation, parameters, place)
    if arns is None:
        return None
    context = approval_status(operation, parameters)
    found = [RequiredPermission(f"sagemaker:{operation}", arn, context) for arn in arns]
    if operation.startswith("Create") and parameters.get("Tags"):
        found.append(RequiredPermission("sagemaker:AddTags", arns[0]))
    return found + [_pass_role(parameters[name]) for name in _ROLES if name in parameters]


def _pass_role(arn: str) -> RequiredPermission:
    return RequiredPermission("iam:PassRole", arn, {PASSED_TO: ("sagemaker.amazonaws.com",)})


def _of_noun(operation: str, parameters: Parameters, place: Place) -> list[str] | None:
    for verb in ("Create", "Describe", "Update", "Delete", "Stop", "List", "Start", "Retry"):
        noun = operation.removeprefix(verb)
        if noun != operation and noun in _NOUNS:
            parameter, kind = _NOUNS[noun]
            named = parameters.get(parameter) or parameters.get(f"{noun}Arn")
            return [_named(kind, str(named), place)] if named else None
    return None


def _named(kind: str, name: str, place: Place) -> str:
    """SageMaker writes names into ARNs in lower case."""
    return place.arn("sagemaker", f"{kind}/{name.lower()}") if not name.startswith("arn:") else name


def _waiting_execution(parameters: Parameters, place: Place) -> list[str]:
    """A callback token names no ARN: whoever knows its execution adds it; an unknown one is the service's to refuse.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
    """
    return [parameters["PipelineExecutionArn"]] if "PipelineExecutionArn" in parameters else []


def _endpoint_and_config(parameters: Parameters, place: Place) -> list[str]:
    config = parameters.get("EndpointConfigName")
    found = [_named("endpoint", parameters["EndpointName"], place)]
    return [*found, _named("endpoint-config", config, place)] if config else found


def _new_package(parameters: Parameters, place: Place) -> list[str]:
    """A version's number is not known before it is made; the group must admit it, too."""
    group = parameters.get("ModelPackageGroupName")
    if group is None:
        return [_named("model-package", parameters["ModelPackageName"], place)]
    name = group.rpartition("/")[2]
    return [_named("model-package", f"{name}/*", place), _named("model-package-group", name, place)]


def _packages_of(parameters: Parameters, place: Place) -> str:
    """Listing a group is held against its versions; listing without one against all.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy-xaccount.html (its policy
    AddPermModelPackageVersion)
    """
    group = str(parameters.get("ModelPackageGroupName", "*")).rpartition("/")[2]
    return _named("model-package", f"{group}/*", place)


_SPECIAL: Mapping[str, Callable[[Parameters, Place], list[str]]] = {
    "CreateEndpoint": _endpoint_and_config,
    "UpdateEndpoint": _endpoint_and_config,
    "CreateModelPackage": _new_package,
    "ListModelPackages": lambda parameters, place: [_packages_of(parameters, place)],
    "StartPipelineExecution": lambda parameters, place: [_named("pipeline", parameters["PipelineName"], place)],
    "ListPipelineVersions": lambda parameters, place: [_named("pipeline", parameters["PipelineName"], place)],
    "ListPipelineExecutions": lambda parameters, place: [_named("pipeline", parameters["PipelineName"], place)],
    "ListTrainingJobsForHyperParameterTuningJob": lambda parameters, place: [
        _named("hyper-parameter-tuning-job", parameters["HyperParameterTuningJobName"], place)
    ],
    "SendPipelineExecutionStepSuccess": _waiting_execution,
    "SendPipelineExecutionStepFailure": _waiting_execution,
    "AddTags": lambda parameters, place: [parameters["ResourceArn"]],
    "ListTags": lambda parameters, place: [parameters["ResourceArn"]],
    "DeleteTags": lambda parameters, place: [parameters["ResourceArn"]],
}


# --- Application Auto Scaling

SCALING = "application-autoscaling"
LINKED_TO_SCALING = "sagemaker.application-autoscaling.amazonaws.com"
_SCALING_NEEDS = {  # beside its own action: what the service tries in the caller's name
    "RegisterScalableTarget": ("sagemaker:DescribeEndpoint", "sagemaker:UpdateEndpointWeightsAndCapacities"),
    "PutScalingPolicy": ("cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"),
    "DeleteScalingPolicy": ("cloudwatch:DeleteAlarms",),
    "DeregisterScalableTarget": ("cloudwatch:DeleteAlarms",),
}


def of_scaling(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    """What a call of Application Auto Scaling needs: its own action, and what the service does in the caller's name.
    Whoever registers may make the service's own role, as if the account had none yet.

    Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsapplicationautoscaling.html,
    https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_permission_validation.html and
    https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
    """
    resource = str(parameters.get("ResourceId", ""))
    if operation not in _SCALING_NEEDS or not resource:
        return None
    dimension = str(parameters.get("ScalableDimension", ""))
    keys = {
        f"{SCALING}:service-namespace": (str(parameters.get("ServiceNamespace", "")),),
        f"{SCALING}:scalable-dimension": (dimension,),
    }
    own = RequiredPermission(f"{SCALING}:{operation}", scalable_target_arn(resource, dimension, place), keys)
    endpoint = _named("endpoint", resource.removeprefix("endpoint/").partition("/")[0], place)
    alarm = place.arn("cloudwatch", f"alarm:TargetTracking-{resource}-AlarmHigh")
    on = {"sagemaker": endpoint, "cloudwatch": alarm}
    found = [RequiredPermission(action, on[action.partition(":")[0]]) for action in _SCALING_NEEDS[operation]]
    return [own, *found, *(_linked_role(place) if operation == "RegisterScalableTarget" else [])]


def scalable_target_arn(resource: str, dimension: str, place: Place) -> str:
    """The ARN of a scalable target, whose id says nothing of what is scaled."""
    digest = hashlib.sha256(f"{resource}\n{dimension}".encode()).hexdigest()[:36]
    return place.arn(SCALING, f"scalable-target/{digest}")


def linked_role_arn(place: Place) -> str:
    """The role that Application Auto Scaling makes for itself, to scale variants."""
    name = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    return f"arn:aws:iam::{place.account}:role/aws-service-role/{LINKED_TO_SCALING}/{name}"


def _linked_role(place: Place) -> list[RequiredPermission]:
    to = {"iam:AWSServiceName": (LINKED_TO_SCALING,)}
    return [RequiredPermission("iam:CreateServiceLinkedRole", linked_role_arn(place), to)]
