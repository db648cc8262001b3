"""Where policies are enforced, everybody but the root user is held to them, in whatever way a request is signed."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually, start_cloud, stop_cloud
from moto.sts.models import sts_backends

from localcloud.front.refusals import ended_caller
from localcloud.iam import callers

SECRETS: dict[str, str] = {}  # of keys that are not the root user's
BUCKET, ACCOUNT = "callers", "123456789012"
READS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/open/*"}
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudServer]:
    cloud = start_cloud(Path(tmp_path_factory.mktemp("enforcing")), 0, "--enforce-iam")
    root = client(cloud, "s3")
    root.create_bucket(Bucket=BUCKET)
    for key in ("open/a", "closed/a"):
        root.put_object(Bucket=BUCKET, Key=key, Body=b"text")
    yield cloud
    stop_cloud(cloud)


def client(cloud: CloudServer, service: str, key: str = "local", token: str | None = None, **config: Any) -> Any:
    make, secret = cast(Any, boto3.client), SECRETS.get(key, "local")
    return make(
        service, endpoint_url=cloud.url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret,
        aws_session_token=token, config=Config(retries={"total_max_attempts": 1}, **config),
    )  # fmt: skip


@pytest.fixture(scope="module")
def user(enforcing: CloudServer) -> str:
    """The key of Ada, who may read what is open."""
    iam = client(enforcing, "iam")
    iam.create_user(UserName="ada")
    iam.put_user_policy(UserName="ada", PolicyName="reads", PolicyDocument=json.dumps({"Statement": [READS]}))
    made = iam.create_access_key(UserName="ada")["AccessKey"]
    SECRETS[made["AccessKeyId"]] = made["SecretAccessKey"]
    return str(made["AccessKeyId"])


@pytest.fixture(scope="module")
def session(enforcing: CloudServer) -> tuple[str, str]:
    """Key and token of a session of a role that may read what is open."""
    iam = client(enforcing, "iam")
    made = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    iam.put_role_policy(RoleName="reader", PolicyName="reads", PolicyDocument=json.dumps({"Statement": [READS]}))
    assumed = client(enforcing, "sts").assume_role(RoleArn=made["Arn"], RoleSessionName="ada")["Credentials"]
    SECRETS[assumed["AccessKeyId"]] = assumed["SecretAccessKey"]
    return assumed["AccessKeyId"], assumed["SessionToken"]


def error(act: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as refused:
        act()
    return str(refused.value.response["Error"]["Code"])


def status(
    url: str, headers: dict[str, str] | None = None, data: bytes | None = None, method: str | None = None
) -> int:
    asked = urllib.request.Request(url, data, headers or {}, method=method or None)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as failed:
        return failed.code


INVENTED = [
    ("s3", lambda s3: s3.get_object(Bucket=BUCKET, Key="open/a"), "InvalidAccessKeyId"),
    ("dynamodb", lambda dynamodb: dynamodb.list_tables(), "UnrecognizedClientException"),
    ("sagemaker", lambda sagemaker: sagemaker.list_models(), "UnrecognizedClientException"),
    ("sns", lambda sns: sns.list_topics(), "InvalidClientTokenId"),
    ("iam", lambda iam: iam.list_roles(), "InvalidClientTokenId"),
    ("lambda", lambda functions: functions.list_functions(), "UnrecognizedClientException"),
]


@pytest.mark.parametrize(("service", "call", "code"), INVENTED, ids=[service for service, _, _ in INVENTED])
def test_an_invented_key_is_refused(
    enforcing: CloudServer, service: str, call: Callable[[Any], Any], code: str
) -> None:
    assert error(lambda: call(client(enforcing, service, "AKIAINVENTEDINVENTED"))) == code


def test_what_up_prints_is_the_root_users_key(enforcing: CloudServer) -> None:
    assert client(enforcing, "s3").list_buckets()["Buckets"]


@pytest.mark.parametrize("version", ["s3", "s3v4"])
@pytest.mark.parametrize(("key", "found"), [("open/a", 200), ("closed/a", 403)])
def test_a_link_may_do_what_its_maker_may(
    enforcing: CloudServer, user: str, version: str, key: str, found: int
) -> None:
    s3 = client(enforcing, "s3", user, signature_version=version, s3={"addressing_style": "path"})
    link = partial(s3.generate_presigned_url, ExpiresIn=60)

    assert status(link("get_object", Params={"Bucket": BUCKET, "Key": key})) == found
    assert status(link("delete_object", Params={"Bucket": BUCKET, "Key": key}), method="DELETE") == 403


def test_a_link_that_was_altered_opens_no_more_than_its_maker_may(enforcing: CloudServer, user: str) -> None:
    s3 = client(enforcing, "s3", user, signature_version="s3v4", s3={"addressing_style": "path"})
    link = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "open/a"}, ExpiresIn=60)
    invented = {"Authorization": f"AWS4-HMAC-SHA256 Credential={'A' * 20}/20260314/us-east-1/s3/aws4_request"}

    assert status(link) == 200
    assert status(link.replace("open/a", "closed/a")) == 403  # another key
    assert status(link, method="DELETE") == 403  # another method
    assert status(link, data=b"x", method="PUT") == 403
    assert status(link.replace(user, "A" * 20)) == 403  # another signer
    assert status(link, invented) == 403  # a header counts before the query
    assert status(re.sub("&X-Amz-Expires=60", "&X-Amz-Expires=999999999", link)) == 403  # for longer than AWS takes
    assert status(re.sub("X-Amz-Credential=[^&]*&", "", link)) == 403


def test_a_link_that_is_over_opens_nothing_whoever_made_it(enforcing: CloudServer, user: str) -> None:
    for key in (user, "local"):
        s3 = client(enforcing, "s3", key, signature_version="s3v4", s3={"addressing_style": "path"})
        link = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "open/a"}, ExpiresIn=60)
        over = re.sub(r"X-Amz-Date=\d{8}T", "X-Amz-Date=20260101T", link)

        assert (status(link), status(over)) == (200, 403)


@pytest.mark.parametrize(("service", "code"), [
    ("s3", "ExpiredToken"), ("iam", "ExpiredToken"), ("sagemaker", "ExpiredTokenException"),
])  # fmt: skip
def test_a_session_that_is_over_is_told_so(service: str, code: str) -> None:
    backend: Any = sts_backends[ACCOUNT]["aws"]
    made = backend.assume_role(
        region_name="us-east-1", role_session_name="ada", role_arn=f"arn:aws:iam::{ACCOUNT}:role/reader", policy="",
        duration=-1, external_id="",
    )  # fmt: skip
    scope = f"{made.access_key_id}/20260314/us-east-1/{service}/aws4_request"
    environ = {"HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}

    with pytest.raises(callers.Ended) as ended:
        callers.of(environ, ACCOUNT)
    text = ended_caller(environ, str(ended.value), link=False).get_data(as_text=True)
    assert set(re.findall(r"ExpiredToken\w*", text)) == {code}


LINKED = {"s3": {"addressing_style": "path"}}


def code_of(url: str, headers: dict[str, str] | None = None, method: str = "GET", data: bytes | None = None) -> str:
    """What a link answers: its content where it opens something, else the code of the refusal."""
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, data, headers or {}, method=method), timeout=60
        ) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as failed:
        return re.findall("<Code>(.*)</Code>", failed.read().decode())[0]


@pytest.mark.parametrize("version", ["s3", "s3v4"])
@pytest.mark.parametrize("who", ["the root user", "a user", "a session"])
@pytest.mark.parametrize("key", ["open/a b+c%20d", "open/größe/日本~.x", "open//a/../b/"])
def test_a_link_opens_what_was_signed_and_nothing_else(
    enforcing: CloudServer, user: str, session: tuple[str, str], who: str, version: str, key: str
) -> None:
    client(enforcing, "s3").put_object(Bucket=BUCKET, Key=key, Body=b"text")
    signer = {"the root user": ("local", None), "a user": (user, None), "a session": session}[who]
    s3 = client(enforcing, "s3", *signer, signature_version=version, **LINKED)
    link = s3.generate_presigned_url(
        "get_object", Params={"Bucket": BUCKET, "Key": key, "ResponseContentType": "text/x; a=b c"}, ExpiresIn=60
    )

    assert code_of(link) == "text"
    assert code_of(link.replace("open", "open/a")) == "SignatureDoesNotMatch"
    assert code_of(link.replace("text%2Fx", "text%2Fhtml")) == "SignatureDoesNotMatch"
    assert code_of(re.sub("([?&](?:X-Amz-)?Signature=)[^&]{4}", r"\1AAAA", link)) == "SignatureDoesNotMatch"
    assert code_of(link, method="PUT", data=b"x") == "SignatureDoesNotMatch"


def test_a_key_that_a_proxy_quotes_in_another_way_is_the_same_key(enforcing: CloudServer, user: str) -> None:
    s3 = client(enforcing, "s3", user, signature_version="s3v4", **LINKED)
    link = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "open/a"}, ExpiresIn=60)
    named = link.replace("127.0.0.1", "localhost")

    assert code_of(link.replace("open", "%6f%70en")) == "text"
    assert code_of(named) == "text"  # which a proxy may have called 127.0.0.1


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_link_whose_host_names_the_bucket_is_held_against_what_was_signed(
    enforcing: CloudServer, user: str, version: str
) -> None:
    by_name = replace(enforcing, url=enforcing.url.replace("127.0.0.1", "localhost"))
    s3 = client(by_name, "s3", user, signature_version=version, s3={"addressing_style": "virtual"})
    link = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "open/a"}, ExpiresIn=60)
    host = {"Host": urlsplit(link).netloc}
    there = link.replace(host["Host"], urlsplit(enforcing.url).netloc)

    assert host["Host"].startswith(f"{BUCKET}.localhost:")
    assert code_of(there, host) == "text"
    assert code_of(there.replace("open/a", "open/b"), host) == "SignatureDoesNotMatch"


def test_what_a_link_does_not_sign_is_refused(enforcing: CloudServer) -> None:
    s3 = client(enforcing, "s3", signature_version="s3v4", **LINKED)
    link = s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "open/put"}, ExpiresIn=60)
    tagged = {"x-amz-tagging": "a=b"}

    assert code_of(link, tagged, "PUT", b"x") == "AccessDenied"
    assert code_of(link, None, "PUT", b"x") == ""


def test_a_link_of_an_invented_key_opens_nothing(enforcing: CloudServer) -> None:
    s3 = client(enforcing, "s3", "AKIAINVENTEDINVENTED")

    assert status(s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "open/a"})) == 403


@pytest.mark.parametrize(("key", "found"), [("open/a", 200), ("closed/a", 403)])
def test_sigv4a_names_no_region_and_its_caller_is_known_all_the_same(
    enforcing: CloudServer, user: str, key: str, found: int
) -> None:
    signed = f"AWS4-ECDSA-P256-SHA256 Credential={user}/20260314/s3/aws4_request, SignedHeaders=host, Signature=0"

    assert status(f"{enforcing.url}/{BUCKET}/{key}", {"Authorization": signed, "X-Amz-Region-Set": "*"}) == found


def test_a_request_that_nobody_signed_is_refused(enforcing: CloudServer) -> None:
    target = {"X-Amz-Target": "SageMaker.ListModels", "Content-Type": "application/x-amz-json-1.1"}

    assert status(f"{enforcing.url}/{BUCKET}/open/a") == 403
    assert status(f"{enforcing.url}/", target, b"{}") == 403
    assert status(f"{enforcing.url}/?Action=ListQueues&Version=2012-11-05") == 403


def test_a_user_may_do_what_the_users_policies_say(enforcing: CloudServer, user: str) -> None:
    s3 = client(enforcing, "s3", user)

    assert s3.get_object(Bucket=BUCKET, Key="open/a")["Body"].read() == b"text"
    assert error(lambda: s3.get_object(Bucket=BUCKET, Key="closed/a")) == "AccessDenied"
    assert error(lambda: s3.put_object(Bucket=BUCKET, Key="open/a", Body=b"")) == "AccessDenied"


def test_a_groups_policies_are_its_members(enforcing: CloudServer) -> None:
    iam = client(enforcing, "iam")
    iam.create_user(UserName="grace")
    key = iam.create_access_key(UserName="grace")["AccessKey"]["AccessKeyId"]
    s3 = client(enforcing, "s3", key)
    before = error(lambda: s3.get_object(Bucket=BUCKET, Key="open/a"))
    iam.create_group(GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="reads", PolicyDocument=json.dumps({"Statement": [READS]}))
    iam.add_user_to_group(GroupName="readers", UserName="grace")

    assert before == "AccessDenied"
    assert s3.get_object(Bucket=BUCKET, Key="open/a")["Body"].read() == b"text"


def test_a_key_that_is_switched_off_is_nobodys(enforcing: CloudServer) -> None:
    iam = client(enforcing, "iam")
    iam.create_user(UserName="alan")
    key = iam.create_access_key(UserName="alan")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="alan", AccessKeyId=key, Status="Inactive")

    assert error(lambda: client(enforcing, "s3", key).list_buckets()) == "InvalidAccessKeyId"


def test_a_session_may_do_what_its_role_may(enforcing: CloudServer, session: tuple[str, str]) -> None:
    s3 = client(enforcing, "s3", *session)

    assert s3.get_object(Bucket=BUCKET, Key="open/a")["Body"].read() == b"text"
    with pytest.raises(ClientError, match=f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/ada is not authorized"):
        s3.put_object(Bucket=BUCKET, Key="open/a", Body=b"")
    assert error(lambda: client(enforcing, "sagemaker", *session).list_models()) == "AccessDeniedException"


def test_a_permissions_boundary_bounds_a_role(enforcing: CloudServer) -> None:
    iam, everything = client(enforcing, "iam"), {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    bound = iam.create_policy(PolicyName="open", PolicyDocument=json.dumps({"Statement": [READS]}))["Policy"]["Arn"]
    made = iam.create_role(RoleName="bounded", AssumeRolePolicyDocument=json.dumps(TRUST), PermissionsBoundary=bound)[
        "Role"
    ]
    iam.put_role_policy(RoleName="bounded", PolicyName="all", PolicyDocument=json.dumps({"Statement": [everything]}))
    assumed = client(enforcing, "sts").assume_role(RoleArn=made["Arn"], RoleSessionName="ada")["Credentials"]
    s3 = client(enforcing, "s3", assumed["AccessKeyId"], assumed["SessionToken"])

    assert s3.get_object(Bucket=BUCKET, Key="open/a")["Body"].read() == b"text"
    with pytest.raises(ClientError, match="because no permissions boundary allows the s3:GetObject action"):
        s3.get_object(Bucket=BUCKET, Key="closed/a")


def test_a_buckets_deny_counts_for_people_too(enforcing: CloudServer, user: str) -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/open/*",
            "Condition": {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/ada"}}}  # fmt: skip
    root = client(enforcing, "s3")
    root.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Statement": [deny]}))

    found = error(lambda: client(enforcing, "s3", user).get_object(Bucket=BUCKET, Key="open/a"))
    root.delete_bucket_policy(Bucket=BUCKET)

    assert found == "AccessDenied"


def test_a_stack_is_made_and_taken_away_as_whoever_asks_for_it(enforcing: CloudServer) -> None:
    iam, names = client(enforcing, "iam"), ("queues-*", "arn:aws:cloudformation:us-east-1:123456789012:stack/queues/*")
    own = [
        {"Effect": "Allow", "Action": "cloudformation:*", "Resource": names[1]},
        {"Effect": "Allow", "Action": "sqs:*", "Resource": f"arn:aws:sqs:us-east-1:{ACCOUNT}:{names[0]}"},
    ]
    made = iam.create_role(RoleName="deploys", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    iam.put_role_policy(RoleName="deploys", PolicyName="own", PolicyDocument=json.dumps({"Statement": own}))
    assumed = client(enforcing, "sts").assume_role(RoleArn=made["Arn"], RoleSessionName="ci")["Credentials"]
    stacks = client(enforcing, "cloudformation", assumed["AccessKeyId"], assumed["SessionToken"])
    queue = {"Queue": {"Type": "AWS::SQS::Queue"}}

    def settled() -> str | None:
        status = str(stacks.describe_stacks(StackName="queues")["Stacks"][0]["StackStatus"])
        return None if status.endswith("IN_PROGRESS") else status

    def became(change: Callable[..., Any], resources: dict[str, Any]) -> str:
        change(StackName="queues", TemplateBody=json.dumps({"Resources": resources}))
        return eventually(settled)

    assert became(stacks.create_stack, queue) == "CREATE_COMPLETE"
    assert became(stacks.update_stack, {**queue, "Topic": {"Type": "AWS::SNS::Topic"}}) == "UPDATE_ROLLBACK_COMPLETE"
    told = " ".join(
        one.get("ResourceStatusReason", "") for one in stacks.describe_stack_events(StackName="queues")["StackEvents"]
    )
    assert "assumed-role/deploys/ci is not authorized to perform: sns:CreateTopic" in told
    assert error(lambda: stacks.create_stack(StackName="topics", TemplateBody="{}")) == "AccessDenied"
