"""An update of a stack, from any release, keeps what holds data or messages, what runs, and what people subscribed to.

A resource goes where its logical id leaves the template, where its type changes, or where a property changes that
cannot be changed in place. Rows of the table are added, and none is changed: stacks are deployed with them.
"""

from __future__ import annotations

from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from tests.contract.resource_schemas import schema
from tests.contract.role_policies import ROOT

RESOURCES: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
HOLD_DATA = {"AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::KMS::Key"}
KEPT_TYPES = HOLD_DATA | {"AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::Serverless::StateMachine"}
OF_SAM = {"AWS::Serverless::StateMachine": ("Name", "Type")}  # it hands them on
KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
# Logical id -> its type, and the properties with a value that cannot be changed in place.
KEPT: dict[str, tuple[str, dict[str, Any]]] = {
    "AlarmTopic": ("AWS::SNS::Topic", {}),
    "ArrivalsDeadLetterQueue": ("AWS::SQS::Queue", {}),
    "ArrivalsQueue": ("AWS::SQS::Queue", {}),
    "ChampionQueue": ("AWS::SQS::Queue", {}),
    "DataBucket": ("AWS::S3::Bucket", {}),
    "DecisionTopic": ("AWS::SNS::Topic", {}),
    "LedgerTable": ("AWS::DynamoDB::Table", {"KeySchema": KEYS}),
    "LostEventsQueue": ("AWS::SQS::Queue", {}),
    "NotificationTopic": ("AWS::SNS::Topic", {}),
    "RetrainingStateMachine": ("AWS::Serverless::StateMachine", {}),
    "ReviewersTopic": ("AWS::SNS::Topic", {}),
    "ScoringStateMachine": ("AWS::Serverless::StateMachine", {}),
    "StackKey": ("AWS::KMS::Key", {}),
}


def fixed(name: str) -> dict[str, Any]:
    """The properties of a resource that cannot be changed in place.

    Source: https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
    (createOnlyProperties, conditionalCreateOnlyProperties)
    """
    kind, given = RESOURCES[name]["Type"], RESOURCES[name].get("Properties", {})
    about = {} if kind in OF_SAM else schema(kind)
    paths = [*about.get("createOnlyProperties", ()), *about.get("conditionalCreateOnlyProperties", ())]
    names = [*OF_SAM.get(kind, ()), *(path.split("/")[2] for path in paths)]
    return {one: given[one] for one in names if one in given}


@pytest.mark.parametrize("name", KEPT)
def test_an_update_keeps_it(name: str) -> None:
    assert name in RESOURCES, "an update would delete it"
    assert (RESOURCES[name]["Type"], fixed(name)) == KEPT[name]


def test_whatever_is_of_a_kept_type_is_in_the_table() -> None:
    assert {name for name, one in RESOURCES.items() if one["Type"] in KEPT_TYPES} == KEPT.keys()


def test_the_ledgers_keys_are_texts() -> None:
    defined = RESOURCES["LedgerTable"]["Properties"]["AttributeDefinitions"]

    assert {one["AttributeName"]: one["AttributeType"] for one in defined} == {"pk": "S", "sk": "S"}


@pytest.mark.parametrize("name", [name for name, (kind, _) in KEPT.items() if kind in HOLD_DATA])
def test_what_holds_data_outlives_its_stack_and_its_replacement(name: str) -> None:
    assert RESOURCES[name]["DeletionPolicy"] in ("Retain", "RetainExceptOnCreate")
    assert RESOURCES[name]["UpdateReplacePolicy"] == "Retain"
