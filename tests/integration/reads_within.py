"""Reads objects of every kind over HTTP and within the local cloud's process, and says both outcomes as JSON.

``python reads_within.py FOLDER`` starts a local cloud that enforces policies and asks as a job whose role may read
``may/`` alone, and as anybody.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud import server
from localcloud.front import calls
from localcloud.settings import ACCESS_KEY, Cloud

BOX = "box"
SAID = ("ContentLength", "ETag", "VersionId", "LastModified")
TRUST = {
    "Statement": {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
}
MAY = {"Statement": {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": f"arn:aws:s3:::{BOX}/may/*"}}
VERSIONED = {"Status": "Enabled"}
PLAIN: dict[str, dict[str, Any]] = {
    f"may/{name}": {} for name in ("a.py", "b c+d.py", "über/ä%2F.txt", "empty", "q?x=1&y#z", "versioned")
}
WHOLE: dict[str, dict[str, Any]] = {
    "may/key": {"ServerSideEncryption": "aws:kms"},
    "may/archived": {"StorageClass": "GLACIER"},
}
OF_NOBODY = ("may/missing", "may/deleted", "not/mine", "not/missing")


def put(s3: Any) -> dict[str, str]:
    """The objects; the id of the older version of the one that has two."""
    s3.create_bucket(Bucket=BOX)
    s3.put_object(Bucket=BOX, Key="may/before-versions", Body=b"before")
    s3.put_bucket_versioning(Bucket=BOX, VersioningConfiguration=VERSIONED)
    for name, more in {
        **PLAIN,
        **WHOLE,
        "not/mine": {},
        "may/deleted": {},
        "may/told": {"Metadata": {"a": "b"}},
    }.items():
        s3.put_object(Bucket=BOX, Key=name, Body=name.encode() * (name != "may/empty"), **more)
    first = s3.head_object(Bucket=BOX, Key="may/versioned")["VersionId"]
    s3.put_object(Bucket=BOX, Key="may/versioned", Body=b"newer")
    s3.delete_object(Bucket=BOX, Key="may/deleted")
    return {"first": first}


def outcome(s3: Any, **asked: str) -> dict[str, Any]:
    """What a read says, or how it is refused; and whether it came from memory."""
    try:
        answer = s3.get_object(Bucket=BOX, **asked)
    except ClientError as refused:
        error = refused.response["Error"]
        return {"said": f"{error['Code']}: {error['Message']}", "at_hand": False}
    said = {name: str(answer.get(name)) for name in SAID} | {"Body": answer["Body"].read().decode()}
    return {"said": said, "at_hand": not answer["ResponseMetadata"]["HTTPHeaders"]}


def over_http(cloud: Cloud, key: str) -> Any:
    """A client as any program has one."""
    session = boto3.session.Session(key, "test", region_name=cloud.region)
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return session.client("s3", endpoint_url=cloud.url, config=config)


def main() -> None:
    """Answer on standard output."""
    running = server.start(Path(sys.argv[1]), 0, enforce_iam=True)
    threading.Thread(target=running.serve, daemon=True).start()
    cloud = running.cloud
    versions = put(cloud.client("s3"))
    iam = cloud.client("iam")
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="reader", PolicyName="may", PolicyDocument=json.dumps(MAY))
    callers = {"job": calls.access_key("job/reader", role), "anybody": ACCESS_KEY}
    asked = [{"Key": key} for key in (*PLAIN, *WHOLE, *OF_NOBODY, "may/before-versions", "may/told")]
    asked += [{"Key": "may/versioned", "VersionId": id} for id in (versions["first"], "no-such-version")]
    asked += [{"Key": "may/a.py", "Range": "bytes=1-2"}, {"Key": "may/a.py", "IfMatch": '"another"'}]
    answers = []
    for caller, key in callers.items():
        http, within = over_http(cloud, key), cloud.client("s3", access_key=key)
        answers += [
            {"caller": caller, "asked": one, "http": outcome(http, **one), "within": outcome(within, **one)}
            for one in asked
        ]
    remembered = [call.operation for call in calls.RECENT if call.caller == "job/reader"]
    running.stop()
    sys.stdout.write(json.dumps({"answers": answers, "remembered": remembered}))


if __name__ == "__main__":
    main()
