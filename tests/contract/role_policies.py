"""The template's roles and resource policies as documents, and what end-to-end runs asked of them: plain data.

A physical name is the resource's logical one, so that what a run recorded and what the template says can be compared.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml
from moto.iam.aws_managed_policies import aws_managed_policies_data

from localcloud.iam.policies import AccessRequest, Decision, applies, decide, values
from localcloud.templates import sam
from localcloud.templates.language import document, intrinsics
from pipelines.publishing import model_roles
from pipelines.publishing.model_roles import Use

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")  # SAM asks for one
ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
RECORDED = HERE / "recorded_permissions.json"
EXCEPTIONS = HERE / "iam_exceptions.yaml"
ACCOUNT, REGION, STACK = "123456789012", "us-east-1", "retrain"
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::StackName": STACK,
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/0",
    "AWS::URLSuffix": "amazonaws.com",
}
ARNS = {  # type -> the rest of its ARN, after service, region and account
    "AWS::S3::Bucket": "arn:aws:s3:::{}",
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{{}}",
    "AWS::IAM::ManagedPolicy": f"arn:aws:iam::{ACCOUNT}:policy/{{}}",
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{}}",
    "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{}}",
    "AWS::SNS::Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:{{}}",
    "AWS::Lambda::Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{}}",
    "AWS::StepFunctions::StateMachine": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{{}}",
    "AWS::Events::Rule": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{{}}",
    "AWS::Scheduler::ScheduleGroup": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/{{}}",
    "AWS::CloudWatch::Alarm": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{{}}",
    "AWS::KMS::Key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{{}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{}}:*",
}
REF_IS_ARN = ("AWS::SNS::Topic", "AWS::StepFunctions::StateMachine", "AWS::IAM::ManagedPolicy")
JOBS_POLICY, SERVING_POLICY = "JobsPolicy", "ServingPolicy"  # of roles that publishing makes for the model of their tag
MODEL = "churn"
JOBS_ROLE, SERVING_ROLE = (f"arn:aws:iam::{ACCOUNT}:role/{STACK}--{MODEL}-{use}-{REGION}" for use in Use)
FORMER_SERVING_ROLE = ARNS["AWS::IAM::Role"].format("EndpointRole")  # of what an earlier release deployed
MODEL_ROLES = {JOBS_POLICY: JOBS_ROLE, SERVING_POLICY: SERVING_ROLE}  # by their policies
Document = dict[str, Any]
Reader = Callable[[str, Document], Iterator[tuple[str, str, Document]]]


@dataclass(frozen=True)
class Recorded:
    """One distinct question of the recorded runs, its names made logical."""

    principal: str
    action: str
    resource: str
    context: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def row(self) -> dict[str, Any]:
        """As it is written down."""
        context = {"context": {key: list(found) for key, found in self.context}} if self.context else {}
        return {"principal": self.principal, "action": self.action, "resource": self.resource, **context}

    @property
    def ask(self) -> AccessRequest:
        """The question for the evaluator, with what every request has."""
        every = {"aws:SecureTransport": ("true",), "aws:PrincipalArn": (self.principal,), **tags_of(self.principal)}
        return AccessRequest(self.principal, self.action, self.resource, {**every, **dict(self.context)})


def tags_of(principal: str) -> dict[str, tuple[str, ...]]:
    """The tags of a principal that policies ask for."""
    return {f"aws:PrincipalTag/{model_roles.MODEL}": (MODEL,)} if principal in MODEL_ROLES.values() else {}


@dataclass(frozen=True)
class Where:
    """A statement's place: a role's or a resource's ARN, the kind of policy, and its number there."""

    holder: str
    kind: str  # identity, trust or resource
    number: int


@dataclass
class Policies:
    """All statements, by their places."""

    found: dict[Where, Document]

    def of(self, holder: str, kind: str) -> list[Document]:
        """The statements of one holder as policies of one statement each."""
        return self._by_holder.get((holder, kind), [])

    @cached_property
    def _by_holder(self) -> dict[tuple[str, str], list[Document]]:
        by: dict[tuple[str, str], list[Document]] = {}
        for where, one in self.found.items():
            by.setdefault((where.holder, where.kind), []).append({"Statement": one})
        return by

    @cached_property
    def _places(self) -> dict[tuple[str, str], list[Where]]:
        by: dict[tuple[str, str], list[Where]] = {}
        for where in self.found:
            by.setdefault((where.holder, where.kind), []).append(where)
        return by

    def about(self, ask: AccessRequest) -> Policies:
        """The statements that speak of what is asked, of which alone the answer is made."""
        heard = (where for holder in holders(ask) for where in self._places.get(holder, []))
        return Policies(
            {where: self.found[where] for where in heard if applies(self.found[where], ask, where.kind != "identity")}
        )

    def decide(self, ask: AccessRequest) -> Decision:
        """What IAM would say."""
        *identity, resource = (self.of(*holder) for holder in holders(ask))
        return decide(ask, *(identity or [[]]), resource)


def holders(ask: AccessRequest) -> list[tuple[str, str]]:
    """Whose policies have a say, and of which kind they are: a principal's identity policies, if any, come first."""
    if ask.action == "sts:AssumeRole":
        return [(ask.resource, "trust")]
    holder = ask.resource if not ask.resource.startswith("arn:aws:s3:::") else ask.resource.partition("/")[0]
    return [(ask.principal, "identity"), (holder, "resource")]


@cache
def _resources(**given: str) -> dict[str, Any]:
    """The template with SAM's part done and every name resolved, parameters as ``given`` or at their defaults."""
    template = document.parse((ROOT / "template.yaml").read_text())
    for one in template["Resources"].values():  # as `sam package` leaves them
        if one["Type"] == "AWS::Serverless::StateMachine":
            one["Properties"]["DefinitionUri"] = "s3://artifacts/definition"
        elif one["Type"] == "AWS::Serverless::Function":
            one["Properties"]["CodeUri"] = "s3://artifacts/functions"
    template["Globals"]["Function"].pop("CodeUri", None)
    parameters = {name: spec.get("Default", "") for name, spec in template["Parameters"].items()} | given
    made = sam.translate(template, parameters, PSEUDO)
    types = {name: one["Type"] for name, one in made["Resources"].items()}

    def attribute(name: str, key: str) -> Any:
        return ARNS.get(types[name], "{}").format(name) if key in ("Arn", "TopicArn") else name

    def ref(name: str) -> Any:
        return attribute(name, "Arn") if types[name] in REF_IS_ARN else name

    scope = intrinsics.Scope(parameters, PSEUDO, made, ref, attribute)
    wanted = {
        name: one for name, one in made["Resources"].items() if "Condition" not in one or scope.holds(one["Condition"])
    }
    return {
        name: {"Type": one["Type"], **intrinsics.resolve(one.get("Properties", {}), scope)}
        for name, one in wanted.items()
    }


@cache
def synthesised(**given: str) -> Policies:
    """The template's statements; AWS's managed policies are not among them (see ``managed``)."""
    found: dict[Where, Document] = {}
    for holder, kind, policy in _documents(**given):
        for statement in policy["Statement"]:
            number = sum((where.holder, where.kind) == (holder, kind) for where in found)
            found[Where(holder, kind, number)] = statement
    return Policies(found)


def managed() -> dict[str, list[str]]:
    """The names of AWS's managed policies by the roles that have them."""
    return {
        _arn(name, one): [arn.rpartition("/")[2] for arn in one.get("ManagedPolicyArns", [])]
        for name, one in _resources().items()
        if one["Type"] == "AWS::IAM::Role"
    }


def resource_types() -> set[str]:
    """All types of the template, those under a condition too."""
    given = {"EncryptionKey": "create", "AlarmEmail": "a@b", "NotificationEmail": "a@b", "MonthlyBudget": "1"}
    given["DecisionPage"] = "link"
    return {one["Type"] for one in _resources(**given).values()}


def policies_of_people(**given: str) -> dict[str, Document]:
    """The managed policies that the template makes for people, by their logical names."""
    return {
        name: one["PolicyDocument"]
        for name, one in _resources(**given).items()
        if one["Type"] == "AWS::IAM::ManagedPolicy" and name not in MODEL_ROLES
    }


def policy_of_model(name: str, **given: str) -> Document:
    """What a role of a model may do, and its permissions boundary."""
    found: Document = _resources(**given)[name]["PolicyDocument"]
    return found


def event_rules() -> dict[str, Document]:
    """The properties of the template's rules."""
    return {name: one for name, one in _resources().items() if one["Type"] == "AWS::Events::Rule"}


@cache
def managed_document(name: str) -> Document:
    """One of AWS's managed policies."""
    policies = json.loads(aws_managed_policies_data)
    found: Document = policies[name]["Document"]
    return found


def _documents(**given: str) -> Iterator[tuple[str, str, Document]]:
    for name, one in _resources(**given).items():
        if one["Type"] in _READERS:
            yield from _READERS[one["Type"]](name, one)


def _role(name: str, one: Document) -> Iterator[tuple[str, str, Document]]:
    yield _arn(name, one), "trust", one["AssumeRolePolicyDocument"]
    for policy in one.get("Policies", []):
        yield _arn(name, one), "identity", policy["PolicyDocument"]


def _attached(kind: str, type_: str, names: str) -> Reader:
    """A policy that stands by itself, and names what it is attached to."""

    def read(_: str, one: Document) -> Iterator[tuple[str, str, Document]]:
        attached = one[names] if isinstance(one[names], list) else [one[names]]
        for name in attached:
            yield name if name.startswith("arn:") else ARNS[type_].format(name), kind, one["PolicyDocument"]

    return read


def _policy_of_model(name: str, one: Document) -> Iterator[tuple[str, str, Document]]:
    """The role that publishing makes of it for a model; the policies of people are nobody's yet."""
    if name in MODEL_ROLES:
        yield MODEL_ROLES[name], "trust", model_roles.trust(ACCOUNT)
        yield MODEL_ROLES[name], "identity", one["PolicyDocument"]


def _permission(_: str, one: Document) -> Iterator[tuple[str, str, Document]]:
    """A permission as the statement that Lambda makes of it."""
    function = one["FunctionName"]
    arn = function if function.startswith("arn:") else ARNS["AWS::Lambda::Function"].format(function)
    statement: Document = {
        "Effect": "Allow",
        "Principal": {"Service": one["Principal"]},
        "Action": one["Action"],
        "Resource": arn,
        "Condition": {},
    }
    if "SourceArn" in one:
        statement["Condition"]["ArnLike"] = {"aws:SourceArn": one["SourceArn"]}
    if "SourceAccount" in one:
        statement["Condition"]["StringEquals"] = {"aws:SourceAccount": one["SourceAccount"]}
    yield arn, "resource", {"Statement": [statement]}


def _key(name: str, one: Document) -> Iterator[tuple[str, str, Document]]:
    yield _arn(name, one), "resource", one["KeyPolicy"]


_READERS: Mapping[str, Reader] = {
    "AWS::IAM::Role": _role,
    "AWS::IAM::Policy": _attached("identity", "AWS::IAM::Role", "Roles"),
    "AWS::IAM::ManagedPolicy": _policy_of_model,
    "AWS::SQS::QueuePolicy": _attached("resource", "AWS::SQS::Queue", "Queues"),
    "AWS::SNS::TopicPolicy": _attached("resource", "AWS::SNS::Topic", "Topics"),
    "AWS::S3::BucketPolicy": _attached("resource", "AWS::S3::Bucket", "Bucket"),
    "AWS::Lambda::Permission": _permission,
    "AWS::KMS::Key": _key,
}


def _arn(name: str, one: Mapping[str, Any]) -> str:
    return ARNS[one["Type"]].format(name)


# --- what runs recorded


def recorded() -> list[Recorded]:
    """The questions that the recorded end-to-end runs asked."""
    return rows_of(json.loads(RECORDED.read_text()))


def rows_of(rows: Iterable[Mapping[str, Any]]) -> list[Recorded]:
    """Rows of a record as questions."""
    return [
        Recorded(
            row["principal"],
            row["action"],
            row["resource"],
            tuple((key, tuple(values(found))) for key, found in sorted(row.get("context", {}).items())),
        )
        for row in rows
    ]


def normalised(checks: list[dict[str, Any]], names: Mapping[str, str], stacks: Iterable[str]) -> list[dict[str, Any]]:
    """The distinct questions among a local cloud's record; ``names`` has physical names and their logical ones."""
    known, rows = Names(names, stacks), set[str]()
    for check in checks:
        context = {
            key: [known.logical(one) for one in found] for key, found in check["context"].items() if key not in UNSTEADY
        }
        row = {name: known.logical(check[name]) for name in ("principal", "action", "resource")}
        if own := OF_MODELS.search(check["principal"]):
            row["resource"] = _example(*own.groups(), check["resource"]) or row["resource"]
            prefixes = [_example(*own.groups(), prefix) or prefix for prefix in check["context"].get("s3:prefix", [])]
            context |= {"s3:prefix": prefixes} if prefixes else {}
        rows.add(json.dumps({**row, "context": context} if context else row))
    return sorted(map(json.loads, rows), key=lambda row: [str(value) for value in row.values()])


OF_MODELS = re.compile(rf":role/[a-z0-9-]+?--([a-z0-9-]+)-(jobs|serving)-{REGION}$")
FOLDERS = "code|config/versions|datasets|pipelines|judged|transforms"
KEY = re.compile(rf"(arn:aws:s3:::)?(?(1)[^/]+/)({FOLDERS})/([^/]+)/.*", re.DOTALL)


RECORDS = "/records"  # what a champion is asked: all that what serves reads of a pipeline's


def _example(model: str, use: str, key: str) -> str | None:
    """An example of a key of the role's own model, or of the code, as ARN or prefix; None of anything else."""
    found = KEY.fullmatch(key)
    if found is None or (found[2] != "code" and found[3] != model):
        return None
    bucket = f"{found[1]}DataBucket/" if found[1] else ""
    own = f"{MODEL}/e/Preprocess{RECORDS}/example" if use == Use.SERVING and RECORDS in key else f"{MODEL}/example"
    return f"{bucket}{found[2]}/example" if found[2] == "code" else f"{bucket}{found[2]}/{own}"


UNSTEADY = (  # no statement of a role asks for them
    "s3:prefix", "dynamodb:EnclosingOperation", "dynamodb:LeadingKeys", "dynamodb:Attributes",
)  # fmt: skip
IN_BUCKET = r"(?!config/prices\.json$)(?:config/[a-z]+|[a-z]+)"  # a stack has one price table
STEADY = (  # names that each run makes anew
    (re.compile(rf"({STACK}--)[a-z0-9-]+?(?=-v\d+-|-jobs-|-serving-|/|$)"), r"\1churn"),  # whichever model it was
    (re.compile(rf"(:::[^/]+/{IN_BUCKET}/).*?(/report\.html|/sources\.json)?$", re.DOTALL), r"\1example\2"),
    (re.compile(r"(:(?:[a-z-]+-job|model)/pipelines-).*"), r"\1example"),
    (re.compile(r"(:hyper-parameter-tuning-job/)[a-z0-9]{12}-(tune).*"), r"\1abcdefghijkl-\2-example"),
    (re.compile(r"(:transform-job/[a-z-]+-v)\d+-.*"), r"\g<1>1-example"),
    (re.compile(r"(:model-package/[^/]+/)\d+"), r"\g<1>1"),
    (re.compile(r"(/execution/).*"), r"\1example"),
    (re.compile(r"(:(?:model|endpoint-config)/[a-z-]+-v)\d+-.*"), r"\g<1>1-example"),
    (re.compile(r"(:log-stream:)(pipelines-)?.+"), r"\1\2example"),
    (re.compile(r"(:log-group:/aws/sagemaker/Endpoints/)[^:]+"), rf"\g<1>{STACK}--{MODEL}"),
    (re.compile(r"(:alarm:[a-z-]+-v)\d+.*"), r"\g<1>1-example"),
    (re.compile(r"(:execution:[^:]+:).*"), r"\1example"),
)


class Names:
    """Physical names and the logical ones in their place."""

    def __init__(self, names: Mapping[str, str], stacks: Iterable[str]) -> None:
        self._names = names
        longest_first = sorted(map(re.escape, names), key=len, reverse=True)
        self._physical = re.compile("|".join(longest_first)) if names else None
        longest = sorted(stacks, key=len, reverse=True)
        self._stack = re.compile(rf"(:(?:sagemaker|cloudwatch|iam):.*?[:/])({'|'.join(map(re.escape, longest))})--")

    def logical(self, name: str) -> str:
        """An ARN with logical names, and examples for what each run names anew."""
        if self._physical:
            name = self._physical.sub(lambda found: self._names[found[0]], name)
        name = self._stack.sub(rf"\1{STACK}--", name)
        for pattern, example in STEADY:
            name = pattern.sub(example, name)
        return name


def exceptions() -> Document:
    """``iam_exceptions.yaml``."""
    found: Document = yaml.safe_load(EXCEPTIONS.read_text())
    return found
