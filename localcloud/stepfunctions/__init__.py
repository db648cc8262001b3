"""Step Functions: moto's engine for the Amazon States Language, with what it lacks: names, status events, task tokens
that end, executions that stop, integrations with SageMaker, logs.

It knows AWS's shapes, and nothing of any app.
"""

from __future__ import annotations

from localcloud.settings import Cloud


def install(cloud: Cloud) -> None:
    """Switch the engine on and put this package's parts in place. Imports the engine, so that no execution waits."""
    from moto.core.config import default_user_config

    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    from localcloud.stepfunctions import definitions, executions, history, integrations, requests, tokens

    integrations.install(cloud)  # before the engine's modules take its clients by name
    definitions.install()
    tokens.install()
    executions.install(cloud)
    history.install()
    requests.install()


def snapshot_state() -> dict[str, str]:
    """Every token that was handed out, with its machine: late answers are told that they are late."""
    from localcloud.stepfunctions import tokens

    return tokens.machines()


def resume(state: dict[str, str]) -> None:
    """What ran is aborted: its thread is gone. Those who wait for its end are told."""
    from localcloud.stepfunctions import executions, tokens

    tokens.restore(state)
    executions.abort_all("LocalCloud.Restarted", "the local cloud was started again while this ran")
