"""Follow one run: what the ledger and SageMaker say of it now, again and again until it ends."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.ledger import Ledger, RunRecord

from cli.errors import UserError
from cli.show.graph import Graph, Node, Sides, of_definition, sides, still_open
from cli.stack.target import Target

LOCAL_LOOK_S, AWS_LOOK_S = 0.1, 5.0
NOTHING = '{"Steps": []}'  # a definition


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
    def open_graph(self) -> Graph:
        """The steps that have run, or still can."""
        return still_open(self.graph, self.sides, {step.name: step.outcome for step in self.steps if step.outcome})

    @property
    def nodes(self) -> dict[str, Node]:
        """The steps that have begun, as the graph shows them."""
        return {
            step.name: Node(step.name, step.status, step.seconds, step.cached, step.attempts) for step in self.steps
        }


def ledger(target: Target) -> Ledger:
    """The stack's ledger, read with the very code that writes it."""
    return Ledger(target.outputs()["LedgerTableName"], target.client("dynamodb"))


def steps_of(sagemaker: Any, execution_arn: str | None) -> tuple[Step, ...]:
    """The steps that have begun, oldest first; none of an execution that was deleted with its pipeline."""
    if execution_arn is None:
        return ()
    try:
        pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
            PipelineExecutionArn=execution_arn, SortOrder="Ascending"
        )
        found = [step for page in pages for step in page["PipelineExecutionSteps"]]
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
        for step in found
    )


def definition_of(sagemaker: Any, execution_arn: str | None) -> str:
    """The very definition that an execution runs, as JSON; one without steps where it was deleted with its pipeline.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribePipelineDefinitionForExecution.html
    """
    if execution_arn is None:
        return NOTHING
    try:
        found = sagemaker.describe_pipeline_definition_for_execution(PipelineExecutionArn=execution_arn)
    except sagemaker.exceptions.ResourceNotFound:
        return NOTHING
    return str(found["PipelineDefinition"])


def snapshots(target: Target, run_id: str, *, deadline_s: float) -> Iterator[Snapshot]:
    """Each new state of the run, the last one final.

    Raises:
        UserError: when the run has not ended ``deadline_s`` seconds from now; the last state seen is in the message.
    """
    book, sagemaker = ledger(target), target.client("sagemaker")
    deadline, last, steps, behind = time.monotonic() + deadline_s, None, of_definition(NOTHING), sides(NOTHING)
    while True:
        run = book.run(run_id)
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
        time.sleep(LOCAL_LOOK_S if target.local else AWS_LOOK_S)
