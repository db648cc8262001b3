"""The process itself: how it ends, what it is taken for when it was killed, and a journal that it did not end."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cloud import ROOT, CloudServer, bare_environment, eventually, kill_cloud, start_cloud, stop_cloud
from sagemaker_requests import processing, python
from test_stepfunctions import Machines

pytestmark = pytest.mark.timeout(900)


def test_a_server_that_was_killed_is_not_taken_for_a_running_one(tmp_path: Path) -> None:
    first = start_cloud(tmp_path, 0, "--keep")
    kill_cloud(first)
    described = json.loads((tmp_path / "server.json").read_text())

    second = start_cloud(tmp_path, 0, "--keep")
    health = second.page("health")
    stop_cloud(second)

    assert (health["pid"], health["start"]) != (described["pid"], described["start"])
    assert second.url == first.url


def test_sigterm_ends_it_within_five_seconds_whatever_runs(tmp_path: Path) -> None:
    cloud = start_cloud(tmp_path, 0, "--keep")
    Machines(cloud).waiting()
    start_stubborn_job(cloud)
    url = cloud.client("sqs").create_queue(QueueName="silent")["QueueUrl"]
    ask = [sys.executable, "-c", ASK, cloud.url, url]
    asking = subprocess.Popen(ask, env=bare_environment(), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert asking.stdout is not None
    asking.stdout.readline()

    cloud.process.send_signal(signal.SIGTERM)
    cloud.process.wait(5)

    asking.wait(30)
    asking.stdout.close()
    assert cloud.process.returncode == 0
    stop_cloud(cloud)


def start_stubborn_job(cloud: CloudServer) -> None:
    """A job that SIGTERM does not end, and that runs."""
    cloud.client("sagemaker").create_processing_job(ProcessingJobName="stubborn", **processing(python(STUBBORN)))
    logs = cloud.state_dir / "logs"
    eventually(lambda: any("begun" in path.read_text() for path in logs.rglob("*.log")), 60, "the job to begin")


STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("begun", flush=True)
time.sleep(600)
"""
LARGE = 100_000  # times a word: content that is a file of its own
ASK = """
import boto3, sys
from botocore.config import Config
from botocore.exceptions import BotoCoreError
sqs = boto3.client("sqs", endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="x",
                   aws_secret_access_key="x", config=Config(retries={"total_max_attempts": 1}))
print("asks", flush=True)
try:
    sqs.receive_message(QueueUrl=sys.argv[2], WaitTimeSeconds=20)
except BotoCoreError:
    pass
"""


def test_content_that_a_power_cut_took_costs_its_object_alone(tmp_path: Path) -> None:
    first = start_cloud(tmp_path, 0, "--keep")
    first.client("s3").create_bucket(Bucket="bucket")
    for key in ("before", "cut", "after"):
        first.client("s3").put_object(Bucket="bucket", Key=key, Body=key.encode() * LARGE)
    kill_cloud(first)
    (tmp_path / "snapshot" / "bodies" / hashlib.sha256(b"cut" * LARGE).hexdigest()).write_bytes(b"")

    second = start_cloud(tmp_path, 0, "--keep")
    keys = [one["Key"] for one in second.client("s3").list_objects_v2(Bucket="bucket")["Contents"]]
    stop_cloud(second)

    assert keys == ["after", "before"]
    assert "a change could not be restored" in (tmp_path / "server.log").read_text()


def test_a_journal_that_ends_within_a_record_is_read_up_to_it(tmp_path: Path) -> None:
    first = start_cloud(tmp_path, 0, "--keep")
    first.client("s3").create_bucket(Bucket="bucket")
    first.client("s3").put_object(Bucket="bucket", Key="told", Body=b"1")
    kill_cloud(first)
    (journal,) = (tmp_path / "snapshot").glob("journal.*")
    whole = journal.read_bytes()
    journal.write_bytes(whole + whole[-40:-5])

    second = start_cloud(tmp_path, 0, "--keep")
    found = second.client("s3").get_object(Bucket="bucket", Key="told")["Body"].read()
    second.client("s3").put_object(Bucket="bucket", Key="later", Body=b"2")
    kill_cloud(second)
    third = start_cloud(tmp_path, 0, "--keep")
    keys = [one["Key"] for one in third.client("s3").list_objects_v2(Bucket="bucket")["Contents"]]
    stop_cloud(third)

    assert found == b"1"
    assert keys == ["later", "told"]
