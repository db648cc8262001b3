"""Endpoint updates: bring a model's endpoint one step nearer to the configuration that it should serve."""

from collections.abc import Collection
from datetime import timedelta

from app.aws import endpoints
from app.decide.deployment.endpoint_steps import (
    CHANGING,
    FAILED,
    IN_SERVICE,
    Action,
    Endpoint,
    EndpointChange,
    Step,
    is_over,
    next_step,
)
from app.decide.deployment.scaling import scaling_of
from app.decide.deployment.shadows import ShadowRun, next_config
from app.decide.deployment_plans import overridden_properties
from app.errors import EndpointBusy, EndpointFailed, RetrainError, SetupError, TransientError
from app.flow.deployment import scaling, unused_alarms
from app.ledger import ledger
from app.ledger.batches import now
from app.ledger.task_tokens import EndpointWaiter

TRIES = 2  # the update that was in progress at the first may end before Describe says so


def advance(waiter: EndpointWaiter, approved: Collection[int]) -> Step:
    """Take the next step for the configuration that ``waiter`` waits for, by way of its time in shadow as long as what
    serves is ``approved``; the step that was taken.

    A change whose outcome is known is forgotten, so that the next one begins from what is there.
    """
    endpoint, own = endpoints.describe(waiter.endpoint), waiter.config
    before, in_shadow = ledger().endpoint_change(waiter.model), ledger().shadow_run(waiter.model)
    live = ledger().live_version(waiter.model)
    shadow = "" if live and live.version not in approved else str(waiter.shadow.get("config", ""))
    if shadow and in_shadow and in_shadow.config == shadow and in_shadow.reason:
        return Step(Action.GIVE_UP, in_shadow.reason)
    if (aim := next_config(own, shadow, in_shadow, endpoint)) != own:
        waiter = waiter._replace(config=aim, strategy=waiter.shadow["strategy"])
    step = next_step(endpoint, aim, before, now(), live.name if live and not live.batch else "")
    if step.action in (Action.CREATE, Action.UPDATE, Action.DELETE):
        return _change(waiter, step, endpoint, before, own)
    if step.action in (Action.SERVED, Action.GIVE_UP, Action.TRY_LATER) and before:
        ledger().forget_endpoint_change(waiter.model, before)
    if step.action is Action.SERVED and before:
        for config in (before.replaces, before.config):  # its change may have been another version's, and rolled back
            unused_alarms.delete_of(waiter.model, config, waiter.config)
    if step.action is Action.SERVED and aim != own:
        return _begun(waiter)
    if step.action is Action.SERVED:
        wanted = scaling_of({"autoscaling": waiter.autoscaling})
        return step._replace(found=scaling.keep(waiter.model, waiter.endpoint, waiter.config, wanted))
    return step


def forget_ended(model: str, name: str, found: Endpoint | None) -> None:
    """Forget a change that is over and that nobody waits for, as its version was rejected meanwhile: approved once more
    it is tried anew, and what serves has its scaling again, which that change may have taken away.
    """
    change = ledger().endpoint_change(model)
    if change is None or not is_over(found, change, now()):
        return
    if ledger().endpoint_waiters(name):
        return
    ledger().forget_endpoint_change(model, change)
    scaling.look(model, name)


def _begun(waiter: EndpointWaiter) -> Step:
    """The endpoint has the version as its shadow: its time begins, if it has not."""
    at = now()
    run = ShadowRun(waiter.config, waiter.version, at, at + timedelta(seconds=int(waiter.shadow["for_s"])))
    ledger().begin_shadow_run(waiter.model, run)
    ledger().append_timeline(waiter.run, "in shadow")
    return Step(Action.WAIT, "its time in shadow is not over")


def _change(
    waiter: EndpointWaiter, step: Step, endpoint: Endpoint | None, before: EndpointChange | None, own: str
) -> Step:
    """Ask SageMaker for the change, once; the claim comes first, because the event may come before the next line.

    ``own`` is the version's own configuration, whatever is changed to first.
    """
    replaces = endpoint.config if endpoint and step.action is Action.UPDATE else ""
    change = EndpointChange(waiter.config, replaces, now(), sent=False, deletes=step.action is Action.DELETE)
    if not ledger().claim_endpoint_change(waiter.model, change, before):
        return Step(Action.WAIT, "somebody else takes this step")
    if before and before.config not in (change.replaces, own):
        unused_alarms.delete_of(waiter.model, before.config, waiter.config)
    try:
        refused = _ask(waiter, step.action, endpoint)
    except TransientError:
        ledger().forget_endpoint_change(waiter.model, change)
        raise
    if refused:
        ledger().forget_endpoint_change(waiter.model, change)
        return refused
    ledger().mark_change_sent(waiter.model, change)  # of a deletion, too: its description may lag, and is no answer
    return step


def _ask(waiter: EndpointWaiter, action: Action, found: Endpoint | None) -> Step | None:
    """Ask SageMaker; None when it admits the change. What it refuses while nothing changes, it refuses for good, unless
    it speaks of a change that is not described yet.
    """
    why: RetrainError = EndpointBusy()
    for _ in range(TRIES):
        try:
            _make(waiter, action, found)
            return None
        except (EndpointBusy, EndpointFailed) as refused:
            why = refused
            endpoint = endpoints.describe(waiter.endpoint)
            if endpoint and endpoint.status in CHANGING:
                return Step(Action.WAIT, f"it is {endpoint.status}")
        except SetupError as error:  # a quota, a permission: the state need not wait until its timeout
            return Step(Action.TRY_LATER, f"endpoint {waiter.endpoint}: {error}", type(error))
    if isinstance(why, EndpointBusy):
        return Step(Action.WAIT, f"not now: {why}")
    if not endpoints.model_of_config(waiter.config):
        gone = f"endpoint config {waiter.config} was deleted"
        return Step(Action.TRY_LATER, gone, EndpointBusy, found=gone)
    if found and found.status not in (IN_SERVICE, FAILED):  # it is the endpoint that takes none, whatever version
        odd = f"endpoint {waiter.endpoint} is {found.status}, and takes no change: {why}"
        return Step(Action.TRY_LATER, odd, EndpointBusy, found=odd)
    return Step(Action.GIVE_UP, str(why))


def _make(waiter: EndpointWaiter, action: Action, found: Endpoint | None) -> None:
    if action is Action.UPDATE and found:
        endpoints.update(found, waiter.config, waiter.strategy, _overridden(waiter, found))
        return
    scaling.end(waiter.model, waiter.endpoint)  # of what was there before, or goes now
    if action is Action.CREATE:
        scaling.expect(waiter.model, scaling_of({"autoscaling": waiter.autoscaling}))
        endpoints.create(waiter.endpoint, waiter.config, waiter.tags)
    else:
        endpoints.delete(waiter.endpoint)


def _overridden(waiter: EndpointWaiter, found: Endpoint) -> list[str]:
    before, new = endpoints.properties_of_config(found.config), endpoints.properties_of_config(waiter.config)
    scaled = scaling.make_way(waiter.model, waiter.run, waiter.endpoint, before, new)
    scales = bool(waiter.autoscaling)
    return overridden_properties(waiter.strategy, found.instances, before, new, scaled=scaled, scales=scales)
