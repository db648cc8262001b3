"""Scalings that AWS has and the ledger does not know of, or the other way round: of processes that died, of people, of
refusals in the middle, of changes that nobody waits for any more.
"""

from collections.abc import Callable
from contextlib import suppress

import pytest
from app.aws import clients
from app.decide.deployment.scaling import KeptScaling
from app.decide.deployment_plans import ConfigProperties
from app.decide.names.statuses import Approval
from app.flow.deployment import scaling
from app.ledger import Ledger
from app.ledger.task_tokens import EndpointWaiter
from botocore.stub import ANY, Stubber
from test_deployments import (
    ARN,
    ENDPOINT,
    EXECUTION,
    NEW,
    OLD,
    ROLLED_BACK,
    RUN,
    STRATEGY,
    TAGS,
    World,
    decided,
    world,
)
from test_scaled_endpoints import (
    BEFORE,
    OTHER_TYPE,
    RESOURCE,
    WANTED,
    WISH,
    answered,
    bounds,
    config_of,
    registered_by_hand,
    scaled,
    updates,
    version_1_serves,
    waits,
)

__all__ = ["world"]  # the fixture
BEFORE_TYPE = "ml.m5.large"
MUST_GO = (
    'The variant(s) "AllTraffic" must be deregistered as scalable target(s) with AWS Auto Scaling before they can be'
    " removed or have their instance type updated."
)


class Died(BaseException):
    """The function's process ends here."""


def dies(*_: object) -> None:
    raise Died


def other_type() -> None:
    of_old, of_new = ConfigProperties(1, None, (BEFORE_TYPE,)), ConfigProperties(1, None, (OTHER_TYPE,))
    scaling.make_way("churn", RUN, ENDPOINT, of_old, of_new)


NEXT: dict[str, Callable[[], object]] = {
    "an update to another type of instances": other_type,
    "a version that asks for none": lambda: scaling.keep("churn", ENDPOINT, "other", None),
    "the end of the endpoint": lambda: scaling.end("churn", ENDPOINT),
}


@pytest.mark.parametrize("following", NEXT)
def test_what_a_process_registered_that_died_then_is_taken_away_again(
    world: World, monkeypatch: pytest.MonkeyPatch, following: str
) -> None:
    waits(world, WISH, replaces=OLD)
    world.approved(1, 2)
    world.described("InService", NEW)
    with monkeypatch.context() as patch, suppress(Died):
        patch.setattr(Ledger, "note_scaling", dies)
        world.look()
    assert bounds() == [(RESOURCE, 2, 4)]

    NEXT[following]()

    assert bounds() == []


@pytest.mark.parametrize("following", NEXT)
def test_what_is_registered_though_its_policy_was_refused_is_taken_away_again(world: World, following: str) -> None:
    waits(world, WISH, replaces=OLD)
    answered(world)
    with Stubber(clients.client("application-autoscaling")) as scaler:
        scaler.add_response("register_scalable_target", {})
        scaler.add_client_error("put_scaling_policy", "FailedResourceAccessException", "no PutMetricAlarm", 400)
        world.look()
    assert world.ledger.kept_scaling("churn") == KeptScaling("", WANTED)

    with Stubber(clients.client("application-autoscaling")) as scaler:
        scaler.add_response("deregister_scalable_target", {})
        NEXT[following]()

        scaler.assert_no_pending_responses()


@pytest.mark.parametrize("following", ["an update to another type of instances", "the end of the endpoint"])
def test_what_a_process_took_away_that_died_then_is_set_again(
    world: World, monkeypatch: pytest.MonkeyPatch, following: str
) -> None:
    version_1_serves(world)
    scaled(world)
    with monkeypatch.context() as patch, suppress(Died):
        patch.setattr(Ledger, "forget_scaling", dies)
        NEXT[following]()
    assert bounds() == []
    world.approved(1)
    world.described("InService", OLD)
    world.described("InService", OLD)

    world.look()

    assert bounds() == [(RESOURCE, 2, 4)]


def test_a_scaling_of_people_makes_way_for_another_type_of_instances_and_its_end_is_told(world: World) -> None:
    registered_by_hand()
    waits(world, {})
    world.approved(1, 2)
    world.described("InService", OLD, instances=3)
    config_of(world, OLD, BEFORE_TYPE)
    config_of(world, NEW, OTHER_TYPE)
    updates(world, "DesiredInstanceCount")

    assert world.look() == "advanced"
    assert bounds() == []
    told = f"found: endpoint {ENDPOINT} was scaled as no model file says, which ended: its type of instances changes"
    assert world.timeline() == [told, "endpoint updating"]


def test_a_refusal_that_asks_for_deregistering_marks_no_version(world: World) -> None:
    waits(world, {})
    world.approved(1, 2)
    for _ in range(2):
        world.described("InService", OLD, instances=3)
        config_of(world, OLD, BEFORE_TYPE)
        config_of(world, NEW, OTHER_TYPE)
        world.sagemaker.add_client_error("update_endpoint", "ValidationException", MUST_GO, 400)
    world.described("InService", OLD, instances=3)
    with Stubber(clients.client("application-autoscaling")) as scaler:
        for _ in range(2):  # each time somebody registers it again
            scaler.add_response("deregister_scalable_target", {})

        assert world.look() == "advanced"
        scaler.assert_no_pending_responses()

    assert world.ledger.failed_versions("churn") == set()
    assert world.ledger.endpoint_change("churn") is None
    assert len(world.ledger.endpoint_waiters(ENDPOINT)) == 1  # the next look asks again


def test_a_change_whose_version_was_rejected_meanwhile_is_forgotten_and_what_serves_is_scaled_again(
    world: World,
) -> None:
    version_1_serves(world)
    world.ledger.doubt_scaling("churn", BEFORE)
    waits(world, {}, replaces=OLD)
    world.approved(1)
    world.described("InService", OLD, ROLLED_BACK)
    world.machine.add_response("send_task_success", {}, {"taskToken": "token", "output": ANY})
    world.described("InService", OLD, ROLLED_BACK)

    world.look()

    assert world.ledger.endpoint_change("churn") is None
    assert bounds() == [(RESOURCE, 2, 4)]


def test_an_endpoint_that_is_made_again_is_scaled_though_nobody_waits_for_it_when_it_serves(world: World) -> None:
    version_1_serves(world)
    again = EndpointWaiter(ENDPOINT, OLD, "churn", f"{RUN[:-1]}1", 1, EXECUTION, "token", STRATEGY, TAGS, WISH)
    world.ledger.await_endpoint(again)
    world.approved(1)
    world.absent()
    world.sagemaker.add_response("create_endpoint", {"EndpointArn": ARN})
    assert world.look() == "advanced"

    decided(1, Approval.REJECTED)
    world.approved()
    world.machine.add_response("send_task_success", {}, {"taskToken": "token", "output": ANY})
    for _ in range(2):
        world.described("InService", OLD)
    assert world.look() == "kept"

    assert bounds() == [(RESOURCE, 2, 4)]


def test_a_version_that_was_rejected_while_it_was_deployed_is_tried_anew_when_it_is_approved_again(
    world: World,
) -> None:
    test_a_change_whose_version_was_rejected_meanwhile_is_forgotten_and_what_serves_is_scaled_again(world)
    waits(world, WISH)
    world.approved(1, 2)
    for _ in range(2):
        world.described("InService", OLD, ROLLED_BACK)
    config_of(world, OLD, BEFORE_TYPE)
    config_of(world, NEW, OTHER_TYPE)
    updates(world)

    assert world.look() == "advanced"
    assert world.ledger.failed_versions("churn") == set()


def test_a_scaling_of_people_does_not_keep_what_served_before_from_being_brought_back(world: World) -> None:
    version_1_serves(world)
    decided(1, Approval.REJECTED)
    registered_by_hand()
    world.ledger.record_failure("churn", 2, "wrong answers")
    world.approved(2)
    world.described("InService", NEW, instances=3)
    for name, kind in ((OLD, BEFORE_TYPE), (NEW, OTHER_TYPE), (OLD, BEFORE_TYPE)):
        config_of(world, name, kind)
    world.sagemaker.add_response("update_endpoint", {"EndpointArn": ARN})

    assert world.look() == "brought back"
    assert bounds() == []


def test_a_limit_of_the_account_is_told_and_the_version_serves_all_the_same(world: World) -> None:
    waits(world, WISH, replaces=OLD)
    answered(world)

    with Stubber(clients.client("application-autoscaling")) as scaler:
        limit = "A per-account resource limit is exceeded."
        scaler.add_client_error("register_scalable_target", "LimitExceededException", limit, 400)
        world.look()

    assert any("LimitExceededException" in entry for entry in world.timeline())
    assert world.ledger.endpoint_waiters(ENDPOINT) == []


def test_what_aws_refuses_of_what_serves_is_told_once(world: World) -> None:
    version_1_serves(world)
    world.ledger.doubt_scaling("churn", BEFORE)
    for _ in range(2):
        world.approved(1)
        world.described("InService", OLD)
        world.described("InService", OLD)
        with Stubber(clients.client("application-autoscaling")) as scaler:
            scaler.add_client_error("register_scalable_target", "AccessDeniedException", "no", 400)
            world.look()

    record = world.ledger.record(f"{RUN[:-1]}1")
    assert record
    assert ["AWS refuses the autoscaling" in entry["what"] for entry in record.timeline] == [True]


def test_of_two_that_ask_at_once_neither_says_what_is_registered(world: World) -> None:
    first = world.ledger.doubt_scaling("churn", BEFORE)
    second = world.ledger.doubt_scaling("churn", WANTED)

    world.ledger.note_scaling("churn", KeptScaling(NEW, WANTED), second)
    assert world.ledger.kept_scaling("churn") == KeptScaling(NEW, WANTED)

    world.ledger.note_scaling("churn", KeptScaling(OLD, BEFORE), first)
    assert world.ledger.kept_scaling("churn") == KeptScaling("", BEFORE)

    world.ledger.forget_scaling("churn", second)
    assert world.ledger.kept_scaling("churn") == KeptScaling("", BEFORE)
