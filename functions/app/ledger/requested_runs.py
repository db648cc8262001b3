"""Runs that are requested without an upload: on the data that is there, with parameters or a pipeline version of their
own (overrides). They go through the same batch, turn and plan as all others.
"""

from collections.abc import Callable

from app.decide.messages import RunRequested
from app.decide.names.hashes import digest
from app.decide.names.resource_names import run_id
from app.decide.names.times import iso
from app.errors import RunTaken
from app.ledger.batches import (
    BATCH_AND_TURN,
    Batches,
    BatchMembership,
    new_batch,
    new_run_record,
    now,
    retry_on_contention,
)
from app.ledger.executions import open_entry
from app.ledger.table import Item, Write

BEGAN = {"": "asked for", "schedule": "its schedule fired", "windows": "its policy asked for it"}
NEVER = "1970-01-01T00:00:00.000Z"  # when the batch last grew: there is nothing to be quiet after


class RequestedRuns(Batches):
    """The runs that were requested."""

    def request_run(self, request: RunRequested, execution_arn: Callable[[str], str]) -> BatchMembership:
        """Begin a run as requested, or let the run of the open batch be that run. Idempotent per request id.

        Raises:
            RunTaken: the open batch's run was requested with other overrides.
            Contended: arrivals were faster all the time.
        """

        def attempt() -> BatchMembership | None:
            earlier = self.get(_key(request), "REQUEST")
            if earlier is not None:
                return BatchMembership(earlier["run"], earlier["started_batch"])
            state = self.get(f"MODEL#{request.model}", BATCH_AND_TURN) or {}
            if "open_run" in state:
                membership = BatchMembership(state["open_run"], False)
                changes = self._join_open_batch(request, membership.run)
            else:
                membership = BatchMembership(run_id(request.model, now(), digest("request", request.id)), True)
                batch = int(state.get("batch", 0)) + 1
                changes = _open_batch(request, membership.run, batch, execution_arn(membership.run))
            conditions_met = self.transact([_request_record(request, membership), *changes])
            return membership if conditions_met is None else None

        result: BatchMembership = retry_on_contention(attempt)
        return result

    def overrides_of(self, run: str) -> Item:
        """What was requested of a run; nothing of one that an upload began."""
        record = self.get(f"MODEL#{run.rsplit('-', 2)[0]}", f"RUN#{run}") or {}
        return dict(record.get("overrides", {}))

    def _join_open_batch(self, request: RunRequested, run: str) -> list[Write]:
        batch = f"MODEL#{request.model}", BATCH_AND_TURN
        still_open = Write(*batch, set={"open_run": run}, condition="#open_run = :open_run")
        if request.trigger:
            return [still_open, *self._cause_of_open(request, run)]
        if self.overrides_of(run) not in ({}, request.overrides):
            raise RunTaken(f"run {run}, which is about to begin, was asked for with other settings; ask again after it")
        return [
            still_open,
            Write(
                f"MODEL#{request.model}",
                f"RUN#{run}",
                set={"overrides": request.overrides} | _requester(request),
                condition="attribute_exists(pk) AND (attribute_not_exists(#overrides) OR #overrides = :overrides)",
            ),
        ]

    def _cause_of_open(self, request: RunRequested, run: str) -> list[Write]:
        """What a policy says of the run that is about to begin: nothing where that has a cause of its own."""
        if "cause" in (self.get(f"MODEL#{request.model}", f"RUN#{run}") or {}):
            return []
        unsaid = "attribute_exists(pk) AND attribute_not_exists(#cause)"
        return [Write(f"MODEL#{request.model}", f"RUN#{run}", set={"cause": request.cause}, condition=unsaid)]


def _requester(request: RunRequested) -> Item:
    cause = request.cause or {"kind": "request", "evidence": []}
    return {"cause": cause} | ({"requested_by": request.by} if request.by else {})


def _request_record(request: RunRequested, membership: BatchMembership) -> Write:
    facts = {"model": request.model, **membership._asdict()}
    return Write(_key(request), "REQUEST", set=facts, condition="attribute_not_exists(pk)")


def _key(request: RunRequested) -> str:
    """Two models' requests may have one id: a schedule for each, with the same input but for the model."""
    return f"REQUEST#{request.model}/{request.id}"


def _open_batch(request: RunRequested, run: str, batch: int, execution_arn: str) -> list[Write]:
    task = {"entry": "Retrain", "model": request.model, "run": run}
    facts = ({} if request.trigger else {"overrides": request.overrides}) | _requester(request)
    return [
        new_batch(request.model, run, batch, opened_at=iso(now()), last_at=NEVER),
        new_run_record(request.model, run, batch, execution_arn, BEGAN[request.trigger], **facts),
        Write("MODELS", request.model, set={"model": request.model}),
        open_entry(execution_arn, task, now()),
    ]
