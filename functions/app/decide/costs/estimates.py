"""What serving a version will cost, said before anybody decides. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from app.decide.costs.prices import Prices
from app.decide.costs.uses import ENDPOINT, HOUR_S, Sum, Use, money_text, sum_text, total
from app.decide.deployment.scaling import first_instances, scaling_of
from app.decide.deployment_plans import instance_type

MONTH_S = 730 * HOUR_S  # a twelfth of a year
REALTIME, SERVERLESS, BATCH = "realtime", "serverless", "batch"


def serving(section: dict[str, Any], prices: Prices, instances: int | None = None) -> Sum | None:
    """What the endpoint of a model file's ``deployment`` costs a month with as many instances as it begins with, or as
    are said; None where there is none that costs by time.
    """
    if _mode(section) != REALTIME:
        return None
    number = first_instances(section) if instances is None else instances
    return total([Use("endpoint", ENDPOINT, "", instance_type(section), number, MONTH_S)], prices)


def serving_text(section: dict[str, Any], prices: Prices) -> str:
    """What serving costs a month, in a sentence that says at which prices."""
    kind, scaling = instance_type(section), scaling_of(section)
    least, most = (scaling.least, scaling.most) if scaling else (first_instances(section),) * 2
    found, at_most = serving(section, prices, least), serving(section, prices, most)
    instances = f"{least}{f' to {most}' if scaling else ''} instance{'' if most == 1 else 's'} of {kind}"
    instances += " by load" if scaling else ""
    if found is not None and found.unpriced:
        return f"What its endpoint costs a month, {instances}, is {sum_text(found)}."
    if found is not None and at_most is not None:
        cost = f"{money_text(found.usd)} to {money_text(at_most.usd)}" if scaling else money_text(found.usd)
        return f"Its endpoint costs {cost} a month: {instances}, at {prices.origin}."
    if _mode(section) == SERVERLESS:
        return "Its endpoint is serverless: it costs by request, and nothing while nobody asks."
    if kind not in prices.hour_usd:
        return f"It has no endpoint. What an hour of scoring costs is unknown: the price table lacks {kind}."
    return f"It has no endpoint. Scoring costs {prices.hour_usd[kind]:g} USD an hour of {kind}, at {prices.origin}."


def cost_lines(run: str, plan: dict[str, Any], prices: Prices) -> list[str]:
    """What a reviewer is told of costs: of serving, by the run's frozen plan, and how to ask what the run has cost."""
    serving = [serving_text(plan["deployment"] or {}, prices)] if "deployment" in plan else []
    return [*serving, f"What this run cost: retrain cost {run}"]


class PastRun(NamedTuple):
    """What a run's steps used, and which of them an earlier run had paid for."""

    run: str
    uses: tuple[Use, ...]
    cached: tuple[str, ...] = ()


def next_run(past: Sequence[PastRun], types: Mapping[str, str]) -> list[Use]:
    """What another run may use: each step that the newest of ``past`` had, as it took when it last was executed, on the
    instance type that is meant now for its kind. Nothing counts as cached: the data may be new.
    """
    if not past:
        return []
    steps = dict.fromkeys([use.what for use in past[0].uses] + list(past[0].cached))
    return [_on(types, use) for step in steps for use in _last(past, step)]


def _last(past: Sequence[PastRun], step: str) -> list[Use]:
    executed = ([use for use in run.uses if use.what == step] for run in past)
    return next((uses for uses in executed if uses), [])


def _on(types: Mapping[str, str], use: Use) -> Use:
    return use._replace(instance_type=types.get(use.kind) or use.instance_type)


def _mode(section: dict[str, Any]) -> str:
    return str(section.get("mode") or REALTIME)
