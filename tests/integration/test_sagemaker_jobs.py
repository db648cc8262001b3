"""Processing and training jobs through the API: the /opt/ml contract, statuses, logs and last words."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually
from packing import tar_gz
from sagemaker_requests import CLUSTER, ENDED, bucket, channel, processing, python, rows, s3_input, s3_output, training

pytestmark = pytest.mark.timeout(900)


def process(cloud: CloudServer, name: str, request: dict[str, Any]) -> dict[str, Any]:
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_processing_job(ProcessingJobName=name, **request)
    return ended(cloud, name)


def ended(cloud: CloudServer, name: str) -> dict[str, Any]:
    sagemaker = cloud.client("sagemaker")

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = sagemaker.describe_processing_job(ProcessingJobName=name)
        return found if found["ProcessingJobStatus"] in ENDED else None

    return eventually(look, 60, f"the end of {name}")


def train(cloud: CloudServer, name: str, request: dict[str, Any]) -> dict[str, Any]:
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_training_job(TrainingJobName=name, **request)

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
        return found if found["TrainingJobStatus"] in ENDED else None

    return eventually(look, 60, f"the end of {name}")


def messages(cloud: CloudServer, group: str, job: str) -> list[str]:
    found = cloud.client("logs").filter_log_events(logGroupName=group)
    return [event["message"] for event in found["events"] if event["logStreamName"].startswith(f"{job}/algo-1-")]


def listing(s3: Any, name: str, prefix: str) -> dict[str, str]:
    found = s3.list_objects_v2(Bucket=name, Prefix=prefix).get("Contents", [])
    return {
        entry["Key"].removeprefix(prefix): s3.get_object(Bucket=name, Key=entry["Key"])["Body"].read().decode()
        for entry in found
    }


def test_a_script_that_names_opt_ml_reads_its_inputs_and_its_outputs_arrive(cloud_server: CloudServer) -> None:
    s3 = bucket(cloud_server, "jobs-contract")
    script = (
        "import sys, os, json\n"
        "config = json.load(open('/opt/ml/config/processingjobconfig.json'))\n"
        "hosts = json.load(open('/opt/ml/config/resourceconfig.json'))\n"
        "text = open('/opt/ml/processing/data/deep/a.txt').read()\n"
        "print('working on', text)\n"
        "found = [text, sys.argv[1:], os.environ['COLOUR'], hosts['current_host'], config['ProcessingJobName'],\n"
        "         __name__, sys.path[0], 'PYTHONPATH' in os.environ]\n"
        "os.makedirs('/opt/ml/processing/out/sub')\n"
        "json.dump(found, open('/opt/ml/processing/out/sub/found.json', 'w'))\n"
    )
    s3.put_object(Bucket="jobs-contract", Key="code/work.py", Body=script)
    s3.put_object(Bucket="jobs-contract", Key="in/deep/a.txt", Body="hello")
    request = processing(
        ["python3", "/opt/ml/processing/code/work.py"],
        [s3_input("data", "s3://jobs-contract/in"), s3_input("code", "s3://jobs-contract/code/work.py")],
        [s3_output("out", "s3://jobs-contract/out")],
        Environment={"COLOUR": "blue"},
    )
    request["AppSpecification"]["ContainerArguments"] = ["--a", "1"]

    described = process(cloud_server, "contract", request)

    assert described["ProcessingJobStatus"] == "Completed", described
    found = json.loads(listing(s3, "jobs-contract", "out/")["sub/found.json"])
    expected = ["hello", ["--a", "1"], "blue", "algo-1", "contract", "__main__", "/opt/ml/processing/code", False]
    assert found == expected
    assert messages(cloud_server, "/aws/sagemaker/ProcessingJobs", "contract") == ["working on hello"]


def test_a_crash_fails_the_job_with_its_own_last_words(cloud_server: CloudServer) -> None:
    request = processing(python("print('before')\nraise ValueError('no column Churn')"))

    described = process(cloud_server, "crash", request)

    assert described["ProcessingJobStatus"] == "Failed"
    assert described["FailureReason"].startswith("AlgorithmError: ValueError: no column Churn")
    assert described["FailureReason"].endswith("exit code: 1")
    assert "ValueError: no column Churn" in described["ExitMessage"]
    (listed,) = cloud_server.client("sagemaker").list_processing_jobs(NameContains="crash")["ProcessingJobSummaries"]
    assert listed["ExitMessage"] == described["ExitMessage"]
    told = messages(cloud_server, "/aws/sagemaker/ProcessingJobs", "crash")
    assert told[:2] == ["before", "Traceback (most recent call last):"]


def test_the_failure_file_is_the_reason(cloud_server: CloudServer) -> None:
    script = (
        "import os\n"
        "os.makedirs('/opt/ml/output', exist_ok=True)\n"
        "open('/opt/ml/output/failure', 'w').write('x' * 2000)\n"
        "exit(3)"
    )

    described = process(cloud_server, "failure-file", processing(python(script)))

    assert described["FailureReason"].startswith("AlgorithmError: " + "x" * 900)


@pytest.mark.parametrize(
    ("name", "command", "code"),
    [("exit-text", python("import sys; sys.exit('bad luck')"), 1), ("exit-shell", ["sh", "-c", "exit 7"], 7)],
)
def test_an_exit_code_is_told(cloud_server: CloudServer, name: str, command: list[str], code: int) -> None:
    described = process(cloud_server, name, processing(command))

    assert described["FailureReason"].endswith(f"exit code: {code}")


def test_a_manifest_lays_out_keys_of_any_shape_and_a_prefix_shards_them(cloud_server: CloudServer) -> None:
    s3 = bucket(cloud_server, "jobs-inputs")
    keys = ["a b+c%20.csv", "ünï/日本.csv", "deep//er/x.csv"]
    for key in keys:
        s3.put_object(Bucket="jobs-inputs", Key=f"data/{key}", Body=key)
    manifest = json.dumps([{"prefix": "s3://jobs-inputs/data/"}, *keys])
    s3.put_object(Bucket="jobs-inputs", Key="manifest.json", Body=manifest)
    script = (
        "import os, json\n"
        "host = json.load(open('/opt/ml/config/resourceconfig.json'))['current_host']\n"
        "def tree(top):\n"
        "    return sorted(os.path.relpath(os.path.join(d, f), top) for d, _, fs in os.walk(top) for f in fs)\n"
        "found = [tree('/opt/ml/processing/listed'), tree('/opt/ml/processing/shard')]\n"
        "json.dump(found, open(f'/opt/ml/processing/out/{host}.json', 'w'))\n"
    )
    s3.put_object(Bucket="jobs-inputs", Key="code/tree.py", Body=script)  # longer than an entry point may be
    request = processing(
        ["python3", "/opt/ml/processing/code/tree.py"],
        [
            s3_input("code", "s3://jobs-inputs/code/tree.py"),
            s3_input("listed", "s3://jobs-inputs/manifest.json", S3DataType="ManifestFile"),
            s3_input("shard", "s3://jobs-inputs/data/", S3DataDistributionType="ShardedByS3Key"),
        ],
        [s3_output("out", "s3://jobs-inputs/out")],
        ProcessingResources={"ClusterConfig": CLUSTER | {"InstanceCount": 2}},
    )

    described = process(cloud_server, "inputs", request)

    assert described["ProcessingJobStatus"] == "Completed", described
    found = {name: json.loads(text) for name, text in listing(s3, "jobs-inputs", "out/").items()}
    everything = ["a b+c%20.csv", "deep/er/x.csv", "ünï/日本.csv"]
    assert sorted(found) == ["algo-1.json", "algo-2.json"]
    assert [found[host][0] for host in sorted(found)] == [everything, everything]
    shares = [found[host][1] for host in sorted(found)]
    assert sorted(shares[0] + shares[1]) == everything
    assert all(shares)


def test_inputs_that_are_not_there_fail_the_job_by_name(cloud_server: CloudServer) -> None:
    bucket(cloud_server, "jobs-empty")

    described = process(cloud_server, "missing", processing(python(""), [s3_input("data", "s3://jobs-empty/none")]))

    assert described["FailureReason"] == (
        "ClientError: Data download failed: no S3 objects found under S3 URL s3://jobs-empty/none"
    )


def test_continuous_output_arrives_while_the_job_runs_and_a_stop_ends_it(cloud_server: CloudServer) -> None:
    s3 = bucket(cloud_server, "jobs-continuous")
    script = "import time\nopen('/opt/ml/processing/out/early','w').write('here')\nprint('written')\ntime.sleep(60)"
    request = processing(python(script), [], [s3_output("out", "s3://jobs-continuous/out", "Continuous")])
    cloud_server.client("sagemaker").create_processing_job(ProcessingJobName="continuous", **request)

    arrived = eventually(lambda: listing(s3, "jobs-continuous", "out/"), 30)
    cloud_server.client("sagemaker").stop_processing_job(ProcessingJobName="continuous")

    assert arrived == {"early": "here"}
    assert ended(cloud_server, "continuous")["ProcessingJobStatus"] == "Stopped"
    assert messages(cloud_server, "/aws/sagemaker/ProcessingJobs", "continuous") == ["written"]


def test_a_job_that_runs_too_long_is_stopped(cloud_server: CloudServer) -> None:
    request = processing(python("import time; time.sleep(60)"), StoppingCondition={"MaxRuntimeInSeconds": 1})

    described = process(cloud_server, "too-long", request)

    assert described["ProcessingJobStatus"] == "Stopped"
    assert "MaxRuntimeInSeconds exceeded" in described["FailureReason"]


def test_jobs_run_side_by_side_each_in_its_own_folder(cloud_server: CloudServer) -> None:
    sagemaker = cloud_server.client("sagemaker")
    script = (
        "import os, time\nopen('/opt/ml/mine','w').write('x')\ntime.sleep(0.3)\nprint(sorted(os.listdir('/opt/ml')))"
    )
    names = [f"beside-{number}" for number in range(3)]
    for name in names:
        sagemaker.create_processing_job(ProcessingJobName=name, **processing(python(script)))

    statuses = [ended(cloud_server, name)["ProcessingJobStatus"] for name in names]

    assert statuses == ["Completed"] * 3
    seen = {messages(cloud_server, "/aws/sagemaker/ProcessingJobs", name)[0] for name in names}
    assert seen == {"['config', 'mine', 'output']"}


def test_xgboost_trains_and_packs_its_model(cloud_server: CloudServer) -> None:
    s3 = bucket(cloud_server, "jobs-train")
    s3.put_object(Bucket="jobs-train", Key="train/rows.csv", Body=rows(400))
    s3.put_object(Bucket="jobs-train", Key="validation/rows.csv", Body=rows(100, seed=2))
    hyperparameters = {"num_round": "8", "objective": "binary:logistic", "eval_metric": "logloss,auc", "max_depth": "3"}
    channels = [channel(name, f"s3://jobs-train/{name}") for name in ("train", "validation")]

    described = train(cloud_server, "trained", training("s3://jobs-train/out", channels, hyperparameters))

    assert described["TrainingJobStatus"] == "Completed", described
    assert described["SecondaryStatus"] == "Completed"
    assert described["TrainingTimeInSeconds"] >= 1
    uri = described["ModelArtifacts"]["S3ModelArtifacts"]
    assert uri == "s3://jobs-train/out/trained/output/model.tar.gz"
    body = s3.get_object(Bucket="jobs-train", Key="out/trained/output/model.tar.gz")["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        assert tar.getnames() == ["xgboost-model"]
    metrics = {entry["MetricName"]: entry["Value"] for entry in described["FinalMetricDataList"]}
    assert metrics["validation:auc"] > 0.9
    rounds = [
        line for line in messages(cloud_server, "/aws/sagemaker/TrainingJobs", "trained") if line.startswith("[7]")
    ]
    assert "#011train-logloss:" in rounds[0]
    assert "#011validation-auc:" in rounds[0]


@pytest.mark.parametrize(("given", "read"), [("train", "400 rows"), ("train/", "300 rows")])
def test_a_prefix_without_its_slash_takes_the_neighbour_whose_name_begins_so(
    cloud_server: CloudServer, given: str, read: str
) -> None:
    s3, name = bucket(cloud_server, "jobs-neighbours"), f"neighbours-{len(given)}"
    s3.put_object(Bucket="jobs-neighbours", Key="train/rows.csv", Body=rows(300))
    s3.put_object(Bucket="jobs-neighbours", Key="train_dense/rows.csv", Body=rows(100, seed=2))
    hyperparameters = {"num_round": "1", "objective": "binary:logistic"}
    request = training("s3://jobs-neighbours/out", [channel("train", f"s3://jobs-neighbours/{given}")], hyperparameters)

    described = train(cloud_server, name, request)

    assert described["TrainingJobStatus"] == "Completed", described
    said = messages(cloud_server, "/aws/sagemaker/TrainingJobs", name)
    assert any(f"Train matrix has {read}" in line for line in said), said


def test_a_wrong_hyperparameter_fails_the_training_in_the_images_words(cloud_server: CloudServer) -> None:
    s3 = bucket(cloud_server, "jobs-wrong")
    s3.put_object(Bucket="jobs-wrong", Key="train/rows.csv", Body=rows(10))
    request = training(
        "s3://jobs-wrong/out", [channel("train", "s3://jobs-wrong/train")], {"num_round": "1", "depth": "3"}
    )

    described = train(cloud_server, "wrong", request)

    assert described["TrainingJobStatus"] == "Failed"
    assert described["FailureReason"] == "AlgorithmError: Extraneous hyperparameter found: depth, exit code: 1"
    jobs = cloud_server.client("sagemaker").list_training_jobs(NameContains="wrong")["TrainingJobSummaries"]
    assert [(job["TrainingJobStatus"], job["SecondaryStatus"]) for job in jobs] == [("Failed", "Failed")]


def test_an_image_without_a_stand_in_fails_by_name(cloud_server: CloudServer) -> None:
    s3 = bucket(cloud_server, "jobs-image")
    s3.put_object(Bucket="jobs-image", Key="train/rows.csv", Body=rows(10))
    request = training("s3://jobs-image/out", [channel("train", "s3://jobs-image/train")], {})
    request["AlgorithmSpecification"]["TrainingImage"] = "1.dkr.ecr.us-east-1.amazonaws.com/mine:1"

    described = train(cloud_server, "image", request)

    assert "mine:1 has no stand-in outside AWS" in described["FailureReason"]


def test_a_name_is_used_once_and_what_does_not_run_is_refused(cloud_server: CloudServer) -> None:
    sagemaker = cloud_server.client("sagemaker")
    sagemaker.create_processing_job(ProcessingJobName="once", **processing(python("")))
    piped = processing(python(""), [s3_input("data", "s3://b/k", S3InputMode="Pipe")])

    with pytest.raises(ClientError) as again:
        sagemaker.create_processing_job(ProcessingJobName="once", **processing(python("")))
    with pytest.raises(ClientError) as pipe:
        sagemaker.create_processing_job(ProcessingJobName="piped", **piped)

    assert again.value.response["Error"]["Code"] == "ResourceInUse"
    assert "S3InputMode Pipe does not run outside AWS" in pipe.value.response["Error"]["Message"]
    assert ended(cloud_server, "once")["ProcessingJobStatus"] == "Completed"
    listed = sagemaker.list_processing_jobs(NameContains="once")["ProcessingJobSummaries"]
    assert [entry["ProcessingJobName"] for entry in listed] == ["once"]


def test_script_mode_runs_the_program_with_hyperparameters_as_arguments(cloud_server: CloudServer) -> None:
    s3 = bucket(cloud_server, "jobs-script")
    program = (
        "import os, sys, helper\n"
        "text = f'{sys.argv[1:]} {helper.WORD} {os.environ[\"SM_CHANNEL_TRAIN\"]} {os.getcwd()}'\n"
        "open(os.path.join(os.environ['SM_MODEL_DIR'], 'told'), 'w').write(text)\n"
        "open(os.path.join(os.environ['SM_OUTPUT_DATA_DIR'], 'extra'), 'w').write('x')\n"
        "print('score=0.5')\n"
    )
    code = tar_gz({"train.py": program, "helper.py": "WORD = 'help'"})
    s3.put_object(Bucket="jobs-script", Key="code.tar.gz", Body=code)
    s3.put_object(Bucket="jobs-script", Key="train/rows.csv", Body=rows(10))
    hyperparameters = {
        "sagemaker_program": '"train.py"', "sagemaker_submit_directory": '"s3://jobs-script/code.tar.gz"', "depth": "3",
    }  # fmt: skip
    request = training("s3://jobs-script/out", [channel("train", "s3://jobs-script/train")], hyperparameters)
    request["AlgorithmSpecification"] = {
        "TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0",
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "score", "Regex": "score=([0-9.]+)"}],
    }

    described = train(cloud_server, "script", request)

    assert described["TrainingJobStatus"] == "Completed", described
    assert [(entry["MetricName"], entry["Value"]) for entry in described["FinalMetricDataList"]] == [("score", 0.5)]
    model = s3.get_object(Bucket="jobs-script", Key="out/script/output/model.tar.gz")["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(model)) as tar:
        told = tar.extractfile("told")
        assert told is not None
        assert told.read().decode() == "['--depth', '3'] help /opt/ml/input/data/train /opt/ml/code"
    outputs = s3.get_object(Bucket="jobs-script", Key="out/script/output/output.tar.gz")["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(outputs)) as tar:
        assert tar.getnames() == ["extra"]
