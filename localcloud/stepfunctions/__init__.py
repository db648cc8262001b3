"""Step Functions: moto's engine for the Amazon States Language, with what it lacks: names, status events, task tokens
that end, executions that stop, integrations with SageMaker, logs.

It knows AWS's shapes, and nothing of any app.
"""

from __future__ import annotations

from typing import Any

from localcloud.settings import Cloud


def install(cloud: Cloud) -> None:
    """Switch the engine on and put this package's parts in place. Imports the engine, so that no execution waits."""
    from moto.core.config import default_user_config

    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    from localcloud.stepfunctions import (
        definitions,
        executions,
        history,
        history_quota,
        integrations,
        requests,
        tokens,
        validation,
    )

    integrations.install(cloud)  # before the engine's modules take its clients by name
    definitions.install()
    tokens.install()
    history.install()
    executions.install(cloud)
    history_quota.install()
    requests.install()
    validation.install()


def snapshot_state() -> dict[str, Any]:
    """Every task token: an answer in time is accepted after a restart, a late one is refused as late."""
    from localcloud.stepfunctions import tokens

    return tokens.states()


def resume(state: dict[str, Any]) -> None:
    """Resume running executions: a new thread enters the state that was not exited."""
    from localcloud.stepfunctions import resuming, tokens

    tokens.restore(state)
    resuming.resume_all()
    tokens.release_closed()
