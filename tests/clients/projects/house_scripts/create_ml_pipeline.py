"""Create or update the house price pipeline; where it works is told by environment variables."""

import json
import os

from sagemaker.inputs import TrainingInput
from sagemaker.processing import ProcessingInput, ProcessingOutput
from sagemaker.sklearn.processing import SKLearnProcessor
from sagemaker.workflow.parameters import ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.steps import ProcessingStep, TrainingStep
from sagemaker.xgboost.estimator import XGBoost

role, bucket = os.environ["SAGEMAKER_ROLE_ARN"], os.environ["S3_BUCKET"]
project = os.environ.get("PROJECT_NAME", "house-price")
session = PipelineSession(default_bucket=bucket)
raw = ParameterString("InputData", default_value=f"s3://{bucket}/data/raw/house_data.csv")
processing_type = ParameterString("ProcessingInstanceType", default_value="ml.t3.medium")
training_type = ParameterString("TrainingInstanceType", default_value="ml.m5.large")

processor = SKLearnProcessor(
    framework_version="1.2-1", role=role, instance_type=processing_type, instance_count=1, sagemaker_session=session
)
processing = ProcessingStep(
    name="DataProcessing",
    step_args=processor.run(
        code="src/run_processing.py",
        inputs=[ProcessingInput(source=raw, destination="/opt/ml/processing/input")],
        outputs=[
            ProcessingOutput(
                output_name=name,
                source=f"/opt/ml/processing/output/{name}",
                destination=f"s3://{bucket}/data/processed/{name}",
            )
            for name in ("train", "validation")
        ],
    ),
)
tables = processing.properties.ProcessingOutputConfig.Outputs
estimator = XGBoost(
    entry_point="train_model.py",
    source_dir="src",
    framework_version="1.7-1",
    role=role,
    instance_type=training_type,
    instance_count=1,
    hyperparameters={"max_depth": 4, "num_round": 30},
    metric_definitions=[{"Name": "validation:rmse", "Regex": r"validation rmse: ([0-9.]+)"}],
    output_path=f"s3://{bucket}/models",
    sagemaker_session=session,
)
channels = {name: TrainingInput(tables[name].S3Output.S3Uri) for name in ("train", "validation")}
training = TrainingStep(name="ModelTraining", step_args=estimator.fit(channels))
pipeline = Pipeline(
    name=os.environ.get("PIPELINE_NAME", f"{project}-mlops-pipeline"),
    parameters=[raw, processing_type, training_type],
    steps=[processing, training],
    sagemaker_session=session,
)
print(json.dumps(pipeline.upsert(role_arn=role)["PipelineArn"]))
