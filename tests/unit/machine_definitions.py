"""State machines, good and bad, with what Step Functions says of each: "" where it makes one.

tests/unit/test_machine_rules.py holds the local cloud to it, and `make referee` asl-validator.
"""

from __future__ import annotations

from typing import Any

Definition = dict[str, Any]
PASS: Definition = {"Type": "Pass", "End": True}
TASK: Definition = {
    "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "End": True,
}  # fmt: skip
S, T, E, N = "SCHEMA_VALIDATION_FAILED", "MISSING_TRANSITION_TARGET", "MISSING_END_STATE", "DUPLICATE_STATE_NAME"
ERROR = {"ErrorEquals": ["E"]}
IS_PRESENT = {"Variable": "$.a", "IsPresent": True}


def machine(states: dict[str, Any], **more: Any) -> Definition:
    return {"StartAt": next(iter(states)), "States": states, **more}


def alone(state: Definition, **more: Any) -> Definition:
    """A machine of one state."""
    return machine({"A": {**state, **more}})


def choice(*rules: Definition, **more: Any) -> Definition:
    """A choice between one state and itself."""
    return machine({"A": {"Type": "Choice", "Choices": list(rules), "Default": "B", **more}, "B": PASS})


TABLE: dict[str, tuple[str, Definition]] = {
    "a pass": ("", alone(PASS)),
    "all of a machine": ("", machine({"A": PASS}, Version="1.0", Comment="c", TimeoutSeconds=9)),
    "no start": (S, {"States": {"A": PASS}}),
    "a start that is not there": (T, machine({"A": PASS}, StartAt="B")),
    "a next that is not there": (T, machine({"A": {"Type": "Pass", "Next": "C"}, "B": PASS})),
    "a next that is not there, and no end": (f"{T} {E}", machine({"A": {"Type": "Pass", "Next": "B"}})),
    "next and end": (S, machine({"A": {**PASS, "Next": "B"}, "B": PASS})),
    "neither next nor end": (f"{S} {E}", machine({"A": {"Type": "Pass"}})),
    "a state that nothing leads to": (T, machine({"A": PASS, "B": PASS})),
    "a loop without an end": (E, machine({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}})),
    "a type that there is not": (S, alone({"Type": "Jump"}, End=True)),
    "a field that no state has": (S, alone(PASS, Nonsense=1)),
    "a field that no machine has": (S, machine({"A": PASS}, Nonsense=1)),
    "a long name": (S, machine({"A" * 81: PASS})),
    "a task": ("", alone(TASK)),
    "a task without a resource": (S, alone({"Type": "Task"}, End=True)),
    "a resource that is no ARN": (S, alone(TASK, Resource="hello")),
    "an SDK's operation": ("", alone(TASK, Resource="arn:aws:states:::aws-sdk:s3:listBuckets", Parameters={})),
    "a job that is waited for": ("", alone(
        TASK, Resource="arn:aws:states:::sagemaker:createTransformJob.sync", Parameters={})),
    "a token": ("", alone(TASK, Resource="arn:aws:states:::lambda:invoke.waitForTaskToken")),
    "times": ("", alone(TASK, TimeoutSeconds=60, HeartbeatSeconds=30)),
    "a heartbeat longer than the time": (S, alone(TASK, TimeoutSeconds=30, HeartbeatSeconds=60)),
    "no time": (S, alone(TASK, TimeoutSeconds=0)),
    "two times": (S, alone(TASK, TimeoutSeconds=3, TimeoutSecondsPath="$.t")),
    "a time of a map": (S, alone({"Type": "Map", "ItemProcessor": machine({"B": PASS})}, End=True, TimeoutSeconds=9)),
    "a wait": ("", alone({"Type": "Wait"}, Seconds=1, End=True)),
    "a wait for two": (S, alone({"Type": "Wait"}, Seconds=1, Timestamp="2030-01-01T00:00:00Z", End=True)),
    "a wait for nothing": (S, alone({"Type": "Wait"}, End=True)),
    "a wait until what is told": ("", alone({"Type": "Wait"}, SecondsPath="$.a", End=True)),
    "a wait until what is no path": (S, alone({"Type": "Wait"}, SecondsPath="a", End=True)),
    "a choice": ("", choice({**IS_PRESENT, "Next": "B"})),
    "a choice without rules": (S, choice()),
    "a choice that ends": (S, choice({**IS_PRESENT, "Next": "B"}, End=True)),
    "a rule that leads nowhere": (S, choice(IS_PRESENT)),
    "a rule to what is not there": (T, choice({**IS_PRESENT, "Next": "Z"})),
    "a rule that compares twice": (S, choice({**IS_PRESENT, "StringEquals": "x", "Next": "B"})),
    "a number that is a text": (S, choice({"Variable": "$.a", "NumericEquals": "1", "Next": "B"})),
    "a number that is a text, deep in": (S, choice(
        {"And": [{"Not": {"Variable": "$.a", "NumericEquals": "1"}}, IS_PRESENT], "Next": "B"})),
    "a path to compare with": ("", choice({"Variable": "$.a", "NumericEqualsPath": "$.b", "Next": "B"})),
    "a success": ("", alone({"Type": "Succeed"})),
    "a success that ends": (S, alone({"Type": "Succeed"}, End=True)),
    "a failure": ("", alone({"Type": "Fail"}, Error="E", Cause="c")),
    "a failure that goes on": (S, machine({"A": {"Type": "Fail", "Next": "B"}, "B": PASS})),
    "two causes": (S, alone({"Type": "Fail"}, Cause="c", CausePath="$.c")),
    "branches": ("", alone({"Type": "Parallel"}, Branches=[machine({"B": PASS}), machine({"C": PASS})], End=True)),
    "no branches": (S, alone({"Type": "Parallel"}, End=True)),
    "a branch that leads out": (T, machine({
        "A": {"Type": "Parallel", "Branches": [machine({"B": {"Type": "Pass", "Next": "C"}})], "Next": "C"},
        "C": PASS,
    })),
    "one name twice": (N, alone({"Type": "Parallel"}, Branches=[machine({"B": PASS}), machine({"B": PASS})], End=True)),
    "a map": ("", alone({"Type": "Map"}, ItemProcessor=machine({"B": PASS}), End=True)),
    "an older map": ("", alone({"Type": "Map"}, Iterator=machine({"B": PASS}), End=True)),
    "a map of nothing": (S, alone({"Type": "Map"}, End=True)),
    "retries": ("", alone(TASK, Retry=[{**ERROR, "MaxDelaySeconds": 9, "JitterStrategy": "FULL"}])),
    "a retry of nothing": (S, alone(TASK, Retry=[{"MaxAttempts": 3}])),
    "a retry of all and of one": (S, alone(TASK, Retry=[{"ErrorEquals": ["States.ALL", "E"]}])),
    "a retry that comes sooner each time": (S, alone(TASK, Retry=[{**ERROR, "BackoffRate": 0.5}])),
    "a retry at once": (S, alone(TASK, Retry=[{**ERROR, "IntervalSeconds": 0}])),
    "a retry of a pass": (S, alone(PASS, Retry=[ERROR])),
    "what is caught": ("", machine({"A": {**TASK, "Catch": [{**ERROR, "Next": "B", "ResultPath": "$.e"}]}, "B": PASS})),
    "what is caught and leads nowhere": (S, alone(TASK, Catch=[ERROR])),
    "what is caught and leads to what is not there": (T, alone(TASK, Catch=[{**ERROR, "Next": "Z"}])),
    "paths": ("", alone(PASS, InputPath="$.a", OutputPath="$.b", ResultPath="$.c")),
    "no paths": ("", alone(PASS, InputPath=None, ResultPath=None)),
    "what is no path": (S, alone(PASS, InputPath="a.b")),
    "a result at several places": (S, alone(PASS, ResultPath="$.a[*]")),
    "parameters": ("", alone(PASS, Parameters={"a.$": "$.b", "b": {"c.$": "$$.Execution.Id"}})),
    "a parameter that is no path": (S, alone(PASS, Parameters={"a.$": "b"})),
    "a parameter that is a number": (S, alone(PASS, Parameters={"b": [{"a.$": 1}]})),
    "a function": ("", alone(PASS, Parameters={"a.$": "States.Format('{}', $.a)"})),
    "a function that there is not": (S, alone(PASS, Parameters={"a.$": "States.Nothing($.a)"})),
    "a result that is chosen from": ("", alone(TASK, ResultSelector={"a.$": "$.Payload"})),
    "a pass that chooses": (S, alone(PASS, ResultSelector={"a.$": "$.b"})),
}  # fmt: skip
