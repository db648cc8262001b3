"""The cells of the employee bonus notebook with SDK v3, one after the other."""

import json
import os

from sagemaker.core import image_uris
from sagemaker.core.helper import session_helper
from sagemaker.core.processing import ScriptProcessor
from sagemaker.core.shapes import ProcessingInput, ProcessingOutput, ProcessingS3Input, ProcessingS3Output
from sagemaker.core.workflow.parameters import ParameterInteger, ParameterString
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import ProcessingStep, TrainingStep
from sagemaker.serve.model_builder import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, OutputDataConfig

# Outside Studio: the file from which Studio's users get their role, docs/local-cloud.md
session_helper.NOTEBOOK_METADATA_FILE = os.environ["RESOURCE_METADATA"]

# Step 1
BASE = "/opt/ml/processing"
session = PipelineSession()
region, bucket = session.boto_region_name, session.default_bucket()
role = session_helper.get_execution_role(session)
count = ParameterInteger(name="ProcessingInstanceCount", default_value=1)
processing_type = ParameterString(name="ProcessingInstanceType", default_value="ml.m5.xlarge")
training_type = ParameterString(name="TrainingInstanceType", default_value="ml.m5.xlarge")
approval = ParameterString(name="ModelApprovalStatus", default_value="PendingManualApproval")
data = session.upload_data("data/mock_data.csv", bucket=bucket, key_prefix="bonus")


def taken(uri):
    source = ProcessingS3Input(s3_uri=uri, local_path=f"{BASE}/input", s3_data_type="S3Prefix", s3_input_mode="File")
    return ProcessingInput(input_name="input", s3_input=source)


def left(name, folder, key):
    place = ProcessingS3Output(
        s3_uri=f"s3://{bucket}/output/{key}", local_path=f"{BASE}/{folder}", s3_upload_mode="EndOfJob"
    )
    return ProcessingOutput(output_name=name, s3_output=place)


def step(name, script, uri, outputs, after=()):
    processor = ScriptProcessor(
        image_uri=image_uris.retrieve("sklearn", region, version="1.2-1"),
        command=["python3"],
        role=role,
        instance_type=processing_type,
        instance_count=count,
        base_job_name=name.lower(),
        sagemaker_session=session,
    )
    arguments = processor.run(code=script, inputs=[taken(uri)], outputs=outputs)
    return ProcessingStep(name=name, step_args=arguments, depends_on=list(after))


# Steps 2 and 3
preprocess = step(
    "EmpBonusPreProcessing", "preprocessing_script.py", data, [left("processed-data", "output", "processed")]
)
split = step(
    "EmpBonusDataSplit",
    "data_split_script.py",
    f"s3://{bucket}/output/processed/transformed_data.csv",
    [left(name, name, name) for name in ("train", "validation", "test")],
    after=[preprocess],
)

# Step 4
image = image_uris.retrieve("linear-learner", region)
trainer = ModelTrainer(
    training_image=image,
    role=role,
    sagemaker_session=session,
    base_job_name="emp-bonus-linear-learner",
    compute=Compute(instance_type=training_type, instance_count=1),
    output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/model-output"),
    hyperparameters={"predictor_type": "regressor", "mini_batch_size": 32, "epochs": 10},
    input_data_config=[
        InputData(channel_name=n, data_source=f"s3://{bucket}/output/{n}/{n}.csv", content_type="text/csv")
        for n in ("train", "validation")
    ],
)
training = TrainingStep(name="EmpBonusTraining", step_args=trainer.train(), depends_on=[split])

# Step 5
builder = ModelBuilder(
    image_uri=image,
    s3_model_data_url=training.properties.ModelArtifacts.S3ModelArtifacts,
    role_arn=role,
    sagemaker_session=session,
)
register = ModelStep(
    name="EmpBonusRegisterModel",
    step_args=builder.register(
        content_types=["text/csv"],
        response_types=["text/csv"],
        inference_instances=["ml.t2.medium", "ml.m5.xlarge"],
        transform_instances=["ml.m5.xlarge"],
        model_package_group_name="EmpBonusPackageGroup",
        approval_status=approval,
        customer_metadata_properties={"ModelType": "EmpBonusPrediction"},
    ),
)

# Steps 6 and 7
pipeline = Pipeline(
    name="emp-bonus-training-pipeline",
    parameters=[count, processing_type, training_type, approval],
    steps=[preprocess, split, training, register],
    sagemaker_session=session,
)
pipeline.upsert(role_arn=role)
execution = pipeline.start()
execution.wait(delay=1, max_attempts=200)
print(json.dumps({"role": role, "steps": {step["StepName"]: step["StepStatus"] for step in execution.list_steps()}}))
