"""Batch transform: its input is a line a record, its output a line a prediction. Pure: text in, text out."""

import csv
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from app.decide.protection.encryption import output_key, volume_key


class ScoresMissing(Exception):
    """There are not as many predictions as records, or they are of another form."""


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
        ScoresMissing: a line has not the fields of a stored prediction.
    """
    names = list(stored[0]) if stored else []
    predictions = []
    for fields in csv.reader(line for line in lines if line.strip()):
        try:
            pairs = zip(names, fields, strict=True)
            predictions.append(
                {name: text if isinstance(stored[0][name], str) else float(text) for name, text in pairs}
            )
        except ValueError as error:
            raise ScoresMissing(f"answered {','.join(fields)[:120]!r}, which is not {', '.join(names)}") from error
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
