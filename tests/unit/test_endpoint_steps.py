"""Every state that an endpoint can be found in has its one answer."""

from datetime import UTC, datetime, timedelta

import pytest
from app.decide.deployment.endpoint_steps import (
    CLAIM_GRACE,
    SETTLE,
    Action,
    Endpoint,
    EndpointChange,
    found_since,
    next_step,
)

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
OLD, NEW, FOREIGN = "retrain--churn-v1-aaaaaaaa", "retrain--churn-v2-bbbbbbbb", "made-by-hand"
LONG_AGO, JUST_NOW = NOW - timedelta(hours=1), NOW - timedelta(seconds=20)
ALARM = "these alarms are in ALARM: errors"
NO_INSTANCES = "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error."


def endpoint(status: str, config: str, failure: str = "", modified_at: datetime = NOW) -> Endpoint:
    return Endpoint("retrain--churn", config, status, failure, modified_at)


def change(
    config: str = NEW, replaces: str = OLD, claimed_at: datetime = JUST_NOW, *, sent: bool = True
) -> EndpointChange:
    return EndpointChange(config, replaces, claimed_at, sent)


@pytest.mark.parametrize(
    ("found", "last", "action"),
    [
        # nothing was asked for yet
        (None, None, Action.CREATE),
        (endpoint("InService", OLD), None, Action.UPDATE),
        (endpoint("InService", NEW), None, Action.SERVED),
        (endpoint("InService", OLD, ALARM), None, Action.UPDATE),  # the reason of an earlier change
        (endpoint("InService", FOREIGN), None, Action.UPDATE),
        (endpoint("Failed", OLD), None, Action.DELETE),
        (endpoint("Failed", NEW, "no image"), None, Action.DELETE),
        (endpoint("OutOfService", OLD), None, Action.UPDATE),
        (endpoint("UpdateRollbackFailed", OLD), None, Action.UPDATE),
        (endpoint("StatusOfTomorrow", OLD), None, Action.UPDATE),
        # it changes
        *((endpoint(status, OLD), None, Action.WAIT) for status in ("Creating", "Updating", "SystemUpdating")),
        *((endpoint(status, NEW), change(), Action.WAIT) for status in ("RollingBack", "Deleting", "Updating")),
        # the change was claimed, and perhaps never sent
        (None, change(sent=False), Action.WAIT),
        (endpoint("InService", OLD), change(sent=False), Action.WAIT),
        (endpoint("InService", OLD), change(sent=False, claimed_at=NOW - CLAIM_GRACE), Action.UPDATE),
        (None, change(sent=False, claimed_at=LONG_AGO), Action.CREATE),
        # it was sent
        (endpoint("InService", NEW), change(), Action.SERVED),
        (endpoint("InService", NEW, ALARM), change(), Action.SERVED),
        (endpoint("InService", OLD, ALARM), change(), Action.GIVE_UP),
        (endpoint("InService", OLD, NO_INSTANCES), change(), Action.TRY_LATER),
        (endpoint("InService", OLD), change(), Action.WAIT),  # it may still say why
        (endpoint("InService", OLD), change(claimed_at=NOW - SETTLE), Action.GIVE_UP),
        (endpoint("InService", OLD, ALARM, LONG_AGO), change(), Action.WAIT),  # described as it was before
        (endpoint("InService", OLD, ALARM, LONG_AGO), change(claimed_at=NOW - SETTLE), Action.UPDATE),
        (endpoint("Failed", NEW, "no image"), change(replaces=""), Action.GIVE_UP),
        (endpoint("Failed", NEW, NO_INSTANCES), change(replaces=""), Action.TRY_LATER),
        (endpoint("UpdateRollbackFailed", OLD, ALARM), change(), Action.GIVE_UP),
        # somebody else had a hand in it
        (None, change(), Action.CREATE),
        (endpoint("InService", FOREIGN), change(), Action.UPDATE),
        (endpoint("InService", FOREIGN, ALARM), change(), Action.UPDATE),
        (endpoint("Failed", FOREIGN, "no image"), change(), Action.DELETE),
        # the last change was another version's
        (endpoint("InService", OLD, ALARM), change(config="retrain--churn-v3-cccccccc"), Action.UPDATE),
        (endpoint("Failed", "retrain--churn-v3-cccccccc", ALARM), change(config="retrain--churn-v3-cccccccc"),
         Action.DELETE),
    ],
)  # fmt: skip
def test_every_state_has_its_one_answer(found: Endpoint | None, last: EndpointChange | None, action: Action) -> None:
    assert next_step(found, NEW, last, NOW).action is action


def test_a_reason_names_what_happened_and_why() -> None:
    step = next_step(endpoint("InService", OLD, ALARM), NEW, change(), NOW)

    assert step.reason == f"endpoint retrain--churn went back to {OLD}: {ALARM}"


OTHER = "retrain--churn-v3-cccccccc"
DELETES = EndpointChange(NEW, "", JUST_NOW, sent=True, deletes=True)


@pytest.mark.parametrize(
    ("found", "last", "served", "said"),
    [
        # people deleted it
        (None, None, OLD, f"the endpoint was deleted; {OLD} was verified last"),
        (None, change(), OLD, "the endpoint was deleted while it changed"),
        (None, change(sent=False, claimed_at=LONG_AGO), OLD, f"the endpoint was deleted; {OLD} was verified last"),
        # people moved it
        (endpoint("InService", FOREIGN), None, OLD, f"somebody else's configuration {FOREIGN} was in service"),
        (endpoint("InService", FOREIGN), change(), OLD, f"somebody else's configuration {FOREIGN} was in service"),
        (endpoint("InService", FOREIGN), None, "", f"somebody else's configuration {FOREIGN} was in service"),
        (endpoint("InService", OLD), None, NEW, f"configuration {OLD} was in service"),
        # it broke
        (endpoint("Failed", OLD, "no image"), None, OLD, "endpoint retrain--churn had failed: no image"),
        (endpoint("Failed", FOREIGN), change(), OLD, "endpoint retrain--churn had failed: no reason given"),
        (endpoint("OutOfService", OLD), None, OLD, "endpoint retrain--churn was OutOfService"),
        (endpoint("StatusOfTomorrow", OLD), None, OLD, "endpoint retrain--churn was StatusOfTomorrow"),
        # a deployment left it so
        (None, None, "", ""),
        (None, DELETES, OLD, ""),
        (endpoint("InService", OLD), None, OLD, ""),
        (endpoint("InService", OLD), None, "", ""),  # a version that failed its verification
        (endpoint("InService", OTHER), change(config=OTHER), OLD, ""),
        (endpoint("InService", OLD, ALARM, LONG_AGO), change(claimed_at=NOW - SETTLE), OLD, ""),
        (endpoint("Updating", FOREIGN), None, OLD, ""),
        (endpoint("InService", NEW), None, OLD, ""),
    ],
)  # fmt: skip
def test_what_no_deployment_left_so_is_said(
    found: Endpoint | None, last: EndpointChange | None, served: str, said: str
) -> None:
    assert next_step(found, NEW, last, NOW, served).found == said


def test_what_is_said_in_the_end_is_what_the_last_deployment_found() -> None:
    told = ["deployment requested", "found: a", "endpoint in service", "deployment requested", "found: b", "Deployed"]

    assert found_since([{"at": "", "what": what} for what in told]) == ["b"]
