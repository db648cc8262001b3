"""SageMaker's pipelines in memory: an execution runs for its time, then it ends as its run's fate says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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


class Pipelines:
    """All executions by ARN."""

    def __init__(
        self, agenda: Agenda, faults: Faults, fates: Fates, emit: Emit, s3: S3, registry: Registry,
        violated: Callable[[str], None], most: int,
    ) -> None:  # fmt: skip
        self._agenda, self._faults, self._fates, self._emit = agenda, faults, fates, emit
        self._s3, self._registry, self._violated, self._most = s3, registry, violated, most
        self.executions: dict[str, Execution] = {}
        self._by_token: dict[str, str] = {}

    def start_pipeline_execution(
        self, *, PipelineName: str, PipelineExecutionDisplayName: str, ClientRequestToken: str,
        PipelineParameters: list[dict[str, str]], **_: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """StartPipelineExecution. Idempotent by its token."""
        if ClientRequestToken in self._by_token:
            return {"PipelineExecutionArn": self._by_token[ClientRequestToken]}
        self._check_turn(PipelineName, PipelineExecutionDisplayName)
        name = arn("pipeline", f"{PipelineName}/execution/e{len(self.executions) + 1}")
        parameters = {entry["Name"]: entry["Value"] for entry in PipelineParameters}
        status = Lagging(self._agenda, self._faults, "Executing")
        run = PipelineExecutionDisplayName
        execution = Execution(name, PipelineName, run, status, parameters["InputData"])
        self.executions[name] = self.executions.get(name) or execution
        self._by_token[ClientRequestToken] = name
        seconds = self._fates.of_run(run).pipeline_s
        self._agenda.later(seconds, f"pipeline of {run} ends", lambda: self._end(execution))
        return {"PipelineExecutionArn": name}

    def _check_turn(self, pipeline: str, run: str) -> None:
        for other in self.executions.values():
            if other.pipeline == pipeline and other.status.now == "Executing":
                self._violated(f"two turns at once: the pipelines of {other.run} and {run}")
            if other.run == run:
                self._violated(f"the pipeline of {run} was started twice")
        running = [other.run for other in self.executions.values() if other.status.now == "Executing"]
        if len(running) >= self._most:
            self._violated(f"more pipelines than may run at once: {run} beside {running}")

    def _end(self, execution: Execution) -> None:
        if execution.status.now != "Executing":
            return
        fate = self._fates.of_run(execution.run)
        if fate.ending is not Ending.FAILS:
            self._write_outputs(execution, passed=fate.ending is Ending.PASSES)
        self.settle(execution, "Failed" if fate.ending is Ending.FAILS else "Succeeded")

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
        self._s3.put_json(f"{folder}/evaluation.json", {"verdict": {"passed": passed, "reasons": []}, "metrics": {}})
        verification = {"records": ["1", "2"], "predictions": PREDICTIONS, "content_type": "text/csv"}
        self._s3.put_json(f"{folder}/verification.json", verification)
        if passed:
            artifact = f"s3://{BUCKET}/{folder}/model.tar.gz"
            self._s3.put_json(f"{folder}/model.tar.gz", execution.run)
            execution.package = self._registry.register(execution.pipeline, artifact, execution.arn)

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
        """StopPipelineExecution; it takes a while."""
        execution = self._found(PipelineExecutionArn)
        if execution.status.now != "Executing":
            raise invalid(f"{PipelineExecutionArn} is {execution.status.now}")
        execution.status.now = "Stopping"
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
            return {"PipelineExecutionSteps": [failed] if execution.status.now == "Failed" else []}
        job = {"ProcessingJob": {"Arn": arn("processing-job", execution.run)}}
        steps = [{"StepName": "Evaluate", "StepStatus": "Succeeded", "Metadata": job}]
        if execution.package:
            registered = {"RegisterModel": {"Arn": execution.package}}
            steps.append({"StepName": "Register", "StepStatus": "Succeeded", "Metadata": registered})
        return {"PipelineExecutionSteps": steps}

    def describe_processing_job(self, *, ProcessingJobName: str) -> dict[str, Any]:
        """DescribeProcessingJob, of an evaluation."""
        folder = f"s3://{BUCKET}/pipelines/{ProcessingJobName}"
        outputs = [
            {"OutputName": name, "S3Output": {"S3Uri": f"{folder}/{name}.json"}}
            for name in ("evaluation", "verification")
        ]
        return {"ProcessingOutputConfig": {"Outputs": outputs}}

    def describe_training_job(self, *, TrainingJobName: str) -> dict[str, Any]:
        """DescribeTrainingJob: no step here names one."""
        raise invalid(f"Could not find {TrainingJobName}")
