"""Create or update the pipeline MLOpsPipeline."""

import json

import sagemaker
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.processing import ProcessingInput, ProcessingOutput, ScriptProcessor
from sagemaker.sklearn.processing import SKLearnProcessor
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.workflow.functions import JsonGet
from sagemaker.workflow.parameters import ParameterFloat, ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.properties import PropertyFile
from sagemaker.workflow.step_collections import RegisterModel
from sagemaker.workflow.steps import CacheConfig, ProcessingStep, TrainingStep

GROUP = "mlops-pipeline-models"
session = PipelineSession()
bucket = session.default_bucket()
processing_type = ParameterString("ProcessingInstanceType", default_value="ml.m5.xlarge")
training_type = ParameterString("TrainingInstanceType", default_value="ml.m5.xlarge")
threshold = ParameterFloat("AccuracyThreshold", default_value=0.75)
cache = CacheConfig(enable_caching=True, expire_after="30d")

processor = SKLearnProcessor(
    framework_version="1.2-1",
    instance_type=processing_type,
    instance_count=1,
    base_job_name="mlops-preprocess",
    sagemaker_session=session,
)
preprocess = ProcessingStep(
    name="PreprocessData",
    step_args=processor.run(
        code="preprocess.py",
        arguments=["--test-size", "0.2"],
        inputs=[ProcessingInput(source=f"s3://{bucket}/mlops/raw/", destination="/opt/ml/processing/input")],
        outputs=[
            ProcessingOutput(output_name=name, source=f"/opt/ml/processing/{name}") for name in ("train", "validation")
        ],
    ),
    cache_config=cache,
)
tables = preprocess.properties.ProcessingOutputConfig.Outputs

image = sagemaker.image_uris.retrieve("xgboost", session.boto_region_name, version="1.7-1")
estimator = Estimator(
    image_uri=image,
    instance_count=1,
    instance_type=training_type,
    output_path=f"s3://{bucket}/mlops/models",
    use_spot_instances=True,
    max_run=3600,
    max_wait=7200,
    sagemaker_session=session,
)
estimator.set_hyperparameters(objective="binary:logistic", num_round=40, max_depth=4, eta=0.2, eval_metric="auc")
channels = {
    name: TrainingInput(tables[name].S3Output.S3Uri, content_type="text/csv") for name in ("train", "validation")
}
train = TrainingStep(name="TrainModel", step_args=estimator.fit(channels), cache_config=cache)

report = PropertyFile(name="EvaluationReport", output_name="evaluation", path="evaluation.json")
evaluator = ScriptProcessor(
    image_uri=image,
    command=["python3"],
    instance_type=processing_type,
    instance_count=1,
    base_job_name="mlops-evaluate",
    sagemaker_session=session,
)
artifact = train.properties.ModelArtifacts.S3ModelArtifacts
evaluate = ProcessingStep(
    name="EvaluateModel",
    step_args=evaluator.run(
        code="evaluate.py",
        inputs=[
            ProcessingInput(source=artifact, destination="/opt/ml/processing/model"),
            ProcessingInput(source=tables["validation"].S3Output.S3Uri, destination="/opt/ml/processing/validation"),
        ],
        outputs=[ProcessingOutput(output_name="evaluation", source="/opt/ml/processing/evaluation")],
    ),
    property_files=[report],
    cache_config=cache,
)

register = RegisterModel(
    name="RegisterModel",
    estimator=estimator,
    model_data=artifact,
    content_types=["text/csv"],
    response_types=["text/csv"],
    inference_instances=["ml.t2.medium", "ml.m5.large"],
    transform_instances=["ml.m5.large"],
    model_package_group_name=GROUP,
    approval_status="PendingManualApproval",
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
