"""Scaling follows what serves: each version's endpoint has the bounds and the policy that its model file asks for.

Application Auto Scaling keeps them over an update. They are taken away before one that changes the type of instances,
which SageMaker refuses else, whoever set them, and with the endpoint, whoever deletes it. The ledger says that AWS is
about to be asked before it is: what a process leaves that dies, what was refused, overtaken by somebody else or taken
away for an update that was rolled back is set again by whoever looks at the model next.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-delete-with-scaling.html
"""

from app.aws import endpoints
from app.aws.serving import scalable_targets
from app.decide.deployment.endpoint_steps import FOUND, IN_SERVICE
from app.decide.deployment.scaling import KeptScaling, Scaling, scaling_of
from app.decide.deployment_plans import VARIANT, ConfigProperties
from app.errors import SetupError
from app.ledger import ledger
from app.ledger.live_versions import LiveVersion


def keep(model: str, endpoint: str, config: str, wanted: Scaling | None) -> str:
    """Give the endpoint, which serves ``config``, the scaling that its version asks for; "" or what AWS refuses of it.

    A version serves without it, too: its deployment does not fail.
    """
    kept = ledger().kept_scaling(model)
    if kept == KeptScaling(config, wanted) or (kept is None and wanted is None):
        return ""
    token = ledger().doubt_scaling(model, wanted or (kept.scaling if kept else None))
    try:
        if wanted:
            scalable_targets.register(endpoint, VARIANT, wanted)
        elif kept and _may_be_set(kept):
            scalable_targets.deregister(endpoint, VARIANT)
    except SetupError as refused:
        return f"AWS refuses the autoscaling of endpoint {endpoint}: {refused}"
    ledger().note_scaling(model, KeptScaling(config, wanted), token)
    return ""


def expect(model: str, wanted: Scaling | None) -> None:
    """An endpoint is about to be made for a version that asks for a scaling: it has none until somebody sets it, who
    need not be the one who waits for the version now.
    """
    if wanted:
        ledger().doubt_scaling(model, wanted)


def look(model: str, endpoint: str) -> None:
    """Give what was verified last its scaling again, where it serves with another's, or with none that it asks for; end
    that of an endpoint which somebody deleted. One that is about to change is left alone.
    """
    kept = ledger().kept_scaling(model)
    if kept is None or ledger().endpoint_change(model):
        return
    found, live = endpoints.describe(endpoint), ledger().live_version(model)
    if found is None:
        end(model, endpoint)
    elif live and kept.config != live.name and (found.config, found.status) == (live.name, IN_SERVICE):
        refused = keep(model, endpoint, live.name, wanted_by(model, live))
        if refused and (run := _run_of(model, live)):
            ledger().append_timeline(run, f"{FOUND}{refused}")


def make_way(model: str, run: str, endpoint: str, before: ConfigProperties, new: ConfigProperties) -> bool:
    """Take the scaling away where an update changes the type of instances; whether the endpoint was scaled.

    That of people, too, or of a process that died, of which the ledger knows nothing: SageMaker would refuse each
    version. Their end is told in the timeline of ``run``.
    """
    kept = ledger().kept_scaling(model)
    known = kept is not None and kept.scaling is not None
    if kept:
        ledger().doubt_scaling(model, kept.scaling)  # whatever it serves then, its scaling is looked at
    if before.types == new.types:
        return known
    ended = scalable_targets.deregister(endpoint, VARIANT)
    if ended and not known:
        ledger().doubt_scaling(model, None)  # somebody may have set it just now
        what = f"endpoint {endpoint} was scaled as no model file says, which ended: its type of instances changes"
        if run:
            ledger().append_timeline(run, f"{FOUND}{what}")
    return known or ended


def bring_back(model: str, endpoint: str, config: str, live: LiveVersion) -> list[str]:
    """Make way for what served before ``config``; what an update is to take from its configuration, not from what
    runs: the number of instances, where it is scaled no more.
    """
    before, new = endpoints.properties_of_config(config), endpoints.properties_of_config(live.name)
    scaled = make_way(model, _run_of(model, live), endpoint, before, new)
    return ["DesiredInstanceCount"] if scaled and not wanted_by(model, live) else []


def end(model: str, endpoint: str) -> None:
    """Take the scaling away from an endpoint that is about to be deleted, or that somebody deleted."""
    kept = ledger().kept_scaling(model)
    if kept is None:
        return
    token = ledger().doubt_scaling(model, kept.scaling)
    if _may_be_set(kept):
        scalable_targets.deregister(endpoint, VARIANT)
    ledger().forget_scaling(model, token)


def wanted_by(model: str, live: LiveVersion) -> Scaling | None:
    """The scaling that a version asks for, by the plan that its run froze."""
    run = _run_of(model, live)
    record = ledger().record(run) if run else None
    return scaling_of((record.plan or {}).get("deployment") or {}) if record else None


def _run_of(model: str, live: LiveVersion) -> str:
    return str(ledger().versions(model).get(live.version, {}).get("run", ""))


def _may_be_set(kept: KeptScaling) -> bool:
    return kept.scaling is not None or not kept.config
