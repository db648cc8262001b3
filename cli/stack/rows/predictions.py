"""Send raw records to a model's endpoint, and hold its answers against those that evaluation stored."""

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from app.decide.names.shown_text import shown
from app.decide.predictions import parse_answer
from app.errors import ContainerFailed
from botocore.exceptions import ClientError

from cli import text_files
from cli.errors import UserError
from cli.stack import serving
from cli.stack.target import Target

# InvokeEndpoint takes at most 6 MB. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
MOST_BYTES = 4_000_000
MOST_WORDS = 1_000  # characters of a container's refusal
OF_CLASS = "probability_"
TOLERANCE = 1e-6  # absolute, on a probability or relative to a value: float32 through text


class Answered(NamedTuple):
    """What an endpoint answered."""

    predictions: list[dict[str, Any]]  # one object a record
    unknown: dict[str, int]  # by column, how many fields were no level that the model knows


def invoke(target: Target, model: str, body: bytes) -> Answered:
    """The endpoint's answer to ``body`` (text/csv).

    Raises:
        UserError: when there is no such endpoint, it refuses the records, with its own words, or its answer is none.
    """
    endpoint = target.resource(model)
    try:
        answer = target.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=endpoint, Body=body, ContentType="text/csv", Accept="application/json"
        )
    except ClientError as error:
        if serving.mode_of(target, model) == "batch":
            raise UserError(
                f"'{model}' has no endpoint: it is deployed to score files in batches; use `retrain score {model} FILE`"
            ) from error
        if (original := error.response.get("OriginalMessage")) is None:
            message = error.response["Error"]["Message"].rstrip(".")
            remedy = f"a version has one once it is approved: `retrain status {model}`"
            raise UserError(f"endpoint '{endpoint}' at {target}: {message}; {remedy}") from error
        raise UserError(f"endpoint '{endpoint}' at {target}: {refusal_text(original)}") from error
    try:
        document = parse_answer(answer["Body"].read())
    except ContainerFailed as error:
        raise UserError(f"endpoint '{endpoint}' at {target}: {error}; look into its log") from error
    return Answered(document["predictions"], _unknown(document.get("unknown_levels")))


def _unknown(told: Any) -> dict[str, int]:
    """What a container says it did not know; nothing where it says it otherwise."""
    pairs = told.items() if isinstance(told, dict) else ()
    return {shown(name): rows for name, rows in pairs if isinstance(rows, int)}


def unknown_text(answered: Sequence[Answered]) -> str:
    """What the model did not know in the records, by column; "" where it knew all, or its containers do not say."""
    counts = sum((Counter(one.unknown) for one in answered), Counter[str]())
    return "\n".join(
        f"column '{name}': {rows:,} of the values are no level that the model knows, and were read as missing"
        for name, rows in counts.items()
    )


def refusal_text(original: Any) -> str:
    """A container's refusal in its own words: ``{"error": words}``, or whatever it said."""
    try:
        words = str(json.loads(original)["error"])
    except (ValueError, KeyError, TypeError):
        words = str(original).strip()
    return shown(words, MOST_WORDS)


def chunks(text: str, most_bytes: int = MOST_BYTES) -> Iterator[bytes]:
    """``text`` (CSV with a header line) as bodies of about ``most_bytes`` at most, each with the header."""
    header, rest = _parted(text)
    part, size = [header], len(header)
    quoted = False
    for line in rest.removesuffix("\n").split("\n") if rest else ():
        if size > most_bytes and not quoted:
            yield ("\n".join(part) + "\n").encode()
            part, size = [header], len(header)
        part.append(line)
        size += len(line.encode()) + 1
        quoted ^= line.count('"') % 2 == 1  # a record may span lines inside quotes
    if len(part) > 1:
        yield ("\n".join(part) + "\n").encode()


def _parted(text: str) -> tuple[str, str]:
    """The header, whose names may span lines inside quotes, and what follows it."""
    end = text.find("\n")
    while end >= 0 and text.count('"', 0, end) % 2:
        end = text.find("\n", end + 1)
    return (text, "") if end < 0 else (text[:end], text[end + 1 :])


def stored(target: Target, uri: str) -> dict[str, Any]:
    """``verification.json``: held-out raw records and the predictions that evaluation made for them."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    document: dict[str, Any] = json.loads(target.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    return document


def differences(expected: list[dict[str, Any]], answered: list[dict[str, Any]]) -> list[str]:
    """What differs, in words; empty when the answers are equal within ``TOLERANCE``."""
    if len(expected) != len(answered):
        return [f"{len(expected)} predictions are stored, the endpoint answered {len(answered)}"]
    return [
        f"record {number}: stored {was}, the endpoint answers {now}"
        for number, (was, now) in enumerate(zip(expected, answered, strict=True), 1)
        if was.keys() != now.keys() or not all(_equal(was[name], now[name]) for name in was)
    ]


def _equal(was: Any, now: Any) -> bool:
    if isinstance(was, float) and isinstance(now, (int, float)):
        return math.isclose(was, now, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(was == now)


def text_of(path: Path) -> str:
    """The file's text.

    Raises:
        UserError: when there is none, it cannot be read, or it is not UTF-8.
    """
    try:
        with text_files.open_text(path, newline=None) as file:
            return file.read()
    except FileNotFoundError as error:
        raise UserError(f"no file {path}") from error
    except text_files.DAMAGED as error:
        raise UserError(f"{path}: is compressed with gzip, and cannot be unpacked ({error})") from error
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; name a CSV of raw records") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from error


def render_text(answer: dict[str, Any]) -> str:
    """One prediction for a person: probability and label, the label and each class's probability, or the value."""
    of_classes = {name.removeprefix(OF_CLASS): value for name, value in answer.items() if name.startswith(OF_CLASS)}
    if of_classes:
        return f"{answer['label']}  ({', '.join(f'{name} {value:.4f}' for name, value in of_classes.items())})"
    return "  ".join(f"{value:.4f}" if isinstance(value, float) else str(value) for value in answer.values())
