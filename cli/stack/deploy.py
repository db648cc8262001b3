"""Deploy template.yaml to the local cloud as ``sam deploy`` does: package, upload, change set, wait.

On AWS the SAM CLI does this; here it would cost ``make demo`` an environment of 340 MB.
"""

import json
import time
from pathlib import Path
from typing import Any

import yaml
from botocore.exceptions import ClientError, WaiterError
from samtranslator.yaml_helper import intrinsics_multi_constructor

from cli.errors import UserError
from cli.stack.bundle import functions_zip
from cli.stack.target import Target
from pipelines.names import BadName, check_stack

TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"
ARTIFACTS = "retrain-artifacts"
LOCALLY = {"BakeSeconds": "0", "DecisionPage": "link"}  # what a stack on this machine is deployed with
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
LOADER: Any = type("TemplateLoader", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {})  # in C: a tenth of the time
LOADER.add_multi_constructor("!", intrinsics_multi_constructor)  # as AWS's own reader has it
LOOK_S, DEADLINE_S = 0.2, 300
SERVERLESS_FUNCTION, SERVERLESS_MACHINE = "AWS::Serverless::Function", "AWS::Serverless::StateMachine"


def deploy(target: Target, template: Path, parameters: dict[str, str]) -> dict[str, str]:
    """Create or update the stack and return its outputs.

    Raises:
        UserError: with the stack's own reason when it did not come up, or when it cannot be named so.
    """
    try:
        check_stack(target.stack)
    except BadName as error:
        raise UserError(str(error)) from error
    s3 = target.client("s3")
    s3.create_bucket(Bucket=ARTIFACTS)
    body = json.dumps(_package(s3, template))
    s3.put_object(Bucket=ARTIFACTS, Key=f"{target.stack}.template.json", Body=body.encode())
    cloudformation = target.client("cloudformation")
    kind = "UPDATE" if _exists(cloudformation, target.stack) else "CREATE"
    name = f"retrain-{int(time.time() * 1000)}"
    cloudformation.create_change_set(
        StackName=target.stack,
        ChangeSetName=name,
        ChangeSetType=kind,
        TemplateURL=f"{target.url}/{ARTIFACTS}/{target.stack}.template.json",
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=CAPABILITIES,
    )
    if _has_changes(cloudformation, target.stack, name):
        cloudformation.execute_change_set(StackName=target.stack, ChangeSetName=name)
        _await_stack(cloudformation, target.stack, kind)
    return target.outputs()


def _package(s3: Any, template: Path) -> dict[str, Any]:
    """The template with every local path uploaded and replaced, as ``sam package`` writes it."""
    document: dict[str, Any] = yaml.load(template.read_text(), Loader=LOADER)  # noqa: S506  safe
    uploaded: dict[Path, str] = {}  # a folder's package is made once, however many functions share it
    shared = document.get("Globals", {}).get("Function", {})
    for resource in document["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == SERVERLESS_FUNCTION:
            folder = template.parent / properties.get("CodeUri", shared.get("CodeUri"))
            if folder not in uploaded:
                uploaded[folder] = _upload_functions(s3, folder)
            properties["CodeUri"] = uploaded[folder]
        elif resource["Type"] == SERVERLESS_MACHINE and "DefinitionUri" in properties:
            path = template.parent / properties["DefinitionUri"]
            s3.put_object(Bucket=ARTIFACTS, Key=path.name, Body=path.read_bytes())
            properties["DefinitionUri"] = {"Bucket": ARTIFACTS, "Key": path.name}
    shared.pop("CodeUri", None)
    return document


def _upload_functions(s3: Any, folder: Path) -> str:
    """Upload ``folder``'s package and return its S3 URI."""
    sha256, body = functions_zip(folder)
    key = f"functions/{sha256}.zip"
    s3.put_object(Bucket=ARTIFACTS, Key=key, Body=body)
    return f"s3://{ARTIFACTS}/{key}"


def _exists(cloudformation: Any, stack: str) -> bool:
    try:
        stacks = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError:
        return False
    return bool(stacks) and stacks[0]["StackStatus"] != "REVIEW_IN_PROGRESS"


def _has_changes(cloudformation: Any, stack: str, change_set: str) -> bool:
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(
            StackName=stack, ChangeSetName=change_set, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )
    except WaiterError as error:
        reason = str(error.last_response.get("StatusReason", error))
        # AWS has no code for "nothing to do", only these two sentences; the SAM CLI reads them as well.
        if "didn't contain changes" in reason or "No updates are to be performed" in reason:
            return False
        raise UserError(f"the change set of stack '{stack}' was refused: {reason}") from error
    return True


def _await_stack(cloudformation: Any, stack: str, kind: str) -> None:
    waiter = cloudformation.get_waiter(f"stack_{kind.lower()}_complete")
    try:
        waiter.wait(StackName=stack, WaiterConfig={"Delay": LOOK_S, "MaxAttempts": round(DEADLINE_S / LOOK_S)})
    except WaiterError as error:
        events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        reasons = [
            f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
            for event in events
            if event.get("ResourceStatusReason") and "FAILED" in event["ResourceStatus"]
        ]
        raise UserError(f"stack '{stack}' did not deploy: {'; '.join(reasons) or error}") from error
