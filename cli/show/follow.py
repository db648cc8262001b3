"""Follow one run: what the ledger and SageMaker say of it now, again and again until it ends."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.decide.names.statuses import RunStatus
from app.decide.pages.step_graph import NOTHING, Graph, Sides, of_definition, sides, still_open
from app.ledger import RunRecord

from cli.errors import UserError
from cli.show.graph import Node
from cli.stack.target import Target

AWS_POLL_S = 5.0


@dataclass(frozen=True)
class Step:
    """One step of the pipeline execution, as ListPipelineExecutionSteps has it."""

    name: str
    status: str
    started: datetime | None
    ended: datetime | None
    cached: bool
    reason: str | None
    outcome: str = ""  # of a condition: "True" or "False"
    attempts: int = 1  # retry policies start steps again

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        return (self.ended - self.started).total_seconds() if self.started and self.ended else None


@dataclass(frozen=True)
class Snapshot:
    """A run and its pipeline's steps at one moment."""

    run: RunRecord
    steps: tuple[Step, ...]
    graph: Graph = field(default_factory=dict)  # empty until the pipeline has begun
    sides: Sides = field(default_factory=dict)

    @property
    def awaits_decision(self) -> bool:
        """Whether a person is asked; the timeline says so, as the ledger writes both at once."""
        return self.run.status == RunStatus.AWAITING_APPROVAL

    @property
    def open_graph(self) -> Graph:
        """The steps that have run, or still can."""
        return still_open(self.graph, self.sides, {step.name: step.outcome for step in self.steps if step.outcome})

    @property
    def nodes(self) -> dict[str, Node]:
        """The steps that have begun, as the graph shows them."""
        return {
            step.name: Node(step.name, step.status, step.seconds, step.cached, step.attempts) for step in self.steps
        }


def steps_of(sagemaker: Any, execution_arn: str | None) -> tuple[Step, ...]:
    """The steps that have begun, oldest first; none of an execution that was deleted with its pipeline."""
    if execution_arn is None:
        return ()
    try:
        pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
            PipelineExecutionArn=execution_arn, SortOrder="Ascending"
        )
        steps = [step for page in pages for step in page["PipelineExecutionSteps"]]
    except sagemaker.exceptions.ResourceNotFound:
        return ()
    return tuple(
        Step(
            step["StepName"],
            step["StepStatus"],
            step.get("StartTime"),
            step.get("EndTime"),
            "CacheHitResult" in step,
            step.get("FailureReason"),
            step.get("Metadata", {}).get("Condition", {}).get("Outcome", ""),
            step.get("AttemptCount", 1),
        )
        for step in steps
    )


def definition_of(sagemaker: Any, execution_arn: str | None) -> str:
    """The very definition that an execution runs, as JSON; one without steps where it was deleted with its pipeline.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribePipelineDefinitionForExecution.html
    """
    if execution_arn is None:
        return NOTHING
    try:
        described = sagemaker.describe_pipeline_definition_for_execution(PipelineExecutionArn=execution_arn)
    except sagemaker.exceptions.ResourceNotFound:
        return NOTHING
    return str(described["PipelineDefinition"])


def snapshots(target: Target, run_id: str, *, deadline_s: float) -> Iterator[Snapshot]:
    """Each new state of the run, the last one final.

    Raises:
        UserError: when the run has not ended ``deadline_s`` seconds from now; the last state seen is in the message.
    """
    ledger, sagemaker = target.ledger(), target.client("sagemaker")
    deadline, last, steps, behind = time.monotonic() + deadline_s, None, of_definition(NOTHING), sides(NOTHING)
    while True:
        run = ledger.run(run_id)
        if run is None:
            raise UserError(f"no run '{run_id}'; `retrain status` lists them")
        if not steps:
            definition = definition_of(sagemaker, run.pipeline_execution_arn)
            steps, behind = of_definition(definition), sides(definition)
        now = Snapshot(run, steps_of(sagemaker, run.pipeline_execution_arn), steps, behind)
        if now != last:
            yield now
            last = now
        if run.status.final:
            return
        if time.monotonic() > deadline:
            raise UserError(f"run {run_id} is still '{run.status}' after {deadline_s:.0f} s; see `retrain watch`")
        time.sleep(target.poll_s(AWS_POLL_S))


def changes(target: Target, what: str | None, deadline_s: float, *, until_approval: bool = False) -> Iterator[Snapshot]:
    """The snapshots, to its end or only until a person is asked, of the run that ``what`` names.

    It is a run id, an execution ARN, or a model (its newest run).

    Raises:
        UserError: when it names nothing that is known here.
    """
    runs = target.ledger().runs(None)
    for run in runs:
        if what in (None, run.id, run.model, run.execution_arn, run.pipeline_execution_arn):
            now = snapshots(target, run.id, deadline_s=deadline_s)
            return _until_approval(now) if until_approval else now
    if what is None:
        raise UserError("there is no run yet; upload a CSV with `retrain upload MODEL FILE`")
    known = ", ".join(sorted({run.model for run in runs})) or "none has run yet"
    raise UserError(f"'{what}' is no model, run or execution here (models: {known}); `retrain status` lists the runs")


def _until_approval(snapshots: Iterator[Snapshot]) -> Iterator[Snapshot]:
    for now in snapshots:
        yield now
        if now.awaits_decision:
            return
