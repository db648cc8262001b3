"""Unused alarms: those of configurations that neither serve nor are deployed. Whoever looks at a model deletes them.

Each step of a deployment deletes what it replaces; a process that died, a version that was overtaken or failed its
verification leaves alarms that no later step speaks of.
"""

from app.aws import endpoints
from app.decide.deployment.deployment_alarms import alarm_names
from app.decide.deployment.endpoint_steps import CHANGING, SETTLE
from app.ledger import ledger
from app.ledger.batches import now


def delete(model: str, endpoint: str) -> None:
    """Delete the unused alarms of a model. Those that were made just now are left: their deployment begins."""
    live = ledger().live_version(model)
    noted = ledger().configs_with_alarms(model, now() - SETTLE)
    unused = [config for config in noted if live is None or config != live.name]
    if not unused:
        return
    found, change = endpoints.describe(endpoint), ledger().endpoint_change(model)
    used = {waiter.config for waiter in ledger().endpoint_waiters(endpoint)}
    used |= {found.config} if found else set()
    if change and (now() - change.claimed_at < SETTLE or (found and found.status in CHANGING)):
        used |= {change.config, change.replaces}
    for config in set(unused) - used:
        _delete(model, config)


def delete_of(model: str, config: str, kept: str = "") -> None:
    """Delete the alarms of a configuration that does not serve: neither ``kept`` nor the one that was verified last."""
    live = ledger().live_version(model)
    if config not in ("", kept, live.name if live else ""):
        _delete(model, config)


def _delete(model: str, config: str) -> None:
    endpoints.delete_alarms(alarm_names(config))
    ledger().forget_alarms(model, config)
