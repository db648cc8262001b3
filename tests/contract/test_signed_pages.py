"""The pages' address: whom each value of DecisionPage lets in."""

from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

TEMPLATE: dict[str, Any] = yaml_parse((Path(__file__).parents[2] / "template.yaml").read_text())
RESOURCES, CONDITIONS = TEMPLATE["Resources"], TEMPLATE["Conditions"]


def test_a_signed_page_wants_iam_and_an_open_one_the_secret_of_a_link() -> None:
    assert RESOURCES["ShowPageUrl"]["Properties"]["AuthType"] == {"Fn::If": ["HasSignedPage", "AWS_IAM", "NONE"]}
    assert CONDITIONS["HasSignedPage"] == {"Fn::Equals": [{"Ref": "DecisionPage"}, "iam"]}
    assert TEMPLATE["Parameters"]["DecisionPage"]["AllowedValues"] == ["off", "link", "iam"]


@pytest.mark.parametrize("name", ["ShowPageUrlPermission", "ShowPageInvokePermission"])
def test_everybody_may_call_an_open_page_alone(name: str) -> None:
    assert (RESOURCES[name]["Condition"], RESOURCES[name]["Properties"]["Principal"]) == ("HasOpenPage", "*")
    assert CONDITIONS["HasOpenPage"] == {"Fn::Equals": [{"Ref": "DecisionPage"}, "link"]}


def test_the_policy_for_signed_pages_permits_calls_through_the_address_alone() -> None:
    policy = RESOURCES["PagePolicy"]

    assert policy["Condition"] == "HasSignedPage"
    assert [(one["Action"], one["Condition"]) for one in policy["Properties"]["PolicyDocument"]["Statement"]] == [
        ("lambda:InvokeFunctionUrl", {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}),
        ("lambda:InvokeFunction", {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}),
    ]
