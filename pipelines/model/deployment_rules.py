"""What must fit together in a model file's ``deployment``. Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipelines.model.algorithm_kinds import KINDS

OWN = {  # what only one mode has
    "instance_count": "realtime", "strategy": "realtime", "capture": "realtime", "fallback": "realtime",
    "autoscaling": "realtime", "shadow": "realtime",
    "memory_mb": "serverless", "max_concurrency": "serverless",
}  # fmt: skip
REMEDIES = {
    "autoscaling": "remove it, or choose realtime: Application Auto Scaling counts instances; other modes have none",
    "capture": "remove it, or choose realtime: SageMaker captures nothing of other modes",
    "shadow": "remove it, or choose realtime: SageMaker has no shadow variants of other modes",
}
# The state that waits for an update gives up after four hours: its instances may start for one of them.
MOST_WAITS_S = 10_200
MOST_SHADOW_S = 43_200  # that the state waits for beside
UNITS_S = {"m": 60, "h": 3_600, "d": 86_400}
ALARMS_S = 180  # what the alarms of a deployment look at

Finding = tuple[tuple[str | int, ...], str, str]


def unfit(mode: str, subnet_ids: Sequence[str], isolated: bool) -> str:
    """Why a model cannot serve so in a stack with such a network; "" when it can.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html (feature exclusions)
    """
    if mode != "serverless" or not (subnet_ids or isolated):
        return ""
    what = "subnets" if subnet_ids else "network isolation"
    return f"deployment.mode: a serverless endpoint takes no {what}, which this stack has; choose realtime or batch"


def findings(model: Mapping[str, Any]) -> Iterator[Finding]:
    """Where, what is wrong, and what to do.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html (inference pipelines and data
    capture are excluded)
    """
    wish = model["deployment"]
    mode = wish["mode"]
    for key, owner in OWN.items():
        if key in wish and mode != owner:
            remedy = REMEDIES.get(key, "remove it")
            yield ("deployment", key), f"{key} is for mode: {owner}, and the mode is {mode}", remedy
    for at, kind in enumerate(wish.get("fallback", [])):
        if kind == wish.get("instance_type"):
            what = f"{kind} is what the endpoint takes first"
            yield ("deployment", "fallback", at), what, "remove it: a list names a type once"
    several = [one["name"] for one in model["algorithms"] if KINDS[one["name"]].closed]
    if mode == "serverless" and several:
        what = f"{several[0]} is served by three containers, and a serverless endpoint takes one"
        yield ("deployment", "mode"), what, "choose realtime or batch"
    kind = wish.get("strategy", {}).get("type", "all_at_once")
    if kind != "all_at_once" and least_instances(wish) < 2:
        what = f"{kind} moves a share of the instances, and there is one"
        more = "autoscaling.min" if "autoscaling" in wish else "instance_count"
        yield ("deployment", "strategy"), what, f"set {more} to 2 or more, or write type: all_at_once"
    yield from _bounds(wish)
    yield from _too_quick(wish)
    yield from _too_slow(wish)
    yield from _unfit_shadow(wish)


def least_instances(wish: Mapping[str, Any]) -> int:
    """How few instances a ``deployment`` may have."""
    return int(wish["autoscaling"]["min"] if "autoscaling" in wish else wish.get("instance_count", 1))


def most_instances(wish: Mapping[str, Any]) -> int:
    """How many instances a ``deployment`` may have."""
    return int(wish["autoscaling"]["max"] if "autoscaling" in wish else wish.get("instance_count", 1))


def _bounds(wish: Mapping[str, Any]) -> Iterator[Finding]:
    """Say that an endpoint's number of instances contradicts its bounds.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-policy.html
    """
    if "autoscaling" not in wish:
        return
    least, most = least_instances(wish), most_instances(wish)
    if least > most:
        yield ("deployment", "autoscaling", "min"), f"{least} is more than max, {most}", f"set it to {most} or less"
    elif not least <= (count := wish.get("instance_count", least)) <= most:
        what = f"an endpoint that begins with {count} has {least} to {most} instances by autoscaling"
        yield ("deployment", "instance_count"), what, "remove it, or choose a number within min and max"


def _too_quick(wish: Mapping[str, Any]) -> Iterator[Finding]:
    """Say that a share of the traffic would be taken further before its alarms have looked at it."""
    strategy = wish.get("strategy", {})
    if strategy.get("type", "all_at_once") != "all_at_once" and strategy.get("wait_s", ALARMS_S) < ALARMS_S:
        what = f"{strategy['wait_s']} s are fewer than the {ALARMS_S} s that the alarms look at"
        yield ("deployment", "strategy", "wait_s"), what, f"set it to {ALARMS_S} or more"


def _too_slow(wish: Mapping[str, Any]) -> Iterator[Finding]:
    """Say that a linear shift outlasts the state that waits for it; a canary waits twice, which always fits."""
    strategy = wish.get("strategy", {})
    if strategy.get("type") != "linear":
        return
    percent, wait_s = strategy.get("percent", 25), strategy.get("wait_s", 300)
    several = range(least_instances(wish), most_instances(wish) + 1)
    steps = max((math.ceil(number / math.ceil(number * percent / 100)) for number in several), default=0)
    if steps * wait_s > MOST_WAITS_S:
        what = f"{steps} steps of {wait_s} s take longer than the {MOST_WAITS_S} s that a deployment may wait"
        yield ("deployment", "strategy"), what, f"set wait_s to {MOST_WAITS_S // steps} or less, or percent higher"


def _unfit_shadow(wish: Mapping[str, Any]) -> Iterator[Finding]:
    """Say that a time in shadow outlasts the state that waits for it, or that nothing tells how often both agree."""
    shadow = wish.get("shadow", {})
    text = shadow.get("for", "12h")
    if int(text[:-1]) * UNITS_S[text[-1]] > MOST_SHADOW_S:
        yield ("deployment", "shadow", "for"), f"{text} is longer than a deployment may wait", "set it to 12h or less"
    if "agreement" in shadow and "capture" not in wish:
        what = "how often two versions agree is read from what is captured, and nothing is"
        yield ("deployment", "shadow", "agreement"), what, "add capture: {percent: 100}, or remove it"
