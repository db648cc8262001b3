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
        for name in alarm_names(config):  # with one that is not there, a call would delete none
            endpoints.delete_alarms([name])
        ledger().forget_alarms(model, config)
