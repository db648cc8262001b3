"""The ledger on a real table: what is decided once, whatever comes twice and in whatever order."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

import boto3
import pytest
from app.decide.deployment.endpoint_steps import EndpointChange
from app.decide.messages import DatasetArrived
from app.decide.names.statuses import Approval, RunStatus
from app.decide.names.times import iso
from app.ledger import Ledger
from app.ledger.batches import File, now
from app.ledger.task_tokens import EndpointWaiter, WaiterKind
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from moto import mock_aws
from moto_world import ledger_table

AT = datetime(2026, 3, 14, 10, 15, tzinfo=UTC)
MACHINE = "arn:aws:states:us-east-1:123456789012:execution:Retraining"


@cache
def client() -> Any:
    return boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


def new_ledger() -> Ledger:
    name = f"ledger-{uuid4().hex}"
    ledger_table(client(), name)
    return Ledger(name, client())


@pytest.fixture(scope="module", autouse=True)
def aws() -> Iterator[None]:
    with mock_aws():
        yield
    client.cache_clear()


@pytest.fixture
def ledger() -> Ledger:
    return new_ledger()


def arrival(number: int, key: str = "") -> DatasetArrived:
    key = key or f"incoming/churn/{number}.csv"
    return DatasetArrived("bucket", key, f"v{number}", "etag", 9, AT + timedelta(seconds=number))


def file(of: DatasetArrived) -> File:
    return File(of.key, of.version_id, of.etag, of.size_bytes, iso(of.uploaded_at), 2, {"Yes": 1, "No": 1}, True)


def join(ledger: Ledger, number: int) -> Any:
    return ledger.join_batch("churn", arrival(number), file(arrival(number)), lambda run: f"{MACHINE}:{run}")


def test_the_first_arrival_opens_a_batch_and_the_next_joins_it(ledger: Ledger) -> None:
    first, second = join(ledger, 1), join(ledger, 2)

    assert (first.started_batch, second.started_batch) == (True, False)
    assert first.run == second.run
    assert [one.key for one in ledger.files_of_run(first.run, append=False)] == [
        "incoming/churn/1.csv",
        "incoming/churn/2.csv",
    ]


def test_an_arrival_that_is_heard_twice_joins_once(ledger: Ledger) -> None:
    first = join(ledger, 1)

    assert join(ledger, 1) == first
    assert len(ledger.files_of_run(first.run, append=True)) == 1


def test_an_arrival_heard_again_after_its_batch_closed_stays_where_it_was(ledger: Ledger) -> None:
    first = join(ledger, 1)
    ledger.close_batch("churn", first.run)

    assert join(ledger, 1) == first
    assert ledger.open_batch("churn") is None


def test_an_arrival_after_the_close_opens_the_next_batch(ledger: Ledger) -> None:
    first = join(ledger, 1)
    ledger.close_batch("churn", first.run)
    second = join(ledger, 2)

    assert second.started_batch
    assert second.run != first.run
    assert [one.key for one in ledger.files_of_run(second.run, append=False)] == ["incoming/churn/2.csv"]
    assert [one.key for one in ledger.files_of_run(second.run, append=True)] == [
        "incoming/churn/1.csv",
        "incoming/churn/2.csv",
    ]
    assert len(ledger.files_of_run(first.run, append=True)) == 1


def test_closing_another_runs_batch_changes_nothing(ledger: Ledger) -> None:
    first = join(ledger, 1)
    ledger.close_batch("churn", "churn-20000101t000000-abcdef")

    assert ledger.open_batch("churn").run == first.run  # type: ignore[union-attr]


def test_a_batch_is_quiet_when_it_is_closed(ledger: Ledger) -> None:
    run = join(ledger, 1).run

    assert ledger.quiet_in_s("churn", run, quiet_s=60, max_wait_s=900) in (59, 60)
    ledger.close_batch("churn", run)
    assert ledger.quiet_in_s("churn", run, quiet_s=60, max_wait_s=900) == 0


def test_one_run_has_the_turn_and_the_next_gets_it_handed_over(ledger: Ledger) -> None:
    assert ledger.wait_for_turn("churn", "churn-1-a", "token-1")
    assert not ledger.wait_for_turn("churn", "churn-2-b", "token-2")
    assert ledger.release_turn("churn", "churn-1-a") == "token-2"
    assert ledger.holds_turn("churn", "churn-2-b")


def test_a_release_that_is_repeated_names_the_same_token_again(ledger: Ledger) -> None:
    ledger.wait_for_turn("churn", "churn-1-a", "token-1")
    ledger.wait_for_turn("churn", "churn-2-b", "token-2")

    assert [ledger.release_turn("churn", "churn-1-a") for _ in range(2)] == ["token-2", "token-2"]


def test_a_run_that_asks_again_keeps_its_turn(ledger: Ledger) -> None:
    ledger.wait_for_turn("churn", "churn-1-a", "token-1")

    assert ledger.wait_for_turn("churn", "churn-1-a", "token-1-again")
    assert ledger.release_turn("churn", "churn-1-a") == ""
    assert ledger.wait_for_turn("churn", "churn-2-b", "token-2")


def test_a_waiting_run_that_ends_waits_no_more(ledger: Ledger) -> None:
    ledger.wait_for_turn("churn", "churn-1-a", "token-1")
    ledger.wait_for_turn("churn", "churn-2-b", "token-2")
    ledger.release_turn("churn", "churn-2-b")

    assert ledger.release_turn("churn", "churn-1-a") == ""
    assert not ledger.holds_turn("churn", "churn-2-b")


def test_what_is_said_twice_is_in_the_timeline_once(ledger: Ledger) -> None:
    run = join(ledger, 1).run
    ledger.update_run(run, "pipeline started", pipeline_execution_arn="arn:1")
    ledger.update_run(run, "pipeline started", pipeline_execution_arn="arn:1")
    record = ledger.run(run)

    assert record is not None
    assert [entry["what"] for entry in record.timeline] == ["arrived", "pipeline started"]
    assert record.pipeline_execution_arn == "arn:1"


class DiesAtItsSecondWrite:
    """A client of a process that ends when it is about to write again."""

    def __init__(self) -> None:
        self.writes = 0

    def get_item(self, **request: Any) -> Any:
        return client().get_item(**request)

    def update_item(self, **request: Any) -> Any:
        self.writes += 1
        if self.writes > 1:
            raise SystemExit
        return client().update_item(**request)


def test_a_status_and_its_line_of_the_timeline_are_one_write(ledger: Ledger) -> None:
    run = join(ledger, 1).run

    assert Ledger(ledger._name, DiesAtItsSecondWrite()).set_status(
        run, f"{MACHINE}:{run}", RunStatus.AWAITING_APPROVAL, "approval requested"
    )
    record = ledger.run(run)

    assert record is not None
    assert record.status is RunStatus.AWAITING_APPROVAL
    assert [entry["what"] for entry in record.timeline] == ["arrived", "approval requested"]


@pytest.mark.parametrize("of_the_run", [True, False])
def test_a_status_is_set_again_by_the_runs_own_execution_and_its_line_is_there_once(
    ledger: Ledger, of_the_run: bool
) -> None:
    run = join(ledger, 1).run
    execution = f"{MACHINE}:{run}" if of_the_run else ""
    for status, what in ((RunStatus.RUNNING, "batch closed"), (RunStatus.DEPLOYING, "deployment requested")):
        assert ledger.set_status(run, execution, status, what)
    assert ledger.set_status(run, execution, RunStatus.RUNNING, "batch closed", job="again")
    record = ledger.run(run)

    assert record is not None
    assert record.status is RunStatus.RUNNING
    assert [entry["what"] for entry in record.timeline] == ["arrived", "batch closed", "deployment requested"]


def test_no_status_is_set_by_another_execution_nor_after_the_end(ledger: Ledger) -> None:
    run = join(ledger, 1).run
    ledger.set_status(run, f"{MACHINE}:{run}", RunStatus.RUNNING, "batch closed")

    assert not ledger.set_status(run, f"{MACHINE}:{run}-d1", RunStatus.DEPLOYING, "deployment requested")
    assert not ledger.set_status(run, f"{MACHINE}:{run}-d1", RunStatus.DEPLOYING, "batch closed")
    assert ledger.finish(run, f"{MACHINE}:{run}", RunStatus.FAILED, ())
    for execution in ("", f"{MACHINE}:{run}"):
        assert not ledger.set_status(run, execution, RunStatus.RUNNING, "pipeline started")
        assert not ledger.set_status(run, execution, RunStatus.RUNNING, "batch closed")
    record = ledger.run(run)

    assert record is not None
    assert record.status is RunStatus.FAILED
    assert [entry["what"] for entry in record.timeline] == ["arrived", "batch closed", "Failed"]


def test_an_end_is_written_once_and_by_the_current_execution_only(ledger: Ledger) -> None:
    run = join(ledger, 1).run
    first, late = f"{MACHINE}:{run}", f"{MACHINE}:{run}-d1"

    assert ledger.finish(run, first, RunStatus.APPROVAL_EXPIRED, ("nobody decided",))
    assert not ledger.finish(run, first, RunStatus.FAILED, ())
    assert not ledger.finish(run, late, RunStatus.DEPLOYED, ())
    assert ledger.open_deployment("churn", late, {"run": run, "version": 1}, 0, now())
    assert not ledger.finish(run, first, RunStatus.FAILED, ())
    assert ledger.finish(run, late, RunStatus.DEPLOYED, ())
    assert ledger.run(run).status is RunStatus.DEPLOYED  # type: ignore[union-attr]


def test_a_decision_is_given_to_the_waiting_run_however_often_it_is_heard(ledger: Ledger) -> None:
    ledger.remember_token("approval/arn:1", "token", "churn-1-a")
    heard = [ledger.record_decision("churn", "arn:1", 1, Approval.APPROVED) for _ in range(3)]

    assert {(one.task_token, one.after_wait) for one in heard} == {("token", False)}
    ledger.forget_token("approval/arn:1")
    assert not ledger.record_decision("churn", "arn:1", 1, Approval.APPROVED).after_wait


def test_decisions_after_the_first_are_late_and_numbered_once_each(ledger: Ledger) -> None:
    ledger.remember_token("approval/arn:1", "token", "churn-1-a")
    ledger.record_decision("churn", "arn:1", 1, Approval.APPROVED)
    rejected = [ledger.record_decision("churn", "arn:1", 1, Approval.REJECTED) for _ in range(2)]
    again = ledger.record_decision("churn", "arn:1", 1, Approval.APPROVED)

    assert [(one.task_token, one.after_wait) for one in rejected] == [("", True), ("", True)]
    assert rejected[0].sequence == rejected[1].sequence < again.sequence


def test_only_one_of_two_claims_the_change_of_an_endpoint(ledger: Ledger) -> None:
    change = EndpointChange("config", "", AT, sent=False)

    assert [ledger.claim_endpoint_change("churn", change, None) for _ in range(2)] == [True, False]
    ledger.mark_change_sent("churn", change)
    assert ledger.endpoint_change("churn") == change._replace(sent=True)
    again = change._replace(claimed_at=AT + timedelta(minutes=9))
    assert [ledger.claim_endpoint_change("churn", again, change) for _ in range(2)] == [True, False]
    ledger.forget_endpoint_change("churn", change)
    assert ledger.endpoint_change("churn") == again
    ledger.forget_endpoint_change("churn", again)
    assert ledger.endpoint_change("churn") is None


def test_a_change_that_was_claimed_anew_is_not_marked_by_the_one_before(ledger: Ledger) -> None:
    change = EndpointChange("config", "", AT, sent=False)
    again = change._replace(claimed_at=AT + timedelta(minutes=9))
    ledger.claim_endpoint_change("churn", change, None)
    ledger.claim_endpoint_change("churn", again, change)
    ledger.mark_change_sent("churn", change)

    assert ledger.endpoint_change("churn") == again


def test_a_deployment_is_opened_by_one_of_two_who_look_at_once(ledger: Ledger) -> None:
    run = join(ledger, 1).run
    late, task = f"{MACHINE}:{run}-d1", {"entry": "Deploy", "model": "churn", "run": run, "version": 1}
    opened = [ledger.open_deployment("churn", late, task, 0, AT) for _ in range(2)]

    assert opened == [True, False]
    assert ledger.deployments_started("churn") == 1
    assert ledger.versions("churn")[1]["attempts"] == 1
    assert {execution.arn for execution in ledger.open_executions()} == {f"{MACHINE}:{run}", late}
    assert ledger.run(run).execution_arn == late  # type: ignore[union-attr]


def test_what_waits_with_another_token_is_not_forgotten_by_the_answer_to_the_one_before(ledger: Ledger) -> None:
    ledger.remember_token("pipeline/churn-1-a", "second", "churn-1-a")
    ledger.forget_token("pipeline/churn-1-a", "first")
    ledger.await_job("job", WaiterKind.SCORING, "second", "churn-1")
    ledger.forget_job("job", "first")
    waiter = EndpointWaiter("endpoint", "config", "churn", "churn-1-a", 1, f"{MACHINE}:churn-1-a", "second", {})
    ledger.await_endpoint(waiter)
    ledger.forget_endpoint(waiter._replace(task_token="first"))

    assert ledger.token("pipeline/churn-1-a") == "second"
    assert [job.task_token for job in ledger.awaited_jobs()] == ["second"]
    assert ledger.endpoint_waiters("endpoint") == [waiter]


def test_a_refused_upload_is_listed_with_its_message_once(ledger: Ledger) -> None:
    document = {"message": "incoming/churn/1.csv: is empty; upload rows", "at": iso(AT), "model": "churn"}
    ledger.refuse("churn", arrival(1), document)
    ledger.refuse("churn", arrival(1), document)

    assert ledger.refused() == [document]
    assert ledger.recorded_outcome("bucket", "incoming/churn/1.csv", "v1")["refused"] == document["message"]  # type: ignore[index]


def test_runs_are_listed_newest_first(ledger: Ledger) -> None:
    first = join(ledger, 1).run
    ledger.close_batch("churn", first)
    second = join(ledger, 2).run

    assert [run.id for run in ledger.runs("churn")] == [second, first]
    assert [run.id for run in ledger.runs()] == [second, first]
    assert ledger.runs("other") == []


class Flow(RuleBasedStateMachine):
    """Uploads, redeliveries and runs in any order; each run is at any state of the machine."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = new_ledger()
        self.uploads = 0
        self.state: dict[str, str] = {}  # run -> "quiet", "waiting", "planned", "over"
        self.answered: set[str] = set()

    def _in(self, *states: str) -> list[str]:
        return [run for run, state in self.state.items() if state in states]

    def _answer(self, token: str) -> None:
        if token:
            self.answered.add(token)

    @rule()
    def upload(self) -> None:
        self.uploads += 1
        joined = join(self.ledger, self.uploads)
        if joined.started_batch:
            self.state[joined.run] = "quiet"

    @precondition(lambda self: self.uploads)
    @rule(data=st.data())
    def redeliver(self, data: st.DataObject) -> None:
        before = len(self.state)
        joined = join(self.ledger, data.draw(st.integers(1, self.uploads)))

        assert joined.run in self.state
        assert len(self.state) == before

    @precondition(lambda self: self._in("quiet"))
    @rule()
    def become_quiet(self) -> None:
        (run,) = self._in("quiet")
        self.state[run] = "waiting"
        if self.ledger.wait_for_turn("churn", run, run):
            self._answer(run)

    @precondition(lambda self: set(self._in("waiting")) & self.answered)
    @rule()
    def plan(self) -> None:
        (run,) = set(self._in("waiting")) & self.answered
        self.ledger.close_batch("churn", run)
        self.state[run] = "planned"

    @precondition(lambda self: self._in("planned"))
    @rule(times=st.integers(1, 2))
    def read_verdict(self, times: int) -> None:
        (run,) = self._in("planned")
        for _ in range(times):
            self._answer(self.ledger.release_turn("churn", run))
        self.state[run] = "over"

    @precondition(lambda self: self._in("quiet", "waiting", "planned"))
    @rule(data=st.data())
    def abort(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(self._in("quiet", "waiting", "planned")))
        self.ledger.close_batch("churn", run)
        self._answer(self.ledger.release_turn("churn", run))
        self.state[run] = "over"

    @invariant()
    def one_run_at_most_has_the_turn(self) -> None:
        holders = [run for run in self.state if self.ledger.holds_turn("churn", run)]

        assert len(holders) <= 1
        assert set(holders) <= self.answered
        assert self._in("planned") == [] or holders == self._in("planned")

    @invariant()
    def nobody_waits_while_the_turn_is_free(self) -> None:
        held = any(self.ledger.holds_turn("churn", run) for run in self.state)

        assert held or not self._in("waiting")

    @invariant()
    def every_upload_is_in_one_batch(self) -> None:
        seen = [one.key for run in self.state for one in self.ledger.files_of_run(run, append=False)]

        assert sorted(seen) == sorted(f"incoming/churn/{number}.csv" for number in range(1, self.uploads + 1))

    @invariant()
    def at_most_one_run_is_before_its_plan(self) -> None:
        assert len(self._in("quiet", "waiting")) <= 1


Flow.TestCase.settings = settings(
    max_examples=8, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
test_no_order_of_uploads_and_runs_loses_a_file_or_a_turn = Flow.TestCase
