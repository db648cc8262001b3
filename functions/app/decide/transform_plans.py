"""Batch transform: its input is a line a record, its output a line a prediction. Pure: text in, text out."""

import csv
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from app.decide.protection.encryption import output_key, volume_key

LONGEST_ANSWER = 131_072  # characters of one prediction: what a reader of CSV takes of a field


class ScoresMissing(Exception):
    """There are not as many predictions as records, or they are of another form."""


def answered_fields(line: str) -> list[str]:
    """The fields of one line of a container's CSV, as ``data_bucket.lines`` reads it.

    Raises:
        ScoresMissing: it is no line of CSV in UTF-8.
    """
    if len(line) > LONGEST_ANSWER:
        raise ScoresMissing(f"answered {_beginning(line)}…, {len(line):,} characters, more than {LONGEST_ANSWER:,}")
    plain = '"' not in line and "\r" not in line
    try:
        line.encode()  # what was no UTF-8 is in the text as surrogates
        return line.split(",") if plain else next(csv.reader([line]))
    except UnicodeEncodeError as error:
        raise ScoresMissing(f"answered {_beginning(line)}, which is not UTF-8") from error
    except csv.Error as error:
        raise ScoresMissing(f"answered {_beginning(line)}, which is no CSV ({error})") from error


def _beginning(line: str) -> str:
    return ascii(line[:120])


class TransformFiles(NamedTuple):
    """The input and the output of one transform job."""

    bucket: str
    folder: str

    @property
    def uris(self) -> tuple[str, str]:
        """URIs of the input, and of the folder that the job writes to."""
        return f"s3://{self.bucket}/{self.input_key}", f"s3://{self.bucket}/{self.folder}/out"

    @property
    def input_key(self) -> str:
        """Key of the input."""
        return f"{self.folder}/in/records.jsonl"

    @property
    def output_key(self) -> str:
        """Key of the output: SageMaker names it after the input."""
        return f"{self.folder}/out/records.jsonl.out"


def json_line(cells: list[str]) -> str:
    """One record, in the model's column order, as a line of JSON for the container."""
    return json.dumps(cells) + "\n"


def parse_predictions(lines: Iterable[str], stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Parse CSV lines into the form of the predictions that evaluation ``stored``: by name, numbers where it has them.

    Raises:
        ScoresMissing: a line is no CSV in UTF-8, or has not the fields of a stored prediction.
    """
    names = list(stored[0]) if stored else []
    predictions = []
    for line in lines:
        if not line.strip():
            continue
        try:
            pairs = zip(names, answered_fields(line), strict=True)
            predictions.append(
                {name: text if isinstance(stored[0][name], str) else float(text) for name, text in pairs}
            )
        except ValueError as error:
            raise ScoresMissing(f"answered {_beginning(line)}, which is not {', '.join(names)}") from error
    return predictions


def transform_request(
    job: str, model: str, instance_type: str, read_from: str, write_to: str, key_arn: str = ""
) -> dict[str, Any]:
    """A transform job, a line a record: from the objects whose URI begins with ``read_from`` to a folder, under a key.

    A request is 1 MB at most: SageMaker's scikit-learn image takes 5, and so much may pass between two containers,
    where numbers take several times the room of the raw records.
    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
    """
    volume = volume_key(key_arn, instance_type)
    return {
        "TransformJobName": job,
        "ModelName": model,
        "BatchStrategy": "MultiRecord",
        "MaxPayloadInMB": 1,
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": read_from}},
            "ContentType": "application/jsonlines",
            "SplitType": "Line",
        },
        "TransformOutput": {
            "S3OutputPath": write_to,
            "Accept": "text/csv",
            "AssembleWith": "Line",
            **output_key(key_arn),
        },
        "TransformResources": {
            "InstanceType": instance_type,
            "InstanceCount": 1,
            **({"VolumeKmsKeyId": volume} if volume else {}),
        },
    }
