"""What is published between a run's plan and its decision binds the yes that its version needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from app.aws import model_registry
from app.decide.approval_rules import DecisionMade, TopicMessage
from app.decide.names.statuses import RunStatus
from app.errors import NotCounted
from app.flow import approvals
from app.flow.deployment.versions import desired_version
from app.ledger.batches import now
from app.ledger.table import Write
from app.settings import settings
from moto_world import BUCKET, World
from test_approvals import Registry, minutes, registry_of
from test_older_versions import AUTOMATIC, LOOSE, publish_now
from test_requested_runs import frozen, upload

ADA, GRACE, CALLER = "ada@example.org", "grace@example.org", "fake-user-profile-name@example.org"
PENDING = "PendingManualApproval"
TWO = {"mode": "manual", "reviewers": [ADA, GRACE, CALLER], "needed": 2}


@pytest.fixture
def registry(world: World) -> Iterator[Registry]:
    with registry_of(world) as made:
        yield made


def planned(registry: Registry, **model: Any) -> None:
    """A run was planned by what was published then, and registered version 1."""
    world = registry.world
    registry.machine.add_response("start_execution", {"executionArn": "arn:e", "startDate": now()})
    publish_now(world, **model)
    registry.registers(1, **frozen(world, upload(world, "may.csv")))


def says(registry: Registry, reviewer: str, approve: bool = True) -> None:
    """A reviewer says so by the link of their mail."""
    decision = DecisionMade("churn", 1, approve, "ticket 7", reviewer)
    sent, stack = TopicMessage(f"page/{reviewer}", minutes(0), ""), settings("data_bucket", "ledger_table")
    approvals.follow(decision, sent, model_registry.package(registry.arn(1)), stack, reviewer)


def sets(registry: Registry, status: str) -> None:
    registry.sagemaker.update_model_package(ModelPackageArn=registry.arn(1), ModelApprovalStatus=status)
    registry.hears(1)


def told(registry: Registry) -> str:
    return next(text for text in registry.timeline(1) if text.startswith("published anew: "))


def desired() -> int | None:
    return desired_version("churn", settings("stack", "ledger_table")).version


def test_a_version_whose_model_is_manual_by_now_does_not_approve_itself(registry: Registry) -> None:
    planned(registry, **AUTOMATIC)
    publish_now(registry.world)

    registry.asks(1)

    assert (registry.status(1), registry.record(1).status) == (PENDING, RunStatus.AWAITING_APPROVAL)
    assert told(registry) == "published anew: it needs the yes of a person"


def test_a_version_whose_model_is_automatic_by_now_still_asks(registry: Registry) -> None:
    planned(registry)
    publish_now(registry.world, **AUTOMATIC)

    registry.asks(1)

    assert registry.status(1) == PENDING


def test_a_version_of_a_model_that_is_not_published_any_more_asks_a_person(registry: Registry) -> None:
    planned(registry, **AUTOMATIC)
    registry.world.s3.delete_object(Bucket=BUCKET, Key="config/models/churn.json")

    registry.asks(1)

    assert registry.status(1) == PENDING


@pytest.mark.parametrize(
    ("then", "by_now", "said"),
    [
        (LOOSE, {}, "accuracy at least 0.1 by this run's plan; now it is 0.8"),
        ({"gate": []}, {}, "accuracy has no limit by this run's plan; now it is at least 0.8"),
        (
            {"split": {"train": 0.98, "validation": 0.01, "test": 0.01}},
            {"split": {"train": 0.7, "validation": 0.1, "test": 0.2}},
            "rows are split otherwise by this run's plan than the model file says now",
        ),
        ({}, LOOSE, ""),
        ({}, {}, ""),
    ],
    ids=["stricter", "a limit more", "another split", "looser", "the same"],
)
def test_a_version_that_met_looser_limits_than_those_of_now_asks_a_person(
    registry: Registry, then: dict[str, Any], by_now: dict[str, Any], said: str
) -> None:
    planned(registry, **AUTOMATIC, **then)
    publish_now(registry.world, **AUTOMATIC, **by_now)
    if not said:
        registry.answers_somehow(1)

    registry.asks(1)

    assert registry.status(1) == (PENDING if said else "Approved")
    assert registry.record(1).plan["loosened"] == ([said] if said else [])
    assert said in "".join(registry.world.mail())


def test_a_plan_of_an_earlier_release_says_nothing_of_its_limits_and_asks_a_person(registry: Registry) -> None:
    publish_now(registry.world, **AUTOMATIC)
    registry.registers(1, automatic=True, model_sha256="another")

    registry.asks(1)

    assert registry.status(1) == PENDING
    assert "nobody knows the limits by this run's plan: an earlier release planned it" in told(registry)


def test_a_version_that_approved_itself_before_stays_approved(registry: Registry) -> None:
    planned(registry, **AUTOMATIC)
    registry.answers_somehow(1)
    registry.asks(1)
    publish_now(registry.world)
    registry.answers_somehow(1)

    registry.hears(1)

    assert (registry.status(1), desired()) == ("Approved", 1)
    assert not any(text.startswith("published anew") for text in registry.timeline(1))


def test_that_a_version_of_the_same_number_was_approved_once_approves_none_of_a_new_registry(
    registry: Registry,
) -> None:
    planned(registry, **AUTOMATIC)
    before = {"decision": "Approved", "at": "2020-01-01T00:00:00.000Z", "why": "", "sequence": 1, "after_wait": False}
    registry.world.ledger.write(Write("MODEL#churn", "DECISION#00000001", set=before))
    registry.world.ledger.append_timeline(registry.run_of(1), "batch closed")
    publish_now(registry.world)

    registry.asks(1)

    assert registry.status(1) == PENDING


def test_a_version_that_approves_itself_does_not_overrule_who_rejected_it(registry: Registry) -> None:
    planned(registry, **AUTOMATIC)
    registry.answers_somehow(1)
    sets(registry, "Rejected")

    registry.asks(1)

    assert (registry.status(1), desired()) == ("Rejected", None)


def test_who_approves_by_hand_in_the_words_of_a_model_that_approves_itself_is_named(registry: Registry) -> None:
    planned(registry)
    registry.asks(1)
    registry.answers_somehow(1)
    words = "approved automatically, as models/churn.yaml says"
    registry.sagemaker.update_model_package(
        ModelPackageArn=registry.arn(1), ModelApprovalStatus="Approved", ApprovalDescription=words
    )

    registry.hears(1)

    assert registry.timeline(1)[-1] == "approved by fake-user-profile-name"


def test_reviewers_that_are_named_meanwhile_are_those_who_are_asked(registry: Registry) -> None:
    planned(registry)
    registry.asks(1)
    registry.world.mail()
    registry.world.subscribes(ADA, GRACE)
    publish_now(registry.world, approval=TWO)

    registry.hears(1)  # the reconciler has it looked at

    assert {to for to, _ in registry.world.sent()} == {ADA, GRACE}
    assert f"it needs a yes of 2 of: {ADA}, {GRACE}, {CALLER}" in registry.world.mail()[0]
    registry.hears(1)
    assert registry.world.mail() == []


def test_an_approval_in_the_registry_is_one_yes_where_two_are_needed_by_now(registry: Registry) -> None:
    planned(registry)
    registry.asks(1)
    publish_now(registry.world, approval=TWO)

    sets(registry, "Approved")

    assert (registry.status(1), desired()) == (PENDING, None)


def test_a_message_is_no_yes_where_two_are_needed_by_now(registry: Registry) -> None:
    planned(registry)
    registry.asks(1)
    publish_now(registry.world, approval=TWO)

    registry.says(1, "approve", minutes(0))

    assert registry.status(1) == PENDING


@pytest.mark.parametrize("needed", [1, 2])
def test_the_link_of_somebody_who_is_no_reviewer_any_more_approves_nothing(registry: Registry, needed: int) -> None:
    planned(registry, approval=TWO | {"needed": needed})
    registry.asks(1)
    publish_now(registry.world, approval=TWO | {"needed": needed, "reviewers": [GRACE, CALLER]})

    with pytest.raises(NotCounted, match="is none of the reviewers"):
        says(registry, ADA)

    assert registry.status(1) == PENDING


def test_the_yes_of_somebody_who_is_no_reviewer_any_more_counts_for_nothing(registry: Registry) -> None:
    planned(registry, approval=TWO)
    registry.asks(1)
    says(registry, ADA)
    publish_now(registry.world, approval=TWO | {"reviewers": [GRACE, CALLER]})

    says(registry, GRACE)

    assert (registry.status(1), registry.timeline(1)[-1]) == (PENDING, f"1 of 2 yes ({GRACE})")


def test_a_yes_that_was_one_of_two_is_enough_where_one_is_needed_by_now(registry: Registry) -> None:
    planned(registry, approval=TWO | {"not_by": "starter"})
    registry.asks(1)
    says(registry, ADA)
    publish_now(registry.world, approval=TWO | {"needed": 1, "not_by": "starter"})
    registry.answers_somehow(1)

    registry.hears(1)

    assert (registry.status(1), desired()) == ("Approved", 1)
