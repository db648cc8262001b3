"""Create or update the house price pipeline with SDK v3; where it works is told by environment variables."""

import json
import os

from sagemaker.core import image_uris
from sagemaker.core.processing import ScriptProcessor
from sagemaker.core.shapes import ProcessingInput, ProcessingOutput, ProcessingS3Input, ProcessingS3Output
from sagemaker.core.workflow.parameters import ParameterString
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import ProcessingStep, TrainingStep
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, MetricDefinition, OutputDataConfig, SourceCode

BASE = "/opt/ml/processing"
role, bucket = os.environ["SAGEMAKER_ROLE_ARN"], os.environ["S3_BUCKET"]
project = os.environ.get("PROJECT_NAME", "house-price")
session = PipelineSession(default_bucket=bucket)
region = session.boto_region_name
raw = ParameterString("InputData", default_value=f"s3://{bucket}/data/raw/house_data.csv")
processing_type = ParameterString("ProcessingInstanceType", default_value="ml.t3.medium")
training_type = ParameterString("TrainingInstanceType", default_value="ml.m5.large")


def output(name):
    place = ProcessingS3Output(
        s3_uri=f"s3://{bucket}/data/processed/{name}", local_path=f"{BASE}/output/{name}", s3_upload_mode="EndOfJob"
    )
    return ProcessingOutput(output_name=name, s3_output=place)


processor = ScriptProcessor(
    image_uri=image_uris.retrieve("sklearn", region, version="1.2-1"),
    command=["python3"],
    role=role,
    instance_type=processing_type,
    instance_count=1,
    sagemaker_session=session,
)
source = ProcessingS3Input(s3_uri=raw, local_path=f"{BASE}/input", s3_data_type="S3Prefix", s3_input_mode="File")
processing = ProcessingStep(
    name="DataProcessing",
    step_args=processor.run(
        code="src/run_processing.py",
        inputs=[ProcessingInput(input_name="raw", s3_input=source)],
        outputs=[output("train"), output("validation")],
    ),
)
tables = processing.properties.ProcessingOutputConfig.Outputs
trainer = ModelTrainer(
    training_image=image_uris.retrieve("xgboost", region, version="1.7-1"),
    source_code=SourceCode(source_dir="src", entry_script="train_model.py"),
    role=role,
    sagemaker_session=session,
    base_job_name=project,
    compute=Compute(instance_type=training_type, instance_count=1),
    hyperparameters={"max_depth": 4, "num_round": 30},
    output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/models"),
    input_data_config=[
        InputData(channel_name=name, data_source=tables[name].S3Output.S3Uri) for name in ("train", "validation")
    ],
).with_metric_definitions([MetricDefinition(name="validation:rmse", regex=r"validation rmse: ([0-9.]+)")])
pipeline = Pipeline(
    name=os.environ.get("PIPELINE_NAME", f"{project}-mlops-pipeline"),
    parameters=[raw, processing_type, training_type],
    steps=[processing, TrainingStep(name="ModelTraining", step_args=trainer.train())],
    sagemaker_session=session,
)
print(json.dumps(pipeline.upsert(role_arn=role)["PipelineArn"]))
