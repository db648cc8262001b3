"""The churn guide's pipeline with SDK v3: build, run with parameters of its own, say what became of it."""

import json
import sys

import boto3
from botocore.exceptions import WaiterError
from sagemaker.core import image_uris
from sagemaker.core.model_metrics import MetricsSource, ModelMetrics
from sagemaker.core.processing import FrameworkProcessor, ScriptProcessor
from sagemaker.core.shapes import ProcessingInput, ProcessingOutput, ProcessingS3Input, ProcessingS3Output
from sagemaker.core.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.core.workflow.functions import Join, JsonGet
from sagemaker.core.workflow.parameters import ParameterFloat, ParameterInteger, ParameterString
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import ProcessingStep, TrainingStep
from sagemaker.serve.model_builder import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, OutputDataConfig

BASE = "/opt/ml/processing"
session = PipelineSession()
bucket, region = session.default_bucket(), session.boto_region_name
role = boto3.client("iam").get_role(RoleName="AmazonSageMaker-ExecutionRole")["Role"]["Arn"]
data = ParameterString("InputData", default_value=f"s3://{bucket}/churn-guide/churn.csv")
split = ParameterFloat("TrainTestSplit", default_value=0.8)
instances = ParameterString("ProcessingInstanceType", default_value="ml.m5.large")
training = ParameterString("TrainingInstanceType", default_value="ml.m5.xlarge")
depth = ParameterInteger("MaxDepth", default_value=3)
rounds = ParameterInteger("NumRound", default_value=30)
rate = ParameterFloat("Eta", default_value=0.2)
least = ParameterFloat("MinAuc", default_value=0.7)
image = image_uris.retrieve("xgboost", region, version="1.7-1")
machine = {"image_uri": image, "role": role, "instance_type": instances, "instance_count": 1,
           "sagemaker_session": session, "command": ["python3"]}  # fmt: skip


def taken(name, uri, path):
    source = ProcessingS3Input(s3_uri=uri, local_path=path, s3_data_type="S3Prefix", s3_input_mode="File")
    return ProcessingInput(input_name=name, s3_input=source)


def left(name, path):
    place = ProcessingS3Output(s3_uri=f"s3://{bucket}/churn-guide/{name}", local_path=path, s3_upload_mode="EndOfJob")
    return ProcessingOutput(output_name=name, s3_output=place)


process = ProcessingStep(
    name="ProcessData",
    step_args=FrameworkProcessor(**machine).run(
        code="preprocessing.py",
        source_dir="src",
        inputs=[taken("input", data, f"{BASE}/input")],
        outputs=[left(name, f"{BASE}/output/{name}") for name in ("train", "validation", "test")],
        arguments=["--train-test-split", split.to_string()],
    ),
)
tables = process.properties.ProcessingOutputConfig.Outputs
trainer = ModelTrainer(
    training_image=image,
    role=role,
    sagemaker_session=session,
    base_job_name="churn-guide",
    compute=Compute(instance_type=training, instance_count=1),
    output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/churn-guide/models"),
    hyperparameters={
        "objective": "binary:logistic", "eval_metric": "auc", "max_depth": depth, "num_round": rounds, "eta": rate
    },
    input_data_config=[
        InputData(channel_name=name, data_source=tables[name].S3Output.S3Uri, content_type="text/csv")
        for name in ("train", "validation")
    ],
)  # fmt: skip
train = TrainingStep(name="TrainModel", step_args=trainer.train())
artifact = train.properties.ModelArtifacts.S3ModelArtifacts

report = PropertyFile(name="EvaluationReport", output_name="evaluation", path="evaluation.json")
evaluate = ProcessingStep(
    name="EvaluateModel",
    step_args=ScriptProcessor(**machine).run(
        code="evaluate.py",
        inputs=[
            taken("model", artifact, f"{BASE}/model"),
            taken("validation", tables["validation"].S3Output.S3Uri, f"{BASE}/validation"),
        ],
        outputs=[left("evaluation", f"{BASE}/evaluation")],
    ),
    property_files=[report],
)
builder = ModelBuilder(image_uri=image, s3_model_data_url=artifact, role_arn=role, sagemaker_session=session)
create = ModelStep(name="CreateModel", step_args=builder.build())
report_uri = Join(
    on="/", values=[evaluate.properties.ProcessingOutputConfig.Outputs["evaluation"].S3Output.S3Uri, "evaluation.json"]
)
register = ModelStep(
    name="RegisterModel",
    step_args=builder.register(
        content_types=["text/csv"],
        response_types=["text/csv"],
        inference_instances=["ml.m5.large"],
        transform_instances=["ml.m5.large"],
        model_package_group_name="churn-guide",
        approval_status="PendingManualApproval",
        model_metrics=ModelMetrics(MetricsSource(content_type="application/json", s3_uri=report_uri)),
    ),
)
auc = JsonGet(step_name=evaluate.name, property_file=report, json_path="binary_classification_metrics.roc_auc.value")
gate = ConditionStep(
    name="CheckAuc",
    conditions=[ConditionGreaterThanOrEqualTo(left=auc, right=least)],
    if_steps=[create, register],
    else_steps=[FailStep(name="TooWeak", error_message=Join(on=" ", values=["ROC-AUC is below", least]))],
)
pipeline = Pipeline(
    name="churn-guide-pipeline",
    parameters=[data, split, instances, training, depth, rounds, rate, least],
    steps=[process, train, evaluate, gate],
    sagemaker_session=session,
)
definition = json.loads(pipeline.definition())
pipeline.upsert(role_arn=role, description=sys.argv[1])
execution = pipeline.start(parameters=dict(word.split("=") for word in sys.argv[2:]))
try:
    execution.wait(delay=1, max_attempts=200)
except WaiterError as error:
    print(error)
described = execution.describe()
print(
    json.dumps(
        {
            "names": [step["Name"] for step in definition["Steps"]],
            "status": described["PipelineExecutionStatus"],
            "reason": described.get("FailureReason"),
            "version": described["PipelineVersionId"],
            "parameters": {each["Name"]: each["Value"] for each in execution.list_parameters()["PipelineParameters"]},
            "steps": {step["StepName"]: step["StepStatus"] for step in execution.list_steps()},
            "reasons": {s["StepName"]: s["FailureReason"] for s in execution.list_steps() if "FailureReason" in s},
        }
    )
)
