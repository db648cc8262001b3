"""Bad input: each file gets a message with file, problem and remedy, lies in quarantine/, and disturbs nothing else."""

import json
from typing import Any

import pytest
from waiting import eventually

HEADER_AT, FIRST_AT = 0, 1


def good(stack: Any) -> list[str]:
    return stack.csv("good-for-bad.csv", rows=300, seed=21).read_text().splitlines()


def no_target(lines: list[str]) -> bytes:
    return "\n".join(line.rpartition(",")[0] for line in lines).encode()


def empty(lines: list[str]) -> bytes:
    return b"\n\n"  # an object of no bytes at all is a gateway's, and ignored


def header_only(lines: list[str]) -> bytes:
    return (lines[HEADER_AT] + "\n").encode()


def not_a_csv(lines: list[str]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + bytes(range(128, 256)) * 20


def utf16(lines: list[str]) -> bytes:
    return "\n".join(lines).encode("utf-16")


def nul_bytes(lines: list[str]) -> bytes:
    return "\n".join(lines).encode().replace(b"Male", b"Ma\x00le")


def too_many_fields(lines: list[str]) -> bytes:
    return "\n".join([*lines[:5], lines[5] + ",surplus", *lines[6:]]).encode()


def same_id_two_answers(lines: list[str]) -> bytes:
    row, _, answer = lines[FIRST_AT].rpartition(",")
    return "\n".join([*lines, f"{row},{'No' if answer == 'Yes' else 'Yes'}"]).encode()


BAD = {
    no_target: "Churn",
    empty: "empty",
    header_only: "header",
    not_a_csv: "CSV",
    utf16: "UTF-16",
    nul_bytes: "NUL",
    too_many_fields: "line 6",
    same_id_two_answers: "answers",
}


@pytest.mark.parametrize("spoil", BAD, ids=lambda spoil: spoil.__name__)
def test_a_bad_file_is_quarantined_with_its_reason(stack: Any, deployed: object, spoil: Any) -> None:
    s3, bucket = stack.target.client("s3"), stack.outputs["DataBucketName"]
    path = stack.folder / f"{spoil.__name__}.csv"
    path.write_bytes(spoil(good(stack)))
    runs = [run.id for run in stack.runs()]

    sent = stack.send(path)

    assert sent.run is None
    assert sent.refused
    assert path.name in sent.refused
    assert BAD[spoil] in sent.refused
    kept = s3.get_object(Bucket=bucket, Key=f"quarantine/churn/{path.name}")["Body"].read()
    assert kept == path.read_bytes()
    reason = json.loads(s3.get_object(Bucket=bucket, Key=f"quarantine/churn/{path.name}.reason.json")["Body"].read())
    assert reason["message"] == sent.refused
    assert {"file", "problem", "remedy"} <= reason.keys()
    incoming = {"Bucket": bucket, "Prefix": f"incoming/churn/{path.name}"}
    eventually(
        lambda: "Versions" not in s3.list_object_versions(**incoming), 30, f"{path.name} to be gone from incoming/"
    )
    assert [run.id for run in stack.runs()] == runs


def test_a_model_that_does_not_exist_is_named_with_those_that_do(stack: Any) -> None:
    s3, bucket = stack.target.client("s3"), stack.outputs["DataBucketName"]

    refused = stack.put("incoming/chrun/typo.csv", b"a,b\n1,2\n").refused

    assert refused
    assert "chrun" in refused
    assert "churn" in refused
    assert s3.get_object(Bucket=bucket, Key="quarantine/chrun/typo.csv")["Body"].read() == b"a,b\n1,2\n"


def test_publishing_goes_on_behind_a_model_that_cannot_be_and_says_so_at_the_end(stack: Any) -> None:
    done = stack.retrain("publish", "nobodys", "churn")

    assert done.returncode == 1, done.stderr
    published, refused = done.stdout.splitlines()
    assert published.startswith("churn: pipeline ")
    assert refused.startswith("nobodys: not published: no models/nobodys.yaml; there are: ")
