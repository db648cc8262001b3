"""SageMaker's pipelines in memory: an execution runs for its time, then it ends as its run's fate says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from app.decide.names.bucket_keys import dataset_object

from tests.torture.agenda import Agenda
from tests.torture.fakes.registry import Registry
from tests.torture.fakes.resources import Emit, Lagging, arn, invalid
from tests.torture.fakes.s3 import BUCKET, S3
from tests.torture.fates import Ending, Fates
from tests.torture.faults import Faults, refusal

EVENT = "SageMaker Model Building Pipeline Execution Status Change"
PREDICTIONS = [{"probability": 0.25}, {"probability": 0.75}]


@dataclass
class Execution:
    """One execution of a pipeline."""

    arn: str
    pipeline: str
    run: str
    status: Lagging[str]
    manifest: str  # URI of what it trains on
    package: str = ""
    token: str = ""  # of the Callback step that waits
    due: bool = False  # all but the Callback step has ended
    champion: str = "0"  # the version that served when the run was planned
    refused: tuple[str, str] = ("", "")  # key and version of the upload that its job refused
    measures: bool = False  # it only asks what serves about new rows

    @property
    def uploads(self) -> str:
        """Key of the list of the uploads that it reads."""
        return self.manifest.partition(f"{BUCKET}/")[2].replace("manifest.json", "sources.json")


class Pipelines:
    """All executions by ARN."""

    def __init__(
        self, agenda: Agenda, faults: Faults, fates: Fates, emit: Emit, s3: S3, registry: Registry,
        violated: Callable[[str], None], most: int,
    ) -> None:  # fmt: skip
        self._agenda, self._faults, self._fates, self._emit = agenda, faults, fates, emit
        self._s3, self._registry, self._violated, self._most = s3, registry, violated, most
        self.executions: dict[str, Execution] = {}
        self.ask_champion: Callable[[dict[str, Any]], None] = lambda body: None
        self._by_token: dict[str, str] = {}

    def start_pipeline_execution(
        self, *, PipelineName: str, PipelineExecutionDisplayName: str, ClientRequestToken: str,
        PipelineParameters: list[dict[str, str]], **more: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """StartPipelineExecution. Idempotent by its token."""
        if ClientRequestToken in self._by_token:
            return {"PipelineExecutionArn": self._by_token[ClientRequestToken]}
        measures = "SelectiveExecutionConfig" in more
        self._check_turn(PipelineName, PipelineExecutionDisplayName, measures)
        name = arn("pipeline", f"{PipelineName}/execution/e{len(self.executions) + 1}")
        parameters = {entry["Name"]: entry["Value"] for entry in PipelineParameters}
        status = Lagging(self._agenda, self._faults, "Executing")
        run = PipelineExecutionDisplayName
        execution = Execution(name, PipelineName, run, status, parameters["InputData"], measures=measures)
        self.executions[name] = self.executions.get(name) or execution
        self._by_token[ClientRequestToken] = name
        execution.champion = parameters.get("ChampionVersion", "0")
        seconds = self._fates.of_run(run).pipeline_s
        if self._fates.of_run(run).containers > 1:
            self._agenda.later(seconds / 2, f"pipeline of {run} asks", lambda: self._ask(execution))
        self._agenda.later(seconds, f"pipeline of {run} ends", lambda: self._end(execution))
        return {"PipelineExecutionArn": name}

    def _check_turn(self, pipeline: str, run: str, measures: bool) -> None:
        for other in self.executions.values():
            if other.pipeline == pipeline and other.status.now == "Executing":
                self._violated(f"two turns at once: the pipelines of {other.run} and {run}")
            if other.run == run and other.measures == measures and not any(other.refused):
                self._violated(f"the pipeline of {run} was started twice")
        running = [other.run for other in self.executions.values() if other.status.now == "Executing"]
        if len(running) >= self._most:
            self._violated(f"more pipelines than may run at once: {run} beside {running}")

    # The step that asks the champion

    def _ask(self, execution: Execution) -> None:
        """Wait for an answer to a token."""
        if execution.status.now == "Executing":
            execution.token = f"callback of {execution.arn}"
            records = f"pipelines/{execution.run}/records.jsonl"
            self._s3.put_object(Bucket=BUCKET, Key=records, Body=b'["1"]\n["2"]\n')
            self._message(execution)

    def _message(self, execution: Execution) -> None:
        model = execution.pipeline.partition("--")[2]
        records = f"s3://{BUCKET}/pipelines/{execution.run}/records.jsonl"
        arguments = {"model": model, "version": execution.champion, "records": records}
        body = {"token": execution.token, "pipelineExecutionArn": execution.arn, "arguments": arguments}
        self.ask_champion(body | {"status": execution.status.now})

    def send_pipeline_execution_step_success(
        self, *, CallbackToken: str, OutputParameters: list[dict[str, str]]
    ) -> dict[str, Any]:
        """SendPipelineExecutionStepSuccess."""
        execution = self._answered(CallbackToken)
        folder = OutputParameters[0]["Value"].partition(f"{BUCKET}/")[2]
        if f"{folder}/status.json" not in self._s3.versions:
            self._violated(f"a pipeline is told of answers that are not there: {execution.run}, {folder}")
        self._go_on(execution)
        return {"PipelineExecutionArn": execution.arn}

    def send_pipeline_execution_step_failure(self, *, CallbackToken: str, FailureReason: str) -> dict[str, Any]:
        """SendPipelineExecutionStepFailure, of an execution that is being stopped."""
        execution = self._answered(CallbackToken)
        if execution.status.now == "Executing":
            self._violated(f"the champion fails a pipeline: {execution.run}, {FailureReason}")
        self._go_on(execution)
        return {"PipelineExecutionArn": execution.arn}

    def _answered(self, token: str) -> Execution:
        execution = next((one for one in self.executions.values() if token and one.token == token), None)
        if execution is None:
            raise invalid("the callback step has ended")
        execution.token = ""
        return execution

    def _go_on(self, execution: Execution) -> None:
        if execution.status.now == "Stopping":
            self.settle(execution, "Stopped")
        elif execution.due:
            self._end(execution)

    def _end(self, execution: Execution) -> None:
        execution.due = True
        if execution.status.now != "Executing" or execution.token:
            return
        ending = self._fates.of_run(execution.run).ending
        first = not any(any(one.refused) for one in self.executions.values() if one.run == execution.run)
        if ending is Ending.REFUSES and first:
            *_, newest = self._s3.document(execution.uploads)
            execution.refused = newest["key"], newest["version_id"]
        fails = ending is Ending.FAILS or any(execution.refused)
        if not fails and execution.measures:
            self._s3.put_json(f"pipelines/{execution.run}/measured/quality.json", self._quality(execution))
        elif not fails:
            self._write_outputs(execution, passed=ending is not Ending.REFUSED)
        self.settle(execution, "Failed" if fails else "Succeeded")

    def settle(self, execution: Execution, status: str) -> None:
        """End an execution with a status."""
        execution.status.change(status, f"pipeline of {execution.run}")
        detail = {
            "pipelineExecutionDisplayName": execution.run, "pipelineExecutionArn": execution.arn,
            "pipelineArn": arn("pipeline", execution.pipeline), "currentPipelineExecutionStatus": status,
        }  # fmt: skip
        self._emit("aws.sagemaker", EVENT, detail)

    def _write_outputs(self, execution: Execution, passed: bool) -> None:
        folder = f"pipelines/{execution.run}"
        found = {"verdict": {"passed": passed, "reasons": []}, "metrics": {}}
        found |= {"serving": self._quality(execution)} if execution.pipeline.endswith("--watched") else {}
        self._s3.put_json(f"{folder}/evaluation.json", found)
        verification = {"records": ["1", "2"], "predictions": PREDICTIONS, "content_type": "text/csv"}
        self._s3.put_json(f"{folder}/verification.json", verification)
        if passed:
            serverless = execution.pipeline.endswith("--sales")  # which takes no inference pipeline
            count = 1 if serverless else self._fates.of_run(execution.run).containers
            keys = [f"{folder}/{number}/model.tar.gz" for number in range(count)]
            for key in keys:
                self._s3.put_json(key, execution.run)
            artifacts = [f"s3://{BUCKET}/{key}" for key in keys]
            execution.package = self._registry.register(execution.pipeline, artifacts, execution.arn)

    def read_by(self, pipeline: str, version: str) -> set[str]:
        """The uploads (version ids) that a registered version of a pipeline's model has read."""
        executions = (one for one in self.executions.values() if one.pipeline == pipeline and one.package)
        own = next((one for one in executions if one.package.endswith(f"/{version}")), None)
        return {one["version_id"] for one in self._s3.document(own.uploads)} if own else set()

    def _quality(self, execution: Execution) -> dict[str, Any]:
        """What serves is measured on each upload that it has not read."""
        known = self.read_by(execution.pipeline, execution.champion)
        windows = []
        for one in self._s3.document(execution.uploads) if known else ():
            if one["version_id"] not in known:
                value = Random(f"quality of {one['version_id']}").choice((0.9, 0.9, 0.6))
                metrics = {"roc_auc": {"value": value, "low": value - 0.01, "high": value + 0.01}}
                at = one["uploaded_at"]
                windows.append({"id": f"upload-{one['version_id']}", "start": at, "end": at, "rows": 100})
                windows[-1]["metrics"] = metrics
        return {
            "version": int(execution.champion), "metric": "roc_auc", "labels": {}, "lower_is_better": [],
            "windows": windows,
        }  # fmt: skip

    def _found(self, name: str) -> Execution:
        if name not in self.executions:
            raise refusal("ResourceNotFound", name)
        return self.executions[name]

    def describe_pipeline_execution(self, *, PipelineExecutionArn: str) -> dict[str, Any]:
        """DescribePipelineExecution."""
        execution = self._found(PipelineExecutionArn)
        status = execution.status.described
        return {
            "PipelineExecutionArn": execution.arn, "PipelineExecutionStatus": status,
            "PipelineExecutionDisplayName": execution.run,
        } | ({"FailureReason": "a step failed"} if status == "Failed" else {})  # fmt: skip

    def stop_pipeline_execution(self, *, PipelineExecutionArn: str, ClientRequestToken: str = "") -> dict[str, Any]:
        """StopPipelineExecution; it takes a while, and until a Callback step that waits has been answered."""
        execution = self._found(PipelineExecutionArn)
        if execution.status.now != "Executing":
            raise invalid(f"{PipelineExecutionArn} is {execution.status.now}")
        execution.status.now = "Stopping"
        if execution.token:
            self._message(execution)
        else:
            self._agenda.later(8, f"pipeline of {execution.run} stops", lambda: self.settle(execution, "Stopped"))
        return {"PipelineExecutionArn": execution.arn}

    def list_pipeline_executions(self, *, PipelineName: str, **_: Any) -> dict[str, Any]:
        """ListPipelineExecutions, newest first."""
        found = [one for one in self.executions.values() if one.pipeline == PipelineName][::-1]
        summaries = [
            {
                "PipelineExecutionArn": one.arn, "PipelineExecutionDisplayName": one.run,
                "PipelineExecutionStatus": one.status.now,
            }
            for one in found
        ]  # fmt: skip
        return {"PipelineExecutionSummaries": summaries}

    def list_pipeline_execution_steps(self, *, PipelineExecutionArn: str, SortOrder: str) -> dict[str, Any]:
        """ListPipelineExecutionSteps."""
        execution = self._found(PipelineExecutionArn)
        if execution.status.now != "Succeeded":
            failed = {"StepName": "Train", "StepStatus": "Failed", "FailureReason": "out of memory"}
            if any(execution.refused):
                refuses = arn("processing-job", f"refuses-{list(self.executions).index(execution.arn)}")
                failed = {"StepName": "Preprocess", "StepStatus": "Failed"}
                failed |= {"Metadata": {"ProcessingJob": {"Arn": refuses}}}
            waits = {"StepName": "AskChampion", "StepStatus": "Executing"}
            waits |= {"Metadata": {"Callback": {"CallbackToken": execution.token}}}
            begun = [failed] if execution.status.now == "Failed" else [waits] if execution.token else []
            return {"PipelineExecutionSteps": begun}
        if execution.measures:
            job = {"ProcessingJob": {"Arn": arn("processing-job", f"{execution.run}-measures")}}
            return {
                "PipelineExecutionSteps": [{"StepName": "ScoreChampion", "StepStatus": "Succeeded", "Metadata": job}]
            }
        job = {"ProcessingJob": {"Arn": arn("processing-job", execution.run)}}
        steps = [{"StepName": "Evaluate", "StepStatus": "Succeeded", "Metadata": job}]
        if execution.package:
            registered = {"RegisterModel": {"Arn": execution.package}}
            steps.append({"StepName": "Register", "StepStatus": "Succeeded", "Metadata": registered})
        return {"PipelineExecutionSteps": steps}

    def describe_processing_job(self, *, ProcessingJobName: str) -> dict[str, Any]:
        """DescribeProcessingJob, of an evaluation, of one that asked what serves, or of a job that refuses a file."""
        if ProcessingJobName.endswith("-measures"):
            where = f"s3://{BUCKET}/pipelines/{ProcessingJobName.removesuffix('-measures')}/measured"
            asked = {"OutputName": "champion-answers", "S3Output": {"S3Uri": where}}
            return {"ProcessingOutputConfig": {"Outputs": [asked]}}
        if ProcessingJobName.startswith("refuses-"):
            refused = list(self.executions.values())[int(ProcessingJobName.removeprefix("refuses-"))].refused
            id = dataset_object(*refused).removeprefix("objects/")[:16]
            return {"FailureReason": "AlgorithmError", "ExitMessage": f"line 3 says 'abc' [refused: {id}]"}
        folder = f"s3://{BUCKET}/pipelines/{ProcessingJobName}"
        outputs = [
            {"OutputName": name, "S3Output": {"S3Uri": f"{folder}/{name}.json"}}
            for name in ("evaluation", "verification")
        ]
        return {"ProcessingOutputConfig": {"Outputs": outputs}}

    def describe_training_job(self, *, TrainingJobName: str) -> dict[str, Any]:
        """DescribeTrainingJob: no step here names one."""
        raise invalid(f"Could not find {TrainingJobName}")
