"""Task tokens: one per attempt, answered once, and closed when their task has ended.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from moto.stepfunctions.exceptions import InvalidToken
from moto.stepfunctions.parser.api import InvalidOutput, TaskTimedOut
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
    CallbackPoolManager,
)

from localcloud import journaling
from localcloud.front import moto_patches
from localcloud.iam import requests
from localcloud.persistence import records

PART = "localcloud.stepfunctions"
CALLBACKS = "moto.stepfunctions.parser.asl.eval.callback.callback"
STATE = "moto.stepfunctions.parser.asl.component.state.exec.execute_state"
MOST_CLOSED = 50_000  # tokens that are known to have ended; older ones were never heard of


class TokenState(NamedTuple):
    """What is saved of a token."""

    machine: str
    execution: str
    closed: bool
    outcome: Any


@dataclass
class Token:
    """A token that was handed out. ``endpoint`` is where its task waits, once it does and as long as it does."""

    name: str
    endpoint: Any = None
    machine: str = ""  # ARN
    execution: str = ""  # ARN
    closed: bool = False
    outcome: Any = None  # an answer that the task has not taken yet
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def answered(self) -> bool:
        """Whether another answer comes too late."""
        return self.closed or self.outcome is not None

    def answer(self, outcome: Any) -> bool:
        """Hand the outcome to the task; False when the task waits no more."""
        with self.lock:
            if self.answered:
                return False
            self.outcome = outcome
            self.record()
            if self.endpoint is not None:
                self.endpoint.notify(outcome)
            return True

    def await_at(self, endpoint: Any) -> None:
        """The task waits there from now on."""
        with self.lock:
            self.endpoint = endpoint
            if self.outcome is not None:
                endpoint.notify(self.outcome)

    def close(self) -> None:
        """The task has ended: what waits on the token wakes, and answers come too late."""
        with self.lock:
            was_closed, self.closed, self.outcome = self.closed, True, None
            endpoint, self.endpoint = self.endpoint, None
            if not was_closed:
                self.record()
        if endpoint is not None:
            endpoint.interrupt_all()

    def state(self) -> TokenState:
        """What is saved of it."""
        return TokenState(self.machine, self.execution, self.closed, self.outcome)

    def record(self) -> None:
        """Record its state."""
        journaling.record(records.put, PART, (self.name,), self.state())


_TOKENS: dict[str, Token] = {}


def succeed(token: str, output: str) -> None:
    """SendTaskSuccess.

    Raises:
        InvalidToken, TaskTimedOut, InvalidOutput: as AWS.
    """
    try:
        json.loads(output)
    except ValueError as error:
        raise InvalidOutput(f"Invalid Output: {error}") from error
    _answer(token, CallbackOutcomeSuccess(callback_id=token, output=output))


def fail(token: str, error: str | None, cause: str | None) -> None:
    """SendTaskFailure.

    Raises:
        InvalidToken, TaskTimedOut: as AWS.
    """
    _answer(token, CallbackOutcomeFailure(callback_id=token, error=error or "", cause=cause or ""))


def heartbeat(token: str) -> None:
    """SendTaskHeartbeat.

    Raises:
        InvalidToken, TaskTimedOut: as AWS.
    """
    found = _known(token)
    with found.lock:
        if found.answered:
            raise _too_late()
        if found.endpoint is not None:
            found.endpoint.notify_heartbeat()


def machine_of(token: str) -> str | None:
    """The ARN of the state machine that waits for a token; None for an unknown one."""
    found = _TOKENS.get(token)
    return found.machine or None if found else None


def open_token_of(execution: str) -> str | None:
    """The token that an execution's present attempt waits for."""
    found = [token.name for token in _TOKENS.values() if token.execution == execution and not token.closed]
    return found[-1] if found else None


def states() -> dict[str, TokenState]:
    """The state of every token."""
    return {name: token.state() for name, token in list(_TOKENS.items())}


def restore(found: dict[str, TokenState]) -> None:
    """Restore the tokens of an earlier process: resumed executions wait for them again."""
    _TOKENS.update({name: Token(name, None, *each) for name, each in found.items()})


def close_all_of(execution: str) -> None:
    """Close what is open of an execution that has ended."""
    for token in [token for token in list(_TOKENS.values()) if token.execution == execution and not token.closed]:
        token.close()


def _answer(token: str, outcome: Any) -> None:
    if not _known(token).answer(outcome):
        raise _too_late()


def _known(token: str) -> Token:
    if token not in _TOKENS:
        raise InvalidToken("'Invalid token'")
    return _TOKENS[token]


def _too_late() -> TaskTimedOut:
    return TaskTimedOut("Task Timed Out: 'Provided task does not exist anymore'")


def close_all(pool: CallbackPoolManager) -> None:
    """Close every token of an execution that has ended."""
    for token in list(pool._pool):
        if token in _TOKENS:
            _TOKENS[token].close()


def _register(name: str, endpoint: Any) -> None:
    """Know a token that is new, or that an earlier process gave; forget the oldest that have ended."""
    _TOKENS.setdefault(name, Token(name)).await_at(endpoint)
    if len(_TOKENS) > MOST_CLOSED:
        for old in [name for name, found in list(_TOKENS.items()) if found.closed][: MOST_CLOSED // 10]:
            del _TOKENS[old]
            journaling.record(records.drop, PART, (old,))


def install() -> None:
    """Register every token, give every attempt its own, and close it when the attempt ends."""

    def add(self: Any, callback_id: str) -> Any:
        endpoint = original_add(self, callback_id)
        _register(callback_id, endpoint)
        return endpoint

    def add_activity_task(self: Any, callback_id: str, activity_arn: str, activity_input: str) -> Any:
        endpoint = original_add_activity(self, callback_id, activity_arn, activity_input)
        _register(callback_id, endpoint)
        return endpoint

    def evaluate(self: Any, env: Any) -> None:
        token = _token_of_attempt(env)
        try:
            original_evaluate(self, env)
        finally:
            vars(self.timeout).pop("_eval_seconds", None)  # of an attempt that went on after a restart
            if token is not None:
                token.close()
            if not env.is_running():  # stopped or timed out meanwhile: its end is in the history already
                raise SystemExit

    requests.machine_of_token = machine_of
    original_add = moto_patches.replace(f"{CALLBACKS}:CallbackPoolManager.add", add)
    original_add_activity = moto_patches.replace(
        f"{CALLBACKS}:CallbackPoolManager.add_activity_task", add_activity_task
    )
    original_evaluate = moto_patches.replace(f"{STATE}:ExecutionState._evaluate_with_timeout", evaluate)


def _token_of_attempt(env: Any) -> Token | None:
    context = env.states.context_object
    name = (context.context_object_data.get("Task") or {}).get("Token")
    if name is None:
        return None
    if _TOKENS[name].closed:  # a retry
        name = context.update_task_token()
        env.callback_pool_manager.add(name)
    token = _TOKENS[name]
    token.machine = context.context_object_data["StateMachine"]["Id"]
    token.execution = context.context_object_data["Execution"]["Id"]
    token.record()
    return token
