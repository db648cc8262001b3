"""Executions of versions that wait long for a person: the reconciler, on moto, leaves them alone for a while."""

from collections.abc import Iterator

import pytest
from app.aws import clients
from app.decide.names.resource_names import execution_arn
from app.flow import reconciler
from app.ledger.batches import now
from app.settings import settings
from botocore.stub import ANY, Stubber
from moto_world import World
from reconcile_runs import SETTINGS
from test_approvals import Registry, registry_of


@pytest.fixture
def registry(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A version that has waited for two hours."""
    monkeypatch.setenv("REACTING_FUNCTIONS", "approval=ReactToApproval")
    monkeypatch.setenv("SCORING_MACHINE_ARN", world.machine)
    with registry_of(world) as registry:
        registry.registers(1)
        registry.asks(1)
        registry.asked_ago(1, share=2)
        yield registry


def reconciled(registry: Registry, *statuses: str) -> int:
    """How much a pass acts upon, in which the execution is described with each of these statuses."""
    arn = execution_arn(registry.world.machine, registry.run_of(1))
    described = {"executionArn": arn, "startDate": now(), "stateMachineArn": registry.world.machine}
    with Stubber(clients.client("lambda")) as functions:
        for status in statuses:
            registry.machine.add_response("describe_execution", described | {"status": status}, {"executionArn": arn})
            asked = {"FunctionName": "ReactToApproval", "InvocationType": "Event", "Payload": ANY}
            functions.add_response("invoke", {"StatusCode": 202}, asked)
        done = reconciler.reconcile(settings(*SETTINGS), 0)
        functions.assert_no_pending_responses()
    return done.actions


def test_a_version_that_waits_long_costs_most_passes_no_call(registry: Registry) -> None:
    assert reconciled(registry, "RUNNING") == 1
    assert reconciled(registry) == 0

    (waits,) = registry.world.ledger.open_executions()
    assert waits.rests_until
    assert waits.rests_until > now()


def test_a_run_that_goes_on_is_looked_at_in_each_pass_again(registry: Registry) -> None:
    reconciled(registry, "RUNNING")
    (waits,) = registry.world.ledger.open_executions()
    registry.world.ledger.wake_execution(waits.arn)
    registry.world.ledger.wake_execution(waits.arn)

    assert reconciled(registry, "RUNNING") == 1


def test_an_execution_whose_end_is_written_does_not_rest(registry: Registry) -> None:
    (waits,) = registry.world.ledger.open_executions()
    registry.world.ledger.close_execution(waits.arn)
    registry.world.ledger.rest_execution(waits.arn, now())

    assert registry.world.ledger.open_executions() == []
