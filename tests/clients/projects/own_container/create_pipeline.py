"""A pipeline whose one step trains in an image of one's own; with a script's name, in script mode."""

import sys

import boto3
from sagemaker.estimator import Estimator
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.steps import TrainingStep

session = PipelineSession()
account = boto3.client("sts").get_caller_identity()["Account"]
estimator = Estimator(
    image_uri=f"{account}.dkr.ecr.{session.boto_region_name}.amazonaws.com/churn:latest",
    instance_count=1,
    instance_type="ml.m5.large",
    entry_point=sys.argv[1] if len(sys.argv) > 1 else None,
    sagemaker_session=session,
)
step = TrainingStep(name="Train", step_args=estimator.fit())
pipeline = Pipeline(name="own-container", steps=[step], sagemaker_session=session)
pipeline.upsert()
execution = pipeline.start()
execution.wait(delay=1, max_attempts=100)
print('"done"')
