"""One model's SageMaker pipeline: Preprocess, Train, Evaluate, CheckQuality, Register.

Built with the SageMaker SDK, from a checked model file. Step caching decides by arguments and input URIs, so code and
settings lie at URIs named by their content, and no execution id stands in an input, an argument or an environment.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-caching.html
"""

import json
from collections.abc import Mapping
from typing import Any

import boto3
from sagemaker.core.model_metrics import MetricsSource, ModelMetrics
from sagemaker.core.processing import Processor
from sagemaker.core.shapes import ProcessingInput, ProcessingOutput, ProcessingS3Input, ProcessingS3Output
from sagemaker.core.workflow.conditions import ConditionEquals
from sagemaker.core.workflow.execution_variables import ExecutionVariables
from sagemaker.core.workflow.functions import Join, JsonGet
from sagemaker.core.workflow.parameters import ParameterFloat, ParameterInteger, ParameterString
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep, TrainingStep
from sagemaker.serve.model_builder import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, OutputDataConfig, StoppingCondition

from pipelines.definition import (
    algorithm_branches,
    algorithms,
    defaults,
    instance_fallback,
    registration,
    split_step,
    tuning,
)
from pipelines.definition import placeholders as at
from pipelines.definition.retries import retries
from pipelines.model.feature_rules import COUNTED
from pipelines.names import resource_name

PROCESSING = "/opt/ml/processing"
ROLE = "arn:aws:iam::000000000000:role/pipeline"  # the SDK looks up what is no ARN; replaced by its placeholder
XGBOOST = at.image("xgboost:3.2-0")
SKLEARN = at.image("sklearn:1.9-0")
MAX_SPOT_S = 3600  # more is refused for spot training of built-in algorithms without checkpoints
HYPERPARAMETERS = {  # those that a run may override, with their types
    "max_depth": ParameterInteger, "num_round": ParameterInteger, "eta": ParameterFloat,
    "subsample": ParameterFloat, "colsample_bytree": ParameterFloat,
}  # fmt: skip
XGBOOST_DEFAULTS = {"max_depth": 6, "eta": 0.3, "subsample": 1.0, "colsample_bytree": 1.0}
CACHE = CacheConfig(enable_caching=True, expire_after="P30D")


def definitions(model: Mapping[str, Any]) -> dict[bool, dict[str, Any]]:
    """Compile a model file's ``definition`` view to pipeline definitions with placeholders, by whether they tune."""
    branched = algorithm_branches.is_branched(model)
    wanted = algorithm_branches.base(model) if branched else model
    pipeline = _Pipeline(wanted).build()
    document: dict[str, Any] = json.loads(pipeline.definition().replace(ROLE, at.JOBS_ROLE))
    for key in ("PipelineExperimentConfig", "MlflowConfig"):  # experiments would need rights and names of their own
        document.pop(key, None)
    registration.finish(document, with_model=wanted["create_model"] and not branched)
    if branched:
        wholes = {tuned: algorithm_branches.branched(document, model, tuned=tuned) for tuned in tuning.kinds(model)}
    else:
        wholes = {False: registration.tell_hyperparameters(document, HYPERPARAMETERS)}
    if split_step.is_separate(model):
        wholes = {tuned: split_step.separated(whole, model) for tuned, whole in wholes.items()}
    return {tuned: instance_fallback.with_fallback(whole, model) for tuned, whole in wholes.items()}


def fits_answers(model: Mapping[str, Any]) -> bool:
    """Whether what answers mean is fitted on rows that were not learnt from, which Evaluate then has to be given."""
    chosen = model.get("decision", {}).get("threshold") == "chosen"
    return chosen or "calibrate" in model or model["data"]["target_transform"] == "log"


def _s3_input(name: str, uri: Any, data_type: str = "S3Prefix") -> ProcessingInput:
    source = ProcessingS3Input(
        s3_uri=uri, local_path=f"{PROCESSING}/{name}", s3_data_type=data_type, s3_input_mode="File",
        s3_data_distribution_type="FullyReplicated",
    )  # fmt: skip
    return ProcessingInput(input_name=name, s3_input=source)


def _settings(parameters: list[Any]) -> list[Any]:
    """Pipeline parameters as a script's arguments."""
    return [part for parameter in parameters for part in ("--set", parameter.name, parameter.to_string())]


class _OfflineSession(PipelineSession):  # type: ignore[misc]
    """A session that names its bucket without asking whether it exists."""

    def default_bucket(self) -> str:
        return at.DATA_BUCKET


class _Pipeline:
    """The steps of one model, in order; each method makes one."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        self.model = model
        self.session = _OfflineSession(boto_session=boto3.Session(region_name="us-east-1"))
        self.input_data = ParameterString("InputData")
        self.max_run_s = int(model["instances"]["max_hours"]) * 3600
        self.processing_type = ParameterString(defaults.PROCESSING_TYPE)
        self.processing_count = ParameterInteger(defaults.PROCESSING_COUNT)
        self.training_type = ParameterString(defaults.TRAINING_TYPE)
        self.fractions = [
            ParameterFloat(f"{share.capitalize()}Fraction", default_value=float(model["split"][share]))
            for share in ("train", "validation")
        ]
        counted = {rule["as"] for rule in model["data"]["derived"].values()} & COUNTED
        self.as_of = [ParameterString("AsOfDate", default_value="newest-upload")] if counted else []
        self.champion = {  # what serves; by itself there is none, and settings are no model
            "image": ParameterString("ChampionImage", default_value=XGBOOST),
            "model": ParameterString("ChampionModel", default_value=self._config("preparation", at.PREPARATION_SHA256)),
            "version": ParameterInteger("ChampionVersion", default_value=0),
        }
        self.limits = [ParameterFloat(limit["parameter"]) for limit in model["gate"]]
        given = XGBOOST_DEFAULTS | model["algorithms"][0]["hyperparameters"]
        self.hyperparameters = {name: kind(name, default_value=given[name]) for name, kind in HYPERPARAMETERS.items()}

    def build(self) -> Pipeline:
        """Put the steps together."""
        preprocess = self.preprocess()
        prepared = preprocess.properties.ProcessingOutputConfig.Outputs
        train = self.train(prepared)
        evaluation_file = PropertyFile(name="Evaluation", output_name="evaluation", path="evaluation.json")
        champion = self.score_champion(prepared)
        evaluate = self.evaluate(prepared, train, champion, evaluation_file)
        outcome = JsonGet(step_name=evaluate.name, property_file=evaluation_file, json_path="verdict.outcome")
        check = ConditionStep(
            "CheckQuality",
            conditions=[ConditionEquals(left=outcome, right="Passed")],
            if_steps=[self.register(evaluate.properties.ProcessingOutputConfig.Outputs)],
            else_steps=[],
        )
        parameters = [
            self.input_data, self.processing_type, self.processing_count, self.training_type, *self.fractions,
            *self.as_of, *self.limits, *self.hyperparameters.values(), *self.champion.values(),
        ]  # fmt: skip
        return Pipeline(
            name=resource_name(at.STACK, self.model["name"]), parameters=parameters,
            steps=[preprocess, train, champion, evaluate, check],
            sagemaker_session=self.session, pipeline_experiment_config=None,
        )  # fmt: skip

    def preprocess(self) -> ProcessingStep:
        """Raw uploads to training data; every instance reads all of the manifest."""
        rules = self.model["preprocessing"]
        return self._process(
            "Preprocess", rules.get("image", SKLEARN), rules["script"], count=self.processing_count,
            arguments=_settings([*self.fractions, *self.as_of]),
            inputs=[_s3_input("input", self.input_data, "ManifestFile")],
            config=self._config("preparation", at.PREPARATION_SHA256),
            outputs=["train", "validation", "test", "features"],
        )  # fmt: skip

    def train(self, prepared: Any) -> TrainingStep:
        """The algorithm in its own image, on spot capacity when the model file says so."""
        fixed = self.model["algorithms"][0]["hyperparameters"]
        hyperparameters = {name: str(value) for name, value in fixed.items()}
        hyperparameters |= {name: parameter.to_string() for name, parameter in self.hyperparameters.items()}
        hyperparameters |= algorithms.of_task("xgboost", self.model)
        spot = bool(self.model["spot"])
        trainer = ModelTrainer(
            training_image=XGBOOST, role=ROLE, sagemaker_session=self.session,
            base_job_name=resource_name(at.STACK, self.model["name"]),
            compute=Compute(
                instance_type=self.training_type, instance_count=1, enable_managed_spot_training=spot,
                volume_size_in_gb=self.model["instances"]["volume_gb"],
            ),
            stopping_condition=StoppingCondition(
                max_runtime_in_seconds=self.max_run_s, max_wait_time_in_seconds=MAX_SPOT_S if spot else None
            ),
            output_data_config=OutputDataConfig(s3_output_path=self._output("Train")),
            hyperparameters=hyperparameters,
            input_data_config=[
                InputData(channel_name=name, data_source=prepared[name].S3Output.S3Uri, content_type="text/csv")
                for name in (("train", "validation") if self.model["split"]["validation"] else ("train",))
            ],
        )  # fmt: skip
        return TrainingStep("Train", step_args=trainer.train(), cache_config=CACHE, retry_policies=retries())

    def score_champion(self, prepared: Any) -> ProcessingStep:
        """The version that serves answers the same held-out rows, in its own image, beside training.

        No step may follow a condition's branch, so this one always runs; without a champion it is over at once.

        Source: https://github.com/aws/sagemaker-python-sdk/issues/3565
        """
        return self._process(
            "ScoreChampion", self.champion["image"], "champion.py",
            arguments=["--version", self.champion["version"].to_string()],
            inputs=[
                _s3_input("champion", self.champion["model"]), _s3_input("test", prepared["test"].S3Output.S3Uri),
                _s3_input("features", prepared["features"].S3Output.S3Uri),
            ],
            outputs=["champion-answers"],
            config=self._config("evaluation", at.EVALUATION_SHA256),
        )  # fmt: skip

    def evaluate(
        self, prepared: Any, train: TrainingStep, champion: ProcessingStep, evaluation_file: PropertyFile
    ) -> ProcessingStep:
        """Pack, score and judge, in the algorithm's own image."""
        fitted_on = ["train", *(["validation"] if self.model["split"]["validation"] else [])]
        return self._process(
            "Evaluate", XGBOOST, "evaluate.py", arguments=_settings(self.limits), property_files=[evaluation_file],
            inputs=[
                _s3_input("model", train.properties.ModelArtifacts.S3ModelArtifacts),
                _s3_input("test", prepared["test"].S3Output.S3Uri),
                _s3_input("features", prepared["features"].S3Output.S3Uri),
                _s3_input("champion-answers", champion.properties.ProcessingOutputConfig.Outputs["champion-answers"]
                          .S3Output.S3Uri),
                *(_s3_input(name, prepared[name].S3Output.S3Uri) for name in fitted_on if fits_answers(self.model)),
            ],
            outputs=["evaluation", "verification", "package"],
            config=self._config("evaluation", at.EVALUATION_SHA256),
        )  # fmt: skip

    def register(self, evaluated: Any) -> ModelStep:
        """The very package that was scored, with where its numbers lie."""
        uris = {
            name: Join(on="/", values=[evaluated[name].S3Output.S3Uri, file])
            for name, file in (
                ("evaluation", "evaluation.json"), ("verification", "verification.json"), ("package", "model.tar.gz")
            )
        }  # fmt: skip
        asked, instances = self.model["registration"], self.model["instances"]
        builder = ModelBuilder(
            image_uri=XGBOOST, s3_model_data_url=uris["package"], role_arn=ROLE,
            sagemaker_session=self.session,
        )  # fmt: skip
        package = builder.register(
            model_package_group_name=resource_name(at.STACK, self.model["name"]),
            content_types=["text/csv", "application/json"], response_types=["text/csv", "application/json"],
            inference_instances=asked["inference_instances"] or [self.model["deployment"]["instance_type"]],
            transform_instances=asked["transform_instances"] or [instances["transform"]],
            model_metrics=ModelMetrics(
                model_statistics=MetricsSource(content_type="application/json", s3_uri=uris["evaluation"])
            ),
            approval_status="PendingManualApproval",  # no run may say otherwise
            customer_metadata_properties=asked["metadata"] | {
                "model": self.model["name"], "evaluation": uris["evaluation"], "verification": uris["verification"],
            },
        )  # fmt: skip
        return ModelStep("Register", step_args=package, retry_policies=[retries()[0]])

    def _process(
        self, name: str, image: Any, script: str, *, inputs: list[ProcessingInput], outputs: list[str],
        config: str = "", count: Any = 1, arguments: list[Any] | None = None,
        property_files: list[PropertyFile] | None = None,
    ) -> ProcessingStep:  # fmt: skip
        processor = Processor(
            role=ROLE, image_uri=image, entrypoint=["python3", f"{PROCESSING}/code/{script}"],
            instance_type=self.processing_type, instance_count=count, sagemaker_session=self.session,
            volume_size_in_gb=self.model["instances"]["volume_gb"], max_runtime_in_seconds=self.max_run_s,
            env={"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        code = f"s3://{at.DATA_BUCKET}/code/{at.CODE_SHA256}/"
        frozen = [_s3_input("code", code), *([_s3_input("config", config)] if config else [])]
        step_args = processor.run(
            inputs=[*inputs, *frozen], outputs=[self._s3_output(name, output) for output in outputs],
            arguments=arguments or None,
        )  # fmt: skip
        return ProcessingStep(
            name, step_args=step_args, property_files=property_files or [], cache_config=CACHE,
            retry_policies=retries(),
        )  # fmt: skip

    def _config(self, view: str, sha256: str) -> str:
        return f"s3://{at.DATA_BUCKET}/config/versions/{self.model['name']}/{view}/{sha256}.json"

    def _s3_output(self, step: str, name: str) -> ProcessingOutput:
        target = ProcessingS3Output(
            s3_uri=self._output(step, name), local_path=f"{PROCESSING}/{name}", s3_upload_mode="EndOfJob"
        )
        return ProcessingOutput(output_name=name, s3_output=target)

    def _output(self, *parts: str) -> Join:
        prefix = f"s3://{at.DATA_BUCKET}/pipelines/{self.model['name']}"
        return Join(on="/", values=[prefix, ExecutionVariables.PIPELINE_EXECUTION_ID, *parts])
