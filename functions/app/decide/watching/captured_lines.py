"""What an endpoint was asked and answered, as SageMaker's data capture writes it: JSON lines, one a request. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

import base64
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NamedTuple

from app.decide.names.hashes import digest
from app.decide.names.times import from_iso, iso
from app.decide.uploads.published_model import Data
from app.decide.uploads.scores import feature_columns

# <prefix>/<endpoint>/<variant>/2026/07/30/13/36-30-412-<uuid>.jsonl
KEY = re.compile(r"/(\d{4})/(\d\d)/(\d\d)/(\d\d)/(\d\d)-(\d\d)-[^/]*\.jsonl$")
CSV, JSON = "text/csv", "application/json"
PER_MINUTE = 10  # files that are counted of those that begin in one: up to 2,000 rows, which say as much as all


class Captured(NamedTuple):
    """A row that was asked about, and what was answered."""

    record: list[str]  # in the order of the model's columns
    answer: list[str]  # of labels the last is the label, before it of two the probability; of a number the first is it
    id: str  # the row's own, or the one that the caller gave a request with this row alone; "" without one
    at: str  # ISO


class File(NamedTuple):
    """A file of data capture, by its key."""

    key: str
    at: datetime  # when its first request was answered


class Unread(ValueError):
    """A request that is not what this model reads; the message quotes nothing."""


def begun_at(key: str) -> datetime | None:
    """When the first request of a file was answered, by its key; None of what is no captured file."""
    found = KEY.search(key)
    try:
        return datetime(*map(int, found.groups()), tzinfo=UTC) if found else None  # type: ignore[misc,arg-type]
    except ValueError:  # a month of 17
        return None


def files_in(keys: Iterable[str], folder: str) -> Iterator[File]:
    """The files among the keys of a variant's ``folder``; what lies there by another rule than SageMaker's is none."""
    for key in keys:
        at = begun_at(key)
        if at and key.startswith(f"{folder}{hour_of(at)}/"):
            yield File(key, at)


def sampled(files: Iterable[File]) -> Iterator[tuple[list[File], int]]:
    """Of files in the order of their keys, minute by minute, those that are counted, and how many are left out.

    A lot decides that falls the same at each look; a file that comes late may still take another's place.
    """
    for _, group in groupby(files, lambda file: file.at.replace(second=0)):
        whole = list(group)
        chosen = sorted(whole, key=lambda file: digest(file.key))[:PER_MINUTE]
        yield sorted(chosen), len(whole) - len(chosen)


def hour_of(at: datetime) -> str:
    """The folder of an hour, below that of the variant."""
    return f"{at:%Y/%m/%d/%H}"


def rows_of(line: str, data: Data) -> Iterator[Captured]:
    """The rows of one request with their answers.

    Raises:
        Unread: it is no line of data capture, or not of this model's columns, or its answers are not as many.
    """
    try:
        line.encode()  # what was no UTF-8 is in the text as surrogates
        document = json.loads(line)
        told, sides = document["eventMetadata"], document["captureData"]
        at, identity = str(told["inferenceTime"]), str(told.get("inferenceId") or "")
        iso(from_iso(at))  # in UTC, too, it is a time
        records, ids = _records(*_body(sides["endpointInput"]), feature_columns(data), data.id)
        answers = _answers(*_body(sides["endpointOutput"]), bool(data.labels))
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, csv.Error) as error:
        raise Unread(f"no request that this model reads ({type(error).__name__})") from error
    if len(records) != len(answers):
        raise Unread(f"{len(records)} rows have {len(answers)} answers")
    alone = identity if len(records) == 1 else ""
    return (Captured(*found, at) for found in zip(records, answers, (own or alone for own in ids), strict=True))


def _body(side: Mapping[str, Any]) -> tuple[str, str]:
    """A way's content type and its text."""
    data = str(side["data"])
    text = base64.b64decode(data, validate=True).decode("utf-8") if side["encoding"] == "BASE64" else data
    return str(side["observedContentType"]).partition(";")[0].strip().lower(), text.removeprefix("\ufeff")


def _records(media: str, text: str, columns: Sequence[str], id: str | None) -> tuple[list[list[str]], list[str]]:
    """The rows of a request, and the id that each says of itself; "" of one that says none."""
    if media == JSON:
        asked = json.loads(text)["instances"]
        return [[_text(one[name]) for name in columns] for one in asked], [_text(one.get(id)).strip() for one in asked]
    if media != CSV:
        raise ValueError(media)
    rows = _lines(text)
    header = [name.strip() for name in rows[0]] if rows else []
    if set(columns) <= set(header):  # as the container reads it
        places, own = [header.index(name) for name in columns], header.index(id) if id in header else None
        ids = ["" if own is None else row[own].strip() for row in rows[1:]]
        return [[row[place] for place in places] for row in rows[1:]], ids
    if any(len(row) != len(columns) for row in rows):
        raise ValueError("another number of columns")
    return rows, [""] * len(rows)


def _answers(media: str, text: str, labels: bool) -> list[list[str]]:
    name = "label" if labels else "value"
    if media == JSON:
        told = json.loads(text)["predictions"]
        found = [[*([str(one["probability"])] if "probability" in one else []), str(one[name])] for one in told]
    elif media == CSV:
        found = _lines(text)
    else:
        raise ValueError(media)
    if not labels and any(not _is_number(row[0]) for row in found):
        raise ValueError("an answer is no number")
    return found


def _lines(text: str) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
