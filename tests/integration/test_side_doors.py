"""Where policies are enforced, what is asked of them is what is then done: a request that says two things is refused,
and none reaches an answer past the question.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import boto3
import pytest
from cloud import CloudServer, start_cloud, stop_cloud

BUCKET, ACCOUNT = "doors", "123456789012"
ARN = f"arn:aws:s3:::{BUCKET}"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:secret"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/closed"
FORM = "application/x-www-form-urlencoded"
CLOSED = f"/{BUCKET}/closed/a"
MAY = [
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectTagging"], "Resource": f"{ARN}/open/*"},
    {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:PutBucketTagging"], "Resource": ARN},
    {"Effect": "Allow", "Action": "s3:DeleteObject*", "Resource": f"{ARN}/*"},
    {"Effect": "Deny", "Action": "s3:DeleteObject*", "Resource": f"{ARN}/closed/*"},
    {"Effect": "Allow", "Action": ["sagemaker:ListModels", "sns:*"], "Resource": "*"},
    {"Effect": "Deny", "Action": "sns:Publish", "Resource": TOPIC},
    {"Effect": "Allow", "Action": "iam:*", "Resource": f"arn:aws:iam::{ACCOUNT}:role/open"},
]
EVERYBODY = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                            "Action": "sts:AssumeRole"}]}  # fmt: skip
DELETES = "<Delete><Object><Key>open/a</Key></Object><Object><Key>closed/a</Key></Object></Delete>"


def client(cloud: CloudServer, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=cloud.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudServer]:
    cloud = start_cloud(Path(tmp_path_factory.mktemp("doors")), 0, "--enforce-iam")
    client(cloud, "s3").create_bucket(Bucket=BUCKET)
    for key in ("open/a", "closed/a"):
        client(cloud, "s3").put_object(Bucket=BUCKET, Key=key, Body=b"text")
    client(cloud, "sns").create_topic(Name="secret")
    for role in ("open", "closed"):
        client(cloud, "iam").create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(EVERYBODY))
    yield cloud
    stop_cloud(cloud)


@pytest.fixture(scope="module")
def key(enforcing: CloudServer) -> str:
    iam = client(enforcing, "iam")
    iam.create_user(UserName="eve")
    iam.put_user_policy(UserName="eve", PolicyName="may", PolicyDocument=json.dumps({"Statement": MAY}))
    return str(iam.create_access_key(UserName="eve")["AccessKey"]["AccessKeyId"])


class Door(NamedTuple):
    """A request, {key} being the caller's access key; signed for ``service`` in the usual way, where one is named."""

    service: str
    path: str
    body: str = ""
    headers: Mapping[str, str] = {}
    method: str = "POST"


def scope(service: str) -> str:
    return f"{{key}}/20260314/us-east-1/{service}/aws4_request"


def form(**given: str) -> str:
    return urlencode({"Version": "2010-05-08", **given})


SIGNED = ", SignedHeaders=host, Signature=0"
SPOKEN = {"Content-Type": FORM}
DOORS = {
    "unsigned, with the action of a mail's link": Door("", f"{CLOSED}?Action=Unsubscribe", method="GET"),
    "unsigned, with a target of a mail's link": Door(
        "", CLOSED, headers={"X-Amz-Target": "SNS.ConfirmSubscription"}, method="GET"
    ),
    "unsigned, a link's action before another": Door(
        "", "/?Action=ConfirmSubscription", form(Action="ListRoles"), SPOKEN
    ),
    "a harmless target over another action": Door(
        "sts", "/", form(Action="AssumeRole", RoleArn=ROLE, RoleSessionName="eve"),
        {**SPOKEN, "X-Amz-Target": "STS.GetCallerIdentity"},
    ),
    "a harmless target over an action in the query": Door(
        "sagemaker", "/?Action=DeleteModel", '{"ModelName": "m"}',
        {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SageMaker.ListModels"},
    ),
    "an action in the query over another in the form": Door(
        "iam", "/?Action=GetRole&RoleName=open", form(Action="DeleteRole", RoleName="closed"), SPOKEN
    ),
    "a parameter twice": Door("iam", "/", form(Action="DeleteRole", RoleName="closed") + "&RoleName=open", SPOKEN),
    "a parameter that is empty at first": Door(
        "sns", "/", f"Action=Publish&TopicArn={TOPIC}&TopicArn=other&Message=m", SPOKEN
    ),
    "a harmless topic beside the target": Door(
        "sns", "/", form(Action="Publish", TopicArn=TOPIC.replace("secret", "open"), TargetArn=TOPIC, Message="m"),
        SPOKEN,
    ),
    "parameters in the query": Door("sns", f"/?Action=Publish&TopicArn={TOPIC}&Message=m", method="GET"),
    "a form that says that it is none": Door(
        "iam", "/", form(Action="DeleteRole", RoleName="closed"), {"Content-Type": "text/plain"}
    ),
    "two scopes in a header": Door(
        "", CLOSED, method="GET",
        headers={"Authorization": f"AWS4-HMAC-SHA256 {scope('s3')} Credential={scope('sts')}{SIGNED}",
                 "X-Amz-Target": "STS.GetCallerIdentity"},
    ),
    "SigV4a for a service that is not asked": Door(
        "", CLOSED, method="GET",
        headers={"Authorization": f"AWS4-ECDSA-P256-SHA256 Credential={{key}}/20260314/sts/aws4_request{SIGNED}",
                 "X-Amz-Target": "STS.GetCallerIdentity"},
    ),
    "a link for a service that is not asked": Door(
        "", f"{CLOSED}?Action=GetCallerIdentity&X-Amz-Credential={scope('sts').replace('/', '%2F')}", method="GET"
    ),
    "the signature of one service at the path of another": Door(
        "sts", CLOSED, method="GET", headers={"X-Amz-Target": "STS.GetCallerIdentity"}
    ),
    "a bucket's policy under a listing": Door("s3", f"/{BUCKET}?policy&prefix=a", method="GET"),
    "a bucket's policy beside its tags": Door("s3", f"/{BUCKET}?tagging&policy", '{"Statement": []}', method="PUT"),
    "an object's ACL beside its tags": Door("s3", f"/{BUCKET}/open/a?tagging&acl", method="GET"),
    "several deletes, of which one is denied": Door("s3", f"/{BUCKET}?delete", DELETES, {"Content-Type": "text/xml"}),
    "several deletes that nobody can read": Door("s3", f"/{BUCKET}?delete", "<Delete><Object>"),
    "a form to a bucket": Door(
        "", f"/{BUCKET}",
        '--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nclosed/b\r\n'
        '--x\r\nContent-Disposition: form-data; name="file"; filename="b"\r\n\r\ntext\r\n--x--\r\n',
        {"Content-Type": "multipart/form-data; boundary=x"},
    ),
    "a form to a bucket, signed by its header": Door(
        "s3", f"/{BUCKET}",
        '--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nopen/b\r\n'
        '--x\r\nContent-Disposition: form-data; name="file"; filename="b"\r\n\r\ntext\r\n--x--\r\n',
        {"Content-Type": "multipart/form-data; boundary=x"},
    ),
    "a token of a provider that is not here": Door(
        "", "/", form(Action="AssumeRoleWithWebIdentity", RoleArn=ROLE, RoleSessionName="eve", WebIdentityToken="t"),
        SPOKEN,
    ),
    "a role that trusts the account, of one whom no policy lets": Door(
        "sts", "/", form(Action="AssumeRole", RoleArn=ROLE, RoleSessionName="eve"), SPOKEN
    ),
}  # fmt: skip


def answer(cloud: CloudServer, key: str, door: Door) -> tuple[int, str]:
    headers = {name: value.replace("{key}", key) for name, value in door.headers.items()}
    if door.service:
        headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope(door.service).replace('{key}', key)}{SIGNED}"
    url, body = cloud.url + door.path.replace("{key}", key), door.body.encode() if door.method != "GET" else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=door.method), timeout=60) as said:
            return said.status, said.read().decode()
    except urllib.error.HTTPError as failed:
        return failed.code, failed.read().decode()


def standing(cloud: CloudServer) -> tuple[Any, ...]:
    """What nobody is to have changed."""
    s3 = client(cloud, "s3")
    keys = {one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET)["Contents"]}
    return keys, {role["RoleName"] for role in client(cloud, "iam").list_roles()["Roles"]}


@pytest.mark.parametrize("name", DOORS)
def test_a_request_that_goes_round_the_question_is_refused_and_changes_nothing(
    enforcing: CloudServer, key: str, name: str
) -> None:
    status, said = answer(enforcing, key, DOORS[name])

    assert 400 <= status < 500 or status == 501, said
    assert "text" not in said.split("<Message>")[0]
    assert standing(enforcing) == ({"open/a", "closed/a"}, {"open", "closed"})


def test_what_is_said_once_is_answered(enforcing: CloudServer, key: str) -> None:
    json_type = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SageMaker.ListModels"}
    asked = [
        Door("sts", "/", form(Action="GetCallerIdentity"), SPOKEN),
        Door("iam", "/", form(Action="GetRole", RoleName="open"), SPOKEN),
        Door("sagemaker", "/", "{}", json_type),
        Door("s3", f"/{BUCKET}/open/a?tagging", method="GET"),
        Door("s3", f"/{BUCKET}?list-type=2&prefix=a&encoding-type=url", method="GET"),
        Door(
            "s3",
            f"/{BUCKET}?delete",
            "<Delete><Object><Key>open/none</Key></Object></Delete>",
            {"Content-Type": "application/xml"},
        ),
        Door("sns", "/?Action=ListTopics", method="GET"),
    ]

    assert [answer(enforcing, key, door)[0] for door in asked] == [200] * len(asked)
