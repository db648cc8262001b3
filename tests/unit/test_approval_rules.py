"""When a version's status was decided, who decided it, and when a reviewer is reminded."""

from datetime import UTC, datetime, timedelta

import pytest
from app.decide.approval_rules import (
    DecisionMade,
    HeardMessage,
    LastDecision,
    decided_at,
    decider,
    reminder,
    reminder_due,
)
from app.decide.names.statuses import Approval
from app.decide.names.times import iso

SENT, HEARD, EDITED = "2026-03-14T10:00:00.000Z", "2026-03-14T10:00:05.000Z", "2026-03-14T11:00:00.000Z"
MESSAGE = HeardMessage("m1", SENT, "Approved", "ticket 7 (sent by Ada, not proven)", "ticket 7", "Ada", EDITED)
NAMELESS = MESSAGE._replace(by="", description="ticket 7")
LAST = LastDecision("Approved", HEARD)


@pytest.mark.parametrize(
    ("status", "description", "last", "heard", "at"),
    [
        (Approval.APPROVED, MESSAGE.description, LAST, MESSAGE, SENT),  # a message counts from when it was sent
        (
            Approval.APPROVED,
            MESSAGE.description,
            LAST,
            MESSAGE._replace(followed_at=HEARD),
            EDITED,
        ),  # and an edit later
        (
            Approval.APPROVED,
            MESSAGE.description,
            LAST,
            MESSAGE._replace(followed_at=""),
            EDITED,
        ),  # nobody knows since when
        (Approval.APPROVED, "by hand", LAST, MESSAGE, EDITED),  # somebody else's approval, said again or edited since
        (Approval.REJECTED, "by hand", LAST, MESSAGE, EDITED),  # a rejection that nobody has heard of yet
        (Approval.APPROVED, "by hand", LastDecision("Approved", ""), None, EDITED),  # an earlier release kept no time
        (Approval.PENDING, "", None, None, ""),  # an edit of what nobody decided is no decision
        (Approval.PENDING, "", LAST, MESSAGE, EDITED),  # an approval that was taken back
    ],
)
def test_a_status_counts_from_when_it_was_decided(
    status: Approval, description: str, last: LastDecision | None, heard: HeardMessage | None, at: str
) -> None:
    assert decided_at(status, description, EDITED, last, heard) == at


@pytest.mark.parametrize(
    ("confirmed", "at"),
    [
        (LastDecision("Approved", EDITED), EDITED),
        (LastDecision("Approved", "2026-03-14T09:00:00.000Z"), HEARD),  # it is no older for that
        (LastDecision("Rejected", EDITED), HEARD),  # of a decision that is not the last any more
    ],
)
def test_a_decision_that_is_said_again_counts_from_then(confirmed: LastDecision, at: str) -> None:
    assert decided_at(Approval.APPROVED, "by hand", HEARD, LAST, None, confirmed) == at


@pytest.mark.parametrize(
    ("by", "description", "heard", "who"),
    [
        ("ada", "looks good", None, ("ada", "looks good")),
        ("receive", MESSAGE.description, MESSAGE, ("Ada, not proven (IAM knows receive)", "ticket 7")),
        ("bob", "by hand", MESSAGE, ("bob", "by hand")),
        ("", "ticket 7", NAMELESS, ("somebody, not proven (IAM knows nobody)", "ticket 7")),
    ],
)  # fmt: skip
def test_the_person_of_a_message_is_claimed_and_anybody_else_is_whom_iam_knows(
    by: str, description: str, heard: HeardMessage | None, who: tuple[str, str]
) -> None:
    assert decider(by, description, heard, Approval.APPROVED) == who


NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed_s", "told", "due"),
    [
        (49, (), ""),
        (50, (), "half"),
        (60, ("half",), ""),
        (90, ("half",), "nine tenths"),
        (95, (), "nine tenths"),  # nobody looked before: one reminder is enough
        (99, ("half", "nine tenths"), ""),
    ],
)
def test_a_reviewer_is_reminded_once_of_each_share(passed_s: int, told: tuple[str, ...], due: str) -> None:
    asked = {"at": iso(NOW - timedelta(seconds=passed_s)), "what": "approval requested"}
    timeline = [asked, *({"at": iso(NOW), "what": reminder(share)} for share in told)]

    assert reminder_due(timeline, 100, NOW) == due


def test_a_run_that_asked_nobody_reminds_nobody() -> None:
    assert reminder_due([{"at": iso(NOW), "what": "gate passed"}], 100, NOW) == ""


def test_a_reason_with_lines_and_a_long_name_become_one_line_that_the_registry_takes() -> None:
    made = DecisionMade("churn", 3, True, "first\nsecond\x1b " + "x" * 2000, "A" * 500)

    assert made.description.startswith(r"first\nsecond\x1b xxx")
    assert made.description.endswith("AAA…, not proven)")
    assert len(made.description) <= 1024
    assert made.description.isprintable()
