"""Sessions of roles where policies are enforced: who may begin one, with what, and what it may do then."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, start_cloud, stop_cloud

BUCKET, ACCOUNT = "sessions", "123456789012"
USER = f"arn:aws:iam::{ACCOUNT}:user/ada"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ASSUMES = {
    "Effect": "Allow",
    "Action": ["sts:AssumeRole", "sts:TagSession"],
    "Resource": f"arn:aws:iam::{ACCOUNT}:role/*",
}
BY_TAG = {
    "Effect": "Allow",
    "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{BUCKET}/${{aws:PrincipalTag/team}}/*",
}


def allow(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal: Any, action: Any = "sts:AssumeRole", **condition: Any) -> str:
    return document({"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition})


def client(cloud: CloudServer, service: str, key: str = "local", token: str | None = None) -> Any:
    make: Any = boto3.client
    return make(
        service, endpoint_url=cloud.url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key="local",
        aws_session_token=token,
    )  # fmt: skip


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudServer]:
    cloud = start_cloud(Path(tmp_path_factory.mktemp("sessions")), 0, "--enforce-iam")
    s3 = client(cloud, "s3")
    s3.create_bucket(Bucket=BUCKET)
    for key in ("a/1", "b/1"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"text")
    for name in ("ada", "bob"):
        client(cloud, "iam").create_user(UserName=name)
    client(cloud, "iam").put_user_policy(UserName="bob", PolicyName="assumes", PolicyDocument=document(ASSUMES))
    yield cloud
    stop_cloud(cloud)


@pytest.fixture(scope="module")
def keys(enforcing: CloudServer) -> dict[str, str]:
    """Ada, whom no policy lets do anything, and Bob, who may take on roles."""
    iam = client(enforcing, "iam")
    return {name: iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"] for name in ("ada", "bob")}


def role(cloud: CloudServer, name: str, trusts: str, *statements: dict[str, Any], **more: Any) -> str:
    iam = client(cloud, "iam")
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusts, **more)["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
    return arn


BEGUN = [  # who, whom the role trusts, what is said; whether the session begins
    ("ada", trust({"AWS": USER}), {}, True),
    ("ada", trust({"AWS": "*"}), {}, True),
    ("ada", trust({"AWS": ROOT}), {}, False),  # the account leaves it to policies, and she has none
    ("bob", trust({"AWS": ROOT}), {}, True),
    ("bob", trust({"AWS": ACCOUNT}), {}, True),
    ("bob", trust({"AWS": USER}), {}, False),
    ("bob", trust({"AWS": "arn:aws:iam::999999999999:root"}), {}, False),
    ("bob", trust({"Service": "sagemaker.amazonaws.com"}), {}, False),
    ("bob", trust({"AWS": ROOT}, StringEquals={"sts:ExternalId": "e-1"}), {"ExternalId": "e-1"}, True),
    ("bob", trust({"AWS": ROOT}, StringEquals={"sts:ExternalId": "e-1"}), {"ExternalId": "e-2"}, False),
    ("bob", trust({"AWS": ROOT}, StringEquals={"sts:ExternalId": "e-1"}), {}, False),
    ("bob", trust({"AWS": ROOT}, StringEquals={"sts:RoleSessionName": "s-1"}), {}, True),
    ("bob", trust({"AWS": ROOT}, StringEquals={"sts:RoleSessionName": "another"}), {}, False),
    ("bob", trust({"AWS": ROOT}), {"Tags": [{"Key": "team", "Value": "a"}]}, False),  # it trusts nobody to tag
    ("bob", trust({"AWS": ROOT}, ["sts:AssumeRole", "sts:TagSession"]),
     {"Tags": [{"Key": "team", "Value": "a"}]}, True),
    ("bob", trust({"AWS": ROOT}, ["sts:AssumeRole", "sts:TagSession"], StringEquals={"aws:RequestTag/team": "b"}),
     {"Tags": [{"Key": "team", "Value": "a"}]}, False),
]  # fmt: skip


@pytest.mark.parametrize(("number", "row"), [*enumerate(BEGUN)])
def test_a_session_begins_where_the_role_trusts_who_asks(
    enforcing: CloudServer, keys: dict[str, str], number: int, row: tuple[str, str, dict[str, Any], bool]
) -> None:
    who, trusts, said, begins = row
    sts, arn = client(enforcing, "sts", keys[who]), role(enforcing, f"trusting-{number}", trusts)

    if begins:
        assert sts.assume_role(RoleArn=arn, RoleSessionName="s-1", **said)["Credentials"]
    else:
        with pytest.raises(ClientError, match="is not authorized to perform: sts:") as refused:
            sts.assume_role(RoleArn=arn, RoleSessionName="s-1", **said)
        assert refused.value.response["Error"]["Code"] == "AccessDenied"


@pytest.mark.parametrize(
    ("said", "duration_s", "begins"),
    [
        ({}, 3600, True),
        ({}, 3601, False),
        ({"MaxSessionDuration": 7200}, 7200, True),
        ({"MaxSessionDuration": 7200}, 7201, False),
    ],
)
def test_a_session_lasts_no_longer_than_its_role_says(
    enforcing: CloudServer, keys: dict[str, str], said: dict[str, int], duration_s: int, begins: bool
) -> None:
    name = f"lasting-{said.get('MaxSessionDuration', 0)}-{duration_s}"
    arn, sts = role(enforcing, name, trust({"AWS": USER}), **said), client(enforcing, "sts", keys["ada"])

    if begins:
        assert sts.assume_role(RoleArn=arn, RoleSessionName="s-1", DurationSeconds=duration_s)["Credentials"]
    else:
        with pytest.raises(ClientError, match="exceeds the MaxSessionDuration set for this role") as refused:
            sts.assume_role(RoleArn=arn, RoleSessionName="s-1", DurationSeconds=duration_s)
        assert refused.value.response["Error"]["Code"] == "ValidationError"


READS_ALL = allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/*")
READS_A = allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/a/*")
DENIES_A = {**READS_A, "Effect": "Deny"}
DONE = [  # the role's policy and tags, with what the session is begun; what it may read
    (READS_ALL, {}, {}, "ab"),
    (READS_ALL, {}, {"Policy": document(READS_A)}, "a"),
    (READS_ALL, {}, {"Policy": document(allow("s3:PutObject"))}, ""),
    (READS_ALL, {}, {"Policy": document(READS_ALL, DENIES_A)}, "b"),
    (READS_A, {}, {"Policy": document(allow("s3:*"))}, "a"),  # a session's policy grants nothing
    (READS_ALL, {}, {"PolicyArns": [{"arn": "reads-a"}]}, "a"),
    (READS_ALL, {}, {"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/NoSuchPolicy"}]}, ""),
    (READS_ALL, {}, {"PolicyArns": [{"arn": "reads-a"}], "Policy": document(allow("s3:PutObject"))}, "a"),
    (BY_TAG, {"team": "a"}, {}, "a"),
    (BY_TAG, {"team": "a"}, {"Tags": [{"Key": "team", "Value": "b"}]}, "b"),  # the session's own counts
]  # fmt: skip


def test_a_session_has_no_tag_that_would_be_a_wildcard(enforcing: CloudServer, keys: dict[str, str]) -> None:
    arn = role(enforcing, "reading-all", trust({"AWS": ROOT}, ["sts:AssumeRole", "sts:TagSession"]), BY_TAG)
    sts, tags = client(enforcing, "sts", keys["bob"]), [{"Key": "team", "Value": "*"}]

    with pytest.raises(ClientError, match=r"Value '\*' at 'tags.1.member.value' failed to satisfy constraint"):
        sts.assume_role(RoleArn=arn, RoleSessionName="s-1", Tags=tags)


@pytest.fixture(scope="module")
def reads_a(enforcing: CloudServer) -> str:
    made = client(enforcing, "iam").create_policy(PolicyName="reads-a", PolicyDocument=document(READS_A))
    return str(made["Policy"]["Arn"])


@pytest.mark.parametrize(("number", "row"), [*enumerate(DONE)])
def test_a_session_may_do_what_its_role_and_its_own_policies_admit(
    enforcing: CloudServer, keys: dict[str, str], reads_a: str, number: int, row: tuple[Any, ...]
) -> None:
    statement, tags, said, readable = row
    said = json.loads(json.dumps(said).replace('"reads-a"', f'"{reads_a}"'))
    tagged = [{"Key": name, "Value": value} for name, value in tags.items()]
    trusts = trust({"AWS": ROOT}, ["sts:AssumeRole", "sts:TagSession"])
    arn = role(enforcing, f"reading-{number}", trusts, statement, Tags=tagged)
    begun = client(enforcing, "sts", keys["bob"]).assume_role(RoleArn=arn, RoleSessionName="s-1", **said)["Credentials"]
    s3 = client(enforcing, "s3", begun["AccessKeyId"], begun["SessionToken"])

    def reads(key: str) -> bool:
        try:
            return bool(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"text")
        except ClientError as error:
            return bool(error.response["Error"]["Code"] != "AccessDenied")

    assert "".join(folder for folder in "ab" if reads(f"{folder}/1")) == readable


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"SourceIdentity": "ada"}, "AssumeRole does not take SourceIdentity"),
        ({"TransitiveTagKeys": ["team"]}, "AssumeRole does not take TransitiveTagKeys"),
        ({"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/ada", "TokenCode": "123456"}, "SerialNumber, TokenCode"),
        ({"Policy": "{"}, "invalid Json"),
        ({"Policy": "[]"}, "invalid Json"),
    ],
)
def test_what_a_session_cannot_be_begun_with_is_refused_by_name(
    enforcing: CloudServer, said: dict[str, Any], told: str
) -> None:
    with pytest.raises(ClientError, match=told):
        client(enforcing, "sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/any", RoleSessionName="s-1", **said)
