"""Queues that feed functions: a poller per event source mapping, as Lambda has them.

A failed batch stays invisible for the queue's visibility timeout and comes back; the queue's redrive policy moves what
was received too often. Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError
from moto.awslambda.models import EventSourceMapping, LambdaBackend, lambda_backends
from moto.core.exceptions import _RESTError
from moto.core.utils import unix_time_millis
from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

from localcloud.background import spawn
from localcloud.front import moto_patches
from localcloud.iam import deliveries
from localcloud.iam.checks import Refused
from localcloud.lambdas import service
from localcloud.lambdas.qualifiers import short
from localcloud.lambdas.queue_batches import batch_event, failed_ids, matches, messages_that_fit, valid
from localcloud.persistence import messages as persisted_messages
from localcloud.settings import Cloud
from localcloud.sqs.guards import ARRIVAL, ARRIVED

log = logging.getLogger(__name__)
LAMBDA = "moto.awslambda.models:LambdaBackend"
POLLERS = 5  # batches at once where no MaximumConcurrency says otherwise
THROTTLED_PAUSE_S = 1.0
ALL_ATTRIBUTES = ["All"]
MOST_WITHOUT_WINDOW = 10  # messages in a batch
OF_STREAMS = (
    "StartingPosition",
    "StartingPositionTimestamp",
    "BisectBatchOnFunctionError",
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "ParallelizationFactor",
    "TumblingWindowInSeconds",
)


class _Mapped(LambdaClientError):  # type: ignore[misc]
    """The queue feeds the function already."""

    code = 409

    def __init__(self, known: EventSourceMapping) -> None:
        super().__init__(
            "ResourceConflictException",
            f'An event source mapping with SQS arn (" {known.event_source_arn} ") and function '
            f'(" {known.function_arn.split(":")[6]} ") already exists. '
            f"Please update or delete the existing mapping with UUID {known.uuid}",
        )


class _Poller:
    """Reads one queue for one function."""

    def __init__(self, mapping: EventSourceMapping, account_id: str) -> None:
        self.mapping = mapping
        self._name = mapping.event_source_arn.rpartition(":")[2]
        self._backend: SQSBackend = sqs_backends[account_id][mapping.event_source_arn.split(":")[3]]
        self._running = 0
        self.ended = False

    def run(self) -> None:
        """Hand over batches until the mapping is deleted."""
        while True:
            with ARRIVAL:
                batch = self._next_batch()
                if batch is None:
                    return
                self._running += 1
            spawn(self._handle, batch)

    def _next_batch(self) -> list[Message] | None:
        """Wait for a batch; None when the mapping is gone. Holds the lock except while it waits."""
        while not self.ended:
            batch = self._take(self.mapping.batch_size) if self._may_start() else []
            if batch:
                return self._fill(batch)
            ARRIVAL.wait(self._until_visible_s() if self._may_start() else None)
        return None

    def _may_start(self) -> bool:
        most = (self.mapping.scaling_config or {}).get("MaximumConcurrency") or POLLERS
        return self.mapping.enabled and self._running < most

    def _fill(self, batch: list[Message]) -> list[Message]:
        """Gather until the batch is full or its window is over."""
        closes = time.monotonic() + (self.mapping.max_batch_window or 0)
        while (room := self.mapping.batch_size - len(batch)) > 0 and not self.ended:
            enough = ARRIVED[self._name] + room
            again = {message.id: message for message in self._take(room)}  # what the window outlasted, too
            batch = [message for message in batch if message.id not in again] + list(again.values())
            left_s = closes - time.monotonic()
            if left_s <= 0:
                break
            if len(batch) < self.mapping.batch_size:
                ARRIVAL.wait_for(partial(self._has_arrived, enough), left_s)
        return batch

    def _has_arrived(self, enough: int) -> bool:
        return self.ended or ARRIVED[self._name] >= enough

    def _take(self, count: int) -> list[Message]:
        queue = self._backend.queues.get(self._name)
        if queue is None:
            return []
        return list(self._backend.receive_message(self._name, count, 0, queue.visibility_timeout, ALL_ATTRIBUTES))

    def _until_visible_s(self) -> float | None:
        queue = self._backend.queues.get(self._name)
        now = unix_time_millis()
        due = [max(message.visible_at, message.delayed_until) for message in (queue._messages if queue else ())]
        return max(0.001, (min(due) - now) / 1000 + 0.002) if due else None

    def _handle(self, batch: list[Message]) -> None:
        try:
            kept, dropped = matches(batch, self.mapping.filter_criteria)
            self._delete(dropped)
            for part in messages_that_fit(kept):
                self._hand_over(part)
        finally:
            with ARRIVAL:
                self._running -= 1
                ARRIVAL.notify_all()

    def _hand_over(self, batch: Sequence[Message]) -> None:
        event = batch_event(batch, self.mapping.event_source_arn)
        try:
            deliveries.from_queue(service.function_of(self.mapping.function_arn).role, self.mapping.event_source_arn)
            outcome = service.invoke(self.mapping.function_arn, json.dumps(event).encode())
        except (_RESTError, Refused) as error:
            log.warning("%s did not take a batch of %s: %s", self.mapping.function_arn, self._name, error)
            time.sleep(THROTTLED_PAUSE_S)
            return
        if outcome.error:
            return
        failed = set[str]()
        if "ReportBatchItemFailures" in (self.mapping.function_response_types or []):
            failed = failed_ids(outcome.payload, [message.id for message in batch])
        self._delete([message for message in batch if message.id not in failed])

    def _delete(self, messages: Sequence[Message]) -> None:
        """In one pass: moto looks through the whole queue for every message."""
        handles = {message.receipt_handle for message in messages}
        with ARRIVAL:
            queue = self._backend.queues.get(self._name)
            if queue is None or not handles:
                return
            gone = [message for message in queue._messages if not handles.isdisjoint(message.all_receipt_handles)]
            ids = {message.id for message in gone}
            queue._messages = [message for message in queue._messages if message.id not in ids]
            for message in gone:
                queue.pending_messages.discard(message)
                queue.deleted_messages.update(message.all_receipt_handles)
            persisted_messages.record_deletions(queue, gone)

    def end(self) -> None:
        """Take no more messages."""
        with ARRIVAL:
            self.ended = True
            ARRIVAL.notify_all()


_pollers: dict[str, _Poller] = {}


def install(cloud: Cloud) -> None:
    """Poll for every mapping that is made from now on."""
    _follow_mappings(cloud)
    _list_by_name()


def _follow_mappings(cloud: Cloud) -> None:
    def create(self: LambdaBackend, spec: dict[str, Any]) -> EventSourceMapping:
        source = str(spec.get("EventSourceArn", ""))
        _check_filters(spec, source)
        _check_queue(spec, source, spec.get("BatchSize"), spec.get("MaximumBatchingWindowInSeconds"))
        spec = {**spec, "FunctionName": short(str(spec.get("FunctionName") or ""))}
        _check_single(self, spec["FunctionName"], source)
        mapping = original_create(self, spec)
        queue = _queue_of(mapping, cloud)
        if queue is not None:
            queue.lambda_event_source_mappings.clear()  # moto would call the function itself
            _poll(mapping, cloud.account_id)
        return mapping

    def update(self: LambdaBackend, uuid: str, spec: dict[str, Any]) -> EventSourceMapping | None:
        known = self._event_source_mappings.get(uuid)
        _check_filters(spec, known.event_source_arn if known else "")
        if known is not None:
            size, window = spec.get("BatchSize"), spec.get("MaximumBatchingWindowInSeconds")
            window = known.max_batch_window if window is None else window
            _check_queue(spec, known.event_source_arn, size or known.batch_size, window)
        mapping = original_update(self, uuid, spec)
        with ARRIVAL:
            ARRIVAL.notify_all()
        return mapping

    def delete(self: LambdaBackend, uuid: str) -> EventSourceMapping | None:
        if poller := _pollers.pop(uuid, None):
            poller.end()
        mapping: EventSourceMapping | None = original_delete(self, uuid)
        return mapping

    original_create = moto_patches.replace(f"{LAMBDA}.create_event_source_mapping", create)
    original_update = moto_patches.replace(f"{LAMBDA}.update_event_source_mapping", update)
    original_delete = moto_patches.replace(f"{LAMBDA}.delete_event_source_mapping", delete)


def _list_by_name() -> None:
    """Find a function's mappings however it is named, as they are found by its name."""

    def listed(self: LambdaBackend, event_source_arn: str, function_name: str) -> Iterable[EventSourceMapping]:
        found: Iterable[EventSourceMapping] = original(self, event_source_arn, short(function_name or ""))
        return found

    original = moto_patches.replace(f"{LAMBDA}.list_event_source_mappings", listed)


def _check_filters(spec: Mapping[str, Any], source: str) -> None:
    """Queues alone are filtered; moto calls the function of a table's stream for every record."""
    if (spec.get("FilterCriteria") or {}).get("Filters") and source.split(":")[2:3] not in ([], ["sqs"]):
        raise NotImplementedError(f"FilterCriteria of {source}: only a queue's messages are filtered here")
    if not valid(spec.get("FilterCriteria")):
        raise InvalidParameterValueException("Invalid filter pattern definition.")


def _check_queue(spec: Mapping[str, Any], source: str, size: int | None, window: int | None) -> None:
    """Refuse settings of streams for a queue, and large batches that nothing waits for.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html,
    https://github.com/boto/boto3/issues/1613 and https://github.com/aws/chalice/issues/1778 (Lambda's own words)
    """
    if source.split(":")[2:3] != ["sqs"]:
        return
    for name in OF_STREAMS:
        if spec.get(name) is not None:
            raise InvalidParameterValueException(f"{name} is not valid for SQS event sources.")
    if (size or 0) > MOST_WITHOUT_WINDOW and not window:
        said = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        raise InvalidParameterValueException(said)


def _check_single(backend: LambdaBackend, function: str, source: str) -> None:
    """Refuse a queue's second mapping to the same function, in Lambda's own words.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html (ResourceConflictException)
    and https://github.com/DataBiosphere/azul/issues/3399
    """
    if source.split(":")[2:3] != ["sqs"] or not function:
        return
    arn = backend.get_function(function).function_arn
    for known in backend._event_source_mappings.values():
        if (known.event_source_arn, known.function_arn) == (source, arn):
            raise _Mapped(known)


def _poll(mapping: EventSourceMapping, account_id: str) -> None:
    _pollers[mapping.uuid] = poller = _Poller(mapping, account_id)
    spawn(poller.run)


def resume(_: None) -> None:
    """Poll for the mappings of an earlier process."""
    for account_id, regions in list(dict.items(lambda_backends)):
        for backend in list(dict.values(regions)):
            for mapping in backend._event_source_mappings.values():
                if mapping.event_source_arn.split(":")[2] == "sqs":
                    _poll(mapping, account_id)


def _queue_of(mapping: EventSourceMapping, cloud: Cloud) -> Queue | None:
    _, _, service, region, _, name = mapping.event_source_arn.split(":", 5)
    return sqs_backends[cloud.account_id][region].queues.get(name) if service == "sqs" else None
