"""A workflow with a gate on accuracy: created by a script, started with boto3, approved with the AWS CLI."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError
from sdk_projects import V2, V3, Project, Sdk, Workplace

STEPS = ("PreprocessData", "TrainModel", "EvaluateModel", "CheckAccuracy")

DATA_IN, IMAGE_IN = [["Input", kind, "ContributedTo", "artifact"] for kind in ("DataSet", "Image")]
DATA_OUT, MODEL_OUT = [["Output", kind, "Produced", "artifact"] for kind in ("DataSet", "Model")]
LINEAGE = {  # of the steps with lineage of their own, as the SDK's visualizer shows it
    "PreprocessData": [DATA_IN, DATA_IN, IMAGE_IN, DATA_OUT, DATA_OUT],
    "TrainModel": [DATA_IN, DATA_IN, IMAGE_IN, MODEL_OUT],
    "EvaluateModel": [DATA_IN, DATA_IN, DATA_IN, IMAGE_IN, DATA_OUT],
    "RegisterModel-RegisterModel": [
        ["Input", "Approval", "ContributedTo", "action"],
        IMAGE_IN,
        ["Input", "Model", "ContributedTo", "artifact"],
        ["Output", "ModelGroup", "AssociatedWith", "context"],
    ],
}


def started(workplace: Workplace, threshold: str) -> str:
    """An execution as the project's README starts one."""
    parameters = {"ProcessingInstanceType": "ml.t3.medium", "AccuracyThreshold": threshold}
    found: str = workplace.client("sagemaker").start_pipeline_execution(
        PipelineName="MLOpsPipeline",
        PipelineParameters=[{"Name": name, "Value": value} for name, value in parameters.items()],
    )["PipelineExecutionArn"]
    return found


@pytest.mark.parametrize(
    ("sdk", "program", "registering"),
    [
        (V2, "create_pipeline.py", "RegisterModel-RegisterModel"),  # the SDK's collection names its step after itself
        (V3, "create_pipeline_v3.py", "RegisterModel"),
    ],
    ids=["v2", "v3"],
)
def test_a_workflow_registers_what_passes_its_gate_and_nothing_else(
    sdk: Sdk,
    program: str,
    registering: str,
    project: Callable[[Sdk, str], Project],
    workplace: Workplace,
    customers: Callable[[int, int], str],
) -> None:
    mine = project(sdk, "workflow")
    workplace.put("mlops/raw/customers.csv", customers(1200, 1))

    made = mine.run(program)
    execution = started(workplace, "0.7")
    passed = mine.run("monitor_pipeline.py", execution)
    pending = ["list-model-packages", "--model-package-group-name", made["group"],
               "--model-approval-status", "PendingManualApproval"]  # fmt: skip
    (package,) = workplace.aws("sagemaker", *pending)["ModelPackageSummaryList"]
    arn = package["ModelPackageArn"]
    workplace.aws(
        "sagemaker", "update-model-package", "--model-package-arn", arn, "--model-approval-status", "Approved"
    )
    failed = mine.run("monitor_pipeline.py", started(workplace, "0.99"))
    lineage = mine.run("lineage.py", execution) if sdk is V2 else LINEAGE
    left = mine.run("cleanup.py")

    succeeded = dict.fromkeys(STEPS, "Succeeded")
    assert passed == {
        "status": "Succeeded", "steps": succeeded | {registering: "Succeeded"}, "cached": []
    }  # fmt: skip
    assert failed == {"status": "Succeeded", "steps": succeeded, "cached": sorted(STEPS[:3])}
    assert lineage == LINEAGE
    assert left["packages"] == ["model-package/mlops-pipeline-models/1"]
    with pytest.raises(ClientError, match="does not exist"):
        workplace.client("sagemaker").describe_pipeline(PipelineName="MLOpsPipeline")
