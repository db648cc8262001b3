"""How batch transform cuts its input into requests, and puts the answers together. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html,
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataProcessing.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localcloud.sagemaker.transforms.json_paths import BadPath, Pick, compiled

MEGABYTE = 1024**2
MOST_UNPACKED_BYTES = 1 << 30
CSV, LINES, JSON = "text/csv", "application/jsonlines", "application/json"


class BadTransform(ValueError):
    """A transform that cannot be made; the message is the customer's."""


def unpacked(data: bytes) -> bytes:
    """An input object that is compressed with gzip.

    Raises:
        BadTransform: it is none, is damaged or cut off, or is more than this machine should hold.
    """
    try:
        found = gzip.GzipFile(fileobj=io.BytesIO(data)).read(MOST_UNPACKED_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BadTransform(f"cannot decompress it with gzip: {error}") from error
    if len(found) > MOST_UNPACKED_BYTES:
        raise BadTransform(f"decompresses to more than {MOST_UNPACKED_BYTES:,} bytes")
    return found


@dataclass(frozen=True)
class Form:
    """How a job reads and writes records. ``most_bytes`` 0: without limit."""

    split: bool  # by line; else a whole object is one record
    single: bool  # one record per request
    assembled: bool  # a newline after each answer
    most_bytes: int
    content_type: str
    accept: str
    input_filter: str = "$"
    output_filter: str = "$"
    joined: bool = False

    def __post_init__(self) -> None:
        """Hold the parts against each other."""
        try:
            compiled(self.input_filter), compiled(self.output_filter)
        except BadPath as error:
            raise BadTransform(str(error)) from error
        if not self.processed:
            return
        if _kind(self.content_type) not in (CSV, LINES, JSON):
            raise BadTransform(f"DataProcessing takes CSV and JSON, not the content type {self.content_type or 'none'}")
        if _kind(self.content_type) != JSON and not self.split:
            raise BadTransform(f"DataProcessing of {self.content_type} needs SplitType Line")
        if self.joined and self.accept and (_kind(self.accept) == CSV) != (_kind(self.content_type) == CSV):
            raise BadTransform(f"JoinSource Input needs ContentType {self.content_type} and Accept {self.accept} alike")

    @property
    def processed(self) -> bool:
        """Whether records are filtered or joined."""
        return self.joined or self.input_filter != "$" or self.output_filter != "$"

    def requests(self, data: bytes) -> Iterator[list[bytes]]:
        """The records of each request, in order.

        Raises:
            BadTransform: a record is larger than a request may be.
        """
        if not self.split:
            yield [self._fits(data)] if data else []
            return
        batch: list[bytes] = []
        size = 0
        for line in data.split(b"\n"):
            record = line.removesuffix(b"\r")
            if not record:
                continue
            self._fits(record)
            if batch and (self.single or (self.most_bytes and size + len(record) + 1 > self.most_bytes)):
                yield batch
                batch, size = [], 0
            batch.append(record)
            size += len(record) + 1
        if batch:
            yield batch

    def body(self, records: Sequence[bytes]) -> bytes:
        """What is sent: the input filter's part of each record.

        Raises:
            BadTransform: a record without what the filter asks for.
        """
        if self.input_filter == "$":
            return b"\n".join(records)
        pick = compiled(self.input_filter)
        return "\n".join(self._written(_picked(pick, self._read(record))) for record in records).encode()

    def output(self, records: Sequence[bytes], answer: bytes) -> bytes:
        """What is kept of an answer: joined to its records, filtered, with a newline after it.

        Raises:
            BadTransform: answers and records cannot be joined.
        """
        if self.joined or self.output_filter != "$":
            pick = compiled(self.output_filter)
            answers = [answer] if not self.split else [line for line in answer.splitlines() if line.strip()]
            if self.joined and len(answers) != len(records):
                raise BadTransform(
                    f"Fail to join data: mismatched line count between the input and the output "
                    f"({len(records)} and {len(answers)})"
                )
            pairs = zip(records, answers, strict=True) if self.joined else ((b"", line) for line in answers)
            answer = "\n".join(self._written(_picked(pick, self._joined(*pair))) for pair in pairs).encode()
        return answer.removesuffix(b"\n") + b"\n" if self.assembled else answer

    def _joined(self, record: bytes, answer: bytes) -> Any:
        found = self._read(answer)
        if not self.joined:
            return found
        source = self._read(record)
        if _kind(self.content_type) == CSV:
            return [*source, *found]
        if isinstance(source, dict):
            return source | {"SageMakerOutput": found}
        return {"SageMakerInput": source, "SageMakerOutput": found}

    def _read(self, record: bytes) -> Any:
        text = record.decode()
        if _kind(self.content_type) == CSV:
            return next(csv.reader([text]), [])
        try:
            return json.loads(text)
        except ValueError as error:
            raise BadTransform(f"not JSON: {text[:100]} ({error})") from error

    def _written(self, value: Any) -> str:
        if _kind(self.content_type) != CSV:
            return json.dumps(value)
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(value if isinstance(value, list) else [value])
        return line.getvalue()

    def _fits(self, record: bytes) -> bytes:
        if self.most_bytes and len(record) > self.most_bytes:
            raise BadTransform(
                f"Too much data for max payload size: a record has {len(record)} bytes, MaxPayloadInMB allows "
                f"{self.most_bytes // MEGABYTE} MB"
            )
        return record


def _picked(pick: Pick, value: Any) -> Any:
    try:
        return pick(value)
    except BadPath as error:
        raise BadTransform(str(error)) from error


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def described_filters(request: Mapping[str, Any]) -> dict[str, Any]:
    """Which data are sent, returned and joined, as it is described: all, and none, where nothing was asked for.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataProcessing.html
    """
    whole = {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
    return {"DataProcessing": whole | (request.get("DataProcessing") or {})}
