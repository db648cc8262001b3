"""What a batch transform reads and writes: a line a record, and a line an answer. Pure: text in, text out."""

import csv
import json
from collections.abc import Iterable
from typing import Any, NamedTuple


class ScoresMissing(Exception):
    """There are not as many answers as records, or they are of another form."""


class Batch(NamedTuple):
    """The records of one transform job, and its answers."""

    bucket: str
    folder: str

    @property
    def uris(self) -> tuple[str, str]:
        """What the job reads, and the folder that it writes to."""
        return f"s3://{self.bucket}/{self.input_key}", f"s3://{self.bucket}/{self.folder}/out"

    @property
    def input_key(self) -> str:
        """What the job reads."""
        return f"{self.folder}/in/records.jsonl"

    @property
    def output_key(self) -> str:
        """What the job writes: SageMaker names it after the input."""
        return f"{self.folder}/out/records.jsonl.out"


def for_container(cells: list[str]) -> str:
    """One record, in the model's column order, as the container takes it."""
    return json.dumps(cells) + "\n"


def worded(lines: Iterable[str], stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answers as CSV lines in the form of those that evaluation ``stored``: by name, and numbers where it has numbers.

    Raises:
        ScoresMissing: an answer has not the fields of a stored one.
    """
    names = list(stored[0]) if stored else []
    found = []
    for fields in csv.reader(line for line in lines if line.strip()):
        try:
            pairs = zip(names, fields, strict=True)
            found.append({name: text if isinstance(stored[0][name], str) else float(text) for name, text in pairs})
        except ValueError as error:
            raise ScoresMissing(f"answered {','.join(fields)[:120]!r}, which is not {', '.join(names)}") from error
    return found


def transform_request(job: str, model: str, instance_type: str, read_from: str, write_to: str) -> dict[str, Any]:
    """A transform job, a line a record: from the objects whose URI begins with ``read_from`` to a folder.

    A request is 1 MB at most: SageMaker's scikit-learn image takes 5, and so much may pass between two containers,
    where numbers take several times the room of the raw records.
    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
    """
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
        },
        "TransformResources": {"InstanceType": instance_type, "InstanceCount": 1},
    }
