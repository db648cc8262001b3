"""A token whose task had its answer when the process ended: the answer is given again, and no other is taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto.stepfunctions.parser.api import TaskTimedOut

from localcloud.stepfunctions import tokens

EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:machine:one"


class Endpoint:
    """Where a task waits."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def notify(self, outcome: Any) -> None:
        self.heard.append(outcome.output)

    def interrupt_all(self) -> None:
        self.heard.append("interrupted")


@pytest.fixture
def saved() -> Iterator[dict[str, tokens.TokenState]]:
    """What is saved of a token that was answered, and whose task took the answer."""
    token = tokens.Token("token", Endpoint(), "machine", EXECUTION)
    tokens._TOKENS["token"] = token
    tokens.succeed("token", "1")
    token.close()
    found = tokens.states()
    tokens._TOKENS.clear()
    yield found
    tokens._TOKENS.clear()


def test_an_answer_that_was_taken_in_a_state_that_was_not_left_is_given_again(
    saved: dict[str, tokens.TokenState],
) -> None:
    tokens.restore(saved)
    name, endpoint = tokens.reopen(EXECUTION, succeeded=True), Endpoint()

    tokens._register("token", endpoint)
    tokens.release_closed()

    assert (name, endpoint.heard) == ("token", ["1"])
    with pytest.raises(TaskTimedOut):
        tokens.succeed("token", "2")


def test_an_answer_of_a_state_that_was_left_is_forgotten(saved: dict[str, tokens.TokenState]) -> None:
    tokens.restore(saved)
    name = tokens.reopen(EXECUTION, succeeded=False)
    tokens.release_closed()

    assert name is None
    assert tokens.states()["token"].outcome is None
    with pytest.raises(TaskTimedOut):
        tokens.succeed("token", "2")
