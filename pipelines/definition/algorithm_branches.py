"""Several algorithms side by side, trained or tuned: a definition with one Train and one Evaluate becomes one with
steps for each algorithm, a comparison, and the registration of whatever won. Pure: JSON in, JSON out.

Pipelines takes no condition within another. So conditions stand side by side: of each algorithm one says that the
verdict is good and that it won. Nor is tuning a condition, as what follows it would lie in its branches, the verdict
with it, and nothing refers into a branch from outside. A run that tunes is an execution of a pipeline of its own, with
searches in the place of trainings and all other steps under the same names.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-condition
"""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from pipelines.definition import algorithms, champion_step, tuning
from pipelines.definition import placeholders as at
from pipelines.definition.algorithms import ALGORITHMS, Algorithm
from pipelines.definition.step_json import (
    PROCESSING,
    Json,
    condition,
    get,
    join,
    json_get,
    output,
    property_file,
    retargeted,
    s3_input,
    told,
)

SKLEARN = at.image("sklearn:1.9-0")


def is_branched(model: Mapping[str, Any]) -> bool:
    """Whether the model needs more than one XGBoost with the hyperparameters that it has."""
    given = model["algorithms"]
    return len(given) > 1 or given[0]["name"] != "xgboost" or "tuning" in given[0]


def base(model: Mapping[str, Any]) -> Json:
    """The model whose definition is to be branched: the same with one algorithm that is always known."""
    return dict(model) | {"algorithms": [{"name": "xgboost", "hyperparameters": {"num_round": 1}}]}


def branched(definition: Json, model: Mapping[str, Any], *, tuned: bool) -> Json:
    """Put the model's own algorithms in the place of the base's one; ``tuned``: those with ranges are searched."""
    return _Branches(definition, model, tuned).definition()


class _Branches:
    def __init__(self, definition: Json, model: Mapping[str, Any], tuned: bool) -> None:
        self.document, self.model, self.tuned = definition, model, tuned
        self.steps = {step["Name"]: step for step in definition["Steps"]}
        self.check = self.steps["CheckQuality"]
        self.register = next(step for step in self.check["Arguments"]["IfSteps"] if step["Type"] == "RegisterModel")
        self.given = [(ALGORITHMS[one["name"]], one) for one in model["algorithms"]]
        self.several = len(self.given) > 1
        self.closed = any(algorithm.closed for algorithm, _ in self.given)
        self.trained: dict[str, Json] = {}  # the model's URI by the step that evaluates it
        self.transform_type = model["instances"]["transform"]

    def definition(self) -> Json:
        steps = [self.preprocess(), *self.score_champion(), *([self.pack_stages()] if self.closed else [])]
        for algorithm, one in self.given:
            steps += self.candidate(algorithm, one)
        return self.document | {"Parameters": self.parameters(), "Steps": [*steps, *self.decision()]}

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
        return kept + (tuning.size_parameters(self.model["tuning"]) if self.tuned else [])

    def overridable(self, algorithm: Algorithm, one: Mapping[str, Any]) -> list[str]:
        """Hyperparameters that a run may set: of a search those that it does not look for."""
        ranges = one["tuning"]["ranges"] if self.searches(one) else {}
        return [name for name in algorithm.overridable if name in one["hyperparameters"] and name not in ranges]

    def searches(self, one: Mapping[str, Any]) -> bool:
        """Whether the algorithm's hyperparameters are looked for here."""
        return self.tuned and "tuning" in one

    def parameter(self, algorithm: Algorithm, name: str) -> str:
        return f"{algorithm.label.lower()}_{name}" if self.several else name

    def preprocess(self) -> Json:
        step: Json = copy.deepcopy(self.steps["Preprocess"])
        outputs = step["Arguments"]["ProcessingOutputConfig"]["Outputs"]
        wanted = {name for algorithm, _ in self.given for name in algorithm.channels.values()} | {"test", "features"}
        if self.closed:
            wanted |= {"records", "width", champion_step.rows_to_ask(self.model["preprocessing"])}
            step["PropertyFiles"] = [property_file("Width", "width", "width.json")]
        names = ["train", "validation", "dense_train", "dense_validation", "test", "records", "features", "width"]
        names.append(champion_step.QUESTIONS)
        step["Arguments"]["ProcessingOutputConfig"]["Outputs"] = [
            retargeted(outputs[0], "Preprocess", name) for name in names if name in wanted
        ]
        return step

    def score_champion(self) -> list[Json]:
        score = self.steps["ScoreChampion"]
        if not self.closed:
            return [score]
        rows = champion_step.rows_to_ask(self.model["preprocessing"])
        return [champion_step.ask(self.model["name"], rows), champion_step.with_answers(score)]

    def pack_stages(self) -> Json:
        inputs = {"features": output("Preprocess", "features")}
        return self.process("PackStages", SKLEARN, "pack_stages.py", inputs, ["first", "last"], [])

    def decision(self) -> list[Json]:
        """Register what passes: the one algorithm, or whichever of several won."""
        if not self.several:
            step = self.registered(self.given[0][0], "Evaluate")
            return [condition("CheckQuality", [self.passed("Evaluate")], [step], [])]
        compare = self.compare()
        judged = compare["Name"]
        winner = json_get(judged, "Comparison", "winner")
        return [
            compare,
            *(
                condition(
                    self.name("CheckQuality", algorithm),
                    [self.passed(judged), {"Type": "Equals", "LeftValue": winner, "RightValue": algorithm.name}],
                    [self.registered(algorithm, judged)], [],
                )
                for algorithm, _ in self.given
            ),
        ]  # fmt: skip

    def passed(self, judged: str) -> Json:
        """That the verdict of a step is good."""
        outcome = json_get(judged, "Evaluation", "verdict.outcome")
        return {"Type": "Equals", "LeftValue": outcome, "RightValue": "Passed"}

    def name(self, kind: str, algorithm: Algorithm) -> str:
        return f"{kind}{algorithm.label if self.several else ''}"

    def candidate(self, algorithm: Algorithm, one: Mapping[str, Any]) -> list[Json]:
        """Train or tune, and evaluate."""
        train, used = self.train(algorithm, one), self.settable(algorithm, one)
        model: Json = get(f"Steps.{train['Name']}.ModelArtifacts.S3ModelArtifacts")
        if self.searches(one):
            name = self.name("Tune", algorithm)
            size, task = self.model["tuning"], self.model["task"]
            train = tuning.searched(train, name, algorithm, one, size, self.output_path(name), task)
            used |= tuning.best_hyperparameters(name, one)
            model = tuning.best_model(name)
        self.trained[self.name("Evaluate", algorithm)] = model
        served = self.transform(algorithm, model) if algorithm.closed else []
        return [train, *served, self.evaluate(algorithm, model, used)]

    def settable(self, algorithm: Algorithm, one: Mapping[str, Any]) -> Json:
        """Hyperparameters that a run may set, as references to its parameters."""
        names = self.overridable(algorithm, one)
        return {name: join([get(f"Parameters.{self.parameter(algorithm, name)}")], "") for name in names}

    def train(self, algorithm: Algorithm, one: Mapping[str, Any]) -> Json:
        step: Json = copy.deepcopy(self.steps["Train"])
        step["Name"] = self.name("Train", algorithm)
        arguments = step["Arguments"]
        arguments["AlgorithmSpecification"]["TrainingImage"] = algorithm.image
        if algorithm.name in algorithms.METRIC_DEFINITIONS:
            arguments["AlgorithmSpecification"]["MetricDefinitions"] = algorithms.METRIC_DEFINITIONS[algorithm.name]
        given = {name: str(value) for name, value in one["hyperparameters"].items()}
        follow = algorithms.of_task(algorithm.name, self.model)
        arguments["HyperParameters"] = given | self.settable(algorithm, one) | dict(algorithm.fixed) | follow
        template = arguments["InputDataConfig"][0]
        arguments["InputDataConfig"] = []
        for channel, source in algorithm.channels.items():
            data = copy.deepcopy(template) | {"ChannelName": channel}
            data["DataSource"]["S3DataSource"]["S3Uri"] = output("Preprocess", source)
            arguments["InputDataConfig"].append(data)
        arguments["OutputDataConfig"]["S3OutputPath"] = self.output_path(step["Name"])
        return step

    def transform(self, algorithm: Algorithm, model: Json) -> list[Json]:
        """Serve the algorithm between our two containers, and let it answer the held-out rows."""
        name, job = self.name("Model", algorithm), self.name("Transform", algorithm)
        arguments = {"ExecutionRoleArn": at.JOBS_ROLE, "Containers": self.containers(algorithm, model)}
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

    def evaluate(self, algorithm: Algorithm, model: Json, used: Json) -> Json:
        step: Json = copy.deepcopy(self.steps["Evaluate"])
        name = self.name("Evaluate", algorithm)
        arguments = step["Arguments"]
        arguments["AppSpecification"]["ImageUri"] = SKLEARN if algorithm.closed else algorithm.image
        extra = ["--algorithm", algorithm.name]
        dropped = {"model", *(("train", "validation") if algorithm.closed else ())}  # a closed model predicts no more
        inputs = [one for one in arguments["ProcessingInputs"] if one["InputName"] not in dropped]
        place, source = "model", model
        if algorithm.closed:
            extra += ["--predictions", f"{PROCESSING}/predictions"]
            place = "predictions"
            source = get(f"Steps.{self.name('Transform', algorithm)}.TransformOutput.S3OutputPath")
        arguments["ProcessingInputs"] = [s3_input(inputs[0], place, source), *inputs]
        said = arguments["AppSpecification"].get("ContainerArguments") or []
        arguments["AppSpecification"]["ContainerArguments"] = [*said, *extra, *told(used)]
        wanted = ["evaluation", "verification", *([] if algorithm.closed else ["package"])]
        first = arguments["ProcessingOutputConfig"]["Outputs"][0]
        arguments["ProcessingOutputConfig"]["Outputs"] = [retargeted(first, name, one) for one in wanted]
        return step | {"Name": name}

    def compare(self) -> Json:
        inputs = {}
        for algorithm, _ in self.given:
            evaluated = self.name("Evaluate", algorithm)
            inputs[algorithm.name] = output(evaluated, "evaluation")
            inputs[f"{algorithm.name}-verification"] = output(evaluated, "verification")
        metric = join([get(f"Parameters.{self.model['comparison']['parameter']}")], "")
        names = [algorithm.name for algorithm, _ in self.given]
        step = self.process(
            "Compare", SKLEARN, "compare.py", inputs, ["comparison", "evaluation", "verification"],
            ["--metric", metric, "--algorithms", *names],
        )  # fmt: skip
        files = [("Evaluation", "evaluation", "evaluation.json"), ("Comparison", "comparison", "comparison.json")]
        return step | {"PropertyFiles": [property_file(*file) for file in files]}

    def registered(self, algorithm: Algorithm, judged: str) -> Json:
        """The package that was scored, with the numbers of the step that judged it."""
        step: Json = copy.deepcopy(self.register)
        step["Name"] = self.name("Register", algorithm)
        evaluated = self.name("Evaluate", algorithm)
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
        frozen = [one for one in made["ProcessingInputs"] if one["InputName"] == "code"]
        made["ProcessingInputs"] = [*(s3_input(frozen[0], place, uri) for place, uri in inputs.items()), *frozen]
        first = made["ProcessingOutputConfig"]["Outputs"][0]
        made["ProcessingOutputConfig"]["Outputs"] = [retargeted(first, name, one) for one in outputs]
        return step | {"Name": name}

    def output_path(self, step: str) -> Json:
        prefix = f"s3://{at.DATA_BUCKET}/pipelines/{self.model['name']}"
        return join([prefix, get("Execution.PipelineExecutionId"), step])
