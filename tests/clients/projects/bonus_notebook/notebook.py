"""The cells of the employee bonus notebook, one after the other."""

import json
import os

import sagemaker
from sagemaker import Model
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.processing import ProcessingInput, ProcessingOutput
from sagemaker.sklearn.processing import SKLearnProcessor
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.parameters import ParameterInteger, ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.steps import ProcessingStep, TrainingStep

# Outside Studio: the file from which Studio's users get their role, docs/local-cloud.md
sagemaker.session.NOTEBOOK_METADATA_FILE = os.environ["RESOURCE_METADATA"]

# Step 1
sagemaker_session = sagemaker.Session()
region = sagemaker_session.boto_region_name
role = sagemaker.get_execution_role()
pipeline_session = PipelineSession()
default_bucket = sagemaker_session.default_bucket()
processing_instance_count = ParameterInteger(name="ProcessingInstanceCount", default_value=1)
processing_instance_type = ParameterString(name="ProcessingInstanceType", default_value="ml.m5.xlarge")
training_instance_type = ParameterString(name="TrainingInstanceType", default_value="ml.m5.xlarge")
model_approval_status = ParameterString(name="ModelApprovalStatus", default_value="PendingManualApproval")


def processor(name):
    return SKLearnProcessor(
        framework_version="1.0-1",
        instance_type=processing_instance_type,
        instance_count=processing_instance_count,
        base_job_name=name,
        role=role,
        sagemaker_session=pipeline_session,
    )


# Step 2
step_preprocess = ProcessingStep(
    name="EmpBonusPreProcessing",
    step_args=processor("emp-pre-processing").run(
        inputs=[ProcessingInput(source="data/mock_data.csv", destination="/opt/ml/processing/input")],
        outputs=[
            ProcessingOutput(
                output_name="processed-data",
                source="/opt/ml/processing/output",
                destination=f"s3://{default_bucket}/output/processed",
            )
        ],
        code="preprocessing_script.py",
    ),
)

# Step 3
step_data_split = ProcessingStep(
    name="EmpBonusDataSplit",
    step_args=processor("emp-data-split").run(
        inputs=[
            ProcessingInput(
                source=f"s3://{default_bucket}/output/processed/transformed_data.csv",
                destination="/opt/ml/processing/input",
            )
        ],
        outputs=[
            ProcessingOutput(
                output_name=name,
                source=f"/opt/ml/processing/{name}",
                destination=f"s3://{default_bucket}/output/{name}",
            )
            for name in ("train", "validation", "test")
        ],
        code="data_split_script.py",
    ),
    depends_on=[step_preprocess],
)

# Step 4
linear_learner = sagemaker.image_uris.retrieve("linear-learner", region)
linear_estimator = Estimator(
    image_uri=linear_learner,
    role=role,
    instance_count=1,
    instance_type=training_instance_type,
    output_path=f"s3://{default_bucket}/model-output",
    sagemaker_session=pipeline_session,
    base_job_name="emp-bonus-linear-learner",
)
linear_estimator.set_hyperparameters(predictor_type="regressor", mini_batch_size=32, epochs=10)
step_training = TrainingStep(
    name="EmpBonusTraining",
    estimator=linear_estimator,
    inputs={
        name: TrainingInput(s3_data=f"s3://{default_bucket}/output/{name}/{name}.csv", content_type="text/csv")
        for name in ("train", "validation")
    },
    depends_on=[step_data_split],
)

# Step 5
model = Model(
    image_uri=linear_learner,
    model_data=step_training.properties.ModelArtifacts.S3ModelArtifacts,
    sagemaker_session=pipeline_session,
    role=role,
)
step_register = ModelStep(
    name="EmpBonusRegisterModel",
    step_args=model.register(
        content_types=["text/csv"],
        response_types=["text/csv"],
        inference_instances=["ml.t2.medium", "ml.m5.xlarge"],
        transform_instances=["ml.m5.xlarge"],
        model_package_group_name="EmpBonusPackageGroup",
        approval_status=model_approval_status,
        customer_metadata_properties={"ModelType": "EmpBonusPrediction"},
    ),
)

# Step 6
pipeline = Pipeline(
    name="emp-bonus-training-pipeline",
    parameters=[processing_instance_count, processing_instance_type, training_instance_type, model_approval_status],
    steps=[step_preprocess, step_data_split, step_training, step_register],
    sagemaker_session=pipeline_session,
)
pipeline.upsert(role_arn=role)

# Step 7
execution = pipeline.start()
print(f"Pipeline execution started: {execution.arn}")
execution.wait(delay=1, max_attempts=200)
print(json.dumps({"role": role, "steps": {step["StepName"]: step["StepStatus"] for step in execution.list_steps()}}))
