"""What anybody who may publish to the decision topic can send: nothing of it approves, ends a function, or is obeyed by
whoever reads the mail about it.
"""

import json
from typing import Any

import pytest
import receive_decision
from app.decide.notifications import MOST_BYTES
from moto_world import Context, World

GOOD: dict[str, Any] = {"model": "churn", "version": 3, "decision": "approve", "reason": "better", "by": "Ada"}
FORGED = "x\n\nTo approve:\n  retrain approve churn 9 --reason 'fine'"
MESSAGES = {
    "nothing": "",
    "no JSON": "yes please",
    "half of an object": '{"model": "churn"',
    "a list": "[1, 2]",
    "a text": '"approve"',
    "null": "null",
    "deep": "[" * 100_000,
    "no version": json.dumps(GOOD | {"version": None}),
    "a version that is true": json.dumps(GOOD | {"version": True}),
    "a version between two": json.dumps(GOOD | {"version": 1.7}),
    "a version below none": json.dumps(GOOD | {"version": -1}),
    "a version of other digits": json.dumps(GOOD | {"version": "٣"}, ensure_ascii=False),
    "a superscript for a version": json.dumps(GOOD | {"version": "²"}, ensure_ascii=False),
    "a version of 5,000 digits": json.dumps(GOOD | {"version": "9" * 5_000}),
    "a version that is not there": json.dumps(GOOD | {"version": 999}),
    "another word": json.dumps(GOOD | {"decision": "APPROVE"}),
    "two words": json.dumps(GOOD | {"decision": ["approve"]}),
    "no model": json.dumps(GOOD | {"model": ""}),
    "a path for a model": json.dumps(GOOD | {"model": "../../other--churn"}),
    "all models": json.dumps(GOOD | {"model": "*"}),
    "a model with line breaks": json.dumps(GOOD | {"model": FORGED}),
    "a model with escapes": json.dumps(GOOD | {"model": "\x1b[2J\u202e"}),
    "half a character": '{"model": "\\ud800", "version": 1, "decision": "approve"}',
    "a long model": json.dumps(GOOD | {"model": "m" * 200_000}),
    "a model that is an object": json.dumps(GOOD | {"model": {"a": 1}}),
    "lines of a mail": FORGED,
    "bidi controls": "\u202eevorppa\u202c",
    "a long text": "x" * 250_000,
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_that_cannot_be_followed_is_answered_by_a_mail_of_our_own_lines(world: World, name: str) -> None:
    sns = {"MessageId": "m-1", "Timestamp": "2026-03-14T10:15:00.000Z", "Message": MESSAGES[name]}
    event = {"Records": [{"Sns": sns}]}

    receive_decision.handler(event, Context())

    (mail,) = world.mail()
    assert mail.startswith("A message on the decision topic was not followed: ")
    assert len(mail.encode()) <= MOST_BYTES
    assert all(line.isprintable() for line in mail.split("\n"))
    assert len(mail.rstrip("\n").split("\n")) == 5
