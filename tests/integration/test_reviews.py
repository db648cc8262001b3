"""Versions that several reviewers have to approve, by links and in the registry, through the handlers on moto."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import begin_run
import pytest
from app.aws import model_registry
from app.decide.approval.ballots import LINK, Voice
from app.decide.approval_rules import DecisionMade, TopicMessage
from app.decide.names.statuses import RunStatus
from app.errors import NotCounted
from app.flow import approvals
from app.flow.deployment import unheard_decisions
from app.flow.deployment.versions import desired_version
from app.ledger.batches import now
from app.settings import settings
from lambda_context import Context
from moto_world import BUCKET, GOOD, World
from test_approvals import Registry, minutes, registry_of

ADA, GRACE = "ada@example.org", "grace@example.org"
CALLER = "fake-user-profile-name@example.org"  # as moto calls whoever changes a package
REVIEW = {"reviewers": [ADA, GRACE, CALLER], "needed": 2, "not_by": ""}
PENDING = "PendingManualApproval"


@pytest.fixture
def registry(world: World) -> Iterator[Registry]:
    with registry_of(world) as made:
        yield made


def waits(registry: Registry, **review: Any) -> None:
    """Version 1 waits for reviewers, and its mails were read."""
    registry.registers(1, review=REVIEW | review)
    registry.asks(1)
    registry.world.mail()


def sets(registry: Registry, status: str) -> None:
    """Somebody sets the status in the registry, which tells of it."""
    registry.sagemaker.update_model_package(ModelPackageArn=registry.arn(1), ModelApprovalStatus=status)
    registry.hears(1)


def says(registry: Registry, reviewer: str, at: str, approve: bool = True) -> None:
    """A reviewer says so by the link of their mail."""
    decision = DecisionMade("churn", 1, approve, "ticket 7", reviewer)
    sent = TopicMessage(f"page/{reviewer}", at, "")
    stack = settings("data_bucket", "ledger_table")
    approvals.follow(decision, sent, model_registry.package(registry.arn(1)), stack, reviewer)


def desired() -> int | None:
    return desired_version("churn", settings("stack", "ledger_table")).version


def first_line(registry: Registry) -> str:
    (mail,) = registry.world.mail()
    return mail.splitlines()[0]


def test_a_reviewers_yes_is_one_and_the_version_waits_for_more(registry: Registry) -> None:
    waits(registry)

    says(registry, ADA, minutes(0))
    says(registry, ADA, minutes(0))  # at least once
    registry.hears(1)

    assert (registry.status(1), registry.record(1).status) == (PENDING, RunStatus.AWAITING_APPROVAL)
    assert registry.timeline(1)[-1] == f"1 of 2 yes ({ADA})"
    assert registry.world.mail() == []


@pytest.mark.parametrize("by", ["Mallory", ADA, GRACE])
def test_a_yes_by_message_counts_for_nothing_whoever_it_claims_to_be_from(registry: Registry, by: str) -> None:
    waits(registry)
    says(registry, ADA, minutes(0))

    registry.says(1, "approve", minutes(0), by=by)

    assert registry.status(1) == PENDING
    assert "was not followed: it takes a yes of 2 of" in (told := first_line(registry))
    assert "nobody proves who sends a message; approve by the link of your own mail, or in the registry" in told


def test_a_no_by_message_stops(registry: Registry) -> None:
    waits(registry)
    says(registry, ADA, minutes(-1))
    registry.answers_somehow(1)

    registry.says(1, "reject", minutes(0), by="Mallory")
    registry.hears(1)

    assert registry.status(1) == "Rejected"


def test_an_approval_in_the_registry_is_one_yes_and_the_version_waits_again(registry: Registry) -> None:
    waits(registry)

    sets(registry, "Approved")

    assert (registry.status(1), registry.record(1).status) == (PENDING, RunStatus.AWAITING_APPROVAL)
    assert first_line(registry) == f"Version 1 of churn waits on: 1 of 2 yes ({CALLER})."
    assert registry.timeline(1)[-1] == f"1 of 2 yes ({CALLER})"


def test_an_approval_that_nobody_has_counted_yet_deploys_nothing(registry: Registry) -> None:
    waits(registry)
    registry.sagemaker.update_model_package(ModelPackageArn=registry.arn(1), ModelApprovalStatus="Approved")

    assert desired() is None
    registry.asks(1)  # the state is retried, before the registry's event
    assert registry.record(1).status is RunStatus.AWAITING_APPROVAL


def looked_at(version: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The versions that whoever reacts to decisions is to look at, while ``version`` should serve."""
    invoked: list[str] = []
    monkeypatch.setattr(
        "app.aws.functions.invoke", lambda name, event: invoked.append(event["detail"]["ModelPackageArn"])
    )
    stack = settings("stack", "ledger_table")._replace(approval_function="approval")
    found = desired_version("churn", stack)
    assert found.version == version
    unheard_decisions.ask("churn", found, stack)
    return invoked


def approves_newer(registry: Registry) -> None:
    """Version 2 needs nobody else."""
    registry.registers(2)
    registry.sagemaker.update_model_package(ModelPackageArn=registry.arn(2), ModelApprovalStatus="Approved")


def test_an_older_version_that_lacks_a_yes_is_looked_at_where_its_event_was_lost(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits(registry)
    approves_newer(registry)
    registry.sagemaker.update_model_package(ModelPackageArn=registry.arn(1), ModelApprovalStatus="Approved")

    assert looked_at(2, monkeypatch) == [registry.arn(1)]
    registry.hears(1)
    assert registry.status(1) == PENDING
    assert looked_at(2, monkeypatch) == []


def test_an_older_version_that_has_every_yes_is_left_alone(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    waits(registry)
    sets(registry, "Approved")
    says(registry, ADA, minutes(1))
    registry.answers_somehow(1)
    registry.hears(1)
    approves_newer(registry)

    assert looked_at(2, monkeypatch) == []
    assert registry.status(1) == "Approved"


def test_the_last_yes_is_the_registrys_and_names_all(registry: Registry) -> None:
    waits(registry)
    sets(registry, "Approved")
    who = f"approved by {CALLER}, {ADA}, not proven (IAM knows fake-user-profile-name)"
    registry.answers(1, approved=True, superseded=False, who=who, reasons=[f"{who}: {ADA}: ticket 7"])

    says(registry, ADA, minutes(1))
    registry.hears(1)

    assert (registry.status(1), desired()) == ("Approved", 1)
    assert registry.timeline(1)[-1] == who


def test_an_approval_of_a_principal_who_is_no_reviewer_counts_for_nothing(registry: Registry) -> None:
    waits(registry, reviewers=[ADA, GRACE])

    sets(registry, "Approved")

    assert (registry.status(1), desired()) == (PENDING, None)
    assert "'fake-user-profile-name' is none of the reviewers in models/churn.yaml" in first_line(registry)


def test_one_no_stops_and_what_was_said_before_counts_no_more(registry: Registry) -> None:
    waits(registry)
    says(registry, ADA, minutes(-1))
    says(registry, GRACE, minutes(0), approve=False)
    registry.answers_somehow(1)
    registry.hears(1)
    assert registry.status(1) == "Rejected"
    registry.world.ledger.forget_token(f"approval/{registry.arn(1)}")

    sets(registry, "Approved")
    says(registry, ADA, minutes(1))

    assert registry.status(1) == "Approved"
    assert desired() == 1


def test_a_message_does_not_undo_a_rejection_of_what_several_have_to_approve(registry: Registry) -> None:
    waits(registry)
    registry.answers_somehow(1)
    sets(registry, "Rejected")

    registry.says(1, "approve", minutes(1), by=ADA)

    assert registry.status(1) == "Rejected"
    assert "version 1 was rejected; approve it in the registry" in first_line(registry)


def test_a_no_whose_sender_died_before_the_registry_heard_it_stands(registry: Registry) -> None:
    waits(registry)
    run = registry.run_of(1)
    registry.world.ledger.change_ballot("churn", 1, run, lambda ballot: ballot._replace(outcome="Rejected"))
    registry.answers_somehow(1)

    sets(registry, "Approved")

    assert (registry.status(1), desired()) == ("Rejected", None)


def test_a_last_yes_whose_sender_died_before_the_registry_heard_it_counts(registry: Registry) -> None:
    waits(registry)
    run, voices = registry.run_of(1), [Voice(one, True, "", one, LINK, minutes(0)) for one in (ADA, GRACE)]
    for voice in voices:
        registry.world.ledger.change_ballot("churn", 1, run, lambda ballot, voice=voice: ballot.said(voice, 2))
    registry.answers_somehow(1)

    registry.hears(1)

    assert (registry.status(1), desired()) == ("Approved", 1)


def test_a_version_that_is_set_back_by_hand_after_all_said_yes_stays_so(registry: Registry) -> None:
    waits(registry)
    sets(registry, "Approved")
    says(registry, ADA, minutes(1))
    registry.answers_somehow(1)
    registry.hears(1)

    sets(registry, PENDING)

    assert (registry.status(1), desired()) == (PENDING, None)


def test_a_model_with_reviewers_of_whom_one_is_enough_is_decided_by_whom_iam_permits(registry: Registry) -> None:
    waits(registry, reviewers=[ADA, GRACE], needed=1)
    registry.answers_somehow(1)

    sets(registry, "Approved")

    assert (registry.status(1), desired()) == ("Approved", 1)


@pytest.mark.parametrize(("starter", "counts"), [("ada", False), ("grace", True), ("", True)])
def test_who_asked_for_the_run_does_not_count(world: World, registry: Registry, starter: str, counts: bool) -> None:
    registry.machine.add_response("start_execution", {"executionArn": "arn:e", "startDate": now()})
    begun = begin_run.handler({"model": "churn", "request": "r", "by": starter}, Context())
    batch = world.ledger.get("MODEL#churn", f"RUN#{begun['run']}") or {}
    registry.registers(1, review=REVIEW | {"needed": 1, "not_by": "starter"})
    facts = {name: batch[name] for name in ("batch", "requested_by") if name in batch}
    world.ledger.update_run(registry.run_of(1), "taken", **facts)

    with nullcontext() if counts else pytest.raises(NotCounted, match="started this run"):
        says(registry, ADA, minutes(0))

    assert registry.status(1) == ("Approved" if counts else PENDING)


def test_who_uploaded_what_a_run_began_with_started_it(world: World) -> None:
    review = {"approval": {"reviewers": [ADA, GRACE], "needed": 1, "not_by": "starter"}}
    world.publishes(**review)
    event = world.upload("incoming/churn/may.csv", GOOD, {"uploaded-by": "ada"})

    world.record(event)

    assert world.ledger.starters(world.run()) == {"ada"}
    assert world.s3.list_objects_v2(Bucket=BUCKET, Prefix="quarantine/")["KeyCount"] == 0
