"""A function of a SAM template that EventBridge Scheduler invokes: `ScheduleV2`, as `sam deploy` makes it."""

from __future__ import annotations

import json
from typing import Any

from cloud import CloudServer, eventually
from stacks import Stacks

CODE = """
import os, boto3
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=event["word"])
"""


def template() -> dict[str, Any]:
    # A rate without a start fires when it is made.
    schedule = {"ScheduleExpression": "rate(1 day)", "Input": json.dumps({"word": "tick"})}
    function = {
        "Handler": "index.handler",
        "Runtime": "python3.11",
        "InlineCode": CODE,
        "Environment": {"Variables": {"QUEUE": {"Ref": "Heard"}}},
        "Policies": [{"SQSSendMessagePolicy": {"QueueName": {"Fn::GetAtt": ["Heard", "QueueName"]}}}],
        "Events": {"Tick": {"Type": "ScheduleV2", "Properties": schedule}},
    }
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Heard": {"Type": "AWS::SQS::Queue"},
            "Ticking": {"Type": "AWS::Serverless::Function", "Properties": function},
        },
        "Outputs": {"Queue": {"Value": {"Ref": "Heard"}}, "Schedule": {"Value": {"Ref": "TickingTick"}}},
    }


def test_a_schedule_of_a_sam_function_invokes_it_under_a_role_of_its_own(cloud_server: CloudServer) -> None:
    stacks, sqs = Stacks(cloud_server), cloud_server.client("sqs")
    made = stacks.outputs(stacks.deploy(template()))
    found = cloud_server.client("scheduler").get_schedule(Name=made["Schedule"])

    def heard() -> list[dict[str, Any]] | None:
        answer = sqs.receive_message(QueueUrl=made["Queue"], WaitTimeSeconds=2)
        return answer.get("Messages")

    (message,) = eventually(heard, 60, "the function's message")
    role = found["Target"]["RoleArn"].rpartition("/")[2]
    assert message["Body"] == "tick"
    assert json.loads(found["Target"]["Input"]) == {"word": "tick"}
    trusts = cloud_server.client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    assert trusts["Statement"][0]["Principal"]["Service"] == ["scheduler.amazonaws.com"]
