"""Parse a request's body into fields by column, and write predictions into a response's body.

Needs only the standard library and numpy: it travels inside the deployable artifact.
"""

import csv
import io
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from artifact.answers import Field
from features.features import CategoryColumn, Features, Value
from job import cells
from job.refusals import Refused

CSV = "text/csv"
JSON = "application/json"
LINES = "application/jsonlines"

Fields = list[Sequence[Value]]
"""One sequence of values per column, in the model's order."""


class Unreadable(Refused):
    """The content type is not one that this model reads."""


class Unanswerable(Refused):
    """The caller accepts nothing that this model writes."""


def read(body: str | bytes, content_type: str, features: Features) -> Fields:
    """Parse a request.

    Raises:
        Unreadable: when the content type is neither CSV nor JSON nor JSON lines.
        Refused: when the body is not what it says, or its fields are not the model's.
    """
    text = _text(body)
    media = content_type.split(";")[0].strip().lower()
    if media == CSV:
        return _from_csv(text, features)
    if media == JSON:
        return _from_json(text, features)
    if media == LINES:
        return _from_lines(text, features)
    raise Unreadable(f"content type {content_type!r} is not understood; send {CSV} or {JSON}")


def _text(body: str | bytes) -> str:
    try:
        text = body if isinstance(body, str) else bytes(body).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f"the body is not UTF-8 (byte {error.start})") from error
    return text.removeprefix("\ufeff")


def _from_csv(text: str, features: Features) -> Fields:
    try:
        rows = [row for row in cells.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as error:
        raise Refused(f"the body is not CSV: {error}") from error
    header = _header(rows, features)
    if header is not None:
        return _by_name(rows[1:], header, features)
    if not rows:
        raise Refused(f"no record; send one line per record with {_expected(features)}")
    _same_width(rows, len(features.names), features, first=1)
    return list(zip(*rows, strict=True))


def _header(rows: list[list[str]], features: Features) -> list[str] | None:
    """Read the first row as names, if it names columns: all that the model needs, or, in at least half of its fields,
    some that it knows, and is no record: each of these names is not also a level of the column that it stands under.
    """
    if not rows:
        return None
    names = [name.strip() for name in rows[0]]
    if set(features.names) <= set(names):
        return names
    known = {*features.names, features.target, features.id}
    named = [at for at, name in enumerate(names) if name in known]
    if 2 * len(named) < len(names):
        return None
    levels = {column.name: column for column in features.columns if isinstance(column, CategoryColumn)}
    under = features.names if len(names) == len(features.names) else ()
    says_levels = under and all(under[at] in levels and levels[under[at]].knows(names[at]) for at in named)
    return None if says_levels else names


def _by_name(rows: list[list[str]], header: list[str], features: Features) -> Fields:
    if not rows:
        raise Refused("a header and no record; send at least one line below it")
    _same_width(rows, len(header), features, first=2)
    place = {name: at for at, name in enumerate(header)}
    absent = [name for name in features.names if name not in place]
    if absent:
        raise Refused(f"the header has no column {_quoted(absent)}; expected {_expected(features)}")
    columns = list(zip(*rows, strict=True))
    return [columns[place[name]] for name in features.names]


def _same_width(rows: list[list[str]], width: int, features: Features, first: int) -> None:
    for line, row in enumerate(rows, first):
        if len(row) != width:
            raise Refused(f"record {line - first + 1} has {len(row)} fields; expected {_expected(features, width)}")


def _expected(features: Features, width: int | None = None) -> str:
    if width is not None and width != len(features.names):
        return f"{width} as in the header"
    return f"{len(features.names)}: {', '.join(features.names)}"


def _from_json(text: str, features: Features) -> Fields:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(f"the body is not JSON: {error}") from error
    records = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(records, list) or not records:
        raise Refused('send {"instances": [{"column": value, ...}, ...]} with at least one record')
    rows = [_row(record, at, features) for at, record in enumerate(records, 1)]
    return list(zip(*rows, strict=True))


def _from_lines(text: str, features: Features) -> Fields:
    """Parse a record a line, as a batch transform splits them: {column: value}, or a list in the model's order."""
    lines = list(filter(str.strip, text.split("\n")))
    if not lines:
        raise Refused("no record; send one line per record")
    rows = _texts(lines, features.names) or [_from_line(line, at, features) for at, line in enumerate(lines, 1)]
    return list(zip(*rows, strict=True))


def _texts(lines: Sequence[str], names: Sequence[str]) -> list[Sequence[Value]] | None:
    """Parse lines of one form that hold nothing but texts at once, which is several times faster; else None."""
    try:
        records: list[Any] = json.loads(f"[{','.join(lines)}]")
    except (ValueError, RecursionError):
        return None
    rows = _in_order(records, names) if len(records) == len(lines) else []
    return rows if set(map(type, itertools.chain.from_iterable(rows))) == {str} else None


def _in_order(records: Sequence[Any], names: Sequence[str]) -> list[Sequence[Value]]:
    """Put the fields of records in order that all are lists in the model's order, or all objects; else none."""
    kinds = set(map(type, records))
    if kinds == {list} and set(map(len, records)) == {len(names)}:
        return list(records)
    if kinds == {dict} and all(name in record for record in records for name in names):
        return [[record[name] for name in names] for record in records]
    return []


def _from_line(line: str, at: int, features: Features) -> list[Value]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Refused(f"record {at} is not JSON: {error}") from error
    if isinstance(record, list) and len(record) != len(features.names):
        raise Refused(f"record {at} has {len(record)} fields; expected {_expected(features)}")
    named = dict(zip(features.names, record, strict=True)) if isinstance(record, list) else record
    return _row(named, at, features)


def _row(record: Any, at: int, features: Features) -> list[Value]:
    if not isinstance(record, dict):
        raise Refused(f"record {at} is not an object of column: value")
    absent = [name for name in features.names if name not in record]
    if absent:
        raise Refused(f"record {at} has no {_quoted(absent)}; expected {_expected(features)} (null where unknown)")
    row = [_as_text(record[name]) if name in features.json_inputs else record[name] for name in features.names]
    nested = [name for name, value in zip(features.names, row, strict=True) if isinstance(value, dict | list)]
    if nested:
        raise Refused(f"record {at}: {_quoted(nested)} must be one value, not an object or a list")
    return row


def _as_text(value: Any) -> Value:
    """Write a JSON column's value as text: it may be sent as an upload has it, or as the object itself."""
    return json.dumps(value) if isinstance(value, dict) else value


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)


def accepted(accept: str | None) -> str:
    """Choose the media type of the response; CSV where the caller does not mind.

    Raises:
        Unanswerable: when the caller accepts neither CSV nor JSON.
    """
    acceptable = [part.split(";")[0].strip().lower() for part in (accept or "*/*").split(",")]
    for media in acceptable:
        if media in (CSV, JSON):
            return media
        if media in ("*/*", "text/*"):
            return CSV
        if media == "application/*":
            return JSON
    raise Unanswerable(f"cannot answer with {accept!r}; accept {CSV} or {JSON}")


def write(answers: Sequence[Mapping[str, Field]], media: str, unknown: Mapping[str, int] | None = None) -> str:
    """Write the predictions; both media carry the very same numbers. JSON says beside them how many fields of which
    column are ``unknown`` levels, where there are any.
    """
    if media == CSV:
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows(answer.values() for answer in answers)
        return out.getvalue()
    beside = {"unknown_levels": dict(unknown)} if unknown else {}
    return json.dumps({"predictions": list(answers), **beside}, ensure_ascii=False)
