"""Build the churn pipeline, run it with parameters of its own, and say what became of it."""

import json
import sys

import sagemaker
from botocore.exceptions import WaiterError
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.model import Model
from sagemaker.model_metrics import MetricsSource, ModelMetrics
from sagemaker.processing import ProcessingInput, ProcessingOutput, ScriptProcessor
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.functions import Join, JsonGet
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.parameters import ParameterFloat, ParameterInteger, ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.properties import PropertyFile
from sagemaker.workflow.steps import ProcessingStep, TrainingStep
from sagemaker.xgboost.processing import XGBoostProcessor

session = PipelineSession()
bucket, region = session.default_bucket(), session.boto_region_name
data = ParameterString("InputData", default_value=f"s3://{bucket}/churn-guide/churn.csv")
split = ParameterFloat("TrainTestSplit", default_value=0.8)
instances = ParameterString("ProcessingInstanceType", default_value="ml.m5.large")
training = ParameterString("TrainingInstanceType", default_value="ml.m5.xlarge")
depth = ParameterInteger("MaxDepth", default_value=3)
rounds = ParameterInteger("NumRound", default_value=30)
rate = ParameterFloat("Eta", default_value=0.2)
least = ParameterFloat("MinAuc", default_value=0.7)
image = sagemaker.image_uris.retrieve("xgboost", region, version="1.7-1")

processor = XGBoostProcessor(
    framework_version="1.7-1",
    instance_type=instances,
    instance_count=1,
    base_job_name="churn",
    sagemaker_session=session,
)
process = ProcessingStep(
    name="ProcessData",
    step_args=processor.run(
        code="preprocessing.py",
        source_dir="src",
        inputs=[ProcessingInput(source=data, destination="/opt/ml/processing/input")],
        outputs=[
            ProcessingOutput(output_name=name, source=f"/opt/ml/processing/output/{name}")
            for name in ("train", "validation", "test")
        ],
        arguments=["--train-test-split", split.to_string()],
    ),
)
tables = process.properties.ProcessingOutputConfig.Outputs

estimator = Estimator(
    image_uri=image,
    instance_count=1,
    instance_type=training,
    output_path=f"s3://{bucket}/churn-guide/models",
    sagemaker_session=session,
)
estimator.set_hyperparameters(
    objective="binary:logistic", eval_metric="auc", max_depth=depth, num_round=rounds, eta=rate
)
train = TrainingStep(
    name="TrainModel",
    step_args=estimator.fit(
        {name: TrainingInput(tables[name].S3Output.S3Uri, content_type="text/csv") for name in ("train", "validation")}
    ),
)
artifact = train.properties.ModelArtifacts.S3ModelArtifacts

report = PropertyFile(name="EvaluationReport", output_name="evaluation", path="evaluation.json")
evaluate = ProcessingStep(
    name="EvaluateModel",
    step_args=ScriptProcessor(
        image_uri=image, command=["python3"], instance_type=instances, instance_count=1, sagemaker_session=session
    ).run(
        code="evaluate.py",
        inputs=[
            ProcessingInput(source=artifact, destination="/opt/ml/processing/model"),
            ProcessingInput(source=tables["validation"].S3Output.S3Uri, destination="/opt/ml/processing/validation"),
        ],
        outputs=[ProcessingOutput(output_name="evaluation", source="/opt/ml/processing/evaluation")],
    ),
    property_files=[report],
)

model = Model(image_uri=image, model_data=artifact, sagemaker_session=session)
create = ModelStep(name="CreateModel", step_args=model.create(instance_type="ml.m5.large"))
report_uri = Join(
    on="/", values=[evaluate.properties.ProcessingOutputConfig.Outputs["evaluation"].S3Output.S3Uri, "evaluation.json"]
)
register = ModelStep(
    name="RegisterModel",
    step_args=model.register(
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
pipeline.upsert(description=sys.argv[1])
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
