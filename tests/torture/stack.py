"""The stack as template.yaml declares it: functions, rules and their targets, queues, the machine's definition."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from localcloud.bus.patterns import Pattern, compiled
from tests.torture.fakes import state_fields
from tests.torture.fakes.queues import Limits
from tests.torture.fakes.resources import ACCOUNT, STACK, arn
from tests.torture.fakes.s3 import BUCKET

ROOT = Path(__file__).parents[2]
MACHINE, SCORING_MACHINE = "RetrainingStateMachine", "ScoringStateMachine"
NAMES = {
    "AWS::StackName": STACK, "AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": ACCOUNT,
    "DataBucket": BUCKET, **{
        machine: arn("stateMachine", machine, "states").replace("/", ":") for machine in (MACHINE, SCORING_MACHINE)
    },
}  # fmt: skip


class Rule(NamedTuple):
    """One of the bus's rules, and the function or queue that it delivers to."""

    name: str
    pattern: Pattern
    target: str


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: names are filled in, the rest stays text."""


def _filled(loader: _Loader, tag: str, node: yaml.Node) -> Any:
    if tag == "Sub" and isinstance(node, yaml.ScalarNode):
        text = str(node.value)
        for name, value in NAMES.items():
            text = text.replace(f"${{{name}}}", value)
        return text
    if isinstance(node, yaml.ScalarNode):
        return NAMES.get(str(node.value), str(node.value).removesuffix(".Arn"))
    return loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else None


_Loader.add_multi_constructor("!", _filled)


@cache
def template() -> dict[str, Any]:
    """The resources of template.yaml."""
    resources: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), _Loader)["Resources"]
    return resources


@cache
def rules() -> tuple[Rule, ...]:
    """The rules with a pattern."""
    found = []
    for name, resource in template().items():
        properties = resource["Properties"]
        if resource["Type"] == "AWS::Events::Rule" and "EventPattern" in properties:
            found += [(name, properties["EventPattern"], target["Arn"]) for target in properties["Targets"]]
        for event in properties.get("Events", {}).values() if resource["Type"].endswith("Serverless::Function") else ():
            if event["Type"] == "EventBridgeRule":
                found.append((name, event["Properties"]["Pattern"], name))
    return tuple(Rule(n, compiled(json.dumps(p)), t) for n, p, t in found)


@cache
def handlers() -> dict[str, Callable[[Any, Any], Any]]:
    """The real handlers by their functions' logical names."""
    functions = {name: one for name, one in template().items() if one["Type"] == "AWS::Serverless::Function"}
    return {
        name: importlib.import_module(one["Properties"]["Handler"].partition(".")[0]).handler
        for name, one in functions.items()
    }


@cache
def queue(name: str) -> Limits:
    """What the template says of a queue."""
    properties = template()[name]["Properties"]
    return Limits(int(properties["VisibilityTimeout"]), int(properties["RedrivePolicy"]["maxReceiveCount"]))


@cache
def definition() -> dict[str, Any]:
    """The retraining machine's definition; a function stands there by its logical name."""
    return _definition(MACHINE)


@cache
def scoring_definition() -> dict[str, Any]:
    """The scoring machine's definition."""
    return _definition(SCORING_MACHINE)


def _definition(name: str) -> dict[str, Any]:
    resource = template()[name]["Properties"]
    text = (ROOT / resource["DefinitionUri"]).read_text()
    for name, value in resource["DefinitionSubstitutions"].items():
        text = text.replace(f"${{{name}}}", str(value))
    machine: dict[str, Any] = yaml.safe_load(text)
    state_fields.check(machine["States"])
    return machine


def environment() -> dict[str, str]:
    """The environment of all functions together."""
    kinds = {"pipeline": "ReactToPipeline", "approval": "ReactToApproval", "endpoint": "ReactToEndpoint"}
    kinds |= {"transform": "ReactToTransform", "scoring": "BeginScoring", "end": "FinishRun", "policy": "BeginRun"}
    return {
        "STACK_NAME": STACK, "DATA_BUCKET": BUCKET, "LEDGER_TABLE": "ledger", "QUIET_SECONDS": "60",
        "ARRIVALS_QUEUE_URL": "arrivals", "MAX_WAIT_SECONDS": "900", "BAKE_SECONDS": "300",
        "STATE_MACHINE_ARN": NAMES[MACHINE],
        "SCORING_MACHINE_ARN": NAMES[SCORING_MACHINE],
        "NOTIFICATION_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:news",
        "REVIEWERS_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:reviewers",
        "ALARM_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:alarms",
        "VERDICT_FUNCTION": "ReadVerdictFunction", "APPROVAL_FUNCTION": "ReactToApprovalFunction",
        "REACTING_FUNCTIONS": ",".join(f"{kind}={name}Function" for kind, name in kinds.items()),
        "CHAMPION_QUEUE_URL": "champions", "ARRIVALS_LETTERS_URL": "arrivals-dead", "EVENTS_LETTERS_URL": "events-dead",
        "PAGE_URL": "https://page.test/", "POWERTOOLS_LOG_LEVEL": "CRITICAL", "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip
