"""Create or update the pipeline MLOpsPipeline, with SDK v3."""

import json

import boto3
from sagemaker.core import image_uris
from sagemaker.core.processing import ScriptProcessor
from sagemaker.core.shapes import ProcessingInput, ProcessingOutput, ProcessingS3Input, ProcessingS3Output
from sagemaker.core.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.core.workflow.functions import JsonGet
from sagemaker.core.workflow.parameters import ParameterFloat, ParameterString
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep, TrainingStep
from sagemaker.serve.model_builder import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, OutputDataConfig, StoppingCondition

GROUP = "mlops-pipeline-models"
BASE = "/opt/ml/processing"
session = PipelineSession()
bucket, region = session.default_bucket(), session.boto_region_name
processing_type = ParameterString("ProcessingInstanceType", default_value="ml.m5.xlarge")
training_type = ParameterString("TrainingInstanceType", default_value="ml.m5.xlarge")
threshold = ParameterFloat("AccuracyThreshold", default_value=0.75)
cache = CacheConfig(enable_caching=True, expire_after="P30D")
sklearn = image_uris.retrieve("sklearn", region, version="1.2-1")
xgboost = image_uris.retrieve("xgboost", region, version="1.7-1")


def taken(name, uri):
    return ProcessingInput(
        input_name=name,
        s3_input=ProcessingS3Input(
            s3_uri=uri, local_path=f"{BASE}/{name}", s3_data_type="S3Prefix", s3_input_mode="File"
        ),
    )


def left(name):
    uri = f"s3://{bucket}/mlops/{name}"
    return ProcessingOutput(
        output_name=name,
        s3_output=ProcessingS3Output(s3_uri=uri, local_path=f"{BASE}/{name}", s3_upload_mode="EndOfJob"),
    )


def processor(image, name):
    return ScriptProcessor(
        image_uri=image,
        command=["python3"],
        instance_type=processing_type,
        instance_count=1,
        base_job_name=name,
        sagemaker_session=session,
    )


preprocess = ProcessingStep(
    name="PreprocessData",
    step_args=processor(sklearn, "mlops-preprocess").run(
        code="preprocess.py",
        arguments=["--test-size", "0.2"],
        inputs=[taken("input", f"s3://{bucket}/mlops/raw/")],
        outputs=[left("train"), left("validation")],
    ),
    cache_config=cache,
)
tables = preprocess.properties.ProcessingOutputConfig.Outputs

trainer = ModelTrainer(
    training_image=xgboost,
    sagemaker_session=session,
    base_job_name="mlops-train",
    compute=Compute(instance_type=training_type, instance_count=1, enable_managed_spot_training=True),
    stopping_condition=StoppingCondition(max_runtime_in_seconds=3600, max_wait_time_in_seconds=7200),
    output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/mlops/models"),
    hyperparameters={"objective": "binary:logistic", "num_round": 40, "max_depth": 4, "eta": 0.2, "eval_metric": "auc"},
    input_data_config=[
        InputData(channel_name=name, data_source=tables[name].S3Output.S3Uri, content_type="text/csv")
        for name in ("train", "validation")
    ],
)
train = TrainingStep(name="TrainModel", step_args=trainer.train(), cache_config=cache)
artifact = train.properties.ModelArtifacts.S3ModelArtifacts

report = PropertyFile(name="EvaluationReport", output_name="evaluation", path="evaluation.json")
evaluate = ProcessingStep(
    name="EvaluateModel",
    step_args=processor(xgboost, "mlops-evaluate").run(
        code="evaluate.py",
        inputs=[taken("model", artifact), taken("validation", tables["validation"].S3Output.S3Uri)],
        outputs=[left("evaluation")],
    ),
    property_files=[report],
    cache_config=cache,
)

role = boto3.client("iam").get_role(RoleName="AmazonSageMaker-ExecutionRole")["Role"]["Arn"]
builder = ModelBuilder(image_uri=xgboost, s3_model_data_url=artifact, role_arn=role, sagemaker_session=session)
register = ModelStep(
    name="RegisterModel",
    step_args=builder.register(
        model_package_group_name=GROUP,
        content_types=["text/csv"],
        response_types=["text/csv"],
        inference_instances=["ml.t2.medium", "ml.m5.large"],
        transform_instances=["ml.m5.large"],
        approval_status="PendingManualApproval",
    ),
)
accuracy = JsonGet(
    step_name=evaluate.name, property_file=report, json_path="binary_classification_metrics.accuracy.value"
)
check = ConditionStep(
    name="CheckAccuracy",
    conditions=[ConditionGreaterThanOrEqualTo(left=accuracy, right=threshold)],
    if_steps=[register],
    else_steps=[],
)
pipeline = Pipeline(
    name="MLOpsPipeline",
    parameters=[processing_type, training_type, threshold],
    steps=[preprocess, train, evaluate, check],
    sagemaker_session=session,
)
print(json.dumps({"pipeline": pipeline.upsert()["PipelineArn"], "group": GROUP}))
