"""Several algorithms side by side, tuned or not: a definition with one Train and one Evaluate becomes one with a branch
per algorithm, a comparison, and the registration of whatever won. Pure: JSON in, JSON out.

Whether to tune is a parameter of the run, ``Tuning``. A pipeline's later steps may refer only to steps that ran, and no
step may follow a condition's branch, so each side of the condition holds all that comes after training, under names of
its own. One definition then serves both kinds of run, and each side is a plain graph that AWS accepts.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-condition
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html
"""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from pipelines import algorithms, champions
from pipelines import placeholders as at
from pipelines.algorithms import ALGORITHMS, Algorithm
from pipelines.step_json import (
    PROCESSING,
    Json,
    condition,
    get,
    join,
    json_get,
    output,
    parameter_ranges,
    property_file,
    retargeted,
    s3_input,
    told,
)

SKLEARN = at.image("sklearn:1.9-0")
STRATEGIES = {"random": "Random", "bayesian": "Bayesian", "hyperband": "Hyperband"}


def is_branched(model: Mapping[str, Any]) -> bool:
    """Whether the model needs more than one XGBoost with the hyperparameters that it has."""
    given = model["algorithms"]
    return len(given) > 1 or given[0]["name"] != "xgboost" or "tuning" in given[0]


def base(model: Mapping[str, Any]) -> Json:
    """The model whose definition is to be branched: the same with one algorithm that is always known."""
    return dict(model) | {"algorithms": [{"name": "xgboost", "hyperparameters": {"num_round": 1}}]}


def branched(definition: Json, model: Mapping[str, Any]) -> Json:
    """Put the model's own algorithms in the place of the base's one."""
    return _Branches(definition, model).definition()


class _Branches:
    def __init__(self, definition: Json, model: Mapping[str, Any]) -> None:
        self.document, self.model = definition, model
        self.steps = {step["Name"]: step for step in definition["Steps"]}
        self.check = self.steps["CheckQuality"]
        self.register = next(step for step in self.check["Arguments"]["IfSteps"] if step["Type"] == "RegisterModel")
        self.given = [(ALGORITHMS[one["name"]], one) for one in model["algorithms"]]
        self.several = len(self.given) > 1
        self.tunes = any("tuning" in one for _, one in self.given)
        self.closed = any(algorithm.closed for algorithm, _ in self.given)
        self.trained: dict[str, Json] = {}  # the model's URI by the step that evaluates it
        self.transform_type = model["instances"]["transform"]

    def definition(self) -> Json:
        steps = [self.preprocess(), *self.score_champion(), *([self.pack_stages()] if self.closed else [])]
        plain = self.branch(tuned=False)
        if self.tunes:
            choose = {"Type": "Equals", "LeftValue": get("Parameters.Tuning"), "RightValue": "on"}
            either = condition("ChooseTraining", [choose], self.branch(tuned=True), plain)
            steps.append(either | {"DependsOn": ["Preprocess"]})
        else:
            steps += plain
        return self.document | {"Parameters": self.parameters(), "Steps": steps}

    def parameters(self) -> list[Json]:
        dropped = set(ALGORITHMS["xgboost"].overridable)
        kept = [one for one in self.document["Parameters"] if one["Name"] not in dropped]
        for algorithm, one in self.given:
            for name in self.overridable(algorithm, one):
                value = one["hyperparameters"][name]
                kind = "Integer" if isinstance(value, int) else "Float"
                kept.append({"Name": self.parameter(algorithm, name), "Type": kind, "DefaultValue": value})
        if self.several:
            comparison = self.model["comparison"]
            kept.append({"Name": comparison["parameter"], "Type": "String", "DefaultValue": comparison["metric"]})
        if self.tunes:
            tuning = self.model["tuning"]
            kept += [
                {"Name": "Tuning", "Type": "String", "DefaultValue": tuning["default"], "EnumValues": ["on", "off"]},
                {"Name": "MaxTuningJobs", "Type": "Integer", "DefaultValue": tuning["max_jobs"]},
                {"Name": "ParallelTuningJobs", "Type": "Integer", "DefaultValue": tuning["parallel_jobs"]},
            ]
        return kept

    def overridable(self, algorithm: Algorithm, one: Mapping[str, Any]) -> list[str]:
        return [name for name in algorithm.overridable if name in one["hyperparameters"]]

    def parameter(self, algorithm: Algorithm, name: str) -> str:
        return f"{algorithm.label.lower()}_{name}" if self.several else name

    def preprocess(self) -> Json:
        step: Json = copy.deepcopy(self.steps["Preprocess"])
        outputs = step["Arguments"]["ProcessingOutputConfig"]["Outputs"]
        wanted = {name for algorithm, _ in self.given for name in algorithm.channels.values()} | {"test", "features"}
        if self.closed:
            wanted |= {"records", "width"}
            step["PropertyFiles"] = [property_file("Width", "width", "width.json")]
        names = ["train", "validation", "dense_train", "dense_validation", "test", "records", "features", "width"]
        step["Arguments"]["ProcessingOutputConfig"]["Outputs"] = [
            retargeted(outputs[0], "Preprocess", name) for name in names if name in wanted
        ]
        return step

    def score_champion(self) -> list[Json]:
        score = self.steps["ScoreChampion"]
        if not self.closed:
            return [score]
        return [champions.ask(self.model["name"]), champions.with_answers(score)]

    def pack_stages(self) -> Json:
        inputs = {"features": output("Preprocess", "features")}
        return self.process("PackStages", SKLEARN, "pack_stages.py", inputs, ["first", "last"], [])

    def branch(self, *, tuned: bool) -> list[Json]:
        mark = "Tuned" if tuned else ""
        steps: list[Json] = []
        for algorithm, one in self.given:
            steps += self.candidate(algorithm, one, mark)
        if not self.several:
            algorithm = self.given[0][0]
            return [
                *steps,
                self.quality(f"Evaluate{mark}", mark, [self.registered(algorithm, mark, f"Evaluate{mark}")]),
            ]
        compare = self.compare(mark)
        registrations = [
            condition(
                f"Winner{mark}Is{algorithm.label}",
                [{"Type": "Equals", "LeftValue": json_get(compare["Name"], "Comparison", "winner"),
                  "RightValue": algorithm.name}],
                [self.registered(algorithm, mark, compare["Name"])], [],
            )
            for algorithm, _ in self.given
        ]  # fmt: skip
        return [*steps, compare, self.quality(compare["Name"], mark, registrations)]

    def name(self, kind: str, algorithm: Algorithm, mark: str) -> str:
        return f"{kind}{mark}{algorithm.label if self.several else ''}"

    def candidate(self, algorithm: Algorithm, one: Mapping[str, Any], mark: str) -> list[Json]:
        """Train or tune, and evaluate."""
        train = self.train(algorithm, one)
        used = self.settable(algorithm, one)
        model: Json = get(f"Steps.{train['Name']}.ModelArtifacts.S3ModelArtifacts")
        if mark and "tuning" in one:
            train = self.tune(algorithm, one, train)
            name = train["Name"]
            best = f"Steps.{name}.BestTrainingJob"
            used |= {found: get(f"{best}.TunedHyperParameters['{found}']") for found in one["tuning"]["ranges"]}
            model = join([
                get(f"Steps.{name}.TrainingJobDefinition.OutputDataConfig.S3OutputPath"),
                get(f"{best}.TrainingJobName"), "output/model.tar.gz",
            ])  # fmt: skip
        elif mark:
            train["Name"] = self.name("Train", algorithm, mark)
            model = get(f"Steps.{train['Name']}.ModelArtifacts.S3ModelArtifacts")
        self.trained[self.name("Evaluate", algorithm, mark)] = model
        served = self.transform(algorithm, model, mark) if algorithm.closed else []
        return [train, *served, self.evaluate(algorithm, model, mark, used)]

    def settable(self, algorithm: Algorithm, one: Mapping[str, Any]) -> Json:
        """Hyperparameters that a run may set, as references to its parameters."""
        names = self.overridable(algorithm, one)
        return {name: join([get(f"Parameters.{self.parameter(algorithm, name)}")], "") for name in names}

    def train(self, algorithm: Algorithm, one: Mapping[str, Any]) -> Json:
        step: Json = copy.deepcopy(self.steps["Train"])
        step["Name"] = self.name("Train", algorithm, "")
        arguments = step["Arguments"]
        arguments["AlgorithmSpecification"]["TrainingImage"] = algorithm.image
        if algorithm.name in algorithms.METRIC_DEFINITIONS:
            arguments["AlgorithmSpecification"]["MetricDefinitions"] = algorithms.METRIC_DEFINITIONS[algorithm.name]
        given = {name: str(value) for name, value in one["hyperparameters"].items()}
        arguments["HyperParameters"] = given | self.settable(algorithm, one) | dict(algorithm.fixed)
        template = arguments["InputDataConfig"][0]
        arguments["InputDataConfig"] = []
        for channel, source in algorithm.channels.items():
            data = copy.deepcopy(template) | {"ChannelName": channel}
            data["DataSource"]["S3DataSource"]["S3Uri"] = output("Preprocess", source)
            arguments["InputDataConfig"].append(data)
        arguments["OutputDataConfig"]["S3OutputPath"] = self.output_path(step["Name"])
        return step

    def tune(self, algorithm: Algorithm, one: Mapping[str, Any], train: Json) -> Json:
        """The same training as a search for the best hyperparameters within the model file's ranges."""
        arguments, tuning = train["Arguments"], self.model["tuning"]
        name, ranges = self.name("Tune", algorithm, ""), one["tuning"]["ranges"]
        metric, aim = algorithm.objective(one["hyperparameters"])
        job = {key: value for key, value in arguments.items() if key != "HyperParameters"}
        job["StaticHyperParameters"] = {
            key: value for key, value in arguments["HyperParameters"].items() if key not in ranges
        }
        job["OutputDataConfig"] = job["OutputDataConfig"] | {"S3OutputPath": self.output_path(name)}
        config = {
            "Strategy": STRATEGIES[one["tuning"].get("strategy", tuning["strategy"])],
            "HyperParameterTuningJobObjective": {"Type": aim, "MetricName": metric},
            "ResourceLimits": {
                "MaxNumberOfTrainingJobs": get("Parameters.MaxTuningJobs"),
                "MaxParallelTrainingJobs": get("Parameters.ParallelTuningJobs"),
            },
            "ParameterRanges": parameter_ranges(one),
            "TrainingJobEarlyStoppingType": "Auto" if tuning["early_stopping"] else "Off",
            "RandomSeed": tuning["seed"],
        }
        wanted = {"HyperParameterTuningJobConfig": config, "TrainingJobDefinition": job}
        return train | {"Name": name, "Type": "Tuning", "Arguments": wanted}

    def transform(self, algorithm: Algorithm, model: Json, mark: str) -> list[Json]:
        """Serve the algorithm between our two containers, and let it answer the held-out rows."""
        name, job = self.name("Model", algorithm, mark), self.name("Transform", algorithm, mark)
        arguments = {"ExecutionRoleArn": at.PIPELINE_ROLE, "Containers": self.containers(algorithm, model)}
        retries = self.register["RetryPolicies"]
        request = {
            "ModelName": get(f"Steps.{name}.ModelName"),
            "BatchStrategy": "MultiRecord",
            "MaxPayloadInMB": 1,  # between containers at most 5 MB, where numbers take several times the room
            "TransformInput": {
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": output("Preprocess", "records")}},
                "ContentType": "application/jsonlines", "SplitType": "Line",
            },
            "TransformOutput": {"S3OutputPath": self.output_path(job), "Accept": "text/csv", "AssembleWith": "Line"},
            "TransformResources": {"InstanceType": self.transform_type, "InstanceCount": 1},
        }  # fmt: skip
        return [
            {"Name": name, "Type": "Model", "Arguments": arguments, "RetryPolicies": retries},
            {"Name": job, "Type": "Transform", "Arguments": request,
             **{key: self.steps["Train"][key] for key in ("RetryPolicies", "CacheConfig")}},
        ]  # fmt: skip

    def containers(self, algorithm: Algorithm, model: Any) -> list[Json]:
        """Features, algorithm, answer."""
        stages = [
            {"Image": SKLEARN, "ModelDataUrl": join([output("PackStages", place), "model.tar.gz"]),
             "Environment": {"SAGEMAKER_PROGRAM": program, "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}}
            for place, program in (("first", "features_stage.py"), ("last", "answer_stage.py"))
        ]  # fmt: skip
        return [stages[0], {"Image": algorithm.image, "ModelDataUrl": model}, stages[1]]

    def evaluate(self, algorithm: Algorithm, model: Json, mark: str, used: Json) -> Json:
        step: Json = copy.deepcopy(self.steps["Evaluate"])
        name = self.name("Evaluate", algorithm, mark)
        arguments = step["Arguments"]
        arguments["AppSpecification"]["ImageUri"] = SKLEARN if algorithm.closed else algorithm.image
        extra = ["--algorithm", algorithm.name]
        inputs = [one for one in arguments["ProcessingInputs"] if one["InputName"] != "model"]
        place, source = "model", model
        if algorithm.closed:
            extra += ["--predictions", f"{PROCESSING}/predictions"]
            place = "predictions"
            source = get(f"Steps.{self.name('Transform', algorithm, mark)}.TransformOutput.S3OutputPath")
        arguments["ProcessingInputs"] = [s3_input(inputs[0], place, source), *inputs]
        said = arguments["AppSpecification"].get("ContainerArguments") or []
        arguments["AppSpecification"]["ContainerArguments"] = [*said, *extra, *told(used)]
        wanted = ["evaluation", "verification", *([] if algorithm.closed else ["package"])]
        first = arguments["ProcessingOutputConfig"]["Outputs"][0]
        arguments["ProcessingOutputConfig"]["Outputs"] = [retargeted(first, name, one) for one in wanted]
        return step | {"Name": name}

    def compare(self, mark: str) -> Json:
        name, inputs = f"Compare{mark}", {}
        for algorithm, _ in self.given:
            evaluated = self.name("Evaluate", algorithm, mark)
            inputs[algorithm.name] = output(evaluated, "evaluation")
            inputs[f"{algorithm.name}-verification"] = output(evaluated, "verification")
        metric = join([get(f"Parameters.{self.model['comparison']['parameter']}")], "")
        names = [algorithm.name for algorithm, _ in self.given]
        step = self.process(
            name, SKLEARN, "compare.py", inputs, ["comparison", "evaluation", "verification"],
            ["--metric", metric, "--algorithms", *names],
        )  # fmt: skip
        files = [("Evaluation", "evaluation", "evaluation.json"), ("Comparison", "comparison", "comparison.json")]
        return step | {"PropertyFiles": [property_file(*file) for file in files]}

    def quality(self, judged: str, mark: str, steps: list[Json]) -> Json:
        passed = {
            "Type": "Equals",
            "LeftValue": json_get(judged, "Evaluation", "verdict.outcome"),
            "RightValue": "Passed",
        }
        return condition(f"Check{mark}Quality", [passed], steps, [])

    def registered(self, algorithm: Algorithm, mark: str, judged: str) -> Json:
        """The package that was scored, with the numbers of the step that judged it."""
        step: Json = copy.deepcopy(self.register)
        step["Name"] = self.name("Register", algorithm, mark)
        evaluated = self.name("Evaluate", algorithm, mark)
        arguments = step["Arguments"]
        specification = arguments["InferenceSpecification"]
        if algorithm.closed:
            specification["Containers"] = self.containers(algorithm, self.trained[evaluated])
        else:
            specification["Containers"][0]["Image"] = algorithm.image
            specification["Containers"][0]["ModelDataUrl"] = join([output(evaluated, "package"), "model.tar.gz"])
        uri = join([output(judged, "evaluation"), "evaluation.json"])
        arguments["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"] = uri
        arguments["CustomerMetadataProperties"] |= {
            "algorithm": algorithm.name, "evaluation": uri,
            "verification": join([output(judged, "verification"), "verification.json"]),
        }  # fmt: skip
        return step

    def process(
        self,
        name: str,
        image: str,
        script: str,
        inputs: Mapping[str, Any],
        outputs: Iterable[str],
        arguments: list[Any],
    ) -> Json:
        """A processing step like Evaluate, with another script."""
        step: Json = copy.deepcopy(self.steps["Evaluate"])
        step.pop("PropertyFiles", None)
        made = step["Arguments"]
        made["AppSpecification"] = {
            "ImageUri": image, "ContainerEntrypoint": ["python3", f"{PROCESSING}/code/{script}"],
            **({"ContainerArguments": arguments} if arguments else {}),
        }  # fmt: skip
        frozen = [one for one in made["ProcessingInputs"] if one["InputName"] in ("code", "config")]
        made["ProcessingInputs"] = [*(s3_input(frozen[0], place, uri) for place, uri in inputs.items()), *frozen]
        first = made["ProcessingOutputConfig"]["Outputs"][0]
        made["ProcessingOutputConfig"]["Outputs"] = [retargeted(first, name, one) for one in outputs]
        return step | {"Name": name}

    def output_path(self, step: str) -> Json:
        prefix = f"s3://{at.DATA_BUCKET}/pipelines/{self.model['name']}"
        return join([prefix, get("Execution.PipelineExecutionId"), step])
